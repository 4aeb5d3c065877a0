//! The panel's state from whole hand-overs.

use std::collections::BTreeMap;

use super::*;
use crate::domain::event::RunsDelta;
use crate::domain::event::story::Ending;
use crate::domain::measure::class_of;
use crate::domain::room::{Addressed, EventFields, Service, TokenPlace};
use crate::domain::{Origin, Wall, measure};

fn events() -> Events {
    let spec = EventsSpec {
        url: String::new(),
        token: None,
        token_place: TokenPlace::Header,
        headers: BTreeMap::new(),
        subprotocols: Vec::new(),
        send: Vec::new(),
        addressed: Addressed::Service,
        connections: 1,
        fields: EventFields::default(),
        types: vec!["started".to_owned(), "ended".to_owned()],
        first: Some("started".to_owned()),
        last: Some("ended".to_owned()),
        pairs: Vec::new(),
        run_timeout: Duration::from_secs(30),
        delivery_limit: Duration::from_millis(100),
        ping: Duration::from_secs(5),
        active: None,
        schemas: None,
    };
    let service = Service { events: Some(spec), ..Service::default() };
    Events::new(&Room { services: vec![service], ..Room::default() }, ServiceIx(0))
}

fn delta(second: u64, started: u64, ended: u64, open: u64) -> EventsDelta {
    EventsDelta {
        at: Mono::from_secs(second),
        received: started + ended,
        by_type: vec![started, ended],
        open: OpenRuns { count: open, silent: Vec::new() },
        runs: RunsDelta { opened: started, ..RunsDelta::default() },
        ..EventsDelta::default()
    }
}

fn signal(events: &Events, second: u64, name: &str) -> Option<f64> {
    let now = Now { mono: Mono::from_secs(second), wall: Wall::default() };
    let all = events.signals(now, true);
    all.into_iter().find(|(known, _)| known == name).expect("a known signal").1.map(|reading| reading.value)
}

#[test]
fn nothing_heard_is_not_zero() {
    let events = events();
    let now = Now { mono: Mono::from_secs(5), wall: Wall::default() };
    assert!(events.signals(now, true).iter().all(|(_, reading)| reading.is_none()));
    assert_eq!((events.per_second(now.mono), events.flowing(now.mono)), (None, None));
}

#[test]
fn rates_come_from_what_came() {
    let mut events = events();
    for second in 0..120 {
        events.streamed(&delta(second, 2, 1, 1));
    }
    let now = Mono::from_secs(119);
    assert!((events.type_per_minute(0, now).unwrap() - 120.0).abs() < 3.0);
    assert!((events.per_second(now).unwrap() - 3.0).abs() < 0.7);
    assert_eq!(events.type_history(1, now, MINUTE, 15), [4.0; 15]);
    assert_eq!((events.totals().valid, &events.totals().by_type), (360, &vec![240, 120]));
}

#[test]
fn a_stream_that_owes_events_and_is_silent_does_not_flow() {
    let mut events = events();
    events.streamed(&delta(1, 1, 0, 1));
    assert_eq!(signal(&events, 5, "events.flowing"), Some(1.0));
    assert_eq!(signal(&events, 12, "events.flowing"), Some(0.0));
    // The run was given up: that does not make the silence right.
    events.streamed(&EventsDelta { at: Mono::from_secs(32), ..EventsDelta::default() });
    assert_eq!(signal(&events, 33, "events.flowing"), Some(0.0));
    events.streamed(&delta(40, 1, 2, 0));
    assert_eq!(signal(&events, 400, "events.flowing"), Some(1.0), "nothing is owed");
}

#[test]
fn faults_are_told_for_five_minutes_and_counted_for_ever() {
    let mut events = events();
    let story = |run: &str, ending| Story { run: run.into(), ending: Some(ending), ..Story::default() };
    let mut dense = vec![0; measure::CLASSES];
    dense[usize::from(class_of(34_000))] = 10;
    events.streamed(&EventsDelta {
        runs: RunsDelta {
            incomplete: 2,
            whole: 1,
            missing: vec![0, 3],
            calls: 10,
            paired: 9,
            ..RunsDelta::default()
        },
        stories: vec![
            story("a", Ending::Incomplete),
            story("b", Ending::Whole),
            story("c", Ending::TimedOut),
        ],
        numbered: 1,
        duplicates: 1,
        gaps: 5,
        recovered: 2,
        latency: measure::Latencies::from_dense(&dense),
        ..delta(10, 1, 1, 0)
    });
    assert_eq!(signal(&events, 20, "events.incomplete"), Some(2.0));
    assert_eq!(signal(&events, 20, "events.missing"), Some(3.0));
    assert_eq!(signal(&events, 20, "events.lost"), Some(3.0));
    assert_eq!(signal(&events, 20, "events.pairing"), Some(90.0));
    assert!((signal(&events, 20, "events.delivery_p95").unwrap() - 34.0).abs() < 1.0);
    assert_eq!(signal(&events, 400, "events.incomplete"), Some(0.0));
    assert_eq!(signal(&events, 400, "events.pairing"), None);
    assert_eq!(signal(&events, 400, "events.delivery_p95"), None);
    assert_eq!((events.totals().runs.incomplete, events.totals().lost), (2, 3));
    let runs =
        |stories: &mut dyn Iterator<Item = &Story>| stories.map(|s| s.run.to_string()).collect::<Vec<_>>();
    assert_eq!(runs(&mut events.incomplete()), ["c", "a"]);
    assert_eq!(runs(&mut events.ended()), ["b"]);
    assert!(events.run("c").is_some() && events.run("d").is_none());
}

