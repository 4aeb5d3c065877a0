//! Items: which blocks are something to sign off, in which section, what they mean, and who they are.

use rustc_hash::FxHashMap;

use super::back_if;
use super::beginning;
use super::blocks::{Block, Kind, Text};
use super::marks;
use super::outline::Outline;
use super::stored::Stored;
use super::thresholds::Around;
use crate::domain::plan::Counts;
use crate::domain::{Clean, Field, Item, ItemId, Meaning, Section};

mod decision;
mod fields;
mod identity;
mod infer;
mod meaning;
mod table;
mod yaml;

use self::decision::Decisions;
pub(super) use self::fields::labelled;
use self::identity::Identities;
pub(super) use self::table::decision_to_go_on;

/// No more of a line above a trigger is shown with it.
const LONGEST_BELOW: usize = 80;

/// The items of a document.
#[derive(Debug, Default)]
pub(super) struct Items {
    /// Sections that have items, in file order.
    pub(super) sections: Vec<Section>,
    /// Which blocks are items: by their place in the list of blocks, the section and the place in it.
    at: Vec<Option<(u32, u32)>>,
    /// The same of rows of tables, by their lines.
    rows: FxHashMap<u32, (u32, u32)>,
    /// Lines that a report tells, and that would be items elsewhere.
    pub(super) told: Vec<u32>,
    /// Boxes that only say what else can come out of a decision.
    others: u32,
}

/// The items of the file called `name`.
pub(super) fn find(name: &str, outline: &Outline<'_>, stored: &Stored) -> Items {
    let found = Items { at: vec![None; outline.blocks.list.len()], ..Items::default() };
    let (identities, around) = (Identities::new(name), Around::default());
    let decisions = Decisions::of(outline.blocks);
    let mut finder = Finder { outline, stored, identities, found, head: None, around, decisions };
    for (place, block) in outline.blocks.list.iter().enumerate() {
        finder.take(place, block);
    }
    let others = u32::try_from(finder.decisions.count_others()).unwrap_or(u32::MAX);
    Items { others, ..finder.found }
}

struct Finder<'a> {
    outline: &'a Outline<'a>,
    stored: &'a Stored,
    identities: Identities<'a>,
    found: Items,
    /// The heading of the last section.
    head: Option<usize>,
    /// What stands above triggers.
    around: Around,
    /// Boxes that are one decision.
    decisions: Decisions,
}

