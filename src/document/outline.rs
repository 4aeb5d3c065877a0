//! What stands above each block and what that says of it: labels, enclosing items, headings, from the nearest outwards.

mod afterwards;
mod demanded;
mod staged;
mod titled;

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::back_if;
use super::blocks::{Block, Blocks, Head, Kind, Text};
use super::both;
use super::stage;
use super::topic::{Topic, Topics};
use super::window::{self, Window};

/// No more enclosing items than these are asked.
const MOST_NESTED: usize = 8;

/// From so many headings on, a second thread is worth its start.
const MANY: usize = 1024;

/// What a line above says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Above {
    /// What it is about.
    pub(super) topics: Topics,
    /// What it is.
    pub(super) kind: AboveKind,
    /// The time that it names.
    pub(super) window: Option<Window>,
    /// It is the document's title.
    pub(super) is_title: bool,
    /// It says of itself that what is below comes afterwards.
    pub(super) is_afterwards: bool,
}

/// What a line above is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AboveKind {
    /// A bold line, or one that ends with a colon; or a list item without a box.
    Label,
    /// The heading so many levels up: 0 is the one right above.
    Heading(usize),
    /// As `Heading`, and it begins a stage.
    Stage(usize),
}

/// Headings and labels of a document, understood.
#[derive(Debug)]
pub(super) struct Outline<'a> {
    pub(super) blocks: &'a Blocks,
    heads: Vec<(Above, Option<bool>)>,
    /// Headings that only tell of a stage, below triggers or criteria: the heading that begins it.
    stages: FxHashMap<usize, Option<usize>>,
    labels: Vec<(Topics, Option<Window>)>,
    /// Headings, and headings with labels, that have a box right below them.
    boxes: FxHashSet<Option<usize>>,
    labelled_boxes: FxHashSet<(Option<usize>, Option<usize>)>,
    /// Lists with a box in one of their own items, and items that hold a box.
    boxed_lists: FxHashSet<u32>,
    boxed_parents: FxHashSet<usize>,
    /// Which items have items inside.
    parents: Vec<bool>,
    /// Lines that say when to go back: what is below them says how.
    ways_back: FxHashSet<usize>,
    /// Everything in it is required.
    all_required: bool,
    /// What stands above the blocks, each run of it once; for each block where its own is; and what that demands.
    above: Vec<Above>,
    places: Vec<(Range<usize>, Option<bool>)>,
}

impl<'a> Outline<'a> {
    /// Looks at all headings and labels once.
    pub(super) fn of(blocks: &'a Blocks) -> Self {
        let head = |head: &Head| {
            // A title "Phase 3: …" is about all of the document, and sets nothing apart.
            let is_title = head.level == 1 && blocks.heads.first() == Some(head);
            let topics = Topics::of(&head.text);
            let topics = if is_title { titled::topics(&head.text, topics) } else { topics };
            let is_stage = !is_title && stage::name(&head.text).is_some();
            let kind = if is_stage { AboveKind::Stage(0) } else { AboveKind::Heading(0) };
            let window = if is_stage { None } else { window::of(&head.text) };
            let is_afterwards = window::is_afterwards(&head.text);
            (Above { topics, kind, window, is_title, is_afterwards }, demand(topics))
        };
        let all = |heads: &[Head]| heads.iter().map(head).collect::<Vec<_>>();
        let (first, second) = blocks.heads.split_at(blocks.heads.len() / 2);
        let (mut heads, more) = both(blocks.heads.len() >= MANY, || all(first), || all(second));
        heads.extend(more);
        afterwards::go_on(blocks, &mut heads);
        let stages = staged::told(blocks, &mut heads);
        let mut outline = Self {
            blocks,
            stages,
            boxes: FxHashSet::default(),
            labelled_boxes: FxHashSet::default(),
            boxed_lists: FxHashSet::default(),
            boxed_parents: FxHashSet::default(),
            heads,
            labels: vec![<_>::default(); blocks.list.len()],
            parents: vec![false; blocks.list.len()],
            ways_back: FxHashSet::default(),
            all_required: false,
            above: Vec::new(),
            places: Vec::with_capacity(blocks.list.len()),
        };
        for (place, block) in blocks.list.iter().enumerate() {
            outline.look(place, block);
        }
        outline.remember();
        outline
    }

