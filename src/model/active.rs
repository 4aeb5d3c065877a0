//! Active runs of one service: how the newest went, and whose events came over their connections that were not theirs.
//!
//! The console that keeps the journal begins them, so that however many consoles are open, one sends; what came of each is
//! recorded, and the others show it.

use std::time::Duration;

use crate::domain::active::ActiveRan;
use crate::domain::record::Guard;
use crate::domain::room::ActiveSpec;
use crate::domain::{Clean, Entry, Mono, Reading, Record, ServiceIx};

use super::Model;
use super::effect::Effect;

/// A violation stands until so many runs in a row were without one.
const CLEAN: u32 = 3;

/// Slack on top of two intervals, as for links.
const GRACE: Duration = Duration::from_millis(500);

/// The sub-state.
#[derive(Debug, Clone, PartialEq)]
pub struct ActiveRuns {
    period: Duration,
    interval: Duration,
    newest: Option<ActiveRan>,
    /// How long before this process the newest was over, where it was.
    before: Duration,
    /// When this console began one that is not over.
    begun: Option<Mono>,
    /// The newest of this console, until its record was read.
    own: Option<ActiveRan>,
    runs: u64,
    failed: u64,
    foreign: u64,
    foreigner: Option<Clean>,
    clean: u32,
    /// An event came in one of them, of whomever.
    heard: bool,
}

impl ActiveRuns {
    /// None has run yet.
    pub fn new(spec: &ActiveSpec) -> Self {
        Self {
            period: spec.interval.max(spec.timeout),
            interval: spec.interval,
            newest: None,
            before: Duration::ZERO,
            begun: None,
            own: None,
            runs: 0,
            failed: 0,
            foreign: 0,
            foreigner: None,
            clean: 0,
            heard: false,
        }
    }

    /// One is over.
    pub fn ran(&mut self, ran: &ActiveRan) {
        self.before = Duration::ZERO;
        self.runs += 1;
        self.failed += u64::from(!ran.is_good());
        self.heard |= ran.foreign > 0 || ran.events > 0;
        if ran.foreign > 0 {
            self.foreign += u64::from(ran.foreign);
            self.foreigner.clone_from(&ran.foreigner);
            self.clean = 0;
        } else if ran.events > 0 {
            // One that heard nothing says nothing of what others hear.
            self.clean += 1;
            if self.clean >= CLEAN {
                (self.foreign, self.foreigner) = (0, None);
            }
        }
        self.newest = Some(ran.clone());
    }

    /// The newest.
    pub fn newest(&self) -> Option<&ActiveRan> {
        self.newest.as_ref()
    }

    /// How many ran, and how many of them failed.
    pub fn counts(&self) -> (u64, u64) {
        (self.runs, self.failed)
    }

    /// Events of others since the last violation, and whose the first of the newest such run was; nothing once three runs in
    /// a row were without.
    pub fn foreign(&self) -> (u64, Option<&Clean>) {
        (self.foreign, self.foreigner.as_ref())
    }

    /// One of another console, or of an earlier time, is read back: over so long ago.
    fn read_back(&mut self, ran: &ActiveRan, age: Duration, now: Mono) {
        if self.own.take_if(|own| told(own) == told(ran)).is_some() || age > self.period * 2 + GRACE {
            return;
        }
        let at = now.before(age);
        // The journal may be slow: this one was counted when it was over.
        if self.newest.as_ref().is_some_and(|newest| at < newest.at) {
            return;
        }
        self.ran(&ActiveRan { at, ..ran.clone() });
        self.before = age.saturating_sub(now.since(at));
    }

    fn age(&self, now: Mono) -> Option<Duration> {
        self.newest.as_ref().map(|ran| now.since(ran.at) + self.before)
    }

    /// Whether the next one is to begin.
    fn is_due(&self, now: Mono) -> bool {
        match self.begun {
            // One that never told how it ended is lost.
            Some(begun) => now.since(begun) > self.period + self.interval,
            None => self.age(now).is_none_or(|age| age >= self.interval),
        }
    }

    /// Whether the newest says something of now.
    pub fn is_fresh(&self, now: Mono) -> bool {
        self.age(now).is_some_and(|age| age <= self.period * 2 + GRACE)
    }

    /// The newest, if it says something of now and all was as it must be.
    pub fn good(&self, now: Mono) -> Option<&ActiveRan> {
        self.newest().filter(|ran| self.is_fresh(now) && ran.is_good())
    }

    /// Whether a message was taken just now, and nothing came of it.
    pub fn is_silent(&self, now: Mono) -> bool {
        self.is_fresh(now) && self.newest.as_ref().is_some_and(ActiveRan::is_silent)
    }

    /// Readings for the registry.
    pub fn signals(&self, now: Mono) -> Vec<(String, Option<Reading>)> {
        let fresh = self.is_fresh(now);
        let reading = |value: f64| {
            self.newest.as_ref().map(|ran| Reading {
                value,
                at: ran.at,
                fresh,
                samples: None,
                origin: ran.origin.clone(),
                watched: None,
            })
        };
        let good = self.newest.as_ref().is_some_and(ActiveRan::is_good);
        let took = self.newest.as_ref().and_then(|ran| ran.took);
        vec![
            ("probe_run.ok".to_owned(), reading(f64::from(u8::from(good)))),
            ("probe_run.seconds".to_owned(), took.and_then(|took| reading(took.as_secs_f64()))),
            // Who heard nothing at all has not compared anything.
            ("probe_run.foreign".to_owned(), reading(self.foreign as f64).filter(|_| self.heard)),
        ]
    }
}

