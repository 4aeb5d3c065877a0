//! What documents make of a room.

use super::*;
use crate::document;
use crate::domain::condition::Comparator;
use crate::domain::room::{
    AlertsSpec, BoundTo, Identity, MetricBinding, PrometheusSpec, Service, SeveritySpec,
};
use crate::model::conditions::tests::spec;

fn engine() -> PrometheusSpec {
    PrometheusSpec {
        url: "http://127.0.0.1:9".into(),
        headers: std::collections::BTreeMap::new(),
        identity: Identity::Nobody,
        interval: Duration::from_secs(15),
        timeout: Duration::from_secs(10),
        history: Duration::ZERO,
        external_labels: Vec::new(),
    }
}

pub(super) fn room(asked: bool, scraped: bool) -> Room {
    let url = scraped.then(|| "http://127.0.0.1:9/metrics".to_owned());
    let metrics = scraped.then(|| MetricsSpec { url, ..MetricsSpec::unscraped() });
    Room {
        prometheus: asked.then(engine),
        services: vec![Service { name: "shop".into(), metrics, ..Service::default() }],
        ..Room::default()
    }
}

pub(super) fn read(text: &str) -> Vec<Document> {
    vec![document::read("docs/go.md", text.as_bytes()).document.expect("text")]
}

fn completed(configured: &Room, documents: &[Document]) -> Completed {
    super::completed(configured, documents, &|name| name == "read", &Counted::new())
}

/// The metrics of the room, each in a line.
fn told(room: &Room) -> Vec<String> {
    let panels = &room.services[0].metrics.as_ref().expect("metrics").panels;
    let limit = |word: &str, limit: Option<Limit>| limit.map_or(String::new(), |it| format!(" {word} {it}"));
    let line = |it: &MetricSpec| {
        let judged = [limit("target", it.target), limit("warn", it.warning), limit("fail", it.critical)];
        let place = it.place().map_or("config", |place| place);
        format!("{place} {} {:?} [{}] in {:?}{}", it.name, it.from, it.query, it.unit, judged.concat())
    };
    panels.iter().map(line).collect()
}

const TEXT: &str = "## Panel 1: Slow answers\n\n```promql\nhistogram_quantile(0.95, sum by (le) (rate(took_seconds_bucket[5m])))\n```\n\
    **Target:** < 100ms\n**Alert:** > 250ms\n\n## Errors\n\n```promql\nsum(rate(bad_total[5m])) / sum(rate(all_total[5m]))\n```\n\
    **Alert:** > 5 %\n\n## Codes\n\n```promql\nrate(closes_total[5m]) by (code)\n```\n\n```yaml\ngroups:\n  - name: shop\n    rules:\n      \
    - alert: CartsLost\n        expr: sum(rate(lost_total[5m])) > 0.2\n        for: 10m\n```\n";

#[test]
fn queries_become_metrics_with_their_limits_in_the_unit_of_the_query() {
    let done = completed(&room(true, false), &read(TEXT));
    assert_eq!(
        told(&done.room),
        [
            "go.md:4 slow_answers Prometheus [histogram_quantile(0.95, sum by (le) (rate(took_seconds_bucket[5m])))] in \"s\" \
             target < 0.1 fail > 0.25",
            "go.md:12 errors Prometheus [100 * (sum(rate(bad_total[5m])) / sum(rate(all_total[5m])))] in \"%\" fail > 5",
            "go.md:19 codes Nowhere [rate(closes_total[5m]) by (code)] in \"\"",
            "go.md:27 cartslost Prometheus [sum(rate(lost_total[5m]))] in \"/s\" fail > 0.2",
        ]
    );
    let codes = &done.room.services[0].metrics.as_ref().expect("metrics").panels[2];
    let documented = codes.documented.as_ref().expect("documented");
    assert_eq!(documented.proposal, Some(Clean::new("sum by (code) (rate(closes_total[5m]))")));
    assert!(codes.problem().is_some_and(|why| why.contains("character 24")), "{:?}", codes.problem());
    let conditions: Vec<_> =
        done.room.conditions.iter().map(|it| (&*it.name, it.sustained.as_secs())).collect();
    assert_eq!(conditions, [("slow_answers", 0), ("errors", 0), ("cartslost", 600)]);
}

