//! A day of one number, in bounded memory: fine for the last minutes, coarser the further back. Each part of time keeps
//! the smallest and the largest value in it, so that a spike of a second is still there a day later.
//!
//! Times are milliseconds of the monotonic clock, negative before this process began. A part in which nothing was heard
//! and one in which it was said that there is no number are both told from any value, and neither is ever zero.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Mono;

/// How long a part is, in milliseconds, and how many are kept: five minutes, an hour, six hours and a day.
const TIERS: [(i64, usize); 4] = [(1_000, 300), (5_000, 720), (30_000, 720), (120_000, 720)];

/// Times that were looked up that are remembered.
const MOST_FILLED: usize = 64;

/// The longest time that is kept.
pub const LONGEST: Duration = Duration::from_hours(24);

/// What a number was over some time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// The smallest value.
    pub low: f64,
    /// The largest.
    pub high: f64,
    /// The last one.
    pub last: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    /// Nothing was heard.
    Silent,
    /// There was no number.
    None,
    Seen(Span),
}

#[derive(Debug, Clone, PartialEq)]
struct Tier {
    step: i64,
    most: usize,
    /// The place in time of the newest part.
    newest: i64,
    parts: VecDeque<Part>,
}

/// The trail of one number.
#[derive(Debug, Clone, PartialEq)]
pub struct Trail {
    tiers: [Tier; 4],
    /// When something was heard first.
    oldest: i64,
    /// Times that were looked up afterwards, the newest last.
    filled: Vec<(i64, i64)>,
}

impl Default for Trail {
    fn default() -> Self {
        let tier = |(step, most)| Tier { step, most, newest: 0, parts: VecDeque::new() };
        Self { tiers: TIERS.map(tier), oldest: i64::MAX, filled: Vec::new() }
    }
}

/// A moment as a trail counts it.
pub fn millis(at: Mono) -> i64 {
    i64::try_from(at.0 / 1_000).unwrap_or(i64::MAX)
}

/// A length of time as a trail counts it.
pub fn span_millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

impl Trail {
    /// A value was heard at `at`, or that there is none.
    pub fn add(&mut self, at: i64, value: Option<f64>) {
        let part = value
            .filter(|value| !value.is_nan())
            .map_or(Part::None, |value| Part::Seen(Span { low: value, high: value, last: value }));
        self.oldest = self.oldest.min(at);
        for tier in &mut self.tiers {
            tier.put(at, part);
        }
    }

    /// Values of the past, oldest first, `step` apart, the last one at `until`. What is already known stays.
    pub fn add_past(&mut self, until: i64, step: Duration, values: &[Option<f64>]) {
        let step = span_millis(step).max(1);
        let [.., coarsest] = TIERS;
        let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
        for (back, value) in (0..count).rev().zip(values) {
            let Some(value) = value.filter(|value| !value.is_nan()) else { continue };
            let part = Part::Seen(Span { low: value, high: value, last: value });
            self.oldest = self.oldest.min(until - back * step);
            self.note_filled(until - back * step, until - back * step + step);
            let fitting = |tier: &&mut Tier| tier.step * 4 >= step || tier.step == coarsest.0;
            for tier in self.tiers.iter_mut().filter(fitting) {
                // A value lasts until the next: between finer parts there would be gaps that were none.
                for after in (0..step).step_by(usize::try_from(tier.step).unwrap_or(usize::MAX)) {
                    tier.put(until - back * step + after, part);
                }
            }
        }
    }

    fn note_filled(&mut self, from: i64, until: i64) {
        match self.filled.last_mut() {
            Some(last) if (last.0..=last.1).contains(&from) => last.1 = last.1.max(until),
            _ => self.filled.push((from, until)),
        }
        let over = self.filled.len().saturating_sub(MOST_FILLED);
        self.filled.drain(..over);
    }

    /// Of `count` equal parts of the time `over` until `until`, oldest first, which were looked up afterwards.
    pub fn filled(&self, until: i64, over: Duration, count: usize) -> Vec<bool> {
        let over = span_millis(over);
        let count = i64::try_from(count).unwrap_or(i64::MAX).max(1);
        let at = |n: i64| until - over + over / count * n + over % count * n / count;
        let inside = |n: i64| self.filled.iter().any(|(from, end)| *from < at(n + 1) && *end > at(n));
        (0..count).map(inside).collect()
    }

    /// What was known of a time of the past, `from` to `until`: the smallest and largest value of it. Finer parts of it all
    /// get the same: where in it they were is not known, that it was watched is.
    pub fn add_span(&mut self, from: i64, until: i64, span: Span) {
        let from = from.clamp(until.saturating_sub(span_millis(LONGEST)), until);
        self.oldest = self.oldest.min(from);
        for tier in self.tiers.iter_mut().filter(|tier| tier.step >= 30_000) {
            let inside = (from..until).step_by(usize::try_from(tier.step).unwrap_or(usize::MAX));
            inside.chain([until]).for_each(|at| tier.put(at, Part::Seen(span)));
        }
    }

