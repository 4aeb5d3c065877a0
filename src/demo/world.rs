//! The simulated service, pure: stepped by time, seeded, the same seed giving the same numbers.
//!
//! A step is 50 ms of the story. Whatever the servers ask for (a route, a latency) is drawn from a second generator, so
//! that being looked at does not change the story.

use std::time::Duration;

use super::cloud::{Cloud, Ready};
use super::counters::Part;
use super::instance::{self, Instance};
use super::logs::Logs;
use super::runs::{Event, Kind, Runs};
use super::startup::{Progress, Startup};
use super::story::{self, Levels};
use super::{CANARY, STABLE, Scenario};
use crate::domain::Wall;

/// Steps in a second of the story.
pub const STEPS_PER_SECOND: f64 = 20.0;
/// From the canary's readiness to the pipeline's 10 %.
const PIPELINE_PAUSE: f64 = 6.8;

/// URLs that the world has to name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Places {
    /// Of the service.
    pub service: String,
    /// One for each tag that there can be.
    pub tags: Vec<String>,
}

/// Observers' sockets that are to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Index of the revision to blame.
    pub revision: usize,
    /// Close code; 1006 drops the connection.
    pub code: u16,
    /// Reason, as sent.
    pub reason: &'static str,
}

/// What came out of a step.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// Events sent.
    pub events: Vec<Event>,
    /// Observers' sockets closed.
    pub cuts: Vec<Cut>,
}

/// The whole target.
#[derive(Debug, Clone)]
pub struct World {
    /// What happens.
    pub scenario: Scenario,
    /// The Cloud Run service.
    pub cloud: Cloud,
    /// Revisions that run, oldest first.
    pub instances: Vec<Instance>,
    /// What is written into the logs.
    pub logs: Logs,
    /// For what servers draw.
    pub dice: fastrand::Rng,
    rng: fastrand::Rng,
    runs: Runs,
    step: u64,
    speed: f64,
    epoch: Wall,
    cut_at: f64,
    cuts: u32,
    pipeline: Option<i64>,
    ready_at: Option<f64>,
    routed: f64,
}

impl World {
    /// The world as it is at the start, at `epoch`; `pace` seconds of the story pass in a second.
    pub fn new(scenario: Scenario, seed: u64, pace: f64, epoch: Wall, places: &Places) -> Self {
        let cloud = Cloud::new(places, epoch, seed);
        let pipeline = Some(cloud.generation());
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut stable = Instance::new(STABLE, Startup::quick(1.0), -187_200.0, false);
        stable.share = 100.0;
        stable.open = instance::SOCKETS;
        stable.live_through(52.0 * 3600.0, &mut rng);
        let canary = Instance::new(CANARY, Startup::of(scenario), 0.0, true);
        Self {
            scenario,
            logs: Logs::new(seed),
            cloud,
            instances: vec![stable, canary],
            dice: rng.fork(),
            rng,
            runs: Runs::default(),
            step: 0,
            speed: pace,
            epoch,
            cut_at: 0.0,
            cuts: 0,
            pipeline,
            ready_at: None,
            routed: 0.0,
        }
    }

    /// Seconds of the story so far.
    pub fn t(&self) -> f64 {
        self.step as f64 / STEPS_PER_SECOND
    }

    /// Seconds of the story that pass in a second.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// The wall time at which the story began.
    pub fn began(&self) -> Wall {
        self.epoch
    }

    /// Steps taken.
    pub fn steps(&self) -> u64 {
        self.step
    }

    /// The wall time at which this moment of the story happens.
    pub fn wall(&self) -> Wall {
        let since = Duration::from_secs_f64(self.t() / self.speed);
        self.epoch + chrono::TimeDelta::from_std(since).unwrap_or_default()
    }

    /// How far the start of instance `at` has come.
    pub fn progress(&self, at: usize) -> Progress {
        self.instances.get(at).map(|it| it.startup.at(self.t() - it.born)).unwrap_or_default()
    }

    /// The instance that a request to the service reaches, by the split: every tenth for 10 %, without luck.
    pub fn route(&mut self) -> usize {
        let total: f64 = self.instances.iter().map(|it| it.share).sum();
        self.routed = (self.routed + 61.803_398_875) % 100.0;
        let mut rest = self.routed * total / 100.0;
        for (at, instance) in self.instances.iter().enumerate() {
            rest -= instance.share;
            if rest < 0.0 {
                return at;
            }
        }
        0
    }

    /// Begins a run on instance `at`, and gives its id.
    pub fn converse(&mut self, at: usize) -> u64 {
        self.runs.begin(&mut self.rng, at, self.step, STEPS_PER_SECOND)
    }

    /// The instance of the revision `name`.
    pub fn instance(&self, name: &str) -> Option<usize> {
        self.instances.iter().position(|it| it.name == name)
    }

    /// Whether the listeners are open.
    pub fn listening(&self) -> bool {
        story::listening(self.scenario, self.t())
    }

    /// Whether handshakes are being refused at random, as in a storm.
    pub fn refuses(&mut self) -> bool {
        let storm =
            self.scenario == Scenario::AuthStorm && self.instances.iter().any(|it| it.levels.auth > 0.5);
        storm && self.dice.f64() < 0.4
    }

