//! The traffic of one Cloud Run service as the room sees it: what serves, the part each revision plays, and what a
//! rollback could go to. Pure; fed by the traffic source.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::revision::{digest, same_split};
use crate::domain::{Clean, Entry, Mono, Origin, Reading, Revision, Traffic, TrafficTarget};

pub use super::rollback::{Candidate, Knowledge};

/// The room's opinion on an unchanged split is recorded again at most this often.
const OPINION_EVERY: Duration = Duration::from_mins(1);

/// One service's traffic.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TrafficState {
    /// As last read.
    pub traffic: Option<Traffic>,
    /// When it was last read.
    pub at: Option<Mono>,
    /// The split that served when this room first saw the service.
    pub opened: Option<Vec<TrafficTarget>>,
    /// The newest revision seen with all the traffic, and the one before it.
    sole: Option<String>,
    before_sole: Option<String>,
    /// The stable one before another took all the traffic.
    stable_before: Option<String>,
    /// When another split was first read than the one before.
    changed: Option<Mono>,
    /// When a revision was first read to have lost all that it served.
    emptied: Option<Mono>,
    /// Since when what serves is not what is wanted.
    unsettled: Option<Mono>,
    told: Told,
}

/// What the journal knows already, or was just given.
#[derive(Debug, Clone, PartialEq, Default)]
struct Told {
    split: Option<Vec<TrafficTarget>>,
    follows_latest: bool,
    healthy: Option<bool>,
    at: Option<Mono>,
    revisions: BTreeSet<String>,
}

/// The part that a revision plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display)]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// It had all the traffic last, or has the largest share.
    Stable,
    /// Newer than the stable one, with a share or a tag: what the rollout is about.
    Canary,
    /// It had all the traffic before the stable one.
    Previous,
    /// None of these.
    Other,
}

/// Whether what is wanted is what serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display)]
#[strum(serialize_all = "snake_case")]
pub enum Standing {
    /// Never read.
    Unknown,
    /// Wanted and serving are the same.
    Settled,
    /// A change is under way.
    Reconciling,
    /// The last change failed; what served before still serves.
    Failed,
}

/// A revision worth a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<'a> {
    /// The revision; `None` if the API lists a share for one that it does not list.
    pub revision: Option<&'a Revision>,
    /// Its short name.
    pub name: &'a str,
    /// Its part.
    pub role: Role,
    /// Percent that it serves.
    pub effective: u8,
    /// Percent that it should serve.
    pub desired: u8,
    /// Its tags.
    pub tags: Vec<&'a str>,
}

impl Row<'_> {
    fn is_worth_one(&self) -> bool {
        self.role != Role::Other || self.effective > 0 || self.desired > 0 || !self.tags.is_empty()
    }
}

impl TrafficState {
    /// Takes in what was read at `at`.
    pub fn read(&mut self, traffic: Traffic, at: Mono) {
        if self.opened.is_none() {
            self.opened = Some(traffic.effective.clone());
            self.told.revisions = traffic.revisions.iter().map(|r| r.name.clone()).collect();
        }
        if let Some(sole) = traffic.sole().filter(|sole| self.sole.as_deref() != Some(*sole)) {
            self.stable_before = self.stable().map(str::to_owned);
            self.before_sole = self.sole.replace(sole.to_owned());
        }
        let before = self.traffic.as_ref().map(|before| &before.effective);
        if before.is_some_and(|before| !same_split(before, &traffic.effective)) {
            self.changed = Some(at);
        }
        let loses = |before: &Traffic| {
            let mut served = before.serving().0.into_iter().filter(|target| target.percent > 0);
            served.any(|target| target.revision.is_some_and(|name| traffic.effective_percent(&name) == 0))
        };
        if self.traffic.as_ref().is_some_and(loses) {
            self.emptied = Some(at);
        }
        self.traffic = Some(traffic);
        self.at = Some(at);
        self.unsettled = (self.standing() != Standing::Settled).then(|| self.unsettled.unwrap_or(at));
    }

    /// When it was last read to serve otherwise than before.
    pub fn changed(&self) -> Option<Mono> {
        self.changed
    }

    /// When a revision was last seen to lose all that it served: its sockets are to close.
    pub fn emptied(&self) -> Option<Mono> {
        self.emptied
    }

    /// Since when what serves is not what is wanted.
    pub fn unsettled(&self) -> Option<Mono> {
        self.unsettled
    }

    /// Takes in a record about the service named `service`, own or another console's.
    pub fn recorded(&mut self, service: &str, entry: &Entry) {
        if let Entry::Split { service: of, split, healthy, follows_latest, .. } = entry
            && of == service
        {
            self.told.split = Some(split.clone());
            self.told.follows_latest = *follows_latest;
            self.told.healthy = *healthy;
            if self.sole.is_none() {
                self.before_sole = full_revision(split).map(str::to_owned).or(self.before_sole.take());
            }
        }
        if let Entry::Deployed { service: of, revision, .. } = entry
            && of == service
        {
            self.told.revisions.insert(revision.clone());
        }
    }

