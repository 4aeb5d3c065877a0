//! What others change is told in a banner while it is news, and what was before this room is proposed as such.

use std::collections::BTreeMap;

use warroom::domain::audit::{AuditRead, Change};
use warroom::domain::{Clean, Entry, Key, OpState, Outcome, TrafficTarget, VerdictState};
use warroom::model::logs::audit::Before;
use warroom::model::msg::Msg;
use warroom::model::rollback::{Knowledge, proposed};

use super::{A, API, B, C, Desk, is_split, share, traffic};

fn banner(desk: &Desk) -> Option<String> {
    let screen = desk.person.screen();
    screen.lines().find(|row| row.contains("CHANGED OUTSIDE")).map(str::to_owned)
}

#[test]
fn what_others_change_is_told_for_ten_minutes() {
    let mut desk = Desk::new();
    desk.recorded(is_split(vec![share(A, 100)], None));
    assert_eq!(banner(&desk), None, "what is seen first is no change");
    desk.recorded(is_split(vec![share(A, 90), share(B, 10)], None));
    let told = banner(&desk).expect("the move");
    assert!(told.contains("00002-new 10 %") && told.contains("by sam"), "{told}");
    desk.recorded(is_split(vec![share(A, 90), share(B, 10)], Some(true)));
    assert!(banner(&desk).is_some_and(|told| told.contains("10 %")), "an opinion is no change");
    let image = Clean::new("img");
    desk.go(30).recorded(Entry::Deployed { service: "api".into(), revision: C.into(), image });
    assert!(banner(&desk).is_some_and(|told| told.contains(C)), "{}", desk.person.screen());
    desk.go(601);
    assert_eq!(banner(&desk), None);
}

#[test]
fn a_banner_of_a_narrow_screen_says_less_and_that_whole() {
    let by = |who: &str| {
        let mut desk = Desk::new();
        desk.person.model.update(Msg::Resized { columns: 80, rows: 24 });
        desk.recorded(is_split(vec![share(A, 100)], None));
        let moved = is_split(vec![share(A, 90), share(B, 10)], None);
        let Entry::Split { service, split, healthy, follows_latest, again, .. } = moved else {
            panic!("a split");
        };
        let by = Clean::new(who);
        desk.recorded(Entry::Split { service, split, healthy, by, follows_latest, again });
        banner(&desk).expect("the move")
    };
    let told = by("ci@project.iam.gserviceaccount.com");
    assert!(told.contains("serves 00001-old 90 %, 00002-new 10 % · by ci"), "{told}");
    // Who did it has no room: nothing of it stands there, and what it did stands whole.
    let told = by("a-deployer-with-a-name-that-nobody-would-give-it");
    assert!(told.trim_end().ends_with("serves 00001-old 90 %, 00002-new 10 %"), "{told}");
}

/// A room that moves no traffic proposes no key that could.
#[test]
fn without_cloud_run_a_rollback_is_left_to_the_people() {
    let config = r#"
[room]
name = "bare"
[[service]]
name = "api"
[[service.health]]
name = "up"
url = "http://127.0.0.1:1/health"
[[condition]]
name = "errors"
purpose = "trigger"
signal = "health.up.failing"
service = "api"
fail = "> 0"
for = "5s"
"#;
    let mut desk = Desk::configured(config, traffic(&[share(A, 100)], 1));
    desk.ok = false;
    desk.go(20);
    assert_eq!(desk.verdict(), VerdictState::RollBack, "{:?}", desk.reasons());
    let next = desk.person.model.verdicts.now.next.to_string();
    assert!(next.contains("by your own means") && !next.contains("R "), "{next}");
}

#[test]
fn what_the_room_does_itself_is_not_from_outside() {
    let mut desk = Desk::new();
    desk.recorded(is_split(vec![share(A, 90), share(B, 10)], None));
    let op = desk.rolled_back();
    desk.go(2).recorded(is_split(vec![share(A, 100)], None));
    desk.operated(&op, OpState::Failed);
    desk.go(20);
    assert_eq!(banner(&desk), None);
    desk.go(80).recorded(is_split(vec![share(B, 100)], None));
    assert!(banner(&desk).is_some(), "{}", desk.person.screen());
}