    /// Finds what stands above each block: many ask for it, and most blocks stand as the one before them.
    fn remember(&mut self) {
        let blocks = self.blocks;
        let key = |block: &Block| (block.head, block.label, block.inside);
        let mut last = None;
        for block in &blocks.list {
            if last != Some(key(block)) {
                last = Some(key(block));
                let from = self.above.len();
                self.gather(block);
                let range = from..self.above.len();
                let demand = self.demand_above(&range, block.head);
                self.places.push((range, demand));
            } else if let Some(same) = self.places.last().cloned() {
                self.places.push(same);
            }
        }
    }

    fn look(&mut self, place: usize, block: &Block) {
        if let Some(parent) = block.inside.filter(|_| matches!(block.kind, Kind::Item { .. }))
            && let Some(known) = self.parents.get_mut(parent)
        {
            *known = true;
        }
        let text = match &block.kind {
            Kind::Paragraph(text) => {
                self.rule(place, block, &text.plain);
                text
            }
            Kind::Item { ticked: None, text, .. } => text,
            Kind::Item { .. } => return self.has_box(block),
            Kind::Table { rows, .. } => {
                let is_box = |cell: &super::blocks::Text| super::blocks::begins_with_box(cell);
                if rows.iter().any(|(_, cells)| cells.iter().any(is_box)) {
                    self.has_box(block);
                }
                return;
            }
            Kind::Fence { .. } | Kind::Html(_) => return,
        };
        // A title that nothing marks as one counts where there are no headings.
        let is_label = self.blocks.list.iter().skip(place + 1).take(1).any(|next| next.label == Some(place));
        if text.introduces() || is_label {
            let back = self.leads_back(place, &text.plain);
            let topics = if back { Topics::default().with(Topic::Rollback) } else { of_label(text) };
            self.ways_back.extend(back.then_some(place));
            let timed = topics.has(Topic::Later) || window::is_whole(&text.plain);
            let window = if timed { window::of(&text.plain) } else { None };
            if let Some(known) = self.labels.get_mut(place) {
                *known = (topics, window);
            }
        }
    }

    /// Whether the line at `place` says when to go back, and what is below it how.
    fn leads_back(&self, place: usize, text: &str) -> bool {
        let next = self.blocks.list.get(place + 1);
        let first = match next.map(|block| &block.kind) {
            Some(Kind::Item { text, .. }) => &text.plain,
            _ => "",
        };
        back_if::leads_to_steps(text, first)
    }

    fn has_box(&mut self, block: &Block) {
        self.boxes.insert(block.head);
        if let Kind::Item { list: list @ 1.., .. } = block.kind {
            self.boxed_lists.insert(list);
            self.boxed_parents.extend(block.inside);
        }
        self.labelled_boxes.insert((block.head, self.label_of(block)));
    }

    /// What stands above the block at `place`, from the nearest outwards.
    pub(super) fn above(&self, place: usize) -> &[Above] {
        self.places.get(place).and_then(|(range, _)| self.above.get(range.clone())).unwrap_or_default()
    }

    fn gather(&mut self, block: &Block) {
        let mut at = Some(block);
        for _ in 0..MOST_NESTED {
            let Some(block) = at else { break };
            let parent = block.inside.filter(|parent| self.is_label(*parent));
            for label in [block.label, parent].into_iter().flatten() {
                self.above.push(self.label(label));
            }
            at = block.inside.and_then(|parent| self.blocks.list.get(parent));
        }
        let mut found = std::mem::take(&mut self.above);
        found.extend(self.heads_above(block.head));
        self.above = found;
    }

