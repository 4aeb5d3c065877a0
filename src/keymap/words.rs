//! What each action is called: a word or two for hints, a line for help, palette and `docs/keys.md`.

use crate::domain::Action;

/// The action in a word or two, for the row of hints. One that asks before it acts ends in `…`.
#[expect(clippy::wildcard_enum_match_arm, reason = "the rest stands in a list of its own")]
pub fn short(action: Action) -> &'static str {
    match action {
        Action::Help => "keys",
        Action::Palette => "palette",
        Action::Filter => "filter",
        Action::NextPanel => "next",
        Action::PreviousPanel => "previous",
        Action::Reason1 | Action::Reason2 | Action::Reason3 => "reason",
        Action::Panel4
        | Action::Panel5
        | Action::Panel6
        | Action::Panel7
        | Action::Panel8
        | Action::Panel9 => "panel",
        Action::AllReasons => "all reasons",
        Action::Open => "open",
        Action::Back | Action::JumpBack => "back",
        Action::Zoom => "zoom",
        Action::Quit => "quit",
        Action::Suspend => "suspend",
        Action::Redraw => "redraw",
        Action::Down => "down",
        Action::Up => "up",
        Action::HalfPageDown => "page down",
        Action::HalfPageUp => "page up",
        Action::First => "first",
        Action::Last => "last",
        Action::Fold => "fold",
        Action::Unfold => "unfold",
        Action::Copy => "copy",
        Action::Tick => "tick",
        Action::Waive => "waive…",
        Action::NotApplicable => "n/a…",
        Action::Fail => "failed…",
        Action::Approve => "approved by…",
        Action::Undo => "undo",
        Action::OpenOnly => "open only",
        Action::MyRole => "my role",
        Action::NextFilter => "view",
        Action::Findings => "findings",
        Action::Edit => "edit",
        Action::NextOpen => "next open",
        Action::PreviousOpen => "previous open",
        Action::Note => "note",
        Action::Gate => "gate",
        Action::OnTerminal => "interactive…",
        Action::StopGate => "stop gate…",
        Action::Flip => "flag…",
        Action::Rollback => "roll back…",
        Action::Unlock => "unlock…",
        Action::Recheck => "check again",
        Action::Follow => "follow",
        Action::Pin => "pin",
        Action::Story => "story",
        Action::Contacts => "contacts",
        Action::Doctor => "doctor",
        _ => room(action).0,
    }
}

/// The action in one line.
#[expect(clippy::wildcard_enum_match_arm, reason = "the rest stands in a list of its own")]
pub fn long(action: Action) -> &'static str {
    match action {
        Action::Help => "this help",
        Action::Palette => "palette: every command",
        Action::Filter => "filter this list",
        Action::NextPanel => "next panel",
        Action::PreviousPanel => "previous panel",
        Action::Reason1 | Action::Reason2 | Action::Reason3 => "panel behind a reason",
        Action::Panel4
        | Action::Panel5
        | Action::Panel6
        | Action::Panel7
        | Action::Panel8
        | Action::Panel9 => "panel by its number",
        Action::AllReasons => "all reasons",
        Action::Open => "open what is selected",
        Action::Back => "back, close",
        Action::JumpBack => "back to where I was",
        Action::Zoom => "zoom this panel",
        Action::Quit => "quit, asks while acting",
        Action::Suspend => "suspend to the shell",
        Action::Redraw => "draw the screen again",
        Action::Down => "down",
        Action::Up => "up",
        Action::HalfPageDown => "half a page down",
        Action::HalfPageUp => "half a page up",
        Action::First => "first",
        Action::Last => "last",
        Action::Fold => "fold",
        Action::Unfold => "unfold",
        Action::Copy => "copy as text",
        Action::Tick => "tick the item",
        Action::Waive => "waive with a reason…",
        Action::NotApplicable => "does not apply…",
        Action::Fail => "failed, with a reason…",
        Action::Approve => "approved elsewhere…",
        Action::Undo => "take the last tick back",
        Action::OpenOnly => "open items only",
        Action::MyRole => "items of my role only",
        Action::NextFilter => "next kind of items",
        Action::Findings => "what was not understood",
        Action::Edit => "its line in your editor",
        Action::NextOpen => "next open or wrong",
        Action::PreviousOpen => "previous open or wrong",
        Action::Note => "note into the journal",
        Action::Gate => "run the gate",
        Action::OnTerminal => "gate on the terminal…",
        Action::StopGate => "stop the gate…",
        Action::Flip => "flip a flag…",
        Action::Rollback => "roll back…",
        Action::Unlock => "release the lock…",
        Action::Recheck => "look if it happened",
        Action::Follow => "follow or pause",
        Action::Pin => "pin a run",
        Action::Story => "the story so far",
        Action::Contacts => "contacts, war room",
        Action::Doctor => "doctor: what is wrong",
        _ => room(action).1,
    }
}

/// Short and long, of what concerns alerts and stages.
fn room(action: Action) -> (&'static str, &'static str) {
    match action {
        Action::Bell => ("bell", "bell on or off"),
        Action::Acknowledge => ("acknowledge", "acknowledge an alert"),
        Action::Mute => ("mute…", "mute for a while…"),
        Action::Unmute => ("unmute", "end the mute"),
        Action::Hold => ("hold…", "hold or release…"),
        Action::Dashboard => ("dashboard", "next dashboard"),
        Action::EditDashboard => ("arrange", "edit this dashboard"),
        Action::Compare => ("compare", "mark, compare with it"),
        Action::ShorterWindow => ("shorter", "charts over less time"),
        Action::LongerWindow => ("longer", "charts over more time"),
        Action::Logs => ("logs", "logs of the revision"),
        _ => ("alerts", "alerts"),
    }
}
