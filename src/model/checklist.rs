//! Checklists: what the files ask for, and who signed off what.
//!
//! An item is done when its newest record is a tick. A tick of this console shows at once, before the journal has it,
//! and goes away again if the journal refuses it. `[x]` in the file is a claim and counts for nothing until a person
//! attests it here.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Action, Attestation, Clean, Document, Entry, Item, ItemId, Record, Section};

use super::msg::Token;

/// The sub-state.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Checklist {
    documents: Vec<Document>,
    problems: Vec<Clean>,
    read: bool,
    ticks: BTreeMap<ItemId, Attestation>,
    pending: BTreeMap<Token, (ItemId, Attestation)>,
    folded: BTreeSet<(usize, usize)>,
    open_only: bool,
}

/// How an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemState<'a> {
    /// Signed off.
    Done(&'a Attestation),
    /// `[x]` in the file, and nobody attested it.
    Claimed,
    /// To do.
    Open,
}

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

/// How many of how many are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Signed off.
    pub done: usize,
    /// All of them.
    pub all: usize,
    /// Required, and not signed off.
    pub required_open: usize,
    /// Required, signed off or not.
    pub required: usize,
}

/// What is in the way of a tick or of taking one back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// No item is under the cursor.
    NoItem,
    /// It is done already.
    Done,
    /// This operator has ticked nothing that still stands.
    NothingToUndo,
    /// The tick is still on its way to the journal.
    Unwritten,
}

impl Obstacle {
    /// In words, for the row of hints.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoItem => "no item under the cursor",
            Self::Done => "already ticked",
            Self::NothingToUndo => "no tick of yours to take back",
            Self::Unwritten => "the last tick is still being written",
        }
    }
}

impl Checklist {
    /// The files were read (again). Ticks stay: they belong to items, not to a reading.
    pub fn documents_read(&mut self, documents: Vec<Document>, problems: Vec<Clean>) {
        self.documents = documents;
        self.problems = problems;
        self.read = true;
    }

    /// Takes in a record, own or another's.
    pub fn record(&mut self, record: &Record) {
        if let Entry::Ticked { item, note, .. } = &record.entry {
            let attestation = Attestation {
                seq: Some(record.seq),
                by: record.by.clone(),
                at: record.at,
                note: note.clone(),
            };
            self.ticks.insert(ItemId(item.clone()), attestation);
        } else if let Entry::Unticked { item, seq, .. } = &record.entry {
            let item = ItemId(item.clone());
            if self.ticks.get(&item).is_some_and(|tick| tick.seq == Some(*seq)) {
                self.ticks.remove(&item);
            }
        }
    }

    /// A tick was sent to the journal: it shows at once.
    pub fn ticked(&mut self, token: Token, item: ItemId, attestation: Attestation) {
        self.pending.insert(token, (item, attestation));
    }

    /// The journal took the draft: the tick stands, also before its record is read back.
    pub fn journaled(&mut self, token: Token, seq: u64) {
        if let Some((item, attestation)) = self.pending.remove(&token) {
            let newer = self.ticks.get(&item).is_some_and(|known| known.seq >= Some(seq));
            if !newer {
                self.ticks.insert(item, Attestation { seq: Some(seq), ..attestation });
            }
        }
    }

    /// The journal refused the draft; the item's text, if the draft was a tick.
    pub fn refused(&mut self, token: Token) -> Option<Clean> {
        let (item, _) = self.pending.remove(&token)?;
        self.items().find(|known| known.id == item).map(|item| item.text.clone())
    }

    /// The documents.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// Files that could not be read, and why.
    pub fn problems(&self) -> &[Clean] {
        &self.problems
    }

    /// Whether the files were read at all.
    pub fn is_read(&self) -> bool {
        self.read
    }

    /// All items in file order.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.documents.iter().flat_map(|doc| &doc.sections).flat_map(|section| &section.items)
    }

    /// How `item` stands.
    pub fn state<'a>(&'a self, item: &Item) -> ItemState<'a> {
        let pending = self.pending.values().find(|(id, _)| *id == item.id).map(|(_, tick)| tick);
        match self.ticks.get(&item.id).or(pending) {
            Some(attestation) => ItemState::Done(attestation),
            None if item.claimed => ItemState::Claimed,
            None => ItemState::Open,
        }
    }

    /// Counts over `items`.
    pub fn progress<'a>(&self, items: impl IntoIterator<Item = &'a Item>) -> Progress {
        let mut sum = Progress::default();
        for item in items {
            let done = matches!(self.state(item), ItemState::Done(_));
            sum.all += 1;
            sum.done += usize::from(done);
            sum.required += usize::from(item.required);
            sum.required_open += usize::from(item.required && !done);
        }
        sum
    }

    /// Counts over everything.
    pub fn total(&self) -> Progress {
        self.progress(self.items())
    }

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

    /// Whether the item under the cursor can be ticked.
    pub fn tickable(&self, item: Option<&Item>) -> Result<Item, Obstacle> {
        let item = item.ok_or(Obstacle::NoItem)?;
        if self.is_open(item) { Ok(item.clone()) } else { Err(Obstacle::Done) }
    }

    /// The newest tick of `operator` that stands: its item, the item's text, the record.
    pub fn last_by(&self, operator: &Clean) -> Result<(ItemId, Clean, u64), Obstacle> {
        if self.pending.values().any(|(_, tick)| tick.by == *operator) {
            return Err(Obstacle::Unwritten);
        }
        let mine = self.ticks.iter().filter(|(_, tick)| tick.by == *operator);
        let (item, tick) = mine.max_by_key(|(_, tick)| tick.seq).ok_or(Obstacle::NothingToUndo)?;
        let seq = tick.seq.ok_or(Obstacle::Unwritten)?;
        let text = self.items().find(|known| known.id == *item).map(|item| item.text.clone());
        Ok((item.clone(), text.unwrap_or_default(), seq))
    }

    fn is_open(&self, item: &Item) -> bool {
        !matches!(self.state(item), ItemState::Done(_))
    }
}

fn matches(section: &Section, item: &Item, filter: &str) -> bool {
    filter.is_empty()
        || item.text.to_lowercase().contains(filter)
        || item.owner.as_ref().is_some_and(|owner| owner.to_lowercase().contains(filter))
        || section.path.iter().any(|heading| heading.to_lowercase().contains(filter))
}

#[cfg(test)]
mod tests;
