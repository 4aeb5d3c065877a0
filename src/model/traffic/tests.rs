//! Traffic, roles, rollback targets and frozen changes on whole values.

use chrono::TimeDelta;

use super::super::rollback::proposed;
use super::*;
use crate::domain::{FullTime, ServiceIx, TrafficChange, Wall};

pub(crate) fn share(revision: &str, percent: u8) -> TrafficTarget {
    TrafficTarget { revision: Some(revision.into()), percent, tag: None, uri: None }
}

fn tagged(revision: &str, percent: u8, tag: &str) -> TrafficTarget {
    TrafficTarget { tag: Some(tag.into()), ..share(revision, percent) }
}

fn latest(percent: u8) -> TrafficTarget {
    TrafficTarget { revision: None, percent, tag: None, uri: None }
}

pub(crate) fn revision(name: &str) -> Revision {
    Revision {
        name: name.into(),
        ready: Some(true),
        message: None,
        image: Clean::new(&format!("img:{name}")),
        created: None,
        creator: Clean::new("sam@example.com"),
        facts: crate::domain::revision::RevisionFacts::default(),
        env: std::collections::BTreeMap::new(),
    }
}

/// A settled service; revisions newest first.
pub(crate) fn settled(split: &[TrafficTarget], revisions: &[&str]) -> Traffic {
    Traffic {
        name: "projects/p/locations/l/services/s".into(),
        desired: split.to_vec(),
        effective: split.to_vec(),
        latest_ready: revisions.first().map(|&name| name.into()),
        latest_created: revisions.first().map(|&name| name.into()),
        reconciling: false,
        generation: 7,
        observed_generation: 7,
        terminal: Some(true),
        message: None,
        etag: "\"e7/=\"".into(),
        uri: "https://s.example".into(),
        revisions: revisions.iter().map(|name| revision(name)).collect(),
        template_env: std::collections::BTreeMap::new(),
        template_containers: std::collections::BTreeMap::new(),
        template_image: revisions.first().map(|name| revision(name).image).unwrap_or_default(),
        template_sidecars: Vec::new(),
        template_main: Clean::default(),
        last_modifier: Clean::new("sam@example.com"),
        scaling: crate::domain::revision::ServiceScaling::default(),
    }
}

fn state(reads: &[Traffic]) -> TrafficState {
    let mut state = TrafficState::default();
    for (traffic, second) in reads.iter().zip(1..) {
        state.read(traffic.clone(), Mono::from_secs(second));
    }
    state
}

fn roles(state: &TrafficState) -> Vec<(&str, Role, u8)> {
    state.rows().iter().map(|row| (row.name, row.role, row.effective)).collect()
}

#[test]
fn nothing_read_is_nothing_known() {
    let state = TrafficState::default();
    assert_eq!(state.split_words(), "--");
    assert_eq!(state.standing(), Standing::Unknown);
    assert_eq!(state.origin(), Origin::Unknown);
    assert_eq!(
        state.signals(true),
        vec![("traffic.settled".into(), None), ("traffic.candidate_percent".into(), None)]
    );
    assert_eq!(state.candidates(|_| None), vec![]);
    assert_eq!(state.freeze_rollback(ServiceIx(0), "a", Wall::default()), None);
}

#[test]
fn the_stable_revision_stays_stable_while_the_canary_grows() {
    let all_a = settled(&[share("a", 100)], &["b", "a", "z"]);
    let most_b = settled(&[share("a", 10), share("b", 90)], &["b", "a", "z"]);
    let all_b = settled(&[share("b", 100)], &["b", "a", "z"]);
    let growing = state(&[all_a.clone(), most_b.clone()]);
    assert_eq!(roles(&growing), [("a", Role::Stable, 10), ("b", Role::Canary, 90)]);
    assert_eq!(growing.split_words(), "10 / 90");
    assert_eq!(growing.origin(), Origin::Mixed);
    // Opened in the middle, nothing is known of the past: the largest share it is.
    assert_eq!(state(std::slice::from_ref(&most_b)).stable(), Some("b"));
    let done = state(&[all_a, most_b, all_b]);
    assert_eq!(roles(&done), [("b", Role::Stable, 100), ("a", Role::Previous, 0)]);
    assert_eq!(done.origin(), Origin::Revision("b".into()));
}

