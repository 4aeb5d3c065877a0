//! When something was heard: spans of time, those that join as one, so that hours without a break cost no more than a second.

use std::collections::VecDeque;
use std::time::Duration;

use super::Mono;

/// Spans that are kept at most: of more breaks the oldest is forgotten, and what was then is not known.
const MOST: usize = 64;

/// Spans of time, oldest first, none over another.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spans(VecDeque<(Mono, Mono)>);

impl Spans {
    /// Adds `from` to `to`, which is not before the last one, and forgets what ended longer than `keep` before `to`.
    pub fn add(&mut self, from: Mono, to: Mono, keep: Duration) {
        match self.0.back_mut().filter(|(_, end)| *end >= from) {
            Some((_, end)) => *end = to.max(*end),
            None => self.0.push_back((from, to)),
        }
        let old = to.before(keep);
        while self.0.len() > MOST || self.0.front().is_some_and(|(_, end)| *end < old) {
            self.0.pop_front();
        }
    }

    /// How much of the time from `from` to `to` is inside.
    pub fn inside(&self, from: Mono, to: Mono) -> Duration {
        let within = |span: &(Mono, Mono)| span.1.0.min(to.0).saturating_sub(span.0.0.max(from.0));
        Duration::from_micros(self.0.iter().map(within).sum())
    }

    /// How many seconds of each of `n` equal parts of the last `over` are inside, oldest first; parts are of whole seconds and
    /// end on multiples of their length.
    pub fn series(&self, now: Mono, over: Duration, n: usize) -> Vec<f64> {
        const SECOND: u64 = 1_000_000;
        let n = n.max(1) as u64;
        let part = (over.as_secs() / n).max(1) * SECOND;
        let last = now.0 / part;
        let inside = |begin: u64| {
            let within = |(from, to): &(Mono, Mono)| to.0.min(begin + part).saturating_sub(from.0.max(begin));
            self.0.iter().map(within).sum::<u64>() as f64 / SECOND as f64
        };
        (0..n).map(|back| last.checked_sub(n - 1 - back).map_or(0.0, |index| inside(index * part))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_joins_is_one_span_and_breaks_are_seen() {
        let keep = Duration::from_secs(100);
        let at = Mono::from_secs;
        let mut spans = Spans::default();
        (0..50).for_each(|second| spans.add(at(second), at(second + 1), keep));
        assert_eq!(spans.0.len(), 1, "a stream without a break costs one");
        spans.add(at(55), at(70), keep);
        let series = |now, over, n| spans.series(at(now), Duration::from_secs(over), n);
        assert_eq!(series(70, 40, 4), [10.0, 5.0, 10.0, 0.0]);
        assert_eq!(spans.inside(at(45), at(60)), Duration::from_secs(10));
        assert_eq!(spans.inside(at(50), at(55)), Duration::ZERO);
        assert_eq!(series(5, 40, 4), [0.0, 0.0, 0.0, 10.0], "before the beginning nothing is heard");
        let mut breaks = Spans::default();
        (0..1000).for_each(|n| breaks.add(at(2 * n), at(2 * n + 1), Duration::from_hours(24)));
        assert_eq!(breaks.0.len(), MOST);
        breaks.add(at(9000), at(9001), keep);
        assert_eq!(breaks.0.len(), 1, "what is older than anybody asks for is forgotten");
    }
}
