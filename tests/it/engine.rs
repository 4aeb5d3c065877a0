//! The room's metrics engine: a real Prometheus with a past, and servers that misbehave.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use warroom::domain::metric::{Gap, Queried};
use warroom::domain::room::{
    CohortSpec, Identity, MetricFrom, MetricSpec, MetricsSpec, PrometheusSpec, SecretRef, Service,
};
use warroom::domain::trail::millis;
use warroom::domain::{ConditionState, LinkReport, Room, ServiceIx};
use warroom::lanes::lanes;
use warroom::model::Model;
use warroom::model::effect::Effect;
use warroom::model::metrics::MetricState;
use warroom::model::msg::Msg;
use warroom::sources::prometheus;
use warroom::{clock, document};

use crate::pty::PATIENCE;
use crate::servers::{Server, free_port};

/// Seconds between two samples of the past.
const STEP: i64 = 15;

pub(crate) fn spec(url: String) -> PrometheusSpec {
    PrometheusSpec {
        url,
        headers: BTreeMap::new(),
        identity: Identity::Nobody,
        interval: Duration::from_secs(15),
        timeout: PATIENCE,
        history: Duration::from_hours(1),
        external_labels: Vec::new(),
    }
}

fn asked(name: &str, query: &str) -> MetricSpec {
    MetricSpec {
        name: name.into(),
        query: query.into(),
        from: MetricFrom::Prometheus,
        unit: String::new(),
        target: None,
        warning: None,
        critical: None,
        ..MetricSpec::default()
    }
}

/// A room of one service with these metrics.
fn room(spec: PrometheusSpec, panels: Vec<MetricSpec>) -> Arc<Room> {
    let metrics = Some(MetricsSpec { panels, ..MetricsSpec::unscraped() });
    let service = Service { name: "shop".into(), metrics, ..Service::default() };
    Arc::new(Room { prometheus: Some(spec), services: vec![service], ..Room::default() })
}

/// The same, that never changes.
fn only(spec: PrometheusSpec, panels: Vec<MetricSpec>) -> watch::Receiver<Arc<Room>> {
    watch::channel(room(spec, panels)).1
}

/// A Prometheus whose past holds `depth` (15 times the number of its sample) by revision, up to now.
async fn prometheus(dir: &TempDir, more: &[&str]) -> (Server, String) {
    let now = chrono::Utc::now().timestamp();
    let mut past = String::from("# TYPE depth gauge\n");
    for revision in ["a", "b"] {
        for at in (now - 2 * 3600..=now).step_by(STEP as usize) {
            writeln!(past, "depth{{revision=\"{revision}\"}} {} {at}", at - now + 7200).unwrap();
        }
    }
    past.push_str("# EOF\n");
    with_past(dir, &past, more).await
}

/// A Prometheus with this past, in the format of `OpenMetrics`.
pub(crate) async fn with_past(dir: &TempDir, past: &str, more: &[&str]) -> (Server, String) {
    std::fs::write(dir.path().join("past"), past).unwrap();
    let data = dir.path().join("data");
    let made = Command::new("promtool")
        .args(["tsdb", "create-blocks-from", "openmetrics"])
        .arg(dir.path().join("past"))
        .arg(&data)
        .output()
        .expect("this test needs the `promtool` program");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let config = dir.path().join("prometheus.yml");
    std::fs::write(&config, "{}").unwrap();
    loop {
        let port = free_port();
        let mut server = Server::start(&mut command(&config, &data, port, more));
        if server.listens(port).await {
            let url = format!("http://127.0.0.1:{port}");
            ready(&url).await;
            return (server, url);
        }
    }
}

fn command(config: &Path, data: &Path, port: u16, more: &[&str]) -> Command {
    let mut command = Command::new("prometheus");
    command
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.tsdb.path={}", data.display()))
        .arg("--storage.tsdb.retention.time=10y")
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .args(more);
    command
}

