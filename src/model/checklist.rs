//! Checklists: what the files ask for, and who said what of which item.
//!
//! An item stands as its newest record says, unless that has lapsed. What this console said shows at once, before the
//! journal has it, and goes away again if the journal refuses it. `[x]` in the file is a claim and counts for nothing
//! until a person attests it here.

mod elsewhere;
mod gone;
mod grounds;
mod lapse;
mod listing;
pub mod named;
mod outline;
mod rollouts;
mod rows;
mod rules;
mod show;
mod state;
mod stood;
mod tally;
mod twins;
mod windows;

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{
    Attestation, Clean, Document, Entry, Evidence, Item, ItemId, Mark, Place, ProofKind, Record, Rollout,
    Signing,
};

use super::msg::Token;

pub use elsewhere::Elsewhere;
use lapse::Facts;
pub use lapse::Surroundings;
pub use listing::{Anchor, Listing, Reader, Row};
pub use outline::{Heading, Outline};
pub use rollouts::Rollouts;
pub use rules::{CRITERION, Obstacle, Person, TRIGGER, over};
pub use show::Show;
pub use state::{ItemState, Progress};
use stood::Stood;
pub use tally::{Standing, Tally};
pub use windows::DueWindow;

/// The sub-state.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Checklist {
    documents: Vec<Document>,
    problems: Vec<Clean>,
    read: bool,
    /// What was said, by item; also of items that are in no document any more.
    signed: BTreeMap<ItemId, Attestation>,
    stood: Stood,
    /// For which images the attestations of these records are that name none: what was recorded as the candidate then,
    /// else what came first after it.
    assumed: BTreeMap<u64, BTreeMap<String, Clean>>,
    /// Attestations that lapsed for good, by their record, and why.
    lapses: BTreeMap<u64, Clean>,
    /// Items whose machine tick a person took back: the room does not tick them again by itself.
    taken_back: BTreeSet<ItemId>,
    rollouts: Rollouts,
    /// Triggers of stages that have not begun, with the stage.
    waits: BTreeMap<ItemId, Clean>,
    /// Triggers of stages before, with what a later one says instead.
    replaced: BTreeMap<ItemId, Clean>,
    pending: BTreeMap<Token, (ItemId, Attestation)>,
    facts: Facts,
    /// Documents or records came since the last look.
    stale: bool,
    listing: Listing,
    /// Something changed since the rows were made.
    touched: bool,
}

impl Checklist {
    /// The files were read (again). Ticks stay: they belong to items, not to a reading.
    pub fn documents_read(&mut self, documents: Vec<Document>, problems: Vec<Clean>) {
        self.touched = true;
        self.listing.read(&documents);
        self.documents = documents;
        self.problems = problems;
        self.read = true;
        self.stale = true;
    }

    /// These triggers wait for their stages, and of these a later one says something else.
    pub fn wait(&mut self, waits: BTreeMap<ItemId, Clean>, replaced: BTreeMap<ItemId, Clean>) {
        self.touched |= self.waits != waits || self.replaced != replaced;
        (self.waits, self.replaced) = (waits, replaced);
    }

    /// The rules are others now: what items rest on is looked for again.
    pub fn rules_changed(&mut self) {
        self.stale = true;
    }

    /// Takes in a record, own or another's.
    pub fn record(&mut self, record: &Record) {
        self.touched = true;
        if self.rollouts.record(record) {
            self.signed.clear();
            self.stood.clear();
            self.lapses.clear();
            self.taken_back.clear();
            self.assumed.clear();
        }
        self.assume(record);
        if let Some((item, said)) = record.attestation() {
            let item = ItemId(item.to_owned());
            if !said.is_machine() {
                self.taken_back.remove(&item);
            }
            self.facts.lapsed.remove(&item);
            self.facts.moved.remove(&item);
            self.speak(item, said);
            self.stale = true;
        } else if let Entry::Unticked { item, seq, .. } = &record.entry {
            let item = ItemId(item.clone());
            if self.signed.values().any(|said| said.seq == Some(*seq) && said.is_machine()) {
                self.taken_back.insert(item);
            }
            self.unsay(*seq);
            self.stale = true;
        } else if let Entry::Lapsed { seq, why, .. } = &record.entry {
            self.lapses.insert(*seq, why.clone());
        }
    }

