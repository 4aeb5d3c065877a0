//! What of the tree is listed: folds, filters, and what is finished and folded away.
//!
//! The rows are made when something changed, not for every frame. Finished work is put away when nobody looks: a
//! heading below which all is done folds by itself, and a run of finished items becomes `▸ 5 more, all done`. While the
//! list is on the screen nothing is put away, so no row vanishes under the cursor because it was ticked.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Clean, Document, Item, ItemId, Meaning, Section};

use super::outline::{Heading, Outline};
use super::show::Show;
use super::tally::{Standing, Tally};

/// A run of so many finished items is folded.
const RUN: usize = 4;
/// So many of a folded run still show.
const SHOWN: usize = 2;

/// So many rows on either side are known again when the list changes.
const NEAR: usize = 200;

/// A row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// A document or heading, by its place in the outline.
    Heading(usize),
    /// An item, by its place in the outline.
    Item(usize),
    /// Finished items below `heading`, folded into one row: `count` of them, from `first`.
    More { heading: usize, first: usize, count: usize },
}

impl Row {
    /// The item, if the row is one.
    pub fn item(&self) -> Option<usize> {
        match self {
            Self::Item(item) => Some(*item),
            Self::Heading(_) | Self::More { .. } => None,
        }
    }
}

/// What is the same row after the list changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Anchor {
    /// A heading, by its key.
    Heading(u64),
    /// An item.
    Item(ItemId),
}

/// How one item stands, as far as the list asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stand<'a> {
    /// Whether it asks for something, and what.
    pub standing: Standing,
    /// Who signed it off last.
    pub by: Option<&'a Clean>,
}

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader<'a> {
    /// Name.
    pub name: &'a str,
    /// Role; may be empty.
    pub role: &'a str,
}

/// What decides which rows there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    outline: Outline,
    tallies: Vec<Tally>,
    rows: Vec<Row>,
    show: Show,
    /// Items that ask for something: the required ones, and the others.
    asking: [Vec<usize>; 2],
    /// Sign-offs.
    signing: Vec<usize>,
    /// Items that `show` and the typed filter left.
    found: usize,
    /// What a person folded (`true`) or unfolded.
    folds: BTreeMap<u64, bool>,
    /// Headings that were finished when the list was last put in order.
    finished: BTreeSet<u64>,
    /// Items that were finished then.
    put_away: BTreeSet<ItemId>,
    /// Headings whose finished items are shown all the same.
    unrolled: BTreeSet<u64>,
}

impl Listing {
    /// The tree of headings.
    pub fn outline(&self) -> &Outline {
        &self.outline
    }

    /// What stands below a heading.
    pub fn tally(&self, heading: usize) -> Tally {
        self.tallies.get(heading).copied().unwrap_or_default()
    }

    /// What stands in all documents.
    pub fn total(&self) -> Tally {
        let mut sum = Tally::default();
        for (heading, tally) in self.outline.headings().iter().zip(&self.tallies) {
            if heading.level == 0 {
                sum.merge(*tally);
            }
        }
        sum
    }

    /// Items that count and ask for something: the required ones, and the others.
    pub fn asking(&self) -> &[Vec<usize>; 2] {
        &self.asking
    }

    /// Sign-offs.
    pub fn signing(&self) -> &[usize] {
        &self.signing
    }

    /// The rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Which items are listed.
    pub fn show(&self) -> Show {
        self.show
    }

    /// How many items are left by what is asked for.
    pub fn found(&self) -> usize {
        self.found
    }

    /// Lists other items.
    pub(super) fn set_show(&mut self, show: Show) {
        self.show = show;
    }

    /// What a person folded and unfolded.
    pub fn folds(&self) -> &BTreeMap<u64, bool> {
        &self.folds
    }

    /// Takes over folds of an earlier time; what was folded since then stays.
    pub(super) fn remember(&mut self, folds: impl IntoIterator<Item = (u64, bool)>) {
        for (key, fold) in folds {
            self.folds.entry(key).or_insert(fold);
        }
    }

    /// The documents were read.
    pub(super) fn read(&mut self, documents: &[Document]) {
        self.outline = Outline::of(documents);
    }

    /// Whether only the heading is listed.
    pub fn is_folded(&self, heading: &Heading) -> bool {
        self.folds.get(&heading.key).copied().unwrap_or_else(|| self.finished.contains(&heading.key))
    }

