//! Stopwatches, limits and what data may do to them.

use super::*;
use crate::domain::{PanelId, ServiceIx, SignalKey, Wall};

fn spec(sustained: u64, clears_after: u64) -> ConditionSpec {
    ConditionSpec {
        name: "errors".into(),
        purpose: Purpose::Trigger,
        signal: SignalKey::new(ServiceIx(0), "metric.error_rate"),
        fail: Limit { op: Comparator::Gt, value: 5.0 },
        warn: Some(Limit { op: Comparator::Gt, value: 2.0 }),
        target: None,
        sustained: Duration::from_secs(sustained),
        clears_after: Duration::from_secs(clears_after),
        out_of: None,
        min_samples: 0,
        unit: "%".into(),
        panel: PanelId::Metrics,
    }
}

fn at(second: u64) -> Now {
    Now { mono: Mono::from_secs(second), wall: Wall::default() }
}

fn reading(value: f64, second: u64) -> Reading {
    Reading {
        value,
        at: Mono::from_secs(second),
        fresh: true,
        samples: None,
        origin: Origin::Mixed,
        watched: None,
    }
}

fn play(spec: &ConditionSpec, values: &[Option<Reading>]) -> Vec<ConditionState> {
    let mut condition = Condition::default();
    let mut states = Vec::new();
    for (second, value) in values.iter().enumerate() {
        condition.step(spec, value.as_ref(), false, at(second as u64));
        states.push(condition.state);
    }
    states
}

#[test]
fn it_trips_only_after_its_whole_time_and_clears_only_after_its_own() {
    use ConditionState::{Fail, Pass, Warn};
    let values = [1.0, 6.0, 6.0, 6.0, 1.0, 1.0, 1.0, 3.0];
    let values: Vec<_> = values.iter().enumerate().map(|(s, v)| Some(reading(*v, s as u64))).collect();
    assert_eq!(play(&spec(2, 2), &values), [Pass, Warn, Warn, Fail, Fail, Pass, Pass, Warn]);
}

#[test]
fn a_break_starts_the_stopwatch_again() {
    use ConditionState::{Pass, Warn};
    let values = [6.0, 6.0, 1.0, 6.0, 6.0];
    let values: Vec<_> = values.iter().enumerate().map(|(s, v)| Some(reading(*v, s as u64))).collect();
    assert_eq!(play(&spec(2, 0), &values), [Warn, Warn, Pass, Warn, Warn]);
}

#[test]
fn no_data_and_stale_data_neither_trip_nor_clear_and_stop_the_clock() {
    use ConditionState::{Fail, NoData, Stale, Warn};
    let stale = Reading { fresh: false, ..reading(9.0, 2) };
    let values =
        [Some(reading(6.0, 0)), None, Some(stale), None, Some(reading(6.0, 4)), Some(reading(6.0, 5)), None];
    assert_eq!(play(&spec(1, 0), &values), [Warn, NoData, Stale, NoData, Warn, Fail, Fail]);
    let mut condition = Condition::default();
    condition.step(&spec(1, 0), Some(&Reading { fresh: false, ..reading(9.0, 0) }), false, at(1));
    assert_eq!((condition.value, condition.measured), (Some(9.0), None), "from before this process");
}

#[test]
fn silence_neither_clears_nor_stops_what_runs() {
    use ConditionState::{Fail, NoData, Pass, Warn};
    let silent = |second| Some(Reading { samples: Some(0), ..reading(0.0, second) });
    let spoken = |value, second| Some(reading(value, second));
    let values = [silent(0), spoken(6.0, 1), silent(2), silent(3), spoken(6.0, 4), spoken(6.0, 5)];
    assert_eq!(play(&spec(1, 1), &values), [Pass, Warn, NoData, NoData, Warn, Fail]);
    let values = [spoken(6.0, 0), silent(1), silent(2), silent(3), spoken(1.0, 4), spoken(1.0, 5)];
    assert_eq!(play(&spec(0, 1), &values), [Fail, Fail, Fail, Fail, Fail, Pass]);
    // What is bad because nothing came is bad.
    let less = ConditionSpec { fail: Limit { op: Comparator::Lt, value: 1.0 }, ..spec(0, 0) };
    assert_eq!(play(&less, &[silent(0), silent(1)]), [Fail, Fail]);
}

