//! The text of a block while its pieces come.

use crate::document::blocks::Text;
use crate::document::tidy;

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
    pub(super) linked: bool,
    unlinked: bool,
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
        if self.bold > 0 && self.leading {
            self.strong.get_or_insert_default().push_str(more);
        } else if !more.trim().is_empty() {
            self.leading = false;
        }
    }

    pub(super) fn finish(&mut self) -> Text {
        let all = std::mem::replace(self, Self::new());
        Text {
            plain: tidy(&all.plain),
            strong: all.strong.map(|text| tidy(&text)),
            code: all.code,
            is_link: all.linked && !all.unlinked,
            at: 0..0,
        }
    }
}
