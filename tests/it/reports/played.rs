//! A rollout that was really played: the real binary watches the simulated target, people sign off, run gates and roll
//! back by commands, and the report is written from what is in the journal then.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::{paths, well_formed};
use crate::cli::{parsed, said};
use crate::console::Target;
use crate::pty::Terminal;

const GATES: &str = r#"
[[gate]]
name = "contract"
command = "printf '===== 41 passed in 2.31s =====\n'"
required = true

[[gate]]
name = "smoke"
command = "printf '===== 22 passed, 1 failed in 1.10s =====\n'; exit 1"

[[report.expected]]
what = "cache"
reason = "warmed up by hand this week"
"#;

fn args<'a>(more: &[&'a str]) -> Vec<&'a str> {
    ["--config", "c.toml", "--store", "s.db"].into_iter().chain(more.iter().copied()).collect()
}

fn run(dir: &Path, more: &[&str]) -> (String, String, i32) {
    said(dir, &args(more))
}

fn good(dir: &Path, more: &[&str]) -> String {
    let (out, err, status) = run(dir, more);
    assert_eq!(status, 0, "{more:?}: {out}{err}");
    out
}

fn by<'a>(name: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    more.iter().copied().chain(["--as", name, "--role", "deployer"]).collect()
}

/// Plays it; gives the folder back with its target still running.
fn play(dir: &Path) -> Target {
    let target = Target::start(dir);
    let config = std::fs::read_to_string(dir.join("c.toml")).expect("c.toml");
    // It is the errors that are to ask for the rollback.
    let config = config.replace("[conditions]\n", "[conditions]\ngate_failed = \"off\"\n") + GATES;
    std::fs::write(dir.join("c.toml"), config).expect("c.toml");
    good(dir, &by("Sam", &["rollout", "begin", "--yes"]));
    good(dir, &by("Sam", &["tick", "Announced in the release", "--note", "at 14:02 | in #release"]));
    let waived = ["tick", "QA went through", "--state", "waived", "--reason", "after 10 %, CHG-2291"];
    good(dir, &by("Mara", &waived));
    good(dir, &by("Sam", &["gate", "run", "contract"]));
    assert_eq!(run(dir, &by("Sam", &["gate", "run", "smoke"])).2, 1);
    good(dir, &["watch", "--until", "roll-back", "--for", "200s"]);
    // The trigger is not over before somebody acts.
    run(dir, &["watch", "--for", "7s"]);
    let rollback = [
        "rollback",
        "chat-backend",
        "--to",
        "chat-backend-00417-hux",
        "--yes",
        "--reason",
        "errors over 5 %",
    ];
    good(dir, &by("Mara", &rollback));
    run(dir, &["watch", "--for", "5s"]);
    good(dir, &by("Noor", &["note", "customers were told"]));
    good(dir, &by("Sam", &["rollout", "end", "rolled-back", "--note", "token refresh first", "--yes"]));
    good(dir, &by("Sam", &["rollout", "begin", "--yes"]));
    good(dir, &by("Ines", &["tick", "Minimum instances"]));
    target
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().expect("a list").iter().map(|one| one.as_str().expect("a text")).collect()
}

#[test]
fn a_played_rollout_is_told_from_its_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path();
    let _target = play(dir);

    let last = parsed(&good(dir, &["report", "--format", "json"]));
    let first = parsed(&good(dir, &["report", "--format", "json", "--rollout", "r1"]));
    of_the_first(&first);
    assert_eq!((&last["items"]["counts"]["done"], &last["period"]["open"]), (&1.into(), &true.into()));
    assert_ne!(last["rollout"]["id"], "r1");
    assert!(last["operations"].as_array().is_some_and(Vec::is_empty), "that was the first");
    every_number_is_a_record(dir, &first);

    let mut found = BTreeSet::new();
    paths(&first, "", &mut found);
    let documented = include_str!("../../../docs/reports.md");
    let lacking: Vec<_> =
        found.iter().filter(|path| !documented.contains(&format!("| `{path}` |"))).collect();
    assert!(lacking.is_empty(), "not documented: {lacking:?}");

    let text = good(dir, &["report", "--rollout", "r1"]);
    well_formed(&text);
    for part in [
        "**Do not proceed with chat-backend 00418-ral.**",
        "Mara asked for the rollback of chat-backend to 00417-hux",
        "One of two gates that ran passed; not good: smoke (failed, exit 1: 1 failed, 22 passed)",
        "| QA went through the smoke list | waived: after 10 %, CHG-2291",
        "at 14:02 \\| in \\#release",
        "The output of smoke is in `",
    ] {
        assert!(text.contains(part), "{part} in:\n{text}");
    }
    let timeline = good(dir, &["report", "--rollout", "r1", "--timeline"]);
    well_formed(&timeline);
    assert!(timeline.starts_with("# Incident timeline: chat-backend 00418-ral\n"), "{timeline}");
    assert!(timeline.contains("rollback EFFECTIVE") && !timeline.contains("## Items"), "{timeline}");

    let (_, err, status) = run(dir, &["report", "--rollout", "r999"]);
    assert!(status == 2 && err.contains("no rollout is called \"r999\"") && err.contains("r1, r"), "{err}");
    a_file_is_kept(dir);
    the_console_writes_it_too(dir);
}