#[test]
fn a_failure_that_was_not_seen_for_a_while_goes_on_from_its_beginning() {
    use ConditionState::{Fail, Pass, Warn};
    let (spec, mut condition) = (spec(1, 0), Condition::default());
    let mut since = Vec::new();
    for (second, value) in [(0, Some(6.0)), (1, Some(6.0)), (2, None), (3, Some(6.0)), (4, Some(1.0))] {
        condition.step(&spec, value.map(|value| reading(value, second)).as_ref(), false, at(second));
        since.push((condition.state, condition.since.map(|since| since.mono)));
        assert_eq!(
            condition.lost().is_some(),
            value.is_none(),
            "what failed stays so, and is known to be unseen"
        );
    }
    let from = |second| Some(Mono::from_secs(second));
    let expected = [(Warn, from(0)), (Fail, from(1)), (Fail, from(1)), (Fail, from(1)), (Pass, from(4))];
    assert_eq!(since, expected);
}

#[test]
fn a_failure_that_clears_is_still_of_whom_it_was() {
    use ConditionState::{Fail, Pass};
    let (spec, mut condition) = (spec(0, 3), Condition::default());
    let of = |name: &str| Origin::Revision(name.to_owned());
    let story = [(6.0, "b"), (1.0, "a"), (1.0, "a"), (1.0, "a")];
    let mut seen = Vec::new();
    for (second, (value, name)) in (0..).zip(story) {
        let reading = Reading { origin: of(name), ..reading(value, second) };
        condition.step(&spec, Some(&reading), false, at(second));
        seen.push((condition.state, condition.origin.clone()));
    }
    assert_eq!(seen[..2], [(Fail, of("b")), (Fail, of("b"))]);
    assert_eq!(seen[3], (Pass, of("b")), "the look that clears it still tells whose it was");
    condition.step(&spec, Some(&Reading { origin: of("a"), ..reading(1.0, 4) }), false, at(4));
    assert_eq!(condition.origin, of("a"));
}

#[test]
fn what_was_wrong_before_there_was_traffic_is_not_exposed() {
    use ConditionState::{Fail, Warn};
    let (spec, mut condition) = (spec(1, 9), Condition::default());
    let mut exposed = Vec::new();
    let story = [(6.0, false), (6.0, false), (1.0, false), (1.0, true), (6.0, true), (1.0, true)];
    for (second, (value, serves)) in (0..).zip(story) {
        condition.step(&spec, Some(&reading(value, second)), false, at(second));
        condition.note_exposure(serves);
        exposed.push((condition.state, condition.was_exposed()));
    }
    let expected = [(Warn, false), (Fail, false), (Fail, false), (Fail, false), (Fail, true), (Fail, true)];
    assert_eq!(exposed, expected, "bad again under traffic is; getting traffic while it clears is not");
}

#[test]
fn zero_sustained_trips_at_once_and_a_long_gap_is_not_watched_time() {
    let mut condition = Condition::default();
    condition.step(&spec(0, 0), Some(&reading(6.0, 0)), false, at(0));
    assert_eq!(condition.state, ConditionState::Fail);

    let mut condition = Condition::default();
    condition.step(&spec(60, 0), Some(&reading(6.0, 0)), false, at(0));
    condition.step(&spec(60, 0), Some(&reading(6.0, 900)), false, at(900));
    assert_eq!(condition.state, ConditionState::Warn, "a suspended process has not watched for 15 minutes");
}

#[test]
fn too_few_samples_are_inconclusive_and_nan_is_no_data() {
    let few = Reading { samples: Some(3), ..reading(9.0, 0) };
    let spec = ConditionSpec { min_samples: 10, ..spec(0, 0) };
    assert_eq!(play(&spec, &[Some(few)]), [ConditionState::Inconclusive]);
    assert_eq!(play(&spec, &[Some(reading(f64::NAN, 0))]), [ConditionState::NoData]);
}

#[test]
fn a_part_whose_samples_nobody_counted_is_inconclusive_where_some_are_wanted() {
    use ConditionState::{Fail, Inconclusive};
    let of = |signal: &str, min_samples, samples| {
        let signal = SignalKey::new(ServiceIx(0), signal);
        let spec = ConditionSpec { signal, min_samples, ..spec(0, 0) };
        play(&spec, &[Some(Reading { samples, ..reading(9.0, 0) })])[0]
    };
    for part in ["canary", "stable", "canary-vs-stable", "shop-00002-abc"] {
        let signal = format!("metric.error_rate@{part}");
        assert_eq!(of(&signal, 100, None), Inconclusive, "{part}");
        assert_eq!((of(&signal, 100, Some(100)), of(&signal, 0, None)), (Fail, Fail), "{part}");
    }
    assert_eq!(of("metric.error_rate", 100, None), Fail, "a whole that counts nothing is taken as it is");
}

