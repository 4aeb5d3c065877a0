//! What is not known of an operation is looked at: by itself, and by a key. Looking sends nothing.

use warroom::domain::{Clean, Entry, Key, OpId, OpState};
use warroom::model::effect::Effect;
use warroom::model::msg::Msg;

use super::Desk;

/// How often it was looked at so far.
fn looks(desk: &Desk) -> usize {
    desk.person.effects.iter().filter(|effect| matches!(effect, Effect::Recheck { .. })).count()
}

fn unknown(desk: &mut Desk, op: &OpId, words: &str) {
    let at = desk.person.model.now;
    let detail = Clean::new(words);
    desk.person.tell(Msg::Operated { op: op.clone(), state: OpState::Unknown, detail, at });
}

fn recorded_unknown(desk: &Desk) -> usize {
    let is = |effect: &&Effect| {
        matches!(effect, Effect::Journal { draft, .. }
            if matches!(draft.entry, Entry::Progress { state: OpState::Unknown, .. }))
    };
    desk.person.effects.iter().filter(is).count()
}

#[test]
fn an_unknown_outcome_is_looked_at_every_half_minute_by_itself() {
    let mut desk = Desk::new();
    let op = desk.asked();
    let sent = desk.person.sent();
    desk.go(1);
    unknown(&mut desk, &op, "no answer in 20 s");
    desk.go(19);
    let screen = desk.person.screen();
    assert!(screen.contains("looked at again in 12s, c looks now"), "{screen}");
    assert_eq!((looks(&desk), recorded_unknown(&desk)), (0, 1));
    desk.go(12);
    assert_eq!(looks(&desk), 1);
    // It is not known still: that is news once, and it is looked at again.
    unknown(&mut desk, &op, "not applied so far");
    unknown(&mut desk, &op, "not applied so far");
    assert_eq!(recorded_unknown(&desk), 2);
    for n in 0..9 {
        unknown(&mut desk, &op, &format!("no answer, try {n}"));
    }
    assert_eq!(recorded_unknown(&desk), 4, "a night of other words fills no journal");
    desk.go(30);
    assert_eq!(looks(&desk), 2);
    // A look by hand is one.
    desk.go(20).person.keys("c");
    assert_eq!(looks(&desk), 3);
    desk.go(28);
    assert_eq!(looks(&desk), 3);
    desk.operated(&op, OpState::Failed);
    desk.go(60);
    assert_eq!((looks(&desk), desk.person.sent() - sent), (3, 0), "its end is known");
}

/// Her request was refused with 429 and her console died; then he moved the traffic by an act of his own.
#[test]
fn what_the_api_never_took_is_not_effective_by_what_somebody_else_did() {
    let his_steps: [&[OpState]; 3] = [&[], &[OpState::Accepted], &[OpState::Accepted, OpState::Failed]];
    for steps in his_steps {
        let mut desk = Desk::new();
        let op = desk.asked();
        desk.go(1);
        unknown(&mut desk, &op, "not applied so far");
        let act = desk.person.model.ops.get(&op).expect("it").act.clone();
        let his = OpId("his".into());
        desk.recorded(Entry::Intent { op: his.clone(), act, reason: "".into(), evidence: Vec::new() });
        for state in steps {
            desk.recorded(Entry::progress(his.clone(), *state, Clean::new("operations/op1")));
        }
        desk.traffic = super::traffic(&[super::share(super::A, 100)], 3);
        desk.operated(&op, OpState::Effective);
        let (state, locks) = (desk.state(&op), desk.locks().len());
        if steps.last() == Some(&OpState::Accepted) {
            assert_eq!((state, locks), (Some(OpState::Superseded), 0));
            desk.go(200);
            assert_eq!(desk.state(&op), Some(OpState::Superseded), "neither VERIFIED nor DRAINED");
            let screen = desk.person.screen();
            assert!(!screen.contains("UNKNOWN"), "{screen}");
        } else {
            let why = "his was not taken or failed: hers arrived, and locks";
            assert_eq!((state, locks), (Some(OpState::Effective), 1), "{why}: {steps:?}");
        }
    }
}

/// Nothing can be seen while the API does not answer; it is looked at when it does.
#[test]
fn an_unknown_outcome_is_looked_at_when_the_api_is_back() {
    let mut desk = Desk::new();
    let op = desk.asked();
    desk.go(1);
    unknown(&mut desk, &op, "no answer in 20 s");
    desk.reads = false;
    desk.go(90);
    assert_eq!(looks(&desk), 0);
    let screen = desk.person.screen();
    assert!(screen.contains("looked at again when its API answers"), "{screen}");
    desk.reads = true;
    desk.go(2);
    assert_eq!(looks(&desk), 1);
}

/// Her console is gone, or still there: the banner shows her rollback either way, and `c` says what there is to look at.
#[test]
fn a_look_at_what_serves_already_follows_it_or_says_who_does() {
    let mut desk = Desk::new();
    let of_mara = desk.asked();
    let act = desk.person.model.ops.get(&of_mara).expect("it").act.clone();
    let mut desk = Desk::new();
    let op = OpId("hers".into());
    desk.traffic = super::traffic(&[super::share(super::A, 100)], 3);
    desk.recorded(Entry::Intent { op: op.clone(), act, reason: Clean::new("errors"), evidence: Vec::new() });
    desk.recorded(Entry::progress(op.clone(), OpState::Effective, Clean::new("serves")));
    desk.ok = false;
    // As long as it is not good there is nothing to be told of it.
    desk.go(60).person.keys("c");
    let screen = desk.person.screen();
    assert!(screen.contains("it serves; the console of mara follows it"), "{screen}");
    assert!(!screen.contains("no step for") && screen.contains("not good yet"), "{screen}");
    desk.person.key(Key::Esc);
    desk.ok = true;
    desk.go(56);
    let screen = desk.person.screen();
    assert!(screen.contains(" · looked at in 1"), "{screen}");
    desk.person.keys("c");
    assert!(desk.person.screen().contains("following it from here"), "{}", desk.person.screen());
    assert!(desk.person.model.ops.get(&op).is_some_and(|op| op.mine));
}

/// Whoever has to look and act without this program finds both lines in the sheet, and copies them with it.
#[test]
fn the_sheet_of_what_hangs_has_the_lines_that_look_and_act_without_this_program() {
    let look = "look      gcloud run services describe api --project=p --region=r";
    let act = "by hand   gcloud run services update-traffic api --project=p --region=r";
    for silent in [false, true] {
        let mut desk = Desk::new();
        let op = desk.asked();
        desk.operated(&op, OpState::Accepted);
        desk.go(2);
        let screen = desk.person.screen();
        assert!(!screen.contains("gcloud"), "{screen}");
        if silent {
            desk.reads = false;
            desk.go(40);
        } else {
            unknown(&mut desk, &op, "no answer in 20 s");
            desk.go(2);
        }
        let screen = desk.person.screen();
        assert!(screen.contains(look) && screen.contains(act), "{silent}: {screen}");
        desk.person.keys("y");
        let copied = desk.person.effects.iter().rev().find_map(|effect| match effect {
            Effect::Copy { text, .. } => Some(text.clone()),
            _ => None,
        });
        let copied = copied.expect("it is copied");
        assert!(copied.contains("gcloud run services update-traffic api"), "{copied}");
    }
}
