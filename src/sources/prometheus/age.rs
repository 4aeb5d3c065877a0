//! How old the number of a plain selector is. An engine gives the last sample of a series for minutes after whoever wrote it
//! died, where nobody marks the series as gone: remote write, federation, an agent that is down.

use std::time::Duration;

use crate::clients::prometheus::{Answered, Engine};
use crate::promql;

/// Before it is known how often samples come, one may be so old.
const UNKNOWN: f64 = 150.0;

/// Samples of one query, as they come.
#[derive(Debug, Default)]
pub(super) struct Ages {
    /// The time of the newest one.
    stamp: Option<f64>,
    /// How far apart two of them were at most.
    apart: Option<f64>,
}

impl Ages {
    /// How old the number of `query` is, if it is older than samples that still come: three times what lies between them.
    pub(super) async fn too_old(
        &mut self,
        engine: &Engine,
        query: &str,
        interval: Duration,
    ) -> Option<Duration> {
        if !promql::is_selector(query) {
            return None;
        }
        let answered = engine.now(&format!("min(timestamp({query}))")).await.ok()?;
        self.judge(&answered, interval)
    }

    fn judge(&mut self, answered: &Answered, interval: Duration) -> Option<Duration> {
        let (asked, stamp) = *answered.series.first()?.points.last()?;
        if let Some(before) = self.stamp.replace(stamp).filter(|before| *before < stamp) {
            self.apart = Some(self.apart.unwrap_or_default().max(stamp - before));
        }
        let most =
            self.apart.map_or(UNKNOWN, |apart| 3.0 * apart.min(300.0)).max(3.0 * interval.as_secs_f64());
        let age = asked - stamp;
        (age > most).then(|| Duration::try_from_secs_f64(age).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::prometheus::Series;

    #[test]
    fn a_sample_is_too_old_when_three_more_should_have_come() {
        let mut ages = Ages::default();
        let interval = Duration::from_secs(15);
        let mut of = |asked: f64, stamp: f64| {
            let series =
                Series { points: vec![(asked, stamp)], labels: std::collections::BTreeMap::default() };
            let answered = Answered { series: vec![series], ..Answered::default() };
            ages.judge(&answered, interval).map(|age| age.as_secs())
        };
        assert_eq!(of(1_000.0, 900.0), None, "how often they come is not known");
        assert_eq!(of(1_060.0, 900.0), Some(160));
        assert_eq!(of(1_075.0, 1_070.0), None);
        let mut ages = Ages::default();
        let mut of = |asked: f64, stamp: f64| {
            let series =
                Series { points: vec![(asked, stamp)], labels: std::collections::BTreeMap::default() };
            let answered = Answered { series: vec![series], ..Answered::default() };
            ages.judge(&answered, interval).map(|age| age.as_secs())
        };
        // One a minute, asked four times as often.
        assert_eq!([of(100.0, 60.0), of(130.0, 120.0), of(180.0, 120.0), of(299.0, 120.0)], [None; 4]);
        assert_eq!(of(301.0, 120.0), Some(181));
    }
}
