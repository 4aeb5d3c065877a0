//! Envelopes: frames held against the team's JSON Schemas. What is wrong is counted by kind and place, and ends nothing.

use serde::{Deserialize, Serialize};

use super::{Clean, Mono, ServiceIx};

/// Kinds and places told apart at most; further ones are only counted.
pub const MAX_PLACES: usize = 64;

/// One way in which frames are wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Wrong {
    /// Event type.
    pub kind: Clean,
    /// JSON pointer into the frame, with `*` for places in lists; empty: the frame itself.
    pub place: Clean,
    /// Which rule of the schema: `type`, `required`, `enum` …
    pub rule: Clean,
}

/// Frames that were looked at since the last time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Checked {
    /// Whose stream.
    pub service: ServiceIx,
    /// When the last of them was.
    pub at: Mono,
    /// How many were held against a schema.
    pub frames: u64,
    /// How many of those were wrong.
    pub wrong: u64,
    /// How many there is no schema for.
    pub unknown: u64,
    /// What was wrong, how often, and the words for the newest; at most [`MAX_PLACES`].
    pub found: Vec<(Wrong, u64, Clean)>,
    /// What is wrong with the schemas themselves.
    pub problem: Option<Clean>,
}
