//! Gates in JSON: the snapshot's rows, and those of `warroom gate`.

use serde_json::{Value, json};

use crate::domain::room::Room;
use crate::domain::run::{Change, Ending};
use crate::model::gates::{Gate, GateState, Gates, Source};
use crate::model::gates_told::asks_this_machine;

use super::time;

/// One row a gate.
pub fn rows(room: &Room, gates: &Gates) -> Vec<Value> {
    gates.list().iter().map(|gate| row(room, gates, gate)).collect()
}

/// A gate: how it stands, and the evidence of its newest run. That it asks this machine is a finding before it ever runs.
pub fn row(room: &Room, gates: &Gates, gate: &Gate) -> Value {
    let standing = gates.standing(gate);
    let last = standing.last.map(|past| (past, &past.evidence));
    // The schema's own words for what it had from the beginning; the others were added.
    let state: &'static str = standing.state.into();
    let exit = last.and_then(|(_, evidence)| match evidence.ending {
        Ending::Exited(code) => Some(code),
        _ => None,
    });
    let (document, trusted) = match &gate.source {
        Source::Config => (None, true),
        Source::Document(path) => (Some(path), gates.trust().of(path).is_some()),
    };
    let change =
        |change: &Change| json!({ "path": change.path, "commit": change.commit, "subject": change.subject });
    let mut findings = last.map_or_else(Vec::new, |(_, evidence)| evidence.findings.clone());
    let here = asks_this_machine(room, &gate.command).filter(|_| gate.is_gate());
    findings.extend(here.filter(|_| last.is_none()));
    json!({
        "id": gate.id,
        "name": gate.name,
        "command": crate::domain::Clean::new(&gate.command.shown()),
        "kind": gate.command.kind,
        "document": document,
        "line": document.map(|_| gate.command.line),
        "item": gate.item(),
        "required": gate.required,
        "trusted": trusted,
        "state": state,
        "why": (!standing.why.is_empty()).then_some(&standing.why),
        "exit": exit,
        "seconds": last.map(|(_, evidence)| evidence.millis as f64 / 1000.0),
        "at": last.map(|(past, _)| time(past.at)),
        "by": last.map(|(past, _)| &past.by),
        "tests": last.and_then(|(_, evidence)| evidence.tally),
        "commit": last.and_then(|(_, evidence)| evidence.repository.commit.as_ref()),
        "dirty": last.and_then(|(_, evidence)| evidence.repository.dirty),
        "log": last.map(|(_, evidence)| &evidence.log),
        "revision": last.and_then(|(_, evidence)| evidence.candidate.as_ref()),
        "findings": findings,
        "changed": gates.changes(gate).iter().map(change).collect::<Vec<_>>(),
        "record": last.and_then(|(past, _)| past.seq),
    })
}

/// The exit status of a command that ran it: only a pass is 0.
pub fn status(state: GateState) -> u8 {
    u8::from(state != GateState::Passed)
}
