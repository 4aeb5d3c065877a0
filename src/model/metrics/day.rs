//! The last day of metrics, as charts ask for it.

use std::time::Duration;

use crate::domain::room::MetricFrom;
use crate::domain::trail::{Span, Trail};

use super::feed::GRACE;
use super::{Metric, Metrics};

impl Metric {
    /// Its last day.
    pub fn trail(&self) -> &Trail {
        &self.trail
    }

    /// What it was over some time before this console looked, `from` to `until`.
    pub(in crate::model) fn add_span(&mut self, from: i64, until: i64, span: Span) {
        self.trail.add_span(from, until, span);
    }
}

impl Metrics {
    /// The metric of this name.
    pub(in crate::model) fn named_mut(&mut self, name: &str) -> Option<&mut Metric> {
        self.panel.iter_mut().find(|metric| metric.spec.name == name)
    }

    /// How long a number of `metric` is taken to last: a reading by a person for `believed_for`.
    pub fn lasts(&self, metric: &Metric, believed_for: Duration) -> Duration {
        let period = match metric.spec.from {
            MetricFrom::Person => return believed_for,
            MetricFrom::Scrape | MetricFrom::Nowhere => self.scrape.period,
            MetricFrom::Prometheus => self.engine.period,
            MetricFrom::Value => {
                metric.spec.value.as_ref().map_or(Duration::ZERO, |value| value.interval.max(value.timeout))
            }
        };
        period * 2 + GRACE
    }
}
