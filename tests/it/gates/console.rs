//! The gates view on a real terminal.

use std::time::{Duration, Instant};

use super::{DOCUMENT, git, trusted};
use crate::cli::{parsed, said};
use crate::pty::Terminal;

pub(super) fn open(dir: &std::path::Path) -> Terminal {
    let mut terminal = Terminal::start(&["--config", "config.toml"], dir, 120, 40);
    terminal.until("Checklist");
    terminal.press(":gates");
    terminal.until(": gates");
    terminal.press("\r");
    // Only the view itself says this: names are in the palette and the journal too.
    terminal.until(" · limit ");
    terminal
}

/// Past the half second in which a dialog takes nothing.
pub(super) fn answer(terminal: &mut Terminal, dialog: &str, key: &str) {
    terminal.until(dialog);
    std::thread::sleep(Duration::from_millis(700));
    terminal.press(key);
    terminal.gone(dialog);
}

#[test]
fn a_changed_command_is_shown_as_a_diff_and_nothing_of_it_runs_before() {
    let room = trusted("");
    std::fs::write(room.path().join("r.md"), DOCUMENT.replace("unit -q", "unit -q -x")).expect("a file");
    let mut terminal = open(room.path());
    terminal.press("g");
    terminal.until("They changed since they were trusted");
    for line in ["- pytest tests/unit -q", "+ pytest tests/unit -q -x"] {
        terminal.until(line);
    }
    assert!(!room.path().join(".git/room.gates").exists(), "nothing ran");
    answer(&mut terminal, "They changed since", "\r");
    terminal.until("not trusted");
    terminal.press("g");
    answer(&mut terminal, "They changed since", "y");
    terminal.until("trusted by mara");
    terminal.press("g");
    terminal.until("exit 1: 1 failed, 40 passed");
    terminal.press("/failed\r");
    terminal.until("\"failed\" 2 of 2");
    terminal.press("N");
    terminal.until("\"failed\" 1 of 2");
    assert_eq!(terminal.leave(), 0);
}

#[test]
fn a_gate_gets_the_terminal_on_request_and_only_then() {
    let room = trusted("");
    let dir = room.path();
    let asks = DOCUMENT.replace(
        "curl -sS -i http://localhost:1/health   # expected: HTTP 200",
        "test -t 0 && echo ready && read -r P && test \"$P\" = sesame",
    );
    std::fs::write(dir.join("r.md"), asks).expect("a file");
    let mut terminal = open(dir);
    terminal.press("jjg");
    answer(&mut terminal, "They changed since", "y");
    terminal.until("trusted by mara");
    terminal.press("g");
    terminal.until("failed: exit 1");
    terminal.press("i");
    answer(&mut terminal, "lend the terminal", "y");
    terminal.until("warroom lends its terminal to");
    terminal.until("\nready");
    assert!(terminal.restored());
    // It is for the gate, and bash does not mind it.
    terminal.press("\x1c");
    terminal.press("sesame\r");
    terminal.until("enter goes back to warroom");
    terminal.press("\r");
    terminal.until("seen only: exit 0");
    terminal.until("output was not captured");
    assert_eq!(terminal.leave(), 0);
}

#[test]
fn a_commit_to_a_guarded_file_ends_a_pass_and_is_named() {
    let room = trusted("");
    let dir = room.path();
    let mut terminal = open(dir);
    terminal.press("jg");
    terminal.until("passed: 12 passed");
    std::fs::write(dir.join("src/auth.py"), "two\n").expect("a file");
    git(dir, &["commit", "-qam", "Shorter sessions"]);
    terminal.until("src/auth.py changed in");
    terminal.until("Shorter sessions");
    assert_eq!(terminal.leave(), 0);
    let list = parsed(&said(dir, &["gate", "list", "--json"]).0);
    let gate = &list["gates"][1];
    assert_eq!((&gate["state"], &gate["changed"][0]["path"]), (&"lapsed".into(), &"src/auth.py".into()));
}

