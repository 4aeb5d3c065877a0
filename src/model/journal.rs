//! The journal as the room reads it: the newest records, up to where each person has read, which services are locked,
//! and when each revision last served everything. `words` tells a record in plain words.

mod folded;
mod served;
mod words;

use std::collections::{BTreeMap, VecDeque};

use crate::domain::revision::same_shares;
use crate::domain::{Clean, Entry, FullTime, OpId, Record, TrafficTarget, Wall};

pub use folded::Folded;
pub use words::Weight;

/// Records kept for reading; the store keeps all.
const KEPT: usize = 2_000;
/// Revisions whose time at 100 % is remembered: more than anybody rolls back over.
const MOST_FULL: usize = 500;

/// The sub-state.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Journal {
    records: VecDeque<Record>,
    looked: BTreeMap<Clean, u64>,
    acts: BTreeMap<OpId, &'static str>,
    head: u64,
    checked: Option<u64>,
    damage: Option<Clean>,
    refused: Option<Clean>,
    locked: BTreeMap<String, Wall>,
    released: BTreeMap<String, Wall>,
    splits: BTreeMap<String, (Wall, Vec<TrafficTarget>)>,
    full: BTreeMap<(String, String), FullTime>,
    /// When each service was first seen to serve.
    first: BTreeMap<String, Wall>,
}

