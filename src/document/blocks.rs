//! A document as a flat list of blocks, each with its line, its heading, the line that introduces it, and the list item
//! that holds it. Everything else is read out of this list.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::tidy;
use crate::domain::Clean;

/// More text than this of one block (but code) is not gathered.
const MAX_TEXT: usize = 8192;

/// What a document consists of.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// Headings in file order.
    pub(super) heads: Vec<Head>,
    /// Everything else in file order.
    pub(super) list: Vec<Block>,
    /// How many links there are.
    pub(super) links: u32,
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
        /// `[ ]` or `[x]`: whether it is ticked.
        ticked: Option<bool>,
        /// Its number, in a numbered list.
        number: Option<u64>,
        /// How many list items hold it.
        depth: u8,
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
}

impl Text {
    /// Whether it introduces what follows: all of it is bold, or it ends with a colon.
    pub(super) fn introduces(&self) -> bool {
        let plain = self.plain.trim_end();
        let strong = self
            .strong
            .as_ref()
            .is_some_and(|strong| strong.trim_end_matches(':').trim() == plain.trim_end_matches(':').trim());
        !plain.is_empty() && (strong || plain.ends_with([':', '：']))
    }
}

impl Blocks {
    /// The blocks of `body`, which stands below `lines_above` lines of its file.
    pub(super) fn of(body: &str, lines_above: u32) -> Self {
        // No YAML blocks: pulldown-cmark takes any `---` further down for one, and swallows headings.
        let options = Options::ENABLE_TASKLISTS | Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let mut walk = Walk::new(Lines { body, at: 0, line: lines_above.saturating_add(1) });
        for (event, range) in Parser::new_ext(body, options).into_offset_iter() {
            walk.take(event, range);
        }
        walk.done
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

/// Line numbers of offsets that never go back.
struct Lines<'a> {
    body: &'a str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    fn of(&mut self, offset: usize) -> u32 {
        let between = self.body.as_bytes().get(self.at..offset).unwrap_or_default();
        self.line += u32::try_from(memchr::memchr_iter(b'\n', between).count()).unwrap_or(0);
        self.at = self.at.max(offset);
        self.line
    }
}

/// Where text goes at the moment.
enum Into {
    Nothing,
    Heading(HeadingLevel, u32),
    /// A paragraph of its own.
    Paragraph(u32, Range<usize>),
    /// The first paragraph of the item at this place.
    Item(usize),
    Cell,
    Fence,
}

struct Walk<'a> {
    lines: Lines<'a>,
    done: Blocks,
    into: Into,
    text: Gathered,
    /// Headings above, with their levels.
    path: Vec<(HeadingLevel, usize)>,
    /// Items that hold what comes, and the newest label inside each; the first is the document itself.
    open: Vec<Open>,
    /// Numbers of the next items of the open lists; `None`: not numbered.
    lists: Vec<Option<u64>>,
    row: Vec<Text>,
}

/// A list item that is open (or the document): its place, and the newest label in it.
#[derive(Default)]
struct Open {
    item: Option<usize>,
    label: Option<usize>,
}

#[derive(Default)]
struct Gathered {
    plain: String,
    strong: Option<String>,
    code: Vec<String>,
    /// How many bold marks are open; whether nothing but bold text came so far.
    bold: u32,
    leading: bool,
}

impl Gathered {
    fn new() -> Self {
        Self { leading: true, ..Self::default() }
    }

    fn push(&mut self, more: &str) {
        if self.plain.len() >= MAX_TEXT {
            return;
        }
        self.plain.push_str(more);
        if self.bold > 0 && self.leading {
            self.strong.get_or_insert_default().push_str(more);
        } else if !more.trim().is_empty() {
            self.leading = false;
        }
    }

    fn finish(&mut self) -> Text {
        let all = std::mem::replace(self, Self::new());
        Text { plain: tidy(&all.plain), strong: all.strong.map(|text| tidy(&text)), code: all.code }
    }
}

impl<'a> Walk<'a> {
    fn new(lines: Lines<'a>) -> Self {
        Self {
            lines,
            done: Blocks::default(),
            into: Into::Nothing,
            text: Gathered::new(),
            path: Vec::new(),
            open: vec![Open::default()],
            lists: Vec::new(),
            row: Vec::new(),
        }
    }

