//! Conditions: a comparison on a signal, sustained for a time; and triggers, the conditions that ask for a rollback.
//!
//! The state machine is pure: readings and times go in, a [`ConditionState`] comes out. No data and stale data
//! neither pass nor clear anything, and a stopwatch stands still while its data is not fresh.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Mono, Now, Origin, Reading, Watched, signal};

mod limit;
mod outstanding;
mod spec;

pub use limit::{Comparator, Limit};
pub use outstanding::{CountedBefore, Outstanding, Said};
use spec::By;
pub use spec::{ConditionSpec, OutOf, Purpose};

/// The answer of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConditionState {
    /// Seen, and good.
    Pass,
    /// Seen, and past the warning, or past the limit but not yet for long enough.
    Warn,
    /// Seen, and bad for long enough.
    Fail,
    /// Seen, but neither good nor bad: in the grey zone between target and limit, too few samples to say, or nothing to
    /// compare with.
    Inconclusive,
    /// The signal has no value.
    NoData,
    /// The signal's value is too old to be believed.
    Stale,
    /// Bad, and accepted by a named person until a named time.
    Accepted,
}

impl ConditionState {
    /// Whether fresh data stands behind the answer.
    pub fn is_seen(self) -> bool {
        matches!(self, Self::Pass | Self::Warn | Self::Fail | Self::Accepted)
    }

    /// Whether there is nothing, or nothing fresh, that could be judged.
    pub fn is_unseen(self) -> bool {
        matches!(self, Self::NoData | Self::Stale)
    }
}

/// A condition's running state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// The newest answer.
    pub state: ConditionState,
    /// The newest value, fresh or not.
    pub value: Option<f64>,
    /// When the value was measured.
    pub measured: Option<Mono>,
    /// Which revision the value speaks of; while a failure clears, the one that it was of.
    pub origin: Origin,
    /// Observations behind the value.
    pub samples: Option<u64>,
    /// Since when `state` is what it is; a failure that could not be seen for a while goes on from its beginning.
    pub since: Option<Now>,
    /// How long the limit has been crossed without a break, counted only over fresh data.
    pub over_for: Duration,
    clear_for: Duration,
    last_seen: Option<Mono>,
    /// Since when it is tripped.
    tripped: Option<Now>,
    /// Since when nobody sees what it tripped on: it stays tripped.
    #[serde(default)]
    lost: Option<Now>,
    #[serde(default)]
    before: Option<CountedBefore>,
    /// Whether the revision it speaks of served traffic while the limit was crossed.
    exposed: bool,
    /// The value that was judged last misses the target.
    short: bool,
    /// How much was watched, where that is too little to say anything.
    pub too_early: Option<Watched>,
    /// It counts over a short time, of which only so much was watched so far.
    #[serde(default)]
    pub so_far: Option<Watched>,
    /// What its panel said of it when it was seen last, while it is not good.
    #[serde(default)]
    said: Option<Said>,
    /// Of the last measurements, oldest first, whether each was bad; kept where so many of them have to be.
    last: VecDeque<bool>,
}

/// The longest gap between two looks that still counts as watched.
const LONGEST_STEP: Duration = Duration::from_secs(5);

impl Default for Condition {
    fn default() -> Self {
        Self {
            state: ConditionState::NoData,
            value: None,
            measured: None,
            origin: Origin::Unknown,
            samples: None,
            since: None,
            over_for: Duration::ZERO,
            clear_for: Duration::ZERO,
            last_seen: None,
            tripped: None,
            lost: None,
            before: None,
            exposed: false,
            short: false,
            too_early: None,
            so_far: None,
            said: None,
            last: VecDeque::new(),
        }
    }
}

impl Condition {
    /// Judges `reading` at `now`; true when the state changed. What is `accepted` is not bad, and its stopwatch runs on. What
    /// tripped stays so until it is seen to be good: silence clears nothing.
    pub fn step(
        &mut self,
        spec: &ConditionSpec,
        reading: Option<&Reading>,
        accepted: bool,
        now: Now,
    ) -> bool {
        let kept = self.value.filter(|_| self.tripped.is_some());
        let judged = self.judge(spec, reading, now, LONGEST_STEP);
        // Too little to judge by is not seen to be good; where there is nothing to compare with any more, it is over.
        let few = judged == ConditionState::Inconclusive && self.value.is_some();
        let lost = (judged.is_unseen() || few) && !accepted && self.tripped.is_some();
        if lost && few {
            self.value = kept.or(self.value);
        }
        self.lost = self.lost.or(Some(now)).filter(|_| lost);
        let judged = if lost { ConditionState::Fail } else { judged };
        let bad = judged == ConditionState::Fail
            || (judged == ConditionState::Warn && self.is_running())
            || self.short;
        let state = if accepted && bad { ConditionState::Accepted } else { judged };
        let changed = state != self.state || self.since.is_none();
        if changed {
            self.state = state;
            self.since = self.tripped.filter(|_| state == ConditionState::Fail).or(Some(now));
        }
        changed
    }

