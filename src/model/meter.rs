//! Measures for the journal: over each stretch of time how long the verdict, every condition and every probe was in which
//! state, and which conditions are not good. It rides on the tick and writes nothing else: one record a minute, one whenever the
//! verdict changed or a condition tripped or was clear again, and one every five seconds while a stopwatch runs, so that a
//! console that is killed takes no more of it along.
//!
//! What was known at one tick is taken to last until the next. Where two ticks are far apart this process slept, and
//! nobody watched: that time is in no record.

use std::time::Duration;

use crate::domain::condition::ConditionSpec;
use crate::domain::health::ProbeState;
use crate::domain::measured::{Breach, Measured, MeasuredCondition, MeasuredProbe, ProbeTimes, StateTimes};
use crate::domain::{Condition, Mono, Now, Reason, ReasonKind, VerdictState};

use super::Model;
use super::each_second::speaks_only_of;
use super::effect::Effect;
use super::health::Probe;

/// The longest time between two ticks that still counts as watched.
const LONGEST_STEP: Duration = Duration::from_secs(5);

/// A record's time at least, unless the verdict changes.
const PERIOD: Duration = Duration::from_mins(1);

/// While a stopwatch runs: more than that of it is not lost with this process.
const RUNNING: Duration = Duration::from_secs(5);

/// So many rows are written a minute; a larger room is written less often.
const ROWS_A_PERIOD: usize = 64;

/// Reasons of the verdict in one record.
const REASONS: usize = 5;

/// Most rows of each kind in one record.
const MOST_ROWS: usize = 500;

/// The stretch that is being measured.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Meter {
    last: Option<Now>,
    open: Measured,
    /// What the journal knows of the conditions that are not good: their places, and whether they tripped.
    told: Vec<(usize, bool)>,
}

impl Meter {
    /// Ends the stretch at the last tick, and begins the next there; nothing if there was no time in it.
    fn cut(&mut self) -> Option<Measured> {
        let last = self.last?;
        let measured = std::mem::take(&mut self.open);
        (measured.ms > 0).then_some(Measured { until: last.wall, ..measured })
    }

    /// The stretch so far, still open.
    pub(super) fn unwritten(&self) -> Option<Measured> {
        let until = self.last?.wall;
        (self.open.ms > 0).then(|| Measured { until, ..self.open.clone() })
    }

    /// `bad`: the conditions that are not good now, as in `told`.
    fn is_due(&self, bad: &[(usize, bool)]) -> bool {
        let rows = self.open.conditions.len() + self.open.probes.len();
        let periods = u32::try_from(rows / ROWS_A_PERIOD + 1).unwrap_or(u32::MAX);
        let after = |period: Duration| Duration::from_millis(self.open.ms) >= period.saturating_mul(periods);
        let tripped = |of: &[(usize, bool)]| of.iter().filter(|(_, tripped)| *tripped).count();
        let runs = bad.iter().any(|(_, tripped)| !tripped);
        tripped(bad) != tripped(&self.told) || ((runs || bad != self.told) && after(RUNNING)) || after(PERIOD)
    }
}

/// Whole milliseconds from `last` to `now`, so cut that the parts of a time add up to the whole.
fn millis(last: Mono, now: Mono) -> u64 {
    (now.0 / 1000).saturating_sub(last.0 / 1000)
}

impl Model {
    /// A tick: what was known since the one before is added. To be called before anything is judged anew.
    pub(super) fn measure(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if !self.keeper || (self.room.conditions.is_empty() && self.probes().next().is_none()) {
            self.meter = Meter::default();
            return;
        }
        let last = self.meter.last;
        if last.is_some_and(|last| now.mono.since(last.mono) <= LONGEST_STEP) {
            self.add(last.map_or(0, |last| millis(last.mono, now.mono)));
        } else {
            self.write_measured(effects);
        }
        self.meter.last = Some(now);
        if self.meter.is_due(&self.bad_conditions()) {
            self.write_measured(effects);
        }
    }