    /// Goes on by 50 ms.
    pub fn step(&mut self) -> Outcome {
        self.step += 1;
        let (t, dt) = (self.t(), 1.0 / STEPS_PER_SECOND);
        self.follow_cloud(t);
        let wall = self.wall();
        for (at, payload) in self.cloud.take_audits() {
            self.logs.audited(at, payload);
        }
        let mut outcome = Outcome::default();
        for at in 0..self.instances.len() {
            let Some(instance) = self.instances.get_mut(at) else { continue };
            instance.feel(self.scenario, t, dt);
            self.logs.live(instance, dt, wall);
            if instance.serve(&mut self.rng, t, dt) {
                self.logs.crashed(&instance.name, wall);
                let reason = "";
                outcome.cuts.push(Cut { revision: at, code: 1006, reason });
            }
            let rate = story::runs_per_second(self.scenario, t) * instance.share / 100.0;
            for _ in 0..instance.counters.whole(Part::Run, rate * dt) {
                self.runs.begin(&mut self.rng, at, self.step, STEPS_PER_SECOND);
            }
        }
        outcome.cuts.extend(self.cut(t));
        let events = self.runs.take(self.step);
        if !story::frozen(self.scenario, t) {
            outcome.events = events.into_iter().filter(|event| self.sent(event)).collect();
        }
        outcome
    }

    /// Cloud Run and the instances tell each other what is new.
    fn follow_cloud(&mut self, t: f64) {
        let wall = self.wall();
        for at in 0..self.instances.len() {
            let progress = self.progress(at);
            let Some(instance) = self.instances.get(at) else { continue };
            let ready = match progress.failed {
                Some(why) => Ready::Failed(format!("The startup probe failed: {why}")),
                None if progress.complete() => Ready::Yes,
                // Once ready, a crash does not take it back.
                None => Ready::Pending,
            };
            if ready != Ready::Pending {
                self.cloud.observe(&instance.name, &ready);
            }
            if instance.name == CANARY && ready == Ready::Yes && self.ready_at.is_none() {
                self.ready_at = Some(t);
            }
        }
        if let (Some(generation), Some(ready)) = (self.pipeline, self.ready_at)
            && t >= ready + PIPELINE_PAUSE
        {
            self.pipeline = None;
            // Somebody who moved the traffic by hand meanwhile is not overruled.
            if self.cloud.generation() == generation {
                self.cloud.promote_by_pipeline(STABLE, CANARY, t, wall);
            }
        }
        self.cloud.step(t, wall);
        self.follow_traffic(t);
    }

    fn follow_traffic(&mut self, t: f64) {
        let missing: Vec<(String, bool)> = self
            .cloud
            .revisions()
            .iter()
            .filter(|revision| self.instance(&revision.name).is_none() && (revision.ready == Ready::Pending))
            .map(|revision| (revision.name.clone(), carries_change(&revision.template)))
            .collect();
        for (name, bad) in missing {
            self.instances.push(Instance::new(&name, Startup::quick(0.5), t, bad));
        }
        let shares = self.cloud.shares();
        for (name, _) in &shares {
            if self.instance(name).is_none() {
                // An older revision that gets traffic is started again; it was good when it last ran.
                self.instances.push(Instance::new(name, Startup::quick(0.2), t, false));
            }
        }
        for instance in &mut self.instances {
            instance.share =
                shares.iter().find(|(name, _)| *name == instance.name).map_or(0.0, |(_, share)| *share);
        }
    }

    /// Now and then an observer's own socket is closed by what is wrong.
    fn cut(&mut self, t: f64) -> Option<Cut> {
        let (revision, code, reason, pause) = self.instances.iter().enumerate().find_map(|(at, it)| {
            if it.share <= 0.0 {
                return None;
            }
            let auth = (4401, "session token not accepted");
            let internal = (1011, "internal error");
            match it.levels {
                Levels { overload, .. } if overload > 0.5 => Some((at, 1013, "try again later", 12.0)),
                Levels { auth: a, .. } if a > 1.5 => Some((at, auth.0, auth.1, 3.0)),
                Levels { auth: a, internal: i, .. } if a > 0.5 && i > 0.5 => {
                    let (code, reason) = if self.cuts.is_multiple_of(2) { auth } else { internal };
                    Some((at, code, reason, 9.0))
                }
                _ => None,
            }
        })?;
        if t < self.cut_at {
            return None;
        }
        self.cuts += 1;
        self.cut_at = t + pause * (0.8 + 0.4 * self.rng.f64());
        Some(Cut { revision, code, reason })
    }

    /// Whether `event` reaches the wire; counts it if so.
    fn sent(&mut self, event: &Event) -> bool {
        let Some(instance) = self.instances.get_mut(event.revision) else { return false };
        if event.kind == Kind::ToolCompleted && self.rng.f64() < 0.7 * instance.levels.lost_tools {
            return false;
        }
        *instance.counters.frames.entry(event.kind.into()).or_insert(0) += 1;
        true
    }
}

/// Whether a template carries the change that makes the canary bad: `SESSION_RESUME` turned on.
fn carries_change(template: &serde_json::Value) -> bool {
    let env = template.pointer("/containers/0/env").and_then(serde_json::Value::as_array);
    env.into_iter().flatten().any(|entry| {
        entry.get("name").is_some_and(|name| name == "SESSION_RESUME")
            && entry.get("value").is_some_and(|value| value == "true")
    })
}

#[cfg(test)]
mod tests;
