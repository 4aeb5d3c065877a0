//! Alerts that run elsewhere: a real Prometheus with rules, and a real Alertmanager with a silence.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use warroom::clients::prometheus::Engine;
use warroom::clients::tls;
use warroom::clock;
use warroom::domain::condition::{Comparator, Purpose};
use warroom::domain::firing::{FiringState, Teller};
use warroom::domain::room::{PrometheusSpec, Service};
use warroom::domain::{
    Clean, ConditionSpec, ConditionState, Limit, Mono, PanelId, Room, ServiceIx, SignalKey,
};
use warroom::lanes::lanes;
use warroom::model::Model;
use warroom::model::msg::Msg;
use warroom::report::snapshot::snapshot;
use warroom::sources::firing;

use crate::engine::{ready, spec};
use crate::pty::PATIENCE;
use crate::servers::{Server, free_port};

const RULES: &str = "groups:\n- name: shop\n  interval: 1s\n  rules:\n\
    - alert: Loud\n  expr: vector(1)\n  labels: {severity: critical}\n  annotations: {summary: it is loud}\n\
    - alert: Quiet\n  expr: vector(1)\n  labels: {severity: warning}\n\
    - alert: Resting\n  expr: vector(1) > 2\n\
    - alert: Waiting\n  expr: vector(1)\n  for: 1h\n";

pub(crate) async fn alertmanager(dir: &Path) -> (Server, String) {
    let config = dir.join("alertmanager.yml");
    std::fs::write(&config, "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n").unwrap();
    loop {
        let port = free_port();
        let mut command = Command::new("prometheus-alertmanager");
        command
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.path={}", dir.join("held").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--cluster.listen-address=");
        let mut server = Server::start(&mut command);
        if server.listens(port).await {
            return (server, format!("http://127.0.0.1:{port}"));
        }
    }
}

async fn prometheus(dir: &Path, alertmanager: &str) -> (Server, String) {
    let rules = RULES.replace("- alert", "  - alert").replace("\n  expr", "\n    expr");
    let rules = rules.replace("\n  labels", "\n    labels").replace("\n  annotations", "\n    annotations");
    std::fs::write(dir.join("rules.yml"), rules.replace("\n  for", "\n    for")).unwrap();
    let target = alertmanager.trim_start_matches("http://");
    let config = format!(
        "global: {{evaluation_interval: 1s, external_labels: {{cluster: eu}}}}\nrule_files: [rules.yml]\nalerting:\n  alertmanagers:\n  - static_configs:\n    \
         - targets: ['{target}']\n"
    );
    std::fs::write(dir.join("prometheus.yml"), config).unwrap();
    loop {
        let port = free_port();
        let mut command = Command::new("prometheus");
        command
            .arg(format!("--config.file={}", dir.join("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", dir.join("data").display()))
            // What is sent before it knows the other one is lost, and sent again only then.
            .arg("--rules.alert.resend-delay=1s")
            .arg(format!("--web.listen-address=127.0.0.1:{port}"));
        let mut server = Server::start(&mut command);
        if server.listens(port).await {
            let url = format!("http://127.0.0.1:{port}");
            ready(&url).await;
            return (server, url);
        }
    }
}

async fn silence(alertmanager: &str, name: &str) {
    let now = chrono::Utc::now();
    let body = serde_json::json!({
        "matchers": [{ "name": "alertname", "value": name, "isRegex": false, "isEqual": true }],
        "startsAt": now.to_rfc3339(),
        "endsAt": (now + chrono::TimeDelta::hours(1)).to_rfc3339(),
        "createdBy": "ines",
        "comment": "known",
    });
    let post = tls::http(PATIENCE).unwrap().post(format!("{alertmanager}/api/v2/silences")).json(&body);
    let answer = post.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
}

fn condition(name: &str) -> ConditionSpec {
    ConditionSpec {
        name: name.into(),
        purpose: Purpose::Criterion,
        signal: SignalKey::new(ServiceIx(0), format!("alerts.firing{{{name}}}")),
        fail: Limit { op: Comparator::Gt, value: 0.0 },
        warn: None,
        target: None,
        sustained: Duration::ZERO,
        clears_after: Duration::ZERO,
        min_samples: 0,
        out_of: None,
        unit: String::new(),
        panel: PanelId::Metrics,
    }
}

#[tokio::test]
async fn what_fires_is_told_and_judged_and_what_is_silenced_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let (_manager, manager) = alertmanager(dir.path()).await;
    let (_prometheus, url) = prometheus(dir.path(), &manager).await;
    silence(&manager, "Quiet").await;

    let quick = |url: String| PrometheusSpec { interval: Duration::from_millis(200), ..spec(url) };
    let room = Arc::new(Room {
        prometheus: Some(PrometheusSpec { external_labels: vec!["cluster=eu".into()], ..quick(url) }),
        alertmanager: Some(quick(manager)),
        services: vec![Service { name: "shop".into(), ..Service::default() }],
        conditions: ["Loud", "Quiet", "Resting", "Waiting", "Nowhere"].map(condition).into(),
        ..Room::default()
    });
    let mut model = Model::new(room.clone(), "test".into(), clock::now(), (120, 40));
    let (lanes, mut receivers) = lanes();
    let mut tasks = JoinSet::new();
    tasks.spawn(firing::run(Teller::Prometheus, room.prometheus.clone().unwrap(), lanes.clone()));
    tasks.spawn(firing::run(Teller::Alertmanager, room.alertmanager.clone().unwrap(), lanes));

    let wanted = [
        (Teller::Alertmanager, "Loud", FiringState::Firing),
        (Teller::Alertmanager, "Quiet", FiringState::Silenced),
        (Teller::Prometheus, "Waiting", FiringState::Pending),
    ];
    let told = |model: &Model| -> Vec<(Teller, String, FiringState)> {
        model.elsewhere_alerts.active().map(|(teller, it)| (teller, it.name.to_string(), it.state)).collect()
    };
    let wanted = wanted.map(|(teller, name, state)| (teller, name.to_owned(), state));
    let all = async {
        while told(&model) != wanted {
            model.update(receivers.data.recv().await.unwrap());
        }
    };
    tokio::time::timeout(PATIENCE, all).await.expect("both tell of all alerts in time");
    let engine = Engine::new(room.prometheus.as_ref().unwrap());
    let (of_rules, of_alerts) = (engine.rules().await.unwrap(), engine.alerts().await.unwrap());
    assert_eq!((of_rules.active, of_alerts.rules), (of_alerts.active, None), "both paths tell the same");
    let loud = model.elsewhere_alerts.active().next().unwrap().1.clone();
    assert_eq!((&*loud.severity, &*loud.summary, loud.since.is_some()), ("critical", "it is loud", true));

    model.update(Msg::Ticked(clock::now()));
    let states: Vec<_> = model
        .conditions
        .iter(&model.room)
        .map(|(spec, it)| (spec.name.as_str(), it.state, it.value))
        .collect();
    assert_eq!(
        states,
        [
            ("Loud", ConditionState::Fail, Some(1.0)),
            ("Quiet", ConditionState::Pass, Some(0.0)),
            ("Resting", ConditionState::Pass, Some(0.0)),
            ("Waiting", ConditionState::Pass, Some(0.0)),
            ("Nowhere", ConditionState::NoData, None),
        ]
    );
}

