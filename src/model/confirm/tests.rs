//! What a confirmation takes, and what it never takes.

use super::*;
use crate::domain::{ServiceIx, TrafficChange, TrafficTarget, Wall};
use crate::model::traffic::tests::{settled, share};

fn dialog() -> Confirm {
    let act = OpKind::Rollback(TrafficChange {
        service: ServiceIx(0),
        resource: "projects/p/locations/l/services/s".into(),
        to: "chat-00417-hux".into(),
        before: vec![],
        after: vec![],
        generation: 57,
        etag: "e".into(),
        frozen_at: Wall::default(),
    });
    Confirm::new(act, "00417", "because", Token(1), Now::default())
}

fn traffic(generation: i64, etag: &str, latest: Option<&str>) -> Traffic {
    let traffic = settled(&[share("chat-00417-hux", 100)], &["chat-00417-hux"]);
    Traffic { generation, etag: etag.into(), latest_ready: latest.map(str::to_owned), ..traffic }
}

fn press(confirm: &mut Confirm, key: Key, millis: u64) -> Answer {
    confirm.press(&KeyPress { chord: Chord::plain(key), at: Mono::from_millis(millis), repeat: false })
}

#[test]
fn the_whole_word_and_enter_confirm_also_with_a_doubled_digit() {
    let mut confirm = dialog();
    for (c, millis) in "00417".chars().zip((600..).step_by(90)) {
        assert_eq!(press(&mut confirm, Key::Char(c), millis), Answer::Stay);
    }
    assert!(confirm.armed());
    press(&mut confirm, Key::Char('9'), 2000);
    assert_eq!(confirm.typed, "00417", "a sixth character is not taken");
    assert_eq!(press(&mut confirm, Key::Enter, 2200), Answer::Confirmed);
}

#[test]
fn enter_on_less_than_the_word_cancels() {
    let mut confirm = dialog();
    assert_eq!(press(&mut confirm, Key::Enter, 600), Answer::Cancel);
    press(&mut confirm, Key::Char('0'), 700);
    assert_eq!(press(&mut confirm, Key::Enter, 900), Answer::Cancel);
}

#[test]
fn early_keys_and_repeats_do_nothing() {
    let mut confirm = dialog();
    assert_eq!(press(&mut confirm, Key::Enter, 499), Answer::Stay);
    press(&mut confirm, Key::Char('0'), 600);
    press(&mut confirm, Key::Char('0'), 640);
    assert_eq!(confirm.typed, "0", "40 ms apart is a repeat");
    let held = KeyPress { chord: Chord::char('4'), at: Mono::from_millis(900), repeat: true };
    confirm.press(&held);
    assert_eq!(confirm.typed, "0");
}

#[test]
fn a_held_key_stays_a_repeat_for_as_long_as_it_is_held() {
    let mut confirm = dialog();
    for millis in (600..900).step_by(30) {
        press(&mut confirm, Key::Char('0'), millis);
    }
    assert_eq!(confirm.typed, "0");
}

#[test]
fn without_a_word_y_says_yes_after_the_guard_and_enter_cancels() {
    let asks = || Confirm { word: String::new(), ..dialog() };
    let mut confirm = asks();
    assert_eq!(press(&mut confirm, Key::Char('y'), 499), Answer::Stay, "too early");
    assert_eq!(press(&mut confirm, Key::Char('y'), 530), Answer::Stay, "held since");
    assert!(!confirm.armed(), "Cancel is lit");
    let held = KeyPress { chord: Chord::char('y'), at: Mono::from_millis(900), repeat: true };
    assert_eq!(confirm.press(&held), Answer::Stay);
    assert_eq!(press(&mut confirm, Key::Char('y'), 1000), Answer::Stay, "a keyboard begins to repeat late");
    assert_eq!(press(&mut confirm, Key::Char('y'), 2000), Answer::Confirmed);
    assert_eq!(press(&mut asks(), Key::Enter, 600), Answer::Cancel);
    let mut reason = asks();
    press(&mut reason, Key::Tab, 600);
    assert_eq!(press(&mut reason, Key::Char('y'), 700), Answer::Stay, "a letter of the reason");
    assert_eq!(reason.reason.value(), "becausey");
}

#[test]
fn a_changed_target_can_only_be_reopened() {
    let mut confirm = dialog();
    confirm.observe(&traffic(58, "e", None));
    assert!(!confirm.armed());
    assert_eq!(press(&mut confirm, Key::Char('0'), 600), Answer::Stay);
    assert_eq!(press(&mut confirm, Key::Enter, 700), Answer::Reopen);
}

#[test]
fn also_another_etag_or_another_latest_revision_is_a_change() {
    let mut same = dialog();
    same.observe(&traffic(57, "e", Some("chat-00418-ral")));
    same.observe(&traffic(57, "", None));
    assert_eq!(same.stage, Stage::Asking, "a rollback names its revision; an etag that is not known is none");
    same.observe(&traffic(57, "f", None));
    assert!(matches!(same.stage, Stage::Changed { .. }), "{:?}", same.stage);
    let OpKind::Rollback(change) = dialog().act else { panic!("a rollback") };
    let follows = TrafficTarget { revision: None, ..share("", 100) };
    let change = TrafficChange { after: vec![follows], ..change };
    let mut latest = Confirm { act: OpKind::Traffic(change), ..dialog() };
    latest.observe(&traffic(57, "e", Some("chat-00417-hux")));
    assert_eq!(latest.stage, Stage::Asking);
    latest.observe(&traffic(57, "e", Some("chat-00418-ral")));
    let how = Clean::new("the latest is chat-00418-ral now");
    assert_eq!(latest.stage, Stage::Changed { how });
}

#[test]
fn without_the_journal_only_the_consent_word_acts() {
    let mut confirm = dialog();
    let op = OpId("1".into());
    confirm.stage =
        Stage::Unrecorded { op: op.clone(), error: Clean::new("disk full"), typed: String::new() };
    assert_eq!(press(&mut confirm, Key::Enter, 600), Answer::Cancel);
    for (c, millis) in CONSENT_WORD.chars().zip((700..).step_by(60)) {
        press(&mut confirm, Key::Char(c), millis);
    }
    let answer = press(&mut confirm, Key::Enter, 9000);
    assert!(matches!(answer, Answer::Consented { op: o, .. } if o == op));
}
