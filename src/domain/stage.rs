//! Stages: the steps of a rollout, as they are recorded; [`Course`] is how far it is, folded from the records.
//!
//! A person goes from one stage to the next; nothing does that by itself. The soak clock of a stage is counted by the
//! console that keeps the journal, and written down so often that it survives restarts: a record can only lose time
//! that nobody wrote down, never gain any.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Clean, Wall};

pub mod calendar;
mod course;
pub mod zone;

pub use course::{Clock, Course, Current, Passed, Said};

/// What happened to a stage. `after` is the record of the last act on stages that was known then: an act that another
/// one overtook is not valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// A person went on: the stage before is passed, this one begins.
    Entered {
        /// See [`Step`].
        after: u64,
        /// The stage.
        stage: Clean,
        /// Its place, from 1.
        number: u32,
        /// How many stages there were.
        of: u32,
        /// Its share of the traffic, 0 to 100.
        percent: Option<u8>,
        /// How long it soaks, in milliseconds.
        soak_ms: u64,
        /// What spoke against it, where a person went on all the same.
        #[serde(default)]
        against: Vec<Clean>,
    },
    /// A person passed the last stage.
    Finished {
        /// See [`Step`].
        after: u64,
        /// The stage.
        stage: Clean,
        /// What spoke against it, where a person went on all the same.
        #[serde(default)]
        against: Vec<Clean>,
    },
    /// A person holds the stage: the clock stands, and nobody goes on.
    Paused {
        /// See [`Step`].
        after: u64,
        /// The stage.
        stage: Clean,
        /// Why; may be empty.
        reason: Clean,
    },
    /// The stage goes on.
    Resumed {
        /// See [`Step`].
        after: u64,
        /// The stage.
        stage: Clean,
    },
    /// The stage begins anew, and its clock with it; also after it was aborted.
    Repeated {
        /// See [`Step`].
        after: u64,
        /// The stage.
        stage: Clean,
        /// Why.
        reason: Clean,
        /// How long it soaks, in milliseconds.
        soak_ms: u64,
    },
    /// A person gave the stage up, and those after it.
    Aborted {
        /// See [`Step`].
        after: u64,
        /// The stage.
        stage: Clean,
        /// Why.
        reason: Clean,
    },
    /// How far the soak clock is, written by the console that keeps the journal.
    Soaked {
        /// The record with which this clock began.
        clock: u64,
        /// The stage.
        stage: Clean,
        /// Time that counted, in milliseconds.
        ms: u64,
        /// Why it stands; `None`: it runs.
        stop: Option<Stop>,
        /// What failed since it counted last, also where something else holds it up by now: the next time that counts
        /// is the first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failed: Option<Clean>,
    },
    /// Time that nobody watched was looked up afterwards, in what the metrics engine remembers of it.
    Filled {
        /// The record with which the clock began.
        clock: u64,
        /// The stage.
        stage: Clean,
        /// Since when nobody watched.
        from: Wall,
        /// Until when.
        until: Wall,
        /// So much of it counted, in milliseconds.
        counted_ms: u64,
        /// The whole clock with it, in milliseconds.
        ms: u64,
        /// What failed in that time, so that the clock began anew.
        failed: Option<Clean>,
        /// Why the rest of it does not count; empty: all of it does.
        rest: Clean,
    },
    /// Something that this version does not know.
    #[serde(other)]
    Other,
}

impl Step {
    /// The stage it is about.
    pub fn stage(&self) -> Option<&Clean> {
        match self {
            Self::Entered { stage, .. }
            | Self::Finished { stage, .. }
            | Self::Paused { stage, .. }
            | Self::Resumed { stage, .. }
            | Self::Repeated { stage, .. }
            | Self::Aborted { stage, .. }
            | Self::Soaked { stage, .. }
            | Self::Filled { stage, .. } => Some(stage),
            Self::Other => None,
        }
    }

    /// The act that it follows; `None`: it is no act of a person.
    pub fn after(&self) -> Option<u64> {
        match self {
            Self::Entered { after, .. }
            | Self::Finished { after, .. }
            | Self::Paused { after, .. }
            | Self::Resumed { after, .. }
            | Self::Repeated { after, .. }
            | Self::Aborted { after, .. } => Some(*after),
            Self::Soaked { .. } | Self::Filled { .. } | Self::Other => None,
        }
    }
}

/// Why a soak clock stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// What kind of reason.
    pub kind: StopKind,
    /// In words.
    pub why: Clean,
}

/// What stops a soak clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopKind {
    /// Something failed or tripped: good again, the clock begins anew.
    Failed,
    /// Something cannot be seen: the clock stands where it is.
    Unseen,
    /// A stopwatch runs, or the stage is not there yet: the clock stands where it is.
    Unsettled,
    /// A person holds the stage: the clock stands where it is.
    Held,
}

/// Time in milliseconds as a duration.
pub fn duration(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[cfg(test)]
mod tests;
