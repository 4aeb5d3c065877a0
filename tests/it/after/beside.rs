//! What stands beside an act: the way back while another operation is judged or holds the service, and what the platform
//! says against what the probe says.

use std::collections::BTreeMap;
use std::time::Duration;

use warroom::domain::health::{BodyReport, ProbeOutcome, Probed};
use warroom::domain::rollout::Seen;
use warroom::domain::{
    Entry, Key, LinkReport, OpId, OpKind, OpState, Origin, PanelId, ServiceIx, SourceId, VerdictState,
};
use warroom::model::modal::Modal;
use warroom::model::msg::Msg;

use super::{A, B, CONFIG, Desk, share, traffic};
use crate::frames::text;
use crate::panels::panel;

/// Sends B all the traffic, and goes as far as `state`.
fn forward(desk: &mut Desk, state: OpState) -> OpId {
    assert_eq!(desk.verdict(), VerdictState::Go, "{:?}", desk.reasons());
    desk.person.keys(":forward api\n").unguarded().keys("00002\n");
    let token = desk.person.token(|entry| matches!(entry, Entry::Intent { .. }));
    desk.person.tell(Msg::Journaled { token, seq: 9 });
    let op = desk.person.model.ops.iter().last().expect("an operation").id.clone();
    desk.operated(&op, state);
    if state == OpState::Effective {
        desk.traffic = traffic(&[share(B, 100)], 3);
    }
    desk.go(3).person.key(Key::Esc);
    op
}

fn asks_to_roll_back(desk: &Desk) -> bool {
    matches!(&desk.person.model.ui.modal, Some(Modal::Confirm(it)) if matches!(it.act, OpKind::Rollback(_)))
}

#[test]
fn what_is_effective_and_not_verified_yet_can_be_left_at_once() {
    for keys in ["R", ":rollback api\n"] {
        let mut desk = Desk::new();
        let op = forward(&mut desk, OpState::Effective);
        desk.person.keys(keys);
        assert_eq!(desk.state(&op), Some(OpState::Effective));
        assert!(asks_to_roll_back(&desk), "{keys}\n{}", desk.person.screen());
    }
}

#[test]
fn what_an_effective_act_broke_is_left_by_the_key_that_the_verdict_names() {
    let mut desk = Desk::new();
    forward(&mut desk, OpState::Effective);
    desk.ok = false;
    desk.go(8);
    assert_eq!(desk.verdict(), VerdictState::RollBack, "{:?}", desk.reasons());
    let next = desk.person.model.verdicts.now.next.to_string();
    assert!(next.starts_with("R roll back… api: 100 % to 00001-old"), "{next}");
}

/// One that hangs is not out of sight because another one came after it.
#[test]
fn all_that_is_under_way_is_told_and_what_is_not_done_first() {
    let mut desk = Desk::new();
    let hangs = forward(&mut desk, OpState::Reconciling);
    desk.go(2).person.keys(":rollback web api-00001-old\n").unguarded().keys("api-00001-old\n");
    let token = desk.person.token(|entry| matches!(entry, Entry::Intent { .. }));
    desk.person.tell(Msg::Journaled { token, seq: 10 });
    let done = desk.person.model.ops.iter().last().expect("an operation").id.clone();
    assert_ne!(hangs, done);
    desk.operated(&done, OpState::Effective);
    desk.go(3).person.key(Key::Esc);
    let told: Vec<String> = desk.reasons().into_iter().filter(|reason| reason.contains(" runs ")).collect();
    assert_eq!(told, ["traffic to 00002-new runs RECONCILING", "rollback to api-00001-old runs EFFECTIVE"]);
    let screen = desk.person.screen();
    let banner = screen.lines().find(|line| line.contains("more under way")).expect("a banner");
    assert!(banner.contains("00002-new RECONCILING") && banner.contains("1 more under way"), "{banner}");
}

#[test]
fn while_a_way_forward_holds_the_service_the_way_back_is_shown_to_be_done_by_hand() {
    let mut desk = Desk::new();
    forward(&mut desk, OpState::Reconciling);
    for keys in ["R", ":rollback api\n"] {
        desk.person.keys(keys);
        let screen = desk.person.screen();
        assert!(!asks_to_roll_back(&desk) && screen.contains("the way back is by hand only"), "{screen}");
        assert!(screen.contains("--to-revisions=api-00001-old=100"), "{screen}");
        desk.person.key(Key::Esc);
    }
}