    /// Judges a moment of the past that is looked back on in steps of `step`.
    pub fn look_back(
        &mut self,
        spec: &ConditionSpec,
        reading: Option<&Reading>,
        now: Now,
        step: Duration,
    ) -> ConditionState {
        self.judge(spec, reading, now, step)
    }

    /// Since when nobody sees what it tripped on.
    pub fn lost(&self) -> Option<Now> {
        self.lost
    }

    /// Since when there is nothing fresh that could be judged; of what failed that is later than its failure.
    pub fn unseen_since(&self) -> Option<Now> {
        self.lost.or(self.since).filter(|_| self.is_unseen())
    }

    /// Whether there is nothing fresh that could be judged, whether it tripped before or not.
    pub fn is_unseen(&self) -> bool {
        self.state.is_unseen() || self.lost.is_some()
    }

    /// Whether nothing can be said because nobody saw it, or not for long enough.
    pub fn is_unwatched(&self) -> bool {
        self.is_unseen() || (self.state == ConditionState::Inconclusive && self.too_early.is_some())
    }

    /// Whether it was judged on fresh data, and its value misses the target: in the grey zone, or worse.
    pub fn is_short(&self) -> bool {
        self.short
    }

    /// Whether its value lies between the target and the limits: seen, and neither good nor bad.
    pub fn is_grey(&self) -> bool {
        self.short && self.state == ConditionState::Inconclusive
    }

    /// Whether fresh data stands behind the answer.
    pub fn is_seen(&self) -> bool {
        self.lost.is_none() && (self.state.is_seen() || self.is_grey())
    }

    /// Notes whether the revision that it speaks of serves traffic now.
    pub fn note_exposure(&mut self, serves: bool) {
        self.exposed = self.is_running() && (self.exposed || (serves && !self.was_clearing()));
    }

    /// Whether its limit was crossed while the revision that it speaks of served traffic: what went wrong before it
    /// got any is no reason to take it away again.
    pub fn was_exposed(&self) -> bool {
        self.exposed
    }

    fn judge(
        &mut self,
        spec: &ConditionSpec,
        reading: Option<&Reading>,
        now: Now,
        longest: Duration,
    ) -> ConditionState {
        self.short = false;
        (self.too_early, self.so_far) = (None, None);
        // What would be good only because nothing came is not known: silence clears nothing.
        let silent = |reading: &Reading| {
            self.is_running() && reading.samples == Some(0) && !spec.fail.holds(reading.value)
        };
        let Some(reading) = reading.filter(|reading| !reading.value.is_nan() && !silent(reading)) else {
            self.last_seen = None;
            // Both were measured, and there is no share of nothing.
            let compared = matches!(
                spec.signal.part(),
                Some(signal::CANARY_VS_STABLE | signal::BEFORE | signal::VS_BEFORE)
            );
            let nothing = compared && reading.is_some_and(|reading| reading.fresh);
            // What it tripped on stays in sight, with its age.
            self.value = self.value.filter(|_| self.tripped.is_some() && !nothing);
            return if nothing { ConditionState::Inconclusive } else { ConditionState::NoData };
        };
        // What runs keeps the number that was measured last: in a window that nobody fills any more it only falls.
        if !reading.fresh && self.is_running() {
            self.last_seen = None;
            return ConditionState::Stale;
        }
        self.value = Some(reading.value);
        let new = std::mem::replace(&mut self.measured, reading.moment()) != reading.moment();
        self.samples = reading.samples;
        if self.tripped.is_none() || spec.fail.holds(reading.value) {
            self.origin = reading.origin.clone();
        }
        if !reading.fresh {
            self.last_seen = None;
            return ConditionState::Stale;
        }
        if self.is_too_little(spec, reading) {
            self.last_seen = None;
            return ConditionState::Inconclusive;
        }
        let step = self.last_seen.map_or(Duration::ZERO, |last| now.mono.since(last).min(longest));
        let bad = spec.fail.holds(reading.value);
        // A stopwatch of the console before is not broken by what is only good so far.
        self.last_seen = Some(now.mono).filter(|_| bad || self.so_far.is_none() || self.is_running());
        let over = match spec.out_of {
            Some(rule) => self.count(bad, new, rule),
            None => Some(bad),
        };
        let Some(over) = over else { return ConditionState::Inconclusive };
        self.run_stopwatch(spec, over, step, now);
        self.short = spec.target.is_some_and(|target| !target.holds(reading.value));
        if self.tripped.is_some() {
            ConditionState::Fail
        } else if self.is_running()
            || self.bad_of_last() > 0
            || spec.warn.is_some_and(|warn| warn.holds(reading.value))
        {
            ConditionState::Warn
        } else if self.short {
            ConditionState::Inconclusive
        } else {
            ConditionState::Pass
        }
    }