#[test]
fn a_comparison_with_nothing_is_inconclusive_and_lets_nothing_run() {
    let signal = SignalKey::new(ServiceIx(0), "metric.error_rate@canary-vs-stable");
    let spec = ConditionSpec { signal, ..spec(2, 0) };
    let nothing = reading(f64::NAN, 0);
    let old = Reading { fresh: false, ..nothing.clone() };
    assert_eq!(
        play(&spec, &[Some(nothing.clone()), None]),
        [ConditionState::Inconclusive, ConditionState::NoData]
    );
    assert_eq!(play(&spec, &[Some(old)]), [ConditionState::NoData]);
    let bad = |second| Some(reading(9.0, second));
    let states = play(&spec, &[bad(0), bad(1), Some(nothing), bad(3), bad(4)]);
    let [warn, inconclusive, fail] =
        [ConditionState::Warn, ConditionState::Inconclusive, ConditionState::Fail];
    assert_eq!(states, [warn, warn, inconclusive, warn, fail], "the stopwatch stood still");
}

#[test]
fn so_many_of_the_last_measurements_have_to_be_bad_and_each_counts_once() {
    use ConditionState::{Fail, Inconclusive, Pass, Warn};
    let spec = ConditionSpec { out_of: Some(OutOf { bad: 2, last: 3 }), warn: None, ..spec(0, 0) };
    // The same measurement seen again (at second 1) is no second failure.
    let values: Vec<_> =
        [(9.0, 0), (9.0, 0), (1.0, 2), (1.0, 3), (9.0, 4), (1.0, 5), (9.0, 6), (1.0, 7), (1.0, 8), (1.0, 9)]
            .iter()
            .map(|(value, second)| Some(reading(*value, *second)))
            .collect();
    let states = play(&spec, &values);
    assert_eq!(states, [Inconclusive, Inconclusive, Inconclusive, Warn, Warn, Warn, Fail, Warn, Warn, Pass]);
}

#[test]
fn the_last_measurements_outlast_the_console_that_counted_them() {
    let spec = ConditionSpec { out_of: Some(OutOf { bad: 2, last: 3 }), warn: None, ..spec(0, 0) };
    let moment = |second: u64| {
        let wall = Wall::default() + chrono::TimeDelta::seconds(second.cast_signed());
        Now { mono: Mono::from_secs(second), wall }
    };
    let after = |gap: u64, value: f64| {
        let mut before = Condition::default();
        for (second, value) in [(0, 1.0), (1, 1.0), (2, 9.0)] {
            before.step(&spec, Some(&reading(value, second)), false, moment(second));
        }
        let written = before.outstanding(&spec).expect("one was bad");
        let mut next = Condition::default();
        next.resume(&written, &spec, moment(2).wall, moment(2 + gap));
        next.step(&spec, Some(&reading(value, 2 + gap)), false, moment(2 + gap));
        next.state
    };
    assert_eq!(after(20, 9.0), ConditionState::Fail, "the second bad one of three");
    assert_eq!(after(20, 1.0), ConditionState::Warn, "and none but the one before");
    assert_eq!(after(90, 9.0), ConditionState::Inconclusive, "too long ago to be the last ones");
}

#[test]
fn what_was_not_watched_for_long_enough_is_not_said() {
    let hours = Duration::from_hours;
    let day = |had, grows| Some(Watched { had: hours(had), of: hours(24), grows });
    let state = |spec: &ConditionSpec, value, watched| {
        play(spec, &[Some(Reading { watched, ..reading(value, 0) })])[0]
    };
    let of = |op, value| ConditionSpec { fail: Limit { op, value }, warn: None, ..spec(0, 0) };
    let most = of(Comparator::Gt, 5.0);
    assert_eq!(state(&most, 1.0, day(3, true)), ConditionState::Inconclusive);
    assert_eq!(state(&most, 1.0, day(23, true)), ConditionState::Pass, "but for a twentieth");
    assert_eq!(state(&most, 9.0, day(3, true)), ConditionState::Fail, "more than five are more than five");
    assert_eq!(state(&most, 9.0, day(3, false)), ConditionState::Inconclusive, "a rate may still fall");
    let least = of(Comparator::Lt, 5.0);
    assert_eq!(state(&least, 1.0, day(3, true)), ConditionState::Inconclusive);
    // Nothing that lives for an hour can have ended after ten minutes.
    let lives = ConditionSpec {
        signal: SignalKey::new(ServiceIx(0), "connections.p50"),
        ..of(Comparator::Lt, 3600.0)
    };
    let for_minutes =
        |had| Some(Watched { had: Duration::from_mins(had), of: Duration::from_mins(10), grows: false });
    assert_eq!(state(&lives, 300.0, for_minutes(11)), ConditionState::Inconclusive);
    assert_eq!(state(&lives, 300.0, for_minutes(60)), ConditionState::Fail);
}

