//! Where a piece of the text that is read stands in the file as it is stored: a byte-order mark, a repair and replaced
//! bytes move it.

use std::ops::Range;

use crate::domain::Span;

/// From offsets in the text to offsets in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    /// From each of these offsets in the text on, up to the next, text and file go along side by side. The first is 0.
    steps: Vec<(usize, usize)>,
}

impl Stored {
    /// The text stands in the file as it is, `from` bytes after its beginning.
    pub(super) fn shifted(from: usize) -> Self {
        Self { steps: vec![(0, from)] }
    }

    /// Each char of `stored`, which stands `from` bytes after the file's beginning, is one byte of the text, of which the
    /// first `cut` bytes are left out.
    pub(super) fn of_chars(stored: &str, from: usize, cut: usize) -> Self {
        let mut steps = Vec::new();
        let mut side_by_side = None;
        for (byte, (at, c)) in stored.char_indices().enumerate().skip(cut) {
            let (text, file) = (byte - cut, from + at);
            if side_by_side != Some(file.wrapping_sub(text)) {
                steps.push((text, file));
                side_by_side = Some(file.wrapping_sub(text));
            }
            if c.len_utf8() > 1 {
                side_by_side = None;
            }
        }
        let end = (stored.chars().count().saturating_sub(cut), from + stored.len());
        steps.push(end);
        Self { steps }
    }

    /// Each run of bytes that is not UTF-8 became one U+FFFD.
    pub(super) fn of_lossy(stored: &[u8], from: usize) -> Self {
        let mut steps = vec![(0, from)];
        let (mut text, mut file) = (0, from);
        for chunk in stored.utf8_chunks() {
            text += chunk.valid().len();
            file += chunk.valid().len();
            if !chunk.invalid().is_empty() {
                steps.push((text, file));
                text += '\u{fffd}'.len_utf8();
                file += chunk.invalid().len();
                steps.push((text, file));
            }
        }
        Self { steps }
    }

    /// The text, without its first `bytes`.
    pub(super) fn below(mut self, bytes: usize) -> Self {
        let first = self.offset(bytes);
        self.steps.retain(|(text, _)| *text > bytes);
        for (text, _) in &mut self.steps {
            *text -= bytes;
        }
        self.steps.insert(0, (0, first));
        self
    }

    /// Where `range` of the text stands in the file. `None`: beyond four gigabytes.
    pub(super) fn span(&self, range: &Range<usize>) -> Option<Span> {
        let from = u32::try_from(self.offset(range.start)).ok()?;
        let to = u32::try_from(self.offset(range.end)).ok()?;
        Some(Span { from, to: to.max(from) })
    }

    fn offset(&self, at: usize) -> usize {
        let next = self.steps.partition_point(|(text, _)| *text <= at);
        let (text, file) = self.steps.get(next.saturating_sub(1)).copied().unwrap_or_default();
        // Inside of what was replaced, there is no byte of its own.
        let most = self.steps.get(next).map_or(usize::MAX, |(_, file)| *file);
        (file + (at - text)).min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(stored: &Stored, range: Range<usize>) -> (u32, u32) {
        let span = stored.span(&range).expect("small");
        (span.from, span.to)
    }

    #[test]
    fn a_shift_moves_everything() {
        assert_eq!(span(&Stored::shifted(3), 4..5), (7, 8));
    }

    #[test]
    fn a_repaired_char_is_as_long_as_what_it_was_made_of() {
        // `a‚úÖb`, where the middle is three chars and seven bytes, reads `a✅b`.
        let stored = Stored::of_chars("a‚úÖb", 3, 0);
        assert_eq!(
            (span(&stored, 0..1), span(&stored, 1..4), span(&stored, 4..5)),
            ((3, 4), (4, 11), (11, 12))
        );
    }

    #[test]
    fn replaced_bytes_are_counted_as_they_stand() {
        let stored = Stored::of_lossy(b"a\xff\xfeb\xe2\x98c", 0);
        let text = String::from_utf8_lossy(b"a\xff\xfeb\xe2\x98c");
        let b = text.find('b').expect("b");
        let c = text.find('c').expect("c");
        assert_eq!((span(&stored, b..b + 1), span(&stored, c..c + 1)), ((3, 4), (6, 7)));
    }
}
