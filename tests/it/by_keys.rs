//! What keys do where hints name them, and what the palette does by name.

use strum::IntoEnumIterator as _;
use warroom::domain::{Entry, PanelId};
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
fn on_every_panel_at_full_size_the_row_under_the_cursor_is_copied() {
    let verdict = {
        let mut ines = Person::at(Mood::Bad, (120, 40));
        ines.keys("y");
        copied(&ines).expect("a copy").to_owned()
    };
    assert!(verdict.contains("NO-GO"), "{verdict}");
    // The room has no alerts to open.
    for id in PanelId::iter().filter(|id| *id != PanelId::Alerts) {
        let mut ines = Person::at(Mood::Bad, (120, 40));
        ines.keys(&format!(":{id}\n"));
        assert_eq!(ines.model.ui.focus.full(), Some(id));
        let hinted = ines.screen().lines().last().expect("hints").contains("y copy");
        let rows = ines.model.extent(id).rows;
        assert!(!hinted || rows > 0, "{id}: a hint for what is not so");
        if rows == 0 {
            continue;
        }
        let mut texts = Vec::new();
        for _ in 0..rows.min(4) {
            ines.keys("y");
            let text = copied(&ines).expect("a copy").to_owned();
            assert!(text != verdict && text.ends_with('\n') && text.trim().len() > 4, "{id}: {text:?}");
            assert!(!ines.screen().contains("copied: the verdict"), "{id}: {}", ines.screen());
            texts.push(text);
            ines.keys("j");
        }
        // Where the cursor begins elsewhere, it may be at the end already.
        texts.dedup();
        let first = ines.keys("gy").effects.last().cloned();
        assert!(
            texts.len() > 1
                || rows < 2
                || first.is_some_and(|it| matches!(it, Effect::Copy { text } if text != texts[0]))
        );
    }
}

#[test]
fn what_is_copied_of_a_row_says_what_it_is_and_how_it_stands() {
    let of = |keys: &str| {
        let mut ines = Person::at(Mood::Bad, (120, 40));
        ines.keys(keys).keys("y");
        copied(&ines).expect("a copy").to_owned()
    };
    let closes = of(":closes\n");
    assert!(
        closes.starts_with("closes 4401 unauthorized (app): ") && closes.contains(", limit 5"),
        "{closes}"
    );
    let health = of(":health\n");
    assert!(health.starts_with("probe ") && health.contains("p95"), "{health}");
    let metrics = of(":metrics\n");
    assert!(metrics.starts_with("chat_success: ") && metrics.contains("critical"), "{metrics}");
    assert!(of(":flags\n").starts_with("SESSION_RESUME of chat-backend: on"), "{}", of(":flags\n"));
    assert!(of(":journal\n").starts_with("record "), "{}", of(":journal\n"));
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
