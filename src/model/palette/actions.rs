//! Actions that are commands too.

use crate::domain::Action;

/// Actions that have a line of their own.
pub(super) const ACTIONS: [(Action, &str); 16] = [
    (Action::Story, "what happened so far"),
    (Action::Contacts, "people to call, the war room's link"),
    (Action::Doctor, "sources that fail, and what to do"),
    (Action::AllReasons, "of the verdict"),
    (Action::Waive, "the item chosen, with a reason"),
    (Action::NotApplicable, "the item chosen, with a reason"),
    (Action::Fail, "the item chosen, with a reason"),
    (Action::Approve, "the item chosen, elsewhere: who, and a link"),
    (Action::Undo, "take the last tick back"),
    (Action::Recheck, "look whether an unknown act happened"),
    (Action::EditDashboard, "choose, move, size, add and remove panels"),
    (Action::Help, "all keys"),
    (Action::Redraw, "draw the screen again"),
    (Action::Findings, "what was not understood of the documents"),
    (Action::Suspend, "to the shell"),
    (Action::Quit, "asks while acting"),
];
