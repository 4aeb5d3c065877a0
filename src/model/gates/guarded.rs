//! What gates guard: whether it changed since they passed, as their repositories tell.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::Clean;
use crate::domain::run::{Change, Outcome, RunId, Watch};

use super::{Gate, GateState, Gates, Past};

/// What the repositories told, and of which runs they were asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Guarded {
    told: BTreeMap<String, Compared>,
    asked: BTreeSet<RunId>,
}

/// What changed under a gate since a run of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Compared {
    run: RunId,
    changes: Vec<Change>,
    problem: Option<Clean>,
}

impl Gates {
    /// What changed under a gate since it passed.
    pub fn changes(&self, gate: &Gate) -> &[Change] {
        let last = self.past(&gate.id).last();
        last.and_then(|past| self.told(gate, past)).map_or(&[], |known| &known.changes)
    }

    fn told(&self, gate: &Gate, past: &Past) -> Option<&Compared> {
        self.guarded.told.get(&gate.id).filter(|known| known.run == past.evidence.run)
    }

    /// Why it cannot be told whether what a gate guards changed.
    pub fn cannot_compare(&self, gate: &Gate) -> Option<&Clean> {
        self.guarded.told.get(&gate.id)?.problem.as_ref()
    }

    /// Whether it passed and guards something, and its repository has not told yet what changed since: such a pass is not
    /// known to hold.
    pub fn is_unchecked(&self, gate: &Gate) -> bool {
        let last = self.past(&gate.id).last();
        let untold = last.is_some_and(|past| self.told(gate, past).is_none());
        untold && !gate.guards.paths.is_empty() && self.standing(gate).state == GateState::Passed
    }

    /// The first thing that changed under `gate` since the run, in words.
    pub(super) fn changed(&self, gate: &Gate, past: &Past) -> Option<String> {
        let known = self.told(gate, past)?;
        let first = known.changes.first()?;
        let more = match known.changes.len() {
            1 => String::new(),
            count => format!(", and {} more", count - 1),
        };
        Some(match &first.commit {
            Some(commit) => format!("{} changed in {commit}{more}", first.path),
            None => format!("{} changed, not committed{more}", first.path),
        })
    }

    /// What changed under a gate, as its repository tells.
    pub fn compared(&mut self, gate: String, run: RunId, changes: Vec<Change>, problem: Option<Clean>) {
        self.guarded.told.insert(gate, Compared { run, changes, problem });
    }

    /// What gates that passed guard.
    pub fn watches(&self) -> Vec<Watch> {
        let watch = |gate: &Gate| {
            let last = self.past(&gate.id).last()?;
            let passed = last.evidence.outcome == Outcome::Passed && last.evidence.hash == gate.hash;
            (passed && !gate.guards.paths.is_empty()).then(|| Watch {
                gate: gate.id.clone(),
                run: last.evidence.run.clone(),
                dir: gate.dir.clone(),
                repository: last.evidence.repository.clone(),
                guards: gate.guards.clone(),
            })
        };
        self.list().iter().filter_map(watch).collect()
    }

    /// Those of them of whose runs no repository was asked yet; from now on they count as asked.
    pub fn unasked(&mut self) -> Vec<Watch> {
        let mut watches = self.watches();
        watches.retain(|watch| self.guarded.asked.insert(watch.run.clone()));
        watches
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::tests::{ended, gates, record, room};
    use crate::domain::room::GuardSpec;
    use crate::domain::run::{Change, Evidence, Outcome, Repository, RunId, RunNews};
    use crate::domain::{Clean, Entry, Mono, Now, VerdictState, Wall};
    use crate::model::Model;
    use crate::model::effect::Effect;
    use crate::model::gates::GateState;
    use crate::model::msg::Msg;
    use crate::model::rolling::of_gate;

    #[test]
    fn a_pass_that_guards_something_is_known_to_hold_only_once_its_repository_told() {
        let mut gates = gates();
        let gate = gates.get("bbbb2222").cloned().unwrap();
        gates.record(&record(1, Entry::GateEnded(Box::new(ended(&gate, "r1", Outcome::Passed)))));
        assert_eq!(gates.standing(&gate).state, GateState::Passed);
        assert!(gates.is_unchecked(&gate));
        assert_eq!(of_gate(&gates, "bbbb2222").unwrap().good, None);
        let asked = |gates: &mut super::Gates| gates.unasked().len();
        assert_eq!((asked(&mut gates), asked(&mut gates)), (1, 0), "each run is asked of once");
        gates.compared("bbbb2222".into(), RunId("r1".into()), vec![], None);
        assert!(!gates.is_unchecked(&gate));
        assert_eq!(of_gate(&gates, "bbbb2222").unwrap().good, Some(true));
        gates.record(&record(2, Entry::GateEnded(Box::new(ended(&gate, "r2", Outcome::Passed)))));
        assert!(gates.is_unchecked(&gate) && asked(&mut gates) == 1, "another run is another question");
        let free = gates.get("smoke").cloned().unwrap();
        gates.record(&record(3, Entry::GateEnded(Box::new(ended(&free, "r3", Outcome::Passed)))));
        assert!(!gates.is_unchecked(&free), "it guards nothing");
    }

    #[test]
    fn a_lapsed_gate_is_never_a_go_first() {
        let mut room = room();
        room.gates.guards = vec![GuardSpec { paths: vec!["core.py".into()], gates: vec!["smoke".into()] }];
        let at = |second: u64| {
            let wall = Wall::default() + chrono::TimeDelta::seconds(second.cast_signed());
            Now { mono: Mono(1_000_000 * second), wall }
        };
        let mut model = Model::new(Arc::new(room), "t".to_owned(), at(0), (80, 24));
        model.update(Msg::DocumentsRead { documents: vec![], problems: vec![] });
        let gate = model.gates.get("smoke").cloned().unwrap();
        let evidence = Evidence { repository: Repository::default(), ..ended(&gate, "r1", Outcome::Passed) };
        model.update(Msg::Recorded { records: vec![record(1, Entry::GateEnded(Box::new(evidence)))] });
        model.update(Msg::ChainChecked { seq: 1, damage: None });
        let asks = |effects: &[Effect]| effects.iter().any(|e| matches!(e, Effect::CompareGuards { .. }));
        assert!(asks(&model.update(Msg::Ticked(at(1)))), "asked at once, not after twenty seconds");
        assert!(!asks(&model.update(Msg::Ticked(at(2)))));
        assert_eq!(model.verdicts.now.state, VerdictState::Hold);
        let told = |model: &Model| {
            model.verdicts.now.reasons.iter().map(|r| r.subject.to_string()).collect::<Vec<_>>()
        };
        assert!(told(&model).contains(&"gate smoke is not compared with its repository yet".to_owned()));
        let change = Change { path: "core.py".into(), commit: None, subject: Clean::default() };
        let news = |changes| RunNews::Compared {
            gate: "smoke".into(),
            run: RunId("r1".into()),
            changes,
            problem: None,
        };
        let mut held = model.clone();
        model.update(Msg::Gate(Box::new(news(vec![change]))));
        model.update(Msg::Ticked(at(3)));
        assert_eq!(model.verdicts.now.state, VerdictState::Hold);
        assert!(told(&model).contains(&"gate smoke lapsed".to_owned()), "{:?}", told(&model));
        held.update(Msg::Gate(Box::new(news(vec![]))));
        held.update(Msg::Ticked(at(3)));
        assert!(told(&held).iter().all(|reason| !reason.contains("smoke")), "{:?}", told(&held));
    }
}
