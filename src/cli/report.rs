//! `warroom report`: what the journal says of a rollout, for people and for programs. It connects to nothing.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::ValueEnum;

use super::desk::completing;
use super::{Failure, Global, desk, session, written};
use crate::clock;
use crate::domain::Clean;
use crate::effects::reports;
use crate::model::gates_told::find_local_gates;
use crate::report::validation::{self, Input};
use crate::sources::documents;

/// What to write, and where.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Options {
    /// md: Markdown, for people. json: one object, schema warroom.report/1
    #[arg(long, value_enum, default_value_t = Format::Md)]
    format: Format,
    /// Write into this file instead of standard output; one that exists is kept
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write over the file if it exists
    #[arg(long, requires = "out")]
    force: bool,
    /// Which rollout: its id, as `warroom rollout show` and earlier reports tell it
    #[arg(long, value_name = "ID", default_value = "last")]
    rollout: String,
    /// Only the timeline, with the verdict and the operations
    #[arg(long)]
    timeline: bool,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Markdown
    Md,
    /// JSON
    Json,
}

impl Options {
    pub(super) fn wants_json(&self) -> bool {
        self.format == Format::Json
    }
}

pub(super) async fn run(global: &Global, options: &Options) -> Result<u8, Failure> {
    let loaded = session::load(global)?;
    let (mut documents, problems) = documents::read_once(&loaded.room.checklists);
    find_local_gates(&loaded.room, &mut documents);
    let records = desk::records(&loaded).await?;
    let rollout = Some(options.rollout.as_str()).filter(|id| *id != "last");
    if let Some(id) = rollout {
        known(id, &validation::rollouts(&records))?;
    }
    let room = completing::recorded(&loaded.room, &documents, &records);
    let report = validation::report(&Input {
        room: &room,
        records: &records,
        documents: &documents,
        problems: &problems,
        live: None,
        rollout,
        now: clock::wall(),
        watched: desk::is_watched(&loaded).await,
    });
    for problem in &problems {
        let _gone = writeln!(io::stderr().lock(), "warning: {problem}");
    }
    let text = match (options.format, options.timeline) {
        (Format::Md, false) => validation::markdown(&report),
        (Format::Md, true) => validation::timeline(&report),
        (Format::Json, whole) => validation::json(&report, whole),
    };
    match &options.out {
        None => written(io::stdout().lock().write_all(text.as_bytes())).map(|()| 0),
        Some(path) => reports::put(path, text.as_bytes(), options.force).map(|()| 0).map_err(|error| {
            let there = error.kind() == io::ErrorKind::AlreadyExists;
            let next = if there {
                "name another file, or write over it with --force"
            } else {
                "name another file with --out"
            };
            Failure::failed(
                &format!("the report {} was not written", path.display()),
                &error.to_string(),
                next,
            )
        }),
    }
}

fn known(id: &str, all: &[String]) -> Result<(), Failure> {
    if all.iter().any(|known| known == id) {
        return Ok(());
    }
    let what = format!("no rollout is called \"{}\"", Clean::new(id));
    let why = match all {
        [] => "the journal knows none".to_owned(),
        all => format!("the journal knows {}", all.join(", ")),
    };
    Err(Failure::usage(&what, &why, "leave --rollout away for the last one"))
}
