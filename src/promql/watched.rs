//! When anybody watched: stretches of time without a gap, so that a number over a long range can say how much of it was seen.

use std::collections::VecDeque;

/// Stretches kept at most; of more the oldest are forgotten, which only makes less seem watched.
const MOST: usize = 1_000;

/// Stretches without a gap, oldest first; milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Watched(VecDeque<(i64, i64)>);

impl Watched {
    /// Something was seen at `at`, which may be before all that is known; a pause of up to `gap` to the next is none.
    pub(super) fn seen(&mut self, at: i64, gap: i64) {
        // Nearly always the newest: looked for from the end.
        let after = self.0.iter().rev().take_while(|(begin, _)| *begin > at).count();
        let next = self.0.len() - after;
        let before = next.checked_sub(1).filter(|it| self.0.get(*it).is_some_and(|(_, to)| at - to <= gap));
        let joins = self.0.get(next).is_some_and(|(begin, _)| begin - at <= gap);
        match (before.and_then(|it| Some((it, *self.0.get(it)?))), joins) {
            (Some((it, (begin, end))), true) => {
                let end = self.0.remove(next).map_or(end, |(_, to)| to);
                self.put(it, (begin, end));
            }
            (Some((it, (begin, end))), false) => self.put(it, (begin, end.max(at))),
            (None, true) => {
                let end = self.0.get(next).map_or(at, |(_, to)| *to);
                self.put(next, (at, end));
            }
            (None, false) => {
                self.0.insert(next, (at, at));
                if self.0.len() > MOST {
                    self.0.pop_front();
                }
            }
        }
    }

    fn put(&mut self, place: usize, stretch: (i64, i64)) {
        if let Some(known) = self.0.get_mut(place) {
            *known = stretch;
        }
    }

    /// Forgets what was before `from`.
    pub(super) fn forget(&mut self, from: i64) {
        while self.0.pop_front_if(|(_, to)| *to < from).is_some() {}
        if let Some((begin, _)) = self.0.front_mut() {
            *begin = from.max(*begin);
        }
    }

    /// How much of `[from, to]` was watched.
    pub(super) fn of(&self, from: i64, to: i64) -> i64 {
        self.0.iter().map(|(begin, end)| ((*end).min(to) - (*begin).max(from)).max(0)).sum()
    }

    /// When both watched.
    pub(super) fn both(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut both = VecDeque::new();
        while let (Some((a, b)), Some((c, d))) = (left.peek(), right.peek()) {
            let (begin, end) = ((*a).max(*c), (*b).min(*d));
            if begin <= end {
                both.push_back((begin, end));
            }
            if b < d {
                left.next()
            } else {
                right.next()
            };
        }
        Self(both)
    }

    /// Since when there was no gap.
    pub(super) fn unbroken(&self) -> Option<i64> {
        self.0.back().map(|(begin, _)| *begin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_never_counted() {
        let mut watched = Watched::default();
        for at in [0, 60, 120, 1_000, 1_060, 1_050] {
            watched.seen(at, 150);
        }
        assert_eq!(watched, Watched([(0, 120), (1_000, 1_060)].into()));
        assert_eq!((watched.of(0, 2_000), watched.of(100, 1_030), watched.of(200, 900)), (180, 50, 0));
        assert_eq!(watched.unbroken(), Some(1_000));
        watched.forget(1_010);
        assert_eq!(watched, Watched([(1_010, 1_060)].into()), "what is forgotten was not watched");
    }

    #[test]
    fn what_was_seen_earlier_is_put_in_its_place() {
        let mut watched = Watched::default();
        for at in [1_000, 0, 100, 500, 900, 1_100, 220, 360] {
            watched.seen(at, 150);
        }
        assert_eq!(watched, Watched([(0, 500), (900, 1_100)].into()));
        watched.seen(700, 200);
        assert_eq!(watched, Watched([(0, 1_100)].into()), "it closes the gap");
    }

    #[test]
    fn both_is_what_each_saw() {
        let one = Watched([(0, 100), (200, 300)].into());
        let other = Watched([(50, 220), (290, 400)].into());
        assert_eq!(one.both(&other), Watched([(50, 100), (200, 220), (290, 300)].into()));
        assert_eq!(one.both(&Watched::default()), Watched::default());
    }
}
