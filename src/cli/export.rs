//! `warroom export`: the ticks, written into a copy of the checklist.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::desk::{Desk, say};
use super::{Failure, Global, written};
use crate::document::export::{self, Written};
use crate::domain::room::Mode;
use crate::domain::{Attestation, Clean, Document, Item, Mark};
use crate::effects::reports;
use crate::model::checklist::ItemState;

/// Where the copy goes.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Options {
    /// Write the copy into this file instead of standard output; one that exists is kept
    #[arg(long, value_name = "FILE", conflicts_with = "in_place")]
    out: Option<PathBuf>,
    /// Write over the copy if it exists
    #[arg(long, requires = "out")]
    force: bool,
    /// Write it over the original, which is not touched otherwise
    #[arg(long)]
    in_place: bool,
}

/// Writes the ticks of the one file that `--checklist` names.
pub(super) async fn run(global: &Global, options: &Options) -> Result<u8, Failure> {
    let [path] = global.checklist.as_slice() else {
        let why = format!("{} files were named", global.checklist.len());
        return Err(Failure::usage("one checklist is exported at a time", &why, "add --checklist FILE once"));
    };
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    if options.out.as_deref().is_some_and(|out| is_same(out, path)) {
        let why = "it is the checklist itself, and only --in-place writes into that";
        return Err(Failure::usage("the copy has no file", why, "name another file, or use --in-place"));
    }
    let desk = Desk::open_looking(global).await?;
    if options.in_place && desk.loaded.room.operator.mode == Mode::ReadOnly {
        return Err(Failure::read_only(&format!("{} was not written", path.display())));
    }
    let name = name_of(&desk, path);
    let Some(document) = desk.checklist.documents().iter().find(|document| document.path == name) else {
        let why = desk.checklist.problems().iter().find(|problem| problem.starts_with(&name));
        let why = why.map_or("it could not be read", |problem| problem);
        return Err(Failure::failed(&format!("{name} was not exported"), why, "`warroom plan` tells more"));
    };
    if crate::document::read(&name, &bytes).document.is_none_or(|now| now.sha256 != document.sha256) {
        let why = "it changed while it was read";
        return Err(Failure::failed(&format!("{name} was not exported"), why, "try again"));
    }
    let items = entries(&desk, document);
    let text = export::tick(&bytes, &items, document.plan.repaired.is_some());
    match (&options.out, options.in_place) {
        (None, false) => return written(io::stdout().lock().write_all(&text)).map(|()| 0),
        (Some(out), _) => put(out, &text, options.force)?,
        (None, true) => put(path, &text, true)?,
    }
    let to = options.out.as_deref().unwrap_or(path);
    let count = items.iter().filter(|item| !item.comment.is_empty()).count();
    say(&format!("{count} of {} items written to {}", all(document).count(), to.display()));
    Ok(0)
}

/// The name under which the room knows the file: the config's, if it has it too.
fn name_of(desk: &Desk, path: &Path) -> String {
    let known = desk.loaded.room.checklists.iter().find(|checklist| is_same(&checklist.path, path));
    known.map_or_else(|| Clean::new(&path.to_string_lossy()).to_string(), |checklist| checklist.name.clone())
}

fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    real(one).is_some_and(|one| real(other) == Some(one))
}

fn all(document: &Document) -> impl Iterator<Item = &Item> {
    document.sections.iter().flat_map(|section| &section.items)
}

/// What stands of the items, in file order. What lapsed, or was said in an earlier rollout, is taken out again where it was
/// written: it does not hold.
fn entries(desk: &Desk, document: &Document) -> Vec<Written> {
    let entry = |item: &Item| {
        let state = desk.checklist.state(item);
        let said = state.attestation().filter(|_| !matches!(state, ItemState::Lapsed { .. }));
        Written {
            line: item.line,
            mark: item.mark,
            ticked: said.is_some_and(|said| matches!(said.mark, Mark::Done | Mark::Met)),
            comment: said.map(comment).unwrap_or_default(),
        }
    };
    all(document).map(entry).collect()
}

fn comment(said: &Attestation) -> String {
    let at = said.at.format("%Y-%m-%d %H:%MZ");
    let note = if said.note.is_empty() { String::new() } else { format!(": {}", said.note) };
    let link = said.signing.approval.as_ref().map(|approval| format!(", see {}", approval.link));
    format!("{}, {at}{}{note}", said.told(), link.unwrap_or_default())
}

/// Puts `text` in the place of `path` at once: whoever reads it sees the old file or the new one.
fn put(path: &Path, text: &[u8], overwrite: bool) -> Result<(), Failure> {
    reports::put(path, text, overwrite).map_err(|error| {
        let what = format!("{} was not written", path.display());
        let next = if error.kind() == io::ErrorKind::AlreadyExists {
            "name another file, or write over it with --force"
        } else if error.kind() == io::ErrorKind::IsADirectory {
            "name a file in it"
        } else {
            "check the folder's permissions and its space"
        };
        Failure::failed(&what, &error.to_string(), next)
    })
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let what = format!("{} cannot be read", path.display());
    Failure::failed(&what, &error.to_string(), "check the path")
}
