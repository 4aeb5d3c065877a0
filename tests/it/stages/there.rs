//! Whether what a stage asks for is there: its share of the traffic, its flags; and what the traffic of a stage waits for.

use std::collections::BTreeMap;

use warroom::domain::revision::{EnvValue, RevisionFacts};
use warroom::domain::stage::StopKind;
use warroom::domain::{Entry, Revision, ServiceIx, Traffic, TrafficTarget, VerdictState};
use warroom::model::msg::Msg;
use warroom::model::stages::StageAct;

use super::{CHECKLIST, CONFIG, Console, wall};

const CLOUD: &str = r#"
[service.cloud_run]
project = "p"
region = "europe-west1"
service = "api"
[[flag]]
name = "SWIFT"
service = "api"
[[condition]]
purpose = "trigger"
name = "api gone"
signal = "health.api.failing"
fail = "> 0"
for = "5m"
[[condition]]"#;

fn revision(name: &str, image: &str, swift: Option<&str>) -> Revision {
    let env = swift.map(|value| ("SWIFT".to_owned(), EnvValue::Plain(value.into())));
    Revision {
        name: name.into(),
        ready: Some(true),
        message: None,
        image: image.into(),
        created: None,
        creator: "sam@example.com".into(),
        facts: RevisionFacts::default(),
        env: env.into_iter().collect(),
    }
}

/// A settled split over these revisions, newest first: name, image, share and flag.
pub(super) fn traffic(of: &[(&str, &str, u8, Option<&str>)]) -> Traffic {
    let target = |(name, _, percent, _): &(&str, &str, u8, Option<&str>)| TrafficTarget {
        revision: Some((*name).into()),
        percent: *percent,
        tag: (*percent == 0).then(|| "next".to_owned()),
        uri: None,
    };
    let split: Vec<TrafficTarget> = of.iter().map(target).collect();
    let revisions: Vec<Revision> =
        of.iter().map(|(name, image, _, swift)| revision(name, image, *swift)).collect();
    Traffic {
        name: "projects/p/locations/europe-west1/services/api".into(),
        desired: split.clone(),
        effective: split,
        latest_ready: revisions.first().map(|it| it.name.clone()),
        latest_created: revisions.first().map(|it| it.name.clone()),
        reconciling: false,
        generation: 7,
        observed_generation: 7,
        terminal: Some(true),
        message: None,
        etag: "\"e7\"".into(),
        uri: "https://api.example".into(),
        template_env: revisions.first().map(|it| it.env.clone()).unwrap_or_default(),
        template_containers: BTreeMap::new(),
        template_image: "img:new".into(),
        template_sidecars: Vec::new(),
        template_main: warroom::domain::Clean::default(),
        revisions,
        last_modifier: "sam@example.com".into(),
        scaling: warroom::domain::revision::ServiceScaling::default(),
    }
}

/// In the canary of 10 %, which asks for `flags`, with all the traffic on the old revision; the items `done` are.
fn in_canary(flags: &str, done: &[&str]) -> Console {
    let config = CONFIG
        .replacen("[[condition]]", CLOUD, 1)
        .replace("\"production\"", "\"staging\"")
        .replace("percent = 10\nbefore", &format!("percent = 10\nflags = [{flags}]\nbefore"));
    let mut console = Console::new(&config, CHECKLIST);
    console.traffic = Some(traffic(&[("api-2", "img@2", 0, None), ("api-1", "img@1", 100, None)]));
    for item in done {
        console.tick_item(item);
    }
    console.pass(6);
    console.act_on(StageAct::Advance, "");
    console.pass(3);
    console.act_on(StageAct::Advance, "");
    console.pass(6);
    console
}

const ALL: &[&str] = &["lead agrees", "support knows", "QA verification"];

fn stop(console: &Console) -> Option<(StopKind, &str)> {
    console.model.stages.clock.stop.as_ref().map(|stop| (stop.kind, &*stop.why))
}

#[test]
fn the_clock_runs_once_the_candidate_has_the_share_of_the_stage() {
    let mut console = in_canary("", ALL);
    assert_eq!(stop(&console), Some((StopKind::Unsettled, "api gets 0 % of 10 %")));
    console.traffic = Some(traffic(&[("api-2", "img@2", 10, None), ("api-1", "img@1", 90, None)]));
    console.pass(6);
    assert_eq!(stop(&console), None);
    // A newer revision of the same image is the candidate still: a flip deploys one.
    console.traffic = Some(traffic(&[
        ("api-3", "img@2", 4, None),
        ("api-2", "img@2", 6, None),
        ("api-1", "img@1", 90, None),
    ]));
    console.pass(3);
    assert_eq!(stop(&console), None);
    // The last change failed: no condition says that, and no person.
    let failed = traffic(&[("api-2", "img@2", 10, None), ("api-1", "img@1", 90, None)]);
    let terminal = Some(false);
    console.traffic = Some(Traffic { terminal, message: Some("no quota".into()), ..failed });
    console.pass(3);
    let told = stop(&console).expect("it stands");
    assert_eq!((told.0, told.1.contains("the last change failed")), (StopKind::Failed, true), "{told:?}");
}

