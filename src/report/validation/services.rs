//! What was deployed: before, the candidate, and after, by the splits that were recorded.

use std::collections::BTreeMap;

use crate::domain::revision::{short_name, suffix};
use crate::domain::room::{ProbeKind, Service as Spec};
use crate::domain::{Clean, Entry, OpId, OpKind, OpState, Record, Room, TrafficTarget, Wall};

use super::Input;
use super::facts::{At, Revision, Said, Service, T0};
use super::scope::Scope;

/// The splits and revisions of one service.
#[derive(Debug, Default)]
pub(super) struct History<'a> {
    /// The newest split before the report's time.
    before: Option<&'a [TrafficTarget]>,
    /// Those in it.
    splits: Vec<(&'a Record, &'a [TrafficTarget])>,
    /// Images by revision.
    images: BTreeMap<&'a str, &'a Clean>,
    /// The first record that names a revision.
    seen: BTreeMap<&'a str, u64>,
    /// The first rollback to a revision.
    back: BTreeMap<&'a str, u64>,
}

/// The histories of all services that the records name. An act that became effective is a split too: whoever acted may
/// have left before the room read it.
pub(super) fn histories<'a>(room: &'a Room, scope: &Scope<'a>) -> BTreeMap<&'a str, History<'a>> {
    let mut acts: BTreeMap<&OpId, (&'a str, &'a [TrafficTarget])> = BTreeMap::new();
    let mut all: BTreeMap<&'a str, History<'a>> = BTreeMap::new();
    let records = scope.earlier.iter().map(|record| (false, record));
    for (inside, record) in records.chain(scope.until_end().map(|record| (true, record))) {
        let split = match &record.entry {
            Entry::Split { service, split, .. } => Some((service.as_str(), split.as_slice())),
            Entry::Progress { op, state: OpState::Effective, .. } => acts.remove(op),
            _ => None,
        };
        if let Some((service, split)) = split {
            let history = all.entry(service).or_default();
            for name in serving(split) {
                history.seen.entry(name).or_insert(record.seq);
            }
            if inside {
                history.splits.push((record, split));
            } else {
                history.before = Some(split);
            }
        }
        match &record.entry {
            Entry::Intent { op, act, .. } => {
                if let OpKind::Rollback(change) | OpKind::Traffic(change) = act
                    && !change.follows_latest()
                {
                    let ours = room.place_of(act).and_then(|ix| room.service(ix));
                    let name = ours.map_or(short_name(&change.resource), |ours| &ours.name);
                    acts.insert(op, (name, &change.after));
                    if matches!(act, OpKind::Rollback(_)) {
                        let back = &mut all.entry(name).or_default().back;
                        back.entry(&change.to).or_insert(record.seq);
                    }
                }
            }
            Entry::Deployed { service, revision, image } => {
                let history = all.entry(service).or_default();
                history.images.insert(revision, image);
                history.seen.entry(revision).or_insert(record.seq);
            }
            _ => {}
        }
    }
    all
}

impl<'a> History<'a> {
    /// The split with which the report's time begins.
    fn first(&self) -> Option<&'a [TrafficTarget]> {
        self.before.or_else(|| self.splits.first().map(|(_, split)| *split))
    }

    /// The newest split, and its record.
    pub(super) fn last(&self) -> Option<(&'a Record, &'a [TrafficTarget])> {
        self.splits.last().copied()
    }

    /// Revisions that got traffic in this time, not by a rollback, and had none at its beginning; with the split that gave
    /// it, in order.
    fn arrived(&self) -> Vec<(&'a Record, &'a str)> {
        let first = self.first().unwrap_or_default();
        let mut found: Vec<(&'a Record, &'a str)> = Vec::new();
        for (record, split) in &self.splits {
            for name in serving(split) {
                let known =
                    serving(first).chain(found.iter().map(|(_, known)| *known)).any(|known| known == name);
                if !known && self.back.get(name).is_none_or(|begun| record.seq < *begun) {
                    found.push((record, name));
                }
            }
        }
        found
    }

    /// The first split that gave traffic to a new revision: its record, and the revision.
    pub(super) fn first_traffic(&self) -> Option<(&'a Record, &'a str)> {
        self.arrived().first().copied()
    }

    /// What was rolled out: the newest of the new revisions; else one beside the largest that is newer than it.
    pub(super) fn candidate(&self) -> Option<&'a str> {
        let first = self.first()?;
        let new = self.arrived().into_iter().map(|(_, name)| name).max();
        // It may have had its share before the first record.
        new.or_else(|| serving(first).filter(|name| Some(*name) > largest(first)).max())
    }

    fn revision(&self, name: &str) -> Revision {
        let image = self.images.get(name).map(|image| (*image).clone());
        Revision {
            name: name.to_owned(),
            image: image.filter(|image| !image.is_empty()),
            record: self.seen.get(name).copied(),
        }
    }
}

