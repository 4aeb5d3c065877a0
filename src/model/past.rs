//! What charts know of the time before this console: from an engine, and for conditions from what the keeper wrote down.

use crate::domain::trail::{LONGEST, Span, millis, span_millis};
use crate::domain::{ConditionSpec, Entry, Record, ServiceIx};

use super::Model;
use super::metrics::Metric;

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

    /// The metric behind a signal: of the whole service, not of one of its revisions.
    fn metric_mut(&mut self, service: ServiceIx, signal: &str) -> Option<&mut Metric> {
        let name = signal.strip_prefix("metric.").unwrap_or(signal);
        let metrics = self.service_mut(service)?.metrics.as_mut()?;
        metrics.named_mut(name).filter(|metric| metric.spec.signal() == signal)
    }
}

#[cfg(test)]
mod tests;
