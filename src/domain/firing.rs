//! Alerts that run elsewhere: Prometheus' own rules, and what Alertmanager holds with its silences.

use serde::{Deserialize, Serialize};

use super::{Clean, Mono, Wall};

/// Who tells of them.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::Display,
    strum::IntoStaticStr,
)]
pub enum Teller {
    /// Prometheus, or an engine with its rules API.
    Prometheus,
    /// Alertmanager.
    Alertmanager,
}

/// How an alert stands.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::Display,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FiringState {
    /// It fires, and people are told.
    Firing,
    /// Its condition holds, not yet for long enough.
    Pending,
    /// It fires, and a silence keeps it quiet.
    Silenced,
    /// It fires, and another alert keeps it quiet.
    Inhibited,
}

/// One alert that does not rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Firing {
    /// Name of its rule.
    pub name: Clean,
    /// What tells it from others of that name: `instance=a, job=shop`.
    pub labels: Clean,
    /// All its labels as `name=value`, by name: two of the same ones are the same alert.
    pub set: Vec<Clean>,
    /// Its label `severity`; may be empty.
    pub severity: Clean,
    /// Its summary or description; may be empty.
    pub summary: Clean,
    /// How it stands.
    pub state: FiringState,
    /// Since when.
    pub since: Option<Wall>,
}

/// What one look gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertsRead {
    /// Who was asked.
    pub teller: Teller,
    /// When the answer was there.
    pub at: Mono,
    /// The answer, or why there is none.
    pub answer: Result<Alerts, Clean>,
}

/// Alerts of one teller.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Alerts {
    /// Names of all rules there are, resting ones too; `None`: the teller does not know.
    pub rules: Option<Vec<Clean>>,
    /// Those that do not rest.
    pub active: Vec<Firing>,
    /// So many more there are.
    pub left_out: usize,
}
