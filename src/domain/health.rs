//! Health probes: one outcome, and the state that a series of outcomes makes.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Clean, Mono, Origin, ServiceIx};

/// One finished probe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probed {
    /// Whose.
    pub service: ServiceIx,
    /// Index in [`super::room::Service::probes`].
    pub probe: u16,
    /// When the answer (or the failure) was there.
    pub at: Mono,
    /// Which revision was asked, where the address says so.
    pub origin: Origin,
    /// The answer.
    pub outcome: ProbeOutcome,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum ProbeOutcome {
    /// An answer in time. `status` is the HTTP status, `None` for other kinds.
    Answered { status: Option<u16>, latency: Duration, ok: bool, report: BodyReport },
    /// No useful answer: refused, timed out, TLS refused, reset.
    Failed { error: Clean, after: Duration },
}

/// What a health body says, read by the configured pointers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct BodyReport {
    /// Current startup phase.
    pub phase: Option<Clean>,
    /// Phases reported as done, with seconds where the body has them.
    pub done: Vec<(Clean, Option<f64>)>,
    /// Startup complete.
    pub complete: Option<bool>,
    /// Startup in progress.
    pub in_progress: Option<bool>,
    /// Startup failed, with the message if there is one.
    pub failed: Option<Clean>,
    /// The body's own status word (`/status`), for contradiction checks.
    pub status: Option<Clean>,
    /// Values of configured flags: flag name → text.
    pub flags: BTreeMap<String, Clean>,
    /// Why the body could not be read, if it could not: `HTML where JSON was expected`.
    pub problem: Option<Clean>,
}
