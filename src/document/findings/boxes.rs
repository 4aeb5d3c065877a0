//! Marks that are read as boxes and may be meant otherwise, boxes without words, and tables that were pasted without their
//! lines.

use super::{LONGEST_SOURCE, MOST};
use crate::document::beginning;
use crate::document::blocks::{Block, Blocks, Kind, has_marks, is_choice, is_template, is_usual, row_mark};
use crate::document::commands::{Tongue, tongue};
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind};

/// Adds what of boxes and pasted tables is not what it seems to be.
pub(super) fn find(blocks: &Blocks, found: &mut Vec<Finding>) {
    let mut told: Vec<Finding> =
        blocks.list.iter().filter_map(|block| of_box(blocks, block)).take(MOST).collect();
    told.extend(blocks.list.iter().filter_map(|block| of_choice(blocks, block)).take(MOST));
    told.extend(blocks.list.iter().filter_map(|block| pasted(blocks, block)).take(MOST));
    told.extend(blocks.list.iter().filter_map(fenced).take(MOST));
    found.append(&mut told);
}

/// Boxes in a block of code that is none of commands: to Markdown they are code.
fn fenced(block: &Block) -> Option<Finding> {
    let Kind::Fence { language, code, line } = &block.kind else { return None };
    if tongue(language, code) != Tongue::Other {
        return None;
    }
    let has_box = |text: &str| {
        let text = text.trim_start().trim_start_matches(['-', '*', '+', ' ']);
        let behind = ["[ ] ", "[x] ", "[X] ", "☐ ", "☑ "].iter().find_map(|mark| text.strip_prefix(mark));
        behind.is_some_and(|words| words.contains(char::is_alphabetic))
    };
    let mut boxes = (*line..).zip(code.lines()).filter(|(_, text)| has_box(text));
    let (first, _) = boxes.next()?;
    let lines = match 1 + boxes.count() {
        1 => "1 line with a box stands".to_owned(),
        n => format!("{n} lines with a box stand"),
    };
    let text = format!(
        "{lines} in a block of code, which makes no item of them; take them out of the block if they are to be signed off"
    );
    Some(Finding { line: first, kind: FindingKind::Unread, text: Clean::new(&text) })
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

/// Marks of which one is to be chosen, in an item or in rows of a table.
fn of_choice(blocks: &Blocks, block: &Block) -> Option<Finding> {
    let (line, rows) = match &block.kind {
        Kind::Item { ticked: Some(false), mark: None, text, .. } | Kind::Item { ticked: None, text, .. } => {
            let source = beginning(blocks.source(block), LONGEST_SOURCE).lines().next()?;
            let both = text.plain.contains('✅') && text.plain.contains('❌');
            ((both || is_choice(source)) && !is_legend(blocks, block)).then_some((block.line, 1))?
        }
        Kind::Table { header, rows } if has_marks(rows) => {
            let templated = is_template(rows);
            let mut found =
                rows.iter().filter(|(_, cells)| row_mark(header, cells, &blocks.body, templated).is_choice);
            (found.next()?.0, 1 + found.count())
        }
        _ => return None,
    };
    let more = match rows {
        1 => String::new(),
        _ => format!(" (and in {} more rows)", rows - 1),
    };
    let text = format!(
        "several marks stand here{more}, of which one is to be chosen: it is read as open; leave the mark that holds, or sign it off here"
    );
    Some(Finding { line, kind: FindingKind::Unread, text: Clean::new(&text) })
}

/// Whether the line above says that what follows tells what marks mean.
fn is_legend(blocks: &Blocks, block: &Block) -> bool {
    const LEGENDS: [&str; 9] =
        ["legend", "légende", "leyenda", "key:", "status values", "symbol", "图例", "圖例", "凡例"];
    let label = block.label.and_then(|label| blocks.list.get(label));
    let Some(Kind::Paragraph(text) | Kind::Item { text, .. }) = label.map(|label| &label.kind) else {
        return false;
    };
    let text = text.plain.to_lowercase();
    LEGENDS.iter().any(|word| text.contains(word))
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

#[cfg(test)]
mod tests {
    #[test]
    fn boxes_in_a_block_of_code_are_told() {
        let text = "# Go\n\n```markdown\n## Phase 1\n- [ ] Back up\n- [x] Tell support\n```\n\n```yaml\nNetwork:\n  [ ] Balancer healthy\n```\n\n\
                    ```bash\ncat <<EOF\n- [ ] none\nEOF\n```\n\n- [ ] Shift it\n";
        let plan = crate::document::read("g.md", text.as_bytes()).document.expect("a text").plan;
        let told: Vec<_> = plan.findings.iter().filter(|it| it.text.contains("block of code")).collect();
        assert_eq!(told.iter().map(|it| it.line).collect::<Vec<_>>(), [5, 11], "{:?}", plan.findings);
        assert!(told[0].text.starts_with("2 lines with a box stand "), "{}", told[0].text);
        assert!(told[1].text.starts_with("1 line with a box stands "), "{}", told[1].text);
    }
}
