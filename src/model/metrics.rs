//! The metrics panel of one service: each number against its target, warning and critical limit.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::metric::{
    ByHand, CohortCloses, Connections, Gap, MetricValue, Proposal, Queried, Resembling, Scraped,
};
use crate::domain::room::{MetricFrom, MetricSpec, PrometheusSpec, Service, Tells};
use crate::domain::trail::{Trail, millis, span_millis};
use crate::domain::{Clean, LinkReport, Mono, Now, Origin, Reading, ServiceIx, SourceId};
use feed::Feed;

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
    /// Too little of the time that it looks back on was watched to say anything.
    Early,
    /// The document's critical limit is in a unit that is not known here.
    Unjudged,
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
    /// What a person wrote down last.
    pub by_hand: Option<ByHand>,
    /// Series that it may be, of one that documents state by name alone.
    pub proposals: Vec<Proposal>,
    /// That reading is young enough.
    believed: bool,
    /// Its last day.
    trail: Trail,
}

/// All metrics of one service.
#[derive(Debug, Clone, PartialEq)]
pub struct Metrics {
    panel: Vec<Metric>,
    scrape: Feed,
    /// The newest scrape.
    scraped: Option<Mono>,
    engine: Feed,
    connections: Vec<Connections>,
    cohort_closes: Vec<CohortCloses>,
    series: u64,
}

impl Metric {
    /// Nothing is seen of it yet.
    fn new(spec: &MetricSpec) -> Self {
        Self {
            spec: spec.clone(),
            latest: None,
            known: None,
            by_hand: None,
            proposals: Vec::new(),
            believed: false,
            trail: Trail::default(),
        }
    }

    /// The same number by revision, where the series tell them apart.
    pub fn by_revision(&self) -> &[(Clean, f64)] {
        self.latest.as_ref().map_or(&[], |(_, value)| &value.by_revision)
    }

    /// On how many observations the number of a revision rests.
    pub fn samples_of(&self, revision: &str) -> Option<u64> {
        let (_, value) = self.latest.as_ref()?;
        value.samples_of.iter().find(|(of, _)| **of == *revision).map(|(_, count)| *count)
    }

    /// Whether a document states it by name alone, and nothing and nobody reads it.
    pub fn is_unbound(&self) -> bool {
        self.spec.from == MetricFrom::Person && self.spec.documented.is_some() && self.by_hand.is_none()
    }

    /// Whether it is the shorter of two windows over which a budget burns: only the longer one is worth a row.
    pub fn is_short_window(&self) -> bool {
        let tells = self.spec.objective.as_ref().map(|of| of.tells);
        matches!(tells, Some(Tells::Burn(over)) if over < Duration::from_hours(1))
    }

    /// How old the newest answer is, or what it is made of.
    pub fn age(&self, now: Mono) -> Option<Duration> {
        self.latest.as_ref().map(|(at, value)| now.since(*at) + value.before)
    }

    /// What is wrong with the query or its answer.
    pub fn error(&self) -> Option<&Clean> {
        self.spec.problem().or_else(|| self.latest.as_ref()?.1.error.as_ref())
    }

    /// Why the newest answer holds no number, where it is a good one.
    pub fn gap(&self) -> Option<Gap> {
        self.latest.as_ref()?.1.gap
    }

    /// Why there is no number, or none that JSON can write: what is wrong, or what a good answer without one says.
    pub fn problem(&self) -> Option<&str> {
        self.error().map(|error| &**error).or_else(|| self.latest.as_ref()?.1.not_written())
    }

    /// Where its numbers come from; of one that is asked nowhere, where they would.
    pub fn source(&self, service: ServiceIx) -> SourceId {
        match self.spec.from {
            MetricFrom::Scrape | MetricFrom::Nowhere | MetricFrom::Person | MetricFrom::Value => {
                SourceId::Metrics { service }
            }
            MetricFrom::Prometheus => SourceId::Prometheus,
        }
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
        } else if self.spec.documented.as_ref().is_some_and(|it| it.holds) {
            MetricState::Unjudged
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
        self.latest = Some((at, value.clone()));
        self.trail.add(millis(at) - span_millis(value.before), value.value);
    }

