//! The items that a person names: by an id, the beginning of it, a text, or a part of the text that no other has.

use super::Checklist;
use crate::domain::Item;

/// As few characters of an id, or of a text in letters of the alphabet, name an item.
const SHORTEST: usize = 4;

impl Checklist {
    /// The items that `wanted` names: only of one it is clear which is meant.
    pub fn named(&self, wanted: &str) -> Vec<&Item> {
        let plain_wanted = plain(wanted);
        let is = |item: &&Item| item.id.0 == wanted.trim() || plain(&item.text) == plain_wanted;
        let found: Vec<&Item> = self.items().filter(is).collect();
        if !found.is_empty() || !is_long_enough(&plain_wanted) {
            return found;
        }
        // A word can be the beginning of an id by chance: then both are meant, and neither is taken.
        let begins = |item: &Item| item.id.0.starts_with(wanted.trim()) && wanted.trim().len() >= SHORTEST;
        let fits = |item: &&Item| begins(item) || plain(&item.text).contains(&plain_wanted);
        self.items().filter(fits).collect()
    }
}

/// Without case, and with one space where there are several.
pub fn plain(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// Whether a part of a text says enough to name it; letters of other scripts say more each.
pub fn is_long_enough(text: &str) -> bool {
    let count = text.chars().count();
    count >= SHORTEST || (count >= 2 && !text.is_ascii())
}
