//! The list as it is shown: rows, folding, filters, and the way to what is open.

use crate::domain::{Action, Item, Section};

use super::Checklist;

/// A row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// A document, by index.
    Document(usize),
    /// A section: document, section.
    Section(usize, usize),
    /// An item: document, section, item.
    Item(usize, usize, usize),
}

impl Checklist {
    /// Whether only open items are listed.
    pub fn open_only(&self) -> bool {
        self.open_only
    }

    /// Lists open items only, or all again.
    pub fn toggle_open_only(&mut self) {
        self.open_only = !self.open_only;
    }

    /// Whether a section shows its heading only.
    pub fn is_folded(&self, document: usize, section: usize) -> bool {
        self.folded.contains(&(document, section))
    }

    /// Folds (or unfolds) the section of `row`.
    pub fn fold(&mut self, row: Row, fold: bool) {
        let (Row::Section(document, section) | Row::Item(document, section, _)) = row else { return };
        if fold {
            self.folded.insert((document, section));
        } else {
            self.folded.remove(&(document, section));
        }
    }

    /// The rows of the list: documents, their sections, and the items of those that are not folded. A filter shows the
    /// items whose text, heading or owner holds it, folded or not.
    pub fn rows(&self, filter: &str) -> Vec<Row> {
        let filter = filter.to_lowercase();
        let mut rows = Vec::new();
        for (d, document) in self.documents.iter().enumerate() {
            let before = rows.len();
            rows.push(Row::Document(d));
            for (s, section) in document.sections.iter().enumerate() {
                let heading = rows.len();
                rows.push(Row::Section(d, s));
                let folded = filter.is_empty() && self.is_folded(d, s);
                let shown = section.items.iter().enumerate().filter(|(_, item)| {
                    !folded && (!self.open_only || self.is_open(item)) && matches(section, item, &filter)
                });
                rows.extend(shown.map(|(i, _)| Row::Item(d, s, i)));
                let empty = rows.len() == heading + 1;
                if empty && (self.open_only || !filter.is_empty()) && !folded {
                    rows.truncate(heading);
                }
            }
            if rows.len() == before + 1 && !filter.is_empty() {
                rows.truncate(before);
            }
        }
        rows
    }

    /// The section of a row.
    pub fn section(&self, row: Row) -> Option<&Section> {
        let (Row::Section(d, s) | Row::Item(d, s, _)) = row else { return None };
        self.documents.get(d)?.sections.get(s)
    }

    /// The item of a row.
    pub fn item(&self, row: Row) -> Option<&Item> {
        let Row::Item(_, _, i) = row else { return None };
        self.section(row)?.items.get(i)
    }

    /// The next (or previous) row after `from` that holds an open item, round and round.
    pub fn seek_open(&self, rows: &[Row], from: usize, action: Action) -> Option<usize> {
        let count = rows.len();
        let open =
            |at: &usize| rows.get(*at).and_then(|row| self.item(*row)).is_some_and(|item| self.is_open(item));
        if action == Action::PreviousOpen {
            (1..=count).map(|step| (from + count - step) % count).find(open)
        } else {
            (1..=count).map(|step| (from + step) % count).find(open)
        }
    }
}

fn matches(section: &Section, item: &Item, filter: &str) -> bool {
    filter.is_empty()
        || item.text.to_lowercase().contains(filter)
        || item.owner.as_ref().is_some_and(|owner| owner.to_lowercase().contains(filter))
        || section.path.iter().any(|heading| heading.to_lowercase().contains(filter))
}
