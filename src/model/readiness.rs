//! Rollback readiness: whether a rollback could be carried out now, looked at all night, so that nobody finds expired
//! credentials while acting. Asking is a dry run (`validateOnly`) of the very request, with an interval; it moves nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::room::Mode;
use crate::domain::{
    Clean, Entry, Mono, Now, OpKind, PanelId, Reason, ReasonKind, Record, ServiceIx, SourceId, Wall, format,
};

use super::Model;
use super::effect::Effect;
use super::msg::{Denied, Token};
use super::reasons::waiting;
use super::rehearsal::Walk;
use super::rollback::proposed;

/// How often the API is asked.
const ASK_EVERY: Duration = Duration::from_mins(2);

/// How often after a refusal; and how soon after the service was changed.
const ASK_AGAIN: Duration = Duration::from_secs(15);

/// An answer older than this says nothing of now.
const STALE: Duration = Duration::from_mins(5);

/// So long the answer of a dry run may take before a room waits for it.
const ANSWERS_IN: Duration = Duration::from_secs(10);

/// An answer to a walk that has not come for so long does not come any more.
const LOST: Duration = Duration::from_mins(1);

/// A token that ends so soon was not made anew in time: that is done four minutes ahead.
const ENDS_SOON: Duration = Duration::from_mins(3);

/// Refusals in a row that are believed: one may be an API that hiccups.
const BELIEVED: u32 = 2;

/// What is known of the way back of each service.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Readiness {
    of: BTreeMap<ServiceIx, Checked>,
    /// The walk of it that was asked for last.
    pub(super) walk: Walk,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Checked {
    asked: Option<Asked>,
    accepted: Option<(Mono, String)>,
    refused: Option<(u32, Clean)>,
    rehearsal: Option<Rehearsal>,
    expires: Option<Wall>,
    /// The same of a token that does not show it, as whoever made it tells.
    ends: Option<Wall>,
    /// Why no new token can be had, though the old one may be good for a while.
    unrenewed: Option<Clean>,
}

#[derive(Debug, Clone, PartialEq)]
struct Asked {
    token: Token,
    at: Now,
    to: String,
    etag: String,
    rehearses: bool,
    /// Since when it is not answered; `None`: it is.
    unanswered: Option<Mono>,
}

/// A walk of the whole path, as the journal has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsal {
    /// When.
    pub at: Wall,
    /// By whom.
    pub by: Clean,
    /// To which revision.
    pub to: String,
    /// Why it would not have worked.
    pub refused: Option<Clean>,
}

/// Whether it could be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The API would take it, asked so long ago.
    Ready(Duration),
    /// Not asked yet, or not lately, or the service itself is not seen: why.
    NotKnown(Clean),
    /// No revision is known to be good.
    NoTarget,
    /// It would fail: why.
    Not(Clean),
}

/// The way back of one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayBack {
    /// The revision it leads to.
    pub to: Option<String>,
    /// Whether it is open.
    pub standing: Standing,
    /// When it was last walked.
    pub rehearsal: Option<Rehearsal>,
    /// When the token ends that it would go with, if that can be seen.
    pub expires: Option<Wall>,
}

impl Readiness {
    /// Folds a record in; `place` says which service of this room its name is.
    pub fn record(&mut self, record: &Record, place: impl FnOnce(&str) -> Option<ServiceIx>) {
        let Entry::Rehearsed { service, to, refused, .. } = &record.entry else { return };
        let Some(ix) = place(service) else { return };
        let (at, by) = (record.at, record.by.clone());
        let rehearsal = Rehearsal { at, by, to: to.clone(), refused: refused.clone() };
        self.of.entry(ix).or_default().rehearsal = Some(rehearsal);
    }
}

impl Model {
    /// The way back of a service; `None` where there is nothing to go back from, or this console only watches.
    pub fn way_back_of(&self, ix: ServiceIx) -> Option<WayBack> {
        let traffic = self.traffic(ix).filter(|_| self.room.operator.mode == Mode::Operate)?;
        let candidates = self.candidates(ix);
        let to = proposed(&candidates).and_then(|at| candidates.get(at)).map(|target| &target.revision);
        let checked = self.readiness.of.get(&ix);
        let rehearsal = checked.and_then(|checked| checked.rehearsal.clone());
        let expires = checked.and_then(|checked| checked.expires.or(checked.ends));
        let Some(to) = to else {
            let whole = traffic.sole().is_some();
            return (!whole).then_some(WayBack {
                to: None,
                standing: Standing::NoTarget,
                rehearsal,
                expires,
            });
        };
        // What is only told is of a token that is made anew before: that it is not is told too.
        let shown = checked.and_then(|checked| checked.expires);
        let ends = shown.map(|end| (end - self.now.wall).to_std().unwrap_or_default());
        let standing = if let Some(why) = self.journal_fault() {
            Standing::Not(Clean::new(&format!("the journal cannot be written: {why}")))
        } else if let Some(unread) = self.unread_for(ix) {
            Standing::NotKnown(Clean::new(&format!("Cloud Run was not read for {}", format::age(unread))))
        } else if let Some(left) = ends.filter(|left| *left < ENDS_SOON) {
            Standing::Not(Clean::new(&format!("the credentials end in {}", format::age_seconds(left))))
        } else if let Some(why) = checked.and_then(|checked| checked.unrenewed.as_ref()) {
            Standing::Not(Clean::new(&format!("the credentials give no new token: {why}")))
        } else {
            let nothing = || Standing::NotKnown("not asked yet".into());
            checked.map_or_else(nothing, |checked| checked.standing(to, self.now.mono))
        };
        Some(WayBack { to: Some(to.clone()), standing, rehearsal, expires })
    }

