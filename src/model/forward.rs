//! Going forward by name: all traffic to the newer revision, or back to following the latest one. The same dialog,
//! journal and operation as a rollback; but what warns before a rollback stops the way forward.

use crate::domain::revision::typed_suffix;
use crate::domain::{Clean, OpKind, Revision, ServiceIx, Traffic, TrafficChange, format};

use super::Model;
use super::confirm::{Confirm, Note};
use super::effect::Effect;
use super::modal::Modal;
use super::ops::Operation;
use super::rollback::Candidate;

/// Which way forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// All traffic to the newer revision; the split is pinned to it.
    Newer,
    /// All traffic follows the latest ready revision, now and after each deploy.
    Latest,
}

impl Model {
    /// Opens the dialog that goes forward, or says why it cannot be done.
    pub(super) fn open_forward(&mut self, ix: ServiceIx, way: Way, effects: &mut Vec<Effect>) {
        if let Some(holding) = self.ops.acting_on(ix).filter(|op| !op.frees_resource()) {
            let id = holding.id.clone();
            return self.show(Modal::Progress(id));
        }
        let change = match self.freeze_forward(ix, way) {
            Ok(change) => change,
            Err(why) => return self.say(&why),
        };
        let Some(cloud) = self.room.service(ix).and_then(|service| service.cloud_run.as_ref()) else {
            return;
        };
        let word = typed_suffix(&cloud.service, &change.to).to_owned();
        let reason = match way {
            Way::Newer => format!("roll forward to {}", self.short_revision(ix, &change.to)),
            Way::Latest => "traffic follows the latest revision again".to_owned(),
        };
        let notes = self.forward_notes(ix, way, &change);
        let act = OpKind::Traffic(change);
        let token = self.token();
        effects.push(Effect::Validate { token, act: act.clone() });
        let mut confirm = Confirm::new(act, word, &reason, token, self.now);
        confirm.notes = notes;
        self.show(Modal::Confirm(Box::new(confirm)));
    }

    /// The change, frozen now, or why going forward is not possible.
    pub fn freeze_forward(&self, ix: ServiceIx, way: Way) -> Result<TrafficChange, Clean> {
        let unread = || Clean::new("Cloud Run was not read yet; D says why");
        let state = self.service(ix).and_then(|service| service.traffic.as_ref()).ok_or_else(unread)?;
        let traffic = state.traffic.as_ref().ok_or_else(unread)?;
        let change = match way {
            Way::Newer => {
                let to = newer(traffic)
                    .ok_or_else(|| Clean::new("no Ready revision is newer than the one that serves"))?;
                state.freeze_split(ix, &[(Some(to), 100)], self.now.wall)?
            }
            Way::Latest if !traffic.pinned() => {
                return Err(Clean::new("the traffic follows the latest already"));
            }
            Way::Latest if traffic.latest_ready.is_none() => return Err(Clean::new("no revision is ready")),
            Way::Latest => state.freeze_split(ix, &[(None, 100)], self.now.wall)?,
        };
        match self.forward_refusal(&change) {
            Some(why) => Err(why),
            None if change.etag.is_empty() => {
                Err(Clean::new("Cloud Run told no etag, so it could overwrite somebody else's change"))
            }
            None => Ok(change),
        }
    }

    /// Why an act must not be sent now, whatever its dialog said when it opened. A way back and turning a flag off are
    /// never refused.
    pub fn refusal_of(&self, act: &OpKind) -> Option<Clean> {
        match act {
            OpKind::Rollback(change) => self.no_way_back_refusal(change),
            OpKind::Run(change) => self.run_refusal(change),
            OpKind::Traffic(change) => self.forward_refusal(change),
            OpKind::Flag(change) => self.flag_refusal(change),
        }
    }

    /// The way forward is locked.
    pub(super) fn lock_refusal(&self, change: &TrafficChange) -> Option<Clean> {
        let forward = self.goes_forward(change) || change.follows_latest();
        let service = self.service_name(change.service);
        (forward && self.is_locked(change.service))
            .then(|| Clean::new(&format!("locked: unlock {service} first")))
    }

    /// Why a change must not be made now that goes forward: locked after a rollback, another revision than the one
    /// shown would get the traffic, or no GO for moving anything. Giving newer revisions less, and tags, are no way
    /// forward.
    fn forward_refusal(&self, change: &TrafficChange) -> Option<Clean> {
        if let Some(locked) = self.lock_refusal(change) {
            return Some(locked);
        }
        let forward = self.goes_forward(change);
        let to = Some(change.to.as_str());
        let traffic = self.traffic(change.service);
        let latest = traffic.and_then(|traffic| traffic.latest_ready.as_deref());
        if change.follows_latest() && latest != to {
            let latest = latest.map_or("not known", |latest| self.short_revision(change.service, latest));
            return Some(Clean::new(&format!("the latest is {latest} now, not the revision shown")));
        }
        // One that was created and is not ready yet gets everything as soon as it is.
        let comes =
            change.follows_latest() && traffic.is_none_or(|traffic| traffic.latest_created.as_deref() != to);
        self.verdicts.now.refusal().filter(|_| (forward || comes) && !self.stage_covers(change))
    }

