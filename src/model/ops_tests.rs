//! Operations as the room follows them, step by step.

use super::*;
use crate::domain::FlagChange;

fn op() -> Operation {
    let act = OpKind::Rollback(crate::domain::TrafficChange {
        service: ServiceIx(0),
        resource: "r".into(),
        to: "a".into(),
        before: vec![],
        after: vec![],
        generation: 1,
        etag: "e".into(),
        frozen_at: Wall::default(),
    });
    let mut op = Operation::new(OpId("1".into()), act, Clean::default(), Clean::new("ines"), Token(1));
    assert!(op.advance(OpState::Requested, Clean::default(), Wall::default()));
    assert!(op.advance(OpState::Effective, Clean::default(), Wall::default()));
    op
}

fn at(second: u64) -> Now {
    Now { mono: Mono::from_secs(second), wall: Wall::default() }
}

const NEEDED: Duration = Duration::from_secs(3);

fn look(good: Option<bool>, sockets: Option<u64>) -> Look {
    Look { good, sockets, superseded: None, needed: NEEDED, ..Look::default() }
}

#[test]
fn verified_needs_its_whole_time_of_good_and_fresh_data() {
    let mut op = op();
    let seen = [
        Some(true),
        Some(true),
        Some(false),
        Some(true),
        None,
        Some(true),
        Some(true),
        Some(true),
        Some(true),
    ];
    let states: Vec<_> = seen
        .iter()
        .zip(0..)
        .map(|(good, s)| op.look(look(*good, None), at(s)).map(|(state, _)| state))
        .collect();
    // Bad at 2 starts it again; blind at 4 makes it stand; it has run at 6, 7 and 8.
    let mut expected = vec![None; 8];
    expected.push(Some(OpState::Verified));
    assert_eq!(states, expected);
}

#[test]
fn where_nothing_is_watched_nothing_is_verified_and_nothing_waits() {
    let mut op = op();
    assert!(op.is_acting());
    assert_eq!(op.look(Look { unwatched: true, needed: NEEDED, ..Look::default() }, at(60)), None);
    assert_eq!((op.state(), op.clock), (Some(OpState::Effective), Clock::Unwatched));
    assert!(!op.is_acting() && op.frees_resource());
}

#[test]
fn drained_only_when_sockets_are_counted_as_none() {
    let mut op = op();
    assert!(op.advance(OpState::Verified, Clean::default(), Wall::default()));
    assert_eq!(op.look(look(Some(true), None), at(1)), None);
    assert_eq!(op.look(look(Some(true), Some(12)), at(2)), None);
    assert_eq!(op.sockets, Some((12, 12)));
    assert_eq!(op.look(look(Some(true), Some(0)), at(3)).map(|(state, _)| state), Some(OpState::Drained));
    assert_eq!(op.sockets, Some((0, 12)));
}

#[test]
fn a_flag_is_over_when_verified() {
    let act = OpKind::Flag(FlagChange {
        service: ServiceIx(0),
        resource: "r".into(),
        flag: "F".into(),
        variable: "F".into(),
        before: None,
        after: "true".into(),
        etag: "e".into(),
        generation: 1,
        frozen_at: Wall::default(),
        ..FlagChange::default()
    });
    let mut op = Operation::new(OpId("1".into()), act, Clean::default(), Clean::default(), Token(1));
    op.advance(OpState::Requested, Clean::default(), Wall::default());
    assert!(!op.is_over());
    op.advance(OpState::Verified, Clean::default(), Wall::default());
    assert!(op.is_over());
}

#[test]
fn a_wait_that_another_console_was_told_is_read_beside_the_state_it_is_in() {
    let mut ops = Operations::default();
    let act = op().act;
    let id = OpId("7".into());
    let intent = Entry::Intent { op: id.clone(), act, reason: Clean::default(), evidence: vec![] };
    let at = |seconds| Wall::default() + chrono::TimeDelta::seconds(seconds);
    let waits = Entry::Progress {
        op: id.clone(),
        state: OpState::Requested,
        detail: Clean::new("429, told to wait until 00:00:20Z · slowly"),
        until: Some(at(20)),
    };
    for (seq, entry) in (1..).zip([intent, waits]) {
        let (by, role) = (Clean::new("sam"), Clean::default());
        let record = Record { seq, at: Wall::default(), by, role, entry, hash: String::new(), late: false };
        assert_eq!(ops.record(&record, |_| Some(ServiceIx(0))), None);
    }
    let steps: Vec<_> = ops.iter().flat_map(|op| &op.steps).map(|step| (step.state, &*step.detail)).collect();
    assert_eq!(steps, [(OpState::Requested, "429, told to wait until 00:00:20Z · slowly")]);
    let op = ops.get(&id).expect("it is followed");
    assert_eq!(op.wait_words(at(16)).as_deref(), Some("429, told to wait: sent again in 4s · slowly"));
    assert_eq!(op.wait_words(at(20)), None);
    assert_eq!(op.sent_ago(at(33)).as_secs(), 3, "ten seconds after its rest it has left");
}

/// A console that does not know when the rest ends tells none: it may last as long as any.
#[test]
fn a_rest_without_an_end_is_taken_for_the_longest() {
    let mut op = Operation::seen(OpId("7".into()), op().act, Clean::default(), Clean::default());
    op.advance(OpState::Requested, Clean::default(), Wall::default());
    op.rests(None, &Clean::new("429, told to wait"));
    assert_eq!(op.sent_ago(Wall::default() + chrono::TimeDelta::seconds(75)).as_secs(), 5);
}
