//! What a rollback may go to, which one is proposed, and the change frozen when the dialog opens.
//!
//! Proposed is the revision that last served everything and was healthy then: never one that is not Ready, never
//! the one that serves everything already, none as new as what serves, and none that a rollback left. Without such a
//! memory it is what served when the room opened, else what had everything before by the audit log, and the dialog says
//! that the room does not know it.

use crate::domain::revision::{same_shares, short_image};
use crate::domain::{
    Clean, Condition, ConditionSpec, ConditionState, FullTime, Origin, ServiceIx, Traffic, TrafficChange,
    TrafficTarget, Wall, format,
};

use super::Model;
use super::confirm::Target;
use super::effect::Effect;
use super::palette::{Command, Offer, in_cloud};
use super::traffic::TrafficState;

/// A revision that traffic could go to.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Short name.
    pub revision: String,
    /// Whether it is Ready; `None`: not known.
    pub ready: Option<bool>,
    /// Its image.
    pub image: Clean,
    /// When it was created.
    pub created: Option<Wall>,
    /// When it last served everything, if that is known.
    pub last_full: Option<FullTime>,
    /// What the room knows of it.
    pub knowledge: Knowledge,
    /// Whether going there is a way back.
    pub side: Side,
    /// Why it must not be chosen; `None`: it may be.
    pub why_not: Option<Clean>,
}

/// Where a candidate lies, seen from what serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Something newer serves: a way back.
    Back,
    /// The same, but a rollback left it, and it has not served everything since.
    Left,
    /// Nothing newer serves or is to serve: all traffic to it is a way forward.
    Forward,
}

/// What the room knows of a candidate, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::Display)]
pub enum Knowledge {
    /// It served everything and was healthy.
    #[strum(to_string = "was healthy at 100 %")]
    Healthy,
    /// It served everything; nobody knows how well.
    #[strum(to_string = "was at 100 %, health then not known")]
    Served,
    /// It had the largest share when the room opened; no record speaks of it.
    #[strum(to_string = "served when the room opened, not known to this room")]
    Opened,
    /// The audit log says that it was given everything; nobody of this room saw how it did.
    #[strum(to_string = "was given 100 %, by the audit log; not known to this room")]
    Audited,
    /// Nothing.
    #[strum(to_string = "not known to this room")]
    Nothing,
    /// It served everything and was not healthy.
    #[strum(to_string = "was NOT healthy at 100 %")]
    Unhealthy,
}

impl Knowledge {
    /// Whether a record of this room tells of it.
    pub fn is_recorded(self) -> bool {
        matches!(self, Self::Healthy | Self::Served | Self::Unhealthy)
    }
}

impl TrafficState {
    /// All revisions as targets, newest first. `history` answers when a revision last served everything.
    pub fn candidates(&self, history: impl Fn(&str) -> Option<FullTime>) -> Vec<Candidate> {
        let Some(traffic) = &self.traffic else { return Vec::new() };
        let opened = self.opened_with();
        let candidate = |revision: &crate::domain::Revision| {
            let last_full = history(&revision.name);
            let knowledge = match last_full.map(|full| full.healthy) {
                Some(Some(true)) => Knowledge::Healthy,
                Some(Some(false)) => Knowledge::Unhealthy,
                Some(None) => Knowledge::Served,
                None if opened == Some(revision.name.as_str()) => Knowledge::Opened,
                None => Knowledge::Nothing,
            };
            Candidate {
                revision: revision.name.clone(),
                ready: revision.ready,
                image: revision.image.clone(),
                created: revision.created,
                last_full,
                knowledge,
                side: if traffic.is_no_way_back(&revision.name) { Side::Forward } else { Side::Back },
                why_not: why_not(traffic, revision),
            }
        };
        traffic.revisions.iter().map(candidate).collect()
    }

