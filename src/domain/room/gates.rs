//! Gates of the config, and how those of documents run.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::condition::{Comparator, Purpose};
use crate::domain::{ConditionSpec, Limit, PanelId, ServiceIx, SignalKey};

/// Names of variables that a gate gets where the config names no others: what programs need to be found and to write
/// text, and nothing secret.
pub const ENVIRONMENT: [&str; 16] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "GOPATH",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "JAVA_HOME",
    "NVM_DIR",
];

/// How long a gate may run where nothing else is said.
pub const TIMEOUT: Duration = Duration::from_mins(10);

/// When a mission-critical gate that failed asks for a rollback. Gates are the room's: so is the trigger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateTrigger {
    /// It has failed for so long.
    pub sustained: Duration,
    /// How long none may have failed before it is clear again.
    pub clears_after: Duration,
}

impl GateTrigger {
    /// The signal that it looks at.
    pub const SIGNAL: &str = "gates.rollout_failed";

    /// The trigger.
    pub fn condition(&self) -> ConditionSpec {
        ConditionSpec {
            name: "mission-critical gate failed".to_owned(),
            purpose: Purpose::Trigger,
            signal: SignalKey::new(ServiceIx(0), Self::SIGNAL),
            fail: Limit { op: Comparator::Gt, value: 0.0 },
            warn: None,
            target: None,
            sustained: self.sustained,
            clears_after: self.clears_after,
            out_of: None,
            min_samples: 0,
            unit: String::new(),
            panel: PanelId::Gates,
        }
    }
}

/// All that the config says of gates.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct GatesSpec {
    /// The shell; `None`: bash, else sh.
    pub shell: Option<String>,
    /// How the gates of each checklist run.
    pub documents: Vec<DocumentGates>,
    /// Gates of the config, trusted as the config is.
    pub gates: Vec<GateSpec>,
    /// Files that must not change after gates passed.
    pub guards: Vec<GuardSpec>,
}

/// How the gates of one checklist run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentGates {
    /// The checklist's name.
    pub name: String,
    /// Where they run.
    pub dir: PathBuf,
    /// How long each may run.
    pub timeout: Duration,
    /// Variables: names passed on, and `NAME=value`.
    pub env: Vec<String>,
}

/// A gate of the config.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateSpec {
    /// Its name.
    pub name: String,
    /// What the shell gets.
    pub command: String,
    /// Where it runs.
    pub dir: PathBuf,
    /// How long it may run.
    pub timeout: Duration,
    /// Variables: names passed on, and `NAME=value`.
    pub env: Vec<String>,
    /// Texts that its output has to have.
    pub expect: Vec<String>,
    /// The shell; `None`: that of all gates.
    pub shell: Option<String>,
    /// Whether the act cannot go on without it.
    pub required: bool,
}

/// Files that must not change after gates passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuardSpec {
    /// Paths relative to the repository; a directory means all in it.
    pub paths: Vec<String>,
    /// Gates by name or id; none: all.
    pub gates: Vec<String>,
}
