//! Stages with the real binary: what scripts rely on, over restarts and a process that is killed.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::cli::{parsed, said};
use crate::pty::Terminal;

const CHECKLIST: &str = "# R\n- [ ] lead agrees (required)\n## Deploy\n- [ ] switch on\n";

/// A room that watches a port which answers.
fn room() -> (TempDir, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let dir = tempfile::tempdir().expect("dir");
    let config = format!(
        "[room]\nname = \"t\"\nchecklists = [\"r.md\"]\n[operator]\nname = \"mara\"\n[store]\npath = \"room.db\"\n\
         [[service]]\nname = \"api\"\n[[service.health]]\nname = \"api\"\nkind = \"tcp\"\n\
         address = \"127.0.0.1:{port}\"\ninterval = \"500ms\"\n\
         [[stage]]\nname = \"Canary\"\npercent = 10\nbefore = [\"lead agrees\"]\nsteps = [\"Deploy\"]\nsoak = \"5s\"\n\
         [[stage]]\nname = \"Full\"\npercent = 100\nsoak = \"1h\"\n"
    );
    std::fs::write(dir.path().join("config.toml"), config).expect("config");
    std::fs::write(dir.path().join("r.md"), CHECKLIST).expect("checklist");
    (dir, listener)
}

fn good(dir: &Path, args: &[&str]) -> String {
    let (out, err, status) = said(dir, args);
    assert_eq!(status, 0, "{args:?}: {out}{err}");
    out
}

fn refused(dir: &Path, args: &[&str], why: &str) {
    let (out, err, status) = said(dir, args);
    assert!(status == 1 && err.contains(why), "{args:?} {status}: {out}{err}");
}

fn stages(dir: &Path) -> Vec<Value> {
    let told = parsed(&good(dir, &["stage", "show", "--json"]));
    assert_eq!(told["schema"], "warroom.stages/1");
    told["stages"].as_array().expect("stages").clone()
}

fn advance(dir: &Path) -> (String, String, i32) {
    said(dir, &["stage", "advance", "--yes", "--warm-up", "6s"])
}

/// Accepts what connects, so that the port answers.
fn answer(listener: TcpListener) {
    std::thread::spawn(move || while listener.accept().is_ok() {});
}

