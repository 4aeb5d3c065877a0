//! The soak clock: it counts only time in which everything that the act needs was seen, fresh and good.
//!
//! Every console counts what it sees; what is valid is what the keeper writes down: once a minute, at once when something
//! failed or the clock began anew, and soon when it stands or has counted all. A console that comes later goes on from
//! there, so that a crash loses a minute at most, and never gains one.

use std::time::Duration;

use crate::domain::stage::{Course, Step, Stop, StopKind, duration};
use crate::domain::{
    Accepts, Clean, Condition, ConditionSpec, ConditionState, Entry, Mono, Now, ReasonKind, Record,
};
use crate::model::Model;
use crate::model::conditions::against_limit;
use crate::model::effect::Effect;

/// The longest time between two ticks that still counts as watched.
const LONGEST_STEP: Duration = Duration::from_secs(5);

/// It is written down at least so often while it counts.
const PERIOD: u64 = 60_000;

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
    /// Something failed: the next time that counts is the first.
    anew: bool,
    written: Option<Written>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Written {
    at: Mono,
    ms: u64,
    kind: Option<StopKind>,
}

impl Ticking {
    /// A record was taken in. `anew`: a clock began with it. The keeper wrote the others itself, and counted on since.
    pub(super) fn recorded(&mut self, course: &Course, record: &Record, anew: bool, keeper: bool) {
        let of_clock = matches!(&record.entry, Entry::Stage(step) if matches!(**step, Step::Soaked { .. }));
        let Some(clock) = course.open().map(|current| &current.clock) else {
            *self = Self::default();
            return;
        };
        if anew {
            *self = Self { ms: clock.ms, ..Self::default() };
        } else if of_clock && !(keeper && self.written.is_some()) {
            self.ms = clock.ms;
            self.anew = clock.stop.as_ref().is_some_and(|stop| stop.kind == StopKind::Failed);
        }
    }

    /// A moment passed in which `stop` is known; `needs` is all that it counts.
    fn tick(&mut self, now: Now, stop: Option<Stop>, needs: u64) {
        let step = self.last.map(|last| now.mono.since(last.mono)).filter(|step| *step <= LONGEST_STEP);
        // What was known at one tick is taken to last until the next.
        if let (Some(step), None) = (step, &self.stop) {
            self.ms = (self.ms + u64::try_from(step.as_millis()).unwrap_or(0)).min(needs);
        }
        self.last = Some(now);
        if stop.is_none() && std::mem::take(&mut self.anew) {
            self.ms = 0;
        }
        self.anew |= stop.as_ref().is_some_and(|stop| stop.kind == StopKind::Failed);
        self.stop = stop;
    }

