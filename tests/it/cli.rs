//! The real binary without a screen: what scripts rely on, output, errors and exit statuses.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const CHECKLIST: &str =
    "# R\n- [ ] unit tests pass (required)\n- [x] lint is clean\n- [ ] twice\n## S\n- [ ] twice\n";

/// A directory with a config, a checklist and (once written to) a journal.
pub(crate) fn room(more: &str) -> TempDir {
    let dir = tempfile::tempdir().expect("dir");
    let config = format!(
        "[room]\nname = \"t\"\nchecklists = [\"r.md\"]\n[operator]\nname = \"mara\"\nrole = \"deployer\"\n\
         [store]\npath = \"room.db\"\n{more}"
    );
    std::fs::write(dir.path().join("config.toml"), config).expect("config");
    std::fs::write(dir.path().join("r.md"), CHECKLIST).expect("checklist");
    dir
}

fn warroom(dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_warroom"));
    command
        .args(args)
        .current_dir(dir)
        .env_remove("WARROOM_OPERATOR")
        .env("XDG_CONFIG_HOME", dir)
        .env("HOME", dir);
    command.output().expect("the binary runs")
}

/// Standard output, standard error and exit status.
pub(crate) fn said(dir: &Path, args: &[&str]) -> (String, String, i32) {
    let output = warroom(dir, args);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code().expect("no signal"))
}

pub(crate) fn parsed(text: &str) -> Value {
    serde_json::from_str(text.trim()).expect("one JSON object")
}

fn items(dir: &Path) -> Vec<Value> {
    let (out, err, status) = said(dir, &["items", "--json"]);
    assert_eq!((status, err.as_str()), (0, ""));
    parsed(&out)["items"].as_array().expect("items").clone()
}

#[test]
fn an_item_is_ticked_and_taken_back_and_the_journal_tells_who() {
    let room = room("");
    let dir = room.path();
    let before = items(dir);
    let states: Vec<&str> = before.iter().map(|item| item["state"].as_str().expect("state")).collect();
    assert_eq!(states, ["open", "claimed", "open", "open"]);
    assert_eq!((&before[0]["by"], &before[0]["required"]), (&Value::Null, &Value::Bool(true)));

    let id = before[0]["id"].as_str().expect("id");
    let (out, err, status) =
        said(dir, &["tick", &id[..6], "--note", "12 of 12", "--as", "ines", "--role", "qa"]);
    assert_eq!(
        (out.as_str(), err.as_str(), status),
        ("ticked by ines, record 1: unit tests pass (required)\n", "", 0)
    );
    let (out, _, status) = said(dir, &["tick", id]);
    assert!(out.starts_with("already ticked by ines at ") && status == 0, "{out}");
    let after = items(dir);
    let told = ["state", "by", "note"].map(|key| after[0][key].as_str().expect("text"));
    assert_eq!(told, ["done", "ines", "12 of 12"]);
    assert_eq!(said(dir, &["note", "support", "sees", "nothing"]).2, 0);
    assert_eq!(said(dir, &["untick", id]).2, 0);
    assert_eq!(items(dir)[0]["state"], "open");
    assert_eq!(said(dir, &["untick", id]).2, 1);

    let (out, _, status) = said(dir, &["journal", "--json"]);
    let kinds: Vec<Value> = out.lines().map(|line| parsed(line)["entry"]["kind"].clone()).collect();
    assert_eq!((kinds, status), (vec!["ticked".into(), "noted".into(), "unticked".into()], 0));
    let (out, _, status) = said(dir, &["journal", "--verify"]);
    assert!(out.starts_with("whole: 3 records, head ") && status == 0, "{out}");
}

#[test]
fn a_name_that_is_no_item_or_several_is_wrong_usage_with_the_next_step() {
    let room = room("");
    let (_, err, status) = said(room.path(), &["tick", "nothing like it"]);
    assert_eq!(status, 2);
    assert!(err.contains("error: no item is called") && err.contains("next: `warroom items`"), "{err}");
    let (_, err, status) = said(room.path(), &["tick", "twice"]);
    assert!(status == 2 && err.contains("\"twice\" is 2 items"), "{err}");
    assert!(!room.path().join("room.db").exists(), "nothing was written");
}

