//! The operator's editor at a line of a document: from an item, or from a finding.

use crate::domain::room::Mode;
use crate::domain::{Clean, Document, PanelId};

use super::Model;
use super::effect::Effect;
use super::findings::{Found, FoundRow, Outcome};
use super::gates::Source;
use super::modal::Modal;

impl Model {
    /// Opens the file at the item or heading under the cursor.
    pub(super) fn edit_item(&mut self, effects: &mut Vec<Effect>) {
        match self.ui.focus.panel() {
            PanelId::Checklist => {}
            PanelId::Gates => return self.edit_gate(effects),
            _ => return,
        }
        let Some(row) = self.cursor_row() else { return self.say("no document to open") };
        let first = self.checklist.heading(row).map(|(_, heading)| heading.all.start);
        let line = match (self.checklist.item(row), first) {
            (Some(item), _) => item.line,
            (None, Some(first)) => {
                let outline = self.checklist.listing().outline();
                outline.item(self.checklist.documents(), first).map_or(1, |(section, _)| section.line)
            }
            (None, None) => 1,
        };
        let Some(document) = self.checklist.document(row) else { return };
        self.edit(&document.path.clone(), line, effects);
    }

    /// Opens the file at the command of the gate under the cursor.
    fn edit_gate(&mut self, effects: &mut Vec<Effect>) {
        let Some(gate) = self.gate_chosen() else { return };
        match (&gate.source, gate.command.line) {
            (Source::Config, _) => self.say("this gate stands in the config, not in a document"),
            (Source::Document(path), line) => self.edit(&path.clone(), line, effects),
        }
    }

    /// What came of a key in the list of findings.
    pub(super) fn found(&mut self, modal: Modal, outcome: Outcome, effects: &mut Vec<Effect>) {
        let chosen = match &modal {
            Modal::Findings(list) => list.cursor.row,
            _ => 0,
        };
        if outcome != Outcome::Closed {
            self.ui.modal = Some(modal);
        }
        match outcome {
            Outcome::Waiting | Outcome::Closed => {}
            Outcome::Copy => self.copy(effects),
            Outcome::Edit => {
                let place = self.found_rows().get(chosen).and_then(|row| match row {
                    FoundRow::Finding(found) => place(found),
                    FoundRow::Document(path, _) => Some(((*path).to_owned(), 1)),
                });
                match place {
                    Some((path, line)) => self.edit(&path, line, effects),
                    None => self.say("this file could not be read; it is named in the config"),
                }
            }
        }
    }

    /// The editor ended, or could not be opened.
    pub(super) fn edited(&mut self, problem: Option<&Clean>, effects: &mut Vec<Effect>) {
        effects.push(Effect::TakeBack);
        if let Some(problem) = problem {
            self.say(problem);
        }
    }

    fn edit(&mut self, name: &str, line: u32, effects: &mut Vec<Effect>) {
        let Some(file) = self.room.checklists.iter().find(|file| file.name == name) else {
            return self.say("this document is not one of the room's files");
        };
        let view = self.room.operator.mode == Mode::ReadOnly;
        effects.push(Effect::Edit { path: file.path.clone(), line: line.max(1), view });
    }
}

fn place(found: &Found<'_>) -> Option<(String, u32)> {
    found.document.map(|document: &Document| (document.path.clone(), found.line))
}
