//! Ids held in place: a run table that never allocates once it is warm.

use crate::domain::Clean;

/// Bytes kept; a UUID has 36.
const ROOM: usize = 39;

/// Stands for the middle of a text that is longer.
const GAP: &str = "…";

/// A text from outside, a long one without its middle: ids differ at their ends. Not scrubbed before it is shown as
/// [`Clean`].
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
        if text.len() <= ROOM {
            short.push(text.as_bytes());
            return short;
        }
        let each = (ROOM - GAP.len()) / 2;
        let (begin, end) = (text.floor_char_boundary(each), text.ceil_char_boundary(text.len() - each));
        short.push(&text.as_bytes()[..begin]);
        short.push(GAP.as_bytes());
        short.push(&text.as_bytes()[end..]);
        short
    }

    /// The parts together fit.
    fn push(&mut self, part: &[u8]) {
        let from = usize::from(self.len);
        self.bytes[from..from + part.len()].copy_from_slice(part);
        self.len += part.len() as u8;
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
    fn a_long_id_loses_its_middle_between_characters() {
        assert_eq!(&*Short::new("c41e").clean(), "c41e");
        assert_eq!(&*Short::new(&"a".repeat(39)).clean(), "a".repeat(39));
        assert_eq!(&*Short::new(&"é".repeat(30)).clean(), format!("{0}…{0}", "é".repeat(9)));
        assert_eq!(&*Short::new(&"日".repeat(14)).clean(), format!("{0}…{0}", "日".repeat(6)));
        let nightly = |n: u32| Short::new(&format!("projects/chat/runs/nightly-of-november/bk-{n}"));
        assert_eq!(&*nightly(187).clean(), "projects/chat/runs…of-november/bk-187");
        assert_ne!(nightly(187).clean(), nightly(188).clean());
        assert_eq!(&*Short::new("a\x1b[2J").clean(), "a·[2J");
        assert_ne!(hash("a"), hash("b"));
    }
}