#[test]
fn a_read_only_room_writes_nothing() {
    let room = room("");
    for args in [&["tick", "lint is clean"][..], &["note", "x"]] {
        let (_, err, status) = said(room.path(), &[args, &["--read-only"]].concat());
        let why = "error: nothing was written\n  this room is read-only here\n  next: leave --read-only away";
        assert!(status == 2 && err.starts_with(why), "{err}");
    }
    assert!(!room.path().join("room.db").exists());
}

#[test]
fn a_damaged_journal_fails_and_says_where() {
    let room = room("");
    for text in ["one", "two"] {
        assert_eq!(said(room.path(), &["note", text]).2, 0);
    }
    std::fs::write(room.path().join("room.db"), b"not a database at all, but long enough to be looked at")
        .expect("write");
    let (_, err, status) = said(room.path(), &["journal", "--verify"]);
    assert!(status == 1 && err.contains("room.db") && err.contains("next: "), "{err}");
}

/// Whoever changes a record with a database's own tools leaves the chain that finds it.
#[test]
fn a_changed_record_is_told_by_every_command_that_rests_on_the_journal() {
    let room = room("");
    for text in ["one", "two", "three"] {
        assert_eq!(said(room.path(), &["note", text]).2, 0);
    }
    let (out, _, _) = said(room.path(), &["doctor"]);
    assert!(out.contains("room.db: 3 records, chain whole"), "{out}");
    let item = items(room.path())[0]["id"].as_str().expect("an id").to_owned();
    journal_changed(&room.path().join("room.db"));
    let (out, _, status) = said(room.path(), &["doctor"]);
    let line = out.lines().find(|line| line.contains(" journal: ")).expect("its check");
    let place = "room.db is damaged at record 2: record 2 was changed after it was written";
    assert!(line.starts_with("wrong ") && line.contains(place), "{out}");
    assert!(out.contains("next: keep a copy of the file with its -wal") && status == 1, "{out}");
    // A tick is written all the same: the chain goes on behind the damage, and it is told.
    let (out, err, status) = said(room.path(), &["tick", &item]);
    assert!(out.contains("record 4") && status == 0, "{out}{err}");
    assert!(
        err.starts_with("warning: the journal ") && err.contains(place) && err.contains("next: "),
        "{err}"
    );
    for command in [["note", "four"].as_slice(), &["journal"], &["journal", "--json"]] {
        let (_, err, status) = said(room.path(), command);
        assert!(err.contains(place) && status == 0, "{command:?} {err}");
    }
    // What stands there may be what was changed: the list is told, and is no success.
    let (out, err, status) = said(room.path(), &["items", "--json"]);
    assert!(err.contains(place) && status == 1, "{err}");
    assert!(parsed(&out)["problems"][0].as_str().is_some_and(|problem| problem.contains(place)), "{out}");
    let (out, _, status) = said(room.path(), &["verdict", "--warm-up", "1s"]);
    assert!(out.contains("the journal is damaged") && status == 10, "{status} {out}");
}

#[test]
fn a_journal_that_cannot_be_read_at_all_is_no_reason_to_go() {
    let room = room("");
    for text in ["one", "two", "three"] {
        assert_eq!(said(room.path(), &["note", text]).2, 0);
    }
    let path = room.path().join("room.db");
    let whole = std::fs::read(&path).expect("reads");
    // Records may be written behind pages that nobody can read any more, and whoever writes is told.
    let mut torn = whole.clone();
    torn.iter_mut().skip(4_096).take(4 * 4_096).for_each(|byte| *byte = 0xa5);
    std::fs::write(&path, torn).expect("writes");
    let (_, err, _) = said(room.path(), &["note", "four"]);
    assert!(err.contains("is damaged") && err.contains("next: "), "{err}");
    for broken in [whole.get(..5_000).expect("its beginning"), b"this is no database, whoever put it here"] {
        std::fs::write(&path, broken).expect("writes");
        let (out, _, status) = said(room.path(), &["verdict", "--warm-up", "1s"]);
        assert!(out.contains("no journal can be read") && status == 10, "{status} {out}");
    }
}

