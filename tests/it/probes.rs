//! Health probes against real sockets and real servers, on their bad days.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
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

use crate::pty::PATIENCE;
use crate::servers::{Server, free_port};

/// Never reached by what answers at all.
const LIMIT: Duration = Duration::from_secs(20);
/// For what never answers.
const SHORT: Duration = Duration::from_millis(600);

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
    watch_within(kind, LIMIT)
}

fn watch_within(kind: ProbeKind, timeout: Duration) -> Watched {
    let flags = BTreeMap::from([("RESUME".to_owned(), "/flags/resume".to_owned())]);
    let spec = ProbeSpec {
        name: "p".into(),
        kind,
        interval: Duration::from_millis(50),
        timeout,
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
        tokio::time::timeout(PATIENCE, next).await.expect("a probe always finishes")
    }

    /// Turns until one has this outcome.
    async fn until(&mut self, wanted: impl Fn(&ProbeOutcome) -> bool) -> (LinkReport, ProbeOutcome) {
        let wait = async {
            loop {
                let turn = self.turn().await;
                if wanted(&turn.1) {
                    return turn;
                }
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("it comes")
    }
}

/// Nothing was reached: what was under way when a server ended may still have reached it.
fn is_unreached(outcome: &ProbeOutcome) -> bool {
    matches!(outcome, ProbeOutcome::Failed { reached: false, .. })
}

/// It was reached and said nothing: on a busy machine the connection itself may be late.
fn is_silent(outcome: &ProbeOutcome) -> bool {
    matches!(outcome, ProbeOutcome::Failed { reached: true, .. })
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

/// Answers one request of each connection and keeps it open; the next one ends it without a word.
async fn serve_once_each(listener: TcpListener) {
    let mut open = JoinSet::new();
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        open.spawn(async move {
            let mut head = [0; 4096];
            let _read = stream.read(&mut head).await;
            let _sent = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await;
            let _next = stream.read(&mut head).await;
        });
    }
}

#[tokio::test]
async fn a_kept_connection_that_ends_under_a_request_is_no_outage() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut server = JoinSet::new();
    server.spawn(serve_once_each(listener));
    let mut probe = watch_kind(http(format!("http://{address}/health")));
    for _turn in 0..4 {
        assert_eq!(answer(probe.turn().await).0, Some(200));
    }
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
    let (link, _) = probe.until(is_unreached).await;
    assert!(matches!(link, LinkReport::Down { attempt: 1, .. }), "a new outage counts anew: {link:?}");
}

#[tokio::test]
async fn hanging_slow_and_tls_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hanging = listener.local_addr().unwrap();
    let mut servers = JoinSet::new();
    servers.spawn(serve(listener, Vec::new(), Duration::from_mins(1)));
    let redis = ProbeKind::Redis { url: Value::Plain(format!("redis://{hanging}")) };
    let postgres = ProbeKind::Postgres { url: Value::Plain(format!("postgres://u@{hanging}/db")) };
    for kind in [http(format!("http://{hanging}/")), redis, postgres] {
        let turn = watch_within(kind, SHORT).until(is_silent).await;
        assert_eq!(silence(&turn), "no answer in 600ms");
    }
    let words = error(&watch_kind(http("http://nowhere.invalid/".to_owned())).turn().await);
    // Where nobody answers for names at all, that is what is said.
    assert!(["name not found", "no answer in 20s"].contains(&words.as_str()), "{words}");

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

#[tokio::test]
async fn a_real_redis() {
    let url = |login: &str, port: u16| ProbeKind::Redis {
        url: Value::Plain(format!("redis://{login}127.0.0.1:{port}/2")),
    };
    let (server, port, mut probe) = loop {
        let port = free_port();
        let mut probe = watch_kind(url(":s3%40cret@", port));
        assert_eq!(error(&probe.turn().await), "connection refused");
        let (at, options) =
            (port.to_string(), ["--bind", "127.0.0.1", "--save", "", "--requirepass", "s3@cret"]);
        let mut server = Server::start(Command::new("redis-server").args(["--port", &at]).args(options));
        if server.listens(port).await {
            break (server, port, probe);
        }
    };
    assert_eq!(answer(probe.until(is_ok).await), (None, true, BodyReport::default()));
    let mut named = watch_kind(url("default:s3%40cret@", port));
    assert!(is_ok(&named.turn().await.1));
    let (_, ok, report) = answer(watch_kind(url("", port)).turn().await);
    assert!(!ok && report.problem.unwrap().starts_with("NOAUTH"));
    let mut tcp = watch_kind(ProbeKind::Tcp { address: format!("127.0.0.1:{port}") });
    assert_eq!(answer(tcp.turn().await), (None, true, BodyReport::default()));
    drop(server);
    assert!(error(&tcp.until(is_unreached).await).contains("connection re"));
    assert!(!error(&probe.until(is_unreached).await).contains("s3"));
}

/// The directory of the newest `PostgreSQL`'s programs.
pub fn postgres_programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("this test needs PostgreSQL");
    versions.map(|entry| entry.unwrap().path().join("bin")).max().expect("this test needs PostgreSQL")
}