#[test]
fn without_an_engine_only_what_can_be_evaluated_here_is() {
    let text = "## Up\n```promql\nsum(up)\n```\n## Most\n```promql\ntopk(3, up)\n```\n## All\n```promql\nsum({job=\"a\"})\n```\n";
    let problem = |room: &Room, at: usize| {
        let metric = &room.services[0].metrics.as_ref().expect("metrics").panels[at];
        (metric.from, metric.problem().map(ToString::to_string).unwrap_or_default())
    };
    let scraped = completed(&room(false, true), &read(text)).room;
    assert_eq!(problem(&scraped, 0), (MetricFrom::Scrape, String::new()));
    let (from, why) = problem(&scraped, 1);
    assert_eq!(from, MetricFrom::Nowhere);
    assert_eq!(why, "the aggregation topk is not supported here; add [prometheus] to ask an engine");
    assert!(problem(&scraped, 2).1.starts_with("it names no metric"), "{:?}", problem(&scraped, 2));
    let neither = completed(&room(false, false), &read(text)).room;
    assert!(problem(&neither, 0).1.starts_with("there is nothing to ask"), "{:?}", problem(&neither, 0));
    let mut listed = room(true, true);
    listed.documented.ask = false;
    let listed = completed(&listed, &read(text)).room;
    assert!(problem(&listed, 0).1.contains("only listed"), "{:?}", problem(&listed, 0));
}

#[test]
fn the_config_wins_and_one_without_limits_takes_those_of_the_document() {
    let mut configured = room(true, true);
    let metric = |name: &str, query: &str, critical| MetricSpec {
        name: name.into(),
        query: query.into(),
        from: MetricFrom::Prometheus,
        unit: String::new(),
        target: None,
        warning: None,
        critical,
        ..MetricSpec::default()
    };
    let strict = Some(Limit { op: Comparator::Gt, value: 0.01 });
    let asked = "sum(rate(bad_total[5m]))  / sum(rate(all_total[5m]))";
    configured.services[0].metrics.as_mut().expect("metrics").panels =
        vec![metric("slow_answers", "max(took_seconds)", None), metric("mistakes", asked, strict)];
    let done = completed(&configured, &read(TEXT)).room;
    assert_eq!(
        told(&done)[..2],
        [
            "go.md:4 slow_answers Prometheus [max(took_seconds)] in \"s\" target < 0.1 fail > 0.25",
            "config mistakes Prometheus [sum(rate(bad_total[5m]))  / sum(rate(all_total[5m]))] in \"\" fail > 0.01",
        ]
    );
    assert_eq!(told(&done).len(), 4, "the other two are added");
    let names: Vec<_> = done.conditions.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["slow_answers", "cartslost"]);
}

#[test]
fn a_limit_that_cannot_be_converted_judges_nothing_and_says_so() {
    let text = "## Rate\n```promql\nsuccess_rate\n```\n**Alert:** < 90 %\n\n## Drift\n```promql\nsum(took_seconds)\n```\n\
                **Target:** < 20 s\n**Alert:** more than 2x baseline\n";
    let done = completed(&room(true, false), &read(text)).room;
    let panels = &done.services[0].metrics.as_ref().expect("metrics").panels;
    let why =
        |at: usize| panels[at].documented.as_ref().and_then(|it| it.unjudged.clone()).unwrap_or_default();
    assert!(why(0).starts_with("< 90 %: the query answers in no unit"), "{}", why(0));
    // What is relative to a baseline is judged against the time before the deployment.
    assert_eq!((&*why(1), done.conditions.len()), ("", 1));
    let [drift] = done.conditions.as_slice() else { panic!("one condition") };
    assert_eq!(drift.signal.part(), Some("vs-before"));
    assert_eq!((drift.fail, drift.unit.as_str()), (Limit { op: Comparator::Gt, value: 100.0 }, "%"));
    assert_eq!((panels[0].critical, panels[1].critical), (None, None));
    let holds = |at: usize| panels[at].documented.as_ref().is_some_and(|it| it.holds);
    assert_eq!((holds(0), holds(1)), (true, false), "the critical limit of one judges nothing");
    // A target alone warns.
    assert_eq!(panels[1].warning, Some(Limit { op: Comparator::Ge, value: 20.0 }));
}

