//! One run, from its shell to its evidence.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::output::{News, Output};
use super::session::{self, Reach, Signal};
use super::{environment, git, host, tell};
use crate::clock;
use crate::domain::Clean;
use crate::domain::gate::{Ended, GateResult, judge, local_address, summary};
use crate::domain::run::{Begun, Ending, Evidence, Outcome, Repository, RunId, RunNews, SETUP_FAILED, Task};
use crate::lanes::Lanes;
use crate::model::msg::Msg;

/// How often new output is told.
const TELL: Duration = Duration::from_millis(100);

/// How long a session that was asked to end may take before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// How long output may follow after the shell has ended.
const LATE_OUTPUT: Duration = Duration::from_millis(300);

/// The largest file with output, in bytes.
const MOST_LOGGED: u64 = 8_000_000;

/// The longest script that a shell takes as one argument (Linux: 128 kB).
const LONGEST: usize = 100_000;

/// Runs `task` to its end and tells of it.
pub(super) async fn run(task: Task, logs: PathBuf, stop: Arc<Notify>, lanes: Lanes) {
    let began = clock::mono();
    let repository = git::repository(&task.dir, &task.guards).await;
    let variables = environment::of(&task);
    let output = Output::without(environment::secrets(&variables));
    let mut seen =
        Seen { output, log: Log::open(&logs, &task.run), run: task.run.clone(), lanes: lanes.clone() };
    let ending = match start(&task, &variables) {
        Err(why) => {
            seen.take(format!("{why}\n").as_bytes());
            (Ending::NotStarted, why)
        }
        Ok(started) => {
            let begun = begun(&task, started.pid);
            tell(&lanes, RunNews::Begun { begun, at: clock::now() }).await;
            (follow(started, &task, &stop, &mut seen).await, String::new())
        }
    };
    seen.finish().await;
    let took = clock::mono().since(began);
    let evidence = evidence(&task, ending, (took, repository), &seen);
    tell(&lanes, RunNews::Ended { evidence, at: clock::now() }).await;
}

fn begun(task: &Task, pid: u32) -> Begun {
    Begun {
        run: task.run.clone(),
        gate: task.gate.clone(),
        name: task.name.clone(),
        hash: task.hash.clone(),
        pid,
        console: std::process::id(),
        host: host(),
        dir: Clean::new(&task.dir.to_string_lossy()),
    }
}

/// What is seen of a run while it lasts.
struct Seen {
    output: Output,
    log: Log,
    run: RunId,
    lanes: Lanes,
}

impl Seen {
    fn take(&mut self, bytes: &[u8]) {
        let log = &mut self.log;
        self.output.take(bytes, &mut |line| log.line(line));
    }