#[test]
fn a_short_count_is_good_so_far_but_clears_nothing_that_failed_before() {
    use ConditionState::{Fail, Inconclusive, Pass};
    let minute =
        |had| Some(Watched { had: Duration::from_secs(had), of: Duration::from_mins(1), grows: true });
    let counted = |value, second| Reading { watched: minute(second), ..reading(value, second) };
    let spec = ConditionSpec { warn: None, ..spec(0, 5) };
    let judged = |spec: &ConditionSpec, value| play(spec, &[Some(counted(value, 0))])[0];
    assert_eq!((judged(&spec, 0.0), judged(&spec, 9.0)), (Pass, Fail), "a new room waits for no minute");
    let least = ConditionSpec { fail: Limit { op: Comparator::Lt, value: 5.0 }, ..spec.clone() };
    assert_eq!((judged(&least, 1.0), judged(&least, 9.0)), (Inconclusive, Pass), "more may have come");
    let mut before = Condition::default();
    before.step(&spec, Some(&reading(22.0, 0)), false, at(0));
    let known = before.outstanding(&spec).expect("it failed");
    let mut condition = Condition::default();
    condition.step(&spec, Some(&counted(0.0, 1)), false, at(1));
    condition.resume(&known, &spec, Wall::default(), at(1));
    for second in 1..57 {
        condition.step(&spec, Some(&counted(1.0, second)), false, at(second));
        assert_eq!((condition.state, condition.is_clearing(), condition.value), (Fail, false, Some(22.0)));
        assert!(condition.lost().is_some() && condition.so_far.is_some());
    }
    condition.step(&spec, Some(&counted(1.0, 57)), false, at(57));
    assert_eq!((condition.lost(), condition.value), (None, Some(1.0)));
    (58..63).for_each(|second| {
        condition.step(&spec, Some(&counted(1.0, second)), false, at(second));
    });
    assert_eq!(condition.state, Pass);
}

#[test]
fn a_short_count_clears_what_this_console_itself_saw_fail_and_what_another_did_after_a_minute() {
    let minutes =
        |had| Some(Watched { had: Duration::from_secs(had), of: Duration::from_mins(5), grows: true });
    let counted = |value, second| Reading { watched: minutes(second), ..reading(value, second) };
    let spec = ConditionSpec { warn: None, ..spec(0, 5) };
    let mut condition = Condition::default();
    condition.step(&spec, Some(&counted(22.0, 30)), false, at(30));
    let known = condition.outstanding(&spec).expect("it failed");
    for second in 31..40 {
        condition.step(&spec, Some(&counted(0.0, second)), false, at(second));
        assert!(condition.lost().is_none(), "it is seen");
    }
    assert_eq!(condition.state, ConditionState::Pass, "it was watched while it failed, and is good again");
    let mut later = Condition::default();
    later.resume(&known, &spec, Wall::default(), at(40));
    let state = |later: &mut Condition, second: u64| {
        later.step(&spec, Some(&counted(0.0, second - 40)), false, at(second));
        later.state
    };
    assert!((41..97).all(|second| state(&mut later, second) == ConditionState::Fail));
    (97..103).for_each(|second| _ = state(&mut later, second));
    assert_eq!(later.state, ConditionState::Pass, "a minute of five");
}

#[test]
fn a_short_count_clears_nothing_at_a_pace_that_would_be_past_the_limit() {
    let counted = |value, had, second| {
        let watched = Watched { had: Duration::from_secs(had), of: Duration::from_mins(1), grows: true };
        Reading { watched: Some(watched), ..reading(value, second) }
    };
    let spec = ConditionSpec { warn: None, ..spec(0, 5) };
    let mut condition = Condition::default();
    condition.step(&spec, Some(&counted(22.0, 60, 0)), false, at(0));
    // The stream was away meanwhile, and is heard for three seconds of the minute.
    for second in 1..60 {
        condition.step(&spec, Some(&counted(4.0, 3, second)), false, at(second));
        assert!(condition.tripped.is_some() && !condition.is_clearing(), "{second}");
    }
    for second in 60..70 {
        condition.step(&spec, Some(&counted(0.0, 3, second)), false, at(second));
    }
    assert_eq!(condition.state, ConditionState::Pass, "none is good so far");
}

#[test]
fn what_runs_keeps_the_number_that_was_measured_last() {
    let (spec, mut condition) = (spec(0, 5), Condition::default());
    condition.step(&spec, Some(&reading(9.0, 0)), false, at(0));
    for second in 1..90 {
        let stale = Reading { fresh: false, ..reading(0.0, second) };
        condition.step(&spec, Some(&stale), false, at(second));
        assert_eq!((condition.state, condition.value), (ConditionState::Fail, Some(9.0)));
    }
}
