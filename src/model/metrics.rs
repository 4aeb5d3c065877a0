//! The metrics panel of one service: each number against its target, warning and critical limit.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::domain::metric::{Connections, MetricValue, Scraped};
use crate::domain::room::{MetricSpec, Service};
use crate::domain::{Clean, LinkReport, Mono, Origin, Reading};

/// What one number is worth now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetricState {
    /// On target, or without limits.
    Pass,
    /// Better than the warning, short of the target.
    Short,
    /// Past the warning limit.
    Warn,
    /// Past the critical limit.
    Fail,
    /// Seen, and there is no number: nothing happened, or the series do not exist.
    NoData,
    /// Too old to be believed, or never seen.
    Stale,
}

/// One metric of the panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// As configured.
    pub spec: MetricSpec,
    /// The newest evaluation, and when.
    pub latest: Option<(Mono, MetricValue)>,
    /// The newest number and when, kept while there is none.
    pub known: Option<(Mono, f64)>,
    history: VecDeque<Option<f64>>,
}

/// All metrics of one service.
#[derive(Debug, Clone, PartialEq)]
pub struct Metrics {
    interval: Duration,
    period: Duration,
    panel: Vec<Metric>,
    /// The newest scrape.
    scraped: Option<Mono>,
    down: bool,
    connections: Vec<Connections>,
    series: u64,
}

/// Points kept for sparklines: five minutes at the default interval, and more than any panel is wide.
const HISTORY: usize = 240;

/// Slack on top of two periods, as for links.
const GRACE: Duration = Duration::from_millis(500);

impl Metric {
    /// The newest `cells` values, oldest first; `None` where there was no number.
    pub fn spark(&self, cells: usize) -> Vec<Option<f64>> {
        self.history.iter().skip(self.history.len().saturating_sub(cells)).copied().collect()
    }

    /// The same number by revision, where the series tell them apart.
    pub fn by_revision(&self) -> &[(Clean, f64)] {
        self.latest.as_ref().map_or(&[], |(_, value)| &value.by_revision)
    }

    /// What is wrong with the query or its answer.
    pub fn error(&self) -> Option<&Clean> {
        self.latest.as_ref()?.1.error.as_ref()
    }

    /// The newest number; `None` when the newest scrape had none.
    pub fn value(&self) -> Option<f64> {
        self.latest.as_ref()?.1.value
    }

    /// What a number is worth against this metric's limits.
    pub fn judge(&self, value: Option<f64>) -> MetricState {
        let Some(value) = value.filter(|value| !value.is_nan()) else { return MetricState::NoData };
        if self.spec.critical.is_some_and(|limit| limit.holds(value)) {
            MetricState::Fail
        } else if self.spec.warning.is_some_and(|limit| limit.holds(value)) {
            MetricState::Warn
        } else if self.spec.target.is_some_and(|limit| !limit.holds(value)) {
            MetricState::Short
        } else {
            MetricState::Pass
        }
    }

    fn take(&mut self, value: &MetricValue, at: Mono) {
        if let Some(number) = value.value {
            self.known = Some((at, number));
        }
        self.history.push_back(value.value);
        if self.history.len() > HISTORY {
            self.history.pop_front();
        }
        self.latest = Some((at, value.clone()));
    }

    fn readings(&self, fresh: bool) -> Vec<(String, Option<Reading>)> {
        let name = format!("metric.{}", self.spec.name);
        let Some((at, latest)) = &self.latest else { return vec![(name, None)] };
        let reading =
            |value: f64, origin: Origin| Reading { value, at: *at, fresh, samples: latest.samples, origin };
        let origin = match latest.by_revision.as_slice() {
            [] => Origin::Unknown,
            [(only, _)] => Origin::Revision(only.to_string()),
            _ => Origin::Mixed,
        };
        let split = latest.by_revision.iter().map(|(revision, value)| {
            let origin = Origin::Revision(revision.to_string());
            (format!("{name}@{revision}"), Some(reading(*value, origin)))
        });
        let split: Vec<_> = split.collect();
        std::iter::once((name, latest.value.map(|value| reading(value, origin)))).chain(split).collect()
    }
}

impl Metrics {
    /// Nothing seen yet; `None` when the service has no metrics endpoint.
    pub fn new(service: &Service) -> Option<Self> {
        let spec = service.metrics.as_ref()?;
        let metric = |spec: &MetricSpec| Metric {
            spec: spec.clone(),
            latest: None,
            known: None,
            history: VecDeque::new(),
        };
        Some(Self {
            interval: spec.interval,
            period: spec.interval.max(spec.timeout),
            panel: spec.panels.iter().map(metric).collect(),
            scraped: None,
            down: false,
            connections: Vec::new(),
            series: 0,
        })
    }

    /// A scrape was evaluated.
    pub fn scraped(&mut self, scraped: &Scraped) {
        self.scraped = Some(scraped.at);
        self.down = false;
        self.series = scraped.series;
        self.connections.clone_from(&scraped.connections);
        let by_name: BTreeMap<&str, &MetricValue> =
            scraped.values.iter().map(|value| (value.name.as_str(), value)).collect();
        for metric in &mut self.panel {
            let missing = MetricValue { name: metric.spec.name.clone(), ..MetricValue::default() };
            metric.take(by_name.get(metric.spec.name.as_str()).copied().unwrap_or(&missing), scraped.at);
        }
    }

    /// The source spoke of its connection: while it is down no number is fresh.
    pub fn linked(&mut self, report: &LinkReport) {
        match report {
            LinkReport::Down { .. } => self.down = true,
            LinkReport::Alive => self.down = false,
            LinkReport::Connecting | LinkReport::Dropped { .. } => {}
        }
    }

    /// The metrics, in the config's order.
    pub fn metrics(&self) -> &[Metric] {
        &self.panel
    }

    /// Open connections and how long closed ones lived, as the server counts them; one entry a revision.
    pub fn connections(&self) -> &[Connections] {
        &self.connections
    }

    /// Series in the newest scrape.
    pub fn series(&self) -> u64 {
        self.series
    }

    /// How often the endpoint is scraped.
    pub fn interval(&self) -> Duration {
        self.interval
    }

    /// Whether the newest scrape is younger than two periods and the source is not down.
    pub fn is_fresh(&self, now: Mono) -> bool {
        let young = |at: Mono| now.since(at) <= self.period * 2 + GRACE;
        !self.down && self.scraped.is_some_and(young)
    }

    /// What a metric is worth at `now`.
    pub fn state(&self, metric: &Metric, now: Mono) -> MetricState {
        if self.is_fresh(now) { metric.judge(metric.value()) } else { MetricState::Stale }
    }

    /// How many metrics are in `state`.
    pub fn count(&self, state: MetricState, now: Mono) -> usize {
        self.panel.iter().filter(|metric| self.state(metric, now) == state).count()
    }

    /// `metric.NAME`, and `metric.NAME@REVISION` where the series tell revisions apart.
    pub fn signals(&self, now: Mono) -> Vec<(String, Option<Reading>)> {
        let fresh = self.is_fresh(now);
        self.panel.iter().flat_map(|metric| metric.readings(fresh)).collect()
    }
}

#[cfg(test)]
mod tests;
