//! What follows for the items from the time, the traffic and the room's own facts: which attestations do not hold any
//! more and why, what is bound to what, and what is due.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::domain::plan::CommandKind;
use crate::domain::revision::short_digest;
use crate::domain::rollout::Seen;
use crate::domain::room::{Binding, SignOffSpec};
use crate::domain::{Attestation, Clean, Document, Evidence, Item, ItemId, Mark, Meaning, ProofKind, Wall};

use super::{Checklist, gone, twins};

/// Of how many words two texts must share for one to be the other, changed: as parts of all their words.
const ALIKE: f64 = 0.3;

/// What the items are judged by.
pub struct Surroundings<'a> {
    /// The rules.
    pub rules: &'a SignOffSpec,
    /// The time.
    pub now: Wall,
    /// What each service rolls out, as this console sees it; what it does not see is as recorded.
    pub candidates: &'a BTreeMap<String, Seen>,
    /// What a condition or a gate of this name says now; `None`: there is none.
    pub proof: &'a dyn Fn(ProofKind, &str) -> Option<Evidence>,
}

/// What follows, as of the last look.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Facts {
    /// Attestations that do not hold, and why.
    pub(super) lapsed: BTreeMap<ItemId, Clean>,
    /// Items that were signed off when their text was another.
    pub(super) moved: BTreeMap<ItemId, (Attestation, Clean)>,
    /// Items of which it is not known whether that was said of them or of another with the same text.
    pub(super) confused: BTreeMap<ItemId, Clean>,
    /// Items that were signed off against something else than what stands there now.
    pub(super) regrounded: BTreeMap<ItemId, Clean>,
    /// What machines say of items.
    pub(super) proofs: BTreeMap<ItemId, Evidence>,
    /// What items are bound to.
    pub(super) bound: BTreeMap<ItemId, Bound>,
    /// Items for later.
    pub(super) later: BTreeMap<ItemId, Later>,
}

/// What an item rests on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Bound {
    /// All of them must be good.
    all: Vec<(ProofKind, String)>,
    pub(super) ticks_itself: bool,
}

impl Bound {
    /// Each of what it rests on.
    pub(super) fn each(&self) -> impl Iterator<Item = (ProofKind, &str)> {
        self.all.iter().map(|(kind, name)| (*kind, name.as_str()))
    }
}

/// Whether an item for later is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Later {
    pub(super) due: bool,
    pub(super) from: Option<Wall>,
    /// When its time was over, if it is.
    pub(super) over: Option<Wall>,
}

impl Checklist {
    /// Judges all items anew.
    pub fn settle(&mut self, around: &Surroundings<'_>) {
        let before = self.facts.clone();
        let mut facts = std::mem::take(&mut self.facts);
        if std::mem::take(&mut self.stale) {
            facts.bound = self.bound(around.rules);
            facts.moved = self.moved();
            facts.confused = self.confused();
            facts.regrounded = self.regrounded();
        }
        facts.proofs = BTreeMap::new();
        for (id, bound) in &facts.bound {
            let proofs = bound.each().filter_map(|(kind, name)| (around.proof)(kind, name));
            // The worst of them: bad, then not seen, then good.
            let rank = |proof: &Evidence| proof.good.map_or(1, |good| if good { 2 } else { 0 });
            facts.proofs.extend(proofs.min_by_key(rank).map(|proof| (id.clone(), proof)));
        }
        facts.later = self.later(around.now);
        facts.lapsed = BTreeMap::new();
        for (id, said) in &self.signed {
            let confused = facts.confused.get(id).or_else(|| facts.regrounded.get(id)).cloned();
            let why = confused.or_else(|| self.why_lapsed(id, said, facts.proofs.get(id), around));
            facts.lapsed.extend(why.map(|why| (id.clone(), why)));
        }
        self.touched |= facts != before;
        self.facts = facts;
    }

    fn why_lapsed(
        &self,
        id: &ItemId,
        said: &Attestation,
        proof: Option<&Evidence>,
        around: &Surroundings<'_>,
    ) -> Option<Clean> {
        let recorded = said.seq.and_then(|seq| self.lapses.get(&seq)).cloned();
        let bad = || {
            let proof = proof.filter(|proof| proof.good == Some(false))?;
            matches!(said.mark, Mark::Done | Mark::Met)
                .then(|| Clean::new(&format!("its evidence turned bad: {}", proof.words())))
        };
        recorded
            .or_else(|| self.other_candidate(said, around.candidates))
            .or_else(bad)
            .or_else(|| self.same_person(id, said, around.rules))
    }

    /// Another image is rolled out now. The revision's name says nothing: an environment variable changes it.
    fn other_candidate(&self, said: &Attestation, seen: &BTreeMap<String, Seen>) -> Option<Clean> {
        let recorded = self.rollouts.current().map(|rollout| &rollout.candidates);
        let assumed = said.seq.and_then(|seq| self.assumed.get(&seq)).into_iter().flatten();
        let assumed = assumed.filter(|(service, _)| !said.signing.images.contains_key(*service));
        said.signing.images.iter().chain(assumed).find_map(|(service, image)| {
            let now =
                seen.get(service).or_else(|| recorded?.get(service)).filter(|now| now.image != *image)?;
            let (was, now) = (short_digest(image), short_digest(&now.image));
            Some(Clean::new(&format!("the candidate changed: {was} → {now}")))
        })
    }

    fn same_person(&self, id: &ItemId, said: &Attestation, rules: &SignOffSpec) -> Option<Clean> {
        let by = said.signing.approval.as_ref().map_or(&said.by, |approval| &approval.by);
        let deploys = self.rollouts.current().is_some_and(|rollout| rollout.deploys(by));
        let signs_off = || self.find(id).is_some_and(|item| matches!(item.meaning, Meaning::SignOff { .. }));
        (rules.second_person && said.mark.settles() && deploys && signs_off())
            .then(|| Clean::new(&format!("{by} deploys too: a second person is asked")))
    }