#[test]
fn a_query_with_other_limits_elsewhere_in_the_documents_is_a_metric_of_its_own() {
    let text = "# A\n```yaml\n- alert: HighMistakes\n  expr: mistakes > 5\n  for: 2m\n```\n\n## Mistakes\n```promql\nmistakes\n```\n\
                **Target:** < 2\n**Alert:** > 4\n\n## Again\n```promql\nmistakes\n```\n**Target:** < 2\n**Alert:** > 4\n";
    let done = completed(&room(true, false), &read(text)).room;
    assert_eq!(
        told(&done),
        [
            "go.md:4 highmistakes Prometheus [mistakes] in \"\" fail > 5",
            "go.md:10 mistakes Prometheus [mistakes] in \"\" target < 2 fail > 4",
        ]
    );
    let names: Vec<_> = done.conditions.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["highmistakes", "mistakes"]);
}

#[test]
fn a_flood_of_queries_is_bounded() {
    let mut text = String::from("## Many\n```promql\n");
    for n in 0..300 {
        text.push_str(&format!("sum(m{n}_total)\n\n"));
    }
    text.push_str("```\n");
    let done = completed(&room(true, false), &read(&text));
    let panels = &done.room.services[0].metrics.as_ref().expect("metrics").panels;
    let asked = panels.iter().filter(|panel| panel.from == MetricFrom::Prometheus).count();
    assert_eq!((panels.len(), asked, done.left_out), (MOST_SHOWN, MOST_QUERIES, 200));
}

const NAMED: &str = "## Limits\n\n```yaml\nsuccess_rate:\n  target: \">95%\"\n  warning_threshold: \"<90%\"\n  \
    critical_threshold: \"<80%\"\nread:\n  critical_threshold: \">10\"\nup:\n  critical_threshold: \"<1\"\n```\n\n\
    | Metric | Target | Alert |\n|---|---|---|\n| Tickets | ~2/day | >10/day |\n| Slow starts | < 2 s | > 5 s |\n";

#[test]
fn what_has_a_name_and_no_query_is_read_by_people_until_it_is_bound() {
    let mut configured = room(true, true);
    let query = "max(starts_seconds)".to_owned();
    let to =
        BoundTo::Query { query, from: MetricFrom::Prometheus, service: ServiceIx(0), unit: String::new() };
    configured.documented.bindings = vec![
        MetricBinding { name: "Slow starts".into(), to },
        MetricBinding { name: "tickets".into(), to: BoundTo::Unwatched("support counts them".into()) },
        MetricBinding { name: "up".into(), to: BoundTo::Metric("alive".into()) },
    ];
    configured.services[0].metrics.as_mut().expect("metrics").panels = vec![MetricSpec {
        name: "alive".into(),
        query: "sum(up)".into(),
        from: MetricFrom::Scrape,
        unit: String::new(),
        target: None,
        warning: None,
        critical: None,
        ..MetricSpec::default()
    }];
    let done = completed(&configured, &read(NAMED)).room;
    assert_eq!(
        told(&done),
        [
            "go.md:10 alive Scrape [sum(up)] in \"\" fail < 1",
            "go.md:4 success_rate Person [] in \"%\" target > 95 warn < 90 fail < 80",
            "go.md:8 read Person [] in \"\" fail > 10",
            "go.md:16 tickets Nowhere [] in \"/day\" fail > 10",
            "go.md:17 slow_starts Prometheus [max(starts_seconds)] in \"s\" target < 2 fail > 5",
        ]
    );
    // What nobody has read yet is judged by nothing.
    let names: Vec<_> = done.conditions.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["alive", "read", "slow_starts"]);
}

/// A share of mistakes that Prometheus tells, under this name.
pub(super) fn mistakes(name: &str) -> MetricSpec {
    MetricSpec {
        name: name.into(),
        query: "sum(rate(bad_total[5m]))".into(),
        from: MetricFrom::Prometheus,
        unit: "%".into(),
        ..MetricSpec::default()
    }
}