/// What of a run is the same for every console.
fn told(ran: &ActiveRan) -> ActiveRan {
    ActiveRan { service: ServiceIx(0), at: Mono::default(), ..ran.clone() }
}

impl Model {
    /// An active run of this console is over.
    pub(super) fn active_ran(&mut self, ran: &ActiveRan, effects: &mut Vec<Effect>) {
        let service = self.service_name(ran.service);
        let Some(active) = self.service_mut(ran.service).and_then(|service| service.active.as_mut()) else {
            return;
        };
        active.ran(ran);
        (active.begun, active.own) = (None, Some(ran.clone()));
        let entry = Entry::ActiveRun { service, ran: Box::new(told(ran)) };
        // One that a person began elsewhere than at the keeper's console is a person's record.
        let draft = if self.keeper { Self::machine(entry) } else { self.mine(entry) };
        self.append(draft, Guard::Free, effects);
    }

    /// The record of an active run was read.
    pub(super) fn active_recorded(&mut self, record: &Record) {
        let Entry::ActiveRun { service, ran } = &record.entry else { return };
        let age = (self.now.wall - record.at).to_std().unwrap_or_default();
        let Some(ix) = self.room.services.iter().position(|spec| spec.name == *service) else { return };
        let Some(state) = self.services.get_mut(ix) else { return };
        let (ix, now) = (state.ix, self.now.mono);
        if let Some(active) = &mut state.active {
            active.read_back(&ActiveRan { service: ix, ..(**ran).clone() }, age, now);
        }
    }

    /// A second passed: what is due begins, at the console that keeps the journal and has read it.
    pub(super) fn begin_active_runs(&mut self, effects: &mut Vec<Effect>) {
        if !self.keeper || self.journal.checked_up_to().is_none() {
            return;
        }
        let now = self.now.mono;
        for service in &mut self.services {
            if let Some(active) = service.active.as_mut().filter(|active| active.is_due(now)) {
                active.begun = Some(now);
                effects.push(Effect::ProbeRun { service: service.ix });
            }
        }
    }

    /// `:probe run`: all that are configured, now.
    pub(super) fn run_probes(&mut self, effects: &mut Vec<Effect>) {
        let with: Vec<ServiceIx> = self
            .services
            .iter()
            .filter(|service| service.active.is_some())
            .map(|service| service.ix)
            .collect();
        effects.extend(with.iter().map(|ix| Effect::ProbeRun { service: *ix }));
        self.say("a message is sent as a user would; the panel of events tells what comes of it");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Origin;
    use crate::domain::active::Ended;

    fn ran(second: u64, ended: Ended, events: u32, foreign: u32) -> ActiveRan {
        let at = Mono::from_secs(second);
        let nothing = ActiveRan::unreachable(ServiceIx(0), at, Origin::Unknown, Clean::default());
        let foreigner = (foreign > 0).then(|| Clean::new("ines"));
        ActiveRan { ended, events, foreign, foreigner, ..nothing }
    }

    fn runs() -> ActiveRuns {
        ActiveRuns::new(&ActiveSpec {
            url: None,
            send: "{run}".into(),
            interval: Duration::from_secs(60),
            timeout: Duration::from_secs(10),
            limit: Duration::from_secs(10),
            required: Vec::new(),
            user: Vec::new(),
            me: None,
            alone: true,
        })
    }

    #[test]
    fn one_violation_stands_until_three_runs_in_a_row_were_without() {
        let mut runs = runs();
        let mut foreign = |second, events, foreign| {
            runs.ran(&ran(second, Ended::Whole, events, foreign));
            let found = runs.signals(Mono::from_secs(second))[2].1.clone();
            found.map(|reading| reading.value)
        };
        assert_eq!(foreign(0, 0, 0), None, "nothing was heard, so nothing was compared");
        assert_eq!((foreign(1, 5, 0), foreign(2, 5, 2)), (Some(0.0), Some(2.0)));
        assert_eq!((foreign(3, 5, 0), foreign(4, 5, 0)), (Some(2.0), Some(2.0)));
        assert_eq!(
            (foreign(5, 0, 0), foreign(6, 5, 0)),
            (Some(2.0), Some(0.0)),
            "a silent run proves nothing"
        );
    }

    #[test]
    fn one_that_the_journal_tells_late_is_counted_once() {
        let mut runs = runs();
        let (first, second) = (ran(10, Ended::TimedOut, 0, 0), ran(70, Ended::Whole, 5, 0));
        for over in [&first, &second] {
            runs.ran(over);
            runs.own = Some(over.clone());
        }
        let now = Mono::from_secs(75);
        for over in [&first, &second] {
            runs.read_back(over, now.since(over.at), now);
        }
        assert_eq!((runs.counts(), runs.newest()), ((2, 1), Some(&second)));
    }

    #[test]
    fn what_ran_long_ago_says_nothing_of_now() {
        let mut runs = runs();
        assert!(runs.signals(Mono::from_secs(1)).iter().all(|(_, reading)| reading.is_none()));
        runs.ran(&ran(10, Ended::TimedOut, 0, 0));
        assert!(runs.is_silent(Mono::from_secs(11)) && !runs.is_silent(Mono::from_secs(140)));
        let ok = runs.signals(Mono::from_secs(140))[0].1.clone();
        assert_eq!(ok.map(|reading| (reading.value, reading.fresh)), Some((0.0, false)));
        runs.ran(&ran(150, Ended::Unreachable(Clean::default()), 0, 0));
        assert!(!runs.is_silent(Mono::from_secs(151)), "nobody was asked");
        assert_eq!(runs.counts(), (2, 2));
    }
}
