//! The output of the gate under the cursor: scrolled, followed, searched.

use crate::domain::{Action, PanelId};

use super::Model;
use super::gates::Line;

/// Rows that are kept below a match, if there are any.
const BELOW: usize = 3;

impl Model {
    /// The lines of output of the gate under the cursor.
    pub fn gate_output(&self) -> Vec<Line<'_>> {
        let shown = self.gate_chosen().and_then(|gate| self.gates.runs.output(&gate.id));
        shown.map(|shown| shown.lines().collect()).unwrap_or_default()
    }

    /// What is looked for in the output; empty: nothing.
    pub fn gate_search(&self) -> &str {
        self.ui.focus.filter(PanelId::Gates)
    }

    /// The lines of the output that have what is looked for, by their place.
    pub fn gate_matches(&self) -> Vec<usize> {
        let sought = self.gate_search().to_lowercase();
        if sought.is_empty() {
            return Vec::new();
        }
        let fits = |line: &Line<'_>| match line {
            Line::Said(text) => text.to_lowercase().contains(&sought),
            Line::Skipped(_) => false,
        };
        self.gate_output().iter().enumerate().filter(|(_, line)| fits(line)).map(|(at, _)| at).collect()
    }

    /// Something else is looked for: the newest match is shown. Nothing is: the end is followed.
    pub(super) fn search_gate(&mut self) {
        let Some(newest) = self.gate_matches().last().copied() else {
            (self.gates.runs.found, self.gates.runs.back) = (None, 0);
            return;
        };
        self.show_match(newest);
    }

    /// The next match below, or the one above; after the last comes the first.
    pub(super) fn seek_gate(&mut self, action: Action) {
        let matches = self.gate_matches();
        let (Some(first), Some(last)) = (matches.first(), matches.last()) else {
            let sought = self.gate_search();
            let words = if sought.is_empty() {
                "/ looks for words in the output"
            } else {
                "no line of the output has it"
            };
            return self.say(words);
        };
        let here = self.gates.runs.found;
        let found = if action == Action::PreviousOpen {
            here.and_then(|here| matches.iter().rev().find(|at| **at < here)).unwrap_or(last)
        } else {
            here.and_then(|here| matches.iter().find(|at| **at > here)).unwrap_or(first)
        };
        self.show_match(*found);
    }

    fn show_match(&mut self, at: usize) {
        let below = self.gate_output().len().saturating_sub(at + 1);
        self.gates.runs.found = Some(at);
        self.gates.runs.back = below.saturating_sub(BELOW);
    }

    /// Pages scroll the output where one is shown; another gate shows its own from the end.
    pub(super) fn scrolls_gate(&mut self, action: Action) -> bool {
        if self.ui.focus.full() != Some(PanelId::Gates) {
            return false;
        }
        let pages = matches!(action, Action::HalfPageDown | Action::HalfPageUp);
        if pages {
            self.scroll_gate(action);
        } else {
            (self.gates.runs.back, self.gates.runs.found) = (0, None);
        }
        pages
    }

    /// Scrolls the output of the gate under the cursor; at its end it follows.
    pub(super) fn scroll_gate(&mut self, action: Action) {
        let (lines, page) = (self.gate_output().len(), usize::from(self.size.1 / 2).max(1));
        let back = &mut self.gates.runs.back;
        *back = match action {
            Action::HalfPageUp => (*back + page).min(lines),
            Action::HalfPageDown => back.saturating_sub(page),
            _ => 0,
        };
        if *back == 0 {
            self.gates.runs.found = None;
        }
    }

    /// Lines were added: what a person reads stays where it is. `before`: how many there were.
    pub(super) fn hold_gate(&mut self, gate: Option<&str>, before: usize) {
        let chosen = self.gate_chosen().map(|gate| gate.id.as_str());
        if self.gates.runs.back > 0 && gate.is_some() && gate == chosen {
            self.gates.runs.back += self.gate_output().len().saturating_sub(before);
        }
    }
}
