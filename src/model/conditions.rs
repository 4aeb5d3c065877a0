//! Conditions and triggers as the room keeps them: the only evaluator, and the words for what they say.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use crate::domain::condition::{Comparator, Purpose};
use crate::domain::signal::{BEFORE, VS_BEFORE};
use crate::domain::{
    Condition, ConditionSpec, ConditionState, Limit, Now, Origin, Room, ServiceIx, Watched, format,
};

use super::signals::Signals;
use earlier::Earlier;

mod earlier;
mod replaced;
pub mod said;

/// The running state of all conditions, in the order of `Room::conditions`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Conditions {
    states: Vec<Condition>,
    earlier: Earlier,
    /// Triggers of which a later stage says something else.
    replaced: BTreeSet<String>,
}

/// By what conditions are judged, besides the signals.
pub struct By<'a> {
    /// When.
    pub now: Now,
    /// Whether a person expects it to fail.
    pub accepted: &'a dyn Fn(&ConditionSpec) -> bool,
    /// Whether what a reading speaks of has traffic.
    pub serves: &'a dyn Fn(ServiceIx, &Origin) -> bool,
}

/// Totals for titles and the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// All of them.
    pub total: usize,
    /// With fresh data behind them.
    pub seen: usize,
    /// Seen and passing, or only warned of.
    pub holding: usize,
    /// Seen, with a stopwatch running.
    pub running: usize,
    /// Failing or tripped.
    pub failing: usize,
}

impl Conditions {
    /// All unseen.
    pub fn new(room: &Room) -> Self {
        Self { states: vec![Condition::default(); room.conditions.len()], ..Self::default() }
    }

    /// The conditions of `room` are judged now, instead of those of `before`: one that is the same goes on as it was, and
    /// so does one that is tripped where only its time is another: its limit is crossed.
    pub fn renew(&mut self, before: &Room, room: &Room) {
        let known: HashMap<&str, (&ConditionSpec, &Condition)> =
            self.iter(before).map(|(spec, state)| (spec.name.as_str(), (spec, state))).collect();
        let of = |spec: &ConditionSpec| match known.get(spec.name.as_str()) {
            Some((same, state)) if *same == spec => (*state).clone(),
            Some((same, state))
                if state.is_tripped() && same.signal == spec.signal && same.fail == spec.fail =>
            {
                (*state).clone()
            }
            _ => Condition::default(),
        };
        let states = room.conditions.iter().map(of).collect();
        self.states = states;
    }

    /// Judges all conditions on these signals.
    pub fn evaluate(&mut self, room: &Room, signals: &Signals, by: &By<'_>) {
        self.judge_if(room, signals, by, &|_, _| true);
    }

    /// Judges those of them that are `wanted`.
    pub fn judge_if(
        &mut self,
        room: &Room,
        signals: &Signals,
        by: &By<'_>,
        wanted: &dyn Fn(&ConditionSpec, &Condition) -> bool,
    ) {
        for (spec, state) in room.conditions.iter().zip(&mut self.states) {
            if wanted(spec, state) {
                state.step(spec, signals.get(&spec.signal), (by.accepted)(spec), by.now);
                state.note_exposure((by.serves)(spec.signal.service, &state.origin));
            }
        }
    }

    /// Conditions with their specs, in the config's order.
    pub fn iter<'a>(&'a self, room: &'a Room) -> impl Iterator<Item = (&'a ConditionSpec, &'a Condition)> {
        room.conditions.iter().zip(&self.states)
    }

    /// Triggers only.
    pub fn triggers<'a>(
        &'a self,
        room: &'a Room,
    ) -> impl Iterator<Item = (&'a ConditionSpec, &'a Condition)> {
        self.iter(room).filter(|(spec, _)| spec.purpose == Purpose::Trigger)
    }

    /// Counts over those that `include` says.
    pub fn tally(&self, room: &Room, include: impl Fn(&ConditionSpec) -> bool) -> Tally {
        let mut tally = Tally::default();
        for (_, state) in self.iter(room).filter(|(spec, _)| include(spec)) {
            tally.total += 1;
            tally.seen += usize::from(state.is_seen());
            tally.holding += usize::from(matches!(
                state.state,
                ConditionState::Pass | ConditionState::Warn | ConditionState::Accepted
            ));
            tally.running += usize::from(state.state == ConditionState::Warn && state.is_running());
            tally.failing += usize::from(state.state == ConditionState::Fail);
        }
        tally
    }

    /// Whether all that is known of a service is good: `None` while something of it cannot be seen, and nothing is bad.
    pub fn service_good(
        &self,
        room: &Room,
        service: ServiceIx,
        counts: impl Fn(&ConditionSpec, &Condition) -> bool,
    ) -> Option<bool> {
        let (mut good, mut unseen) = (None, false);
        for (spec, state) in self.iter(room) {
            if spec.signal.service != service || !counts(spec, state) {
                continue;
            }
            match state.state {
                _ if state.is_unseen() => unseen = true,
                _ if is_bad(state) => return Some(false),
                ConditionState::Warn if state.is_short() => unseen = true,
                ConditionState::Pass | ConditionState::Warn => good = Some(true),
                // What fails and is accepted proves nothing.
                ConditionState::Accepted
                | ConditionState::NoData
                | ConditionState::Stale
                | ConditionState::Fail
                | ConditionState::Inconclusive => unseen = true,
            }
        }
        good.filter(|_| !unseen)
    }
}

