//! A real Prometheus scrapes a small server; from the very samples it stored, our evaluation must give its answers.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::Value as Json;
use tokio::task::JoinSet;
use url::Url;
use warroom::clients::tls;
use warroom::promql::{History, Query, Value};

use crate::pty::PATIENCE;
use crate::servers::{Server, free_port};

/// Every shape of the subset.
const QUERIES: &[&str] = &[
    "demo_gauge",
    "demo_gauge * 2 - 1",
    "-demo_gauge % 7",
    "2 ^ 3 ^ 0.5",
    "demo_requests_total{code=~\"2..|5.*\",code!=\"204\"}",
    "rate(demo_requests_total[2s])",
    "rate(demo_requests_total[5m])",
    "increase(demo_requests_total[3s])",
    "irate(demo_requests_total[4s])",
    "sum(rate(demo_requests_total[3s]))",
    "sum by (code) (rate(demo_requests_total[3s]))",
    "sum without (code, instance) (increase(demo_requests_total[4s]))",
    "avg(demo_requests_total)",
    "min by (revision) (demo_requests_total)",
    "max by (revision) (demo_requests_total)",
    "count(demo_requests_total)",
    "100 * sum(rate(demo_requests_total{code=~\"5..\"}[4s])) / sum(rate(demo_requests_total[4s]))",
    "demo_requests_total > 50",
    "demo_requests_total > bool 50",
    "50 < demo_requests_total",
    "sum by (revision) (demo_requests_total) / on (revision) max by (revision) (demo_requests_total)",
    "demo_requests_total{code=\"500\"} / ignoring (code) demo_requests_total{code=\"200\"}",
    "histogram_quantile(0.5, sum by (le) (rate(demo_seconds_bucket[4s])))",
    "histogram_quantile(0.95, rate(demo_seconds_bucket[4s]))",
    "histogram_quantile(0.999, sum by (le, revision) (increase(demo_seconds_bucket[5m])))",
    "histogram_quantile(1.5, demo_seconds_bucket)",
    // What is not there counts as nothing, and what is there twice counts once.
    "sum(demo_absent) or vector(0)",
    "demo_gauge or demo_requests_total",
    "demo_requests_total{code=\"500\"} or on (revision) demo_requests_total",
    "demo_requests_total{code=\"500\"} or ignoring (code) demo_requests_total",
    "100 * (sum(rate(demo_requests_total{code=~\"4..\"}[4s])) or 0 * sum(rate(demo_requests_total[4s]))) / \
     (sum(rate(demo_requests_total[4s])) > 0) or 0 * sum(rate(demo_requests_total[4s]))",
    "100 * (sum(rate(demo_requests_total{code=~\"5..\"}[4s])) or 0 * sum(rate(demo_requests_total[4s]))) / \
     (sum(rate(demo_requests_total[4s])) > 0) or 0 * sum(rate(demo_requests_total[4s]))",
    // Not-a-number, in a gauge and in the middle of a counter.
    "demo_nan",
    "sum(demo_nan)",
    "avg(demo_nan)",
    "max(demo_nan)",
    "min(demo_nan)",
    "count(demo_nan)",
    "demo_nan > 0",
    "demo_nan > bool 0",
    "sum(demo_nan) / sum(demo_gauge)",
    "rate(demo_holes_total[4s])",
    "increase(demo_holes_total[5m])",
    // Endless.
    "demo_endless",
    "sum(demo_endless) - sum(demo_endless)",
    "100 * demo_endless",
    // All observations beyond the last bound, and none at all.
    "histogram_quantile(0.5, rate(demo_far_seconds_bucket[4s]))",
    "histogram_quantile(0.99, sum by (le) (increase(demo_far_seconds_bucket[5m])))",
    "histogram_quantile(0.95, rate(demo_idle_seconds_bucket[4s]))",
    "histogram_quantile(0.95, demo_bare_seconds_bucket)",
    // A series that is gone, and one that began late.
    "demo_gone_total",
    "sum(demo_gone_total)",
    "rate(demo_gone_total[5m])",
    "increase(demo_late_total[5m])",
    "demo_absent",
    "sum(demo_absent)",
];

/// Scrapes that fail.
const MISSED: &[u64] = &[6, 10, 17];

/// Those that have no answer.
const WITHOUT: &[&str] = &["demo_absent", "sum(demo_absent)", "demo_gone_total", "sum(demo_gone_total)"];

