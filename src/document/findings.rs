//! What is questionable in a document as such: placeholders that were left in, claims beside open items, counts that do
//! not match.

mod aside;
mod boxes;
mod columns;
mod conflicts;
mod contacts;
mod dates;
mod entries;
mod later;
mod levels;
mod lost;
mod placeholders;
mod ready;
mod refused;
mod secrets;
mod taken_back;
mod targets;
#[cfg(test)]
mod tests;
mod unclear;
mod unnamed;

use chrono::NaiveDate;

pub(super) use self::columns::find as columns;
pub(super) use self::conflicts::compare;
pub(super) use self::later::find as later;
pub(super) use self::lost::find as lost;
pub(super) use self::refused::find as refused;
pub(super) use self::secrets::find as secrets;
pub(super) use self::unnamed::find as unnamed;
use super::beginning;
use super::blocks::{Block, Blocks, Kind, Text, begins_with_box};
use super::items::Items;
use super::outline::Outline;
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind, Plan};

/// No more findings of one kind than this are told one by one.
const MOST: usize = 50;

/// No more of a block is looked at to tell on which of its lines something stands.
const LONGEST_SOURCE: usize = 8192;

/// Adds to the findings of `plan` what can be told without knowing the items.
pub(super) fn alone(outline: &Outline<'_>, problem: Option<&str>, plan: &mut Plan) {
    let found = &mut plan.findings;
    if let Some(problem) = problem {
        let line = problem.strip_prefix("line ").and_then(|rest| rest.split(' ').next()?.parse().ok());
        found.push(Finding { line: line.unwrap_or(0), kind: FindingKind::Unread, text: Clean::new(problem) });
    }
    boxed_headings(outline.blocks, found);
    glued_marks(outline.blocks, found);
    boxes::find(outline.blocks, found);
    placeholders::find(outline.blocks, found);
    contacts::find(outline, found);
    entries::find(outline.blocks, found);
}

/// Adds to the findings of `plan` what else there is; `front` is the document's front matter.
pub(super) fn find(
    outline: &Outline<'_>,
    items: &Items,
    (today, front): (Option<NaiveDate>, &str),
    plan: &mut Plan,
) {
    let mut found = Vec::new();
    if items.sections.is_empty() {
        let text = "nothing to sign off was found in it; write items as \"- [ ] text\"";
        found.push(Finding { line: 0, kind: FindingKind::Unread, text: Clean::new(text) });
    }
    if let Some(first) = items.told.first() {
        let text = format!(
            "its title says that it is a report: {} of its lines without a box, from this one on, are read as told and are no items; write \"- [ ]\" before what is to be done",
            items.told.len()
        );
        found.push(Finding { line: *first, kind: FindingKind::Unread, text: Clean::new(&text) });
    }
    ready::find(outline, items, &mut found);
    targets::find(outline.blocks, plan, &mut found);
    levels::find(plan, &mut found);
    taken_back::find(outline, &mut found);
    taken_back::decided(outline, items, &mut found);
    unclear::find(outline.blocks, items, &mut found);
    aside::find(outline.blocks, &mut found);
    secrets::in_text(outline.blocks, &mut found);
    if let Some(today) = today {
        dates::of_front_matter(front, today, &mut found);
        dates::find(outline, items, today, &mut found);
    }
    plan.findings.append(&mut found);
}

/// Tables whose heading begins with a box: Markdown takes the first row for a heading, and nothing of it is signed off. A
/// glyph alone may well be the title of a column.
fn boxed_headings(blocks: &Blocks, found: &mut Vec<Finding>) {
    let boxed = |block: &&Block| {
        let Kind::Table { header, .. } = &block.kind else { return false };
        let in_brackets = |cell: &Text| cell.plain.starts_with(['[', '［']) && begins_with_box(cell);
        header.iter().any(in_brackets) && header.iter().any(|cell| cell.plain.contains(' '))
    };
    found.extend(blocks.list.iter().filter(boxed).map(|block| {
        let text = "the first row of this table has a box, and Markdown takes it for the heading; write a row of headings above it";
        Finding { line: block.line, kind: FindingKind::Unread, text: Clean::new(text) }
    }));
}

/// Lines such as `-[ ] text`, which Markdown takes for text of what stands above.
fn glued_marks(blocks: &Blocks, found: &mut Vec<Finding>) {
    const MARKS: [&str; 6] = ["-[ ] ", "-[x] ", "-[X] ", "*[ ] ", "*[x] ", "+[ ] "];
    let has = |text: &str| text.contains("[ ] ") || text.contains("[x] ") || text.contains("[X] ");
    for block in &blocks.list {
        let (Kind::Paragraph(text) | Kind::Item { text, .. }) = &block.kind else { continue };
        if !has(&text.plain) {
            continue;
        }
        let lines = (block.line..).zip(beginning(blocks.source(block), LONGEST_SOURCE).lines());
        let glued = lines.filter(|(_, line)| {
            let line = line.trim_start_matches([' ', '>']);
            MARKS.iter().any(|mark| line.starts_with(mark))
        });
        found.extend(glued.take(MOST).map(|(line, _)| {
            let text = "this line has no space before its box, so Markdown takes it for text and it is no item; write \"- [ ]\"";
            Finding { line, kind: FindingKind::Unread, text: Clean::new(text) }
        }));
    }
}

/// A text of a block (but code) with its line, and where it is written.
struct Said<'a> {
    line: u32,
    text: &'a Text,
    source: &'a str,
}

impl Said<'_> {
    /// The line that says `what`, with its number; all of the text if none does alone.
    fn spot(&self, what: impl Fn(&str) -> bool) -> (u32, Clean) {
        let lines = beginning(self.source, LONGEST_SOURCE).lines();
        let found = (self.line..).zip(lines).find(|(_, line)| what(line));
        let tidied = |line: &str| super::tidy(&line.replace("**", "").replace('`', ""));
        found.map_or_else(|| (self.line, self.text.plain.clone()), |(line, text)| (line, tidied(text)))
    }

    /// The line on which `what` stands, if it can be told.
    fn line_of(&self, what: impl Fn(&str) -> bool) -> u32 {
        let lines = beginning(self.source, LONGEST_SOURCE).lines();
        (self.line..).zip(lines).find(|(_, line)| what(line)).map_or(self.line, |(line, _)| line)
    }
}

/// Each text of a block (but code) with its line.
fn texts_of<'a>(blocks: &'a Blocks, block: &'a Block) -> Vec<Said<'a>> {
    match &block.kind {
        Kind::Paragraph(text) | Kind::Item { text, .. } => {
            vec![Said { line: block.line, text, source: blocks.source(block) }]
        }
        Kind::Table { rows, .. } => rows
            .iter()
            .flat_map(|(line, cells)| cells.iter().map(move |text| Said { line: *line, text, source: "" }))
            .collect(),
        Kind::Fence { .. } | Kind::Html(_) => Vec::new(),
    }
}

/// The beginning of a text, to show.
fn short(text: &str) -> String {
    let kept: String = text.chars().take(60).collect();
    if kept.len() < text.len() { format!("{}…", kept.trim_end()) } else { kept }
}