/// Changes the body of the second record, as a person with the file in hand would do it.
pub(crate) fn journal_changed(path: &Path) {
    use sqlx::Connection;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        let mut conn = sqlx::SqliteConnection::connect_with(&options).await.expect("opens");
        let sql = "DROP TRIGGER record_is_never_changed;
                   UPDATE record SET body = CAST(replace(CAST(body AS TEXT), 'two', 'TWO') AS BLOB) WHERE seq = 2;";
        sqlx::raw_sql(sql).execute(&mut conn).await.expect("changes");
        conn.close().await.expect("closes");
    });
}

#[test]
fn what_waits_beside_a_journal_is_told_with_it() {
    let room = room("");
    assert_eq!(said(room.path(), &["note", "one"]).2, 0);
    std::fs::write(room.path().join("room.db.fallback.jsonl"), "{}\n").expect("write");
    let (out, _, status) = said(room.path(), &["journal", "--verify"]);
    let mut lines = out.lines();
    assert!(
        lines.next().is_some_and(|line| line.starts_with("whole: 1 record, head ")) && status == 0,
        "{out}"
    );
    let waits = lines.next().expect("a second line");
    assert!(waits.starts_with("not in it yet: ") && waits.contains("room.db.fallback.jsonl"), "{out}");
    let json = parsed(&said(room.path(), &["journal", "--verify", "--json"]).0);
    assert!(
        json["not_taken_over"].as_str().is_some_and(|file| file.ends_with("room.db.fallback.jsonl")),
        "{json}"
    );
}

#[test]
fn wrong_usage_and_wrong_config_are_status_2_also_as_one_json_object() {
    let room = room("[screen]\nthem = \"dark\"\n[[service]]\n");
    let (out, err, status) = said(room.path(), &["items"]);
    assert_eq!((out.as_str(), status), ("", 2));
    assert!(
        err.contains("config.toml:10:1: unknown key `screen.them`") && err.contains("did you mean `theme`?"),
        "{err}"
    );
    let (out, err, status) = said(room.path(), &["items", "--json"]);
    assert_eq!((out.as_str(), status), ("", 2));
    let error = parsed(&err);
    let problems = error["error"]["problems"].as_array().expect("problems");
    let lines: Vec<_> = problems.iter().map(|problem| problem["line"].as_u64()).collect();
    assert_eq!(lines, [Some(10), Some(11)]);
    for args in [&["bogus"][..], &["tick"], &["watch", "--for", "soon"], &["items", "--config", "/no/such"]] {
        assert_eq!(said(room.path(), args).2, 2, "{args:?}");
    }
    let (_, err, status) = said(room.path(), &["items", "--json", "--bogus"]);
    assert!(status == 2 && parsed(&err)["error"]["what"].is_string(), "{err}");
    let empty = tempfile::tempdir().expect("dir");
    let (_, err, status) = said(empty.path(), &["items"]);
    assert!(
        status == 2 && err.contains("there is no config") && err.contains("looked for config.toml"),
        "{err}"
    );
}

#[test]
fn the_doctor_names_each_trouble_and_the_next_step() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("port").local_addr().expect("address");
    let open = TcpListener::bind("127.0.0.1:0").expect("port");
    let address = open.local_addr().expect("address");
    let config = format!(
        "[[service]]\nname = \"api\"\n[[service.health]]\nname = \"up\"\nkind = \"tcp\"\naddress = \"{address}\"\n\
         [[service.health]]\nname = \"gone\"\nurl = \"http://{closed}/health\"\n\
         [[service.health]]\nname = \"locked\"\nurl = \"http://{address}/\"\ntoken = {{ env = \"WARROOM_TEST_UNSET\" }}\n"
    );
    let room = room(&config);
    let (out, _, status) = said(room.path(), &["doctor", "--json"]);
    let report = parsed(&out);
    let state = |part: &str| {
        let checks = report["checks"].as_array().expect("checks");
        let check =
            checks.iter().find(|check| check["name"].as_str().is_some_and(|name| name.contains(part)));
        check.unwrap_or_else(|| unreachable!("no check of {part}: {out}"))["state"]
            .as_str()
            .expect("state")
            .to_owned()
    };
    let states = ["config", "operator", "journal", "checklist", "up", "gone", "locked"].map(state);
    assert_eq!(states, ["ok", "ok", "ok", "ok", "ok", "wrong", "wrong"], "{out}");
    assert_eq!((status, &report["good"]), (1, &Value::Bool(false)));
    let (out, _, _) = said(room.path(), &["doctor"]);
    assert!(out.contains("next: start the service, or check host and port"), "{out}");
    assert!(out.contains("next: make the secret readable where the config says it is"), "{out}");
}

