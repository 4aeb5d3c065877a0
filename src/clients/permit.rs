//! Until when a change may leave.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::clock;
use crate::domain::Wall;

/// Until when a change may leave: asked right before each request that changes something.
#[derive(Debug, Clone)]
pub struct Permit {
    until: Wall,
    halted: Arc<AtomicBool>,
}

/// Why it may not leave.
pub(super) const TOO_LATE: &str = "it is too late to send it: start again";

impl Permit {
    /// Until that moment, and as long as `halted` is not set.
    pub fn new(until: Wall, halted: Arc<AtomicBool>) -> Self {
        Self { until, halted }
    }

    /// Whether it may leave now. By the wall clock, which goes on while the machine is suspended.
    pub fn is_allowed(&self) -> bool {
        !self.halted.load(Ordering::SeqCst) && clock::wall() <= self.until
    }

    /// It may not leave any more.
    pub fn halt(&self) {
        self.halted.store(true, Ordering::SeqCst);
    }
}
