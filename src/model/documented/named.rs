//! Metrics that documents state by name and limits, without a query: what the config binds them to, else a person reads
//! them.

use crate::domain::plan::{Origin, Threshold};
use crate::domain::room::{BoundTo, Documented, MetricBinding, MetricFrom, MetricSpec};
use crate::domain::{Clean, Document, Room, ServiceIx};

use super::limits::{self, Written};
use super::{add, naming, place, take_limits};

/// Metrics by name of all documents together at most.
const MOST_NAMED: usize = 100;

/// Adds to `room` what `documents` state by name; answers with how many were too many.
pub(super) fn add_to(room: &mut Room, service: ServiceIx, documents: &[Document]) -> usize {
    let all =
        documents.iter().flat_map(|document| named(document).map(move |threshold| (document, threshold)));
    let all: Vec<_> = all.collect();
    for (document, threshold) in all.iter().take(MOST_NAMED) {
        add_one(room, service, &place(document, threshold.line), threshold);
    }
    all.len().saturating_sub(MOST_NAMED)
}

/// Numbers with limits in blocks of metrics and in tables, but for those that stand beside a query. What items state is
/// for people to tick.
fn named(document: &Document) -> impl Iterator<Item = &Threshold> {
    let plan = &document.plan;
    plan.thresholds.iter().filter(|threshold| {
        let bound = |stated: &Option<_>| {
            stated.as_ref().is_some_and(|stated: &crate::domain::plan::Stated| stated.bound.is_some())
        };
        let stated = [&threshold.target, &threshold.warning, &threshold.critical].into_iter().any(bound);
        let beside = plan.panels.iter().any(|query| query.threshold == Some(threshold.line));
        matches!(threshold.origin, Origin::Yaml | Origin::Table) && stated && !beside
    })
}

fn add_one(room: &mut Room, service: ServiceIx, place: &Clean, threshold: &Threshold) {
    let name = naming::of(&threshold.name);
    let bindings = &room.documented.bindings;
    let binding =
        bindings.iter().find(|it| naming::of(&it.name) == name).map(|it: &MetricBinding| it.to.clone());
    let same = match &binding {
        Some(BoundTo::Metric(other)) => other,
        Some(BoundTo::Query { .. } | BoundTo::Unwatched(_)) | None => &name,
    };
    let mut panels =
        room.services.iter_mut().filter_map(|it| it.metrics.as_mut()).flat_map(|it| &mut it.panels);
    if let Some(metric) = panels.find(|panel| panel.name == *same || naming::of(&panel.name) == *same) {
        // Stated twice, it is one.
        if metric.from != MetricFrom::Person {
            take_limits(metric, threshold, place);
        }
        return;
    }
    let documented = Documented { place: place.clone(), ..Documented::default() };
    let (service, metric) = match binding {
        Some(BoundTo::Query { query, from, service, unit }) => {
            let written = limits::written(threshold, &query, &unit);
            (service, spec(name, from, written, documented))
        }
        None => (service, read_by_people(name, threshold, documented)),
        Some(BoundTo::Metric(other)) => {
            let problem = format!("the config binds it to the metric {other}, which the room does not have");
            (service, unwatched(name, threshold, documented, &problem))
        }
        Some(BoundTo::Unwatched(why)) => (
            service,
            unwatched(name, threshold, documented, &format!("unwatched, as the config says: {why}")),
        ),
    };
    add(room, service, metric);
}

/// Limits as the document writes them: who reads it, reads it in that unit.
fn read_by_people(name: String, threshold: &Threshold, documented: Documented) -> MetricSpec {
    let all = [&threshold.critical, &threshold.warning, &threshold.target];
    let mut units = all.into_iter().flatten().filter_map(|it| it.bound.as_ref()).map(|it| it.unit.as_str());
    let unit = units.find(|unit| !unit.is_empty()).unwrap_or_default().to_owned();
    let written = limits::written(threshold, "", &unit);
    spec(name, MetricFrom::Person, Written { query: String::new(), ..written }, documented)
}

fn unwatched(name: String, threshold: &Threshold, documented: Documented, problem: &str) -> MetricSpec {
    let documented = Documented { problem: Some(Clean::new(problem)), ..documented };
    MetricSpec { from: MetricFrom::Nowhere, ..read_by_people(name, threshold, documented) }
}

fn spec(name: String, from: MetricFrom, written: Written, documented: Documented) -> MetricSpec {
    let Written { limits, unit, query, unjudged, holds, relative } = written;
    MetricSpec {
        name,
        query,
        from,
        unit,
        target: limits.target,
        warning: limits.warning,
        critical: limits.critical,
        documented: Some(Box::new(Documented {
            sustained: limits.sustained,
            unjudged,
            holds,
            relative,
            ..documented
        })),
        ..MetricSpec::default()
    }
}
