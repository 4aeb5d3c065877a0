//! When to rest: one wake-up for each frame of a busy socket is what costs, so the source lets some gather. It must
//! not rest while the sender waits for it, or the rests themselves would set the rate.

use std::time::Duration;

use crate::domain::Mono;

/// The longest rest between wake-ups under load.
pub(super) const REST: Duration = Duration::from_millis(5);
/// The shortest one that a timer can keep.
const LEAST: Duration = Duration::from_millis(1);
/// What may gather during a rest.
const GATHER: f64 = 96.0 * 1024.0;
/// So much at once means that the sender was held up: stay awake and see how fast it is.
const FULL: usize = 320 * 1024;
const AWAKE: Duration = Duration::from_millis(50);
const WINDOW: Duration = Duration::from_millis(20);

/// The rate of a stream, and the rest that it allows.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Since the last wake-up.
    bytes: usize,
    woken: Mono,
    awake_until: Mono,
    window: usize,
    window_began: Mono,
    per_second: f64,
}

impl Pace {
    /// Counts what came.
    pub(super) fn took(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    /// Bytes in a second, of late.
    pub(super) fn per_second(&self) -> f64 {
        self.per_second
    }

    /// How long to rest after a wake-up at `now`; not at all after quiet, while more is there, or at high rates.
    pub(super) fn rest(&mut self, now: Mono, more: bool) -> Option<Duration> {
        let bytes = std::mem::take(&mut self.bytes);
        let quiet = now.since(std::mem::replace(&mut self.woken, now)) >= REST * 3;
        self.window += bytes;
        let elapsed = now.since(self.window_began);
        if elapsed >= WINDOW {
            self.per_second = self.window as f64 / elapsed.as_secs_f64();
            self.window = 0;
            self.window_began = now;
        }
        if bytes >= FULL {
            self.awake_until = now.after(AWAKE);
        }
        if bytes == 0 || more || quiet || now < self.awake_until {
            return None;
        }
        let fits = Duration::from_secs_f64(GATHER / self.per_second.max(1.0)).min(REST);
        (fits >= LEAST).then_some(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a stream that delivers `per_ms` bytes a millisecond; gives wake-ups in a second and the longest gap.
    fn wakes(per_ms: usize) -> (u32, Duration) {
        let mut pace = Pace::default();
        let (mut now, mut last, mut wakes, mut longest) =
            (Mono::from_secs(1), Mono::from_secs(1), 0, Duration::ZERO);
        while now < Mono::from_secs(2) {
            let gap = now.since(last);
            longest = longest.max(gap);
            pace.took(per_ms * gap.as_micros() as usize / 1_000);
            last = now;
            let rest = pace.rest(now, false).unwrap_or_default();
            now = now.after(rest.max(Duration::from_micros(50)));
            wakes += 1;
        }
        (wakes, longest)
    }

    #[test]
    fn load_is_gathered_and_nobody_waits_long() {
        let (busy, longest) = wakes(15_000);
        assert!(busy < 700 && longest <= REST, "50,000 events a second: {busy}, {longest:?}");
        let (saturated, _) = wakes(600_000);
        assert!(saturated > 10_000, "at 2 million a second there is no rest: {saturated}");
    }

    #[test]
    fn after_quiet_there_is_no_rest_and_a_held_up_sender_is_let_go() {
        let mut pace = Pace::default();
        pace.took(300);
        assert_eq!(pace.rest(Mono::from_secs(5), false), None);
        pace.took(300);
        assert_eq!(pace.rest(Mono::from_millis(5_002), false), Some(REST));
        pace.took(FULL);
        assert_eq!(pace.rest(Mono::from_millis(5_007), false), None);
        pace.took(300);
        assert_eq!(pace.rest(Mono::from_millis(5_008), false), None);
    }
}