#[test]
fn what_takes_all_the_traffic_from_a_split_that_was_there_from_the_start_is_rolled_out() {
    let split = settled(&[share("a", 90), share("b", 10)], &["b", "a"]);
    let read = |sole: &str| state(&[split.clone(), settled(&[share(sole, 100)], &["c", "b", "a"])]);
    let of = |state: &TrafficState| {
        let found = state.rolled_out(|_| true);
        found.map(|(new, old)| (new.name.clone(), old.map(|old| old.name.clone())))
    };
    assert_eq!(of(&read("c")), Some(("c".to_owned(), Some("a".to_owned()))));
    assert_eq!(of(&read("b")), Some(("b".to_owned(), Some("a".to_owned()))));
    assert_eq!(of(&read("a")), None, "all of it went back");
}

#[test]
fn a_tag_without_traffic_makes_a_canary() {
    let state = state(&[settled(&[share("a", 100), tagged("b", 0, "canary")], &["b", "a"])]);
    assert_eq!(roles(&state), [("a", Role::Stable, 100), ("b", Role::Canary, 0)]);
    assert_eq!(state.rows()[1].tags, ["canary"]);
    let signals = state.signals(true);
    assert_eq!(signals[0].1.as_ref().map(|r| r.value), Some(1.0));
    let percent = signals[1].1.clone().unwrap();
    assert_eq!((percent.value, percent.origin), (0.0, Origin::Revision("b".into())));
}

#[test]
fn standing_tells_reconciling_from_failed() {
    let mut traffic = settled(&[share("a", 100)], &["b", "a"]);
    traffic.desired = vec![share("b", 100)];
    traffic.generation = 8;
    traffic.reconciling = true;
    traffic.terminal = None;
    assert_eq!(state(std::slice::from_ref(&traffic)).standing(), Standing::Reconciling);
    traffic.reconciling = false;
    traffic.terminal = Some(false);
    traffic.message = Some(Clean::new("no container"));
    let failed = state(&[traffic]);
    assert_eq!(failed.standing(), Standing::Failed);
    assert_eq!(failed.failure().map(Clean::as_str), Some("no container"));
    assert_eq!(failed.rows()[1].desired, 100);
}

#[test]
fn what_follows_the_latest_is_recorded_by_the_revision_that_serves() {
    let mut state = state(&[settled(&[latest(100)], &["a"])]);
    state.records("chat", None);
    // Nobody touched the split, and another revision serves.
    state.read(settled(&[latest(100)], &["b", "a"]), Mono::from_secs(5));
    let records = state.records("chat", Some(true));
    let Some(Entry::Split { split, follows_latest: true, healthy, .. }) = records.last() else {
        panic!("{records:?}")
    };
    assert_eq!((split.as_slice(), *healthy), ([share("b", 100)].as_slice(), Some(true)));
    // Pinned to just that: a later one gets nothing any more.
    state.read(settled(&[share("b", 100)], &["b", "a"]), Mono::from_secs(9));
    let records = state.records("chat", None);
    assert!(matches!(records.as_slice(), [Entry::Split { follows_latest: false, .. }]), "{records:?}");
}

#[test]
fn the_journal_is_told_each_change_once() {
    let mut state = state(&[settled(&[latest(100)], &["a"])]);
    let split = |split: Vec<TrafficTarget>, healthy| Entry::Split {
        service: "chat".into(),
        split,
        healthy,
        by: Clean::new("sam@example.com"),
        follows_latest: false,
        again: false,
    };
    let Some(Entry::Split { split: served, follows_latest, .. }) = state.records("chat", None).pop() else {
        panic!("no record")
    };
    assert_eq!((served, follows_latest), (vec![share("a", 100)], true), "by the revision that serves");
    assert_eq!(state.records("chat", None), vec![]);
    // A record of another console counts as told.
    let canary = vec![share("a", 90), share("b", 10)];
    state.recorded("chat", &split(canary.clone(), Some(true)));
    state.recorded("other", &split(vec![latest(100)], None));
    state.read(settled(&canary, &["b", "a"]), Mono::from_secs(10));
    let deployed =
        Entry::Deployed { service: "chat".into(), revision: "b".into(), image: Clean::new("img:b") };
    assert_eq!(state.records("chat", Some(true)), vec![deployed]);
    // A new opinion, but not more often than once a minute.
    state.read(settled(&canary, &["b", "a"]), Mono::from_secs(20));
    assert_eq!(state.records("chat", Some(false)), vec![]);
    state.read(settled(&canary, &["b", "a"]), Mono::from_secs(90));
    let records = state.records("chat", Some(false));
    let [Entry::Split { split: served, healthy: Some(false), by, again: true, .. }] = records.as_slice()
    else {
        panic!("{records:?}")
    };
    assert_eq!((served, by.as_str()), (&canary, ""), "nothing moved, so nobody did it");
    assert_eq!(state.records("chat", Some(false)), vec![]);
}

