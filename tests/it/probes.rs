//! Health probes against real sockets and real servers, on their bad days.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use warroom::domain::health::{BodyReport, ProbeOutcome};
use warroom::domain::room::{Addressed, ProbeKind, ProbeSpec, Service, Value};
use warroom::domain::{Clean, LinkReport, ServiceIx};
use warroom::lanes::lanes;
use warroom::model::msg::Msg;
use warroom::sources::addressing::Board;
use warroom::sources::health;

const LIMIT: Duration = Duration::from_millis(600);

/// A running probe.
struct Watched {
    data: mpsc::Receiver<Msg>,
    _board: watch::Sender<Board>,
    _task: JoinSet<()>,
}

fn http(url: String) -> ProbeKind {
    ProbeKind::Http { url, method: "GET".into(), headers: BTreeMap::new(), token: None, expect: vec![200] }
}

fn watch_kind(kind: ProbeKind) -> Watched {
    let flags = BTreeMap::from([("RESUME".to_owned(), "/flags/resume".to_owned())]);
    let spec = ProbeSpec {
        name: "p".into(),
        kind,
        interval: Duration::from_millis(50),
        timeout: LIMIT,
        limit: Duration::from_millis(50),
        limit_starting: Duration::from_millis(100),
        addressed: Addressed::Service,
        flags,
    };
    let service = Service { name: "s".into(), probes: vec![spec], ..Service::default() };
    let (lanes, receivers) = lanes();
    let (board, reader) = watch::channel(Board::default());
    let mut task = JoinSet::new();
    task.spawn(health::run(ServiceIx(0), service, 0, reader, lanes));
    Watched { data: receivers.data, _board: board, _task: task }
}

