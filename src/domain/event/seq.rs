//! Sequence numbers: gaps, late ones and repeats. Whether numbers run through the whole stream or begin anew in each
//! run shows in the stream itself.

use std::collections::VecDeque;

use crate::domain::Mono;

/// What a sequence number says of its event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The next one, after jumping over so many.
    Fresh(u64),
    /// Fills a gap.
    Late,
    /// Was here before.
    Repeat,
}

/// Gaps remembered; a number from an older one counts as a repeat.
const MAX_GAPS: usize = 256;
/// A step farther than this, in either direction, is a new beginning and no loss.
const NEW_BEGINNING: u64 = 100_000;

/// So many runs that began where the stream stood: numbers run through it.
const SURELY: u8 = 3;

impl Place {
    /// What both ways of numbering say: before it is known which one is meant, nothing else is lost or repeated.
    fn agreed(self, other: Self) -> Self {
        match (self, other) {
            (Self::Fresh(one), Self::Fresh(other)) => Self::Fresh(one.min(other)),
            (Self::Fresh(_), _) | (_, Self::Fresh(_)) => Self::Fresh(0),
            (Self::Repeat, Self::Repeat) => Self::Repeat,
            (Self::Late, _) | (_, Self::Late) => Self::Late,
        }
    }
}

/// The numbers of one connection.
#[derive(Debug, Clone, Default)]
pub struct Sequence {
    expected: Option<u64>,
    gaps: VecDeque<(u64, u64)>,
    per_run: bool,
    /// Runs that began with the number that the stream expected: numbers run through the stream.
    through: u8,
}

/// The numbers of one run, where they begin anew in each: the newest and which of the 64 up to it came.
#[derive(Debug, Clone, Copy, Default)]
pub struct RunSequence {
    newest: Option<u64>,
    came: u64,
}

impl Sequence {
    /// Takes the number of an event; `run` is its run's own sequence, `fresh_run` whether the run was unknown.
    pub fn take(&mut self, seq: u64, run: Option<&mut RunSequence>, fresh_run: bool) -> Place {
        if fresh_run && !self.per_run {
            self.weigh(seq);
        }
        let own = run.map(|run| run.take(seq));
        if self.per_run {
            return own.unwrap_or(Place::Fresh(0));
        }
        let place = self.place(seq);
        match own {
            Some(own) if self.through < SURELY => place.agreed(own),
            _ => place,
        }
    }

    /// What `seq` says where numbers run through the stream.
    fn place(&mut self, seq: u64) -> Place {
        let expected = self.expected.unwrap_or(seq);
        if seq >= expected {
            let jumped = seq - expected;
            self.expected = Some(seq.saturating_add(1));
            if jumped == 0 {
                return Place::Fresh(0);
            }
            return self.jump(expected, jumped);
        }
        if expected - seq > NEW_BEGINNING {
            self.begin_at(seq.saturating_add(1));
            return Place::Fresh(0);
        }
        if self.fill(seq) { Place::Late } else { Place::Repeat }
    }

    /// A run begins with `seq`: either where the stream stands, or anew. A stream whose runs began where it stood and
    /// that falls back to its start was begun anew by its sender.
    fn weigh(&mut self, seq: u64) {
        let Some(expected) = self.expected else { return };
        if seq == expected && seq > 1 {
            self.through = self.through.saturating_add(1);
        } else if seq <= 1 && seq < expected {
            if self.through >= SURELY {
                self.begin_at(seq);
            } else {
                self.per_run = true;
            }
        }
    }

    /// Forgets everything: another connection may number from the start.
    pub fn restart(&mut self) {
        *self = Self::default();
    }

    fn begin_at(&mut self, expected: u64) {
        self.expected = Some(expected);
        self.gaps.clear();
    }

    fn jump(&mut self, expected: u64, jumped: u64) -> Place {
        if jumped > NEW_BEGINNING {
            self.gaps.clear();
            return Place::Fresh(0);
        }
        if self.gaps.len() >= MAX_GAPS {
            self.gaps.pop_front();
        }
        self.gaps.push_back((expected, expected + jumped));
        Place::Fresh(jumped)
    }

