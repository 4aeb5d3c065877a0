//! What VERIFIED and DRAINED rest on, as it is told: whether there was traffic to judge, who counted the sockets, and until
//! when at most the platform lets them stay.

use std::time::Duration;

use warroom::domain::{OpId, OpState};
use warroom::model::modal::Modal;

use super::{A, B, Desk};

/// The words of a state that an operation reached.
fn told(desk: &Desk, op: &OpId, state: OpState) -> String {
    let op = desk.person.model.ops.get(op).expect("the operation");
    let step = op.steps.iter().find(|step| step.state == state);
    step.map_or_else(|| panic!("not {state}: {:?}", op.state()), |step| step.detail.to_string())
}

#[test]
fn verified_says_that_there_was_no_traffic_to_judge_and_drained_who_counted() {
    let mut desk = Desk::new();
    desk.sockets = vec![(A, 40.0), (B, 9.0)];
    let op = desk.rolled_back();
    desk.go(30);
    let verified = told(&desk, &op, OpState::Verified);
    assert!(verified.ends_with("no traffic to judge: none of them counted any"), "{verified}");
    desk.person.model.ui.modal = Some(Modal::Progress(op.clone()));
    let screen = desk.person.screen();
    for words in
        ["counted by ", " of the server's metrics", "9 may stay until the platform ends them, an hour"]
    {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    // The revision that was left tells how long a request of it may last.
    for revision in &mut desk.traffic.revisions {
        revision.facts.timeout = Some(Duration::from_mins(20));
    }
    desk.go(2);
    let screen = desk.person.screen();
    for words in ["9 may stay until ", "the platform ends a request after 20m00s"] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    desk.sockets = vec![(A, 40.0), (B, 0.0)];
    desk.go(2);
    let drained = told(&desk, &op, OpState::Drained);
    assert!(drained.starts_with("no socket left, as the server counts: "), "{drained}");
    assert!(drained.ends_with(" of the server's metrics"), "{drained}");
}
