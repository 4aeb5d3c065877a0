//! Finding one's way in the list of items: the cursor stays on its item whatever changes around it, folds are kept, and
//! the next open item is one key away.

use strum::IntoEnumIterator;

use crate::domain::{Action, Document, Item, PanelId};

use super::Model;
use super::checklist::{Anchor, Reader, Row, Show};
use super::effect::Effect;
use super::gates_told::find_local_gates;

impl Model {
    /// The files were read (again).
    pub(super) fn documents_read(
        &mut self,
        mut documents: Vec<Document>,
        problems: Vec<crate::domain::Clean>,
        effects: &mut Vec<Effect>,
    ) {
        find_local_gates(&self.room, &mut documents);
        self.complete_room(&documents, effects);
        let anchors = self.checklist.anchors(self.list_row());
        let first = !self.checklist.is_read();
        let before = self.checklist.listing().outline().count();
        self.gates.documents_read(&self.room, &documents);
        self.checklist.documents_read(documents, problems);
        self.stages.documents_read(&self.room, &self.checklist);
        self.ui.focus.stages = self.shows_stages();
        self.settle();
        self.checklist.take_touched();
        self.relist_at(&anchors);
        self.plan_again();
        if first {
            return self.seek_first_item();
        }
        // What could not be read was not read again.
        if let Some(problem) = self.checklist.problems().first() {
            return self.say(&problem.to_string());
        }
        let now = self.checklist.listing().outline().count();
        let plural = if now.abs_diff(before) == 1 { "item" } else { "items" };
        let change = match now.cmp(&before) {
            std::cmp::Ordering::Greater => format!(", {} {plural} more", now - before),
            std::cmp::Ordering::Less => format!(", {} {plural} fewer", before - now),
            std::cmp::Ordering::Equal => String::new(),
        };
        self.say(&format!("the file changed and was read again{change}"));
    }

    /// Makes the rows of the list again if anything changed.
    pub(super) fn relist(&mut self) {
        if self.checklist.take_touched() {
            let anchors = self.checklist.anchors(self.list_row());
            self.relist_at(&anchors);
        }
    }

    /// Makes the rows again, and puts the cursor on the first of `anchors` that is left.
    fn relist_at(&mut self, anchors: &[Anchor]) {
        let away = self.ui.focus.full() != Some(PanelId::Checklist);
        let filter = self.ui.focus.filter(PanelId::Checklist);
        let operator = &self.room.operator;
        let reader = Reader { name: &operator.name, role: &operator.role };
        self.checklist.relist(filter, reader, away);
        if let (Some(row), Some(cursor)) =
            (self.checklist.find_row(anchors), self.ui.focus.cursor_mut(PanelId::Checklist))
        {
            cursor.follow(row);
        }
    }

    /// What a key does in the list.
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other action is not one of the list")]
    pub(super) fn in_list(&mut self, action: Action, effects: &mut Vec<Effect>) {
        if self.act_on_logs(action) {
            return;
        }
        match action {
            Action::OpenOnly => self.show_items(Show::Open),
            Action::MyRole => self.show_items(Show::MyRole),
            Action::NextFilter => self.show_next(),
            Action::NextOpen | Action::PreviousOpen => self.seek(action, effects),
            Action::Fold | Action::Unfold => self.fold(action == Action::Fold, effects),
            Action::Edit => self.edit_item(effects),
            _ => {}
        }
    }

    fn list_row(&self) -> usize {
        self.ui.focus.cursor(PanelId::Checklist).row
    }

    /// Goes to the next (or previous) open item, or wrong run.
    pub(super) fn seek(&mut self, action: Action, effects: &mut Vec<Effect>) {
        match self.ui.focus.panel() {
            PanelId::Events => return self.seek_run(action),
            PanelId::Gates => return self.seek_gate(action),
            _ => {}
        }
        let filtered = self.is_filtered();
        let Some(item) = self.checklist.seek_open(self.list_row(), action, filtered) else {
            return self.say(if filtered { "no open item among these" } else { "no open item" });
        };
        if !filtered && self.checklist.uncover(item) {
            self.folds_changed(effects);
        }
        let row = self.checklist.rows().iter().position(|row| row.item() == Some(item));
        self.go_to_row(row);
    }

    /// Folds or unfolds what the cursor stands on; folding an item goes up to its heading.
    pub(super) fn fold(&mut self, fold: bool, effects: &mut Vec<Effect>) {
        if self.ui.focus.panel() != PanelId::Checklist {
            return;
        }
        if self.is_filtered() {
            return self.say("a filter shows everything it found; esc clears it, then headings fold");
        }
        let Some(row) = self.cursor_row() else { return };
        let Some((at, heading)) = self.checklist.heading(row) else { return };
        // What is folded already is left upwards, as in any tree.
        let up = fold && matches!(row, Row::Heading(_)) && self.checklist.listing().is_folded(heading);
        let (at, row) = match heading.parent {
            Some(parent) if up => (parent, Row::Heading(parent)),
            _ => (at, row),
        };
        if self.checklist.fold(row, fold) {
            self.folds_changed(effects);
        } else {
            self.made_rows_again();
        }
        if fold {
            let row = self.checklist.rows().iter().position(|row| *row == Row::Heading(at));
            self.go_to_row(row);
        }
    }