    fn later(&self, now: Wall) -> BTreeMap<ItemId, Later> {
        let t0 = self.rollouts.current().and_then(|rollout| rollout.t0.as_ref()).map(|t0| t0.at);
        let each = |item: &Item| {
            let Meaning::Later { from_seconds, until_seconds } = item.meaning else { return None };
            let after = |seconds: u64| {
                let length = i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds)?;
                t0?.checked_add_signed(length)
            };
            let from = after(from_seconds.unwrap_or(0));
            let over = until_seconds.and_then(after).filter(|until| *until <= now);
            Some((item.id.clone(), Later { due: from.is_some_and(|from| from <= now), from, over }))
        };
        self.items().filter_map(each).collect()
    }

    /// What the config binds items to; else the gates that stand in an item, and the conditions that measure all of it.
    fn bound(&self, rules: &SignOffSpec) -> BTreeMap<ItemId, Bound> {
        let mut bound: BTreeMap<ItemId, Bound> = BTreeMap::new();
        for document in &self.documents {
            let gates = document.plan.commands.iter().filter(|command| command.kind == CommandKind::Gate);
            for (gate, item) in gates.filter_map(|gate| Some((gate, gate.item.clone()?))) {
                let ticks_itself = rules.gates_tick;
                let none = || Bound { all: Vec::new(), ticks_itself };
                bound.entry(item).or_insert_with(none).all.push((ProofKind::Gate, gate.id.clone()));
            }
            for section in &document.sections {
                for item in &section.items {
                    if let Some(names) = rules.measured.get(&item.id) {
                        let rests = bound.entry(item.id.clone()).or_default();
                        rests.ticks_itself = false;
                        rests.all.extend(names.iter().map(|name| (ProofKind::Condition, name.clone())));
                    }
                    let holds = |binding: &&Binding| binding.holds_for(&document.path, &section.path, item);
                    if let Some(Binding { kind, name, ticks_itself, .. }) = rules.bindings.iter().find(holds)
                    {
                        let (all, ticks_itself) = (vec![(*kind, name.clone())], *ticks_itself);
                        bound.insert(item.id.clone(), Bound { all, ticks_itself });
                    }
                }
            }
        }
        bound
    }

    /// What was said of items that are in no document any more is found again by its place: the most alike item below
    /// the same headings of which nothing was said; or the same text elsewhere in the document.
    fn moved(&self) -> BTreeMap<ItemId, (Attestation, Clean)> {
        let known: BTreeSet<&ItemId> = self.items().map(|item| &item.id).collect();
        let orphans = self.signed.iter().filter(|(id, said)| {
            !known.contains(id) && said.mark != Mark::Happened && said.signing.place.is_some()
        });
        let mut moved = BTreeMap::new();
        for (_, said) in orphans {
            let Some(place) = &said.signing.place else { continue };
            let Some(document) = self.documents.iter().find(|document| document.path == place.document)
            else {
                let free =
                    |item: &&Item| !self.signed.contains_key(&item.id) && !moved.contains_key(&item.id);
                let found = gone::found_again(&self.documents, place, said, &free);
                moved.extend(found.map(|(id, why)| (id, (said.clone(), why))));
                continue;
            };
            let free = |item: &&Item| !self.signed.contains_key(&item.id) && !moved.contains_key(&item.id);
            let found = if twins::are_left(document, place, said) {
                twins::asks(document, place, said, &free)
            } else {
                changed_text(document, &place.section, said, &free)
                    .or_else(|| moved_text(document, said, &free, &place.section))
            };
            moved.extend(found.map(|(id, why)| (id, (said.clone(), why))));
        }
        moved
    }
}

fn changed_text(
    document: &Document,
    path: &[Clean],
    said: &Attestation,
    free: &dyn Fn(&&Item) -> bool,
) -> Option<(ItemId, Clean)> {
    let sections = document.sections.iter().filter(|section| section.path == path);
    let candidates = sections.flat_map(|section| &section.items).filter(free);
    let alike = candidates.map(|item| (likeness(&item.text, &said.text), item));
    let (_, item) = alike.filter(|(alike, _)| *alike >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some((item.id.clone(), Clean::new(&format!("its text changed, was: {}", said.text))))
}

fn moved_text(
    document: &Document,
    said: &Attestation,
    free: &dyn Fn(&&Item) -> bool,
    was: &[Clean],
) -> Option<(ItemId, Clean)> {
    let sections = document.sections.iter();
    let mut items = sections.flat_map(|section| section.items.iter().map(|item| (&section.path, item)));
    let (path, item) = items.find(|(_, item)| free(item) && item.text == said.text)?;
    // Below the same heading: one above that was renamed.
    let stays = path.len() == was.len() && path.last() == was.last();
    let renamed = was.iter().zip(path).find(|(before, now)| before != now).filter(|_| stays);
    let why = if let Some((before, _)) = renamed {
        format!("a heading above it changed, was: {before}")
    } else {
        let heading = was.last().map_or("no heading", |heading| &**heading);
        format!("it stands elsewhere now, was below: {heading}")
    };
    Some((item.id.clone(), Clean::new(&why)))
}

/// How alike two texts are: shared words over all their words, 0 to 1.
fn likeness(one: &str, other: &str) -> f64 {
    let words = |text: &str| -> BTreeSet<String> {
        let lower = text.to_lowercase();
        lower
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (one, other) = (words(one), words(other));
    let all = one.union(&other).count();
    if all == 0 { 0.0 } else { one.intersection(&other).count() as f64 / all as f64 }
}
