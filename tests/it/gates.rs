//! Gates with the real binary: trust, runs and their records from a script, and in the console on a terminal.

mod console;
mod keys;
mod pictures;

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::cli::{parsed, said};

const DOCUMENT: &str = "# Release\n\n## Tests\n\n- [ ] Unit tests pass (required)\n\n```bash\ncd api\nsource venv/bin/activate\n\
                        pytest tests/unit -q\n# The fast ones\npytest tests/fast -q\n```\n\n- [ ] Nothing answers yet\n\n```bash\n\
                        curl -sS -i http://localhost:1/health   # expected: HTTP 200\n```\n\n## Deploy\n\n- [ ] Migrated\n\n\
                        ```bash\ntouch migrated\n```\n\n## Verify these files have NOT been modified without running tests\n\n\
                        - `src/auth.py`\n";

/// What stands in for pytest.
const PYTEST: &str = "#!/bin/sh\nif [ \"$1\" = tests/fast ]; then echo \"== 12 passed in 0.31s ==\"; exit 0; fi\n\
                      echo \"in $(basename \"$PWD\"), environment $VENV\"\necho 'FAILED tests/test_auth.py::test_refresh'\n\
                      echo '== 1 failed, 40 passed in 2.31s =='\nexit 1\n";

const ACTIVATE: &str = "export VENV=on PATH=\"$PWD/venv/bin:$PATH\"\n";