    fn fill(&mut self, seq: u64) -> bool {
        let Some(at) = self.gaps.iter().position(|(from, to)| (*from..*to).contains(&seq)) else {
            return false;
        };
        let Some((from, to)) = self.gaps.remove(at) else { return false };
        if seq + 1 < to {
            self.gaps.insert(at, (seq + 1, to));
        }
        if from < seq {
            self.gaps.insert(at, (from, seq));
        }
        true
    }
}

impl RunSequence {
    fn take(&mut self, seq: u64) -> Place {
        let Some(newest) = self.newest else {
            *self = Self { newest: Some(seq), came: 1 };
            return Place::Fresh(0);
        };
        if seq > newest {
            let step = seq - newest;
            self.came = if step < 64 { self.came << step | 1 } else { 1 };
            self.newest = Some(seq);
            return Place::Fresh(if step > NEW_BEGINNING { 0 } else { step - 1 });
        }
        let back = newest - seq;
        let bit = if back < 64 { 1_u64 << back } else { return Place::Repeat };
        let before = self.came & bit != 0;
        self.came |= bit;
        if before { Place::Repeat } else { Place::Late }
    }
}

/// What is known of one connection.
#[derive(Debug, Default)]
pub struct Connection {
    /// Its sequence numbers.
    pub seq: Sequence,
    /// Since when it stands.
    pub since: Mono,
}

#[cfg(test)]
mod tests {
    use super::Place::{Fresh, Late, Repeat};
    use super::*;

    #[test]
    fn numbers_through_the_stream() {
        let mut seq = Sequence::default();
        let mut places =
            |numbers: &[u64]| -> Vec<Place> { numbers.iter().map(|n| seq.take(*n, None, false)).collect() };
        assert_eq!(places(&[10, 11, 12, 12, 16]), [Fresh(0), Fresh(0), Fresh(0), Repeat, Fresh(3)]);
        assert_eq!(places(&[14, 14, 13, 15, 15, 17]), [Late, Repeat, Late, Late, Repeat, Fresh(0)]);
        assert_eq!(places(&[900_000, 900_001, 3]), [Fresh(0), Fresh(0), Fresh(0)], "new beginnings");
    }

    #[test]
    fn a_sender_that_starts_its_stream_anew_loses_nothing() {
        let mut seq = Sequence::default();
        for number in (0..50).chain(0..50) {
            let mut run = RunSequence::default();
            assert_eq!(seq.take(number, Some(&mut run), true), Fresh(0));
        }
    }

    #[test]
    fn nothing_is_lost_or_twice_before_it_is_known_how_runs_are_numbered() {
        let mut seq = Sequence::default();
        let mut runs = [RunSequence::default(); 3];
        // As a connection finds them that comes in the middle: each run stands somewhere else.
        for (run, number) in [(0, 37), (1, 12), (2, 4), (0, 38), (2, 5), (1, 13), (0, 39), (2, 6)] {
            let fresh = runs[run].newest.is_none();
            assert_eq!(seq.take(number, Some(&mut runs[run]), fresh), Fresh(0), "{number}");
        }
        assert_eq!(seq.take(6, Some(&mut runs[2]), false), Repeat, "the same one of the same run");
    }

    #[test]
    fn what_is_lost_within_one_run_is_lost_however_it_is_numbered() {
        let (mut seq, mut run) = (Sequence::default(), RunSequence::default());
        assert_eq!(seq.take(1, Some(&mut run), true), Fresh(0));
        assert_eq!(seq.take(4, Some(&mut run), false), Fresh(2));
        assert_eq!(seq.take(3, Some(&mut run), false), Late);
    }

    #[test]
    fn numbers_that_begin_anew_in_each_run_are_recognised() {
        let mut seq = Sequence::default();
        let (mut a, mut b) = (RunSequence::default(), RunSequence::default());
        assert_eq!(seq.take(1, Some(&mut a), true), Place::Fresh(0));
        assert_eq!(seq.take(2, Some(&mut a), false), Place::Fresh(0));
        assert_eq!(seq.take(1, Some(&mut b), true), Place::Fresh(0));
        assert_eq!(seq.take(3, Some(&mut a), false), Place::Fresh(0));
        assert_eq!(seq.take(4, Some(&mut b), false), Place::Fresh(2));
        assert_eq!(seq.take(3, Some(&mut b), false), Place::Late);
        assert_eq!(seq.take(3, Some(&mut b), false), Place::Repeat);
        assert_eq!(seq.take(3, Some(&mut a), false), Place::Repeat);
    }
}
