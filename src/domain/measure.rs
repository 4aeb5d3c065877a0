//! Sliding windows and counts: the arithmetic under every panel.
//!
//! Everything here has a fixed size and takes time as an argument. Buckets that were never written count as zero;
//! whether anything was *observed* is the business of the caller.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Mono;

/// Counts in time buckets of one width, the newest `len` of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Sliding {
    width_us: u64,
    counts: Vec<f64>,
    /// Absolute number of the newest bucket.
    newest: u64,
}

impl Sliding {
    /// `len` buckets of `width`.
    pub fn new(width: Duration, len: usize) -> Self {
        let width_us = u64::try_from(width.as_micros()).unwrap_or(u64::MAX).max(1);
        Self { width_us, counts: vec![0.0; len.max(1)], newest: 0 }
    }

    /// Adds `count` at `at`; what is older than the window is dropped.
    pub fn add(&mut self, at: Mono, count: f64) {
        let bucket = at.0 / self.width_us;
        self.roll(bucket);
        let len = self.counts.len() as u64;
        if bucket + len > self.newest {
            let slot = self.slot(bucket);
            if let Some(cell) = self.counts.get_mut(slot) {
                *cell += count;
            }
        }
    }

    /// Adds the seconds of `(from, to]` where they were, in windows of seconds.
    pub fn add_time(&mut self, from: Mono, to: Mono) {
        let gap = to.since(from);
        let whole = gap.as_secs();
        (0..whole).for_each(|back| self.add(to.before(Duration::from_secs(back)), 1.0));
        self.add(from, gap.as_secs_f64() - whole as f64);
    }

    /// The sum over `(now − over, now]`; the oldest bucket counts by the share of it that is inside.
    pub fn sum(&self, now: Mono, over: Duration) -> f64 {
        self.sum_between(now.before(over), now)
    }

    /// The sum over `(from, to]`, the bucket of `from` by the share of it that is inside.
    pub fn sum_between(&self, from: Mono, to: Mono) -> f64 {
        let (first, last) = (from.0 / self.width_us, to.0 / self.width_us);
        let inside = 1.0 - (from.0 % self.width_us) as f64 / self.width_us as f64;
        let oldest = (self.newest + 1).saturating_sub(self.counts.len() as u64);
        let range = first.max(oldest)..=last.min(self.newest);
        let sum: f64 = range
            .map(|bucket| if bucket == first { self.at(bucket) * inside } else { self.at(bucket) })
            .sum();
        // Of nothing at all the sum is a zero below zero.
        sum + 0.0
    }

    /// `n` sums over equal parts of `(now − over, now]`, oldest first; parts end on multiples of their length, so
    /// that a bar does not change once its time is over. The newest part is the running one.
    pub fn series(&self, now: Mono, over: Duration, n: usize) -> Vec<f64> {
        let n = n.max(1) as u64;
        let over_us = u64::try_from(over.as_micros()).unwrap_or(u64::MAX);
        let part = (over_us / n / self.width_us).max(1);
        let last = now.0 / self.width_us / part;
        let sums = (0..n).map(|back| {
            let index = last.checked_sub(n - 1 - back)?;
            Some((index * part..(index + 1) * part).map(|bucket| self.at(bucket)).sum())
        });
        sums.map(Option::unwrap_or_default).collect()
    }

    fn at(&self, bucket: u64) -> f64 {
        let kept = bucket <= self.newest && bucket + self.counts.len() as u64 > self.newest;
        if kept { self.counts.get(self.slot(bucket)).copied().unwrap_or_default() } else { 0.0 }
    }

    fn slot(&self, bucket: u64) -> usize {
        usize::try_from(bucket % self.counts.len() as u64).unwrap_or_default()
    }

    fn roll(&mut self, bucket: u64) {
        if bucket <= self.newest {
            return;
        }
        let steps = (bucket - self.newest).min(self.counts.len() as u64);
        for step in 0..steps {
            let slot = self.slot(bucket - step);
            if let Some(cell) = self.counts.get_mut(slot) {
                *cell = 0.0;
            }
        }
        self.newest = bucket;
    }
}

