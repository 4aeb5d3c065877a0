//! Runs played, and how they are judged.

use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::domain::room::{Addressed, EventFields, EventsSpec, TokenPlace};

const FIVE: [&str; 5] =
    ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"];

fn spec() -> ActiveSpec {
    ActiveSpec {
        url: None,
        send: r#"{"run":"{run}"}"#.into(),
        interval: Duration::from_mins(5),
        timeout: Duration::from_secs(30),
        limit: Duration::from_secs(5),
        required: FIVE.map(str::to_owned).to_vec(),
        user: vec!["/user".into()],
        me: Some("probe".into()),
        alone: true,
    }
}

fn events() -> EventsSpec {
    EventsSpec {
        types: FIVE.map(str::to_owned).to_vec(),
        first: Some("agent_started".into()),
        last: Some("agent_completed".into()),
        url: "ws://127.0.0.1:1/ws".into(),
        token: None,
        token_place: TokenPlace::Header,
        headers: BTreeMap::new(),
        subprotocols: Vec::new(),
        send: Vec::new(),
        addressed: Addressed::Service,
        connections: 1,
        fields: EventFields::default(),
        pairs: Vec::new(),
        run_timeout: Duration::from_secs(30),
        delivery_limit: Duration::from_millis(100),
        ping: Duration::from_secs(5),
        active: None,
        schemas: None,
    }
}

/// Events one second apart, as (type, run, user).
fn play(run: Option<&str>, heard: &[(&str, &str, Option<&str>)]) -> ActiveRan {
    let mut judge = Judge::new(&events(), &spec(), run.map(str::to_owned), Mono::from_secs(10));
    for ((kind, run, user), second) in heard.iter().zip(11..) {
        judge.take(Heard { kind, run: Some(run), user: *user }, Mono::from_secs(second));
    }
    judge.judged(ServiceIx(0), Origin::Unknown, Mono::from_secs(60), None)
}

fn own(kinds: &[&'static str]) -> Vec<(&'static str, &'static str, Option<&'static str>)> {
    kinds.iter().map(|kind| (*kind, "a", Some("probe"))).collect()
}

#[test]
fn a_whole_run_is_good() {
    let ran = play(Some("a"), &own(&FIVE));
    assert_eq!(
        (ran.ended.clone(), ran.took, ran.first),
        (Ended::Whole, Some(Duration::from_secs(5)), Some(Duration::from_secs(1)))
    );
    assert!(ran.is_good() && ran.foreign == 0 && ran.words() == "whole in 5.0 s");
    let chosen = play(None, &own(&FIVE));
    assert_eq!(
        (chosen.ended.clone(), chosen.run),
        (Ended::Whole, Some(Clean::new("a"))),
        "the server chose the id"
    );
}

#[test]
fn what_is_missing_late_or_out_of_order_fails() {
    let ended = |kinds: &[&'static str]| play(Some("a"), &own(kinds)).ended;
    assert_eq!(ended(&[FIVE[0], FIVE[1], FIVE[4]]), Ended::Incomplete);
    assert_eq!(ended(&[FIVE[1], FIVE[0], FIVE[2], FIVE[3], FIVE[4]]), Ended::OutOfOrder);
    assert_eq!(ended(&[FIVE[0], FIVE[1], FIVE[1], FIVE[2], FIVE[3], FIVE[4]]), Ended::Slow);
    assert_eq!(ended(&FIVE[..4]), Ended::TimedOut);
    let silent = play(Some("a"), &[]);
    assert!(silent.is_silent() && silent.words() == "timed out: no event came");
    let missing = play(Some("a"), &own(&FIVE[..3])).missing;
    assert_eq!(missing, [Clean::new(FIVE[3]), Clean::new(FIVE[4])]);
}

#[test]
fn events_of_others_are_violations_and_never_part_of_the_run() {
    let mut heard = own(&FIVE);
    heard.insert(1, ("agent_completed", "b", Some("ines")));
    let ran = play(Some("a"), &heard[..5]);
    assert_eq!((ran.foreign, ran.foreigner.clone()), (1, Some(Clean::new("ines"))));
    assert_eq!(ran.ended, Ended::TimedOut, "another's end is not its own");
    // Without a word on whom it is for, the run tells.
    let ran = play(Some("a"), &[("agent_started", "b", None)]);
    assert_eq!((ran.foreign, ran.foreigner), (1, Some(Clean::new("b"))));
    // Its own run, told to somebody else.
    assert_eq!(play(Some("a"), &[("agent_started", "a", Some("ines"))]).foreign, 1);
}