fn full(hour: i64, healthy: Option<bool>) -> FullTime {
    let since = Wall::default() + TimeDelta::hours(hour);
    FullTime { since, until: Some(since + TimeDelta::minutes(30)), healthy }
}

fn choose(state: &TrafficState, history: impl Fn(&str) -> Option<FullTime>) -> Option<String> {
    let candidates = state.candidates(history);
    proposed(&candidates).map(|at| candidates[at].revision.clone())
}

#[test]
fn proposed_is_what_last_served_everything_in_good_health() {
    let mut traffic = settled(&[share("d", 100)], &["e", "d", "c", "b", "a"]);
    traffic.revisions[2].ready = Some(false);
    let state = state(&[traffic]);
    let history = |name: &str| match name {
        "d" => Some(full(9, Some(true))), // serves everything now
        "c" => Some(full(8, Some(true))), // not Ready
        "b" => Some(full(3, Some(true))), // healthy, but long ago
        "a" => Some(full(7, Some(true))), // the last good one, although older as a revision
        "e" => Some(full(10, Some(false))),
        _ => None,
    };
    assert_eq!(choose(&state, history).as_deref(), Some("a"));
    assert_eq!(
        choose(&state, |name| if name == "b" { Some(full(1, None)) } else { None }).as_deref(),
        Some("b")
    );
    // An empty journal: d served when the room opened, and serves now. Nothing is proposed, least of all the second newest.
    assert_eq!(choose(&state, |_| None), None);
    // Bad health is never proposed.
    assert_eq!(choose(&state, |name| if name == "e" { Some(full(1, Some(false))) } else { None }), None);
    let refused: Vec<_> =
        state.candidates(history).into_iter().map(|c| c.why_not.map(|w| w.to_string())).collect();
    let serves = Some("serves 100 % already".to_owned());
    assert_eq!(refused, [None, serves, Some("not Ready: no message".into()), None, None]);
}

#[test]
fn forward_is_where_a_newer_one_gains_and_an_older_one_loses() {
    // Opened in the middle: nothing tells which was alone before.
    let halfway = settled(&[share("a", 40), share("b", 60)], &["c", "b", "a"]);
    let forward = [
        vec![share("b", 100)],
        vec![share("a", 30), share("b", 70)],
        vec![latest(100)],
        vec![share("a", 40), share("b", 50), share("c", 10)],
        vec![share("not listed", 100)],
    ];
    for split in forward {
        assert!(halfway.goes_forward(&split), "{split:?}");
    }
    for split in [vec![share("a", 100)], vec![share("a", 50), share("b", 50)], halfway.desired.clone()] {
        assert!(!halfway.goes_forward(&split), "{split:?}");
    }
    // A rollback on its way, turned around.
    let turning = Traffic { desired: vec![share("a", 100)], ..settled(&[share("b", 100)], &["b", "a"]) };
    assert!(turning.goes_forward(&[share("b", 100)]) && !turning.goes_forward(&[share("a", 100)]));
}

#[test]
fn nothing_that_is_as_new_as_what_serves_is_proposed() {
    let healthy = |_: &str| Some(full(9, Some(true)));
    for (split, proposed) in [
        (vec![share("a", 100)], None),
        (vec![share("b", 100)], Some("a")),
        (vec![share("a", 90), share("b", 10)], Some("a")),
        (vec![share("a", 40), share("b", 60)], Some("a")),
    ] {
        let state = state(&[settled(&split, &["c", "b", "a"])]);
        assert_eq!(choose(&state, healthy).as_deref(), proposed, "{split:?}");
    }
    // With an empty journal: of what served when the room opened, the older one.
    let opened = state(&[settled(&[share("a", 40), share("b", 60)], &["b", "a"])]);
    assert_eq!(choose(&opened, |_| None).as_deref(), Some("a"));
}