    /// `count` equal parts of the time `over` until `until`, oldest first. A value lasts until the next, but no longer than
    /// `hold`; after that nothing is known.
    pub fn columns(&self, until: i64, over: Duration, count: usize, hold: Duration) -> Vec<Option<Span>> {
        let over = span_millis(over);
        let from = until.saturating_sub(over);
        let count = i64::try_from(count).unwrap_or(i64::MAX).max(1);
        let width = (over / count).max(1);
        let at =
            |n: i64| from + i64::try_from(i128::from(over) * i128::from(n) / i128::from(count)).unwrap_or(0);
        let finest = self.tiers.iter().rposition(|tier| tier.step <= width).unwrap_or(0);
        let fitting = self.tiers.get(finest..).unwrap_or_default();
        let column = |n: i64| {
            // A coarse part may begin before anything was heard.
            let heard = (at(n + 1) > self.oldest).then_some(fitting)?;
            let tier = heard.iter().find(|tier| tier.reaches(at(n))).or(heard.last())?;
            tier.over(at(n), at(n + 1), span_millis(hold))
        };
        (0..count).map(column).collect()
    }

    /// How many parts are kept: for tests of the bound.
    pub fn len(&self) -> usize {
        self.tiers.iter().map(|tier| tier.parts.len()).sum()
    }

    /// Whether nothing was ever heard.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Tier {
    fn put(&mut self, at: i64, part: Part) {
        let place = at.div_euclid(self.step);
        if self.parts.is_empty() {
            self.newest = place;
            self.parts.push_back(Part::Silent);
        }
        let most = i64::try_from(self.most).unwrap_or(i64::MAX);
        if place - self.newest >= most {
            self.parts.clear();
            self.newest = place;
            self.parts.push_back(Part::Silent);
        }
        if self.newest - place >= most {
            return;
        }
        while self.newest < place {
            self.parts.push_back(Part::Silent);
            self.newest += 1;
        }
        while self.parts.len() > self.most {
            self.parts.pop_front();
        }
        while self.first() > place {
            self.parts.push_front(Part::Silent);
        }
        let index = usize::try_from(place - self.first()).unwrap_or(usize::MAX);
        if let Some(known) = self.parts.get_mut(index) {
            *known = known.and(part);
        }
    }

    /// The place of the oldest part.
    fn first(&self) -> i64 {
        self.newest + 1 - i64::try_from(self.parts.len()).unwrap_or(0)
    }

    fn part(&self, place: i64) -> Part {
        let index = usize::try_from(place - self.first()).ok();
        index.and_then(|index| self.parts.get(index)).copied().unwrap_or(Part::Silent)
    }

    /// Whether it goes back to `at`.
    fn reaches(&self, at: i64) -> bool {
        !self.parts.is_empty() && at >= self.first() * self.step
    }

    /// What it was from `from` up to, and without, `until`.
    fn over(&self, from: i64, until: i64, hold: i64) -> Option<Span> {
        // The parts that begin in it, so that none is in two columns; where all are longer, the one that it lies in.
        let begins = -(-from).div_euclid(self.step);
        let first = if begins * self.step < until { begins } else { from.div_euclid(self.step) };
        let last = (until - 1).div_euclid(self.step).max(first);
        let heard = (first..=last).map(|place| self.part(place)).fold(Part::Silent, Part::and);
        match heard {
            Part::Seen(span) => Some(span),
            Part::None => None,
            Part::Silent => {
                // All of the part is young enough, wherever in it the value was.
                let since = -(hold - from).div_euclid(self.step);
                let before = (since.min(first)..first).rev().map(|place| self.part(place));
                match before.into_iter().find(|part| *part != Part::Silent)? {
                    Part::Seen(Span { last, .. }) => Some(Span { low: last, high: last, last }),
                    Part::None | Part::Silent => None,
                }
            }
        }
    }
}

