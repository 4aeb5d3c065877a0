//! A revision as it runs: what it counts, the sockets it holds, and what goes wrong with it.

use super::Scenario;
use super::counters::{Counters, Part, log_normal};
use super::startup::Startup;
use super::story::{self, Facts, Levels};

/// Sockets that are open on the whole service.
pub const SOCKETS: f64 = 1_200.0;
/// Requests a second over all revisions.
const REQUESTS: f64 = 40.0;
/// Closes a minute on the whole service on a good day, by code.
const USUAL_CLOSES: [(u16, f64); 6] =
    [(1000, 12.0), (1001, 2.0), (1006, 0.6), (1011, 0.4), (1013, 0.2), (4401, 0.5)];

/// A revision as it runs.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Short name.
    pub name: String,
    /// What it counts.
    pub counters: Counters,
    /// Sockets open.
    pub open: f64,
    /// Percent of the traffic, 0–100.
    pub share: f64,
    /// What is wrong with it.
    pub levels: Levels,
    /// How it starts.
    pub startup: Startup,
    /// When it started, seconds of the story.
    pub born: f64,
    bad: bool,
    exposed: f64,
    drain: f64,
    next_crash: f64,
}

impl Instance {
    pub(super) fn new(name: &str, startup: Startup, born: f64, bad: bool) -> Self {
        Self {
            name: name.to_owned(),
            counters: Counters::default(),
            open: 0.0,
            share: 0.0,
            levels: Levels::default(),
            startup,
            born,
            bad,
            exposed: 0.0,
            drain: 0.0,
            next_crash: 0.0,
        }
    }

    /// Counts what a good life of `seconds` would have counted.
    pub(super) fn live_through(&mut self, seconds: f64, rng: &mut fastrand::Rng) {
        for (code, per_minute) in USUAL_CLOSES {
            for _ in 0..(per_minute * seconds / 60.0) as u64 {
                self.counters.closed(code, log_normal(rng, 2460.0, 0.7));
            }
        }
        for _ in 0..20_000 {
            self.counters.answered(200, "GET", log_normal(rng, 0.12, 0.6));
            self.counters.agent.observe(log_normal(rng, 0.9, 0.4));
        }
        self.counters.requests.insert((500, "GET"), 61);
    }

    /// How long it has run, seconds of the story.
    pub fn age(&self, t: f64) -> f64 {
        t - self.born
    }

    pub(super) fn feel(&mut self, scenario: Scenario, t: f64, dt: f64) {
        if self.share > 0.0 {
            self.exposed += dt;
        } else if self.exposed > 0.0 {
            // Trouble is quicker to come back than it was to come.
            self.exposed = self.exposed.min(25.0);
        }
        let exposed = if self.share > 0.0 { self.exposed } else { 0.0 };
        let target = story::levels(scenario, Facts { t, bad: self.bad, exposed });
        self.levels = self.levels.towards(target, dt);
    }

    /// Serves for `dt`; `true` when it crashed, and every socket with it.
    pub(super) fn serve(&mut self, rng: &mut fastrand::Rng, t: f64, dt: f64) -> bool {
        self.sockets(rng, t, dt);
        let noise = 0.9 + 0.2 * rng.f64();
        let requests = REQUESTS * self.share / 100.0 * noise;
        let failed = (0.003 + 0.75 * self.levels.errors).min(0.95);
        let slow = 1.0 + 2.0 * self.levels.errors + self.levels.slow;
        let kinds = [
            (200, "GET", 0.8 * (1.0 - failed)),
            (200, "POST", 0.2 * (1.0 - failed)),
            (500, "GET", 0.6 * failed),
            (503, "POST", 0.4 * failed),
        ];
        for (status, method, part) in kinds {
            for _ in 0..self.counters.whole(Part::Request(status, method), requests * part * dt) {
                self.counters.answered(status, method, log_normal(rng, 0.12 * slow, 0.6));
            }
        }
        for _ in 0..self.counters.whole(Part::Agent, self.share / 100.0 * dt) {
            self.counters.agent.observe(log_normal(rng, 0.9 * slow, 0.4));
        }
        self.crash(t)
    }

    fn sockets(&mut self, rng: &mut fastrand::Rng, t: f64, dt: f64) {
        let part = self.open / SOCKETS;
        let trouble = [
            (4401, 18.0 * self.levels.auth * self.traffic_part()),
            (1011, 9.0 * self.levels.internal * self.traffic_part()),
            (1013, 60.0 * self.levels.overload * part),
        ];
        let age = self.age(t).max(1.0);
        for (code, per_minute) in
            USUAL_CLOSES.map(|(code, rate)| (code, rate * part)).into_iter().chain(trouble)
        {
            for _ in 0..self.counters.whole(Part::Close(code), per_minute / 60.0 * dt) {
                self.counters.closed(code, log_normal(rng, 2460.0, 0.7).min(age));
            }
        }
        let wanted = SOCKETS * self.share / 100.0;
        if self.share > 0.0 {
            self.drain = 0.0;
            // Whoever closes comes back; the canary's share arrives at eight sockets a second.
            self.open = self.open.max((self.open + 8.0 * dt).min(wanted));
        } else if self.open > 0.0 {
            if self.drain <= 0.0 {
                self.drain = self.open / 30.0;
            }
            let gone = (self.drain * dt).min(self.open);
            self.open = if self.open - gone < 0.01 { 0.0 } else { self.open - gone };
            for _ in 0..self.counters.whole(Part::Close(1001), gone) {
                self.counters.closed(1001, log_normal(rng, 2460.0, 0.7).min(age));
            }
        }
    }

    /// Trouble of the sockets needs traffic; little of it is enough to be seen.
    fn traffic_part(&self) -> f64 {
        if self.share > 0.0 { 1.0 + self.share / 100.0 } else { (self.open / SOCKETS).min(1.0) }
    }

    fn crash(&mut self, t: f64) -> bool {
        if self.levels.crash < 0.5 || t < self.next_crash {
            return false;
        }
        self.next_crash = t + 22.0;
        // The process is gone, and its counters with it.
        self.counters = Counters::default();
        self.open = 0.0;
        self.born = t;
        self.startup = Startup::quick(0.5);
        true
    }
}