#[test]
fn ready_beside_a_failing_probe_is_a_contradiction_with_a_name() {
    let words = "Ready says Cloud Run, failing says the probe";
    for (split, contradicts) in
        [(vec![share(B, 100)], true), (vec![share("api-00001-old", 90), share(B, 10)], false)]
    {
        let mut desk = Desk::opened(traffic(&split, 2));
        desk.ok = false;
        desk.go(8).person.keys(":traffic\n");
        let screen = desk.person.screen();
        assert_eq!(screen.contains(&format!("00002-new: {words} up")), contradicts, "{screen}");
        assert_eq!(screen.contains("Ready, failing"), contradicts, "{screen}");
        let mut reasons = desk.person.model.verdicts.now.reasons.iter();
        assert_eq!(reasons.any(|reason| reason.context.contains(words)), contradicts, "{:?}", desk.reasons());
        desk.ok = true;
        desk.go(8);
        assert!(!desk.person.screen().contains(words), "it is over");
    }
}

/// A second trigger, of the other service.
fn with_door() -> Desk {
    let web = "name = \"web\"\n[[service.health]]\nname = \"door\"\nurl = \"http://127.0.0.1:1/door\"\n";
    let trigger = "[[condition]]\nname = \"door shut\"\npurpose = \"trigger\"\nsignal = \"health.door.failing\"\n\
         service = \"web\"\nfail = \"> 0\"\nfor = \"5s\"\n";
    let config = CONFIG.replacen("name = \"web\"\n", web, 1) + trigger;
    let mut desk = Desk::configured(&config, traffic(&[share(A, 100)], 1));
    door(&mut desk, 2, true);
    desk.traffic = traffic(&[share(A, 90), share(B, 10)], 2);
    door(&mut desk, 10, true);
    desk
}

/// Seconds in which the door of the other service is open, or not.
fn door(desk: &mut Desk, seconds: u64, ok: bool) {
    for _ in 0..seconds {
        let (service, probe, at) = (ServiceIx(1), 0, desk.now());
        let (status, latency) = (Some(if ok { 200 } else { 503 }), Duration::from_millis(9));
        let outcome = ProbeOutcome::Answered { status, latency, ok, report: BodyReport::default() };
        let source = SourceId::Health { service, probe };
        desk.person.tell(Msg::Linked { source, report: LinkReport::Alive, at });
        desk.person.tell(Msg::Probed(Probed { service, probe, at, origin: Origin::Mixed, outcome }));
        desk.go(1);
    }
}

#[test]
fn a_trigger_of_another_service_is_named_while_an_operation_is_under_way_and_r_opens_its_way_back() {
    for unknown in [false, true] {
        let mut desk = with_door();
        desk.ok = false;
        door(&mut desk, 8, true);
        let op = desk.asked();
        desk.operated(&op, OpState::Accepted);
        if unknown {
            desk.operated(&op, OpState::Unknown);
        }
        door(&mut desk, 2, true);
        let next = desk.person.model.verdicts.now.next.to_string();
        assert!(!next.contains("tripped too"), "{next}");
        door(&mut desk, 8, false);
        let next = desk.person.model.verdicts.now.next.to_string();
        let told = " · web: door shut tripped too   R roll back… web: 100 % to ";
        assert!(next.contains(told), "{unknown}: {next}");
        assert_eq!(next.starts_with("an operation is under way"), !unknown, "{next}");
        desk.person.unguarded().key(Key::Esc);
        desk.person.keys("R");
        let Some(Modal::Confirm(dialog)) = &desk.person.model.ui.modal else { panic!("no dialog") };
        assert_eq!(dialog.act.service(), ServiceIx(1));
    }
}

#[test]
fn what_is_told_of_the_way_back_itself_asks_for_none() {
    let mut desk = Desk::new();
    desk.go(90);
    assert!(
        desk.reasons().iter().any(|it| it.starts_with("way back for api not known")),
        "{:?}",
        desk.reasons()
    );
    desk.ok = false;
    desk.go(8).person.keys("R");
    assert!(asks_to_roll_back(&desk));
    let screen = desk.person.screen();
    let asks = screen.split_once("What asks for it").expect("its part").1;
    assert!(asks.contains("errors") && !asks.contains("way back for"), "{screen}");
}

#[test]
fn what_was_rolled_back_rolls_out_no_more() {
    let mut desk = Desk::new();
    let seen = Seen { revision: B.into(), image: "img".into() };
    let candidates = [("api".to_owned(), seen)].into();
    desk.recorded(Entry::RolloutBegan {
        given: None,
        candidates,
        baseline: BTreeMap::new(),
        environment: String::new(),
    });
    let drawn = |desk: &Desk| text(&panel(PanelId::Deployment, &desk.person.model, (90, 12), "dark"));
    assert!(drawn(&desk).contains("rolls out") && !drawn(&desk).contains("rolled back"), "{}", drawn(&desk));
    desk.rolled_back();
    desk.go(3);
    assert!(!drawn(&desk).contains("rolls out"), "{}", drawn(&desk));
    assert!(drawn(&desk).contains("rolled back  ") && drawn(&desk).contains("gets 0 %"), "{}", drawn(&desk));
}
