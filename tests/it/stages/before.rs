//! Metrics against what they were before the deployment.

use chrono::TimeDelta;
use warroom::domain::metric::{MetricValue, Past, Queried};
use warroom::domain::{Entry, LinkReport, Outcome, ServiceIx, SourceId, VerdictState};
use warroom::model::msg::Msg;

use super::there::traffic;
use super::{CHECKLIST, CONFIG, Console, wall};

const METRICS: &str = r#"
[service.metrics]
url = "http://127.0.0.1:9/metrics"
interval = "1s"
[[service.metrics.panel]]
name = "errors"
query = "x"
[service.cloud_run]
project = "p"
region = "europe-west1"
service = "api"
[[condition]]
name = "errors as before"
signal = "metric.errors@vs-before"
fail = "> 20"
clears_after = "2s"
[[condition]]"#;

fn room() -> Console {
    of(METRICS)
}

fn of(metrics: &str) -> Console {
    let none = CONFIG.split("[[stage]]").next().expect("the config without its stages");
    let none = none.replace("health_flapping", "closes_spike = \"off\"\nhealth_flapping");
    let config = none.replacen("[[condition]]", metrics, 1).replace("\"production\"", "\"staging\"");
    let checklist = CHECKLIST.replace(" (required)", "");
    let mut console = Console::new(&config, &checklist);
    console.traffic = Some(traffic(&[("api-1", "img@1", 100, None)]));
    console
}

fn deploy(console: &mut Console) {
    console.traffic = Some(traffic(&[("api-2", "img@2", 10, None), ("api-1", "img@1", 90, None)]));
    console.pass(6);
}

fn means(console: &Console) -> Vec<f64> {
    let of = |entry: &Entry| match entry {
        Entry::Before { service, means, .. } => {
            assert_eq!(service, "api");
            means.get("errors").copied()
        }
        _ => None,
    };
    console.records.iter().filter_map(|record| of(&record.entry)).collect()
}

fn reading(console: &Console, part: &str) -> Option<f64> {
    let reading = console.model.signals.named(ServiceIx(0), &format!("metric.errors@{part}"));
    reading.map(|reading| reading.value)
}

#[test]
fn what_it_was_before_is_written_once_and_holds_over_restarts() {
    let mut console = room();
    console.errors = Some(1.0);
    console.pass(180);
    console.errors = Some(3.0);
    console.pass(180);
    assert_eq!(console.verdict().0, VerdictState::Go, "nothing is deployed: {:?}", console.reasons());
    deploy(&mut console);
    let told = means(&console);
    let [before] = told.as_slice() else { panic!("once: {told:?}") };
    assert!((1.9..2.1).contains(before), "{before}");
    assert_eq!(reading(&console, "before"), Some(*before));
    assert_eq!(console.verdict().0, VerdictState::NoGo, "50 % more: {:?}", console.reasons());
    console.errors = Some(2.1);
    console.pass(8);
    assert_ne!(console.verdict().0, VerdictState::NoGo, "{:?}", console.reasons());
    console.restart(600);
    console.errors = Some(4.0);
    console.pass(8);
    assert_eq!(reading(&console, "before"), Some(*before), "as recorded");
    assert_eq!(console.verdict().0, VerdictState::NoGo, "{:?}", console.reasons());
    assert_eq!(means(&console).len(), 1);
    let (note, left) = ("".into(), Vec::new());
    console.elsewhere(Entry::RolloutEnded { outcome: Outcome::Completed, note, left, unsigned: 0 });
    console.pass(8);
    assert_eq!(
        console.verdict().0,
        VerdictState::Go,
        "nothing is deployed any more: {:?}",
        console.reasons()
    );
}

#[test]
fn without_a_time_before_it_is_inconclusive() {
    let mut console = room();
    console.errors = Some(1.0);
    console.pass(60);
    deploy(&mut console);
    assert_eq!(means(&console), Vec::<f64>::new(), "a minute says nothing");
    assert!(reading(&console, "vs-before").is_some_and(f64::is_nan));
    assert_eq!(console.verdict().0, VerdictState::Hold);
    let told = console.reasons();
    assert!(told.iter().any(|it| it.starts_with("errors as before")), "{told:?}");
    let reason =
        console.model.verdicts.now.reasons.iter().find(|it| it.subject.starts_with("errors as")).cloned();
    let context = reason.expect("it waits").context.to_string();
    assert!(context.contains("nothing to compare with from before the deployment"), "{context}");
}

/// The engine answers, the first time with its hour: `before` until twenty minutes ago, and `since` then.
fn answers(console: &mut Console, first: bool, before: f64, since: f64) {
    let at = console.model.now.mono;
    console.tell(Msg::Linked { source: SourceId::Prometheus, report: LinkReport::Alive, at });
    let value = MetricValue { name: "errors".into(), value: Some(since), ..MetricValue::default() };
    let history = (0..240).map(|n| Some(if n < 160 { before } else { since }));
    let history = if first { history.collect() } else { Vec::new() };
    let (service, older) = (ServiceIx(0), Past::default());
    console.tell(Msg::Queried(Box::new(Queried { service, at, value, history, older })));
}

#[test]
fn the_hour_before_is_asked_of_the_engine_where_nobody_watched_it() {
    let engine = METRICS
        .replace("url = \"http://127.0.0.1:9/metrics\"\ninterval = \"1s\"\n", "")
        .replace("query = \"x\"", "query = \"x\"\nfrom = \"prometheus\"");
    let base = |console: &mut Console| {
        answers(console, true, 10.0, 70.0);
        console.pass(3);
        answers(console, false, 10.0, 70.0);
        console.pass(3);
    };
    // Opened twenty minutes after the revision was made: the forty minutes before it are known.
    let mut console = with_engine(&engine);
    let mut canary = traffic(&[("api-2", "img@2", 10, None), ("api-1", "img@1", 90, None)]);
    canary.revisions[0].created = Some(wall(0) - TimeDelta::minutes(20));
    console.traffic = Some(canary);
    console.pass(3);
    assert_eq!(means(&console), Vec::<f64>::new(), "the engine was not heard yet");
    base(&mut console);
    assert_eq!(means(&console), [10.0]);
    let minutes = console.records.iter().find_map(|it| match it.entry {
        Entry::Before { minutes, .. } => minutes,
        _ => None,
    });
    assert!(minutes.is_some_and(|minutes| (39..=41).contains(&minutes)), "{minutes:?}");
    assert!(reading(&console, "vs-before").is_some_and(|it| (it - 600.0).abs() < 1.0));
    // Opened half a minute before the deployment: all of the hour counts, not that minute.
    let mut console = with_engine(&engine);
    base(&mut console);
    console.traffic = Some(traffic(&[("api-1", "img@1", 100, None)]));
    console.pass(20);
    // Its revision is older: what was seen to get traffic began then.
    let mut canary = traffic(&[("api-2", "img@2", 10, None), ("api-1", "img@1", 90, None)]);
    canary.revisions[0].created = Some(wall(0) - TimeDelta::minutes(20));
    console.traffic = Some(canary);
    console.pass(6);
    let told = means(&console);
    assert!(told.len() == 1 && (28.0..32.0).contains(&told[0]), "{told:?}");
}

fn with_engine(metrics: &str) -> Console {
    of(&format!("[prometheus]\nurl = \"http://127.0.0.1:9\"\ninterval = \"15s\"\n{metrics}"))
}
