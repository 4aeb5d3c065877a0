//! Text by cells: widths and cuts count what the terminal shows (grapheme clusters), not characters or bytes.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How many cells `text` takes.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// `text` in at most `cells`, cut at the end with `…`; a wide character is dropped whole.
pub fn cut(text: &str, cells: usize) -> Cow<'_, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    if cells == 0 {
        return Cow::Borrowed("");
    }
    let mut out = head(text, cells - 1).to_owned();
    out.push('…');
    Cow::Owned(out)
}

/// `text` in at most `cells`, cut in the middle: for paths and hosts, whose ends tell them apart.
pub fn cut_middle(text: &str, cells: usize) -> Cow<'_, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    if cells < 3 {
        return cut(text, cells);
    }
    let left = (cells - 1) / 2;
    let kept = head(text, left);
    let mut back = Vec::new();
    let mut room = cells - 1 - left;
    for cluster in text.graphemes(true).rev() {
        let Some(rest) = room.checked_sub(width(cluster)) else { break };
        room = rest;
        back.push(cluster);
    }
    Cow::Owned(format!("{kept}…{}", back.into_iter().rev().collect::<String>()))
}

/// The longest beginning of `text` that fits in `cells`.
pub fn head(text: &str, cells: usize) -> &str {
    if text.is_ascii() {
        return text.get(..cells).unwrap_or(text);
    }
    let mut used = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        used += width(cluster);
        if used > cells {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_count_cells_and_never_split_a_cluster() {
        assert_eq!(cut("chat-backend", 12), "chat-backend");
        assert_eq!(cut("chat-backend", 6), "chat-…");
        assert_eq!(cut("日本語", 6), "日本語");
        // Each takes two cells: five cells hold two of them and the mark.
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(cut("abc", 0), "");
        assert_eq!(cut("abc", 1), "…");
    }

    #[test]
    fn paths_keep_both_ends() {
        assert_eq!(cut_middle("chat@9f1ce27a45c0127a", 14), "chat@9…5c0127a");
        assert_eq!(cut_middle("short", 5), "short");
        assert_eq!(cut_middle("abcdef", 2), "a…");
        assert_eq!(cut_middle("日本語日本語", 8), "日…本語");
    }
}
