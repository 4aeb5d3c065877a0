//! Operations as the room follows them: own ones by their runner's word, others' by the journal.
//!
//! REQUESTED to EFFECTIVE come from the runner. VERIFIED and DRAINED are decided here, from fresh signals over time.
//! Every step of an own operation is journaled once; nothing here ever sends a request by itself.

mod look;
mod shown;
mod silence;
mod waits;

pub use look::{Clock, Look};

use std::time::Duration;

use crate::domain::{Clean, Entry, Mono, Now, OpId, OpKind, OpState, Record, ServiceIx, Wall, format};

use super::effect::SENT_WITHIN;
use super::msg::Token;

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Identity.
    pub id: OpId,
    /// What it does, frozen.
    pub act: OpKind,
    /// Why.
    pub reason: Clean,
    /// Who.
    pub by: Clean,
    /// Whether this console sent or adopted it (and so decides VERIFIED and DRAINED).
    pub mine: bool,
    /// The states passed, in order, each with its time and words.
    pub steps: Vec<Step>,
    /// When it failed, if its own console saw that, and when its service had been read before.
    pub failed: Option<(Mono, Option<Mono>)>,
    /// How long all has been good since EFFECTIVE, without a break.
    pub good_for: Duration,
    /// How long it must be.
    pub good_needed: Duration,
    /// Why the clock toward VERIFIED does not run: bad or unseen.
    pub clock: Clock,
    /// Sockets on the old revisions: (left, at EFFECTIVE), as counted last; `None`: no source ever counted them.
    pub sockets: Option<(u64, u64)>,
    /// Whether the old revisions were counted at the last look.
    pub counted: bool,
    /// The intent's token while the journal has not answered.
    pub token: Option<Token>,
    /// After this it is not sent any more.
    pub until: Wall,
    /// The API asked to wait.
    pub waits: Option<Wait>,
    /// Until when it rested to be sent once more, or rests, as the journal has it.
    pub rested: Option<Wall>,
    /// It was sent without the journal, which does not have it so far.
    pub unrecorded: bool,
    last_look: Option<Now>,
    /// When its newest step came here.
    came: Option<silence::Came>,
    /// Since when it is UNKNOWN, or was looked at last because of that.
    looked: Option<Mono>,
    /// Since when it is seen here that its next state is reached, which whoever follows it would have told.
    due: Option<Mono>,
}

/// A wait that the API asked for (429).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// Until when nothing is asked of it.
    pub until: Wall,
    /// What it said.
    pub why: Clean,
    /// Its record, while the journal has not answered.
    pub token: Option<Token>,
}

/// A state that was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub state: OpState,
    /// When.
    pub at: Wall,
    /// In words.
    pub detail: Clean,
}

impl Operation {
    /// A new own operation, before anything was sent.
    pub fn new(id: OpId, act: OpKind, reason: Clean, by: Clean, token: Token) -> Self {
        Self { mine: true, token: Some(token), ..Self::seen(id, act, reason, by) }
    }

    fn seen(id: OpId, act: OpKind, reason: Clean, by: Clean) -> Self {
        Self {
            id,
            act,
            reason,
            by,
            mine: false,
            steps: Vec::new(),
            failed: None,
            good_for: Duration::ZERO,
            good_needed: Duration::ZERO,
            clock: Clock::Waiting,
            sockets: None,
            counted: false,
            token: None,
            until: Wall::MIN_UTC,
            waits: None,
            rested: None,
            unrecorded: false,
            last_look: None,
            came: None,
            looked: None,
            due: None,
        }
    }

    /// Where it is; `None` before the journal took its intent.
    pub fn state(&self) -> Option<OpState> {
        self.steps.last().map(|step| step.state)
    }

    /// Whether more is expected of it. Where no revision loses all its traffic there are no sockets to drain.
    pub fn is_over(&self) -> bool {
        match self.state() {
            None => false,
            Some(state) if matches!(self.act, OpKind::Run(_)) => state.frees_resource(),
            Some(OpState::Verified) => !self.act.drains(),
            Some(state) => state.is_final(),
        }
    }

    /// Whether it was sent and is not yet known to be good: what the verdict waits for, and the banner shows.
    pub fn is_acting(&self) -> bool {
        let sent = self.state().is_some_and(|state| state < OpState::Verified || state == OpState::Unknown);
        sent && !self.is_over() && !matches!(self.clock, Clock::Unserved | Clock::Unwatched)
    }

