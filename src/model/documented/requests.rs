//! The share of requests that fail: where an endpoint counts them it is a metric of its service, and over the limit a
//! trigger, without a word in the config. A metric that says so already is taken for it.
//!
//! No request at all is none that failed, so that a service at rest does not hold the verdict; counters that are gone are
//! no data.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::condition::{Comparator, Purpose};
use crate::domain::room::{MetricFrom, MetricSpec, MetricsSpec, Service};
use crate::domain::{Clean, ConditionSpec, Limit, PanelId, Room, ServiceIx, SignalKey};
use crate::model::conditions::limit_words;

use super::{add, naming};
use crate::promql::unit;

/// Services whose endpoint counts requests, each with the label that has their status.
pub type Counted = BTreeMap<ServiceIx, Clean>;

const NAME: &str = "error_rate";

/// Over so long it is told, or over four scrapes.
const WINDOW: Duration = Duration::from_mins(1);

/// What endpoints may tell that nobody has asked yet.
pub fn supposed(room: &Room) -> Counted {
    let scraped = |ix: &ServiceIx| room.service(*ix).is_some_and(|service| service.scraped().is_some());
    room.service_ixs().filter(scraped).map(|ix| (ix, Clean::new("status"))).collect()
}

/// Adds the metric to services that count their requests and have none that says so.
pub(super) fn add_metrics(room: &mut Room, counted: &Counted) {
    let Some(percent) = room.error_rate.as_ref().map(|spec| spec.percent) else { return };
    for (ix, label) in counted {
        if of(room, *ix).is_some() {
            continue;
        }
        let several = room.services.len() > 1;
        let Some(service) = room.service(*ix) else { continue };
        let Some(metrics) = service.scraped().filter(|metrics| !metrics.requests_total.is_empty()) else {
            continue;
        };
        let name = if several { naming::of(&format!("{} {NAME}", service.name)) } else { NAME.to_owned() };
        let metric = MetricSpec {
            query: query(metrics, label),
            name: naming::free(&name, room),
            from: MetricFrom::Scrape,
            unit: "%".to_owned(),
            critical: Some(Limit { op: Comparator::Gt, value: percent }),
            from_zero: true,
            ..MetricSpec::default()
        };
        add(room, *ix, metric);
    }
}

/// None that failed is no series: that is nought. So is none at all.
fn query(metrics: &MetricsSpec, label: &str) -> String {
    let seconds = WINDOW.max(metrics.interval * 4).as_secs();
    let rate = |only: &str| format!("sum(rate({}{only}[{seconds}s]))", metrics.requests_total);
    let (failed, all) = (rate(&format!("{{{label}=~\"5..\"}}")), rate(""));
    format!("100 * ({failed} or 0 * {all}) / ({all} > 0) or 0 * {all}")
}

/// Adds the trigger where it is known, behind the others; not where one reads that metric already.
pub(super) fn add_triggers(room: &mut Room) {
    let Some(over) = room.error_rate.clone() else { return };
    for ix in room.service_ixs() {
        let Some(metric) = of(room, ix) else { continue };
        let signal = SignalKey::new(ix, metric.signal());
        let of_it = |name: &str| name.split('@').next() == Some(signal.name.as_str());
        let asks = |it: &ConditionSpec| {
            it.purpose == Purpose::Trigger && it.signal.service == ix && of_it(&it.signal.name)
        };
        let fail = Limit { op: Comparator::Gt, value: over.percent };
        let spec = ConditionSpec {
            name: String::new(),
            purpose: Purpose::Trigger,
            signal: signal.clone(),
            fail,
            warn: None,
            target: None,
            sustained: over.sustained,
            clears_after: over.clears_after,
            out_of: None,
            min_samples: 0,
            unit: "%".to_owned(),
            panel: PanelId::Metrics,
        };
        let whose = room.service(ix).filter(|_| room.services.len() > 1);
        let whose = whose.map_or_else(String::new, |service| format!("{}: ", service.name));
        let name = format!("{whose}error rate {}", limit_words(&spec, fail));
        if !room.conditions.iter().any(|it| asks(it) || it.name == name) {
            let place = room.conditions.iter().take_while(|it| it.purpose == Purpose::Trigger).count();
            room.conditions.insert(place, ConditionSpec { name, ..spec });
        }
    }
}

