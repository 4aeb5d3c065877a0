//! Items that nothing but their order tells apart: the same text below the same headings. What was said of one of them
//! holds only while it is sure which one that was; else it lapses, and never goes over to another.

use std::collections::{BTreeMap, HashMap};

use super::Checklist;
use crate::domain::{Attestation, Clean, Document, Item, ItemId, Mark, Place, Section};

/// Those that are alike have the same of it.
type Looks<'a> = (&'a [Clean], &'a str, bool);

fn looks<'a>(section: &'a Section, item: &'a Item) -> Looks<'a> {
    (&section.path, &item.text, item.inferred)
}

fn each(document: &Document) -> impl Iterator<Item = (&Section, usize, &Item)> {
    document
        .sections
        .iter()
        .flat_map(|section| section.items.iter().enumerate().map(move |(index, item)| (section, index, item)))
}

/// How many items of `document` are alike with `item` of `section`, it included.
pub(super) fn count(document: &Document, section: &Section, item: &Item) -> u32 {
    let own = looks(section, item);
    let alike = each(document).filter(|(section, _, item)| looks(section, item) == own);
    u32::try_from(alike.count()).unwrap_or(u32::MAX)
}

/// The texts before and after the item at `index` of `section`, if others are alike with it.
pub(super) fn beside(document: &Document, section: &Section, index: usize) -> Option<[Clean; 2]> {
    let item = section.items.get(index)?;
    (count(document, section, item) > 1).then(|| around(section, index))
}

fn around(section: &Section, index: usize) -> [Clean; 2] {
    let text = |at: Option<usize>| at.and_then(|at| section.items.get(at)).map(|item| item.text.clone());
    [index.checked_sub(1), index.checked_add(1)].map(|at| text(at).unwrap_or_default())
}

impl Checklist {
    /// What was said of items of which it is not sure any more that it was said of them, and why.
    pub(super) fn confused(&self) -> BTreeMap<ItemId, Clean> {
        let mut confused = BTreeMap::new();
        for document in &self.documents {
            let mut counts: HashMap<Looks<'_>, u32> = HashMap::new();
            for (section, _, item) in each(document) {
                *counts.entry(looks(section, item)).or_default() += 1;
            }
            for (section, index, item) in each(document) {
                let Some(said) = self.signed.get(&item.id).filter(|said| said.mark != Mark::Happened) else {
                    continue;
                };
                let now = counts.get(&looks(section, item)).copied().unwrap_or(1);
                let place = said.signing.place.as_ref();
                let why = place.and_then(|place| doubt(place, now, &item.text, || around(section, index)));
                confused.extend(why.map(|why| (item.id.clone(), why)));
            }
        }
        confused
    }
}

/// Why it is not sure that what was said at `place` was said of an item with this text, of which there are `now`.
fn doubt(place: &Place, now: u32, text: &str, around: impl FnOnce() -> [Clean; 2]) -> Option<Clean> {
    let then = place.alike;
    if then == 0 {
        return None;
    }
    if now < then {
        return Some(gone(then, now));
    }
    if now > then {
        let words = "another item with the same text was added: it may have been said of that one";
        return Some(Clean::new(words));
    }
    // One may have been taken out and one added. Edits around it change one of its neighbours, not both.
    let (was, is) = (place.beside.as_ref()?, around());
    let known = |(was, is): (&Clean, &Clean)| was == is && !was.is_empty() && **was != *text;
    let stays = *was == is || was.iter().zip(&is).any(known);
    let words =
        format!("it stands elsewhere among {now} items with this text: it may have been said of another");
    (!stays).then(|| Clean::new(&words))
}

fn gone(then: u32, now: u32) -> Clean {
    let (gone, verb) = (then - now, if then - now == 1 { "is" } else { "are" });
    let gone = if gone == 1 { "one".to_owned() } else { gone.to_string() };
    Clean::new(&format!("{gone} of {then} items with this text {verb} gone: it may have been said of that"))
}

fn alike<'a>(
    document: &'a Document,
    place: &'a Place,
    said: &'a Attestation,
) -> impl Iterator<Item = &'a Item> {
    let items = each(document).filter(|(section, _, _)| section.path == place.section);
    items.map(|(_, _, item)| item).filter(|item| item.text == said.text)
}

/// Whether fewer items are left that are alike with one that is gone, of which something was said at `place`.
pub(super) fn are_left(document: &Document, place: &Place, said: &Attestation) -> bool {
    let now = alike(document, place, said).count();
    now > 0 && place.alike as usize > now
}

/// Which of those that are left asks again, and why: one of which nothing was said.
pub(super) fn asks(
    document: &Document,
    place: &Place,
    said: &Attestation,
    free: &dyn Fn(&&Item) -> bool,
) -> Option<(ItemId, Clean)> {
    let now = u32::try_from(alike(document, place, said).count()).unwrap_or(u32::MAX);
    let item = alike(document, place, said).find(free)?;
    Some((item.id.clone(), gone(place.alike, now)))
}