/// The revisions with a share; one that follows the latest has no name there.
fn serving(split: &[TrafficTarget]) -> impl Iterator<Item = &str> {
    split.iter().filter(|target| target.percent > 0).filter_map(|target| target.revision.as_deref())
}

/// The revision with the largest share.
fn largest(split: &[TrafficTarget]) -> Option<&str> {
    let named = split.iter().filter(|target| target.percent > 0 && target.revision.is_some());
    named.max_by_key(|target| target.percent)?.revision.as_deref()
}

/// A split in words: `00417-hux 90 %, 00418-ral 10 %`.
pub(super) fn split_words(service: &str, split: &[TrafficTarget]) -> String {
    let share = |target: &TrafficTarget| {
        let name = target.revision.as_deref().map_or("the latest revision", |name| suffix(service, name));
        format!("{name} {} %", target.percent)
    };
    let parts: Vec<String> = split.iter().filter(|target| target.percent > 0).map(share).collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

/// One row for each service of the room.
pub(super) fn services(input: &Input<'_>, histories: &BTreeMap<&str, History<'_>>) -> Vec<Service> {
    let none = History::default();
    let row = |spec: &Spec| {
        let history = histories.get(spec.name.as_str()).unwrap_or(&none);
        let last = history.last().map(|(record, split)| (record.seq, split));
        let end = last.map(|(_, split)| split).or(history.first());
        Service {
            name: spec.name.clone(),
            url: url(input, spec),
            url_basis: url(input, spec)
                .map(|_| if by_platform(input, spec).is_some() { "platform" } else { "config" }),
            before: history.first().and_then(largest).map(|name| history.revision(name)),
            candidate: history.candidate().map(|name| history.revision(name)),
            after: end.and_then(largest).map(|name| history.revision(name)),
            split: end.map(|split| split_words(&spec.name, split)),
            record: last.map(|(record, _)| record),
        }
    };
    input.room.services.iter().map(row).collect()
}

/// Where a service is reached: as its platform says, else where its first probe asks. No path, no query, no name and
/// password: they may be secret, and say nothing of the service.
fn url(input: &Input<'_>, spec: &Spec) -> Option<String> {
    let probe = || {
        spec.probes.iter().find_map(|probe| match &probe.kind {
            ProbeKind::Http { url, .. } => Some(url.as_str()),
            ProbeKind::Tcp { .. } | ProbeKind::Postgres { .. } | ProbeKind::Redis { .. } => None,
        })
    };
    let (scheme, rest) = by_platform(input, spec).or_else(probe)?.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.rsplit('@').next()?;
    (!host.is_empty()).then(|| format!("{scheme}://{host}"))
}

fn by_platform<'a>(input: &Input<'a>, spec: &Spec) -> Option<&'a str> {
    let live = input.live?.urls.iter().find(|(name, _)| *name == spec.name);
    live.map(|(_, url)| url.as_str())
}

/// The first time that a candidate of any service got traffic, by the splits.
pub(super) fn derived_t0(histories: &BTreeMap<&str, History<'_>>) -> Option<T0> {
    let all = histories.values().filter_map(History::first_traffic);
    let (record, _) = all.min_by_key(|(record, _)| record.at)?;
    Some(T0 { at: At(record.at), basis: "derived", record: Some(record.seq) })
}

/// Changes of a split that no operation of the room asked for: nothing was effective within a minute of them. `acted`
/// has when operations became effective, by service.
pub(super) fn outside(histories: &BTreeMap<&str, History<'_>>, acted: &[(String, Wall)]) -> Vec<Said> {
    let mut changes = Vec::new();
    for (service, history) in histories {
        let mut before = history.before;
        for (record, split) in &history.splits {
            let same = before.is_none_or(|before| crate::domain::revision::same_shares(before, split));
            let near =
                |(of, at): &(String, Wall)| of == service && (record.at - *at).num_seconds().abs() <= 60;
            if !same && !acted.iter().any(near) {
                let by = match &record.entry {
                    Entry::Split { by, .. } if !by.is_empty() => format!(", by {by}"),
                    _ => String::new(),
                };
                let text = format!("{service} went to {}{by}", split_words(service, split));
                changes.push(Said { text, record: Some(record.seq) });
            }
            before = Some(split);
        }
    }
    changes.sort_by_key(|change| change.record);
    changes
}
