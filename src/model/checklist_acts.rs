//! Acts on the checklist, and finding one's way to what is open.

use crate::domain::record::Guard;
use crate::domain::{Action, Attestation, Clean, Entry, Item, ItemId, PanelId};

use super::Model;
use super::checklist::{Obstacle, Row};
use super::effect::Effect;
use super::modal::Modal;
use super::prompt::{Prompt, Purpose};

impl Model {
    pub(super) fn ask_note(&mut self) {
        let item = self.item_under_cursor();
        let purpose = match self.checklist.tickable(item.as_ref()) {
            Ok(item) if self.ui.focus.panel() == PanelId::Checklist => Purpose::Tick(item.id),
            _ => Purpose::Note,
        };
        self.show(Modal::Prompt(Prompt::new(purpose, "")));
    }

    pub(super) fn tick_under_cursor(&mut self, effects: &mut Vec<Effect>) {
        // The overview shows no cursor on an item: what is not seen is not ticked.
        if self.ui.focus.full() != Some(PanelId::Checklist) {
            self.ui.focus.open(PanelId::Checklist);
            return self.say("choose the item, then tick it");
        }
        if let Some(item) = self.item_under_cursor() {
            return self.tick(&item.id, "", effects);
        }
        match self.cursor_row() {
            Some(Row::Section(d, s)) => {
                let folded = self.checklist.is_folded(d, s);
                self.fold(!folded);
            }
            _ => self.say(Obstacle::NoItem.words()),
        }
    }

    pub(super) fn tick(&mut self, id: &ItemId, note: &str, effects: &mut Vec<Effect>) {
        let item = self.checklist.items().find(|item| item.id == *id).cloned();
        let item = match self.checklist.tickable(item.as_ref()) {
            Ok(item) => item,
            Err(obstacle) => return self.say(obstacle.words()),
        };
        let (by, note) = (Clean::new(&self.room.operator.name), Clean::new(note));
        let candidate = self.candidate();
        let entry = Entry::Ticked { item: item.id.0.clone(), text: item.text, note: note.clone(), candidate };
        let draft = self.mine(entry);
        let token = self.append(draft, Guard::Free, effects);
        let attestation = Attestation { seq: None, by, at: self.now.wall, note };
        self.checklist.ticked(token, item.id, attestation);
        self.say("ticked · u takes it back");
    }

    pub(super) fn untick(&mut self, effects: &mut Vec<Effect>) {
        match self.checklist.last_by(&Clean::new(&self.room.operator.name)) {
            Ok((item, text, seq)) => {
                let draft = self.mine(Entry::Unticked { item: item.0, text, seq });
                self.append(draft, Guard::Free, effects);
                self.say("taken back, as a new record");
            }
            Err(obstacle) => self.say(obstacle.words()),
        }
    }

    /// Goes to the next (or previous) open item, or wrong run.
    pub(super) fn seek(&mut self, action: Action) {
        if self.ui.focus.panel() == PanelId::Events {
            return self.seek_run(action);
        }
        let rows = self.checklist.rows(self.ui.focus.filter(PanelId::Checklist));
        let from = self.ui.focus.cursor(PanelId::Checklist).row;
        match self.checklist.seek_open(&rows, from, action) {
            Some(row) => {
                if let Some(cursor) = self.ui.focus.cursor_mut(PanelId::Checklist) {
                    cursor.row = row;
                }
            }
            None => self.say("no open item"),
        }
    }

    pub(super) fn fold(&mut self, fold: bool) {
        if let Some(row) = self.cursor_row() {
            self.checklist.fold(row, fold);
        }
    }

    /// The row of the checklist under the cursor.
    pub fn cursor_row(&self) -> Option<Row> {
        let rows = self.checklist.rows(self.ui.focus.filter(PanelId::Checklist));
        rows.get(self.ui.focus.cursor(PanelId::Checklist).row).copied()
    }

    fn item_under_cursor(&self) -> Option<Item> {
        self.checklist.item(self.cursor_row()?).cloned()
    }

    /// Puts the cursor on the first item of what the filter left.
    pub(super) fn seek_first_item(&mut self) {
        let rows = self.checklist.rows(self.ui.focus.filter(PanelId::Checklist));
        let first = rows.iter().position(|row| matches!(row, Row::Item(..))).unwrap_or(0);
        if let Some(cursor) = self.ui.focus.cursor_mut(PanelId::Checklist) {
            cursor.row = first;
        }
    }
}
