//! What the panel's numbers were, minute by minute: kept over a restart, so that charts of scraped metrics are full at once.
//!
//! They stand where the samples do that are looked back on for days, outside of the journal's chain: of each metric at most
//! three rows a minute (the newest value, and the smallest and largest where these are others), for a day.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta};

use super::shelf::Open;
use crate::clock;
use crate::domain::metric::{Remembered, Scraped};
use crate::domain::trail::{LONGEST, Span};
use crate::domain::{Mono, ServiceIx, Wall};
use crate::journal::Stored;
use crate::lanes::Lanes;
use crate::model::msg::Msg;

/// One row of each metric in so much time.
const MINUTE: Duration = Duration::from_secs(60);

/// What stands behind the name of a metric in the rows of its smallest and largest value.
const LOW: &str = "\nlow";
const HIGH: &str = "\nhigh";

/// The minute that runs, and what was restored.
#[derive(Debug)]
pub(super) struct Minutes {
    service: ServiceIx,
    owner: String,
    since: Option<Mono>,
    open: BTreeMap<String, Span>,
    told: BTreeSet<String>,
}

impl Minutes {
    pub(super) fn new(service: ServiceIx, owner: &str) -> Self {
        let owner = format!("panels\n{owner}");
        Self { service, owner, since: None, open: BTreeMap::new(), told: BTreeSet::new() }
    }

    /// Tells what an earlier console kept of those of `names` that were not told yet.
    pub(super) async fn restore(&mut self, shelf: &Open, names: impl Iterator<Item = &str>, lanes: &Lanes) {
        let new: Vec<String> = names.filter(|name| !self.told.contains(*name)).map(str::to_owned).collect();
        if new.is_empty() {
            return;
        }
        let from = clock::wall() - TimeDelta::from_std(LONGEST).unwrap_or_default();
        let mut found = minutes(&shelf.read(&self.owner, from).await);
        for name in new {
            if let Some(minutes) = found.remove(&name) {
                let kept = Remembered { service: self.service, name: name.clone(), minutes };
                // A closed lane means that the room is being left.
                let _gone = lanes.data.send(Msg::Remembered(Box::new(kept))).await;
            }
            self.told.insert(name);
        }
    }

    /// Takes in what was scraped, and keeps the minute that is over.
    pub(super) async fn keep(&mut self, shelf: &mut Open, scraped: &Scraped) {
        for value in &scraped.values {
            let Some(number) = value.value.filter(|number| number.is_finite()) else { continue };
            let new = Span { low: number, high: number, last: number };
            self.open
                .entry(value.name.clone())
                .and_modify(|span| {
                    *span = Span { low: span.low.min(number), high: span.high.max(number), last: number };
                })
                .or_insert(new);
        }
        let since = *self.since.get_or_insert(scraped.at);
        if scraped.at.since(since) >= MINUTE && !self.open.is_empty() {
            self.since = Some(scraped.at);
            let samples = rows(&std::mem::take(&mut self.open));
            shelf.keep(&self.owner, LONGEST, &samples).await;
        }
    }
}

fn rows(minute: &BTreeMap<String, Span>) -> Vec<(String, f64)> {
    let of = |(name, span): (&String, &Span)| {
        let apart = |suffix: &str, value: f64| {
            (value.total_cmp(&span.last).is_ne()).then(|| (format!("{name}{suffix}"), value))
        };
        let more = apart(LOW, span.low).into_iter().chain(apart(HIGH, span.high));
        std::iter::once((name.clone(), span.last)).chain(more).collect::<Vec<_>>()
    };
    minute.iter().flat_map(of).collect()
}

/// The rows of each metric as minutes, oldest first.
fn minutes(stored: &[Stored]) -> BTreeMap<String, Vec<(Wall, Span)>> {
    let mut found: BTreeMap<&str, BTreeMap<i64, Span>> = BTreeMap::new();
    let rows = |suffix: &'static str| {
        stored.iter().filter_map(move |row| Some((row.series.strip_suffix(suffix)?, row.at_ms, row.value)))
    };
    for row in stored.iter().filter(|row| !row.series.contains('\n')) {
        let span = Span { low: row.value, high: row.value, last: row.value };
        found.entry(&row.series).or_default().insert(row.at_ms, span);
    }
    for (name, at, value) in rows(LOW).chain(rows(HIGH)) {
        if let Some(span) = found.get_mut(name).and_then(|minutes| minutes.get_mut(&at)) {
            (span.low, span.high) = (span.low.min(value), span.high.max(value));
        }
    }
    let walls = |minutes: BTreeMap<i64, Span>| {
        let wall = |(at, span)| Some((DateTime::from_timestamp_millis(at)?, span));
        minutes.into_iter().filter_map(wall).collect()
    };
    found.into_iter().map(|(name, minutes)| (name.to_owned(), walls(minutes))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_comes_back_with_its_extremes() {
        let span = |low, high, last| Span { low, high, last };
        let minute = BTreeMap::from([
            ("errors".to_owned(), span(0.5, 9.0, 1.0)),
            ("open".to_owned(), span(3.0, 3.0, 3.0)),
        ]);
        let stored: Vec<Stored> = rows(&minute)
            .into_iter()
            .map(|(series, value)| Stored { series, at_ms: 60_000, value })
            .collect();
        assert_eq!(stored.len(), 4, "what is the same is kept once");
        let at = Wall::default() + TimeDelta::seconds(60);
        let back = minutes(&stored);
        assert_eq!(back["errors"], [(at, span(0.5, 9.0, 1.0))]);
        assert_eq!(back["open"], [(at, span(3.0, 3.0, 3.0))]);
    }
}
