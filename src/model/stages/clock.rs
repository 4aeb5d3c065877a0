//! The soak clock: it counts only time in which everything that the act needs was seen, fresh and good.
//!
//! Every console counts what it sees; what is valid is what the keeper writes down: once a minute, at once when something
//! failed or the clock began anew, and soon when it stands or has counted all. A console that comes later goes on from
//! there, so that a crash loses a minute at most, and never gains one.

use std::time::Duration;

use crate::domain::stage::{Course, Step, Stop, StopKind, duration};
use crate::domain::{
    Accepts, Clean, Condition, ConditionSpec, ConditionState, Entry, Mono, Now, Reason, ReasonKind, Record,
    format,
};
use crate::model::Model;
use crate::model::conditions::against_limit;
use crate::model::effect::Effect;

/// The longest time between two ticks that still counts as watched.
const LONGEST_STEP: Duration = Duration::from_secs(5);

/// It is written down at least so often while it counts.
const PERIOD: u64 = 60_000;

/// Stopped or asleep for so long, another console may have become the keeper: it is to be heard of first, for so long.
const AWAY: chrono::TimeDelta = chrono::TimeDelta::seconds(15);
const HEARS: Duration = Duration::from_secs(3);

/// A clock that goes on and off is written down at most so often, unless something failed.
const QUIET: Duration = Duration::from_secs(10);

/// The clock as this console counts it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ticking {
    /// Time that counted, in milliseconds.
    pub ms: u64,
    /// Why it stands; `None`: it runs.
    pub stop: Option<Stop>,
    last: Option<Now>,
    /// What failed since it counted last: the next time that counts is the first.
    failed: Option<Clean>,
    written: Option<Written>,
    /// Until when it hears what others wrote while it was away.
    hears: Option<Mono>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Written {
    at: Mono,
    ms: u64,
    kind: Option<StopKind>,
    failed: bool,
}

impl Ticking {
    /// A record was taken in. `anew`: a clock began with it. The keeper wrote the others itself, and counted on since.
    pub(super) fn recorded(&mut self, course: &Course, record: &Record, anew: bool, keeper: bool) {
        let of_clock = matches!(&record.entry, Entry::Stage(step) if matches!(**step, Step::Soaked { .. } | Step::Filled { .. }));
        let Some(clock) = course.open().map(|current| &current.clock) else {
            *self = Self::default();
            return;
        };
        if anew {
            *self = Self { ms: clock.ms, ..Self::default() };
        } else if of_clock && !(keeper && self.written.is_some_and(|written| written.ms == clock.ms)) {
            (self.ms, self.failed) = (clock.ms, clock.failed.clone());
            if !keeper {
                // Who looks sees more than the record; who does not look has the record alone, also that the clock runs again.
                let seen = self.stop.take().filter(|_| self.last.is_some());
                self.stop = seen.or_else(|| clock.stop.clone());
                self.written = None;
            }
        }
    }

    /// What failed since it counted last, also where something else holds it up by now.
    pub fn failed(&self) -> Option<&Clean> {
        self.failed.as_ref()
    }

    /// Whether it has counted anything in this process.
    pub(super) fn has_ticked(&self) -> bool {
        self.last.is_some()
    }

    /// Time that was looked up afterwards counts too: it is so far now, and `failed` is what failed since it counted last.
    pub(super) fn fill(&mut self, ms: u64, failed: Option<Clean>, now: Mono) {
        let kind = self.stop.as_ref().map(|stop| stop.kind);
        (self.ms, self.failed) = (ms, failed);
        self.written = Some(Written { at: now, ms, kind, failed: false });
    }

