//! Who an item is: a hash of file, headings, text, and how often these stood before.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;
use sha2::{Digest, Sha256};

use crate::document::hex;
use crate::domain::{Clean, ItemId};

/// The identities that were given so far.
pub(super) struct Identities<'a> {
    name: &'a str,
    seen: HashMap<[u8; 32], u32, FxBuildHasher>,
}

impl<'a> Identities<'a> {
    /// None yet, in the file called `name`.
    pub(super) fn new(name: &'a str) -> Self {
        Self { name, seen: HashMap::default() }
    }

    /// The identity of the next item below `path` with `text`. Items with a box, in whatever form, are counted apart from all others, so that a
    /// reader that sees more of those changes nobody's identity.
    pub(super) fn of(&mut self, path: &[Clean], text: &str, is_task: bool) -> ItemId {
        let mut hash = Sha256::new();
        hash.update(self.name);
        for heading in path {
            hash.update(b"\x1f");
            hash.update(heading.as_bytes());
        }
        hash.update(if is_task { b"\x1e" } else { b"\x1d" });
        hash.update(text);
        let alike: [u8; 32] = hash.finalize().into();
        let ordinal = self.seen.entry(alike).or_default();
        let whole = Sha256::new().chain_update(alike).chain_update(ordinal.to_be_bytes()).finalize();
        *ordinal += 1;
        ItemId(hex(whole.get(..6).unwrap_or_default()))
    }
}