/// Until the journal has `words`; nothing on the screen says when a record is written.
#[cfg(target_os = "linux")]
fn recorded(dir: &std::path::Path, words: &str) {
    let until = Instant::now() + crate::pty::PATIENCE;
    while !said(dir, &["journal"]).0.contains(words) {
        assert!(Instant::now() < until, "{words} was never recorded");
    }
}

/// Whether the process lives; what nobody took leave of does not.
#[cfg(target_os = "linux")]
fn lives(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// A console that is killed while its gate runs, and the gate's process.
#[cfg(target_os = "linux")]
fn killed(dir: &std::path::Path, fast: &str, last: &str) -> u32 {
    let pytest = super::PYTEST.replace("echo \"== 12 passed in 0.31s ==\"; exit 0", fast);
    std::fs::write(dir.join("api/venv/bin/pytest"), pytest).expect("a file");
    let mut terminal = open(dir);
    terminal.press("jg");
    terminal.until("it begins");
    recorded(dir, "gate The fast ones began");
    let until = Instant::now() + crate::pty::PATIENCE;
    let pid = loop {
        let said = std::fs::read_to_string(dir.join("pid")).unwrap_or_default();
        if let Ok(pid) = said.trim().parse() {
            break pid;
        }
        assert!(Instant::now() < until, "it never wrote its number");
    };
    terminal.until(last);
    terminal.signal("KILL");
    terminal.status();
    pid
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_killed_console_left_running_is_named_by_the_next_and_stopped_only_on_request() {
    let room = trusted("[[bind]]\ntext = \"unit tests*\"\ngate = \"The fast ones\"\nticks = \"itself\"\n");
    let dir = room.path();
    let pid = killed(dir, "echo $$ > ../pid; echo its last words; exec sleep 600", "its last words");
    assert!(lives(pid), "nothing told it to end");
    let (out, err, status) = said(dir, &["gate", "run", "The fast ones"]);
    assert!(status == 2 && err.contains("runs or waits already"), "{out}{err}");
    let mut next = open(dir);
    next.press("j");
    next.until("orphaned");
    next.until("runs on, its console is gone");
    next.until(".log");
    assert!(lives(pid), "it is stopped by nobody but a person");
    next.press("x");
    answer(&mut next, "Stop gate", "y");
    next.until("nobody saw how far it came");
    assert!(!lives(pid));
    assert_eq!(next.leave(), 0);
    let list = parsed(&said(dir, &["gate", "list", "--json"]).0);
    assert_eq!(list["gates"][1]["state"], "unseen");
    let log = std::fs::read_to_string(list["gates"][1]["log"].as_str().expect("a log")).expect("a file");
    assert_eq!(log, "its last words\n");
    let (out, err, status) = said(dir, &["journal", "--verify"]);
    assert_eq!(status, 0, "{out}{err}");
    assert_ne!(parsed(&said(dir, &["items", "--json"]).0)["items"][0]["state"], "done");
}

#[cfg(target_os = "linux")]
#[test]
fn a_gate_that_died_with_its_console_has_no_known_end_and_runs_again() {
    let room = trusted("");
    let dir = room.path();
    // What it says next ends it: nobody reads that any more.
    let pid = killed(dir, "echo $$ > ../pid; while echo .; do sleep 0.1; done; exit 1", "│ .");
    let until = Instant::now() + crate::pty::PATIENCE;
    while lives(pid) {
        assert!(Instant::now() < until, "it goes on without a reader");
    }
    let mut next = open(dir);
    next.press("j");
    next.until("nobody saw how it ended");
    std::fs::write(dir.join("api/venv/bin/pytest"), super::PYTEST).expect("a file");
    next.press("g");
    next.until("passed: 12 passed");
    assert_eq!(next.leave(), 0);
    let out = said(dir, &["journal"]).0;
    let places = ["gate The fast ones began", "nobody saw how it ended", "passed: 12 passed"];
    let places = places.map(|words| out.find(words).unwrap_or_else(|| panic!("{words} in {out}")));
    assert!(places.is_sorted(), "the lost run is closed before the next: {out}");
}
