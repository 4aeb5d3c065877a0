//! Rulings, folded from the records: the verdict as a person gives it, and the conditions that are accepted as they are.

use std::collections::BTreeMap;

use crate::domain::{Acceptance, Accepts, Clean, Entry, Override, Record, Ruling, Wall};

/// What people decided against the machine.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rulings {
    overriding: Option<Override>,
    accepted: BTreeMap<String, Acceptance>,
}

impl Rulings {
    /// Takes in a record.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other kinds rule nothing")]
    pub fn record(&mut self, record: &Record) {
        let ruling = |reason: &Clean, until: Wall| Ruling {
            by: record.by.clone(),
            at: record.at,
            reason: reason.clone(),
            until,
        };
        match &record.entry {
            Entry::Overrode { state, over, reason, until } => {
                let ruling = ruling(reason, *until);
                self.overriding = Some(Override { state: *state, over: *over, ruling });
            }
            Entry::OverrideEnded => self.overriding = None,
            Entry::Accepted { condition, what, reason, until } => {
                let acceptance = Acceptance { what: *what, ruling: ruling(reason, *until) };
                self.accepted.insert(condition.clone(), acceptance);
            }
            Entry::AcceptanceEnded { condition } => {
                self.accepted.remove(condition);
            }
            _ => {}
        }
    }

    /// The override that stands at `now`.
    pub fn overriding(&self, now: Wall) -> Option<&Override> {
        self.overriding.as_ref().filter(|it| it.ruling.stands(now))
    }

    /// How the condition of this name is accepted at `now`.
    pub fn acceptance(&self, condition: &str, now: Wall) -> Option<&Acceptance> {
        self.accepted.get(condition).filter(|it| it.ruling.stands(now))
    }

    /// Whether `what` of the condition of this name is accepted at `now`.
    pub fn accepts(&self, condition: &str, what: Accepts, now: Wall) -> bool {
        self.acceptance(condition, now).is_some_and(|it| it.what == what)
    }

    /// What stands at `now`, in words: a rollout that ends leaves it behind.
    pub fn left(&self, now: Wall) -> Vec<String> {
        let overriding = self.overriding(now);
        let overriding =
            overriding.map(|it| format!("the verdict is {} {}", it.state.word(), it.ruling.words()));
        let accepted = self.accepted.iter().filter(|(_, it)| it.ruling.stands(now));
        let accepted = accepted
            .map(|(name, it)| format!("{name} is accepted {} {}", it.what.words(), it.ruling.words()));
        overriding.into_iter().chain(accepted).collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::VerdictState;

    fn record(seq: u64, entry: Entry) -> Record {
        let (at, by) = (Wall::default() + TimeDelta::seconds(seq.cast_signed()), "ines".into());
        Record { seq, at, by, role: Clean::default(), entry, hash: String::new(), late: false }
    }

    fn at(second: i64) -> Wall {
        Wall::default() + TimeDelta::seconds(second)
    }

    #[test]
    fn the_newest_word_stands_until_its_end_or_until_it_is_taken_back() {
        let overrode = |state, until| Entry::Overrode {
            state,
            over: VerdictState::Hold,
            reason: "load test".into(),
            until: at(until),
        };
        let mut rulings = Rulings::default();
        rulings.record(&record(1, overrode(VerdictState::Go, 100)));
        rulings.record(&record(2, overrode(VerdictState::NoGo, 50)));
        let state = |rulings: &Rulings, now| rulings.overriding(at(now)).map(|it| it.state);
        assert_eq!(state(&rulings, 49), Some(VerdictState::NoGo));
        assert_eq!(state(&rulings, 50), None, "the first one does not come back");
        rulings.record(&record(3, overrode(VerdictState::Go, 100)));
        rulings.record(&record(4, Entry::OverrideEnded));
        assert_eq!(state(&rulings, 5), None);
    }

    #[test]
    fn what_is_accepted_is_that_and_nothing_else() {
        let accepted = |what| Entry::Accepted {
            condition: "errors".into(),
            what,
            reason: "known".into(),
            until: at(60),
        };
        let mut rulings = Rulings::default();
        rulings.record(&record(1, accepted(Accepts::Failing)));
        assert!(rulings.accepts("errors", Accepts::Failing, at(59)));
        assert!(!rulings.accepts("errors", Accepts::Unseen, at(59)));
        assert!(!rulings.accepts("errors", Accepts::Failing, at(60)));
        assert_eq!(rulings.left(at(59)), ["errors is accepted as expected by ines until 00:01: known"]);
        assert_eq!(rulings.left(at(60)), Vec::<String>::new());
        rulings.record(&record(2, Entry::AcceptanceEnded { condition: "errors".into() }));
        assert!(!rulings.accepts("errors", Accepts::Failing, at(3)));
    }
}
