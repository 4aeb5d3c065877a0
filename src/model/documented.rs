//! Metrics that the room's documents state, folded into what the config says: queries become metrics of the room, their
//! limits conditions. The config wins where both speak of one thing.
//!
//! A document is hostile until shown otherwise: so many queries and no more, each of bounded length (the lint), asked at
//! the engine's own interval, and only ever as queries, which change nothing.

#[cfg(test)]
mod held_tests;
mod limits;
mod named;
mod naming;
mod relative;
mod requests;
mod severities;
#[cfg(test)]
mod staged_tests;
#[cfg(test)]
mod tests;
mod triggers;
mod unasked;

use std::sync::Arc;
use std::time::Duration;

use crate::domain::condition::Purpose;
use crate::domain::metric::Scraped;
use crate::domain::plan::{self, Threshold};
use crate::domain::room::{Documented, MetricFrom, MetricSpec, MetricsSpec};
use crate::domain::{Clean, ConditionSpec, Document, Limit, PanelId, Room, ServiceIx, SignalKey};
use crate::promql::{self, lint};

use super::Model;
use super::effect::Effect;
use super::metrics::Metrics;
use super::stages::Begun;
use limits::{Limits, Written};

pub use requests::{Counted, supposed};
pub use triggers::Replaced;
pub use unasked::InRoom;

/// Queries of all documents together that are asked at most.
pub const MOST_QUERIES: usize = 50;

/// Queries of all documents together that become metrics at most, those with a problem included.
pub const MOST_SHOWN: usize = 100;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Completed {
    /// The room, to be watched instead of the configured one.
    pub room: Room,
    /// Queries over [`MOST_SHOWN`].
    pub left_out: usize,
    /// Triggers of stages before, of which a later one says something else.
    pub replaced: Replaced,
}

/// The configured room, completed by what `documents` state and endpoints count; the same room where they do neither.
/// `is_read`: whether a person wrote a reading of this metric down.
pub fn completed(
    configured: &Room,
    documents: &[Document],
    is_read: &dyn Fn(&str) -> bool,
    counted: &Counted,
) -> Completed {
    completed_in(configured, documents, is_read, (counted, &Begun::default()))
}

/// The same, where the rollback triggers of stages stand as `begun` says.
pub fn completed_in(
    configured: &Room,
    documents: &[Document],
    is_read: &dyn Fn(&str) -> bool,
    (counted, begun): (&Counted, &Begun),
) -> Completed {
    let mut room = configured.clone();
    let all = documents.iter().map(|document| document.plan.panels.len()).sum::<usize>();
    let Some(service) = service_of(configured) else {
        return Completed { room, left_out: all, ..Completed::default() };
    };
    let mut asked = 0;
    let stated = documents.iter().flat_map(|document| stated(document, begun));
    for stated in &stated.take(MOST_SHOWN).collect::<Vec<_>>() {
        if let Some(metric) = same(&mut room, stated) {
            if let Some(threshold) = stated.threshold {
                take_limits(metric, threshold, &stated.place);
            }
            continue;
        }
        let name = naming::free(&stated.name, &room);
        let mut metric = stated.metric(name);
        settle(&mut metric, &room, service, &mut asked);
        add(&mut room, service, metric);
    }
    let unnamed = named::add_to(&mut room, service, documents);
    requests::add_metrics(&mut room, counted);
    add_conditions(&mut room, configured, is_read);
    let judged = room.documented.sustained.is_some();
    let replaced = if judged { triggers::add(&mut room, documents, begun) } else { Replaced::default() };
    requests::add_triggers(&mut room);
    triggers::rest_criteria(&mut room, documents);
    triggers::add_gates(&mut room, documents);
    severities::apply(&mut room, documents);
    Completed { room, left_out: all.saturating_sub(MOST_SHOWN) + unnamed, replaced }
}

fn add(room: &mut Room, service: ServiceIx, metric: MetricSpec) {
    let metrics = room.services.get_mut(usize::from(service.0)).map(|it| &mut it.metrics);
    if let Some(metrics) = metrics {
        metrics.get_or_insert_with(MetricsSpec::unscraped).panels.push(metric);
    }
}

/// What a metric is called here that a document calls `title`.
pub fn name_of(title: &str) -> String {
    naming::of(title)
}

/// The service whose metrics they become: the first one with metrics, else the first.
fn service_of(room: &Room) -> Option<ServiceIx> {
    let with = |ix: &ServiceIx| room.service(*ix).is_some_and(|service| service.metrics.is_some());
    room.service_ixs().find(with).or_else(|| room.service_ixs().next())
}

/// A query as a document states it.
struct Stated<'a> {
    /// What a signal may be called after it.
    name: String,
    place: Clean,
    query: &'a plan::Query,
    /// What is asked: an alert's query without its limit.
    text: String,
    threshold: Option<&'a Threshold>,
    /// The stage that has not begun, before which its limits ask for nothing.
    waits: Option<&'a Clean>,
}