    /// A moment passed in which `stop` is known, and what fails; `most` is all that it counts.
    fn tick(&mut self, now: Now, stop: Option<Stop>, failed: Option<Clean>, most: u64) {
        let step = self.last.map(|last| now.mono.since(last.mono)).filter(|step| *step <= LONGEST_STEP);
        let away = self.last.is_some_and(|last| (now.wall - last.wall).abs() > AWAY);
        self.hears =
            if away { Some(now.mono.after(HEARS)) } else { self.hears.filter(|until| now.mono < *until) };
        // What was known at one tick is taken to last until the next.
        if let (Some(step), None) = (step, &self.stop) {
            self.ms = (self.ms + u64::try_from(step.as_millis()).unwrap_or(0)).min(most);
        }
        self.last = Some(now);
        if stop.is_none() && self.failed.take().is_some() {
            self.ms = 0;
        }
        self.failed = failed.or_else(|| self.failed.take());
        self.stop = stop;
    }

    fn is_due(&self, now: Mono, needs: u64) -> bool {
        let kind = self.stop.as_ref().map(|stop| stop.kind);
        let Some(written) = self.written else { return self.ms > 0 || kind.is_some() };
        let anew = self.ms < written.ms || (self.failed.is_some() && !written.failed);
        let turned = written.kind != kind && now.since(written.at) >= QUIET;
        let over = self.ms >= needs && written.ms < needs;
        anew || turned || over || self.ms >= written.ms.saturating_add(PERIOD)
    }
}

impl Model {
    /// A second passed: the clock of the stage under way counts it, or says why not.
    pub(in crate::model) fn count_soak(&mut self, effects: &mut Vec<Effect>) {
        let needs =
            self.stages.course.open().map(|current| current.clock.needs_ms).filter(|needs| *needs > 0);
        let Some(needs) = needs else {
            self.stages.clock = Ticking::default();
            self.stages.gaps.rest();
            return;
        };
        let (stop, failed) = self.soak_stop();
        self.look_for_gaps(stop.as_ref(), effects);
        if failed.is_some() {
            self.stages.gaps.void();
        }
        let looked_up = self.looks_up();
        let stop = stop.or_else(|| Some(Stop { kind: StopKind::Unseen, why: looked_up.clone()? }));
        let (stop, most) = self.as_recorded(stop, needs);
        self.stages.clock.tick(self.now, stop, failed, most);
        // What is written down ends the time that nobody watched.
        if self.stages.clock.is_due(self.now.mono, needs) && looked_up.is_none() {
            self.write_soak(effects);
        }
    }

    /// That a time which nobody watched is being looked up, in words.
    pub(super) fn looks_up(&self) -> Option<Clean> {
        let gap = self.stages.gaps.looks_up(self.now.mono).filter(|_| self.keeper)?;
        Some(Clean::new(&format!("looking up {} that nobody watched", format::age_seconds(gap))))
    }

    /// What is valid is what the keeper writes down: another console counts no more than it can have counted since, and
    /// stands where it does.
    fn as_recorded(&self, stop: Option<Stop>, needs: u64) -> (Option<Stop>, u64) {
        let recorded = self.stages.course.open().map(|current| &current.clock).filter(|_| !self.keeper);
        recorded.map_or((stop.clone(), needs), |clock| {
            (stop.or_else(|| clock.stop.clone()), needs.min(clock.ms.saturating_add(PERIOD)))
        })
    }

    /// Writes down how far the clock is, if this console keeps the journal.
    pub(in crate::model) fn write_soak(&mut self, effects: &mut Vec<Effect>) {
        let Some(current) = self.stages.course.open().filter(|_| self.keeper) else { return };
        let Ticking { ms, stop, failed, .. } = self.stages.clock.clone();
        let (kind, fails) = (stop.as_ref().map(|stop| stop.kind), failed.is_some());
        let written = self.stages.clock.written;
        let same = |it: Written| it.ms == ms && it.kind == kind && it.failed == fails;
        if current.clock.needs_ms == 0 || self.stages.clock.hears.is_some() || written.is_some_and(same) {
            return;
        }
        let step =
            Step::Soaked { clock: current.clock.record, stage: current.name.clone(), ms, stop, failed };
        self.stages.clock.written = Some(Written { at: self.now.mono, ms, kind, failed: fails });
        self.keep(Entry::Stage(Box::new(step)), effects);
    }

