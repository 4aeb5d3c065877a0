//! Logs: the client against Google's discovery document, the demo against Google's client, and what scripts get.

mod pictures;

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use warroom::clients::cloud_run::ErrorKind;
use warroom::clients::logging::{Ask, Client};
use warroom::demo::Scenario;
use warroom::domain::logs::Severity;
use warroom::domain::room::LogsSpec;

use crate::cli::{parsed, said};
use crate::cloud_run::api::Api;
use crate::demo_protocol::{python, target};

fn written(second: u32, id: &str) -> Value {
    json!({"timestamp": format!("2026-11-20T10:00:{second:02}.5Z"), "insertId": id, "severity": "ERROR",
        "logName": "projects/demo/logs/run.googleapis.com%2Fstderr", "jsonPayload": {"message": format!("e{second}")},
        "resource": {"type": "cloud_run_revision", "labels": {"revision_name": "cart-1"}}})
}

fn client(api: &Api) -> Client {
    let spec = LogsSpec { endpoint: Some(api.endpoint.clone()), ..LogsSpec::default() };
    Client::new(&api.spec("cart"), &spec).expect("an endpoint")
}

fn ask() -> Ask {
    let since = "2026-11-20T09:50:00Z".parse::<DateTime<Utc>>().expect("a time");
    Ask { revision: Some("cart-1".into()), least: Severity::Warning, since }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_is_valid_and_every_page_is_read() {
    let api = Api::run("logs_api.py", &[]);
    let entries: Vec<Value> = (0..6).map(|n| written(n, "a")).collect();
    // A page may be short or empty and still have a next one.
    api.order(json!({"entries": entries, "pages": [2, 0, 3, 100]})).await;
    let page = client(&api).entries(&ask()).await.expect("entries");
    let texts: Vec<&str> = page.entries.iter().map(|entry| &*entry.text).collect();
    assert_eq!((texts, page.cut), (vec!["e5", "e4", "e3", "e2", "e1", "e0"], false));
    // So many pages are not asked for at once: the quota is everybody's.
    let many: Vec<Value> = (0..30).map(|n| written(n, "a")).collect();
    api.order(json!({"entries": many, "pages": vec![1; 30]})).await;
    let page = client(&api).entries(&ask()).await.expect("entries");
    assert_eq!((page.entries.len(), page.cut), (20, true));
    // Short pages are no reason to leave entries out.
    api.order(json!({"pages": vec![7; 5]})).await;
    let page = client(&api).entries(&ask()).await.expect("entries");
    assert_eq!((page.entries.len(), page.cut), (30, false));
    // No more than 2,000 of a look.
    let many: Vec<Value> = (0..2_100).map(|n| written(n % 60, &n.to_string())).collect();
    api.order(json!({"entries": many, "pages": vec![450; 5]})).await;
    let page = client(&api).entries(&ask()).await.expect("entries");
    assert_eq!((page.entries.len(), page.cut), (2_000, true));
    let told = api.order(json!({})).await;
    assert_eq!(told["wrong"], json!([]));
    let came = told["came"].as_array().expect("a list");
    assert_eq!(came.len(), 4 + 20 + 5 + 5);
    assert_eq!(came[0]["resourceNames"], json!(["projects/demo"]));
    let same =
        |at: usize| (came[at]["filter"].clone(), came[at]["orderBy"].clone(), came[at]["pageSize"].clone());
    assert!((1..4).all(|at| same(at) == same(0)), "all pages of one list are asked for alike: {came:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_against_it_is_told_with_what_to_do() {
    let api = Api::run("logs_api.py", &[]);
    let mut outcome = Vec::new();
    for fault in ["rate", "denied", "disabled", "html", "cut"] {
        api.order(json!({"entries": [written(1, "a")], "faults": [fault]})).await;
        let error = client(&api).entries(&ask()).await.expect_err(fault);
        outcome.push((fault, error.kind, error.to_string()));
    }
    let of =
        |fault: &str| outcome.iter().find(|it| it.0 == fault).map(|it| (it.1, it.2.as_str())).expect("asked");
    let retry = Duration::from_millis(1500);
    assert_eq!(of("rate").0, ErrorKind::RateLimited { retry });
    assert!(
        of("denied").1.contains("[logging.logEntries.list, ask for roles/logging.viewer on the project]")
    );
    assert!(of("disabled").1.contains("SERVICE_DISABLED"), "{}", of("disabled").1);
    assert_eq!((of("html").0, of("cut").0), (ErrorKind::Unavailable, ErrorKind::BadBody));
    // An old token is replaced once.
    api.order(json!({"faults": ["expired"]})).await;
    assert_eq!(client(&api).entries(&ask()).await.map(|page| page.entries.len()), Ok(1));
    assert_eq!(api.order(json!({})).await["wrong"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn googles_client_reads_the_logs_of_the_demo() {
    let target = target(Scenario::BadCanary, 20.0).await;
    python("logs.py", &[&target.urls().cloud_run, target.token()]).await;
    target.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_get_entries_with_their_kind_and_the_counts() {
    let target = target(Scenario::BadCanary, 50.0).await;
    let dir = tempfile::tempdir().expect("a folder");
    target.write_files(dir.path()).expect("written");
    let (canary, expected, unexpected) = loop {
        let folder = dir.path().to_owned();
        let told = tokio::task::spawn_blocking(move || {
            said(&folder, &["logs", "chat-backend", "--severity", "error", "--json"])
        });
        let (out, err, status) = told.await.expect("it ran");
        assert_eq!((status, err.as_str()), (0, ""));
        let all: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert!(all.iter().all(|entry| entry["severity"] == "ERROR"), "{out}");
        let of = |expected: bool| all.iter().find(|entry| entry["expected"] == expected).cloned();
        if let (Some(known), Some(unknown)) = (of(true), of(false)) {
            break (all.last().cloned(), known, unknown);
        }
    };
    assert!(canary.is_some());
    assert_eq!(expected["kind"], "client went away");
    assert!(unexpected["revision"].as_str().is_some_and(|it| it.ends_with("00418-ral")), "{unexpected}");
    let folder = dir.path().to_owned();
    let told = tokio::task::spawn_blocking(move || {
        said(&folder, &["logs", "chat-backend", "--revision", "00418", "--severity", "ERROR"])
    });
    let (out, _, status) = told.await.expect("it ran");
    assert_eq!(status, 0);
    let counts = out.rsplit("\n\n").next().expect("the counts stand at the end");
    assert!(counts.contains("! unexpected: "), "{out}");
    let entries = out.lines().filter(|line| line.contains("Z ! ") || line.contains("Z ~ "));
    assert!(
        entries.clone().count() > 0 && entries.clone().all(|line| line.contains("chat-backend-00418-ral")),
        "{out}"
    );
    target.stop().await;
}

/// A room whose logs these are; nothing else of it is there.
fn room(api: &Api) -> tempfile::TempDir {
    api.room(&["cart"], &format!("[logs]\nendpoint = \"{}\"\ninterval = \"500ms\"\n", api.endpoint))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_is_followed_until_somebody_stops_it() {
    let api = Api::run("logs_api.py", &[]);
    let folder = room(&api);
    api.order(json!({"entries": [written(1, "a")]})).await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_warroom"));
    command
        .args(["logs", "cart", "--follow", "--json"])
        .current_dir(folder.path())
        .env("HOME", folder.path());
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it runs");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut next = || -> Value {
        let line = lines.next().expect("a line").expect("text");
        serde_json::from_str(&line).expect("JSON")
    };
    assert_eq!(next()["text"], "e1");
    // What was there already is not told again, and a quota that is used up is waited for.
    let entries: Vec<Value> = (1..4).map(|n| written(n, "a")).collect();
    api.order(json!({"entries": entries, "faults": ["cut", "html", "rate"]})).await;
    assert_eq!((next()["text"].clone(), next()["text"].clone()), ("e2".into(), "e3".into()));
    let stopped = Command::new("kill").arg(child.id().to_string()).status().expect("kill runs");
    assert!(stopped.success());
    assert_eq!(child.wait().expect("it ends").code(), Some(143));
    // What a person must mend ends it, with what to do.
    api.order(json!({"faults": ["denied"]})).await;
    let (_, err, status) = said(folder.path(), &["logs", "cart", "--follow"]);
    assert_eq!(status, 1);
    assert!(err.contains("roles/logging.viewer"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_that_is_used_up_at_once_is_waited_for_and_said() {
    let api = Api::run("logs_api.py", &[]);
    let folder = room(&api);
    api.order(json!({"entries": [written(1, "a")], "faults": ["html", "rate", "rate"]})).await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_warroom"));
    command.args(["logs", "cart", "--follow"]).current_dir(folder.path()).env("HOME", folder.path());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let mut said = BufReader::new(child.stderr.take().expect("piped")).lines();
    let line = said.next().expect("it goes on after a proxy's page").expect("text");
    assert!(line.starts_with("warroom: the logs are read again in ") && line.contains("HTTP 502"), "{line}");
    for _ in 0..2 {
        let line = said.next().expect("it goes on").expect("text");
        assert!(line.starts_with("warroom: the logs are read again in ") && line.contains("Quota"), "{line}");
        let seconds = line["warroom: the logs are read again in ".len()..].split('s').next().unwrap_or("");
        assert!(seconds.parse::<u32>().is_ok_and(|it| it >= 2), "not sooner than 1.5s: {line}");
    }
    let first = BufReader::new(child.stdout.take().expect("piped")).lines().next();
    assert!(first.expect("a line").expect("text").contains("e1"));
    child.kill().expect("it runs still");
    child.wait().expect("it ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_whether_logs_can_be_read_and_which_role_to_ask_for() {
    let api = Api::run("logs_api.py", &[]);
    let folder = room(&api);
    let logs = || {
        let (out, _, _) = said(folder.path(), &["doctor", "--json"]);
        let checks = parsed(&out)["checks"].as_array().expect("a list").clone();
        checks.into_iter().find(|check| check["name"] == "cart logs").expect("a check")
    };
    assert_eq!(logs()["state"], "ok");
    // Each kind of question is asked once before.
    api.order(json!({"faults": ["denied", "denied", "denied", "denied"]})).await;
    let told = logs();
    assert_ne!(told["state"], "ok");
    let role = "gcloud projects add-iam-policy-binding demo --member=MEMBER --role=roles/logging.viewer";
    assert!(told.to_string().contains(role), "{told}");
}

#[test]
fn rules_are_read_and_wrong_ones_are_told() {
    let dir = tempfile::tempdir().expect("a folder");
    let written = |text: &str| {
        let path = dir.path().join("config.toml");
        std::fs::write(&path, text).expect("written");
        warroom::config::load(Some(&path), &warroom::config::Overrides::default())
    };
    let service = "[[service]]\nname = \"api\"\n[service.cloud_run]\nproject = \"p\"\nregion = \"r\"\nservice = \"s\"\n";
    let good = format!(
        "{service}[logs]\nendpoint = \"http://127.0.0.1:9/\"\ninterval = \"10s\"\nback = \"1h\"\n[[log_rule]]\nname = \"left\"\n\
         patterns = [\"went away*stream\"]\nservices = [\"api\"]\nmost_per_minute = 30\n"
    );
    let room = written(&good).expect("a good one").room;
    let endpoint = room.logs.endpoint.as_deref();
    assert_eq!((endpoint, room.logs.back), (Some("http://127.0.0.1:9"), Duration::from_secs(3600)));
    let rule = &room.logs.rules[0];
    assert_eq!((rule.name.as_str(), rule.expected, rule.most), ("left", true, Some(30.0)));
    for (wrong, told) in [
        ("[[log_rule]]\nname = \"x\"\npatterns = [\"*\"]\n", "log rule \"x\" has no pattern"),
        ("[[log_rule]]\nname = \"x\"\npatern = [\"a\"]\n", "unknown key `log_rule.patern`"),
        (
            "[[log_rule]]\nname = \"x\"\npatterns = [\"a\"]\nservices = [\"b\"]\n",
            "`log_rule.services` has \"b\"",
        ),
        ("[[log_rule]]\npatterns = [\"a\"]\n", "`log_rule.name` is missing"),
        (
            "[[log_rule]]\nname = \"x\"\npatterns = [\"a\"]\nexpected = false\nmost_per_minute = 1\n",
            "most_per_minute",
        ),
        ("[logs]\nback = \"48h\"\n", "longer than a day"),
    ] {
        let error = written(&format!("{service}{wrong}")).expect_err(wrong).to_string();
        assert!(error.contains(told) && error.contains("config.toml:"), "{error}");
    }
}
