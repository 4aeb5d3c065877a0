//! The cursor stays on its item; the next open item is found; folds are remembered.

use std::sync::Arc;

use super::*;
use crate::domain::{
    Clean, Document, Entry, ItemId, KeyPress, Meaning, Mono, Now, Record, Room, Section, Wall,
};
use crate::model::msg::Msg;

fn document(name: &str, items: &[&str]) -> Document {
    let item = |text: &&str| Item {
        id: ItemId((*text).to_owned()),
        text: Clean::new(text),
        meaning: if text.starts_with("trip") { Meaning::Trigger } else { Meaning::Work },
        ..Item::default()
    };
    let half = items.len() / 2;
    let section = |path: &str, items: &[&str]| Section {
        path: vec![Clean::new(path)],
        line: 3,
        items: items.iter().map(item).collect(),
    };
    Document {
        path: name.to_owned(),
        title: Clean::new(name),
        sections: vec![section("First", &items[..half]), section("Second", &items[half..])],
        ..Document::default()
    }
}

fn model(items: &[&str]) -> Model {
    let now = Now { mono: Mono::from_secs(1), wall: Wall::default() };
    let mut model = Model::new(Arc::new(Room::default()), "test".into(), now, (120, 40));
    read(&mut model, items);
    model.ui.focus.open(PanelId::Checklist);
    model
}

fn read(model: &mut Model, items: &[&str]) {
    model.update(Msg::DocumentsRead { documents: vec![document("a.md", items)], problems: Vec::new() });
}

fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let press = KeyPress { chord: crate::domain::Chord::char('x'), at: model.now.mono, repeat: false };
    model.update(Msg::Pressed { press, action: Some(action) })
}

fn under(model: &Model) -> String {
    let item = model.item_under_cursor().map(|item| item.text.to_string());
    let heading =
        || model.cursor_row().and_then(|row| model.checklist.heading(row)).map(|(_, h)| h.name.to_string());
    item.or_else(heading).unwrap_or_default()
}

fn tick(seq: u64, item: &str) -> Msg {
    let entry = Entry::Ticked {
        item: item.into(),
        text: item.into(),
        note: Clean::default(),
        candidate: None,
        signing: Box::default(),
    };
    let record = Record {
        seq,
        at: Wall::default(),
        by: "ines".into(),
        role: Clean::default(),
        entry,
        hash: String::new(),
        late: false,
    };
    Msg::Recorded { records: vec![record] }
}

#[test]
fn the_cursor_stays_on_its_item_whatever_changes_around_it() {
    let mut model = model(&["a", "b", "c", "d", "e", "f"]);
    assert_eq!(under(&model), "a", "it begins at the first item");
    for _ in 0..4 {
        act(&mut model, Action::Down);
    }
    assert_eq!(under(&model), "d");
    let on_screen = |model: &Model| {
        let cursor = model.ui.focus.cursor(PanelId::Checklist);
        cursor.row - cursor.top(model.extent(PanelId::Checklist))
    };
    model.update(tick(1, "a"));
    assert_eq!(under(&model), "d", "others tick");
    read(&mut model, &["new", "newer", "a", "b", "c", "d", "e", "f"]);
    assert_eq!(under(&model), "d", "the file grows above");
    read(&mut model, &["c", "d"]);
    assert_eq!(under(&model), "d", "the file shrinks around");
    read(&mut model, &["b", "c", "e", "f"]);
    assert_ne!(under(&model), "d");
    let place = on_screen(&model);
    assert!(place < 8, "it is still on the screen: {place}");
}

#[test]
fn an_item_that_goes_leaves_the_cursor_on_the_next_one() {
    let mut model = model(&["a", "b", "c", "d", "e", "f"]);
    act(&mut model, Action::Down);
    assert_eq!(under(&model), "b");
    read(&mut model, &["a", "c", "d", "e", "f", "g"]);
    assert_eq!(under(&model), "c");
    act(&mut model, Action::OpenOnly);
    assert_eq!(under(&model), "c");
    model.update(tick(1, "c"));
    assert_eq!(under(&model), "d", "ticked by another while only open ones are listed");
}

