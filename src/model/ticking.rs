//! Acts on the checklist, and finding one's way to what is open or wrong.

use crate::domain::event::story::{Ending, Story};
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

    /// Runs as the full view of events lists them: silent ones, incomplete ones, then the others, each newest first.
    pub fn runs(&self) -> Vec<&Story> {
        let filter = self.ui.focus.filter(PanelId::Events).to_lowercase();
        let fits = |story: &&Story| {
            filter.is_empty()
                || story.run.to_lowercase().contains(&filter)
                || story.revision.to_lowercase().contains(&filter)
                || story.wrong().contains(&filter)
        };
        let events = || self.services.iter().filter_map(|service| service.events.as_ref());
        let silent = events().flat_map(|events| &events.open().silent);
        let wrong = events().flat_map(super::events::Events::incomplete);
        let others = events().flat_map(super::events::Events::ended);
        silent.chain(wrong).chain(others).filter(fits).collect()
    }

    /// The run whose story is told: the pinned one while it is known, else the one under the cursor.
    pub fn told_run(&self) -> Option<&Story> {
        let runs = self.runs();
        let pinned = self.ui.pinned.as_ref();
        let known = self.services.iter().filter_map(|service| service.events.as_ref());
        let pinned = pinned.and_then(|id| known.into_iter().find_map(|events| events.run(id)));
        pinned.or_else(|| runs.get(self.run_row(&runs)).copied())
    }

    /// Pins the run under the cursor, so that its story stays; or lets it go.
    pub(super) fn pin(&mut self) {
        let runs = self.runs();
        let run = runs.get(self.run_row(&runs)).map(|story| story.run.clone());
        self.ui.pinned = if self.ui.pinned.is_some() { None } else { run };
    }

    /// The row of `runs` under the cursor.
    pub fn run_row(&self, runs: &[&Story]) -> usize {
        let known = self.ui.run.as_ref().and_then(|id| runs.iter().position(|story| story.run == *id));
        let row = known.unwrap_or_else(|| self.ui.focus.cursor(PanelId::Events).row);
        row.min(runs.len().saturating_sub(1))
    }

    /// Puts the cursor on the row where its run is now, before it moves.
    pub(super) fn before_moving(&mut self) {
        let runs = self.runs();
        let row = self.run_row(&runs);
        if let Some(cursor) = self.ui.focus.cursor_mut(PanelId::Events) {
            cursor.row = row;
        }
    }

    /// Remembers the run that the cursor came to.
    pub(super) fn after_moving(&mut self) {
        let row = self.ui.focus.cursor(PanelId::Events).row;
        // On the first row it follows what comes.
        self.ui.run = self.runs().get(row).filter(|_| row > 0).map(|story| story.run.clone());
    }

    fn seek_run(&mut self, action: Action) {
        let runs = self.runs();
        let from = self.run_row(&runs);
        let wrong =
            |at: &usize| runs.get(*at).is_some_and(|story| story.ending.is_none_or(Ending::is_incomplete));
        let count = runs.len();
        let found = if action == Action::PreviousOpen {
            (1..=count).map(|step| (from + count - step) % count).find(wrong)
        } else {
            (1..=count).map(|step| (from + step) % count).find(wrong)
        };
        match (found, self.ui.focus.cursor_mut(PanelId::Events)) {
            (Some(row), Some(cursor)) => cursor.row = row,
            _ => return self.say("no wrong run"),
        }
        self.after_moving();
    }
}