pub(crate) async fn ready(url: &str) {
    let client = warroom::clients::tls::http(PATIENCE).unwrap();
    let all = async {
        loop {
            let answer = client.get(format!("{url}/-/ready")).send().await;
            // Without a name and a word it says 401 as soon as it serves.
            if answer.is_ok_and(|answer| answer.status() == 200 || answer.status() == 401) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, all).await.expect("it serves");
}

async fn next(data: &mut mpsc::Receiver<Msg>) -> Msg {
    let next = tokio::time::timeout(PATIENCE, data.recv()).await;
    next.expect("a query always ends").expect("a source never ends")
}

/// The first answers to `count` metrics, by name.
async fn first(data: &mut mpsc::Receiver<Msg>, count: usize) -> BTreeMap<String, Queried> {
    let mut all = BTreeMap::new();
    while all.len() < count {
        if let Msg::Queried(queried) = next(data).await {
            all.entry(queried.value.name.clone()).or_insert(*queried);
        }
    }
    all
}

/// Each query once more over the series of either cohort, and over what it counts.
#[tokio::test]
async fn cohorts_are_told_apart_by_a_label_in_the_engine_too() {
    let dir = tempfile::tempdir().unwrap();
    let now = chrono::Utc::now().timestamp();
    let mut past = String::from("# TYPE r counter\n");
    for (cohort, code, each) in
        [("control", 200, 9), ("control", 500, 1), ("treatment", 200, 1), ("treatment", 500, 1)]
    {
        for at in (now - 1200..=now).step_by(STEP as usize) {
            let count = (at - now + 1200) / STEP * each;
            writeln!(past, "r_total{{cohort=\"{cohort}\",code=\"{code}\"}} {count} {at}").unwrap();
        }
    }
    past.push_str("# EOF\n");
    let (_server, url) = with_past(&dir, &past, &[]).await;
    let share = "100 * sum(rate(r_total{code=\"500\"}[5m])) / sum(rate(r_total[5m]))";
    let mut room = (*room(spec(url), vec![asked("errors", share), asked("one", "vector(1)")])).clone();
    let values = ["control".to_owned(), "treatment".to_owned()];
    room.services[0].cohorts = vec![CohortSpec { name: "cache".into(), label: "cohort".into(), values }];
    let (lanes, mut receivers) = lanes();
    let mut tasks = JoinSet::new();
    tasks.spawn(prometheus::run(watch::channel(Arc::new(room)).1, lanes));
    let all = first(&mut receivers.data, 2).await;
    assert_eq!(all["one"].value.cohorts, [], "it reads no series");
    let [found] = all["errors"].value.cohorts.as_slice() else { panic!("{:?}", all["errors"].value) };
    let rounded = found.values.map(|value| value.map(f64::round));
    assert_eq!((found.cohort.as_str(), rounded), ("cache", [Some(10.0), Some(50.0)]));
    let [Some(control), Some(treatment)] = found.samples else { panic!("{found:?}") };
    assert!((190..=210).contains(&control) && (38..=42).contains(&treatment), "{found:?}");
}

/// Whoever wrote them died, and nobody marks the series as gone: for five minutes the engine goes on with the last samples.
#[tokio::test]
async fn a_number_is_as_old_as_the_series_that_it_is_made_of() {
    let dir = tempfile::tempdir().unwrap();
    let now = chrono::Utc::now().timestamp();
    let mut past = String::from("# TYPE gone gauge\n");
    for (name, until) in [("gone", now - 250), ("here", now)] {
        for at in now - 600..=until {
            writeln!(past, "{name}{{code=\"200\"}} {} {at}", at - now + 600).unwrap();
        }
        past.push_str(if name == "gone" { "# TYPE here gauge\n" } else { "# EOF\n" });
    }
    let (_server, url) = with_past(&dir, &past, &[]).await;
    let queries = vec![
        asked("plain", "gone"),
        asked("largest", "max(gone)"),
        asked("share", "100 * sum(rate(gone[5m])) / sum(rate(here[5m]))"),
        asked("here", "sum(rate(here{code=~\"2..\"}[5m])) / count(here)"),
        asked("none", "vector(1)"),
    ];
    let (lanes, mut receivers) = lanes();
    let mut tasks = JoinSet::new();
    tasks.spawn(prometheus::run(only(spec(url), queries), lanes));
    let all = first(&mut receivers.data, 5).await;
    for name in ["plain", "largest", "share"] {
        let Queried { value, at, .. } = &all[name];
        // Also where this process is younger than the sample.
        let age = (warroom::clock::mono().since(*at) + value.before).as_secs();
        assert!(value.value.is_some() && age >= 250, "{name}: {value:?} at {at:?}");
    }
    for name in ["here", "none"] {
        assert!(all[name].value.value.is_some(), "{name}: {:?}", all[name].value);
    }
}

#[tokio::test]
async fn a_real_prometheus_gives_numbers_gaps_errors_and_the_past() {
    let dir = tempfile::tempdir().unwrap();
    let (_server, url) = prometheus(&dir, &[]).await;
    let queries = vec![
        asked("depth", "max(depth)"),
        asked("split", "depth"),
        asked("nothing", "absent_total"),
        asked("nan", "0 * max(depth) / 0"),
        asked("wrong", "rate(depth[5m]) by (code)"),
        asked("words", "\"text\""),
        asked("scalar", "scalar(max(depth)) - scalar(max(depth))"),
    ];
    let (lanes, mut receivers) = lanes();
    let mut tasks = JoinSet::new();
    tasks.spawn(prometheus::run(only(spec(format!("{url}/")), queries), lanes));
    let all = first(&mut receivers.data, 7).await;
    let of = |name: &str| all[name].value.clone();
    let error = |name: &str| of(name).error.map(|error| error.to_string()).unwrap_or_default();

    assert_eq!((of("depth").value, of("depth").gap), (Some(7200.0), None));
    assert_eq!(of("split").value, None);
    let revisions: Vec<String> = of("split").by_revision.iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(
        (revisions, error("split")),
        (vec!["a".into(), "b".into()], "2 series; wrap the query in sum()".into())
    );
    assert_eq!((of("nothing").value, of("nothing").gap), (None, Some(Gap::Empty)));
    assert_eq!((of("nan").value, of("nan").gap), (None, Some(Gap::NotANumber)));
    assert_eq!(of("scalar").value, Some(0.0), "zero is a number");
    assert_eq!(error("wrong"), "1:17: parse error: unexpected <by>");
    assert!(error("words").contains("the result is a string"), "{}", error("words"));

    let history = &all["depth"].history;
    assert_eq!(history.len(), 240, "an hour, one value each 15 s");
    let known: Vec<f64> = history.iter().flatten().copied().collect();
    assert_eq!(known.len(), 240);
    // A sample counts until the next one, so that the last value may be one step older.
    assert!((known[239] - (7200.0 - 15.0)).abs() <= 15.0, "{}", known[239]);
    assert!(known.windows(2).all(|pair| (pair[1] - pair[0] - 15.0).abs() < 1e-9), "{known:?}");
    assert!(all["split"].history.is_empty(), "two series are no one past");
}

#[tokio::test]
async fn a_name_and_a_password_are_needed_and_sent() {
    let dir = tempfile::tempdir().unwrap();
    // bcrypt of `open-sesame`.
    let users = "basic_auth_users:\n  ines: $2b$04$abcdefghijklmnopqrstuuXcjcm5avyCiJoD2uS24xa2lb6fjMB3G\n";
    let web = dir.path().join("web.yml");
    std::fs::write(&web, users).unwrap();
    let web = format!("--web.config.file={}", web.display());
    let (_server, url) = prometheus(&dir, &[&web]).await;
    for (word, wanted) in [("wrong", Err("HTTP 401")), ("open-sesame", Ok(7200.0))] {
        let password = dir.path().join("password");
        std::fs::write(&password, word).unwrap();
        let identity = Identity::Basic { user: "ines".into(), password: SecretRef::File(password) };
        let (lanes, mut receivers) = lanes();
        let mut tasks = JoinSet::new();
        let spec = PrometheusSpec { identity, ..spec(url.clone()) };
        tasks.spawn(prometheus::run(only(spec, vec![asked("depth", "max(depth)")]), lanes));
        let value = first(&mut receivers.data, 1).await["depth"].value.clone();
        let told = value.value.ok_or_else(|| value.error.map(|error| error.to_string()).unwrap_or_default());
        assert_eq!(told, wanted.map_err(str::to_owned));
    }
}

/// Serves whatever `reply` says of a query.
async fn serve<F, R>(
    tasks: &mut JoinSet<()>,
    reply: impl Fn(String) -> F + Clone + Send + Sync + 'static,
) -> String
where
    F: Future<Output = R> + Send,
    R: IntoResponse,
{
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let route = axum::routing::post(reply);
    let app = axum::Router::new().route("/api/v1/query", route);
    tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

#[tokio::test]
async fn a_query_that_hangs_holds_up_no_other() {
    let mut tasks = JoinSet::new();
    let url = serve(&mut tasks, |form: String| async move {
        if form.contains("slow") {
            std::future::pending::<()>().await;
        }
        r#"{"status":"success","data":{"resultType":"scalar","result":[1,"4"]}}"#
    })
    .await;
    let quick = Duration::from_millis(20);
    let spec = PrometheusSpec {
        interval: quick,
        timeout: Duration::from_secs(1),
        history: Duration::ZERO,
        external_labels: Vec::new(),
        ..spec(url)
    };
    let mut queries: Vec<MetricSpec> = (0..20).map(|n| asked(&format!("q{n}"), "up")).collect();
    queries.insert(0, asked("slow", "slow"));
    let (lanes, mut receivers) = lanes();
    tasks.spawn(prometheus::run(only(spec, queries), lanes));
    let (mut rounds, mut slow) = (BTreeMap::<String, u32>::new(), None);
    let mut good = BTreeSet::new();
    while slow.is_none() || rounds.values().any(|rounds| *rounds < 3) || rounds.len() < 20 {
        match next(&mut receivers.data).await {
            Msg::Queried(queried) if queried.value.name == "slow" => {
                slow = queried.value.error;
                let least = rounds.values().min().copied().unwrap_or(0);
                assert!(rounds.len() == 20 && least >= 2, "the others went on meanwhile: {rounds:?}");
            }
            Msg::Queried(queried) => {
                *rounds.entry(queried.value.name.clone()).or_default() += 1;
                good.insert(queried.value.value.map(f64::to_bits));
            }
            Msg::Linked { report, .. } => {
                assert_eq!(report, LinkReport::Alive, "one that hangs is no engine down");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(good, BTreeSet::from([Some(4.0_f64.to_bits())]));
    assert_eq!(slow.unwrap().to_string(), "no answer in 1s");
}

#[tokio::test]
async fn what_is_no_prometheus_is_down_with_its_reason() {
    let cases = [
        (
            StatusCode::OK,
            "<html>login</html>",
            "no answer of Prometheus: check that the URL ends before /api",
        ),
        (StatusCode::FORBIDDEN, "no", "HTTP 403"),
        (StatusCode::BAD_GATEWAY, "<html>", "HTTP 502"),
        (StatusCode::OK, r#"{"status":"success","data":{"resultType":"vector","result":"#, "no answer of"),
        (StatusCode::UNAUTHORIZED, r#"{"status":"error","error":"denied by proxy"}"#, "HTTP 401"),
    ];
    for (status, body, wanted) in cases {
        let mut tasks = JoinSet::new();
        let url = serve(&mut tasks, move |_form: String| async move { (status, body) }).await;
        let (lanes, mut receivers) = lanes();
        tasks.spawn(prometheus::run(only(spec(url), Vec::new()), lanes));
        let Msg::Linked { report: LinkReport::Down { error, .. }, .. } = next(&mut receivers.data).await
        else {
            panic!("{wanted}")
        };
        assert!(error.contains(wanted), "{error}");
    }
}

/// A model and the source that it tells what to ask.
struct Told {
    model: Model,
    rooms: watch::Sender<Arc<Room>>,
    data: mpsc::Receiver<Msg>,
}

impl Told {
    fn read(&mut self, text: &str) {
        let document = document::read("go.md", text.as_bytes()).document.unwrap();
        self.take(Msg::DocumentsRead { documents: vec![document], problems: Vec::new() });
    }

    fn take(&mut self, msg: Msg) {
        for effect in self.model.update(msg) {
            if let Effect::Watch { room } = effect {
                self.rooms.send(room).unwrap();
            }
        }
    }

    /// The states of the metrics by name, once none of those in `wanted` waits any more.
    async fn states(&mut self, wanted: &[&str]) -> BTreeMap<String, MetricState> {
        loop {
            let msg = next(&mut self.data).await;
            self.take(msg);
            self.take(Msg::Ticked(clock::now()));
            let metrics = self.model.service(ServiceIx(0)).unwrap().metrics.as_ref().unwrap();
            let now = self.model.now.mono;
            let states: BTreeMap<String, MetricState> =
                metrics.metrics().iter().map(|it| (it.spec.name.clone(), metrics.state(it, now))).collect();
            if wanted.iter().all(|name| states.get(*name).is_some_and(|state| *state != MetricState::Stale)) {
                return states;
            }
        }
    }
}

#[tokio::test]
async fn what_a_document_states_is_asked_judged_and_forgotten_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let (_server, url) = prometheus(&dir, &[]).await;
    let engine = PrometheusSpec { interval: Duration::from_millis(500), ..spec(url) };
    let configured = room(engine, vec![asked("own", "count(depth)")]);
    let (rooms, watched) = watch::channel(configured.clone());
    let (lanes, receivers) = lanes();
    let mut tasks = JoinSet::new();
    tasks.spawn(prometheus::run(watched, lanes));
    let model = Model::new(configured, "test".into(), clock::now(), (120, 40));
    let mut told = Told { model, rooms, data: receivers.data };

    told.read(
        "## Depth\n\n```promql\nmax(depth)\n```\n**Target:** < 10\n**Alert:** > 7000\n\n## Wrong\n\n```promql\n\
         rate(depth[5m]) by (code)\n```\n\n```yaml\nrules:\n  - alert: TooFew\n    expr: count(depth) < 1\n```\n\n\
         ```yaml\nqueue_depth:\n  critical_threshold: \">9000\"\n```\n",
    );
    let states = told.states(&["own", "depth"]).await;
    let expected = [
        ("depth", MetricState::Fail),
        ("own", MetricState::Pass),
        // Named without a query: nobody reads it, and what is called like it is only proposed.
        ("queue_depth", MetricState::NoData),
        // The config's query of the same words answers for it, with the document's limit.
        ("wrong", MetricState::Stale),
    ];
    assert_eq!(states, expected.map(|(name, state)| (name.to_owned(), state)).into());
    let judged: Vec<_> = told
        .model
        .conditions
        .iter(&told.model.room)
        .map(|(spec, state)| (spec.name.as_str(), state.state, state.value))
        .collect();
    assert_eq!(
        judged,
        [("own", ConditionState::Pass, Some(2.0)), ("depth", ConditionState::Fail, Some(7200.0))]
    );
    let depth = &told.model.service(ServiceIx(0)).unwrap().metrics.as_ref().unwrap().metrics()[1];
    assert_eq!(depth.spec.place().unwrap().to_string(), "go.md:4");
    // As many as 240 samples, one each half second.
    let (until, hold) = (millis(clock::mono()), Duration::from_secs(2));
    let past = depth.trail().columns(until, Duration::from_mins(2), 60, hold);
    assert!(past.iter().flatten().count() > 50, "its past is asked for as well");

    let unbound = |told: &Told| told.model.unbound().flat_map(|it| it.proposals.clone()).collect::<Vec<_>>();
    while unbound(&told).is_empty() {
        let msg = next(&mut told.data).await;
        told.take(msg);
    }
    let proposed: Vec<_> = unbound(&told).into_iter().map(|it| it.query.to_string()).collect();
    assert_eq!(proposed, ["sum(depth)"]);

    told.read("## Depth\n\nNo query any more.\n");
    let states = told.states(&["own"]).await;
    assert_eq!(states.into_keys().collect::<Vec<_>>(), ["own"]);
    assert_eq!(told.model.conditions.iter(&told.model.room).count(), 0);
}