#[test]
fn what_was_changed_before_a_rollback_does_not_hide_its_lock() {
    let mut desk = Desk::new();
    desk.recorded(is_split(vec![share(A, 100)], None));
    desk.recorded(is_split(vec![share(A, 90), share(B, 10)], None));
    assert!(banner(&desk).is_some());
    desk.go(5);
    let op = desk.rolled_back();
    desk.go(2).recorded(is_split(vec![share(A, 100)], None));
    desk.operated(&op, OpState::Effective);
    desk.go(30);
    assert_eq!(banner(&desk), None);
    assert!(desk.person.screen().contains("PINNED"), "{}", desk.person.screen());
}

#[test]
fn a_rollback_that_others_undo_is_said_to_be_undone() {
    let mut desk = Desk::new();
    desk.recorded(is_split(vec![share(A, 90), share(B, 10)], None));
    let op = desk.rolled_back();
    desk.go(2).recorded(is_split(vec![share(A, 100)], None));
    desk.go(30);
    assert!(desk.person.screen().contains("PINNED"), "{}", desk.person.screen());
    desk.traffic = traffic(&[share(B, 100)], 4);
    desk.go(5).recorded(is_split(vec![share(B, 100)], None));
    desk.go(2);
    assert_eq!(desk.state(&op), Some(OpState::Superseded));
    let screen = desk.person.screen();
    assert!(screen.contains("ROLLBACK UNDONE") && !screen.contains("PINNED"), "{screen}");
    assert!(screen.contains("✗ Stable api 00002-new"), "the rail does not call it good: {screen}");
    assert_eq!(desk.verdict(), VerdictState::NoGo, "{screen}");
    let reason = "the rollback of api is undone 00002-new serves 100 % again, by sam";
    assert!(desk.reasons().iter().any(|told| told == reason), "{:?}", desk.reasons());
    desk.unlock();
    desk.go(1);
    assert!(!desk.person.screen().contains("UNDONE"), "who unlocks goes forward: {}", desk.person.screen());
}

/// The runner looks at the service itself: what was read before it, or while it changed, comes later.
#[test]
fn what_was_read_before_a_rollback_took_effect_does_not_undo_it() {
    let mut desk = Desk::new();
    desk.recorded(is_split(vec![share(A, 90), share(B, 10)], None));
    let before = desk.traffic.clone();
    let op = desk.rolled_back();
    let asked = desk.traffic.clone();
    for late in [before.clone(), warroom::domain::Traffic { effective: before.effective, ..asked.clone() }] {
        desk.traffic = late;
        desk.go(4);
        let told = desk.reasons().into_iter().find(|reason| reason.contains("undone"));
        assert_eq!((told, desk.verdict()), (None, VerdictState::Hold), "{:?}", desk.reasons());
    }
    desk.traffic = asked;
    desk.go(20);
    assert_eq!(desk.state(&op), Some(OpState::Verified), "{:?}", desk.reasons());
}

#[test]
fn a_rollback_that_failed_stays_in_sight_until_somebody_sees_to_it() {
    let mut desk = Desk::new();
    desk.recorded(is_split(vec![share(A, 90), share(B, 10)], None));
    let op = desk.asked();
    desk.operated(&op, OpState::Failed);
    desk.person.key(Key::Esc);
    desk.go(2);
    let told = |desk: &Desk| desk.reasons().into_iter().find(|reason| reason.contains("FAILED"));
    assert_eq!(told(&desk).as_deref(), Some("the rollback of api to 00001-old FAILED told"));
    assert_eq!(desk.verdict(), VerdictState::Hold, "{:?}", desk.reasons());
    desk.go(600);
    desk.go(5);
    assert!(told(&desk).is_some(), "{:?}", desk.reasons());
    assert_eq!(desk.verdict(), VerdictState::Go, "{:?}", desk.reasons());
    desk.recorded(is_split(vec![share(A, 100)], None));
    desk.go(1);
    assert_eq!(told(&desk), None);
}