    /// When it became effective, if it did.
    pub fn effective_at(&self) -> Option<Wall> {
        self.steps.iter().find(|step| step.state == OpState::Effective).map(|step| step.at)
    }

    /// Whether another operation may begin on its resource.
    pub fn frees_resource(&self) -> bool {
        self.state().is_some_and(OpState::frees_resource)
    }

    /// Whether a way back may be asked for beside it.
    pub fn lets_go_back(&self, now: Now) -> bool {
        self.frees_resource() || self.is_lost_rest(now)
    }

    /// Whether it is shown where a way back is asked for: it holds its resource, or is a way back that is being judged.
    pub fn bars_a_way_back(&self) -> bool {
        !self.frees_resource() || matches!(self.act, OpKind::Rollback(_))
    }

    /// How long ago its request left at least, if it left: by the time of its intent, or the end of its rest.
    pub fn sent_ago(&self, now: Wall) -> Duration {
        let begins = self.rested.or_else(|| self.steps.first().map(|intent| intent.at));
        let since = begins.and_then(|at| (now - at).to_std().ok()).unwrap_or_default();
        since.saturating_sub(SENT_WITHIN)
    }

    /// Goes on to `state` if the machine allows it; false if not.
    pub fn advance(&mut self, state: OpState, detail: Clean, at: Wall) -> bool {
        let allowed = match self.state() {
            None => true,
            Some(from) => from.may_become(state),
        };
        if allowed {
            self.waits = None;
            self.steps.push(Step { state, at, detail });
        }
        allowed
    }

    /// Looks at the target; answers with the state reached, if one was.
    pub fn look(&mut self, look: Look, now: Now) -> Option<(OpState, Clean)> {
        let reached = self.reached_by(look, now);
        self.due = reached.as_ref().and_then(|_| self.due.or(Some(now.mono)));
        reached
    }

    fn reached_by(&mut self, look: Look, now: Now) -> Option<(OpState, Clean)> {
        let step = self.last_look.replace(now).map_or(Duration::ZERO, |last| now.mono.since(last.mono));
        let step = step.min(Duration::from_secs(5));
        self.good_needed = look.needed;
        self.counted = look.sockets.is_some();
        if let Some(left) = look.sockets {
            let first = self.sockets.map_or(left, |(_, first)| first.max(left));
            self.sockets = Some((left, first));
        }
        if look.superseded.is_some() {
            // Whoever only watches goes on watching; what was good before says nothing any more.
            (self.good_for, self.clock) = (Duration::ZERO, Clock::Waiting);
        }
        match self.state()? {
            OpState::Effective | OpState::Verified if look.superseded.is_some() => {
                look.superseded.map(|by| (OpState::Superseded, by))
            }
            OpState::Effective if look.unserved => {
                self.clock = Clock::Unserved;
                None
            }
            OpState::Effective if look.unwatched => {
                self.clock = Clock::Unwatched;
                None
            }
            OpState::Effective => {
                self.run_clock(look.good, step);
                (self.good_for >= look.needed && self.clock == Clock::Running).then(|| {
                    let detail = format!("good and fresh for {}", format::age(self.good_for));
                    (OpState::Verified, Clean::new(&detail))
                })
            }
            OpState::Verified if self.act.drains() => (look.sockets == Some(0))
                .then(|| (OpState::Drained, Clean::new("no socket left, as the server counts"))),
            _ => None,
        }
    }

    fn run_clock(&mut self, good: Option<bool>, step: Duration) {
        match good {
            Some(true) => {
                if self.clock == Clock::Running {
                    self.good_for += step;
                }
                self.clock = Clock::Running;
            }
            Some(false) => {
                self.good_for = Duration::ZERO;
                self.clock = Clock::Bad;
            }
            None => self.clock = Clock::Blind,
        }
    }
}

/// All operations of the room, oldest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Operations {
    list: Vec<Operation>,
    /// The journal was read before: steps that come now are new.
    noticed: bool,
}