fn git(dir: &Path, words: &[&str]) {
    let all = ["-c", "user.name=Mara", "-c", "user.email=mara@example.com", "-c", "commit.gpgsign=false"];
    let done = Command::new("git").args(all).args(words).current_dir(dir).output().expect("git runs");
    assert!(done.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A room with a document, in a repository with one commit.
fn room(more: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path();
    let config = format!(
        "[room]\nname = \"t\"\nenvironment = \"production\"\nchecklists = [\"r.md\"]\n[operator]\nname = \"mara\"\n\
         [store]\npath = \".git/room.db\"\n{more}"
    );
    for sub in ["api/venv/bin", "src"] {
        std::fs::create_dir_all(dir.join(sub)).expect("a folder");
    }
    for (name, text) in [
        ("config.toml", config.as_str()),
        ("r.md", DOCUMENT),
        ("api/venv/bin/pytest", PYTEST),
        ("api/venv/bin/activate", ACTIVATE),
        ("src/auth.py", "one\n"),
    ] {
        std::fs::write(dir.join(name), text).expect("a file");
    }
    let made = Command::new("chmod").args(["+x", "api/venv/bin/pytest"]).current_dir(dir).status();
    assert!(made.expect("chmod runs").success());
    git(dir, &["init", "-q", "."]);
    git(dir, &["add", "-A"]);
    git(dir, &["commit", "-qm", "first"]);
    folder
}

fn trusted(more: &str) -> TempDir {
    let room = room(more);
    let (out, err, status) = said(room.path(), &["trust", "r.md", "--yes"]);
    assert_eq!(status, 0, "{out}{err}");
    room
}

#[test]
fn a_list_of_no_gates_says_so_beside_what_programs_read() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.md"), "# A\n- [ ] look\n").expect("a checklist");
    let list = |json: &[&str]| {
        let more = ["--checklist", "a.md", "--store", "room.db"];
        said(folder.path(), &[&["gate", "list"], json, &more].concat())
    };
    let (out, err, status) = list(&[]);
    assert_eq!((out.as_str(), status), ("", 0));
    assert!(err.starts_with("no gates: "), "{err}");
    let (out, _, status) = list(&["--json"]);
    assert_eq!((&parsed(&out)["gates"], status), (&serde_json::json!([]), 0));
}

#[test]
fn nothing_runs_before_its_document_is_trusted_and_a_change_ends_that() {
    let room = room("");
    let dir = room.path();
    let (out, err, status) = said(dir, &["gate", "run", "fast"]);
    assert!(out.is_empty() && status == 2 && err.contains("not trusted as they are"), "{out}{err}");
    let (out, err, status) = said(dir, &["trust", "r.md"]);
    assert!(status == 2 && out.contains("  pytest tests/unit -q\n") && err.contains("--yes"), "{out}{err}");
    let (out, _, status) = said(dir, &["trust", "r.md", "--yes"]);
    assert!(status == 0 && out.ends_with("6 commands of r.md trusted by mara, record 1\n"), "{out}");
    let (out, _, status) = said(dir, &["gate", "run", "fast"]);
    assert!(status == 0 && out.contains("gate The fast ones passed: 12 passed · "), "{out}");
    std::fs::write(dir.join("r.md"), DOCUMENT.replace("tests/fast -q", "tests/fast -q -x")).expect("a file");
    let (_, err, status) = said(dir, &["gate", "run", "fast"]);
    assert!(status == 2 && err.contains("not trusted as they are"), "{err}");
    let (out, _, _) = said(dir, &["trust", "r.md", "--yes"]);
    assert!(out.contains("changed since mara trusted them:\n  cd api\n"), "{out}");
    assert!(out.contains("\n- pytest tests/fast -q\n+ pytest tests/fast -q -x\n"), "{out}");
}

#[test]
fn a_run_leaves_the_evidence_that_the_console_would() {
    let room = trusted("");
    let dir = room.path();
    let (out, err, status) = said(dir, &["gate", "run", "pytest tests/unit -q"]);
    assert_eq!(status, 1, "{out}{err}");
    assert!(out.starts_with("in api, environment on\nFAILED"), "what leads to it was run first: {out}");
    assert!(out.contains("gate pytest tests/unit -q failed: exit 1: 1 failed, 40 passed"), "{out}");
    let list = parsed(&said(dir, &["gate", "list", "--json"]).0);
    let gate = &list["gates"][0];
    assert_eq!((&gate["state"], &gate["exit"], &gate["dirty"]), (&"failed".into(), &1.into(), &false.into()));
    assert_eq!(gate["tests"]["failed"], 1);
    assert_eq!(gate["commit"].as_str().map(str::len), Some(40));
    let log = std::fs::read_to_string(gate["log"].as_str().expect("a log")).expect("a file");
    assert!(log.ends_with("== 1 failed, 40 passed in 2.31s ==\n"), "{log}");
    let (out, _, status) = said(dir, &["gate", "run", "Nothing answers yet"]);
    assert!(status == 1 && out.contains("finding: it asks localhost"), "{out}");
}

#[test]
fn a_gate_of_a_production_room_that_asks_this_machine_is_in_the_report_and_in_the_list() {
    let room = room("");
    let (out, err, _) = said(room.path(), &["report"]);
    let finding = "it asks localhost, which is not production: what it shows is of this machine";
    assert!(out.contains(finding), "{out}{err}");
    let (out, err, _) = said(room.path(), &["gate", "list"]);
    assert_eq!(
        out.matches(&format!("\n                          finding: {finding}\n")).count(),
        1,
        "{out}{err}"
    );
    let list = parsed(&said(room.path(), &["gate", "list", "--json"]).0);
    let all: Vec<_> = list["gates"].as_array().into_iter().flatten().map(|gate| &gate["findings"]).collect();
    assert_eq!(all.iter().filter(|it| ***it == serde_json::json!([finding])).count(), 1, "{all:?}");
}

#[test]
fn a_guard_of_the_config_ends_a_pass_too() {
    let room = trusted(
        "[[guard]]\npaths = [\"api/venv\"]\ngates = [\"The fast ones\"]\n[[gate]]\nname = \"other\"\ncommand = \"true\"\n",
    );
    let dir = room.path();
    assert_eq!(said(dir, &["gate", "run", "The fast ones"]).2, 0);
    assert_eq!(said(dir, &["gate", "run", "other"]).2, 0);
    std::fs::write(dir.join("api/venv/with space"), "new\n").expect("a file");
    git(dir, &["add", "-A"]);
    git(dir, &["commit", "-qm", "Another library"]);
    let list = parsed(&said(dir, &["gate", "list", "--json"]).0);
    let gates = list["gates"].as_array().expect("gates");
    let gate = |name: &str| gates.iter().find(|gate| gate["name"] == name).expect("that gate");
    assert_eq!(gate("The fast ones")["state"], "lapsed");
    let change = &gate("The fast ones")["changed"][0];
    assert_eq!(
        (&change["path"], &change["subject"]),
        (&"api/venv/with space".into(), &"Another library".into())
    );
    assert_eq!(gate("other")["state"], "passed", "it guards nothing");
}

#[test]
fn what_changes_something_wants_its_word_or_its_exact_name_and_is_journaled_first() {
    let room = trusted("");
    let dir = room.path();
    let migrated = dir.join("migrated");
    let (_, err, status) = said(dir, &["gate", "run", "Migrated"]);
    assert!(status == 2 && err.contains("no terminal to ask on") && err.contains("--yes"), "{err}");
    let (_, err, status) = said(dir, &["gate", "run", "migr", "--yes"]);
    assert!(status == 2 && err.contains("name it exactly"), "{err}");
    assert!(!migrated.exists());
    let (out, err, status) = said(dir, &["gate", "run", "Migrated", "--yes", "--reason", "CHG-7"]);
    assert_eq!((out.as_str(), status), ("command Migrated done: exit 0\n", 0), "{err}");
    assert!(err.starts_with("$ touch migrated\nin ") && migrated.exists(), "{err}");
    let out = said(dir, &["journal"]).0;
    let places =
        ["Migrated requested", "CHG-7", "Migrated began", "ACCEPTED", "EFFECTIVE: exit 0", "Migrated ended"];
    let places = places.map(|words| out.find(words).unwrap_or_else(|| panic!("{words} in {out}")));
    assert!(places.is_sorted(), "the intent comes first: {out}");
    let (_, err, status) = said(dir, &["--read-only", "gate", "run", "Migrated", "--yes"]);
    assert!(status != 0 && err.contains("read-only"), "{err}");
}

#[test]
fn a_gate_that_passed_ticks_the_item_that_is_bound_to_it() {
    let bind = "[[bind]]\ntext = \"unit tests*\"\ngate = \"The fast ones\"\nticks = \"itself\"\n";
    let room = trusted(bind);
    let dir = room.path();
    let state = || parsed(&said(dir, &["items", "--json"]).0)["items"][0]["state"].clone();
    assert_ne!(state(), "done");
    let (out, err, status) = said(dir, &["gate", "run", "The fast ones"]);
    assert_eq!(status, 0, "{out}{err}");
    assert_eq!(state(), "done", "the tick is recorded before the command ends");
    let mut console = crate::pty::Terminal::start(&["--config", "config.toml"], dir, 120, 40);
    console.until("1/3");
    assert_eq!(console.leave(), 0);
    std::fs::write(dir.join("src/auth.py"), "two\n").expect("a file");
    git(dir, &["commit", "-qam", "Shorter sessions"]);
    let (out, err, status) = said(dir, &["verdict"]);
    assert!(status == 10 && out.contains("gate The fast ones lapsed"), "{status}: {out}{err}");
}

#[test]
fn a_gate_that_fails_is_no_go_unless_it_is_optional_or_set_aside() {
    let room = tempfile::tempdir().expect("a folder");
    let dir = room.path();
    let gate = |name: &str| format!("- [ ] {name}\n  ```sh\n  test -f absent\n  ```\n");
    let text =
        format!("# Before\n{}{}# Extra (optional)\n{}", gate("smoke"), gate("late (required)"), gate("fuzz"));
    std::fs::write(dir.join("r.md"), text).expect("a file");
    let run = |args: &[&str]| said(dir, &[args, &["--checklist", "r.md", "--store", "room.db"]].concat());
    let kinds = || {
        let verdict = parsed(&run(&["verdict", "--json", "--warm-up", "4s"]).0)["verdict"].clone();
        let reasons = verdict["reasons"].as_array().cloned().unwrap_or_default();
        let kind = |name: &str| {
            let reason = reasons.iter().find(|reason| reason["name"] == name);
            reason.map(|reason| reason["kind"].clone()).unwrap_or_default()
        };
        let late = kind("gate late (required) has not passed");
        (verdict["state"].clone(), kind("gate smoke failed"), kind("gate fuzz failed"), late)
    };
    assert_eq!(run(&["trust", "r.md", "--yes"]).2, 0);
    assert_eq!((run(&["gate", "run", "fuzz"]).2, run(&["gate", "run", "smoke"]).2), (1, 1));
    assert_eq!(kinds(), ("no_go".into(), "failing".into(), "warning".into(), "waiting".into()));
    for item in ["smoke", "late"] {
        assert_eq!(run(&["tick", item, "--state", "waived", "--note", "a stub"]).2, 0);
    }
    assert_eq!(kinds(), ("hold".into(), "warning".into(), "warning".into(), serde_json::Value::Null));
}

#[test]
fn a_gate_that_two_begin_at_once_runs_once() {
    let room = room(
        "[[gate]]\nname = \"slow\"\ncommand = \"echo $$ >> ran; until [ -e go ]; do sleep 0.05; done\"\n",
    );
    let dir = room.path();
    let begin = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_warroom"));
        command.args(["gate", "run", "slow"]).current_dir(dir).stderr(std::process::Stdio::piped());
        command.spawn().expect("the binary runs")
    };
    let mut both = [begin(), begin()];
    let until = std::time::Instant::now() + crate::pty::PATIENCE;
    let second = loop {
        let over = |child: &mut std::process::Child| child.try_wait().expect("its status").is_some();
        if let Some(at) = both.iter_mut().position(over) {
            break at;
        }
        assert!(std::time::Instant::now() < until, "both run it");
        std::thread::yield_now();
    };
    std::fs::write(dir.join("go"), "").expect("a file");
    let status = both.each_mut().map(|child| child.wait().expect("its status").code());
    let mut err = String::new();
    let told = both[second].stderr.take().map(|mut told| std::io::Read::read_to_string(&mut told, &mut err));
    assert!(told.is_some() && status[second] == Some(2), "{status:?} {err}");
    assert!(
        err.contains("mara runs it at another console") || err.contains("runs or waits already"),
        "{err}"
    );
    assert_eq!(status[1 - second], Some(0));
    let ran = std::fs::read_to_string(dir.join("ran")).expect("it ran");
    assert_eq!(ran.lines().count(), 1, "{ran}");
    assert_eq!(said(dir, &["gate", "run", "slow"]).2, 0, "its end frees it");
}