/// Whether it speaks against a change: it fails, or its stopwatch runs.
pub(super) fn is_bad(state: &Condition) -> bool {
    state.state == ConditionState::Fail || (state.state == ConditionState::Warn && state.is_running())
}

/// The value of a condition in its unit, for instance `12.4/min`, `6.1 %`, `41ms`; `--` when unknown.
pub fn value_text(spec: &ConditionSpec, value: Option<f64>) -> String {
    format::or_unknown(value, |value| number(value, &spec.unit))
}

/// The value of a condition as it was measured: what was counted for less than a minute is no rate, `3 in 4s`.
pub fn measured_text(spec: &ConditionSpec, state: &Condition) -> String {
    match so_far(state).zip(state.value) {
        Some((watched, value)) if spec.unit == "/min" => watched.count_text(value),
        _ => value_text(spec, state.value),
    }
}

/// How much was watched of the time that it counts over, while that is not all of it, and its value is of that.
pub fn so_far(state: &Condition) -> Option<Watched> {
    state.so_far.filter(|_| state.lost().is_none())
}

/// The limit in its unit, without a sign: `5 %`.
pub fn limit_text(spec: &ConditionSpec) -> String {
    number_of_limit(spec.fail.value, &spec.unit)
}

fn number_of_limit(value: f64, unit: &str) -> String {
    match unit {
        "" | "/min" | "/s" => trim(value),
        "%" => format!("{} %", trim(value)),
        unit => format!("{}{unit}", trim(value)),
    }
}

/// Value against limit, as in a reason: `12.4/min, limit 5`; a yes-or-no signal needs no number.
pub fn against_limit(spec: &ConditionSpec, state: &Condition) -> String {
    if is_flag(spec) {
        return String::new();
    }
    let value = measured_text(spec, state);
    // A limit of zero on a count is no number to compare with.
    if spec.fail == (Limit { op: Comparator::Gt, value: 0.0 }) && spec.unit.is_empty() {
        return format!("{value}, none allowed");
    }
    format!("{value}, limit {}", limit_beside(spec, state))
}

/// The limit behind [`measured_text`]: behind a count, which is no rate, with its unit.
pub fn limit_beside(spec: &ConditionSpec, state: &Condition) -> String {
    let unit = if so_far(state).is_some() && spec.unit == "/min" { "/min" } else { "" };
    format!("{}{unit}", limit_text(spec))
}

/// A limit of a condition with its sign and unit: `> 5 %`.
pub fn limit_words(spec: &ConditionSpec, limit: Limit) -> String {
    format!("{} {}", limit.op.symbol(), number_of_limit(limit.value, &spec.unit))
}

/// What a yes-or-no signal says now: `failing`, `not flowing`; `--` when unknown.
pub fn flag_words(spec: &ConditionSpec, state: &Condition) -> String {
    let name = spec.signal.name.rsplit('.').next().unwrap_or_default();
    format::or_unknown(state.value, |value| if value > 0.5 { name.to_owned() } else { format!("not {name}") })
}

/// How near a count is to the one that trips: `2 of 3, the next one trips` (if it does at once); nothing for a number that is no count, and
/// while nothing is counted.
pub fn tolerance(spec: &ConditionSpec, state: &Condition) -> Option<String> {
    let (seen, then, trips, among) = if let Some(rule) = spec.out_of {
        let among = format!(" in the last {}", rule.last);
        (state.bad_of_last(), state.bad_after_next(rule), usize::from(rule.bad), among)
    } else {
        let seen = whole(state.value?)?;
        (seen, seen + 1, trips_at(spec)?, String::new())
    };
    let does = match spec.purpose {
        Purpose::Trigger => "trips",
        Purpose::Criterion => "fails",
    };
    // Where it has to last, the next one only starts the stopwatch.
    let next = if then >= trips && spec.sustained.is_zero() {
        format!(", the next one {does}")
    } else {
        String::new()
    };
    (!state.is_unseen() && (1..trips).contains(&seen)).then(|| format!("{seen} of {trips}{among}{next}"))
}

