//! Conditions: a comparison on a signal, sustained for a time; and triggers, the conditions that ask for a rollback.
//!
//! The state machine is pure: readings and times go in, a [`ConditionState`] comes out. No data and stale data
//! neither pass nor clear anything, and a stopwatch stands still while its data is not fresh.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Mono, Now, Origin, Reading, SignalKey};

/// What a condition is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Must hold to go forward; failing means NO-GO.
    Criterion,
    /// Asks for a rollback when it trips.
    Trigger,
}

/// A comparison of a number with a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparator {
    /// `<`
    #[serde(rename = "<")]
    Lt,
    /// `≤`
    #[serde(rename = "<=")]
    Le,
    /// `>`
    #[serde(rename = ">")]
    Gt,
    /// `≥`
    #[serde(rename = ">=")]
    Ge,
    /// `=`
    #[serde(rename = "=")]
    Eq,
    /// `≠`
    #[serde(rename = "!=")]
    Ne,
}

/// A comparator with its number, in the signal's own unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// How to compare: value `op` number.
    pub op: Comparator,
    /// The number.
    pub value: f64,
}

impl Comparator {
    /// Whether `left op right`; NaN compares as false except for [`Comparator::Ne`].
    #[expect(clippy::float_cmp, reason = "`=` in a checklist means equality with the number written")]
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Lt => left < right,
            Self::Le => left <= right,
            Self::Gt => left > right,
            Self::Ge => left >= right,
            Self::Eq => left == right,
            Self::Ne => left != right,
        }
    }

    /// As drawn.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Lt => "<",
            Self::Le => "≤",
            Self::Gt => ">",
            Self::Ge => "≥",
            Self::Eq => "=",
            Self::Ne => "≠",
        }
    }
}

impl Limit {
    /// Whether `value` satisfies this comparison.
    pub fn holds(self, value: f64) -> bool {
        self.op.holds(value, self.value)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.op.symbol(), self.value)
    }
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
    /// How long `fail` must hold without a break; zero: at once.
    pub sustained: Duration,
    /// How long `fail` must not hold before a tripped one is clear again (hysteresis).
    pub clears_after: Duration,
    /// Samples in the reading below which the answer is inconclusive.
    pub min_samples: u64,
    /// Unit of the limit, as shown.
    pub unit: String,
    /// Which panel explains it.
    pub panel: super::PanelId,
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
    /// Seen, but too few samples to say.
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
    /// Whether the revision it speaks of served traffic while the limit was crossed.
    exposed: bool,
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
            exposed: false,
        }
    }
}

impl Condition {
    /// Judges `reading` at `now`; true when the state changed.
    pub fn step(&mut self, spec: &ConditionSpec, reading: Option<&Reading>, now: Now) -> bool {
        let state = self.judge(spec, reading.filter(|r| !r.value.is_nan()), now);
        let changed = state != self.state || self.since.is_none();
        if changed {
            self.state = state;
            self.since = self.tripped.filter(|_| state == ConditionState::Fail).or(Some(now));
        }
        changed
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

    fn judge(&mut self, spec: &ConditionSpec, reading: Option<&Reading>, now: Now) -> ConditionState {
        let Some(reading) = reading else {
            self.last_seen = None;
            self.value = None;
            return ConditionState::NoData;
        };
        self.value = Some(reading.value);
        self.measured = Some(reading.at);
        self.samples = reading.samples;
        if self.tripped.is_none() || spec.fail.holds(reading.value) {
            self.origin = reading.origin.clone();
        }
        if !reading.fresh {
            self.last_seen = None;
            return ConditionState::Stale;
        }
        if reading.samples.is_some_and(|n| n < spec.min_samples) {
            self.last_seen = None;
            return ConditionState::Inconclusive;
        }
        let step = self.last_seen.map_or(Duration::ZERO, |last| now.mono.since(last).min(LONGEST_STEP));
        self.last_seen = Some(now.mono);
        self.run_stopwatch(spec, spec.fail.holds(reading.value), step, now);
        if self.tripped.is_some() {
            ConditionState::Fail
        } else if self.is_running() || spec.warn.is_some_and(|warn| warn.holds(reading.value)) {
            ConditionState::Warn
        } else {
            ConditionState::Pass
        }
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
            self.tripped = None;
            self.over_for = Duration::ZERO;
        }
    }

    /// Whether the limit is crossed at this moment, or was and has not been clear for long enough.
    pub fn is_running(&self) -> bool {
        self.over_for > Duration::ZERO
    }