    /// For how long the service was not read, if its link is not live.
    pub(super) fn unread_for(&self, ix: ServiceIx) -> Option<Duration> {
        let live = self.links.is_live(&SourceId::CloudRun { service: ix }, self.now.mono);
        let at = self.service(ix)?.traffic.as_ref()?.at?;
        (!live).then(|| self.now.mono.since(at))
    }

    /// Who acts on a service, and until when the token lasts, if that can be seen.
    pub(super) fn identified(&mut self, ix: ServiceIx, identity: Clean, expires: Option<Wall>) {
        self.identities.insert(ix, identity);
        self.readiness.of.entry(ix).or_default().expires = expires;
    }

    /// A new token was asked for, ahead of need.
    pub(super) fn renewed(&mut self, ix: ServiceIx, refused: Option<Clean>, ends: Option<Wall>) {
        let checked = self.readiness.of.entry(ix).or_default();
        (checked.unrenewed, checked.ends) = (refused, ends);
    }

    /// The API of a service is back: what was asked before says nothing of now, but what a person waits for is waited for.
    pub(super) fn readable_again(&mut self, ix: ServiceIx) {
        if let Some(checked) = self.readiness.of.get_mut(&ix) {
            checked.asked = checked.asked.take().filter(|asked| asked.rehearses);
        }
    }

    /// Asks again where it is time, one service at a time.
    pub(super) fn check_readiness(&mut self, effects: &mut Vec<Effect>) {
        if self.room.operator.mode != Mode::Operate {
            return;
        }
        let now = self.now;
        for ix in self.room.service_ixs() {
            let live = self.links.is_live(&SourceId::CloudRun { service: ix }, now.mono);
            // Also of a service that is not ready: a deploy that failed is when a way back is wanted.
            let Some(etag) = self.traffic(ix).filter(|_| live).map(|t| t.etag.clone()) else {
                continue;
            };
            let free = self.ops.acting_on(ix).is_none_or(|op| op.lets_go_back(now));
            let candidates = self.candidates(ix);
            let to = proposed(&candidates).and_then(|at| candidates.get(at)).map(|it| it.revision.as_str());
            let Some(to) = to.filter(|_| free) else { continue };
            let due = self.readiness.of.get(&ix).is_none_or(|checked| checked.is_due((to, &etag), now.mono));
            if due && self.ask_readiness(ix, false, effects).is_some() {
                return;
            }
        }
    }

    /// Sends the dry run; answers with the revision it is for, if there is one.
    pub(super) fn ask_readiness(
        &mut self,
        ix: ServiceIx,
        rehearses: bool,
        effects: &mut Vec<Effect>,
    ) -> Option<String> {
        let candidates = self.candidates(ix);
        let to = candidates.get(proposed(&candidates)?)?.revision.clone();
        let state = self.service(ix)?.traffic.as_ref()?;
        let change = state.freeze_rollback(ix, &to, self.now.wall)?;
        let (token, etag) = (self.token(), change.etag.clone());
        effects.push(Effect::Validate { token, act: OpKind::Rollback(change) });
        let now = self.now;
        let checked = self.readiness.of.entry(ix).or_default();
        let before = checked.asked.as_ref().filter(|before| before.to == to && !rehearses);
        let unanswered = before.and_then(|before| before.unanswered).or(Some(now.mono));
        let asked = Asked { token, at: now, to: to.clone(), etag, rehearses, unanswered };
        checked.asked = Some(asked);
        Some(to)
    }