#[test]
fn without_a_journal_it_is_what_served_when_the_room_opened() {
    let first = settled(&[share("a", 90), share("b", 10)], &["b", "a"]);
    let now = settled(&[share("b", 100)], &["b", "a"]);
    let state = state(&[first, now]);
    assert_eq!(choose(&state, |_| None).as_deref(), Some("a"));
    let words = state.candidates(|_| None)[1].knowledge.to_string();
    assert_eq!(words, "served when the room opened, not known to this room");
}

#[test]
fn a_rollback_is_frozen_whole_and_keeps_every_tag() {
    let mut uri = tagged("b", 10, "canary");
    uri.uri = Some("https://canary---s.example".into());
    let split = [share("a", 90), uri.clone(), tagged("z", 0, "old"), tagged("a", 0, "stable")];
    let state = state(&[settled(&split, &["b", "a", "z"])]);
    assert_eq!(
        state.freeze_rollback(ServiceIx(3), "a", Wall::default()),
        Some(TrafficChange {
            service: ServiceIx(3),
            resource: "projects/p/locations/l/services/s".into(),
            to: "a".into(),
            before: split.to_vec(),
            after: vec![tagged("a", 100, "stable"), tagged("b", 0, "canary"), tagged("z", 0, "old")],
            generation: 7,
            etag: "\"e7/=\"".into(),
            frozen_at: Wall::default(),
        })
    );
}

#[test]
fn a_split_must_add_up_and_name_what_exists() {
    let mut traffic = settled(&[latest(100)], &["c", "b", "a"]);
    traffic.revisions[0].ready = Some(false);
    traffic.latest_ready = Some("b".into());
    let state = state(&[traffic]);
    let freeze = |shares: &[(Option<&str>, u8)]| {
        let frozen = state.freeze_split(ServiceIx(0), shares, Wall::default());
        frozen.map(|change| (change.to, change.after)).map_err(|why| why.to_string())
    };
    let canary = vec![share("a", 90), share("b", 10)];
    assert_eq!(freeze(&[(Some("a"), 90), (Some("b"), 10)]), Ok(("b".into(), canary)));
    let half = vec![latest(50), share("a", 50)];
    assert_eq!(freeze(&[(None, 50), (Some("a"), 50)]), Ok(("b".into(), half)));
    assert_eq!(freeze(&[(None, 100)]), Err("the traffic is split so already".into()));
    assert_eq!(freeze(&[(Some("a"), 90)]), Err("the shares add up to 90, not 100".into()));
    assert_eq!(freeze(&[(Some("x"), 100)]), Err("there is no revision x".into()));
    assert_eq!(freeze(&[(Some("c"), 100)]), Err("c is not Ready".into()));
}

#[test]
fn a_revision_is_named_by_its_number_with_and_without_its_zeros() {
    let named = |of: &[&str], name: &str| {
        crate::domain::revision::named("cart", of.iter().copied(), name).map(str::to_owned)
    };
    let all = ["cart-00042-bim", "cart-00420-kex"];
    for name in ["42", "00042", "00042-bim", "cart-00042-bim"] {
        assert_eq!(named(&all, name), Ok("cart-00042-bim".into()), "{name}");
    }
    assert_eq!(named(&all, "4"), Err("there is no revision 4".into()));
    assert_eq!(named(&["cart-001-a", "cart-0001-b"], "1"), Err("more than one revision is called 1".into()));
}

#[test]
fn a_reading_over_a_window_in_which_the_split_changed_is_mixed() {
    let shared = settled(&[share("a", 90), share("b", 10)], &["b", "a"]);
    let back = settled(&[share("a", 100)], &["b", "a"]);
    let minute = Duration::from_mins(1);
    let state = state(&[shared, back.clone(), back]);
    let alone = Origin::Revision("a".to_owned());
    assert_eq!(state.origin(), alone);
    assert_eq!(state.origin_over(minute, Mono::from_secs(3)), Origin::Mixed);
    assert_eq!(state.origin_over(minute, Mono::from_secs(62)), alone);
}
