//! The list as it is shown: rows, folding, filters, and the way to what is open.

use crate::domain::{Action, Document, Item, Meaning, Section};

use super::listing::Stand;
use super::{Anchor, Checklist, Heading, ItemState, Listing, Reader, Row, Show, Standing};

impl Checklist {
    /// The tree, its counts, and what of it is listed.
    pub fn listing(&self) -> &Listing {
        &self.listing
    }

    /// The rows of the list.
    pub fn rows(&self) -> &[Row] {
        self.listing.rows()
    }

    /// How `item` stands, as far as lists ask.
    pub fn standing(&self, item: &Item) -> Standing {
        self.stand(item).standing
    }

    fn stand(&self, item: &Item) -> Stand<'_> {
        let state = self.state(item);
        let trigger = item.meaning == Meaning::Trigger;
        let standing = match state {
            ItemState::Done(_) | ItemState::Waived(_) | ItemState::NotApplicable(_) | ItemState::Met(_) => {
                Standing::Settled
            }
            ItemState::Failed(_) => Standing::Failed,
            ItemState::Lapsed { .. } => Standing::Lapsed,
            ItemState::Happened(_) => Standing::Happened,
            ItemState::Measured(proof) => match (proof.good, trigger) {
                (None, _) => Standing::Unseen,
                (Some(true), true) => Standing::Clear,
                (Some(true), false) => Standing::Settled,
                (Some(false), true) => Standing::Happened,
                (Some(false), false) => Standing::Failed,
            },
            ItemState::Claimed if item.meaning == Meaning::Claim => Standing::Reported,
            ItemState::Claimed => Standing::Claimed,
            ItemState::Struck | ItemState::Replaced(_) => Standing::Reported,
            ItemState::NotDue { .. } | ItemState::NotBegun(_) => Standing::NotDue,
            ItemState::Open | ItemState::Proposed(_) if trigger => Standing::Unseen,
            ItemState::Open | ItemState::Proposed(_) => Standing::Open,
        };
        Stand { standing, by: state.attestation().map(|said| &said.by) }
    }

    /// The document, heading and item of a row.
    pub fn heading(&self, row: Row) -> Option<(usize, &Heading)> {
        let outline = self.listing.outline();
        let at = match row {
            Row::Heading(at) | Row::More { heading: at, .. } => at,
            Row::Item(item) => outline.heading_of(item)?,
        };
        Some((at, outline.headings().get(at)?))
    }

    /// The document of a row.
    pub fn document(&self, row: Row) -> Option<&Document> {
        self.documents.get(self.heading(row)?.1.document)
    }

    /// The section of an item's row.
    pub fn section(&self, row: Row) -> Option<&Section> {
        let Row::Item(item) = row else { return None };
        Some(self.listing.outline().item(&self.documents, item)?.0)
    }

    /// The item of a row.
    pub fn item(&self, row: Row) -> Option<&Item> {
        let Row::Item(item) = row else { return None };
        Some(self.listing.outline().item(&self.documents, item)?.1)
    }

    /// Whether anything changed since it was asked last.
    pub(in crate::model) fn take_touched(&mut self) -> bool {
        std::mem::take(&mut self.touched)
    }

    /// Makes rows and counts again. What is finished is put away first, if `away`: nobody looks at the list.
    pub(in crate::model) fn relist(&mut self, filter: &str, reader: Reader<'_>, away: bool) {
        let mut listing = std::mem::take(&mut self.listing);
        let stand = |item: &Item| self.stand(item);
        listing.count(&self.documents, stand);
        if away {
            listing.tidy(&self.documents, stand);
        }
        listing.relist(&self.documents, filter, reader, stand);
        self.listing = listing;
    }

    /// What the row at `from` and the others are, nearest first, to find the place again in a list that changed.
    pub(in crate::model) fn anchors(&self, from: usize) -> Vec<Anchor> {
        self.listing.anchors(&self.documents, from)
    }

    /// The row of the first of `anchors` that is still there.
    pub(in crate::model) fn find_row(&self, anchors: &[Anchor]) -> Option<usize> {
        anchors.iter().find_map(|anchor| self.listing.find(&self.documents, anchor))
    }

    /// How many items are left by the filters.
    pub fn found(&self) -> usize {
        self.listing.found()
    }

    /// Lists other items.
    pub(in crate::model) fn set_show(&mut self, show: Show) {
        self.listing.set_show(show);
    }

    /// Folds (or unfolds) what `row` stands under; folding an item's heading goes up to it. Whether that is something
    /// to remember.
    pub(in crate::model) fn fold(&mut self, row: Row, fold: bool) -> bool {
        if let (Row::More { heading, .. }, false) = (row, fold) {
            self.listing.unroll(heading);
            return false;
        }
        let Some((at, _)) = self.heading(row) else { return false };
        self.listing.fold(at, fold)
    }

    /// Takes over the folds of an earlier time.
    pub(in crate::model) fn remember_folds(&mut self, folds: impl IntoIterator<Item = (u64, bool)>) {
        self.listing.remember(folds);
    }

    /// The next (or previous) item after row `from` that asks for something, round and round: among what is listed
    /// while a filter holds, else wherever it is, folded or not.
    pub fn seek_open(&self, from: usize, action: Action, filtered: bool) -> Option<usize> {
        let outline = self.listing.outline();
        let asks =
            |n: &usize| outline.item(&self.documents, *n).is_some_and(|(_, item)| self.standing(item).asks());
        let back = action == Action::PreviousOpen;
        if filtered {
            // Everything that was found has a row of its own then.
            let rows = self.rows();
            let (before, after) = rows.split_at((from + usize::from(!back)).min(rows.len()));
            return if back {
                before.iter().rev().chain(after.iter().rev()).filter_map(Row::item).find(asks)
            } else {
                after.iter().chain(before).filter_map(Row::item).find(asks)
            };
        }
        let count = outline.count();
        // From a heading the first item below it is the next, and the one above it the one before.
        let start = match self.rows().get(from) {
            Some(Row::Item(n)) if back => *n,
            Some(Row::Item(n)) => *n + 1,
            Some(Row::More { first, .. }) => *first,
            Some(Row::Heading(at)) => outline.headings().get(*at).map_or(0, |heading| heading.all.start),
            None => 0,
        };
        if back {
            (1..=count).map(|step| (start + count - step) % count).find(asks)
        } else {
            (0..count).map(|step| (start + step) % count).find(asks)
        }
    }

    /// Unfolds everything above an item; whether there was something to unfold.
    pub(in crate::model) fn uncover(&mut self, item: usize) -> bool {
        let mut at = self.listing.outline().heading_of(item);
        let mut changed = false;
        while let Some(heading) = at {
            changed |= self.listing.fold(heading, false);
            at = self.listing.outline().headings().get(heading).and_then(|heading| heading.parent);
        }
        changed
    }
}