    fn is_due(&self, now: Mono, needs: u64) -> bool {
        let kind = self.stop.as_ref().map(|stop| stop.kind);
        let Some(written) = self.written else { return self.ms > 0 || kind.is_some() };
        let failed = kind == Some(StopKind::Failed);
        let anew = self.ms < written.ms || (failed && written.kind != kind);
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
            return;
        };
        let stop = self.soak_stop();
        self.stages.clock.tick(self.now, stop, needs);
        if self.stages.clock.is_due(self.now.mono, needs) {
            self.write_soak(effects);
        }
    }

    /// Writes down how far the clock is, if this console keeps the journal.
    pub(in crate::model) fn write_soak(&mut self, effects: &mut Vec<Effect>) {
        let Some(current) = self.stages.course.open().filter(|_| self.keeper) else { return };
        let Ticking { ms, stop, .. } = self.stages.clock.clone();
        let kind = stop.as_ref().map(|stop| stop.kind);
        let written = self.stages.clock.written;
        if current.clock.needs_ms == 0 || written.is_some_and(|it| it.ms == ms && it.kind == kind) {
            return;
        }
        let step = Step::Soaked { clock: current.clock.record, stage: current.name.clone(), ms, stop };
        self.stages.clock.written = Some(Written { at: self.now.mono, ms, kind });
        self.keep(Entry::Stage(Box::new(step)), effects);
    }

    /// How far the clock of the stage under way is, and how far it has to go.
    pub fn soak(&self) -> Option<(Duration, Duration)> {
        let needs = self.stages.course.open()?.clock.needs_ms;
        (needs > 0).then(|| (duration(self.stages.clock.ms.min(needs)), duration(needs)))
    }

    /// Why the clock stands now; `None`: what the act needs is seen, fresh and good.
    fn soak_stop(&self) -> Option<Stop> {
        let stop = |kind, why: &str| Some(Stop { kind, why: Clean::new(why) });
        if let Some(paused) = self.stages.course.open().and_then(|current| current.paused.as_ref()) {
            return stop(StopKind::Held, &format!("held by {}", paused.by));
        }
        self.failed_now()
            .and_then(|why| stop(StopKind::Failed, &why))
            .or_else(|| self.unseen_now().and_then(|why| stop(StopKind::Unseen, &why)))
            .or_else(|| self.unsettled_now().and_then(|why| stop(StopKind::Unsettled, &why)))
    }

    fn counted(&self) -> impl Iterator<Item = (&ConditionSpec, &Condition)> {
        let left = self.left_behind();
        self.conditions.iter(&self.room).filter(move |(spec, state)| self.counts(&left, spec, state))
    }

    fn failed_now(&self) -> Option<String> {
        let failed = self.counted().find(|(_, state)| state.state == ConditionState::Fail);
        let failed = failed.map(|(spec, state)| {
            format!("{} {}", spec.name, against_limit(spec, state)).trim_end().to_owned()
        });
        let said =
            |reason: &crate::domain::Reason| matches!(reason.kind, ReasonKind::Tripped | ReasonKind::Failing);
        failed.or_else(|| self.signed_reasons().into_iter().find(said).map(|it| it.told().to_string()))
    }

    fn unseen_now(&self) -> Option<String> {
        let mut none = true;
        for (spec, state) in self.counted() {
            none = false;
            let accepted = || self.rulings.accepts(spec, Accepts::Unseen, self.now.wall);
            if state.state.is_unseen() && !accepted() {
                return Some(format!("no data: {}", spec.name));
            }
        }
        if none {
            return Some("nothing is watched".to_owned());
        }
        let links = self.links.reasons(&self.room, self.now);
        links.into_iter().find(|it| it.kind == ReasonKind::Unseen).map(|it| it.told().to_string())
    }

    fn unsettled_now(&self) -> Option<String> {
        let running = self.counted().find(|(_, state)| {
            let judged = state.state.is_seen() && state.state != ConditionState::Accepted;
            judged && (state.state == ConditionState::Inconclusive || state.is_running())
        });
        if let Some((spec, state)) = running {
            let words = if state.state == ConditionState::Inconclusive {
                "is inconclusive"
            } else {
                "is over its limit"
            };
            return Some(format!("{} {words}", spec.name));
        }
        self.not_there_yet().into_iter().next()
    }

    /// What of the stage under way has not taken effect: its share of the traffic, its flags.
    pub fn not_there_yet(&self) -> Vec<String> {
        let Some(current) = self.stages.course.open() else { return Vec::new() };
        let mut lacking = Vec::new();
        for (name, share) in self.candidate_shares() {
            let wanted = current.percent.unwrap_or(0);
            if share < wanted {
                lacking.push(format!("{name} gets {share} % of {wanted} %"));
            }
        }
        let spec = self.stages.place(&current.name).and_then(|at| self.stages.specs().get(at));
        for flag in spec.into_iter().flat_map(|spec| &spec.flags) {
            if self.flag_is_on(flag) == Some(false) {
                lacking.push(format!("flag {flag} is off"));
            }
        }
        lacking
    }

    /// The share of each service's candidate, where the traffic is known.
    pub(super) fn candidate_shares(&self) -> Vec<(String, u8)> {
        let candidates = self.candidates_now();
        let of = |service: &crate::model::service::ServiceState| {
            let name = self.service_name(service.ix);
            let seen = candidates.get(&name)?;
            let traffic = self.traffic(service.ix)?;
            let known = traffic.revisions.iter().any(|revision| revision.name == seen.revision);
            known.then(|| (name, traffic.effective_percent(&seen.revision)))
        };
        self.services.iter().filter_map(of).collect()
    }

    /// Whether a flag is on, where that is known.
    pub fn flag_is_on(&self, name: &str) -> Option<bool> {
        self.flag(self.flag_named(name)?)?.value.as_bool()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Now {
        Now { mono: Mono::from_millis(millis), ..Now::default() }
    }

    fn stop(kind: StopKind) -> Stop {
        Stop { kind, why: "why".into() }
    }

    #[test]
    fn only_time_between_two_good_looks_counts() {
        let mut clock = Ticking::default();
        clock.tick(at(0), Some(stop(StopKind::Unseen)), 60_000);
        clock.tick(at(1_000), None, 60_000);
        assert_eq!(clock.ms, 0, "until then nothing was seen");
        clock.tick(at(2_000), None, 60_000);
        clock.tick(at(3_000), Some(stop(StopKind::Unseen)), 60_000);
        assert_eq!(clock.ms, 2_000);
        clock.tick(at(4_000), None, 60_000);
        assert_eq!(clock.ms, 2_000);
        clock.tick(at(20_000), None, 60_000);
        assert_eq!(clock.ms, 2_000, "this process slept, and nobody watched");
        clock.tick(at(21_000), None, 2_500);
        assert_eq!(clock.ms, 2_500, "no more than it needs");
    }

    #[test]
    fn after_a_failure_it_begins_anew() {
        let mut clock = Ticking::default();
        for (at_ms, stopped) in [(0, None), (1_000, None), (2_000, Some(stop(StopKind::Failed)))] {
            clock.tick(at(at_ms), stopped, 60_000);
        }
        assert_eq!(clock.ms, 2_000, "it stands where it failed");
        clock.tick(at(3_000), Some(stop(StopKind::Unseen)), 60_000);
        assert_eq!(clock.ms, 2_000);
        clock.tick(at(4_000), None, 60_000);
        clock.tick(at(5_000), None, 60_000);
        assert_eq!(clock.ms, 1_000, "what was not seen in between did not make it good");
    }

    #[test]
    fn it_is_written_sparingly_and_a_failure_at_once() {
        let due = |ms, kind: Option<StopKind>, written: Option<(u64, u64, Option<StopKind>)>, now| {
            let written = written.map(|(at, ms, kind)| Written { at: Mono::from_millis(at), ms, kind });
            let clock = Ticking { ms, stop: kind.map(stop), written, ..Ticking::default() };
            clock.is_due(Mono::from_millis(now), 600_000)
        };
        assert!(due(1_000, None, None, 1_000), "that it runs");
        assert!(
            !due(59_999, None, Some((0, 0, None)), 60_000) && due(60_000, None, Some((0, 0, None)), 60_000)
        );
        assert!(!due(5_000, Some(StopKind::Unseen), Some((0, 0, None)), 9_999));
        assert!(due(5_000, Some(StopKind::Unseen), Some((0, 0, None)), 10_000));
        assert!(due(5_000, Some(StopKind::Failed), Some((4_000, 4_000, None)), 5_000));
        assert!(due(0, None, Some((4_000, 4_000, Some(StopKind::Failed))), 5_000), "that it begins anew");
        assert!(due(600_000, None, Some((0, 590_000, None)), 10), "that it is over");
        assert!(!due(600_000, None, Some((0, 600_000, None)), 10_000_000));
    }
}
