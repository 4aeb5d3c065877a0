//! `[documented]` and `[[bind_metric]]`: what is made of the metrics that documents state.

use std::time::Duration;

use super::conditions::Tuned;
use super::metrics::source;
use super::room::service_ix;
use super::section::Section;
use crate::domain::ServiceIx;
use crate::domain::room::{BoundTo, DocumentedSpec, MetricBinding, Service, Unbound};

/// Most bindings of one room.
const MOST: usize = 500;

/// `engine`: the room has one to ask.
pub(super) fn read(
    top: &Section<'_>,
    (services, names): (&[Service], &[&str]),
    engine: bool,
    tuned: &Tuned,
) -> DocumentedSpec {
    let section = top.section("documented");
    let unbound = match section.word("unbound", "hold", &["hold", "list"]) {
        "list" => Unbound::List,
        _ => Unbound::Hold,
    };
    let sections = top.sections("bind_metric", MOST);
    DocumentedSpec {
        ask: section.word("queries", "ask", &["ask", "list"]) == "ask",
        sustained: tuned.metric_critical,
        clears_after: tuned.clears_after,
        unbound,
        readings_for: section.duration_from("readings_for", Duration::from_hours(24), Duration::from_secs(1)),
        bindings: sections.iter().map(|section| binding(section, services, names, engine)).collect(),
    }
}

fn binding(section: &Section<'_>, services: &[Service], names: &[&str], engine: bool) -> MetricBinding {
    let name = section.required("name", "write the metric's name as the document has it");
    let (query, metric) = (section.raw_text("query"), section.text("metric"));
    let unwatched = section.text("unwatched");
    let unit = section.text_or("unit", "");
    let service = if query.is_some() || section.has("service") {
        service_ix(section, names)
    } else {
        ServiceIx::default()
    };
    let scraped = services.get(usize::from(service.0)).is_some_and(|service| service.scraped().is_some());
    let default = if engine { "prometheus" } else { "scrape" };
    let from = source(section, default, (scraped, engine));
    let given = [query.is_some(), metric.is_some(), unwatched.is_some()].into_iter().filter(|it| *it).count();
    if given != 1 {
        let what = format!("`{}` says {given} things that {name} is", section.dotted("name"));
        let next = "write one of query = '…', metric = \"NAME\" and unwatched = \"why\"";
        section.wrong("name", &what, "a metric is one thing", next);
    }
    let to = match (query, metric, unwatched) {
        (Some(query), ..) => BoundTo::Query { query, from, service, unit },
        (None, Some(metric), _) => BoundTo::Metric(metric),
        (None, None, why) => BoundTo::Unwatched(why.unwrap_or_default()),
    };
    MetricBinding { name, to }
}
