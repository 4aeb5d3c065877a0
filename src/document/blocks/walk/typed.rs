//! Lines of a paragraph that are items: their boxes and bullets were typed or pasted, and Markdown sees no list in them
//! (`☐ warm the cache`, `[ ] warm the cache`, `• [ ] warm the cache`, `・キャッシュ`), or they begin with the number of their
//! step (`Étape 1 : couper`).

use std::ops::Range;

use pulldown_cmark::HeadingLevel;

use super::{Block, Into, Kind, Text, Walk};
use crate::document::blocks::{begins_with, boxes};

impl Walk<'_> {
    /// A paragraph begins at `at`. Whether its first line is an item, which then begins.
    pub(super) fn typed_item(&mut self, at: &Range<usize>) -> bool {
        let source = self.lines.body.get(at.clone()).unwrap_or_default();
        let mut lines = source.lines().map(unquoted);
        let is_top = self.open.len() == 1;
        self.typed =
            lines.clone().any(|line| begins_with::a_box(line) || (is_top && begins_with::a_step(line)))
                || lines.next().is_some_and(|line| {
                    begins_with::a_bullet(line) || (is_top && begins_with::a_number(line))
                });
        self.begins_typed(at.start)
    }

    /// A line of a paragraph ends at `at`. Whether the next one is an item, which then begins.
    pub(super) fn next_typed_item(&mut self, at: &Range<usize>) -> bool {
        let rest = self.lines.body.get(at.end..).unwrap_or_default();
        let next = at.end + rest.len() - unquoted(rest).len();
        let line = self.line_at(next);
        // Boxes right below a bullet: `- [] one`, `☐ two`.
        let below = matches!(self.into, Into::Item(_)) && self.open.len() > 1 && begins_with::a_box(line);
        if !below && (!self.typed || !self.is_typed(next)) {
            return false;
        }
        let was = std::mem::replace(&mut self.typed, true);
        match std::mem::replace(&mut self.into, Into::Nothing) {
            Into::Paragraph(line, whole) => self.end_paragraph(line, whole.start..at.start),
            other => {
                self.into = other;
                self.end_item_text();
            }
        }
        let begins = self.begins_typed(next);
        self.typed = was;
        begins
    }

    /// Whether an item begins here that has no box so far.
    pub(super) fn is_unboxed(&self) -> bool {
        let Into::Item(place) = self.into else { return false };
        let block = self.done.list.get(place).map(|block| &block.kind);
        self.text.is_empty() && matches!(block, Some(Kind::Item { ticked: None, .. }))
    }

    fn line_at(&self, at: usize) -> &str {
        self.lines.body.get(at..).unwrap_or_default().lines().next().unwrap_or_default()
    }

    /// A rule. Right below one numbered line, `3) Rollback triggers`, it underlines a heading that Markdown takes for a list.
    pub(super) fn rule(&mut self, at: &Range<usize>) {
        let line = self.lines.of(at.start);
        self.end_item_text();
        let is_heading = self.done.list.split_last().is_some_and(|(last, before)| {
            let source = self.lines.body.get(last.at.start..at.start).unwrap_or_default();
            let list = |block: &Block| match block.kind {
                Kind::Item { list, .. } => Some(list),
                _ => None,
            };
            let numbered = matches!(&last.kind, Kind::Item { number: Some(_), ticked: None, depth: 0, text, .. } if !text.plain.is_empty());
            let alone = before.last().and_then(list) != list(last);
            let one_line = source.ends_with('\n') && source.trim_end().lines().count() == 1 && source.lines().count() == 1;
            numbered && alone && one_line && self.underlines(source.trim_end(), at)
        });
        let heading = self.done.list.pop_if(|_| is_heading && self.open.len() == 1);
        if let Some(Block { line, kind: Kind::Item { text, .. }, .. }) = heading {
            self.head(HeadingLevel::H2, line, &text, false);
        } else {
            self.done.rules.push(line);
            self.end_bold_head();
        }
    }

    /// Whether the rule at `at` can underline `line` above it: a first step (`1. Restart`) may as well be all of its list.
    fn underlines(&self, line: &str, at: &Range<usize>) -> bool {
        let below = self.lines.body.get(at.end..).unwrap_or_default();
        let rule = self.lines.body.get(at.clone()).unwrap_or_default().trim();
        let behind = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
        let is_first = line.trim_start().strip_suffix(behind) == Some("1");
        let as_long = rule.chars().count() + 2 >= line.trim().chars().count();
        !below.trim().is_empty() && (!is_first || behind.starts_with(')') || as_long)
    }

    fn is_typed(&self, at: usize) -> bool {
        let line = self.line_at(at);
        begins_with::a_bullet(line)
            || begins_with::a_box(line)
            || boxes::begin(line).is_some()
            || begins_with::a_step(line)
            || begins_with::a_number(line)
    }

    fn begins_typed(&mut self, at: usize) -> bool {
        if !self.typed || !self.is_typed(at) {
            return false;
        }
        let length = self.line_at(at).len();
        // A line that is not indented stands beside the bullet above it, not in it.
        let before = self.lines.body.get(..at).unwrap_or_default();
        let beside = self.open.len() > 1 && (before.is_empty() || before.ends_with('\n'));
        let level = self.open.len() - 1 - usize::from(beside);
        let depth = u8::try_from(level).unwrap_or(u8::MAX);
        let text = Text::default();
        let kind = Kind::Item { ticked: None, sign: None, mark: None, number: None, depth, list: 0, text };
        let place = self.push(at..at + length, kind);
        let (inside, label) = self.open.get(level).map_or((None, None), |open| (open.item, open.label));
        if let Some(block) = self.done.list.get_mut(place).filter(|_| beside) {
            (block.inside, block.label) = (inside, label);
        }
        self.into = Into::Item(place);
        true
    }
}

/// `line` without the marks of quotes and indentation before it.
fn unquoted(line: &str) -> &str {
    line.trim_start_matches([' ', '\t', '>'])
}
