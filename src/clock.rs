//! The only place that reads a clock.
#![expect(clippy::disallowed_methods, reason = "this is the place")]

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::domain::{Mono, Now, Wall};

static START: OnceLock<Instant> = OnceLock::new();

fn start() -> Instant {
    *START.get_or_init(Instant::now)
}

/// Time since the first call in this process, from the monotonic clock.
pub fn mono() -> Mono {
    Mono(u64::try_from(start().elapsed().as_micros()).unwrap_or(u64::MAX))
}

/// Wall time, UTC.
pub fn wall() -> Wall {
    chrono::Utc::now()
}

/// Both at once.
pub fn now() -> Now {
    Now { mono: mono(), wall: wall() }
}

/// The async runtime's timers lie in slots of this length, in microseconds. One that ends with a slot wakes once, any
/// other one twice: also at the beginning of its slot.
const SLOT: u64 = 64_000;

/// The async runtime's timers count whole milliseconds: closer to its beginning, the ends of its slots are ours.
const CLOSE: Duration = Duration::from_micros(800);

/// Begins the time just before the async runtime that `build` makes begins its own. When that took too long (the first
/// touch of cold pages, another process), once more.
pub fn begin<T>(mut build: impl FnMut() -> T) -> T {
    let at = Instant::now();
    let built = build();
    if at.elapsed() < CLOSE {
        START.get_or_init(|| at);
        return built;
    }
    drop(built);
    START.get_or_init(Instant::now);
    build()
}

/// A little after the next whole second of wall time. What looks once a second looks then, so that one wake-up does for
/// all.
pub fn next_second() -> Mono {
    Mono(early_in_next_second().0 + SLOT)
}

/// The end of the slot in which the next whole second of wall time begins: what is asked then is answered, by a peer
/// near by, before those wake that look once a second, and wakes them in their stead.
pub fn early_in_next_second() -> Mono {
    let now = now();
    let into = Duration::from_nanos(u64::from(now.wall.timestamp_subsec_nanos().min(999_999_999)));
    let second = now.mono.after(Duration::from_secs(1).saturating_sub(into));
    Mono(second.0.next_multiple_of(SLOT))
}

/// The `Instant` of a [`Mono`], for timers.
pub fn instant(at: Mono) -> Instant {
    start() + Duration::from_micros(at.0)
}
