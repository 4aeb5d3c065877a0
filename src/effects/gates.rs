//! Running gates: each in a session of its own, without a way to the terminal, bounded in time and output, and stopped
//! with all its children.
//!
//! A run is a shell that gets its script as an argument and nothing on its standard input; gates of one fence that are
//! run together share one shell, which gets its commands one by one. Its environment is the list
//! that the config names, and the mark by which its processes are found again. When the shell ends, what it left in the
//! background is ended too. Dropping the hub stops nothing; whoever leaves asks for it and waits.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::{Notify, mpsc};
use tokio::task::{AbortHandle, JoinSet};

use crate::domain::Clean;
use crate::domain::run::{Begun, Quarry, RunId, RunNews, Task, Watch};
use crate::lanes::Lanes;
use crate::model::effect::Permit;
use crate::model::msg::Msg;

mod environment;
#[cfg(unix)]
mod follow;
mod git;
#[cfg(unix)]
mod lent;
mod log;
mod output;
#[cfg(unix)]
mod process;
mod redact;
mod runner;
mod session;
pub use git::{compare, unknown};
#[cfg(test)]
mod tests;

#[cfg(unix)]
pub use lent::on_terminal;

/// What runs gates for one console.
#[derive(Debug)]
pub struct Gates {
    /// Where the files with the output go.
    logs: PathBuf,
    lanes: Lanes,
    tasks: JoinSet<()>,
    running: HashMap<RunId, (Arc<Notify>, AbortHandle)>,
    /// Shells that gates of one fence share, by the run that began them.
    shells: HashMap<RunId, (mpsc::Sender<runner::Job>, AbortHandle)>,
}

impl Gates {
    /// Output goes to files in `logs`.
    pub fn new(logs: PathBuf, lanes: Lanes) -> Self {
        let logs = std::path::absolute(&logs).unwrap_or(logs);
        Self { logs, lanes, tasks: JoinSet::new(), running: HashMap::new(), shells: HashMap::new() }
    }

    /// Runs a gate, once; answered by `Begun`, `Told` and `Ended`.
    pub fn run(&mut self, task: Task, permit: &Permit) {
        self.reap();
        if self.running.contains_key(&task.run) {
            return;
        }
        tracing::info!(gate = task.gate, run = task.run.0, record = permit.record(), "gate begins");
        let (stop, run) = (Arc::new(Notify::new()), task.run.clone());
        let job = (task, stop.clone());
        let handle = match job.0.shares.clone() {
            None => self.tasks.spawn(runner::run(job, self.logs.clone(), self.lanes.clone())),
            Some(first) => self.share(first, job),
        };
        self.running.insert(run, (stop, handle));
    }

    /// Hands a run to the shell that it shares; a new one if that is gone, where what leads to the command is run again.
    fn share(&mut self, first: RunId, job: runner::Job) -> AbortHandle {
        let known = self.shells.get(&first).filter(|(_, task)| !task.is_finished());
        let job = match known.map(|(shell, task)| (shell.try_send(job.clone()), task)) {
            Some((Ok(()), task)) => return task.clone(),
            _ => job,
        };
        let (sender, jobs) = mpsc::channel(4);
        let _new = sender.try_send(job);
        let task = self.tasks.spawn(runner::shared(jobs, self.logs.clone(), self.lanes.clone()));
        self.shells.insert(first, (sender, task.clone()));
        task
    }

    /// Stops a run, children too.
    pub fn stop(&self, run: &RunId) {
        if let Some((stop, _)) = self.running.get(run) {
            stop.notify_one();
        }
    }

    /// Stops all runs; whether there were any.
    pub fn stop_all(&mut self) -> bool {
        self.reap();
        for (stop, _) in self.running.values() {
            stop.notify_one();
        }
        !self.running.is_empty()
    }

    /// Whether anything runs.
    pub fn is_running(&mut self) -> bool {
        self.reap();
        !self.running.is_empty()
    }

    /// Looks for what is left of runs of other consoles.
    pub fn seek(&mut self, runs: Vec<Quarry>) {
        self.reap();
        let (lanes, logs) = (self.lanes.clone(), self.logs.clone());
        self.tasks.spawn(async move {
            for news in sought(runs, logs).await {
                tell(&lanes, news).await;
            }
        });
    }

    /// Stops what is left of a run whose console is gone.
    pub fn stop_orphan(&mut self, run: Quarry) {
        self.reap();
        let (lanes, logs) = (self.lanes.clone(), self.logs.clone());
        self.tasks.spawn(async move {
            if run.host == host() && !session::exists(run.console) {
                session::end(run.pid, &run.mark, session::Reach::Orphan).await;
            }
            tell(&lanes, look(&run, &logs)).await;
        });
    }

    /// Looks what changed under gates that passed.
    pub fn compare(&mut self, watches: Vec<Watch>) {
        self.reap();
        let lanes = self.lanes.clone();
        self.tasks.spawn(async move {
            for watch in watches {
                let (changes, problem) = match compare(&watch).await {
                    Ok((changes, unknown)) => (changes, unknown.as_deref().map(Clean::new)),
                    Err(why) => (Vec::new(), Some(Clean::new(&why))),
                };
                tell(&lanes, RunNews::Compared { gate: watch.gate, run: watch.run, changes, problem }).await;
            }
        });
    }

    fn reap(&mut self) {
        while self.tasks.try_join_next().is_some() {}
        self.running.retain(|_, (_, task)| !task.is_finished());
        self.shells.retain(|_, (_, task)| !task.is_finished());
    }
}

/// What is written down of a run before its process is there.
pub fn claim(task: &Task) -> Begun {
    runner::begun(task, 0)
}

/// This machine's name, as records of gates keep it.
pub fn host() -> Clean {
    #[cfg(unix)]
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").unwrap_or_default();
    Clean::new(&name)
}

/// What is left of runs of other consoles.
pub async fn sought(runs: Vec<Quarry>, logs: PathBuf) -> Vec<RunNews> {
    // Listing all processes takes a moment.
    let found = move || runs.iter().map(|run| look(run, &logs)).collect();
    tokio::task::spawn_blocking(found).await.unwrap_or_default()
}

fn look(quarry: &Quarry, logs: &Path) -> RunNews {
    let here = quarry.host == host();
    let alive = here.then(|| session::count(quarry.pid, &quarry.mark, session::Reach::Orphan) > 0);
    let log = Some(log::path(logs, &quarry.run)).filter(|path| here && path.is_file());
    RunNews::Sought {
        run: quarry.run.clone(),
        alive,
        watched: here && session::exists(quarry.console),
        log: log.map(|path| Clean::new(&path.to_string_lossy())).unwrap_or_default(),
    }
}

/// All news of a run go the same way, so that they come in their order.
async fn tell(lanes: &Lanes, news: RunNews) {
    // The runtime is gone: there is nobody to tell.
    let _closed = lanes.data.send(Msg::Gate(Box::new(news))).await;
}