/// The `n`th exposition: counters that are reset once, a gauge, and a histogram.
fn exposition(n: u64) -> String {
    let mut out = String::new();
    let since = if n > 12 { n - 12 } else { n };
    for (code, revision, step) in [("200", "a", 13), ("500", "a", 2), ("200", "b", 5), ("500", "b", 1)] {
        let total = 3 + since * step;
        writeln!(out, "demo_requests_total{{code=\"{code}\",revision=\"{revision}\"}} {total}").unwrap();
    }
    writeln!(out, "demo_gauge {}", 20.0 + (n as f64).sin() * 9.5).unwrap();
    writeln!(out, "demo_nan{{of=\"a\"}} NaN\ndemo_nan{{of=\"b\"}} {n}\ndemo_nan{{of=\"c\"}} -{n}").unwrap();
    let hole = if n.is_multiple_of(5) { "NaN".to_owned() } else { (7 * n).to_string() };
    writeln!(out, "demo_holes_total {hole}\ndemo_endless{{of=\"up\"}} +Inf\ndemo_scrape {n}").unwrap();
    writeln!(out, "demo_endless{{of=\"down\"}} -Inf").unwrap();
    writeln!(out, "demo_far_seconds_bucket{{le=\"1\"}} 0\ndemo_far_seconds_bucket{{le=\"+Inf\"}} {}", n * 4)
        .unwrap();
    writeln!(out, "demo_idle_seconds_bucket{{le=\"1\"}} 9\ndemo_idle_seconds_bucket{{le=\"+Inf\"}} 9")
        .unwrap();
    writeln!(out, "demo_bare_seconds_bucket{{le=\"1\"}} 3\ndemo_bare_seconds_bucket{{le=\"2\"}} {n}")
        .unwrap();
    if n < 15 {
        writeln!(out, "demo_gone_total {}", n * 2).unwrap();
    } else {
        writeln!(out, "demo_late_total {}", n * 3).unwrap();
    }
    for (revision, weight) in [("a", 1), ("b", 3)] {
        for (le, share) in [("0.1", 2), ("0.5", 5), ("2.5", 6), ("10", 7), ("+Inf", 8)] {
            let count = n * share * weight;
            writeln!(out, "demo_seconds_bucket{{revision=\"{revision}\",le=\"{le}\"}} {count}").unwrap();
        }
    }
    out
}

pub(crate) async fn ask(base: &Url, query: &str, time: Option<f64>) -> Option<Json> {
    let mut url = base.join("/api/v1/query").unwrap();
    url.query_pairs_mut().append_pair("query", query);
    if let Some(time) = time {
        url.query_pairs_mut().append_pair("time", &format!("{time:.3}"));
    }
    let client = tls::http(PATIENCE).unwrap();
    let text = client.get(url).send().await.ok()?.text().await.ok()?;
    let answer: Json = serde_json::from_str(&text).ok()?;
    assert_eq!(answer["status"], "success", "{query}: {answer}");
    Some(answer["data"].clone())
}

fn number(json: &Json) -> f64 {
    json.as_str().unwrap().parse().unwrap()
}

fn labels(metric: &Json) -> Vec<(Box<str>, Box<str>)> {
    // Which target it was is not in the text.
    let pairs =
        metric.as_object().unwrap().iter().filter(|(name, _)| !matches!(name.as_str(), "instance" | "job"));
    let mut pairs: Vec<(Box<str>, Box<str>)> =
        pairs.map(|(name, value)| (name.as_str().into(), value.as_str().unwrap().into())).collect();
    pairs.sort();
    pairs
}

type Answer = BTreeMap<Vec<(Box<str>, Box<str>)>, f64>;

fn theirs(data: &Json) -> Answer {
    if data["resultType"] == "scalar" {
        return BTreeMap::from([(Vec::new(), number(&data["result"][1]))]);
    }
    let samples = data["result"].as_array().unwrap().iter();
    samples.map(|sample| (labels(&sample["metric"]), number(&sample["value"][1]))).collect()
}

fn ours(value: Value) -> Answer {
    match value {
        Value::Scalar(value) => BTreeMap::from([(Vec::new(), value)]),
        Value::Vector(samples) => samples.into_iter().map(|sample| (sample.labels, sample.value)).collect(),
    }
}

