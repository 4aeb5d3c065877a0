//! A command that changes something, from a script: shown, asked for by a typed word or named exactly with `--yes`,
//! journaled, and then run with the same record as from the console.

use std::io::Write;

use super::super::session::Session;
use super::super::{Failure, typed, written};
use super::waits::Running;
use super::{interrupted, settled};
use crate::clock;
use crate::domain::{Clean, OpId, OpKind, OpState};
use crate::model::Model;
use crate::model::confirm::Stage;
use crate::model::gates::Gate;
use crate::model::msg::Msg;

/// How it was asked for.
pub(super) struct Asked<'a> {
    /// The gate, as it was named.
    pub(super) wanted: &'a str,
    /// Do not ask.
    pub(super) yes: bool,
    /// Why, for the journal.
    pub(super) reason: Option<&'a str>,
    /// Show no output.
    pub(super) quiet: bool,
}

const NOTHING: &str = "nothing was run";

/// Runs the command; answers with the exit status, 0 if it exited so.
pub(super) async fn run(session: &mut Session, gate: &Gate, asked: &Asked<'_>) -> Result<u8, Failure> {
    if let Some(failure) = forbidden(gate, asked) {
        return Err(failure);
    }
    let change = session.model.freeze_run(gate, false);
    if !asked.quiet || !asked.yes {
        let environment = &session.model.room.environment.name;
        let whole = gate.whole();
        let lines: Vec<String> = whole.lines().map(|line| format!("$ {}", Clean::new(line))).collect();
        let words =
            format!("{}\nin {} ({environment}): it changes something\n", lines.join("\n"), change.dir);
        written(std::io::stderr().lock().write_all(words.as_bytes()))?;
    }
    if !asked.yes {
        let word = Model::word_of(gate);
        let question = format!("type {word} to run it; anything else cancels: ");
        if let Some(status) = typed::declined(&question, &word, NOTHING).await? {
            written(writeln!(std::io::stderr().lock(), "cancelled: {NOTHING}"))?;
            return Ok(status);
        }
    }
    // The question may have stood for long.
    let mut effects = session.model.update(Msg::Ticked(clock::now()));
    if let Some(why) = session.model.run_refusal(&change) {
        return Err(Failure::failed(NOTHING, &why, "look with `warroom gate list`"));
    }
    let id = session.model.op_id();
    let usual = format!("run {} (command line)", gate.name);
    let reason = Clean::new(asked.reason.unwrap_or(&usual));
    session.model.begin(id.clone(), OpKind::Run(change), reason, &mut effects);
    session.perform(effects);
    let mut running = Running::of(gate, crate::domain::run::RunId(id.0.clone()), asked.quiet);
    running.op = Some(id.clone());
    if let Some(signal) = interrupted(session.run(&mut running).await?) {
        return Ok(signal);
    }
    if let Some(signal) = settled(session, gate).await? {
        return Ok(signal);
    }
    ending(&session.model, gate, &id, asked.quiet)
}

/// Why it cannot even be asked for.
fn forbidden(gate: &Gate, asked: &Asked<'_>) -> Option<Failure> {
    let wanted = asked.wanted.trim();
    let exact = wanted == gate.id || wanted == &*gate.name || wanted == gate.command.text.trim();
    let why = "it changes something";
    if asked.yes && !exact {
        let next = format!("with --yes name it exactly: its id is {}", gate.id);
        return Some(Failure::usage(
            &format!("{NOTHING}: {} is only a part of its name", Clean::new(wanted)),
            why,
            &next,
        ));
    }
    if !asked.yes && !typed::can_ask() {
        let next = format!("look at it with `warroom gate list`, then: warroom gate run {} --yes", gate.id);
        return Some(Failure::usage(NOTHING, &format!("{why}, and there is no terminal to ask on"), &next));
    }
    None
}

fn ending(model: &Model, gate: &Gate, id: &OpId, quiet: bool) -> Result<u8, Failure> {
    if let Some((_, Stage::Conflict { op, by })) = &model.refusal {
        let why = format!("{by} has command {} under way", op.0);
        return Err(Failure::failed(NOTHING, &why, "watch it in the console, or wait"));
    }
    if let Some((_, Stage::Unrecorded { error, .. })) = &model.refusal {
        let what = format!("{NOTHING}: the journal cannot be written");
        let next = "make the journal writable, or run it from the console, which can act without it";
        return Err(Failure::failed(&what, error, next));
    }
    let last = model.ops.get(id).and_then(|op| op.steps.last().cloned());
    let done = last.as_ref().is_some_and(|step| step.state == OpState::Effective);
    let words = last.map_or_else(|| "nobody saw how it ended".to_owned(), |step| step.detail.to_string());
    if quiet {
        let gates = &model.gates;
        let json = serde_json::json!({ "schema": "warroom.gate/1", "gate": crate::report::snapshot::gates::row(&model.room, gates, gate) });
        written(writeln!(std::io::stdout().lock(), "{json}"))?;
    } else {
        let state = if done { "done" } else { "failed" };
        written(writeln!(std::io::stdout().lock(), "command {} {state}: {words}", gate.name))?;
    }
    Ok(u8::from(!done))
}