#[test]
fn the_doctor_asks_for_each_number_and_for_alerts_held_elsewhere() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("port").local_addr().expect("address");
    let config = format!(
        "[alertmanager]\nurl = \"http://{closed}\"\n[[service]]\nname = \"api\"\n\
         [[signal]]\nname = \"seven\"\ncommand = [\"echo\", \"7\"]\n\
         [[signal]]\nname = \"none\"\ncommand = [\"sh\", \"-c\", \"exit 3\"]\n"
    );
    let room = room(&config);
    let (out, _, status) = said(room.path(), &["doctor"]);
    assert!(out.contains("ok     numbers: 1 of 2 that are asked for one by one have a number"), "{out}");
    assert!(out.contains("wrong  number none: ") && !out.contains("number seven"), "{out}");
    assert!(out.contains("wrong  alertmanager: ") && status == 1, "{status} {out}");
}

/// Without a Prometheus a documented query outside of what is evaluated here would be a panel without data for ever.
#[test]
fn the_doctor_names_documented_queries_that_nobody_here_can_answer() {
    let service = "[[service]]\nname = \"api\"\n[service.metrics]\nurl = \"http://127.0.0.1:1/metrics\"\n";
    let text = "# R\n- [ ] one\n\n### Queue\n```promql\ntopk(3, queue_depth)\n```\n\n### Errors\n\
        ```promql\nsum(rate(errors_total[5m]))\n```\n";
    for (engine, named) in [("", true), ("[prometheus]\nurl = \"http://127.0.0.1:1\"\n", false)] {
        let room = room(&format!("{service}{engine}"));
        std::fs::write(room.path().join("r.md"), text).expect("checklist");
        let (out, _, _) = said(room.path(), &["doctor"]);
        let told = "the aggregation topk is not supported here; add [prometheus] to ask an engine";
        assert_eq!(out.contains(told), named, "{out}");
        assert_eq!(out.matches("documented query").count(), usize::from(named), "{out}");
    }
}

#[test]
fn help_man_and_completions_name_every_command() {
    let room = room("");
    let commands = [
        "demo",
        "watch",
        "verdict",
        "items",
        "tick",
        "untick",
        "note",
        "export",
        "init",
        "rollout",
        "journal",
        "doctor",
        "rollback",
        "completions",
        "man",
    ];
    for args in [
        &["--help"][..],
        &["man"],
        &["completions", "bash"],
        &["completions", "fish"],
        &["completions", "zsh"],
    ] {
        let (out, err, status) = said(room.path(), args);
        assert_eq!((err.as_str(), status), ("", 0), "{args:?}");
        for command in commands {
            assert!(out.contains(command), "{command} is missing in {args:?}");
        }
    }
}

#[test]
fn an_unknown_scenario_is_told_which_there_are() {
    let room = room("");
    let (_, err, status) = said(room.path(), &["demo", "--scenario", "bad-cannary"]);
    assert!(status == 2 && err.contains("one of bad-canary, healthy, "), "{err}");
}