fn same(a: f64, b: f64) -> bool {
    let close = (a - b).abs() <= 1e-6 * a.abs().max(b.abs());
    close || (a.is_nan() && b.is_nan()) || a.total_cmp(&b).is_eq()
}

async fn serve(tasks: &mut JoinSet<()>) -> u16 {
    let scrapes = Arc::new(AtomicU64::new(0));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let route = axum::routing::get(move || {
        let n = scrapes.fetch_add(1, Ordering::Relaxed) + 1;
        // A scrape now and then fails.
        let missed = MISSED.contains(&n);
        let status = if missed { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK };
        async move { (status, exposition(n)) }
    });
    let app = axum::Router::new().route("/metrics", route);
    tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
    port
}

/// The time of the newest scrape, once there were so many that the counters were reset.
async fn scraped(base: &Url) -> Option<f64> {
    let first = |data: Json| data["result"][0]["value"].get(1).map(number);
    let scrapes = first(ask(base, "count_over_time(demo_gauge[5m])", None).await?)?;
    if scrapes < 20.0 {
        return None;
    }
    first(ask(base, "timestamp(demo_gauge)", None).await?)
}

/// A moment in the past, all of whose samples are stored, and the answers then. `None`: not every query has one, as
/// when a scrape was missed.
async fn answers(base: &Url) -> Option<(f64, Vec<Answer>)> {
    let time = scraped(base).await?;
    let mut answers = Vec::new();
    for query in QUERIES {
        let answer = theirs(&ask(base, query, Some(time)).await?);
        if answer.is_empty() && !WITHOUT.contains(query) {
            return None;
        }
        answers.push(answer);
    }
    Some((time, answers))
}

async fn wait_for_answers(base: &Url) -> (f64, Vec<Answer>) {
    let all = async {
        loop {
            if let Some(found) = answers(base).await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, all).await.expect("Prometheus must start, scrape and answer every query")
}

/// Starts a Prometheus that scrapes `target` and keeps its files in `dir`.
pub(crate) async fn prometheus(dir: &Path, target: u16) -> (Server, Url) {
    let config = dir.join("prometheus.yml");
    let text = format!(
        "global: {{scrape_interval: 250ms, scrape_timeout: 250ms}}\nscrape_configs:\n- job_name: demo\n  \
         static_configs:\n  - targets: ['127.0.0.1:{target}']\n"
    );
    std::fs::write(&config, text).unwrap();
    loop {
        let port = free_port();
        let mut command = Command::new("prometheus");
        let command = command
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", dir.join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"));
        let mut server = Server::start(command);
        if server.listens(port).await {
            return (server, Url::parse(&format!("http://127.0.0.1:{port}")).unwrap());
        }
    }
}

#[tokio::test]
async fn a_real_prometheus_gives_the_same_answers() {
    let mut tasks = JoinSet::new();
    let target = serve(&mut tasks).await;
    let dir = tempfile::tempdir().unwrap();
    let (_prometheus, base) = prometheus(dir.path(), target).await;
    let (time, answers) = wait_for_answers(&base).await;

    // The very texts that it stored, at the very times; one that it missed is missed here.
    let stored = ask(&base, "demo_scrape[5m]", Some(time)).await.unwrap();
    let mut history = History::new(3_600_000, 1000, None);
    let mut seen = Vec::new();
    for point in stored["result"][0]["values"].as_array().unwrap() {
        let n = number(&point[1]) as u64;
        let tally =
            history.scraped(exposition(n).as_bytes(), (point[0].as_f64().unwrap() * 1000.0).round() as i64);
        assert_eq!(tally.errors, 0, "scrape {n}: {tally:?}");
        seen.push(n);
    }
    assert!(seen.len() >= 20 && !seen.iter().any(|n| MISSED.contains(n)), "{seen:?}");
    assert_eq!(history.len(), 30, "4 counters, 1 gauge, 10 buckets, and 15 series of one corner or other");

    let at = (time * 1000.0).round() as i64;
    for (query, theirs) in QUERIES.iter().zip(&answers) {
        let ours = ours(Query::parse(query).unwrap().eval(&history, at).unwrap());
        assert_eq!(theirs.is_empty(), WITHOUT.contains(query), "{query}");
        let keys = |answer: &Answer| answer.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&ours), keys(theirs), "{query}");
        for (labels, value) in theirs {
            assert!(same(ours[labels], *value), "{query}: {labels:?}: ours {} theirs {value}", ours[labels]);
        }
    }
}
