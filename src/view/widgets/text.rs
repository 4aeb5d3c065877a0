//! Text by cells: widths and cuts count what the terminal shows (grapheme clusters), not characters or bytes.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How many cells `text` takes.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// `text` in at most `cells`, cut at the end with `…`; a wide character is dropped whole, and so is a word with a number in
/// it: half a number or a revision's name is another one. A single word keeps what fits.
pub fn cut(text: &str, cells: usize) -> Cow<'_, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    if cells == 0 {
        return Cow::Borrowed("");
    }
    let kept = head(text, cells - 1);
    let word = word_at(text, kept.len());
    // Of an address or a digest any part is as good.
    if !word.bytes().any(|byte| byte.is_ascii_digit()) || word.contains(['@', '/']) {
        return Cow::Owned(format!("{kept}…"));
    }
    match whole(text, kept) {
        Some(kept) => Cow::Owned(format!("{kept}…")),
        None if ends_as_a_revision(text) => cut_front(text, cells),
        None => Cow::Owned(format!("{kept}…")),
    }
}

/// `text` in at most `cells`, cut behind a word with `…`, unless less than half of it would be left: for sentences.
pub fn cut_words(text: &str, cells: usize) -> Cow<'_, str> {
    if width(text) <= cells || cells == 0 {
        return cut(text, cells);
    }
    let kept = whole(text, head(text, cells - 1)).filter(|kept| width(kept) * 2 >= cells);
    kept.map_or_else(|| cut(text, cells), |kept| Cow::Owned(format!("{kept}…")))
}

/// As many of `names` as fit whole, and how many more there are.
pub fn whole_ones(names: &[String], cells: usize) -> String {
    let told = |shown: usize| {
        let more = names.len() - shown;
        let more = if more > 0 { format!(", {more} more") } else { String::new() };
        format!("{}{more}", names.get(..shown).unwrap_or_default().join(", "))
    };
    (1..=names.len())
        .rev()
        .map(told)
        .find(|words| width(words) <= cells)
        .unwrap_or_else(|| told(names.len().min(1)))
}

/// `text` in at most `cells`, cut at its beginning: for names whose ends tell them apart.
pub fn cut_front(text: &str, cells: usize) -> Cow<'_, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    if cells < 2 {
        return cut(text, cells);
    }
    Cow::Owned(format!("…{}", tail(text, cells - 1)))
}

/// Whether a name ends in what tells revisions apart: `00418-ral`.
fn ends_as_a_revision(name: &str) -> bool {
    let mut parts = name.rsplit('-');
    let (letters, digits) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let all = |part: &str, is: fn(&u8) -> bool| part.as_bytes().iter().all(is);
    digits.len() == 5
        && all(digits, u8::is_ascii_digit)
        && letters.len() == 3
        && all(letters, u8::is_ascii_alphanumeric)
}

/// The word of `text` that goes over the byte `at`; none, where a word ends there.
fn word_at(text: &str, at: usize) -> &str {
    let (Some(before), Some(after)) = (text.get(..at), text.get(at..)) else { return "" };
    let ends = |half: &str| half.is_empty() || half.starts_with(char::is_whitespace);
    if ends(after) {
        return "";
    }
    let from = before.rfind(char::is_whitespace).map_or(0, |space| space + 1);
    let to = after.find(char::is_whitespace).map_or(text.len(), |space| at + space);
    text.get(from..to).unwrap_or_default()
}

/// The whole words of `kept`, which is the beginning of `text`, without what only joins them to the next.
fn whole<'a>(text: &str, kept: &'a str) -> Option<&'a str> {
    let ends = text.get(kept.len()..).is_none_or(|rest| rest.starts_with(char::is_whitespace));
    let words = if ends { kept } else { kept.rsplit_once(char::is_whitespace)?.0 };
    let words =
        words.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '·' | '→' | '/' | ',' | '(' | ':'));
    (!words.is_empty()).then_some(words)
}

/// The longest end of `text` that fits in `cells`.
fn tail(text: &str, cells: usize) -> &str {
    let (mut room, mut from) = (cells, text.len());
    for (at, cluster) in text.grapheme_indices(true).rev() {
        let Some(rest) = room.checked_sub(width(cluster)) else { break };
        (room, from) = (rest, at);
    }
    text.get(from..).unwrap_or_default()
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
    Cow::Owned(format!("{}…{}", head(text, left), tail(text, cells - 1 - left)))
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
    fn names_are_listed_whole_and_the_rest_counted() {
        let names = ["00416-pon Ready", "00415-zed Ready", "00414-abc Ready"].map(str::to_owned);
        assert_eq!(whole_ones(&names, 60), "00416-pon Ready, 00415-zed Ready, 00414-abc Ready");
        assert_eq!(whole_ones(&names, 48), "00416-pon Ready, 00415-zed Ready, 1 more");
        assert_eq!(whole_ones(&names, 30), "00416-pon Ready, 2 more");
        assert_eq!(whole_ones(&[], 30), "");
    }

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
    fn no_number_and_no_name_of_a_revision_is_cut_in_two() {
        assert_eq!(cut("00417-hux 90 % / 00418-ral 10 %", 20), "00417-hux 90 %…");
        assert_eq!(cut("100 % to 00417-hux, asks for 00417", 16), "100 % to…");
        assert_eq!(cut("ready · chat@9f1ce27a", 18), "ready · chat@9f1c…");
        assert_eq!(cut("chat broken again", 14), "chat broken a…", "other words are as long as fits");
        assert_eq!(cut("00418-ral", 5), "…-ral", "its end tells it apart");
        assert_eq!(cut("chat-backend-00418-ral", 10), "…00418-ral");
        assert_eq!(cut("2026-11-20T14:02", 6), "2026-…", "there is nothing else to keep");
        assert_eq!(cut_front("chat-backend-00418-ral", 10), "…00418-ral");
        assert_eq!(cut_front("short", 5), "short");
        assert_eq!(cut_front("日本語", 4), "…語");
    }

    #[test]
    fn a_sentence_is_cut_behind_a_word() {
        assert_eq!(cut_words("canary only: 100 % of them on 00418-ral", 20), "canary only: 100 %…");
        assert_eq!(cut_words("test_resume_after_token_refresh failed", 20), "test_resume_after_t…");
        assert_eq!(cut_words("refused · try 7", 11), "refused…");
        assert_eq!(cut_words("fits", 4), "fits");
    }

    #[test]
    fn paths_keep_both_ends() {
        assert_eq!(cut_middle("chat@9f1ce27a45c0127a", 14), "chat@9…5c0127a");
        assert_eq!(cut_middle("short", 5), "short");
        assert_eq!(cut_middle("abcdef", 2), "a…");
        assert_eq!(cut_middle("日本語日本語", 8), "日…本語");
    }
}
