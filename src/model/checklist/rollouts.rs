//! Rollouts, folded from the records.
//!
//! A rollout begins when a person says so. Without that, one begins with the first thing said of an item, or when a
//! candidate is first seen; and after one has ended, when another image is rolled out. What is said of items after its
//! end still belongs to it: cleaning up is part of a deployment.

use std::collections::{BTreeMap, VecDeque};

use crate::domain::revision::is_digest;
use crate::domain::rollout::{End, Seen, T0};
use crate::domain::stage::Step;
use crate::domain::{Clean, Entry, Outcome, Record, Rollout, Wall};

/// Ended rollouts that are remembered.
const KEPT: usize = 200;

/// The rollout, and those before it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rollouts {
    current: Option<Rollout>,
    before: VecDeque<Rollout>,
    /// The record since which gates prove something of what is rolled out: before it, there was another rollout, or
    /// another image.
    proves_since: u64,
}

impl Rollouts {
    /// Takes in a record; true when another rollout began with it, so that what was said before it does not count.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other kinds say nothing of a rollout")]
    pub fn record(&mut self, record: &Record) -> bool {
        match &record.entry {
            Entry::RolloutBegan { given, candidates, baseline, environment } => {
                let t0 = self.t0_of(candidates);
                let rollout = self.begin(record);
                (rollout.by, rollout.t0) = (Some(record.by.clone()), t0);
                rollout.given.clone_from(given);
                (rollout.candidates, rollout.baseline) = (candidates.clone(), baseline.clone());
                rollout.environment.clone_from(environment);
                self.proves_since = record.seq;
                return true;
            }
            Entry::Candidate { service, seen, .. } if self.came_from(service, seen) => {}
            Entry::Candidate { service, seen, baseline, environment } => {
                let fresh = self.current.as_ref().is_none_or(|rollout| {
                    let known = rollout.candidates.get(service).map(|known| &known.image);
                    !rollout.is_open() && known != Some(&seen.image)
                });
                let known = self.current.as_ref().and_then(|rollout| rollout.candidates.get(service));
                let replaced = known.is_some_and(|known| known.image != seen.image);
                if replaced || (fresh && self.current.is_some()) {
                    self.proves_since = record.seq;
                }
                if fresh {
                    self.begin(record).environment.clone_from(environment);
                }
                let rollout = self.open(record);
                // What took its place had no traffic yet. Beside others the rollout goes on.
                rollout.t0.take_if(|_| replaced && rollout.candidates.len() == 1);
                rollout.candidates.insert(service.clone(), seen.clone());
                if let Some(baseline) = baseline {
                    rollout.baseline.entry(service.clone()).or_insert_with(|| baseline.clone());
                }
                return fresh;
            }
            Entry::T0 { at, detected } => {
                let t0 = T0 { at: *at, detected: *detected, by: record.by.clone() };
                self.open(record).t0.get_or_insert(t0);
            }
            Entry::RolloutEnded { .. } => self.end(record),
            Entry::Intent { .. } => {
                if let Some(rollout) = self.current.as_mut().filter(|rollout| rollout.is_open()) {
                    rollout.acted.retain(|known| *known != record.by);
                    rollout.acted.push(record.by.clone());
                }
            }
            entry if begins(entry) => {
                self.open(record);
            }
            _ => {}
        }
        false
    }

    fn came_from(&self, service: &str, seen: &Seen) -> bool {
        self.current.as_ref().is_some_and(|rollout| rollout.came_from(service, &seen.revision))
    }

    fn end(&mut self, record: &Record) {
        let Entry::RolloutEnded { outcome, note, left, unsigned } = &record.entry else { return };
        if let Some(rollout) = self.current.as_mut().filter(|rollout| rollout.is_open()) {
            rollout.end = Some(End {
                at: record.at,
                by: record.by.clone(),
                outcome: *outcome,
                note: note.clone(),
                left: left.clone(),
                unsigned: *unsigned,
            });
        }
    }

    /// When these candidates got their first traffic, if they were rolled out before somebody said so.
    fn t0_of(&self, candidates: &BTreeMap<String, Seen>) -> Option<T0> {
        let images = |of: &BTreeMap<String, Seen>| -> Vec<(String, Clean)> {
            of.iter().map(|(service, seen)| (service.clone(), seen.image.clone())).collect()
        };
        let before = self.current.as_ref().filter(|before| {
            let back = before.end.as_ref().is_some_and(|end| end.outcome == Outcome::RolledBack);
            !back && !candidates.is_empty() && images(&before.candidates) == images(candidates)
        });
        before?.t0.clone()
    }

    fn begin(&mut self, record: &Record) -> &mut Rollout {
        if let Some(before) = self.current.take() {
            self.before.truncate(KEPT - 1);
            self.before.push_front(before);
        }
        self.open(record)
    }

    /// The rollout; begun with this record if there is none.
    fn open(&mut self, record: &Record) -> &mut Rollout {
        self.current.get_or_insert_with(|| Rollout {
            id: format!("r{}", record.seq),
            begun_at: record.at,
            ..Rollout::default()
        })
    }

    /// The rollout that what is said of items belongs to, over or not.
    pub fn current(&self) -> Option<&Rollout> {
        self.current.as_ref()
    }

    /// The rollouts that were completed, with when and by whom, newest first.
    pub fn completed(&self) -> impl Iterator<Item = (&Rollout, &End)> {
        let all = self.current.iter().chain(&self.before);
        let ended = all.filter_map(|rollout| Some((rollout, rollout.end.as_ref()?)));
        ended.filter(|(_, end)| end.outcome == Outcome::Completed)
    }

    /// Whether a person ended a rollout after that.
    pub fn ended_since(&self, at: Wall) -> bool {
        let ends = self.current.iter().chain(&self.before).filter_map(|rollout| rollout.end.as_ref());
        ends.map(|end| end.at).any(|end| end > at)
    }

    /// All images that completed rollouts rolled out, and what was given as their candidates. A digest that was given
    /// counts only where the traffic showed no image: what was seen is what ran.
    pub fn proven(&self) -> BTreeMap<Clean, u32> {
        let each = |(rollout, end): (&Rollout, &End)| {
            let seen = rollout.candidates.values().map(|seen: &Seen| seen.image.clone());
            let given = rollout.given.clone();
            let given = given.filter(|given| rollout.candidates.is_empty() || !is_digest(given));
            seen.chain(given).map(|image| (image, end.unsigned)).collect::<Vec<_>>()
        };
        let mut proven = BTreeMap::new();
        for (image, unsigned) in self.completed().flat_map(each) {
            let least = proven.entry(image).or_insert(unsigned);
            *least = unsigned.min(*least);
        }
        proven
    }

    /// The record since which gates prove something of what is rolled out.
    pub fn proves_since(&self) -> u64 {
        self.proves_since
    }

    /// What each service rolls out, as recorded.
    pub fn candidates(&self) -> BTreeMap<String, Seen> {
        self.current.as_ref().map(|rollout| rollout.candidates.clone()).unwrap_or_default()
    }
}

/// Whether a person who records this rolls out: what is said of an item, and who goes to a stage.
fn begins(entry: &Entry) -> bool {
    match entry {
        Entry::Ticked { .. } | Entry::Marked { .. } => true,
        Entry::Stage(step) => matches!(**step, Step::Entered { .. }),
        _ => false,
    }
}
