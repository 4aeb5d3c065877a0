//! One run, from its shell to its evidence.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
#[cfg(unix)]
use tokio::time::sleep;

#[cfg(unix)]
use super::follow::{self, Followed};
use super::log::Log;
use super::output::{News, Output};
#[cfg(unix)]
use super::process::{self, Started};
use super::{environment, git, host, tell};
use crate::clock;
use crate::domain::gate::{Ended, GateResult, judge, local_address, summary};
use crate::domain::plan::{Check, Command};
use crate::domain::run::{Begun, Ending, Evidence, Outcome, Repository, RunId, RunNews, Task};
use crate::domain::{Clean, format};
use crate::lanes::Lanes;
use crate::model::msg::Msg;

/// A run that is wanted, and how it is stopped.
pub(super) type Job = (Task, Arc<Notify>);

/// How long a shell that gates share waits for the next of them.
#[cfg(unix)]
const IDLE: Duration = Duration::from_secs(2);

/// Runs `task` in a shell of its own to its end, and tells of it.
#[cfg(unix)]
pub(super) async fn run((task, stop): Job, logs: PathBuf, lanes: Lanes) {
    let mut shell = None;
    one(&mut shell, (task, stop), &logs, &lanes).await;
}

/// Runs gates of one fence in one shell, one after the other as they come, until no more do.
#[cfg(unix)]
pub(super) async fn shared(mut jobs: tokio::sync::mpsc::Receiver<Job>, logs: PathBuf, lanes: Lanes) {
    let mut shell = None;
    let mut stopped = Arc::new(Notify::new());
    loop {
        let next = tokio::select! {
            next = jobs.recv() => next,
            () = sleep(IDLE) => None,
            () = stopped.notified() => None,
        };
        // What came in this moment is still run.
        let next = next.or_else(|| {
            jobs.close();
            jobs.try_recv().ok()
        });
        let Some(job) = next else { break };
        stopped = job.1.clone();
        one(&mut shell, job, &logs, &lanes).await;
    }
    if let Some(shell) = shell {
        follow::wind_down(shell, false, None).await;
    }
}

/// One run, in `shell` if that goes on; if it goes on after it, it is left there.
#[cfg(unix)]
async fn one(shell: &mut Option<Started>, (task, stop): Job, logs: &Path, lanes: &Lanes) {
    let began = clock::mono();
    let repository = git::repository(&task.dir, &task.guards).await;
    let variables = environment::of(&task);
    let mut seen = Seen::of(&task, &variables, logs, lanes);
    let fed = task.shares.is_some() || !task.lead.is_empty();
    let started = match shell.take() {
        Some(started) => Ok(started),
        None => process::start(&task, &variables, fed),
    };
    let (ending, why) = match started {
        Err(why) => (Ending::NotStarted, why),
        Ok(mut started) => {
            let begun = begun(&task, started.pid);
            tell(lanes, RunNews::Begun { begun, at: clock::now() }).await;
            let Followed { ending, why, alive } = if fed {
                follow::fed(&mut started, &task, &stop, &mut seen).await
            } else {
                follow::script(&mut started, &task, &stop, &mut seen).await
            };
            if alive && task.shares.is_some() {
                *shell = Some(started);
            } else {
                let forced = matches!(ending, Ending::TimedOut | Ending::Stopped);
                seen.left = follow::wind_down(started, forced, Some(&mut seen)).await;
            }
            (ending, why)
        }
    };
    if !why.is_empty() {
        seen.take(format!("{why}\n").as_bytes());
    }
    seen.finish().await;
    let took = clock::mono().since(began);
    let evidence = evidence(&task, (ending, why), (took, repository), &seen);
    tell(lanes, RunNews::Ended { evidence, at: clock::now() }).await;
}

/// Gates run in shells of this kind only where there are sessions.
#[cfg(not(unix))]
pub(super) async fn run((task, _): Job, logs: PathBuf, lanes: Lanes) {
    let variables = environment::of(&task);
    let mut seen = Seen::of(&task, &variables, &logs, &lanes);
    let why = "gates run on Linux and macOS only".to_owned();
    seen.finish().await;
    let evidence = evidence(&task, (Ending::NotStarted, why), (Duration::ZERO, Repository::default()), &seen);
    tell(&lanes, RunNews::Ended { evidence, at: clock::now() }).await;
}

/// As `run`, one after the other.
#[cfg(not(unix))]
pub(super) async fn shared(mut jobs: tokio::sync::mpsc::Receiver<Job>, logs: PathBuf, lanes: Lanes) {
    while let Some(job) = jobs.recv().await {
        run(job, logs.clone(), lanes.clone()).await;
    }
}

pub(super) fn begun(task: &Task, pid: u32) -> Begun {
    Begun {
        run: task.run.clone(),
        gate: task.gate.clone(),
        name: task.name.clone(),
        hash: task.hash.clone(),
        pid,
        console: std::process::id(),
        host: host(),
        dir: Clean::new(&task.dir.to_string_lossy()),
        mark: task.shares.clone(),
    }
}