#[test]
fn a_rollback_trigger_on_a_metric_by_name_is_a_trigger_and_a_severity_is_what_the_config_says_it_is() {
    let text = "## SEV2\n- Response time: 20 minutes\n\n### Latency\n```promql\nmax(took_seconds)\n```\n\
                **Alert:** > 0.25 s\n\n## Rollback triggers\n- [ ] Mistakes > 5 % for 2 minutes\n";
    let mut room = room(true, true);
    room.services[0].metrics.as_mut().expect("metrics").panels = vec![mistakes("Mistakes")];
    let severity = SeveritySpec {
        stands_for: vec!["SEV2".into()],
        asks_documents: true,
        respond_within: Duration::from_secs(5),
        ..SeveritySpec::default()
    };
    room.alerts = Some(AlertsSpec {
        triggers: 1,
        criteria: 3,
        no_go: 0,
        roll_back: 0,
        unseen: 0,
        unseen_after: Duration::ZERO,
        severities: [SeveritySpec::default(), severity, SeveritySpec::default()],
        stated: std::collections::BTreeMap::new(),
        rules: Vec::new(),
        routes: Vec::new(),
    });
    let done = completed(&room, &read(text)).room;
    let trips: Vec<_> = done.conditions.iter().filter(|it| it.purpose == Purpose::Trigger).collect();
    let told: Vec<_> =
        trips.iter().map(|it| (it.name.as_str(), it.signal.name.as_str(), it.sustained)).collect();
    assert_eq!(told, [("Mistakes > 5 %", "metric.Mistakes", Duration::from_secs(120))]);
    let rests: Vec<&str> = done.signoff.measured.values().flatten().map(String::as_str).collect();
    assert_eq!(rests, ["Mistakes > 5 %"], "the item that it came of shows what is measured");
    let alerts = done.alerts.as_ref().expect("alerts");
    assert_eq!(alerts.severities[1].respond_within, Duration::from_mins(20));
    let latency = done.conditions.iter().find(|it| it.purpose == Purpose::Criterion).expect("one");
    assert_eq!(alerts.of_condition(&latency.name, latency.purpose).0, 2, "{}", latency.name);
    assert_eq!(alerts.of_condition("another", Purpose::Criterion).0, 3);
}

#[test]
fn two_triggers_of_one_document_on_one_metric_are_both_watched() {
    let text = "## Rollback now\n**Rollback triggers:**\n- [ ] Mistakes > 10 %\n- [ ] Mistakes > 5 %\n- [ ] Mistakes > 5 %\n";
    let mut room = room(true, true);
    room.services[0].metrics.as_mut().expect("metrics").panels = vec![MetricSpec {
        name: "mistakes".into(),
        query: "sum(rate(bad_total[5m]))".into(),
        from: MetricFrom::Prometheus,
        unit: "%".into(),
        ..MetricSpec::default()
    }];
    let trips = |room: &Room| -> Vec<String> {
        let trips = room.conditions.iter().filter(|it| it.purpose == Purpose::Trigger);
        trips.map(|it| it.name.clone()).collect()
    };
    let done = completed(&room, &read(text)).room;
    assert_eq!(trips(&done), ["mistakes > 10 %", "mistakes > 5 %"]);
    let own = ConditionSpec { name: "own".into(), ..done.conditions[0].clone() };
    room.conditions = vec![own];
    assert_eq!(trips(&completed(&room, &read(text)).room), ["own"], "the config's stands for its signal");
}

#[test]
fn a_required_gate_of_a_document_makes_the_trigger_of_failed_gates() {
    let gate_failed =
        crate::domain::room::GateTrigger { sustained: Duration::ZERO, clears_after: Duration::from_secs(30) };
    let room = Room { gate_failed: Some(gate_failed), ..room(false, false) };
    let triggers = |text: &str| -> Vec<String> {
        let room = completed(&room, &read(text)).room;
        room.conditions.iter().map(|it| format!("{} {}", it.name, it.signal)).collect()
    };
    let gate = "\n\n```bash\npytest tests/unit -q\n```\n";
    let required = format!("# R\n\n- [ ] Unit tests pass (required){gate}");
    assert_eq!(triggers(&required), ["mission-critical gate failed gates.rollout_failed"]);
    assert_eq!(triggers(&format!("# R\n\n- [ ] Unit tests pass{gate}")), Vec::<String>::new());
}