#[test]
fn a_stage_whose_candidate_lost_its_share_is_not_ready_however_long_it_soaked() {
    let mut console = in_canary("", ALL);
    let split = traffic(&[("api-2", "img@2", 10, None), ("api-1", "img@1", 90, None)]);
    console.traffic = Some(split.clone());
    for item in ["switch on", "look at the logs"] {
        console.tick_item(item);
    }
    console.pass(140);
    assert_eq!(console.model.verdicts.now.state, VerdictState::Go);
    // Somebody went back by hand.
    console.traffic = Some(traffic(&[("api-2", "img@2", 0, None), ("api-1", "img@1", 100, None)]));
    console.pass(3);
    let now = &console.model.verdicts.now;
    assert_eq!(now.state, VerdictState::Hold);
    let told: Vec<String> = now.reasons.iter().map(|it| it.told_whole().to_string()).collect();
    assert!(
        told.iter().any(|it| it.contains("Canary is not there yet") && it.contains("0 % of 10 %")),
        "{told:?}"
    );
    console.traffic = Some(split);
    console.pass(15);
    assert_eq!(console.model.verdicts.now.state, VerdictState::Go);
    // Another image took all of it: nobody watched that one.
    let all = [("api-3", "img@3", 100, None), ("api-2", "img@2", 0, None), ("api-1", "img@1", 0, None)];
    console.traffic = Some(traffic(&all));
    console.pass(5);
    assert_eq!(console.model.verdicts.now.state, VerdictState::Hold);
    assert!(
        console.model.stages.clock.ms < 10_000,
        "its clock begins anew: {}",
        console.model.stages.clock.ms
    );
}

#[test]
fn without_a_candidate_in_sight_no_share_is_there() {
    let mut console = in_canary("", ALL);
    console.traffic = Some(traffic(&[("api-1", "img@1", 100, None)]));
    // A room that never saw one: what was recorded is gone with its journal.
    console.records.retain(|record| !matches!(record.entry, Entry::Candidate { .. }));
    console.restart(1);
    console.pass(6);
    assert_eq!(stop(&console), Some((StopKind::Unsettled, "no candidate is in sight")));
}

#[test]
fn a_flag_counts_as_on_only_where_the_candidate_has_it() {
    let mut console = in_canary("\"SWIFT\"", ALL);
    let on = Some("true");
    let mut see = |split: &[(&str, &str, u8, Option<&str>)]| {
        console.traffic = Some(traffic(split));
        console.pass(4);
        (stop(&console).map(|(kind, why)| (kind, why.to_owned())), console.model.flag_is_on("SWIFT"))
    };
    let off = || Some((StopKind::Unsettled, "flag SWIFT is off".to_owned()));
    let old = ("api-1", "img@1", 90, None);
    assert_eq!(see(&[("api-2", "img@2", 10, None), old]), (off(), Some(false)), "not set is off");
    assert_eq!(see(&[("api-2", "img@2", 10, Some("blue")), old]), (off(), Some(false)));
    assert_eq!(see(&[("api-2", "img@2", 10, on), old]), (None, Some(true)));
    let flipped = [("api-3", "img@2", 0, on), ("api-2", "img@2", 10, None), old];
    assert_eq!(see(&flipped).1, Some(false), "deployed, and nobody gets it");
    let mut hidden = traffic(&[("api-2", "img@2", 10, on), old]);
    let secret = EnvValue::Secret { secret: "s".into(), version: "1".into() };
    hidden.revisions[0].env.insert("SWIFT".into(), secret);
    hidden.template_env = hidden.revisions[0].env.clone();
    console.traffic = Some(hidden);
    console.pass(4);
    assert_eq!(stop(&console), Some((StopKind::Unseen, "flag SWIFT: comes from a secret")));
}