    fn readings(&self, fresh: bool) -> Vec<(String, Option<Reading>)> {
        let name = self.spec.signal();
        let Some((at, latest)) = &self.latest else { return vec![(name, None)] };
        let reading = |value: f64, samples: Option<u64>, origin: Origin| Reading {
            value,
            at: *at,
            fresh,
            samples,
            origin,
            watched: latest.watched,
        };
        let origin = match latest.by_revision.as_slice() {
            [] => Origin::Unknown,
            [(only, _)] => Origin::Revision(only.to_string()),
            _ => Origin::Mixed,
        };
        let split = latest.by_revision.iter().map(|(revision, value)| {
            let origin = Origin::Revision(revision.to_string());
            let samples = latest.samples_of.iter().find(|(of, _)| of == revision).map(|(_, count)| *count);
            (format!("{name}@{revision}"), Some(reading(*value, samples, origin)))
        });
        let split: Vec<_> = split.collect();
        let all = latest.value.map(|value| reading(value, latest.samples, origin));
        std::iter::once((name, all)).chain(split).collect()
    }
}

impl Metrics {
    /// Nothing seen yet; `None` when the service has no metrics.
    pub fn new(service: &Service, engine: Option<&PrometheusSpec>) -> Option<Self> {
        let spec = service.metrics.as_ref()?;
        Some(Self {
            panel: spec.panels.iter().map(Metric::new).collect(),
            scrape: Feed::new(spec.interval, spec.timeout),
            scraped: None,
            engine: engine.map_or_else(Feed::default, |engine| Feed::new(engine.interval, engine.timeout)),
            connections: Vec::new(),
            cohort_closes: Vec::new(),
            series: 0,
        })
    }

    /// The metrics are these now: what was seen of one that asks the same stays.
    pub fn renew(&mut self, specs: &[MetricSpec]) {
        let mut before = std::mem::take(&mut self.panel);
        self.panel = specs
            .iter()
            .map(|spec| {
                let same = |known: &Metric| {
                    let known = &known.spec;
                    (&known.name, &known.query, known.from) == (&spec.name, &spec.query, spec.from)
                };
                match before.iter().position(same) {
                    Some(at) => Metric { spec: spec.clone(), ..before.swap_remove(at) },
                    None => Metric::new(spec),
                }
            })
            .collect();
    }

    /// A scrape was evaluated.
    pub fn scraped(&mut self, scraped: &Scraped) {
        self.scraped = Some(scraped.at);
        self.scrape.down = false;
        self.series = scraped.series;
        self.connections.clone_from(&scraped.connections);
        self.cohort_closes.clone_from(&scraped.cohort_closes);
        let by_name: BTreeMap<&str, &MetricValue> =
            scraped.values.iter().map(|value| (value.name.as_str(), value)).collect();
        for metric in self.panel.iter_mut().filter(|metric| metric.spec.from == MetricFrom::Scrape) {
            let missing = MetricValue { name: metric.spec.name.clone(), ..MetricValue::default() };
            metric.take(by_name.get(metric.spec.name.as_str()).copied().unwrap_or(&missing), scraped.at);
        }
    }

    /// The metrics engine answered one query, or not.
    pub fn queried(&mut self, queried: &Queried) {
        let name = &queried.value.name;
        let asked = |metric: &&mut Metric| {
            matches!(metric.spec.from, MetricFrom::Prometheus | MetricFrom::Value)
                && metric.spec.name == *name
        };
        let Some(metric) = self.panel.iter_mut().find(asked) else { return };
        if !queried.history.is_empty() {
            let interval = self.engine.interval;
            let until = millis(queried.at) - span_millis(interval);
            metric.trail.add_past(until, interval, &queried.history);
        }
        let older = &queried.older;
        metric.trail.add_past(millis(queried.at) - span_millis(older.step), older.step, &older.values);
        metric.take(&queried.value, queried.at);
    }

    /// A person wrote a reading down: of `name`, if that is one that people read.
    pub fn read_by_hand(&mut self, name: &str, reading: &ByHand) {
        let mut people = self.panel.iter_mut().filter(|metric| metric.spec.from == MetricFrom::Person);
        let Some(metric) = people.find(|metric| metric.spec.name == name) else { return };
        let value =
            MetricValue { name: name.to_owned(), value: Some(reading.value), ..MetricValue::default() };
        metric.latest = Some((Mono::default(), value));
        metric.by_hand = Some(reading.clone());
    }

    /// Time passed: readings by people grow old, and are believed for so long.
    pub fn ticked(&mut self, now: Now, believed_for: Duration) {
        for metric in &mut self.panel {
            let Some(reading) = &metric.by_hand else { continue };
            // A clock that is a little ahead elsewhere makes none unbelievable.
            let age = (now.wall - reading.at).to_std().unwrap_or_default();
            metric.believed = age <= believed_for;
            // Once: the two clocks never agree to the microsecond, and the same reading would be a new one each second.
            if let Some((at, _)) = metric.latest.as_mut().filter(|(at, _)| *at == Mono::default()) {
                *at = now.mono.before(age);
                metric.trail.add(millis(now.mono) - span_millis(age), Some(reading.value));
            }
        }
    }