    /// Whether it is tripped but below its limit again, waiting to be clear for long enough.
    pub fn is_clearing(&self) -> bool {
        self.tripped.is_some() && self.clear_for > Duration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{PanelId, ServiceIx, Wall};

    fn spec(sustained: u64, clears_after: u64) -> ConditionSpec {
        ConditionSpec {
            name: "errors".into(),
            purpose: Purpose::Trigger,
            signal: SignalKey::new(ServiceIx(0), "metric.error_rate"),
            fail: Limit { op: Comparator::Gt, value: 5.0 },
            warn: Some(Limit { op: Comparator::Gt, value: 2.0 }),
            sustained: Duration::from_secs(sustained),
            clears_after: Duration::from_secs(clears_after),
            min_samples: 0,
            unit: "%".into(),
            panel: PanelId::Metrics,
        }
    }

    fn at(second: u64) -> Now {
        Now { mono: Mono::from_secs(second), wall: Wall::default() }
    }

    fn reading(value: f64, second: u64) -> Reading {
        Reading { value, at: Mono::from_secs(second), fresh: true, samples: None, origin: Origin::Mixed }
    }

    fn play(spec: &ConditionSpec, values: &[Option<Reading>]) -> Vec<ConditionState> {
        let mut condition = Condition::default();
        let mut states = Vec::new();
        for (second, value) in values.iter().enumerate() {
            condition.step(spec, value.as_ref(), at(second as u64));
            states.push(condition.state);
        }
        states
    }

    #[test]
    fn it_trips_only_after_its_whole_time_and_clears_only_after_its_own() {
        use ConditionState::{Fail, Pass, Warn};
        let values = [1.0, 6.0, 6.0, 6.0, 1.0, 1.0, 1.0, 3.0];
        let values: Vec<_> = values.iter().enumerate().map(|(s, v)| Some(reading(*v, s as u64))).collect();
        assert_eq!(play(&spec(2, 2), &values), [Pass, Warn, Warn, Fail, Fail, Pass, Pass, Warn]);
    }

    #[test]
    fn a_break_starts_the_stopwatch_again() {
        use ConditionState::{Pass, Warn};
        let values = [6.0, 6.0, 1.0, 6.0, 6.0];
        let values: Vec<_> = values.iter().enumerate().map(|(s, v)| Some(reading(*v, s as u64))).collect();
        assert_eq!(play(&spec(2, 0), &values), [Warn, Warn, Pass, Warn, Warn]);
    }

    #[test]
    fn no_data_and_stale_data_neither_trip_nor_clear_and_stop_the_clock() {
        use ConditionState::{Fail, NoData, Stale, Warn};
        let stale = Reading { fresh: false, ..reading(9.0, 2) };
        let values = [
            Some(reading(6.0, 0)),
            None,
            Some(stale),
            None,
            Some(reading(6.0, 4)),
            Some(reading(6.0, 5)),
            None,
        ];
        assert_eq!(play(&spec(1, 0), &values), [Warn, NoData, Stale, NoData, Warn, Fail, NoData]);
    }

    #[test]
    fn a_failure_that_was_not_seen_for_a_while_goes_on_from_its_beginning() {
        use ConditionState::{Fail, NoData, Pass, Warn};
        let (spec, mut condition) = (spec(1, 0), Condition::default());
        let mut since = Vec::new();
        for (second, value) in [(0, Some(6.0)), (1, Some(6.0)), (2, None), (3, Some(6.0)), (4, Some(1.0))] {
            condition.step(&spec, value.map(|value| reading(value, second)).as_ref(), at(second));
            since.push((condition.state, condition.since.map(|since| since.mono)));
        }
        let from = |second| Some(Mono::from_secs(second));
        let expected =
            [(Warn, from(0)), (Fail, from(1)), (NoData, from(2)), (Fail, from(1)), (Pass, from(4))];
        assert_eq!(since, expected);
    }

    #[test]
    fn a_failure_that_clears_is_still_of_whom_it_was() {
        use ConditionState::{Fail, Pass};
        let (spec, mut condition) = (spec(0, 3), Condition::default());
        let of = |name: &str| Origin::Revision(name.to_owned());
        let story = [(6.0, "b"), (1.0, "a"), (1.0, "a"), (1.0, "a")];
        let mut seen = Vec::new();
        for (second, (value, name)) in (0..).zip(story) {
            let reading = Reading { origin: of(name), ..reading(value, second) };
            condition.step(&spec, Some(&reading), at(second));
            seen.push((condition.state, condition.origin.clone()));
        }
        assert_eq!(seen[..2], [(Fail, of("b")), (Fail, of("b"))]);
        assert_eq!(seen[3], (Pass, of("b")), "the look that clears it still tells whose it was");
        condition.step(&spec, Some(&Reading { origin: of("a"), ..reading(1.0, 4) }), at(4));
        assert_eq!(condition.origin, of("a"));
    }

    #[test]
    fn what_was_wrong_before_there_was_traffic_is_not_exposed() {
        use ConditionState::{Fail, Warn};
        let (spec, mut condition) = (spec(1, 9), Condition::default());
        let mut exposed = Vec::new();
        let story = [(6.0, false), (6.0, false), (1.0, false), (1.0, true), (6.0, true), (1.0, true)];
        for (second, (value, serves)) in (0..).zip(story) {
            condition.step(&spec, Some(&reading(value, second)), at(second));
            condition.note_exposure(serves);
            exposed.push((condition.state, condition.was_exposed()));
        }
        let expected =
            [(Warn, false), (Fail, false), (Fail, false), (Fail, false), (Fail, true), (Fail, true)];
        assert_eq!(exposed, expected, "bad again under traffic is; getting traffic while it clears is not");
    }

    #[test]
    fn zero_sustained_trips_at_once_and_a_long_gap_is_not_watched_time() {
        let mut condition = Condition::default();
        condition.step(&spec(0, 0), Some(&reading(6.0, 0)), at(0));
        assert_eq!(condition.state, ConditionState::Fail);

        let mut condition = Condition::default();
        condition.step(&spec(60, 0), Some(&reading(6.0, 0)), at(0));
        condition.step(&spec(60, 0), Some(&reading(6.0, 900)), at(900));
        assert_eq!(
            condition.state,
            ConditionState::Warn,
            "a suspended process has not watched for 15 minutes"
        );
    }

    #[test]
    fn too_few_samples_are_inconclusive_and_nan_is_no_data() {
        let few = Reading { samples: Some(3), ..reading(9.0, 0) };
        let spec = ConditionSpec { min_samples: 10, ..spec(0, 0) };
        assert_eq!(play(&spec, &[Some(few)]), [ConditionState::Inconclusive]);
        assert_eq!(play(&spec, &[Some(reading(f64::NAN, 0))]), [ConditionState::NoData]);
    }
}