#[test]
fn of_events_without_a_run_id_nothing_is_known_of_runs() {
    let mut events = events();
    events.streamed(&EventsDelta { runs: RunsDelta::default(), ..delta(10, 5, 0, 0) });
    assert!(events.lacks_runs());
    assert_eq!(
        (signal(&events, 10, "events.incomplete"), signal(&events, 10, "events.missing")),
        (None, None)
    );
    assert_eq!(signal(&events, 10, "events.per_minute"), Some(5.0));
    events.streamed(&delta(11, 1, 0, 1));
    assert!(!events.lacks_runs());
    assert_eq!(signal(&events, 11, "events.incomplete"), Some(0.0));
}

#[test]
fn where_no_expected_type_ever_came_nothing_is_known_of_runs() {
    let mut events = events();
    let beat = (Clean::new("heartbeat"), 5);
    events.streamed(&EventsDelta { received: 5, other_types: vec![beat], ..delta(10, 0, 0, 0) });
    assert_eq!(signal(&events, 10, "events.per_minute"), Some(5.0));
    assert_eq!(signal(&events, 10, "events.incomplete"), None);
    events.streamed(&delta(11, 1, 0, 0));
    assert_eq!(signal(&events, 11, "events.incomplete"), Some(0.0));
}

#[test]
fn no_faults_of_nothing_are_no_good_sign() {
    let silent = |events: &Events, second: u64| {
        let now = Now { mono: Mono::from_secs(second), wall: Wall::default() };
        let found = events.signals(now, true).into_iter().find(|(known, _)| known == "events.incomplete");
        found.and_then(|(_, reading)| reading).is_some_and(|reading| reading.samples == Some(0))
    };
    let mut events = events();
    events.streamed(&delta(10, 5, 5, 0));
    assert!(!silent(&events, 60) && silent(&events, 71), "nothing came for as long as is counted over");
    events.streamed(&delta(80, 2, 0, 2));
    assert!(!silent(&events, 89) && silent(&events, 91), "runs are open, and nothing comes of them");
    let value = signal(&events, 5_000, "events.incomplete").expect("a count");
    assert_eq!(value.to_string(), "0", "and none of nothing is no less than none");
}

#[test]
fn faults_are_said_of_the_revision_that_the_events_name() {
    let mut events = events();
    let origin = |events: &Events, second: u64, name: &str| {
        let now = Now { mono: Mono::from_secs(second), wall: Wall::default() };
        let found = events.signals(now, true).into_iter().find(|(known, _)| known == name);
        found.and_then(|(_, reading)| reading).expect("a reading").origin
    };
    let of = |name: &str| Origin::Revision(name.to_owned());
    let spoken = |second, names: &[&str], failed: &[(&str, u64)]| EventsDelta {
        // The socket was opened when the stable one served alone.
        origin: of("stable"),
        revisions: names.iter().map(|name| Clean::new(name)).collect(),
        incomplete_on: failed.iter().map(|(name, n)| (Clean::new(name), *n)).collect(),
        runs: RunsDelta {
            opened: 1,
            incomplete: failed.iter().map(|(_, n)| n).sum(),
            ..RunsDelta::default()
        },
        ..delta(second, 1, 1, 0)
    };
    events.streamed(&spoken(1, &[], &[]));
    assert_eq!(origin(&events, 2, "events.incomplete"), of("stable"), "nothing but the address is known");
    events.streamed(&spoken(10, &["stable", "canary"], &[("canary", 3)]));
    assert_eq!(origin(&events, 11, "events.per_second"), Origin::Mixed);
    assert_eq!(origin(&events, 11, "events.incomplete"), of("canary"));
    events.streamed(&spoken(30, &["stable"], &[("stable", 1)]));
    assert_eq!(origin(&events, 31, "events.incomplete"), Origin::Mixed);
    events.streamed(&spoken(89, &["stable"], &[]));
    assert_eq!(origin(&events, 89, "events.incomplete"), of("stable"), "the canary's are over a minute old");
    let unnamed = RunsDelta { incomplete: 2, ..RunsDelta::default() };
    events.streamed(&EventsDelta { runs: unnamed, ..spoken(95, &["canary"], &[]) });
    assert_eq!(origin(&events, 96, "events.incomplete"), Origin::Mixed, "nobody knows whose these were");
}

#[test]
fn where_no_event_tells_when_it_was_sent_nothing_is_known_of_the_senders_clock() {
    let mut events = events();
    // The handshake's date alone allows equal clocks.
    let date = Some(Skew { ahead_us: 0, uncertain_us: Some(3_000_000) });
    events.streamed(&EventsDelta { skew: date, ..delta(1, 3, 3, 0) });
    assert_eq!(events.skew(), None);
    let mut dense = vec![0; measure::CLASSES];
    dense[usize::from(class_of(5_000))] = 1;
    let latency = measure::Latencies::from_dense(&dense);
    events.streamed(&EventsDelta { skew: date, latency, ..delta(2, 1, 0, 1) });
    assert_eq!(events.skew(), date);
}
