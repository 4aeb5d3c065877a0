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
    /// Goes on to `mono`, by both clocks; never back.
    pub fn advance(&mut self, mono: Mono) {
        *self = Self { wall: self.wall_at(mono.max(self.mono)), mono: mono.max(self.mono) };
    }

    /// Time since `then`. What was before this process began is told by the wall clock.
    pub fn since(&self, then: Self) -> Duration {
        if then.mono == Mono::default() {
            (self.wall - then.wall).to_std().unwrap_or_default()
        } else {
            self.mono.since(then.mono)
        }
    }

    /// The wall time at which `at` was, judged from this moment.
    pub fn wall_at(&self, at: Mono) -> Wall {
        if at > self.mono {
            self.wall + chrono::TimeDelta::from_std(at.since(self.mono)).unwrap_or_default()
        } else {
            self.wall - chrono::TimeDelta::from_std(self.mono.since(at)).unwrap_or_default()
        }
    }
}

/// The longest duration taken: a week. Longer ones are typing errors.
const LONGEST: Duration = Duration::from_hours(7 * 24);

/// A duration as written: `250ms`, `10s`, `5m`, `2h`, `1m30s`. The error says why not.
pub fn duration(text: &str) -> Result<Duration, &'static str> {
    const FORM: &str = "a duration is a number and a unit: \"250ms\", \"10s\", \"5m\", \"2h\"";
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(FORM);
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or(FORM)?;
        let (number, tail) = rest.split_at_checked(digits).ok_or(FORM)?;
        let end = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at_checked(end).ok_or(FORM)?;
        let seconds = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return Err(FORM),
        };
        total += number.parse::<f64>().map_err(|_not_a_number| FORM)? * seconds;
        rest = tail.trim_start();
    }
    let parsed = Duration::try_from_secs_f64(total).map_err(|_range| FORM)?;
    // Decimal fractions of a second are not exact in binary; nothing here is finer than a microsecond.
    let parsed = Duration::from_micros(u64::try_from((parsed.as_nanos() + 500) / 1000).unwrap_or(u64::MAX));
    if parsed > LONGEST { Err("the longest duration is 168h") } else { Ok(parsed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_clocks_go_on_together_and_never_back() {
        let mut now = Now { mono: Mono::from_secs(10), wall: Wall::default() };
        let then = now.wall_at(Mono::from_secs(4));
        now.advance(Mono::from_secs(13));
        assert_eq!(
            (now.mono, now.wall),
            (Mono::from_secs(13), Wall::default() + chrono::TimeDelta::seconds(3))
        );
        now.advance(Mono::from_secs(12));
        assert_eq!((now.mono, now.wall_at(Mono::from_secs(4))), (Mono::from_secs(13), then));
    }

    #[test]
    fn durations_are_read_as_written() {
        for (text, millis) in [
            ("250ms", 250),
            ("10s", 10_000),
            ("5m", 300_000),
            ("2h", 7_200_000),
            ("0s", 0),
            ("1.5s", 1_500),
            ("0.1s", 100),
            ("1m30s", 90_000),
            ("1h 5m", 3_900_000),
            ("7d", 604_800_000),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "10", "s", "10 parsecs", "-1s", "1..5s", "1e3s", "169h", "9999999999999999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