impl Operations {
    /// All, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Operation> {
        self.list.iter()
    }

    /// All, to be moved on.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Operation> {
        self.list.iter_mut()
    }

    /// One by its id.
    pub fn get(&self, id: &OpId) -> Option<&Operation> {
        self.list.iter().find(|op| op.id == *id)
    }

    /// One by its id, to be moved on.
    pub fn get_mut(&mut self, id: &OpId) -> Option<&mut Operation> {
        self.list.iter_mut().find(|op| op.id == *id)
    }

    /// The later one that took the place of `id`, if one did: what is seen from then on says nothing of `id` any more.
    pub fn in_place_of(&self, id: &OpId) -> Option<&Operation> {
        let mut later = self.list.iter().skip_while(|op| op.id != *id);
        let replaced = later.next()?;
        later.filter(|op| op.effective_at().is_some()).find(|op| op.act.replaces(&replaced.act))
    }

    /// The later one that did what `id` asks for: the API took that one, and this one as far as anybody knows not. One that
    /// failed did nothing.
    pub fn done_instead_of(&self, id: &OpId) -> Option<&Operation> {
        let taken = |op: &Operation| {
            op.steps.iter().any(|step| matches!(step.state, OpState::Accepted | OpState::Reconciling))
        };
        let mut later = self.list.iter().skip_while(|op| op.id != *id);
        let asked = later.next().filter(|op| !taken(op))?;
        later.find(|op| op.act.repeats(&asked.act) && taken(op) && op.state() != Some(OpState::Failed))
    }

    /// The operation whose intent waits for this answer of the journal.
    pub fn by_token(&mut self, token: Token) -> Option<&mut Operation> {
        self.list.iter_mut().find(|op| op.token == Some(token))
    }

    /// The operation of whose wait this is the journal's answer.
    pub fn by_wait(&mut self, token: Token) -> Option<&mut Operation> {
        self.list.iter_mut().find(|op| op.waits.as_ref().is_some_and(|wait| wait.token == Some(token)))
    }

    /// Adds a new own one.
    pub fn push(&mut self, op: Operation) {
        self.list.push(op);
    }

    /// Forgets one that the journal refused before anything was sent.
    pub fn remove(&mut self, id: &OpId) {
        self.list.retain(|op| op.id != *id);
    }

    /// What was sent and is not yet known to be good, newest first.
    pub fn all_acting(&self) -> impl Iterator<Item = &Operation> {
        self.list.iter().rev().filter(|op| op.is_acting())
    }

    /// The one of them that is told of where there is room for one: what is not done yet before what only shows itself,
    /// traffic before flags of a live provider, else the newest.
    pub fn acting(&self) -> Option<&Operation> {
        let urgent = |op: &&Operation| (!op.frees_resource(), op.act.live().is_none());
        self.list.iter().filter(|op| op.is_acting()).max_by_key(urgent)
    }

    /// The same on one service; a flag of a live provider holds none.
    pub fn acting_on(&self, service: ServiceIx) -> Option<&Operation> {
        let on_it = |op: &&Operation| op.act.service() == service && op.act.live().is_none();
        self.list.iter().rev().filter(on_it).find(|op| op.is_acting())
    }

    /// Folds a record in; own ones are known already. `place` says where in this room the service of an act is, which
    /// another console may have elsewhere; an operation on none of ours is not followed. Answers with the own
    /// operation whose end somebody else wrote down.
    pub fn record(
        &mut self,
        record: &Record,
        place: impl FnOnce(&OpKind) -> Option<ServiceIx>,
    ) -> Option<OpId> {
        match &record.entry {
            Entry::Intent { op, act, reason, .. } if self.get(op).is_none() => {
                let act = act.clone().at(place(act)?);
                let mut seen = Operation::seen(op.clone(), act, reason.clone(), record.by.clone());
                seen.advance(OpState::Requested, Clean::new(&format!("journal {}", record.seq)), record.at);
                self.list.push(seen);
            }
            Entry::Intent { op, .. } => self.get_mut(op)?.unrecorded = false,
            Entry::Progress { op, state, detail, until } => {
                let known = self.get_mut(op)?;
                if known.state() == Some(*state) {
                    // News of the same state: a wait that its console was told.
                    if *state == OpState::Requested {
                        known.rests(*until, detail);
                    }
                    if let Some(step) = known.steps.last_mut().filter(|_| !known.mine) {
                        step.detail.clone_from(detail);
                    }
                    return None;
                }
                let news = known.advance(*state, detail.clone(), record.at);
                return (news && known.mine && state.frees_resource()).then(|| op.clone());
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
#[path = "ops_tests.rs"]
mod tests;
