//! Noughts that need no comparator.

use std::ops::Range;

use super::{Reader, Token, plain};
use crate::domain::plan::Comparator;

/// `Pending pods: 0`, `誤報 0 件`: a nought that can be nothing but a limit.
pub(super) fn place(text: &str) -> Option<Range<usize>> {
    let end = text.trim_end().trim_end_matches('.');
    let behind = end
        .strip_suffix('0')
        .map(str::trim_end)
        .filter(|before| before.ends_with([':', '：']) || before.ends_with(" is"));
    if let Some(before) = behind {
        return Some(before.len()..end.len());
    }
    let (at, counted) = ["0件", "0 件"].iter().find_map(|none| text.match_indices(none).next())?;
    let before = text.get(..at)?.chars().next_back();
    let alone = before.is_none_or(|c| !(c.is_ascii_digit() || matches!(c, '.' | ',')));
    alone.then_some(at..at + counted.len())
}

impl Reader {
    /// `zero`, `keine`: none of what follows.
    pub(super) fn zero(&mut self, token: Token) {
        // "Scale to zero" is an act.
        if self.names.is_some() {
            return;
        }
        let unit = self.rate.take().unwrap_or_default();
        let bound = plain(Comparator::Equal, 0.0, unit);
        self.push(bound, token.from..token.to, None);
        self.zero = true;
    }
}