    /// Tells what is new, if the model has time for it: a process never waits for the screen.
    fn tell(&mut self) {
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

/// The file with all output of a run, up to its limit.
struct Log {
    file: Option<File>,
    path: PathBuf,
    written: u64,
}

impl Log {
    fn open(logs: &Path, run: &RunId) -> Self {
        let name: String =
            run.0.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect();
        let path = logs.join(format!("{name}.log"));
        Self { file: create(logs, &path).ok(), path, written: 0 }
    }

    fn line(&mut self, line: &Clean) {
        let size = line.len() as u64 + 1;
        if self.written + size > MOST_LOGGED {
            self.written = MOST_LOGGED;
            return;
        }
        self.written += size;
        let failed = self.file.as_mut().is_some_and(|file| writeln!(file, "{line}").is_err());
        if failed {
            self.file = None;
        }
    }

    fn end(&mut self) {
        if self.written >= MOST_LOGGED
            && let Some(file) = &mut self.file
        {
            // The evidence has the end of the output; the file says that it has not.
            let _full = writeln!(file, "… more than 8 MB: the rest is not kept …");
        }
    }

    fn name(&self) -> Clean {
        self.file.as_ref().map(|_| Clean::new(&self.path.to_string_lossy())).unwrap_or_default()
    }
}

/// For their owner only: output may say more than it should.
fn create(logs: &Path, path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(logs)?;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    std::fs::create_dir_all(logs)?;
    options.open(path)
}

/// A shell that runs, and its output.
#[cfg(unix)]
struct Started {
    child: Box<dyn process_wrap::tokio::ChildWrapper>,
    pid: u32,
    reader: tokio::net::unix::pipe::Receiver,
}

#[cfg(unix)]
fn start(task: &Task, variables: &[(String, std::ffi::OsString)]) -> Result<Started, String> {
    use process_wrap::tokio::{CommandWrap, ProcessSession};
    if task.script.len() > LONGEST {
        return Err("the command is longer than 100 kB: put it in a script".to_owned());
    }
    let (reader, writer) = std::io::pipe().map_err(|error| format!("no pipe for its output: {error}"))?;
    let second = writer.try_clone().map_err(|error| format!("no pipe for its output: {error}"))?;
    let shell = shell(task, variables);
    let mut command = tokio::process::Command::new(&shell);
    command.arg("-c").arg(&task.script).current_dir(&task.dir).env_clear();
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    command.stdin(std::process::Stdio::null()).stdout(writer).stderr(second);
    let mut wrapped = CommandWrap::from(command);
    wrapped.wrap(ProcessSession);
    let child = wrapped.spawn().map_err(|error| {
        if task.dir.is_dir() {
            format!("{shell} cannot be started: {error}")
        } else {
            format!("{} is no directory: set `dir`", task.dir.display())
        }
    })?;
    // The wrapper keeps the writing end of the pipe, which must end with the processes.
    drop(wrapped);
    let pid = child.id().ok_or("it ended before it began")?;
    let reader = tokio::net::unix::pipe::Receiver::from_owned_fd(reader.into());
    let reader = reader.map_err(|error| format!("its output cannot be read: {error}"))?;
    Ok(Started { child: child.into_inner(), pid, reader })
}

/// Bash, where the run's own path leads to one, for `source` and the rest of what documents use; else sh.
#[cfg(unix)]
fn shell(task: &Task, variables: &[(String, std::ffi::OsString)]) -> String {
    if let Some(shell) = &task.shell {
        return shell.clone();
    }
    let path = variables.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.clone());
    let found = path.and_then(|path| {
        std::env::split_paths(&path)
            .map(|dir| dir.join("bash"))
            .find(|bash| bash.is_absolute() && bash.is_file())
    });
    found.map_or_else(|| "/bin/sh".to_owned(), |bash| bash.to_string_lossy().into_owned())
}

/// Follows the shell to its end, or to the end that was made of it.
#[cfg(unix)]
async fn follow(mut started: Started, task: &Task, stop: &Notify, seen: &mut Seen) -> Ending {
    use tokio::io::AsyncReadExt;
    let mut buffer = vec![0; 64 * 1024];
    let mut open = true;
    let limit = async {
        match task.timeout {
            Some(limit) => sleep(limit).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(limit);
    let mut beat = tokio::time::interval(TELL);
    let ending = loop {
        tokio::select! {
            read = started.reader.read(&mut buffer), if open => match read {
                Ok(0) | Err(_) => open = false,
                Ok(count) => seen.take(buffer.get(..count).unwrap_or_default()),
            },
            _ = beat.tick() => seen.tell(),
            status = started.child.wait() => break status.map_or(Ending::Unseen, ended),
            () = &mut limit => break Ending::TimedOut,
            () = stop.notified() => break Ending::Stopped,
        }
    };
    let forced = matches!(ending, Ending::TimedOut | Ending::Stopped);
    let reach = if forced { Reach::All } else { Reach::Session };
    let late = if open && !forced { LATE_OUTPUT } else { Duration::ZERO };
    let end = async {
        sleep(late).await;
        end_session(started.pid, &task.run, reach).await;
    };
    tokio::pin!(end);
    let mut over = false;
    while open || !over {
        tokio::select! {
            read = started.reader.read(&mut buffer), if open => match read {
                Ok(0) | Err(_) => open = false,
                Ok(count) => seen.take(buffer.get(..count).unwrap_or_default()),
            },
            () = &mut end, if !over => over = true,
            // A process that escaped keeps the pipe open: its output is not waited for.
            () = sleep(LATE_OUTPUT), if over => break,
            _ = beat.tick() => seen.tell(),
        }
    }
    let _reaped = timeout(GRACE, started.child.wait()).await;
    ending
}

#[cfg(unix)]
fn ended(status: std::process::ExitStatus) -> Ending {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Exited(code),
        (None, Some(signal)) => Ending::Signalled(signal),
        (None, None) => Ending::Unseen,
    }
}

#[cfg(not(unix))]
struct Started {
    pid: u32,
}

#[cfg(not(unix))]
fn start(task: &Task, _: &[(String, std::ffi::OsString)]) -> Result<Started, String> {
    let _ = (task.script.len() > LONGEST, LATE_OUTPUT, timeout::<std::future::Ready<()>>);
    Err("gates run on Linux and macOS only".to_owned())
}

#[cfg(not(unix))]
async fn follow(started: Started, task: &Task, _: &Notify, seen: &mut Seen) -> Ending {
    seen.tell();
    end_session(started.pid, &task.run, Reach::All).await;
    Ending::Unseen
}

/// TERM to all of it, and KILL to what is left after five seconds.
pub(super) async fn end_session(pid: u32, run: &RunId, reach: Reach) {
    let send = |signal| {
        let run = run.clone();
        let sent = tokio::task::spawn_blocking(move || session::send(pid, &run, reach, signal));
        async move { sent.await.unwrap_or(0) }
    };
    if send(Signal::Term).await == 0 {
        return;
    }
    let until = clock::mono().after(GRACE);
    let mut pause = Duration::from_millis(20);
    while clock::mono() < until {
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(250));
        let run = run.clone();
        let left = tokio::task::spawn_blocking(move || session::count(pid, &run, reach)).await;
        if left.is_ok_and(|left| left == 0) {
            return;
        }
    }
    // What is born while the list is made, and what still dies, is looked for again.
    for _ in 0..20 {
        if send(Signal::Kill).await == 0 {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
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
        Ending::TimedOut => (Outcome::TimedOut, "it ran longer than it may".to_owned()),
        Ending::Stopped => (Outcome::Stopped, "stopped".to_owned()),
        Ending::NotStarted => (Outcome::Failed, why),
        Ending::Unseen => (Outcome::Unseen, "nobody saw how it ended".to_owned()),
    };
    let tally = summary(&output);
    let (outcome, why) = told;
    let why = match (outcome, tally) {
        (Outcome::Passed, Some(tally)) => tally.told(),
        (Outcome::Failed, _) if ending == Ending::Exited(SETUP_FAILED) => {
            "a line before it in its fence failed: look at the output".to_owned()
        }
        _ => why,
    };
    let local = local_address(&task.script).filter(|_| task.guarded);
    let finding = local.map(|at| Clean::new(&format!("it asks {at}, which is not what is rolled out")));
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
        findings: finding.into_iter().collect(),
    }
}

fn outcome(result: GateResult) -> (Outcome, String) {
    match result {
        GateResult::Passed => (Outcome::Passed, "exit 0".to_owned()),
        GateResult::Failed { why } => (Outcome::Failed, why.to_string()),
        GateResult::Inconclusive { why } => (Outcome::Unclear, why.to_string()),
    }
}
