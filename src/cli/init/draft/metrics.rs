//! `[service.metrics]` drafted from documents: queries with the limits that stand beside them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::domain::Document;
use crate::domain::plan::{Origin, Query, Threshold};

use super::{Known, MOST, limits, quoted, stated, thresholds};

/// Most queries: a service has no more metrics.
const MOST_METRICS: usize = 100;

/// Queries with the limits that stand beside them, then what has limits and no query.
pub(super) fn write(out: &mut String, known: &Known<'_>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let queries: Vec<(&Query, &str, Option<&Threshold>)> =
        known.documents.iter().flat_map(usable).take(MOST_METRICS).collect();
    let off = if queries.is_empty() { "# " } else { "" };
    let said = if known.metrics.is_some() { "" } else { "     # no metrics URL was found: write yours" };
    let url = known.metrics.as_deref().unwrap_or("http://127.0.0.1:8000/metrics");
    line!(out, "\n{off}[service.metrics]\n{off}url = {}{said}", quoted(url));
    for (panel, query, threshold) in &queries {
        let name = metric_name(&panel.title, &mut names);
        line!(out, "\n[[service.metrics.panel]]         # line {}", panel.line);
        line!(out, "name = {}\nquery = {}", quoted(&name), quoted(query));
        if let Some(threshold) = threshold {
            limits_of(out, "", threshold, limits::unit_of(query));
        }
    }
    let beside: Vec<u32> =
        queries.iter().filter_map(|(_, _, threshold)| Some(threshold.as_ref()?.line)).collect();
    let open = thresholds(known).filter(|threshold| threshold.origin != Origin::Query);
    let open =
        open.filter(|threshold| limits::signal(threshold, known).and_then(|s| s.bad(threshold)).is_none());
    let open =
        open.filter(|threshold| limits::health_failing(threshold).is_none() || known.probes.is_empty());
    for threshold in open.filter(|threshold| !beside.contains(&threshold.line)).take(MOST) {
        line!(out, "\n# [[service.metrics.panel]]       # line {}: {}", threshold.line, stated(threshold));
        let name = metric_name(&threshold.name, &mut names);
        line!(
            out,
            "# name = {}\n# query = ''                      # no query is known for it",
            quoted(&name)
        );
        limits_of(out, "# ", threshold, Some(""));
    }
    names
}

/// Queries that can be used, as they are or in the form that was proposed, with the threshold beside them.
pub(super) fn usable(document: &Document) -> impl Iterator<Item = (&Query, &str, Option<&Threshold>)> {
    document.plan.panels.iter().filter_map(|panel| {
        let query = if panel.error.is_none() { Some(&panel.query) } else { panel.suggestion.as_ref() };
        let of = |line: u32| document.plan.thresholds.iter().find(|threshold| threshold.line == line);
        Some((panel, query?.as_str(), panel.threshold.and_then(of)))
    })
}

/// The limits in the unit of the query (empty: as written; `None`: it is not known which).
fn limits_of(out: &mut String, off: &str, threshold: &Threshold, unit: Option<&str>) {
    let Some(bad) = unit.and_then(|unit| limits::bad(threshold, unit)) else {
        line!(
            out,
            "# critical = \"> 0\"                # not in this query's unit, or no number: {}",
            stated(threshold)
        );
        return;
    };
    if !bad.unit.is_empty() && bad.unit != "of 1" {
        line!(out, "{off}unit = {}", quoted(&bad.unit));
    }
    let limits = [("target", &bad.target), ("warning", &bad.warn), ("critical", &Some(bad.fail.clone()))];
    for (name, limit) in limits {
        if let Some(limit) = limit {
            line!(out, "{off}{name} = {}", quoted(limit));
        }
    }
}

/// A name that a signal can have, and that no other metric has.
fn metric_name(title: &str, names: &mut BTreeSet<String>) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c.to_lowercase().next().unwrap_or(c) } else { '_' };
    let name: String = title.chars().map(plain).take(48).collect();
    let name = name.split('_').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
    let name = if name.is_empty() { "metric".to_owned() } else { name };
    let numbered = (2..).map(|n| format!("{name}_{n}"));
    let free =
        std::iter::once(name.clone()).chain(numbered).find(|name| !names.contains(name)).unwrap_or(name);
    names.insert(free.clone());
    free
}
