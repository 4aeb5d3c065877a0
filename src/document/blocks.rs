//! A document as a flat list of blocks, each with its line, its heading, the line that introduces it, and the list item
//! that holds it. Everything else is read out of this list.

use std::ops::Range;

use pulldown_cmark::{Options, Parser};
use rustc_hash::FxHashSet;

use self::walk::Walk;
use crate::domain::Clean;

mod begins_with;
mod boxes;
mod choice;
mod html;
mod walk;

pub(super) use boxes::is_usual;
pub(super) use choice::{RowMark, has_marks, is_template, row as row_mark};

/// Whether a table's cell begins with a box that is no mere sign.
pub(super) fn begins_with_box(cell: &Text) -> bool {
    matches!(boxes::begin(&cell.plain), Some((boxes::Begin::Box(_), _)))
}

/// Whether several different marks stand in `text`, of which one is to be chosen: `✅/⚠️/❌`.
pub(super) fn is_choice(text: &str) -> bool {
    choice::is_in(text)
}

/// How long the box at the beginning of `text`, or the marks to choose from, are, in bytes; 0: there are none.
pub(super) fn box_length(text: &str) -> usize {
    choice::length(text).or_else(|| boxes::begin(text).map(|(_, length)| length)).unwrap_or(0)
}

/// What a document consists of.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// The text that the blocks' ranges mean: as read, but with spaces where HTML tags around Markdown stood.
    pub(super) body: String,
    /// Headings in file order.
    pub(super) heads: Vec<Head>,
    /// Everything else in file order.
    pub(super) list: Vec<Block>,
    /// Lines of rules (`---`).
    pub(super) rules: Vec<u32>,
    /// How many links there are.
    pub(super) links: u32,
    /// Lines that set aside what they introduce: their places in the list.
    pub(super) aside_labels: FxHashSet<usize>,
}

/// A heading.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Head {
    /// Line in the file, from 1.
    pub(super) line: u32,
    /// 1 to 6.
    pub(super) level: u8,
    /// Its text.
    pub(super) text: Clean,
    /// The heading it stands under: its place in [`Blocks::heads`].
    pub(super) under: Option<usize>,
    /// It is a bold line that begins a stage, and stands for a heading.
    pub(super) bold: bool,
    /// It is struck through, or one above it is: what stands below it is set aside.
    pub(super) struck: bool,
    /// It says that what stands below holds no more or is an example, or one above it does: that is set aside, too.
    pub(super) aside: bool,
}

/// A paragraph, list item, fence, table or piece of HTML.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Block {
    /// Line in the file, from 1.
    pub(super) line: u32,
    /// Its bytes in the body.
    pub(super) at: Range<usize>,
    /// The heading it stands under: its place in [`Blocks::heads`].
    pub(super) head: Option<usize>,
    /// The line that introduces it, below the same heading and in the same list item: a paragraph that is bold or ends
    /// with a colon. Its place in [`Blocks::list`].
    pub(super) label: Option<usize>,
    /// The innermost list item that holds it: its place in [`Blocks::list`].
    pub(super) inside: Option<usize>,
    /// What it is.
    pub(super) kind: Kind,
}

/// What a [`Block`] is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A paragraph outside of a list item, or a further one inside.
    Paragraph(Text),
    /// A list item, with its first paragraph.
    Item {
        /// `[ ]`, `[x]`, `[]`, `☐` or `☑`: whether it is ticked. `None`: it has no box.
        ticked: Option<bool>,
        /// It begins with `✅` (true) or `❌` (false), which is no box but says something. Not part of its text.
        sign: Option<bool>,
        /// What is between the brackets, or the glyph, in the body.
        mark: Option<Range<usize>>,
        /// Its number, in a numbered list.
        number: Option<u64>,
        /// How many list items hold it.
        depth: u8,
        /// The list it stands in, counted from 1; 0: it was typed without one.
        list: u32,
        /// Its first paragraph.
        text: Text,
    },
    /// A fence or indented code: its language (lower case, may be empty), its text, and the line that begins it.
    Fence {
        /// First word of the info string, lower case.
        language: String,
        /// The text between the fences, without the indentation of the fence itself.
        code: String,
        /// Line in the file of the first line of `code`.
        line: u32,
    },
    /// A table.
    Table {
        /// Cells of the heading.
        header: Vec<Text>,
        /// Further rows with their lines.
        rows: Vec<(u32, Vec<Text>)>,
    },
    /// HTML, as written.
    Html(String),
}

/// Text without markup, and what of it was marked.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Text {
    /// All of it, scrubbed, on one line.
    pub(super) plain: Clean,
    /// The bold piece that it begins with; as long as `plain` if all of it is bold.
    pub(super) strong: Option<Clean>,
    /// Pieces of inline code, as written.
    pub(super) code: Vec<String>,
    /// Where links in it lead to.
    pub(super) links: Vec<Clean>,
    /// All of it is a link.
    pub(super) is_link: bool,
    /// All of it is struck through, but for a remark.
    pub(super) is_struck: bool,
    /// Of a table's cell: its bytes in the body. Empty for others, whose block says it.
    pub(super) at: Range<usize>,
}

