//! What charts know of the time before this console: from an engine, and for conditions from what the keeper wrote down.

use crate::domain::metric::{Queried, Remembered, Resembling};
use crate::domain::trail::{LONGEST, Span, millis, span_millis};
use crate::domain::{ConditionSpec, Entry, Record, ServiceIx};

use super::Model;
use super::metrics::Metric;

/// How long a value that was kept stands for, in milliseconds.
const MINUTE: i64 = 60_000;

impl Model {
    /// A record of what was measured: metrics that a condition looks at get the smallest and largest value of that time.
    pub(super) fn chart_measured(&mut self, record: &Record) {
        let Entry::Measured(measured) = &record.entry else { return };
        let Ok(age) = (self.now.wall - measured.until).to_std() else { return };
        let until = millis(self.now.mono) - span_millis(age);
        // What this console saw itself it knows better.
        if age > LONGEST || until >= 0 {
            return;
        }
        let length = i64::try_from(measured.ms).unwrap_or(i64::MAX);
        for (place, row) in measured.conditions.iter().enumerate() {
            let known = row.value.zip(row.min).zip(row.max);
            // In the config's order, unless that changed.
            let is_it = |spec: &&ConditionSpec| spec.name == row.name;
            let conditions = &self.room.conditions;
            let spec = conditions.get(place).filter(is_it).or_else(|| conditions.iter().find(is_it));
            let Some((((last, low), high), signal)) = known.zip(spec.map(|spec| spec.signal.clone())) else {
                continue;
            };
            if let Some(metric) = self.metric_mut(signal.service, &signal.name) {
                // Its end belongs to the next one.
                metric.add_span(until.saturating_sub(length), until - 1, Span { low, high, last });
            }
        }
    }

    /// The metrics engine answered a query, or not.
    pub(super) fn queried(&mut self, queried: &Queried) {
        self.judge_query(queried);
        let service = self.service_mut(queried.service);
        if let Some(metrics) = service.and_then(|service| service.metrics.as_mut()) {
            metrics.queried(queried);
        }
    }

    /// Series were found that a metric may be.
    pub(super) fn resembled(&mut self, found: &Resembling) {
        let service = self.service_mut(found.service);
        if let Some(metrics) = service.and_then(|service| service.metrics.as_mut()) {
            metrics.resembled(found);
        }
    }

    /// An earlier console kept what a metric was, minute by minute.
    pub(super) fn remembered(&mut self, kept: &Remembered) {
        self.remember_before(kept);
        let now = self.now;
        let metrics = self.service_mut(kept.service).and_then(|service| service.metrics.as_mut());
        let Some(metric) = metrics.and_then(|metrics| metrics.named_mut(&kept.name)) else { return };
        for (end, span) in &kept.minutes {
            let Ok(age) = (now.wall - *end).to_std() else { continue };
            let until = millis(now.mono) - span_millis(age);
            // What this console saw itself it knows better.
            if age <= LONGEST && until < 0 {
                metric.add_span(until - MINUTE, until - 1, *span);
            }
        }
    }

    /// The metric behind a signal: of the whole service, not of one of its revisions.
    fn metric_mut(&mut self, service: ServiceIx, signal: &str) -> Option<&mut Metric> {
        let name = signal.strip_prefix("metric.").unwrap_or(signal);
        let metrics = self.service_mut(service)?.metrics.as_mut()?;
        metrics.named_mut(name).filter(|metric| metric.spec.signal() == signal)
    }
}

#[cfg(test)]
mod tests;
