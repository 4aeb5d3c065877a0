//! Finds the fields of an event in one walk over its JSON text, without building anything.
//!
//! It takes any order of keys and any nesting, and knows the whole grammar; where it meets something rare (an escape
//! in a key, an exponent, deep nesting) or something wrong it gives up and `serde_json` decides. So it may refuse what
//! is valid, but never accept what `serde_json` refuses: a property test holds it to that.

use super::pointers::{MAX_SLOTS, Pointers, ROOT};

/// Nesting followed; `serde_json` refuses 128.
const MAX_DEPTH: u8 = 100;
/// Digits of a number followed; longer ones may be out of the range of a double.
const MAX_NUMBER: usize = 40;

/// A scalar in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Scalar {
    /// A string without escapes: the range between its quotes.
    #[default]
    Plain,
    /// A string with escapes.
    Escaped,
    /// A number, `true` or `false`.
    Bare,
}

/// What was found, by slot of the pointers.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) filled: u128,
    spans: [(u32, u32, Scalar); MAX_SLOTS],
}

impl Default for Found {
    fn default() -> Self {
        Self { filled: 0, spans: [(0, 0, Scalar::Plain); MAX_SLOTS] }
    }
}

impl Found {
    /// The first slot of `mask` that is filled.
    pub(super) fn first<'a>(&self, mask: u128, text: &'a str) -> Option<(&'a str, Scalar)> {
        let hit = self.filled & mask;
        if hit == 0 {
            return None;
        }
        let (from, to, scalar) = *self.spans.get(hit.trailing_zeros() as usize)?;
        Some((text.get(from as usize..to as usize)?, scalar))
    }
}

/// Walks over `text`. `None`: not understood here, ask `serde_json`.
pub(super) fn scan(text: &str, pointers: &Pointers, found: &mut Found) -> Option<()> {
    found.filled = 0;
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0, pointers, found };
    scanner.blank();
    scanner.expect(b'{')?;
    scanner.object(Some(ROOT), 0)?;
    scanner.blank();
    (scanner.at == scanner.bytes.len()).then_some(())
}

struct Scanner<'a, 'p> {
    bytes: &'a [u8],
    at: usize,
    pointers: &'p Pointers,
    found: &'p mut Found,
}

impl Scanner<'_, '_> {
    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// After `{`.
    fn object(&mut self, node: Option<u16>, depth: u8) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.blank();
        if self.expect(b'}').is_some() {
            return Some(());
        }
        loop {
            self.blank();
            self.expect(b'"')?;
            let (from, to, escaped) = self.string()?;
            if escaped {
                return None;
            }
            let child = match node {
                Some(node) => self.pointers.child(node, self.bytes.get(from..to)?),
                None => None,
            };
            self.blank();
            self.expect(b':')?;
            self.value(child, depth)?;
            self.blank();
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    /// After `[`.
    fn array(&mut self, node: Option<u16>, depth: u8) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        let node = node.filter(|node| self.pointers.branches(*node));
        self.blank();
        if self.expect(b']').is_some() {
            return Some(());
        }
        for index in 0_usize.. {
            let child = node.and_then(|node| self.pointers.child(node, index.to_string().as_bytes()));
            self.value(child, depth)?;
            self.blank();
            match self.peek()? {
                b',' => self.at += 1,
                b']' => break,
                _ => return None,
            }
        }
        self.expect(b']')
    }

