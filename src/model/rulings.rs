//! Rulings, folded from the records: the verdict as a person gives it, and the conditions that are accepted as they are.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::domain::{Acceptance, Accepts, Clean, ConditionSpec, Entry, Override, Record, Ruling, Wall};

/// The longest time that a ruling stands, whatever its record says.
const LONGEST: TimeDelta = TimeDelta::days(7);

/// What people decided against the machine.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rulings {
    overriding: Word<Override>,
    accepted: BTreeMap<String, Word<Acceptance>>,
}

/// The newest word about one thing.
#[derive(Debug, Clone, PartialEq)]
struct Word<T> {
    /// When it was given, also that nothing stands any more.
    at: Option<Wall>,
    stands: Option<T>,
}

impl<T> Default for Word<T> {
    fn default() -> Self {
        Self { at: None, stands: None }
    }
}

impl<T> Word<T> {
    /// A record that was written late does not replace what was said after it.
    fn take(&mut self, record: &Record, stands: Option<T>) {
        if !(record.late && self.at.is_some_and(|at| record.at < at)) {
            *self = Self { at: Some(record.at), stands };
        }
    }
}

impl Rulings {
    /// Takes in a record.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other kinds rule nothing")]
    pub fn record(&mut self, record: &Record) {
        let ruling = |reason: &Clean, until: Wall| Ruling {
            by: record.by.clone(),
            at: record.at,
            reason: reason.clone(),
            until: until.min(record.at + LONGEST),
        };
        match &record.entry {
            Entry::Overrode { state, over, against, reason, until } => {
                let (ruling, against) = (ruling(reason, *until), against.clone());
                self.overriding.take(record, Some(Override { state: *state, over: *over, against, ruling }));
            }
            Entry::OverrideEnded => self.overriding.take(record, None),
            Entry::Accepted { condition, what, rule, reason, until } => {
                let ruling = ruling(reason, *until);
                let acceptance = Acceptance { what: *what, rule: rule.clone(), ruling };
                self.accepted.entry(condition.clone()).or_default().take(record, Some(acceptance));
            }
            Entry::AcceptanceEnded { condition } => {
                self.accepted.entry(condition.clone()).or_default().take(record, None);
            }
            _ => {}
        }
    }

    /// The override that stands at `now`.
    pub fn overriding(&self, now: Wall) -> Option<&Override> {
        self.overriding.stands.as_ref().filter(|it| it.ruling.stands(now))
    }

    /// How a condition is accepted at `now`; one that says something else than it did then is not.
    pub fn acceptance(&self, spec: &ConditionSpec, now: Wall) -> Option<&Acceptance> {
        let acceptance = self.accepted.get(&spec.name)?.stands.as_ref()?;
        (acceptance.ruling.stands(now) && acceptance.rule == spec.rule()).then_some(acceptance)
    }

    /// Whether `what` of a condition is accepted at `now`.
    pub fn accepts(&self, spec: &ConditionSpec, what: Accepts, now: Wall) -> bool {
        self.acceptance(spec, now).is_some_and(|it| it.what == what)
    }

    /// What stands at `now`, in words: a rollout that ends leaves it behind.
    pub fn left(&self, now: Wall) -> Vec<String> {
        let overriding = self.overriding(now);
        let overriding =
            overriding.map(|it| format!("the verdict is {} {}", it.state.word(), it.ruling.words()));
        let accepted = self.accepted.iter().filter_map(|(name, word)| Some((name, word.stands.as_ref()?)));
        let accepted = accepted
            .filter(|(_, it)| it.ruling.stands(now))
            .map(|(name, it)| format!("{name} is accepted {} {}", it.what.words(), it.ruling.words()));
        overriding.into_iter().chain(accepted).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::VerdictState;
    use crate::domain::condition::{Comparator, Limit, Purpose};
    use crate::model::conditions::tests::spec;

    fn above(limit: f64) -> ConditionSpec {
        let errors =
            spec("metric.error_rate", Limit { op: Comparator::Gt, value: limit }, Purpose::Criterion);
        ConditionSpec { name: "errors".into(), unit: "%".into(), ..errors }
    }

    fn record(second: i64, entry: Entry) -> Record {
        let by = "ines".into();
        Record { seq: 1, at: at(second), by, role: Clean::default(), entry, hash: String::new(), late: false }
    }

    fn at(second: i64) -> Wall {
        Wall::default() + TimeDelta::seconds(second)
    }

    fn overrode(state: VerdictState, until: i64) -> Entry {
        let (reason, until) = ("load test".into(), at(until));
        Entry::Overrode { state, over: VerdictState::Hold, against: Vec::new(), reason, until }
    }

    fn accepted(what: Accepts) -> Entry {
        let (condition, rule) = ("errors".to_owned(), above(5.0).rule());
        Entry::Accepted { condition, what, rule, reason: "known".into(), until: at(60) }
    }

    fn state(rulings: &Rulings, now: i64) -> Option<VerdictState> {
        rulings.overriding(at(now)).map(|it| it.state)
    }

    #[test]
    fn the_newest_word_stands_until_its_end_or_until_it_is_taken_back() {
        let mut rulings = Rulings::default();
        rulings.record(&record(1, overrode(VerdictState::Go, 100)));
        rulings.record(&record(2, overrode(VerdictState::NoGo, 50)));
        assert_eq!(state(&rulings, 49), Some(VerdictState::NoGo));
        assert_eq!(state(&rulings, 50), None, "the first one does not come back");
        rulings.record(&record(3, overrode(VerdictState::Go, 100)));
        rulings.record(&record(4, Entry::OverrideEnded));
        assert_eq!(state(&rulings, 5), None);
        rulings.record(&record(5, overrode(VerdictState::Go, i64::from(u32::MAX))));
        assert_eq!(state(&rulings, 5 + 7 * 86_400), None, "no word stands for longer than a week");
    }

    #[test]
    fn a_word_that_was_written_late_does_not_replace_what_was_said_after_it() {
        let late = |second, entry| Record { late: true, ..record(second, entry) };
        let mut rulings = Rulings::default();
        rulings.record(&record(30, overrode(VerdictState::NoGo, 100)));
        rulings.record(&late(10, overrode(VerdictState::Go, 100)));
        assert_eq!(state(&rulings, 40), Some(VerdictState::NoGo));
        rulings.record(&record(35, Entry::OverrideEnded));
        rulings.record(&late(20, overrode(VerdictState::Go, 100)));
        assert_eq!(state(&rulings, 40), None, "it was taken back after that");
        rulings.record(&late(38, overrode(VerdictState::Hold, 100)));
        assert_eq!(state(&rulings, 40), Some(VerdictState::Hold));
    }

    #[test]
    fn what_is_accepted_is_that_and_nothing_else() {
        let mut rulings = Rulings::default();
        rulings.record(&record(1, accepted(Accepts::Failing)));
        assert!(rulings.accepts(&above(5.0), Accepts::Failing, at(59)));
        assert!(!rulings.accepts(&above(5.0), Accepts::Unseen, at(59)));
        assert!(!rulings.accepts(&above(5.0), Accepts::Failing, at(60)));
        assert!(!rulings.accepts(&above(1.0), Accepts::Failing, at(59)), "its limit is another now");
        assert_eq!(rulings.left(at(59)), ["errors is accepted as expected by ines until 00:01: known"]);
        assert_eq!(rulings.left(at(60)), Vec::<String>::new());
        rulings.record(&record(2, Entry::AcceptanceEnded { condition: "errors".into() }));
        assert!(!rulings.accepts(&above(5.0), Accepts::Failing, at(3)));
    }
}
