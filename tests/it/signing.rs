//! Signing off with the real binary: states, roles, rollouts, lapse, and ticks written back into the file.

mod asking;
mod console;
mod headless;
mod rollouts;
mod rules;
mod two;

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::cli::{parsed, said};

const CHECKLIST: &str = "# Release\n\n## Checks\n\n- [ ] unit tests pass (required)\n- [ ] load test at twice the rate\n\
                         - [x] lint is clean\n\n## Sign-off\n\n- [ ] QA\n\n## Rollback triggers\n\n- [ ] complaints in support\n";

fn room(more: &str) -> TempDir {
    let dir = tempfile::tempdir().expect("dir");
    let config = format!(
        "[room]\nname = \"t\"\nenvironment = \"production\"\nchecklists = [\"r.md\"]\n[operator]\nname = \"mara\"\n\
         role = \"deployer\"\n[store]\npath = \"room.db\"\n{more}"
    );
    std::fs::write(dir.path().join("config.toml"), config).expect("config");
    std::fs::write(dir.path().join("r.md"), CHECKLIST).expect("checklist");
    dir
}

/// Runs it, and wants it to succeed.
fn good(dir: &Path, args: &[&str]) -> String {
    let (out, err, status) = said(dir, args);
    assert_eq!((err.as_str(), status), ("", 0), "{args:?}: {out}");
    out
}

fn refused(dir: &Path, args: &[&str], why: &str) {
    let (out, err, status) = said(dir, args);
    assert!(out.is_empty() && status == 1 && err.contains(why) && err.contains("next: "), "{args:?}: {err}");
}

/// What it would ask for and cannot: there is no terminal.
fn unasked(dir: &Path, args: &[&str], why: &str) {
    let (out, err, status) = said(dir, args);
    let told =
        err.contains(why) && err.contains("no terminal to ask on\n  next: if that is meant, add --yes\n");
    assert!(out.is_empty() && status == 2 && told, "{args:?}: {status} {err}");
}

/// The item with this in its text.
fn item(dir: &Path, part: &str) -> Value {
    let out = parsed(&good(dir, &["items", "--json"]));
    let items = out["items"].as_array().expect("items").clone();
    let found = items.into_iter().find(|item| item["text"].as_str().is_some_and(|text| text.contains(part)));
    found.expect("the item")
}

#[test]
fn an_item_is_done_not_applicable_failed_or_waived_each_with_its_reason() {
    let room = room("");
    let dir = room.path();
    refused(dir, &["tick", "unit tests", "--state", "waived"], "waived wants a reason");
    refused(dir, &["tick", "unit tests", "--state", "happened"], "an item cannot be happened");
    refused(dir, &["tick", "complaints"], "next: if it happened, say --state happened");
    let out = good(dir, &["tick", "unit tests", "--state", "failed", "--reason", "2 of 40 fail"]);
    assert_eq!(out, "failed by mara, record 1: unit tests pass (required)\n");
    let unit = item(dir, "unit");
    assert_eq!((&unit["state"], &unit["note"]), (&"failed".into(), &"2 of 40 fail".into()));
    let out = good(dir, &["tick", "unit tests", "--state", "waived", "--reason", "known, CHG-1"]);
    assert!(out.ends_with("unit tests pass (required); before that it was failed by mara\n"), "{out}");
    good(dir, &["tick", "load test", "--state", "not-applicable", "--reason", "no traffic"]);
    good(dir, &["tick", "lint", "--note", "0 warnings"]);
    let states = ["unit", "load", "lint"].map(|part| item(dir, part)["state"].clone());
    assert_eq!(states, ["waived", "not_applicable", "done"]);
    let out = good(dir, &["items"]);
    assert!(
        out.contains("waived   unit tests pass (required)  [mara ") && out.contains("known, CHG-1"),
        "{out}"
    );
    let out = good(dir, &["journal", "--verify"]);
    assert!(out.starts_with("whole: 4 records"), "{out}");
    // The file alone is enough.
    let store = dir.join("room.db").display().to_string();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let out = good(elsewhere.path(), &["--store", &store, "journal", "--verify"]);
    assert!(out.starts_with("whole: 4 records"), "{out}");
}

