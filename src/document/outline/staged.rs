//! Which stage something belongs to: the heading above that begins it, or one that tells of it below triggers or criteria.

use rustc_hash::FxHashMap;

use super::{Above, AboveKind, Outline};
use crate::document::blocks::{Block, Blocks, Head, Kind};
use crate::document::stage;
use crate::document::topic::{Topic, Topics};

/// Below these a heading `Phase 2` begins no stage: it says of which stage the conditions or approvals are.
const OF_STAGES: [Topic; 6] = [
    Topic::Trigger,
    Topic::Criterion,
    Topic::SignOff,
    Topic::Rollback,
    Topic::RollbackPlan,
    Topic::Activation,
];

/// Turns headings that only tell of a stage into plain ones; says of which heading's stage each is.
pub(super) fn told(blocks: &Blocks, heads: &mut [(Above, Option<bool>)]) -> FxHashMap<usize, Option<usize>> {
    let mut apart = vec![false; heads.len()];
    let mut told = FxHashMap::default();
    let mut begun: FxHashMap<String, usize> = FxHashMap::default();
    for (at, head) in blocks.heads.iter().enumerate() {
        let above = head.under.and_then(|under| Some((under, heads.get(under)?.0)));
        let is_apart = above.is_some_and(|(under, line)| {
            apart.get(under) == Some(&true) || (!line.is_title && line.topics.any(&OF_STAGES))
        });
        if let Some(known) = apart.get_mut(at) {
            *known = is_apart;
        }
        let Some((own, _)) = heads.get_mut(at).filter(|(own, _)| matches!(own.kind, AboveKind::Stage(_)))
        else {
            continue;
        };
        if is_apart {
            own.kind = AboveKind::Heading(0);
            told.insert(at, None);
        } else {
            begun.entry(stage::key(&head.text)).or_insert(at);
        }
    }
    for (at, stage) in &mut told {
        *stage = blocks.heads.get(*at).and_then(|head| begun.get(&stage::key(&head.text))).copied();
    }
    told
}

impl Outline<'_> {
    /// Whether the heading at this place begins a stage of the rollout.
    pub(in crate::document) fn begins_stage(&self, head: usize) -> bool {
        if self.blocks.heads.get(head).is_some_and(|head| head.aside || head.struck) {
            return false;
        }
        let is_stage =
            self.heads.get(head).is_some_and(|(above, _)| matches!(above.kind, AboveKind::Stage(_)));
        is_stage && !self.heads_above(Some(head)).any(|line| line.topics.has(Topic::Phases))
    }

    /// The stage of which a heading from `head` outwards tells, and which another one begins.
    pub(in crate::document) fn told_stage(&self, head: Option<usize>) -> Option<usize> {
        if self.stages.is_empty() {
            return None;
        }
        let next = |at: &usize| self.blocks.heads.get(*at).and_then(|head| head.under);
        std::iter::successors(head, next).find_map(|at| self.stages.get(&at).copied().flatten())
    }

    /// The same of the trigger `block`: a bold line is no deeper than another one that begins a stage, and may be about all.
    pub(in crate::document) fn stage_of_trigger(&self, block: &Block) -> Option<&Head> {
        let is_bold = |at: usize| match self.blocks.list.get(at).map(|block| &block.kind) {
            Some(Kind::Paragraph(text)) => text.strong.is_some(),
            _ => false,
        };
        let beside = block.label.is_some_and(is_bold);
        self.stage_of(block.head).filter(|head| !(head.bold && beside))
    }

    /// The heading of the stage that what stands below the heading `head` belongs to.
    pub(in crate::document) fn stage_of(&self, head: Option<usize>) -> Option<&Head> {
        let next = |at: &usize| self.blocks.heads.get(*at).and_then(|head| head.under);
        let stage = std::iter::successors(head, next).find_map(|at| match self.stages.get(&at) {
            Some(of) => *of,
            None => self.begins_stage(at).then_some(at),
        })?;
        // Nobody enters a phase that is the way back: what stands below it is of all of them.
        let head = self.blocks.heads.get(stage)?;
        let named = stage::name(&head.text).map(|name| Topics::of(&name)).unwrap_or_default();
        (!named.any(&[Topic::Rollback, Topic::RollbackPlan, Topic::Trigger])).then_some(head)
    }
}
