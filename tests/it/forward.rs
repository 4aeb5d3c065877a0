//! Going forward by name, through the same dialog, journal and operation as a rollback; and a flip outside production.

use warroom::domain::{Entry, Key, OpKind, OpState, Record, ServiceIx, Traffic, VerdictState, Wall};
use warroom::model::effect::Effect;
use warroom::model::modal::Modal;
use warroom::model::msg::Msg;

use crate::frames::room::Mood;
use crate::pty::Terminal;
use crate::screens::Person;

const LATEST: &str = ":to-latest chat-backend\n";
const NEWER: &str = ":forward chat-backend\n";

fn asks(person: &Person) -> bool {
    matches!(person.model.ui.modal, Some(Modal::Confirm(_)))
}

fn intents(person: &Person) -> Vec<OpKind> {
    let entries = person.effects.iter().filter_map(|effect| match effect {
        Effect::Journal { draft, .. } => Some(&draft.entry),
        _ => None,
    });
    entries
        .filter_map(|entry| match entry {
            Entry::Intent { act, .. } => Some(act.clone()),
            _ => None,
        })
        .collect()
}

#[test]
fn forward_and_back_to_latest_ask_for_the_revision_and_are_journaled_before_they_are_sent() {
    for (name, line) in [("to-latest", LATEST), ("forward", NEWER)] {
        let mut sam = Person::at(Mood::Healthy, (120, 40));
        sam.keys(line).unguarded();
        let title = if name == "forward" { "Roll forward" } else { "Back to latest" };
        insta::assert_snapshot!(format!("{name}-asks"), sam.sheet(title));
        sam.keys("00418\n");
        let acts = intents(&sam);
        let [OpKind::Traffic(change)] = acts.as_slice() else { panic!("one change of traffic: {acts:?}") };
        assert_eq!(change.follows_latest(), name == "to-latest");
        assert_eq!(change.to, "chat-backend-00418-ral");
        assert_eq!(sam.sent(), 0, "nothing is sent before the journal has it");
        let token = sam.token(|entry| matches!(entry, Entry::Intent { .. }));
        sam.tell(Msg::Journaled { token, seq: 9 });
        assert_eq!(sam.sent(), 1);
        let op = sam.model.ops.iter().last().expect("an operation").id.clone();
        let at = sam.model.now;
        sam.tell(Msg::Operated { op, state: OpState::Effective, detail: "observed".into(), at });
        let locks = sam.effects.iter().filter(
            |e| matches!(e, Effect::Journal { draft, .. } if matches!(draft.entry, Entry::Lock { .. })),
        );
        assert_eq!(locks.count(), 0, "only a rollback locks the way forward");
    }
}

#[test]
fn enter_on_less_than_the_word_goes_nowhere() {
    let mut sam = Person::at(Mood::Healthy, (120, 40));
    sam.keys(NEWER).unguarded().keys("0041\n");
    assert!(!asks(&sam) && intents(&sam).is_empty());
}

#[test]
fn the_way_forward_waits_for_go_and_for_the_lock() {
    for mood in [Mood::Bad, Mood::Tripped, Mood::Lost] {
        let mut sam = Person::at(mood, (120, 40));
        sam.keys(NEWER).unguarded();
        assert!(!asks(&sam), "{}", sam.screen());
        assert!(sam.screen().contains("waits for GO"), "it says why:\n{}", sam.screen());
    }
    let mut sam = Person::at(Mood::Healthy, (120, 40));
    let entry = Entry::Lock { service: "chat-backend".into(), locked: true };
    let (by, role) = ("ines".into(), "on-call".into());
    let record = Record { seq: 99, at: Wall::default(), by, role, entry, late: false, hash: String::new() };
    sam.tell(Msg::Recorded { records: vec![record] });
    sam.keys(LATEST).unguarded();
    assert!(!asks(&sam));
    assert!(sam.screen().contains("unlock chat-backend"), "{}", sam.screen());
}

#[test]
fn without_an_etag_nothing_goes_forward() {
    let mut sam = Person::at(Mood::Healthy, (120, 40));
    let traffic = sam.model.traffic(ServiceIx(0)).expect("traffic").clone();
    let traffic = Box::new(Traffic { etag: String::new(), ..traffic });
    let at = sam.model.now.mono;
    sam.tell(Msg::TrafficRead { service: ServiceIx(0), at, traffic });
    sam.keys(LATEST).unguarded();
    assert!(!asks(&sam) && sam.screen().contains("told no etag"), "{}", sam.screen());
}

#[test]
fn what_turns_bad_behind_the_dialog_stops_it() {
    let mut sam = Person::at(Mood::Healthy, (120, 40));
    sam.keys(NEWER).unguarded();
    for _ in 0..120 {
        sam.wait(1_000);
    }
    assert_ne!(sam.model.verdicts.now.state, VerdictState::Go);
    sam.keys("00418\n");
    assert!(!asks(&sam) && intents(&sam).is_empty());
    assert!(sam.screen().contains("nothing was sent"), "{}", sam.screen());
}

#[test]
fn outside_production_a_flip_is_one_y_and_enter_cancels() {
    let staging = || {
        let mut sam = Person::at(Mood::Healthy, (120, 40));
        let mut room = (*sam.model.room).clone();
        room.environment.production = false;
        room.environment.name = "staging".into();
        sam.model.room = room.into();
        sam.keys("ff");
        sam
    };
    let mut sam = staging();
    sam.keys("y");
    assert!(asks(&sam) && intents(&sam).is_empty(), "the first half second takes nothing");
    sam.unguarded();
    insta::assert_snapshot!("flip-staging-asks", sam.sheet("Flip a flag"));
    sam.keys("y");
    assert!(asks(&sam) && intents(&sam).is_empty(), "it may be held down since: a keyboard repeats late");
    sam.wait(1_000);
    sam.keys("y");
    assert!(matches!(intents(&sam).as_slice(), [OpKind::Flag(_)]));
    let mut sam = staging();
    sam.unguarded().key(Key::Enter);
    assert!(!asks(&sam) && intents(&sam).is_empty(), "Cancel is lit");
}

/// Over the real API of the simulated target: pinned to a canary, back to the latest, and there is no pin any more.
#[test]
fn back_to_latest_over_the_wire() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut terminal = Terminal::start(&["demo", "--scenario", "healthy"], folder.path(), 160, 48);
    // The story itself moves traffic once, to a tenth; a dialog from before that would have to be opened again.
    terminal.wait("GO at 10 %", |screen| {
        screen.contains("settled 90 / 10") && screen.lines().nth(1).is_some_and(|line| line.contains("✓ GO"))
    });
    terminal.press(":to-latest chat-backend");
    terminal.until("traffic follows the latest again");
    terminal.press("\r");
    terminal.type_word("00418");
    terminal.press("\r");
    terminal.until("✓ EFFECTIVE");
    terminal.press("\x1b");
    terminal.until("00418-ral 100 %");
    terminal.signal("TERM");
    assert_eq!(terminal.status(), 143);
}
