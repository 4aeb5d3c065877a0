//! Attempts to connect: how many, how they ended, and the share that succeeded.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::Mono;
use crate::domain::close_code;
use crate::domain::event::EventsDelta;
use crate::domain::measure::Sliding;

/// Distinct HTTP statuses counted.
const MAX_STATUSES: usize = 64;

/// Attempts to connect.
#[derive(Debug, Clone, PartialEq)]
pub struct Handshakes {
    /// Attempts so far.
    pub attempts: u64,
    /// Completed.
    pub opened: u64,
    /// Answered with this HTTP status instead.
    pub refused: BTreeMap<u16, u64>,
    /// Without an HTTP answer.
    pub failed: u64,
    /// Own connections open now, of how many wanted.
    pub open: (u16, u16),
    tried: Sliding,
    succeeded: Sliding,
    refusals: Sliding,
}

impl Handshakes {
    pub(super) fn new() -> Self {
        let window = || Sliding::new(Duration::from_secs(1), 600);
        Self {
            attempts: 0,
            opened: 0,
            refused: BTreeMap::new(),
            failed: 0,
            open: (0, 0),
            tried: window(),
            succeeded: window(),
            refusals: window(),
        }
    }

    pub(super) fn take(&mut self, delta: &EventsDelta) {
        let sockets = &delta.sockets;
        self.attempts += sockets.attempts;
        self.opened += sockets.opened;
        self.failed += sockets.failed;
        self.open = (sockets.open, sockets.wanted);
        for (status, n) in &sockets.refused {
            if self.refused.len() < MAX_STATUSES || self.refused.contains_key(status) {
                *self.refused.entry(*status).or_default() += n;
            }
        }
        let refused: u64 = sockets.refused.values().sum();
        self.refusals.add(delta.at, refused as f64);
        self.succeeded.add(delta.at, sockets.opened as f64);
        self.tried.add(delta.at, (sockets.opened + sockets.failed + refused) as f64);
    }

    /// Handshakes refused in the last minute.
    pub fn refused_per_minute(&self, now: Mono) -> f64 {
        self.refusals.sum(now, close_code::RATE_WINDOW)
    }

    /// Attempts in the last minute that were answered or failed.
    pub fn attempts_per_minute(&self, now: Mono) -> f64 {
        self.tried.sum(now, close_code::RATE_WINDOW)
    }

    /// Percent of the finished attempts of the last five minutes that succeeded; `None`: there were none.
    pub fn success_percent(&self, now: Mono) -> Option<f64> {
        let over = Duration::from_mins(5);
        let tried = self.tried.sum(now, over);
        (tried > 0.0).then(|| self.succeeded.sum(now, over) / tried * 100.0)
    }
}
