//! `warroom stage`: where the rollout is, and the acts on its stages, for scripts.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::desk::{append_if, records, say};
use super::session::{self, Session};
use super::typed::agreed;
use super::waiting::Open;
use super::{Failure, Global, watch};
use crate::clock;
use crate::config::Loaded;
use crate::domain::record::Guard;
use crate::domain::room::Mode;
use crate::domain::stage::StopKind;
use crate::domain::{Entry, format};
use crate::model::Model;
use crate::model::msg::Msg;
use crate::model::stages::{Row, StageAct, words};
use crate::report::snapshot::stages;
use crate::sources::documents;

/// The schema of `show --json`.
const SCHEMA: &str = "warroom.stages/1";

/// What to do with the stages.
#[derive(Debug, Clone, clap::Subcommand)]
pub(super) enum Act {
    /// Where the rollout is, as journal and files tell; nothing is looked at
    Show {
        /// One JSON object, schema warroom.stages/1
        #[arg(long)]
        json: bool,
    },
    /// Go on: pass this stage and begin the next. Looks first, wants GO, and asks
    Advance {
        /// How long to look first; up to a minute more while something is getting better
        #[arg(long, value_name = "DURATION", value_parser = super::duration, default_value = "10s")]
        warm_up: Duration,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Hold the stage: its clock stands, and nobody goes on
    Pause {
        /// Why
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Let the stage go on
    Resume,
    /// Begin the stage anew, and its clock with it
    Repeat {
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Give the stage up; traffic and flags stay as they are until acts of their own put them back
    Abort {
        /// Why
        #[arg(long)]
        reason: String,
    },
}

/// Runs the command.
pub(super) async fn run(global: &Global, act: &Act) -> Result<u8, Failure> {
    match act {
        Act::Show { json } => show(global, *json).await,
        Act::Advance { warm_up, yes } => advance(global, *warm_up, *yes).await,
        Act::Pause { reason } => plain(global, StageAct::Pause, reason).await,
        Act::Resume => plain(global, StageAct::Resume, "").await,
        Act::Repeat { reason } => plain(global, StageAct::Repeat, reason).await,
        Act::Abort { reason } => plain(global, StageAct::Abort, reason).await,
    }
}

/// The room as files and journal have it: nothing is looked at.
async fn told(loaded: &Loaded) -> Result<Model, Failure> {
    let room = Arc::new(loaded.room.clone());
    let mut model = Model::new(room, "stage".to_owned(), clock::now(), (160, 48));
    let (documents, problems) = documents::read_once(&loaded.room.checklists);
    model.update(Msg::DocumentsRead { documents, problems });
    model.update(Msg::Recorded { records: records(loaded).await? });
    Ok(model)
}

async fn show(global: &Global, json: bool) -> Result<u8, Failure> {
    let loaded = session::load(global)?;
    let model = told(&loaded).await?;
    if json {
        let told = json!({
            "schema": SCHEMA,
            "at": crate::report::snapshot::time(model.now.wall),
            "rollout": model.checklist.rollout().map(|rollout| &rollout.id),
            "stages": stages::rows(&model),
            "schedule": stages::schedule(&model),
        });
        say(&told.to_string());
        return Ok(0);
    }
    let rows = model.stage_rows();
    if rows.is_empty() {
        say(
            "no stages: [[stage]] in the config names them, else headings such as \"Phase 1: Canary\" in a document",
        );
    }
    for row in &rows {
        say(&line(row));
    }
    if let Some(words) = written_down(&model) {
        say(&words);
    }
    let schedule = &loaded.room.stages;
    if let Some(start) = schedule.start {
        say(&format!("planned start {}", format::moment(start, model.now.wall)));
    }
    if let Some(closed) = schedule.calendar.closed(model.now.wall) {
        let opens =
            closed.opens.map(|opens| format!(", opens {} UTC", format::moment(opens, model.now.wall)));
        say(&format!("{}{}", closed.why, opens.unwrap_or_default()));
    }
    Ok(0)
}

/// Up to when the clock of the stage under way is told: consoles count, and write it down now and then.
fn written_down(model: &Model) -> Option<String> {
    let clock = &model.stages.course.open()?.clock;
    let at = format::clock(clock.at);
    (clock.needs_ms > 0)
        .then(|| format!("the soak clock as the journal had it at {at}; nothing is looked at"))
}

fn line(row: &Row) -> String {
    let said = row.left.as_ref().or(row.entered.as_ref());
    let by = said.map(|said| {
        let why = if said.reason.is_empty() { String::new() } else { format!(": {}", said.reason) };
        format!("by {} at {}{why}", said.by, format::clock(said.at))
    });
    let stop = row.stop.as_ref().filter(|stop| row.is_current() && stop.kind != StopKind::Held);
    let stop = stop.map(|stop| match stop.kind {
        StopKind::Failed => format!("begins anew: {}", stop.why),
        StopKind::Unseen | StopKind::Unsettled | StopKind::Held => format!("stands: {}", stop.why),
    });
    let needs = (row.needs.0 > 0).then(|| format!("needs {} of {}", row.needs.0, row.needs.1));
    let parts = [Some(row.state.word().to_owned()), Some(row.soak_words()), stop, by, needs];
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    format!("{} {}  {}", row.number, row.title(), parts.join(" · "))
}

/// An act that wants no look at the room.
async fn plain(global: &Global, act: StageAct, reason: &str) -> Result<u8, Failure> {
    if act.needs_reason() && reason.trim().is_empty() {
        let next = "say why: --reason \"another build\"";
        return Err(Failure::usage("nothing was done", "the reason is empty", next));
    }
    let loaded = session::load(global)?;
    let model = told(&loaded).await?;
    write(&loaded, &model, act, reason).await
}

async fn advance(global: &Global, warm_up: Duration, yes: bool) -> Result<u8, Failure> {
    let loaded = session::load(global)?;
    if loaded.room.operator.mode == Mode::ReadOnly {
        return Err(Failure::read_only("nothing was written"));
    }
    // What speaks against going on is what the room sees now.
    let (mut session, status) = watch::look(global, warm_up).await?;
    let about = session.model.stages.course.newest();
    let asked = match status {
        Some(status) => Ok(Some(status)),
        None => ask(&mut session, yes).await,
    };
    let mut model = session.model.clone();
    session.close().await;
    if let Some(status) = asked? {
        return Ok(status);
    }
    // What was written down up to the answer counts, also where the room has not read it yet.
    let read = model.journal.head();
    let later = records(&loaded).await?.into_iter().filter(|record| record.seq > read).collect();
    model.update(Msg::Recorded { records: later });
    model.update(Msg::Ticked(clock::now()));
    if model.stages.course.newest() != about {
        let why = "the rollout or its stages changed meanwhile";
        return Err(Failure::failed("nothing was written", why, "look again: warroom stage show"));
    }
    write(&loaded, &model, StageAct::Advance, "").await
}

/// Asks, while the room goes on: what speaks against going on may come up while the question stands. `None`: the answer is
/// yes; else the exit status.
async fn ask(session: &mut Session, yes: bool) -> Result<Option<u8>, Failure> {
    refused(&session.model, StageAct::Advance)?;
    if yes {
        return Ok(None);
    }
    let mut why = format!("the verdict is {}", session.model.verdicts.now.state.word());
    for words in session.model.about_stage(StageAct::Advance) {
        why = format!("{why}\n  {words}");
    }
    let mut open = Open::new(&[]);
    tokio::select! {
        biased;
        answered = agreed(&why, "it goes on", "nothing was done") => answered,
        left = session.run(&mut open) => Ok(Some(left?.status())),
    }
}

fn refused(model: &Model, act: StageAct) -> Result<(), Failure> {
    let why = model.stage_obstacle(act);
    let next = "`warroom stage show` tells where the rollout is, `warroom verdict` what is waited for";
    why.map_or(Ok(()), |why| Err(Failure::failed("nothing was done", &why, next)))
}

async fn write(loaded: &Loaded, model: &Model, act: StageAct, reason: &str) -> Result<u8, Failure> {
    refused(model, act)?;
    let gone = || Failure::failed("nothing was done", "no stage is under way", "`warroom stage show`");
    let step = model.stage_step(act, reason).ok_or_else(gone)?;
    let told = words(&step).1;
    // Somebody else may have acted while this one was looked at and asked for.
    let guard = Guard::StageAct { after: model.stages.course.newest() };
    let record = append_if(loaded, Entry::Stage(Box::new(step)), &guard).await?;
    say(&format!("{told}, by {}, record {}", record.by, record.seq));
    Ok(0)
}
