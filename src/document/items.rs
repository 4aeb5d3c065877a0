//! Items: which blocks are something to sign off, in which section, and who they are.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::blocks::{Block, Blocks, Kind, Text};
use super::stored::Stored;
use super::{hex, marks};
use crate::domain::plan::Counts;
use crate::domain::{Clean, Item, ItemId, Meaning, Section};

/// The items of a document.
#[derive(Debug, Default)]
pub(super) struct Items {
    /// Sections that have items, in file order.
    pub(super) sections: Vec<Section>,
    /// Which blocks are items: from their place in [`Blocks::list`].
    #[allow(dead_code, reason = "commands and thresholds will name their items by it")]
    pub(super) ids: HashMap<usize, ItemId>,
}

/// The items of the file called `name`.
pub(super) fn find(name: &str, blocks: &Blocks, stored: &Stored) -> Items {
    let mut identities = Identities { name, seen: HashMap::new() };
    let mut ids = HashMap::new();
    let mut sections: Vec<(Option<usize>, Section)> = Vec::new();
    for (place, block) in blocks.list.iter().enumerate() {
        let Kind::Item { ticked: Some(claimed), depth, text, mark, .. } = &block.kind else { continue };
        if sections.last().is_none_or(|(head, _)| *head != block.head) {
            let line = block.head.and_then(|head| blocks.heads.get(head)).map_or(0, |head| head.line);
            let path = blocks.path(block.head);
            sections.push((block.head, Section { path, line, items: Vec::new() }));
        }
        let Some((_, section)) = sections.last_mut() else { continue };
        let id = identities.of(&section.path, &text.plain);
        ids.insert(place, id.clone());
        let mut item = item(id, block, text, *depth, *claimed);
        item.mark = mark.as_ref().and_then(|mark| stored.span(mark));
        section.items.push(item);
    }
    Items { sections: sections.into_iter().map(|(_, section)| section).collect(), ids }
}

impl Items {
    /// All items, in file order.
    pub(super) fn all(&self) -> impl Iterator<Item = &Item> {
        self.sections.iter().flat_map(|section| &section.items)
    }

    /// Counts those with a box.
    pub(super) fn count(&self, counts: &mut Counts) {
        for item in self.all().filter(|item| !item.inferred) {
            counts.items += 1;
            counts.checked += u32::from(item.claimed);
            counts.conditions += u32::from(matches!(item.meaning, Meaning::Trigger | Meaning::Criterion));
        }
    }
}

fn item(id: ItemId, block: &Block, text: &Text, depth: u8, claimed: bool) -> Item {
    Item {
        id,
        line: block.line,
        text: text.plain.clone(),
        depth,
        claimed,
        required: marks::is_required(&text.plain),
        owner: marks::owner(&text.plain).map(Clean::new),
        meaning: Meaning::Work,
        inferred: false,
        fields: Vec::new(),
        mark: None,
    }
}

/// Who an item is: a hash of file, headings, text, and how often these stood before.
struct Identities<'a> {
    name: &'a str,
    seen: HashMap<[u8; 32], u32>,
}

impl Identities<'_> {
    fn of(&mut self, path: &[Clean], text: &str) -> ItemId {
        let mut hash = Sha256::new();
        hash.update(self.name);
        for heading in path {
            hash.update(b"\x1f");
            hash.update(heading.as_bytes());
        }
        hash.update(b"\x1e");
        hash.update(text);
        let alike: [u8; 32] = hash.finalize().into();
        let ordinal = self.seen.entry(alike).or_default();
        let mut id = hex(&Sha256::digest([&alike[..], &ordinal.to_be_bytes()[..]].concat()));
        *ordinal += 1;
        id.truncate(12);
        ItemId(id)
    }
}
