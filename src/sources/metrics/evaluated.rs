//! From an exposition to the numbers of the panel.

mod connections;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use connections::lifetimes;

use super::cohorts::{Asked, Cohorts};
use super::number::{Number, single, told};
use super::refused::unreadable;
use super::requests::status_label;
use crate::clock;
use crate::domain::metric::{MetricValue, Resembling, Scraped, ServerCloses};
use crate::domain::room::{MetricFrom, MetricSpec, MetricsSpec};
use crate::domain::{Clean, Mono, ServiceIx, Watched};
use crate::journal::Stored;
use crate::promql::history::STARTED;
use crate::promql::propose::propose;
use crate::promql::{History, Long, Names, Query, QueryError, Value, exposition};

/// The longest history of which all points are kept, in milliseconds.
const MAX_SPAN: i64 = 60 * 60 * 1000;

/// The longest that anything is looked back on, in milliseconds: a week, and the step before it.
const MAX_LONG: i64 = 8 * 24 * 60 * 60 * 1000;

/// So long after the start it is known what is looked back on, in milliseconds.
const SETTLED: i64 = 10 * 60 * 1000;

/// How long lives of connections are looked back on: one may last a day.
const LIVES: i64 = 24 * 60 * 60 * 1000;

/// Of what is looked back on for long so many points are kept at most, and no two of a minute.
const POINTS: i64 = 1_440;
const LEAST_STEP: i64 = 60 * 1000;

/// How far back an instant value may lie, in milliseconds.
const LOOK_BACK: i64 = 5 * 60 * 1000;

/// Series of one name kept at most: of a name with more none is, and what is asked of it has no answer.
const MAX_SERIES: usize = 10_000;

/// Names like these fit together, where no more points come of it than this (16 bytes each).
const FULL_NAMES: usize = 5;
const MAX_POINTS: usize = 36_000_000;

/// Names are looked at in one scrape of so many.
const SEEK_EVERY: u32 = 60;

/// Revisions told apart at most, the last by name: Cloud Run numbers them upward.
const MAX_REVISIONS: usize = 8;

/// All queries of one endpoint and the history they look at.
#[derive(Debug)]
pub(super) struct Panel {
    service: ServiceIx,
    spec: MetricsSpec,
    history: History,
    queries: Vec<(String, Result<Query, QueryError>)>,
    lifetimes: Option<[Query; 2]>,
    cohorts: Cohorts,
    /// Scrapes until names are looked at again.
    seek_in: u32,
    /// What is looked back on for long.
    long: Long,
    /// When samples were given away to be kept, first and last.
    kept: Option<(i64, i64)>,
}

impl Panel {
    /// Parses all queries; one that cannot be used says so with every scrape.
    pub(super) fn new(service: ServiceIx, (spec, cohorts): Asked<'_>, lives: bool) -> Self {
        let mut panel = Self {
            service,
            spec: spec.clone(),
            history: History::new(LOOK_BACK, MAX_SERIES, None),
            queries: Vec::new(),
            lifetimes: lifetimes(&spec.connection_seconds),
            cohorts: Cohorts::default(),
            seek_in: 0,
            long: Long::default(),
            kept: None,
        };
        panel.follow((spec, cohorts), lives);
        panel
    }

    /// Evaluates these queries from now on; what was scraped for those that stay is kept. `lives`: something judges how long
    /// connections live.
    pub(super) fn follow(&mut self, (spec, cohorts): Asked<'_>, lives: bool) {
        self.cohorts = Cohorts::new(cohorts, &spec.closes_total);
        let parsed = |panel: &MetricSpec| {
            let query = Query::parse(&panel.query);
            let query = query.map(|query| if panel.from_zero { query.from_zero() } else { query });
            (panel.name.clone(), query)
        };
        self.queries = spec.of(MetricFrom::Scrape).map(parsed).collect();
        self.spec = spec.clone();
        self.seek_in = 0;
        let all = self.queries.iter().filter_map(|(_, query)| query.as_ref().ok());
        let all: Vec<&Query> =
            all.chain(self.lifetimes.iter().flatten()).chain(self.cohorts.query()).collect();
        let span = all.iter().map(|query| query.longest_range()).max().unwrap_or_default();
        // Only what somebody asks for is kept: an endpoint may have a hundred thousand series.
        let (lived, started) = (self.lived(), STARTED.to_owned());
        let counters = [&spec.closes_total, &spec.connections_open, &spec.requests_total, &lived, &started];
        let mut names = Some(counters.map(Clone::clone).to_vec());
        for query in &all {
            match (query.names(), &mut names) {
                (Names::Only(more), Some(names)) => names.extend(more),
                (Names::Any, _) => names = None,
                (Names::Only(_), None) => {}
            }
        }
        let span = span.clamp(LOOK_BACK, MAX_SPAN);
        self.history.keep(span, names);
        let told_apart = cohorts.iter().map(|cohort| cohort.label.clone()).collect();
        self.history.told(vec![spec.closes_total.clone(), spec.requests_total.clone()], told_apart);
        self.history.bound(most_series(span, spec.interval));
        self.long = self.looked_back_on(lives);
        self.history.keep_long(self.long.clone());
    }

