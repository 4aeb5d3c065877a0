//! Tests: counts in words, and what stands at what.

use super::*;
use crate::domain::condition::OutOf;
use crate::domain::{Mono, PanelId, Reading, SignalKey};

/// A condition that holds and clears at once.
pub(in crate::model) fn spec(signal: &str, fail: Limit, purpose: Purpose) -> ConditionSpec {
    ConditionSpec {
        name: "c".into(),
        purpose,
        signal: SignalKey::new(ServiceIx(0), signal),
        fail,
        warn: None,
        target: None,
        sustained: Duration::ZERO,
        clears_after: Duration::ZERO,
        out_of: None,
        min_samples: 0,
        unit: String::new(),
        panel: PanelId::Events,
    }
}

fn seen(spec: &ConditionSpec, values: &[f64]) -> Condition {
    let mut condition = Condition::default();
    for (second, value) in (0..).zip(values) {
        let at = Mono::from_secs(second);
        let reading =
            Reading { value: *value, at, fresh: true, samples: None, origin: Origin::Mixed, watched: None };
        condition.step(spec, Some(&reading), false, Now { mono: at, ..Now::default() });
    }
    condition
}

#[test]
fn counts_are_said_in_words() {
    let over = |value| Limit { op: Comparator::Gt, value };
    let of = |signal: &str, fail, purpose, value: f64| {
        let spec = spec(signal, fail, purpose);
        tolerance(&spec, &seen(&spec, &[value]))
    };
    let runs = |value| of("events.runs_incomplete", over(2.0), Purpose::Trigger, value);
    assert_eq!(runs(0.0), None);
    assert_eq!(runs(1.0).as_deref(), Some("1 of 3"));
    assert_eq!(runs(2.0).as_deref(), Some("2 of 3, the next one trips"));
    assert_eq!(runs(3.0), None, "it tripped");
    let falls = |limit| of("health.api.falls", limit, Purpose::Criterion, 1.0);
    assert_eq!(
        falls(Limit { op: Comparator::Ge, value: 2.0 }).as_deref(),
        Some("1 of 2, the next one fails")
    );
    assert_eq!(falls(over(0.0)), None);
    assert_eq!(of("metric.open", over(2.0), Purpose::Trigger, 1.0), None, "a metric may be anything");
    let spec = ConditionSpec {
        out_of: Some(OutOf { bad: 3, last: 5 }),
        ..spec("metric.p95", over(5.0), Purpose::Trigger)
    };
    let state = seen(&spec, &[9.0, 1.0, 9.0, 1.0]);
    assert_eq!(tolerance(&spec, &state).as_deref(), Some("2 of 3 in the last 5, the next one trips"));
    assert_eq!(
        (stopwatch(&spec, &state).as_str(), state.state),
        ("2 of 3 bad", ConditionState::Inconclusive)
    );
}

#[test]
fn the_next_one_trips_only_where_it_does() {
    let over = Limit { op: Comparator::Gt, value: 5.0 };
    let at_once = ConditionSpec {
        out_of: Some(OutOf { bad: 3, last: 5 }),
        ..spec("metric.p95", over, Purpose::Trigger)
    };
    let told = |spec: &ConditionSpec, values: &[f64]| tolerance(spec, &seen(spec, values));
    let falls_out = [9.0, 1.0, 1.0, 1.0, 9.0];
    assert_eq!(told(&at_once, &falls_out).as_deref(), Some("2 of 3 in the last 5"));
    let next = seen(&at_once, &[9.0, 1.0, 1.0, 1.0, 9.0, 9.0]);
    assert_eq!((next.bad_of_last(), next.state), (2, ConditionState::Warn), "and it did not");
    let stays = [1.0, 9.0, 1.0, 1.0, 9.0];
    assert_eq!(told(&at_once, &stays).as_deref(), Some("2 of 3 in the last 5, the next one trips"));
    let next = seen(&at_once, &[1.0, 9.0, 1.0, 1.0, 9.0, 9.0]);
    assert_eq!(next.state, ConditionState::Fail, "and it did");
    let lasting = ConditionSpec { sustained: Duration::from_secs(30), ..at_once };
    assert_eq!(told(&lasting, &stays).as_deref(), Some("2 of 3 in the last 5"), "it starts the stopwatch");
    let three = Limit { op: Comparator::Gt, value: 2.0 };
    let runs = ConditionSpec {
        sustained: Duration::from_secs(30),
        ..spec("events.incomplete", three, Purpose::Trigger)
    };
    assert_eq!(told(&runs, &[2.0]).as_deref(), Some("2 of 3"));
}
