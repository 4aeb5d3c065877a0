//! Runs of real processes.
#![cfg(unix)]

use std::path::Path;
use std::time::Duration;

use tokio::time::timeout;

mod guards;
mod hostile;
mod shells;

use super::*;
use crate::domain::Clean;
use crate::domain::plan::{Command, CommandKind, Proof};
use crate::domain::run::{Ending, Evidence, Guards, Lead, Outcome, Repository};
use crate::lanes::{Receivers, lanes};
use crate::model::effect::Authority;

struct Rig {
    gates: Gates,
    receivers: Receivers,
    dir: tempfile::TempDir,
}

fn rig() -> Rig {
    let dir = tempfile::tempdir().unwrap();
    let (lanes, receivers) = lanes();
    Rig { gates: Gates::new(dir.path().join("logs"), lanes), receivers, dir }
}

fn permit() -> Permit {
    Permit::of_confirmation(Authority::from_consent("UNRECORDED").unwrap())
}

fn command(text: &str) -> Command {
    Command {
        id: "unit".into(),
        line: 1,
        text: text.into(),
        section: vec![],
        item: None,
        fence: None,
        kind: CommandKind::Gate,
        why: Clean::default(),
        proof: Proof::Exit,
        comment: Clean::default(),
        expected: vec![],
    }
}

fn task(dir: &Path, run: &str, script: &str) -> Task {
    Task {
        run: RunId(format!("{run}-{}", std::process::id())),
        gate: "unit".into(),
        name: Clean::new("unit"),
        script: script.into(),
        lead: vec![],
        shares: None,
        on_terminal: false,
        hash: "00".into(),
        command: command(script),
        guarded: true,
        dir: dir.to_owned(),
        timeout: Some(Duration::from_secs(20)),
        env: vec!["PATH".into(), "COLOUR=blue".into(), "API_TOKEN=sesame-open".into()],
        shell: None,
        guards: Guards::default(),
    }
}

impl Rig {
    fn start(&mut self, run: &str, script: &str) -> Task {
        let task = task(self.dir.path(), run, script);
        self.gates.run(task.clone(), &permit());
        task
    }

    async fn news(&mut self) -> RunNews {
        let next = async {
            tokio::select! {
                msg = self.receivers.data.recv() => msg,
                msg = self.receivers.control.recv() => msg,
            }
        };
        match timeout(Duration::from_secs(30), next).await {
            Ok(Some(Msg::Gate(news))) => *news,
            other => panic!("no news of the gate: {other:?}"),
        }
    }

    async fn begun(&mut self) -> u32 {
        loop {
            if let RunNews::Begun { begun, .. } = self.news().await {
                return begun.pid;
            }
        }
    }

    /// Waits until the output has `text`.
    async fn told(&mut self, text: &str) {
        loop {
            if let RunNews::Told { lines, .. } = self.news().await
                && lines.iter().any(|line| line.contains(text))
            {
                return;
            }
        }
    }

