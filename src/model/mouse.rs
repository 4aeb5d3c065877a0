//! The mouse: focus, scroll and choose. One click never acts: what acts wants a key, and what is dangerous a word.

use serde::{Deserialize, Serialize};

use crate::domain::{Action, Chord, Key, KeyPress, Mono, PanelId};

use super::Model;
use super::effect::Effect;
use super::modal::{Modal, Page, Topic};
use super::msg::Mouse;

/// Rows that one step of the wheel moves.
const WHEEL: usize = 3;

/// What is under the pointer; the view tells it from its own layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "spot", rename_all = "snake_case")]
pub enum Spot {
    /// A panel's box.
    Panel { panel: PanelId },
    /// A row of a panel's list, from 0.
    Row { panel: PanelId, row: usize },
    /// A reason of the verdict, from 0.
    Reason { index: usize },
    /// The count of further reasons.
    Reasons,
    /// A panel's tab above one that is open.
    Tab { panel: PanelId },
    /// The tab of the overview.
    Overview,
    /// A command found by the palette, from 0.
    Offer { index: usize },
    /// A line of the help.
    Key { action: Action },
    /// A row of the findings, from 0.
    Found { index: usize },
    /// The button that leaves everything as it is.
    Cancel,
    /// What lies over the panels, and everything behind it.
    Sheet,
}

impl Model {
    /// The mouse did something on `spot`.
    pub(super) fn moused(&mut self, what: Mouse, spot: Option<Spot>, at: Mono, effects: &mut Vec<Effect>) {
        self.now.advance(at);
        // A line of input stays open until it is entered or left.
        if matches!(self.ui.modal, Some(Modal::Prompt(_))) {
            return;
        }
        // While a dashboard is edited a click chooses the panel, and nothing else.
        if let Some(Modal::Arrange(arranging)) = &mut self.ui.modal {
            if let (Mouse::Click, Some(Spot::Panel { panel } | Spot::Row { panel, .. })) = (what, spot) {
                arranging.choose(panel);
            }
            return;
        }
        match what {
            Mouse::Click => {
                if let Some(spot) = spot {
                    self.clicked(spot, at, effects);
                }
            }
            Mouse::WheelUp => self.wheeled(spot, (Action::Up, Key::Up, Key::PageUp), at, effects),
            Mouse::WheelDown => self.wheeled(spot, (Action::Down, Key::Down, Key::PageDown), at, effects),
        }
    }

    fn clicked(&mut self, spot: Spot, at: Mono, effects: &mut Vec<Effect>) {
        match spot {
            Spot::Panel { panel } if self.ui.focus.full().is_none() => {
                if self.ui.focus.panel() == panel {
                    self.open_panel(panel);
                } else {
                    self.ui.focus.select(panel);
                }
            }
            Spot::Row { panel, row } => {
                self.ui.focus.select(panel);
                if let Some(cursor) = self.ui.focus.cursor_mut(panel) {
                    cursor.row = row;
                }
                self.after_moving();
            }
            Spot::Reason { index } => {
                self.ui.modal = None;
                self.open_reason(index);
            }
            Spot::Reasons => self.show(Modal::Page(Page::new(Topic::Reasons))),
            Spot::Tab { panel } => self.open_panel(panel),
            Spot::Overview => self.ui.focus.close(),
            Spot::Offer { index } => {
                let offers = self.offers();
                if let Some(Modal::Palette(palette)) = &mut self.ui.modal {
                    palette.choose(index, &offers);
                }
            }
            Spot::Found { index } => {
                if let Some(Modal::Findings(list)) = &mut self.ui.modal {
                    list.cursor.row = index;
                    list.text = super::focus::Cursor::default();
                }
            }
            Spot::Key { action } => self.key_clicked(action, effects),
            Spot::Cancel => self.pressed(press(Key::Esc, at), None, effects),
            Spot::Panel { .. } | Spot::Sheet => {}
        }
    }

    /// A line of the help: what only looks is done, everything else is left to its key.
    fn key_clicked(&mut self, action: Action, effects: &mut Vec<Effect>) {
        let leaves = matches!(action, Action::Quit | Action::Suspend);
        if action.acts() || leaves {
            return self.say("the mouse does not do this; press the key");
        }
        self.ui.modal = None;
        self.act(action, effects);
    }

    fn wheeled(
        &mut self,
        spot: Option<Spot>,
        (action, line, page): (Action, Key, Key),
        at: Mono,
        effects: &mut Vec<Effect>,
    ) {
        match &self.ui.modal {
            Some(Modal::Page(_) | Modal::Findings(_) | Modal::Help(_)) => {
                for _ in 0..WHEEL {
                    self.pressed(press(line, at), Some(action), effects);
                }
            }
            // Above the first command is the history: not a matter of the wheel.
            Some(Modal::Palette(palette)) if action == Action::Down || palette.chosen > 0 => {
                self.pressed(press(line, at), None, effects);
            }
            Some(Modal::Confirm(_)) => self.pressed(press(page, at), None, effects),
            Some(_) => {}
            None => self.wheeled_panels(spot, action, effects),
        }
    }

    fn wheeled_panels(&mut self, spot: Option<Spot>, action: Action, effects: &mut Vec<Effect>) {
        let (Some(Spot::Panel { panel } | Spot::Row { panel, .. }), focus) = (spot, &self.ui.focus) else {
            return;
        };
        // A list whose cursor is not shown would move unseen.
        if focus.panel() != panel {
            return;
        }
        let steps = if focus.full().is_some() { WHEEL } else { 1 };
        for _ in 0..steps {
            self.act(action, effects);
        }
    }
}

fn press(key: Key, at: Mono) -> KeyPress {
    KeyPress { chord: Chord::plain(key), at, repeat: false }
}