#[test]
fn the_traffic_of_a_stage_waits_for_what_is_no_matter_of_the_stages() {
    let wants = |console: &Console| console.model.freeze_shift(ServiceIx(0), &["api-2=10"]).map(|_| ());
    let mut console = in_canary("", ALL);
    assert_eq!(console.verdict().0, VerdictState::Hold);
    assert_eq!(wants(&console), Ok(()), "it soaks, and only that holds: {:?}", console.reasons());
    // A stopwatch runs towards a rollback.
    console.answers = Some(false);
    console.pass(1);
    assert!(wants(&console).is_err());
    // A person says no.
    let mut console = in_canary("", ALL);
    let room = console.model.verdicts.room.clone();
    let (until, reason, against) = (wall(9_000), "not now".into(), room.against);
    console.elsewhere(Entry::Overrode {
        state: VerdictState::Hold,
        over: room.state,
        against,
        reason,
        until,
    });
    console.pass(1);
    assert!(wants(&console).is_err(), "{:?}", console.reasons());
    // Nothing was judged yet.
    let mut console = in_canary("", ALL);
    let read = console.traffic.clone().map(Box::new).expect("read");
    console.restart(1);
    let (service, at) = (ServiceIx(0), console.model.now.mono);
    console.tell(Msg::TrafficRead { service, at, traffic: read });
    assert!(wants(&console).is_err());
    // A required item is open that no stage asks for.
    let mut console = in_canary("", &["lead agrees", "QA verification"]);
    assert!(wants(&console).is_err(), "{:?}", console.reasons());
    console.tick_item("support knows");
    console.pass(4);
    assert_eq!(wants(&console), Ok(()));
}

/// A command beside a console that watches goes by its word, and that console moves this traffic while it says HOLD.
#[test]
fn the_traffic_of_a_stage_is_moved_by_a_command_beside_a_console_that_waits_for_it() {
    let wants = |console: &Console| console.model.freeze_shift(ServiceIx(0), &["api-2=10"]).map(|_| ());
    let mut command = in_canary("", ALL);
    command.model.verdict_line.glimpses = true;
    command.tell(Msg::Kept { mine: false, holder: "ana-may-17-1700000000000".into() });
    let says = |from, to, why: &str| Entry::Verdict { from, to, reasons: vec![why.into()] };
    command.elsewhere(says(VerdictState::Go, VerdictState::Hold, "soak of Canary: 00:00 of 02:00"));
    command.pass(2);
    let told = command.reasons();
    assert!(told.iter().any(|it| it.contains("the console of ana-may says HOLD")), "{told:?}");
    assert_eq!(wants(&command), Ok(()), "{told:?}");
    command.elsewhere(says(VerdictState::Hold, VerdictState::Hold, "event stream unreachable: down 9s"));
    command.pass(2);
    assert!(wants(&command).is_err(), "{:?}", command.reasons());
    command.elsewhere(says(VerdictState::Hold, VerdictState::NoGo, "errors: 9 %"));
    command.pass(2);
    assert!(wants(&command).is_err(), "{:?}", command.reasons());
}

/// Once the candidate is gone nothing is seen of what it failed by.
#[test]
fn no_stage_begins_while_the_way_forward_is_locked_by_a_rollback() {
    let none = CONFIG.split("[[stage]]").next().expect("the config without its stages");
    let config = format!(
        "{}[[stage]]\nname = \"Internal\"\n[[stage]]\nname = \"Canary\"\npercent = 10\n",
        none.replacen("[[condition]]", CLOUD, 1).replace("\"production\"", "\"staging\"")
    );
    let mut console = Console::new(&config, "# R\n");
    console.traffic = Some(traffic(&[("api-2", "img@2", 0, None), ("api-1", "img@1", 100, None)]));
    console.pass(6);
    console.act_on(StageAct::Advance, "");
    console.pass(6);
    assert_eq!(console.verdict(), (VerdictState::Go, "Canary 10 %".into()), "{:?}", console.reasons());
    let lock = |locked| Entry::Lock { service: "api".into(), locked };
    console.elsewhere(lock(true));
    console.pass(6);
    let told = console.reasons();
    assert!(told.contains(&"api was rolled back: locked forward".to_owned()), "{told:?}");
    assert_eq!(console.verdict().0, VerdictState::Hold);
    let why = console.model.stage_obstacle(StageAct::Advance).expect("it is locked");
    assert!(why.contains("api was rolled back: locked forward (:unlock api"), "{why}");
    console.elsewhere(lock(false));
    console.pass(6);
    assert_eq!(console.verdict().0, VerdictState::Go, "{:?}", console.reasons());
}

#[test]
fn when_all_stages_are_passed_what_is_left_is_the_end_of_the_rollout() {
    let none = CONFIG.split("[[stage]]").next().expect("the config without its stages");
    let cloud = none.replacen("[[condition]]", CLOUD, 1).replace("\"production\"", "\"staging\"");
    let mut console = Console::new(&format!("{cloud}[[stage]]\nname = \"Only\"\n"), "# R\n");
    console.traffic = Some(traffic(&[("api-1", "img@1", 100, None)]));
    console.pass(3);
    console.traffic = Some(traffic(&[("api-2", "img@2", 100, None), ("api-1", "img@1", 0, None)]));
    console.pass(6);
    for _ in 0..2 {
        console.act_on(StageAct::Advance, "");
        console.pass(6);
    }
    let now = &console.model.verdicts.now;
    assert_eq!(now.state, VerdictState::Go, "{:?}", console.reasons());
    assert!(now.next.starts_with("all stages are passed   :rollout end"), "{}", now.next);
}