    /// What the journal should be told and was not yet: a changed split, a new revision, a new opinion. Only the
    /// keeper asks; asking again answers nothing new. `healthy` is the room's opinion of what serves.
    pub fn records(&mut self, service: &str, healthy: Option<bool>) -> Vec<Entry> {
        let (Some(traffic), Some(at)) = (&self.traffic, self.at) else { return Vec::new() };
        let mut entries = Vec::new();
        for revision in traffic.revisions.iter().rev() {
            if self.told.revisions.insert(revision.name.clone()) {
                entries.push(Entry::Deployed {
                    service: service.to_owned(),
                    revision: revision.name.clone(),
                    image: revision.image.clone(),
                });
            }
        }
        let (split, follows_latest) = traffic.serving();
        let same = self.told.split.as_deref().is_some_and(|told| same_split(told, &split))
            && self.told.follows_latest == follows_latest;
        let rested = self.told.at.is_none_or(|told| at.since(told) >= OPINION_EVERY);
        let opinion = healthy.is_some() && healthy != self.told.healthy && rested;
        if !same || opinion {
            self.told.split = Some(split.clone());
            self.told.follows_latest = follows_latest;
            // The opinion was on the split before; a new split is without one.
            self.told.healthy = if same { healthy } else { None };
            self.told.at = Some(at);
            let by = if same { Clean::default() } else { traffic.last_modifier.clone() };
            let service = service.to_owned();
            entries.push(Entry::Split { service, split, healthy, by, follows_latest, again: same });
        }
        entries
    }

    /// Whom a reading without a revision of its own speaks of.
    pub fn origin(&self) -> Origin {
        match &self.traffic {
            None => Origin::Unknown,
            Some(traffic) => traffic.sole().map_or(Origin::Mixed, |sole| Origin::Revision(sole.to_owned())),
        }
    }

    /// The same for a reading over the last `window`: what was counted before the split changed speaks of other
    /// revisions than what was counted after.
    pub fn origin_over(&self, window: Duration, now: Mono) -> Origin {
        if self.changed.is_some_and(|changed| now.since(changed) < window) {
            Origin::Mixed
        } else {
            self.origin()
        }
    }

    /// Whether what is wanted is what serves.
    pub fn standing(&self) -> Standing {
        match &self.traffic {
            None => Standing::Unknown,
            Some(traffic) if traffic.settled() => Standing::Settled,
            Some(traffic) if traffic.reconciling || traffic.terminal != Some(false) => Standing::Reconciling,
            Some(_) => Standing::Failed,
        }
    }

    /// The effective shares, stable first: `90 / 10`; `--` when not known.
    pub fn split_words(&self) -> String {
        let shares = self.rows().into_iter().filter(|row| row.effective > 0);
        let words: Vec<String> = shares.map(|row| row.effective.to_string()).collect();
        if words.is_empty() { "--".to_owned() } else { words.join(" / ") }
    }

    /// The stable revision: the last one seen with all the traffic while it still serves, else the largest share.
    pub fn stable(&self) -> Option<&str> {
        let traffic = self.traffic.as_ref()?;
        let anchor = self.sole.as_deref().filter(|name| traffic.effective_percent(name) > 0);
        // Of equal shares the oldest; revisions stand newest first, and `max_by_key` takes the last of equals.
        anchor.or_else(|| {
            let serving = traffic.revisions.iter().map(|r| r.name.as_str());
            let serving = serving.filter(|name| traffic.effective_percent(name) > 0);
            serving.max_by_key(|name| traffic.effective_percent(name))
        })
    }

    /// What the rollout is about: the newest revision after the stable one with a share or a tag.
    pub fn canary(&self) -> Option<&str> {
        let traffic = self.traffic.as_ref()?;
        let stable = self.stable()?;
        let newer = traffic.revisions.iter().map(|r| r.name.as_str()).take_while(|name| *name != stable);
        let mut shown = newer.filter(|name| {
            traffic.effective_percent(name) > 0
                || traffic.percent_of(&traffic.desired, name) > 0
                || !tags(traffic, name).is_empty()
        });
        shown.next()
    }

    /// What is rolled out, and what serves besides: the canary; or the revision that took all the traffic at once from
    /// an older one with another image, if `counts` takes the moment at which that was seen.
    pub fn rolled_out(&self, counts: impl Fn(Mono) -> bool) -> Option<(&Revision, Option<&Revision>)> {
        let traffic = self.traffic.as_ref()?;
        let find = |name: &str| traffic.revisions.iter().find(|revision| revision.name == name);
        let stable = find(self.stable()?);
        if let Some(canary) = self.canary() {
            return Some((find(canary)?, stable));
        }
        let (new, old) = (stable?, find(self.previous().or(self.stable_before.as_deref())?)?);
        // Newest first: what stands after the new one is older.
        let older = traffic.revisions.iter().skip_while(|r| r.name != new.name).any(|r| r.name == old.name);
        let other = digest(&new.image) != digest(&old.image);
        (older && other && self.changed.is_some_and(counts)).then_some((new, Some(old)))
    }

