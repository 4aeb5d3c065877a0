//! Startup phases: order, seconds against budget, and what went wrong.
//!
//! Works from the name of the current phase alone, as polling sees it; where the body lists the phases already done,
//! with or without seconds, that is believed over what polling could see. Time counts only while answers arrive: a
//! silent source neither stalls a phase nor finishes one.

use serde::{Deserialize, Serialize};

use super::health::BodyReport;
use super::room::StartupSpec;
use super::{Clean, Mono};

/// The state of a whole startup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartupState {
    /// Nothing was reported yet.
    #[default]
    Unknown,
    /// Phases are running.
    Starting,
    /// A phase has been running for too long without a change.
    Stalled,
    /// All done.
    Complete,
    /// The body says that it failed.
    Failed,
}

impl StartupState {
    /// As shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "--",
            Self::Starting => "starting",
            Self::Stalled => "stalled",
            Self::Complete => "complete",
            Self::Failed => "failed",
        }
    }
}

/// How far one phase is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseState {
    /// Not reached.
    #[default]
    Waiting,
    /// The current one.
    Running,
    /// Over.
    Done,
    /// The startup failed in it.
    Failed,
}

/// One phase as the panel shows it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PhaseRow {
    /// Its name, as configured or, for one that is not, as reported.
    pub name: Clean,
    /// How far it is.
    pub state: PhaseState,
    /// Its length so far; `None`: not reached, or too short for polling to see.
    pub seconds: Option<f64>,
    /// What is wrong with it, worst first.
    pub faults: Vec<PhaseFault>,
}

/// What can be wrong with one phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseFault {
    /// It took, or takes, longer than its budget.
    OverBudget,
    /// It has been running for too long without a change.
    Stalled,
    /// It ran after a phase that should have come later.
    OutOfOrder,
    /// The config does not know it.
    Unlisted,
}

impl PhaseFault {
    /// As shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::OverBudget => "over budget",
            Self::Stalled => "stalled",
            Self::OutOfOrder => "out of order",
            Self::Unlisted => "not in the config",
        }
    }
}

/// What is known of one phase of this startup.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Seen {
    name: Clean,
    /// First seen as the current one, and when it was last so.
    polled: Option<(Mono, Mono)>,
    /// Seconds that the body reports.
    reported: Option<f64>,
    done: bool,
    out_of_order: bool,
}

/// A startup, folded from health bodies.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Startup {
    state: StartupState,
    /// Why it failed.
    failure: Option<Clean>,
    /// Every phase heard of, in the order it was first heard.
    seen: Vec<Seen>,
    current: Option<Clean>,
    /// First report of this startup, and whether its beginning was witnessed.
    began: Option<(Mono, Witness)>,
    last_report: Option<Mono>,
    ended: Option<Mono>,
    restarts: u32,
}

/// Whether the beginning of a startup was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Witness {
    /// The first report was of the first phase.
    FromTheStart,
    /// It was under way already: times are lower bounds.
    Midway,
}

/// A body may not make the list of phases grow without end.
const MAX_PHASES: usize = 64;

impl Startup {
    /// Takes in the body of an answer at `at`; `healthy` is whether the answer had the expected status.
    pub fn reported(&mut self, spec: &StartupSpec, body: &BodyReport, healthy: bool, at: Mono) {
        let complete = self.says_complete(body, healthy);
        let starting = !complete && (body.says_starting() || body.phase.is_some());
        if !complete && !starting && body.failed.is_none() {
            return;
        }
        if starting && self.is_restart(spec, body) {
            *self = Self { restarts: self.restarts + 1, ..Self::default() };
        }
        self.last_report = Some(at);
        if self.began.is_none() {
            let first = spec.phases.first().map(String::as_str);
            let from_start = body.done.is_empty() && first.is_some() && body.phase.as_deref() == first;
            let witness = if from_start && !complete { Witness::FromTheStart } else { Witness::Midway };
            self.began = Some((at, witness));
        }
        self.take_done(spec, body);
        if complete {
            self.finish(spec, at);
            return;
        }
        if let Some(phase) = &body.phase {
            self.enter(spec, phase, at);
        }
        if let Some(why) = &body.failed {
            self.failure = Some(why.clone());
            self.state = StartupState::Failed;
            self.ended.get_or_insert(at);
            return;
        }
        self.failure = None;
        self.ended = None;
        self.state = if self.stalled(spec) { StartupState::Stalled } else { StartupState::Starting };
    }

    /// The state.
    pub fn state(&self) -> StartupState {
        self.state
    }

