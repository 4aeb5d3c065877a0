//! A row of every state that an item can have, and a list of 5,000 items.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use warroom::domain::room::Binding;
use warroom::domain::{
    Action, Approval, Attestation, Chord, Clean, Entry, Key, KeyPress, Mark, Mono, PanelId, ProofKind, Record,
};
use warroom::model::Model;
use warroom::model::msg::Msg;

use super::{act, picture, read};
use crate::frames::room::{Mood, bare, room};

const STATES: &str = "# Every state\n\n## Work\n\n- [ ] Nobody said anything (required)\n- [ ] Owned by somebody @sam\n- \
    [ ] Done by sam\n- [ ] Waived by sam\n- [ ] Not applicable, says sam\n- [ ] Failed, says sam (required)\n- [ ] Lapsed \
    since\n- [ ] Approved elsewhere\n- [ ] The api answers\n- [ ] Nothing answers\n- [x] Ticked in the file\n- [ ] Restart \
    the workers within 5 minutes\n  - Owner: Noor\n  - Blocker: the pool of the old ones\n\n  ```bash\n  ./bin/workers \
    restart\n  pytest tests/workers   # all 4 tests pass\n  ```\n\n## \
    Verification\n\n1. A step without a box\n2. Another without a box\n\n## Rollback triggers\n\n- [ ] Data is lost\n- [ ] \
    Users see errors\n- [ ] The api fails\n\n## Success criteria\n\n- [ ] Nobody complains\n- [ ] Somebody measures\n\n## \
    Post-deployment (0-4 hours)\n\n- [ ] Read the logs\n\n## \
    Post-deployment (4-24 hours)\n\n- [ ] Look at the costs\n\n## Sign-off\n\n- [ ] QA (QA)\n- [ ] Product owner\n";

fn record(seq: u64, model: &Model, entry: Entry) -> Record {
    let (by, role) = (Clean::new("sam"), Clean::new("deployer"));
    Record { seq, at: model.now.wall, by, role, entry, hash: String::new(), late: false }
}

fn id_of(model: &Model, text: &str) -> (String, Clean) {
    let item = model.checklist.items().find(|item| item.text.starts_with(text));
    let item = item.unwrap_or_else(|| panic!("no item begins with {text}"));
    (item.id.0.clone(), item.text.clone())
}

fn says(model: &Model, seq: u64, begin: &str, mark: Mark) -> Record {
    let (item, text) = id_of(model, begin);
    let mut said = Attestation { mark, text, note: Clean::new("seen by two of us"), ..Default::default() };
    if begin.starts_with("Approved") {
        said.signing.approval =
            Some(Approval { by: Clean::new("Ines"), link: Clean::new("https://chat.example.com/77") });
    }
    record(seq, model, Entry::of_item(item, said))
}

/// A healthy room in which everything was said of an item that can be said.
fn every_state(size: (u16, u16)) -> Model {
    let mut model = room(Mood::Healthy, size);
    let binding = |text: &str, name: &str| Binding {
        document: None,
        heading: None,
        text: Some(text.to_owned()),
        kind: ProofKind::Condition,
        name: name.to_owned(),
        ticks_itself: false,
    };
    Arc::make_mut(&mut model.room).signoff.bindings = vec![
        binding("The api answers", "health api failing"),
        binding("The api fails", "health api failing"),
        binding("Nothing answers", "health nowhere failing"),
    ];
    read(&mut model, &[("states.md", STATES.to_owned())]);
    let marks = [
        ("Done", Mark::Done),
        ("Waived", Mark::Waived),
        ("Not applicable", Mark::NotApplicable),
        ("Failed", Mark::Failed),
        ("Lapsed", Mark::Done),
        ("Approved", Mark::Done),
        ("Data is lost", Mark::Happened),
        ("Nobody complains", Mark::Met),
        ("QA", Mark::Done),
    ];
    let mut records: Vec<Record> =
        (100..).zip(marks).map(|(seq, (begin, mark))| says(&model, seq, begin, mark)).collect();
    // The rollout got its first traffic an hour ago: what comes later is due in part.
    let at = model.now.wall - chrono::TimeDelta::hours(1);
    let candidate = Clean::new("chat@sha256:bbbb2222");
    let begun = Entry::RolloutBegan {
        given: Some(candidate),
        candidates: BTreeMap::new(),
        baseline: BTreeMap::new(),
        environment: "production".to_owned(),
    };
    let begun = Record { at, ..record(98, &model, begun) };
    let t0 = Record { at, ..record(99, &model, Entry::T0 { at, detected: false }) };
    records.splice(0..0, [begun, t0]);
    let (item, text) = id_of(&model, "Lapsed");
    let lapsed = Entry::Lapsed { item, text, seq: 104, why: Clean::new("its evidence turned bad") };
    records.push(record(120, &model, lapsed));
    model.update(Msg::Recorded { records });
    let mut now = model.now;
    now.mono = now.mono.after(std::time::Duration::from_secs(1));
    now.wall += chrono::TimeDelta::seconds(1);
    model.update(Msg::Ticked(now));
    model.ui.focus.open(PanelId::Checklist);
    model
}

#[test]
fn every_state_has_a_row_that_tells_it() {
    for size in [(160, 48), (80, 40)] {
        let model = every_state(size);
        insta::assert_snapshot!(format!("list-states-{}x{}", size.0, size.1), picture(&model));
    }
}