/// `PostgreSQL` refuses to run as root: there it runs as the user that the package made.
pub fn as_postgres(program: &Path) -> Command {
    let id = Command::new("id").arg("-u").output().unwrap();
    if id.stdout.trim_ascii() != b"0" {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}

/// A folder in which `data` is a new cluster, made with these options besides.
pub fn new_cluster(options: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::Builder::new().prefix("pg").tempdir_in("/tmp").unwrap();
    let _only_root_may = Command::new("chown").arg("postgres").arg(dir.path()).stderr(Stdio::null()).status();
    let made = as_postgres(&postgres_programs().join("initdb"))
        .arg("-D")
        .arg(dir.path().join("data"))
        .args(["--no-sync", "-U", "postgres", "--no-locale", "-E", "UTF8"])
        .args(options)
        .current_dir("/tmp")
        .stdout(Stdio::null())
        .status();
    assert!(made.expect("this test needs PostgreSQL").success());
    dir
}

/// The server of such a folder.
pub fn postgres_of(dir: &Path, port: u16) -> Server {
    let (at, options) = (port.to_string(), ["listen_addresses=127.0.0.1", "-c", "fsync=off", "-k", ""]);
    let mut command = as_postgres(&postgres_programs().join("postgres"));
    let command = command.arg("-D").arg(dir.join("data")).args(["-p", &at, "-c"]).args(options);
    Server::start(command.current_dir("/tmp"))
}

#[tokio::test]
async fn a_real_postgres() {
    let dir = new_cluster(&["-A", "trust"]);
    let url = |database: &str, port: u16| ProbeKind::Postgres {
        url: Value::Plain(format!("postgres://postgres:s3cret@127.0.0.1:{port}/{database}")),
    };
    let (server, port, mut probe) = loop {
        let port = free_port();
        let mut probe = watch_kind(url("postgres", port));
        assert_eq!(error(&probe.turn().await), "connection refused");
        let mut server = postgres_of(dir.path(), port);
        if server.listens(port).await {
            break (server, port, probe);
        }
    };
    assert_eq!(answer(probe.until(is_ok).await), (None, true, BodyReport::default()));
    let (_, ok, report) = answer(watch_kind(url("nowhere", port)).turn().await);
    assert!(!ok);
    assert_eq!(report.problem.as_deref(), Some("database \"nowhere\" does not exist"));
    drop(server);
    assert!(!error(&probe.until(is_unreached).await).contains("s3cret"));
}

/// Who writes no `[service.startup]` is told all the same that the service starts.
#[tokio::test]
async fn a_body_that_says_it_starts_is_believed_without_a_section_for_it() {
    let body = r#"{"status":"starting","startup_phase":"DATABASE"}"#;
    let (_, outcome) = once(reply("503 Service Unavailable\r\nContent-Type: application/json", body)).await;
    let state = warroom::domain::health::ProbeState::of(&outcome);
    assert_eq!(state, warroom::domain::health::ProbeState::Starting, "{outcome:?}");
    let ProbeOutcome::Answered { report, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(report.phase.as_deref(), Some("DATABASE"));
}