impl Watched {
    /// The next turn: what was said of the link, and the outcome.
    async fn turn(&mut self) -> (LinkReport, ProbeOutcome) {
        let mut link = None;
        let next = async {
            loop {
                match self.data.recv().await.expect("a source never ends") {
                    Msg::Linked { report, .. } => link = Some(report),
                    Msg::Probed(probed) => {
                        return (link.take().expect("a link report first"), probed.outcome);
                    }
                    other => panic!("{other:?}"),
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), next).await.expect("a probe always finishes")
    }

    /// Turns until one has this outcome.
    async fn until(&mut self, wanted: impl Fn(&ProbeOutcome) -> bool) -> (LinkReport, ProbeOutcome) {
        for _ in 0..400 {
            let turn = self.turn().await;
            if wanted(&turn.1) {
                return turn;
            }
        }
        panic!("never came");
    }
}

fn is_failed(outcome: &ProbeOutcome) -> bool {
    matches!(outcome, ProbeOutcome::Failed { .. })
}

fn is_ok(outcome: &ProbeOutcome) -> bool {
    matches!(outcome, ProbeOutcome::Answered { ok: true, .. })
}

/// What kept it from reaching anything; its link is down.
fn error((link, outcome): &(LinkReport, ProbeOutcome)) -> String {
    let ProbeOutcome::Failed { error, reached: false, .. } = outcome else { panic!("{outcome:?}") };
    assert!(matches!(link, LinkReport::Down { error: down, .. } if down == error), "{link:?}");
    error.to_string()
}

/// Why a target that was reached said nothing; its link is alive.
fn silence((link, outcome): &(LinkReport, ProbeOutcome)) -> String {
    let ProbeOutcome::Failed { error, reached: true, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(*link, LinkReport::Alive);
    error.to_string()
}

/// The report, status and health of an answer; its link is alive whatever it says.
fn answer((link, outcome): (LinkReport, ProbeOutcome)) -> (Option<u16>, bool, BodyReport) {
    assert_eq!(link, LinkReport::Alive);
    let ProbeOutcome::Answered { status, ok, report, .. } = outcome else { panic!("{outcome:?}") };
    (status, ok, report)
}

/// Answers each connection with `reply` after `delay`, then closes.
async fn serve(listener: TcpListener, reply: Vec<u8>, delay: Duration) {
    let mut open = JoinSet::new();
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let reply = reply.clone();
        open.spawn(async move {
            let mut head = [0; 4096];
            let _read = stream.read(&mut head).await;
            tokio::time::sleep(delay).await;
            let _sent = stream.write_all(&reply).await;
            let _shut = stream.shutdown().await;
        });
    }
}

fn reply(head: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
        .into_bytes()
}

/// One turn of an HTTP probe against a server with this reply.
async fn once(reply: Vec<u8>) -> (LinkReport, ProbeOutcome) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut server = JoinSet::new();
    server.spawn(serve(listener, reply, Duration::ZERO));
    watch_kind(http(format!("http://{address}/health"))).turn().await
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn down_at_start_then_up_then_down_again() {
    let port = free_port();
    let mut probe = watch_kind(http(format!("http://127.0.0.1:{port}/")));
    assert_eq!(error(&probe.turn().await), "connection refused");
    let (link, _) = probe.turn().await;
    assert!(matches!(link, LinkReport::Down { attempt: 2, .. }), "{link:?}");

    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let mut server = JoinSet::new();
    server.spawn(serve(listener, reply("200 OK", "{\"flags\":{\"resume\":true}}"), Duration::ZERO));
    let (status, ok, report) = answer(probe.until(is_ok).await);
    assert_eq!((status, ok), (Some(200), true));
    assert_eq!(report.flags, BTreeMap::from([("RESUME".to_owned(), Clean::new("true"))]));

    server.shutdown().await;
    let (link, _) = probe.until(is_failed).await;
    assert!(matches!(link, LinkReport::Down { attempt: 1, .. }), "a new outage counts anew: {link:?}");
}

#[tokio::test]
async fn hanging_slow_and_tls_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hanging = listener.local_addr().unwrap();
    let mut servers = JoinSet::new();
    servers.spawn(serve(listener, Vec::new(), Duration::from_mins(1)));
    assert_eq!(silence(&watch_kind(http(format!("http://{hanging}/"))).turn().await), "no answer in 600ms");
    let redis = ProbeKind::Redis { url: Value::Plain(format!("redis://{hanging}")) };
    assert_eq!(silence(&watch_kind(redis).turn().await), "no answer in 600ms");
    let postgres = ProbeKind::Postgres { url: Value::Plain(format!("postgres://u@{hanging}/db")) };
    assert_eq!(silence(&watch_kind(postgres).turn().await), "no answer in 600ms");
    assert_eq!(error(&watch_kind(http("http://nowhere.invalid/".to_owned())).turn().await), "name not found");

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let slow = listener.local_addr().unwrap();
    let delay = Duration::from_millis(150);
    servers.spawn(serve(listener, reply("200 OK", "{}"), delay));
    let (_, outcome) = watch_kind(http(format!("http://{slow}/"))).turn().await;
    let ProbeOutcome::Answered { latency, ok: true, .. } = outcome else { panic!("{outcome:?}") };
    assert!(latency >= delay && latency < LIMIT, "{latency:?}");

    let words = error(&watch_kind(http(format!("https://{slow}/"))).turn().await);
    assert!(words.starts_with("TLS refused"), "{words}");
    let closes = once(Vec::new()).await;
    assert!(!silence(&closes).is_empty(), "it closed without a word: {closes:?}");
}

#[tokio::test]
async fn bodies_that_are_not_what_they_should_be() {
    let to = "302 Found\r\nLocation: http://elsewhere.example/login?token=s3cret";
    let (status, ok, report) = answer(once(reply(to, "")).await);
    assert_eq!((status, ok), (Some(302), false));
    assert_eq!(report.problem.as_deref(), Some("redirects to http://elsewhere.example/login; not followed"));
    let huge = format!("{{\"x\":\"{}\"}}", "x".repeat(10_000_000));
    for (body, problem) in [
        ("<html>gateway</html>", "HTML where JSON was expected"),
        ("{\"flags\": {\"resume\": tr", "JSON cut off in the middle"),
        ("", "empty body where JSON was expected"),
        (&huge, "body longer than 65 kB"),
    ] {
        let (status, ok, report) = answer(once(reply("200 OK", body)).await);
        assert_eq!((status, ok, report.problem.as_deref()), (Some(200), true, Some(problem)));
    }
    let (_, _, report) = answer(once(b"HTTP/1.1 503 No\r\nContent-Length: 99\r\n\r\n{\"a\":".to_vec()).await);
    assert!(report.problem.unwrap().starts_with("body broke off"));
    let hostile = "{\"status\":\"\\u001b[31m\\u202ebad\",\"flags\":{\"resume\":\"\\u0007\"}}";
    let (_, _, report) = answer(once(reply("200 OK", hostile)).await);
    assert_eq!(report.status.as_deref(), Some("·[31m·bad"));
}