impl Finder<'_> {
    fn take(&mut self, place: usize, block: &Block) {
        match &block.kind {
            Kind::Item { ticked: Some(_), text, .. } if text.plain.is_empty() && !self.holds(place) => {}
            Kind::Item { ticked: Some(_), .. } if self.decisions.is_other(place) => {}
            Kind::Item { ticked: Some(claimed), text, depth, .. } => {
                let meaning = match meaning::of(self.outline, place, text, *claimed, true) {
                    // "GO" is no role.
                    Meaning::SignOff { .. } if self.decisions.is_yes(place) => {
                        Meaning::SignOff { role: None }
                    }
                    meaning => meaning,
                };
                let item = self.item(place, block, text, *depth, *claimed);
                let fields = self.decisions.fields(self.outline.blocks, place).collect();
                let item = Item { fields, ..item };
                self.push(place, Some(place), block, Item { meaning, ..item });
            }
            Kind::Item { ticked: None, text, depth, sign, .. } => {
                if let Some((parent, field)) = self.field(block, text) {
                    self.add_field(parent, field, &text.links);
                } else if let Some(meaning) = infer::item(self.outline, &self.found, place) {
                    let done = *sign == Some(true) || meaning == Meaning::Claim || infer::says_done(text);
                    let claimed = done && *sign != Some(false);
                    let item = self.item(place, block, text, *depth, claimed);
                    self.push(place, Some(place), block, Item { meaning, inferred: true, ..item });
                } else if infer::is_told(self.outline, &self.found, place) {
                    self.found.told.push(block.line);
                }
            }
            Kind::Paragraph(text) => {
                let lines = infer::lines(self.outline, place, block, text);
                // Where it is one item, what it states in numbers is that one's.
                let at = Some(place).filter(|_| lines.len() == 1);
                for (text, meaning) in lines {
                    let item = self.item(place, block, &text, 0, false);
                    self.push(place, at, block, Item { meaning, inferred: true, ..item });
                }
            }
            Kind::Table { header, rows } => {
                for row in table::items(self.outline, place, header, rows) {
                    let item = self.item(place, block, &row.text, 0, row.claimed);
                    let item = Item {
                        line: row.line,
                        meaning: row.meaning,
                        inferred: row.inferred,
                        owner: row.owner.or(item.owner),
                        fields: row.fields,
                        mark: row.mark.and_then(|mark| self.stored.span(&mark)),
                        ..item
                    };
                    self.push(place, None, block, item);
                    let last = self.found.sections.last_mut().and_then(|section| section.items.last_mut());
                    if let Some((item, required)) = last.zip(row.required).filter(|(item, _)| !item.struck) {
                        (item.required, item.optional) = (required, !required);
                    }
                }
            }
            Kind::Fence { .. } => self.take_triggers(place, block),
            Kind::Html(_) => {}
        }
    }

    /// Takes what a block of YAML says of when to roll back.
    fn take_triggers(&mut self, place: usize, block: &Block) {
        for (line, text) in yaml::triggers(self.outline, place, block) {
            let text = Text { plain: Clean::new(&text), ..Text::default() };
            let item = Item { line, ..self.item(place, block, &text, 0, false) };
            self.push(place, None, block, Item { meaning: Meaning::Trigger, inferred: true, ..item });
        }
    }

    /// Whether something stands in the item at `place`.
    fn holds(&self, place: usize) -> bool {
        self.outline.blocks.list.get(place + 1).is_some_and(|next| next.inside == Some(place))
    }

    /// An item without its identity.
    fn item(&self, place: usize, block: &Block, text: &Text, depth: u8, claimed: bool) -> Item {
        let mark = match &block.kind {
            Kind::Item { mark: Some(mark), .. } => self.stored.span(mark),
            _ => None,
        };
        let struck = text.is_struck || self.outline.blocks.is_set_aside(block);
        let demand = marks::demand(&text.plain).or_else(|| self.outline.demands(place));
        Item {
            id: ItemId::default(),
            line: block.line,
            text: text.plain.clone(),
            depth,
            claimed,
            required: demand == Some(true) && !struck,
            optional: demand == Some(false) || struck,
            struck,
            owner: marks::owner(&text.plain).map(Clean::new),
            meaning: Meaning::Work,
            stage: None,
            below: None,
            of_outcome: false,
            inferred: false,
            fields: Vec::new(),
            links: text.links.clone(),
            mark,
        }
    }

    /// Adds the item that the block at `of` is, or a row or line of it; `place`: where it is found again.
    fn push(&mut self, of: usize, place: Option<usize>, block: &Block, mut item: Item) {
        if self.head != block.head || self.found.sections.is_empty() {
            let blocks = self.outline.blocks;
            let line = block.head.and_then(|head| blocks.heads.get(head)).map_or(0, |head| head.line);
            let path = blocks.path(block.head);
            self.found.sections.push(Section { path, line, items: Vec::new() });
            self.head = block.head;
        }
        let section = self.found.sections.len().saturating_sub(1);
        let Some(last) = self.found.sections.last_mut() else { return };
        // A box as a glyph becomes a sign where all of a list are ticked: `⬜` is `✅` then.
        let is_task =
            matches!(&block.kind, Kind::Item { ticked: Some(_), .. } | Kind::Item { sign: Some(_), .. });
        item.id = self.identities.of(&last.path, &item.text, is_task);
        // What lines above demand is of work and approvals; a condition is required by what depends on it, and a criterion by
        // the line that makes it one: "All must be met".
        let is_work = matches!(item.meaning, Meaning::Work | Meaning::SignOff { .. } | Meaning::Later { .. });
        let is_met = || item.meaning == Meaning::Criterion && self.outline.demands_criteria(of);
        if item.meaning == Meaning::Trigger && !self.outline.blocks.is_apart(block) {
            item.stage = self.outline.stage_of_trigger(block).map(|head| head.line);
        }
        // What says by itself when to go back needs no line above it.
        let says = || match &block.kind {
            Kind::Paragraph(text) => back_if::condition(&text.plain).is_some(),
            _ => meaning::is_condition(&item.text),
        };
        if item.meaning == Meaning::Trigger && !says() {
            let above = self.around.above(self.outline.blocks, block, false).filter(|above| !above.asks);
            item.below = above.map(|above| {
                Clean::new(beginning(above.text.trim_end_matches([':', '：', ' ']), LONGEST_BELOW))
            });
        }
        item.of_outcome = item.meaning == Meaning::Criterion
            && self.outline.stage_of(block.head).is_none()
            && self.outline.is_of_outcome(of);
        item.required = item.required && (is_work || marks::demand(&item.text) == Some(true) || is_met());
        let at = u32::try_from(section).ok().zip(u32::try_from(last.items.len()).ok());
        if let Some(known) = place.and_then(|place| self.found.at.get_mut(place)) {
            *known = at;
        } else if matches!(block.kind, Kind::Table { .. }) {
            self.found.rows.extend(at.map(|at| (item.line, at)));
        }
        last.items.push(item);
    }

    /// The item that `block` is a field of.
    fn field(&self, block: &Block, text: &Text) -> Option<(usize, Field)> {
        let parent = block.inside.filter(|parent| self.found.has(*parent))?;
        fields::of(block.line, text).map(|field| (parent, field))
    }

    fn add_field(&mut self, parent: usize, field: Field, links: &[Clean]) {
        let item = self.found.place(parent).and_then(|(section, item)| {
            let section = self.found.sections.get_mut(section)?;
            section.items.get_mut(item)
        });
        if let Some(item) = item {
            // The first that says whose it is: "Owner", before "Responsible".
            let told =
                item.fields.iter().any(|field| fields::is_owner(&field.name) && !field.value.is_empty());
            if !told && fields::is_owner(&field.name) && !field.value.is_empty() {
                item.owner = Some(field.value.clone());
            }
            item.fields.push(field);
            item.links.extend_from_slice(links);
        }
    }
}

