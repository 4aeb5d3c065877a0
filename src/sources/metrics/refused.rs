//! What makes a scrape a failed one, as at Prometheus: a text that was cut, and one with a line that cannot be read. What
//! could be read of it would be a part that looks like the whole.

use crate::domain::Clean;
use crate::promql::exposition::{self, Tally};

/// Bytes of a line that are shown.
const SHOWN: usize = 80;

/// Why nothing of `text` is taken: the first line that could not be read, and how many more.
pub(super) fn unreadable(text: &[u8], tally: &Tally) -> Option<Clean> {
    let (number, why) = tally.first_error?;
    let line = exposition::line(text, number);
    let said = String::from_utf8_lossy(line.get(..SHOWN).unwrap_or(line));
    let cut = if line.len() > SHOWN { "…" } else { "" };
    let more = match tally.errors {
        0 | 1 => String::new(),
        all => format!(" (and {} more)", all - 1),
    };
    Some(Clean::new(&format!("line {number}{more} cannot be read, {why}: {said}{cut}")))
}

/// Why a text that says to be `OpenMetrics` is not taken.
pub(super) fn cut(text: &[u8]) -> Option<Clean> {
    (!exposition::is_whole(text)).then(|| Clean::new("cut off: OpenMetrics without # EOF at its end"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promql::History;

    fn why(text: &str) -> Option<String> {
        let tally = History::new(60_000, 100, None).scraped(text.as_bytes(), 0);
        unreadable(text.as_bytes(), &tally).map(|why| why.to_string())
    }

    #[test]
    fn the_first_line_is_told_with_its_text_and_without_what_breaks_terminals() {
        assert_eq!(why("a 1\n# comment\nb 2\n"), None);
        assert_eq!(
            why("a 1\nb{code=\"500\"} O120\nc 1 2 3\n").as_deref(),
            Some("line 2 (and 1 more) cannot be read, bad value: b{code=\"500\"} O120")
        );
        assert_eq!(
            why("a{x=1} 1").as_deref(),
            Some("line 1 cannot be read, a label value without quotes: a{x=1} 1")
        );
        let hostile = why(&format!("\u{1b}[2Jred{}\n", "x".repeat(500))).expect("refused");
        assert!(!hostile.contains('\u{1b}') && hostile.ends_with('…') && hostile.len() < 200, "{hostile}");
    }
}