impl Journal {
    /// Takes in a record.
    pub fn record(&mut self, record: &Record) {
        if record.seq <= self.head {
            return;
        }
        self.head = record.seq;
        self.refused = None;
        if let Entry::Looked { seq } = record.entry {
            self.looked.insert(record.by.clone(), seq);
            return;
        }
        // One a minute would push out what people read.
        let untold = match &record.entry {
            Entry::Measured(_) | Entry::ActiveRun { .. } => true,
            Entry::Stage(step) => !super::stages::is_told(step),
            _ => false,
        };
        if untold {
            return;
        }
        self.fold(record);
        if self.records.len() == KEPT
            && let Some(Record { entry: Entry::Intent { op, .. }, .. }) = self.records.pop_front()
        {
            self.acts.remove(&op);
        }
        self.records.push_back(record.clone());
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the other kinds change nothing but the list")]
    fn fold(&mut self, record: &Record) {
        match &record.entry {
            Entry::Intent { op, act, .. } => {
                self.acts.insert(op.clone(), act.word());
            }
            Entry::Lock { service, locked: true } => {
                self.locked.insert(service.clone(), record.at);
            }
            Entry::Lock { service, .. } => {
                self.locked.remove(service);
                self.released.insert(service.clone(), record.at);
            }
            Entry::Split { service, split, healthy, .. } => {
                self.served(service, split, *healthy, record.at);
            }
            _ => {}
        }
    }

    /// The opinion in a split's record is about what served until then.
    fn served(&mut self, service: &str, split: &[TrafficTarget], healthy: Option<bool>, at: Wall) {
        self.first.entry(service.to_owned()).or_insert(at);
        let before = self.splits.get(service).cloned();
        let since =
            before.as_ref().filter(|(_, before)| same_shares(before, split)).map_or(at, |(since, _)| *since);
        self.splits.insert(service.to_owned(), (since, split.to_vec()));
        let old = before.as_ref().and_then(|(_, split)| sole(split)).map(str::to_owned);
        let new = sole(split);
        if let Some(old) = &old {
            let known = self.full.get_mut(&(service.to_owned(), old.clone()));
            if let Some(full) = known {
                full.healthy = healthy.or(full.healthy);
                full.until = (new != Some(old)).then_some(at);
            }
        }
        if let Some(new) = new.filter(|new| old.as_deref() != Some(new)) {
            let full = FullTime { since: at, until: None, healthy: None };
            self.full.insert((service.to_owned(), new.to_owned()), full);
        }
        if self.full.len() > MOST_FULL {
            let oldest = self.full.iter().min_by_key(|(_, full)| full.since).map(|(key, _)| key.clone());
            oldest.and_then(|key| self.full.remove(&key));
        }
    }

    /// Whether deploys and flips forward of `service` are locked.
    pub fn locked(&self, service: &str) -> bool {
        self.locked.contains_key(service)
    }

    /// Since when the way forward of `service` is locked.
    pub fn locked_since(&self, service: &str) -> Option<Wall> {
        self.locked.get(service).copied()
    }

    /// When the lock of `service` was released last.
    pub fn released(&self, service: &str) -> Option<Wall> {
        self.released.get(service).copied()
    }

    /// When `revision` of `service` last had all the traffic, as far as the records tell.
    pub fn last_full(&self, service: &str, revision: &str) -> Option<FullTime> {
        self.full.get(&(service.to_owned(), revision.to_owned())).copied()
    }

    /// When the room first saw what `service` serves: it may have done so for long.
    pub fn first_seen(&self, service: &str) -> Option<Wall> {
        self.first.get(service).copied()
    }

    /// Since when `service` serves as it does, as far as the records tell.
    pub fn split_since(&self, service: &str) -> Option<Wall> {
        self.serving(service).map(|(since, _)| since)
    }

    /// The same, and how it serves.
    pub fn serving(&self, service: &str) -> Option<(Wall, &[TrafficTarget])> {
        self.splits.get(service).map(|(since, split)| (*since, split.as_slice()))
    }

    /// The chain was checked up to a record.
    pub fn checked(&mut self, seq: u64, damage: Option<Clean>) {
        self.checked = Some(seq);
        self.damage = damage;
    }

    /// The store refused a record because it cannot be written.
    pub fn unwritable(&mut self, error: Clean) {
        self.refused = Some(error);
    }

    /// The records, newest first.
    pub fn newest(&self) -> impl DoubleEndedIterator<Item = &Record> + ExactSizeIterator {
        self.records.iter().rev()
    }

    /// The number of the newest record; 0: none.
    pub fn head(&self) -> u64 {
        self.head
    }

    /// Up to which record the chain was checked, if it was.
    pub fn checked_up_to(&self) -> Option<u64> {
        self.checked
    }

    /// What is wrong with the chain.
    pub fn damage(&self) -> Option<&Clean> {
        self.damage.as_ref()
    }

    /// Why the store could not be written the last time; gone with the next record.
    pub fn cannot_write(&self) -> Option<&Clean> {
        self.refused.as_ref()
    }

    /// Up to which record this person has looked at the story; 0: never.
    pub fn looked(&self, who: &Clean) -> u64 {
        self.looked.get(who).copied().unwrap_or(0)
    }

    /// The records in which a person reads what happened, newest first: without the room's own small print.
    pub fn story(&self) -> impl Iterator<Item = &Record> {
        self.newest().filter(|record| !matches!(record.entry, Entry::Other))
    }
}

/// The one revision that has everything.
fn sole(split: &[TrafficTarget]) -> Option<&str> {
    split.iter().find(|target| target.percent == 100)?.revision.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{OpKind, OpState, VerdictState};

    fn record(seq: u64, by: &str, entry: Entry) -> Record {
        Record {
            seq,
            at: Wall::default(),
            by: by.into(),
            role: Clean::default(),
            entry,
            hash: String::new(),
            late: false,
        }
    }

    #[test]
    fn records_are_told_in_words() {
        let mut journal = Journal::default();
        let op = OpId("x".into());
        let change = crate::domain::FlagChange {
            service: crate::domain::ServiceIx(0),
            resource: "r".into(),
            flag: "SESSION_RESUME".into(),
            variable: "SESSION_RESUME".into(),
            before: None,
            after: "true".into(),
            etag: String::new(),
            generation: 1,
            frozen_at: Wall::default(),
            ..crate::domain::FlagChange::default()
        };
        let entries = [
            Entry::Noted { text: "holding for QA".into() },
            Entry::Verdict {
                from: VerdictState::Go,
                to: VerdictState::NoGo,
                reasons: vec!["closes 4401 12.4/min".into()],
            },
            Entry::Intent { op: op.clone(), act: OpKind::Flag(change), reason: "".into(), evidence: vec![] },
            Entry::progress(op, OpState::Unknown, "no answer for 30s".into()),
            Entry::Link { source: "events".into(), up: false, error: "refused".into() },
        ];
        for (seq, entry) in (1..).zip(entries) {
            journal.record(&record(seq, "mara", entry));
        }
        let told: Vec<_> = journal.newest().rev().map(|record| journal.words(record)).collect();
        assert_eq!(
            told,
            [
                (Weight::Plain, "note: holding for QA".to_owned()),
                (Weight::Bad, "verdict GO → NO-GO: closes 4401 12.4/min".to_owned()),
                (Weight::Warn, "flip SESSION_RESUME not set → true requested".to_owned()),
                (Weight::Unknown, "flag UNKNOWN: no answer for 30s".to_owned()),
                (Weight::Unknown, "events is down: refused".to_owned()),
            ]
        );
    }

    #[test]
    fn what_a_person_has_read_is_theirs_and_records_are_taken_once() {
        let mut journal = Journal::default();
        journal.record(&record(1, "sam", Entry::Noted { text: "a".into() }));
        journal.record(&record(1, "sam", Entry::Noted { text: "again".into() }));
        journal.record(&record(2, "mara", Entry::Looked { seq: 1 }));
        assert_eq!((journal.looked(&"mara".into()), journal.looked(&"sam".into())), (1, 0));
        assert_eq!((journal.head(), journal.newest().len()), (2, 1));
    }

    #[test]
    fn memory_is_bounded() {
        let mut journal = Journal::default();
        for seq in 1..=3 * KEPT as u64 {
            journal.record(&record(seq, "sam", Entry::Noted { text: "a".into() }));
        }
        assert_eq!(journal.newest().len(), KEPT);
        let op = |n: u64| OpId(format!("op-{n}"));
        for n in 0..3 * KEPT as u64 {
            let change = crate::domain::TrafficChange {
                service: crate::domain::ServiceIx(0),
                resource: "r".into(),
                to: "a".into(),
                before: vec![],
                after: vec![],
                generation: 1,
                etag: String::new(),
                frozen_at: Wall::default(),
            };
            let intent = Entry::Intent {
                op: op(n),
                act: OpKind::Rollback(change),
                reason: "".into(),
                evidence: vec![],
            };
            journal.record(&record(10_000 + n, "sam", intent));
        }
        assert_eq!(journal.acts.len(), KEPT);
        assert!(journal.acts.contains_key(&op(3 * KEPT as u64 - 1)), "the newest is told by its name");
        for n in 0..3 * MOST_FULL as u64 {
            journal.record(&split(100_000 + n, n.cast_signed(), &format!("r{n:05}"), 100, None));
        }
        assert_eq!(journal.full.len(), MOST_FULL);
        let newest = format!("r{:05}", 3 * MOST_FULL - 1);
        assert!(
            journal.last_full("chat", &newest).is_some() && journal.last_full("chat", "r00000").is_none()
        );
    }

    fn split(seq: u64, minute: i64, revision: &str, percent: u8, healthy: Option<bool>) -> Record {
        let target = |revision: &str, percent| TrafficTarget {
            revision: Some(revision.into()),
            percent,
            tag: None,
            uri: None,
        };
        let mut split = vec![target(revision, percent)];
        if percent < 100 {
            split.push(target("b", 100 - percent));
        }
        let entry = Entry::Split {
            service: "chat".into(),
            split,
            healthy,
            by: "".into(),
            follows_latest: false,
            again: false,
        };
        Record { at: at(minute), ..record(seq, "room", entry) }
    }

    fn at(minute: i64) -> Wall {
        Wall::default() + chrono::TimeDelta::minutes(minute)
    }

    #[test]
    fn when_a_revision_served_everything_is_folded_from_the_splits() {
        let mut journal = Journal::default();
        journal.record(&split(1, 0, "a", 100, None));
        let open = FullTime { since: at(0), until: None, healthy: None };
        assert_eq!(journal.last_full("chat", "a"), Some(open));
        journal.record(&split(2, 5, "a", 100, Some(true)));
        assert_eq!(journal.last_full("chat", "a"), Some(FullTime { healthy: Some(true), ..open }));
        journal.record(&split(3, 9, "a", 90, None));
        let closed = FullTime { since: at(0), until: Some(at(9)), healthy: Some(true) };
        assert_eq!(journal.last_full("chat", "a"), Some(closed));
        journal.record(&split(4, 12, "b", 100, Some(false)));
        assert_eq!(
            journal.last_full("chat", "a"),
            Some(closed),
            "an opinion about a shared split is not a's"
        );
        assert_eq!(journal.last_full("chat", "b").map(|full| full.healthy), Some(None));
        journal.record(&split(5, 15, "a", 100, Some(false)));
        assert_eq!(
            journal.last_full("chat", "b"),
            Some(FullTime { since: at(12), until: Some(at(15)), healthy: Some(false) })
        );
        assert_eq!(journal.last_full("chat", "a").map(|full| full.since), Some(at(15)));
        assert_eq!(journal.last_full("other", "a"), None);
    }

    #[test]
    fn a_lock_holds_until_it_is_released() {
        let mut journal = Journal::default();
        journal.record(&record(1, "mara", Entry::Lock { service: "chat".into(), locked: true }));
        assert!(journal.locked("chat") && !journal.locked("other"));
        journal.record(&record(2, "sam", Entry::Lock { service: "chat".into(), locked: false }));
        assert!(!journal.locked("chat"));
    }
}
