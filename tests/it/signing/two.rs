//! Two consoles on one journal, each in a terminal of its own.

use std::path::Path;

use super::{item, room};
use crate::cli::said;
use crate::pty::Terminal;

fn console(dir: &Path, who: &str, role: &str) -> Terminal {
    let config = dir.join("config.toml");
    let args = ["--config", &config.to_string_lossy(), "--as", who, "--role", role];
    let mut terminal = Terminal::start(&args, dir, 120, 40);
    terminal.until("Checklist");
    terminal
}

/// Opens the checklist alone, and puts the cursor on the item with `text`.
fn choose(terminal: &mut Terminal, text: &str) {
    terminal.press("/");
    terminal.until("filter");
    terminal.press("\x15");
    terminal.press(text);
    terminal.press("\r");
    terminal.until(&format!("\"{text}\" 1"));
}

#[test]
fn what_one_console_says_the_other_shows_and_the_rules_hold_for_both() {
    let room = room("[signoff]\nsecond_person = \"always\"\n");
    let dir = room.path();
    let begun = said(dir, &["rollout", "begin", "9f1ce27", "--as", "mara", "--yes"]);
    assert_eq!(begun.2, 0, "{begun:?}");
    let mut mara = console(dir, "mara", "qa");
    let mut ines = console(dir, "ines", "qa");
    for terminal in [&mut mara, &mut ines] {
        terminal.press(":checklist\r");
        terminal.until("complaints in support");
        choose(terminal, "load test");
        terminal.press("n");
    }
    // One ticks; the other sees who it was, without a key.
    mara.press(" ");
    mara.until("ticked");
    ines.wait("mara's tick", |screen| {
        screen.lines().any(|line| line.contains("load test") && line.contains("mara"))
    });
    ines.wait("the record of it", |_| item(dir, "load test")["by"] == "mara");
    // Both tick the same one at once: both are in the journal, one of them stands, and both consoles agree.
    for terminal in [&mut mara, &mut ines] {
        choose(terminal, "unit tests");
        terminal.press("n");
    }
    mara.press(" ");
    ines.press(" ");
    let state = |dir: &Path| item(dir, "unit tests");
    // The words of the tick before may still be there: the rollout's begin and three ticks are in both journals.
    mara.until("journal ✓ 4");
    ines.until("journal ✓ 4");
    for terminal in [&mut mara, &mut ines] {
        // Either may come last, and the last stands.
        terminal.wait("the same name", |screen| {
            let stands = state(dir)["by"].as_str().expect("somebody").to_owned();
            screen.lines().any(|line| line.contains("unit tests") && line.contains(&stands))
        });
    }
    // Who began the rollout does not sign off; somebody else does.
    for terminal in [&mut mara, &mut ines] {
        choose(terminal, "QA");
        terminal.press("n");
    }
    mara.press(" ");
    mara.until("asks for a second person: mara deploys");
    assert_eq!(item(dir, "QA")["state"], "open");
    ines.press(" ");
    // It is shown before it is written.
    ines.wait("the record of it", |_| item(dir, "QA")["state"] == "done");
    assert_eq!(item(dir, "QA")["by"], "ines");
    assert_eq!(said(dir, &["journal", "--verify"]).2, 0);
    for mut terminal in [mara, ines] {
        assert_eq!(terminal.leave(), 0);
    }
}
