//! The clock by itself: what counts, and when it is written down.

use super::*;

fn at(millis: u64) -> Now {
    Now { mono: Mono::from_millis(millis), ..Now::default() }
}

fn tick(clock: &mut Ticking, now: Now, stop: Option<Stop>, most: u64) {
    let failed = stop.as_ref().filter(|stop| stop.kind == StopKind::Failed).map(|stop| stop.why.clone());
    clock.tick(now, stop, failed, most);
}

fn stop(kind: StopKind) -> Stop {
    Stop { kind, why: "why".into() }
}

#[test]
fn only_time_between_two_good_looks_counts() {
    let mut clock = Ticking::default();
    tick(&mut clock, at(0), Some(stop(StopKind::Unseen)), 60_000);
    tick(&mut clock, at(1_000), None, 60_000);
    assert_eq!(clock.ms, 0, "until then nothing was seen");
    tick(&mut clock, at(2_000), None, 60_000);
    tick(&mut clock, at(3_000), Some(stop(StopKind::Unseen)), 60_000);
    assert_eq!(clock.ms, 2_000);
    tick(&mut clock, at(4_000), None, 60_000);
    assert_eq!(clock.ms, 2_000);
    tick(&mut clock, at(20_000), None, 60_000);
    assert_eq!(clock.ms, 2_000, "this process slept, and nobody watched");
    tick(&mut clock, at(21_000), None, 2_500);
    assert_eq!(clock.ms, 2_500, "no more than it needs");
}

#[test]
fn after_a_failure_it_begins_anew() {
    let mut clock = Ticking::default();
    for (at_ms, stopped) in [(0, None), (1_000, None), (2_000, Some(stop(StopKind::Failed)))] {
        tick(&mut clock, at(at_ms), stopped, 60_000);
    }
    assert_eq!(clock.ms, 2_000, "it stands where it failed");
    tick(&mut clock, at(3_000), Some(stop(StopKind::Unseen)), 60_000);
    assert_eq!(clock.ms, 2_000);
    tick(&mut clock, at(4_000), None, 60_000);
    tick(&mut clock, at(5_000), None, 60_000);
    assert_eq!(clock.ms, 1_000, "what was not seen in between did not make it good");
}

#[test]
fn it_is_written_sparingly_and_a_failure_at_once() {
    let due = |ms, kind: Option<StopKind>, written: Option<(u64, u64, Option<StopKind>)>, now| {
        let written = written.map(|(at, ms, kind)| Written {
            at: Mono::from_millis(at),
            ms,
            kind,
            failed: kind == Some(StopKind::Failed),
        });
        let failed = kind.filter(|kind| *kind == StopKind::Failed).map(|_| Clean::new("why"));
        let clock = Ticking { ms, stop: kind.map(stop), failed, written, ..Ticking::default() };
        clock.is_due(Mono::from_millis(now), 600_000)
    };
    assert!(due(1_000, None, None, 1_000), "that it runs");
    assert!(!due(59_999, None, Some((0, 0, None)), 60_000) && due(60_000, None, Some((0, 0, None)), 60_000));
    assert!(!due(5_000, Some(StopKind::Unseen), Some((0, 0, None)), 9_999));
    assert!(due(5_000, Some(StopKind::Unseen), Some((0, 0, None)), 10_000));
    assert!(due(5_000, Some(StopKind::Failed), Some((4_000, 4_000, None)), 5_000));
    assert!(due(0, None, Some((4_000, 4_000, Some(StopKind::Failed))), 5_000), "that it begins anew");
    assert!(due(600_000, None, Some((0, 590_000, None)), 10), "that it is over");
    assert!(!due(600_000, None, Some((0, 600_000, None)), 10_000_000));
}

#[test]
fn what_fails_while_it_is_held_begins_it_anew() {
    let mut clock = Ticking::default();
    for second in 0..10 {
        tick(&mut clock, at(second * 1_000), None, 60_000);
    }
    assert_eq!(clock.ms, 9_000);
    clock.tick(at(10_000), Some(stop(StopKind::Held)), Some("errors".into()), 60_000);
    assert_eq!((clock.ms, clock.stop.as_ref().map(|it| it.kind)), (10_000, Some(StopKind::Held)));
    assert!(clock.is_due(Mono::from_millis(10_000), 60_000));
    tick(&mut clock, at(11_000), Some(stop(StopKind::Held)), 60_000);
    assert_eq!((clock.ms, clock.failed().is_some()), (10_000, true));
    tick(&mut clock, at(12_000), None, 60_000);
    assert_eq!((clock.ms, clock.failed().is_some()), (0, false));
}