#[test]
fn the_next_open_item_is_found_behind_folds_and_round_the_end() {
    let mut model = model(&["a", "b", "c", "d", "trip", "f"]);
    for item in ["a", "b", "c", "d"] {
        model.update(tick(1, item));
    }
    // Nobody looks: what is finished folds.
    act(&mut model, Action::Back);
    model.update(tick(2, "d"));
    model.ui.focus.open(PanelId::Checklist);
    assert!(model.checklist.rows().iter().filter_map(Row::item).all(|n| n > 2), "the first section folded");
    act(&mut model, Action::First);
    act(&mut model, Action::NextOpen);
    assert_eq!(under(&model), "f", "a trigger that did not happen asks for nothing");
    act(&mut model, Action::NextOpen);
    assert_eq!(under(&model), "f", "round and round");
    act(&mut model, Action::Fold);
    assert_eq!(under(&model), "Second");
    let effects = act(&mut model, Action::PreviousOpen);
    assert_eq!(under(&model), "f", "folded or not");
    assert!(matches!(effects.as_slice(), [Effect::RememberFolds { .. }]), "{effects:?}");
}

#[test]
fn folds_are_told_to_be_remembered_and_come_back() {
    let mut model = model(&["a", "b", "c", "d"]);
    let effects = act(&mut model, Action::Fold);
    assert_eq!(under(&model), "First");
    let [Effect::RememberFolds { folds }] = effects.as_slice() else { panic!("{effects:?}") };
    let mut again = self::model(&["a", "b", "c", "d"]);
    assert_eq!(again.checklist.rows().len(), 7);
    again.update(Msg::FoldsRead { folds: folds.clone() });
    assert_eq!(again.checklist.rows().len(), 5);
    act(&mut model, Action::Fold);
    assert_eq!(under(&model), "a.md", "what is folded already is left upwards");
    assert_eq!(model.checklist.rows().len(), 1);
    act(&mut model, Action::Open);
    assert_eq!(model.checklist.rows().len(), 5, "enter unfolds, and what was folded below stays folded");
}

#[test]
fn kinds_of_items_are_listed_in_turn_and_those_without_any_are_skipped() {
    let mut model = model(&["a", "b", "c", "d"]);
    let shown = |model: &Model| model.checklist.listing().show();
    act(&mut model, Action::NextFilter);
    assert_eq!(shown(&model), Show::Open);
    act(&mut model, Action::NextFilter);
    assert_eq!(shown(&model), Show::All, "none is required, mine, of a role, lapsed or inferred");
    act(&mut model, Action::MyRole);
    assert_eq!(shown(&model), Show::All);
    act(&mut model, Action::OpenOnly);
    act(&mut model, Action::Back);
    assert_eq!((shown(&model), model.ui.focus.full()), (Show::All, Some(PanelId::Checklist)));
    act(&mut model, Action::Back);
    assert_eq!(model.ui.focus.full(), None);
}

#[test]
fn a_file_that_could_not_be_read_is_not_said_to_be_read_again() {
    let mut model = Model::new(Arc::new(Room::default()), "test".into(), Now::default(), (120, 40));
    let read = |problems| Msg::DocumentsRead {
        documents: vec![crate::document::read("a.md", b"- [ ] x\n").document.expect("text")],
        problems,
    };
    let said = |model: &Model| model.ui.said(model.now.mono).map(ToString::to_string).unwrap_or_default();
    model.update(read(Vec::new()));
    model.update(read(Vec::new()));
    assert_eq!(said(&model), "the file changed and was read again");
    model.update(read(vec!["a.md: no such file".into()]));
    assert_eq!(said(&model), "a.md: no such file");
}
