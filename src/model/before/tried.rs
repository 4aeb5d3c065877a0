//! What was rolled out in vain, and when it had traffic: an hour in which that served is no time before the next one.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::domain::revision::digest;
use crate::domain::{Clean, Entry, TrafficTarget, Wall};

use super::heard::MINUTES;

/// As long as is looked back on.
const HOUR: TimeDelta = TimeDelta::minutes(MINUTES);

/// By service: what was rolled out, and what had traffic.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Tried {
    images: BTreeSet<(String, Clean)>,
    served: BTreeMap<(String, String), Served>,
}

/// The traffic of one revision.
#[derive(Debug, Clone, PartialEq, Default)]
struct Served {
    image: Clean,
    /// Since when it has all of it.
    all: Option<Wall>,
    /// When it had some last; none: it has some now.
    until: Option<Wall>,
    /// The same of the time before that.
    before: Option<Wall>,
    /// It had all of it for so long that it is what served before whatever comes next.
    stayed: bool,
}

impl Served {
    fn stays(&self, at: Wall) -> bool {
        self.stayed || self.all.is_some_and(|since| at - since >= HOUR)
    }

    /// Whether it had some in the hour before; `again`: an earlier time than that which it has now.
    fn within_the_hour(&self, at: Wall, again: bool) -> bool {
        let until = self.until.or(self.before.filter(|_| again));
        until.map_or(!again, |until| at - until < HOUR)
    }
}

impl Tried {
    /// A revision was made, or the traffic moved.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other kinds say nothing of what serves")]
    pub(super) fn record(&mut self, entry: &Entry, at: Wall) {
        match entry {
            Entry::Deployed { service, revision, image } => {
                let (key, image) = ((service.clone(), revision.clone()), Clean::new(digest(image)));
                let until = Some(Wall::MIN_UTC);
                self.served.insert(key, Served { image, until, ..Served::default() });
            }
            Entry::Split { service, split, .. } => self.moved(service, split, at),
            _ => {}
        }
    }

    fn moved(&mut self, service: &str, split: &[TrafficTarget], at: Wall) {
        let of = |name: &str| {
            let named = split.iter().filter(|target| target.revision.as_deref() == Some(name));
            named.map(|target| target.percent).max().unwrap_or(0)
        };
        for name in split.iter().filter_map(|target| target.revision.as_deref()) {
            let new = || Served { until: Some(Wall::MIN_UTC), ..Served::default() };
            self.served.entry((service.to_owned(), name.to_owned())).or_insert_with(new);
        }
        for ((_, name), served) in self.served.iter_mut().filter(|((of, _), _)| of == service) {
            let share = of(name);
            served.stayed = served.stays(at);
            served.all = if share == 100 { served.all.or(Some(at)) } else { None };
            served.before = if share > 0 { served.until.or(served.before) } else { served.before };
            served.until = if share > 0 { None } else { served.until.or(Some(at)) };
        }
    }

    /// This is rolled out.
    pub(super) fn tries(&mut self, service: &str, revision: &str, image: &Clean) {
        self.images.insert((service.to_owned(), image.clone()));
        let new = || Served { until: Some(Wall::MIN_UTC), ..Served::default() };
        let served = self.served.entry((service.to_owned(), revision.to_owned())).or_insert_with(new);
        served.image.clone_from(image);
        served.stayed = false;
    }

    /// A person said that it stays.
    pub(super) fn stays(&mut self, service: &str, image: &Clean) {
        self.images.remove(&(service.to_owned(), image.clone()));
    }

    /// Whether something that was tried had traffic in the hour before, and had not taken all of it long before: something else,
    /// or the same at an earlier time.
    pub(super) fn served_before(&self, service: &str, image: Option<&Clean>, at: Wall) -> bool {
        let tried =
            |of: &str, it: &Served| of == service && self.images.contains(&(of.to_owned(), it.image.clone()));
        let mut all = self.served.iter().filter(|((of, _), it)| tried(of, it));
        all.any(|(_, it)| it.within_the_hour(at, Some(&it.image) == image) && !it.stays(at))
    }
}
