//! Conditions: a comparison on a signal, sustained for a time; and triggers, the conditions that ask for a rollback.
//!
//! The state machine is pure: readings and times go in, a [`ConditionState`] comes out. No data and stale data
//! neither pass nor clear anything, and a stopwatch stands still while its data is not fresh.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Clean, Mono, Now, Origin, Reading, SignalKey, Watched, signal};

mod limit;
mod outstanding;

pub use limit::{Comparator, Limit};
pub use outstanding::{CountedBefore, Outstanding};

/// What a condition is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Must hold to go forward; failing means NO-GO.
    Criterion,
    /// Asks for a rollback when it trips.
    Trigger,
}

/// So many of the last measurements: one that is bad alone is no news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutOf {
    /// So many bad ones fail.
    pub bad: u8,
    /// Of so many.
    pub last: u8,
}

/// A condition as configured. `fail` and `warn` say when it is *bad* (`> 5`), not when it is good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConditionSpec {
    /// Unique name, as shown: `errors > 5 %`.
    pub name: String,
    /// What it is for.
    pub purpose: Purpose,
    /// The signal it reads.
    pub signal: SignalKey,
    /// Bad when this holds for as long as `sustained`.
    pub fail: Limit,
    /// A warning when this holds.
    pub warn: Option<Limit>,
    /// Good when this holds: between it and the first limit lies the grey zone, in which the answer is inconclusive.
    #[serde(default)]
    pub target: Option<Limit>,
    /// How long `fail` must hold without a break; zero: at once.
    pub sustained: Duration,
    /// How long `fail` must not hold before a tripped one is clear again (hysteresis).
    pub clears_after: Duration,
    /// `fail` must hold for so many of the last measurements; `None`: for the newest.
    #[serde(default)]
    pub out_of: Option<OutOf>,
    /// Samples in the reading below which the answer is inconclusive. A reading that counts none has enough, except
    /// one of a revision alone.
    pub min_samples: u64,
    /// Unit of the limit, as shown.
    pub unit: String,
    /// Which panel explains it.
    pub panel: super::PanelId,
}

impl ConditionSpec {
    /// Whether too little of the time that the reading looks back on was watched to say anything. How long connections lived
    /// is not known before one could have lived as long as the limit. What counts, and is past its limit already, is.
    fn is_too_early(&self, reading: &Reading) -> bool {
        let Some(watched) = reading.watched else { return false };
        let lives = self.signal.name.starts_with("connections.p");
        let limit = Duration::try_from_secs_f64(if lives { self.fail.value } else { 0.0 });
        let over = matches!(self.fail.op, Comparator::Gt | Comparator::Ge);
        let certain = watched.grows && over && self.fail.holds(reading.value);
        !watched.is_enough(limit.unwrap_or_default()) && !certain
    }

    /// What it says, without its name: what a person accepts of it is accepted while it says that.
    pub fn rule(&self) -> Clean {
        let (SignalKey { service, name }, seconds) = (&self.signal, self.sustained.as_secs());
        let purpose = match self.purpose {
            Purpose::Criterion => "criterion",
            Purpose::Trigger => "trigger",
        };
        Clean::new(&format!("{purpose} {}.{name} {} for {seconds}s", service.0, self.fail))
    }
}

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
        self.exposed = self.is_running() && (self.exposed || (serves && !self.is_clearing()));
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
        self.value = Some(reading.value);
        let new = self.measured.replace(reading.at) != Some(reading.at);
        self.samples = reading.samples;
        if self.tripped.is_none() || spec.fail.holds(reading.value) {
            self.origin = reading.origin.clone();
        }
        if !reading.fresh {
            self.last_seen = None;
            return ConditionState::Stale;
        }
        // Of a part alone no count is no proof of enough: a canary may have had two requests.
        let few = reading
            .samples
            .map_or(spec.min_samples > 0 && spec.signal.part().is_some(), |count| count < spec.min_samples);
        self.too_early = reading.watched.filter(|_| spec.is_too_early(reading));
        if few || self.too_early.is_some() {
            self.last_seen = None;
            return ConditionState::Inconclusive;
        }
        let step = self.last_seen.map_or(Duration::ZERO, |last| now.mono.since(last).min(longest));
        self.last_seen = Some(now.mono);
        let bad = spec.fail.holds(reading.value);
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

    /// Whether it is tripped but below its limit again, waiting to be clear for long enough.
    pub fn is_clearing(&self) -> bool {
        self.tripped.is_some() && self.clear_for > Duration::ZERO
    }
}

#[cfg(test)]
mod tests;
