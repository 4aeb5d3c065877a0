//! A checklist alone: no config, and the file as its team wrote it.

use std::path::Path;

use serde_json::Value;

use crate::cli::{parsed, said};
use crate::pty::Terminal;

const TEXT: &str = "# Release 7\n\n## Before\n\n- [ ] Backup taken\n- [ ] Tests are green: `make test`\n\n\
                    ## Sign-off\n\n- [ ] Engineering lead\n";

fn project(at: &Path, name: &str) -> String {
    let dir = at.join(name);
    std::fs::create_dir_all(&dir).expect("a folder");
    std::fs::write(dir.join("DEPLOY.md"), TEXT).expect("a file");
    dir.join("DEPLOY.md").to_string_lossy().into_owned()
}

fn states(at: &Path, file: &str) -> Vec<String> {
    let (out, err, status) = said(at, &["items", "--json", "--checklist", file]);
    assert_eq!((status, err.as_str()), (0, ""));
    let items: Value = parsed(&out);
    let items = items["items"].as_array().expect("items");
    items.iter().map(|item| item["state"].as_str().expect("state").to_owned()).collect()
}

#[test]
fn a_checklist_makes_a_room_on_its_first_screen_and_holds() {
    let dir = tempfile::tempdir().expect("dir");
    let file = project(dir.path(), "shop");
    let mut terminal = Terminal::start(&["--checklist", &file], dir.path(), 120, 40);
    terminal.until("Backup taken");
    terminal.wait("the sign-off too", |text| text.contains("Engineering lead"));
    let text = terminal.text();
    assert!(text.contains("HOLD") && text.contains("DEPLOY"), "{text}");
    terminal.press("\u{1b}");
    terminal.wait("the overview", |text| {
        text.contains("nothing is watched") && text.contains("Closes not set up")
    });
    assert_eq!(terminal.leave(), 0);
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), TEXT, "unchanged");
}

#[test]
fn ticks_of_a_checklist_alone_are_kept_and_are_not_those_of_another_project() {
    let dir = tempfile::tempdir().expect("dir");
    let (shop, bank) = (project(dir.path(), "shop"), project(dir.path(), "bank"));
    let (_, err, status) = said(dir.path(), &["tick", "Backup taken", "--as", "ines", "--checklist", &shop]);
    assert_eq!((status, err.as_str()), (0, ""));
    assert_eq!(states(dir.path(), &shop), ["done", "open", "open"]);
    assert_eq!(
        states(dir.path(), "shop/DEPLOY.md"),
        ["done", "open", "open"],
        "the same file by another way"
    );
    assert_eq!(states(dir.path(), &bank), ["open", "open", "open"]);
    let (out, _, status) = said(dir.path(), &["doctor", "--checklist", &shop]);
    assert_eq!(status, 0);
    assert!(out.contains("config: there is none: the checklists make the room"), "{out}");
}

#[test]
fn in_what_order_checklists_are_named_chooses_no_other_journal() {
    let dir = tempfile::tempdir().expect("dir");
    let file = project(dir.path(), "shop");
    let back = dir.path().join("shop/BACK.md").to_string_lossy().into_owned();
    std::fs::write(&back, "# Back\n\n- [ ] Old image is kept\n").expect("a file");
    let with = |args: &[&str], files: &[&str]| {
        let mut args = args.to_vec();
        for file in files {
            args.extend(["--checklist", file]);
        }
        said(dir.path(), &args)
    };
    let (_, err, status) = with(&["tick", "Old image is kept", "--as", "ines"], &[&file, &back]);
    assert_eq!((status, err.as_str()), (0, ""));
    let (out, err, _) = with(&["items"], &[&back, &file]);
    assert!(out.contains("done     Old image is kept") && err.is_empty(), "{out}{err}");
    let (out, err, _) = with(&["items"], &[&back]);
    assert!(out.contains("open     Old image is kept"), "{out}");
    assert!(err.starts_with("note: the journal is ") && err.contains("DEPLOY-"), "{err}");
    let (_, err, status) = with(&["items", "--json"], &["shop"]);
    assert_eq!(status, 2);
    assert!(err.contains("it is a directory; name a Markdown file in it"), "{err}");
}

#[test]
fn a_checklist_that_cannot_be_read_is_no_success_for_a_script() {
    let dir = tempfile::tempdir().expect("dir");
    let file = project(dir.path(), "shop");
    let config = dir.path().join("c.toml").to_string_lossy().into_owned();
    std::fs::write(&config, "[room]\nchecklists = [\"shop/DEPLOY.md\", \"gone.md\"]\n").expect("a config");
    for args in [vec!["items", "--json"], vec!["items"], vec!["gate", "list"]] {
        let (out, err, status) = said(dir.path(), &[args, vec!["--config", &config]].concat());
        assert_eq!(status, 1, "{out}");
        assert!(err.contains("warning: gone.md: no such file"), "{err}");
    }
    assert_eq!(said(dir.path(), &["items", "--checklist", &file]).2, 0);
}

#[test]
fn a_config_drafted_later_keeps_the_ticks() {
    let dir = tempfile::tempdir().expect("dir");
    std::fs::write(dir.path().join("DEPLOY.md"), TEXT).expect("a file");
    assert_eq!(said(dir.path(), &["tick", "Backup taken", "--checklist", "DEPLOY.md"]).2, 0);
    let (out, err, status) = said(dir.path(), &["init", "DEPLOY.md"]);
    assert_eq!((err.as_str(), status), ("", 0));
    assert!(out.contains("goes on with the journal"), "{out}");
    let (out, _, _) = said(dir.path(), &["items", "--json"]);
    assert_eq!(parsed(&out)["items"][0]["state"], "done", "{out}");
}

#[test]
fn a_checklist_that_is_not_there_makes_no_room() {
    let dir = tempfile::tempdir().expect("dir");
    for command in ["items", "verdict"] {
        let (out, err, status) = said(dir.path(), &[command, "--checklist", "typo/DEPLOY.md"]);
        assert_eq!((out.as_str(), status), ("", 2), "{err}");
        assert!(err.contains("the checklist typo/DEPLOY.md cannot be read"), "{err}");
    }
    let mut terminal = Terminal::start(&["--checklist", "typo/DEPLOY.md"], dir.path(), 80, 24);
    terminal.until("the checklist typo/DEPLOY.md cannot be read");
    assert_eq!(terminal.status(), 2);
}
