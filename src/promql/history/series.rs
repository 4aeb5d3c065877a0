//! One series: all of its last points, and sparse ones before them where it is looked back on for long.

use std::collections::VecDeque;

use super::{Labels, NAME};

/// Sparse points of one series from which on those around a reset are not kept as well.
const MOST_PAST: usize = 3_000;

/// One series.
#[derive(Debug, Clone)]
pub struct Series {
    pub(in crate::promql) labels: Labels,
    pub(super) points: VecDeque<(i64, f64)>,
    /// Older points of one that is looked back on for long, sparse.
    pub(super) past: VecDeque<(i64, f64)>,
    pub(super) kept: Kept,
    pub(super) scrape: u64,
    /// Its newest sample had a time of its own.
    pub(super) stamped: bool,
    /// The scrape that brought its newest point: one with a time of its own may be told again at later ones.
    pub(super) brought: u64,
    /// The scrapes before its first point, first and last by their numbers, at which it was at zero: it was not there, and its
    /// process was.
    pub(super) zero: Option<(u64, u64)>,
}

/// For how long the points of a series are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// As long as all.
    Short,
    /// For longer, sparse.
    Long,
    /// As long as all, although it is looked back on for longer: there are too many of them.
    Cut,
    /// Nothing: its name has too many.
    Not,
}

impl Series {
    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(label, _)| &**label == name).map(|(_, value)| &**value)
    }

    /// Whether a counter began again right before or after a point of `value`, the newest that is not kept in full any more.
    /// Between two sparse points it would be lost, and with it what was counted.
    pub(super) fn is_at_a_reset(&self, value: f64) -> bool {
        let before = self.past.back().is_some_and(|(_, before)| value < *before);
        let after = self.points.front().is_some_and(|(_, after)| *after < value);
        (before || after) && self.past.len() < MOST_PAST && self.is_counter()
    }

    /// Whether it counts, by its name.
    pub(super) fn is_counter(&self) -> bool {
        let name = self.label(NAME).unwrap_or_default();
        ["_total", "_count", "_sum", "_bucket"].iter().any(|end| name.ends_with(end))
    }

    /// Whether nothing is kept of it.
    pub(super) fn is_empty(&self) -> bool {
        self.points.is_empty() && self.past.is_empty()
    }

    /// Whether it was made for the scrape that is taken in.
    pub(super) fn is_fresh(&self) -> bool {
        self.is_empty() && self.kept != Kept::Not
    }

    /// Whether it has but one point, of those that are kept in full.
    pub(super) fn is_first(&self) -> bool {
        self.points.len() < 2
    }

    /// The points in `[from, to]`, both ends included, as Prometheus 2 has it.
    pub(in crate::promql) fn range(&self, from: i64, to: i64) -> Vec<(i64, f64)> {
        let all = self.past.iter().chain(&self.points);
        all.filter(|(time, _)| (from..=to).contains(time)).copied().collect()
    }

    /// When it was seen first, of what is kept.
    pub fn since(&self) -> Option<i64> {
        self.past.front().or(self.points.front()).map(|(time, _)| *time)
    }

    /// Its value at `scrape`, the newest one, and its point at the one before: a sample that is told again is both.
    pub(super) fn step(&self, scrape: u64) -> (Option<f64>, Option<(i64, f64)>) {
        let mut newest = self.points.iter().rev().copied();
        let last = newest.next();
        let before = if self.brought == scrape { newest.next() } else { last };
        (last.map(|(_, value)| value), before)
    }

    /// The newest two points: the present value and the one before.
    pub fn newest_two(&self) -> (Option<f64>, Option<f64>) {
        let mut values = self.points.iter().rev().map(|(_, value)| *value);
        (values.next(), values.next())
    }
}
