//! The course of a condition over the time of the report: the worst in each of a few parts of it.

use chrono::TimeDelta;

use crate::domain::Wall;
use crate::domain::measured::StateTimes;

/// Parts of the time at most.
const PARTS: usize = 12;

/// A part is not shorter: what was measured is told for a minute, not for its seconds.
const SHORTEST: TimeDelta = TimeDelta::minutes(1);

/// How bad it was: the worse, the larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Worst {
    Pass,
    Unseen,
    Grey,
    Warn,
    Accepted,
    Fail,
}

/// The course so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Course(Vec<Option<Worst>>);

impl Course {
    /// Nothing is known of the time from `from` to `until` yet.
    pub(super) fn new(from: Wall, until: Wall) -> Self {
        let fit = (until - from).num_seconds() / SHORTEST.num_seconds();
        Self(vec![None; usize::try_from(fit).unwrap_or(0).clamp(1, PARTS)])
    }

    /// Takes in what was watched from `begin` to `end`, in the time of the report.
    pub(super) fn add(&mut self, (from, until): (Wall, Wall), (begin, end): (Wall, Wall), ms: &StateTimes) {
        let Some(worst) = worst(ms) else { return };
        let part = (until - from) / i32::try_from(self.0.len().max(1)).unwrap_or(1);
        for (slot, n) in self.0.iter_mut().zip(0..) {
            let (first, last) = (from + part * n, from + part * (n + 1));
            let shared = end.min(last) - begin.max(first);
            // A stretch that only reaches into a part does not colour it.
            if shared > TimeDelta::zero() && shared * 2 >= part.min(end - begin) {
                *slot = (*slot).max(Some(worst));
            }
        }
    }

    /// As the schema names it; nobody watched what is in no stretch.
    pub(super) fn words(&self) -> Vec<&'static str> {
        self.0.iter().map(|worst| worst.map_or("unknown", Worst::word)).collect()
    }
}

impl Worst {
    fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Unseen => "unseen",
            Self::Grey => "grey",
            Self::Warn => "warn",
            Self::Accepted => "accepted",
            Self::Fail => "fail",
        }
    }
}

fn worst(ms: &StateTimes) -> Option<Worst> {
    let unseen = ms.unseen();
    let all = [
        (Worst::Fail, ms.fail > 0),
        (Worst::Accepted, ms.accepted > 0),
        (Worst::Warn, ms.warn > 0),
        (Worst::Grey, ms.grey > 0),
        (Worst::Unseen, unseen > ms.pass),
        (Worst::Pass, ms.pass > 0 || unseen > 0),
    ];
    all.into_iter().find(|(_, is)| *is).map(|(worst, _)| worst)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Wall {
        Wall::default() + TimeDelta::seconds(second)
    }

    #[test]
    fn each_part_has_its_worst_and_what_nobody_watched_is_unknown() {
        let time = (at(0), at(1_200));
        let mut course = Course::new(at(0), at(1_200));
        let good = StateTimes { pass: 1, ..StateTimes::default() };
        course.add(time, (at(0), at(300)), &good);
        course.add(time, (at(300), at(305)), &StateTimes { pass: 4, fail: 1, ..StateTimes::default() });
        // It reaches ten seconds into the sixth part.
        course.add(time, (at(400), at(510)), &StateTimes { no_data: 1, ..StateTimes::default() });
        course.add(
            time,
            (at(1_100), at(1_200)),
            &StateTimes { warn: 1, no_data: 9, ..StateTimes::default() },
        );
        let (p, u) = ("pass", "unknown");
        assert_eq!(course.words(), [p, p, p, "fail", "unseen", u, u, u, u, u, u, "warn"]);
        assert_eq!(Course::new(at(0), at(150)).words(), [u, u]);
        assert_eq!(Course::new(at(0), at(5)).words(), [u]);
    }
}
