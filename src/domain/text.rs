//! Text from outside, scrubbed once where it enters.
//!
//! A [`Clean`] holds no C0 or C1 control, no DEL, no bidirectional control, no zero-width joiner trick and no
//! U+FE0F, so it can be drawn, journaled and printed. Every string of outside origin that reaches the model is
//! a `Clean`; there is no way to make one around the scrubbing.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize};

/// The longest text kept from one outside field, in bytes; the rest is cut and marked with `…`.
pub const MAX_BYTES: usize = 4096;

/// What a text ends with that is not shown as it is.
const MARK: &str = " (not shown as it is)";

/// A scrubbed piece of outside text on one line.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub struct Clean(Box<str>);

impl Clean {
    /// Scrubs `raw`: line breaks and tabs become one space, other control and bidirectional characters become
    /// `·`, U+FE0F and other invisible format characters are dropped; cut at [`MAX_BYTES`].
    pub fn new(raw: &str) -> Self {
        if raw.len() <= MAX_BYTES && raw.bytes().all(|b| (0x20..0x7f).contains(&b)) {
            return Self(raw.into());
        }
        let mut out = String::with_capacity(raw.len().min(MAX_BYTES + 4));
        for c in raw.chars() {
            if out.len() >= MAX_BYTES {
                out.push('…');
                break;
            }
            match class(c) {
                Class::Plain => out.push(c),
                Class::Space => out.push(' '),
                Class::Control => out.push('·'),
                Class::Invisible => {}
            }
        }
        Self(out.into())
    }

    /// The same, and says at its end where that changed anything: what is shown then is not the text itself, and must
    /// not be sent in its place.
    pub fn marked(raw: &str) -> Self {
        let mut clean = Self::new(raw);
        if clean.as_str() != raw {
            let mut text = clean.0.into_string();
            // The mark must stay where it is read again.
            text.truncate(text.floor_char_boundary(MAX_BYTES - MARK.len()));
            clean = Self((text + MARK).into());
        }
        clean
    }

    /// Whether it is marked so.
    pub fn is_marked(&self) -> bool {
        self.0.ends_with(MARK)
    }

    /// Scrubs bytes that should be UTF-8; what is not becomes `U+FFFD`.
    pub fn from_bytes(raw: &[u8]) -> Self {
        Self::new(&String::from_utf8_lossy(raw))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

enum Class {
    Plain,
    Space,
    Control,
    Invisible,
}

fn class(c: char) -> Class {
    match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => Class::Space,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => Class::Control,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' => {
            Class::Control
        }
        '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{feff}' => {
            Class::Invisible
        }
        '\u{fe00}'..='\u{fe0f}' | '\u{ad}' | '\u{180e}' | '\u{e0000}'..='\u{e0fff}' => Class::Invisible,
        _ => Class::Plain,
    }
}

impl Deref for Clean {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<&str> for Clean {
    fn from(raw: &str) -> Self {
        Self::new(raw)
    }
}

impl From<String> for Clean {
    fn from(raw: String) -> Self {
        Self::new(&raw)
    }
}

impl<'de> Deserialize<'de> for Clean {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self::new(&String::deserialize(from)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_loses_its_teeth_and_keeps_its_words() {
        assert_eq!(&*Clean::new("plain text"), "plain text");
        assert_eq!(&*Clean::new("a\x1b[31mred\x07"), "a·[31mred·");
        assert_eq!(&*Clean::new("osc\u{9d}52;c;Zm9v\u{9c}"), "osc·52;c;Zm9v·");
        assert_eq!(&*Clean::new("line\nbreak\tand nul\0"), "line break and nul·");
        assert_eq!(&*Clean::new("rev\u{202e}lasrever"), "rev·lasrever");
        assert_eq!(&*Clean::new("✔\u{fe0f} ok\u{200b}"), "✔ ok");
        assert_eq!(&*Clean::from_bytes(b"bad \xff utf8"), "bad \u{fffd} utf8");
    }

    #[test]
    fn what_is_not_the_text_itself_says_so_also_when_read_again() {
        assert!(!Clean::marked("plain, und ä").is_marked());
        for raw in ["two\nlines".to_owned(), "x\u{200b}".to_owned(), "ä".repeat(MAX_BYTES)] {
            let marked = Clean::marked(&raw);
            assert!(marked.is_marked() && marked.len() <= MAX_BYTES, "{}", marked.len());
            assert_eq!(Clean::new(&marked), marked);
        }
    }

    #[test]
    fn length_is_bounded() {
        let clean = Clean::new(&"x".repeat(MAX_BYTES * 3));
        assert_eq!(clean.len(), MAX_BYTES + '…'.len_utf8());
    }
}
