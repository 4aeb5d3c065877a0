//! The state that a series of probe outcomes makes.

use super::*;

fn answered(second: u64, status: u16, millis: u64, report: BodyReport) -> Probed {
    let outcome = ProbeOutcome::Answered {
        status: Some(status),
        latency: Duration::from_millis(millis),
        ok: status == 200,
        report,
    };
    Probed { service: ServiceIx(0), probe: 0, at: Mono::from_secs(second), origin: Origin::Unknown, outcome }
}

fn refused(second: u64) -> Probed {
    let outcome =
        ProbeOutcome::Failed { error: "connection refused".into(), after: Duration::ZERO, reached: false };
    Probed { outcome, ..answered(second, 200, 0, BodyReport::default()) }
}

fn silent(second: u64) -> Probed {
    let outcome = ProbeOutcome::Failed { error: "no answer".into(), after: Duration::ZERO, reached: true };
    Probed { outcome, ..answered(second, 200, 0, BodyReport::default()) }
}

fn plain(second: u64, status: u16, millis: u64) -> Probed {
    answered(second, status, millis, BodyReport::default())
}

fn fed(outcomes: &[Probed]) -> ProbeHealth {
    let mut health = ProbeHealth::default();
    for outcome in outcomes {
        health.probed(outcome);
    }
    health
}

#[test]
fn quantiles_are_nearest_rank_over_five_minutes_of_one_revision() {
    let many: Vec<_> = (1..=100).map(|n| plain(n, 200, n)).collect();
    let mut health = fed(&many);
    let ms = |n| Some(Duration::from_millis(n));
    assert_eq!((health.p50, health.p95, health.samples), (ms(50), ms(95), 100));
    health.probed(&plain(390, 200, 7));
    assert_eq!((health.p50, health.samples), (ms(94), 12), "seconds 90 to 100, and the new one");
    health.probed(&Probed { origin: Origin::Revision("b".into()), ..plain(391, 200, 3) });
    assert_eq!((health.p50, health.p95, health.samples), (ms(3), ms(3), 1), "another revision answers");
}

#[test]
fn failing_counts_from_the_first_failure_and_only_as_far_as_outcomes_reach() {
    let health = fed(&[plain(0, 200, 1), plain(2, 500, 1), silent(4), silent(6)]);
    assert_eq!(health.state(), ProbeState::Silent);
    assert_eq!(health.failing_for(), Some(Duration::from_secs(4)));
    let states: Vec<_> = health.transitions.iter().map(|(_, state)| *state).collect();
    assert_eq!(states, [ProbeState::Healthy, ProbeState::Unhealthy, ProbeState::Silent]);
    assert_eq!(health.flips(Mono::from_secs(6), Duration::from_mins(5)), 1);
    let back = fed(&[silent(0), plain(2, 200, 1)]);
    assert_eq!((back.failing_for(), back.state()), (None, ProbeState::Healthy));
}

#[test]
fn unreachable_is_not_failing_and_stops_the_stopwatch_without_clearing_it() {
    let gone = fed(&[plain(0, 200, 1), refused(2), refused(400)]);
    assert_eq!((gone.state(), gone.failing_for()), (ProbeState::Unreachable, None));
    assert_eq!(gone.seen, Some((Mono::from_secs(0), ProbeState::Healthy)), "what was seen last stays known");
    assert_eq!(
        fed(&[plain(0, 200, 1), refused(2), plain(4, 200, 1)]).flips(Mono::from_secs(4), LATENCY_WINDOW),
        0
    );
    let mut health = fed(&[plain(0, 500, 1), plain(2, 500, 1), refused(4), refused(60)]);
    assert_eq!(health.failing_for(), None, "nobody sees whether it fails now");
    health.probed(&plain(62, 500, 1));
    assert_eq!(health.failing_for(), Some(Duration::from_secs(2)), "the time in the dark does not count");
    health.probed(&plain(64, 500, 1));
    assert_eq!(health.failing_for(), Some(Duration::from_secs(4)));
}

#[test]
fn a_sparkline_has_a_hole_for_each_probe_without_an_answer_and_each_that_never_was() {
    let health = fed(&[plain(0, 200, 1), refused(2), plain(4, 200, 3)]);
    let period = Duration::from_secs(2);
    let ms = |n| Some(Duration::from_millis(n));
    assert_eq!(health.spark(5, period, Mono::from_secs(5)), [ms(1), None, ms(3)]);
    assert_eq!(health.spark(4, period, Mono::from_secs(11)), [None, ms(3), None, None]);
    assert_eq!(health.spark(2, period, Mono::from_secs(999)), [None, None]);
}

