//! What someone meets who opens a room for the first time, and what calls them back to it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use warroom::domain::{Key, PanelId, VerdictState};
use warroom::model::effect::Effect;
use warroom::model::msg::Msg;
use warroom::theme::{Depth, Theme};
use warroom::view::{self, Ctx};

use crate::frames::room::Mood;
use crate::pty::Terminal;
use crate::screens::Person;

#[test]
fn three_hints_are_shown_once_and_stand_in_nobodys_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut terminal = Terminal::first(&["demo", "--scenario", "healthy"], folder.path(), 120, 40);
    terminal.until("First time here");
    terminal.until("1 of 3");
    terminal.press("?");
    terminal.until("Everywhere");
    terminal.press("\x1b");
    terminal.gone("Everywhere");
    terminal.press("\r");
    terminal.until("2 of 3");
    terminal.press("x");
    terminal.gone("First time here");
    assert_eq!(terminal.leave(), 0);
    assert!(folder.path().join("warroom/hints-shown").exists());

    let mut terminal = Terminal::first(&["demo", "--scenario", "healthy"], folder.path(), 120, 40);
    terminal.until("journal ✓");
    assert!(!terminal.text().contains("First time here"));
    assert_eq!(terminal.leave(), 0);
}

#[test]
fn enter_goes_on_and_other_keys_mean_what_they_mean() {
    for size in [(80, 24), (160, 48)] {
        let mut person = Person::at(Mood::Healthy, size);
        person.tell(Msg::OpenedFirst);
        assert!(person.effects.contains(&Effect::HintsShown), "shown once, whatever comes of it");
        insta::assert_snapshot!(format!("first_hint_{}", size.0), person.sheet("First time here"));
        person.key(Key::Tab);
        assert!(person.screen().contains("1 of 3"));
        person.keys("\n\n");
        assert!(person.screen().contains("3 of 3"));
        person.key(Key::Enter);
        assert!(!person.screen().contains("First time here"));
        assert_eq!(person.model.ui.focus.full(), None, "the last enter ended the hints and opened nothing");
        person.key(Key::Enter);
        assert!(person.model.ui.focus.full().is_some());
    }
}

/// A panel that is drawn again by itself must not paint over what lies on it.
#[test]
fn no_panel_is_redrawn_alone_under_a_hint() {
    let alone = |person: &Person| {
        let theme = Theme::named("dark", Depth::True);
        let ctx = Ctx::new(&theme, &person.keymap, person.model.now);
        let area = Rect::new(0, 0, 160, 48);
        let drawn = view::draw(&person.model, &ctx, area, &mut Buffer::empty(area));
        view::redraw(&person.model, &ctx, PanelId::Events, &drawn, &mut Buffer::default())
    };
    let mut person = Person::at(Mood::Healthy, (160, 48));
    assert!(alone(&person));
    person.tell(Msg::OpenedFirst);
    assert!(!alone(&person));
    person.keys("x");
    assert!(alone(&person));
}

#[test]
fn a_changed_verdict_rings_once_with_its_reason() {
    let mut person = Person::at(Mood::Healthy, (120, 40));
    assert_eq!(person.model.verdicts.now.state, VerdictState::Go);
    for _ in 0..120 {
        person.wait(1_000);
    }
    assert_eq!(person.model.verdicts.now.state, VerdictState::Hold, "nothing was heard for two minutes");
    let bells: Vec<_> = person.effects.iter().filter(|e| matches!(e, Effect::Bell { .. })).collect();
    let [Effect::Bell { words }] = bells.as_slice() else { panic!("{bells:?}") };
    assert!(words.contains("HOLD") && words.contains("was GO"), "{words}");
}
