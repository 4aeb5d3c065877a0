//! Conditions: a comparison on a signal, sustained for a time; and triggers, the conditions that ask for a rollback.
//!
//! The state machine is pure: readings and times go in, a [`ConditionState`] comes out. No data and stale data
//! neither pass nor clear anything, and a stopwatch stands still while its data is not fresh.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Mono, SignalKey, Wall};

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
    /// Since when `state` is what it is.
    pub since: Option<(Mono, Wall)>,
    /// How long the limit has been crossed, counted only over fresh data.
    pub over_for: Duration,
    /// How long it has been clear, counted only over fresh data.
    clear_for: Duration,
    last_seen: Option<Mono>,
    tripped: bool,
}