    /// Why it failed, in the target's words.
    pub fn failure(&self) -> Option<&Clean> {
        self.failure.as_ref()
    }

    /// The phase now running, by name.
    pub fn current(&self) -> Option<&Clean> {
        self.current.as_ref()
    }

    /// When something was last reported.
    pub fn last_report(&self) -> Option<Mono> {
        self.last_report
    }

    /// When its first report came, and when it was over.
    pub fn times(&self) -> (Option<Mono>, Option<Mono>) {
        (self.began.map(|(at, _)| at), self.ended)
    }

    /// Since when it is stalled in its phase, or else is watched.
    pub fn since(&self) -> Option<Mono> {
        let current = self.current.as_deref().and_then(|name| self.find(name));
        let stalled = current.and_then(|seen| seen.polled).filter(|_| self.state == StartupState::Stalled);
        stalled.map(|(from, _)| from).or(self.began.map(|(began, _)| began))
    }

    /// How many times it began again while being watched.
    pub fn restarts(&self) -> u32 {
        self.restarts
    }

    /// Seconds of the whole startup, up to `until` while it runs: the sum of the phases where the body has them all,
    /// else what was watched; `None` when neither is known.
    pub fn seconds(&self, spec: &StartupSpec, until: Mono) -> Option<f64> {
        let sum: Option<f64> = spec.phases.iter().map(|name| self.find(name)?.reported).sum();
        if self.state == StartupState::Complete && sum.is_some() {
            return sum;
        }
        let (began, witness) = self.began?;
        let end = self.ended.unwrap_or(until);
        match (self.state, witness) {
            (StartupState::Unknown, _) | (StartupState::Complete, Witness::Midway) => None,
            (_, Witness::FromTheStart) => Some(end.since(began).as_secs_f64()),
            (_, Witness::Midway) => {
                let before: f64 =
                    self.seen.iter().filter(|seen| seen.polled.is_none()).filter_map(|s| s.reported).sum();
                Some(before + end.since(began).as_secs_f64())
            }
        }
    }

    /// Whether [`Self::seconds`] is only a lower bound, because the beginning was not seen.
    pub fn at_least(&self) -> bool {
        self.state != StartupState::Complete && matches!(self.began, Some((_, Witness::Midway)))
    }

    /// Whether all of it was seen, from its first phase on, or the body has the seconds of each phase.
    pub fn is_seen_whole(&self, spec: &StartupSpec) -> bool {
        let told = |name: &String| self.find(name).is_some_and(|seen| seen.reported.is_some());
        matches!(self.began, Some((_, Witness::FromTheStart))) || spec.phases.iter().all(told)
    }

    /// Whether the whole startup is over its budget.
    pub fn over_budget(&self, spec: &StartupSpec, until: Mono) -> bool {
        self.seconds(spec, until).is_some_and(|seconds| seconds > spec.total_budget.as_secs_f64())
    }

    /// The phases: the configured ones in their order, then those that the config does not know.
    pub fn rows(&self, spec: &StartupSpec, until: Mono) -> Vec<PhaseRow> {
        let listed = spec.phases.iter().map(|name| match self.find(name) {
            Some(seen) => self.row(spec, seen, until),
            None => self.unseen(name),
        });
        let unlisted = self.seen.iter().filter(|seen| rank(spec, &seen.name).is_none());
        listed.chain(unlisted.map(|seen| self.row(spec, seen, until))).collect()
    }

    fn find(&self, name: &str) -> Option<&Seen> {
        self.seen.iter().find(|seen| &*seen.name == name)
    }

    fn unseen(&self, name: &str) -> PhaseRow {
        let complete = self.state == StartupState::Complete;
        let state = if complete { PhaseState::Done } else { PhaseState::Waiting };
        PhaseRow { name: Clean::new(name), state, ..PhaseRow::default() }
    }

