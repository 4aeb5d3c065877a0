//! A real Prometheus scrapes a small server; from the very samples it stored, our evaluation must give its answers.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value as Json;
use tokio::task::JoinSet;
use url::Url;
use warroom::clients::tls;
use warroom::promql::{History, Query, Value};

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
    "demo_absent",
    "sum(demo_absent)",
];

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The `n`th exposition: counters that are reset once, a gauge, and a histogram.
fn exposition(n: u64) -> String {
    let mut out = String::new();
    let since = if n > 12 { n - 12 } else { n };
    for (code, revision, step) in [("200", "a", 13), ("500", "a", 2), ("200", "b", 5), ("500", "b", 1)] {
        let total = 3 + since * step;
        writeln!(out, "demo_requests_total{{code=\"{code}\",revision=\"{revision}\"}} {total}").unwrap();
    }
    writeln!(out, "demo_gauge {}", 20.0 + (n as f64).sin() * 9.5).unwrap();
    for (revision, weight) in [("a", 1), ("b", 3)] {
        for (le, share) in [("0.1", 2), ("0.5", 5), ("2.5", 6), ("10", 7), ("+Inf", 8)] {
            let count = n * share * weight;
            writeln!(out, "demo_seconds_bucket{{revision=\"{revision}\",le=\"{le}\"}} {count}").unwrap();
        }
    }
    out
}

async fn ask(base: &Url, query: &str, time: Option<f64>) -> Option<Json> {
    let mut url = base.join("/api/v1/query").unwrap();
    url.query_pairs_mut().append_pair("query", query);
    if let Some(time) = time {
        url.query_pairs_mut().append_pair("time", &format!("{time:.3}"));
    }
    let client = tls::http(Duration::from_secs(5)).unwrap();
    let text = client.get(url).send().await.ok()?.text().await.ok()?;
    let answer: Json = serde_json::from_str(&text).ok()?;
    assert_eq!(answer["status"], "success", "{query}: {answer}");
    Some(answer["data"].clone())
}

fn number(json: &Json) -> f64 {
    json.as_str().unwrap().parse().unwrap()
}

fn labels(metric: &Json) -> Vec<(Box<str>, Box<str>)> {
    let pairs = metric.as_object().unwrap().iter();
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
        async move { exposition(n) }
    });
    let app = axum::Router::new().route("/metrics", route);
    tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
    port
}

/// Polls until `query` answers at least `least`.
async fn wait_for(base: &Url, query: &str, least: f64) {
    let until = tokio::time::timeout(Duration::from_mins(1), async {
        loop {
            let answered = ask(base, query, None).await;
            let seen = answered.as_ref().and_then(|data| data["result"][0]["value"].get(1)).map(number);
            if seen.is_some_and(|seen| seen >= least) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    until.await.expect("Prometheus must start and scrape within a minute");
}

#[tokio::test]
async fn a_real_prometheus_gives_the_same_answers() {
    let mut tasks = JoinSet::new();
    let target = serve(&mut tasks).await;
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("prometheus.yml");
    let text = format!(
        "global: {{scrape_interval: 250ms, scrape_timeout: 250ms}}\nscrape_configs:\n- job_name: demo\n  \
         static_configs:\n  - targets: ['127.0.0.1:{target}']\n"
    );
    std::fs::write(&config, text).unwrap();
    let port = free_port();
    let child = Command::new("prometheus")
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.tsdb.path={}", dir.path().join("data").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("this test needs the `prometheus` program");
    let _prometheus = Running(child);
    let base = Url::parse(&format!("http://127.0.0.1:{port}")).unwrap();
    wait_for(&base, "count_over_time(demo_gauge[5m])", 20.0).await;

    // A moment that lies in the past: all its samples are stored.
    let now = ask(&base, "timestamp(demo_gauge)", None).await.unwrap();
    let time = number(&now["result"][0]["value"][1]);
    let stored = ask(&base, "{__name__=~\"demo_.*\"}[5m]", Some(time)).await.unwrap();
    let mut history = History::new(3_600_000, 1000, None);
    for series in stored["result"].as_array().unwrap() {
        for point in series["values"].as_array().unwrap() {
            let at = (point[0].as_f64().unwrap() * 1000.0).round() as i64;
            history.add(labels(&series["metric"]), at, number(&point[1]));
        }
    }
    assert_eq!(history.len(), 15, "4 counters, 1 gauge, 10 buckets");

    let at = (time * 1000.0).round() as i64;
    for query in QUERIES {
        let theirs = theirs(&ask(&base, query, Some(time)).await.unwrap());
        let ours = ours(Query::parse(query).unwrap().eval(&history, at).unwrap());
        assert_eq!(theirs.is_empty(), query.contains("demo_absent"), "{query}");
        let keys = |answer: &Answer| answer.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&ours), keys(&theirs), "{query}");
        for (labels, value) in &theirs {
            assert!(same(ours[labels], *value), "{query}: {labels:?}: ours {} theirs {value}", ours[labels]);
        }
    }
}
