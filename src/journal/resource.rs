//! Which operations are unfinished, and which runs are over: folded from the records, for "one operation per resource",
//! "one run of a gate" and "one end of a run".

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::run::RunId;
use crate::domain::{Clean, Entry, OpId, OpState, Record};

/// The operations that still hold their resource, as of record `upto`.
#[derive(Debug, Clone, Default)]
pub(super) struct Holders {
    pub(super) upto: u64,
    open: BTreeMap<OpId, Holder>,
    /// Those that freed it, so that an intent which arrives late does not take it again.
    over: BTreeSet<OpId>,
    /// Runs of gates whose end is recorded.
    ended: BTreeSet<RunId>,
    /// Those whose end is not: their gate, and who runs it.
    running: BTreeMap<RunId, (String, Clean)>,
    /// The newest act on a stage.
    stage_act: u64,
    /// The newest candidate, beginning or end of a rollout.
    bound: u64,
}

#[derive(Debug, Clone)]
struct Holder {
    resource: String,
    by: Clean,
    state: OpState,
}

impl Holders {
    /// Takes in the next record.
    pub(super) fn fold(&mut self, record: &Record) {
        self.upto = record.seq;
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "no other record holds or frees a resource, begins or ends a run, bounds a rollout or acts on a stage"
        )]
        match &record.entry {
            Entry::Intent { op, act, .. } if !self.over.contains(op) => {
                let resource = act.resource().to_owned();
                self.open.entry(op.clone()).or_insert(Holder {
                    resource,
                    by: record.by.clone(),
                    state: OpState::Requested,
                });
            }
            Entry::Progress { op, state, .. } => {
                let was = self.open.get(op).map_or(OpState::Requested, |holder| holder.state);
                if was.may_become(*state) && state.frees_resource() {
                    self.open.remove(op);
                    self.over.insert(op.clone());
                } else if let Some(holder) = self.open.get_mut(op).filter(|_| was.may_become(*state)) {
                    holder.state = *state;
                }
            }
            Entry::GateStarted(begun) if !self.ended.contains(&begun.run) => {
                let run = self.running.entry(begun.run.clone());
                run.or_insert_with(|| (begun.gate.clone(), record.by.clone()));
            }
            Entry::GateEnded(evidence) => {
                self.running.remove(&evidence.run);
                self.ended.insert(evidence.run.clone());
            }
            Entry::Stage(step) if step.after() == Some(self.stage_act) => self.stage_act = record.seq,
            entry if entry.bounds_rollout() => self.bound = record.seq,
            _ => {}
        }
    }

    /// The newest act on a stage, candidate, beginning or end of a rollout.
    pub(super) fn stages(&self) -> u64 {
        self.stage_act.max(self.bound)
    }

    /// Which run of `gate` goes on, and whose.
    pub(super) fn runs(&self, gate: &str) -> Option<(OpId, Clean)> {
        let (run, (_, by)) = self.running.iter().find(|(_, (of, _))| of == gate)?;
        Some((OpId(run.0.clone()), by.clone()))
    }

    /// Whether the end of `run` is recorded.
    pub(super) fn ended(&self, run: &RunId) -> bool {
        self.ended.contains(run)
    }

    /// Who holds `resource`, `beside` the one operation that may.
    pub(super) fn of(&self, resource: &str, beside: Option<&OpId>) -> Option<(OpId, Clean)> {
        let mut open = self.open.iter().filter(|(op, _)| Some(*op) != beside);
        let (op, holder) = open.find(|(_, holder)| holder.resource == resource)?;
        Some((op.clone(), holder.by.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{RunChange, Wall};

    fn intent(seq: u64, op: &str) -> Record {
        let act = crate::domain::OpKind::Run(RunChange {
            gate: "g".into(),
            name: Clean::default(),
            command: Clean::default(),
            hash: String::new(),
            dir: Clean::default(),
            on_terminal: false,
            frozen_at: Wall::default(),
        });
        let entry =
            Entry::Intent { op: OpId(op.into()), act, reason: Clean::default(), evidence: Vec::new() };
        let (by, role) = (Clean::new("ines"), Clean::default());
        Record { seq, at: Wall::default(), by, role, entry, hash: String::new(), late: false }
    }

    #[test]
    fn only_the_named_operation_may_hold_a_resource_beside_another() {
        let mut holders = Holders::default();
        holders.fold(&intent(1, "lost"));
        let held = |holders: &Holders, beside: Option<&str>| {
            let beside = beside.map(|op| OpId(op.into()));
            holders.of("commands", beside.as_ref()).map(|(op, _)| op.0)
        };
        assert_eq!(held(&holders, None).as_deref(), Some("lost"));
        assert_eq!(held(&holders, Some("lost")), None);
        assert_eq!(held(&holders, Some("another")).as_deref(), Some("lost"));
        holders.fold(&intent(2, "second"));
        assert_eq!(held(&holders, Some("lost")).as_deref(), Some("second"), "one beside it, and no more");
    }
}
