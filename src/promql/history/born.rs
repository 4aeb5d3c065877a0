//! Counters that were seen to begin: a series that came with a scrape, of a process that was without it at the one before,
//! was at zero until then. Prometheus does not count so; only who asks for it does. That it is the same process has to be
//! told (see `steady`), and that it is no other one that an aggregate tells from now on.

use std::collections::{BTreeMap, BTreeSet};

use super::steady::Who;
use super::{History, NAME, Series};

/// Labels that say what happened. All others may say whose counter it is: with a value of these that is new an aggregate
/// (of pods, of revisions) tells somebody for the first time, with all that he ever counted.
const WHAT: [&str; 18] = [
    "code",
    "endpoint",
    "event",
    "exception",
    "handler",
    "http_request_method",
    "http_response_status_code",
    "http_route",
    "http_status",
    "le",
    "method",
    "path",
    "reason",
    "route",
    "status",
    "status_code",
    "type",
    "view",
];

/// Labels and values that say whose a counter is.
type Whose<'a> = Vec<(&'a str, &'a str)>;

impl History {
    /// `fresh`: series of the newest scrape that were not known, which `who` answered.
    pub(super) fn born(&mut self, fresh: &[usize], who: Who) {
        if fresh.is_empty() || !matches!(who, Who::Told | Who::Anew) {
            return;
        }
        let mut goes_on: BTreeMap<&str, Option<(u64, u64)>> = BTreeMap::new();
        let names = fresh.iter().filter_map(|slot| self.series.get(*slot)?.label(NAME));
        let mut known: BTreeMap<&str, BTreeSet<Whose<'_>>> =
            names.map(|name| (name, BTreeSet::new())).collect();
        for series in self.series.iter().filter(|it| it.scrape == self.scrape && !it.is_first()) {
            if let Some(known) = series.label(NAME).and_then(|name| known.get_mut(name)) {
                known.insert(self.whose(series));
            }
        }
        let mut born = Vec::new();
        for slot in fresh {
            let Some(series) = self.series.get(*slot) else { continue };
            let Some(name) = series.label(NAME) else { continue };
            let whose = self.whose(series);
            let alone = who == Who::Anew && self.tells_one().is_some();
            if alone || whose.is_empty() || known.get(name).is_some_and(|known| known.contains(&whose)) {
                born.push((*slot, *goes_on.entry(name).or_insert_with(|| self.goes_on(name, who))));
            }
        }
        for (slot, zero) in born {
            if let Some(series) = self.series.get_mut(slot) {
                series.zero = zero;
            }
        }
    }

    fn whose<'a>(&self, series: &'a Series) -> Whose<'a> {
        let says_what = |label: &str| {
            label == NAME || WHAT.contains(&label) || self.cohorts.iter().any(|cohort| cohort == label)
        };
        let labels = series.labels.iter().filter(|(label, _)| !says_what(label));
        labels.map(|(label, value)| (&**label, &**value)).collect()
    }

    /// The points of a series in `[from, to]` that are of one process, with the zeros before it began; whether there are any of
    /// these; and from when on they are: what was before is in doubt, and no time over which they grew.
    pub(in crate::promql) fn range_from_zero(
        &self,
        series: &Series,
        from: i64,
        to: i64,
    ) -> (Vec<(i64, f64)>, bool, i64) {
        let from = from.max(self.comparable_from());
        let points = series.range(from, to);
        let Some((first, last)) = series.zero else { return (points, false, from) };
        let is_in =
            |(number, time): &&(u64, i64)| (first..=last).contains(number) && (from..=to).contains(time);
        // Samples may bring a time of their own, before that of their scrape.
        let began = points.first().map_or(i64::MAX, |(time, _)| *time);
        let zeros = self.times.iter().filter(is_in).map(|(_, time)| (*time, 0.0));
        let zeros: Vec<_> = zeros.take_while(|(time, _)| *time < began).collect();
        let begins = !zeros.is_empty();
        (zeros.into_iter().chain(points).collect(), begins, from)
    }

    /// The scrapes before the newest one at which series of `name` were looked for; `None`: at the last one they were not, or
    /// one that was there is gone.
    fn goes_on(&self, name: &str, who: Who) -> Option<(u64, u64)> {
        let before = self.scrape.checked_sub(1)?;
        if who == Who::Anew {
            return Some((before, before));
        }
        let asked = self.asked.get(name).copied().unwrap_or(self.asked_any);
        let gone = |series: &Series| series.scrape == before && series.label(NAME) == Some(name);
        (asked < before && !self.series.iter().any(gone)).then_some((asked + 1, before))
    }
}