fn stated<'a>(document: &'a Document, begun: &'a Begun) -> impl Iterator<Item = Stated<'a>> {
    let plan = &document.plan;
    plan.panels.iter().map(move |query| {
        let of = |line: u32| plan.thresholds.iter().find(|threshold| threshold.line == line);
        let threshold = query.threshold.and_then(of);
        // An alert's limit stands in its query: with it there would only be a number while it fires.
        let waits = query.stage.and_then(|line| begun.later.get(&(document.path.clone(), line)));
        let ending = threshold.filter(|it| it.line == query.line).and_then(|_| lint::ending(&query.query));
        Stated {
            name: naming::of(&query.title),
            place: place(document, query.line),
            query,
            text: ending.map_or_else(|| query.query.clone(), |ending| ending.compared),
            threshold: threshold.filter(|_| waits.is_none()),
            waits: waits.filter(|_| threshold.is_some()),
        }
    })
}

fn place(document: &Document, line: u32) -> Clean {
    let file = document.path.rsplit(['/', '\\']).next().unwrap_or(&document.path);
    Clean::new(&format!("{file}:{line}"))
}

/// The metric of the room that has its name, or asks the same; none that a document limits otherwise.
fn same<'r>(room: &'r mut Room, stated: &Stated<'_>) -> Option<&'r mut MetricSpec> {
    let bare = |query: &str| query.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let text = bare(&stated.text);
    let metrics = room.services.iter_mut().filter_map(|service| service.metrics.as_mut());
    let mut panels = metrics.flat_map(|metrics| &mut metrics.panels);
    panels.find(|panel| {
        let named = panel.name == stated.name && panel.documented.is_none();
        (named || (bare(&panel.query) == text && panel.problem().is_none())) && !stated.is_otherwise(panel)
    })
}

/// A metric without limits takes those of a document.
fn take_limits(metric: &mut MetricSpec, threshold: &Threshold, place: &Clean) {
    if metric.target.is_some() || metric.warning.is_some() || metric.critical.is_some() {
        return;
    }
    let Written { limits, unit, unjudged, holds, relative, .. } =
        limits::written(threshold, &metric.query, &metric.unit);
    if limits == Limits::default() && unjudged.is_none() && relative.is_empty() {
        return;
    }
    metric.unit = unit;
    (metric.target, metric.warning, metric.critical) = (limits.target, limits.warning, limits.critical);
    let fresh = || Box::new(Documented { place: place.clone(), limits_only: true, ..Documented::default() });
    let documented = metric.documented.get_or_insert_with(fresh);
    (documented.sustained, documented.unjudged, documented.relative) = (limits.sustained, unjudged, relative);
    documented.holds = holds;
}

impl Stated<'_> {
    /// Whether a document limits `metric` already, and this one otherwise: then it is a metric of its own.
    fn is_otherwise(&self, metric: &MetricSpec) -> bool {
        let known = Limits { sustained: None, ..Limits::of(metric) };
        let (Some(documented), Some(threshold)) = (&metric.documented, self.threshold) else { return false };
        let own =
            limits::written(threshold, &self.text, if documented.limits_only { &metric.unit } else { "" });
        let none = |limits: &Limits| {
            limits.target.is_none() && limits.warning.is_none() && limits.critical.is_none()
        };
        let sustained = own.limits.sustained;
        let limits = Limits { sustained: None, ..own.limits };
        !none(&limits) && !none(&known) && (limits != known || sustained != documented.sustained)
    }

    fn metric(&self, name: String) -> MetricSpec {
        let written = match self.threshold {
            Some(threshold) => limits::written(threshold, &self.text, ""),
            None => Written::without_limits(&self.text),
        };
        let Written { limits, unit, unjudged, holds, query, relative } = written;
        let waits = |stage: &Clean| Clean::new(&format!("its limits wait for the stage {stage}"));
        let unjudged = unjudged.or_else(|| self.waits.map(waits));
        let proposal = self.query.suggestion.as_deref().map(Clean::new);
        let documented = Documented {
            place: self.place.clone(),
            limits_only: false,
            sustained: limits.sustained,
            problem: self.query.error.clone(),
            proposal: proposal.filter(|_| self.query.error.is_some()),
            unjudged,
            holds,
            relative,
        };
        MetricSpec {
            name,
            query,
            from: MetricFrom::Nowhere,
            unit,
            target: limits.target,
            warning: limits.warning,
            critical: limits.critical,
            documented: Some(Box::new(documented)),
            ..MetricSpec::default()
        }
    }
}

