//! The startup machine, phase by phase.

use std::time::Duration;

use super::*;

fn spec() -> StartupSpec {
    StartupSpec {
        probe: "api".into(),
        phases: ["INIT", "DATABASE", "CACHE", "FINALIZE"].map(String::from).to_vec(),
        phase_budget: Duration::from_secs(10),
        total_budget: Duration::from_secs(30),
        stall_after: Duration::from_secs(20),
        phase: Vec::new(),
        complete: Vec::new(),
        in_progress: Vec::new(),
        failed: Vec::new(),
        done: Vec::new(),
    }
}

fn at_phase(name: &str) -> BodyReport {
    BodyReport { phase: Some(name.into()), in_progress: Some(true), ..BodyReport::default() }
}

fn complete() -> BodyReport {
    BodyReport { complete: Some(true), in_progress: Some(false), ..BodyReport::default() }
}

/// Feeds (second, body), healthy when complete.
fn fed(bodies: &[(u64, BodyReport)]) -> Startup {
    let mut startup = Startup::default();
    for (second, body) in bodies {
        startup.reported(&spec(), body, body.complete == Some(true), Mono::from_secs(*second));
    }
    startup
}

fn row(name: &str, state: PhaseState, seconds: Option<f64>, faults: &[PhaseFault]) -> PhaseRow {
    PhaseRow { name: name.into(), state, seconds, faults: faults.to_vec() }
}

#[test]
fn polling_alone_shows_each_phase_against_its_budget() {
    let startup = fed(&[(0, at_phase("INIT")), (2, at_phase("DATABASE")), (14, at_phase("DATABASE"))]);
    assert_eq!(startup.state(), StartupState::Starting);
    assert_eq!(
        startup.rows(&spec(), Mono::from_secs(15)),
        [
            row("INIT", PhaseState::Done, Some(2.0), &[]),
            row("DATABASE", PhaseState::Running, Some(13.0), &[PhaseFault::OverBudget]),
            row("CACHE", PhaseState::Waiting, None, &[]),
            row("FINALIZE", PhaseState::Waiting, None, &[]),
        ]
    );
    assert_eq!(startup.seconds(&spec(), Mono::from_secs(15)), Some(15.0));
    assert!(!startup.over_budget(&spec(), Mono::from_secs(30)));
    assert!(startup.over_budget(&spec(), Mono::from_secs(31)));
}

#[test]
fn a_phase_that_polling_missed_is_done_without_a_length() {
    let startup = fed(&[(0, at_phase("INIT")), (2, at_phase("CACHE")), (4, complete())]);
    assert_eq!(startup.state(), StartupState::Complete);
    assert_eq!(
        startup.rows(&spec(), Mono::from_secs(99)),
        [
            row("INIT", PhaseState::Done, Some(2.0), &[]),
            row("DATABASE", PhaseState::Done, None, &[]),
            row("CACHE", PhaseState::Done, Some(2.0), &[]),
            row("FINALIZE", PhaseState::Done, None, &[]),
        ]
    );
    assert_eq!(startup.seconds(&spec(), Mono::from_secs(99)), Some(4.0), "its clock stands still");
}

#[test]
fn seconds_in_the_body_are_believed_and_a_late_watcher_knows_no_more_than_them() {
    let seconds = |list: &[(&str, f64)]| list.iter().map(|(n, s)| (Clean::new(n), Some(*s))).collect();
    let all = [("INIT", 0.4), ("DATABASE", 11.0), ("CACHE", 1.0), ("FINALIZE", 0.6)];
    let startup = fed(&[(50, BodyReport { done: seconds(&all), ..complete() })]);
    let rows = startup.rows(&spec(), Mono::from_secs(50));
    assert_eq!(rows[1], row("DATABASE", PhaseState::Done, Some(11.0), &[PhaseFault::OverBudget]));
    assert_eq!(startup.seconds(&spec(), Mono::from_secs(99)), Some(13.0));

    assert_eq!(
        fed(&[(50, complete())]).seconds(&spec(), Mono::from_secs(99)),
        None,
        "not seen, not reported"
    );

    let midway = BodyReport { done: seconds(&all[..2]), ..at_phase("CACHE") };
    let startup = fed(&[(50, midway)]);
    let known = startup.seconds(&spec(), Mono::from_secs(52)).unwrap();
    assert!((known - 13.4).abs() < 1e-9 && startup.at_least(), "{known}");
}

