//! The state of one service's health probes.

pub mod contradicted;
pub mod starting;

use std::time::Duration;

use crate::domain::health::{ProbeHealth, ProbeOutcome, ProbeState, Probed};
use crate::domain::room::{ProbeSpec, Service};
use crate::domain::{Clean, Mono, Origin, Reading, Watched, format};

/// All probes of one service.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Health {
    probes: Vec<Probe>,
}

/// One probe: what is configured and what was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// As configured.
    pub spec: ProbeSpec,
    /// As seen.
    pub seen: ProbeHealth,
}

/// The one line of a folded panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Configured probes.
    pub total: usize,
    /// Those that are healthy by fresh data.
    pub healthy: usize,
    /// Healthy ones whose p95 is over the limit.
    pub slow: usize,
    /// Failing by fresh data.
    pub failing: usize,
    /// Not ready yet by fresh data, and saying so.
    pub starting: usize,
    /// Those of which nothing fresh is known.
    pub unseen: usize,
    /// Answers that break the contract.
    pub contradictions: usize,
}

/// How far back falls are counted.
const FLAPS_WINDOW: Duration = Duration::from_mins(5);
/// Answers that a quantile needs before it is a reason.
const ENOUGH: u64 = 20;
/// Slack on top of two periods, as for links.
const GRACE: Duration = Duration::from_millis(500);

impl Probe {
    /// The longest time between two outcomes: probes never overlap.
    pub fn period(&self) -> Duration {
        self.spec.interval.max(self.spec.timeout)
    }

    /// Whether what is known of the target is fresh: the newest outcome is recent, and reached it.
    pub fn is_fresh(&self, now: Mono) -> bool {
        self.is_recent(now) && self.seen.state().is_seen()
    }

    /// Whether the newest outcome, of whatever kind, is younger than two periods.
    pub fn is_recent(&self, now: Mono) -> bool {
        let age = self.seen.last.as_ref().map(|last| now.since(last.at));
        age.is_some_and(|age| age <= self.period() * 2 + GRACE)
    }

    /// The error of the newest outcome, if it was none.
    pub fn error(&self) -> Option<&Clean> {
        match &self.seen.last.as_ref()?.outcome {
            ProbeOutcome::Failed { error, .. } => Some(error),
            ProbeOutcome::Answered { .. } => None,
        }
    }

    /// Why the newest answer is not a good one, where it says so: a database that refuses tells why.
    pub fn refusal(&self) -> Option<&Clean> {
        match &self.seen.last.as_ref()?.outcome {
            ProbeOutcome::Answered { ok: false, report, .. } => report.problem.as_ref(),
            ProbeOutcome::Answered { .. } | ProbeOutcome::Failed { .. } => None,
        }
    }

    /// What the newest answer was, in four cells: its HTTP status, else whether it was a good one.
    pub fn answer(&self) -> Option<String> {
        match &self.seen.last.as_ref()?.outcome {
            ProbeOutcome::Answered { status: Some(status), .. } => Some(status.to_string()),
            ProbeOutcome::Answered { ok, .. } => Some(if *ok { "up" } else { "err" }.to_owned()),
            ProbeOutcome::Failed { .. } => None,
        }
    }

    /// The HTTP status of the newest outcome, if it has one.
    pub fn status(&self) -> Option<u16> {
        match &self.seen.last.as_ref()?.outcome {
            ProbeOutcome::Answered { status, .. } => *status,
            ProbeOutcome::Failed { .. } => None,
        }
    }

    /// Whether the p95 is over `limit`.
    pub fn is_slow(&self, limit: Duration) -> bool {
        self.seen.p95.is_some_and(|p95| p95 > limit)
    }

    fn origin(&self) -> Origin {
        self.seen.last.as_ref().map_or(Origin::Unknown, |last| last.origin.clone())
    }

