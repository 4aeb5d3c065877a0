//! `warroom init`: a commented `config.toml` from the team's own checklists.

mod draft;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::desk::say;
use super::{Failure, Global, session, typed, written};
use crate::config::{self, Overrides};
use crate::domain::room::Checklist;
use crate::domain::{Clean, Document, format};
use crate::effects::reports;
use crate::sources::documents;

/// As many items make a file a checklist, when none is named.
const FEWEST: usize = 3;

/// Most files that are looked at.
const MOST: usize = 200;

/// What to write, and where.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Options {
    /// Checklists in Markdown [default: those in the current directory]; `-` writes to standard output instead of
    /// config.toml
    #[arg(value_name = "FILE.md")]
    files: Vec<PathBuf>,
    /// Write over an existing file without asking
    #[arg(long)]
    force: bool,
}

/// Writes the config; over an existing one only after a yes, or with `--force`.
pub(super) async fn run(global: &Global, options: &Options) -> Result<u8, Failure> {
    let is_dash = |path: &&PathBuf| path.as_os_str() == "-";
    let to_stdout = options.files.iter().any(|path| is_dash(&path));
    let named: Vec<PathBuf> = options.files.iter().filter(|path| !is_dash(path)).cloned().collect();
    let asked = named.iter().chain(&global.checklist).cloned().collect::<Vec<_>>();
    let documents = if asked.is_empty() { look_around() } else { read(&asked)? };
    let kept = kept(&documents);
    let text = draft::config(&documents, kept.as_deref());
    let target = global.config.clone().unwrap_or_else(|| PathBuf::from("config.toml"));
    // What is written must be what this program reads.
    config::parse(&text, &target, &Overrides::default(), "operator").map_err(|error| {
        Failure::failed(
            "no config was written",
            &error.to_string(),
            "name fewer checklists, and tell us of this one",
        )
    })?;
    if to_stdout {
        return written(io::stdout().lock().write_all(text.as_bytes())).map(|()| 0);
    }
    let mut force = options.force;
    if !force && target.exists() && typed::can_ask() {
        let question = format!(
            "{} exists\ntype yes, and it is written over; anything else keeps it: ",
            target.display()
        );
        let nothing = format!("{} was not written", target.display());
        if let Some(status) = typed::declined(&question, "yes", &nothing).await? {
            // Standard error may be gone with the terminal.
            let _gone = writeln!(io::stderr().lock(), "{nothing}");
            return Ok(status);
        }
        force = true;
    }
    write(&target, &text, force)?;
    for document in &documents {
        let items = document.sections.iter().map(|section| section.items.len()).sum::<usize>();
        let findings = format::counted(document.plan.findings.len(), "finding");
        say(&format!("read {}: {}, {findings}", document.path, format::counted(items, "item")));
    }
    if let Some(kept) = kept {
        say(&format!("it goes on with the journal that the checklist had alone: {}", kept.display()));
    }
    say(&format!("wrote {}; `warroom doctor` tries what it names", target.display()));
    Ok(0)
}

/// The journal of the first checklist as a room of its own, if it has one: its ticks are not to be lost. Alone they go by
/// the file's name, so that below a folder they would not be found again.
fn kept(documents: &[Document]) -> Option<PathBuf> {
    let first = Path::new(&documents.first()?.path);
    first.parent().filter(|parent| parent.as_os_str().is_empty())?;
    let checklists = documents.iter().map(|document| PathBuf::from(&document.path)).collect();
    let alone = config::of_documents(&Overrides { checklists, ..Overrides::default() }).ok()?;
    Some(session::store_path(&alone)).filter(|path| path.exists())
}

fn write(target: &Path, text: &str, force: bool) -> Result<(), Failure> {
    reports::put(target, text.as_bytes(), force).map_err(|error| {
        let what = format!("{} was not written", target.display());
        let next = match error.kind() {
            io::ErrorKind::AlreadyExists => {
                "add --force to write over it, or `-` to see what would be written"
            }
            _ => "check the folder",
        };
        Failure::failed(&what, &error.to_string(), next)
    })
}

fn read(paths: &[PathBuf]) -> Result<Vec<Document>, Failure> {
    let (documents, problems) = documents::read_once(&checklists(paths));
    if documents.is_empty() {
        let why: Vec<&str> = problems.iter().map(|problem| &**problem).collect();
        return Err(Failure::failed("no checklist could be read", &why.join("; "), "name a Markdown file"));
    }
    Ok(documents)
}

/// The Markdown files here that look like checklists.
fn look_around() -> Vec<Document> {
    let entries = std::fs::read_dir(".").into_iter().flatten().filter_map(Result::ok);
    let mut paths: Vec<PathBuf> = entries.map(|entry| PathBuf::from(entry.file_name())).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end.eq_ignore_ascii_case("md")));
    paths.sort();
    paths.truncate(MOST);
    let (mut documents, _) = documents::read_once(&checklists(&paths));
    documents.retain(|document| {
        document.sections.iter().map(|section| section.items.len()).sum::<usize>() >= FEWEST
    });
    documents
}

fn checklists(paths: &[PathBuf]) -> Vec<Checklist> {
    let named = |path: &PathBuf| Checklist {
        name: Clean::new(&path.to_string_lossy()).to_string(),
        path: path.clone(),
    };
    paths.iter().map(named).collect()
}
