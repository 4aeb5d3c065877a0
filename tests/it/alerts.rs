//! Alerts on their way out of the real binary: to receivers that remember, to a mail server, to a real Alertmanager; over
//! restarts, and with several consoles on one journal.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod console;
mod pictures;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::cli::said;
use crate::pty::PATIENCE;
use crate::servers::{Server, free_port};

/// What came: path, headers, body.
#[derive(Clone, Debug)]
struct Came {
    path: String,
    headers: HeaderMap,
    body: Value,
}

/// Takes whatever is posted, and answers with a status.
struct Receiver {
    port: u16,
    came: watch::Receiver<Vec<Came>>,
    answer: watch::Sender<(StatusCode, &'static str)>,
    _runtime: tokio::runtime::Runtime,
}

impl Receiver {
    fn start() -> Self {
        let (kept, came) = watch::channel(Vec::new());
        let (answer, said) = watch::channel((StatusCode::OK, "ok"));
        let kept = std::sync::Arc::new(kept);
        let take = async move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
            kept.send_modify(|all| all.push(Came { path: uri.path().to_owned(), headers, body }));
            *said.borrow()
        };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(async move { axum::serve(listener, Router::new().fallback(take)).await });
        Self { port, came, answer, _runtime: runtime }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    fn answers(&self, status: StatusCode, text: &'static str) {
        self.answer.send_replace((status, text));
    }

    fn at(&self, path: &str) -> Vec<Came> {
        self.came.borrow().iter().filter(|came| came.path == path).cloned().collect()
    }

    /// What came to `path`, once there are so many.
    fn wait(&self, path: &str, count: usize) -> Vec<Came> {
        until(&format!("{count} at {path}"), || Some(self.at(path)).filter(|came| came.len() >= count))
    }
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "never seen: {what}");
        // Between two looks at the condition.
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The service: bad, until it is made good.
struct Target(Receiver);

impl Target {
    fn bad() -> Self {
        let receiver = Receiver::start();
        receiver.answers(StatusCode::INTERNAL_SERVER_ERROR, "broken");
        Self(receiver)
    }