    fn signals(&self, now: Mono) -> [(String, Option<Reading>); 5] {
        let fresh = self.is_fresh(now);
        let reading = |value: f64, at: Mono, fresh: bool, samples: Option<u64>| Reading {
            value,
            at,
            fresh,
            samples,
            origin: self.origin(),
            watched: None,
        };
        // A target that cannot be reached is not seen: the old answer stays, and is not fresh.
        let verdict = |is: fn(ProbeState) -> bool| {
            self.seen.seen.map(|(at, state)| reading(f64::from(u8::from(is(state))), at, fresh, None))
        };
        // Latency is measured only by answers: while there are none, the old number is not fresh.
        let answering = fresh && self.error().is_none();
        let milliseconds = |latency: Duration| latency.as_secs_f64() * 1000.0;
        let answered = self.seen.answered;
        let p95 = answered
            .zip(self.seen.p95)
            .map(|((at, _), p95)| reading(milliseconds(p95), at, answering, Some(self.seen.samples)));
        let latest = answered.map(|(at, latency)| reading(milliseconds(latency), at, answering, None));
        let name = |what: &str| format!("health.{}.{what}", self.spec.name);
        let falls = self.seen.falls(now, FLAPS_WINDOW) as f64;
        let had = self.seen.seen_first.map_or(Duration::ZERO, |first| now.since(first));
        let watched = Some(Watched { had, of: FLAPS_WINDOW, grows: true });
        let falls = self.seen.seen.map(|(at, _)| Reading { watched, ..reading(falls, at, fresh, None) });
        [
            (name("falls"), falls),
            (name("ok"), verdict(|state| state == ProbeState::Healthy)),
            (name("failing"), verdict(ProbeState::is_failing)),
            (name("latency_p95"), p95),
            (name("latency_last"), latest),
        ]
    }
}

impl Health {
    /// Nothing seen yet.
    pub fn new(service: &Service) -> Self {
        let probe = |spec: &ProbeSpec| Probe { spec: spec.clone(), seen: ProbeHealth::default() };
        Self { probes: service.probes.iter().map(probe).collect() }
    }

    /// A probe finished.
    pub fn probed(&mut self, probed: &Probed) {
        if let Some(probe) = self.probes.get_mut(usize::from(probed.probe)) {
            probe.seen.probed(probed);
        }
    }

    /// The probes, in the config's order.
    pub fn probes(&self) -> &[Probe] {
        &self.probes
    }

    /// Whether any probe's newest body says that the service is starting.
    pub fn is_starting(&self) -> bool {
        self.probes.iter().any(|probe| probe.seen.state() == ProbeState::Starting)
    }

    /// The latency limit in force for a probe: more is allowed while the service starts.
    pub fn limit(&self, probe: &Probe) -> Duration {
        if self.is_starting() { probe.spec.limit_starting } else { probe.spec.limit }
    }

    /// Whether enough answers are known, and too many of them came late.
    pub fn is_slow(&self, probe: &Probe) -> bool {
        let starting = probe.seen.state() == ProbeState::Starting;
        !starting && probe.seen.samples >= ENOUGH && probe.is_slow(self.limit(probe))
    }

    /// The same of half of them.
    pub fn is_mostly_slow(&self, probe: &Probe) -> bool {
        self.is_slow(probe) && probe.seen.p50.is_some_and(|p50| p50 > self.limit(probe))
    }

    /// `p95 384ms, limit 50ms`.
    pub fn against_limit(&self, probe: &Probe) -> Option<String> {
        let (p95, limit) = (format::short(probe.seen.p95?), format::short(self.limit(probe)));
        Some(format!("p95 {p95}, limit {limit}"))
    }

    /// The panel in one line.
    pub fn summary(&self, now: Mono) -> Summary {
        let mut summary = Summary { total: self.probes.len(), ..Summary::default() };
        for probe in &self.probes {
            if !probe.is_fresh(now) {
                summary.unseen += 1;
                continue;
            }
            let healthy = probe.seen.state() == ProbeState::Healthy;
            summary.healthy += usize::from(healthy);
            summary.slow += usize::from(healthy && probe.is_slow(self.limit(probe)));
            let starting = probe.seen.state() == ProbeState::Starting;
            summary.starting += usize::from(starting);
            summary.failing += usize::from(probe.seen.state().is_failing() && !starting);
            summary.contradictions += usize::from(probe.seen.contradiction.is_some());
        }
        summary
    }