impl Part {
    /// Two parts of time, one after the other.
    fn and(self, next: Self) -> Self {
        match (self, next) {
            (Self::Seen(one), Self::Seen(two)) => {
                Self::Seen(Span { low: one.low.min(two.low), high: one.high.max(two.high), last: two.last })
            }
            (Self::Seen(known), _) | (_, Self::Seen(known)) => Self::Seen(known),
            (Self::None, _) | (_, Self::None) => Self::None,
            (Self::Silent, Self::Silent) => Self::Silent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_was_watched_is_known_in_all_its_parts() {
        let mut trail = Trail::default();
        let span = |n: f64| Span { low: n, high: n, last: n };
        // Three minutes, as a console before this one wrote them down.
        for (minute, value) in [(-3, 1.0), (-2, 2.0), (-1, 3.0)] {
            trail.add_span(minute * 60_000, (minute + 1) * 60_000 - 1, span(value));
        }
        let columns = trail.columns(0, Duration::from_mins(3), 6, Duration::ZERO);
        let lasts: Vec<Option<f64>> = columns.iter().map(|column| column.map(|span| span.last)).collect();
        assert_eq!(lasts, [1.0, 1.0, 2.0, 2.0, 3.0, 3.0].map(Some));
    }

    const HOLD: Duration = Duration::from_millis(10_500);
    const MINUTE: i64 = 60_000;

    fn highs(columns: &[Option<Span>]) -> Vec<Option<f64>> {
        columns.iter().map(|span| span.map(|span| span.high)).collect()
    }

    #[test]
    fn what_is_missing_is_a_gap_and_what_is_held_ends() {
        let mut trail = Trail::default();
        for second in (5..=30).step_by(5) {
            trail.add(second * 1_000, Some(second as f64));
        }
        trail.add(35_000, None);
        for second in [40, 45, 90] {
            trail.add(second * 1_000, Some(1.0));
        }
        let columns = trail.columns(100_000, Duration::from_secs(100), 20, HOLD);
        let (some, one) = (Some, Some(1.0));
        let expected = [
            None,
            some(5.0),
            some(10.0),
            some(15.0),
            some(20.0),
            some(25.0),
            some(30.0),
            None,
            one,
            one,
            one,
            one,
            None,
            None,
            None,
            None,
            None,
            None,
            one,
            one,
        ];
        assert_eq!(highs(&columns), expected);
    }

    #[test]
    fn a_day_fits_in_bounded_memory_and_keeps_its_spikes() {
        let mut trail = Trail::default();
        for second in 0..30 * 3_600 {
            let value = if second == 20 * 3_600 { 900.0 } else { 2.0 };
            trail.add(second * 1_000, Some(value));
        }
        assert_eq!(trail.len(), TIERS.iter().map(|(_, most)| most).sum::<usize>());
        let day = trail.columns(30 * 60 * MINUTE, LONGEST, 200, HOLD);
        let known = day.iter().flatten().count();
        assert!(known >= 199, "{known} of 200 columns are known");
        assert_eq!(day.iter().flatten().filter(|span| span.high > 800.0).count(), 1);
        let minutes = trail.columns(30 * 60 * MINUTE, Duration::from_mins(5), 200, HOLD);
        assert!(minutes.iter().all(Option::is_some));
    }

    #[test]
    fn the_past_of_an_engine_is_there_at_once_and_has_no_gaps_of_its_own() {
        let mut trail = Trail::default();
        trail.add(4_000, Some(7.0));
        let quarter = Duration::from_secs(15);
        trail.add_past(-11_000, quarter, &vec![Some(5.0); 240]);
        trail.add_past(-116_000, Duration::from_secs(120), &vec![Some(3.0); 720]);
        let hold = Duration::from_millis(30_500);
        let hour = trail.columns(5_000, Duration::from_mins(58), 200, hold);
        assert!(hour.iter().all(Option::is_some), "{hour:?}");
        assert_eq!(hour.last().and_then(|span| span.map(|span| span.last)), Some(7.0));
        let quarter_day = trail.columns(5_000, Duration::from_hours(6), 200, hold);
        assert!(quarter_day.iter().all(Option::is_some), "{quarter_day:?}");
        let day = highs(&trail.columns(5_000, Duration::from_hours(23), 200, hold));
        assert_eq!((day[0], day[199]), (Some(3.0), Some(7.0)));
        assert!(day.iter().all(Option::is_some));
    }

    #[test]
    fn what_is_beyond_all_numbers_is_known_and_what_is_none_is_a_gap() {
        let mut trail = Trail::default();
        trail.add_past(20_000, Duration::from_secs(10), &[Some(f64::INFINITY), Some(f64::NAN)]);
        trail.add(30_000, Some(f64::NEG_INFINITY));
        trail.add(40_000, Some(f64::NAN));
        let columns = trail.columns(50_000, Duration::from_secs(40), 4, Duration::ZERO);
        assert_eq!(highs(&columns), [Some(f64::INFINITY), None, Some(f64::NEG_INFINITY), None]);
    }

    #[test]
    fn what_was_looked_up_afterwards_is_told_from_what_was_watched() {
        let mut trail = Trail::default();
        trail.add(0, Some(1.0));
        trail.add_past(50_000, Duration::from_secs(10), &[Some(2.0), Some(3.0), None, Some(4.0)]);
        trail.add(90_000, Some(1.0));
        let filled = trail.filled(100_000, Duration::from_secs(100), 10);
        assert_eq!(filled, [false, false, true, true, false, true, false, false, false, false]);
    }

    #[test]
    fn after_a_long_silence_nothing_of_before_is_left_where_it_would_lie() {
        let mut trail = Trail::default();
        trail.add(0, Some(1.0));
        trail.add(1_000_000_000, Some(2.0));
        trail.add(0, Some(9.0));
        let columns = trail.columns(1_000_000_500, Duration::from_mins(5), 3, HOLD);
        assert_eq!(highs(&columns), [None, None, Some(2.0)]);
    }
}