#[tokio::test]
async fn what_is_no_alertmanager_is_told_and_nothing_is_taken_for_quiet() {
    let (lanes, mut receivers) = lanes();
    let mut tasks = JoinSet::new();
    tasks.spawn(firing::run(Teller::Alertmanager, spec(format!("http://127.0.0.1:{}", free_port())), lanes));
    let msg = tokio::time::timeout(PATIENCE, receivers.data.recv()).await.unwrap().unwrap();
    let Msg::AlertsRead(read) = msg else { panic!("{msg:?}") };
    assert!(read.answer.is_err(), "{read:?}");
}

/// An engine that shows no rules, as some that speak Prometheus' API do.
const ACTIVE: &str = r#"{"status":"success","data":{"alerts":[
    {"labels":{"alertname":"Loud","severity":"page"},"annotations":{"summary":"it is loud"},"state":"firing",
     "activeAt":"2026-03-01T14:00:00Z","value":"1e+00"}]}}"#;

#[tokio::test]
async fn an_engine_without_rules_is_asked_for_its_alerts() {
    let app = axum::Router::new().route("/api/v1/alerts", axum::routing::get(|| async { ACTIVE }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
    let alerts = Engine::new(&spec(url)).rules().await.unwrap();
    let told: Vec<_> = alerts.active.iter().map(|it| (&*it.name, it.state, &*it.summary)).collect();
    assert_eq!((told, alerts.rules), (vec![("Loud", FiringState::Firing, "it is loud")], None));
}

#[test]
fn alertmanager_is_among_the_links_of_the_snapshot() {
    use warroom::domain::Now;
    use warroom::domain::firing::{Alerts, AlertsRead};
    let interval = Duration::from_secs(5);
    let manager = PrometheusSpec { interval, timeout: interval, ..spec("http://127.0.0.1:9".to_owned()) };
    let room = Arc::new(Room { alertmanager: Some(manager), ..Room::default() });
    let mut model = Model::new(room, "test".into(), Now::default(), (120, 40));
    let mut tell = |second, answer: Option<Result<Alerts, Clean>>| {
        let (teller, at) = (Teller::Alertmanager, Mono::from_secs(second));
        if let Some(answer) = answer {
            model.update(Msg::AlertsRead(Box::new(AlertsRead { teller, at, answer })));
        }
        model.update(Msg::Ticked(Now { mono: at, ..Now::default() }));
        let links = snapshot(&model)["links"].clone();
        links.as_array().unwrap().iter().find(|link| link["source"] == "alertmanager").cloned().unwrap()
    };
    let link = |state: &str, age: Option<f64>, error: Option<&str>| json!({ "source": "alertmanager", "state": state, "age_seconds": age, "error": error, "dropped": 0 });
    assert_eq!(tell(1, None), link("down", None, None));
    let none = Alerts { rules: None, active: Vec::new(), left_out: 0 };
    assert_eq!(tell(2, Some(Ok(none))), link("live", Some(0.0), None));
    assert_eq!(tell(30, None), link("delayed", Some(28.0), None));
    assert_eq!(tell(31, Some(Err("HTTP 502".into()))), link("down", Some(29.0), Some("HTTP 502")));
}
