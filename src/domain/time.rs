//! Time as data: a monotonic instant and a wall time, both brought in by messages.
//!
//! Nothing here reads a clock. [`Mono`] measures durations inside one process, [`Wall`] is what is stored,
//! shown and compared between machines.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Wall-clock time, always UTC.
pub type Wall = DateTime<Utc>;

/// Microseconds since this process started, from the monotonic clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Mono(pub u64);

impl Mono {
    /// The instant `seconds` after the start; handy in tests.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds * 1_000_000)
    }

    /// The instant `millis` after the start; handy in tests.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * 1_000)
    }

    /// Time since `earlier`; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// This instant plus `by`, saturating.
    #[must_use]
    pub fn after(self, by: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(by.as_micros()).unwrap_or(u64::MAX)))
    }

    /// This instant minus `by`, never before the start.
    #[must_use]
    pub fn before(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(by.as_micros()).unwrap_or(u64::MAX)))
    }
}

/// Both clocks at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Now {
    /// For durations.
    pub mono: Mono,
    /// For the screen and the journal.
    pub wall: Wall,
}

impl Now {
    /// The wall time at which `at` was, judged from this moment.
    pub fn wall_at(&self, at: Mono) -> Wall {
        if at > self.mono {
            self.wall + chrono::TimeDelta::from_std(at.since(self.mono)).unwrap_or_default()
        } else {
            self.wall - chrono::TimeDelta::from_std(self.mono.since(at)).unwrap_or_default()
        }
    }
}
