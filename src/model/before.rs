//! What each metric was before the deployment: its mean over the last hour, kept by the console that keeps the journal as
//! soon as the deployment shows, and read back from there by all.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::domain::signal::{BEFORE, VS_BEFORE};
use crate::domain::{Entry, Mono, Origin, Reading, Record, ServiceIx};

use super::Model;
use super::effect::Effect;
use super::service::above;

/// Minutes that are looked back on.
const MINUTES: u64 = 60;

/// Minutes with a number below which nothing is said.
const ENOUGH: usize = 5;

/// Seconds in which the record of a beginning is news: older ones were written before this console looked.
const NEWS: i64 = 60;

/// The sub-state.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Before {
    /// The last hour of each metric, by service and signal.
    past: BTreeMap<(ServiceIx, String), Past>,
    rollout: Option<String>,
    /// As recorded for this rollout: the means by service and metric.
    means: BTreeMap<String, BTreeMap<String, f64>>,
    /// Written, and perhaps not back yet.
    sent: BTreeSet<String>,
}

/// The last hour of a number, by minutes.
#[derive(Debug, Clone, PartialEq, Default)]
struct Past {
    last: Option<Mono>,
    minutes: VecDeque<Minute>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Minute {
    number: u64,
    sum: f64,
    count: f64,
}

impl Past {
    fn add(&mut self, at: Mono, value: f64) {
        if self.last.replace(at) == Some(at) || !value.is_finite() {
            return;
        }
        let number = minute(at);
        match self.minutes.back_mut().filter(|last| last.number == number) {
            Some(last) => (last.sum, last.count) = (last.sum + value, last.count + 1.0),
            None => self.minutes.push_back(Minute { number, sum: value, count: 1.0 }),
        }
        let old = |it: &Minute| it.number + MINUTES <= number;
        while self.minutes.front().is_some_and(old) {
            self.minutes.pop_front();
        }
    }

    /// Each minute weighs the same, however often it was measured in it.
    fn mean(&self, now: Mono) -> Option<f64> {
        let young = self.minutes.iter().filter(|it| it.number + MINUTES > minute(now));
        let means: Vec<f64> = young.map(|it| it.sum / it.count).collect();
        let count = f64::from(u32::try_from(means.len()).ok()?);
        (means.len() >= ENOUGH).then(|| means.iter().sum::<f64>() / count)
    }
}

fn minute(at: Mono) -> u64 {
    at.0 / 60_000_000
}

impl Before {
    fn record(&mut self, record: &Record, rollout: Option<&str>) {
        if self.rollout.as_deref() != rollout {
            self.rollout = rollout.map(str::to_owned);
            self.means.clear();
            self.sent.clear();
        }
        // The first one is of the time before; whatever came later saw the deployment.
        if let Entry::Before { service, means } = &record.entry {
            self.means.entry(service.clone()).or_insert_with(|| means.clone());
        }
    }

    fn mean(&self, service: &str, metric: &str) -> Option<f64> {
        self.means.get(service)?.get(metric).copied()
    }
}

impl Model {
    /// A record was taken in. Where the deployment begins with it, the keeper writes down how it was before.
    pub(super) fn before_recorded(&mut self, record: &Record, effects: &mut Vec<Effect>) {
        let rollout = self.checklist.rollout().map(|rollout| rollout.id.clone());
        self.before.record(record, rollout.as_deref());
        let of = match &record.entry {
            Entry::Candidate { service, .. } => Some(service.as_str()),
            Entry::RolloutBegan { .. } | Entry::T0 { .. } => None,
            _ => return,
        };
        if !self.keeper || (self.now.wall - record.at).num_seconds().abs() > NEWS {
            return;
        }
        for ix in self.room.service_ixs() {
            let service = self.service_name(ix);
            let known = self.before.means.contains_key(&service) || self.before.sent.contains(&service);
            if known || of.is_some_and(|of| of != service) {
                continue;
            }
            let past = self.before.past.iter().filter(|((of, _), _)| *of == ix);
            let mean =
                |(key, past): (&(ServiceIx, String), &Past)| Some((key.1.clone(), past.mean(self.now.mono)?));
            let means: BTreeMap<String, f64> = past.filter_map(mean).collect();
            if !means.is_empty() {
                self.before.sent.insert(service.clone());
                self.keep(Entry::Before { service, means }, effects);
            }
        }
    }

    /// Remembers the last hour of each metric, and tells what it was before the deployment and how far it is from that.
    pub(super) fn write_before_signals(&mut self) {
        let deploying = self.is_deploying();
        let mut before = std::mem::take(&mut self.before);
        for service in &self.services {
            let (ix, name) = (service.ix, self.service_name(service.ix));
            let Some(metrics) = &service.metrics else { continue };
            let mut told = Vec::new();
            for metric in metrics.metrics() {
                let signal = metric.spec.signal();
                let Some(new) = self.signals.named(ix, &signal) else { continue };
                let Some(bare) = signal.strip_prefix("metric.") else { continue };
                if new.fresh {
                    before.past.entry((ix, bare.to_owned())).or_default().add(new.at, new.value);
                }
                // What is not known is not-a-number, which a comparison takes as inconclusive.
                let value = before.mean(&name, bare).filter(|_| deploying).unwrap_or(f64::NAN);
                let old =
                    Reading { value, fresh: true, origin: Origin::Unknown, watched: None, ..new.clone() };
                told.push((format!("{signal}@{VS_BEFORE}"), Some(above(new, &old))));
                told.push((format!("{signal}@{BEFORE}"), Some(old)));
            }
            self.signals.extend(ix, told);
        }
        self.before = before;
    }

    /// Whether a deployment is under way that can be compared with the time before it.
    pub(super) fn is_deploying(&self) -> bool {
        self.checklist.rollout().is_some_and(|rollout| {
            rollout.is_open()
                && (rollout.t0.is_some() || rollout.by.is_some() || !rollout.candidates.is_empty())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_of_minutes_in_the_last_hour_and_wants_enough_of_them() {
        let mut past = Past::default();
        for second in 0..240 {
            past.add(Mono::from_secs(second), 100.0);
        }
        assert_eq!(past.mean(Mono::from_secs(240)), None, "four minutes say nothing");
        // One number in a minute weighs as much as sixty.
        past.add(Mono::from_secs(240), 200.0);
        past.add(Mono::from_secs(240), 900.0);
        assert_eq!(past.mean(Mono::from_secs(241)), Some(120.0), "the same measurement once");
        assert_eq!(past.mean(Mono::from_secs(3_660)), None, "the first minutes are too old");
        past.add(Mono::from_secs(9_000), 1.0);
        assert_eq!(past.minutes.len(), 1);
    }
}