/// A server that this test started; ended with it.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

#[tokio::test]
async fn a_real_redis() {
    let port = free_port();
    let url =
        |login: &str| ProbeKind::Redis { url: Value::Plain(format!("redis://{login}127.0.0.1:{port}/2")) };
    let mut probe = watch_kind(url(":s3%40cret@"));
    assert_eq!(error(&probe.turn().await), "connection refused");
    let child = Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--requirepass", "s3@cret"])
        .stdout(Stdio::null())
        .spawn()
        .expect("this test needs the `redis-server` program");
    let server = Server(child);
    assert_eq!(answer(probe.until(is_ok).await), (None, true, BodyReport::default()));
    let mut named = watch_kind(url("default:s3%40cret@"));
    assert!(is_ok(&named.turn().await.1));
    let (_, ok, report) = answer(watch_kind(url("")).turn().await);
    assert!(!ok && report.problem.unwrap().starts_with("NOAUTH"));
    let mut tcp = watch_kind(ProbeKind::Tcp { address: format!("127.0.0.1:{port}") });
    assert_eq!(answer(tcp.turn().await), (None, true, BodyReport::default()));
    drop(server);
    assert!(error(&tcp.until(is_failed).await).contains("connection re"));
    assert!(!error(&probe.until(is_failed).await).contains("s3"));
}

/// The directory of the newest `PostgreSQL`'s programs.
fn postgres_programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("this test needs PostgreSQL");
    versions.map(|entry| entry.unwrap().path().join("bin")).max().expect("this test needs PostgreSQL")
}

/// `PostgreSQL` refuses to run as root: there it runs as the user that the package made.
fn as_postgres(program: &Path) -> Command {
    let id = Command::new("id").arg("-u").output().unwrap();
    if id.stdout.trim_ascii() != b"0" {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}

#[tokio::test]
async fn a_real_postgres() {
    let programs = postgres_programs();
    let dir = tempfile::Builder::new().prefix("pg").tempdir_in("/tmp").unwrap();
    let _only_root_may = Command::new("chown").arg("postgres").arg(dir.path()).stderr(Stdio::null()).status();
    let data = dir.path().join("data");
    let made = as_postgres(&programs.join("initdb"))
        .arg("-D")
        .arg(&data)
        .args(["-A", "trust", "--no-sync", "-U", "postgres"])
        .current_dir("/tmp")
        .stdout(Stdio::null())
        .status();
    assert!(made.expect("this test needs PostgreSQL").success());

    let port = free_port();
    let url = |database: &str| ProbeKind::Postgres {
        url: Value::Plain(format!("postgres://postgres:s3cret@127.0.0.1:{port}/{database}")),
    };
    let mut probe = watch_kind(url("postgres"));
    assert_eq!(error(&probe.turn().await), "connection refused");
    let start = || {
        let child = as_postgres(&programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-k", ""])
            .current_dir("/tmp")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Server(child.expect("this test needs PostgreSQL"))
    };
    let server = start();
    assert_eq!(answer(probe.until(is_ok).await), (None, true, BodyReport::default()));
    let (_, ok, report) = answer(watch_kind(url("nowhere")).turn().await);
    assert!(!ok);
    assert_eq!(report.problem.as_deref(), Some("database \"nowhere\" does not exist"));
    drop(server);
    assert!(!error(&probe.until(is_failed).await).contains("s3cret"));
}
