//! From an exposition to the numbers of the panel.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::cohorts::{Asked, Cohorts};
use super::number::{Number, single, told};
use super::refused::unreadable;
use super::requests::status_label;
use crate::clock;
use crate::domain::metric::{Connections, MetricValue, Resembling, Scraped, ServerCloses};
use crate::domain::room::{MetricFrom, MetricSpec, MetricsSpec};
use crate::domain::{Clean, Mono, ServiceIx, Watched, format};
use crate::journal::Stored;
use crate::promql::history::Series;
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

/// Series kept at most; further ones are counted as dropped.
const MAX_SERIES: usize = 10_000;

/// Names are looked at in one scrape of so many.
const SEEK_EVERY: u32 = 60;

/// Revisions told apart at most, the last by name: Cloud Run numbers them upward.
const MAX_REVISIONS: usize = 8;

/// The window over which connection lifetimes are looked at.
const LIFETIMES: &str = "10m";
const LIFETIMES_MS: i64 = 10 * 60 * 1000;

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
        let parsed = |panel: &MetricSpec| (panel.name.clone(), Query::parse(&panel.query));
        self.queries = spec.of(MetricFrom::Scrape).map(parsed).collect();
        self.spec = spec.clone();
        self.seek_in = 0;
        let all = self.queries.iter().filter_map(|(_, query)| query.as_ref().ok());
        let all: Vec<&Query> =
            all.chain(self.lifetimes.iter().flatten()).chain(self.cohorts.query()).collect();
        let span = all.iter().map(|query| query.longest_range()).max().unwrap_or_default();
        // Only what somebody asks for is kept: an endpoint may have a hundred thousand series.
        let counters = [&spec.closes_total, &spec.connections_open, &spec.requests_total, &self.lived()];
        let mut names = Some(counters.map(Clone::clone).to_vec());
        for query in &all {
            match (query.names(), &mut names) {
                (Names::Only(more), Some(names)) => names.extend(more),
                (Names::Any, _) => names = None,
                (Names::Only(_), None) => {}
            }
        }
        self.history.keep(span.clamp(LOOK_BACK, MAX_SPAN), names);
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
            Err(error) => MetricValue { error: Some(words(error)), ..named(name) },
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
        };
        Ok((scraped, self.history.left_out()))
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
        if self.history.lacks(&query.names()) {
            return MetricValue { error: Some(too_many()), ..named(name) };
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
        match query.eval(&self.history, at).map_err(|error| words(&error)).and_then(single) {
            Ok(Number::Is(value)) => MetricValue { value: Some(value), by_revision, ..counted },
            Ok(Number::Gap(gap)) => {
                MetricValue { gap: Some(told(gap, query, &self.history)), by_revision, ..counted }
            }
            Err(error) => MetricValue { error: Some(error), by_revision, ..named(name) },
        }
    }

    fn connections(&self, revisions: &[String], at: i64) -> Vec<Connections> {
        if self.lifetimes.is_none() && self.spec.connections_open.is_empty() {
            return Vec::new();
        }
        let told_apart: Vec<_> =
            revisions.iter().map(|revision| self.connection(Some(revision), at)).collect();
        let known = |entry: &Connections| entry.open.is_some() || entry.highest_bound.is_some();
        if told_apart.iter().any(known) {
            return told_apart.into_iter().filter(known).collect();
        }
        Some(self.connection(None, at)).filter(known).into_iter().collect()
    }

    fn connection(&self, revision: Option<&str>, at: i64) -> Connections {
        let label = self.spec.revision_label.as_str();
        let mine = |found: Option<&str>| revision.is_none() || found == revision;
        let quantile = |which: usize| {
            let query = self.lifetimes.as_ref()?.get(which)?;
            if self.history.lacks(&query.names()) {
                return None;
            }
            let value = match revision {
                Some(revision) => query.eval_only(&self.history, at, label, revision),
                None => query.eval(&self.history, at),
            };
            single(value.ok()?).ok()?.known()
        };
        let gauge = &self.spec.connections_open;
        let open = self.history.named(gauge).filter(|series| mine(series.label(label)));
        let open: Vec<f64> = open.filter_map(|series| series.newest_two().0).collect();
        let buckets = format!("{}_bucket", self.spec.connection_seconds);
        let bounds = self.history.named(&buckets).filter(|series| mine(series.label(label)));
        let bounds = bounds.filter_map(|series| series.label("le")?.parse::<f64>().ok());
        let since = self.lives_since(&buckets, mine, at);
        Connections {
            revision: revision.map(Clean::new),
            open: (!open.is_empty()).then(|| open.iter().sum()),
            p50: quantile(0),
            p95: quantile(1),
            highest_bound: bounds.filter(|bound| bound.is_finite()).reduce(f64::max),
            watched_seconds: since.map(|since| (at - since) as f64 / 1e3),
        }
    }

    /// Since when lives of connections are watched without a gap. Before the buckets themselves were for as long as their
    /// quantiles look back, these are of a shorter time.
    fn lives_since(&self, buckets: &str, mine: impl Fn(Option<&str>) -> bool, at: i64) -> Option<i64> {
        let lived = self.lived();
        let series =
            self.history.named(&lived).filter(|series| mine(series.label(&self.spec.revision_label)));
        let since = series.filter_map(Series::since).min()?.max(self.history.unbroken(&lived)?);
        let buckets = self.history.unbroken(buckets)?;
        Some(if at - buckets < LIFETIMES_MS { since.max(buckets) } else { since })
    }

    /// Close counters by code and revision, added up over all other labels.
    fn closes(&self) -> Vec<ServerCloses> {
        let label = self.spec.revision_label.as_str();
        let watched = self.history.unbroken(&self.spec.closes_total);
        let mut totals: BTreeMap<(u16, Option<Clean>), (f64, Option<f64>)> = BTreeMap::new();
        for series in self.history.named(&self.spec.closes_total) {
            let Some(code) = series.label("code").and_then(|code| code.parse().ok()) else { continue };
            let (Some(total), before) = series.newest_two() else { continue };
            let entry = totals.entry((code, series.label(label).map(Clean::new))).or_default();
            entry.0 += total;
            let grown = match before {
                // A counter that fell began again at zero.
                Some(before) if total < before => Some(total),
                Some(before) => Some(total - before),
                // A code that first came while the endpoint was watched was counted from zero, before it was told.
                None if series.since().is_some_and(|first| watched.is_some_and(|since| since < first)) => {
                    Some(total)
                }
                None => None,
            };
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

fn too_many() -> Clean {
    let most = format::count(MAX_SERIES as u64);
    Clean::new(&format!("the endpoint has over {most} series of what is asked: let a Prometheus answer this"))
}

fn words(error: &QueryError) -> Clean {
    Clean::new(&error.to_string())
}

/// Median and 95th percentile of how long closed connections lived.
fn lifetimes(histogram: &str) -> Option<[Query; 2]> {
    let query = |q: &str| {
        Query::parse(&format!("histogram_quantile({q}, sum by (le) (rate({histogram}_bucket[{LIFETIMES}])))"))
    };
    (!histogram.is_empty()).then_some(())?;
    Some([query("0.5").ok()?, query("0.95").ok()?])
}
