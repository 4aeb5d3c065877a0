//! What each metric was before the deployment: its mean over the last hour, kept by the console that keeps the journal as
//! soon as the deployment shows, and read back from there by all.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::domain::metric::Queried;
use crate::domain::room::MetricFrom;
use crate::domain::signal::{BEFORE, VS_BEFORE};
use crate::domain::trail::{millis, span_millis};
use crate::domain::{Entry, Mono, Origin, Reading, Record, ServiceIx, Wall};

use super::Model;
use super::effect::Effect;
use super::metrics::Metric;
use super::service::above;

/// Minutes that are looked back on.
const MINUTES: i64 = 60;

/// Minutes that are kept: a deployment may be a day old when the console opens.
const KEPT: i64 = 25 * MINUTES;

/// Minutes with a number below which nothing is said.
const ENOUGH: u32 = 5;

/// Seconds in which the record of a beginning is news: older ones were written before this console looked.
const NEWS: i64 = 60;

/// So long the engine is waited for: it tells its past with its first two answers.
const PATIENCE: Duration = Duration::from_mins(1);
const ANSWERS: u8 = 2;

/// A minute, in milliseconds.
const MINUTE: i64 = 60_000;

/// The sub-state.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Before {
    /// The past of each metric, by service and name.
    past: BTreeMap<(ServiceIx, String), Past>,
    rollout: Option<String>,
    /// As recorded for this rollout: the means by service and metric.
    means: BTreeMap<String, BTreeMap<String, f64>>,
    /// To be written: when the deployment began, and since when that is known.
    due: BTreeMap<ServiceIx, (Wall, Mono)>,
    /// Written, and perhaps not back yet.
    sent: BTreeSet<String>,
}

/// The past of a number, by minutes.
#[derive(Debug, Clone, PartialEq, Default)]
struct Past {
    last: Option<Mono>,
    /// Answers of the engine, which come with its past.
    answers: u8,
    minutes: BTreeMap<i64, Minute>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Minute {
    sum: f64,
    count: f64,
}

impl Minute {
    fn add(&mut self, value: f64) {
        (self.sum, self.count) = (self.sum + value, self.count + 1.0);
    }
}

impl Past {
    fn add(&mut self, at: Mono, value: f64) {
        if self.last.replace(at) == Some(at) || !value.is_finite() {
            return;
        }
        let number = millis(at).div_euclid(MINUTE);
        self.minutes.entry(number).or_default().add(value);
        self.minutes = self.minutes.split_off(&(number - KEPT));
    }

    /// Values that the engine remembers, oldest first, `step` apart, the last one at `until`. What was heard here stays.
    fn fill(&mut self, until: i64, step: Duration, values: &[Option<f64>]) {
        let step = span_millis(step).max(1);
        let mut filled: BTreeMap<i64, Minute> = BTreeMap::new();
        for (back, value) in (0..).zip(values.iter().rev()) {
            let Some(value) = value.filter(|value| value.is_finite()) else { continue };
            // A value lasts until the next.
            let at: i64 = until - back * step;
            for number in at.div_euclid(MINUTE)..=(at + step - 1).div_euclid(MINUTE) {
                filled.entry(number).or_default().add(value);
            }
        }
        for (number, minute) in filled {
            self.minutes.entry(number).or_insert(minute);
        }
    }

    /// Over the hour before that minute, of which a part lies after it, and of how many minutes. Each weighs the same, however
    /// often it was measured in it.
    fn mean(&self, until: i64) -> Option<(f64, u32)> {
        let last = until.div_euclid(MINUTE);
        let means = self.minutes.range(last - MINUTES..last).map(|(_, it)| it.sum / it.count);
        let (sum, count) = means.fold((0.0, 0_u32), |(sum, count), mean| (sum + mean, count + 1));
        (count >= ENOUGH).then(|| (sum / f64::from(count), count))
    }
}

impl Before {
    fn record(&mut self, record: &Record, rollout: Option<&str>) {
        if self.rollout.as_deref() != rollout {
            self.rollout = rollout.map(str::to_owned);
            self.means.clear();
            self.sent.clear();
            self.due.clear();
        }
        // The first one is of the time before; whatever came later saw the deployment.
        if let Entry::Before { service, means, .. } = &record.entry {
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
            if of.is_none_or(|of| of == self.service_name(ix)) {
                let due = (self.began(ix, record.at), self.now.mono);
                self.before.due.entry(ix).or_insert(due);
            }
        }
        self.keep_before(effects);
    }

