//! Numbers with their limits: YAML blocks of metrics, tables with limits in columns, items and criteria.

mod behind;
mod graded;
mod items;
mod kept;
mod lead;
mod names;
mod rows;
mod tables;
#[cfg(test)]
mod tests;
mod timed;
mod watched;
mod whole;
pub(super) mod yaml;

use rustc_hash::FxHashSet;

use super::blocks::Blocks;
use super::both;
use super::bound::Unread;
use super::items::Items;
use super::outline::Outline;
use super::topic::Topic;
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind, Origin, Plan};

pub(super) use self::items::stands_alone;
pub(super) use self::kept::is_kept;
pub(super) use self::names::{behind_break, measured, priority, rank};
pub(super) use self::rows::{Row, stated};
pub(super) use self::tables::{is_limit_column, read_columns};
pub(super) use self::timed::{Above, Around, Beside, with as with_time};
pub(super) use self::watched::is_deadline;
pub(super) use self::whole::{is_whole, read_whole};

/// From so many blocks or rows on, a second thread is worth its start.
const MANY: usize = 4096;

/// Adds to `plan` what a document states in numbers, in file order, and what of it cannot be read.
pub(super) fn find(outline: &Outline<'_>, items: &Items, plan: &mut Plan) {
    let blocks = outline.blocks;
    yaml::find(outline, plan);
    tables::find(outline, plan);
    let (all, half) = (blocks.list.len(), blocks.list.len() / 2);
    let of = |places| move || items::find(outline, items, places);
    let (first, second) = both(all >= MANY, of(0..half), of(half..all));
    plan.thresholds.reserve(first.0.thresholds.len() + second.0.thresholds.len());
    for (part, by_hand) in [first, second] {
        settle_rows(items, &part, &by_hand, plan);
        plan.thresholds.extend(part.thresholds);
        plan.findings.extend(part.findings);
    }
    graded::find(blocks, items, plan);
}

/// A row that trips a rollback is no limit of a metric besides; and none at all where a person decides.
fn settle_rows(items: &Items, part: &Plan, by_hand: &[u32], plan: &mut Plan) {
    let of_rows = part.thresholds.iter().map(|it| it.line).filter(|line| items.of_row(*line).is_some());
    let lines: FxHashSet<u32> = of_rows.chain(by_hand.iter().copied()).collect();
    if !lines.is_empty() {
        plan.thresholds.retain(|it| it.origin != Origin::Table || !lines.contains(&it.line));
    }
}

/// Whether the nearest line above the block at `place` that speaks of rollbacks says when there is none: what it states judges nothing.
pub(super) fn is_taken_back(outline: &Outline<'_>, place: usize) -> bool {
    let topics = outline.above(place).iter().map(|line| line.topics);
    let mut speaks = topics.filter(|topics| topics.any(&[Topic::TakenBack, Topic::Trigger]));
    speaks.next().is_some_and(|topics| topics.has(Topic::TakenBack))
}

/// Says under which headings each threshold of `plan` stands.
pub(super) fn place(blocks: &Blocks, plan: &mut Plan) {
    for threshold in &mut plan.thresholds {
        let above = blocks.heads.partition_point(|head| head.line <= threshold.line);
        threshold.section = blocks.path(above.checked_sub(1));
    }
}

/// A number at `line` that stays a person's: `text` and why.
pub(super) fn unread(line: u32, text: &str, why: &Unread) -> Finding {
    let short: String = text.chars().take(80).collect();
    let text = Clean::new(&format!("“{}” {why}; until then a person decides", short.trim()));
    Finding { line, kind: FindingKind::Threshold, text }
}