#[test]
fn an_approval_given_elsewhere_is_never_the_approvers_own() {
    let room = room("");
    let dir = room.path();
    assert_eq!(said(dir, &["tick", "QA", "--approved-by", "Ines"]).2, 2, "without a link");
    let link = "https://chat.example.com/1";
    let out = good(dir, &["tick", "QA", "--approved-by", "Ines", "--link", link]);
    assert_eq!(out, "approval by Ines recorded by mara, record 1: QA\n");
    let qa = item(dir, "QA");
    assert_eq!((&qa["by"], &qa["approved_by"], &qa["link"]), (&"mara".into(), &"Ines".into(), &link.into()));
    let out = good(dir, &["items"]);
    assert!(out.contains("[approved by Ines, recorded by mara ") && out.contains(link), "{out}");
}

#[test]
fn a_rollout_begins_has_its_t0_and_ends_and_ticks_belong_to_it() {
    let room = room("");
    let dir = room.path();
    refused(dir, &["rollout", "end", "completed", "--yes"], "no rollout has begun");
    good(dir, &["tick", "unit tests"]);
    let set_aside = "items of before that do not count for it: 1 signed off";
    unasked(dir, &["rollout", "begin", "9f1ce27"], set_aside);
    let out = good(dir, &["rollout", "begin", "9f1ce27", "--yes"]);
    assert_eq!(out, format!("rollout r2 begun by mara; {set_aside}\n"));
    assert_eq!(item(dir, "unit")["state"], "open");
    refused(dir, &["rollout", "begin", "--yes"], "rollout r2 of mara is not over");
    good(dir, &["rollout", "t0"]);
    refused(dir, &["rollout", "t0"], "T0 was ");
    let out = good(dir, &["rollout", "end", "rolled-back", "--note", "4401", "--yes"]);
    assert!(
        out.contains("rolled back by mara") && out.contains("left over: 1 item required and open"),
        "{out}"
    );
    let out = good(dir, &["rollout", "show"]);
    assert!(
        out.contains("environment production\ncandidate 9f1ce27\n") && out.contains("rolled back by mara at"),
        "{out}"
    );
    // Whoever goes on ticking may mean the next one.
    unasked(dir, &["tick", "unit tests"], "rollout r2 was rolled back by mara at");
    assert_eq!(item(dir, "unit")["state"], "open");
    let out = good(dir, &["tick", "unit tests", "--yes"]);
    assert!(out.contains("(of rollout r2, which is over): unit tests"), "{out}");
    let bad = good(dir, &["tick", "load test", "--state", "failed", "--reason", "after all"]);
    assert!(bad.contains("which is over"), "bad news are taken as they come: {bad}");
    let out = good(dir, &["rollout", "begin", "--yes"]);
    assert!(out.ends_with("do not count for it: 1 signed off, 1 failed\n"), "{out}");
}

#[test]
fn a_changed_text_asks_again_until_it_is_ticked_again() {
    let room = room("");
    let dir = room.path();
    good(dir, &["tick", "load test"]);
    let changed = CHECKLIST.replace("at twice the rate", "at three times the rate");
    std::fs::write(dir.join("r.md"), &changed).expect("checklist");
    let load = item(dir, "load");
    assert_eq!(load["state"], "lapsed");
    assert_eq!(load["lapsed"], "its text changed, was: load test at twice the rate");
    good(dir, &["tick", "load test"]);
    assert_eq!(item(dir, "load")["state"], "done");
}

