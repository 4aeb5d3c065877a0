//! Finds the fields of an event in one walk over its JSON text, without building anything.
//!
//! It takes any order of keys and any nesting, and knows the whole grammar; where it meets something rare (an escape
//! in a key, an exponent, deep nesting) or something wrong it gives up and `serde_json` decides. So it may refuse what
//! is valid, but never accept what `serde_json` refuses: a property test holds it to that.

#![expect(
    clippy::inline_always,
    reason = "per byte of every event; measured: without it the calls cost more than the work"
)]

use super::pointers::{MAX_SLOTS, Pointers, ROOT};

/// Nesting followed; `serde_json` refuses 128.
const MAX_DEPTH: u8 = 100;
/// Digits of a number followed; longer ones may be out of the range of a double.
const MAX_NUMBER: usize = 40;

/// Bytes looked at together.
const BLOCK: usize = 64;

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
    pub(super) filled: u64,
    /// Whether one of the filled has escapes.
    pub(super) escaped: bool,
    spans: [(u32, u32, Scalar); MAX_SLOTS],
}

impl Default for Found {
    fn default() -> Self {
        Self { filled: 0, escaped: false, spans: [(0, 0, Scalar::Plain); MAX_SLOTS] }
    }
}

impl Found {
    /// The first slot of `mask` that is filled.
    pub(super) fn first<'a>(&self, mask: u64, text: &'a str) -> Option<(&'a str, Scalar)> {
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
    (found.filled, found.escaped) = (0, false);
    let mut scanner =
        Scanner { bytes: text.as_bytes(), at: 0, block: usize::MAX, specials: 0, pointers, found };
    scanner.punctuation(b'{')?;
    scanner.object(Some(ROOT), 0)?;
    scanner.token().is_none().then_some(())
}

struct Scanner<'a, 'p> {
    bytes: &'a [u8],
    at: usize,
    /// The block whose special bytes are known, and which they are.
    block: usize,
    specials: u64,
    pointers: &'p Pointers,
    found: &'p mut Found,
}

impl Scanner<'_, '_> {
    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The next byte that is no white space; `None` at the end.
    #[inline(always)]
    fn token(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        if byte > b' ' { Some(byte) } else { self.after_blanks() }
    }

    #[cold]
    fn after_blanks(&mut self) -> Option<u8> {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        self.peek()
    }

    #[inline(always)]
    fn punctuation(&mut self, byte: u8) -> Option<()> {
        (self.token()? == byte).then(|| self.at += 1)
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
        if self.punctuation(b'}').is_some() {
            return Some(());
        }
        loop {
            self.punctuation(b'"')?;
            let (from, to, escaped) = self.string()?;
            if escaped {
                return None;
            }
            let child = node.and_then(|node| self.pointers.child(node, self.bytes, from..to));
            self.punctuation(b':')?;
            self.value(child, depth)?;
            match self.token()? {
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
        if self.punctuation(b']').is_some() {
            return Some(());
        }
        for index in 0_usize.. {
            let child = node.and_then(|node| {
                let key = index.to_string();
                self.pointers.child(node, key.as_bytes(), 0..key.len())
            });
            self.value(child, depth)?;
            match self.token()? {
                b',' => self.at += 1,
                b']' => break,
                _ => return None,
            }
        }
        self.expect(b']')
    }

    #[inline(always)]
    fn value(&mut self, node: Option<u16>, depth: u8) -> Option<()> {
        if let Some(node) = node {
            // Of equal keys the last one counts, with all below it.
            self.found.filled &= !self.pointers.below(node);
        }
        if self.token()? != b'"' {
            return self.no_string(node, depth);
        }
        self.at += 1;
        let (from, to, escaped) = self.string()?;
        self.fill(node, from, to, if escaped { Scalar::Escaped } else { Scalar::Plain });
        Some(())
    }

    fn no_string(&mut self, node: Option<u16>, depth: u8) -> Option<()> {
        match self.peek()? {
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

    #[inline(always)]
    fn fill(&mut self, node: Option<u16>, from: usize, to: usize, scalar: Scalar) {
        let Some(node) = node else { return };
        let mut slots = self.pointers.here(node);
        self.found.filled |= slots;
        self.found.escaped |= slots != 0 && scalar == Scalar::Escaped;
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
    #[inline(always)]
    fn string(&mut self) -> Option<(usize, usize, bool)> {
        let from = self.at;
        let mut escaped = false;
        loop {
            self.at = self.next_special()?;
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some((from, self.at - 1, escaped));
                }
                b'\\' => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return None,
            }
        }
    }

    /// Where the next quote, backslash or control character is.
    #[inline(always)]
    fn next_special(&mut self) -> Option<usize> {
        let mut block = self.at / BLOCK;
        if block != self.block {
            self.look(block)?;
        }
        let rest = self.specials >> (self.at % BLOCK);
        if rest != 0 {
            return Some(self.at + rest.trailing_zeros() as usize);
        }
        loop {
            block += 1;
            self.look(block)?;
            if self.specials != 0 {
                return Some(block * BLOCK + self.specials.trailing_zeros() as usize);
            }
        }
    }

    fn look(&mut self, block: usize) -> Option<()> {
        let rest = self.bytes.get(block * BLOCK..).filter(|rest| !rest.is_empty())?;
        self.block = block;
        self.specials = rest.first_chunk().map_or_else(
            || {
                let mut padded = [b' '; BLOCK];
                padded[..rest.len()].copy_from_slice(rest);
                specials(&padded)
            },
            specials,
        );
        Some(())
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

/// A bit for each byte that is a quote, a backslash or a control character. Compilers turn the first loop into vector
/// instructions; the product gathers eight bytes of 0 or 1 into eight bits.
#[inline]
#[expect(clippy::needless_bitwise_bool, reason = "no branch a byte, or the compiler cannot use vectors")]
fn specials(block: &[u8; BLOCK]) -> u64 {
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let mut flags = [0; BLOCK];
    for (flag, &byte) in flags.iter_mut().zip(block) {
        *flag = u8::from((byte == b'"') | (byte == b'\\') | (byte < 0x20));
    }
    let eights = flags.as_chunks().0.iter().enumerate();
    eights.fold(0, |bits, (nth, eight)| {
        bits | (u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56) << (nth * 8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specials_are_found_where_they_are() {
        for byte in 0..=255_u8 {
            for place in 0..BLOCK {
                let mut block = [b'a'; BLOCK];
                block[place] = byte;
                block[(place + 17) % BLOCK] = b'"';
                let expected = u64::from(matches!(byte, b'"' | b'\\' | 0..=0x1f)) << place;
                assert_eq!(specials(&block), expected | 1 << ((place + 17) % BLOCK), "{byte:#x}");
            }
        }
    }
}