    /// What is said without an image is for what is rolled out then; before that is known, for what comes first.
    fn assume(&mut self, record: &Record) {
        if record.attestation().is_some() {
            let candidates = self.rollouts.candidates();
            let images = candidates.into_iter().map(|(service, seen)| (service, seen.image)).collect();
            self.assumed.insert(record.seq, images);
        } else if let Entry::Candidate { service, seen, .. } = &record.entry {
            for images in self.assumed.values_mut() {
                images.entry(service.clone()).or_insert_with(|| seen.image.clone());
            }
        }
    }

    /// Something was sent to the journal: it shows at once.
    pub fn ticked(&mut self, token: Token, item: ItemId, said: Attestation) {
        self.touched = true;
        self.pending.insert(token, (item, said));
    }

    /// The journal took the draft: it stands, also before its record is read back.
    pub fn journaled(&mut self, token: Token, seq: u64) {
        if let Some((item, said)) = self.pending.remove(&token) {
            self.touched = true;
            let newer = self.signed.get(&item).is_some_and(|known| known.seq >= Some(seq));
            if !newer {
                self.facts.lapsed.remove(&item);
                self.speak(item, Attestation { seq: Some(seq), ..said });
            }
        }
    }

    /// The journal refused the draft: what was said does not stand.
    pub fn refused(&mut self, token: Token) {
        self.touched |= self.pending.remove(&token).is_some();
    }

    /// The documents.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// Files that could not be read, and why.
    pub fn problems(&self) -> &[Clean] {
        &self.problems
    }

    /// Whether the files were read at all.
    pub fn is_read(&self) -> bool {
        self.read
    }

    /// The rollout that what is said belongs to, if one began.
    pub fn rollout(&self) -> Option<&Rollout> {
        self.rollouts.current()
    }

    /// All rollouts.
    pub fn rollouts(&self) -> &Rollouts {
        &self.rollouts
    }