/// Latencies as counts in log-linear classes (32 for each power of two of microseconds, so at most 3 % off), the
/// idea of `HdrHistogram`; sparse, sorted by class. Sums of two are exact.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Latencies(Vec<(u16, u32)>);

/// Classes up to 2³² µs, about 71 minutes; longer ones count in the last.
pub const CLASSES: usize = 32 * 28;

/// The class of a latency in microseconds.
pub fn class_of(us: u64) -> u16 {
    if us < 32 {
        return us as u16;
    }
    let octave = us.ilog2();
    let class = (octave - 4) * 32 + ((us >> (octave - 5)) as u32 & 31);
    class.min(CLASSES as u32 - 1) as u16
}

/// The middle of a class in microseconds.
pub fn value_of(class: u16) -> u64 {
    let (octave, part) = (u64::from(class) / 32, u64::from(class) % 32);
    if octave == 0 {
        return part;
    }
    let low = (32 + part) << (octave - 1);
    low + (1 << (octave - 1)) / 2
}

impl Latencies {
    /// From dense counts by class.
    pub fn from_dense(dense: &[u32]) -> Self {
        let classes = dense.iter().enumerate().filter(|(_, count)| **count > 0);
        Self(classes.map(|(class, count)| (class as u16, *count)).collect())
    }

    /// The classes that are not empty, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (u16, u32)> + '_ {
        self.0.iter().copied()
    }

    /// Observations.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|(_, count)| u64::from(*count)).sum()
    }
}

/// Latencies of the last time, in slots, for quantiles over a sliding window.
#[derive(Debug, Clone, PartialEq)]
pub struct LatencyWindow {
    slot_us: u64,
    slots: Vec<Vec<u32>>,
    newest: u64,
}

impl LatencyWindow {
    /// `len` slots of `width`.
    pub fn new(width: Duration, len: usize) -> Self {
        let slot_us = u64::try_from(width.as_micros()).unwrap_or(u64::MAX).max(1);
        Self { slot_us, slots: vec![Vec::new(); len.max(1)], newest: 0 }
    }

    /// Adds observations made about `at`.
    pub fn add(&mut self, at: Mono, seen: &Latencies) {
        let index = at.0 / self.slot_us;
        let len = self.slots.len() as u64;
        if index > self.newest {
            for step in 0..(index - self.newest).min(len) {
                let slot = usize::try_from((index - step) % len).unwrap_or_default();
                if let Some(slot) = self.slots.get_mut(slot) {
                    slot.clear();
                }
            }
            self.newest = index;
        }
        if seen.0.is_empty() || index + len <= self.newest {
            return;
        }
        if let Some(slot) = self.slots.get_mut(usize::try_from(index % len).unwrap_or_default()) {
            slot.resize(CLASSES, 0);
            for (class, count) in seen.iter() {
                if let Some(cell) = slot.get_mut(usize::from(class)) {
                    *cell = cell.saturating_add(count);
                }
            }
        }
    }

    /// The `q`-quantile in microseconds over the slots of the last `over`, and on how many observations it rests;
    /// `None`: nothing was observed.
    pub fn quantile(&self, now: Mono, over: Duration, q: f64) -> Option<(u64, u64)> {
        let last = now.0 / self.slot_us;
        let n = (u64::try_from(over.as_micros()).unwrap_or(u64::MAX) / self.slot_us).max(1);
        quantile(&self.merged(last.saturating_sub(n - 1), last), q)
    }

    /// The `q`-quantile of each of the last `n` slots, oldest first.
    pub fn series(&self, now: Mono, n: usize, q: f64) -> Vec<Option<u64>> {
        let last = now.0 / self.slot_us;
        let slots = (0..n as u64).rev().map(|back| {
            let slot = last.checked_sub(back)?;
            quantile(&self.merged(slot, slot), q).map(|(us, _)| us)
        });
        slots.collect()
    }

    fn merged(&self, first: u64, last: u64) -> Vec<u64> {
        let len = self.slots.len() as u64;
        let mut dense = vec![0_u64; CLASSES];
        let kept = (self.newest + 1).saturating_sub(len);
        for index in first.max(kept)..=last.min(self.newest) {
            let slot = self.slots.get(usize::try_from(index % len).unwrap_or_default());
            for (cell, count) in dense.iter_mut().zip(slot.into_iter().flatten()) {
                *cell += u64::from(*count);
            }
        }
        dense
    }
}

