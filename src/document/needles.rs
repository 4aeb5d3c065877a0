//! Phrases that are looked for all at once: one pass over a text, whatever their number, and nothing is copied.

/// Phrases in lower case.
#[derive(Debug)]
pub(super) struct Needles {
    by_first: Vec<Vec<&'static [u8]>>,
}

impl Needles {
    /// To find `phrases`, which are in lower case.
    pub(super) fn of<'a>(phrases: impl IntoIterator<Item = &'a &'static str>) -> Self {
        let mut by_first = vec![Vec::new(); 256];
        for phrase in phrases {
            let bucket = phrase.bytes().next().and_then(|first| by_first.get_mut(usize::from(first)));
            if let Some(bucket) = bucket {
                bucket.push(phrase.as_bytes());
            }
        }
        Self { by_first }
    }

    /// Whether any of them stands in `text`, in capitals or not (letters of ASCII and Latin-1; other scripts of the
    /// phrases have none).
    pub(super) fn are_in(&self, text: &str) -> bool {
        let mut bytes = text.as_bytes();
        let mut before = 0;
        while let Some((first, rest)) = bytes.split_first() {
            let bucket = self.by_first.get(usize::from(small(before, *first)));
            if bucket.is_some_and(|bucket| bucket.iter().any(|phrase| begins(bytes, phrase))) {
                return true;
            }
            (before, bytes) = (*first, rest);
        }
        false
    }
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
    }
}
