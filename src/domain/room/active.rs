//! The active run: a message sent as a user would, and what must come of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What stands in the message for the run's id.
pub const RUN_MARK: &str = "{run}";

/// A run that this console begins itself, on a connection of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveSpec {
    /// Where, if not where the stream is.
    pub url: Option<String>,
    /// What is sent; [`RUN_MARK`] becomes a new id. Without the mark the server chooses the id.
    pub send: String,
    /// How often (default 5 min).
    pub interval: Duration,
    /// How long the run may take at all (default 30 s).
    pub timeout: Duration,
    /// A complete run that takes longer fails all the same (default: the time-out).
    pub limit: Duration,
    /// Event types that must come, in this order (default: those of the stream).
    pub required: Vec<String>,
    /// JSON pointers to whom an event is for, tried in order.
    pub user: Vec<String>,
    /// Who this connection is; an event for somebody else is an isolation violation.
    pub me: Option<String>,
    /// Whether the connection carries its own runs alone, so that any other run is an isolation violation.
    pub alone: bool,
}
