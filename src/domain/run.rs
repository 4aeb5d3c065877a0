//! Runs of gates: what is run, how it ended, and the evidence that is kept of it.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::gate::Summary;
use super::plan::Command;
use super::{Clean, Mono, Now};

/// The variable that marks every process of a run with the run's id, so that what is left of it can be found.
pub const MARK: &str = "WARROOM_GATE_RUN";

/// Identity of one run, unique over all consoles.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct RunId(pub String);

/// A run, frozen: what was shown is what is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Identity.
    pub run: RunId,
    /// The gate: its name in the config, or the id of its command in a document.
    pub gate: String,
    /// As shown.
    pub name: Clean,
    /// The command, as the shell gets it.
    pub script: String,
    /// What is run before it, in the same shell: the lines before it in its fence that set the shell up.
    pub lead: Vec<Lead>,
    /// The run that began the shell that several gates of one fence share, one after the other; `None`: it has a shell of
    /// its own.
    pub shares: Option<RunId>,
    /// It has the terminal to itself, and nothing of what it shows is kept.
    pub on_terminal: bool,
    /// SHA-256 of the command and what leads to it, hex.
    pub hash: String,
    /// What of it is evidence, and what is expected of it.
    pub command: Command,
    /// It runs for a room of staging or production, where this machine is the wrong place to ask.
    pub guarded: bool,
    /// Where it runs.
    pub dir: PathBuf,
    /// After this it is stopped; `None`: it runs until stopped.
    pub timeout: Option<Duration>,
    /// The environment: names of variables that are passed on, and `NAME=value`. Nothing else of the console's
    /// environment reaches it.
    pub env: Vec<String>,
    /// The shell; `None`: bash, else sh.
    pub shell: Option<String>,
    /// What must not change after it passed.
    pub guards: Guards,
}

/// Files that must not change after a gate passed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Guards {
    /// Paths as written: relative to the repository, or else to what names them. `*` and `**` mean what they mean to git.
    pub paths: Vec<String>,
    /// Where the document stands that names them.
    pub beside: PathBuf,
}

impl Task {
    /// What its processes are marked with.
    pub fn mark(&self) -> &RunId {
        self.shares.as_ref().unwrap_or(&self.run)
    }
}

/// A line that sets a shell up for those after it in its fence (`cd`, `source`, `NAME=value`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// The command that it is, or is the beginning of: once that was run in a shell, it is not run there again.
    pub id: String,
    /// Where it stands in the document, from 1.
    pub line: u32,
    /// What the shell gets.
    pub text: String,
    /// The command asks for the status of this line (`$?`), so that it may fail.
    pub asked: bool,
}

/// How the process of a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// With this status.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
    /// It ran longer than allowed and was stopped.
    TimedOut,
    /// A person stopped it, or left the console.
    Stopped,
    /// It never began.
    NotStarted,
    /// The console that ran it is gone, and nobody saw how it ended.
    Unseen,
}

/// What a run proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// It proved what it is to prove.
    Passed,
    /// It proved the contrary, or could not be run.
    Failed,
    /// It took too long.
    TimedOut,
    /// It was stopped before its end.
    Stopped,
    /// It ended well and proved nothing by itself: a person reads the output.
    Unclear,
    /// Nobody saw how it ended.
    Unseen,
}

/// What the repository was when the gate ran.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Repository {
    /// The commit, hex; `None`: there is no repository, or git did not answer.
    pub commit: Option<String>,
    /// Whether anything was not committed; `None`: not known.
    pub dirty: Option<bool>,
    /// Guarded files that were not committed, with the hash of what they held.
    pub unsaved: Vec<(String, String)>,
}

/// The evidence of one run, as the journal keeps it. No value of the environment is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The run.
    pub run: RunId,
    /// The gate.
    pub gate: String,
    /// As shown.
    pub name: Clean,
    /// SHA-256 of what the shell got, hex.
    pub hash: String,
    /// How the process ended.
    pub ending: Ending,
    /// What that proves.
    pub outcome: Outcome,
    /// Why, in a few words: `22 of 23`, `exit 1`, `all 4 skipped`.
    pub why: Clean,
    /// How long it ran, in milliseconds.
    pub millis: u64,
    /// Tests, if the output counts them.
    pub tally: Option<Summary>,
    /// The code it ran on.
    pub repository: Repository,
    /// The file that has its output; empty: none could be written.
    pub log: Clean,
    /// The revision that is rolled out, if one is known.
    #[serde(default)]
    pub candidate: Option<String>,
    /// The findings of it, such as a gate of production that asks localhost.
    #[serde(default)]
    pub findings: Vec<Clean>,
    /// It ran interactively, on the terminal: its output was not captured, and nobody but the person there saw it.
    #[serde(default)]
    pub on_terminal: bool,
}

impl Evidence {
    /// What is known of a run of which nobody saw anything.
    pub fn unseen(run: RunId, gate: String, name: Clean, hash: String) -> Self {
        Self {
            run,
            gate,
            name,
            hash,
            ending: Ending::Unseen,
            outcome: Outcome::Unseen,
            why: Clean::default(),
            millis: 0,
            tally: None,
            repository: Repository::default(),
            log: Clean::default(),
            candidate: None,
            findings: Vec::new(),
            on_terminal: false,
        }
    }
}

/// A run begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// The run.
    pub run: RunId,
    /// The gate.
    pub gate: String,
    /// As shown.
    pub name: Clean,
    /// SHA-256 of what the shell got, hex.
    pub hash: String,
    /// Its process, which leads a session of its own; 0: it is not there yet.
    pub pid: u32,
    /// The process of the console that watches it.
    pub console: u32,
    /// The machine both are on.
    pub host: Clean,
    /// Where it runs.
    pub dir: Clean,
    /// The mark of its processes, if it is not its own: a shell that gates share has that of the first.
    #[serde(default)]
    pub mark: Option<RunId>,
}

/// A run as its runner tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "news", rename_all = "snake_case")]
pub enum RunNews {
    /// The process began.
    Begun { begun: Begun, at: Now },
    /// It wrote these lines; `skipped` more before them are only in the log. `partial` is a line without its end.
    Told { run: RunId, lines: Vec<Clean>, skipped: u64, partial: Clean, at: Mono },
    /// It is over.
    Ended { evidence: Evidence, at: Now },
    /// What is left of a run of another console. `alive`: processes of it; `watched`: its console too. `None`: it
    /// cannot be told, for it runs on another machine. `log`: the file with its output, empty if there is none here.
    Sought { run: RunId, alive: Option<bool>, watched: bool, log: Clean },
    /// What changed under a gate since it passed.
    Compared { gate: String, run: RunId, changes: Vec<Change>, problem: Option<Clean> },
}

/// A run of another console, to be looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarry {
    /// The run.
    pub run: RunId,
    /// What its processes are marked with.
    pub mark: RunId,
    /// The process that leads its session.
    pub pid: u32,
    /// The process of its console.
    pub console: u32,
    /// The machine.
    pub host: Clean,
}

/// What to compare with the repository as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// The gate that guards it.
    pub gate: String,
    /// The run that passed.
    pub run: RunId,
    /// Where it ran.
    pub dir: PathBuf,
    /// What the repository was then.
    pub repository: Repository,
    /// What is guarded.
    pub guards: Guards,
}

/// A guarded file that is no longer what a gate passed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The file, relative to its repository.
    pub path: Clean,
    /// The newest commit that changed it, short; `None`: it is not committed.
    pub commit: Option<Clean>,
    /// What that commit says of itself.
    pub subject: Clean,
}
