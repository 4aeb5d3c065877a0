//! Rollback readiness: whether a rollback could be carried out now, looked at all night, so that nobody finds expired
//! credentials while acting. Asking is a dry run (`validateOnly`) of the very request, with an interval; it moves nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::record::Guard;
use crate::domain::room::Mode;
use crate::domain::{
    Clean, Entry, Mono, Now, OpKind, PanelId, Reason, ReasonKind, Record, ServiceIx, SourceId, Wall, format,
};

use super::Model;
use super::effect::Effect;
use super::msg::Token;
use super::reasons::waiting;
use super::rollback::proposed;

/// How often the API is asked.
const ASK_EVERY: Duration = Duration::from_mins(2);

/// How often after a refusal; and how soon after the service was changed.
const ASK_AGAIN: Duration = Duration::from_secs(15);

/// An answer older than this says nothing of now.
const STALE: Duration = Duration::from_mins(5);

/// Refusals in a row that are believed: one may be an API that hiccups.
const BELIEVED: u32 = 2;

/// What is known of the way back of each service.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Readiness {
    of: BTreeMap<ServiceIx, Checked>,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Checked {
    asked: Option<Asked>,
    accepted: Option<(Mono, String)>,
    refused: Option<(u32, Clean)>,
    rehearsal: Option<Rehearsal>,
}

#[derive(Debug, Clone, PartialEq)]
struct Asked {
    token: Token,
    at: Now,
    to: String,
    etag: String,
    rehearses: bool,
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
    /// Not asked yet, or not lately.
    NotKnown,
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
        let Some(to) = to else {
            let whole = traffic.sole().is_some();
            return (!whole).then_some(WayBack { to: None, standing: Standing::NoTarget, rehearsal });
        };
        let standing = match self.journal_fault() {
            Some(why) => Standing::Not(Clean::new(&format!("the journal cannot be written: {why}"))),
            None => checked.map_or(Standing::NotKnown, |checked| checked.standing(to, self.now.mono)),
        };
        Some(WayBack { to: Some(to.clone()), standing, rehearsal })
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
            let free = self.ops.acting_on(ix).is_none();
            let due = self.readiness.of.get(&ix).is_none_or(|checked| checked.is_due(&etag, now.mono));
            if free && due && self.ask_readiness(ix, false, effects).is_some() {
                return;
            }
        }
    }

    /// Sends the dry run; answers with the revision it is for, if there is one.
    fn ask_readiness(&mut self, ix: ServiceIx, rehearses: bool, effects: &mut Vec<Effect>) -> Option<String> {
        let candidates = self.candidates(ix);
        let to = candidates.get(proposed(&candidates)?)?.revision.clone();
        let state = self.service(ix)?.traffic.as_ref()?;
        let change = state.freeze_rollback(ix, &to, self.now.wall)?;
        let (token, etag) = (self.token(), change.etag.clone());
        effects.push(Effect::Validate { token, act: OpKind::Rollback(change) });
        let asked = Asked { token, at: self.now, to: to.clone(), etag, rehearses };
        self.readiness.of.entry(ix).or_default().asked = Some(asked);
        Some(to)
    }

    /// Walks the whole path of a rollback with `validateOnly`: what is to be frozen, sent and written down. Leaves a
    /// record.
    pub(super) fn rehearse(&mut self, ix: ServiceIx, effects: &mut Vec<Effect>) {
        let name = self.service_name(ix);
        match self.ask_readiness(ix, true, effects) {
            Some(to) => {
                let to = self.short_revision(ix, &to).to_owned();
                self.say(&format!("rehearsing: would {name} go back to {to}? Nothing is moved"));
            }
            None => self.say("nothing to rehearse: no known-good revision to go back to is known"),
        }
    }

    /// A dry run was answered; whether it was one of these.
    pub(super) fn readiness_told(
        &mut self,
        token: Token,
        refused: Option<&Clean>,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let is_it = |checked: &Checked| checked.asked.as_ref().is_some_and(|asked| asked.token == token);
        let Some((ix, checked)) = self.readiness.of.iter_mut().find(|(_, checked)| is_it(checked)) else {
            return false;
        };
        let ix = *ix;
        let Some(asked) = checked.asked.clone() else { return false };
        let refused = refused.map(|why| in_short(why));
        match &refused {
            None => (checked.accepted, checked.refused) = (Some((self.now.mono, asked.to.clone())), None),
            Some(why) => {
                let before = checked.refused.as_ref().map_or(0, |(count, _)| *count);
                // A walk that a person asked for is believed at once.
                let count = if asked.rehearses { BELIEVED } else { before + 1 };
                checked.refused = Some((count, why.clone()));
            }
        }
        if asked.rehearses {
            self.rehearsed(ix, &asked, refused, effects);
        }
        true
    }

    fn rehearsed(&mut self, ix: ServiceIx, asked: &Asked, refused: Option<Clean>, effects: &mut Vec<Effect>) {
        let took = self.now.mono.since(asked.at.mono);
        let to = self.short_revision(ix, &asked.to).to_owned();
        let words = match &refused {
            None => format!(
                "rehearsed in {}: 100 % to {to} would be taken; nothing was moved",
                format::short(took)
            ),
            Some(why) => format!("rehearsed: 100 % to {to} would FAIL: {why}"),
        };
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let entry =
            Entry::Rehearsed { service: self.service_name(ix), to: asked.to.clone(), refused, millis };
        let draft = self.mine(entry);
        self.append(draft, Guard::Free, effects);
        self.say(&words);
    }

    /// A way back that is not open is a reason: in production one to wait.
    pub(super) fn readiness_reasons(&self) -> Vec<Reason> {
        let of = |ix: ServiceIx| {
            let way = self.way_back_of(ix).filter(|_| self.ops.acting_on(ix).is_none())?;
            let why = match way.standing {
                Standing::Ready(_) | Standing::NotKnown => return None,
                Standing::NoTarget => Clean::new("no known-good Ready revision"),
                Standing::Not(why) => why,
            };
            let subject = format!("no way back for {}", self.service_name(ix));
            let reason = waiting(&subject, &why, ":rehearse tries it", PanelId::Traffic);
            let waits = self.room.environment.production && way.to.is_some();
            let kind = if waits { ReasonKind::Waiting } else { ReasonKind::Warning };
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
            _ => Standing::NotKnown,
        }
    }

    fn is_due(&self, etag: &str, now: Mono) -> bool {
        let Some(asked) = &self.asked else { return true };
        let soon = self.refused.is_some() || asked.etag != etag;
        now.since(asked.at.mono) >= if soon { ASK_AGAIN } else { ASK_EVERY }
    }
}