/// Another change took its place, and the traffic had moved before that was known.
#[test]
fn a_rollback_that_another_change_replaced_stays_in_sight_while_what_it_was_to_leave_serves() {
    let told = |desk: &Desk| desk.reasons().into_iter().any(|reason| reason.contains("FAILED"));
    let replaced = || {
        let mut desk = Desk::new();
        desk.recorded(is_split(vec![share(A, 90), share(B, 10)], None));
        let op = desk.asked();
        desk.traffic = traffic(&[share(A, 50), share(B, 50)], 3);
        desk.go(2).recorded(is_split(vec![share(A, 50), share(B, 50)], None));
        desk.operated(&op, OpState::Failed);
        desk.person.key(Key::Esc);
        desk.go(10);
        assert!(told(&desk), "{:?}", desk.reasons());
        assert_eq!(desk.verdict(), VerdictState::Hold, "{:?}", desk.reasons());
        desk
    };
    // What that change brings more of it, after the failure was written down, is not seeing to it either.
    let mut desk = replaced();
    desk.traffic = traffic(&[share(B, 100)], 4);
    desk.recorded(is_split(vec![share(B, 100)], None));
    desk.go(5);
    assert!(told(&desk), "{:?}", desk.reasons());
    desk.go(600);
    assert!(told(&desk), "{:?}", desk.reasons());
    desk.traffic = traffic(&[share(A, 100)], 5);
    desk.recorded(is_split(vec![share(A, 100)], None));
    desk.go(5);
    assert!(!told(&desk), "{:?}", desk.reasons());
    // The next rollback, once it is asked for.
    let mut desk = replaced();
    desk.asked();
    desk.go(1);
    assert!(!told(&desk), "{:?}", desk.reasons());
    // A person ends the rollout as it is.
    let mut desk = replaced();
    let (given, candidates, baseline) = (None, BTreeMap::new(), BTreeMap::new());
    desk.recorded(Entry::RolloutBegan { given, candidates, baseline, environment: "e".into() });
    desk.go(2);
    assert!(told(&desk), "{:?}", desk.reasons());
    let (note, left) = (Clean::default(), Vec::new());
    desk.recorded(Entry::RolloutEnded { outcome: Outcome::Completed, note, left, unsigned: 0 });
    desk.go(2);
    assert!(!told(&desk), "{:?}", desk.reasons());
    let (given, candidates, baseline) = (None, BTreeMap::new(), BTreeMap::new());
    desk.recorded(Entry::RolloutBegan { given, candidates, baseline, environment: "e".into() });
    desk.go(2);
    assert!(!told(&desk), "it is of a rollout that is over: {:?}", desk.reasons());
}

#[test]
fn what_others_do_after_a_rollback_that_failed_is_from_outside() {
    let mut desk = Desk::new();
    desk.recorded(is_split(vec![share(A, 90), share(B, 10)], None));
    let op = desk.asked();
    desk.operated(&op, OpState::Failed);
    assert!(desk.person.screen().contains("✗ Not rolled back: api to 00001"), "{}", desk.person.screen());
    desk.person.key(Key::Esc);
    desk.go(3).recorded(is_split(vec![share(B, 100)], None));
    assert!(banner(&desk).is_some_and(|told| told.contains("100 %")), "{}", desk.person.screen());
}

#[test]
fn a_service_that_settles_on_something_else_is_not_said_to_be_changing() {
    let mut desk = Desk::new();
    let op = desk.asked();
    desk.operated(&op, OpState::Reconciling);
    let effective = traffic(&[share(B, 100)], 3).effective;
    desk.traffic = warroom::domain::Traffic { effective, ..traffic(&[share(A, 100)], 3) };
    desk.go(2);
    let screen = desk.person.screen();
    let told = screen.matches("settled, but serves api-00002-new 100 %").count();
    assert!(told == 2 && screen.contains("by hand"), "the banner and the sheet: {screen}");
}