fn of_the_first(report: &Value) {
    assert_eq!(report["rollout"]["outcome"], "rolled back");
    assert_eq!(
        (&report["items"]["counts"]["done"], &report["items"]["counts"]["waived"]),
        (&1.into(), &1.into())
    );
    // The document has gates of its own; nobody ran them.
    let gates = report["gates"].as_array().expect("gates").iter();
    let ran: Vec<_> =
        gates.map(|gate| gate["state"].clone()).filter(|state| state.as_str() != Some("never")).collect();
    assert_eq!(ran, ["passed", "failed"]);
    let op = &report["operations"][0];
    let ends = (op["before"].as_str(), op["after"].as_str());
    assert_eq!(ends, (Some("00417-hux 90 %, 00418-ral 10 %"), Some("00417-hux 100 %")));
    assert_eq!(report["figures"]["rollbacks"].as_array().map(Vec::len), Some(1));
    assert_eq!(report["recommendation"]["state"], "do_not_proceed");
    let errors = report["signals"].as_array().expect("signals").iter().find(|s| s["name"] == "errors > 5 %");
    let errors = errors.expect("the trigger");
    assert!(errors["seconds"]["fail"].as_f64().is_some_and(|fail| fail > 0.0), "{errors}");
    assert!(strings(&errors["course"]).contains(&"fail"), "{errors}");
    // What was bad of the canary alone is no failure of what serves after the rollback.
    let because = report["recommendation"]["because"].to_string();
    assert!(!because.contains("health canary flapping"), "{because}");
    let kinds: BTreeSet<&str> =
        report["expected"].as_array().expect("expected").iter().filter_map(|e| e["kind"].as_str()).collect();
    assert_eq!(kinds, BTreeSet::from(["configured", "waived"]));
}

/// Whatever the report calls its evidence is a record of the journal.
fn every_number_is_a_record(dir: &Path, report: &Value) {
    fn numbers(value: &Value, found: &mut Vec<u64>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("record").and_then(Value::as_u64));
                map.values().for_each(|value| numbers(value, found));
            }
            Value::Array(all) => all.iter().for_each(|value| numbers(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    numbers(report, &mut found);
    let journal = good(dir, &["journal", "--json"]);
    let records: BTreeSet<u64> = journal.lines().filter_map(|line| parsed(line)["seq"].as_u64()).collect();
    assert!(found.len() > 20 && found.iter().all(|seq| records.contains(seq)), "{found:?} of {records:?}");
}

fn a_file_is_kept(dir: &Path) {
    std::fs::write(dir.join("mine.md"), "my own words").expect("a file");
    let (out, err, status) = run(dir, &["report", "--out", "mine.md"]);
    assert_eq!((out.as_str(), status), ("", 1));
    assert!(
        err.contains("the report mine.md was not written")
            && err.contains("next: ")
            && err.contains("--force"),
        "{err}"
    );
    assert_eq!(std::fs::read_to_string(dir.join("mine.md")).expect("mine.md"), "my own words");
    assert_eq!(good(dir, &["report", "--out", "mine.md", "--force"]), "");
    assert!(
        std::fs::read_to_string(dir.join("mine.md"))
            .expect("mine.md")
            .starts_with("# Deployment validation report")
    );
}

fn the_console_writes_it_too(dir: &Path) {
    let mut terminal = Terminal::start(&args(&[]), dir, 160, 48);
    terminal.until("6/6 live");
    // All is judged once a second: also what came just now.
    terminal.until("6 clear");
    terminal.press(":");
    terminal.press("report told.md");
    terminal.press("\r");
    terminal.until("report written");
    let told = std::fs::read_to_string(dir.join("told.md")).expect("told.md");
    well_formed(&told);
    assert!(told.contains(", as the room judges now") && !told.contains("(where its probe asks)"), "{told}");
    terminal.press(":");
    terminal.press("report told.md");
    terminal.press("\r");
    terminal.until("Write over the file that is there");
    // What comes in its first half second is ignored: the clock ticks twice meanwhile.
    for _ in 0..2 {
        let row = terminal.text().lines().next().map(str::to_owned);
        terminal.wait("the next second", |screen| screen.lines().next() != row.as_deref());
    }
    terminal.press("\r");
    terminal.gone("Write over the file");
    terminal.press(":");
    terminal.press("report no/folder.md");
    terminal.press("\r");
    terminal.until("no report: ");
    assert_eq!(std::fs::read_to_string(dir.join("told.md")).expect("told.md"), told);
    terminal.press(":");
    terminal.press("plan");
    terminal.press("\r");
    // The palette's own line for it ends before the dot.
    terminal.until("what was read out of the documents · line, text");
    terminal.press("\x1b");
    // A key right behind esc would be another key.
    terminal.gone("what was read out of the documents · line, text");
    terminal.leave();
}
