//! The text of a block while its pieces come.

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
    /// How many strikes are open; what stands beside what was struck through, once something was.
    pub(super) strike: u32,
    pub(super) beside: Option<String>,
}

impl Gathered {
    pub(super) fn new() -> Self {
        Self { leading: true, ..Self::default() }
    }

    pub(super) fn push(&mut self, more: &str) {
        if self.plain.len() >= MAX_TEXT {
            return;
        }
        self.plain.push_str(more);
        self.unlinked |= self.link == 0 && more.contains(char::is_alphanumeric);
        if let Some(beside) = self.beside.as_mut().filter(|_| self.strike == 0) {
            beside.push_str(more);
        }
        if self.bold > 0 && self.leading {
            self.strong.get_or_insert_default().push_str(more);
        } else if !more.trim().is_empty() {
            self.leading = false;
        }
    }

    /// A strike begins.
    pub(super) fn strike(&mut self) {
        self.strike += 1;
        if self.beside.is_none() {
            self.beside = Some(self.plain.clone());
        }
    }

    pub(super) fn finish(&mut self) -> Text {
        let all = std::mem::replace(self, Self::new());
        let is_struck = all.beside.as_deref().is_some_and(is_remark);
        // What is struck through in a part of a text is not said: `> ~~10~~ 5 %`.
        let plain = all.beside.filter(|_| !is_struck).unwrap_or(all.plain);
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
