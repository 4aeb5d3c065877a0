//! Where numbers come from, and how long ago is too long.

use std::time::Duration;

use crate::domain::{LinkReport, Mono};

/// Slack on top of two periods, as for links.
pub(super) const GRACE: Duration = Duration::from_millis(500);

/// What numbers come from: the scrapes, or the metrics engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Feed {
    pub(super) interval: Duration,
    /// News is expected within it: an interval, or the time-out where that is longer.
    pub(super) period: Duration,
    pub(super) down: bool,
}

impl Feed {
    pub(super) fn new(interval: Duration, timeout: Duration) -> Self {
        Self { interval, period: interval.max(timeout), down: false }
    }

    /// While it is down no number is fresh.
    pub(super) fn linked(&mut self, report: &LinkReport) {
        match report {
            LinkReport::Down { .. } => self.down = true,
            LinkReport::Alive => self.down = false,
            LinkReport::Connecting | LinkReport::Dropped { .. } => {}
        }
    }

    pub(super) fn is_fresh(self, at: Option<Mono>, now: Mono) -> bool {
        !self.down && at.is_some_and(|at| now.since(at) <= self.period * 2 + GRACE)
    }
}