    /// Whether too little stands behind a reading to judge by it: samples, or time that was watched.
    fn is_too_little(&mut self, spec: &ConditionSpec, reading: &Reading) -> bool {
        // Of a part alone no count is no proof of enough: a canary may have had two requests.
        let few = reading
            .samples
            .map_or(spec.min_samples > 0 && spec.signal.part().is_some(), |count| count < spec.min_samples);
        self.so_far = reading.watched.filter(|it| it.is_short_count() && !it.is_enough(Duration::ZERO));
        let by = if self.before.is_some() { By::Before } else { By::Here };
        let failed = self.is_running().then_some(by);
        self.too_early = reading.watched.filter(|_| spec.is_too_early(reading, failed));
        few || self.too_early.is_some()
    }

    /// Whether too many of the last measurements are bad; `None` while there are too few to say.
    fn count(&mut self, bad: bool, new: bool, rule: OutOf) -> Option<bool> {
        if new {
            self.last.push_back(bad);
            let over = self.last.len().saturating_sub(usize::from(rule.last));
            self.last.drain(..over);
        }
        let (bad, missing) = (self.bad_of_last(), usize::from(rule.last) - self.last.len());
        let enough = usize::from(rule.bad);
        if bad >= enough {
            Some(true)
        } else {
            // What was not measured yet could still be bad.
            (bad + missing < enough).then_some(false)
        }
    }

    /// How many of the last measurements are bad, where so many of them have to be.
    pub fn bad_of_last(&self) -> usize {
        self.last.iter().filter(|bad| **bad).count()
    }

    /// How many of the last measurements are bad if the next one is: it may push a bad one out.
    pub fn bad_after_next(&self, rule: OutOf) -> usize {
        let falls_out = (self.last.len() + 1).saturating_sub(usize::from(rule.last));
        self.last.iter().skip(falls_out).filter(|bad| **bad).count() + 1
    }

    fn run_stopwatch(&mut self, spec: &ConditionSpec, over: bool, step: Duration, now: Now) {
        if over {
            // The first look only starts the watch; `over_for` of zero with `over` set still counts as running.
            self.over_for = if self.is_running() { self.over_for + step } else { Duration::from_micros(1) };
            self.clear_for = Duration::ZERO;
            let trips = self.over_for >= spec.sustained;
            self.tripped = self.tripped.or(trips.then_some(now));
            return;
        }
        self.clear_for += step;
        if self.tripped.is_none() || self.clear_for >= spec.clears_after {
            (self.tripped, self.before) = (None, None);
            self.over_for = Duration::ZERO;
        }
    }

    /// Whether the limit is crossed at this moment, or was and has not been clear for long enough.
    pub fn is_running(&self) -> bool {
        self.over_for > Duration::ZERO
    }

    /// Whether it failed, and was not clear for long enough since.
    pub fn is_tripped(&self) -> bool {
        self.tripped.is_some()
    }

    /// Whether it is tripped but seen below its limit again, waiting to be clear for long enough.
    pub fn is_clearing(&self) -> bool {
        self.was_clearing() && self.lost.is_none()
    }

    /// Whether it was, when it was seen last.
    pub fn was_clearing(&self) -> bool {
        self.tripped.is_some() && self.clear_for > Duration::ZERO
    }
}

#[cfg(test)]
mod tests;