    fn mend(&self) {
        self.0.answers(StatusCode::OK, "fine");
    }
}

fn room(dir: &Path, target: &Target, more: &str) {
    let config = format!(
        "[room]\nname = \"chat\"\nenvironment = \"staging\"\nlink = \"https://meet.example.com/war-room\"\n\
         [operator]\nname = \"mara\"\n[store]\npath = \"room.db\"\n\
         [conditions]\nhealth_failing = \"0s\"\nclears_after = \"0s\"\n\
         [[service]]\nname = \"api\"\n[[service.health]]\nname = \"up\"\n\
         url = \"{}\"\ninterval = \"200ms\"\n[alerts]\n{more}",
        target.0.url("health")
    );
    std::fs::write(dir.join("config.toml"), config).unwrap();
}

fn warroom(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_warroom"));
    command.args(args).current_dir(dir).env("XDG_CONFIG_HOME", dir).env("HOME", dir);
    if dir.join("ca.pem").exists() {
        command.env("SSL_CERT_FILE", dir.join("ca.pem")).env_remove("SSL_CERT_DIR");
    }
    command
}

fn watching(dir: &Path) -> Server {
    Server::start(&mut warroom(dir, &["watch"]))
}

fn listed(dir: &Path) -> Value {
    let (out, err, status) = said(dir, &["alert", "list", "--json"]);
    assert_eq!(status, 0, "{err}");
    serde_json::from_str(&out).unwrap()
}

/// Once the list is as wanted.
fn list_until(dir: &Path, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    until(what, || Some(listed(dir)).filter(|list| wanted(list)))
}

fn routed(list: &Value, event: &str, outcome: &str) -> usize {
    let alerts = list["alerts"].as_array().unwrap().iter();
    let told = alerts.flat_map(|alert| alert["routed"].as_array().unwrap());
    told.filter(|told| told["event"] == event && told["outcome"] == outcome).count()
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, from the first message to the last")]
fn an_alert_goes_to_each_route_in_its_own_words_is_acknowledged_and_resolved() {
    let dir = tempfile::tempdir().unwrap();
    let (receiver, target) = (Receiver::start(), Target::bad());
    std::fs::write(dir.path().join("slack"), receiver.url("slack/T0/s3cret")).unwrap();
    std::fs::write(dir.path().join("key"), "r0uting-key").unwrap();
    std::fs::write(dir.path().join("token"), "t0ken").unwrap();
    let more = format!(
        "[[route]]\nname = \"hook\"\nurl = \"{hook}\"\ntoken = {{ file = \"token\" }}\nheaders = {{ X-Team = \"chat\" }}\n\
         [[route]]\nname = \"chat\"\nkind = \"slack\"\nurl = {{ file = \"slack\" }}\n\
         text = \"{{{{ alert }}}} <b> & {{{{ deploy-id }}}}\"\n\
         [[route]]\nname = \"pager\"\nkind = \"pagerduty\"\nkey = {{ file = \"key\" }}\nurl = \"{pager}\"\n",
        hook = receiver.url("hook"),
        pager = receiver.url("pager"),
    );
    room(dir.path(), &target, &more);
    let _watch = watching(dir.path());
    let hook = receiver.wait("/hook", 1).remove(0);
    assert_eq!(
        (&hook.headers["authorization"], &hook.headers["x-team"]),
        (&"Bearer t0ken".parse().unwrap(), &"chat".parse().unwrap())
    );
    assert_eq!(
        (&hook.body["schema"], &hook.body["event"], &hook.body["severity"]),
        (&json!("warroom.alert/1"), &json!("raised"), &json!(1))
    );
    let id = hook.body["id"].as_u64().unwrap();
    let once = hook.headers["idempotency-key"].to_str().unwrap();
    assert!(once.starts_with(&format!("warroom-{id}-raised-")), "{once}");
    let name = hook.body["name"].as_str().unwrap().to_owned();
    assert!(hook.body["title"].as_str().unwrap().starts_with("SEV1 · chat staging · "), "{}", hook.body);
    let chat = receiver.wait("/slack/T0/s3cret", 1).remove(0);
    let text = chat.body["text"].as_str().unwrap();
    assert!(text.ends_with("&lt;b&gt; &amp; «deploy-id missing»") && text.contains(&name), "{text}");
    let pager = receiver.wait("/pager", 1).remove(0);
    let part = |key: &str| pager.body[key].clone();
    assert_eq!((part("routing_key"), part("event_action")), (json!("r0uting-key"), json!("trigger")));
    assert_eq!(part("dedup_key"), json!(format!("chat/staging/condition {name}")));
    assert_eq!(
        (&pager.body["payload"]["severity"], &pager.body["payload"]["source"]),
        (&json!("critical"), &json!("api"))
    );
    assert_eq!(pager.body["links"][0]["href"], "https://meet.example.com/war-room");

    list_until(dir.path(), "three told", |list| routed(list, "raised", "sent") == 3);
    let label = format!("a{id}");
    let (out, err, status) = said(dir.path(), &["alert", "ack", &label, "--note", "on it", "--as", "sam"]);
    assert_eq!((status, err.as_str()), (0, ""), "{out}");
    let acknowledged = receiver.wait("/pager", 2).remove(1);
    assert_eq!(
        (&acknowledged.body["event_action"], &acknowledged.body["dedup_key"]),
        (&json!("acknowledge"), &part("dedup_key"))
    );
    assert_eq!(said(dir.path(), &["alert", "ack", &label]).2, 1, "somebody has it");
    assert_eq!(said(dir.path(), &["alert", "ack", "a999"]).2, 2);

    target.mend();
    let resolved = receiver.wait("/pager", 3).remove(2);
    assert_eq!(
        (&resolved.body["event_action"], &resolved.body["dedup_key"]),
        (&json!("resolve"), &part("dedup_key"))
    );
    let list = list_until(dir.path(), "all told", |list| routed(list, "resolved", "sent") == 3);
    let alert = &list["alerts"][0];
    assert_eq!((&alert["state"], &alert["by"]), (&json!("resolved"), &json!("sam")));
    // No secret is written down.
    let (journal, _, _) = said(dir.path(), &["journal", "--json"]);
    assert!(journal.contains("\"kind\":\"alert\"") || journal.contains("\"kind\": \"alert\""), "{journal}");
    for secret in ["s3cret", "r0uting-key", "t0ken"] {
        assert!(!journal.contains(secret), "{secret}");
    }
    assert_eq!(receiver.at("/hook").len(), 3, "raised, acknowledged, resolved: each once");
    assert_eq!(said(dir.path(), &["alert", "ack", &label]).2, 1, "it is over");
    assert_eq!(said(dir.path(), &["journal", "--verify"]).2, 0);
}

#[test]
fn what_was_not_delivered_when_the_program_was_killed_is_delivered_by_the_next_once() {
    let dir = tempfile::tempdir().unwrap();
    let (receiver, target) = (Receiver::start(), Target::bad());
    receiver.answers(StatusCode::SERVICE_UNAVAILABLE, "{\"error\": \"not now\"}");
    room(dir.path(), &target, &format!("[[route]]\nname = \"hook\"\nurl = \"{}\"\n", receiver.url("hook")));
    let killed = watching(dir.path());
    let list = list_until(dir.path(), "a failure", |list| routed(list, "raised", "failed") == 1);
    assert_eq!(list["alerts"][0]["routed"][0]["answer"], "HTTP 503 not now");
    let before = receiver.at("/hook");
    drop(killed);
    receiver.answers(StatusCode::ACCEPTED, "queued");
    let next = watching(dir.path());
    let list = list_until(dir.path(), "delivered", |list| routed(list, "raised", "sent") == 1);
    let alerts = list["alerts"].as_array().unwrap();
    assert_eq!((alerts.len(), &alerts[0]["routed"][0]["answer"]), (1, &json!("HTTP 202 queued")));
    let after = receiver.at("/hook");
    let once = |came: &Came| came.headers["idempotency-key"].clone();
    assert!(after.iter().all(|came| once(came) == once(&before[0])), "the same, told by the same key");
    // A third one finds nothing to do; a note in the journal tells that it looked that far.
    drop(next);
    let count = receiver.at("/hook").len();
    let third = watching(dir.path());
    let opened = || {
        let (out, _, _) = said(dir.path(), &["alert", "mute", "*", "1h", "so that it is seen"]);
        out.contains("muted until").then_some(())
    };
    until("a mute", opened);
    // So long it takes a new keeper to begin; nothing is to come, so there is nothing to wait for.
    std::thread::sleep(Duration::from_secs(8));
    drop(third);
    assert_eq!(receiver.at("/hook").len(), count);
}

#[test]
fn several_consoles_on_one_journal_send_each_thing_once_and_a_read_only_one_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (receiver, target) = (Receiver::start(), Target::bad());
    room(dir.path(), &target, &format!("[[route]]\nname = \"hook\"\nurl = \"{}\"\n", receiver.url("hook")));
    let only_looks = Server::start(&mut warroom(dir.path(), &["watch", "--read-only"]));
    let _consoles = [watching(dir.path()), watching(dir.path()), watching(dir.path())];
    list_until(dir.path(), "delivered", |list| routed(list, "raised", "sent") == 1);
    target.mend();
    list_until(dir.path(), "resolved", |list| routed(list, "resolved", "sent") == 1);
    drop(only_looks);
    let events: Vec<Value> = receiver.at("/hook").iter().map(|came| came.body["event"].clone()).collect();
    assert_eq!(events, ["raised", "resolved"]);
    assert_eq!(listed(dir.path())["alerts"].as_array().unwrap().len(), 1);
}

#[test]
fn a_mute_of_the_command_line_silences_and_is_left_over_when_the_rollout_ends() {
    let dir = tempfile::tempdir().unwrap();
    let (receiver, target) = (Receiver::start(), Target::bad());
    room(dir.path(), &target, &format!("[[route]]\nname = \"hook\"\nurl = \"{}\"\n", receiver.url("hook")));
    for (args, status) in [
        (&["alert", "mute", "nothing*", "30m", "x"][..], 2),
        (&["alert", "mute", "*", "soon", "x"], 2),
        (&["alert", "mute", "*", "0s", "x"], 2),
        (&["alert", "mute", "*", "169h", "x"], 2),
        (&["alert", "unmute", "*"], 1),
        (&["alert", "mute", "*", "30m", "--read-only", "x"], 2),
        (&["alert", "mute", "*", "30m", "deploying", "now"], 0),
    ] {
        let (out, err, got) = said(dir.path(), args);
        assert_eq!(got, status, "{args:?}: {out}{err}");
    }
    let console = watching(dir.path());
    list_until(dir.path(), "raised", |list| list["alerts"][0]["muted"] == true);
    assert_eq!(listed(dir.path())["mutes"][0]["reason"], "deploying now");
    assert_eq!(said(dir.path(), &["rollout", "begin", "--yes"]).2, 0);
    let (out, err, status) = said(dir.path(), &["rollout", "end", "completed", "--yes"]);
    assert_eq!(status, 0, "{out}{err}");
    let (shown, _, _) = said(dir.path(), &["rollout", "show"]);
    assert!(shown.contains("left over: muted: * until"), "{shown}");
    assert_eq!(receiver.at("/hook").len(), 0);
    assert_eq!(said(dir.path(), &["alert", "unmute", "*"]).2, 0);
    receiver.wait("/hook", 1);
    drop(console);
}

#[test]
fn a_route_is_tried_from_the_command_line_and_the_answer_is_told_and_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let (receiver, target) = (Receiver::start(), Target::bad());
    let more = format!(
        "[[route]]\nname = \"hook\"\nurl = \"{}\"\n[[route]]\nname = \"gone\"\nurl = \"http://127.0.0.1:{}/\"\n\
         [[route]]\nname = \"secret\"\nkind = \"pagerduty\"\nkey = {{ env = \"WARROOM_NO_SUCH_KEY\" }}\n",
        receiver.url("hook"),
        free_port(),
    );
    std::fs::write(dir.path().join("key"), "r0uting-key").unwrap();
    let pager = receiver.url("pager");
    let pager = format!(
        "[[route]]\nname = \"pager\"\nkind = \"pagerduty\"\nkey = {{ file = \"key\" }}\nurl = \"{pager}\"\n"
    );
    room(dir.path(), &target, &format!("{more}{pager}"));
    let (out, err, status) = said(dir.path(), &["alert", "test", "hook"]);
    assert_eq!((out.as_str(), err.as_str(), status), ("hook took the test: HTTP 200 ok\n", "", 0));
    assert_eq!(receiver.at("/hook")[0].body["event"], "test");
    receiver.answers(StatusCode::NOT_FOUND, "no_service");
    for (route, why, wanted) in [
        ("hook", "HTTP 404 no_service", 1),
        ("gone", "connection refused", 1),
        ("secret", "WARROOM_NO_SUCH_KEY: it is not set", 1),
        ("nowhere", "write one of hook, gone, secret, pager", 2),
    ] {
        let (_, err, status) = said(dir.path(), &["alert", "test", route]);
        assert!(status == wanted && err.contains(why), "{route}: {status} {err}");
    }
    // A proxy answers, or PagerDuty says what is wrong with the event.
    let page = "<!doctype html><html><head><title>502 Bad Gateway</title></head><body><center>nginx</center>";
    let errors = r#"{"status":"invalid event","message":"Event object is invalid","errors":["'summary' is missing",
                    "no integration has r0uting-key","'severity' is none","'source' is missing"]}"#;
    receiver.answers(StatusCode::BAD_GATEWAY, page);
    let (_, err, _) = said(dir.path(), &["alert", "test", "hook"]);
    assert!(err.contains("HTTP 502 an HTML page: 502 Bad Gateway\n") && !err.contains('<'), "{err}");
    receiver.answers(StatusCode::BAD_REQUEST, errors);
    let (_, err, _) = said(dir.path(), &["alert", "test", "pager"]);
    let first = "HTTP 400 Event object is invalid: 'summary' is missing; no integration has *** (and 2 more)";
    assert!(err.contains(first), "{err}");
    let (doctor, _, _) = said(dir.path(), &["doctor"]);
    for part in [
        "route hook",
        "answers; nothing was sent",
        "connection refused",
        "WARROOM_NO_SUCH_KEY: it is not set",
    ] {
        assert!(doctor.contains(part), "{part} is not in {doctor}");
    }
    let (journal, _, _) = said(dir.path(), &["journal"]);
    assert!(journal.contains("test told to hook") && journal.contains("test not told to gone"), "{journal}");
    assert!(!journal.contains(" yet"), "a test is sent once: {journal}");
}

