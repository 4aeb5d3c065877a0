//! What was said of items of a file that the room does not read any more: it was renamed, deleted, or taken out of the
//! config. Nothing of it settles anything here; it is told, so that no tick is lost in silence.

use std::collections::BTreeMap;

use super::Checklist;
use crate::domain::{Attestation, Clean, Document, Item, ItemId, Mark, Place};

/// The one item of `documents` that has the place and the text of what was `said` in a file that is not read any more.
pub(super) fn found_again(
    documents: &[Document],
    place: &Place,
    said: &Attestation,
    free: &dyn Fn(&&Item) -> bool,
) -> Option<(ItemId, Clean)> {
    let sections = documents.iter().flat_map(|it| &it.sections).filter(|it| it.path == place.section);
    let mut same = sections.flat_map(|it| &it.items).filter(|item| item.text == said.text);
    let item = same.next().filter(|item| same.next().is_none() && free(item))?;
    let why = format!("it was said of {}, which is not read any more", place.document);
    Some((item.id.clone(), Clean::new(&why)))
}

impl Checklist {
    /// Files that are not read any more, with how many things were said of their items that hold still: they count for nothing.
    /// What was said anew since, of an item with the same text that is read, is over; so is what was said of items that no file
    /// has any more, once all that is asked of those that are read was said since.
    pub fn gone(&self) -> BTreeMap<&str, usize> {
        let mut gone = BTreeMap::new();
        if !self.read {
            return gone;
        }
        let is_gone = |place: &Place| self.documents.iter().all(|document| document.path != place.document);
        let said = self.signed.values().filter(|said| said.mark != Mark::Happened);
        let lost =
            said.filter_map(|said| Some((said, said.signing.place.as_ref().filter(|it| is_gone(it))?)));
        for (_, place) in lost.filter(|(said, _)| !self.is_said_anew(said)) {
            *gone.entry(place.document.as_str()).or_default() += 1;
        }
        gone
    }

    /// Whether all items that are read and have the text of `said` were signed since; where none has it, all that are required.
    fn is_said_anew(&self, said: &Attestation) -> bool {
        let since = |item: &Item| self.signed.get(&item.id).is_some_and(|it| it.at >= said.at);
        let mut same = self.items().filter(|item| item.text == said.text).peekable();
        if same.peek().is_some() {
            return same.any(since);
        }
        let mut asked = self.items().filter(|item| item.required).peekable();
        asked.peek().is_some() && asked.all(since)
    }

    /// The same in words: `3 sign-offs of OLD.md`.
    pub fn gone_words(&self) -> Option<String> {
        let words = |(path, count): (&str, usize)| {
            format!("{count} {} of {path}", if count == 1 { "sign-off" } else { "sign-offs" })
        };
        let all: Vec<String> = self.gone().into_iter().map(words).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::super::signing_tests::{checklist, item, plain, says, why, word};
    use super::*;
    use crate::domain::Meaning;

    /// The same items in a file that is called `path`.
    fn renamed(list: &mut Checklist, path: &str, items: Vec<Item>) {
        let mut document = list.documents()[0].clone();
        document.path = path.into();
        // The name of the file is part of what an item is known by.
        let named = |item: Item| Item { id: ItemId(format!("{path} {}", item.text)), ..item };
        document.sections[0].items = items.into_iter().map(named).collect();
        list.documents_read(vec![document], Vec::new());
        plain(list);
    }

    #[test]
    fn a_renamed_file_asks_again_for_what_was_said_of_the_old_one_and_says_so() {
        let mut list = checklist(vec![item("Back up", Meaning::Work), item("Rehearse", Meaning::Work)]);
        for (seq, text) in [(1, "Back up"), (2, "Rehearse")] {
            let said = says(&list, (seq, "mara"), text, Mark::Done, "");
            list.record(&said);
        }
        plain(&mut list);
        assert_eq!((word(&list, "Back up"), list.gone_words()), ("done", None));
        let items = vec![item("Back up", Meaning::Work), item("Ship it", Meaning::Work)];
        renamed(&mut list, "new.md", items);
        assert_eq!(why(&list, "Back up"), "it was said of r.md, which is not read any more");
        assert_eq!(word(&list, "Ship it"), "open", "nothing like it was said");
        assert_eq!(list.gone_words().as_deref(), Some("2 sign-offs of r.md"));
    }

    #[test]
    fn of_two_that_are_alike_none_is_taken_for_the_one_that_is_gone() {
        let mut list = checklist(vec![item("Back up", Meaning::Work)]);
        let said = says(&list, (1, "mara"), "Back up", Mark::Done, "");
        list.record(&said);
        renamed(&mut list, "new.md", vec![item("Back up", Meaning::Work), item("Back up", Meaning::Work)]);
        assert_eq!((word(&list, "Back up"), list.gone().len()), ("open", 1));
    }

    #[test]
    fn what_is_signed_anew_ends_the_warning() {
        let mut list = checklist(vec![item("Back up", Meaning::Work), item("Rehearse", Meaning::Work)]);
        for (seq, text) in [(1, "Back up"), (2, "Rehearse")] {
            let said = says(&list, (seq, "mara"), text, Mark::Done, "");
            list.record(&said);
        }
        let ship = Item { required: true, ..item("Ship it", Meaning::Work) };
        renamed(&mut list, "new.md", vec![item("Back up", Meaning::Work), ship]);
        assert_eq!(list.gone_words().as_deref(), Some("2 sign-offs of r.md"));
        let said = says(&list, (3, "mara"), "Back up", Mark::Done, "");
        list.record(&said);
        assert_eq!(list.gone_words().as_deref(), Some("1 sign-off of r.md"), "nothing has Rehearse's text");
        let said = says(&list, (4, "mara"), "Ship it", Mark::Done, "");
        list.record(&said);
        assert_eq!(list.gone_words(), None, "all that is required was said since");
    }
}
