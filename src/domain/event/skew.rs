//! The sender's clock against ours, from what cannot be otherwise: nothing arrives before it was sent, and the
//! handshake's `Date` was true a moment before the answer.

use std::time::Duration;

use super::Skew;
use crate::domain::format;

/// How old a `Date` may be, in microseconds. Servers keep its text and make it anew by a timer: uvicorn each second
/// or so, later when its loop is busy.
const DATE_AGE: i64 = 2_000_000;

/// How far ahead of ours a sender's clock is believed to be, in microseconds: one event from the next century must not
/// make all the others late.
const FARTHEST: i64 = 3_600_000_000;

/// After so many events in a row that a `Date` excludes, it is another clock's: that of a proxy before the sender.
const NOT_ITS_OWN: u8 = 20;

/// The bounds known so far, in microseconds that the sender is ahead.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bounds {
    least: Option<i64>,
    most: Option<i64>,
    /// Events in a row that the `Date` excludes.
    excluded: u8,
}

impl Bounds {
    /// The answer to a handshake asked at `asked_us` and read at `read_us` carried this `Date` (Unix seconds).
    pub fn date(&mut self, asked_us: i64, read_us: i64, date_s: i64) {
        if self.excluded == NOT_ITS_OWN {
            return;
        }
        let begin = date_s.saturating_mul(1_000_000);
        let least = begin.saturating_sub(read_us);
        let most = begin.saturating_add(1_000_000 + DATE_AGE).saturating_sub(asked_us);
        let both = (self.least.map_or(least, |l| l.max(least)), self.most.map_or(most, |m| m.min(most)));
        // Bounds that exclude each other mean that a clock was set in between: the newer ones hold.
        let (least, most) = if both.0 <= both.1 { both } else { (least, most) };
        *self = Self { least: Some(least), most: Some(most), excluded: 0 };
    }

    /// An event with its own time arrived; gives its delivery time, or `None` when that time cannot be true.
    pub fn arrival(&mut self, arrived_us: i64, sent_us: i64) -> Option<u64> {
        let early = sent_us.saturating_sub(arrived_us);
        if early > FARTHEST {
            return None;
        }
        if self.most.is_some_and(|most| early > most) {
            self.excluded += 1;
            if self.excluded < NOT_ITS_OWN {
                return None;
            }
            (self.least, self.most) = (None, None);
        } else if self.excluded < NOT_ITS_OWN {
            self.excluded = 0;
        }
        if self.least.is_none_or(|least| early > least) {
            self.least = Some(early);
        }
        let delivery = arrived_us.saturating_sub(sent_us).saturating_add(self.ahead());
        u64::try_from(delivery).ok()
    }

    /// Forgets everything: one of the clocks was set.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// What can be said; `None`: nothing yet.
    pub fn skew(&self) -> Option<Skew> {
        self.least?;
        let uncertain = self.most.zip(self.least).and_then(|(most, least)| u64::try_from(most - least).ok());
        Some(Skew { ahead_us: self.ahead(), uncertain_us: uncertain })
    }

    /// Zero if the bounds allow it, else as if the fastest event had taken no time.
    fn ahead(&self) -> i64 {
        let least = self.least.unwrap_or(0);
        if least > 0 || self.most.is_some_and(|most| most < 0) { least } else { 0 }
    }
}

impl Skew {
    /// How far ahead of ours the sender's clock is: `+1.20s`, `-59.0s`; `±0` when equal clocks are possible.
    pub fn ahead(self) -> String {
        let length = format::short(Duration::from_micros(self.ahead_us.unsigned_abs()));
        match self.ahead_us {
            0 => "±0".to_owned(),
            1.. => format!("+{length}"),
            _ => format!("-{length}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_senders_clock_is_told_with_its_sign() {
        let told = |ahead_us| Skew { ahead_us, uncertain_us: None }.ahead();
        assert_eq!([0, 1_204_000, -59_000_000].map(told), ["±0", "+1.20s", "-59.0s"]);
    }

    const S: i64 = 1_000_000;

    #[test]
    fn equal_clocks_need_no_correction() {
        let mut bounds = Bounds::default();
        bounds.date(1_000 * S, 1_000 * S + 40_000, 1_000);
        assert_eq!(bounds.arrival(1_001 * S, 1_001 * S - 30_000), Some(30_000));
        assert_eq!(bounds.skew().map(|skew| skew.ahead_us), Some(0));
    }

    #[test]
    fn a_date_that_the_server_kept_for_a_second_does_not_void_true_times() {
        let mut bounds = Bounds::default();
        // Made at 99.96 s, sent at 101.02 s.
        bounds.date(101 * S + 20_000, 101 * S + 30_000, 99);
        assert_eq!(bounds.arrival(102 * S, 102 * S - 7_000), Some(7_000));
        assert_eq!(bounds.skew().map(|skew| skew.ahead_us), Some(0));
    }

    #[test]
    fn one_absurd_time_makes_no_other_event_late() {
        let mut bounds = Bounds::default();
        assert_eq!(bounds.arrival(100 * S, i64::MAX), None);
        assert_eq!(bounds.arrival(100 * S, 100 * S - 5_000), Some(5_000));
    }

    #[test]
    fn a_date_that_all_events_contradict_is_a_proxys() {
        let mut bounds = Bounds::default();
        bounds.date(100 * S, 100 * S + 10_000, 100);
        let arrive = |bounds: &mut Bounds, n: i64| bounds.arrival((101 + n) * S, (131 + n) * S - 5_000);
        assert_eq!((1..20).filter_map(|n| arrive(&mut bounds, n)).count(), 0);
        assert_eq!(arrive(&mut bounds, 20), Some(0));
        assert_eq!(bounds.skew(), Some(Skew { ahead_us: 30 * S - 5_000, uncertain_us: None }));
        bounds.date(200 * S, 200 * S + 10_000, 200);
        assert_eq!(
            bounds.skew().map(|skew| skew.ahead_us),
            Some(30 * S - 5_000),
            "nor is the next one believed"
        );
    }

    #[test]
    fn a_sender_ahead_or_behind_is_seen() {
        let mut ahead = Bounds::default();
        assert_eq!(ahead.arrival(10 * S, 12 * S), Some(0), "it cannot arrive before it was sent");
        assert_eq!(ahead.arrival(11 * S, 13 * S - 50_000), Some(50_000));
        assert_eq!(ahead.skew(), Some(Skew { ahead_us: 2 * S, uncertain_us: None }));
        let mut behind = Bounds::default();
        behind.date(100 * S, 100 * S + 10_000, 40);
        assert_eq!(behind.arrival(101 * S, 200 * S), None, "a time that its own clock excludes");
        assert_eq!(behind.arrival(101 * S, 42 * S), Some(0), "the fastest so far");
        assert_eq!(behind.arrival(102 * S, 43 * S - 100_000), Some(100_000));
        assert_eq!(behind.skew(), Some(Skew { ahead_us: -59 * S, uncertain_us: Some(2_000_000) }));
    }
}
