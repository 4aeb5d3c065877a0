//! When anybody watched: stretches of time without a gap, so that a number over a long range can say how much of it was seen.

use std::collections::VecDeque;

/// Stretches kept at most; of more the oldest are forgotten, which only makes less seem watched.
const MOST: usize = 1_000;

/// Stretches without a gap, oldest first; milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Watched(VecDeque<(i64, i64)>);

impl Watched {
    /// Something was seen at `at`; a pause of up to `gap` since the last time is none.
    pub(super) fn seen(&mut self, at: i64, gap: i64) {
        match self.0.back_mut() {
            Some((_, to)) if at <= *to => {}
            Some((_, to)) if at - *to <= gap => *to = at,
            _ => {
                self.0.push_back((at, at));
                if self.0.len() > MOST {
                    self.0.pop_front();
                }
            }
        }
    }

    /// Forgets what was before `from`.
    pub(super) fn forget(&mut self, from: i64) {
        while self.0.front().is_some_and(|(_, to)| *to < from) {
            self.0.pop_front();
        }
    }

    /// How much of `[from, to]` was watched.
    pub(super) fn of(&self, from: i64, to: i64) -> i64 {
        self.0.iter().map(|(begin, end)| ((*end).min(to) - (*begin).max(from)).max(0)).sum()
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
        watched.forget(500);
        assert_eq!(watched.of(0, 2_000), 60);
    }
}
