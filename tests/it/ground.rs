//! Ground truth: applications as many teams have them (`FastAPI` under uvicorn, Django Channels under Daphne), told to send,
//! close, fail and count known numbers, and the real binary, whose numbers are those. A real Prometheus that scrapes the
//! same application, and a real Alertmanager behind it, say the same.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::engine::ready;
use crate::firing::alertmanager;
use crate::pty::PATIENCE;
use crate::servers::{Server, free_port};

/// The applications, by the server that they run under.
const UVICORN: &[&str] = &["-m", "uvicorn", "fastapi_app:app", "--port"];
const DAPHNE: &[&str] = &["-m", "daphne", "-b", "127.0.0.1", "channels_app:application", "-p"];

/// A running application.
struct App {
    _server: Server,
    url: String,
    http: reqwest::Client,
}

impl App {
    async fn start(arguments: &[&str]) -> Self {
        loop {
            let port = free_port();
            let mut command = Command::new("python3");
            command.args(arguments).arg(port.to_string()).env("PYTHONDONTWRITEBYTECODE", "1");
            command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python"));
            let mut server = Server::start(&mut command);
            if server.listens(port).await {
                let http = warroom::clients::tls::http(PATIENCE).unwrap();
                return Self { _server: server, url: format!("http://127.0.0.1:{port}"), http };
            }
        }
    }

    /// Gives an order; answers with the number of connections that it reached.
    async fn drive(&self, order: Value) -> u64 {
        let answer = self.http.post(format!("{}/drive", self.url)).json(&order).send().await.unwrap();
        let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        answer["open"].as_u64().unwrap()
    }

    /// Gives an order once the console's connection is there.
    async fn drive_open(&self, order: Value) {
        let deadline = Instant::now() + PATIENCE;
        while self.drive(json!({})).await == 0 {
            assert!(Instant::now() < deadline, "the console never connected");
            // Between two looks at the condition.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(self.drive(order).await, 1);
    }
}

/// A console without a screen.
struct Watch {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Watch {
    fn start(dir: &Path, config: &str) -> Self {
        std::fs::write(dir.join("config.toml"), config).unwrap();
        std::fs::write(dir.join("token"), "s3cret").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_warroom"));
        command.args(["watch", "--json", "--config"]).arg(dir.join("config.toml"));
        command.arg("--store").arg(dir.join("journal.db")).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        Self { child, lines }
    }