    /// The revision with the largest share when the room first saw the service; of those that are a way back now, if
    /// one is.
    fn opened_with(&self) -> Option<&str> {
        let traffic = self.traffic.as_ref()?;
        let opened = self.opened.as_deref()?;
        let names = traffic.revisions.iter().map(|r| r.name.as_str());
        let served = names.filter(|name| traffic.percent_of(opened, name) > 0);
        served.max_by_key(|name| (!traffic.is_no_way_back(name), traffic.percent_of(opened, name)))
    }

    /// All traffic to `to`, frozen now; `None` before the service was read.
    pub fn freeze_rollback(&self, service: ServiceIx, to: &str, now: Wall) -> Option<TrafficChange> {
        let traffic = self.traffic.as_ref()?;
        Some(freeze(traffic, service, to, &[(Some(to), 100)], now))
    }

    /// Another split, frozen now. `shares` by revision (`None`: the latest ready one). Refused, with the reason, if
    /// they do not add up to 100 or name a revision that does not exist.
    pub fn freeze_split(
        &self,
        service: ServiceIx,
        shares: &[(Option<&str>, u8)],
        now: Wall,
    ) -> Result<TrafficChange, Clean> {
        let traffic = self.traffic.as_ref().ok_or_else(|| Clean::new("the service was not read yet"))?;
        let sum: u32 = shares.iter().map(|(_, percent)| u32::from(*percent)).sum();
        if sum != 100 {
            return Err(Clean::new(&format!("the shares add up to {sum}, not 100")));
        }
        for name in shares.iter().filter(|(_, percent)| *percent > 0).filter_map(|(name, _)| *name) {
            let Some(revision) = traffic.revisions.iter().find(|r| r.name == name) else {
                return Err(Clean::new(&format!("there is no revision {name}")));
            };
            if revision.ready != Some(true) {
                return Err(Clean::new(&format!("{name} is not Ready")));
            }
        }
        if shares.iter().any(|(name, percent)| name.is_none() && *percent > 0)
            && traffic.latest_ready.is_none()
        {
            return Err(Clean::new("no revision is ready"));
        }
        let asked = after(&traffic.desired, shares);
        if same_shares(&traffic.desired, &asked) && same_shares(&traffic.effective, &asked) {
            return Err(Clean::new("the traffic is split so already"));
        }
        // What the change is about: the newest revision that gets something.
        let place = |name: Option<&str>| traffic.revisions.iter().position(|r| Some(r.name.as_str()) == name);
        let gets = shares.iter().filter(|(_, percent)| *percent > 0);
        let newest =
            gets.map(|(name, _)| name.or(traffic.latest_ready.as_deref())).min_by_key(|name| place(*name));
        let to = newest.flatten().unwrap_or_default().to_owned();
        Ok(freeze(traffic, service, &to, shares, now))
    }
}

impl TrafficState {
    /// The same split with `tag` on the revision `to`, or without it, frozen now. Refused where that changes nothing.
    pub fn freeze_tag(
        &self,
        service: ServiceIx,
        tag: &str,
        to: Option<&str>,
        now: Wall,
    ) -> Result<TrafficChange, Clean> {
        let traffic = self.traffic.as_ref().ok_or_else(|| Clean::new("the service was not read yet"))?;
        let letters = tag.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !letters || !tag.starts_with(|c: char| c.is_ascii_lowercase()) || tag.len() > 46 {
            return Err(Clean::new("a tag is lower-case letters, digits and -, and begins with a letter"));
        }
        let had = traffic.desired.iter().find(|target| target.tag.as_deref() == Some(tag));
        match (had, to) {
            (None, None) => return Err(Clean::new(&format!("there is no tag {tag}"))),
            (Some(had), Some(to)) if had.revision.as_deref() == Some(to) => {
                return Err(Clean::new(&format!("tag {tag} is on {to} already")));
            }
            _ => {}
        }
        let mut after: Vec<TrafficTarget> = traffic.desired.clone();
        for target in &mut after {
            target.uri = None;
            if target.tag.as_deref() == Some(tag) {
                target.tag = None;
            }
        }
        after.retain(|target| target.percent > 0 || target.tag.is_some());
        if let Some(to) = to {
            let bare =
                |target: &&mut TrafficTarget| target.revision.as_deref() == Some(to) && target.tag.is_none();
            match after.iter_mut().find(bare) {
                Some(target) => target.tag = Some(tag.to_owned()),
                None => after.push(TrafficTarget {
                    revision: Some(to.to_owned()),
                    percent: 0,
                    tag: Some(tag.to_owned()),
                    uri: None,
                }),
            }
        }
        let behind = had.and_then(|had| had.revision.as_deref().or(traffic.latest_ready.as_deref()));
        let to = to.or(behind).unwrap_or_default().to_owned();
        Ok(TrafficChange {
            after,
            before: traffic.desired.clone(),
            ..freeze(traffic, service, &to, &[], now)
        })
    }
}

