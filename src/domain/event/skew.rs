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

/// An event sent so much earlier than the one that came before it may tell that the sender's clock was set back: one
/// sender keeps its order, however late it is.
const BACK: i64 = 500_000;

/// After so many in a row nobody can say whether it was set, or somebody else speaks who is late.
const UNKNOWN: usize = 25;

/// The bounds known so far, in microseconds that the sender is ahead.
#[derive(Debug, Clone, Default)]
pub struct Bounds {
    least: Option<i64>,
    most: Option<i64>,
    /// Where the bounds allow it, the sender is so far ahead: not at all, or as far as a clock was set since.
    base: i64,
    /// Events in a row that the `Date` excludes.
    excluded: u8,
    /// When the last event was sent, and how much earlier that was than it came.
    last: Option<(i64, i64)>,
    doubt: Option<Doubt>,
    /// Delivery times that were in doubt and hold.
    upheld: Vec<u64>,
}

/// Events that seem to be older than one that came before them.
#[derive(Debug, Clone)]
struct Doubt {
    /// How early events were before.
    before: i64,
    /// Their delivery times.
    withheld: Vec<u64>,
}

impl Doubt {
    /// It is no mixture of senders: delivery times are not known until the next connection, or until others speak again.
    fn is_settled(&self) -> bool {
        self.withheld.len() >= UNKNOWN
    }
}

impl Bounds {
    /// The answer to a handshake asked at `asked_us` and read at `read_us` carried this `Date` (Unix seconds).
    fn date(&mut self, asked_us: i64, read_us: i64, date_s: i64) {
        if self.excluded == NOT_ITS_OWN {
            return;
        }
        let begin = date_s.saturating_mul(1_000_000);
        let least = begin.saturating_sub(read_us);
        let most = begin.saturating_add(1_000_000 + DATE_AGE).saturating_sub(asked_us);
        let both = (self.least.map_or(least, |l| l.max(least)), self.most.map_or(most, |m| m.min(most)));
        // Bounds that exclude each other mean that a clock was set in between: the newer ones hold.
        let (least, most) = if both.0 <= both.1 { both } else { (least, most) };
        *self = Self { least: Some(least), most: Some(most), excluded: 0, ..std::mem::take(self) };
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
        let doubted = self.is_doubted(early, sent_us);
        if self.least.is_none_or(|least| early > least) {
            self.least = Some(early);
        }
        let delivery = arrived_us.saturating_sub(sent_us).saturating_add(self.ahead());
        let delivery = u64::try_from(delivery).ok();
        let Some(doubt) = self.doubt.as_mut().filter(|_| doubted) else { return delivery };
        if !doubt.is_settled() {
            doubt.withheld.push(delivery.unwrap_or(0));
        }
        None
    }

    /// Whether this event may be by a clock that was set back. Where others follow that are not, it was another sender,
    /// or late; what was in doubt is upheld.
    fn is_doubted(&mut self, early: i64, sent: i64) -> bool {
        let last = self.last.replace((sent, early));
        if let Some(doubt) = &self.doubt {
            let is_over = early > doubt.before - BACK;
            if is_over {
                self.uphold();
            }
            return !is_over;
        }
        let back = last.filter(|(last, before)| sent < last - BACK && early < before - BACK);
        self.doubt = back.map(|(_, before)| Doubt { before, withheld: Vec::new() });
        self.doubt.is_some()
    }

    fn uphold(&mut self) {
        let doubt = self.doubt.take().filter(|doubt| !doubt.is_settled());
        self.upheld.extend(doubt.into_iter().flat_map(|doubt| doubt.withheld));
    }

    /// A connection was made. Its answer was asked for at `asked_us`, read at `read_us` and carried a `Date`, if it did.
    pub fn connected(&mut self, date: Option<(i64, i64, i64)>) {
        if self.doubt.as_ref().is_some_and(Doubt::is_settled) {
            *self = Self { upheld: std::mem::take(&mut self.upheld), ..Self::default() };
        }
        self.uphold();
        self.last = None;
        if let Some((asked_us, read_us, date)) = date {
            self.date(asked_us, read_us, date);
        }
    }