impl Items {
    /// Whether the block at `place` is an item.
    pub(super) fn has(&self, place: usize) -> bool {
        self.place(place).is_some()
    }

    /// The item that the row of a table on `line` is.
    pub(super) fn of_row(&self, line: u32) -> Option<&Item> {
        let (section, item) = *self.rows.get(&line)?;
        self.sections.get(usize::try_from(section).ok()?)?.items.get(usize::try_from(item).ok()?)
    }

    /// The item that the block at `place` is.
    pub(super) fn of_block(&self, place: usize) -> Option<&Item> {
        let (section, item) = self.place(place)?;
        self.sections.get(section)?.items.get(item)
    }

    /// The section of the item that the block at `place` is, and its place in it.
    fn place(&self, place: usize) -> Option<(usize, usize)> {
        let (section, item) = self.at.get(place).copied()??;
        Some((usize::try_from(section).ok()?, usize::try_from(item).ok()?))
    }

    /// All items, in file order.
    pub(super) fn all(&self) -> impl Iterator<Item = &Item> {
        self.sections.iter().flat_map(|section| &section.items)
    }

    /// Counts those with a box.
    pub(super) fn count(&self, counts: &mut Counts) {
        for item in self.all().filter(|item| !item.inferred) {
            counts.items += 1;
            counts.checked += u32::from(item.claimed);
            counts.conditions += u32::from(matches!(item.meaning, Meaning::Trigger | Meaning::Criterion));
        }
        // They have boxes, too.
        counts.items += self.others;
    }
}