/// Why an inconclusive one cannot be said.
pub fn unclear(spec: &ConditionSpec, state: &Condition) -> String {
    if let Some(target) = spec.target.filter(|_| state.is_short()) {
        let words = if state.is_grey() { "in the grey zone" } else { "short" };
        return format!("{words}, target {}", limit_words(spec, target));
    }
    if let Some(watched) = state.so_far {
        return watched.counting_text();
    }
    if let Some(watched) = state.too_early {
        let (had, of) = (format::short(watched.had), format::short(watched.of));
        return if watched.had < watched.of {
            format!("{had} of {of} watched")
        } else {
            format!("watched for {had} only")
        };
    }
    let words = if state.value.is_none() && matches!(spec.signal.part(), Some(BEFORE | VS_BEFORE)) {
        "nothing to compare with from before the deployment"
    } else if state.value.is_none() {
        "stable is at zero"
    } else if state.samples.is_none() && spec.min_samples > 0 {
        "samples not known"
    } else {
        "too few samples"
    };
    words.to_owned()
}

/// The count at which a condition on a count trips.
fn trips_at(spec: &ConditionSpec) -> Option<usize> {
    if !spec.unit.is_empty() || is_flag(spec) || spec.signal.name.starts_with("metric.") {
        return None;
    }
    match spec.fail.op {
        Comparator::Gt => Some(whole(spec.fail.value.floor())? + 1),
        Comparator::Ge => whole(spec.fail.value.ceil()),
        Comparator::Lt | Comparator::Le | Comparator::Eq | Comparator::Ne => None,
    }
}

fn whole(value: f64) -> Option<usize> {
    // A count of this room is far below what a float cannot hold.
    (value.fract() == 0.0 && (0.0..1e9).contains(&value)).then_some(value as usize)
}

/// `02:10 of 05:00`; without a time `at once`, or how many of the last measurements are bad.
pub fn stopwatch(spec: &ConditionSpec, state: &Condition) -> String {
    if let Some(rule) = spec.out_of.filter(|_| spec.sustained.is_zero()) {
        let bad =
            if state.is_unseen() { format::UNKNOWN.to_owned() } else { state.bad_of_last().to_string() };
        return format!("{bad} of {} bad", rule.bad);
    }
    if spec.sustained.is_zero() {
        return "at once".to_owned();
    }
    let running = state.is_seen().then(|| state.over_for.min(spec.sustained));
    format::stopwatch_of(running, spec.sustained)
}

/// What of a stopwatch another console counted, or this one before it was started again.
pub fn counted_before(state: &Condition) -> Option<String> {
    let before = state.counted_before().filter(|_| !state.is_tripped())?;
    let (over, until) = (format::stopwatch(before.over), format::clock(before.until));
    Some(format!("{over} of it until {until}, before this console began"))
}

/// How far the stopwatch has run, 0–1; `None` while it cannot be seen.
pub fn progress(spec: &ConditionSpec, state: &Condition) -> Option<f64> {
    if !state.is_seen() {
        return None;
    }
    if spec.sustained.is_zero() {
        let bad = state.bad_of_last() as f64;
        let near = spec.out_of.map_or(0.0, |rule| (bad / f64::from(rule.bad)).min(1.0));
        return Some(if state.state == ConditionState::Fail { 1.0 } else { near });
    }
    Some((state.over_for.as_secs_f64() / spec.sustained.as_secs_f64()).min(1.0))
}

/// Whether the signal is a yes-or-no (0 or 1) one.
pub fn is_flag(spec: &ConditionSpec) -> bool {
    let name = spec.signal.name.rsplit('.').next().unwrap_or_default();
    ["failing", "failed", "stalled", "flowing", "ok", "complete", "settled"].contains(&name)
}

/// How near a passing condition is to its limit, 0 (far) to 1 (at it); `None` where that has no meaning.
pub fn closeness(spec: &ConditionSpec, state: &Condition) -> Option<f64> {
    if is_flag(spec) || spec.fail.value <= 0.0 {
        return None;
    }
    let ratio = state.value? / spec.fail.value;
    Some(if spec.fail.holds(0.0) { 1.0 / ratio.max(f64::EPSILON) } else { ratio })
}

fn number(value: f64, unit: &str) -> String {
    match unit {
        _ if !value.is_finite() => format::not_finite(value),
        "%" => format::percent(value),
        "ms" => format::short(Duration::from_secs_f64((value / 1000.0).clamp(0.0, 1e9))),
        "s" => format::short(Duration::from_secs_f64(value.clamp(0.0, 1e9))),
        "/min" | "/s" => format!("{}{unit}", format::rate(value)),
        "" => trim(value),
        unit => format!("{}{unit}", trim(value)),
    }
}

fn trim(value: f64) -> String {
    // A hair below zero is zero.
    let value = if value.abs() < 0.05 { 0.0 } else { value };
    if value.fract().abs() < 1e-9 { format!("{value:.0}") } else { format!("{value:.1}") }
}

#[cfg(test)]
pub(in crate::model) mod tests;