    fn bad_conditions(&self) -> Vec<(usize, bool)> {
        let running =
            self.conditions.iter(&self.room).enumerate().filter(|(_, (_, state))| state.is_running());
        running.map(|(place, (_, state))| (place, state.is_tripped())).collect()
    }

    /// Writes down what was measured so far: when the verdict changed, and before the room is left.
    pub(super) fn write_measured(&mut self, effects: &mut Vec<Effect>) {
        if let Some(measured) = self.meter.cut() {
            self.meter.told = self.bad_conditions();
            let outstanding = self.conditions.outstanding(&self.room);
            self.keep(crate::domain::Entry::Measured(Measured { outstanding, ..measured }), effects);
        }
    }

    fn probes(&self) -> impl Iterator<Item = (&str, &Probe)> {
        let specs = self.room.services.iter();
        specs.zip(&self.services).flat_map(|(spec, service)| {
            service.health.probes().iter().map(|probe| (spec.name.as_str(), probe))
        })
    }

    fn add(&mut self, ms: u64) {
        let mut open = std::mem::take(&mut self.meter.open);
        if open.ms == 0 {
            self.lay_out(&mut open);
        }
        let verdict = &self.verdicts.room;
        open.blind_ms += if verdict.state == VerdictState::Hold && verdict.blind { ms } else { 0 };
        let asking = verdict.reasons.iter().filter(|reason| reason.kind != ReasonKind::Holding);
        open.reasons = asking.take(REASONS).map(Reason::told).collect();
        let left = self.left_behind();
        for ((spec, state), row) in self.conditions.iter(&self.room).zip(&mut open.conditions) {
            add_condition(row, spec, state, ms, open.ms);
            row.left_behind = speaks_only_of(&left, spec.signal.service, state);
        }
        for ((_, probe), row) in self.probes().zip(&mut open.probes) {
            add_probe(&mut row.ms, probe, self.now.mono, ms);
        }
        open.ms += ms;
        self.meter.open = open;
    }

    fn lay_out(&self, open: &mut Measured) {
        let conditions = self.conditions.iter(&self.room);
        let condition = |(spec, state): (&ConditionSpec, &Condition)| MeasuredCondition {
            name: spec.name.clone(),
            state: state.state,
            value: None,
            min: None,
            max: None,
            ms: StateTimes::default(),
            breach: Breach::default(),
            left_behind: false,
        };
        let probe = |(service, probe): (&str, &Probe)| MeasuredProbe {
            service: service.to_owned(),
            name: probe.spec.name.clone(),
            ms: ProbeTimes::default(),
        };
        open.verdict = self.verdicts.room.state;
        open.conditions = conditions.take(MOST_ROWS).map(condition).collect();
        open.probes = self.probes().take(MOST_ROWS).map(probe).collect();
        let all = self.room.conditions.len() + self.probes().count();
        open.left_out = (all - open.conditions.len() - open.probes.len()) as u64;
    }
}

fn add_condition(row: &mut MeasuredCondition, spec: &ConditionSpec, state: &Condition, ms: u64, before: u64) {
    row.state = state.state;
    *(if state.is_grey() { &mut row.ms.grey } else { row.ms.of(state.state) }) += ms;
    let value = state.value.filter(|value| state.is_seen() && value.is_finite()).map(rounded);
    row.breach.step(value.is_some_and(|value| spec.fail.holds(value)), ms, before);
    if let Some(value) = value {
        row.value = Some(value);
        row.min = Some(row.min.map_or(value, |min| min.min(value)));
        row.max = Some(row.max.map_or(value, |max| max.max(value)));
    }
}

fn add_probe(row: &mut ProbeTimes, probe: &Probe, now: Mono, ms: u64) {
    let part = match probe.seen.state() {
        _ if !probe.is_fresh(now) => &mut row.unseen,
        ProbeState::Healthy => &mut row.ok,
        ProbeState::Starting => &mut row.starting,
        ProbeState::Unhealthy | ProbeState::Silent => &mut row.failing,
        ProbeState::Unknown | ProbeState::Unreachable => &mut row.unseen,
    };
    *part += ms;
}

/// Six digits: what is written each minute is not longer than it means.
fn rounded(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests;