/// A mail server, and the mails that it took.
struct Post {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
    port: String,
}

impl Post {
    fn start(dir: &Path, protection: &str) -> Self {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/python/mail.py");
        let mut command = Command::new("python3");
        command.arg(script).arg(dir).arg(protection).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next().expect("its port (tests/all installs what the script imports)").unwrap();
        Self { child, lines, port }
    }

    fn mail(&mut self) -> Value {
        serde_json::from_str(&self.lines.next().expect("a mail").unwrap()).unwrap()
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[test]
fn mail_goes_over_starttls_tls_and_an_open_port_with_a_login_where_there_is_one() {
    for protection in ["starttls", "tls", "none"] {
        let dir = tempfile::tempdir().unwrap();
        let mut post = Post::start(dir.path(), protection);
        let target = Target::bad();
        std::fs::write(dir.path().join("password"), "open sesame\n").unwrap();
        let login = match protection {
            "none" => "",
            _ => "user = \"warroom\"\npassword = { file = \"password\" }\n",
        };
        let more = format!(
            "[[route]]\nname = \"lead\"\nkind = \"email\"\nhost = \"localhost\"\nport = {}\nsecurity = \"{protection}\"\n\
             from = \"War room <warroom@example.com>\"\nto = [\"lead@example.com\", \"on-call@example.com\"]\n{login}",
            post.port
        );
        room(dir.path(), &target, &more);
        let tested = warroom(dir.path(), &["alert", "test", "lead"]).output().unwrap();
        let out = String::from_utf8_lossy(&tested.stdout).into_owned();
        assert_eq!(
            out,
            "lead took the test: SMTP 250 kept as 4711\n",
            "{}",
            String::from_utf8_lossy(&tested.stderr)
        );
        let test = post.mail();
        assert!(test["subject"].as_str().unwrap().starts_with("TEST · SEV3 · chat staging"), "{test}");
        let _watch = watching(dir.path());
        let mail = post.mail();
        assert_eq!(mail["to"], json!(["lead@example.com", "on-call@example.com"]));
        assert_eq!((&mail["from"], &mail["reply"]), (&json!("warroom@example.com"), &Value::Null));
        assert_eq!(mail["tls"], json!(protection != "none"));
        assert_eq!(mail["login"], if protection == "none" { Value::Null } else { json!("warroom") });
        assert!(mail["text"].as_str().unwrap().contains("answer within: 05:00"), "{mail}");
        target.mend();
        let over = post.mail();
        assert!(over["subject"].as_str().unwrap().starts_with("resolved · SEV1"), "{over}");
        assert_eq!(over["reply"], mail["id"], "one thread");
    }
}

#[test]
fn a_mail_server_that_is_not_what_it_says_gets_no_password() {
    let dir = tempfile::tempdir().unwrap();
    let post = Post::start(dir.path(), "starttls");
    // Not the roots that signed it.
    std::fs::remove_file(dir.path().join("ca.pem")).unwrap();
    let other = tempfile::tempdir().unwrap();
    let _other = Post::start(other.path(), "starttls");
    std::fs::copy(other.path().join("ca.pem"), dir.path().join("ca.pem")).unwrap();
    std::fs::write(dir.path().join("password"), "open sesame\n").unwrap();
    let more = format!(
        "[[route]]\nname = \"lead\"\nkind = \"email\"\nhost = \"localhost\"\nport = {}\nfrom = \"w@example.com\"\n\
         to = [\"lead@example.com\"]\nuser = \"warroom\"\npassword = {{ file = \"password\" }}\n",
        post.port
    );
    room(dir.path(), &Target::bad(), &more);
    let tested = warroom(dir.path(), &["alert", "test", "lead"]).output().unwrap();
    let err = String::from_utf8_lossy(&tested.stderr).into_owned();
    assert!(tested.status.code() == Some(1) && err.to_lowercase().contains("certificate"), "{err}");
}

/// A real Alertmanager.
fn alertmanager(dir: &TempDir) -> (Server, String) {
    let config = dir.path().join("alertmanager.yml");
    std::fs::write(&config, "route:\n  receiver: none\nreceivers:\n  - name: none\n").unwrap();
    loop {
        let port = free_port();
        let mut command = Command::new("prometheus-alertmanager");
        command
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.path={}", dir.path().join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--cluster.listen-address=");
        let mut server = Server::start(&mut command);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        if runtime.block_on(server.listens(port)) {
            return (server, format!("http://127.0.0.1:{port}"));
        }
    }
}

fn alerts_of(url: &str) -> Vec<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = warroom::clients::tls::http(PATIENCE).unwrap();
    let ask = async {
        let answer = client.get(format!("{url}/api/v2/alerts")).send().await.ok()?;
        answer.json::<Vec<Value>>().await.ok()
    };
    runtime.block_on(ask).unwrap_or_default()
}