/// The metric of a service that is the share of its requests that fail: called so, or asking its counter for it.
fn of(room: &Room, ix: ServiceIx) -> Option<&MetricSpec> {
    let service: &Service = room.service(ix)?;
    let metrics = service.metrics.as_ref()?;
    let called = [NAME.to_owned(), naming::of(&format!("{} {NAME}", service.name))];
    let counter = Some(metrics.requests_total.as_str()).filter(|counter| !counter.is_empty());
    metrics.panels.iter().find(|panel| {
        let measured = !matches!(panel.from, MetricFrom::Nowhere | MetricFrom::Person)
            && panel.problem().is_none()
            && panel.objective.is_none();
        let unit = if panel.unit.is_empty() { unit::shown(&panel.query) } else { &panel.unit };
        let failing = counter.is_some_and(|it| panel.query.contains(it)) && panel.query.contains("\"5");
        measured && unit == "%" && (failing || called.contains(&panel.name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;
    use crate::domain::room::ErrorRateSpec;
    use crate::promql::{History, Query, Value};

    fn room(panels: Vec<MetricSpec>) -> Room {
        let metrics = MetricsSpec {
            url: Some("http://127.0.0.1:9/metrics".into()),
            requests_total: "http_requests_total".into(),
            panels,
            ..MetricsSpec::unscraped()
        };
        let services = vec![Service { name: "shop".into(), metrics: Some(metrics), ..Service::default() }];
        let (sustained, clears_after) = (Duration::from_mins(5), Duration::from_secs(30));
        let error_rate = Some(ErrorRateSpec { percent: 5.0, sustained, clears_after });
        let mut room = Room { services, error_rate, ..Room::default() };
        room.documented.sustained = Some(Duration::ZERO);
        room
    }

    fn counted() -> Counted {
        BTreeMap::from([(ServiceIx(0), Clean::new("code"))])
    }

    /// Names of metrics, and triggers with their signals.
    fn told(room: &Room, text: &str, counted: &Counted) -> (Vec<String>, Vec<(String, String)>) {
        let documents = [document::read("go.md", text.as_bytes()).document.expect("text")];
        let room = super::super::completed(room, &documents, &|_| false, counted).room;
        let panels = &room.services[0].metrics.as_ref().expect("metrics").panels;
        let triggers = room.conditions.iter().filter(|it| it.purpose == Purpose::Trigger);
        (
            panels.iter().map(|panel| panel.name.clone()).collect(),
            triggers.map(|it| (it.name.clone(), it.signal.name.clone())).collect(),
        )
    }

    fn one(name: &str, signal: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), signal.to_owned())]
    }

    #[test]
    fn where_requests_are_counted_too_many_that_fail_ask_for_a_rollback() {
        let trigger = || one("error rate > 5 %", "metric.error_rate");
        assert_eq!(told(&room(Vec::new()), "# R\n", &Counted::new()), (vec![], vec![]));
        assert_eq!(told(&room(Vec::new()), "# R\n", &counted()), (vec!["error_rate".into()], trigger()));
        let off = Room { error_rate: None, ..room(Vec::new()) };
        assert_eq!(told(&off, "# R\n", &counted()), (vec![], vec![]));
        // What says so already is taken for it, wherever it comes from.
        let panel = |name: &str, query: &str, unit: &str| MetricSpec {
            name: name.into(),
            query: query.into(),
            from: MetricFrom::Prometheus,
            unit: unit.into(),
            ..MetricSpec::default()
        };
        let named = room(vec![panel("error_rate", "errors", "%")]);
        assert_eq!(told(&named, "# R\n", &counted()), (vec!["error_rate".into()], trigger()));
        let asks =
            "100 * sum(rate(http_requests_total{code=~\"5..\"}[1m])) / sum(rate(http_requests_total[1m]))";
        let own = room(vec![panel("failures", asks, "")]);
        let triggers = one("error rate > 5 %", "metric.failures");
        assert_eq!(told(&own, "# R\n", &counted()), (vec!["failures".into()], triggers));
        // In no unit it could be a share of 1.
        let bare = room(vec![panel("error_rate", "errors", "")]);
        let both = vec!["error_rate".to_owned(), "error_rate_2".to_owned()];
        assert_eq!(told(&bare, "# R\n", &counted()), (both, one("error rate > 5 %", "metric.error_rate_2")));
    }

    #[test]
    fn a_trigger_of_a_document_or_of_the_config_goes_before_it() {
        let text = "# R\n## Rollback triggers\n- [ ] Error rate > 2 % for 3 minutes\n";
        let (_, triggers) = told(&room(Vec::new()), text, &counted());
        assert_eq!(triggers, one("error_rate > 2 %", "metric.error_rate"));
    }

    #[test]
    fn nothing_that_failed_is_nought_and_counters_that_are_gone_are_no_data() {
        let room = room(Vec::new());
        let query = query(room.services[0].scraped().expect("scraped"), "code");
        let query = Query::parse(&query).expect("it is evaluated here").from_zero();
        let mut history = History::new(300_000, 100, None);
        let mut at = |seconds: i64, text: &str| {
            history.scraped(text.as_bytes(), seconds * 1000);
            let Ok(Value::Vector(samples)) = query.eval(&history, seconds * 1000) else { panic!("a vector") };
            let count = query.observations(&history, seconds * 1000).map(|it| it.round() as u64);
            (samples.iter().map(|it| (it.value * 100.0).round() / 100.0).collect::<Vec<_>>(), count)
        };
        let counters = |good: u32, bad: Option<u32>| {
            let bad = bad.map_or(String::new(), |bad| format!("http_requests_total{{code=\"503\"}} {bad}\n"));
            format!("process_start_time_seconds 7\nhttp_requests_total{{code=\"200\"}} {good}\n{bad}")
        };
        assert_eq!(at(0, &counters(1_000, None)).0, [0.0; 0], "one scrape says nothing of a rate");
        assert_eq!(at(60, &counters(1_000, None)), (vec![0.0], Some(0)), "at rest");
        assert_eq!(at(120, &counters(1_300, None)), (vec![0.0], Some(300)), "nothing ever failed");
        assert_eq!(at(180, &counters(1_300, Some(1_000))), (vec![100.0], Some(1_000)), "a first burst");
        assert_eq!(at(240, &counters(1_390, Some(1_010))), (vec![10.0], Some(100)));
        assert_eq!(at(300, &counters(1_390, Some(1_050))).0, [100.0], "all of them");
        assert_eq!(at(360, "other 1\n").0, [0.0; 0]);
    }
}
