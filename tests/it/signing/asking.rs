//! What asks before it acts, on a terminal; without one it refuses.

use std::path::Path;

use super::{good, item, refused, room, unasked};
use crate::pty::Terminal;

fn ask(dir: &Path, args: &[&str], question: &str) -> Terminal {
    let mut terminal = Terminal::start(args, dir, 100, 30);
    terminal.until(question);
    terminal
}

fn answered(mut terminal: Terminal, keys: &str) -> (u32, String) {
    terminal.press(keys);
    (terminal.status(), terminal.text())
}

#[test]
fn a_rollout_begins_and_ends_only_after_a_yes() {
    let room = room("");
    let dir = room.path();
    good(dir, &["tick", "unit tests"]);
    unasked(dir, &["rollout", "begin", "9f1ce27"], "candidate    9f1ce27\n    baseline     not known\n");
    let begin = ["rollout", "begin", "9f1ce27"];
    for (keys, status) in [("no\r", 1), ("\r", 1), ("\x03", 130)] {
        let terminal = ask(dir, &begin, "type yes, and it begins: ");
        let text = terminal.text();
        for part in [
            "a rollout begins",
            "environment  production",
            "candidate    9f1ce27",
            "baseline     not known",
            "▲ items of before that do not count for it: 1 signed off",
        ] {
            assert!(text.contains(part), "{part} in:\n{text}");
        }
        let (ended, text) = answered(terminal, keys);
        assert!(ended == status && text.contains("no rollout was begun"), "{keys:?} {ended}:\n{text}");
        assert_eq!(item(dir, "unit")["state"], "done");
    }
    let (status, text) = answered(ask(dir, &begin, "it begins: "), "yes\r");
    assert!(status == 0 && text.contains("rollout r2 begun by mara"), "{text}");

    unasked(dir, &["rollout", "end", "completed"], "▲ left over: 1 item required and open");
    let end = ["rollout", "end", "rolled-back", "--note", "4401"];
    let terminal = ask(dir, &end, "type yes, and it ends: ");
    let text = terminal.text();
    assert!(text.contains("rollout r2 ends: rolled back") && text.contains("candidate    9f1ce27"), "{text}");
    let (status, text) = answered(terminal, "y\r");
    assert!(status == 1 && text.contains("the rollout was not ended"), "{text}");
    // While a question stands there, somebody else answers it.
    let terminal = ask(dir, &end, "it ends: ");
    good(dir, &["rollout", "end", "completed", "--yes"]);
    let (status, text) = answered(terminal, "yes\r");
    assert!(status == 1 && text.contains("rollout r2 is over"), "{text}");
    assert!(good(dir, &["rollout", "show"]).contains("completed by mara"));
    let (status, text) = answered(ask(dir, &["tick", "unit tests"], "said of that one: "), "yes\r");
    assert!(status == 0 && text.contains("(of rollout r2, which is over)"), "{text}");
}

#[test]
fn init_asks_before_it_writes_over_a_config() {
    let room = room("");
    let dir = room.path();
    let config = || std::fs::read_to_string(dir.join("config.toml")).expect("config");
    let mine = config();
    refused(dir, &["init", "r.md"], "config.toml was not written");
    for keys in ["no\r", "\x04", "\x03"] {
        let (status, text) = answered(ask(dir, &["init", "r.md"], "anything else keeps it: "), keys);
        assert!(status != 0 && text.contains("config.toml was not written"), "{text}");
        assert_eq!(config(), mine);
    }
    let (status, text) = answered(ask(dir, &["init", "r.md"], "config.toml exists"), "yes\r");
    assert!(status == 0 && text.contains("wrote config.toml"), "{text}");
    assert_ne!(config(), mine);
    assert_eq!(item(dir, "unit")["state"], "open", "it loads");
    let left: Vec<_> = std::fs::read_dir(dir).expect("dir").filter_map(Result::ok).collect();
    assert!(left.iter().all(|file| !file.file_name().to_string_lossy().ends_with(".new")), "{left:?}");
}