/// Decides where a documented query is asked, or says why it is not.
fn settle(metric: &mut MetricSpec, room: &Room, service: ServiceIx, asked: &mut usize) {
    let problem = match metric.problem() {
        Some(_) => return,
        None if !room.documented.ask => {
            Some("the config says that queries of documents are only listed".into())
        }
        None if *asked >= MOST_QUERIES => {
            Some(format!("documents have more than {MOST_QUERIES} queries; write it into the config"))
        }
        None if room.prometheus.is_some() => {
            metric.from = MetricFrom::Prometheus;
            None
        }
        None if room.service(service).is_some_and(|service| service.scraped().is_some()) => {
            metric.from = MetricFrom::Scrape;
            here(&metric.query).err()
        }
        None => Some("there is nothing to ask: add [prometheus], or url to [service.metrics]".into()),
    };
    let Some(problem) = problem else {
        *asked += 1;
        return;
    };
    metric.from = MetricFrom::Nowhere;
    if let Some(documented) = &mut metric.documented {
        documented.problem = Some(Clean::new(&problem));
    }
}

/// Whether a query can be evaluated here.
fn here(query: &str) -> Result<(), String> {
    let query =
        promql::Query::parse(query).map_err(|why| format!("{why}; add [prometheus] to ask an engine"))?;
    match query.names() {
        promql::Names::Only(_) => Ok(()),
        // All series of an endpoint would have to be kept for it.
        promql::Names::Any => Err("it names no metric; add [prometheus] to ask an engine".to_owned()),
    }
}

/// A criterion for each documented metric with a critical limit, unless one of the config reads it already.
fn add_conditions(room: &mut Room, configured: &Room, is_read: &dyn Fn(&str) -> bool) {
    let mut more = Vec::new();
    for (ix, service) in room.service_ixs().zip(&room.services) {
        for metric in service.metrics.iter().flat_map(|metrics| &metrics.panels) {
            // Nothing is judged that nobody has read yet: how many of those there are is a reason of its own.
            if metric.from == MetricFrom::Person && !is_read(&metric.name) {
                continue;
            }
            let known = |spec: &ConditionSpec| {
                configured.conditions.iter().any(|it| it.name == spec.name || it.signal == spec.signal)
            };
            let all = condition(ix, metric, room).into_iter().chain(relative::conditions(ix, metric, room));
            more.extend(all.filter(|spec| !known(spec)));
        }
    }
    room.conditions.extend(more);
}

fn condition(ix: ServiceIx, metric: &MetricSpec, room: &Room) -> Option<ConditionSpec> {
    let documented = metric.documented.as_ref().filter(|_| metric.from != MetricFrom::Nowhere)?;
    let sustained: Duration = documented.sustained.or(Some(Duration::ZERO)).max(room.documented.sustained)?;
    let fail: Limit = metric.critical?;
    room.documented.sustained?;
    Some(ConditionSpec {
        name: metric.name.clone(),
        purpose: Purpose::Criterion,
        signal: SignalKey::new(ix, metric.signal()),
        fail,
        warn: metric.warning,
        target: metric.target,
        sustained,
        clears_after: room.documented.clears_after,
        out_of: None,
        min_samples: 0,
        unit: metric.unit.clone(),
        panel: PanelId::Metrics,
    })
}

impl Model {
    /// An endpoint was scraped: if it counts requests, its error rate is a metric from now on.
    pub(super) fn scraped(&mut self, scraped: &Scraped, effects: &mut Vec<Effect>) {
        self.judge_scrape(scraped);
        if let Some(service) = self.service_mut(scraped.service) {
            service.scraped(scraped);
        }
        let Some(label) = &scraped.status_label else { return };
        if self.counted.insert(scraped.service, label.clone()).as_ref() != Some(label) {
            let documents = self.checklist.documents().to_vec();
            self.complete_room(&documents, effects);
        }
    }

    /// The documents were read: what they state completes the room, and what is asked for changes with it.
    pub(super) fn complete_room(&mut self, documents: &[Document], effects: &mut Vec<Effect>) {
        let configured = self.configured.as_ref().unwrap_or(&self.room).clone();
        let is_read = |name: &str| self.readings.contains_key(name);
        let tripped = self.conditions.tripped(&self.room);
        let begun = Begun { tripped, ..self.stages.begun(&configured.stages, documents) };
        let Completed { room, left_out, replaced } =
            completed_in(&configured, documents, &is_read, (&self.counted, &begun));
        self.checklist.wait(begun.waits, replaced.items);
        self.conditions.replaced(replaced.conditions);
        self.queries_left_out = left_out;
        if *self.room == room {
            return;
        }
        self.configured = Some(configured);
        // Rows of measures lie in the order of the conditions.
        self.write_measured(effects);
        let before = std::mem::replace(&mut self.room, Arc::new(room));
        self.conditions.renew(&before, &self.room);
        self.checklist.rules_changed();
        for (state, service) in self.services.iter_mut().zip(&self.room.services) {
            match (&mut state.metrics, &service.metrics) {
                (Some(metrics), Some(spec)) => metrics.renew(&spec.panels),
                (metrics, _) => *metrics = Metrics::new(service, self.room.prometheus.as_ref()),
            }
        }
        self.hand_out_readings();
        effects.push(Effect::Watch { room: self.room.clone() });
    }
}