    /// When the deployment began whose record was written then. What served already when this console first looked began, as
    /// far as anybody knows, when its revision was created.
    fn began(&self, ix: ServiceIx, recorded: Wall) -> Wall {
        let created = || {
            let (_, seen, _) = self.rolled_out().into_iter().find(|(of, ..)| *of == ix)?;
            let state = self.service(ix)?.traffic.as_ref()?;
            let (traffic, opened) = (state.traffic.as_ref()?, state.opened.as_ref()?);
            let served = traffic.percent_of(opened, &seen.revision) > 0;
            traffic.revisions.iter().find(|it| served && *it.name == *seen.revision)?.created
        };
        created().map_or(recorded, |created| created.min(recorded))
    }

    /// Writes down what is due, as soon as the engine told its past or is not waited for any more.
    pub(super) fn keep_before(&mut self, effects: &mut Vec<Effect>) {
        for (ix, (began, since)) in self.before.due.clone() {
            let service = self.service_name(ix);
            let metrics = self.service(ix).and_then(|service| service.metrics.as_ref());
            let past = |name: &str| self.before.past.get(&(ix, name.to_owned()));
            let told = |metric: &Metric| {
                metric.spec.from != MetricFrom::Prometheus
                    || past(&metric.spec.name).is_some_and(|past| past.answers >= ANSWERS)
            };
            let waits = metrics.is_some_and(|metrics| !metrics.metrics().iter().all(told));
            if waits && self.now.mono.since(since) < PATIENCE {
                continue;
            }
            let until = millis(self.now.mono) - (self.now.wall - began).num_milliseconds();
            let of = self.before.past.iter().filter(|((of, _), _)| *of == ix);
            let found: Vec<_> = of.filter_map(|(key, past)| Some((&key.1, past.mean(until)?))).collect();
            let minutes = found.iter().map(|(_, (_, minutes))| *minutes).min();
            let means: BTreeMap<_, _> =
                found.into_iter().map(|(name, (mean, _))| (name.clone(), mean)).collect();
            self.before.due.remove(&ix);
            let known = self.before.means.contains_key(&service) || self.before.sent.contains(&service);
            if !known && !means.is_empty() {
                self.before.sent.insert(service.clone());
                self.keep(Entry::Before { service, means, minutes }, effects);
            }
        }
    }

    /// The engine answered, with some of its past: that counts as well, whoever was there to see it.
    pub(super) fn remember_past(&mut self, queried: &Queried) {
        let Some(interval) = self.room.prometheus.as_ref().map(|spec| spec.interval) else { return };
        let past = self.before.past.entry((queried.service, queried.value.name.clone())).or_default();
        past.answers = past.answers.saturating_add(u8::from(queried.value.error.is_none()));
        let at = millis(queried.at);
        past.fill(at - span_millis(interval), interval, &queried.history);
        past.fill(at - span_millis(queried.older.step), queried.older.step, &queried.older.values);
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
        assert_eq!(past.mean(240_000), None, "four minutes say nothing");
        // One number in a minute weighs as much as sixty.
        past.add(Mono::from_secs(240), 200.0);
        past.add(Mono::from_secs(240), 900.0);
        assert_eq!(past.mean(300_000), Some((120.0, 5)), "the same measurement once");
        assert_eq!(past.mean(3_660_000), None, "the first minutes are too old");
        past.add(Mono::from_secs(200_000), 1.0);
        assert_eq!(past.minutes.len(), 1);
    }

    #[test]
    fn what_the_engine_remembers_counts_for_the_minutes_that_nobody_watched_here() {
        let mut past = Past::default();
        past.add(Mono::from_secs(30), 500.0);
        // Of the two hours before this process, a value each two minutes: 10 in the first, 70 in the second.
        let values: Vec<_> = (0..60).map(|n| Some(if n < 30 { 10.0 } else { 70.0 })).collect();
        past.fill(-120_000, Duration::from_mins(2), &values);
        assert_eq!(past.mean(0), Some((70.0, 60)));
        assert_eq!(past.mean(-60 * MINUTE), Some((10.0, 60)), "of a deployment an hour ago");
        past.fill(0, Duration::from_secs(15), &[Some(1.0)]);
        assert_eq!(past.minutes.get(&0).map(|it| it.sum), Some(500.0), "what was heard here stays");
    }
}
