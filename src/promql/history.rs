//! What was scraped: for each series its last points, bounded in time, in series and by name.

mod born;
mod long;
mod places;
mod series;
mod steady;
mod taking;

use std::collections::{BTreeSet, HashSet, VecDeque};

use promql_parser::label::Matcher;
use rustc_hash::FxHashMap;

use super::Names;
use super::exposition;
use super::watched::Watched;

use places::Places;
use series::Kept;
use steady::Steady;

pub use long::Long;
pub use places::TooMany;
pub use series::Series;
pub use steady::STARTED;

/// How long the newest point of a series counts as its present value, in milliseconds (Prometheus' look-back).
const LOOK_BACK: i64 = 5 * 60 * 1000;

/// The label that holds the metric's name.
pub(super) const NAME: &str = "__name__";

/// Labels sorted by name, the metric's own name among them.
pub type Labels = Vec<(Box<str>, Box<str>)>;

/// A shorter pause is no gap, in milliseconds.
const LEAST_GAP: i64 = 150_000;

/// Clocks that differ by less than this from what was known were not set, in milliseconds.
const SET: u64 = 1_000;

/// Series that are looked back on for long at most.
const MOST_LONG: usize = 200;

/// The last points of all series that somebody asks for.
#[derive(Debug)]
pub struct History {
    span: i64,
    places: Places,
    names: Option<HashSet<Box<[u8]>>>,
    series: Vec<Series>,
    by_key: FxHashMap<Box<[u8]>, usize>,
    by_labels: FxHashMap<Labels, usize>,
    scrape: u64,
    /// When the last scrapes were, each with its number.
    times: VecDeque<(u64, i64)>,
    /// The samples of the scrape that is being read.
    lines: Vec<(usize, Option<f64>, f64)>,
    left_out: u64,
    long: Long,
    /// When all that is scraped was, and each name for itself: of one that was asked for later less is kept.
    watched: Watched,
    watched_of: FxHashMap<String, Watched>,
    /// When the newest scrape was.
    newest: i64,
    /// Names of which not all series are kept for as long as they are looked back on.
    cut: BTreeSet<String>,
    /// After how many scrapes each name was asked for, or all were.
    asked: FxHashMap<String, u64>,
    asked_any: u64,
    /// By how many milliseconds Unix time is ahead of the time of scrapes; `None`: samples have no time of their own.
    ahead: Option<i64>,
    steady: Steady,
    /// Names of counters, whatever they end in.
    counters: Vec<String>,
    /// Labels by which one process tells its users apart.
    cohorts: Vec<String>,
}

impl History {
    /// Keeps `span` milliseconds of at most `cap` series of one name; only those of `names`, if given.
    pub fn new(span: i64, cap: usize, names: Option<Vec<String>>) -> Self {
        let mut history = Self {
            span,
            places: Places::new(cap),
            names: None,
            series: Vec::new(),
            by_key: FxHashMap::default(),
            by_labels: FxHashMap::default(),
            scrape: 0,
            times: VecDeque::new(),
            lines: Vec::new(),
            left_out: 0,
            long: Long::default(),
            watched: Watched::default(),
            watched_of: FxHashMap::default(),
            newest: 0,
            cut: BTreeSet::new(),
            asked: FxHashMap::default(),
            asked_any: 0,
            ahead: None,
            steady: Steady::default(),
            counters: Vec::new(),
            cohorts: Vec::new(),
        };
        history.keep(span, names);
        history
    }

    /// Keeps `span` milliseconds of `names` from now on. What it has of other names stays until it is too old.
    pub fn keep(&mut self, span: i64, names: Option<Vec<String>>) {
        self.span = span;
        match &names {
            Some(names) => {
                // What was kept whatever its name was kept of these too.
                let before = if self.names.is_none() { self.watched.clone() } else { Watched::default() };
                let known = std::mem::take(&mut self.watched_of);
                let since = |name: &String| known.get(name).unwrap_or(&before).clone();
                self.watched_of = names.iter().map(|name| (name.clone(), since(name))).collect();
                let all = self.names.is_none().then_some(self.asked_any);
                let known = std::mem::take(&mut self.asked);
                let asked = |name: &String| known.get(name).copied().or(all).unwrap_or(self.scrape);
                self.asked = names.iter().map(|name| (name.clone(), asked(name))).collect();
            }
            None if self.names.is_some() => {
                self.watched = Watched::default();
                self.asked_any = self.scrape;
            }
            None => {}
        }
        self.names = names.map(|names| names.into_iter().map(|name| name.into_bytes().into()).collect());
    }