impl Candidate {
    /// As the dialog tells it.
    pub(super) fn target(&self, now: Wall) -> Target {
        let mut about =
            vec![if self.ready == Some(true) { "Ready".to_owned() } else { "not Ready".to_owned() }];
        match self.last_full {
            Some(full) => {
                let until = full.until.unwrap_or(now);
                let length = (until - full.since).to_std().unwrap_or_default();
                let end =
                    full.until.map_or(String::new(), |until| format!(" until {}", format::clock(until)));
                about.push(format!("seen at 100 % for {}{end}", format::age_seconds(length)));
                about.push(self.knowledge.to_string());
            }
            None => about.push(self.knowledge.to_string()),
        }
        if self.side == Side::Left {
            about.push("a rollback left it".to_owned());
        }
        if !self.image.is_empty() {
            about.push(short_image(&self.image));
        }
        Target {
            revision: self.revision.clone(),
            knowledge: self.knowledge,
            about: Clean::new(&about.join(" · ")),
            why_not: self.why_not.clone().or((self.side == Side::Forward).then(|| "is no way back".into())),
        }
    }
}

impl Model {
    /// Opens the rollback dialog for the revision that a person named.
    pub(super) fn open_rollback_of(&mut self, ix: ServiceIx, to: &str, effects: &mut Vec<Effect>) {
        let candidates = self.candidates(ix);
        let at = candidates.iter().position(|c| c.revision == to && c.why_not.is_none());
        match at {
            Some(at) if self.ops.acting_on(ix).is_none_or(|op| op.lets_go_back(self.now)) => {
                self.open_rollback_to(ix, &candidates, at, effects);
            }
            Some(_) => self.open_rollback(Some(ix), effects),
            None => self.say("this revision can not be chosen any more: nothing was sent"),
        }
    }

    /// That a revision serves everything already which is not the newest, and that nothing speaks against: where a
    /// rollback would go. Just after a rollback what both served together speaks against neither.
    pub(super) fn nothing_to_roll_back(&self, ix: ServiceIx) -> Option<String> {
        let traffic = self.traffic(ix)?;
        let sole = traffic.sole().filter(|sole| traffic.percent_of(&traffic.desired, sole) == 100)?;
        let newest = traffic.revisions.first().is_none_or(|newest| newest.name == sole);
        let recovers = self.rolled_back().is_some_and(|back| back.recovers());
        let fails = |(spec, state): (&ConditionSpec, &Condition)| {
            let of_it = match &state.origin {
                Origin::Revision(name) => name == sole,
                Origin::Mixed | Origin::Unknown => !recovers,
            };
            spec.signal.service == ix && state.state == ConditionState::Fail && of_it
        };
        if newest || self.conditions.iter(&self.room).any(fails) {
            return None;
        }
        let service = self.service_name(ix);
        let whose = if self.moves_several() { format!(" of {service}") } else { String::new() };
        let to = self.short_revision(ix, sole);
        let follows = if traffic.pinned() { "" } else { ", and follows the latest" };
        Some(format!(
            "nothing to roll back{whose}: {to} serves 100 % already{follows}; :rollback {service} lists others"
        ))
    }

