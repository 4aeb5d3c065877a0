//! What was counted: since the start, and the faults of the last minutes.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::event::{EventsDelta, Invalid, RunsDelta};
use crate::domain::measure::Sliding;

/// Everything counted since the start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// Frames with data.
    pub received: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Valid events.
    pub valid: u64,
    /// By configured type.
    pub by_type: Vec<u64>,
    /// Of other types than configured.
    pub others: u64,
    /// No events, by kind.
    pub invalid: BTreeMap<Invalid, u64>,
    /// With a sequence number.
    pub numbered: u64,
    /// Came twice.
    pub duplicates: u64,
    /// Sequence numbers that never came.
    pub lost: u64,
    /// Runs.
    pub runs: RunsDelta,
}

/// The faults of the last minutes, for signals.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recent {
    pub(super) incomplete: Sliding,
    pub(super) missing: Sliding,
    pub(super) duplicates: Sliding,
    pub(super) invalid: Sliding,
    pub(super) lost: Sliding,
    pub(super) calls: Sliding,
    pub(super) paired: Sliding,
}

impl Totals {
    pub(super) fn take(&mut self, delta: &EventsDelta) {
        self.received += delta.received;
        self.bytes += delta.bytes;
        self.valid += delta.valid();
        self.others += delta.other_types.iter().map(|(_, n)| n).sum::<u64>() + delta.other_rest;
        for (kind, n) in &delta.invalid {
            *self.invalid.entry(*kind).or_default() += n;
        }
        self.numbered += delta.numbered;
        self.duplicates += delta.duplicates;
        self.lost = (self.lost + delta.gaps).saturating_sub(delta.recovered);
        let (sum, more) = (&mut self.runs, &delta.runs);
        sum.opened += more.opened;
        sum.whole += more.whole;
        sum.incomplete += more.incomplete;
        sum.unjudged += more.unjudged;
        sum.evicted += more.evicted;
        sum.out_of_order += more.out_of_order;
        sum.calls += more.calls;
        sum.paired += more.paired;
        sum.missing.resize(sum.missing.len().max(more.missing.len()), 0);
        sum.missing.iter_mut().zip(&more.missing).for_each(|(sum, n)| *sum += n);
    }

    /// Frames that were no events.
    pub fn invalid_frames(&self) -> u64 {
        self.invalid.values().sum()
    }
}

impl Recent {
    pub(super) fn new() -> Self {
        let window = || Sliding::new(Duration::from_secs(5), 61);
        Self {
            incomplete: window(),
            missing: window(),
            duplicates: window(),
            invalid: window(),
            lost: window(),
            calls: window(),
            paired: window(),
        }
    }

    pub(super) fn take(&mut self, delta: &EventsDelta) {
        let (at, runs) = (delta.at, &delta.runs);
        self.incomplete.add(at, runs.incomplete as f64);
        self.missing.add(at, runs.missing.iter().sum::<u64>() as f64);
        self.duplicates.add(at, delta.duplicates as f64);
        self.invalid.add(at, delta.invalid.values().sum::<u64>() as f64);
        self.lost.add(at, delta.gaps as f64 - delta.recovered as f64);
        self.calls.add(at, runs.calls as f64);
        self.paired.add(at, runs.paired as f64);
    }
}
