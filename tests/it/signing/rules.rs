//! Whose word a sign-off is, and what machines may say for it.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::headless::health;
use super::{good, item, refused, room};
use crate::cli::{parsed, said};
use crate::pty::Terminal;

#[test]
fn nobody_signs_as_the_room() {
    let room = room("");
    let dir = room.path();
    for name in ["room", "Room", " ROOM "] {
        let (out, err, status) = said(dir, &["tick", "unit tests", "--as", name]);
        assert!(
            out.is_empty() && status == 2 && err.contains("the room's own records stand under it"),
            "{err}"
        );
        let args = ["tick", "QA", "--approved-by", name, "--link", "https://chat.example.com/1"];
        refused(dir, &args, "\"room\" is nobody's name: an approval is a person's");
    }
    assert_eq!((&item(dir, "unit")["state"], &item(dir, "QA")["state"]), (&"open".into(), &"open".into()));
}

#[test]
fn a_recorded_approval_is_told_as_that_everywhere_until_the_approver_signs() {
    let room = room("");
    let dir = room.path();
    let link = "https://chat.example.com/1";
    good(dir, &["tick", "QA", "--approved-by", "Ines", "--link", link]);
    let qa = item(dir, "QA");
    assert_eq!(
        (&qa["kind"], &qa["by"], &qa["approved_by"]),
        (&"recorded".into(), &"mara".into(), &"Ines".into())
    );
    let again = good(dir, &["tick", "QA", "--approved-by", "Ines", "--link", link]);
    assert!(again.starts_with("already approved by Ines, recorded by mara at "), "{again}");
    let told = "approved by Ines, recorded by mara";
    assert!(good(dir, &["items"]).contains(&format!("done     QA  [{told} ")));
    let copy = good(dir, &["export", "--checklist", "r.md"]);
    assert!(copy.contains(&format!("- [x] QA <!-- warroom: {told}, ")) && copy.contains(link), "{copy}");
    assert!(good(dir, &["journal"]).contains("mara          ✓ QA · records that Ines approved it, see"));
    let report = good(dir, &["report"]);
    assert!(report.contains(&format!("| {told} (deployer), ")), "{report}");
    assert!(report.contains("one is signed off (one approved elsewhere, as recorded here)"), "{report}");
    let rows = parsed(&good(dir, &["report", "--format", "json"]))["items"]["rows"].clone();
    let row = rows.as_array().expect("rows").iter().find(|row| row["text"] == "QA").expect("QA").clone();
    assert_eq!(
        (&row["kind"], &row["approved_by"], &row["link"]),
        (&"recorded".into(), &"Ines".into(), &link.into())
    );
    let mut console = Terminal::start(&[], dir, 140, 40);
    console.until("Checklist");
    console.press(":checklist\r");
    console.until("complaints in support");
    console.press("/QA\r");
    console.until("\"QA\" 1");
    console.press("j");
    console.until("mara for Ines");
    console.until(told);
    assert_eq!(console.leave(), 0);
    // Their own word is more than somebody's for it.
    good(dir, &["tick", "QA", "--as", "ines", "--role", "QA"]);
    let qa = item(dir, "QA");
    assert_eq!(
        (&qa["kind"], &qa["by"], &qa["approved_by"]),
        (&"person".into(), &"ines".into(), &Value::Null)
    );
    let again = good(dir, &["tick", "QA", "--as", "ines", "--role", "QA"]);
    assert!(again.starts_with("already ticked by ines at "), "{again}");
}