    /// The palette's lines for the revisions of `ix`, newest first; by Cloud Run's name of it too, where that is another.
    pub(super) fn revision_offers(&self, ix: ServiceIx) -> Vec<Offer> {
        let cloud = in_cloud(&self.room).find(|(_, of)| *of == ix).map(|(name, _)| name.to_owned());
        let names = std::iter::once(self.service_name(ix)).chain(cloud);
        names.flat_map(|name| self.revision_offers_of(ix, &name)).collect()
    }

    fn revision_offers_of(&self, ix: ServiceIx, name: &str) -> Vec<Offer> {
        let offer = |candidate: Candidate| {
            let forward = candidate.side == Side::Forward;
            let way = if forward { "a way forward, asks" } else { "opens the dialog, asks" };
            let refused = || {
                let share = format!("{}=100", candidate.revision);
                self.freeze_shift(ix, &[&share]).err().filter(|_| forward)
            };
            let why_not = candidate.why_not.clone().or_else(refused);
            Offer {
                line: format!("rollback {name} {}", self.short_revision(ix, &candidate.revision)),
                about: Clean::new(&format!("{way} · {}", candidate.knowledge)),
                command: Command::Rollback(ix, Some(candidate.revision)),
                key: None,
                blocked: why_not.map(|why| Clean::new(&format!("not possible: {why}"))),
            }
        };
        self.candidates(ix).into_iter().map(offer).collect()
    }
}

/// Which candidate is proposed; `None`: a person has to choose.
pub fn proposed(candidates: &[Candidate]) -> Option<usize> {
    let open = |knowledge: Knowledge| {
        let open = candidates.iter().enumerate();
        open.filter(move |(_, c)| c.why_not.is_none() && c.side == Side::Back && c.knowledge == knowledge)
    };
    let last = |knowledge: Knowledge| {
        let latest = open(knowledge).max_by_key(|(at, c)| {
            let full = c.last_full.map(|full| (full.until.unwrap_or(Wall::MAX_UTC), full.since));
            (full, std::cmp::Reverse(*at))
        });
        latest.map(|(at, _)| at)
    };
    [Knowledge::Healthy, Knowledge::Served, Knowledge::Opened, Knowledge::Audited].into_iter().find_map(last)
}

fn why_not(traffic: &Traffic, revision: &crate::domain::Revision) -> Option<Clean> {
    let all = |split: &[TrafficTarget]| traffic.percent_of(split, &revision.name) == 100;
    if revision.ready == Some(false) {
        let message = revision.message.as_deref().unwrap_or("no message");
        return Some(Clean::new(&format!("not Ready: {message}")));
    }
    if revision.ready.is_none() {
        return Some(Clean::new("not known to be Ready"));
    }
    (all(&traffic.effective) && all(&traffic.desired)).then(|| Clean::new("serves 100 % already"))
}

fn freeze(
    traffic: &Traffic,
    service: ServiceIx,
    to: &str,
    shares: &[(Option<&str>, u8)],
    now: Wall,
) -> TrafficChange {
    TrafficChange {
        service,
        resource: traffic.name.clone(),
        to: to.to_owned(),
        before: traffic.effective.clone(),
        after: after(&traffic.desired, shares),
        generation: traffic.generation,
        etag: traffic.etag.clone(),
        frozen_at: now,
    }
}

/// The whole list to ask for: `shares`, and every tag that is there now (the API replaces the list, and a tag left
/// out loses its URL).
fn after(desired: &[TrafficTarget], shares: &[(Option<&str>, u8)]) -> Vec<TrafficTarget> {
    let asked = shares.iter().filter(|(_, percent)| *percent > 0);
    let asked = asked.map(|(revision, percent)| TrafficTarget {
        revision: revision.map(str::to_owned),
        percent: *percent,
        tag: None,
        uri: None,
    });
    let mut after: Vec<TrafficTarget> = asked.collect();
    for target in desired.iter().filter(|target| target.tag.is_some()) {
        match after.iter_mut().find(|a| a.revision == target.revision && a.tag.is_none()) {
            Some(entry) => entry.tag.clone_from(&target.tag),
            None => after.push(TrafficTarget { percent: 0, uri: None, ..target.clone() }),
        }
    }
    after
}
