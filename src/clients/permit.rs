//! Until when a change may leave.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use crate::clock;
use crate::domain::Wall;

/// Until when a change may leave: asked right before each request that changes something.
#[derive(Debug, Clone)]
pub struct Permit {
    /// In microseconds, as all who share it see it.
    until: Arc<AtomicI64>,
    halted: Arc<AtomicBool>,
}

/// Why it may not leave.
pub(super) const TOO_LATE: &str = "it is too late to send it: start again";

impl Permit {
    /// Until that moment, and as long as `halted` is not set.
    pub fn new(until: Wall, halted: Arc<AtomicBool>) -> Self {
        Self { until: Arc::new(AtomicI64::new(until.timestamp_micros())), halted }
    }

    /// Whether it may leave now. By the wall clock, which goes on while the machine is suspended.
    pub fn is_allowed(&self) -> bool {
        !self.halted.load(Ordering::SeqCst) && self.is_in_time()
    }

    /// Whether the time for it is not over.
    fn is_in_time(&self) -> bool {
        clock::wall().timestamp_micros() <= self.until.load(Ordering::SeqCst)
    }

    /// How much of the time for it is left.
    pub fn left(&self) -> Duration {
        let left = self.until.load(Ordering::SeqCst).saturating_sub(clock::wall().timestamp_micros());
        Duration::from_micros(u64::try_from(left).unwrap_or_default())
    }

    /// It may leave until then. What is too late stays so.
    pub fn prolong(&self, until: Wall) {
        if self.is_in_time() {
            self.until.fetch_max(until.timestamp_micros(), Ordering::SeqCst);
        }
    }

    /// It may not leave any more.
    pub fn halt(&self) {
        self.halted.store(true, Ordering::SeqCst);
    }
}