    fn row(&self, spec: &StartupSpec, seen: &Seen, until: Mono) -> PhaseRow {
        let running = self.current.as_ref() == Some(&seen.name) && self.ended.is_none();
        let failed = self.current.as_ref() == Some(&seen.name) && self.state == StartupState::Failed;
        let polled = seen.polled.map(|(from, to)| {
            // Over, it is over: a body that goes on to say that it failed does not make the phase longer.
            let to = if running { until.max(to) } else { self.ended.map_or(to, |ended| ended.min(to)) };
            to.since(from).as_secs_f64()
        });
        // The body's own seconds of a running phase may be older than what polling shows.
        let seconds = if running { polled } else { seen.reported.or(polled) };
        let state = match (failed, running, seen.done || self.state == StartupState::Complete) {
            (true, ..) => PhaseState::Failed,
            (_, true, _) => PhaseState::Running,
            (_, _, true) => PhaseState::Done,
            _ => PhaseState::Waiting,
        };
        let over = seconds.is_some_and(|seconds| seconds > spec.phase_budget.as_secs_f64());
        let faults = [
            (running && self.state == StartupState::Stalled, PhaseFault::Stalled),
            (over, PhaseFault::OverBudget),
            (seen.out_of_order, PhaseFault::OutOfOrder),
            (rank(spec, &seen.name).is_none(), PhaseFault::Unlisted),
        ];
        let faults = faults.into_iter().filter_map(|(is, fault)| is.then_some(fault)).collect();
        PhaseRow { name: seen.name.clone(), state, seconds, faults }
    }

    fn says_complete(&self, body: &BodyReport, healthy: bool) -> bool {
        if body.failed.is_some() || body.in_progress == Some(true) {
            return false;
        }
        // Some bodies drop the startup fields once they are healthy.
        let silent = body.complete.is_none() && body.phase.is_none() && body.in_progress.is_none();
        let was_running = matches!(self.state, StartupState::Starting | StartupState::Stalled);
        body.complete == Some(true)
            || (healthy && silent && (was_running || self.state == StartupState::Failed))
    }

    /// A startup that was over runs again, or one under way is back at its first phase with nothing done.
    fn is_restart(&self, spec: &StartupSpec, body: &BodyReport) -> bool {
        match self.state {
            StartupState::Unknown => false,
            StartupState::Complete => true,
            StartupState::Failed => body.failed.is_none(),
            StartupState::Starting | StartupState::Stalled => {
                let first = spec.phases.first().map(String::as_str);
                let at_first = first.is_some() && body.phase.as_deref() == first;
                let beyond = self.current.as_deref() != first;
                at_first && beyond && body.done.is_empty()
            }
        }
    }

    fn take_done(&mut self, spec: &StartupSpec, body: &BodyReport) {
        for (name, seconds) in &body.done {
            let Some(at) = self.slot(spec, name) else { return };
            let seen = &mut self.seen[at];
            seen.done = true;
            seen.reported = seconds.or(seen.reported);
        }
    }

    fn enter(&mut self, spec: &StartupSpec, phase: &Clean, at: Mono) {
        if let Some(before) = self.current.clone()
            && let Some(slot) = self.seen.iter().position(|seen| seen.name == before)
            && let Some((_, last)) = &mut self.seen[slot].polled
        {
            // The change happened between two answers; the later one is what was seen.
            *last = at;
            self.seen[slot].done |= before != *phase;
        }
        let Some(slot) = self.slot(spec, phase) else { return };
        self.seen[slot].polled.get_or_insert((at, at)).1 = at;
        self.seen[slot].done = false;
        self.current = Some(phase.clone());
    }

    fn finish(&mut self, spec: &StartupSpec, at: Mono) {
        if self.state == StartupState::Complete {
            return;
        }
        if let Some(current) = self.current.take()
            && let Some(slot) = self.slot(spec, &current)
            && let Some((_, last)) = &mut self.seen[slot].polled
        {
            *last = at;
        }
        for seen in &mut self.seen {
            seen.done = true;
        }
        self.failure = None;
        self.state = StartupState::Complete;
        self.ended = Some(at);
    }

    fn stalled(&self, spec: &StartupSpec) -> bool {
        let current = self.current.as_deref().and_then(|name| self.find(name));
        current.and_then(|seen| seen.polled).is_some_and(|(from, to)| to.since(from) > spec.stall_after)
    }

    /// The place of a phase, made at its first mention; out of order when one that comes later was mentioned before.
    fn slot(&mut self, spec: &StartupSpec, name: &Clean) -> Option<usize> {
        if let Some(at) = self.seen.iter().position(|seen| seen.name == *name) {
            return Some(at);
        }
        if self.seen.len() >= MAX_PHASES {
            return None;
        }
        let mine = rank(spec, name);
        let later = self.seen.iter().filter_map(|seen| rank(spec, &seen.name)).max();
        let out_of_order = mine.zip(later).is_some_and(|(mine, later)| mine < later);
        self.seen.push(Seen { name: name.clone(), out_of_order, ..Seen::default() });
        Some(self.seen.len() - 1)
    }
}

fn rank(spec: &StartupSpec, name: &str) -> Option<usize> {
    spec.phases.iter().position(|phase| phase == name)
}

#[cfg(test)]
mod tests;