#[test]
fn stages_are_gone_through_by_scripts_and_the_clock_survives_a_kill() {
    let (room, listener) = room();
    answer(listener);
    let dir = room.path();
    assert_eq!(stages(dir)[0]["state"], "waiting");
    let (_, err, status) = advance(dir);
    assert!(
        status == 1 && err.contains("waits for GO, the verdict is HOLD: 1 item open before Canary 10 %"),
        "{err}"
    );
    refused(dir, &["stage", "pause"], "no stage is under way");
    good(dir, &["tick", "lead agrees"]);
    let (out, err, status) = advance(dir);
    assert_eq!((status, err.as_str()), (0, ""), "{out}");
    assert!(out.starts_with("stage 1 of 2 begins: Canary 10 %, by mara, record "), "{out}");
    let (_, err, status) = advance(dir);
    let open = err.contains("soak of Canary") || err.contains("1 step of Canary open");
    assert!(status == 1 && open, "{err}");
    good(dir, &["tick", "switch on"]);
    good(dir, &["rollout", "show"]);
    let (out, err, _) = said(dir, &["watch", "--json", "--for", "12s"]);
    let last = parsed(out.lines().last().unwrap_or_else(|| panic!("{err}")));
    assert_eq!(last["stages"][0]["state"], "ready", "{}", last["stages"][0]);
    assert_eq!(stages(dir)[0]["soak_seconds"], 5.0, "what was counted is in the journal");
    let (out, err, status) = advance(dir);
    assert_eq!(status, 0, "{out}{err}");
    assert_eq!(stages(dir)[1]["state"], "soaking");

    // Killed without a word while it soaks: no more than was counted, and nothing for the time after it.
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_warroom"))
        .args(["watch", "--json"])
        .current_dir(dir)
        .env("HOME", dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let counted = || stages(dir)[1]["soak_seconds"].as_f64().expect("a number");
    while counted() < 0.5 {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing was counted");
        std::thread::sleep(Duration::from_millis(200));
    }
    child.kill().expect("killed");
    child.wait().expect("gone");
    let after = counted();
    assert!(after <= begun.elapsed().as_secs_f64(), "{after}");
    assert!((counted() - after).abs() < f64::EPSILON, "nobody watches");
}

#[test]
fn a_stage_is_held_repeated_and_given_up_by_scripts() {
    let (room, listener) = room();
    answer(listener);
    let dir = room.path();
    good(dir, &["tick", "lead agrees"]);
    let (out, err, status) = advance(dir);
    assert_eq!(status, 0, "{out}{err}");
    assert!(
        good(dir, &["stage", "pause", "--reason", "lunch"]).starts_with("stage Canary held: lunch, by mara")
    );
    refused(dir, &["stage", "pause", "--as", "ines"], "mara holds it already");
    assert_eq!(stages(dir)[0]["state"], "paused");
    assert!(good(dir, &["stage", "show"]).contains("paused · soak"), "{}", good(dir, &["stage", "show"]));
    good(dir, &["stage", "resume"]);
    refused(dir, &["stage", "resume"], "nobody holds it");
    assert_eq!(said(dir, &["stage", "repeat", "--reason", " "]).2, 2);
    good(dir, &["stage", "repeat", "--reason", "another build"]);
    let (_, err, status) = said(dir, &["stage", "abort", "--reason", "no", "--read-only"]);
    assert!(status == 2 && err.contains("read-only"), "{err}");
    good(dir, &["stage", "abort", "--reason", "users complain"]);
    assert_eq!(stages(dir)[0]["state"], "aborted");
    let end = good(dir, &["rollout", "end", "aborted", "--yes"]);
    assert!(end.contains("left over: stage Canary was given up"), "{end}");
    refused(dir, &["stage", "repeat", "--reason", "again"], "is over");
    let report = good(dir, &["report"]);
    assert!(report.contains("## Stages") && report.contains("given up by mara: users complain"), "{report}");
    // Another rollout begins before its first stage.
    good(dir, &["rollout", "begin", "--yes"]);
    assert_eq!(stages(dir)[0]["state"], "waiting");
}

#[test]
fn the_list_says_why_a_clock_stands() {
    let (room, listener) = room();
    let dir = room.path();
    good(dir, &["tick", "lead agrees"]);
    let (out, err, status) = advance(dir);
    assert_eq!(status, 0, "{out}{err}");
    drop(listener);
    said(dir, &["watch", "--json", "--for", "8s"]);
    let shown = good(dir, &["stage", "show"]);
    assert!(shown.contains(", no data · stands: "), "{shown}");
}

#[test]
fn what_came_up_while_the_question_stood_counts() {
    let (room, listener) = room();
    answer(listener);
    let dir = room.path();
    good(dir, &["tick", "lead agrees"]);
    let ask = || {
        let mut terminal = Terminal::start(&["stage", "advance", "--warm-up", "6s"], dir, 100, 30);
        terminal.until("type yes, and it goes on: ");
        terminal
    };
    let mut terminal = ask();
    good(dir, &["untick", "lead agrees"]);
    terminal.press("yes\r");
    let (status, text) = (terminal.status(), terminal.text());
    assert!(status == 1 && text.contains("waits for GO, the verdict is HOLD"), "{text}");
    assert_eq!(stages(dir)[0]["state"], "waiting");
    good(dir, &["tick", "lead agrees"]);
    let mut terminal = ask();
    good(dir, &["rollout", "begin", "--yes"]);
    terminal.press("yes\r");
    let (status, text) = (terminal.status(), terminal.text());
    assert!(status == 1 && text.contains("the rollout or its stages changed meanwhile"), "{text}");
    good(dir, &["tick", "lead agrees"]);
    let mut terminal = ask();
    terminal.press("yes\r");
    let (status, text) = (terminal.status(), terminal.text());
    assert!(status == 0 && text.contains("stage 1 of 2 begins: Canary 10 %"), "{text}");
}
