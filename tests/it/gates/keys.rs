//! Gates by keys in the checklist and the gates view: an item's, a section's, one that changes something, one that floods.

use std::time::{Duration, Instant};

use super::console::{answer, open};
use super::trusted;
use crate::cli::{parsed, said};
use crate::pty::Terminal;

fn checklist(dir: &std::path::Path) -> Terminal {
    let mut terminal = Terminal::start(&["--config", "config.toml"], dir, 120, 40);
    terminal.until("Checklist");
    terminal.press("6");
    terminal.until("Unit tests pass");
    // That its commands are trusted stands in the journal, which is read after the files.
    terminal.until("journal ✓ 1");
    terminal
}

#[test]
fn the_key_on_an_item_runs_its_gates_and_a_pass_ticks_it() {
    let bind = "[[bind]]\ntext = \"unit tests*\"\ngate = \"The fast ones\"\nticks = \"itself\"\n";
    let room = trusted(bind);
    let dir = room.path();
    let mut terminal = checklist(dir);
    terminal.press("g");
    terminal.until("1/3");
    assert_eq!(terminal.leave(), 0);
    let items = parsed(&said(dir, &["items", "--json"]).0);
    assert_eq!(items["items"][0]["state"], "done", "{items}");
    // Both gates of the item ran, in their order, and the failure of the first stopped nothing.
    let list = parsed(&said(dir, &["gate", "list", "--json"]).0);
    let gate = |at: usize| (list["gates"][at]["state"].clone(), list["gates"][at]["record"].as_u64());
    assert_eq!((gate(0).0, gate(1).0), ("failed".into(), "passed".into()));
    assert!(gate(0).1 < gate(1).1);
    assert_eq!(list["gates"][2]["state"], "never");
}

#[test]
fn the_key_on_a_section_runs_its_gates_in_order_and_no_mutation() {
    let room = trusted("");
    let dir = room.path();
    let mut terminal = checklist(dir);
    // The cursor stands on the document: all of its gates.
    terminal.press("kkkkkkkk");
    terminal.press("g");
    terminal.until("3 gates, one at a time");
    terminal.until("Nothing answers yet failed");
    assert_eq!(terminal.leave(), 0);
    let list = parsed(&said(dir, &["gate", "list", "--json"]).0);
    let states: Vec<_> = (0..4).map(|at| list["gates"][at]["state"].as_str().unwrap_or_default()).collect();
    assert_eq!(states, ["failed", "passed", "failed", "never"]);
    assert!(!dir.join("migrated").exists());
}

#[test]
fn on_an_item_the_gates_run_and_what_changes_something_is_left_out_and_said() {
    let room = trusted("");
    let dir = room.path();
    let text = "# A\n\n- [ ] Looked at\n\n  ```bash\n  test 1 = 2\n  touch changed\n  test 1 = 1\n  ```\n";
    std::fs::write(dir.join("r.md"), text).expect("a checklist");
    assert_eq!(said(dir, &["trust", "r.md", "--yes"]).2, 0);
    let mut terminal = Terminal::start(&["--config", "config.toml"], dir, 120, 40);
    terminal.until("Checklist");
    terminal.press("6");
    terminal.until("☐ Looked at");
    terminal.until("journal ✓ 2");
    terminal.press("g");
    terminal.until("2 gates, one at a time; 1 left out: changes something");
    terminal.until("✗ Looked at");
    terminal.until("gate failed");
    terminal.until("test 1 = 1 passed");
    assert_eq!(terminal.leave(), 0);
    assert!(!dir.join("changed").exists());
}

#[test]
fn what_changes_something_runs_after_its_word_was_typed() {
    let room = trusted("");
    let dir = room.path();
    let mut terminal = open(dir);
    terminal.press("jjjg");
    answer(&mut terminal, "Run a command", "\r");
    assert!(!dir.join("migrated").exists(), "enter alone cancels");
    terminal.press("g");
    terminal.until("Run a command");
    terminal.type_word("touch");
    terminal.press("\r");
    terminal.until("done: exit 0");
    assert!(dir.join("migrated").exists());
    assert_eq!(terminal.leave(), 0);
    let out = said(dir, &["journal"]).0;
    let places = ["Migrated requested", "Migrated began", "ACCEPTED", "EFFECTIVE: exit 0"];
    let places = places.map(|words| out.find(words).unwrap_or_else(|| panic!("{words} in {out}")));
    assert!(places.is_sorted(), "the intent comes first: {out}");
}

/// The median time from a key to its frame, over some keys: `?` opens the help, and its end closes it.
fn key_to_screen(terminal: &mut Terminal) -> Duration {
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..10 {
        let began = Instant::now();
        terminal.press("?");
        terminal.until("Everywhere");
        times.push(began.elapsed());
        let began = Instant::now();
        terminal.press("\x1b[27u");
        terminal.gone("Everywhere");
        times.push(began.elapsed());
    }
    times.sort();
    times[times.len() / 2]
}

#[test]
fn keys_are_answered_while_a_gate_floods() {
    let room = trusted("[[gate]]\nname = \"flood\"\ncommand = \"yes 'a line of output that never ends'\"\n");
    let dir = room.path();
    let mut terminal = open(dir);
    let quiet = key_to_screen(&mut terminal);
    terminal.press("g");
    terminal.wait("a page of it", |screen| screen.matches("a line of output that never ends").count() > 10);
    let flooded = key_to_screen(&mut terminal);
    println!(
        "key to screen: quiet {quiet:?}, flooded {flooded:?}, {:.1}×",
        flooded.as_secs_f64() / quiet.as_secs_f64()
    );
    terminal.press("x");
    answer(&mut terminal, "Stop gate", "y");
    terminal.until("stopped: before it ended");
    assert_eq!(terminal.leave(), 0);
    let list = parsed(&said(dir, &["gate", "list", "--json"]).0);
    let log = std::fs::metadata(list["gates"][0]["log"].as_str().expect("a log")).expect("a file");
    assert!(log.len() < 8_100_000, "{}", log.len());
}

#[test]
fn the_same_gate_leaves_the_same_record_from_both_places() {
    let room = trusted("");
    let dir = room.path();
    assert_eq!(said(dir, &["gate", "run", "The fast ones"]).2, 0);
    let mut terminal = open(dir);
    terminal.press("j");
    terminal.until("12 passed");
    terminal.press("g");
    terminal.wait("two runs", |screen| screen.matches("12 passed").count() >= 4);
    assert_eq!(terminal.leave(), 0);
    let out = said(dir, &["journal", "--json"]).0;
    let ends: Vec<serde_json::Value> = out
        .lines()
        .map(parsed)
        .filter(|record| record.to_string().contains("\"outcome\":\"passed\""))
        .collect();
    assert_eq!(ends.len(), 2, "{out}");
    for end in &ends {
        let text = end.to_string();
        assert!(text.contains("12 passed") && text.contains("\"commit\":\""), "{text}");
    }
    let keys =
        |value: &serde_json::Value| value.as_object().map(|map| map.keys().cloned().collect::<Vec<_>>());
    assert_eq!(keys(&ends[0]), keys(&ends[1]));
}

#[test]
fn a_run_without_a_console_writes_down_no_verdict() {
    let room = trusted("");
    let dir = room.path();
    for _ in 0..2 {
        let (out, _, status) = said(dir, &["gate", "run", "Nothing answers yet"]);
        assert!(status == 1 && out.contains("failed"), "{out}");
    }
    let out = said(dir, &["journal"]).0;
    assert!(out.contains("Nothing answers yet") && !out.contains("verdict"), "{out}");
}