#[test]
fn ticks_are_written_into_a_copy_and_the_original_only_when_told() {
    let room = room("");
    let dir = room.path();
    let before = CHECKLIST.replace('\n', "\r\n");
    std::fs::write(dir.join("r.md"), &before).expect("checklist");
    good(dir, &["tick", "unit tests", "--note", "40 of 40"]);
    good(dir, &["tick", "load test", "--state", "waived", "--reason", "no traffic"]);
    let copy = good(dir, &["export", "--checklist", "r.md"]);
    let changed: Vec<(&str, &str)> =
        before.lines().zip(copy.lines()).filter(|(old, new)| old != new).collect();
    let [(_, unit), (_, load)] = changed.as_slice() else { panic!("{copy}") };
    assert!(unit.starts_with("- [x] unit tests pass (required) <!-- warroom: done by mara, 20"), "{unit}");
    assert!(unit.ends_with("Z: 40 of 40 -->"), "{unit}");
    assert!(load.starts_with("- [ ] load test at twice the rate <!-- warroom: waived by mara, 20"), "{load}");
    assert_eq!(copy.matches("\r\n").count(), before.matches("\r\n").count());
    assert_eq!(std::fs::read_to_string(dir.join("r.md")).expect("read"), before, "the original stays");
    good(dir, &["export", "--checklist", "r.md", "--out", "copy.md"]);
    assert_eq!(std::fs::read_to_string(dir.join("copy.md")).expect("read"), copy);
    std::fs::write(dir.join("copy.md"), "mine").expect("a file");
    let (_, why, status) = said(dir, &["export", "--checklist", "r.md", "--out", "copy.md"]);
    assert!(status == 1 && why.contains("--force"), "{why}");
    assert_eq!(std::fs::read_to_string(dir.join("copy.md")).expect("read"), "mine", "what is there is kept");
    good(dir, &["export", "--checklist", "r.md", "--out", "copy.md", "--force"]);
    assert_eq!(std::fs::read_to_string(dir.join("copy.md")).expect("read"), copy);
    let (_, why, status) = said(dir, &["export", "--checklist", "r.md", "--out", "./r.md", "--force"]);
    assert!(status == 2 && why.contains("--in-place"), "{why}");
    assert_eq!(std::fs::read_to_string(dir.join("r.md")).expect("read"), before, "the original stays");
    let out = good(dir, &["export", "--checklist", "r.md", "--in-place"]);
    assert_eq!(out, "2 of 5 items written to r.md\n");
    assert_eq!(std::fs::read_to_string(dir.join("r.md")).expect("read"), copy);
    // The comment is no part of the item: what was said of it still holds, and is not written twice.
    assert_eq!(item(dir, "unit")["state"], "done");
    assert_eq!(good(dir, &["export", "--checklist", "r.md"]), copy);
    for args in [&["export"][..], &["export", "--checklist", "r.md", "--out", "x", "--in-place"]] {
        assert_eq!(said(dir, args).2, 2, "{args:?}");
    }
    let left: Vec<_> = std::fs::read_dir(dir).expect("dir").filter_map(Result::ok).collect();
    assert!(left.iter().all(|file| !file.file_name().to_string_lossy().ends_with(".new")), "{left:?}");
}

#[test]
fn production_wants_stagings_evidence_for_the_same_candidate() {
    let staging = room("");
    let database = staging.path().join("room.db");
    let room = room(&format!("[signoff]\nrequires_evidence_from = \"{}\"\n", database.display()));
    let dir = room.path();
    let missing = || parsed(&good(dir, &["items", "--json"]))["missing"].to_string();
    assert_eq!(missing(), "[]", "nothing goes forward yet");
    good(dir, &["rollout", "begin", "sha256:9f1ce27a45", "--yes"]);
    assert!(missing().contains("cannot be read"), "{}", missing());
    good(staging.path(), &["rollout", "begin", "sha256:9f1ce27a45", "--yes"]);
    assert!(missing().contains("has completed no rollout of sha256:9f1ce27a"), "{}", missing());
    let (out, _, status) = said(dir, &["verdict", "--warm-up", "3s", "--json"]);
    let reasons = parsed(&out)["verdict"]["reasons"].to_string();
    assert!(status == 10 && reasons.contains("has completed no rollout of"), "{out}");
    good(staging.path(), &["rollout", "end", "completed", "--yes"]);
    assert!(missing().contains("completed its rollout of sha256:9f1ce27a with 1 thing not signed off"));
    good(staging.path(), &["rollout", "begin", "sha256:9f1ce27a45", "--yes"]);
    good(staging.path(), &["tick", "unit tests"]);
    good(staging.path(), &["rollout", "end", "completed", "--yes"]);
    assert_eq!(missing(), "[]");
    let (out, _, _) = said(dir, &["verdict", "--warm-up", "3s", "--json"]);
    let seen = parsed(&out);
    assert!(!seen["verdict"]["reasons"].to_string().contains("evidence is missing"), "{out}");
    assert_eq!(seen["rollout"]["candidate"], "sha256:9f1ce27a45");
}