    /// Flag values that bodies report: flag name, its text, when it was read.
    pub fn flags(&self) -> impl Iterator<Item = (&str, &Clean, Mono)> {
        let reports = self.probes.iter().filter_map(|probe| probe.seen.report.as_ref());
        reports.flat_map(|(at, report)| report.flags.iter().map(|(name, text)| (name.as_str(), text, *at)))
    }

    /// The readings of all probes, and `health.contradictions`: how many answers break the contract now.
    pub fn signals(&self, now: Mono) -> Vec<(String, Option<Reading>)> {
        let mut signals: Vec<_> = self.probes.iter().flat_map(|probe| probe.signals(now)).collect();
        signals.push(("health.contradictions".into(), self.contradictions(now)));
        signals
    }

    fn contradictions(&self, now: Mono) -> Option<Reading> {
        let lasts = || self.probes.iter().filter_map(|probe| probe.seen.last.as_ref());
        let at = lasts().map(|last| last.at).max()?;
        let fresh = self.probes.iter().any(|probe| probe.is_fresh(now));
        let mut origins = lasts().map(|last| &last.origin);
        let first = origins.next()?.clone();
        let origin = if origins.all(|origin| *origin == first) { first } else { Origin::Mixed };
        let found = self.probes.iter().filter(|probe| probe.seen.contradiction.is_some()).count();
        Some(Reading { value: found as f64, at, fresh, samples: None, origin, watched: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ServiceIx;
    use crate::domain::health::BodyReport;
    use crate::domain::room::{Addressed, ProbeKind};

    fn health() -> Health {
        let spec = ProbeSpec {
            name: "api".into(),
            kind: ProbeKind::Tcp { address: "127.0.0.1:1".into() },
            interval: Duration::from_secs(2),
            timeout: Duration::from_secs(2),
            limit: Duration::from_millis(50),
            limit_starting: Duration::from_millis(100),
            addressed: Addressed::Service,
            flags: std::collections::BTreeMap::new(),
        };
        Health::new(&Service { probes: vec![spec], ..Service::default() })
    }

    fn heard(health: &mut Health, second: u64, outcome: ProbeOutcome) -> [Option<(f64, bool)>; 2] {
        let at = Mono::from_secs(second);
        health.probed(&Probed { service: ServiceIx(0), probe: 0, at, origin: Origin::Unknown, outcome });
        let signals = health.signals(at);
        ["health.api.ok", "health.api.failing"].map(|name| {
            let (_, reading) = signals.iter().find(|(known, _)| known == name)?;
            reading.as_ref().map(|reading| (reading.value, reading.fresh))
        })
    }

    fn answered(ok: bool) -> ProbeOutcome {
        let status = Some(if ok { 200 } else { 500 });
        ProbeOutcome::Answered { status, latency: Duration::ZERO, ok, report: BodyReport::default() }
    }

    fn none(reached: bool) -> ProbeOutcome {
        ProbeOutcome::Failed { error: "no".into(), after: Duration::ZERO, reached }
    }

    #[test]
    fn what_cannot_be_reached_is_not_seen_and_what_is_silent_fails() {
        let mut health = health();
        assert_eq!(heard(&mut health, 0, none(false)), [None, None], "never seen: no reading at all");
        assert_eq!(heard(&mut health, 2, answered(true)), [Some((1.0, true)), Some((0.0, true))]);
        assert_eq!(heard(&mut health, 4, none(false)), [Some((1.0, false)), Some((0.0, false))]);
        let unseen = Summary { total: 1, unseen: 1, ..Summary::default() };
        assert_eq!(health.summary(Mono::from_secs(4)), unseen);
        assert_eq!(heard(&mut health, 6, none(true)), [Some((0.0, true)), Some((1.0, true))]);
        assert_eq!(heard(&mut health, 8, none(false)), [Some((0.0, false)), Some((1.0, false))]);
        assert_eq!(heard(&mut health, 9, answered(false)), [Some((0.0, true)), Some((1.0, true))]);
    }
}