    /// All items in file order.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.documents.iter().flat_map(|doc| &doc.sections).flat_map(|section| &section.items)
    }

    /// The item of this identity.
    pub fn find(&self, id: &ItemId) -> Option<&Item> {
        self.items().find(|item| item.id == *id)
    }

    /// What a machine says of an item that is bound to something.
    pub fn proof(&self, item: &ItemId) -> Option<&Evidence> {
        self.facts.proofs.get(item)
    }

    /// What `item` rests on: the names of conditions or gates.
    pub fn rests_on(&self, item: &ItemId) -> impl Iterator<Item = (ProofKind, &str)> {
        self.facts.bound.get(item).into_iter().flat_map(lapse::Bound::each)
    }

    /// Everything that was said in this rollout and not taken back, lapsed or not.
    pub fn said(&self) -> impl Iterator<Item = &Attestation> {
        self.signed.values()
    }

    /// What people say happened, although it asks for a rollback: also of items that were taken out of the file since.
    pub fn happened(&self) -> impl Iterator<Item = &Attestation> {
        let holds = |(id, said): &(&ItemId, &Attestation)| {
            said.mark == Mark::Happened && !self.facts.lapsed.contains_key(*id)
        };
        let known = |id: &ItemId| self.signed.get(id).is_some_and(|said| said.mark == Mark::Happened);
        let waiting = self.pending.values().filter(move |(id, _)| !known(id)).map(|(_, said)| said);
        let waiting = waiting.filter(|said| said.mark == Mark::Happened);
        self.signed.iter().filter(holds).map(|(_, said)| said).chain(waiting)
    }

    /// Items that the room would tick now by itself, with what they rest on.
    pub fn self_ticking(&self) -> Vec<(Item, Evidence)> {
        let due = |item: &&Item| {
            let itself = self.facts.bound.get(&item.id).is_some_and(|bound| bound.ticks_itself);
            itself && !self.taken_back.contains(&item.id) && rules::may_tick_itself(item)
        };
        let open = self.items().filter(due).filter(|item| match self.state(item) {
            ItemState::Proposed(_) => true,
            ItemState::Lapsed { was, .. } => was.is_machine(),
            _ => false,
        });
        open.filter_map(|item| {
            let proof = self.facts.proofs.get(&item.id).filter(|proof| proof.good == Some(true))?;
            // What lapsed asks for another run: the one that it rested on is not asked again.
            let was = self.signed.get(&item.id).and_then(|said| said.seq);
            let stale = was.is_some() && proof.kind == ProofKind::Gate && proof.record < was;
            (!stale).then(|| (item.clone(), proof.clone()))
        })
        .collect()
    }

    /// Whether a record for an item that rests on a gate, by one of `names`, is still owed as of the last look: a tick that
    /// the room gives by itself, or one that is on its way to the journal.
    pub fn owes(&self, names: &[&str]) -> bool {
        let rests = |id: &ItemId| {
            let bound = self.facts.bound.get(id);
            bound.is_some_and(|bound| {
                bound.each().any(|(kind, name)| kind == ProofKind::Gate && names.contains(&name))
            })
        };
        self.pending.values().any(|(id, _)| rests(id))
            || self.self_ticking().iter().any(|(item, _)| rests(&item.id))
    }

    /// Attestations whose evidence is bad now and that no record calls lapsed: item, text, record, why.
    pub fn newly_bad(&self) -> Vec<(ItemId, Clean, u64, Clean)> {
        let bad = |id: &ItemId| self.facts.proofs.get(id).is_some_and(|proof| proof.good == Some(false));
        let each = |(id, said): (&ItemId, &Attestation)| {
            let seq = said.seq.filter(|seq| !self.lapses.contains_key(seq))?;
            let holds = matches!(said.mark, Mark::Done | Mark::Met) && bad(id);
            let why = self.facts.lapsed.get(id).filter(|_| holds)?;
            Some((id.clone(), said.text.clone(), seq, why.clone()))
        };
        self.signed.iter().filter_map(each).collect()
    }

    /// A lapse was sent to the journal: it is not sent again.
    pub fn lapse_sent(&mut self, seq: u64, why: Clean) {
        self.lapses.insert(seq, why);
    }

    /// What an attestation of `item` rests on, as of now.
    pub fn signing(&self, item: &Item) -> Signing {
        let mut signing = Signing { images: BTreeMap::new(), ..Signing::default() };
        for document in &self.documents {
            for section in &document.sections {
                if let Some(index) = section.items.iter().position(|known| known.id == item.id) {
                    signing.document = Some(document.sha256.clone());
                    signing.grounds = grounds::of(document, item);
                    signing.place = Some(Place {
                        document: document.path.clone(),
                        section: section.path.clone(),
                        index: u32::try_from(index).unwrap_or(u32::MAX),
                        line: item.line,
                        alike: twins::count(document, section, item),
                        beside: twins::beside(document, section, index),
                    });
                }
            }
        }
        signing.evidence = self.facts.proofs.get(&item.id).cloned().into_iter().collect();
        signing
    }

    /// The newest thing that `operator` said and that stands: its item, the item's text, the record.
    pub fn last_by(&self, operator: &Clean) -> Result<(ItemId, Clean, u64), Obstacle> {
        if self.pending.values().any(|(_, said)| said.by == *operator) {
            return Err(Obstacle::Unwritten);
        }
        let mine = self.signed.iter().filter(|(_, said)| said.by == *operator);
        let (item, said) = mine.max_by_key(|(_, said)| said.seq).ok_or(Obstacle::NothingToUndo)?;
        let seq = said.seq.ok_or(Obstacle::Unwritten)?;
        let text = self.find(item).map_or_else(|| said.text.clone(), |item| item.text.clone());
        Ok((item.clone(), text, seq))
    }
}

#[cfg(test)]
mod refusal_tests;
#[cfg(test)]
mod signing_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod twin_tests;
