//! The mouse: what is under the pointer is what a person sees there, and no single click acts.

use warroom::domain::{Key, PanelId};
use warroom::model::effect::Effect;
use warroom::model::modal::{Modal, Topic};
use warroom::model::mouse::Spot;
use warroom::model::msg::{Mouse, Msg};
use warroom::theme::{Depth, Theme};
use warroom::view::{self, Ctx};

use crate::frames::room::Mood;
use crate::screens::Person;

fn moused(person: &mut Person, what: Mouse, (column, row): (u16, u16)) -> Option<Spot> {
    let theme = Theme::named("dark", Depth::True);
    let ctx = Ctx::new(&theme, &person.keymap, person.model.now);
    let spot = view::spot(&person.model, &ctx, column, row);
    let at = person.model.now.mono;
    person.tell(Msg::Moused { what, column, row, spot, at });
    spot
}

/// The place of `text` on the screen, a little into it.
fn place(person: &Person, text: &str) -> (u16, u16) {
    let screen = person.screen();
    let found = screen.lines().zip(0..).find_map(|(line, row)| {
        let before = line.split_once(text)?.0.chars().count();
        Some((before as u16 + 1, row))
    });
    found.unwrap_or_else(|| panic!("no {text} on\n{screen}"))
}

fn click(person: &mut Person, text: &str) -> Option<Spot> {
    let at = place(person, text);
    moused(person, Mouse::Click, at)
}

fn focus(person: &Person) -> (PanelId, bool) {
    (person.model.ui.focus.panel(), person.model.ui.focus.full().is_some())
}

#[test]
fn a_click_focuses_a_second_one_opens_and_rows_are_chosen_and_scrolled() {
    let mut person = Person::at(Mood::Bad, (160, 48));
    click(&mut person, "Checklist");
    assert_eq!(focus(&person), (PanelId::Checklist, false));
    click(&mut person, "Checklist");
    assert_eq!(focus(&person), (PanelId::Checklist, true));
    let Some(Spot::Row { panel: PanelId::Checklist, row }) = click(&mut person, "☐") else {
        panic!("an open item is a row of the list")
    };
    assert_eq!(person.model.ui.focus.cursor(PanelId::Checklist).row, row);
    let over = place(&person, "☐");
    moused(&mut person, Mouse::WheelDown, over);
    let down = (row + 3).min(person.model.checklist.rows().len() - 1);
    assert_eq!(person.model.ui.focus.cursor(PanelId::Checklist).row, down);
    moused(&mut person, Mouse::WheelUp, over);
    assert_eq!(person.model.ui.focus.cursor(PanelId::Checklist).row, down - 3);
    assert_eq!(person.effects, [], "nothing was ticked");
}

#[test]
fn a_click_on_a_reason_opens_its_panel_from_the_block_and_from_the_page_of_all() {
    let mut person = Person::at(Mood::Bad, (160, 48));
    let first = person.model.verdicts.now.reasons[0].clone();
    assert_eq!(click(&mut person, &first.subject), Some(Spot::Reason { index: 0 }));
    assert_eq!(focus(&person), (first.panel, true));
    assert_eq!(
        click(&mut person, &first.subject),
        Some(Spot::Reason { index: 0 }),
        "also in the one row of a full view"
    );
    let mut person = Person::at(Mood::Bad, (160, 48));
    person.key(Key::Char('0'));
    assert!(matches!(&person.model.ui.modal, Some(Modal::Page(page)) if page.topic == Topic::Reasons));
    let last = person.model.verdicts.now.reasons.last().expect("reasons").clone();
    click(&mut person, &last.subject);
    assert!(person.model.ui.modal.is_none());
    assert_eq!(focus(&person), (last.panel, true));
}

#[test]
fn small_screens_have_rows_and_tabs_to_click() {
    let mut person = Person::at(Mood::Bad, (80, 24));
    assert_eq!(click(&mut person, "Metrics "), Some(Spot::Panel { panel: PanelId::Metrics }));
    assert_eq!(click(&mut person, "Metrics "), Some(Spot::Panel { panel: PanelId::Metrics }));
    assert_eq!(focus(&person), (PanelId::Metrics, true));
    assert_eq!(click(&mut person, "Events "), Some(Spot::Tab { panel: PanelId::Events }));
    assert_eq!(focus(&person), (PanelId::Events, true));
    assert_eq!(click(&mut person, "Room "), Some(Spot::Overview));
    assert_eq!(focus(&person), (PanelId::Events, false));
    let over = place(&person, "Events ");
    moused(&mut person, Mouse::WheelDown, over);
    assert_ne!(focus(&person).0, PanelId::Events, "the wheel goes through the list");
}

#[test]
fn a_command_is_completed_and_a_line_of_the_help_done_only_if_it_looks() {
    let mut person = Person::at(Mood::Bad, (120, 40));
    person.keys(":story");
    person.key(Key::Backspace);
    assert_eq!(click(&mut person, "story "), Some(Spot::Offer { index: 0 }));
    assert!(matches!(&person.model.ui.modal, Some(Modal::Palette(p)) if p.input.value() == "story"));
    person.key(Key::Esc);
    person.key(Key::Char('?'));
    click(&mut person, "roll back");
    assert!(matches!(person.model.ui.modal, Some(Modal::Help(_))), "an act is left to its key");
    click(&mut person, "the story so far");
    assert!(matches!(&person.model.ui.modal, Some(Modal::Page(page)) if page.topic == Topic::Story));
}

#[test]
fn cancel_may_be_clicked_and_the_wheel_does_not_touch_the_panels_behind() {
    let mut person = Person::at(Mood::Tripped, (120, 40));
    person.keys("R").unguarded();
    let before = focus(&person);
    moused(&mut person, Mouse::Click, (1, 20));
    moused(&mut person, Mouse::WheelDown, (1, 20));
    assert_eq!(focus(&person), before);
    assert_eq!(click(&mut person, " Cancel "), Some(Spot::Cancel));
    assert!(person.model.ui.modal.is_none());
    assert_eq!(person.effects.iter().filter(|e| matches!(e, Effect::Journal { .. })).count(), 0);
}

/// Clicks on every part of the screen, in every state that a dialog can be left in.
#[test]
fn no_single_click_acts() {
    let open = |keys: &str| {
        let mut person = Person::at(Mood::Tripped, (120, 40));
        for part in keys.split(' ') {
            person.keys(part).unguarded();
        }
        person.effects.clear();
        person
    };
    for person in
        [open(""), open("R"), open("R 00417"), open("?"), open(":rollback"), open("4"), open("6"), open("9")]
    {
        for row in 0..40 {
            for column in (1..120).step_by(13) {
                let mut there = person.clone();
                moused(&mut there, Mouse::Click, (column, row));
                let acts = there.effects.iter().find(|effect| {
                    matches!(
                        effect,
                        Effect::Operate { .. } | Effect::Journal { .. } | Effect::Quit | Effect::Interrupt
                    )
                });
                assert_eq!(acts, None, "at {column},{row} of\n{}", person.screen());
            }
        }
    }
}
