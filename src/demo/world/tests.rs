//! The story without sockets: what has happened by when, that it can be repeated, and that a rollback heals.

use chrono::DateTime;
use serde_json::json;

use super::super::cloud::PatchRequest;
use super::super::health;
use super::*;

fn world(scenario: Scenario, seed: u64) -> World {
    paced(scenario, seed, 1.0)
}

/// Of which so many seconds pass in one.
fn paced(scenario: Scenario, seed: u64, pace: f64) -> World {
    let places = Places {
        service: "http://127.0.0.1:1".to_owned(),
        tags: (2..8).map(|port| format!("http://127.0.0.1:{port}")).collect(),
    };
    World::new(scenario, seed, pace, DateTime::UNIX_EPOCH, &places)
}

/// Plays to `t` seconds; what was sent and cut on the way.
fn play(world: &mut World, t: f64) -> Outcome {
    let mut all = Outcome::default();
    while world.t() < t {
        let outcome = world.step();
        all.events.extend(outcome.events);
        all.cuts.extend(outcome.cuts);
    }
    all
}

fn at(world: &World, name: &str) -> usize {
    world.instance(name).unwrap()
}

/// Status and body of the canary's health.
fn canary_health(world: &mut World) -> (u16, serde_json::Value) {
    let answer = health::answer(world, at(&world.clone(), CANARY));
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

fn requests(world: &World) -> (u64, u64) {
    let counted = || world.instances.iter().flat_map(|it| &it.counters.requests);
    (counted().map(|(_, n)| n).sum(), counted().filter(|((code, _), _)| *code >= 500).map(|(_, n)| n).sum())
}

/// Percent of all requests that fail during the next `seconds`.
fn error_rate(world: &mut World, seconds: f64) -> f64 {
    let before = requests(world);
    let end = world.t() + seconds;
    play(world, end);
    let after = requests(world);
    100.0 * (after.1 - before.1) as f64 / (after.0 - before.0) as f64
}

fn closes(world: &World, code: u16) -> u64 {
    world.instances[at(world, CANARY)].counters.closes.get(&code).copied().unwrap_or(0)
}

fn patch(world: &mut World, mask: &str, body: serde_json::Value) -> serde_json::Value {
    let request = PatchRequest { mask: mask.to_owned(), validate_only: false, force: false, body };
    let (t, wall) = (world.t(), world.wall());
    world.cloud.patch(&request, t, wall, "ines").unwrap()
}

fn roll_back(world: &mut World) {
    let kind = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION";
    let traffic = json!([{ "type": kind, "revision": STABLE, "percent": 100 },
                         { "type": kind, "revision": CANARY, "tag": "canary" }]);
    patch(world, "traffic", json!({ "traffic": traffic }));
}

#[test]
fn the_canary_starts_then_gets_its_share() {
    let mut world = world(Scenario::BadCanary, 1);
    play(&mut world, 4.0);
    let (status, body) = canary_health(&mut world);
    assert_eq!(
        (status, &body["startup_phase"], &body["startup_complete"]),
        (503, &json!("DATABASE"), &json!(false))
    );
    assert_eq!(body["completed_phases"], json!({ "INIT": 0.4, "DEPENDENCIES": 1.1 }));
    play(&mut world, 19.0);
    let (status, body) = canary_health(&mut world);
    assert_eq!(
        (status, &body["startup_complete"], &body["flags"]["SESSION_RESUME"]),
        (200, &json!(true), &json!(true))
    );
    assert_eq!(world.cloud.shares(), [(STABLE.to_owned(), 100.0)]);
    let (generation, etag) = (world.cloud.generation(), world.cloud.etag());
    play(&mut world, 25.5);
    assert!(world.cloud.reconciling() && world.cloud.etag() != etag);
    assert_eq!(world.cloud.generation(), generation + 1);
    play(&mut world, 28.0);
    assert!(!world.cloud.reconciling());
    assert_eq!(world.cloud.shares(), [(STABLE.to_owned(), 90.0), (CANARY.to_owned(), 10.0)]);
    assert_eq!(world.cloud.service()["lastModifier"], "ci-deployer@demo-chat.iam.gserviceaccount.com");
}

#[test]
fn the_bad_canary_gets_worse_step_by_step_and_nobody_rolls_it_back() {
    let mut world = world(Scenario::BadCanary, 1);
    play(&mut world, 58.0);
    assert_eq!(closes(&world, 4401), 0);
    assert!(error_rate(&mut world, 10.0) < 1.0);
    assert!(closes(&world, 4401) > 0);
    let outcome = play(&mut world, 110.0);
    assert!(
        closes(&world, 4401) >= 10 && closes(&world, 1011) >= 5,
        "{:?}",
        world.instances[1].counters.closes
    );
    let codes: Vec<u16> = outcome.cuts.iter().map(|cut| cut.code).collect();
    assert!(codes.contains(&4401) && codes.contains(&1011), "{codes:?}");
    let canary = at(&world, CANARY);
    let count = |kind| outcome.events.iter().filter(|e| e.revision == canary && e.kind == kind).count();
    assert!(count(Kind::ToolCompleted) * 3 < count(Kind::ToolExecuting) * 2);
    for _ in 0..3 {
        let rate = error_rate(&mut world, 20.0);
        assert!((5.5..12.0).contains(&rate), "{rate}");
    }
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..10 {
        seen.insert(canary_health(&mut world).0);
        let next = world.t() + 1.0;
        play(&mut world, next);
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [200, 503]);
    assert_eq!(world.cloud.shares().last(), Some(&(CANARY.to_owned(), 10.0)));
}

#[test]
fn a_rollback_heals_within_seconds_and_drains_in_half_a_minute() {
    let mut world = world(Scenario::BadCanary, 1);
    play(&mut world, 130.0);
    let canary = at(&world, CANARY);
    assert!(world.instances[canary].open > 100.0);
    roll_back(&mut world);
    assert!(error_rate(&mut world, 1.0) > 2.0, "the old split serves until the change is carried out");
    play(&mut world, 134.0);
    assert_eq!(world.cloud.shares(), [(STABLE.to_owned(), 100.0)]);
    assert!(error_rate(&mut world, 10.0) < 1.0);
    let before = closes(&world, 4401);
    assert!(world.instances[canary].open > 50.0, "sockets do not vanish at once");
    play(&mut world, 166.0);
    assert!(world.instances[canary].open <= 0.0);
    assert!(closes(&world, 4401) - before <= 1);
    assert!(closes(&world, 1001) > 100, "each drained socket was closed with 1001");
    assert_eq!(canary_health(&mut world).0, 200);
}

#[test]
fn turning_the_flag_off_makes_a_good_revision() {
    let mut world = world(Scenario::BadCanary, 1);
    play(&mut world, 60.0);
    let mut template = world.cloud.service()["template"].clone();
    template["containers"][0]["env"][0]["value"] = json!("false");
    let operation = patch(&mut world, "template", json!({ "template": template }));
    let newest = world.cloud.revisions()[0].name.clone();
    assert!(newest.starts_with("chat-backend-00419-"), "{newest}");
    play(&mut world, 75.0);
    let id = operation["name"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    assert_eq!(world.cloud.operation(&id).unwrap()["done"], true);
    let traffic = json!([{ "type": 2, "revision": newest, "percent": 100 }]);
    patch(&mut world, "traffic", json!({ "traffic": traffic }));
    play(&mut world, 160.0);
    assert!(error_rate(&mut world, 20.0) < 1.0);
    assert_eq!(world.cloud.shares(), [(newest, 100.0)]);
}

#[test]
fn who_moves_the_traffic_first_is_not_overruled() {
    let mut world = world(Scenario::BadCanary, 1);
    play(&mut world, 20.0);
    roll_back(&mut world);
    play(&mut world, 60.0);
    assert_eq!(world.cloud.shares(), [(STABLE.to_owned(), 100.0)]);
}

#[test]
fn the_same_seed_gives_the_same_numbers_however_often_one_looks() {
    let (mut one, mut other) = (world(Scenario::BadCanary, 5), world(Scenario::BadCanary, 5));
    let mut played = Outcome::default();
    while other.t() < 90.0 {
        let outcome = other.step();
        canary_health(&mut other);
        other.route();
        played.events.extend(outcome.events);
        played.cuts.extend(outcome.cuts);
    }
    assert_eq!(play(&mut one, 90.0), played);
    let counters = |world: &World| world.instances.iter().map(|it| it.counters.clone()).collect::<Vec<_>>();
    assert_eq!(counters(&one), counters(&other));
    assert_ne!(play(&mut world(Scenario::BadCanary, 6), 90.0), played);
}

#[test]
fn routing_follows_the_split() {
    let mut world = world(Scenario::Healthy, 1);
    play(&mut world, 30.0);
    let canary = at(&world, CANARY);
    let hits = (0..1000).filter(|_| world.route() == canary).count();
    assert!((95..=105).contains(&hits), "{hits}");
}

#[test]
fn a_healthy_story_stays_healthy() {
    let mut world = world(Scenario::Healthy, 1);
    assert_eq!(play(&mut world, 100.0).cuts, []);
    assert!(error_rate(&mut world, 60.0) < 1.0);
    assert_eq!(canary_health(&mut world).0, 200);
}

#[test]
fn a_start_that_fails_never_gets_traffic() {
    for scenario in [Scenario::StartupFailed, Scenario::PhaseHang] {
        let mut world = world(scenario, 1);
        play(&mut world, 120.0);
        let (status, body) = canary_health(&mut world);
        assert_eq!((status, &body["startup_complete"]), (503, &json!(false)));
        assert_eq!(body.get("startup_failed").is_some(), scenario == Scenario::StartupFailed);
        assert_eq!(world.cloud.shares(), [(STABLE.to_owned(), 100.0)]);
    }
}

#[test]
fn each_scenario_does_what_its_name_says() {
    let mut storm = world(Scenario::AuthStorm, 1);
    play(&mut storm, 70.0);
    assert!(closes(&storm, 4401) > 20);
    assert!((0..50).filter(|_| storm.refuses()).count() > 5);

    let mut crash = world(Scenario::CrashLoop, 1);
    let outcome = play(&mut crash, 120.0);
    assert!(outcome.cuts.iter().filter(|cut| cut.code == 1006).count() >= 3);

    let mut overload = world(Scenario::Overload, 1);
    play(&mut overload, 40.0);
    let outcome = play(&mut overload, 41.0);
    assert!(outcome.events.len() > 50_000, "{}", outcome.events.len());
    let later = play(&mut overload, 60.0);
    assert!(later.cuts.iter().all(|cut| cut.code == 1013) && !later.cuts.is_empty());

    let mut frozen = world(Scenario::Frozen, 1);
    assert!(!play(&mut frozen, 40.0).events.is_empty());
    assert_eq!(play(&mut frozen, 90.0), Outcome::default());

    let mut missing = world(Scenario::MissingEvents, 1);
    play(&mut missing, 60.0);
    let late = play(&mut missing, 120.0);
    let canary = at(&missing, CANARY);
    let count = |kind| late.events.iter().filter(|e| e.revision == canary && e.kind == kind).count();
    assert!(count(Kind::ToolCompleted) * 2 < count(Kind::ToolExecuting));

    let mut slow = world(Scenario::SlowHealth, 1);
    play(&mut slow, 40.0);
    let waits: Vec<_> = (0..200).map(|_| health::answer(&mut slow, 0).after).collect();
    assert!(waits.iter().all(|wait| *wait >= Duration::from_millis(60)));
    assert!(waits.iter().any(|wait| *wait >= Duration::from_secs(5)));

    let mut down = world(Scenario::TargetDown, 1);
    let mut open = |t| {
        play(&mut down, t);
        down.listening()
    };
    assert_eq!([open(10.0), open(21.0), open(59.0), open(61.0)], [true, false, false, true]);
}

#[test]
fn what_a_start_took_is_told_in_the_seconds_of_whoever_watches() {
    let mut world = paced(Scenario::SlowStart, 1, 4.0);
    play(&mut world, 24.0);
    let (_, body) = canary_health(&mut world);
    let done = body["completed_phases"].as_object().expect("phases");
    let sum: f64 = done.values().filter_map(serde_json::Value::as_f64).sum();
    let passed = (world.wall() - DateTime::UNIX_EPOCH).as_seconds_f64();
    assert!(done.len() >= 3 && sum <= passed && sum > passed / 2.0, "{sum} s of {passed} s: {done:?}");
    assert!(body["uptime_seconds"].as_f64().expect("a number") <= passed + 0.1);
}