/// What is seen of a run while it lasts.
pub(super) struct Seen {
    output: Output,
    log: Log,
    run: RunId,
    lanes: Lanes,
    /// Processes of it that go on after its end.
    left: usize,
}

impl Seen {
    fn of(task: &Task, variables: &[(String, std::ffi::OsString)], logs: &Path, lanes: &Lanes) -> Self {
        let output = Output::without(environment::secrets(variables));
        Self { output, log: Log::open(logs, &task.run), run: task.run.clone(), lanes: lanes.clone(), left: 0 }
    }

    pub(super) fn take(&mut self, bytes: &[u8]) {
        let log = &mut self.log;
        self.output.take(bytes, &mut |line| log.line(line));
        log.write();
    }

    /// Tells what is new, if the model has time for it: a process never waits for the screen.
    pub(super) fn tell(&mut self) {
        if let Ok(place) = self.lanes.data.try_reserve()
            && let Some(told) = told(&self.run, &mut self.output)
        {
            place.send(Msg::Gate(Box::new(told)));
        }
    }

    async fn finish(&mut self) {
        let log = &mut self.log;
        self.output.finish(&mut |line| log.line(line));
        self.log.end();
        if let Some(told) = told(&self.run, &mut self.output) {
            tell(&self.lanes, told).await;
        }
    }
}

/// What is new of the output; nothing if nothing is.
fn told(run: &RunId, output: &mut Output) -> Option<RunNews> {
    let News { lines, skipped, partial } = output.news()?;
    Some(RunNews::Told { run: run.clone(), lines, skipped, partial, at: clock::mono() })
}

/// That a gate of a guarded room asks this machine, in its own line or in one that leads to it.
pub(super) fn asks_this_machine(task: &Task) -> Option<String> {
    let mut texts = task.lead.iter().map(|lead| lead.text.as_str()).chain([task.script.as_str()]);
    let at = texts.find_map(local_address).filter(|_| task.guarded)?;
    Some(format!("it asks {at}, which is not what is rolled out"))
}

fn evidence(
    task: &Task,
    (ending, why): (Ending, String),
    (took, repository): (Duration, Repository),
    seen: &Seen,
) -> Evidence {
    let output = seen.output.text();
    let judged = |exit| {
        let ended = Ended { exit, took, output: &output, cut: seen.output.is_cut() };
        judge(&task.command, &ended)
    };
    let told = match ending {
        Ending::Exited(code) => outcome(judged(Some(code))),
        Ending::Signalled(signal) => (Outcome::Failed, format!("ended by signal {signal}")),
        Ending::TimedOut => {
            let may = task.timeout.map(format::short).unwrap_or_default();
            (Outcome::TimedOut, format!("it ran longer than the {may} that it may, and was ended"))
        }
        Ending::Stopped => (Outcome::Stopped, "before it ended".to_owned()),
        Ending::NotStarted => (Outcome::Failed, why),
        Ending::Unseen => (Outcome::Unseen, "nobody saw how it ended".to_owned()),
    };
    let tally = summary(&output);
    let (outcome, why) = told;
    let why = match (outcome, tally) {
        (Outcome::Passed, Some(tally)) => tally.told(),
        (Outcome::Passed, None) => as_expected(&task.command).unwrap_or(why),
        _ => why,
    };
    let local = asks_this_machine(task);
    let left = match seen.left {
        0 => None,
        1 => Some("it left a process running".to_owned()),
        count => Some(format!("it left {count} processes running")),
    };
    Evidence {
        run: task.run.clone(),
        gate: task.gate.clone(),
        name: task.name.clone(),
        hash: task.hash.clone(),
        ending,
        outcome,
        why: Clean::new(&why),
        millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        tally,
        repository,
        log: seen.log.name(),
        candidate: None,
        findings: local
            .into_iter()
            .chain(left)
            .chain(seen.log.problem())
            .map(|words| Clean::new(&words))
            .collect(),
        on_terminal: task.on_terminal,
    }
}

/// What a gate that passed showed, if the document says what that is to be.
fn as_expected(command: &Command) -> Option<String> {
    command.expected.iter().find_map(|expected| match &expected.check {
        Check::Status(status) => Some(format!("HTTP {status}, as expected")),
        Check::Contains(text) => Some(format!("as expected: {text}")),
        Check::Empty => Some("no output, as expected".to_owned()),
        Check::Person | Check::Passed(_) | Check::AllPassed | Check::Within(_) => None,
    })
}

fn outcome(result: GateResult) -> (Outcome, String) {
    match result {
        GateResult::Passed => (Outcome::Passed, "exit 0".to_owned()),
        GateResult::Failed { why } => (Outcome::Failed, why.to_string()),
        GateResult::Inconclusive { why } => (Outcome::Unclear, why.to_string()),
    }
}