    /// What could be rolled out next: the canary, else the newest revision if its image is another than what serves.
    pub fn next_candidate(&self) -> Option<(&Revision, Option<&Revision>)> {
        let traffic = self.traffic.as_ref()?;
        let stable = self.stable().and_then(|name| traffic.revisions.iter().find(|r| r.name == name));
        self.rolled_out(|_| false).or_else(|| {
            let newest = traffic.revisions.first()?;
            let other = digest(&newest.image) != digest(&stable?.image);
            other.then_some((newest, stable))
        })
    }

    /// The revision that had all the traffic before the stable one, as far as this room saw.
    pub fn previous(&self) -> Option<&str> {
        let stable = self.stable();
        [&self.before_sole, &self.sole]
            .into_iter()
            .filter_map(|name| name.as_deref())
            .find(|name| Some(*name) != stable)
    }

    /// The revisions worth a row: stable, canary, others with a share, a wish or a tag, previous.
    pub fn rows(&self) -> Vec<Row<'_>> {
        self.all_rows().into_iter().filter(Row::is_worth_one).collect()
    }

    /// All revisions: those worth a row, then the others, newest first.
    pub fn listed(&self) -> Vec<Row<'_>> {
        let (mut worth, others): (Vec<_>, Vec<_>) = self.all_rows().into_iter().partition(Row::is_worth_one);
        worth.extend(others);
        worth
    }

    fn all_rows(&self) -> Vec<Row<'_>> {
        let Some(traffic) = &self.traffic else { return Vec::new() };
        let (stable, canary, previous) = (self.stable(), self.canary(), self.previous());
        let listed = traffic.revisions.iter().map(|r| r.name.as_str());
        let aimed = traffic.effective.iter().chain(&traffic.desired).filter_map(|t| t.revision.as_deref());
        let mut seen = BTreeSet::new();
        let names = listed.chain(aimed).filter(|name| seen.insert(*name));
        let mut rows: Vec<Row<'_>> = names
            .map(|name| Row {
                revision: traffic.revisions.iter().find(|r| r.name == name),
                name,
                role: match Some(name) {
                    of if of == stable => Role::Stable,
                    of if of == canary => Role::Canary,
                    of if of == previous => Role::Previous,
                    _ => Role::Other,
                },
                effective: traffic.effective_percent(name),
                desired: traffic.percent_of(&traffic.desired, name),
                tags: tags(traffic, name),
            })
            .collect();
        rows.sort_by_key(|row| match row.role {
            Role::Stable => 0,
            Role::Canary => 1,
            Role::Other => 2,
            Role::Previous => 3,
        });
        rows
    }

    /// `traffic.settled` (0 or 1) and `traffic.candidate_percent` (share of the canary). `fresh`: the link is live.
    pub fn signals(&self, fresh: bool) -> Vec<(String, Option<Reading>)> {
        let reading = |value: f64, origin: Origin| {
            self.at.map(|at| Reading { value, at, fresh, samples: None, origin, watched: None })
        };
        let settled = f64::from(u8::from(self.standing() == Standing::Settled));
        let canary = self.canary().zip(self.traffic.as_ref()).and_then(|(name, traffic)| {
            let percent = traffic.effective_percent(name);
            reading(f64::from(percent), Origin::Revision(name.to_owned()))
        });
        vec![
            ("traffic.settled".to_owned(), reading(settled, self.origin())),
            ("traffic.candidate_percent".to_owned(), canary),
        ]
    }

    /// What to warn of while traffic is pinned; nothing when it follows the latest revision or is not known.
    pub fn pinned_words(&self) -> Option<&'static str> {
        self.traffic
            .as_ref()
            .filter(|traffic| traffic.pinned())
            .map(|_| "split is pinned: a new deploy gets 0 %")
    }

    /// The message of a change that failed.
    pub fn failure(&self) -> Option<&Clean> {
        let traffic = self.traffic.as_ref()?;
        if self.standing() == Standing::Failed { traffic.message.as_ref() } else { None }
    }
}

/// The revision with all of a recorded split.
fn full_revision(split: &[TrafficTarget]) -> Option<&str> {
    split.iter().find(|target| target.percent == 100)?.revision.as_deref()
}

/// The tags of a revision, in either split.
fn tags<'a>(traffic: &'a Traffic, revision: &str) -> Vec<&'a str> {
    let targets = traffic.desired.iter().chain(&traffic.effective);
    let of = targets.filter(|t| t.revision.as_deref().or(traffic.latest_ready.as_deref()) == Some(revision));
    let mut names: Vec<&str> = of.filter_map(|target| target.tag.as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
pub(crate) mod tests;