/// Nearest-rank quantile of dense class counts.
fn quantile(dense: &[u64], q: f64) -> Option<(u64, u64)> {
    let total: u64 = dense.iter().sum();
    if total == 0 {
        return None;
    }
    let rank = ((q * total as f64).ceil() as u64).clamp(1, total);
    let mut seen = 0;
    let class = dense.iter().position(|count| {
        seen += count;
        seen >= rank
    })?;
    Some((value_of(class as u16), total))
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    #[test]
    fn a_window_forgets_what_left_it() {
        let mut window = Sliding::new(S, 10);
        window.add(Mono::from_secs(1), 3.0);
        window.add(Mono::from_secs(5), 2.0);
        let now = Mono::from_millis(5_500);
        assert!((window.sum(now, S * 5) - 5.0).abs() < 1e-9);
        assert!((window.sum(now, S * 4) - 3.5).abs() < 1e-9, "half of second 1 is inside");
        assert!((window.sum(Mono::from_secs(100), S * 5)).abs() < 1e-9);
        window.add(Mono::from_secs(100), 7.0);
        assert!((window.sum(Mono::from_secs(100), S * 10) - 7.0).abs() < 1e-9);
        window.add(Mono::from_secs(50), 9.0);
        assert!((window.sum(Mono::from_secs(100), S * 10) - 7.0).abs() < 1e-9, "too old to count");
    }

    #[test]
    fn a_series_has_its_newest_part_last() {
        let mut window = Sliding::new(S, 60);
        for second in 0..8 {
            window.add(Mono::from_secs(second), 1.0);
        }
        assert_eq!(window.series(Mono::from_secs(7), S * 8, 4), [2.0, 2.0, 2.0, 2.0]);
        assert_eq!(window.series(Mono::from_secs(8), S * 8, 4), [2.0, 2.0, 2.0, 0.0]);
        assert_eq!(window.series(Mono::from_secs(2), S * 8, 4), [0.0, 0.0, 2.0, 2.0]);
    }

    proptest::proptest! {
        #[test]
        fn a_class_is_at_most_three_percent_off(us in 0_u64..4_000_000_000) {
            let back = value_of(class_of(us));
            proptest::prop_assert!(back.abs_diff(us) * 100 <= us * 3 + 100, "{us} became {back}");
        }

        #[test]
        fn quantiles_agree_with_sorting(mut all in proptest::collection::vec(0_u64..10_000_000, 1..300)) {
            let mut dense = vec![0_u32; CLASSES];
            for us in &all {
                dense[usize::from(class_of(*us))] += 1;
            }
            let mut window = LatencyWindow::new(S, 4);
            window.add(Mono::from_secs(1), &Latencies::from_dense(&dense));
            all.sort_unstable();
            for q in [0.5, 0.95, 0.99] {
                let rank = ((q * all.len() as f64).ceil() as usize).clamp(1, all.len());
                let (got, n) = window.quantile(Mono::from_secs(2), S * 3, q).unwrap();
                proptest::prop_assert_eq!(class_of(all[rank - 1]), class_of(got));
                proptest::prop_assert_eq!(n, all.len() as u64);
            }
        }
    }

    #[test]
    fn quantiles_slide_too() {
        let mut window = LatencyWindow::new(S, 3);
        let mut dense = vec![0; CLASSES];
        dense[10] = 5;
        window.add(Mono::from_secs(1), &Latencies::from_dense(&dense));
        assert_eq!(window.quantile(Mono::from_secs(1), S, 0.5), Some((10, 5)));
        assert_eq!(window.quantile(Mono::from_secs(2), S, 0.5), None);
        assert_eq!(window.series(Mono::from_secs(2), 3, 0.5), [None, Some(10), None]);
        window.add(Mono::from_secs(9), &Latencies::default());
        assert_eq!(window.quantile(Mono::from_secs(9), S * 3, 0.5), None);
    }
}