#[test]
fn a_real_alertmanager_has_the_alert_while_it_lasts() {
    let (dir, target) = (tempfile::tempdir().unwrap(), Target::bad());
    let (_server, url) = alertmanager(&dir);
    room(
        dir.path(),
        &target,
        &format!("[[route]]\nname = \"engine\"\nkind = \"alertmanager\"\nurl = \"{url}\"\n"),
    );
    let _watch = watching(dir.path());
    let found = until("an alert", || alerts_of(&url).pop());
    let label = |name: &str| found["labels"][name].as_str().unwrap().to_owned();
    assert_eq!(
        (label("room"), label("environment"), label("service"), label("severity")),
        ("chat".into(), "staging".into(), "api".into(), "1".into())
    );
    assert_eq!(found["status"]["state"], "active");
    list_until(dir.path(), "recorded", |list| routed(list, "raised", "sent") == 1);
    target.mend();
    until("no alert", || alerts_of(&url).is_empty().then_some(()));
    let list = list_until(dir.path(), "resolved", |list| routed(list, "resolved", "sent") == 1);
    assert_eq!(list["alerts"][0]["routed"][0]["answer"], "HTTP 200");
}

#[test]
fn a_template_of_a_document_is_used_when_a_route_names_it_and_its_channels_get_nothing_by_themselves() {
    let dir = tempfile::tempdir().unwrap();
    let (receiver, target) = (Receiver::start(), Target::bad());
    let more = format!(
        "[[route]]\nname = \"hook\"\nurl = \"{}\"\ntemplate = \"Deployment Failed\"\nstands_for = [\"slack\"]\n",
        receiver.url("hook")
    );
    room(dir.path(), &target, &more);
    let config = dir.path().join("config.toml");
    let with = std::fs::read_to_string(&config)
        .unwrap()
        .replace("[operator]", "checklists = [\"r.md\"]\n[operator]");
    std::fs::write(&config, with).unwrap();
    let document = "# Release\n- [ ] deployed\n\n## Notifications\n```yaml\nnotification_templates:\n  deployment_failed:\n    \
                    title: \"Deployment of {{service_name}} failed\"\n    message: |\n      Room {{room}}, version {{version}}\n      \
                    Error rate: {{error-rate}}\n```\n";
    std::fs::write(dir.path().join("r.md"), document).unwrap();
    let (out, _, _) = said(dir.path(), &["plan", "r.md", "--json"]);
    let plan: Value = serde_json::from_str(&out).unwrap();
    let name = plan["documents"][0]["templates"][0]["name"].as_str().unwrap().to_owned();
    let with = std::fs::read_to_string(&config).unwrap().replace("Deployment Failed", &name.to_uppercase());
    std::fs::write(&config, with).unwrap();
    let (out, err, status) = said(dir.path(), &["alert", "test", "hook"]);
    assert_eq!(status, 0, "{out}{err}");
    let came = receiver.at("/hook").remove(0);
    assert_eq!(came.body["title"], "Deployment of «service_name missing» failed");
    let text = came.body["text"].as_str().unwrap();
    assert!(
        text.starts_with("Room chat, version «version missing»\nError rate: «error-rate missing»"),
        "{text}"
    );
}
