//! Gates with their newest result.

pub(super) mod told;

use crate::domain::run::Outcome;
use crate::domain::{Clean, Entry};
use crate::model::gates::{self, GateState, Gates};

use super::Input;
use super::facts::{At, Gate, Items};
use super::scope::Scope;

/// The gates of config and documents as the records leave them at the report's end. That what a gate guards changed since
/// it passed is known from the records of the items that lapsed by it.
pub(super) fn gates(input: &Input<'_>, scope: &Scope<'_>, items: &Items) -> Vec<Gate> {
    let mut gates = Gates::new(&input.room.gates);
    gates.documents_read(input.room, input.documents);
    for record in scope.earlier.iter().chain(scope.records) {
        gates.record(record);
    }
    let runs = |id: &str| {
        let ended = |entry: &Entry| matches!(entry, Entry::GateEnded(evidence) if evidence.gate == id);
        scope.records.iter().filter(|record| ended(&record.entry)).count() as u64
    };
    let row = |gate: &gates::Gate| {
        let standing = gates.standing(gate);
        let last = standing.last;
        let evidence = last.map(|last| &last.evidence);
        let commit = evidence.and_then(|evidence| evidence.repository.commit.as_deref());
        let since = last.and_then(|last| last.seq).unwrap_or(0);
        let lapsed = (standing.state == GateState::Passed).then(|| lapse(scope, gate, since)).flatten();
        Gate {
            name: gate.name.clone(),
            state: lapsed.as_ref().map_or(standing.state, |_| GateState::Lapsed).into(),
            why: lapsed.unwrap_or_else(|| standing.why.clone()),
            required: gate.required,
            waived: gate.item().is_some_and(|id| {
                let row = items.rows.iter().find(|row| row.id == id.0);
                row.is_some_and(|row| matches!(row.state, "waived" | "not_applicable"))
            }),
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

/// Why an item that rests on `gate` lapsed after the record `since`, if by what the gate guards.
fn lapse(scope: &Scope<'_>, gate: &gates::Gate, since: u64) -> Option<Clean> {
    let begin = format!("gate {}: {} (", gate.name, GateState::Lapsed.word());
    let all = scope.earlier.iter().chain(scope.records).rev();
    all.take_while(|record| record.seq > since).find_map(|record| {
        let Entry::Lapsed { why, .. } = &record.entry else { return None };
        let (_, rest) = why.split_once(begin.as_str())?;
        Some(Clean::new(rest.strip_suffix(')').unwrap_or(rest)))
    })
}

#[cfg(test)]
mod tests {
    use super::super::report;
    use super::*;
    use crate::domain::room::{GateSpec, GatesSpec};
    use crate::domain::run::{Ending, Evidence, RunId};
    use crate::domain::{Record, Room, Wall};

    fn record(seq: u64, entry: Entry) -> Record {
        let (by, role) = (Clean::new("sam"), Clean::default());
        Record { seq, at: Wall::default(), by, role, entry, hash: String::new(), late: false }
    }

    #[test]
    fn a_gate_that_lapsed_by_the_records_is_told_as_lapsed_until_it_passes_again() {
        let spec = GateSpec {
            name: "smoke".into(),
            command: "./smoke".into(),
            dir: "/srv".into(),
            timeout: std::time::Duration::from_secs(9),
            env: vec![],
            expect: vec![],
            shell: None,
            required: true,
        };
        let room = Room { gates: GatesSpec { gates: vec![spec], ..GatesSpec::default() }, ..Room::default() };
        let known = Gates::new(&room.gates);
        let gate = known.get("smoke").expect("the gate").clone();
        let passed = |run: &str| {
            Entry::GateEnded(Box::new(Evidence {
                ending: Ending::Exited(0),
                outcome: Outcome::Passed,
                why: Clean::new("3 passed"),
                millis: 5,
                ..Evidence::unseen(RunId(run.into()), gate.id.clone(), gate.name.clone(), gate.hash.clone())
            }))
        };
        let why = Clean::new("its evidence turned bad: gate smoke: lapsed (core.py changed in 1f2e3d4)");
        let lapsed = Entry::Lapsed { item: "i".into(), text: Clean::new("Smoke"), seq: 2, why };
        let mut records = vec![record(1, passed("r1")), record(3, lapsed)];
        let told = |records: &[Record]| {
            let input = Input {
                room: &room,
                records,
                documents: &[],
                problems: &[],
                live: None,
                rollout: None,
                now: Wall::default(),
                watched: false,
            };
            let gate = report(&input).gates.remove(0);
            (gate.state, gate.why.to_string())
        };
        assert_eq!(told(&records), ("lapsed", "core.py changed in 1f2e3d4".to_owned()));
        records.push(record(4, passed("r2")));
        assert_eq!(told(&records), ("passed", "3 passed".to_owned()));
    }
}
