//! Conditions as configured: what they are for, what they read, and when that is bad.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Comparator, Limit};
use crate::domain::{Clean, PanelId, Reading, SignalKey};

/// So much of a short count is watched, all but a twentieth, before it clears what the console before saw fail.
const A_MINUTE: Duration = Duration::from_secs(57);

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
    pub panel: PanelId,
}

/// Who saw a condition fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// This console.
    Here,
    /// The one before it, as the journal tells.
    Before,
}

impl ConditionSpec {
    /// Whether too little of the time that the reading looks back on was watched to say anything. How long connections lived
    /// is not known before one could have lived as long as the limit. What counts, and is past its limit already, is. A count
    /// over a short time that is not past its limit so far is taken for good. Of what failed already it is not, where it would
    /// be past its limit at this pace; and where the console before saw that, a minute at least is counted.
    pub(super) fn is_too_early(&self, reading: &Reading, failed: Option<By>) -> bool {
        let Some(watched) = reading.watched else { return false };
        let lives = self.signal.name.starts_with("connections.p");
        let limit = Duration::try_from_secs_f64(if lives { self.fail.value } else { 0.0 });
        if watched.is_enough(limit.unwrap_or_default()) {
            return false;
        }
        let over = matches!(self.fail.op, Comparator::Gt | Comparator::Ge);
        let bad = self.fail.holds(reading.value);
        let certain = watched.grows && over && bad;
        let pace = reading.value * watched.of.as_secs_f64() / watched.had.as_secs_f64();
        let doubted = match failed {
            None => false,
            Some(By::Here) => self.fail.holds(pace),
            Some(By::Before) => watched.had < A_MINUTE || self.fail.holds(pace),
        };
        let good_so_far = watched.is_short_count() && !bad && !doubted;
        !certain && !good_so_far
    }

    /// The limit that `value` crosses: of two the bad one, if it crosses both or none.
    pub fn crossed(&self, value: f64) -> Limit {
        self.warn.filter(|warn| warn.holds(value) && !self.fail.holds(value)).unwrap_or(self.fail)
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
