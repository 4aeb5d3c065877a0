//! Text that was UTF-8, was read as something else, and was stored as UTF-8 again: `‚úÖ` for `✅`. As whole files such
//! texts are exactly reversible, and only then are they repaired.

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1252};

use super::beginning;
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind, Repair};

/// The text as it was, and by which encoding it had gone wrong. `None`: there is nothing to repair, or not without a
/// doubt.
pub(super) fn repair(text: &str) -> Option<(String, Repair)> {
    if text.is_ascii() {
        return None;
    }
    let was = |encoding, kind| reversed(text, encoding).map(|repaired| (repaired, kind));
    was(MACINTOSH, Repair::MacRoman).or_else(|| was(WINDOWS_1252, Repair::Windows1252))
}

/// What is said of a repair.
pub(super) fn finding(repair: Repair) -> Finding {
    let text = format!(
        "the text had been read as {repair} and stored so; it was repaired for reading, the file is as it was: save \
         it as UTF-8 again"
    );
    Finding { line: 0, kind: FindingKind::Repaired, text: Clean::new(&text) }
}

fn reversed(text: &str, encoding: &'static Encoding) -> Option<String> {
    // What was never wrong has something at its beginning that the encoding has not.
    let (_, _, unmappable) = encoding.encode(beginning(text, 4096));
    if unmappable {
        return None;
    }
    let (bytes, _, unmappable) = encoding.encode(text);
    if unmappable {
        return None;
    }
    let repaired = String::from_utf8(bytes.into_owned()).ok()?;
    let is_control = |c: char| ('\u{80}'..='\u{9f}').contains(&c);
    let (again, wrong) = encoding.decode_without_bom_handling(repaired.as_bytes());
    (!wrong && !repaired.contains(is_control) && again == text).then_some(repaired)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `text` as it looks after its UTF-8 was read as `encoding`.
    fn broken(text: &str, encoding: &'static Encoding) -> String {
        encoding.decode_without_bom_handling(text.as_bytes()).0.into_owned()
    }

    #[test]
    fn what_went_wrong_is_turned_back_and_named() {
        let text = "# ✅ Grün → ≥ 2 h, 完了\n";
        for (encoding, kind) in [(MACINTOSH, Repair::MacRoman), (WINDOWS_1252, Repair::Windows1252)] {
            let broken = broken(text, encoding);
            assert_ne!(broken, text);
            assert_eq!(repair(&broken), Some((text.to_owned(), kind)), "{broken}");
        }
        assert_eq!(broken("✅", MACINTOSH), "‚úÖ");
    }

    #[test]
    fn what_is_right_or_only_partly_wrong_stays() {
        for text in ["plain", "Grün", "naïve café ✅", "完了", "‚úÖ and ✅", "Ã", "‚úÖ 完", "√ Ω"]
        {
            assert_eq!(repair(text), None, "{text}");
        }
    }
}
