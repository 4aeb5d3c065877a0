//! Ids held in place: a run table that never allocates once it is warm.

use crate::domain::Clean;

/// Bytes kept; a UUID has 36.
const ROOM: usize = 39;

/// The beginning of a text from outside; not scrubbed before it is shown as [`Clean`].
#[derive(Debug, Clone, Copy)]
pub struct Short {
    len: u8,
    bytes: [u8; ROOM],
}

impl Default for Short {
    fn default() -> Self {
        Self { len: 0, bytes: [0; ROOM] }
    }
}

impl Short {
    /// As much of `text` as fits.
    pub fn new(text: &str) -> Self {
        let mut short = Self::default();
        let kept = &text.as_bytes()[..text.floor_char_boundary(ROOM)];
        short.bytes[..kept.len()].copy_from_slice(kept);
        short.len = kept.len() as u8;
        short
    }

    /// Scrubbed, for the screen.
    pub fn clean(&self) -> Clean {
        Clean::from_bytes(&self.bytes[..usize::from(self.len)])
    }
}

/// A text's identity in 64 bits.
pub fn hash(text: &str) -> u64 {
    use std::hash::Hasher;
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// Equality that looks at the end first, where the names of one family differ.
pub fn same(known: &str, name: &str) -> bool {
    known.len() == name.len() && known.as_bytes().last() == name.as_bytes().last() && known == name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_id_is_cut_between_characters() {
        assert_eq!(&*Short::new("c41e").clean(), "c41e");
        assert_eq!(&*Short::new(&"é".repeat(30)).clean(), "é".repeat(19));
        assert_eq!(&*Short::new("a\x1b[2J").clean(), "a·[2J");
        assert_ne!(hash("a"), hash("b"));
    }
}
