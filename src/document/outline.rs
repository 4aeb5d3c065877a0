//! The walk over a document: headings make sections, task markers make items.

use std::collections::HashMap;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use sha2::{Digest, Sha256};

use super::{hex, marks};
use crate::domain::{Clean, Item, ItemId, Section};

/// More text of one heading or item than this is not gathered; [`Clean`] cuts further.
const MAX_TEXT: usize = 8192;

/// What the walk found.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) title: Option<Clean>,
    pub(super) sections: Vec<Section>,
}

/// Walks over `body`, which stands below `lines_above` lines of the file called `name`.
pub(super) fn walk(name: &str, body: &str, lines_above: u32) -> Outline {
    // No YAML blocks: pulldown-cmark takes any `---` further down for one, and swallows headings.
    let options = Options::ENABLE_TASKLISTS | Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut walk = Walk::new(name, Lines { body, at: 0, line: lines_above.saturating_add(1) });
    for (event, range) in Parser::new_ext(body, options).into_offset_iter() {
        walk.take(event, range.start);
    }
    Outline { title: walk.title, sections: walk.sections }
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

/// A list item that is open: its task, if it is one, and whether its first block is still being gathered.
struct Open {
    task: Option<Task>,
    gathering: bool,
}

struct Task {
    line: u32,
    claimed: bool,
    text: String,
    /// Where it stands in its section's items: tasks inside it come after it.
    slot: usize,
}

struct Walk<'a> {
    name: &'a str,
    lines: Lines<'a>,
    title: Option<Clean>,
    /// Headings above, outermost first, with their levels.
    path: Vec<(HeadingLevel, Clean)>,
    heading: Option<(HeadingLevel, u32, String)>,
    heading_line: u32,
    sections: Vec<Section>,
    /// Whether the newest section belongs to the heading above.
    in_section: bool,
    open: Vec<Open>,
    ordinals: HashMap<[u8; 32], u32>,
}

impl<'a> Walk<'a> {
    fn new(name: &'a str, lines: Lines<'a>) -> Self {
        Self {
            name,
            lines,
            title: None,
            path: Vec::new(),
            heading: None,
            heading_line: 0,
            sections: Vec::new(),
            in_section: false,
            open: Vec::new(),
            ordinals: HashMap::new(),
        }
    }

    fn take(&mut self, event: Event<'_>, offset: usize) {
        match event {
            Event::Start(Tag::Heading { level, .. }) if self.open.is_empty() => {
                self.heading = Some((level, self.lines.of(offset), String::new()));
            }
            Event::End(TagEnd::Heading(_)) if self.heading.is_some() => self.end_heading(),
            Event::Start(Tag::Item) => self.open.push(Open { task: None, gathering: true }),
            Event::End(TagEnd::Item) => {
                self.end_text();
                self.open.pop();
            }
            Event::TaskListMarker(claimed) => self.begin_task(claimed, offset),
            // The first block of an item is its text; what follows is detail.
            Event::Start(Tag::List(_) | Tag::CodeBlock(_) | Tag::BlockQuote(_) | Tag::Table(_))
            | Event::End(TagEnd::Paragraph) => self.end_text(),
            Event::Text(text) | Event::Code(text) => self.text(&text),
            Event::SoftBreak | Event::HardBreak => self.text(" "),
            Event::Start(_)
            | Event::End(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::FootnoteReference(_)
            | Event::Rule => {}
        }
    }

    fn text(&mut self, more: &str) {
        let text = match (&mut self.heading, self.open.last_mut()) {
            (Some((_, _, text)), _) => text,
            (None, Some(Open { task: Some(task), gathering: true })) => &mut task.text,
            _ => return,
        };
        if text.len() < MAX_TEXT {
            text.push_str(more);
        }
    }

    fn end_heading(&mut self) {
        let Some((level, line, text)) = self.heading.take() else { return };
        let text = tidy(&text);
        self.title.get_or_insert_with(|| text.clone());
        self.path.retain(|(above, _)| *above < level);
        self.path.push((level, text));
        self.heading_line = line;
        self.in_section = false;
    }

    fn begin_task(&mut self, claimed: bool, offset: usize) {
        let line = self.lines.of(offset);
        let depth = u8::try_from(self.open.len().saturating_sub(1)).unwrap_or(u8::MAX);
        if !self.in_section {
            let path = self.path.iter().map(|(_, text)| text.clone()).collect();
            self.sections.push(Section { path, line: self.heading_line, items: Vec::new() });
            self.in_section = true;
        }
        let (Some(section), Some(open)) = (self.sections.last_mut(), self.open.last_mut()) else { return };
        let slot = section.items.len();
        let (id, text) = (ItemId(String::new()), Clean::default());
        section.items.push(Item { id, line, text, depth, claimed, required: false, owner: None });
        open.task = Some(Task { line, claimed, text: String::new(), slot });
    }

    /// The text of the innermost item is whole, if it was not already.
    fn end_text(&mut self) {
        let Some(open) = self.open.last_mut().filter(|open| open.gathering) else { return };
        open.gathering = false;
        let Some(Task { line, claimed, text, slot }) = open.task.take() else { return };
        let text = tidy(&text);
        let id = self.identify(&text);
        let Some(item) = self.sections.last_mut().and_then(|section| section.items.get_mut(slot)) else {
            return;
        };
        item.id = id;
        item.required = marks::is_required(&text);
        item.owner = marks::owner(&text).map(Clean::new);
        debug_assert_eq!((item.line, item.claimed), (line, claimed), "the slot is the task's own");
        item.text = text;
    }

    /// A hash of file, headings, text, and how often these stood before.
    fn identify(&mut self, text: &str) -> ItemId {
        let mut hash = Sha256::new();
        hash.update(self.name);
        for (_, heading) in &self.path {
            hash.update(b"\x1f");
            hash.update(heading.as_bytes());
        }
        hash.update(b"\x1e");
        hash.update(text);
        let alike: [u8; 32] = hash.finalize().into();
        let ordinal = self.ordinals.entry(alike).or_default();
        let mut id = hex(&Sha256::digest([&alike[..], &ordinal.to_be_bytes()[..]].concat()));
        *ordinal += 1;
        id.truncate(12);
        ItemId(id)
    }
}

/// Scrubbed, on one line, with single spaces.
fn tidy(text: &str) -> Clean {
    let words: Vec<&str> = text.split_whitespace().collect();
    Clean::new(&words.join(" "))
}