#[test]
fn out_of_order_unlisted_stalled_and_failed_are_named() {
    let startup = fed(&[(0, at_phase("INIT")), (1, at_phase("CACHE")), (2, at_phase("DATABASE"))]);
    let rows = startup.rows(&spec(), Mono::from_secs(2));
    assert_eq!(rows[1], row("DATABASE", PhaseState::Running, Some(0.0), &[PhaseFault::OutOfOrder]));
    assert_eq!(rows[2].faults, []);

    let startup = fed(&[(0, at_phase("INIT")), (1, at_phase("WARMUP"))]);
    assert_eq!(startup.rows(&spec(), Mono::from_secs(1))[4].faults, [PhaseFault::Unlisted]);

    let mut startup = fed(&[(0, at_phase("INIT")), (20, at_phase("INIT"))]);
    assert_eq!(startup.state(), StartupState::Starting);
    startup.reported(&spec(), &at_phase("INIT"), false, Mono::from_secs(21));
    assert_eq!(startup.state(), StartupState::Stalled);
    let faults = [PhaseFault::Stalled, PhaseFault::OverBudget];
    assert_eq!(startup.rows(&spec(), Mono::from_secs(21))[0].faults, faults);
    startup.reported(&spec(), &at_phase("DATABASE"), false, Mono::from_secs(22));
    assert_eq!(startup.state(), StartupState::Starting, "it moved on");

    let failed = BodyReport { failed: Some("no such host".into()), ..at_phase("DATABASE") };
    startup.reported(&spec(), &failed, false, Mono::from_secs(24));
    startup.reported(&spec(), &failed, false, Mono::from_secs(90));
    let rows = startup.rows(&spec(), Mono::from_secs(90));
    assert_eq!(rows[1], row("DATABASE", PhaseState::Failed, Some(2.0), &[]), "it ended when it failed");
    assert_eq!(
        (startup.state(), startup.failure().map(|why| &**why)),
        (StartupState::Failed, Some("no such host"))
    );
    let rows = startup.rows(&spec(), Mono::from_secs(60));
    assert_eq!(rows[1], row("DATABASE", PhaseState::Failed, Some(2.0), &[]));
}

#[test]
fn a_second_startup_begins_anew() {
    let startup =
        fed(&[(0, at_phase("INIT")), (3, complete()), (9, at_phase("INIT")), (10, at_phase("INIT"))]);
    assert_eq!((startup.state(), startup.restarts()), (StartupState::Starting, 1));
    assert_eq!(startup.seconds(&spec(), Mono::from_secs(10)), Some(1.0));
    let looping = fed(&[(0, at_phase("INIT")), (3, at_phase("DATABASE")), (9, at_phase("INIT"))]);
    assert_eq!((looping.state(), looping.restarts()), (StartupState::Starting, 1));
    assert_eq!(looping.rows(&spec(), Mono::from_secs(9))[1].state, PhaseState::Waiting);
}

#[test]
fn a_body_that_says_nothing_changes_nothing_and_ends_a_startup_only_when_healthy() {
    let silent = BodyReport::default();
    let mut startup = Startup::default();
    startup.reported(&spec(), &silent, true, Mono::from_secs(1));
    assert_eq!(startup, Startup::default());
    startup.reported(&spec(), &at_phase("INIT"), false, Mono::from_secs(2));
    startup.reported(&spec(), &silent, false, Mono::from_secs(3));
    assert_eq!(startup.state(), StartupState::Starting);
    startup.reported(&spec(), &silent, true, Mono::from_secs(4));
    assert_eq!(startup.state(), StartupState::Complete);
}

#[test]
fn a_startup_that_was_begun_before_is_not_seen_whole_unless_its_body_tells_it() {
    let midway = fed(&[(0, at_phase("CACHE")), (2, at_phase("FINALIZE")), (4, complete())]);
    assert!(!midway.is_seen_whole(&spec()), "nobody saw INIT");
    let begun = fed(&[(0, at_phase("INIT")), (2, at_phase("FINALIZE"))]);
    assert!(begun.is_seen_whole(&spec()));
    let done = spec().phases.iter().map(|name| (Clean::new(name), Some(1.0))).collect();
    let told = fed(&[(0, BodyReport { done, ..complete() })]);
    assert!(told.is_seen_whole(&spec()));
}