/// The first night: the room opened when the new one had everything already.
#[test]
fn what_the_audit_log_tells_is_proposed_and_said_not_to_be_known() {
    let mut desk = Desk::opened(traffic(&[share(B, 100)], 2));
    desk.go(3);
    let known = |desk: &Desk| {
        let candidates = desk.person.model.candidates(API);
        proposed(&candidates).map(|at| (candidates[at].revision.clone(), candidates[at].knowledge))
    };
    assert_eq!(known(&desk), None);
    let now = desk.person.model.now.wall;
    let change = |hours: i64, split: Vec<TrafficTarget>| Change {
        at: now - chrono::TimeDelta::hours(hours),
        by: Clean::new("ci"),
        split: Some(split),
    };
    let answer = Ok(vec![change(50, vec![share(A, 100)]), change(2, vec![share(B, 100)])]);
    let since = now - chrono::TimeDelta::days(90);
    desk.person.tell(Msg::AuditRead(Box::new(AuditRead { service: API, since, answer })));
    assert_eq!(known(&desk), Some((A.to_owned(), Knowledge::Audited)));
    desk.person.keys("R");
    let screen = desk.person.screen();
    assert!(screen.contains("by the audit log; not known to this room"), "{screen}");
    assert!(screen.contains("seen at 100 % for 2d00h"), "{screen}");
}

#[test]
fn what_the_audit_log_does_not_tell_the_end_of_is_not_told_to_serve_still() {
    let mut desk = Desk::opened(traffic(&[share(B, 100)], 2));
    desk.go(3);
    let now = desk.person.model.now.wall;
    let at = now - chrono::TimeDelta::hours(2);
    let answer = Ok(vec![Change { at, by: Clean::new("ci"), split: Some(vec![share(A, 100)]) }]);
    let since = now - chrono::TimeDelta::days(90);
    desk.person.tell(Msg::AuditRead(Box::new(AuditRead { service: API, since, answer })));
    let Before::Was(full) = desk.person.model.audited_full(API, A) else { panic!("it was") };
    assert!(full.at_the_latest && full.until.is_some_and(|until| until <= now), "{full:?}");
}

#[test]
fn what_another_service_got_before_a_lock_does_not_hide_it() {
    let mut desk = Desk::new();
    desk.recorded(is_split(vec![share(A, 90), share(B, 10)], None));
    let of_web = |percent| Entry::Split {
        service: "web".into(),
        split: vec![share(A, percent), share(B, 100 - percent)],
        follows_latest: false,
        again: false,
        by: Clean::new("sam"),
        healthy: None,
    };
    desk.recorded(of_web(100));
    desk.go(1).recorded(of_web(50));
    assert!(banner(&desk).is_some_and(|told| told.contains("web serves")), "{}", desk.person.screen());
    desk.go(5);
    desk.rolled_back();
    desk.recorded(Entry::Lock { service: "api".into(), locked: true });
    desk.go(2).recorded(is_split(vec![share(A, 100)], None));
    desk.go(30);
    let screen = desk.person.screen();
    assert!(screen.contains("PINNED api 00001-old") && screen.contains(":unlock"), "{screen}");
    assert_eq!(banner(&desk), None);
    // What comes after it is news again.
    desk.recorded(of_web(20));
    assert!(banner(&desk).is_some(), "{}", desk.person.screen());
}

#[test]
fn who_only_watches_is_not_told_to_unlock() {
    let mut desk = Desk::new();
    desk.recorded(is_split(vec![share(A, 90), share(B, 10)], None));
    desk.rolled_back();
    desk.go(2).recorded(is_split(vec![share(A, 100)], None));
    desk.go(30);
    assert!(desk.person.screen().contains("locked forward"), "{}", desk.person.screen());
    let mut room = (*desk.person.model.room).clone();
    room.operator.mode = warroom::domain::room::Mode::ReadOnly;
    desk.person.model.room = std::sync::Arc::new(room);
    let screen = desk.person.screen();
    let row = screen.lines().find(|row| row.contains("PINNED")).expect("the banner");
    assert!(row.contains("locked forward") && !row.contains(":unlock"), "{row}");
    desk.go(1);
    let pinned =
        desk.person.model.verdicts.now.reasons.iter().find(|reason| reason.subject.contains("pinned"));
    assert!(pinned.is_some_and(|reason| !reason.context.contains(":unlock")), "{pinned:?}");
}
