//! A long checklist through the real binary, with the keys a person types: filters, search, the next open item, the
//! editor; and what was folded stays so the next time.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::pty::Terminal;

const CONFIG: &str = "[room]\nname = \"t\"\nchecklists = [\"r.md\"]\n[store]\npath = \"s.db\"\n";

fn room(at: &Path, checklists: &str) -> Terminal {
    std::fs::write(at.join("c.toml"), CONFIG.replace("\"r.md\"", checklists)).expect("a config");
    let mut terminal = Terminal::start(&["--config", "c.toml", "--role", "commander"], at, 120, 38);
    terminal.until("Checklist");
    terminal.press("6");
    terminal.until("▾ ");
    terminal
}

#[test]
fn a_fold_is_remembered_across_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let text = "# Release\n\n## Security\n\n- [ ] tokens rotated\n- [ ] keys counted\n\n## Data\n\n- [ ] backup taken\n";
    std::fs::write(at.join("r.md"), text).expect("a checklist");
    let mut terminal = room(at, "\"r.md\"");
    terminal.until("keys counted");
    // The cursor stands on the first item; the fold takes its heading.
    terminal.press("h");
    terminal.until("▸ Security");
    terminal.gone("keys counted");
    assert_eq!(terminal.leave(), 0, "{}", terminal.text());

    let mut terminal = room(at, "\"r.md\"");
    terminal.until("▸ Security");
    // What is read first is drawn first: the frame may be half here.
    terminal.gone("keys counted");
    // The first item that is listed is another heading's now: up over that to the folded one.
    terminal.press("kkl");
    terminal.until("keys counted");
    assert_eq!(terminal.leave(), 0, "{}", terminal.text());

    let mut terminal = room(at, "\"r.md\"");
    terminal.until("▾ Security");
    terminal.until("keys counted");
    assert_eq!(terminal.leave(), 0, "{}", terminal.text());
}

/// Twenty sections with six items each; the fifth is a step without a box below a heading of its own.
fn chapter(name: &str) -> String {
    let mut text = format!("# {name}\n");
    for n in 1..=20 {
        let _ = write!(
            text,
            "\n## {name} part {n}\n\n- [ ] {name} read {n} (required)\n- [ ] {name} ask {n} (Commander)\n- [ ] {name} look \
             {n} @mara\n- [ ] {name} write {n}\n\n### Verification\n\n1. {name} verify {n}\n2. {name} compare {n}\n"
        );
    }
    text
}

/// The operator's editor in the folder `at`: says with what it was called, then does `rest`.
fn editor(at: &Path, rest: &str) {
    let path = at.join("vim");
    std::fs::write(&path, format!("#!/bin/sh\necho \"EDITING $1 $2\"\n{rest}\n")).expect("a file");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("permissions");
}

#[test]
fn a_checklist_of_two_chapters_and_240_items_is_walked_with_keys() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    std::fs::write(at.join("app.md"), chapter("App")).expect("a checklist");
    std::fs::write(at.join("data.md"), chapter("Data")).expect("a checklist");
    editor(at, "read answer");
    let mut terminal = room(at, "\"app.md\", \"data.md\"");
    terminal.until("0/240");
    terminal.until("App read 1");

    // The next open item, past what was ticked.
    terminal.press(" ");
    terminal.until("1/240");
    terminal.press("n");
    terminal.until("app.md:6");

    // Every kind of items that there is, and its title.
    terminal.press("o");
    terminal.until("open only 239");
    terminal.press("o");
    terminal.gone("open only 239");
    terminal.press("r");
    terminal.until("my role 40");
    terminal.press("r");
    for (kind, count) in [("mine", 41), ("lapsed", 1), ("inferred", 80)] {
        if kind == "lapsed" {
            // What was ticked has another text now.
            let text = chapter("App").replace("App read 1 ", "App read the first ");
            std::fs::write(at.join("app.md"), text).expect("a checklist");
            terminal.until("read the first");
        }
        terminal.press(&format!(":show {kind}\r"));
        terminal.until(&format!("{kind} {count}"));
    }
    // Esc takes the filter away, not the list.
    terminal.press("\x1b");
    terminal.gone("inferred 80");
    terminal.until("0/240");

    // A search goes into the second chapter, and `n` stays in what it found.
    terminal.press("/data read 1\r");
    terminal.until("\"data read 1\" 11");
    terminal.until("data.md:5");
    terminal.press("n");
    terminal.until("data.md:113");
    terminal.press("e");
    terminal.until("EDITING +113");
    terminal.press("\r");
    terminal.until("\"data read 1\" 11");
    terminal.press("\x1b");
    terminal.gone("\"data read 1\"");
    // The cursor stays on its item.
    terminal.until("data.md:113");
    assert_eq!(terminal.leave(), 0, "{}", terminal.text());
}

/// Two documents with findings, of which one is settled by what the editor writes.
#[test]
fn findings_stand_by_document_open_the_editor_at_their_line_and_go_when_they_are_settled() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let query = "```promql\nrate(errors[5m]) by (code)\n```\n";
    std::fs::write(at.join("app.md"), format!("# App\n\n- [ ] one\n\n## Watch\n\n{query}"))
        .expect("a checklist");
    let contact = "# Data\n\n- [ ] two\n\n## Contacts\n\n- On call: [Contact Info]\n- Vendor: TBD\n";
    std::fs::write(at.join("data.md"), contact).expect("a checklist");
    editor(at, "read -r answer\nsed -i.before \"s/$answer/Noor, 0142/\" \"$2\"");
    let mut terminal = room(at, "\"app.md\", \"data.md\"");
    terminal.press("!");
    terminal.until("Findings 3 in 2 documents");
    // The cursor stands on the first, with the lines of the file around it and a form of the query that would be right.
    terminal.until("▸    8  rate(errors[5m]) by (code)");
    terminal.until("sum by (code) (rate(errors[5m]))");
    // Past the heading of the second document.
    terminal.press("jj");
    terminal.until("▸    7  - On call: [Contact Info]");
    terminal.press("e");
    terminal.until("EDITING +7 ");
    terminal.press("\\[Contact Info\\]\r");
    terminal.until("Findings 2 in 2 documents");
    terminal.until("▸    8  - Vendor: TBD");
    assert!(!terminal.text().contains("Contact Info"), "{}", terminal.text());
    terminal.press("e");
    terminal.until("EDITING +8 ");
    terminal.press("TBD\r");
    terminal.until("Findings 1 in 2 documents");
    terminal.press("\x1b");
    terminal.gone("Findings 1");
    terminal.until("1 finding");
    assert_eq!(terminal.leave(), 0, "{}", terminal.text());
}