#[test]
fn init_writes_a_config_that_loads_and_never_over_another_one() {
    let dir = tempfile::tempdir().expect("dir");
    let dir = dir.path();
    std::fs::write(dir.join("DEPLOY.md"), CHECKLIST).expect("checklist");
    std::fs::write(dir.join("README.md"), "# Not one\n\n- a bullet\n").expect("readme");
    let drafted = good(dir, &["init", "-"]);
    assert!(
        drafted.contains("checklists = [\"DEPLOY.md\"]") && !dir.join("config.toml").exists(),
        "{drafted}"
    );
    let out = good(dir, &["init"]);
    assert!(out.starts_with("read DEPLOY.md: ") && out.contains("wrote config.toml"), "{out}");
    assert_eq!(std::fs::read_to_string(dir.join("config.toml")).expect("read"), drafted);
    assert_eq!(item(dir, "unit")["state"], "open");
    std::fs::write(dir.join("config.toml"), "# mine\n").expect("write");
    refused(dir, &["init", "DEPLOY.md"], "config.toml was not written");
    assert_eq!(std::fs::read_to_string(dir.join("config.toml")).expect("read"), "# mine\n");
    good(dir, &["init", "--force", "DEPLOY.md"]);
    assert_eq!(std::fs::read_to_string(dir.join("config.toml")).expect("read"), drafted);
    refused(dir, &["init", "-", "gone.md"], "no checklist could be read");
}

#[test]
fn a_document_alone_is_a_room_and_keeps_its_ticks_from_wherever_it_is_named() {
    let dir = tempfile::tempdir().expect("dir");
    let dir = dir.path();
    std::fs::create_dir_all(dir.join("docs/elsewhere")).expect("folders");
    std::fs::write(dir.join("docs/DEPLOY.md"), CHECKLIST).expect("checklist");
    std::fs::write(dir.join("docs/elsewhere/DEPLOY.md"), CHECKLIST).expect("checklist");
    let (_, err, status) = said(dir, &["items"]);
    assert!(status == 2 && err.contains("open a checklist alone with --checklist FILE"), "{err}");
    let ticks = ["tick", "unit tests", "--checklist", "docs/DEPLOY.md", "--as", "mara"];
    assert_eq!(good(dir, &ticks), "ticked by mara, record 1: unit tests pass (required)\n");
    let whole = dir.join("docs/DEPLOY.md").display().to_string();
    for (from, name) in [("", "./docs/../docs/DEPLOY.md"), ("docs", "DEPLOY.md"), ("docs/elsewhere", &*whole)]
    {
        // The platform's folder for data stays where it is.
        let run = std::process::Command::new(env!("CARGO_BIN_EXE_warroom"))
            .args(["items", "--json", "--checklist", name])
            .current_dir(dir.join(from))
            .env("HOME", dir)
            .env("XDG_CONFIG_HOME", dir)
            .output()
            .expect("it runs");
        let items = parsed(&String::from_utf8_lossy(&run.stdout));
        assert_eq!(
            (&items["items"][0]["state"], &items["items"][0]["by"]),
            (&"done".into(), &"mara".into()),
            "{name}"
        );
    }
    let other = good(dir, &["items", "--checklist", "docs/elsewhere/DEPLOY.md"]);
    assert!(other.starts_with("DEPLOY.md 0/4"), "another file of that name is another room: {other}");
    // With a config, a file of it that is named once more is the same one.
    let config = "[room]\nname = \"t\"\nchecklists = [\"docs/DEPLOY.md\"]\n[operator]\nname = \"mara\"\n[store]\npath = \"room.db\"\n";
    std::fs::write(dir.join("config.toml"), config).expect("config");
    good(dir, &["tick", "unit tests"]);
    let out = good(dir, &["items", "--checklist", "./docs/DEPLOY.md"]);
    assert!(out.starts_with("docs/DEPLOY.md 1/4") && out.matches("unit tests").count() == 1, "{out}");
}

#[test]
fn nobody_signs_without_a_name() {
    let room = room("");
    let dir = room.path();
    refused(dir, &["tick", "unit tests", "--as", "unknown"], "nobody knows who you are");
}
