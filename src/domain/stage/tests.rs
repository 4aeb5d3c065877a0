//! The course of a rollout from its records.

use chrono::TimeDelta;

use super::*;
use crate::domain::{Entry, Outcome, Record, Wall};

const ROLLOUT: Option<&str> = Some("r1");

fn at(second: i64) -> Wall {
    Wall::default() + TimeDelta::seconds(second)
}

fn record(seq: u64, step: Step) -> Record {
    let (at, by) = (at(i64::try_from(seq).expect("small")), "mara".into());
    let entry = Entry::Stage(Box::new(step));
    Record { seq, at, by, role: Clean::default(), entry, hash: String::new(), late: false }
}

fn entered(after: u64, stage: &str, number: u32) -> Step {
    let stage = stage.into();
    Step::Entered { after, stage, number, of: 3, percent: Some(10), soak_ms: 60_000, against: Vec::new() }
}

fn soaked(clock: u64, ms: u64, stop: Option<(StopKind, &str)>) -> Step {
    let stop = stop.map(|(kind, why)| Stop { kind, why: why.into() });
    Step::Soaked { clock, stage: "Canary".into(), ms, stop, failed: None }
}

fn course(steps: &[(u64, Step)]) -> Course {
    let mut course = Course::default();
    for (seq, step) in steps {
        course.record(&record(*seq, step.clone()), ROLLOUT, 0);
    }
    course
}

#[test]
fn a_stage_is_entered_soaks_and_is_passed() {
    let mut course =
        course(&[(2, entered(0, "Internal", 1)), (3, soaked(2, 60_000, None)), (4, entered(2, "Canary", 2))]);
    let passed: Vec<_> = course.passed().iter().map(|it| (&*it.name, it.soaked_ms)).collect();
    assert_eq!(passed, [("Internal", 60_000)]);
    let now = course.open().expect("a stage");
    assert_eq!((&*now.name, now.clock.ms, now.clock.needs_ms, course.act()), ("Canary", 0, 60_000, 4));
    course.record(
        &record(5, Step::Finished { after: 4, stage: "Canary".into(), against: Vec::new() }),
        ROLLOUT,
        0,
    );
    assert_eq!((course.passed().len(), course.open(), course.finished().is_some()), (2, None, true));
    assert!(course.has_entered("Canary") && !course.has_entered("Full"));
}

#[test]
fn an_act_that_another_one_overtook_is_none() {
    // Both saw record 2 as the last act, and both went on.
    let course =
        course(&[(2, entered(0, "Internal", 1)), (3, entered(2, "Canary", 2)), (4, entered(2, "Canary", 2))]);
    assert_eq!((course.passed().len(), course.act()), (1, 3));
}

#[test]
fn a_clock_that_failed_begins_anew_and_one_that_was_not_seen_goes_on() {
    let unseen = Some((StopKind::Unseen, "no data: errors"));
    let failed = Some((StopKind::Failed, "errors 6.1 %, limit 5 %"));
    let of = |more: &[(u64, Step)]| {
        let mut steps = vec![(2, entered(0, "Canary", 1)), (3, soaked(2, 20_000, None))];
        steps.extend_from_slice(more);
        let course = course(&steps);
        let clock = course.open().expect("a stage").clock.clone();
        (clock.ms, clock.resets, clock.reset.map(|(_, why)| why.to_string()))
    };
    assert_eq!(of(&[(4, soaked(2, 30_000, unseen)), (5, soaked(2, 40_000, None))]), (40_000, 0, None));
    assert_eq!(of(&[(4, soaked(2, 30_000, failed))]), (30_000, 0, None), "it stands where it failed");
    let again = of(&[(4, soaked(2, 30_000, failed)), (5, soaked(2, 0, None)), (6, soaked(2, 9_000, None))]);
    assert_eq!(again, (9_000, 1, Some("errors 6.1 %, limit 5 %".to_owned())));
    assert_eq!(of(&[(4, soaked(99, 59_000, None))]).0, 20_000, "the clock of another stage");
}

#[test]
fn a_failure_stays_one_whatever_stops_the_clock_after_it() {
    let unseen = Some((StopKind::Unseen, "no data: errors"));
    let failed = Some((StopKind::Failed, "errors 6.1 %, limit 5 %"));
    let begun =
        [(2, entered(0, "Canary", 1)), (3, soaked(2, 20_000, failed)), (4, soaked(2, 20_000, unseen))];
    let of = |more: &[(u64, Step)]| {
        let course = course(&[&begun[..], more].concat());
        let clock = course.open().expect("a stage").clock.clone();
        (clock.ms, clock.failed.is_some(), clock.resets, clock.reset.map(|(_, why)| why.to_string()))
    };
    assert_eq!(of(&[]), (20_000, true, 0, None));
    let why = Some("errors 6.1 %, limit 5 %".to_owned());
    assert_eq!(of(&[(5, soaked(2, 0, None))]), (0, false, 1, why));
    assert_eq!(of(&[(5, soaked(2, 21_000, unseen))]), (21_000, false, 0, None), "time was counted since");
    let held = Stop { kind: StopKind::Held, why: "held by mara".into() };
    let fails = Some("errors 6.1 %".into());
    let held = Step::Soaked { clock: 2, stage: "Canary".into(), ms: 20_000, stop: Some(held), failed: fails };
    let course = course(&[(2, entered(0, "Canary", 1)), (3, held)]);
    let clock = &course.open().expect("a stage").clock;
    assert_eq!(clock.failed.as_deref(), Some("errors 6.1 %"), "it fails while it is held");
}