    /// Series that are looked back on for longer than all their points are kept, and how long.
    fn looked_back_on(&self, lives: bool) -> Long {
        let mut long = Long::default();
        for query in self.queries.iter().filter_map(|(_, query)| query.as_ref().ok()) {
            if let (range @ MAX_SPAN.., Names::Only(names)) = (query.longest_range(), query.names()) {
                long.span = long.span.max(range.min(MAX_LONG));
                long.names.extend(names);
            }
        }
        if lives && !self.spec.connection_seconds.is_empty() {
            long.span = long.span.max(LIVES);
            long.names.push(self.lived());
        }
        long.step = (long.span / POINTS).max(LEAST_STEP);
        // A point from before the range is what the first one in it is compared with.
        long.span += if long.names.is_empty() { 0 } else { long.step };
        long
    }

    /// How many connections were closed: the series by which it is known since when they are watched.
    fn lived(&self) -> String {
        format!("{}_count", self.spec.connection_seconds)
    }

    /// The names of what is evaluated.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.queries.iter().map(|(name, _)| name.as_str())
    }

    /// What is looked back on for long; no names: nothing is.
    pub(super) fn long(&self) -> &Long {
        &self.long
    }

    /// Takes in samples of an earlier time; `offset`: what their time is more than that of this process, in milliseconds.
    pub(super) fn restore<'a>(&mut self, stored: impl Iterator<Item = &'a Stored>, offset: i64) {
        for sample in stored {
            self.history.restore(&sample.series, sample.at_ms - offset, sample.value);
        }
    }

    /// Samples that are to be kept over a restart, when it is time for some, and how old the oldest kept may be.
    pub(super) fn due_samples(&mut self, at: Mono) -> Option<(Duration, Vec<(String, f64)>)> {
        if self.long.names.is_empty() {
            return None;
        }
        let at = stamp(at);
        let (first, last) = self.kept.unwrap_or((at, at - self.long.step));
        if at - last < self.long.step {
            return None;
        }
        self.kept = Some((first, at));
        // At first the documents are not read, which may look back further: nothing of an earlier time goes yet.
        let span = if at - first < SETTLED { MAX_LONG } else { self.long.span };
        Some((millis(span), self.history.sparse()))
    }

    fn watched(&self, query: &Query, at: i64) -> Option<Watched> {
        let range = query.longest_range();
        (millis(range) > Watched::SHORT).then(|| Watched {
            had: millis(self.history.watched(&query.names(), at - range, at)),
            of: millis(range),
            grows: query.only_grows(),
        })
    }

    /// Takes in one exposition, and gives the numbers and how much was lost (series over the cap).
    pub(super) fn take(&mut self, text: &[u8], at: Mono) -> Result<(Scraped, u64), Clean> {
        let stamp = stamp(at);
        let now = clock::now();
        self.history.wall_is_ahead_by(now.wall.timestamp_millis().saturating_sub(self::stamp(now.mono)));
        let tally = self.history.scraped(text, stamp);
        if let Some(refused) = unreadable(text, &tally) {
            return Err(refused);
        }
        let revisions = self.revisions();
        let values = self.queries.iter().map(|(name, query)| match query {
            Ok(query) => self.value(name, query, &revisions, stamp),
            Err(error) => MetricValue { error: Some(words::error(error)), ..named(name) },
        });
        let values = values.collect();
        let connections = self.connections(&revisions, stamp);
        let closes = self.closes();
        let counter = &self.spec.closes_total;
        let none_closed = closes.is_empty() && !counter.is_empty() && exposition::has_none_yet(text, counter);
        let series = tally.samples;
        let cohort_closes = self.cohorts.closes(&self.history, stamp);
        let service = self.service;
        let status_label = status_label(&self.history, &self.spec.requests_total);
        let scraped = Scraped {
            service,
            at,
            values,
            closes,
            none_closed,
            cohort_closes,
            connections,
            series,
            status_label,
            in_doubt: self.history.is_in_doubt(),
            untold: self.is_untold(),
        };
        Ok((scraped, self.history.left_out()))
    }

    /// Whether counters that are counted on are there, and nothing tells when their process began.
    fn is_untold(&self) -> bool {
        let counters = [&self.spec.closes_total, &self.spec.requests_total];
        let there = |name: &str| self.history.named(name).next().is_some();
        counters.iter().any(|name| there(name)) && !there(STARTED)
    }

    /// Series of an exposition that are called like what documents name; looked for now and then.
    pub(super) fn resembling(&mut self, text: &[u8]) -> Vec<Resembling> {
        let sought: Vec<&str> = self.spec.sought().collect();
        if sought.is_empty() || self.seek_in > 0 {
            self.seek_in = self.seek_in.saturating_sub(1);
            return Vec::new();
        }
        self.seek_in = SEEK_EVERY;
        let mut names: BTreeSet<&str> = BTreeSet::new();
        let mut last: &[u8] = b"";
        exposition::read(text, |line| {
            let name = line.key.get(..line.name).unwrap_or_default();
            // Series of one name stand together.
            if name != last && names.len() < MAX_SERIES {
                names.extend(std::str::from_utf8(name));
                last = name;
            }
            Ok(())
        });
        let of = |name: &str| Resembling {
            service: self.service,
            name: name.to_owned(),
            found: propose(name, names.iter().copied()),
        };
        sought.into_iter().map(of).collect()
    }

    /// The newest revisions by name, among the series at hand.
    fn revisions(&self) -> Vec<String> {
        let all = self.history.values_of(&self.spec.revision_label);
        let skip = all.len().saturating_sub(MAX_REVISIONS);
        all.into_iter().skip(skip).map(str::to_owned).collect()
    }

    fn value(&self, name: &str, query: &Query, revisions: &[String], at: i64) -> MetricValue {
        if let Some(lacking) = self.history.lacks(&query.names()) {
            return MetricValue { error: Some(words::too_many(&lacking)), ..named(name) };
        }
        let label = &self.spec.revision_label;
        let split = revisions.iter().filter_map(|revision| {
            let value = query.eval_only(&self.history, at, label, revision).ok()?;
            // A query that reads no series answers the same for every revision: that is not by revision.
            matches!(value, Value::Vector(_)).then_some(())?;
            Some((Clean::new(revision), single(value).ok()?.known()?))
        });
        let by_revision: Vec<(Clean, f64)> = split.collect();
        let whole = |count: f64| count.round().max(0.0) as u64;
        let samples = query.observations(&self.history, at).map(whole);
        let counted = by_revision.iter().filter_map(|(revision, _)| {
            let count = query.observations_only(&self.history, at, label, revision)?;
            Some((revision.clone(), whole(count)))
        });
        let watched = self.watched(query, at);
        let cohorts = self.cohorts.of(query, &self.history, at);
        let counted = MetricValue { samples, samples_of: counted.collect(), cohorts, watched, ..named(name) };
        match query.eval(&self.history, at).map_err(|error| words::error(&error)).and_then(single) {
            Ok(Number::Is(value)) => MetricValue { value: Some(value), by_revision, ..counted },
            Ok(Number::Gap(_)) if query.is_from_zero() && self.history.is_in_doubt() => {
                MetricValue { error: Some(words::in_doubt(&self.history)), ..named(name) }
            }
            Ok(Number::Gap(gap)) => {
                MetricValue { gap: Some(told(gap, query, &self.history)), by_revision, ..counted }
            }
            Err(error) => MetricValue { error: Some(error), by_revision, ..named(name) },
        }
    }

    /// Close counters by code and revision, added up over all other labels.
    fn closes(&self) -> Vec<ServerCloses> {
        let label = self.spec.revision_label.as_str();
        let mut totals: BTreeMap<(u16, Option<Clean>), (f64, Option<f64>)> = BTreeMap::new();
        for series in self.history.named(&self.spec.closes_total) {
            let Some(code) = series.label("code").and_then(|code| code.parse().ok()) else { continue };
            let (Some(total), _) = series.newest_two() else { continue };
            let entry = totals.entry((code, series.label(label).map(Clean::new))).or_default();
            entry.0 += total;
            let grown = self.history.grown(series);
            entry.1 = match (entry.1, grown) {
                (Some(sum), Some(grown)) => Some(sum + grown),
                (one, other) => one.or(other),
            };
        }
        let closes = totals.into_iter();
        closes
            .map(|((code, revision), (total, increase))| ServerCloses { code, revision, increase, total })
            .collect()
    }
}

/// A length in milliseconds; none is negative.
fn millis(span: i64) -> Duration {
    Duration::from_millis(u64::try_from(span).unwrap_or_default())
}

/// Milliseconds on the history's clock.
fn stamp(at: Mono) -> i64 {
    i64::try_from(at.0 / 1000).unwrap_or(i64::MAX)
}

fn named(name: &str) -> MetricValue {
    MetricValue { name: name.to_owned(), ..MetricValue::default() }
}

/// So many series are kept of all names together: each has a point of every scrape of `span` milliseconds.
fn most_series(span: i64, interval: Duration) -> usize {
    let interval = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX).max(1);
    let points = usize::try_from(span / interval).unwrap_or(usize::MAX).max(1);
    (MAX_POINTS / points).clamp(MAX_SERIES, MAX_SERIES * FULL_NAMES)
}
