//! The gates view on a real terminal.

use std::time::Duration;

use super::{DOCUMENT, git, trusted};
use crate::pty::Terminal;

fn open(dir: &std::path::Path) -> Terminal {
    let mut terminal = Terminal::start(&["--config", "config.toml"], dir, 120, 40);
    terminal.until("Checklist");
    terminal.press(":gates");
    terminal.until(": gates");
    terminal.press("\r");
    terminal.until("The fast ones");
    terminal
}

/// Past the half second in which a dialog takes nothing.
fn answer(terminal: &mut Terminal, dialog: &str, key: &str) {
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
    terminal.until("40 passed, 1 failed");
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
        "test -t 0 && read -r P && test \"$P\" = sesame",
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
    assert!(terminal.restored());
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
}
