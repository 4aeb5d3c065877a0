//! Alerts that run elsewhere, as conditions and the metrics panel see them.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::firing::{Alerts, AlertsRead, Firing, FiringState, Teller};
use crate::domain::room::PrometheusSpec;
use crate::domain::{Clean, Mono, Origin, PanelId, Reading, Reason, ReasonKind, Room, format};

use super::Model;
use super::reasons::waiting;

/// Slack on top of two intervals, as for links.
const GRACE: Duration = Duration::from_millis(500);

/// The signal that counts those that fire; `alerts.firing{NAME}` those of one rule.
pub const SIGNAL: &str = "alerts.firing";

/// What Prometheus and Alertmanager say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Elsewhere {
    tellers: Vec<Told>,
    /// The label by which alerts that this room sent are known: the room hears itself.
    own: String,
}

/// What one of them says.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Who.
    pub teller: Teller,
    period: Duration,
    /// What it adds to the labels of alerts that it sends.
    external: Vec<Clean>,
    /// The newest good answer.
    pub read: Option<(Mono, Alerts)>,
    /// Why there is no newer one.
    pub problem: Option<Clean>,
}

impl Told {
    /// Whether what it said last is no older than it may be.
    pub fn is_fresh(&self, now: Mono) -> bool {
        self.read.as_ref().is_some_and(|(at, _)| now.since(*at) <= self.period * 2 + GRACE)
    }

    fn active(&self) -> impl Iterator<Item = &Firing> {
        self.read.iter().flat_map(|(_, alerts)| &alerts.active)
    }

    /// All labels that `own` has when it is sent.
    fn sent<'a>(&'a self, own: &'a Firing) -> Labels<'a> {
        let label = |pair: &'a Clean| pair.split('=').next();
        let has: BTreeSet<_> = own.set.iter().map(label).collect();
        let added = self.external.iter().filter(|pair| !has.contains(&label(pair)));
        own.set.iter().chain(added).map(|pair| &**pair).collect()
    }
}

type Labels<'a> = BTreeSet<&'a str>;

impl Elsewhere {
    /// Nobody was asked yet.
    pub fn new(room: &Room) -> Self {
        let told = |teller, spec: &PrometheusSpec| Told {
            teller,
            period: spec.interval.max(spec.timeout),
            external: spec.external_labels.clone(),
            read: None,
            problem: None,
        };
        let engine = room.prometheus.as_ref().map(|spec| told(Teller::Prometheus, spec));
        let manager = room.alertmanager.as_ref().map(|spec| told(Teller::Alertmanager, spec));
        let own = format!("room={}", room.name);
        Self { tellers: engine.into_iter().chain(manager).collect(), own }
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

    /// What one of them says, if it is asked.
    pub fn of(&self, teller: Teller) -> Option<&Told> {
        self.tellers.iter().find(|told| told.teller == teller)
    }

    /// Those that do not rest, by who tells: what Alertmanager holds first, since it knows the silences, then what only
    /// Prometheus tells. It may hold those of others too: only one with the same labels is the same.
    pub fn active(&self) -> impl Iterator<Item = (Teller, &Firing)> {
        let manager = || self.of(Teller::Alertmanager).into_iter().flat_map(Told::active);
        let held: BTreeSet<Labels<'_>> =
            manager().map(|it| it.set.iter().map(|pair| &**pair).collect()).collect();
        let engine = self.of(Teller::Prometheus).into_iter();
        let own = engine.flat_map(|told| told.active().map(move |it| (told, it)));
        let only_own = own.filter(move |(told, it)| !held.contains(&told.sent(it)));
        manager().map(|it| (Teller::Alertmanager, it)).chain(only_own.map(|(_, it)| (Teller::Prometheus, it)))
    }

    /// Whether this room raised it: then it says nothing that the room does not know.
    fn is_own(&self, it: &Firing) -> bool {
        let has = |pair: &str| it.set.iter().any(|label| **label == *pair);
        has("source=warroom") && has(&self.own)
    }

    /// How many fire and are not kept quiet, of one rule or of all, but for the room's own; `None`: that is not known. A rule that does not exist
    /// is no rule that rests.
    fn firing(&self, name: Option<&str>) -> Option<usize> {
        if self.tellers.is_empty() || self.tellers.iter().any(|told| told.read.is_none()) {
            return None;
        }
        let fires = |it: &Firing| {
            it.state == FiringState::Firing && name.is_none_or(|name| *it.name == *name) && !self.is_own(it)
        };
        let count = self.active().filter(|(_, it)| fires(it)).count();
        let engine = self.of(Teller::Prometheus);
        let rules = engine.and_then(|told| told.read.as_ref()?.1.rules.as_ref());
        let exists =
            name.is_none_or(|name| rules.is_none_or(|rules| rules.iter().any(|rule| **rule == *name)));
        (exists || count > 0).then_some(count)
    }

    fn reading(&self, signal: &str, now: Mono) -> Option<Reading> {
        let name = match signal.strip_prefix(SIGNAL)? {
            "" => None,
            rest => Some(rest.strip_prefix('{')?.strip_suffix('}')?),
        };
        let value = self.firing(name)? as f64;
        let at = self.tellers.iter().filter_map(|told| told.read.as_ref().map(|(at, _)| *at)).min()?;
        let fresh = self.tellers.iter().all(|told| told.is_fresh(now));
        Some(Reading { value, at, fresh, samples: None, origin: Origin::Unknown, watched: None })
    }
}

impl Model {
    /// That Alertmanager is not heard: what is silenced is not known then. Prometheus has a link of its own.
    pub(super) fn unheard_alertmanager(&self) -> Option<Reason> {
        let told = self.elsewhere_alerts.of(Teller::Alertmanager)?;
        let (at, problem) = (told.read.as_ref().map(|(at, _)| *at), told.problem.as_ref());
        if told.is_fresh(self.now.mono) || (at.is_none() && problem.is_none()) {
            return None;
        }
        let judged = self.room.conditions.iter().any(|spec| spec.signal.name.starts_with(SIGNAL));
        let ago = at.map_or("it never answered".to_owned(), |at| {
            format!("it answered {} ago", format::age_seconds(self.now.mono.since(at)))
        });
        let reason = waiting(
            "Alertmanager is not heard",
            problem.map_or("no answer", |problem| problem),
            &format!("{ago}: what is silenced is not known"),
            PanelId::Metrics,
        );
        Some(Reason { kind: if judged { ReasonKind::Unseen } else { ReasonKind::Warning }, ..reason })
    }

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
