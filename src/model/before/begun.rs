//! Which deployments there are that are compared with the time before them, and what is recorded of that time: folded from
//! the records, so that it is the same in each console and after each restart.

use std::collections::BTreeMap;

use crate::domain::rollout::Seen;
use crate::domain::{Clean, Entry, Outcome, Record, Rollout, Wall};

use super::tried::Tried;

/// Seconds in which the first traffic of a candidate belongs to its being seen: only later ones begin anything.
const AT_ONCE: i64 = 60;

/// What is deployed to one service.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Begun {
    /// The record with which it began: what is kept of the time before names it.
    pub(super) of: u64,
    /// When that was.
    pub(super) at: Wall,
    /// It was seen without traffic before.
    pub(super) seen: bool,
    /// What is deployed; none: nothing that the room sees.
    image: Option<Clean>,
    pub(super) revision: Option<String>,
    /// The means as recorded, and the record with which began what they were taken for.
    means: BTreeMap<String, f64>,
    means_of: u64,
}

/// The deployments of one rollout, by service.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Begins {
    rollout: Option<String>,
    /// It is over.
    ended: bool,
    t0: Option<Wall>,
    by_service: BTreeMap<String, Begun>,
    /// Those of the rollout before.
    earlier: BTreeMap<String, Begun>,
    tried: Tried,
}

impl Begun {
    fn new(record: &Record, at: Wall, image: Option<Clean>, revision: Option<String>) -> Self {
        let (means, means_of) = (BTreeMap::new(), record.seq);
        Self { of: record.seq, at, seen: false, image, revision, means, means_of }
    }

    /// Whether it is recorded what this metric was before it.
    pub(super) fn has(&self, metric: &str) -> bool {
        self.means_of == self.of && self.means.contains_key(metric)
    }

    /// The first mean of a metric is that of the time before it; whatever came later saw the deployment.
    fn keep(&mut self, means: &BTreeMap<String, f64>) {
        if self.means_of != self.of {
            self.means.clear();
        }
        self.means_of = self.of;
        for (metric, mean) in means {
            self.means.entry(metric.clone()).or_insert(*mean);
        }
    }
}

impl Begins {
    /// A record was taken in, and `rollout` is what it led to.
    pub(super) fn record(&mut self, record: &Record, rollout: Option<&Rollout>, services: &[String]) {
        let id = rollout.map(|rollout| rollout.id.as_str());
        let (same, t0) =
            (self.rollout.as_deref() == id, rollout.and_then(|it| it.t0.as_ref()).map(|it| it.at));
        self.tried.record(&record.entry, record.at);
        if let Entry::RolloutBegan { candidates, .. } = &record.entry {
            let images = candidates.iter().map(|(service, seen)| (service.as_str(), &seen.image));
            self.carry_over(&images.collect());
        } else if !same {
            self.earlier = std::mem::take(&mut self.by_service);
        }
        self.rollout = id.map(str::to_owned);
        self.ended = rollout.is_some_and(|rollout| !rollout.is_open());
        // Another candidate took the place of the one whose traffic began then: what went with that begins anew too.
        if same && self.t0.is_some() && t0.is_none() {
            self.by_service.retain(|_, begun| begun.image.is_some());
        }
        let moved = std::mem::replace(&mut self.t0, t0) != t0;
        match &record.entry {
            Entry::RolloutBegan { candidates, .. } => {
                for service in services {
                    if !self.by_service.contains_key(service) {
                        self.begin(service, record, t0.unwrap_or(record.at), candidates.get(service));
                    }
                }
            }
            // What the rollout does not take for its candidate begins nothing.
            Entry::Candidate { service, seen, .. }
                if rollout.and_then(|it| it.candidates.get(service)) == Some(seen) =>
            {
                let known = self.by_service.get(service).and_then(|begun| begun.image.as_ref());
                if known != Some(&seen.image) {
                    self.begin(service, record, record.at, Some(seen));
                }
            }
            Entry::RolloutEnded { outcome: Outcome::Completed, .. } => {
                for (service, seen) in rollout.iter().flat_map(|it| &it.candidates) {
                    self.tried.stays(service, &seen.image);
                }
            }
            Entry::T0 { at, .. } if moved => self.got_traffic(record, *at, services),
            Entry::Before { service, means, of, .. } => {
                let begun = self.by_service.get_mut(service);
                // What was taken for another one says nothing of this one.
                if let Some(begun) = begun.filter(|begun| of.is_none_or(|of| of == begun.of)) {
                    begun.keep(means);
                }
            }
            _ => {}
        }
    }

    /// Something is deployed. Where what was rolled out before it had traffic in the hour before, the time before is still that
    /// before that one: what it made of the numbers is nothing to be compared with.
    fn begin(&mut self, service: &str, record: &Record, at: Wall, seen: Option<&Seen>) {
        let (image, revision) = seen.cloned().map(|seen| (seen.image, seen.revision)).unzip();
        let earlier = self.by_service.get(service).or_else(|| self.earlier.get(service));
        let earlier =
            earlier.filter(|_| image.is_some() && self.tried.served_before(service, image.as_ref(), at));
        let begun = match earlier.cloned() {
            Some(earlier) => Begun { image, ..earlier },
            None => Begun::new(record, at, image, revision),
        };
        self.by_service.insert(service.to_owned(), begun);
        if let Some(seen) = seen {
            self.tried.tries(service, &seen.revision, &seen.image);
        }
    }

    /// A person begins a rollout of what the room saw already: it is the same deployment, unless that one was over.
    fn carry_over(&mut self, images: &BTreeMap<&str, &Clean>) {
        let ended = self.ended;
        let all = std::mem::take(&mut self.by_service);
        (self.by_service, self.earlier) = all.into_iter().partition(|(service, begun)| {
            !ended && begun.image.is_some() && begun.image.as_ref() == images.get(service.as_str()).copied()
        });
    }

    /// The time before is that before the first traffic. Where it came later than the candidate, what was kept for that one
    /// goes on to count until the new means are there: it is the same candidate, and had no traffic then either.
    fn got_traffic(&mut self, record: &Record, at: Wall, services: &[String]) {
        for service in services {
            let new = || Begun::new(record, at, None, None);
            let begun = self.by_service.entry(service.clone()).or_insert_with(new);
            let again = self.tried.served_before(service, begun.image.as_ref(), at);
            if (at - begun.at).num_seconds() > AT_ONCE && !again {
                (begun.of, begun.at, begun.seen) = (record.seq, at, begun.image.is_some());
            }
        }
    }

    /// What is deployed to this service.
    pub(super) fn of(&self, service: &str) -> Option<&Begun> {
        self.by_service.get(service)
    }

    /// What a metric was before that.
    pub(super) fn mean(&self, service: &str, metric: &str) -> Option<f64> {
        self.of(service)?.means.get(metric).copied()
    }
}
