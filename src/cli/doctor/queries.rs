//! Queries of the panels, and of the documents: whether whoever is to answer them can.

use super::{Check, State};
use crate::cli::desk::completing;
use crate::domain::room::{MetricFrom, MetricSpec};
use crate::domain::{Document, Record, Room};
use crate::promql::lint::lint;
use crate::promql::{Query, QueryError};

/// One check for each query that has no answer; none where all have.
pub(super) fn checks(room: &Room, documents: &[Document], records: &[Record]) -> Vec<Check> {
    let complete = completing::plain(room, documents, records);
    let own = panels(room).filter_map(check);
    let stated = panels(&complete).filter(|panel| panel.documented.is_some() && room.documented.ask);
    own.chain(stated.filter_map(unanswered)).collect()
}

fn panels(room: &Room) -> impl Iterator<Item = &MetricSpec> {
    room.services.iter().filter_map(|service| service.metrics.as_ref()).flat_map(|metrics| &metrics.panels)
}

/// A query of a document that is asked nowhere, with why.
fn unanswered(panel: &MetricSpec) -> Option<Check> {
    let why = panel.problem().filter(|_| !panel.query.is_empty())?;
    let next =
        "it will never have data: write it otherwise, or bind its metric to another query ([[bind_metric]])";
    Some(Check::new(&format!("documented query {}", panel.name), State::Doubtful, why, next))
}

fn check(panel: &MetricSpec) -> Option<Check> {
    let (seen, next) = match panel.from {
        MetricFrom::Scrape => match Query::parse(&panel.query).err()? {
            error @ QueryError::Unsupported(_) => (
                error.to_string(),
                "write it otherwise, or have a Prometheus answer it: from = \"prometheus\"",
            ),
            error => (error.to_string(), "correct the query of this [[service.metrics.panel]]"),
        },
        MetricFrom::Prometheus => {
            let lint = lint(&panel.query);
            let better = lint.suggestion.map_or(String::new(), |better| format!("; {better} is right"));
            (format!("{}{better}", lint.error?.what), "correct the query: the engine refuses it")
        }
        MetricFrom::Nowhere | MetricFrom::Person | MetricFrom::Value => return None,
    };
    Some(Check::new(&format!("panel {}", panel.name), State::Bad, &seen, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_evaluated_here_is_named_and_what_is_or_an_engine_does_is_not() {
        let of = |query: &str, from| {
            let panel = MetricSpec { name: "x".into(), query: query.into(), from, ..MetricSpec::default() };
            check(&panel).map(|check| check.seen.to_string())
        };
        let here = |query: &str| of(query, MetricFrom::Scrape);
        assert_eq!(here("sum(rate(a[5m]))"), None);
        for (query, word) in [
            ("max_over_time(a[5m])", "the function max_over_time is not supported here"),
            ("a offset 5m", "offset"),
            ("topk(1, a)", "the aggregation topk is not supported here"),
            ("a @ 1", "@"),
            ("a and b", "and"),
        ] {
            assert!(here(query).is_some_and(|seen| seen.contains(word)), "{query}: {:?}", here(query));
            assert_eq!(of(query, MetricFrom::Prometheus), None, "an engine answers {query}");
        }
        let slip = "rate(a[1m]) by (y)";
        for from in [MetricFrom::Scrape, MetricFrom::Prometheus] {
            let seen = of(slip, from).expect("wrong");
            assert!(
                seen.contains("by groups an aggregation") && seen.contains("sum by (y) (rate(a[1m]))"),
                "{seen}"
            );
        }
    }
}