    /// What enter and space do on a row that is no item: it folds or unfolds.
    pub(super) fn open_row(&mut self, effects: &mut Vec<Effect>) {
        let Some(row) = self.cursor_row() else { return };
        let folded = self.checklist.heading(row).is_some_and(|(_, h)| self.checklist.listing().is_folded(h));
        self.fold(matches!(row, Row::Heading(_)) && !folded, effects);
    }

    fn folds_changed(&mut self, effects: &mut Vec<Effect>) {
        let folds = self.checklist.listing().folds().iter().map(|(key, fold)| (*key, *fold)).collect();
        effects.push(Effect::RememberFolds { folds });
        self.made_rows_again();
    }

    fn made_rows_again(&mut self) {
        let anchors = self.checklist.anchors(self.list_row());
        self.relist_at(&anchors);
    }

    /// Folds of an earlier time were found.
    pub(super) fn folds_read(&mut self, folds: Vec<(u64, bool)>) {
        self.checklist.remember_folds(folds);
        self.made_rows_again();
        // The files may have been read before: the cursor stands where it would if they had not.
        if self.item_under_cursor().is_none() {
            self.seek_first_item();
        }
    }

    /// Lists other items: `show`, or all again if that is listed already.
    pub(super) fn show_items(&mut self, show: Show) {
        let show = if self.checklist.listing().show() == show { Show::All } else { show };
        let anchors = self.checklist.anchors(self.list_row());
        self.checklist.set_show(show);
        self.relist_at(&anchors);
        if self.checklist.found() == 0 {
            self.checklist.set_show(Show::All);
            self.relist_at(&anchors);
            return self.say(&format!("no item is {}", show.of()));
        }
        if self.item_under_cursor().is_none() {
            self.seek_first_item();
        }
        let count = self.checklist.found();
        let all = self.checklist.listing().outline().count();
        if show == Show::All {
            self.say(&format!("all {all} items"));
        } else {
            self.say(&format!("{}: {count} of {all} items", show.words()));
        }
    }

    /// Opens the checklist and lists `show`.
    pub(super) fn open_items(&mut self, show: Show) {
        self.ui.focus.open(PanelId::Checklist);
        if self.checklist.listing().show() != show {
            self.show_items(show);
        }
    }

    /// The next kind of items of which there are any.
    pub(super) fn show_next(&mut self) {
        let now = self.checklist.listing().show();
        let kinds: Vec<Show> = Show::iter().collect();
        let at = kinds.iter().position(|kind| *kind == now).unwrap_or_default();
        for step in 1..=kinds.len() {
            let Some(show) = kinds.get((at + step) % kinds.len()) else { return };
            self.checklist.set_show(*show);
            self.made_rows_again();
            if self.checklist.found() > 0 || *show == Show::All {
                self.checklist.set_show(now);
                return match show {
                    Show::All => self.show_items(now),
                    show => self.show_items(*show),
                };
            }
        }
    }

    /// Whether not all items are listed.
    pub fn is_filtered(&self) -> bool {
        !self.ui.focus.filter(PanelId::Checklist).is_empty() || self.checklist.listing().show() != Show::All
    }

    /// The row of the checklist under the cursor.
    pub fn cursor_row(&self) -> Option<Row> {
        let rows = self.checklist.rows();
        rows.get(self.list_row().min(rows.len().saturating_sub(1))).copied()
    }

    /// The item of the checklist under the cursor.
    pub fn item_under_cursor(&self) -> Option<Item> {
        self.checklist.item(self.cursor_row()?).cloned()
    }

    /// Lists what the filter leaves, and puts the cursor on the first item of it.
    pub(super) fn filter_items(&mut self) {
        self.relist_at(&[]);
        self.seek_first_item();
    }

    /// Esc in the list, which was open before if `full`: first a typed filter goes (that was done), then what kind of
    /// items is listed, then the list.
    pub(super) fn back_in_list(&mut self, full: Option<PanelId>) {
        if full == Some(PanelId::Checklist) {
            if self.ui.focus.full().is_none() && self.checklist.listing().show() != Show::All {
                self.ui.focus.open(PanelId::Checklist);
                self.checklist.set_show(Show::All);
            }
            self.made_rows_again();
        }
    }

    fn seek_first_item(&mut self) {
        let row = self.checklist.rows().iter().position(|row| row.item().is_some());
        self.go_to_row(row.or(Some(0)));
    }

    fn go_to_row(&mut self, row: Option<usize>) {
        if let (Some(row), Some(cursor)) = (row, self.ui.focus.cursor_mut(PanelId::Checklist)) {
            cursor.row = row;
        }
    }
}

#[cfg(test)]
mod tests;
