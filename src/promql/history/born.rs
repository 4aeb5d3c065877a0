//! Counters that were seen to begin: a series that came with a scrape, of a process that was without it at the one before,
//! was at zero until then. Prometheus does not count so; only who asks for it does. That it is the same process has to be
//! told: behind one address another instance may answer, with all that it ever counted.

use std::collections::BTreeMap;

use super::{History, NAME, Series};

/// When a process began: another value is another process.
pub const STARTED: &str = "process_start_time_seconds";

impl History {
    /// `fresh`: series of the newest scrape that were not known.
    pub(super) fn born(&mut self, fresh: &[usize]) {
        if fresh.is_empty() || !self.is_same_process() {
            return;
        }
        let mut goes_on: BTreeMap<&str, Option<(u64, u64)>> = BTreeMap::new();
        let mut born = Vec::new();
        for slot in fresh {
            let Some(name) = self.series.get(*slot).and_then(|series| series.label(NAME)) else { continue };
            born.push((*slot, *goes_on.entry(name).or_insert_with(|| self.goes_on(name))));
        }
        for (slot, zero) in born {
            if let Some(series) = self.series.get_mut(slot) {
                series.zero = zero;
            }
        }
    }

    /// The points of a series in `[from, to]`, with the zeros before it began; and whether there are any of these.
    pub(in crate::promql) fn range_from_zero(
        &self,
        series: &Series,
        from: i64,
        to: i64,
    ) -> (Vec<(i64, f64)>, bool) {
        let points = series.range(from, to);
        let Some((first, last)) = series.zero else { return (points, false) };
        let is_in =
            |(number, time): &&(u64, i64)| (first..=last).contains(number) && (from..=to).contains(time);
        // Samples may bring a time of their own, before that of their scrape.
        let began = points.first().map_or(i64::MAX, |(time, _)| *time);
        let zeros = self.times.iter().filter(is_in).map(|(_, time)| (*time, 0.0));
        let zeros: Vec<_> = zeros.take_while(|(time, _)| *time < began).collect();
        let begins = !zeros.is_empty();
        (zeros.into_iter().chain(points).collect(), begins)
    }

    /// Whether the newest scrape says that the process answered that answered before, and nothing in it speaks against that.
    fn is_same_process(&self) -> bool {
        let mut told = false;
        for series in self.series.iter().filter(|series| series.scrape == self.scrape) {
            let (Some(now), Some(before)) = series.newest_two() else { continue };
            if series.label(NAME) == Some(STARTED) {
                if now.total_cmp(&before).is_ne() {
                    return false;
                }
                told = true;
            } else if now < before && series.is_counter() {
                return false;
            }
        }
        told
    }

    /// The scrapes before the newest one at which series of `name` were looked for; `None`: at the last one they were not, or
    /// one that was there is gone.
    fn goes_on(&self, name: &str) -> Option<(u64, u64)> {
        let asked = self.asked.get(name).copied().unwrap_or(self.asked_any);
        let gone = |series: &Series| series.scrape + 1 == self.scrape && series.label(NAME) == Some(name);
        (asked + 2 <= self.scrape && !self.series.iter().any(gone)).then(|| (asked + 1, self.scrape - 1))
    }
}
