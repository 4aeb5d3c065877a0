//! `plan`: what is understood of documents, and what is not. It needs neither a config nor a journal, and runs nothing;
//! where there is a config, it also says what of their queries this room cannot ask.

mod golden;
mod guards;

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{Failure, Global, written};
use crate::config::{self, ConfigError, Overrides};
use crate::domain::Document;
use crate::domain::room::Checklist;
use crate::model::documented::{self, Counted, InRoom};
use crate::report::plan;
use crate::sources::documents;

/// Replays golden frames; documents are read by themselves.
pub(super) fn golden(global: &Global, files: &[PathBuf], dir: &Path, json: bool) -> Result<u8, Failure> {
    if !files.is_empty() {
        let why = "golden frames are held against the config, documents say nothing of them";
        return Err(Failure::usage("--check-golden takes no documents", why, "leave one of both out"));
    }
    golden::run(global, dir, json)
}

/// By the config that is named, or stands where the console finds it.
fn in_room(global: &Global, documents: &[Document]) -> Result<Option<InRoom>, ConfigError> {
    match config::load(global.config.as_deref(), &Overrides::default()) {
        Err(ConfigError::Missing { .. }) => Ok(None),
        Err(wrong) => Err(wrong),
        Ok(loaded) => {
            let path = loaded.path.map_or_else(String::new, |path| path.display().to_string());
            let completed = documented::completed(&loaded.room, documents, &|_| true, &Counted::new());
            Ok(Some(InRoom::new(Some(path), &completed.room, completed.left_out)))
        }
    }
}

/// Reads `files` and tells what they say.
pub(super) fn run(global: &Global, files: &[PathBuf], json: bool) -> Result<u8, Failure> {
    let checklist = |path: &PathBuf| Checklist { name: path.display().to_string(), path: path.clone() };
    let checklists: Vec<Checklist> = files.iter().map(checklist).collect();
    let (mut documents, problems) = documents::read_once(&checklists);
    guards::find(&mut documents);
    let in_room = in_room(global, &documents);
    let shown = in_room.as_ref().ok().and_then(Option::as_ref);
    let mut out = io::stdout().lock();
    let outcome = if json {
        // The standard output of a console looks for ends of lines in every piece.
        let mut out = BufWriter::with_capacity(1 << 16, &mut out);
        let told = plan::write(&mut out, &documents, shown).map_err(io::Error::from);
        told.and_then(|()| writeln!(out)).and_then(|()| out.flush())
    } else {
        let texts: Vec<String> = documents.iter().map(plan::summary).collect();
        let unasked = shown.map(InRoom::words).filter(|words| !words.is_empty());
        out.write_all(texts.into_iter().chain(unasked).collect::<Vec<_>>().join("\n").as_bytes())
    };
    written(outcome)?;
    // What the documents say is told whatever the config is like.
    in_room?;
    let all = documents.len() == checklists.len();
    // The process ends: to give back a long plan piece by piece would only take time.
    std::mem::forget(documents);
    if all {
        return Ok(0);
    }
    let problems: Vec<&str> = problems.iter().map(|problem| &**problem).collect();
    Err(Failure::usage(
        "not every file could be read",
        &problems.join("\n"),
        "correct their names, or the files",
    ))
}
