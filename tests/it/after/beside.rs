//! What stands beside an act: the way back while another operation is judged or holds the service, and what the platform
//! says against what the probe says.

use warroom::domain::{Entry, Key, OpId, OpKind, OpState, VerdictState};
use warroom::model::modal::Modal;
use warroom::model::msg::Msg;

use super::{B, Desk, share, traffic};

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