    /// Series were found that a metric may be.
    pub fn resembled(&mut self, resembling: &Resembling) {
        let metric = self.panel.iter_mut().find(|metric| metric.spec.name == resembling.name);
        if let Some(metric) = metric {
            metric.proposals.clone_from(&resembling.found);
        }
    }

    /// The scraped endpoint spoke of its connection.
    pub fn linked(&mut self, report: &LinkReport) {
        self.scrape.linked(report);
    }

    /// The metrics engine spoke of its connection.
    pub fn engine_linked(&mut self, report: &LinkReport) {
        self.engine.linked(report);
    }

    /// The metrics, in the config's order.
    pub fn metrics(&self) -> &[Metric] {
        &self.panel
    }

    /// Open connections and how long closed ones lived, as the server counts them; one entry a revision.
    pub fn connections(&self) -> &[Connections] {
        &self.connections
    }

    /// Closes of the last ten minutes by cohort.
    pub fn cohort_closes(&self) -> &[CohortCloses] {
        &self.cohort_closes
    }

    /// When the newest scrape was.
    pub fn scrape_at(&self) -> Option<Mono> {
        self.scraped
    }

    /// Series in the newest scrape.
    pub fn series(&self) -> u64 {
        self.series
    }

    /// How often a metric gets a number.
    pub fn interval(&self, metric: &Metric) -> Duration {
        match metric.spec.from {
            MetricFrom::Scrape | MetricFrom::Nowhere | MetricFrom::Person => self.scrape.interval,
            MetricFrom::Value => metric.spec.value.as_ref().map_or(Duration::ZERO, |value| value.interval),
            MetricFrom::Prometheus => self.engine.interval,
        }
    }

    /// Whether the newest scrape is younger than two periods and the endpoint is not down.
    pub fn scrape_is_fresh(&self, now: Mono) -> bool {
        self.scrape.is_fresh(self.scraped, now)
    }

    /// Whether a metric's newest answer is younger than two periods and where it comes from is not down.
    pub fn is_fresh(&self, metric: &Metric, now: Mono) -> bool {
        match metric.spec.from {
            MetricFrom::Nowhere => false,
            MetricFrom::Person => metric.believed,
            MetricFrom::Value => {
                let value = metric.spec.value.as_ref();
                let feed = value.map(|value| Feed::new(value.interval, value.timeout));
                feed.unwrap_or_default().is_fresh(metric.latest.as_ref().map(|(at, _)| *at), now)
            }
            MetricFrom::Scrape => self.scrape_is_fresh(now),
            MetricFrom::Prometheus => {
                let of_now = metric.latest.as_ref().filter(|(_, value)| value.before.is_zero());
                self.engine.is_fresh(of_now.map(|(at, _)| *at), now)
            }
        }
    }

    /// Whether its number may be shown; `measured`: whether those of its source may.
    pub fn is_shown(&self, metric: &Metric, measured: bool, now: Mono) -> bool {
        let apart = matches!(metric.spec.from, MetricFrom::Person | MetricFrom::Value);
        if apart { self.is_fresh(metric, now) } else { measured }
    }

    /// How old the newest number is, where an engine that answers has none of now.
    pub fn outdated(&self, metric: &Metric, now: Mono) -> Option<Duration> {
        let asked = metric.spec.from == MetricFrom::Prometheus && !self.engine.down;
        let old = asked && metric.value().is_some() && !self.is_fresh(metric, now);
        metric.age(now).filter(|_| old)
    }

    /// What a metric is worth at `now`.
    pub fn state(&self, metric: &Metric, now: Mono) -> MetricState {
        match metric.spec.from {
            _ if self.is_fresh(metric, now) => metric.worth(),
            MetricFrom::Person if metric.by_hand.is_none() => MetricState::NoData,
            _ => MetricState::Stale,
        }
    }

    /// How many metrics are in `state`.
    pub fn count(&self, state: MetricState, now: Mono) -> usize {
        self.panel.iter().filter(|metric| self.state(metric, now) == state).count()
    }

    /// `metric.NAME`, and `metric.NAME@REVISION` where the series tell revisions apart; of objectives `budget.NAME`,
    /// `burn.NAME.WINDOW` and `burn.NAME`.
    pub fn signals(&self, now: Mono) -> Vec<(String, Option<Reading>)> {
        let readings = self.panel.iter().flat_map(|metric| metric.readings(self.is_fresh(metric, now)));
        let mut readings: Vec<_> = readings.collect();
        readings.extend(objectives::burns(&readings, &self.panel));
        readings
    }
}

mod day;
mod early;
mod feed;
mod objectives;
#[cfg(test)]
mod tests;