#[test]
fn the_contract_is_503_while_starting_200_only_when_complete_and_no_other_words() {
    let starting = BodyReport { in_progress: Some(true), ..BodyReport::default() };
    let incomplete = BodyReport { complete: Some(false), ..BodyReport::default() };
    let complete = BodyReport { complete: Some(true), ..BodyReport::default() };
    let failed = BodyReport { failed: Some("x".into()), complete: Some(false), ..BodyReport::default() };
    let unread = BodyReport { problem: Some("HTML where JSON was expected".into()), ..BodyReport::default() };
    let saying = |word: &str| BodyReport { status: Some(word.into()), ..complete.clone() };
    let cases = [
        (503, starting.clone(), None),
        (200, complete.clone(), None),
        (200, BodyReport::default(), None),
        (500, BodyReport::default(), None),
        (503, failed.clone(), None),
        (503, saying("Unhealthy"), None),
        (302, starting.clone(), None),
        (200, starting.clone(), Some("200 while the body says starting")),
        (200, incomplete, Some("200 while the body says starting")),
        (200, failed, Some("200 while the body says startup failed")),
        (200, saying("unhealthy"), Some("200 while the body says unhealthy")),
        (200, unread.clone(), Some("200, but HTML where JSON was expected")),
        (502, unread, None),
        (503, saying("ok"), Some("503 while the body says ok")),
        (503, complete, Some("503 while the body says startup complete")),
        (500, starting, Some("500 while starting, expected 503")),
    ];
    for (status, body, wanted) in cases {
        let found = contradiction(status, &body).map(|found| found.to_string());
        assert_eq!(found.as_deref(), wanted, "{status} {body:?}");
    }
}

#[test]
fn a_contradiction_is_dated_by_its_first_answer_and_gone_with_its_last() {
    let starting = || BodyReport { in_progress: Some(true), ..BodyReport::default() };
    let mut health = fed(&[answered(1, 200, 1, starting()), answered(3, 200, 1, starting())]);
    let wanted = Contradiction::GoodWhileStarting { status: 200 };
    assert_eq!(health.contradiction, Some((wanted, Mono::from_secs(1))));
    health.probed(&answered(5, 503, 1, starting()));
    assert_eq!((health.contradiction.clone(), health.state()), (None, ProbeState::Starting));
}

#[test]
fn falls_are_from_healthy_to_failing_of_the_same_revision() {
    let minutes = Duration::from_mins(5);
    let flapping: Vec<_> = (1..40).map(|n| plain(n, if n % 4 < 2 { 503 } else { 200 }, 10)).collect();
    assert_eq!(fed(&flapping).falls(Mono::from_secs(40), minutes), 9);
    assert_eq!(fed(&flapping).falls(Mono::from_secs(320), minutes), 5, "those of the last five minutes");
    let blind = [plain(1, 200, 10), refused(2), plain(3, 200, 10), refused(4), plain(5, 503, 10)];
    assert_eq!(fed(&blind).falls(Mono::from_secs(6), minutes), 1, "what was not seen is no fall");
    let mut health = fed(&flapping);
    let other = Probed { origin: Origin::Revision("b".into()), ..plain(40, 200, 10) };
    health.probed(&other);
    assert_eq!(health.falls(Mono::from_secs(41), minutes), 0, "another revision answers now");
}

#[test]
fn a_startup_does_not_slow_down_what_comes_after() {
    let starting = BodyReport { in_progress: Some(true), ..BodyReport::default() };
    let mut outcomes: Vec<_> = (1..20).map(|n| answered(n, 503, 90, starting.clone())).collect();
    assert_eq!(fed(&outcomes).p95, Some(Duration::from_millis(90)));
    outcomes.extend((20..22).map(|n| plain(n, 200, 14)));
    assert_eq!((fed(&outcomes).p95, fed(&outcomes).samples), (Some(Duration::from_millis(14)), 2));
}

#[test]
fn a_status_word_says_that_it_starts_where_nothing_else_tells() {
    let told = |status: &str, complete| BodyReport {
        status: Some(status.into()),
        complete,
        ..BodyReport::default()
    };
    let state = |report: BodyReport| fed(&[answered(1, 503, 4, report)]).state();
    assert_eq!(state(told("starting", None)), ProbeState::Starting);
    assert_eq!(state(told("Initializing", None)), ProbeState::Starting);
    assert_eq!(state(told("starting", Some(true))), ProbeState::Unhealthy, "the startup is over, it says");
    assert_eq!(state(told("overloaded", None)), ProbeState::Unhealthy);
    let failed = BodyReport { failed: Some("no database".into()), ..told("starting", None) };
    assert_eq!(state(failed), ProbeState::Unhealthy);
}
