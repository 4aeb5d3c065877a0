//! Gates with their newest result.

pub(super) mod told;

use crate::domain::run::Outcome;
use crate::domain::{Clean, Entry};
use crate::model::gates::Gates;

use super::Input;
use super::facts::{At, Gate};
use super::scope::Scope;

/// The gates of config and documents as the records leave them at the report's end. What changed in the repository since
/// a gate passed is known to an open room only.
pub(super) fn gates(input: &Input<'_>, scope: &Scope<'_>) -> Vec<Gate> {
    let mut gates = Gates::new(&input.room.gates);
    gates.documents_read(input.room, input.documents);
    for record in scope.earlier.iter().chain(scope.records) {
        gates.record(record);
    }
    let runs = |id: &str| {
        let ended = |entry: &Entry| matches!(entry, Entry::GateEnded(evidence) if evidence.gate == id);
        scope.records.iter().filter(|record| ended(&record.entry)).count() as u64
    };
    let row = |gate: &crate::model::gates::Gate| {
        let standing = gates.standing(gate);
        let last = standing.last;
        let evidence = last.map(|last| &last.evidence);
        let commit = evidence.and_then(|evidence| evidence.repository.commit.as_deref());
        Gate {
            name: gate.name.clone(),
            state: standing.state.into(),
            why: standing.why.clone(),
            required: gate.required,
            // Of a run whose end nobody saw it is not known how long it took.
            seconds: evidence
                .filter(|evidence| evidence.outcome != Outcome::Unseen)
                .map(|evidence| super::facts::seconds(evidence.millis)),
            commit: commit.map(Clean::new),
            dirty: evidence.and_then(|evidence| evidence.repository.dirty),
            log: evidence.map(|evidence| evidence.log.clone()).filter(|log| !log.is_empty()),
            by: last.map(|last| last.by.clone()),
            at: last.map(|last| At(last.at)),
            runs: runs(&gate.id),
            record: last.and_then(|last| last.seq),
        }
    };
    // What changes something or never ends proves nothing: it is among the records only.
    gates.list().iter().filter(|gate| gate.is_gate()).map(row).collect()
}