#[test]
fn an_item_rests_on_a_condition_of_the_room_only_where_it_says_the_very_same() {
    let mut room = room(true, true);
    room.services[0].metrics.as_mut().expect("metrics").panels = vec![MetricSpec {
        name: "mistakes".into(),
        query: "sum(rate(bad_total[5m]))".into(),
        from: MetricFrom::Prometheus,
        unit: "%".into(),
        ..MetricSpec::default()
    }];
    let condition = |name: &str, purpose, fail: f64, target: Option<f64>| ConditionSpec {
        name: name.into(),
        target: target.map(|value| Limit { op: Comparator::Lt, value }),
        sustained: Duration::from_secs(120),
        unit: "%".into(),
        ..spec("metric.mistakes", Limit { op: Comparator::Gt, value: fail }, purpose)
    };
    room.conditions = vec![
        condition("own trigger", Purpose::Trigger, 5.0, None),
        condition("own criterion", Purpose::Criterion, 4.0, Some(1.0)),
    ];
    let rests = |text: &str| -> Vec<String> {
        completed(&room, &read(text)).room.signoff.measured.into_values().flatten().collect()
    };
    assert_eq!(rests("## Rollback triggers\n- [ ] Mistakes > 5 % for 2 minutes\n"), ["own trigger"]);
    assert_eq!(rests("## Rollback triggers\n- [ ] Mistakes > 5 %\n"), ["own trigger"], "it says no time");
    assert_eq!(rests("## Success criteria\n- [ ] Mistakes < 1 %\n"), ["own criterion"]);
    for other in [
        "## Rollback triggers\n- [ ] Mistakes > 6 % for 2 minutes\n",
        "## Rollback triggers\n- [ ] Mistakes > 5 % for 9 minutes\n",
        "## Success criteria\n- [ ] Mistakes < 2 %\n",
        "## Success criteria\n- [ ] Mistakes < 1 % for 30 minutes\n",
        "## Before\n- [ ] Mistakes < 1 %\n",
    ] {
        assert_eq!(rests(other), Vec::<String>::new(), "{other}");
    }
}

#[test]
fn of_an_item_of_which_only_a_part_is_measured_a_person_is_asked() {
    let metric = |name: &str| MetricSpec {
        name: name.into(),
        query: format!("sum(rate({name}_total[5m]))"),
        from: MetricFrom::Prometheus,
        unit: "%".into(),
        target: Some(Limit { op: Comparator::Lt, value: 1.0 }),
        ..MetricSpec::default()
    };
    let criterion = |name: &str| ConditionSpec {
        name: format!("{name} bad"),
        target: Some(Limit { op: Comparator::Lt, value: 1.0 }),
        unit: "%".into(),
        ..spec(&format!("metric.{name}"), Limit { op: Comparator::Gt, value: 4.0 }, Purpose::Criterion)
    };
    let rests = |names: &[&str], heading: &str, text: &str| -> Vec<String> {
        let mut room = room(true, true);
        room.documented.sustained = Some(Duration::from_secs(60));
        room.services[0].metrics.as_mut().expect("metrics").panels =
            names.iter().map(|name| metric(name)).collect();
        room.conditions = names.iter().map(|name| criterion(name)).collect();
        let text = format!("## {heading}\n- [ ] {text}\n");
        completed(&room, &read(&text)).room.signoff.measured.into_values().flatten().collect()
    };
    let (trigger, criterion) = ("Rollback triggers", "Success criteria");
    let (one, both) = (["error_rate"].as_slice(), ["error_rate", "checkout_loss"].as_slice());
    for (heading, text) in [
        (trigger, "Error rate > 5 % or checkout loss > 3 %"),
        (trigger, "Error rate > 5 % or customers report lost carts"),
        (trigger, "Error rate > 5 %, customers report lost carts"),
        (criterion, "Error rate < 1 % and checkout loss < 3 %"),
        (criterion, "Error rate < 1 % and no customer complaint"),
        (criterion, "Error rate < 1 % with no customer complaint"),
        (criterion, "Error rate < 1 %; no customer complaint"),
    ] {
        assert_eq!(rests(one, heading, text), Vec::<String>::new(), "{text}");
    }
    assert_eq!(rests(one, trigger, "Error rate > 5 %"), ["error_rate > 5 %"]);
    assert_eq!(rests(one, trigger, "Error rate > 5 % for 10 min, roll back"), ["error_rate > 5 %"]);
    assert_eq!(rests(one, criterion, "Error rate < 1 % in production"), Vec::<String>::new());
    assert_eq!(rests(one, trigger, "Roll back if the error rate > 5 %"), ["error_rate > 5 %"]);
    let two = "Error rate > 5 % or checkout loss > 3 %";
    assert_eq!(rests(both, trigger, two), ["error_rate > 5 %", "checkout_loss > 3 %"]);
    let two = "Error rate < 1 % and checkout loss < 1 %";
    assert_eq!(rests(both, criterion, two), ["error_rate bad", "checkout_loss bad"]);
    assert_eq!(rests(both, criterion, "Error rate < 1 % and checkout loss < 2 %"), Vec::<String>::new());
}