#[test]
fn every_act_is_in_the_chain_also_one_that_came_too_late() {
    let mut course = course(&[(2, entered(0, "Canary", 1))]);
    let left = Vec::new();
    let end = Entry::RolloutEnded { outcome: Outcome::Completed, note: Clean::default(), left, unsigned: 0 };
    course.record(&Record { entry: end, ..record(3, Step::Other) }, ROLLOUT, 0);
    assert_eq!((course.act(), course.newest()), (2, 3), "an act that was asked about before is void");
    // One that got in all the same is nothing, and what comes after it names it.
    course.record(&record(4, entered(2, "Full", 2)), ROLLOUT, 0);
    assert_eq!((course.act(), course.newest(), course.open()), (4, 4, None));
    course.record(&record(5, entered(4, "Internal", 1)), Some("r5"), 0);
    assert_eq!(course.open().map(|it| it.name.clone()), Some("Internal".into()));
}

#[test]
fn holding_repeating_and_giving_up_are_acts_of_people() {
    let stage = || Clean::new("Canary");
    let begun = [(2, entered(0, "Canary", 1)), (3, soaked(2, 20_000, None))];
    let with = |more: &[(u64, Step)]| course(&[&begun[..], more].concat());
    let paused = (4, Step::Paused { after: 2, stage: stage(), reason: "lunch".into() });
    let held = with(std::slice::from_ref(&paused));
    assert_eq!(held.open().and_then(|it| it.paused.clone()).map(|it| it.reason), Some("lunch".into()));
    let on = with(&[paused, (5, Step::Resumed { after: 4, stage: stage() })]);
    assert_eq!(on.open().map(|it| (it.paused.is_none(), it.clock.ms)), Some((true, 20_000)));
    let repeat = |after| Step::Repeated { after, stage: stage(), reason: "another build".into(), soak_ms: 9 };
    let again = with(&[(4, repeat(2))]);
    assert_eq!(
        again.open().map(|it| (it.clock.record, it.clock.ms, it.clock.needs_ms, it.repeats)),
        Some((4, 0, 9, 1))
    );
    let up = (4, Step::Aborted { after: 2, stage: stage(), reason: "no".into() });
    let aborted = with(std::slice::from_ref(&up));
    assert_eq!(
        (aborted.open(), aborted.aborted().is_some(), aborted.has_entered("Canary")),
        (None, true, false)
    );
    let back = with(&[up.clone(), (5, repeat(4))]);
    assert_eq!((back.open().is_some(), back.aborted()), (true, None));
    let anew = with(&[up, (5, entered(4, "Internal", 1))]);
    assert_eq!(
        (anew.passed().len(), anew.open().map(|it| it.number)),
        (0, Some(1)),
        "what was given up is not passed"
    );
}

#[test]
fn another_rollout_begins_before_the_first_stage_and_another_image_begins_the_clock_anew() {
    let mut course = course(&[(2, entered(0, "Canary", 1)), (3, soaked(2, 20_000, None))]);
    assert!(course.record(&record(4, soaked(2, 21_000, None)), ROLLOUT, 4));
    let clock = &course.open().expect("a stage").clock;
    assert_eq!((clock.ms, clock.resets), (0, 1), "what came with it was counted of the image before");
    course.record(&record(5, soaked(2, 22_000, None)), ROLLOUT, 4);
    assert_eq!(course.open().map(|it| it.clock.ms), Some(0), "what was on its way as well");
    course.record(&record(6, soaked(4, 3_000, None)), ROLLOUT, 4);
    assert_eq!(course.open().map(|it| it.clock.ms), Some(3_000));
    assert!(course.record(&record(7, soaked(4, 4_000, None)), Some("r7"), 4));
    assert_eq!((course.has_begun(), course.act()), (false, 2));
}

#[test]
fn what_is_recorded_is_read_back_as_it_was() {
    for step in [entered(1, "Canary", 2), soaked(2, 7, Some((StopKind::Held, "by mara")))] {
        let json = serde_json::to_string(&Entry::Stage(Box::new(step.clone()))).expect("json");
        assert!(json.starts_with(r#"{"kind":"stage","step":""#), "{json}");
        assert_eq!(serde_json::from_str::<Entry>(&json).expect("an entry"), Entry::Stage(Box::new(step)));
    }
}
