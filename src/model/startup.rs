//! The startup of one service, as its health body reports it.

use std::collections::VecDeque;
use std::time::Duration;

use crate::domain::health::{BodyReport, ProbeOutcome, Probed};
use crate::domain::phase::{self, PhaseRow, StartupState};
use crate::domain::room::{Service, StartupSpec};
use crate::domain::{Clean, Mono, Origin, Reading};

/// What is watched of one startup. Built only for a service with startup phases.
#[derive(Debug, Clone, PartialEq)]
pub struct Startup {
    spec: StartupSpec,
    probe: u16,
    period: Duration,
    machine: phase::Startup,
    origin: Origin,
    /// The newest answer whose body could be read.
    answered: Option<Mono>,
    reachable: Option<Mono>,
    /// When it began again, newest last.
    restarted: VecDeque<Mono>,
}

/// How far back restarts are counted.
const RESTARTS_WINDOW: Duration = Duration::from_mins(10);
/// Restarts remembered; more of them in the window are no news.
const MOST_RESTARTS: usize = 100;
/// Slack on top of two periods, as for links.
const GRACE: Duration = Duration::from_millis(500);

impl Startup {
    /// Nothing seen yet; `None` when the service has no phases, or names a probe that it does not have.
    pub fn new(service: &Service) -> Option<Self> {
        let spec = service.startup.clone()?;
        let at = service.probes.iter().position(|probe| probe.name == spec.probe)?;
        let probe = service.probes.get(at)?;
        Some(Self {
            probe: u16::try_from(at).ok()?,
            period: probe.interval.max(probe.timeout),
            spec,
            machine: phase::Startup::default(),
            origin: Origin::Unknown,
            answered: None,
            reachable: None,
            restarted: VecDeque::new(),
        })
    }

    /// A probe finished; those of other probes are ignored.
    pub fn probed(&mut self, probed: &Probed) {
        if probed.probe != self.probe {
            return;
        }
        let ProbeOutcome::Answered { ok, report, .. } = &probed.outcome else {
            self.reachable = None;
            return;
        };
        self.reachable = Some(probed.at);
        if report.problem.is_some() {
            return;
        }
        self.follow(&probed.origin);
        self.answered = Some(probed.at);
        let (report, before): (&BodyReport, _) = (report, self.machine.restarts());
        self.machine.reported(&self.spec, report, *ok, probed.at);
        if self.machine.restarts() > before {
            self.restarted.push_back(probed.at);
        }
        if self.restarted.len() > MOST_RESTARTS {
            self.restarted.pop_front();
        }
    }

    /// As configured.
    pub fn spec(&self) -> &StartupSpec {
        &self.spec
    }

    /// The state; the last known one when nothing fresh is heard.
    pub fn state(&self) -> StartupState {
        self.machine.state()
    }

    /// Why it failed, in the target's words.
    pub fn failure(&self) -> Option<&Clean> {
        self.machine.failure()
    }

    /// The phase now running.
    pub fn current(&self) -> Option<&Clean> {
        self.machine.current()
    }

    /// Since when it is stalled in its phase, or else is watched.
    pub fn since(&self) -> Option<Mono> {
        self.machine.since()
    }

    /// How many times it began again while being watched.
    pub fn restarts(&self) -> u32 {
        self.machine.restarts()
    }

    /// When its first report came.
    pub fn began(&self) -> Option<Mono> {
        self.machine.times().0
    }

    /// When it was complete, or failed.
    pub fn ended(&self) -> Option<Mono> {
        self.machine.times().1
    }

    /// How often it began again within `window`.
    fn restarts_within(&self, window: Duration, now: Mono) -> usize {
        self.restarted.iter().filter(|at| now.since(**at) <= window).count()
    }

    /// The revision that starts.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether the probe answers, and its body is read.
    pub fn is_fresh(&self, now: Mono) -> bool {
        let young = |at: Mono| now.since(at) <= self.period * 2 + GRACE;
        self.reachable.is_some() && self.answered.is_some_and(young)
    }

    /// The phases in order. Clocks run only while answers arrive.
    pub fn rows(&self, now: Mono) -> Vec<PhaseRow> {
        self.machine.rows(&self.spec, self.until(now))
    }

    /// Phases done and phases configured.
    pub fn progress(&self, now: Mono) -> (usize, usize) {
        let rows = self.rows(now);
        let done = rows.iter().take(self.spec.phases.len());
        (done.filter(|row| row.state == phase::PhaseState::Done).count(), self.spec.phases.len())
    }

    /// Seconds of the whole startup, and whether that is only a lower bound.
    pub fn seconds(&self, now: Mono) -> Option<(f64, AtLeast)> {
        let seconds = self.machine.seconds(&self.spec, self.until(now))?;
        Some((seconds, AtLeast(self.machine.at_least())))
    }

    /// Whether all of it was seen, from its first phase on, or told by its body.
    pub fn is_seen_whole(&self) -> bool {
        self.machine.is_seen_whole(&self.spec)
    }

    /// Whether the whole startup is over its budget.
    pub fn over_budget(&self, now: Mono) -> bool {
        self.machine.over_budget(&self.spec, self.until(now))
    }

    /// The readings; none before the first report.
    pub fn signals(&self, now: Mono) -> Vec<(String, Option<Reading>)> {
        let fresh = self.is_fresh(now);
        let reading = |value: f64| {
            let at = self.answered?;
            Some(Reading { value, at, fresh, samples: None, origin: self.origin.clone(), watched: None })
        };
        let state = self.machine.state();
        let is = |wanted: StartupState| {
            (state != StartupState::Unknown).then(|| f64::from(u8::from(state == wanted))).and_then(reading)
        };
        vec![
            ("startup.failed".into(), is(StartupState::Failed)),
            ("startup.stalled".into(), is(StartupState::Stalled)),
            ("startup.complete".into(), is(StartupState::Complete)),
            (
                "startup.restarts".into(),
                self.answered.and_then(|_| reading(self.restarts_within(RESTARTS_WINDOW, now) as f64)),
            ),
            ("startup.seconds".into(), self.seconds(now).and_then(|(seconds, _)| reading(seconds))),
        ]
    }

    /// Another revision starts anew; learning the name of the one already watched changes nothing.
    fn follow(&mut self, origin: &Origin) {
        if let (Origin::Revision(old), Origin::Revision(new)) = (&self.origin, origin)
            && old != new
        {
            self.machine = phase::Startup::default();
            self.restarted.clear();
        }
        self.origin = origin.clone();
    }

    fn until(&self, now: Mono) -> Mono {
        if self.is_fresh(now) { now } else { self.machine.last_report().unwrap_or(now) }
    }
}

/// Whether a length is only a lower bound, because the beginning was not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtLeast(pub bool);