    /// Waits until what `of` takes from a snapshot is `is`.
    fn until(&self, is: &Value, of: impl Fn(&Value) -> Value) {
        let deadline = Instant::now() + PATIENCE;
        let mut last = Value::Null;
        while &last != is {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left);
            let line = line.unwrap_or_else(|_| panic!("it never was\n{is}\nbut at last\n{last}"));
            last = of(&serde_json::from_str(&line).unwrap());
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Numbers that the application's own counters give, whoever evaluates them.
const QUERIES: [(&str, &str); 3] = [
    ("failed", "sum(http_requests_total{status=\"500\"})"),
    ("error_share", "100 * sum(http_requests_total{status=~\"5..\"}) / sum(http_requests_total)"),
    ("session_p95", "histogram_quantile(0.95, sum by (le) (ws_connection_duration_seconds_bucket))"),
];

fn config(app: &App) -> String {
    let ws = app.url.replacen("http", "ws", 1);
    let url = &app.url;
    let panels = QUERIES.map(|(name, query)| {
        format!("[[service.metrics.panel]]\nname = \"{name}\"\nquery = '{query}'\nfrom = \"scrape\"\n")
    });
    format!(
        "[room]\nname = \"ground\"\n[[service]]\nname = \"chat\"\n\
         [[service.health]]\nname = \"api\"\nurl = \"{url}/health\"\ninterval = \"1s\"\n\
         [service.events]\nurl = \"{ws}/ws/events\"\ntoken = {{ file = \"token\" }}\nrun_timeout = \"1h\"\n\
         [service.metrics]\nurl = \"{url}/metrics\"\ninterval = \"1s\"\n{}",
        panels.concat()
    )
}

/// A run of these event types, in order.
fn run(id: &str, types: &[&str]) -> Vec<Value> {
    let frame = |(seq, kind): (usize, &&str)| {
        let now = chrono::Utc::now().to_rfc3339();
        let mut frame = json!({ "type": kind, "run_id": id, "seq": seq + 1, "timestamp": now });
        if kind.starts_with("tool") {
            frame["call_id"] = json!(format!("{id}-1"));
        }
        frame
    };
    types.iter().enumerate().map(frame).collect()
}

/// Three runs: a whole one, one that ended without its tool's end, and one that goes on.
fn frames() -> Vec<Value> {
    let whole = ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"];
    let lacking = [whole[0], whole[1], whole[2], whole[4]];
    [run("a", &whole), run("b", &lacking), run("c", &whole[..2])].concat()
}

/// The counts of closes by code, by this console or by the application.
fn closes(snapshot: &Value, source: &str) -> Value {
    let closes = snapshot["services"][0]["closes"].as_array().unwrap().iter();
    let counted = closes.filter(|close| close[source].as_u64() > Some(0));
    let pairs = counted.map(|close| (close["code"].to_string(), close[source].clone()));
    json!(pairs.collect::<BTreeMap<_, _>>())
}

fn metrics(snapshot: &Value) -> Value {
    let metrics = snapshot["metrics"].as_array().unwrap().iter();
    json!(metrics.map(|metric| metric["value"].clone()).collect::<Vec<_>>())
}

/// Tells the application the story, and finds its numbers in the console. `seen` are the closes as a client sees them.
async fn the_numbers_are_those_that_were_made(app: &App, seen: Value) {
    let dir = tempfile::tempdir().unwrap();
    // What was before the console is nobody's news.
    app.drive(json!({ "requests": { "200": 30, "500": 1 }, "sessions": [30.0], "closes": { "1011": 7 } }))
        .await;
    let watch = Watch::start(dir.path(), &config(app));
    let service = |snapshot: &Value, part: &str| snapshot["services"][0][part].clone();
    watch.until(&json!([1.0, 100.0 / 31.0, 57.5]), metrics);

    app.drive_open(json!({ "frames": frames() })).await;
    let events = json!({
        "received": 11, "invalid": 0,
        "by_type": { "agent_started": 3, "agent_thinking": 3, "tool_executing": 2, "tool_completed": 1, "agent_completed": 2 },
        "runs": { "open": 1, "complete": 1, "incomplete": 1, "out_of_order": 0 },
        "missing": { "agent_started": 0, "agent_thinking": 0, "tool_executing": 0, "tool_completed": 1, "agent_completed": 0 },
        "pairing": { "executing": 2, "completed": 1 },
    });
    watch.until(&events, |snapshot| {
        let told = service(snapshot, "events");
        events.as_object().unwrap().keys().map(|key| (key.clone(), told[key].clone())).collect()
    });

    for order in [
        json!({ "close": 4401 }),
        json!({ "close": 1012 }),
        json!({ "fail": true }),
        json!({ "close": 4401 }),
        json!({ "close": 1000 }),
    ] {
        app.drive_open(order).await;
    }
    watch.until(&seen, |snapshot| closes(snapshot, "client_count"));
    let counted = json!({ "4401": 2, "1012": 1, "1000": 1 });
    watch.until(&counted, |snapshot| closes(snapshot, "server_count"));

    let sessions = [vec![30.0; 89], vec![5_000.0; 10]].concat();
    app.drive(json!({ "requests": { "200": 5, "500": 4 }, "sessions": sessions, "healthy": false })).await;
    // 90 of 100 sessions are shorter than a minute; the 95th is in the middle of those from one hour to two.
    watch.until(&json!([5.0, 12.5, 5_400.0]), metrics);
    let health = |snapshot: &Value| {
        let probe = &snapshot["services"][0]["health"][0];
        json!([probe["status"], probe["ok"], probe["transitions"]])
    };
    watch.until(&json!([503, false, 1]), health);
    app.drive(json!({ "healthy": true })).await;
    watch.until(&json!([200, true, 2]), health);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fastapi_application_under_uvicorn() {
    let app = App::start(UVICORN).await;
    // An exception in the handler ends the connection without a word.
    let seen = json!({ "4401": 2, "1012": 1, "1006": 1, "1000": 1 });
    the_numbers_are_those_that_were_made(&app, seen).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_django_channels_application_under_daphne() {
    let app = App::start(DAPHNE).await;
    // Daphne sends 1011 for 1012, and for an exception in the handler.
    let seen = json!({ "4401": 2, "1011": 2, "1000": 1 });
    the_numbers_are_those_that_were_made(&app, seen).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_share_of_requests_that_fail_is_a_trigger_without_a_word_in_the_config() {
    let (dir, app) = (tempfile::tempdir().unwrap(), App::start(UVICORN).await);
    app.drive(json!({ "requests": { "200": 70, "500": 30 } })).await;
    let config = format!(
        "[room]\nname = \"ground\"\n[conditions]\nerror_rate_for = \"0s\"\n[[service]]\nname = \"chat\"\n\
         [service.metrics]\nurl = \"{}/metrics\"\ninterval = \"1s\"\n",
        app.url
    );
    let watch = Watch::start(dir.path(), &config);
    let told = |snapshot: &Value| {
        let trigger =
            snapshot["triggers"].as_array().unwrap().iter().find(|it| it["name"] == "error rate > 5 %");
        let metric = snapshot["metrics"].as_array().unwrap().iter().find(|it| it["name"] == "error_rate");
        let value = metric.and_then(|it| it["value"].as_f64()).map(|value| (value * 10.0).round() / 10.0);
        json!([trigger.map(|it| it["state"].clone()), value])
    };
    // What failed before anybody looked is no failure of now, and no request is none that failed.
    watch.until(&json!(["clear", 0.0]), told);
    app.drive(json!({ "requests": { "200": 360, "500": 40 } })).await;
    watch.until(&json!(["tripped", 10.0]), told);
}

/// Prometheus knows nothing of what a counter was before it was there; whoever saw that it was not there does.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_requests_that_ever_fail_count() {
    let (dir, app) = (tempfile::tempdir().unwrap(), App::start(UVICORN).await);
    app.drive(json!({ "requests": { "200": 70 } })).await;
    let asks = "100 * sum(rate(http_requests_total{status=~'5..'}[1m])) / sum(rate(http_requests_total[1m]))";
    let config = format!(
        "[room]\nname = \"ground\"\n[conditions]\nerror_rate_for = \"0s\"\n[[service]]\nname = \"chat\"\n\
         [service.metrics]\nurl = \"{}/metrics\"\ninterval = \"1s\"\n\
         [[service.metrics.panel]]\nname = \"as_prometheus\"\nquery = \"sum({asks}) or vector(-1)\"\n",
        app.url
    );
    let watch = Watch::start(dir.path(), &config);
    let told = |snapshot: &Value| {
        let value = |name: &str| {
            let metric = snapshot["metrics"].as_array().unwrap().iter().find(|it| it["name"] == name);
            metric.and_then(|it| it["value"].as_f64()).map(|value| (value * 10.0).round() / 10.0)
        };
        json!([value("error_rate"), value("as_prometheus")])
    };
    watch.until(&json!([0.0, -1.0]), told);
    app.drive(json!({ "requests": { "200": 360, "500": 40 } })).await;
    watch.until(&json!([10.0, 0.0]), told);
}

/// A Prometheus that scrapes `app` each second, and tells `alertmanager` when five requests failed.
async fn prometheus(dir: &TempDir, app: &App, alertmanager: &str) -> (Server, String) {
    let host = |url: &str| url.trim_start_matches("http://").to_owned();
    let config = json!({
        "global": { "scrape_interval": "1s", "evaluation_interval": "1s" },
        "rule_files": ["rules.yml"],
        "scrape_configs": [{ "job_name": "chat", "static_configs": [{ "targets": [host(&app.url)] }] }],
        "alerting": { "alertmanagers": [{ "static_configs": [{ "targets": [host(alertmanager)] }] }] },
    });
    let rule = json!({ "alert": "RequestsFail", "expr": format!("{} >= 5", QUERIES[0].1) });
    let rules = json!({ "groups": [{ "name": "chat", "rules": [rule] }] });
    std::fs::write(dir.path().join("prometheus.yml"), config.to_string()).unwrap();
    std::fs::write(dir.path().join("rules.yml"), rules.to_string()).unwrap();
    loop {
        let port = free_port();
        let mut command = Command::new("prometheus");
        command
            .arg(format!("--config.file={}", dir.path().join("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", dir.path().join("data").display()))
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

#[tokio::test(flavor = "multi_thread")]
async fn a_prometheus_and_an_alertmanager_beside_the_application_say_the_same() {
    let (dir, app) = (tempfile::tempdir().unwrap(), App::start(UVICORN).await);
    let (_manager, manager) = alertmanager(dir.path()).await;
    let (_prometheus, engine) = prometheus(&dir, &app, &manager).await;
    let panels = QUERIES.map(|(name, query)| {
        format!(
            "[[service.metrics.panel]]\nname = \"engine_{name}\"\nquery = '{query}'\nfrom = \"prometheus\"\n"
        )
    });
    let config = config(&app)
        + &panels.concat()
        + &format!(
            "[prometheus]\nurl = \"{engine}\"\ninterval = \"1s\"\n[alertmanager]\nurl = \"{manager}\"\ninterval = \"1s\"\n"
        );
    let watch = Watch::start(dir.path(), &config);
    app.drive(json!({ "requests": { "200": 36, "500": 4 }, "sessions": [30.0, 30.0, 5_000.0, 5_000.0] }))
        .await;
    watch.until(&json!([4.0, 10.0, 6_840.0, 4.0, 10.0, 6_840.0]), metrics);
    watch.until(&json!([]), |snapshot| snapshot["elsewhere_alerts"].clone());
    app.drive(json!({ "requests": { "500": 1 } })).await;
    watch.until(&json!(["RequestsFail"]), |snapshot| {
        snapshot["elsewhere_alerts"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|alert| alert["name"].clone())
            .collect()
    });
}
