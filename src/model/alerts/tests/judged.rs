//! Alerts against what people say, and of too many things.

use super::*;

#[test]
fn the_word_of_a_person_neither_raises_nor_resolves_nor_heads_an_alert_of_the_verdict() {
    use crate::domain::VerdictState;
    let mut bench = Bench::new(1);
    let mut room = (*bench.consoles[0].room).clone();
    room.alerts.as_mut().unwrap().roll_back = 1;
    room.alerts.as_mut().unwrap().no_go = 1;
    bench.consoles[0].room = Arc::new(room);
    let (reason, until) = (Clean::new("the load test"), bench.wall() + chrono::TimeDelta::hours(1));
    let word = |state, over, against: Vec<Clean>| Draft {
        by: "sam".into(),
        role: Clean::default(),
        entry: Entry::Overrode { state, over, against, reason: reason.clone(), until },
    };
    bench.pass(5, Some(true));
    bench.journal(0, Token(0), word(VerdictState::NoGo, VerdictState::Go, Vec::new()));
    bench.pass(5, Some(true));
    assert_eq!(bench.steps(), [""; 0], "the room sees nothing bad");
    // It does not cover what gets worse; that is told with what is bad.
    bench.pass(10, Some(false));
    let verdict = |bench: &Bench| {
        let open = bench.consoles[0].alerts.book.open();
        open.iter().find(|alert| &*alert.name == "verdict ROLL BACK").map(|alert| alert.about.to_string())
    };
    assert!(verdict(&bench).is_some_and(|about| about.starts_with("trigger ")), "{:?}", bench.steps());
    let against = bench.consoles[0].verdicts.room.against.clone();
    bench.journal(0, Token(0), word(VerdictState::Go, VerdictState::RollBack, against));
    bench.pass(10, Some(false));
    assert_eq!(bench.consoles[0].verdicts.now.state, VerdictState::Go);
    assert!(verdict(&bench).is_some(), "{:?}", bench.steps());
    bench.pass(10, Some(true));
    assert_eq!(verdict(&bench), None, "{:?}", bench.steps());
}

#[test]
fn when_too_many_are_open_the_journal_is_not_asked_again_and_again() {
    let mut bench = Bench::new(1);
    let mut room = (*bench.consoles[0].room).clone();
    let spec = room.conditions[0].clone();
    room.conditions = (0..1_002)
        .map(|at| crate::domain::ConditionSpec { name: format!("c{at}"), ..spec.clone() })
        .collect();
    bench.consoles[0].conditions = crate::model::conditions::Conditions::new(&room);
    bench.consoles[0].room = Arc::new(room);
    let raised =
        |bench: &Bench| bench.steps().iter().filter(|step| step.starts_with("alert severity")).count();
    bench.pass(10, Some(false));
    let before = raised(&bench);
    assert_eq!((before, bench.consoles[0].alerts.book.open().len()), (1_002, 1_000));
    bench.pass(10, Some(false));
    assert_eq!(raised(&bench), before);
}

#[test]
fn what_the_verdict_is_about_to_become_is_not_told_as_why_it_is_what_it_is() {
    let mut bench = Bench::new(1);
    bench.pass(10, Some(false));
    let reasons = |bench: &Bench| bench.consoles[0].room_values()["reasons"].clone();
    assert!(reasons(&bench).starts_with("trigger "), "{}", reasons(&bench));
    bench.pass(1, Some(true));
    assert_eq!(bench.consoles[0].verdicts.now.state, crate::domain::VerdictState::RollBack);
    assert_eq!(reasons(&bench), "what it stood for is over; GO in sight: 00:00 of 00:03");
}

#[test]
fn the_end_of_an_alert_is_not_told_behind_the_beginning_of_the_next_one_of_the_same() {
    let mut bench = Bench::new(1);
    bench.pass(10, Some(false));
    let first = bench.consoles[0].alerts.book.open()[0].id;
    bench.answer(0, (first, Moment::Raised, "hook"), 1, Ok("HTTP 202"));
    bench.pass(10, Some(true));
    let end = (first, Moment::Resolved, "hook");
    let sent = |bench: &Bench| bench.sent.iter().map(|it| (it.1, it.2)).collect::<Vec<_>>();
    assert_eq!(sent(&bench), [(first, Moment::Raised), (first, Moment::Resolved)]);
    bench.pass(5, Some(false));
    let second = bench.consoles[0].alerts.book.open()[0].id;
    assert_ne!(second, first);
    assert_eq!(sent(&bench).len(), 2, "the end of the first is still on its way");
    bench.answer(0, end, 1, Err("HTTP 500"));
    bench.pass(60, Some(false));
    assert_eq!(sent(&bench)[2..], [(second, Moment::Raised)], "the end of the first would close the second");
    let told = bench.steps().iter().filter(|step| step.contains("the same is bad again")).count();
    assert_eq!(told, 1, "{:?}", bench.steps());
}
