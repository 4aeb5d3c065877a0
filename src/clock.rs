//! The only place that reads a clock.
#![expect(clippy::disallowed_methods, reason = "this is the place")]

use std::sync::LazyLock;
use std::time::Instant;

use crate::domain::{Mono, Now, Wall};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Time since the first call in this process, from the monotonic clock.
pub fn mono() -> Mono {
    Mono(u64::try_from(START.elapsed().as_micros()).unwrap_or(u64::MAX))
}

/// Wall time, UTC.
pub fn wall() -> Wall {
    chrono::Utc::now()
}

/// Both at once.
pub fn now() -> Now {
    Now { mono: mono(), wall: wall() }
}

/// The `Instant` of a [`Mono`], for timers.
pub fn instant(at: Mono) -> Instant {
    *START + std::time::Duration::from_micros(at.0)
}
