//! When to rest: one wake-up for each frame of a busy socket is what costs, so the source lets some gather. It must
//! not rest while the sender waits for it, or the rests themselves would set the rate.

use std::time::Duration;

use crate::domain::Mono;
use crate::lanes::FRAME;

/// The longest time spent on a socket that never gets empty before anything else.
pub(super) const TURN: Duration = Duration::from_millis(5);
/// Silence after which an event is handed over at once.
const QUIET: Duration = Duration::from_millis(10);
/// The shortest one that a timer can keep.
const LEAST: Duration = Duration::from_millis(1);
/// What may gather during a rest of which nothing is known yet.
const GATHER: f64 = 192.0 * 1024.0;
/// What may gather at most, where longer rests did not make the stream slower: many small segments that are taken in one
/// go cost half of what they cost in six.
const GATHER_MOST: f64 = 1536.0 * 1024.0;
/// A stream that became slower than this part of what it was, with longer rests, may have been held up by them.
const HELD_UP: f64 = 0.9;
/// Then the rests stay short for so long.
const SHORT: Duration = Duration::from_secs(5);
/// How fast a sender is when nothing holds it up is learned by staying awake for a moment: after quiet, when much came
/// at once, and from time to time, because a sender may be held up by little.
const LEARN: Duration = Duration::from_millis(2);
/// A moment is spent in rests of this length: not even a sender that is held up by 64 KiB fills that much sooner than it
/// is let go.
const GLANCE: Duration = Duration::from_micros(150);
const FULL: usize = 320 * 1024;
const AGAIN: Duration = Duration::from_millis(250);
const WINDOW: Duration = Duration::from_millis(20);

/// The rate of a stream, and the rest that it allows.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Since the last wake-up.
    bytes: usize,
    /// When the last rest was over.
    rested: Mono,
    learned: Mono,
    window: usize,
    window_began: Mono,
    per_second: f64,
    /// How often [`GATHER`] is doubled, and until when it stays as it is.
    doubled: u32,
    short_until: Mono,
    /// Bytes since that moment, and how many there were in a second before it.
    period: usize,
    period_began: Mono,
    before: f64,
    /// What the last rest should have delivered.
    promised: f64,
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

    /// How long to rest after a wake-up at `now`: an equal part of the time between hand-overs; not at all after quiet,
    /// while more is there, or at high rates.
    pub(super) fn rest(&mut self, now: Mono, more: bool) -> Option<Duration> {
        let bytes = std::mem::take(&mut self.bytes);
        let quiet = now.since(std::mem::replace(&mut self.rested, now)) >= QUIET;
        let promised = std::mem::take(&mut self.promised);
        self.try_longer(now, bytes);
        self.window += bytes;
        let elapsed = now.since(self.window_began);
        let learned = now.since(self.learned) < WINDOW && elapsed >= LEARN;
        if learned || elapsed >= WINDOW {
            let rate = self.window as f64 / elapsed.as_secs_f64();
            // A moment shows that more comes, but not that less does.
            self.per_second = if learned { rate.max(self.per_second) } else { rate };
            self.window = 0;
            self.window_began = now;
        }
        if bytes == 0 || more {
            return None;
        }
        let much = bytes >= FULL && bytes as f64 > promised * 1.5;
        if quiet || much || now.since(self.learned) >= AGAIN {
            self.learned = now;
            self.window = 0;
            self.window_began = now;
        }
        if now.since(self.learned) < LEARN {
            return Some(GLANCE);
        }
        let part = |gather: f64| {
            FRAME.div_f64((FRAME.as_secs_f64() * self.per_second / gather).ceil().clamp(1.0, 1000.0))
        };
        if part(GATHER) < LEAST {
            return None;
        }
        let rest = part((GATHER * f64::from(1 << self.doubled)).min(GATHER_MOST));
        self.promised = rest.as_secs_f64() * self.per_second;
        self.rested = now.after(rest);
        Some(rest)
    }

    /// Four times a second: longer rests, or short ones if long ones seem to have made the stream slower.
    fn try_longer(&mut self, now: Mono, bytes: usize) {
        self.period += bytes;
        let elapsed = now.since(self.period_began);
        if elapsed < AGAIN {
            return;
        }
        let rate = std::mem::take(&mut self.period) as f64 / elapsed.as_secs_f64();
        if rate < self.before * HELD_UP {
            self.doubled = 0;
            self.short_until = now.after(SHORT);
        } else if now >= self.short_until && self.before > 0.0 {
            self.doubled = (self.doubled + 1).min(3);
        }
        (self.before, self.period_began) = (rate, now);
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
        assert!(busy < 400 && longest <= FRAME, "50,000 events a second: {busy}, {longest:?}");
        let (saturated, _) = wakes(600_000);
        assert!(saturated > 10_000, "at 2 million a second there is no rest: {saturated}");
    }

    /// Bytes in four seconds and wake-ups in the last one, of a sender of 70 MB/s that is held up once `most` bytes wait.
    fn small_segments(most: usize) -> (usize, u32) {
        let (mut pace, mut now, mut got, mut woken) = (Pace::default(), Mono::from_secs(1), 0, 0);
        let mut last = now;
        while now < Mono::from_secs(5) {
            let bytes = (now.since(last).as_micros() as usize * 70).min(most);
            last = now;
            got += bytes;
            woken += u32::from(now >= Mono::from_secs(4));
            pace.took(bytes);
            now = now.after(pace.rest(now, false).unwrap_or_default().max(Duration::from_micros(50)));
        }
        (got, woken)
    }

    #[test]
    fn rests_get_longer_where_nobody_is_held_up_by_them() {
        let (got, woken) = small_segments(8 * 1024 * 1024);
        assert!(got > 278_000_000 && woken < 150, "{got} bytes, {woken} wake-ups");
        let (got, woken) = small_segments(256 * 1024);
        assert!(got > 260_000_000 && woken > 300, "{got} bytes, {woken} wake-ups");
    }

    /// A sender that is held up by 64 KiB is not kept so slow: it is let go within a quarter of a second.
    #[test]
    fn a_sender_held_up_by_little_is_noticed() {
        let (mut pace, mut now, mut got, mut woken) = (Pace::default(), Mono::from_secs(1), 0_usize, 0);
        let mut last = now;
        while now < Mono::from_secs(2) {
            // It sends 500 bytes in a microsecond until 64 KiB wait.
            let bytes = (now.since(last).as_micros() as usize * 500).min(64 * 1024);
            last = now;
            got += bytes;
            woken += 1;
            pace.took(bytes);
            now = now.after(pace.rest(now, false).unwrap_or_default().max(Duration::from_micros(50)));
        }
        assert!(got > 200_000_000, "{got} bytes in a second, {woken} wake-ups");
    }

    #[test]
    fn after_quiet_there_is_no_rest_and_a_held_up_sender_is_let_go() {
        let mut pace = Pace::default();
        pace.took(300);
        assert_eq!(pace.rest(Mono::from_secs(5), false), Some(GLANCE));
        pace.took(300);
        assert_eq!(pace.rest(Mono::from_millis(5_003), false), Some(FRAME));
        pace.took(FULL);
        assert_eq!(pace.rest(Mono::from_millis(5_024), false), Some(GLANCE));
        pace.took(300);
        assert_eq!(pace.rest(Mono::from_millis(5_025), false), Some(GLANCE));
    }
}