    async fn ended(&mut self) -> (Evidence, Vec<String>, u64) {
        let (mut all, mut missing) = (Vec::new(), 0);
        loop {
            match self.news().await {
                RunNews::Told { lines, skipped, .. } => {
                    let bytes: usize = lines.iter().map(|line| line.len() + 1).sum();
                    assert!(bytes <= 200_000, "{bytes} at once");
                    missing += skipped;
                    all.extend(lines.iter().map(ToString::to_string));
                }
                RunNews::Ended { evidence, .. } => return (evidence, all, missing),
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn a_run_has_its_own_session_its_own_environment_and_no_input() {
    let mut rig = rig();
    // What is read from the terminal, if there is a way to it, would show as a further line.
    let script = "ps -o sid= -p $$ | tr -d ' '; echo $$; (echo hello > /dev/tty) 2>/dev/null && echo TTY; \
                  read line || echo no input; env | sort; pwd; echo to stderr >&2; echo token $API_TOKEN";
    rig.start("session", script);
    let (evidence, lines, _) = rig.ended().await;
    assert_eq!((evidence.ending, evidence.outcome), (Ending::Exited(0), Outcome::Passed));
    assert_eq!(lines[0], lines[1], "it leads its session");
    assert_eq!(lines[2], "no input");
    let variables: Vec<&str> = lines.iter().filter(|line| line.contains('=')).map(String::as_str).collect();
    let names: Vec<&str> = variables.iter().filter_map(|line| line.split('=').next()).collect();
    let expected =
        ["API_TOKEN", "COLOUR", "PATH", "PWD", "PYTHONUNBUFFERED", "SHLVL", "TERM", "WARROOM_GATE_RUN", "_"];
    assert_eq!(names, expected);
    assert!(variables.contains(&"API_TOKEN=***"), "{variables:?}");
    let dir = rig.dir.path().canonicalize().unwrap();
    let tail = [dir.to_string_lossy().into_owned(), "to stderr".into(), "token ***".into()];
    assert_eq!(lines[lines.len() - 3..], tail);
    let log = std::fs::read_to_string(&*evidence.log).unwrap();
    assert!(log.ends_with("token ***\n") && !log.contains("sesame"), "{log}");
    assert!(!format!("{evidence:?}").contains("sesame"));
}

#[tokio::test]
async fn an_exit_a_signal_and_a_start_that_fails_are_told_apart() {
    let mut rig = rig();
    rig.start("exit", "exit 3");
    let (evidence, ..) = rig.ended().await;
    assert_eq!(
        (evidence.ending, evidence.outcome, &*evidence.why),
        (Ending::Exited(3), Outcome::Failed, "exit 3")
    );
    rig.start("signal", "kill -9 $$");
    assert_eq!(rig.ended().await.0.ending, Ending::Signalled(9));
    let nowhere = Task { dir: rig.dir.path().join("nowhere"), ..task(rig.dir.path(), "dir", "true") };
    rig.gates.run(nowhere, &permit());
    let (evidence, lines, _) = rig.ended().await;
    assert_eq!((evidence.ending, evidence.outcome), (Ending::NotStarted, Outcome::Failed));
    assert!(lines[0].ends_with("nowhere is no directory: set `dir`"), "{lines:?}");
    let shell = Task { shell: Some("/no/such/shell".into()), ..task(rig.dir.path(), "shell", "true") };
    rig.gates.run(shell, &permit());
    assert!(rig.ended().await.0.why.contains("/no/such/shell cannot be started"));
}

#[tokio::test]
async fn the_time_out_ends_the_children_too_even_those_that_will_not() {
    let mut rig = rig();
    let script = "(trap '' TERM; echo stubborn; while :; do sleep 0.2; done) & sleep 600 & wait";
    let task = Task { timeout: Some(Duration::from_secs(1)), ..task(rig.dir.path(), "late", script) };
    rig.gates.run(task.clone(), &permit());
    let pid = rig.begun().await;
    let (evidence, ..) = rig.ended().await;
    assert_eq!((evidence.ending, evidence.outcome), (Ending::TimedOut, Outcome::TimedOut));
    assert_eq!(session::count(pid, &task.run, session::Reach::All), 0, "nothing is left");
}

#[tokio::test]
async fn stopping_reaches_grandchildren_and_daemons() {
    let mut rig = rig();
    let script = "setsid sh -c 'echo daemon; exec sleep 600' & sh -c 'sh -c \"sleep 600; true\"; true' & echo up; wait";
    let task = rig.start("stop", script);
    let pid = rig.begun().await;
    rig.told("daemon").await;
    rig.gates.stop(&task.run);
    let (evidence, ..) = rig.ended().await;
    assert_eq!((evidence.ending, evidence.outcome), (Ending::Stopped, Outcome::Stopped));
    assert_eq!(session::count(pid, &task.run, session::Reach::All), 0, "nothing is left");
}

#[tokio::test]
async fn what_the_shell_leaves_in_the_background_ends_with_it() {
    let mut rig = rig();
    let task = rig.start("left", "sleep 600 & echo done");
    let pid = rig.begun().await;
    let (evidence, lines, _) = rig.ended().await;
    assert_eq!((evidence.ending, lines.as_slice()), (Ending::Exited(0), ["done".to_owned()].as_slice()));
    assert_eq!(session::count(pid, &task.run, session::Reach::Session), 0, "nothing is left");
}

#[tokio::test]
async fn ten_megabytes_and_garbage_are_bounded_on_the_screen_and_on_the_disk() {
    let mut rig = rig();
    let script =
        "head -c 300000 /dev/urandom; echo; yes 'a line of output' | head -c 12000000; echo; echo the end";
    rig.start("flood", script);
    let (evidence, lines, missing) = rig.ended().await;
    assert_eq!((evidence.ending, lines.last().map(String::as_str)), (Ending::Exited(0), Some("the end")));
    // How much of it is told depends on how fast it is read; what was not told was counted.
    assert!(lines.len() as u64 + missing > 12_000_000 / 17);
    assert!(lines.iter().all(|line| !line.contains(char::is_control)));
    let log = std::fs::metadata(&*evidence.log).unwrap().len();
    assert!((7_000_000..8_100_000).contains(&log), "{log}");
}

#[tokio::test]
async fn what_is_left_of_a_killed_console_is_found_and_stopped_on_request_only() {
    let mut rig = rig();
    let task = rig.start("orphan", "sleep 600");
    let pid = rig.begun().await;
    // A console that is gone: no process has this number.
    let mut gone = std::process::Command::new("true").spawn().unwrap();
    let console = gone.id();
    gone.wait().unwrap();
    let quarry = Quarry { run: task.run.clone(), mark: task.run.clone(), pid, console, host: host() };
    rig.gates.seek(vec![
        quarry.clone(),
        Quarry { run: RunId("another".into()), mark: RunId("another".into()), ..quarry.clone() },
        Quarry { host: Clean::new("elsewhere"), ..quarry.clone() },
        Quarry { console: std::process::id(), ..quarry.clone() },
    ]);
    let log = Clean::new(&log::path(&rig.dir.path().join("logs"), &task.run).to_string_lossy());
    let sought = |run: &RunId, alive: Option<bool>, watched| {
        let known = *run == task.run && alive.is_some();
        let log = if known { log.clone() } else { Clean::default() };
        RunNews::Sought { run: run.clone(), alive, watched, log }
    };
    assert_eq!(rig.news().await, sought(&task.run, Some(true), false));
    assert_eq!(
        rig.news().await,
        sought(&RunId("another".into()), Some(false), false),
        "somebody else's number"
    );
    assert_eq!(rig.news().await, sought(&task.run, None, false));
    assert_eq!(rig.news().await, sought(&task.run, Some(true), true));
    // One that is watched is not stopped behind its console's back.
    rig.gates.stop_orphan(Quarry { console: std::process::id(), ..quarry.clone() });
    assert_eq!(rig.news().await, sought(&task.run, Some(true), true));
    rig.gates.stop_orphan(quarry);
    let mut seen = Vec::new();
    while seen.len() < 2 {
        match rig.news().await {
            RunNews::Told { .. } => {}
            news => seen.push(news),
        }
    }
    let ended = |news: &RunNews| matches!(news, RunNews::Ended { evidence, .. } if evidence.ending == Ending::Signalled(15));
    assert!(seen.contains(&sought(&task.run, Some(false), false)) && seen.iter().any(ended), "{seen:?}");
}

fn git(dir: &Path, words: &[&str]) -> String {
    let mut command = std::process::Command::new("git");
    command.args(["-c", "user.name=Mara", "-c", "user.email=mara@example.com", "-c", "commit.gpgsign=false"]);
    let output = command.args(words).current_dir(dir).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[tokio::test]
async fn evidence_names_the_commit_and_guarded_files_that_changed_since() {
    let mut rig = rig();
    let dir = rig.dir.path().join("repo");
    std::fs::create_dir_all(dir.join("src")).unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.join(name), text).unwrap();
    git(&dir, &["init", "-q"]);
    write("src/auth.py", "one\n");
    write("src/other.py", "one\n");
    write("notes.md", "n\n");
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-qm", "first"]);
    write("src/other.py", "unsaved\n");
    let paths = vec!["src/auth.py".to_owned(), "src/other.py".to_owned()];
    let guards = Guards { paths, ..Guards::default() };
    let task = Task { dir: dir.join("src"), guards: guards.clone(), ..task(&dir, "git", "true") };
    rig.gates.run(task.clone(), &permit());
    let (evidence, ..) = rig.ended().await;
    let first = git(&dir, &["rev-parse", "HEAD"]);
    assert_eq!(
        (evidence.repository.commit.as_deref(), evidence.repository.dirty),
        (Some(first.as_str()), Some(true))
    );
    let watch = Watch {
        gate: "unit".into(),
        run: task.run.clone(),
        dir: dir.join("src"),
        repository: evidence.repository.clone(),
        guards,
    };
    assert_eq!(
        git::compare(&watch).await,
        Ok((vec![], None)),
        "what was not saved then is what is not saved now"
    );
    write("src/other.py", "unsaved, and another\n");
    write("src/auth.py", "two\n");
    write("notes.md", "m\n");
    git(&dir, &["add", "src/auth.py", "notes.md"]);
    git(&dir, &["commit", "-qm", "tighten the check"]);
    let short = git(&dir, &["rev-parse", "--short", "HEAD"]);
    let change = |path: &str, commit: Option<&str>, subject: &str| crate::domain::run::Change {
        path: Clean::new(path),
        commit: commit.map(Clean::new),
        subject: Clean::new(subject),
    };
    assert_eq!(
        git::compare(&watch).await,
        Ok((
            vec![
                change("src/auth.py", Some(&short), "tighten the check"),
                change("src/other.py", None, "not committed")
            ],
            None
        ))
    );
    let outside = Watch { repository: Repository::default(), ..watch };
    assert!(git::compare(&outside).await.is_err());
}