fn git(dir: &Path, words: &[&str]) -> String {
    let all = ["-c", "user.name=Mara", "-c", "user.email=mara@example.com", "-c", "commit.gpgsign=false"];
    let done = Command::new("git").args(all).args(words).current_dir(dir).output().expect("git runs");
    assert!(done.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

#[test]
fn a_gate_at_another_commit_than_the_candidate_proves_nothing() {
    let room = room(
        "[[gate]]\nname = \"unit\"\nrequired = true\ncommand = \"printf '== 3 passed in 0.10s ==\\\\n'\"\n\
         [[bind]]\ntext = \"unit tests\"\ngate = \"unit\"\n",
    );
    let dir = room.path();
    std::fs::write(dir.join(".gitignore"), "room.db*\n").expect("a file");
    git(dir, &["init", "-q", "."]);
    git(dir, &["add", "-A"]);
    git(dir, &["commit", "-qm", "one"]);
    let first = git(dir, &["rev-parse", "HEAD"]);
    git(dir, &["commit", "-q", "--allow-empty", "-m", "two"]);
    let second = git(dir, &["rev-parse", "HEAD"]);
    good(dir, &["rollout", "begin", &first[..10], "--yes"]);
    let (out, _, status) = said(dir, &["gate", "run", "unit"]);
    assert!(status == 1 && out.contains("gate unit to run again: passed at"), "{out}");
    let unit = item(dir, "unit");
    let told = format!("to run again (passed at {}, the candidate is {})", &second[..8], &first[..8]);
    assert_eq!((&unit["state"], &unit["now"]["good"]), (&"open".into(), &Value::Null), "{unit}");
    assert_eq!(unit["now"]["value"], told.as_str());
    let (out, _, status) = said(dir, &["verdict", "--json"]);
    assert!(status == 10 && out.contains("gate unit is to run again"), "{out}");
    git(dir, &["checkout", "-q", &first]);
    good(dir, &["gate", "run", "unit"]);
    let unit = item(dir, "unit");
    assert_eq!((&unit["state"], &unit["now"]["good"]), (&"proposed".into(), &true.into()), "{unit}");
    let (out, _, _) = said(dir, &["verdict", "--json"]);
    assert!(!out.contains("is to run again"), "{out}");
}

#[test]
fn the_room_ticks_where_it_is_let_proposes_elsewhere_and_what_turned_bad_stays_lapsed() {
    let well = Arc::new(AtomicBool::new(true));
    let room = room(&format!(
        "[conditions]\nhealth_failing = \"0s\"\n[[service]]\nname = \"api\"\n[[service.health]]\nname = \"api\"\n\
         url = \"{}\"\ninterval = \"500ms\"\n[[bind]]\ntext = \"unit tests\"\ncondition = \"health api failing\"\nticks = \"itself\"\n\
         [[bind]]\ntext = \"load test\"\ncondition = \"health api failing\"\n[[bind]]\ntext = \"QA\"\n\
         condition = \"health api failing\"\nticks = \"itself\"\n",
        health(&well)
    ));
    let dir = room.path();
    let watch = || said(dir, &["watch", "--for", "5s"]);
    let states = || ["unit", "load", "QA"].map(|part| item(dir, part)["state"].clone());
    watch();
    assert_eq!(states(), ["done", "proposed", "proposed"], "an approval is a person's");
    let unit = item(dir, "unit");
    assert_eq!((&unit["kind"], &unit["by"]), (&"machine".into(), &"room".into()));
    assert!(unit["note"].as_str().is_some_and(|note| note.starts_with("health api failing")), "{unit}");
    assert!(good(dir, &["items"]).contains("[room, health api failing "));
    let report = good(dir, &["report"]);
    assert!(report.contains("one is signed off (one by the room on evidence)"), "{report}");
    // What a person takes back, the room does not say again.
    good(dir, &["untick", "unit tests"]);
    watch();
    assert_eq!(states()[0], "proposed");
    good(dir, &["tick", "unit tests"]);
    assert_eq!(item(dir, "unit")["kind"], "person");
    // Bad while somebody watched: good again, it is asked for again.
    well.store(false, Ordering::SeqCst);
    watch();
    well.store(true, Ordering::SeqCst);
    let unit = item(dir, "unit");
    assert_eq!((&unit["state"], &unit["now"]["good"]), (&"lapsed".into(), &true.into()), "{unit}");
    assert!(
        unit["lapsed"].as_str().is_some_and(|why| why.starts_with("its evidence turned bad: health api"))
    );
    good(dir, &["tick", "unit tests"]);
    assert_eq!(states()[0], "done");
}