impl Text {
    /// Whether it introduces what follows: all of it is bold, and no sentence of its own, or it ends with a colon.
    pub(super) fn introduces(&self) -> bool {
        let plain = self.plain.trim_end();
        if plain.len() > LONGEST_LABEL && plain.ends_with(['.', '!', '。', '！']) {
            return false;
        }
        let strong = self
            .strong
            .as_ref()
            .is_some_and(|strong| strong.trim_end_matches(':').trim() == plain.trim_end_matches(':').trim());
        !plain.is_empty() && (strong || plain.ends_with([':', '：']))
    }
}

/// A bold line that is longer and ends as a sentence says something by itself.
const LONGEST_LABEL: usize = 60;

/// Longer lines are no titles.
const LONGEST_TITLE: usize = 40;

impl Text {
    /// Whether it stands there as a title would, though nothing marks it: a short line that ends like no sentence.
    pub(super) fn looks_like_title(&self) -> bool {
        let plain = self.plain.as_str();
        plain.len() <= LONGEST_TITLE
            && plain.starts_with(|c: char| c.is_uppercase())
            && plain.ends_with(char::is_alphanumeric)
            && plain.split(' ').count() <= 4
    }
}

impl Blocks {
    /// Whether a heading above `block`, or the label right above it, sets it aside.
    pub(super) fn is_set_aside(&self, block: &Block) -> bool {
        self.is_struck(block) || self.is_below_aside(block) || self.aside_label(block).is_some()
    }

    /// The label that sets `block` aside: of a table or a block of code right below it. Items are said one by one.
    pub(super) fn aside_label(&self, block: &Block) -> Option<usize> {
        let label = block.label.filter(|label| self.aside_labels.contains(label))?;
        let next = self.list.get(label + 1).is_some_and(|next| std::ptr::eq(next, block));
        (next && matches!(block.kind, Kind::Table { .. } | Kind::Fence { .. })).then_some(label)
    }

    /// Whether a heading above `block` is struck through.
    pub(super) fn is_struck(&self, block: &Block) -> bool {
        block.head.and_then(|head| self.heads.get(head)).is_some_and(|head| head.struck)
    }

    /// Whether a heading above `block` says that what stands below it holds no more, or is an example.
    pub(super) fn is_below_aside(&self, block: &Block) -> bool {
        block.head.and_then(|head| self.heads.get(head)).is_some_and(|head| head.aside)
    }

    /// Finds the labels that set aside what follows them: `**Example:**`, `Old limits:`.
    fn find_asides(&mut self) {
        let mut last = None;
        for block in &self.list {
            let Some(label) = block.label.filter(|label| last.replace(*label) != Some(*label)) else {
                continue;
            };
            let Some(Kind::Paragraph(text)) = self.list.get(label).map(|block| &block.kind) else { continue };
            if text.plain.len() <= LONGEST_LABEL && super::aside::says(&text.plain) {
                self.aside_labels.insert(label);
            }
        }
    }

    /// The blocks of `body`, which stands below `lines_above` lines of its file.
    pub(super) fn of(body: &str, lines_above: u32) -> Self {
        let body = html::without_tags(body);
        // No YAML blocks: pulldown-cmark takes any `---` further down for one, and swallows headings.
        let options = Options::ENABLE_TASKLISTS | Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let mut walk = Walk::new(&body, lines_above.saturating_add(1));
        walk.expect(memchr::memchr_iter(b'\n', body.as_bytes()).count());
        for (event, range) in Parser::new_ext(&body, options).into_offset_iter() {
            walk.take(event, range);
        }
        let mut blocks = walk.finish();
        boxes::find(&mut blocks.list, &body);
        blocks.body = body.into_owned();
        blocks.find_asides();
        blocks
    }

    /// A block's bytes as written.
    pub(super) fn source(&self, block: &Block) -> &str {
        self.body.get(block.at.clone()).unwrap_or_default()
    }

    /// Whether a rule stands between a block and its heading: it may be about something else.
    pub(super) fn is_apart(&self, block: &Block) -> bool {
        let head = block.head.and_then(|head| self.heads.get(head)).map_or(0, |head| head.line);
        let before = self.rules.partition_point(|rule| *rule < block.line);
        before.checked_sub(1).and_then(|last| self.rules.get(last)).is_some_and(|rule| *rule > head)
    }

    /// The headings above a block, outermost first.
    pub(super) fn path(&self, head: Option<usize>) -> Vec<Clean> {
        let next = |at: &usize| self.heads.get(*at).and_then(|head| head.under);
        let mut path: Vec<Clean> = std::iter::successors(head, next)
            .filter_map(|at| self.heads.get(at).map(|head| head.text.clone()))
            .collect();
        path.reverse();
        path
    }
}
