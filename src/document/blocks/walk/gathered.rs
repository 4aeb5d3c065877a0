//! The text of a block while its pieces come.

use std::ops::Range;

use crate::document::blocks::Text;
use crate::document::tidy;
use crate::domain::Clean;

/// More text than this of one block (but code) is not gathered.
const MAX_TEXT: usize = 8192;

/// Text so far, and what of it was marked.
#[derive(Default)]
pub(super) struct Gathered {
    plain: String,
    strong: Option<String>,
    pub(super) code: Vec<String>,
    /// How many bold marks are open; whether nothing but bold text came so far.
    pub(super) bold: u32,
    leading: bool,
    /// How many links are open; whether one was; whether anything stands outside of them.
    pub(super) link: u32,
    pub(super) links: Vec<Clean>,
    pub(super) linked: bool,
    unlinked: bool,
    /// Where in `plain` strikes that are open begin; what was struck through.
    strikes: Vec<usize>,
    struck: Vec<Range<usize>>,
}

impl Gathered {
    pub(super) fn new() -> Self {
        Self { leading: true, ..Self::default() }
    }

    /// Whether nothing came so far.
    pub(super) fn is_empty(&self) -> bool {
        self.plain.is_empty()
    }

    pub(super) fn push(&mut self, more: &str) {
        if self.plain.len() >= MAX_TEXT {
            return;
        }
        self.plain.push_str(more);
        self.unlinked |= self.link == 0 && more.contains(char::is_alphanumeric);
        if self.bold > 0 && self.leading {
            self.strong.get_or_insert_default().push_str(more);
        } else if !more.trim().is_empty() {
            self.leading = false;
        }
    }

    /// A strike begins.
    pub(super) fn strike(&mut self) {
        self.strikes.push(self.plain.len());
    }

    /// The innermost strike ends. One that is never ended strikes nothing: `List<S> latency`.
    pub(super) fn end_strike(&mut self) {
        let from = self.strikes.pop();
        self.struck.extend(from.map(|from| from..self.plain.len()));
    }

    /// What stands beside what was struck through, if something was.
    fn beside(&self) -> Option<String> {
        let mut struck = self.struck.clone();
        struck.sort_by_key(|range| range.start);
        let (mut beside, mut from) = (String::new(), 0);
        for Range { start, end } in &struck {
            beside.push_str(self.plain.get(from..*start).unwrap_or_default());
            from = from.max(*end);
        }
        beside.push_str(self.plain.get(from..).unwrap_or_default());
        (!struck.is_empty()).then_some(beside)
    }

    pub(super) fn finish(&mut self) -> Text {
        let all = std::mem::replace(self, Self::new());
        let beside = all.beside();
        let is_struck = beside.as_deref().is_some_and(is_remark);
        // What is struck through in a part of a text is not said: `> ~~10~~ 5 %`.
        let plain = beside.filter(|_| !is_struck).unwrap_or(all.plain);
        Text {
            plain: tidy(&plain),
            strong: all.strong.map(|text| tidy(&text)),
            code: all.code,
            links: all.links,
            is_link: all.linked && !all.unlinked,
            is_struck,
            at: 0..0,
        }
    }
}

/// Whether what stands beside a strike is no text of its own: nothing, a mark, a remark in parentheses, or who.
fn is_remark(beside: &str) -> bool {
    let beside = beside.trim();
    let inside = beside.strip_prefix(['(', '（']).and_then(|rest| rest.strip_suffix([')', '）']));
    inside.is_some_and(|inside| !inside.contains([')', '）']))
        || beside
            .split_whitespace()
            .all(|word| word.starts_with('@') || !word.contains(char::is_alphanumeric))
}
