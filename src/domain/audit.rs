//! Changes of a service's traffic as Cloud Audit Logs tell them: of times that no journal of this room knows.

use serde::{Deserialize, Serialize};

use super::{Clean, Revision, ServiceIx, TrafficTarget, Wall};

/// A change of the service that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// When it was asked for.
    pub at: Wall,
    /// Who asked for it.
    pub by: Clean,
    /// The split that it asked for; `None`: it tells none.
    pub split: Option<Vec<TrafficTarget>>,
}

/// Cloud Audit Logs were asked for the changes of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRead {
    /// Of which.
    pub service: ServiceIx,
    /// How far back.
    pub since: Wall,
    /// The changes, in any order; or why they cannot be read.
    pub answer: Result<Vec<Change>, Clean>,
}

/// When a revision last was to have all the traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Full {
    /// From then on.
    pub since: Wall,
    /// Until another split was asked for; `None`: none was.
    pub until: Option<Wall>,
    /// No change tells its end: it was over by then, as the room saw.
    pub at_the_latest: bool,
    /// Who gave it the traffic.
    pub by: Clean,
}

/// When `revision` last was to have all the traffic, by `changes`. What followed the latest was the newest revision of then:
/// a deploy is a change itself, so the newest before the next change.
pub fn last_full(changes: &[Change], revisions: &[Revision], revision: &str) -> Option<Full> {
    let mut told: Vec<(&Change, &[TrafficTarget])> =
        changes.iter().filter_map(|change| Some((change, change.split.as_deref()?))).collect();
    told.sort_by_key(|(change, _)| change.at);
    let mut last: Option<Full> = None;
    for (at, (change, split)) in told.iter().enumerate() {
        let end = told.get(at + 1).map(|(next, _)| next.at);
        let has_all = sole(split, revisions, end) == Some(revision);
        match &mut last {
            // The next change left it as it is.
            Some(full) if has_all && full.until == Some(change.at) => full.until = end,
            _ if has_all => {
                let (since, by) = (change.at, change.by.clone());
                last = Some(Full { since, until: end, at_the_latest: false, by });
            }
            _ => {}
        }
    }
    last
}

fn sole<'a>(split: &'a [TrafficTarget], revisions: &'a [Revision], end: Option<Wall>) -> Option<&'a str> {
    let target = split.iter().find(|target| target.percent == 100)?;
    let newest = || {
        let then = revisions.iter().filter(|it| it.ready != Some(false) && it.created.is_some());
        then.filter(|it| end.is_none_or(|end| it.created < Some(end))).max_by_key(|it| it.created)
    };
    target.revision.as_deref().or_else(|| newest().map(|it| it.name.as_str()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::TimeDelta;

    use super::*;
    use crate::domain::revision::RevisionFacts;

    fn at(hour: i64) -> Wall {
        Wall::default() + TimeDelta::hours(hour)
    }

    fn revision(name: &str, hour: i64) -> Revision {
        Revision {
            name: name.into(),
            ready: Some(true),
            message: None,
            image: Clean::default(),
            created: Some(at(hour)),
            creator: Clean::default(),
            env: BTreeMap::new(),
            facts: RevisionFacts::default(),
        }
    }

    fn change(hour: i64, split: Option<&[(Option<&str>, u8)]>) -> Change {
        let target = |(name, percent): &(Option<&str>, u8)| TrafficTarget {
            revision: name.map(str::to_owned),
            percent: *percent,
            tag: None,
            uri: None,
        };
        let split = split.map(|split| split.iter().map(target).collect());
        Change { at: at(hour), by: "ci".into(), split }
    }

    #[test]
    fn the_last_time_is_found_whoever_wrote_what_in_between() {
        let revisions = [revision("c", 30), revision("b", 20), revision("a", 10)];
        let changes = [
            change(40, Some(&[(Some("b"), 100)])),
            change(11, Some(&[(Some("a"), 100)])),
            change(21, Some(&[(Some("b"), 100)])),
            // A deploy tells the split as it is.
            change(25, Some(&[(Some("b"), 100)])),
            change(26, None),
            change(31, Some(&[(Some("b"), 90), (Some("c"), 10)])),
        ];
        let full = |name| last_full(&changes, &revisions, name).map(|full| (full.since, full.until));
        assert_eq!(full("a"), Some((at(11), Some(at(21)))));
        assert_eq!(full("b"), Some((at(40), None)), "the last of two times");
        assert_eq!(full("c"), None);
        let early = last_full(&changes[1..], &revisions, "b").map(|full| (full.since, full.until));
        assert_eq!(early, Some((at(21), Some(at(31)))), "changes that leave it are no end");
    }

    #[test]
    fn what_followed_the_latest_was_the_newest_of_then() {
        let revisions = [revision("c", 30), revision("b", 20), revision("a", 10)];
        let latest = [(None, 100)];
        let changes: Vec<Change> = [9, 19, 29].map(|hour| change(hour, Some(&latest))).into();
        let full = |name| last_full(&changes, &revisions, name).map(|full| (full.since, full.until));
        assert_eq!(full("a"), Some((at(9), Some(at(19)))));
        assert_eq!(full("b"), Some((at(19), Some(at(29)))));
        assert_eq!(full("c"), Some((at(29), None)));
    }
}
