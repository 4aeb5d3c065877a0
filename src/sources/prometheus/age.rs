//! How old the series are that a number is made of. An engine gives the last sample of a series for minutes after whoever wrote it
//! died, where nobody marks the series as gone: remote write, federation, an agent that is down.

use std::time::Duration;

use crate::clients::prometheus::{Answered, Engine};
use crate::promql;

/// Before it is known how often samples come, one may be so old.
const UNKNOWN: f64 = 150.0;

/// Selectors of one query that are asked about.
const MOST: usize = 12;

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
    /// Of a plain selector the oldest of its series counts. Of what is made of many series some may end: there the newest of
    /// each selector does, and of several selectors the oldest.
    pub(super) async fn too_old(
        &mut self,
        engine: &Engine,
        query: &str,
        interval: Duration,
    ) -> Option<Duration> {
        let of = promql::selectors(query);
        if of.is_empty() || of.len() > MOST {
            return None;
        }
        let one = if promql::is_selector(query) { "min" } else { "max" };
        if self.apart.is_none() {
            let counts = least(&of, |series| format!("{one}(count_over_time({series}[5m]))"));
            self.apart = engine.now(&counts).await.ok().and_then(|counted| apart(&counted));
        }
        let answered = engine.now(&least(&of, |series| format!("{one}(timestamp({series}))"))).await.ok()?;
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

/// The least of what `each` gives of a selector.
fn least(selectors: &[String], each: impl Fn(&str) -> String) -> String {
    // Told apart by a label: without it only the first of them would count.
    let part = |(at, selector): (usize, &String)| {
        format!("label_replace({}, \"part\", \"{at}\", \"\", \"\")", each(selector))
    };
    format!("min({})", selectors.iter().enumerate().map(part).collect::<Vec<_>>().join(" or "))
}

/// How far apart samples are, of which so many came in five minutes; more, if they only began to come.
fn apart(counted: &Answered) -> Option<f64> {
    let (_, count) = *counted.series.first()?.points.last()?;
    (count >= 2.0).then_some(300.0 / count)
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