    fn value(&mut self, node: Option<u16>, depth: u8) -> Option<()> {
        if let Some(node) = node {
            // Of equal keys the last one counts, with all below it.
            self.found.filled &= !self.pointers.below(node);
        }
        self.blank();
        match self.peek()? {
            b'"' => {
                self.at += 1;
                let (from, to, escaped) = self.string()?;
                self.fill(node, from, to, if escaped { Scalar::Escaped } else { Scalar::Plain });
            }
            b'{' => {
                self.at += 1;
                self.object(node, depth + 1)?;
            }
            b'[' => {
                self.at += 1;
                self.array(node, depth + 1)?;
            }
            b't' => self.word(b"true", node)?,
            b'f' => self.word(b"false", node)?,
            b'n' => self.word(b"null", None)?,
            b'-' | b'0'..=b'9' => {
                let from = self.at;
                self.number()?;
                self.fill(node, from, self.at, Scalar::Bare);
            }
            _ => return None,
        }
        Some(())
    }

    #[inline]
    fn fill(&mut self, node: Option<u16>, from: usize, to: usize, scalar: Scalar) {
        let Some(node) = node else { return };
        let mut slots = self.pointers.here(node);
        self.found.filled |= slots;
        while slots != 0 {
            if let Some(span) = self.found.spans.get_mut(slots.trailing_zeros() as usize) {
                *span = (from as u32, to as u32, scalar);
            }
            slots &= slots - 1;
        }
    }

    fn word(&mut self, word: &[u8], node: Option<u16>) -> Option<()> {
        let from = self.at;
        self.bytes.get(from..from + word.len()).filter(|found| *found == word)?;
        self.at += word.len();
        self.fill(node, from, self.at, Scalar::Bare);
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let from = self.at;
        let _minus = self.expect(b'-');
        if self.expect(b'0').is_none() {
            self.digits()?;
        }
        if self.expect(b'.').is_some() {
            self.digits()?;
        }
        let rare = matches!(self.peek(), Some(b'e' | b'E' | b'0'..=b'9')) || self.at - from > MAX_NUMBER;
        (!rare).then_some(())
    }

    fn digits(&mut self) -> Option<()> {
        let from = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > from).then_some(())
    }

    /// After the opening quote: the range up to the closing one, and whether there are escapes in it.
    #[inline]
    fn string(&mut self) -> Option<(usize, usize, bool)> {
        let from = self.at;
        let mut escaped = false;
        loop {
            while let Some(chunk) = self.bytes.get(self.at..self.at + 8) {
                let special = special(u64::from_le_bytes(chunk.try_into().ok()?));
                if special != 0 {
                    self.at += (special.trailing_zeros() / 8) as usize;
                    break;
                }
                self.at += 8;
            }
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some((from, self.at - 1, escaped));
                }
                b'\\' => {
                    escaped = true;
                    self.escape()?;
                }
                0..=0x1f => return None,
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        self.at += 1;
        match self.peek()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 1,
            b'u' => {
                let hex = self.bytes.get(self.at + 1..self.at + 5)?;
                let plain = hex.iter().all(u8::is_ascii_hexdigit);
                // Surrogates come in pairs; whether these do is left to `serde_json`.
                if !plain || hex.first().is_some_and(|digit| digit.eq_ignore_ascii_case(&b'd')) {
                    return None;
                }
                self.at += 5;
            }
            _ => return None,
        }
        Some(())
    }
}

/// The high bit of each byte that is a quote, a backslash or a control character; bits above the lowest such byte
/// may be wrong (borrows run upward only). The tricks are those of "Bit Twiddling Hacks" (haszero, hasless).
#[inline]
fn special(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let quote = zero(word ^ (ONES * u64::from(b'"')));
    let backslash = zero(word ^ (ONES * u64::from(b'\\')));
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (quote | backslash | control) & HIGHS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specials_are_found_at_their_first_byte() {
        for byte in 0..=255_u8 {
            for place in 0..8 {
                let mut chunk = *b"abcdefgh";
                chunk[place] = byte;
                let hit = special(u64::from_le_bytes(chunk));
                let expected = matches!(byte, b'"' | b'\\' | 0..=0x1f);
                assert_eq!(hit != 0, expected, "{byte:#x}");
                if expected {
                    assert_eq!((hit.trailing_zeros() / 8) as usize, place);
                }
            }
        }
    }
}
