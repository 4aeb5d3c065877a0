//! Phrases that are looked for all at once: one pass over a text, whatever their number, and nothing is copied.

/// Phrases in lower case.
#[derive(Debug)]
pub(super) struct Needles {
    by_first: Vec<Vec<&'static [u8]>>,
    /// Which pairs of bytes a phrase may begin with: most places in a text need no closer look.
    begins: [u64; 16],
}

impl Needles {
    /// To find `phrases`, which are in lower case.
    pub(super) fn of<'a>(phrases: impl IntoIterator<Item = &'a &'static str>) -> Self {
        let mut needles = Self { by_first: vec![Vec::new(); 256], begins: [0; 16] };
        for phrase in phrases {
            let Some(first) = phrase.as_bytes().first() else { continue };
            let seconds = phrase.as_bytes().get(1).map_or(0..=u8::MAX, |second| *second..=*second);
            for (word, bit) in seconds.map(|second| place(*first, second)) {
                if let Some(known) = needles.begins.get_mut(word) {
                    *known |= bit;
                }
            }
            if let Some(bucket) = needles.by_first.get_mut(usize::from(*first)) {
                bucket.push(phrase.as_bytes());
            }
        }
        needles
    }

    /// Whether any of them stands in `text`, in capitals or not (letters of ASCII and Latin-1; other scripts of the
    /// phrases have none).
    pub(super) fn are_in(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        let mut first = bytes.first().map_or(0, |byte| small(0, *byte));
        for (at, pair) in bytes.windows(2).enumerate() {
            let [before, next] = pair else { continue };
            let second = small(*before, *next);
            let (word, bit) = place(first, second);
            if self.begins.get(word).is_some_and(|known| known & bit != 0)
                && let (Some(bucket), Some(rest)) = (self.by_first.get(usize::from(first)), bytes.get(at..))
                && bucket.iter().any(|phrase| begins(rest, phrase))
            {
                return true;
            }
            first = second;
        }
        // A phrase of one byte may be the last.
        self.by_first.get(usize::from(first)).is_some_and(|bucket| bucket.contains(&[first].as_slice()))
    }
}

/// Where a pair of bytes is noted: the word, and the bit in it.
fn place(first: u8, second: u8) -> (usize, u64) {
    let mixed = usize::from(first).wrapping_mul(37) ^ usize::from(second);
    (mixed / 64 % 16, 1 << (mixed % 64))
}

/// Whether `text`, in lower case, begins with `phrase`, whose first byte is known to fit.
fn begins(text: &[u8], phrase: &[u8]) -> bool {
    let Some(text) = text.get(..phrase.len()) else { return false };
    let pairs = text.iter().zip(text.iter().skip(1)).zip(phrase.iter().skip(1));
    pairs.into_iter().all(|((before, byte), wanted)| small(*before, *byte) == *wanted)
}

/// The byte in lower case, by the one before it: `Ä` is 0xC3 0x84, and `ä` 0xC3 0xA4.
fn small(before: u8, byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => byte + 32,
        0x80..=0x9e if before == 0xc3 && byte != 0x97 => byte + 32,
        _ => byte,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_found_in_any_case_and_script_and_nothing_else_is() {
        let needles = Needles::of(&["ready", "geändert", " not ", "批准", "élan"]);
        for text in ["Ready", "xrEADy!", "NICHT GEÄNDERT", "must NOT be", "等待批准。", "ÉLAN", "rea ready"]
        {
            assert!(needles.are_in(text), "{text}");
        }
        for text in ["", "read", "geandert", "not", "批", "Éla", "READ Y", "批 准"] {
            assert!(!needles.are_in(text), "{text}");
        }
        assert!(!Needles::of(&[]).are_in("anything"));
        let one = Needles::of(&["["]);
        assert!(one.are_in("a [b") && one.are_in("a[") && one.are_in("[") && !one.are_in("a"));
    }
}