    /// Folds or unfolds a heading; whether that is something to remember.
    pub(super) fn fold(&mut self, heading: usize, fold: bool) -> bool {
        let Some(heading) = self.outline.headings().get(heading) else { return false };
        if fold {
            self.unrolled.remove(&heading.key);
        }
        if self.is_folded(heading) == fold {
            return false;
        }
        self.folds.insert(heading.key, fold);
        true
    }

    /// Shows the finished items below a heading.
    pub(super) fn unroll(&mut self, heading: usize) {
        if let Some(heading) = self.outline.headings().get(heading) {
            self.unrolled.insert(heading.key);
        }
    }

    /// Counts again.
    pub(super) fn count<'a>(&mut self, documents: &[Document], stand: impl Fn(&Item) -> Stand<'a>) {
        self.tallies = vec![Tally::default(); self.outline.headings().len()];
        (self.asking, self.signing) = Default::default();
        for (at, heading) in self.outline.headings().iter().enumerate() {
            for n in heading.own.clone() {
                let Some((_, item)) = self.outline.item(documents, n) else { continue };
                let standing = stand(item).standing;
                if let Some(tally) = self.tallies.get_mut(at) {
                    tally.add(item, standing);
                }
                let condition = item.meaning == Meaning::Trigger
                    || (item.meaning == Meaning::Criterion && !item.required);
                let [required, others] = &mut self.asking;
                if standing.asks() && !condition {
                    if item.required { required.push(n) } else { others.push(n) }
                }
                if matches!(item.meaning, Meaning::SignOff { .. }) {
                    self.signing.push(n);
                }
            }
        }
        // What is below a heading comes after it, so from the end each sum is whole when it is added.
        for (at, heading) in self.outline.headings().iter().enumerate().rev() {
            let sum = self.tally(at);
            if let Some(above) = heading.parent.and_then(|parent| self.tallies.get_mut(parent)) {
                above.merge(sum);
            }
        }
        // What asks again is not put away any more.
        let headings = self.outline.headings().iter().zip(&self.tallies);
        let asks: Vec<u64> =
            headings.filter(|(_, tally)| !tally.is_finished()).map(|(heading, _)| heading.key).collect();
        for key in asks {
            self.finished.remove(&key);
        }
    }

    /// Puts away what is finished. Only while nobody looks at the list.
    pub(super) fn tidy<'a>(&mut self, documents: &[Document], stand: impl Fn(&Item) -> Stand<'a>) {
        let headings = self.outline.headings().iter().enumerate();
        let finished = headings.filter(|(at, heading)| heading.level > 0 && self.tally(*at).is_finished());
        self.finished = finished.map(|(_, heading)| heading.key).collect();
        let items = (0..self.outline.count()).filter_map(|n| self.outline.item(documents, n));
        let finished = items.filter(|(_, item)| stand(item).standing.is_settled());
        self.put_away = finished.map(|(_, item)| item.id.clone()).collect();
        self.unrolled.clear();
    }

    /// Makes the rows again.
    pub(super) fn relist<'a>(
        &mut self,
        documents: &[Document],
        filter: &str,
        reader: Reader<'_>,
        stand: impl Fn(&Item) -> Stand<'a>,
    ) {
        let filter = filter.to_lowercase();
        let mut rows = Vec::with_capacity(self.rows.len());
        let mut left = Vec::new();
        let (mut at, mut found) = (0, 0);
        let chooses = !filter.is_empty() || self.show != Show::All;
        while let Some(heading) = self.outline.headings().get(at) {
            let fold = !chooses && self.is_folded(heading);
            rows.push(Row::Heading(at));
            left.clear();
            for n in heading.own.clone() {
                let Some((section, item)) = self.outline.item(documents, n) else { continue };
                let stand = stand(item);
                if self.is_asked_for(item, stand, reader) && holds(section, item, &filter) {
                    found += 1;
                    let away = stand.standing.is_settled() && self.put_away.contains(&item.id);
                    left.push((n, away));
                }
            }
            if !fold {
                let roll = !chooses && !self.unrolled.contains(&heading.key);
                roll_up(&mut rows, at, &left, roll);
            }
            at = if fold { heading.end } else { at + 1 };
        }
        if chooses {
            without_empty(&mut rows, &self.outline);
        }
        (self.rows, self.found) = (rows, found);
    }

    fn is_asked_for(&self, item: &Item, stand: Stand<'_>, reader: Reader<'_>) -> bool {
        match self.show {
            Show::All => true,
            Show::Open => stand.standing.asks(),
            Show::Required => item.required && stand.standing.asks(),
            Show::Mine => stand.by.is_some_and(|by| by.as_str() == reader.name) || is_of(item, reader.name),
            Show::MyRole => is_of(item, reader.role) || is_role(item, reader.role),
            Show::Lapsed => stand.standing == Standing::Lapsed,
            Show::Inferred => item.inferred,
        }
    }

    /// What the rows near `from` are, so that the place is found again after the list changed: that one and those after
    /// it, then those before it.
    pub(super) fn anchors(&self, documents: &[Document], from: usize) -> Vec<Anchor> {
        let (before, after) = self.rows.split_at(from.min(self.rows.len()));
        let anchor = |row: &Row| match row {
            Row::Heading(at) => self.outline.headings().get(*at).map(|heading| Anchor::Heading(heading.key)),
            Row::Item(n) | Row::More { first: n, .. } => {
                self.outline.item(documents, *n).map(|(_, item)| Anchor::Item(item.id.clone()))
            }
        };
        after.iter().take(NEAR).chain(before.iter().rev().take(NEAR)).filter_map(anchor).collect()
    }

    /// The row that is `anchor` now; an item in a folded run is that run.
    pub(super) fn find(&self, documents: &[Document], anchor: &Anchor) -> Option<usize> {
        let is =
            |n: usize, id: &ItemId| self.outline.item(documents, n).is_some_and(|(_, item)| item.id == *id);
        self.rows.iter().position(|row| match (row, anchor) {
            (Row::Heading(at), Anchor::Heading(key)) => {
                self.outline.headings().get(*at).is_some_and(|heading| heading.key == *key)
            }
            (Row::Item(n), Anchor::Item(id)) => is(*n, id),
            (Row::More { first, count, .. }, Anchor::Item(id)) => (*first..first + count).any(|n| is(n, id)),
            (Row::Heading(_), Anchor::Item(_)) | (Row::Item(_) | Row::More { .. }, Anchor::Heading(_)) => {
                false
            }
        })
    }
}

