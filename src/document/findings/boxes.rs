//! Marks that are read as boxes and may be meant otherwise, boxes without words, and tables that were pasted without their
//! lines.

use super::{LONGEST_SOURCE, MOST};
use crate::document::beginning;
use crate::document::blocks::{Block, Blocks, Kind, is_usual};
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind};

/// Adds what of boxes and pasted tables is not what it seems to be.
pub(super) fn find(blocks: &Blocks, found: &mut Vec<Finding>) {
    let mut told: Vec<Finding> =
        blocks.list.iter().filter_map(|block| of_box(blocks, block)).take(MOST).collect();
    told.extend(blocks.list.iter().filter_map(|block| pasted(blocks, block)).take(MOST));
    found.append(&mut told);
}

fn of_box(blocks: &Blocks, block: &Block) -> Option<Finding> {
    let Kind::Item { ticked: Some(ticked), mark, text, .. } = &block.kind else { return None };
    let between = mark.clone().and_then(|mark| blocks.body.get(mark))?;
    // As an editor exports it: `\\[ \\]`.
    let between = between.trim_end_matches('\\');
    let words = if text.plain.is_empty() {
        "this box has no words: nobody can sign it off; say what it is about".to_owned()
    } else if is_usual(between) {
        return None;
    } else {
        let read = if *ticked { "done" } else { "open" };
        format!(
            "the mark \"{between}\" of this item is read as {read}; write [ ] or [x], and tell of what does not apply when you sign off"
        )
    };
    Some(Finding { line: block.line, kind: FindingKind::Unread, text: Clean::new(&words) })
}

/// Lines whose cells are apart by tabs, as pasted from where they were a table.
fn pasted(blocks: &Blocks, block: &Block) -> Option<Finding> {
    if !matches!(block.kind, Kind::Paragraph(_) | Kind::Item { .. }) {
        return None;
    }
    let source = beginning(blocks.source(block), LONGEST_SOURCE);
    let is_row = |line: &&str| line.trim_start().matches('\t').count() >= 2;
    memchr::memchr(b'\t', source.as_bytes())?;
    (source.lines().filter(is_row).count() >= 2).then(|| {
        let text = "these lines are a table that was pasted with tabs, and nothing of it is an item; write its rows with | between the cells";
        Finding { line: block.line, kind: FindingKind::Unread, text: Clean::new(text) }
    })
}