    fn take(&mut self, event: Event<'_>, at: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, at),
            Event::End(tag) => self.end(tag, at),
            Event::Text(text) => self.text(&text),
            Event::Code(text) => {
                self.text.code.push(text.to_string());
                self.text(&text);
            }
            Event::SoftBreak | Event::HardBreak => self.text(" "),
            Event::TaskListMarker(mark) => {
                let item = self.open.last().and_then(|open| open.item);
                let block = item.and_then(|item| self.done.list.get_mut(item));
                if let Some(Block { kind: Kind::Item { ticked, .. }, .. }) = block {
                    *ticked = Some(mark);
                }
            }
            Event::Html(html) => self.html(&html, at),
            Event::InlineHtml(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::Rule => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, at: Range<usize>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.end_item_text();
                self.into = Into::Heading(level, self.lines.of(at.start));
            }
            Tag::Paragraph if !matches!(self.into, Into::Item(_)) => {
                self.into = Into::Paragraph(self.lines.of(at.start), at);
            }
            Tag::List(number) => {
                self.end_item_text();
                self.lists.push(number);
            }
            Tag::Item => self.start_item(at),
            Tag::CodeBlock(kind) => {
                self.end_item_text();
                self.start_fence(&kind, at);
            }
            Tag::BlockQuote(_) => self.end_item_text(),
            Tag::Table(_) => {
                self.end_item_text();
                self.push(at, Kind::Table { header: Vec::new(), rows: Vec::new() });
            }
            Tag::TableCell => self.into = Into::Cell,
            Tag::Strong => self.text.bold += 1,
            Tag::Link { .. } => self.done.links += 1,
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, at: Range<usize>) {
        match tag {
            TagEnd::Heading(_) => self.end_heading(),
            TagEnd::Paragraph => match std::mem::replace(&mut self.into, Into::Nothing) {
                Into::Paragraph(line, at) => self.end_paragraph(line, at),
                other => {
                    self.into = other;
                    self.end_item_text();
                }
            },
            TagEnd::Item => {
                self.end_item_text();
                if self.open.len() > 1 {
                    self.open.pop();
                }
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::CodeBlock => self.into = Into::Nothing,
            TagEnd::TableCell => {
                self.into = Into::Nothing;
                let cell = self.text.finish();
                self.row.push(cell);
            }
            TagEnd::TableHead | TagEnd::TableRow => self.end_row(tag == TagEnd::TableHead, at.start),
            TagEnd::Strong => self.text.bold = self.text.bold.saturating_sub(1),
            _ => {}
        }
    }

    fn text(&mut self, more: &str) {
        match self.into {
            Into::Nothing => {}
            Into::Fence => {
                if let Some(Block { kind: Kind::Fence { code, .. }, .. }) = self.done.list.last_mut() {
                    code.push_str(more);
                }
            }
            Into::Heading(..) | Into::Paragraph(..) | Into::Item(_) | Into::Cell => self.text.push(more),
        }
    }

    /// A block begins; answers its place.
    fn push(&mut self, at: Range<usize>, kind: Kind) -> usize {
        let line = self.lines.of(at.start);
        self.push_at(line, at, kind)
    }

    fn push_at(&mut self, line: u32, at: Range<usize>, kind: Kind) -> usize {
        let open = self.open.last();
        let (inside, label) = (open.and_then(|open| open.item), open.and_then(|open| open.label));
        let head = self.path.last().map(|(_, head)| *head);
        self.done.list.push(Block { line, at, head, label, inside, kind });
        self.done.list.len() - 1
    }

    fn end_heading(&mut self) {
        let Into::Heading(level, line) = std::mem::replace(&mut self.into, Into::Nothing) else { return };
        self.path.retain(|(above, _)| *above < level);
        let under = self.path.last().map(|(_, head)| *head);
        let text = self.text.finish().plain;
        self.path.push((level, self.done.heads.len()));
        self.done.heads.push(Head { line, level: level as u8, text, under });
        for open in &mut self.open {
            open.label = None;
        }
    }

    fn end_paragraph(&mut self, line: u32, at: Range<usize>) {
        let text = self.text.finish();
        let introduces = text.introduces();
        let place = self.push_at(line, at, Kind::Paragraph(text));
        if let (true, Some(open)) = (introduces, self.open.last_mut()) {
            open.label = Some(place);
        }
    }

    fn start_item(&mut self, at: Range<usize>) {
        self.end_item_text();
        let number = self.lists.last_mut().and_then(|next| {
            let number = *next;
            *next = number.map(|number| number.saturating_add(1));
            number
        });
        let depth = u8::try_from(self.open.len() - 1).unwrap_or(u8::MAX);
        let place = self.push(at, Kind::Item { ticked: None, number, depth, text: Text::default() });
        self.open.push(Open { item: Some(place), label: None });
        self.into = Into::Item(place);
    }

    /// The first paragraph of the innermost item is whole, if it was not already.
    fn end_item_text(&mut self) {
        let Into::Item(place) = self.into else { return };
        self.into = Into::Nothing;
        let whole = self.text.finish();
        if let Some(Block { kind: Kind::Item { text, .. }, .. }) = self.done.list.get_mut(place) {
            *text = whole;
        }
    }

    fn start_fence(&mut self, kind: &CodeBlockKind<'_>, at: Range<usize>) {
        let info = match kind {
            CodeBlockKind::Fenced(info) => info.clone(),
            CodeBlockKind::Indented => CowStr::Borrowed(""),
        };
        let word = info.split([' ', ',', '{', '\t']).next().unwrap_or_default();
        let language = word.trim().to_lowercase();
        let line = self.lines.of(at.start);
        let first = if matches!(kind, CodeBlockKind::Fenced(_)) { line + 1 } else { line };
        self.push_at(line, at, Kind::Fence { language, code: String::new(), line: first });
        self.into = Into::Fence;
    }

    fn end_row(&mut self, is_header: bool, offset: usize) {
        let line = self.lines.of(offset);
        let cells = std::mem::take(&mut self.row);
        if let Some(Block { kind: Kind::Table { header, rows }, .. }) = self.done.list.last_mut() {
            if is_header {
                *header = cells;
            } else {
                rows.push((line, cells));
            }
        }
    }

    fn html(&mut self, html: &str, at: Range<usize>) {
        self.end_item_text();
        self.push(at, Kind::Html(html.to_owned()));
    }
}