    /// Delivery times of earlier events that [`Self::arrival`] did not tell, because they were in doubt.
    pub fn upheld(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.upheld)
    }

    /// Our clock was set: the sender's stands `by_us` farther ahead of it.
    pub fn set(&mut self, by_us: i64) {
        let moved = |bound: i64| bound.saturating_add(by_us);
        (self.least, self.most) = (self.least.map(moved), self.most.map(moved));
        self.base = moved(self.base);
        (self.last, self.doubt) = (None, None);
    }

    /// What can be said; `None`: nothing yet.
    pub fn skew(&self) -> Option<Skew> {
        self.least.filter(|_| !self.doubt.as_ref().is_some_and(Doubt::is_settled))?;
        let uncertain = self.most.zip(self.least).and_then(|(most, least)| u64::try_from(most - least).ok());
        Some(Skew { ahead_us: self.ahead(), uncertain_us: uncertain })
    }

    /// The base if the bounds allow it, else as if the fastest event had taken no time.
    fn ahead(&self) -> i64 {
        let least = self.least.unwrap_or(self.base);
        if least > self.base || self.most.is_some_and(|most| most < self.base) { least } else { self.base }
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
        bounds.connected(Some((1_000 * S, 1_000 * S + 40_000, 1_000)));
        assert_eq!(bounds.arrival(1_001 * S, 1_001 * S - 30_000), Some(30_000));
        assert_eq!(bounds.skew().map(|skew| skew.ahead_us), Some(0));
    }

    #[test]
    fn a_date_that_the_server_kept_for_a_second_does_not_void_true_times() {
        let mut bounds = Bounds::default();
        // Made at 99.96 s, sent at 101.02 s.
        bounds.connected(Some((101 * S + 20_000, 101 * S + 30_000, 99)));
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
        bounds.connected(Some((100 * S, 100 * S + 10_000, 100)));
        let arrive = |bounds: &mut Bounds, n: i64| bounds.arrival((101 + n) * S, (131 + n) * S - 5_000);
        assert_eq!((1..20).filter_map(|n| arrive(&mut bounds, n)).count(), 0);
        assert_eq!(arrive(&mut bounds, 20), Some(0));
        assert_eq!(bounds.skew(), Some(Skew { ahead_us: 30 * S - 5_000, uncertain_us: None }));
        bounds.connected(Some((200 * S, 200 * S + 10_000, 200)));
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
        behind.connected(Some((100 * S, 100 * S + 10_000, 40)));
        assert_eq!(behind.arrival(101 * S, 200 * S), None, "a time that its own clock excludes");
        assert_eq!(behind.arrival(101 * S, 42 * S), Some(0), "the fastest so far");
        assert_eq!(behind.arrival(102 * S, 43 * S - 100_000), Some(100_000));
        assert_eq!(behind.skew(), Some(Skew { ahead_us: -59 * S, uncertain_us: Some(2_000_000) }));
    }
    #[test]
    fn a_clock_that_is_set_makes_nothing_late() {
        let mut bounds = Bounds::default();
        assert_eq!(bounds.arrival(100 * S, 100 * S - 5_000), Some(5_000));
        // Ours, forward by five seconds: the sender is behind by as much.
        bounds.set(-5 * S);
        assert_eq!(bounds.arrival(106 * S, 101 * S - 7_000), Some(7_000));
        assert_eq!(bounds.skew().map(|skew| skew.ahead_us), Some(-5 * S));
        // Back again: no event comes before it was sent.
        bounds.set(5 * S);
        assert_eq!(bounds.arrival(102 * S, 102 * S - 6_000), Some(6_000));
    }

    #[test]
    fn a_sender_whose_clock_is_set_back_is_not_known_to_be_late() {
        let mut bounds = Bounds::default();
        let arrive = |bounds: &mut Bounds, n: i64, late: i64| {
            bounds.arrival((1_000 + n) * S / 10, (1_000 + n) * S / 10 - late)
        };
        for n in 0..20 {
            assert_eq!(arrive(&mut bounds, n, 4_000), Some(4_000));
        }
        for n in 20..80 {
            assert_eq!(arrive(&mut bounds, n, 5 * S + 4_000), None);
        }
        assert_eq!((bounds.skew(), bounds.upheld()), (None, Vec::new()));
        // Another sender behind the same address goes on as before; the one in doubt is in doubt again.
        assert_eq!(arrive(&mut bounds, 80, 4_000), Some(4_000));
        for n in 81..120 {
            assert_eq!(arrive(&mut bounds, n, 5 * S + 4_000), None);
        }
        assert_eq!(bounds.upheld(), [0; 0]);
        // The next handshake tells.
        bounds.connected(Some((112 * S, 112 * S + 9_000, 107)));
        assert_eq!(arrive(&mut bounds, 121, 5 * S + 4_000), Some(0));
        assert_eq!(arrive(&mut bounds, 122, 5 * S + 9_000), Some(5_000));
        assert_eq!(bounds.skew().map(|skew| skew.ahead_us), Some(-5 * S - 4_000));
    }

    #[test]
    fn what_is_late_stays_late() {
        // Nothing came for five seconds, then all at once, in its order.
        let mut bounds = Bounds::default();
        assert_eq!(bounds.arrival(100 * S, 100 * S - 5_000), Some(5_000));
        for n in 0..50 {
            let late = 5 * S - n * S / 10;
            assert_eq!(bounds.arrival(105 * S + n, 105 * S + n - late), Some(late.cast_unsigned()));
        }
        // One of two senders is late.
        let mut bounds = Bounds::default();
        let mut told = 0;
        for n in 0..40 {
            let late = if n % 2 == 0 { 5_000 } else { 3 * S };
            told += usize::from(
                bounds.arrival((100 + n) * S, (100 + n) * S - late) == Some(3 * S.cast_unsigned()),
            );
        }
        let upheld = bounds.upheld();
        assert!(upheld.iter().all(|late| *late == 3 * S.cast_unsigned()), "{upheld:?}");
        assert!(told + upheld.len() >= 19, "{told} {}", upheld.len());
    }
}
