//! Help and `docs/keys.md`, read back from the map.

use std::fmt::Write as _;

use strum::IntoEnumIterator;

use crate::domain::Action;

use super::{Context, Keymap, chord, words};

/// Keys of one context, under its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// As shown: `Everywhere`, `Checklist`.
    pub title: &'static str,
    /// In the order of the actions.
    pub lines: Vec<Line>,
}

/// One line of help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The action's keys, all of them, side by side.
    pub keys: String,
    /// What it does; ends in `…` when it asks first.
    pub about: &'static str,
    /// The name to rebind it by.
    pub action: Action,
}

/// The group's name on the screen.
pub fn title(context: Context) -> &'static str {
    match context {
        Context::Everywhere => "Everywhere",
        Context::Room => "Room",
        Context::Closes => "Closes",
        Context::Events => "Events",
        Context::Triggers => "Triggers",
        Context::Metrics => "Metrics",
        Context::Traffic => "Traffic",
        Context::Checklist => "Checklist",
        Context::Health => "Health",
        Context::Startup => "Startup",
        Context::Flags => "Flags",
        Context::Journal => "Journal",
        Context::Findings => "Findings",
        Context::Gates => "Gates",
        Context::Alerts => "Alerts",
        Context::Stages => "Stages",
        Context::Logs => "Logs",
        Context::Dashboard => "Dashboards",
        Context::Dialog => "Operation",
    }
}

/// Where an action of [`Context::Everywhere`] stands in help.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a new action belongs to the first chapter until it is sorted"
)]
fn chapter(action: Action) -> &'static str {
    use Action::{
        Copy, Doctor, Down, First, Flip, Fold, HalfPageDown, HalfPageUp, Last, Note, Recheck, Rollback,
        Unfold, Unlock, Up,
    };
    match action {
        Down | Up | HalfPageDown | HalfPageUp | First | Last | Fold | Unfold | Copy => "Reading",
        Note
        | Flip
        | Rollback
        | Unlock
        | Recheck
        | Action::Hold
        | Action::Acknowledge
        | Action::Tick
        | Action::Undo => "Acting",
        Action::Story | Action::Contacts | Action::Alerts | Doctor => "Pages",
        _ => "Everywhere",
    }
}

impl Keymap {
    /// The whole map as help shows it: what works everywhere by chapter, then the contexts with keys of their own.
    pub fn help(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for context in Context::iter() {
            for action in Action::iter() {
                let chords: Vec<String> = self
                    .rules
                    .iter()
                    .filter(|rule| (rule.context, rule.action) == (context, action))
                    .filter(|rule| self.action(context, rule.chord) == Some(action))
                    .map(|rule| chord::text(rule.chord))
                    .collect();
                if chords.is_empty() {
                    continue;
                }
                let title = if context == Context::Everywhere { chapter(action) } else { title(context) };
                // The same words in a row are one line: `1-3`.
                if let Some(last) = groups
                    .iter_mut()
                    .find(|group| group.title == title)
                    .and_then(|group| group.lines.last_mut())
                    .filter(|last| chords.len() == 1 && last.about == words::long(action))
                {
                    let first = last.keys.split('-').next().unwrap_or_default();
                    last.keys = format!("{first}-{}", chords.join(" "));
                    continue;
                }
                let line = Line { keys: chords.join(" "), about: words::long(action), action };
                match groups.iter_mut().find(|group| group.title == title) {
                    Some(group) => group.lines.push(line),
                    None => groups.push(Group { title, lines: vec![line] }),
                }
            }
        }
        groups
    }

    /// The tables of `docs/keys.md`, one a context.
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        for context in Context::iter() {
            let mut rows = String::new();
            for action in Action::iter() {
                let keys: Vec<String> = self
                    .rules
                    .iter()
                    .filter(|rule| (rule.context, rule.action) == (context, action))
                    .map(|rule| format!("`{}`", chord::text(rule.chord)))
                    .collect();
                if !keys.is_empty() {
                    let _ = writeln!(rows, "| {} | `{action}` | {} |", keys.join(" "), words::long(action));
                }
            }
            if !rows.is_empty() {
                let _ =
                    write!(out, "## `[keys.{context}]`\n\n| key | action | does |\n|---|---|---|\n{rows}\n");
            }
        }
        out
    }
}