/// The items of one heading as rows; runs of finished ones as one row, if `roll`.
fn roll_up(rows: &mut Vec<Row>, heading: usize, items: &[(usize, bool)], roll: bool) {
    for run in items.chunk_by(|one, next| one.1 == next.1) {
        let shown = match run {
            [(_, true), ..] if roll && run.len() >= RUN => SHOWN,
            _ => run.len(),
        };
        rows.extend(run.iter().take(shown).map(|(n, _)| Row::Item(*n)));
        if let Some((first, _)) = run.get(shown) {
            rows.push(Row::More { heading, first: *first, count: run.len() - shown });
        }
    }
}

/// Takes out headings without an item below them.
fn without_empty(rows: &mut Vec<Row>, outline: &Outline) {
    let mut kept: Vec<Row> = Vec::with_capacity(rows.len());
    // From the end: a heading stays if the item that was kept last stands below it.
    for row in rows.iter().rev() {
        let stays = match row {
            Row::Heading(at) => outline.headings().get(*at).is_some_and(|heading| {
                let item = kept.iter().rev().find_map(|row| match row {
                    Row::Item(n) | Row::More { first: n, .. } => Some(*n),
                    Row::Heading(_) => None,
                });
                item.is_some_and(|n| heading.all.contains(&n))
            }),
            Row::Item(_) | Row::More { .. } => true,
        };
        if stays {
            kept.push(*row);
        }
    }
    kept.reverse();
    *rows = kept;
}

fn holds(section: &Section, item: &Item, filter: &str) -> bool {
    filter.is_empty()
        || item.text.to_lowercase().contains(filter)
        || item.owner.as_ref().is_some_and(|owner| owner.to_lowercase().contains(filter))
        || section.path.iter().any(|heading| heading.to_lowercase().contains(filter))
}

/// Whether an owner of the item is `name`: a person or a role, among several or with an `@`.
fn is_of(item: &Item, name: &str) -> bool {
    item.owner.as_ref().is_some_and(|owner| names(owner, name))
}

fn is_role(item: &Item, role: &str) -> bool {
    matches!(&item.meaning, Meaning::SignOff { role: Some(of) } if names(of, role))
}

/// Whether `text` names `wanted`, in whole words.
fn names(text: &str, wanted: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let (text, wanted) = (words(text), words(wanted));
    !wanted.is_empty() && text.windows(wanted.len()).any(|some| *some == *wanted)
}

#[cfg(test)]
mod tests;
