//! Actions that are commands too.

use super::{Command, Line};
use crate::domain::Action;

/// Lines of actions, each under its own name; `tick` is taken back under both of its names.
pub(super) fn action_lines() -> impl Iterator<Item = Line> {
    let line = |(action, about): (Action, &'static str)| {
        (action.to_string().replace('_', " "), about, Command::Act(action), Some(action))
    };
    let undo = Command::Act(Action::Undo);
    let untick = ("untick".to_owned(), "take the last tick back", undo, Some(Action::Undo));
    let named = Command::TickItem(String::new());
    let tick = (format!("{TICK} ITEM"), "the one of this id or text", named, None);
    ACTIONS.into_iter().map(line).chain([tick, untick])
}

/// An item is ticked where it is, or by its name: `tick ITEM`.
pub(super) const TICK: &str = "tick";

/// Actions that have a line of their own.
const ACTIONS: [(Action, &str); 19] = [
    (Action::Story, "what happened so far"),
    (Action::Contacts, "people to call, the war room's link"),
    (Action::Doctor, "sources that fail, and what to do"),
    (Action::AllReasons, "of the verdict"),
    (Action::Tick, "the item chosen"),
    (Action::Waive, "the item chosen, with a reason"),
    (Action::NotApplicable, "the item chosen, with a reason"),
    (Action::Fail, "the item chosen, with a reason"),
    (Action::Approve, "the item chosen, elsewhere: who, and a link"),
    (Action::Undo, "take the last tick back"),
    (Action::OnTerminal, "the gate chosen, interactively, asks"),
    (Action::StopGate, "the one chosen that runs, asks"),
    (Action::Recheck, "look whether an unknown act happened"),
    (Action::EditDashboard, "choose, move, size, add and remove panels"),
    (Action::Help, "all keys"),
    (Action::Redraw, "draw the screen again"),
    (Action::Findings, "what was not understood of the documents"),
    (Action::Suspend, "to the shell"),
    (Action::Quit, "asks while acting"),
];
