//! A time that nobody watched, as a metrics engine remembers it: what is asked, and what conditions would have said.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Clean, Condition, ConditionSpec, ConditionState, Mono, Now, Origin, Reading, Wall};

/// A time is looked at in so many moments at least, but not closer than a second.
const LEAST_POINTS: u64 = 10;

/// Engines give 11,000 points of a series at most.
const MOST_POINTS: u32 = 10_000;

/// The time, and how far apart the moments in it are that are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Its beginning, and the first moment.
    pub from: Wall,
    /// From one moment to the next; each stands for the time until the next.
    pub step: Duration,
    /// How many there are.
    pub count: u32,
}

impl Gap {
    /// From `from` to `until`, in steps of `interval` or, where that would be too many or too few, others.
    pub fn new(from: Wall, until: Wall, interval: Duration) -> Self {
        let length = (until - from).to_std().unwrap_or_default();
        let least = Duration::from_secs(length.as_secs() / u64::from(MOST_POINTS) + 1);
        let most = Duration::from_secs((length.as_secs() / LEAST_POINTS).max(1));
        let step = interval.min(most).max(least);
        let count = u32::try_from(length.as_millis() / step.as_millis().max(1)).unwrap_or(MOST_POINTS);
        Self { from, step, count: count.min(MOST_POINTS) }
    }

    /// Its end.
    pub fn until(&self) -> Wall {
        self.from + TimeDelta::from_std(self.step * self.count).unwrap_or_default()
    }
}

/// What is asked of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastQuery {
    /// The query.
    pub query: String,
    /// Only the series with this label and value; without it the one series that there is.
    pub only: Option<(String, String)>,
}

/// The values at each moment, oldest first; `None` where there was no number. Or why there are none at all.
pub type PastValues = Result<Vec<Option<f64>>, Clean>;

/// What a condition would have said at each moment.
pub fn replay(spec: &ConditionSpec, values: &[Option<f64>], step: Duration) -> Vec<ConditionState> {
    let mut condition = Condition::default();
    let at = |place: u32| Mono::default().after(step * place);
    let judged = values.iter().zip(0..).map(|(value, place)| {
        let at = at(place);
        let reading = value.map(|value| Reading {
            value,
            at,
            fresh: true,
            samples: None,
            origin: Origin::Unknown,
            watched: None,
        });
        condition.look_back(spec, reading.as_ref(), Now { mono: at, ..Now::default() }, step)
    });
    judged.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::condition::{Comparator, Limit, Purpose};
    use crate::domain::{PanelId, ServiceIx, SignalKey};

    fn wall(second: i64) -> Wall {
        Wall::default() + TimeDelta::seconds(second)
    }

    #[test]
    fn days_are_asked_for_in_as_many_points_as_an_engine_gives() {
        let hour = Gap::new(wall(0), wall(3_600), Duration::from_secs(15));
        assert_eq!((hour.step, hour.count, hour.until()), (Duration::from_secs(15), 240, wall(3_600)));
        let week = Gap::new(wall(0), wall(7 * 86_400), Duration::from_secs(15));
        assert_eq!((week.step, week.count), (Duration::from_secs(61), 9_914));
        assert!(wall(7 * 86_400) - week.until() < TimeDelta::seconds(61), "{}", week.until());
        assert_eq!(Gap::new(wall(9), wall(0), Duration::from_secs(15)).count, 0);
        let short = Gap::new(wall(0), wall(12), Duration::from_secs(15));
        assert_eq!((short.step, short.count), (Duration::from_secs(1), 12), "shorter than an interval");
    }

    #[test]
    fn a_condition_says_of_the_past_what_it_would_have_said_then() {
        use ConditionState::{Fail, NoData, Pass, Warn};
        let spec = ConditionSpec {
            name: "errors".into(),
            purpose: Purpose::Criterion,
            signal: SignalKey::new(ServiceIx(0), "metric.errors"),
            fail: Limit { op: Comparator::Gt, value: 5.0 },
            warn: None,
            target: None,
            sustained: Duration::from_secs(60),
            clears_after: Duration::from_secs(30),
            out_of: None,
            min_samples: 0,
            unit: String::new(),
            panel: PanelId::Metrics,
        };
        let values = [1.0, 9.0, 9.0, 9.0, 1.0, 1.0].map(Some);
        let values = [&values[..], &[None], &[Some(1.0)]].concat();
        assert_eq!(
            replay(&spec, &values, Duration::from_secs(30)),
            [Pass, Warn, Warn, Fail, Pass, Pass, NoData, Pass]
        );
    }
}
