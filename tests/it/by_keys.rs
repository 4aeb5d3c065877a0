//! What keys do where hints name them, and what the palette does by name.

use warroom::domain::Entry;
use warroom::keymap::Keymap;
use warroom::model::effect::Effect;

use crate::frames::room::{Mood, bare};
use crate::screens::Person;

fn copied(person: &Person) -> Option<&str> {
    person.effects.iter().rev().find_map(|effect| match effect {
        Effect::Copy { text } => Some(text.as_str()),
        _ => None,
    })
}

#[test]
fn on_the_page_of_events_the_run_is_copied() {
    let mut ines = Person::at(Mood::Bad, (120, 40));
    ines.keys(":events\n");
    let run = ines.model.told_run().expect("a run").run.to_string();
    ines.keys("y");
    let text = copied(&ines).expect("a copy");
    assert!(text.starts_with(&format!("run {run}")) && !text.contains("NO-GO"), "{text}");
    assert!(text.contains("5 events, 1 missing"), "{text}");
    assert!(ines.screen().contains("copied: the story of the run"), "{}", ines.screen());
}

#[test]
fn without_an_item_no_key_for_items_is_named() {
    let page = |mut person: Person| {
        person.keys(":checklist\n");
        person.screen().lines().last().expect("hints").to_owned()
    };
    let hints = page(Person { model: bare((120, 40)), keymap: Keymap::default(), effects: Vec::new() });
    for word in ["tick", "undo", "waive", "next open", "fold"] {
        assert!(!hints.contains(word), "{word}: {hints}");
    }
    assert!(page(Person::at(Mood::Bad, (120, 40))).contains("space tick"));
}

#[test]
fn the_palette_ticks_an_item_by_its_name_and_names_the_key() {
    let mut ines = Person::at(Mood::Bad, (120, 40));
    let all: Vec<_> = ines.model.checklist.items().cloned().collect();
    let open = all.into_iter().find(|item| ines.model.checklist.is_open(item)).expect("an open item");
    ines.keys(":tick");
    assert!(ines.screen().lines().any(|row| row.contains("tick ITEM")), "{}", ines.screen());
    let own = |row: &&str| row.contains("the item chosen") && row.contains("│ tick ");
    let row = ines.screen().lines().find(own).expect("the line of the key").to_owned();
    assert!(row.contains("space"), "{row}");
    ines.keys(&format!(" {}\n", open.text));
    let ticked = ines.effects.iter().find_map(|effect| match effect {
        Effect::Journal { draft, .. } => match &draft.entry {
            Entry::Ticked { item, .. } => Some(item.clone()),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(ticked.as_deref(), Some(open.id.0.as_str()), "{}", ines.screen());
    ines.keys(":tick no such item\n");
    assert!(ines.screen().contains("no item is called"), "{}", ines.screen());
}
