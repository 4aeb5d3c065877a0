//! The event stream: what a source hands over, and the state of runs.

use serde::{Deserialize, Serialize};

use super::{Mono, ServiceIx};

/// What happened on a stream since the last hand-over; merged in the source while the model is busy.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct EventsDelta {
    /// Whose.
    pub service: ServiceIx,
    /// Time of hand-over.
    pub at: Mono,
}