#[test]
fn a_trigger_that_a_person_set_is_tripped_in_the_panel_of_triggers_too() {
    let mut model = every_state((160, 48));
    model.ui.focus.open(PanelId::Triggers);
    act(&mut model, Action::Last);
    insta::assert_snapshot!("triggers-that-people-watch", picture(&model));
    let mut overview = room(Mood::Healthy, (160, 48));
    read(&mut overview, &[("states.md", STATES.to_owned())]);
    let before = picture(&overview);
    assert!(before.contains("? 3 of the checklist") && before.contains("3 by hand"), "{before}");
    let said = says(&overview, 100, "Data is lost", Mark::Happened);
    overview.update(Msg::Recorded { records: vec![said] });
    let after = picture(&overview);
    for wanted in ["Rollback triggers ↺ 1 tripped", "↺ Data is lost", "said by sam", "? 2 of the checklist"]
    {
        assert!(after.contains(wanted), "{wanted} is missing in\n{after}");
    }
}

/// What stands beside the list, and below it the keys.
fn beside(model: &Model) -> String {
    let text = picture(model);
    let lines = text.lines().skip(3).map(|line| line.chars().skip(88).take(70).collect::<String>());
    let lines = lines.map(|line| line.trim_matches(['│', ' ']).to_owned());
    let mut told: Vec<String> = lines.take_while(|line| !line.starts_with('╰')).collect();
    told.dedup_by(|one, other| one.is_empty() && other.is_empty());
    told.join("\n")
}

#[test]
fn every_state_has_a_detail_that_tells_what_it_rests_on() {
    let mut model = every_state((160, 48));
    let mut told = vec![beside(&model)];
    while model.place_of_item().is_none_or(|(at, all)| at < all) {
        act(&mut model, Action::Down);
        told.push(beside(&model));
    }
    insta::assert_snapshot!("details-of-states", told.join("\n----\n"));
}

#[test]
fn what_the_room_measures_as_bad_trips_fails_and_is_proposed_to_nobody() {
    let mut model = room(Mood::Tripped, (120, 40));
    let binding = |text: &str, ticks_itself: bool| Binding {
        document: None,
        heading: None,
        text: Some(text.to_owned()),
        kind: ProofKind::Condition,
        name: "errors > 5 %".to_owned(),
        ticks_itself,
    };
    Arc::make_mut(&mut model.room).signoff.bindings = vec![
        binding("Errors are many", true),
        binding("Errors are few", true),
        binding("Somebody looked", false),
    ];
    let text = "# Bad\n\n## Work\n\n- [ ] Somebody looked at the errors\n\n## Rollback triggers\n\n- [ ] Errors are many\n\n## \
                Success criteria\n\n- [ ] Errors are few\n";
    read(&mut model, &[("bad.md", text.to_owned())]);
    let mut now = model.now;
    now.mono = now.mono.after(std::time::Duration::from_secs(1));
    now.wall += chrono::TimeDelta::seconds(1);
    model.update(Msg::Ticked(now));
    model.ui.focus.open(PanelId::Checklist);
    insta::assert_snapshot!("list-states-bad-120x40", picture(&model));
}

fn five_thousand() -> Model {
    let mut text = "# All of it\n".to_owned();
    for n in 0..5_000 {
        if n % 10 == 0 {
            writeln!(text, "\n## Part {}\n", n / 10).expect("a line");
        }
        writeln!(text, "- [ ] Look at the thing number {n} (required)").expect("a line");
    }
    let mut model = bare((120, 38));
    read(&mut model, &[("all.md", text)]);
    model.ui.focus.open(PanelId::Checklist);
    model
}

fn under(model: &Model) -> String {
    model.item_under_cursor().map(|item| item.text.to_string()).unwrap_or_default()
}

/// What a person types, key by key.
fn type_text(model: &mut Model, text: &str) {
    for (n, c) in (0..).zip(text.chars()) {
        let at = Mono::from_millis(100_000 + 200 * n);
        model.update(Msg::Pressed {
            press: KeyPress { chord: Chord::char(c), at, repeat: false },
            action: None,
        });
    }
    let press = KeyPress { chord: Chord::plain(Key::Enter), at: Mono::from_millis(200_000), repeat: false };
    model.update(Msg::Pressed { press, action: Some(Action::Open) });
}

#[test]
fn five_thousand_items_are_walked_found_and_ticked() {
    let mut model = five_thousand();
    assert_eq!(model.checklist.listing().total().all, 5_000);
    let ticked: Vec<Record> = (0..4_990)
        .map(|n| says(&model, n + 1, &format!("Look at the thing number {n} "), Mark::Done))
        .collect();
    model.update(Msg::Recorded { records: ticked });
    assert!(picture(&model).contains("4990/5000"), "{}", picture(&model));
    act(&mut model, Action::NextOpen);
    assert!(under(&model).contains("number 4990"), "{}", under(&model));
    act(&mut model, Action::PreviousOpen);
    assert!(under(&model).contains("number 4999"), "round to the last: {}", under(&model));
    act(&mut model, Action::OpenOnly);
    assert_eq!(model.checklist.found(), 10);
    assert!(under(&model).contains("number 4999"), "{}", under(&model));
    act(&mut model, Action::NextOpen);
    assert!(under(&model).contains("number 4990"), "round to the first: {}", under(&model));
    act(&mut model, Action::PreviousOpen);
    assert!(under(&model).contains("number 4999"), "{}", under(&model));
    act(&mut model, Action::OpenOnly);
    act(&mut model, Action::Filter);
    type_text(&mut model, "number 377");
    assert_eq!(model.checklist.found(), 11, "377 and 3770 to 3779");
    assert!(picture(&model).contains("\"number 377\" 11"), "{}", picture(&model));
    assert!(under(&model).contains("number 377 "), "{}", under(&model));
    act(&mut model, Action::NextOpen);
    assert!(picture(&model).contains("no open item among these"), "{}", picture(&model));
}