    /// What is known of names from outside: counters, whatever they end in, and labels by which one process tells its users
    /// apart.
    pub fn told(&mut self, counters: Vec<String>, cohorts: Vec<String>) {
        (self.counters, self.cohorts) = (counters, cohorts);
    }

    /// So many series of all names are kept from now on, at least those of one.
    pub fn bound(&mut self, all: usize) {
        self.places.bound(all);
    }

    /// By how many milliseconds Unix time is ahead of that of scrapes: samples with a time of their own count then. Both are
    /// read one after the other: only a clock that was set is news, else a sample told twice would become two.
    pub fn wall_is_ahead_by(&mut self, millis: i64) {
        if self.ahead.is_none_or(|known| known.abs_diff(millis) >= SET) {
            self.ahead = Some(millis);
        }
    }

    /// What of it is looked back on for long from now on.
    pub fn keep_long(&mut self, long: Long) {
        for name in &long.names {
            let all = &self.watched;
            let watched = self.watched_of.entry(name.clone()).or_insert_with(|| all.clone());
            if !self.long.names.contains(name) {
                watched.forget(self.newest - self.span);
            }
        }
        let mut room = MOST_LONG;
        for series in &mut self.series {
            series.kept = match long.takes(&series.labels) {
                true if room > 0 => Kept::Long,
                true => Kept::Cut,
                false => Kept::Short,
            };
            room -= usize::from(series.kept == Kept::Long);
            if series.kept != Kept::Long {
                series.past.clear();
            }
        }
        self.long = long;
        self.count_cut();
    }

    /// Looks for names of which not all series are kept for long.
    fn count_cut(&mut self) {
        let cut = self.series.iter().filter(|series| series.kept == Kept::Cut);
        self.cut = cut.filter_map(|series| series.label(NAME)).map(str::to_owned).collect();
    }

    /// The present values of what is looked back on for long, by series.
    pub fn sparse(&self) -> Vec<(String, f64)> {
        let present =
            self.series.iter().filter(|series| series.kept == Kept::Long && series.scrape == self.scrape);
        let written = present.filter_map(|series| {
            let labels: Labels =
                series.labels.iter().filter(|(label, _)| &**label != NAME).cloned().collect();
            Some((exposition::written(series.label(NAME)?, &labels), series.points.back()?.1))
        });
        written.collect()
    }

    /// Takes in a sample of an earlier time than all that is known of its series, in any order.
    pub fn restore(&mut self, series: &str, at: i64, value: f64) {
        let end = series.find('{').unwrap_or(series.len());
        let Ok((name, mut labels)) = exposition::named(series.as_bytes(), end) else { return };
        let gap = self.gap();
        labels.push((NAME.into(), name.clone()));
        labels.sort();
        if !self.by_labels.contains_key(&labels) && !self.places.is_free(&name) {
            return;
        }
        let Some(slot) = self.find(labels) else { return };
        let Some(series) = self.series.get_mut(slot).filter(|series| series.kept == Kept::Long) else {
            return;
        };
        if series.points.front().is_some_and(|(first, _)| *first <= at) {
            return;
        }
        let place = series.past.partition_point(|(time, _)| *time < at);
        if series.past.get(place).is_none_or(|(time, _)| *time != at) {
            series.past.insert(place, (at, value));
        }
        if let Some(watched) = self.watched_of.get_mut(&*name) {
            watched.seen(at, gap);
        }
    }

