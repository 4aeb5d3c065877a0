//! Whom a stream speaks of: the address says it, unless the events themselves name their revisions.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::event::{EventsDelta, MAX_REVISIONS};
use crate::domain::{Clean, Mono, Origin};

/// The window of the readings that this is the origin of.
const WINDOW: Duration = Duration::from_mins(1);

/// Revisions by when they were heard of last.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Whose {
    address: Origin,
    spoke: BTreeMap<Clean, Mono>,
    failed: BTreeMap<Clean, Mono>,
    /// When an incomplete run ended that named no revision.
    failed_unnamed: Option<Mono>,
}

impl Whose {
    pub(super) fn take(&mut self, delta: &EventsDelta) {
        let at = delta.at;
        self.address.clone_from(&delta.origin);
        note(&mut self.spoke, delta.revisions.iter(), at);
        note(&mut self.failed, delta.incomplete_on.iter().map(|(name, _)| name), at);
        let named: u64 = delta.incomplete_on.iter().map(|(_, n)| n).sum();
        if delta.runs.incomplete > named {
            self.failed_unnamed = Some(at);
        }
    }

    /// Whom the stream speaks of.
    pub(super) fn origin(&self, now: Mono) -> Origin {
        one_of(&self.spoke, now).unwrap_or_else(|| self.address.clone())
    }

    /// Whose runs ended incomplete.
    pub(super) fn faults(&self, now: Mono) -> Origin {
        let unnamed = self.failed_unnamed.is_some_and(|at| now.since(at) <= WINDOW);
        one_of(&self.failed, now).filter(|_| !unnamed).unwrap_or_else(|| self.origin(now))
    }
}

fn note<'a>(map: &mut BTreeMap<Clean, Mono>, names: impl Iterator<Item = &'a Clean>, at: Mono) {
    for name in names {
        map.insert(name.clone(), at);
    }
    while map.len() > MAX_REVISIONS {
        let oldest = map.iter().min_by_key(|(_, at)| **at).map(|(name, _)| name.clone());
        oldest.and_then(|name| map.remove(&name));
    }
}

/// The one revision heard of within the window, or that there were several; `None`: none.
fn one_of(map: &BTreeMap<Clean, Mono>, now: Mono) -> Option<Origin> {
    let mut names = map.iter().filter(|(_, at)| now.since(**at) <= WINDOW).map(|(name, _)| name);
    let first = names.next()?;
    Some(if names.next().is_some() { Origin::Mixed } else { Origin::Revision(first.to_string()) })
}
