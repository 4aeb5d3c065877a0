//! Whether scrapes tell one process or several: behind one address another instance may answer, with all that it ever
//! counted. What it counted before it was scraped is not known, so points of both are not compared, and nothing of the step
//! from the one to the other is counted.
//!
//! A process is told by when it began. One that tells another beginning than before, after the scrape before, began anew at
//! zero; an earlier beginning is another instance. Where nothing is told a counter that falls says that it is another one or
//! began anew, and that is all that can be known: counting goes on one scrape later, and where it happens again within
//! minutes several answer.
//!
//! Prometheus does not look at this. Queries that are written down are answered as it does.

use std::collections::VecDeque;

use super::{History, LOOK_BACK, NAME, Series};

/// When a process began, in seconds of Unix time: another value is another process.
pub const STARTED: &str = "process_start_time_seconds";

/// Who answered the newest scrape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Nothing says that it is another one than before.
    Same,
    /// The process itself says that it is the same.
    Told,
    /// One that began after the scrape before.
    Anew,
    /// Another one, or one of which it is not known when it began again.
    Other,
}

/// What is known of who answers.
#[derive(Debug, Default)]
pub(super) struct Steady {
    /// Points of this scrape and later ones may be compared.
    since: u64,
    /// The scrape before told when its process began.
    told: bool,
    /// When counters fell of which it is not told whose they are.
    falls: VecDeque<i64>,
    who: Option<Who>,
}

impl Steady {
    /// Several processes answer, and which one is not told.
    fn are_several(&self) -> bool {
        self.falls.len() > 1
    }
}

impl History {
    /// Looks who answered the newest scrape, made at `at`.
    pub(super) fn look_who(&mut self, at: i64) -> Who {
        let told = self.series.iter().any(|it| it.scrape == self.scrape && it.label(NAME) == Some(STARTED));
        let who = match (self.scrape, self.steady.told, told) {
            (..=1, ..) => Who::Other,
            (_, true, true) => self.who_is_told(at),
            (_, false, false) if !self.has_fallen() => Who::Same,
            _ => Who::Other,
        };
        let fallen = who == Who::Other && self.scrape > 1 && (self.has_fallen() || self.tells_another());
        let steady = &mut self.steady;
        while steady.falls.pop_front_if(|fell| at - *fell > LOOK_BACK).is_some() {}
        if who == Who::Other {
            steady.since = if told { self.scrape } else { self.scrape + 1 };
            if fallen {
                steady.falls.push_back(at);
            }
        }
        (steady.told, steady.who) = (told, Some(who));
        who
    }

    /// Both this scrape and the one before tell when their process began.
    fn who_is_told(&self, at: i64) -> Who {
        let present = self.series.iter().filter(|it| it.scrape == self.scrape);
        let started = present.filter(|it| it.label(NAME) == Some(STARTED));
        let pairs: Vec<_> = started.map(|it| self.told_by(it)).collect();
        let before = self.times.iter().rev().nth(1).map(|(_, time)| *time);
        // By the clocks of two machines: who begins in the future cannot be believed.
        let began = |started: f64| {
            let began = self.ahead.map(|ahead| (started * 1000.0) as i64 - ahead);
            began.zip(before).is_some_and(|(began, before)| (before..=at).contains(&began))
        };
        let anew = |(now, before): &(Option<f64>, Option<f64>)| now != before && now.is_some_and(began);
        let same = |(now, before): &(Option<f64>, Option<f64>)| now == before;
        if pairs.iter().all(anew) {
            return Who::Anew;
        }
        // Of one that is told for the first time only, an aggregate has more than before.
        let new = pairs.iter().filter(|(_, before)| before.is_none()).count();
        let known = pairs.iter().filter(|(_, before)| before.is_some());
        if new < pairs.len() && known.clone().all(same) && !self.has_fallen() {
            Who::Told
        } else {
            Who::Other
        }
    }

    /// Whether the newest scrape is of one process that tells another beginning than the one before.
    fn tells_another(&self) -> bool {
        let another = |(now, before): (Option<f64>, Option<f64>)| before.is_some() && now != before;
        self.tells_one().is_some_and(|it| another(self.told_by(it)))
    }

    /// What a series tells now, and what it told at the scrape before.
    fn told_by(&self, series: &Series) -> (Option<f64>, Option<f64>) {
        let (now, before) = series.step(self.scrape);
        (now, before.map(|(_, before)| before))
    }

    /// When the process began that answered the newest scrape, where it tells of itself alone.
    pub(super) fn tells_one(&self) -> Option<&Series> {
        let present = self.series.iter().filter(|it| it.scrape == self.scrape);
        let mut started = present.filter(|it| it.label(NAME) == Some(STARTED));
        started.next().filter(|_| started.next().is_none())
    }

    /// Whether a counter has less than at the scrape before.
    fn has_fallen(&self) -> bool {
        let last = self.times.iter().rev().nth(1).map_or(i64::MIN, |(_, time)| *time);
        self.series.iter().filter(|series| series.scrape == self.scrape).any(|series| {
            let (Some(now), Some((time, before))) = series.step(self.scrape) else { return false };
            now < before && (series.stamped || time >= last) && self.counts(series)
        })
    }

    /// Whether a series only grows while its process lasts: gauges too end in `_count` and `_sum`, and some in `_total`.
    fn counts(&self, series: &Series) -> bool {
        let name = series.label(NAME).unwrap_or_default();
        if self.counters.is_empty() {
            return ["_total", "_bucket"].iter().any(|end| name.ends_with(end));
        }
        self.counters.iter().any(|counter| counter == name)
    }

    /// The newest scrape cannot be compared with the one before: who answers is another one, or is not known.
    pub fn is_in_doubt(&self) -> bool {
        self.scrape > 1 && (self.steady.are_several() || self.steady.since >= self.scrape)
    }

    /// Several processes answer at the address, and none tells which one it is.
    pub fn are_several(&self) -> bool {
        self.steady.are_several()
    }

    /// How much a counter grew since the scrape before; `None`: that is not known.
    pub fn grown(&self, series: &Series) -> Option<f64> {
        if series.scrape != self.scrape || self.is_in_doubt() {
            return None;
        }
        let (now, before) = series.step(self.scrape);
        let now = now?;
        match before {
            // The same sample, told again.
            Some(_) if series.brought != self.scrape => Some(0.0),
            Some((_, before)) if self.steady.who == Some(Who::Anew) => {
                // At least so many, if it is not the new one that had as many before its first scrape.
                Some(if now < before { now } else { now - before })
            }
            Some((time, before)) => (now >= before && time >= self.comparable_from()).then_some(now - before),
            None => series.zero.map(|_| now),
        }
    }

    /// The time from which points may be compared with the newest.
    pub(super) fn comparable_from(&self) -> i64 {
        if self.steady.are_several() {
            return i64::MAX;
        }
        // The first scrape has no other before it, and samples may be older than the scrape that brings them.
        if self.steady.since <= 1 {
            return i64::MIN;
        }
        let first = self.times.iter().find(|(number, _)| *number >= self.steady.since);
        first.map_or(i64::MAX, |(_, time)| *time)
    }
}

#[cfg(test)]
mod tests;
