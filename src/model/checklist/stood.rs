//! What was said of an item before the newest: taking that back is one act, and leaves what others said, or the same person
//! said before, as it was.

use std::collections::BTreeMap;

use crate::domain::{Attestation, ItemId};

use super::Checklist;

/// Of an item that is said and taken back for days, so many are kept.
const MOST: usize = 16;

/// All that was said in this rollout and not taken back, by item and record, the newest too.
pub(super) type Stood = BTreeMap<ItemId, BTreeMap<u64, Attestation>>;

impl Checklist {
    /// The item stands as its newest record says.
    pub(super) fn speak(&mut self, item: ItemId, said: Attestation) {
        let Some(seq) = said.seq else {
            self.signed.insert(item, said);
            return;
        };
        let all = self.stood.entry(item.clone()).or_default();
        all.insert(seq, said);
        if all.len() > MOST {
            all.pop_first();
        }
        self.signed.extend(all.last_key_value().map(|(_, newest)| (item, newest.clone())));
    }

    /// One record was taken back: the item stands as the newest before it says. By its record: the item may have had another
    /// text, and so another identity, then.
    pub(super) fn unsay(&mut self, seq: u64) {
        for (item, all) in &mut self.stood {
            if all.remove(&seq).is_none() {
                continue;
            }
            match all.last_key_value() {
                Some((_, newest)) => self.signed.insert(item.clone(), newest.clone()),
                None => self.signed.remove(item),
            };
        }
        self.stood.retain(|_, all| !all.is_empty());
    }

    /// What the item stands as once the record `seq` is taken back, where something was said of it before.
    pub fn beneath(&self, seq: u64) -> Option<&Attestation> {
        let all = self.stood.values().find(|all| all.contains_key(&seq))?;
        all.iter().rev().find(|(of, _)| **of != seq).map(|(_, said)| said)
    }
}
