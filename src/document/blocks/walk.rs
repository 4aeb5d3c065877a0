//! The walk over the Markdown parser's events.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Tag, TagEnd};

use self::gathered::Gathered;
use super::{Block, Blocks, Kind, Text, html};
use crate::document::stage;
use crate::document::topic::Topics;

mod gathered;
mod heads;
mod lazy;
mod typed;

/// From so many lines on, a document is large.
const LARGE: usize = 4096;

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
    /// Text of an item behind its first block, without a paragraph's tag.
    Further(u32, Range<usize>),
    /// A bold line that Markdown takes for the end of the item above it, and its author for the beginning of what follows.
    Lazy(u32, Range<usize>),
    /// The first paragraph of the item at this place.
    Item(usize),
    /// A table's cell.
    Cell(Range<usize>),
    Fence,
}

pub(super) struct Walk<'a> {
    lines: Lines<'a>,
    done: Blocks,
    into: Into,
    text: Gathered,
    /// Headings above, with their levels.
    path: Vec<(HeadingLevel, usize)>,
    /// Items that hold what comes, and the newest label inside each; the first is the document itself.
    open: Vec<Open>,
    /// The open lists, and the numbers of their next items; `None`: not numbered.
    lists: Vec<(u32, Option<u64>)>,
    /// How many lists began so far.
    begun: u32,
    row: Vec<Text>,
    /// The item whose first words are a quote to Markdown, and a limit to its author: `- > 5 errors`.
    limit: Option<usize>,
    /// The paragraph has lines that are items.
    typed: bool,
}

/// A list item that is open (or the document): its place, and the newest label in it.
#[derive(Default)]
struct Open {
    item: Option<usize>,
    label: Option<usize>,
}

impl<'a> Walk<'a> {
    /// At the beginning of `body`, whose first line is the `line`th of its file.
    pub(super) fn new(body: &'a str, line: u32) -> Self {
        Self {
            lines: Lines { body, at: 0, line },
            done: Blocks::default(),
            into: Into::Nothing,
            text: Gathered::new(),
            path: Vec::new(),
            open: vec![Open::default()],
            lists: Vec::new(),
            begun: 0,
            row: Vec::new(),
            limit: None,
            typed: false,
        }
    }

    /// Makes room for about as many blocks as a large document has `lines`: what is never used costs nothing, and moving
    /// what was read does.
    pub(super) fn expect(&mut self, lines: usize) {
        if lines > LARGE {
            self.done.list.reserve(lines);
        }
    }

    /// All blocks, once the last event was taken.
    pub(super) fn finish(self) -> Blocks {
        self.done
    }