    /// What the headings say, from `head` outwards.
    pub(super) fn heads_above(&self, head: Option<usize>) -> impl Iterator<Item = Above> + '_ {
        let next = |at: &usize| self.blocks.heads.get(*at).and_then(|head| head.under);
        let above = std::iter::successors(head, next).enumerate();
        above.filter_map(|(up, at)| {
            let (above, _) = self.heads.get(at)?;
            let kind = match above.kind {
                AboveKind::Stage(_) => AboveKind::Stage(up),
                AboveKind::Heading(_) | AboveKind::Label => AboveKind::Heading(up),
            };
            Some(Above { kind, ..*above })
        })
    }

    fn label(&self, place: usize) -> Above {
        let (topics, window) = self.labels.get(place).copied().unwrap_or_default();
        Above { topics, kind: AboveKind::Label, window, is_title: false, is_afterwards: false }
    }

    /// Whether the item at `place` has no box and introduces others.
    fn is_label(&self, place: usize) -> bool {
        let block = self.blocks.list.get(place);
        matches!(block.map(|block| &block.kind), Some(Kind::Item { ticked: None, text, .. }) if text.introduces())
    }

    /// Whether the line at `place` says when to go back, and leads to how.
    pub(super) fn is_way_back(&self, place: usize) -> bool {
        self.ways_back.contains(&place)
    }

    /// What the lines above demand of the block at `place`: the nearest that says anything.
    pub(super) fn demands(&self, place: usize) -> Option<bool> {
        self.places.get(place).and_then(|(_, demand)| *demand)
    }

    /// Whether the criterion at `place` is demanded by the line that makes it one, or by one that is nearer.
    pub(super) fn demands_criteria(&self, place: usize) -> bool {
        let mut labels = self.above(place).iter().filter(|above| above.kind == AboveKind::Label);
        let said = labels.find_map(|above| {
            demand(above.topics).or_else(|| above.topics.has(Topic::Criterion).then_some(false))
        });
        let next = |at: &usize| self.blocks.heads.get(*at).and_then(|head| head.under);
        let head = self.blocks.list.get(place).and_then(|block| block.head);
        let mut heads = std::iter::successors(head, next).filter_map(|at| self.heads.get(at));
        let of_head = || {
            heads.find_map(|(above, required)| {
                required.or_else(|| above.topics.has(Topic::Criterion).then_some(false))
            })
        };
        said.or_else(of_head).unwrap_or(false)
    }

    /// Whether the criterion at `place` says how a rollout went, and not what is to hold before it.
    pub(super) fn is_of_outcome(&self, place: usize) -> bool {
        let above = self.above(place);
        let before = |above: &Above| above.topics.has(Topic::Before);
        let mut criteria = above.iter().filter(|above| above.topics.has(Topic::Criterion));
        criteria.next().is_some_and(|above| above.topics.has(Topic::Outcome)) && !above.iter().any(before)
    }

    fn demand_above(&self, above: &Range<usize>, head: Option<usize>) -> Option<bool> {
        let above = self.above.get(above.clone()).unwrap_or_default();
        let mut labels = above.iter().filter(|above| above.kind == AboveKind::Label);
        let said = labels.find_map(|above| demand(above.topics));
        let next = |at: &usize| self.blocks.heads.get(*at).and_then(|head| head.under);
        let heads = || std::iter::successors(head, next);
        said.or_else(|| heads().find_map(|at| self.heads.get(at).and_then(|(_, required)| *required)))
            .or(self.all_required.then_some(true))
    }

    /// Whether there is a box right below the heading that `block` stands under.
    pub(super) fn is_boxed(&self, block: &Block) -> bool {
        self.boxes.contains(&block.head)
    }

    /// Whether there is one below the same label, too.
    pub(super) fn is_boxed_here(&self, block: &Block) -> bool {
        self.labelled_boxes.contains(&(block.head, self.label_of(block)))
    }

    /// Whether the item at `place` stands in one list with boxes, and holds none itself.
    pub(super) fn is_beside_boxes(&self, place: usize, block: &Block) -> bool {
        let Kind::Item { list, .. } = block.kind else { return false };
        self.boxed_lists.contains(&list) && !self.boxed_parents.contains(&place)
    }

    /// The label over the outermost item that holds `block`.
    fn label_of(&self, block: &Block) -> Option<usize> {
        let outer = |block: &&Block| block.inside.and_then(|parent| self.blocks.list.get(parent));
        std::iter::successors(Some(block), outer).take(MOST_NESTED).last().and_then(|block| block.label)
    }

    /// Whether there is a box anywhere.
    pub(super) fn has_boxes(&self) -> bool {
        !self.boxes.is_empty()
    }

    /// Whether items stand inside of the one at `place`.
    pub(super) fn is_parent(&self, place: usize) -> bool {
        self.parents.get(place).is_some_and(|parent| *parent)
    }
}

/// What a label is about; `**GO** ✅ if:` what its bold beginning is.
fn of_label(text: &Text) -> Topics {
    let topics = Topics::of(&text.plain);
    let strong = text.strong.as_ref().filter(|_| topics == Topics::default());
    let begun = strong.map(|strong| Topics::of(strong));
    begun.filter(|begun| begun.any(&[Topic::Trigger, Topic::Criterion])).unwrap_or(topics)
}

/// Whether what is below is required.
fn demand(topics: Topics) -> Option<bool> {
    if topics.has(Topic::Optional) {
        return Some(false);
    }
    topics.has(Topic::Required).then_some(true)
}