    /// The same before the room is left. What nobody watched and is still to be looked up is left to whoever comes next: a
    /// record would end it.
    pub(in crate::model) fn leave_soak(&mut self, effects: &mut Vec<Effect>) {
        if self.looks_up().is_none() {
            self.write_soak(effects);
        }
    }

    /// How far the clock of the stage under way is, and how far it has to go.
    pub fn soak(&self) -> Option<(Duration, Duration)> {
        let needs = self.stages.course.open()?.clock.needs_ms;
        (needs > 0).then(|| (duration(self.stages.clock.ms.min(needs)), duration(needs)))
    }

    /// Why the clock stands now, and what fails; neither: what the act needs is seen, fresh and good.
    fn soak_stop(&self) -> (Option<Stop>, Option<Clean>) {
        let room = self.room_reasons();
        let stop = |kind, why: String| Stop { kind, why: Clean::new(&why) };
        let failed = self.failed_now(&room).map(|why| Clean::new(&why));
        let paused = self.stages.course.open().and_then(|current| current.paused.as_ref());
        let stands = paused
            .map(|paused| stop(StopKind::Held, format!("held by {}", paused.by)))
            .or_else(|| failed.clone().map(|why| Stop { kind: StopKind::Failed, why }))
            .or_else(|| self.unseen_now(&room).map(|why| stop(StopKind::Unseen, why)))
            .or_else(|| self.unsettled_now().map(|why| stop(StopKind::Unsettled, why)));
        (stands, failed)
    }

    pub(super) fn counted(&self) -> impl Iterator<Item = (&ConditionSpec, &Condition)> {
        let left = self.left_behind();
        self.conditions.iter(&self.room).filter(move |(spec, state)| self.counts(&left, spec, state))
    }

    pub(super) fn failed_now(&self, room: &[Reason]) -> Option<String> {
        // What failed and is not seen now began the clock anew when it was seen; now it stands.
        let fails = |state: &Condition| state.state == ConditionState::Fail && state.lost().is_none();
        let failed = self.counted().find(|(_, state)| fails(state));
        let failed = failed.map(|(spec, state)| {
            format!("{} {}", spec.name, against_limit(spec, state)).trim_end().to_owned()
        });
        let fails = |it: &&Reason| matches!(it.kind, ReasonKind::Tripped | ReasonKind::Failing);
        failed.or_else(|| room.iter().find(fails).map(|it| it.told().to_string()))
    }

    /// Whether a person took it that a condition cannot be seen, and it cannot.
    pub(super) fn is_unwatched(&self, spec: &ConditionSpec, state: &Condition) -> bool {
        state.is_unwatched() && self.rulings.accepts(spec, Accepts::Unseen, self.now.wall)
    }

    fn unseen_now(&self, room: &[Reason]) -> Option<String> {
        let mut none = true;
        for (spec, state) in self.counted() {
            none = false;
            if state.is_unseen() && !self.is_unwatched(spec, state) {
                return Some(format!("no data: {}", spec.name));
            }
        }
        if none {
            return Some("nothing is watched".to_owned());
        }
        let unseen = room.iter().find(|it| it.kind == ReasonKind::Unseen);
        unseen.map(|it| it.told().to_string()).or_else(|| self.flags_unknown().into_iter().next())
    }

    /// What was seen and is neither good nor bad for long enough.
    pub(super) fn unsettled_now(&self) -> Option<String> {
        let words = |(spec, state): (&ConditionSpec, &Condition)| {
            let words = match state.state {
                ConditionState::Inconclusive if state.is_grey() => "is in its grey zone",
                ConditionState::Inconclusive if !self.is_unwatched(spec, state) => "is inconclusive",
                ConditionState::Warn if state.is_running() => "is over its limit",
                ConditionState::Warn if state.bad_of_last() > 0 => "was over its limit",
                ConditionState::Warn => "is past its warning",
                _ => return None,
            };
            Some(format!("{} {words}", spec.name))
        };
        self.counted().find_map(words).or_else(|| self.not_there_yet().into_iter().next())
    }
}

#[cfg(test)]
mod tests;