    /// How much of `[from, to]` all of `names` were watched, in milliseconds.
    pub fn watched(&self, names: &Names, from: i64, to: i64) -> i64 {
        let Names::Only(names) = names else { return self.watched.of(from, to) };
        let mut each = names.iter().map(|name| self.watched_of.get(name).unwrap_or(&self.watched));
        let Some(first) = each.next() else { return self.watched.of(from, to) };
        each.fold(first.clone(), |all, one| all.both(one)).of(from, to)
    }

    /// Since when `name` is watched without a gap.
    pub fn unbroken(&self, name: &str) -> Option<i64> {
        self.watched_of.get(name).unwrap_or(&self.watched).unbroken()
    }

    /// A pause longer than this is a gap.
    fn gap(&self) -> i64 {
        (self.long.step.saturating_mul(5) / 2).max(LEAST_GAP)
    }

    /// Series kept.
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// Samples of the newest scrape that did not fit under the caps: of series, and of those looked back on for long.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The name among these of which the newest scrape had more series than are kept: what is asked of it has no answer.
    pub fn lacks(&self, names: &Names) -> Option<TooMany> {
        match names {
            Names::Any => self.places.any(),
            Names::Only(names) => names.iter().find_map(|name| self.places.why(name)),
        }
    }

    /// The values of `label` among the series now present.
    pub fn values_of(&self, label: &str) -> BTreeSet<&str> {
        let present = self.series.iter().filter(|series| series.scrape == self.scrape);
        present.filter_map(|series| series.label(label)).collect()
    }

    /// The series named `name` in the newest scrape; none where there were more than are kept.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Series> {
        let present = self.series.iter().filter(move |series| series.scrape == self.scrape);
        present.filter(move |series| series.label(NAME) == Some(name))
    }

    /// Series that all `matchers` take.
    pub(super) fn select<'a>(&'a self, matchers: &'a [&'a Matcher]) -> impl Iterator<Item = &'a Series> {
        // A label that is not there is an empty one.
        let takes = |series: &Series, matcher: &Matcher| {
            matcher.is_match(series.label(&matcher.name).unwrap_or_default())
        };
        self.series.iter().filter(move |series| matchers.iter().all(|matcher| takes(series, matcher)))
    }

    /// The present value of a series: its newest point within the look-back, unless a later scrape was without it. Who tells
    /// when a sample was made tells it late and not each time: its series are there as long as the look-back goes.
    pub(super) fn present(&self, series: &Series, at: i64) -> Option<f64> {
        if series.scrape != self.scrape && !series.stamped {
            return None;
        }
        let newest = series.points.iter().rev().find(|(time, _)| *time <= at)?;
        (at - newest.0 <= LOOK_BACK).then_some(newest.1)
    }

    /// Drops points before `from`, and series without any.
    fn forget(&mut self, from: i64) {
        while self.times.pop_front_if(|(_, time)| *time < from).is_some() {}
        let Long { span, step, .. } = self.long;
        let oldest = from + self.span - span;
        for series in &mut self.series {
            while let Some((time, value)) = series.points.pop_front_if(|(time, _)| *time < from) {
                if series.kept != Kept::Long {
                    continue;
                }
                let due = series.past.back().is_none_or(|(last, _)| time - last >= step);
                if due || series.is_at_a_reset(value) {
                    series.past.push_back((time, value));
                }
            }
            while series.past.pop_front_if(|(time, _)| *time < oldest).is_some() {}
        }
        self.watched.forget(oldest.min(from));
        for (name, watched) in &mut self.watched_of {
            watched.forget(if self.cut.contains(name) { from } else { oldest.min(from) });
        }
        let gone = Series::is_empty;
        if !self.series.iter().any(gone) {
            return;
        }
        self.series.retain(|series| !gone(series));
        self.by_key.clear();
        let labels = self.series.iter().enumerate().map(|(slot, series)| (series.labels.clone(), slot));
        self.by_labels = labels.collect();
        self.places.count(self.series.iter().filter_map(|series| series.label(NAME)));
        self.count_cut();
    }
}

#[cfg(test)]
mod tests;
