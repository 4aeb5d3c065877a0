//! Items with the same text below the same heading: what was said of one never goes over to another.

use super::signing_tests::{plain, record};
use super::*;
use crate::document;

fn read(text: &str) -> Vec<Document> {
    document::read("r.md", text.as_bytes()).document.into_iter().collect()
}

/// A list of `before`, of which the item at `line` was ticked, and then the file became `after`.
fn edited(before: &str, line: u32, after: &str) -> Checklist {
    let mut list = Checklist::default();
    list.documents_read(read(before), vec![]);
    let item = list.items().find(|item| item.line == line).expect("the item").clone();
    let signing = list.signing(&item);
    let said = Attestation { text: item.text.clone(), signing, ..Attestation::default() };
    // As the journal has it.
    let entry = serde_json::to_string(&Entry::of_item(item.id.0, said)).expect("json");
    list.record(&record(1, "mara", serde_json::from_str(&entry).expect("an entry")));
    list.documents_read(read(after), vec![]);
    plain(&mut list);
    list
}

/// `line state why` of every item.
fn told(list: &Checklist) -> Vec<String> {
    let one = |item: &Item| match list.state(item) {
        ItemState::Lapsed { why, .. } => format!("{} lapsed: {why}", item.line),
        state => format!("{} {}", item.line, state.word()),
    };
    list.items().map(one).collect()
}

const TWO: &str = "# A\n- [ ] build\n- [ ] verify\n- [ ] ship\n- [ ] verify\n";

#[test]
fn the_tick_of_the_first_of_two_does_not_go_over_to_the_second_when_the_first_is_taken_out() {
    let list = edited(TWO, 3, "# A\n- [ ] build\n- [ ] ship\n- [ ] verify\n");
    let why = "one of 2 items with this text is gone: it may have been said of that";
    assert_eq!(told(&list), ["2 open", "3 open", &format!("4 lapsed: {why}")]);
    // So when the second was ticked, and is the one that is left.
    let list = edited(TWO, 5, "# A\n- [ ] build\n- [ ] ship\n- [ ] verify\n");
    assert_eq!(told(&list), ["2 open", "3 open", &format!("4 lapsed: {why}")]);
}

#[test]
fn ticks_of_twins_survive_edits_around_them() {
    for after in [
        TWO.to_owned(),
        TWO.replace("build", "build it all"),
        TWO.replace("# A\n", "# A\n\nWhat this is for.\n\n").replace("ship", "ship it"),
        format!("{TWO}\n# B\n- [ ] verify\n"),
        TWO.replace("- [ ] ship\n", "- [ ] ship\n- [ ] tell\n"),
    ] {
        let states: Vec<String> = told(&edited(TWO, 3, &after));
        assert_eq!(states.iter().filter(|state| state.ends_with(" done")).count(), 1, "{after}: {states:?}");
        assert!(!states.iter().any(|state| state.contains("lapsed")), "{after}: {states:?}");
    }
}

#[test]
fn one_that_is_added_makes_the_others_ask_again() {
    let one = "# A\n- [ ] build\n- [ ] verify\n";
    let list = edited(one, 3, "# A\n- [ ] verify\n- [ ] build\n- [ ] verify\n");
    let why = "another item with the same text was added: it may have been said of that one";
    assert_eq!(told(&list), [&format!("2 lapsed: {why}"), "3 open", "4 open"]);
    // One taken out and one added leaves as many.
    let list = edited(TWO, 3, "# A\n- [ ] build\n- [ ] ship\n- [ ] verify\n- [ ] tell\n- [ ] verify\n");
    let why = "it stands elsewhere among 2 items with this text: it may have been said of another";
    assert_eq!(told(&list), ["2 open", "3 open", &format!("4 lapsed: {why}"), "5 open", "6 open"]);
    let list = edited(TWO, 5, "# A\n- [ ] build\n- [ ] ship\n- [ ] verify\n- [ ] verify\n");
    assert_eq!(told(&list)[3], format!("5 lapsed: {why}"));
}

#[test]
fn a_section_that_is_there_twice_and_loses_one_asks_again() {
    let twice = "# A\n- [ ] logs\n- [ ] load\n# A\n- [ ] logs\n- [ ] load\n";
    let list = edited(twice, 2, "# A\n- [ ] logs\n- [ ] load\n");
    assert!(told(&list)[0].starts_with("2 lapsed: one of 2 items"), "{:?}", told(&list));
    let list = edited(twice, 2, twice);
    assert_eq!(told(&list), ["2 done", "3 open", "5 open", "6 open"]);
}
