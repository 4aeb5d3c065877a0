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

/// What was said at `place` of an item that is gone, where others with its text are left: one of those that are `free` asks
/// again, and if there is none, nothing does. `None`: none is left.
pub(super) fn left(
    document: &Document,
    place: &Place,
    said: &Attestation,
    free: &dyn Fn(&&Item) -> bool,
) -> Option<Option<(ItemId, Clean)>> {
    let same = |(section, _, item): &(&Section, usize, &Item)| {
        section.path == place.section && item.text == said.text
    };
    let left: Vec<&Item> = each(document).filter(same).map(|(_, _, item)| item).collect();
    let now = u32::try_from(left.len()).unwrap_or(u32::MAX);
    if left.is_empty() || place.alike <= now {
        return None;
    }
    let asks = left.into_iter().find(free);
    Some(asks.map(|item| (item.id.clone(), gone(place.alike, now))))
}