    /// Takes the next event.
    pub(super) fn take(&mut self, event: Event<'_>, at: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, at),
            Event::End(tag) => self.end(tag, at),
            Event::Text(text) => {
                self.further_text(&at);
                self.text(&text);
            }
            Event::Code(text) => {
                self.further_text(&at);
                self.text.code.push(text.to_string());
                self.text(&text);
            }
            Event::SoftBreak | Event::HardBreak => {
                if !self.next_typed_item(&at) {
                    self.text(" ");
                }
            }
            Event::TaskListMarker(ticks) => {
                let item = self.open.last().and_then(|open| open.item);
                let block = item.and_then(|item| self.done.list.get_mut(item));
                if let Some(Block { kind: Kind::Item { ticked, mark, .. }, .. }) = block {
                    *ticked = Some(ticks);
                    *mark = Some(at.start + 1..at.end.saturating_sub(1));
                }
            }
            Event::Html(html) => self.html(&html, at),
            Event::InlineHtml(html) if html::strikes(&html) == Some(true) => self.text.strike(),
            Event::InlineHtml(html) if html::strikes(&html) == Some(false) => self.text.end_strike(),
            Event::InlineHtml(html) if self.is_unboxed() && html::checkbox(&html).is_some() => {
                self.text(if html::checkbox(&html) == Some(true) { "☑ " } else { "☐ " });
            }
            // It is to be seen that nobody filled it in.
            Event::InlineHtml(html) if html::is_placeholder(&html) => {
                self.further_text(&at);
                self.text(&html);
            }
            Event::InlineHtml(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_) => {}
            Event::Rule => self.rule(&at),
        }
    }

    fn start(&mut self, tag: Tag<'_>, at: Range<usize>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.end_item_text();
                self.into = Into::Heading(level, self.lines.of(at.start));
            }
            Tag::Paragraph if self.limit.is_some() => {
                let item = self.limit.take();
                self.into = item.map_or(Into::Nothing, Into::Item);
                self.text.push("> ");
            }
            Tag::Paragraph if !matches!(self.into, Into::Item(_)) => {
                self.end_item_text();
                if !self.typed_item(&at) {
                    self.into = Into::Paragraph(self.lines.of(at.start), at);
                }
            }
            Tag::List(number) => {
                self.end_item_text();
                self.begun += 1;
                self.lists.push((self.begun, number));
            }
            Tag::Item => self.start_item(at),
            Tag::CodeBlock(kind) => {
                self.end_item_text();
                self.start_fence(&kind, at);
            }
            Tag::BlockQuote(_) => {
                self.end_item_text();
                self.limit = self.is_limit(&at);
            }
            Tag::Table(_) => {
                self.end_item_text();
                self.push(at, Kind::Table { header: Vec::new(), rows: Vec::new() });
            }
            Tag::TableCell => self.into = Into::Cell(at),
            Tag::Strong => {
                self.lazy_label(&at);
                self.text.bold += 1;
            }
            Tag::Strikethrough => self.text.strike(),
            Tag::Link { dest_url, .. } => {
                self.done.links += 1;
                self.text.links.push(crate::domain::Clean::new(&dest_url));
                self.text.link += 1;
                self.text.linked = true;
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, at: Range<usize>) {
        match tag {
            TagEnd::Heading(_) => self.end_heading(),
            TagEnd::Paragraph => {
                self.typed = false;
                match std::mem::replace(&mut self.into, Into::Nothing) {
                    Into::Paragraph(line, at) => self.end_paragraph(line, at),
                    other => {
                        self.into = other;
                        self.end_item_text();
                    }
                }
            }
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
                let mut cell = self.text.finish();
                if let Into::Cell(at) = std::mem::replace(&mut self.into, Into::Nothing) {
                    cell.at = at;
                }
                self.row.push(cell);
            }
            TagEnd::TableHead | TagEnd::TableRow => self.end_row(tag == TagEnd::TableHead, at.start),
            TagEnd::Link => self.text.link = self.text.link.saturating_sub(1),
            TagEnd::Strikethrough => self.text.end_strike(),
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
            Into::Heading(..)
            | Into::Paragraph(..)
            | Into::Further(..)
            | Into::Lazy(..)
            | Into::Item(_)
            | Into::Cell(_) => {
                self.text.push(more);
            }
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

    fn end_paragraph(&mut self, line: u32, at: Range<usize>) {
        let text = self.text.finish();
        if let Some(level) = self.stage_level(&text) {
            return self.head(level, line, &text, true);
        }
        let is_line = self.lines.body.get(at.clone()).is_some_and(|source| !source.trim_end().contains('\n'));
        // As pasted from where headings have no marks.
        let may_be_title = is_line && self.path.is_empty() && self.open.len() == 1;
        let is_title = may_be_title && text.looks_like_title();
        // A stage ends what the line above it says: "Rollback if:" is of no step below "Phase 1: canary".
        let is_stage = may_be_title && stage::name(&text.plain).is_some();
        let introduces =
            text.introduces() || is_stage || (is_title && Topics::of(&text.plain) != Topics::default());
        let place = self.push_at(line, at, Kind::Paragraph(text));
        if let (true, Some(open)) = (introduces, self.open.last_mut()) {
            open.label = Some(place);
        }
    }

    fn start_item(&mut self, at: Range<usize>) {
        self.end_item_text();
        let (list, number) = self.lists.last_mut().map_or((0, None), |(list, next)| {
            let number = *next;
            *next = number.map(|number| number.saturating_add(1));
            (*list, number)
        });
        let depth = u8::try_from(self.open.len() - 1).unwrap_or(u8::MAX);
        let place = self.push(
            at,
            Kind::Item { ticked: None, sign: None, mark: None, number, depth, list, text: Text::default() },
        );
        self.open.push(Open { item: Some(place), label: None });
        self.into = Into::Item(place);
    }

    /// The first paragraph of the innermost item is whole, if it was not already.
    /// Text of a tight item behind its first block has no paragraph of its own in the events: it is one.
    fn further_text(&mut self, at: &Range<usize>) {
        match &mut self.into {
            Into::Nothing if self.open.len() > 1 => {
                self.into = Into::Further(self.lines.of(at.start), at.clone());
            }
            Into::Further(_, whole) => whole.end = at.end,
            _ => {}
        }
    }

    /// The text of an item that no tag ends, ends.
    fn end_item_text(&mut self) {
        if let Into::Lazy(line, at) = &self.into {
            let (line, at) = (*line, at.clone());
            self.into = Into::Nothing;
            return self.end_lazy(line, at);
        }
        if let Into::Further(line, at) = &self.into {
            let (line, at) = (*line, at.clone());
            self.into = Into::Nothing;
            self.end_paragraph(line, at);
            return;
        }
        let Into::Item(place) = self.into else { return };
        self.into = Into::Nothing;
        let whole = self.text.finish();
        if let Some(Block { kind: Kind::Item { text, .. }, .. }) = self.done.list.get_mut(place) {
            *text = whole;
        }
    }

    /// The innermost item, if it is empty so far and the quote `at` begins with a number on the same line.
    fn is_limit(&self, at: &Range<usize>) -> Option<usize> {
        let place = self.open.last()?.item?;
        let quote = self.lines.body.get(at.clone())?;
        let number = quote.strip_prefix('>')?.trim_start_matches(['=', ' ', '$']);
        let Kind::Item { text, .. } = &self.done.list.get(place)?.kind else { return None };
        let fits = number.starts_with(|c: char| c.is_ascii_digit())
            && text.plain.is_empty()
            && place + 1 == self.done.list.len();
        fits.then_some(place)
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