#[test]
fn the_man_page_has_the_options_of_every_command() {
    let room = room("");
    let (out, _, _) = said(room.path(), &["man"]);
    for heading in ["WARROOM ROLLBACK", "WARROOM TICK", "WARROOM WATCH", "WARROOM DOCTOR"] {
        assert!(out.contains(&format!(".SH \"{heading}\"\n.SS SYNOPSIS")), "{heading}");
    }
    let shown = out.replace("\\-", "-");
    for option in ["--dry-run", "--reason", "--to", "--yes", "--warm-up", "--note", "--verify", "--scenario"]
    {
        assert!(shown.contains(option), "{option}");
    }
    assert_eq!(shown.matches("The journal [default").count(), 1, "what every command has is said once");
}

#[test]
fn a_service_without_cloud_run_cannot_be_rolled_back_and_says_so_at_once() {
    let room = room("[[service]]\nname = \"api\"\n");
    for args in [&["rollback", "api"][..], &["rollback", "api", "--yes"], &["rollback", "api", "--dry-run"]] {
        let (_, err, status) = said(room.path(), args);
        assert!(status == 2 && err.contains("[service.cloud_run]") && err.contains("next: "), "{err}");
    }
    assert!(!room.path().join("room.db").exists(), "nothing was begun");
}

#[test]
fn a_journal_that_cannot_be_used_is_told_and_watching_goes_on() {
    let room = room("");
    std::fs::write(room.path().join("room.db"), [7_u8; 20_000]).expect("write");
    let (out, err, status) = said(room.path(), &["verdict", "--warm-up", "5s"]);
    assert!(status == 10 && out.contains("HOLD"), "{out}{err}");
    assert_eq!(err.matches("warning: the journal: damaged: ").count(), 1, "{err}");
    let (out, err, _) = said(room.path(), &["verdict", "--warm-up", "5s", "--json"]);
    let links = parsed(&out)["links"].as_array().expect("links").clone();
    let journal = links.iter().find(|link| link["source"] == "journal").expect("the journal");
    assert!(err.is_empty() && journal["state"] == "down", "{err}{journal}");
}

#[test]
fn the_log_has_config_journal_and_links_and_never_a_secret() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("port").local_addr().expect("address");
    let room = room(&format!(
        "[[service]]\nname = \"api\"\n[[service.health]]\nname = \"gone\"\nurl = \"http://{closed}/health\"\n\
         token = {{ file = \"token\" }}\n"
    ));
    std::fs::write(room.path().join("token"), "hunter2").expect("token");
    let mut command = Command::new(env!("CARGO_BIN_EXE_warroom"));
    command.args(["verdict", "--warm-up", "2s", "--log", "log"]).current_dir(room.path());
    let output = command.env("WARROOM_LOG", "trace").output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(10));
    let log = std::fs::read_to_string(room.path().join("log")).expect("a log");
    for wanted in [
        "config=config.toml",
        "journal=room.db",
        "link up source=\"journal\"",
        "api probe gone",
        "link down",
        "refused",
        "Status(10)",
    ] {
        assert!(log.contains(wanted), "no {wanted} in\n{log}");
    }
    assert!(!log.contains("hunter2"), "{log}");
    assert_eq!(log.matches("link down").count(), 1, "told once, not at each attempt:\n{log}");
    std::fs::write(room.path().join("config.toml"), "[roon]\n").expect("config");
    assert_eq!(said(room.path(), &["items", "--log", "log"]).2, 2);
    let log = std::fs::read_to_string(room.path().join("log")).expect("a log");
    assert!(log.lines().last().is_some_and(|line| line.contains("is wrong in one place")), "{log}");
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_cannot_be_written_is_a_failure() {
    let room = room("");
    assert_eq!(said(room.path(), &["note", "one"]).2, 0);
    for args in [
        &["items"][..],
        &["items", "--json"],
        &["journal"],
        &["journal", "--json"],
        &["journal", "--verify"],
        &["watch", "--json"],
        &["doctor"],
    ] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a full disk");
        let output = Command::new(env!("CARGO_BIN_EXE_warroom"))
            .args(args)
            .current_dir(room.path())
            .stdout(full)
            .output()
            .expect("the binary runs");
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && err.contains("cannot be written"), "{args:?} {err}");
    }
}