    /// A rollback is one only while something newer than its target serves or is to serve.
    fn no_way_back_refusal(&self, change: &TrafficChange) -> Option<Clean> {
        let forward = self.goes_forward(change)
            && self.traffic(change.service).is_some_and(|traffic| traffic.is_no_way_back(&change.to));
        let why = self.forward_refusal(change).filter(|_| forward)?;
        Some(Clean::new(&format!("nothing newer serves, so this is a way forward: {why}")))
    }

    /// Whether a newer revision would get more and an older one less; not knowing counts as that.
    pub fn goes_forward(&self, change: &TrafficChange) -> bool {
        self.traffic(change.service).is_none_or(|traffic| traffic.goes_forward(&change.after))
    }

    /// Why a way forward cannot be gone now, for the palette.
    pub(super) fn forward_blocked(&self, ix: ServiceIx, way: Way) -> Option<Clean> {
        self.freeze_forward(ix, way).err()
    }

    fn forward_notes(&self, ix: ServiceIx, way: Way, change: &TrafficChange) -> Vec<Note> {
        let note = |subject: &str, detail: &str| Note {
            unknown: false,
            subject: Clean::new(subject),
            detail: Clean::new(detail),
            consequence: Clean::default(),
        };
        let pinned = self.traffic(ix).is_some_and(Traffic::pinned);
        let mut notes = match way {
            Way::Newer => {
                let subject = if pinned { "the split stays pinned" } else { "this pins the split" };
                vec![note(subject, "a new deploy gets 0 % until :to-latest")]
            }
            Way::Latest => {
                vec![note("no pin any more", "each new deploy gets 100 % at once, when it is ready")]
            }
        };
        notes.extend(self.left_note(change));
        notes.extend(self.differences(ix, change));
        notes
    }

    /// The last rollback that moved away from a revision which has not served everything since.
    pub(super) fn left_by(&self, ix: ServiceIx, candidate: &Candidate) -> Option<&Operation> {
        let traffic = self.traffic(ix)?;
        let name = candidate.revision.as_str();
        let since = candidate.last_full.map(|full| full.since);
        self.ops.iter().rev().find(|op| {
            let OpKind::Rollback(change) = &op.act else { return false };
            let at = op.effective_at().filter(|_| change.service == ix && change.to != name);
            at.is_some_and(|at| since.is_none_or(|since| since <= at))
                && traffic.served_by(&change.before, change.frozen_at).contains(&name)
        })
    }

    /// That a revision which would get traffic was rolled back from, by whom and why.
    pub(super) fn left_note(&self, change: &TrafficChange) -> Option<Note> {
        let candidates = self.candidates(change.service);
        let to = candidates.iter().find(|candidate| candidate.revision == change.to)?;
        let left = self.left_by(change.service, to)?;
        let ago = format::age((self.now.wall - left.effective_at()?).to_std().unwrap_or_default());
        let short = self.short_revision(change.service, &change.to);
        Some(Note {
            unknown: false,
            subject: Clean::new(&format!("{short} was rolled back from {ago} ago")),
            detail: Clean::new(&format!("by {}: {}", left.by, left.reason)),
            consequence: Clean::default(),
        })
    }

    /// Freezes the present state for the same act, and asks again.
    pub(super) fn reopen(&mut self, act: &OpKind, effects: &mut Vec<Effect>) {
        match act {
            OpKind::Rollback(change) => {
                let ix = change.service;
                let candidates = self.candidates(ix);
                let same = candidates.iter().position(|c| c.revision == change.to && c.why_not.is_none());
                match same.filter(|_| self.ops.acting_on(ix).is_none()) {
                    Some(at) => self.open_rollback_to(ix, &candidates, at, effects),
                    None => self.open_rollback(Some(ix), effects),
                }
            }
            OpKind::Run(change) => self.ask_run(&change.gate, change.on_terminal),
            OpKind::Traffic(change) => {
                let whole = change.after.iter().any(|target| target.percent == 100);
                let ix = change.service;
                let newest = self.traffic(ix).and_then(newer) == Some(change.to.as_str());
                match change.moves() && whole {
                    true if change.follows_latest() => self.open_forward(ix, Way::Latest, effects),
                    true if newest => self.open_forward(ix, Way::Newer, effects),
                    _ => self.reshift(change, effects),
                }
            }
            OpKind::Flag(change) => self.reopen_flag(change, effects),
        }
    }
}

/// The newest Ready revision that is newer than the oldest one that serves.
fn newer(traffic: &Traffic) -> Option<&str> {
    let serves = |revision: &Revision| traffic.effective_percent(&revision.name) > 0;
    let oldest = traffic.revisions.iter().rposition(serves).unwrap_or(traffic.revisions.len());
    let mut newer = traffic.revisions.iter().take(oldest);
    newer.find(|revision| revision.ready == Some(true)).map(|revision| revision.name.as_str())
}