    /// A dry run was answered; whether it was one of these.
    pub(super) fn readiness_told(
        &mut self,
        token: Token,
        refused: Option<&Denied>,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let is_it = |checked: &Checked| checked.asked.as_ref().is_some_and(|asked| asked.token == token);
        let Some((ix, checked)) = self.readiness.of.iter_mut().find(|(_, checked)| is_it(checked)) else {
            return false;
        };
        let ix = *ix;
        let Some(asked) = checked.asked.clone() else { return false };
        if let Some(asked) = &mut checked.asked {
            (asked.rehearses, asked.unanswered) = (false, None);
        }
        let refused = refused.map(|denied| Denied { why: in_short(&denied.why), ..denied.clone() });
        match &refused {
            None => (checked.accepted, checked.refused) = (Some((self.now.mono, asked.to.clone())), None),
            Some(denied) => {
                let before = checked.refused.as_ref().map_or(0, |(count, _)| *count);
                // A walk that a person asked for is believed at once.
                let count = if asked.rehearses { BELIEVED } else { before + 1 };
                checked.refused = Some((count, denied.why.clone()));
            }
        }
        if asked.rehearses {
            self.rehearsed((ix, &asked.to), asked.at, refused.as_ref(), effects);
        }
        true
    }

    /// Whether the API is still to be asked, or was asked so lately that it may answer yet.
    fn is_asking(&self, ix: ServiceIx) -> bool {
        let asked = self.readiness.of.get(&ix).and_then(|checked| checked.asked.as_ref());
        let since = asked.map(|asked| asked.unanswered.unwrap_or(asked.at.mono));
        let recent = since.is_none_or(|since| self.now.mono.since(since) < ANSWERS_IN);
        recent && self.unread_for(ix).is_none()
    }

    /// A way back that is not open, or of which that is not known, is a reason: in production one to wait.
    pub(super) fn readiness_reasons(&self) -> Vec<Reason> {
        let of = |ix: ServiceIx| {
            let way = self.way_back_of(ix).filter(|_| self.ops.acting_on(ix).is_none())?;
            let name = self.service_name(ix);
            let (subject, why) = match way.standing {
                Standing::Ready(_) => return None,
                // Whoever was asked just now may answer yet.
                Standing::NotKnown(_) if self.is_asking(ix) => return None,
                Standing::NotKnown(why) => (format!("way back for {name} not known"), why),
                Standing::NoTarget => {
                    (format!("no way back for {name}"), "no known-good Ready revision".into())
                }
                Standing::Not(why) => (format!("no way back for {name}"), why),
            };
            let reason = waiting(&subject, &why, ":rehearse tries it", PanelId::Traffic);
            let kind =
                if self.room.environment.production { ReasonKind::Waiting } else { ReasonKind::Warning };
            Some(Reason { kind, ..reason })
        };
        self.room.service_ixs().filter_map(of).collect()
    }
}

/// How the client begins the words of an error of a dry run.
const ASKING: &str = "ask whether the change would be taken: ";

/// The words of a refusal, what is missing first: there is little room for a reason.
fn in_short(why: &str) -> Clean {
    let why = why.strip_prefix(ASKING).unwrap_or(why);
    let missing = why.split_once("[missing ").and_then(|(_, rest)| rest.split_once(']'));
    match missing {
        Some((permission, _)) => Clean::new(&format!("{permission} is missing: {why}")),
        None => Clean::new(why),
    }
}

impl Checked {
    fn standing(&self, to: &str, now: Mono) -> Standing {
        if let Some((count, why)) = &self.refused
            && *count >= BELIEVED
        {
            return Standing::Not(why.clone());
        }
        match &self.accepted {
            Some((at, of)) if of == to && now.since(*at) < STALE => Standing::Ready(now.since(*at)),
            Some((at, of)) if of == to => {
                let age = format::age(now.since(*at));
                Standing::NotKnown(Clean::new(&format!("the dry run was last answered {age} ago")))
            }
            _ => Standing::NotKnown("the dry run was not answered yet".into()),
        }
    }

    /// Another target is asked about at once, but not while somebody waits for the answer to a walk.
    fn is_due(&self, (to, etag): (&str, &str), now: Mono) -> bool {
        let waits = |asked: &Asked| asked.rehearses && now.since(asked.at.mono) < LOST;
        if self.asked.as_ref().is_some_and(waits) {
            return false;
        }
        let Some(asked) = self.asked.as_ref().filter(|asked| asked.to == to) else { return true };
        let soon = self.refused.is_some() || asked.etag != etag || asked.unanswered.is_some();
        now.since(asked.at.mono) >= if soon { ASK_AGAIN } else { ASK_EVERY }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_takes_the_place_of_a_walk_that_somebody_waits_for() {
        let at = Now { mono: Mono::from_secs(10), wall: Wall::default() };
        let asked = Asked {
            token: Token(1),
            at,
            to: "a".into(),
            etag: "e".into(),
            rehearses: true,
            unanswered: None,
        };
        let checked = Checked { asked: Some(asked), refused: Some((1, "no".into())), ..Checked::default() };
        let due = |checked: &Checked, second| checked.is_due(("b", "f"), Mono::from_secs(second));
        assert!(!due(&checked, 30) && due(&checked, 70), "its answer may still come, and then it is lost");
        let answered = Checked { asked: checked.asked.map(|it| Asked { rehearses: false, ..it }), ..checked };
        assert!(due(&answered, 30));
    }
}
