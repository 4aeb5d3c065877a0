//! Alerts that run elsewhere, as conditions and the metrics panel see them.

use std::time::Duration;

use crate::domain::firing::{Alerts, AlertsRead, Firing, FiringState, Teller};
use crate::domain::room::PrometheusSpec;
use crate::domain::{Clean, Mono, Origin, Reading, Room};

use super::Model;

/// Slack on top of two intervals, as for links.
const GRACE: Duration = Duration::from_millis(500);

/// The signal that counts those that fire; `alerts.firing{NAME}` those of one rule.
pub const SIGNAL: &str = "alerts.firing";

/// What Prometheus and Alertmanager say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Elsewhere {
    tellers: Vec<Told>,
}

/// What one of them says.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Who.
    pub teller: Teller,
    period: Duration,
    /// The newest good answer.
    pub read: Option<(Mono, Alerts)>,
    /// Why there is no newer one.
    pub problem: Option<Clean>,
}

impl Told {
    fn is_fresh(&self, now: Mono) -> bool {
        self.read.as_ref().is_some_and(|(at, _)| now.since(*at) <= self.period * 2 + GRACE)
    }

    fn count(&self, name: Option<&str>, states: &[FiringState]) -> usize {
        let active = self.read.iter().flat_map(|(_, alerts)| &alerts.active);
        let mine =
            active.filter(|it| name.is_none_or(|name| *it.name == *name) && states.contains(&it.state));
        mine.count()
    }
}

impl Elsewhere {
    /// Nobody was asked yet.
    pub fn new(room: &Room) -> Self {
        let told = |teller, spec: &PrometheusSpec| Told {
            teller,
            period: spec.interval.max(spec.timeout),
            read: None,
            problem: None,
        };
        let engine = room.prometheus.as_ref().map(|spec| told(Teller::Prometheus, spec));
        let manager = room.alertmanager.as_ref().map(|spec| told(Teller::Alertmanager, spec));
        Self { tellers: engine.into_iter().chain(manager).collect() }
    }

    /// One of them answered, or not.
    pub fn read(&mut self, read: &AlertsRead) {
        let Some(told) = self.tellers.iter_mut().find(|told| told.teller == read.teller) else { return };
        match &read.answer {
            Ok(alerts) => (told.read, told.problem) = (Some((read.at, alerts.clone())), None),
            Err(why) => told.problem = Some(why.clone()),
        }
    }

    /// All who tell.
    pub fn tellers(&self) -> &[Told] {
        &self.tellers
    }

    /// Those that do not rest, by who tells: what Alertmanager holds first, since it knows the silences, then what only
    /// Prometheus tells.
    pub fn active(&self) -> impl Iterator<Item = (Teller, &Firing)> {
        let of = |teller| self.tellers.iter().filter(move |told| told.teller == teller);
        let all = |teller| of(teller).flat_map(|told| &told.read).flat_map(|(_, alerts)| &alerts.active);
        let held: Vec<&Firing> = all(Teller::Alertmanager).collect();
        let known = held.clone();
        let rest = all(Teller::Prometheus).filter(move |it| {
            it.state == FiringState::Pending || !known.iter().any(|held| held.name == it.name)
        });
        held.into_iter().map(|it| (Teller::Alertmanager, it)).chain(rest.map(|it| (Teller::Prometheus, it)))
    }

    /// How many fire and are not kept quiet, of one rule or of all; `None`: that is not known. A rule that does not exist
    /// is no rule that rests.
    fn firing(&self, name: Option<&str>) -> Option<usize> {
        let of = |teller| self.tellers.iter().find(|told| told.teller == teller);
        let (engine, manager) = (of(Teller::Prometheus), of(Teller::Alertmanager));
        if self.tellers.is_empty() || self.tellers.iter().any(|told| told.read.is_none()) {
            return None;
        }
        let rules = engine.and_then(|told| told.read.as_ref()?.1.rules.as_ref());
        let exists =
            name.is_none_or(|name| rules.is_none_or(|rules| rules.iter().any(|rule| **rule == *name)));
        let held = manager.map_or(0, |told| told.count(name, &[FiringState::Firing]));
        if !exists && held == 0 {
            return None;
        }
        let quiet =
            manager.map_or(0, |told| told.count(name, &[FiringState::Silenced, FiringState::Inhibited]));
        let own = engine.map_or(0, |told| told.count(name, &[FiringState::Firing]));
        Some(held.max(own.saturating_sub(quiet)))
    }

    fn reading(&self, signal: &str, now: Mono) -> Option<Reading> {
        let name = match signal.strip_prefix(SIGNAL)? {
            "" => None,
            rest => Some(rest.strip_prefix('{')?.strip_suffix('}')?),
        };
        let value = self.firing(name)? as f64;
        let at = self.tellers.iter().filter_map(|told| told.read.as_ref().map(|(at, _)| *at)).min()?;
        let fresh = self.tellers.iter().all(|told| told.is_fresh(now));
        Some(Reading { value, at, fresh, samples: None, origin: Origin::Unknown })
    }
}

impl Model {
    /// Rows of the list of metrics: theirs, and those of alerts that run elsewhere.
    pub(super) fn listed_metrics(&self) -> usize {
        let metrics = self.services.iter().filter_map(|service| service.metrics.as_ref());
        metrics.map(|metrics| metrics.metrics().len()).sum::<usize>() + self.elsewhere_alerts.active().count()
    }

    /// The signals of alerts elsewhere that conditions read.
    pub(super) fn write_alert_signals(&mut self) {
        let room = self.room.clone();
        for spec in room.conditions.iter().filter(|spec| spec.signal.name.starts_with(SIGNAL)) {
            let reading = self.elsewhere_alerts.reading(&spec.signal.name, self.now.mono);
            self.signals.extend(spec.signal.service, vec![(spec.signal.name.clone(), reading)]);
        }
    }
}

#[cfg(test)]
mod tests;
