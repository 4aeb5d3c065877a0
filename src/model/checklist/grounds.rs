//! What an item is ticked against: what it expects, its commands, where its links lead to. It belongs to the item as its text
//! does: one of them gone or changed, and the tick asks again. Only what a tick recorded is compared, so that what a newer
//! reader sees besides lapses nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::Checklist;
use crate::document::fingerprint;
use crate::domain::{Clean, Document, Item, ItemId, Mark};

/// A longer one is kept by its beginning and a hash.
const LONGEST: usize = 200;

/// Words of fields that say what is expected.
const EXPECTED: [&str; 12] = [
    "expect", "command", "link", "erwart", "attendu", "esperad", "预期", "期望", "期待", "befehl",
    "commande", "comando",
];

/// What `item` of `document` is ticked against.
pub(super) fn of(document: &Document, item: &Item) -> Vec<Clean> {
    let asks = |name: &str| {
        let name = name.to_lowercase();
        EXPECTED.iter().any(|word| name.starts_with(word))
    };
    let fields = item.fields.iter().filter(|field| asks(&field.name));
    let fields = fields.map(|field| short("expected", &field.value));
    let links = item.links.iter().map(|link| short("link", link));
    let commands = document.plan.commands.iter().filter(|command| command.item.as_ref() == Some(&item.id));
    let commands = commands.flat_map(|command| {
        let expected = command.expected.iter().map(|expected| short("expected", &expected.text));
        std::iter::once(short("command", &command.text)).chain(expected)
    });
    let all: BTreeSet<Clean> = fields.chain(links).chain(commands).collect();
    all.into_iter().collect()
}

fn short(kind: &str, text: &str) -> Clean {
    let text = text.trim();
    if text.len() <= LONGEST {
        return Clean::new(&format!("{kind}: {text}"));
    }
    let hash = fingerprint([text]);
    let (begin, hash): (String, String) = (text.chars().take(80).collect(), hash.chars().take(12).collect());
    Clean::new(&format!("{kind}: {begin}… ({hash})"))
}

impl Checklist {
    /// Items of which something was said against what does not stand there any more, and what that was.
    pub(super) fn regrounded(&self) -> BTreeMap<ItemId, Clean> {
        let mut found = BTreeMap::new();
        for document in &self.documents {
            for item in document.sections.iter().flat_map(|section| &section.items) {
                let said = self.signed.get(&item.id).filter(|said| said.mark != Mark::Happened);
                let Some(was) = said.map(|said| &said.signing.grounds).filter(|was| !was.is_empty()) else {
                    continue;
                };
                let now = of(document, item);
                let gone = was.iter().find(|ground| !now.contains(ground));
                found.extend(gone.map(|ground| (item.id.clone(), words(ground))));
            }
        }
        found
    }
}

fn words(ground: &str) -> Clean {
    let (kind, was) = ground.split_once(": ").unwrap_or(("", ground));
    let what = match kind {
        "link" => "the target of its link",
        "command" => "its command",
        _ => "what it expects",
    };
    Clean::new(&format!("{what} changed, was: {was}"))
}

#[cfg(test)]
mod tests {
    use super::super::signing_tests::{record, settle, wall};
    use super::*;
    use crate::domain::room::SignOffSpec;
    use crate::domain::{Attestation, Entry};

    const TEXT: &str = "# Release\n- [ ] Health, see [the runbook](http://a.example/run)\n  - Expected: 200\n  - Owner: Ada\n\
                        - [ ] Run `pytest tests/a`\n- [ ] Plain\n";

    fn read(text: &str) -> Vec<Document> {
        vec![crate::document::read("r.md", text.as_bytes()).document.expect("a text")]
    }

    /// What lapsed, and why, where `TEXT` was ticked as a whole and then edited.
    fn lapsed(from: &str, to: &str, kept: bool) -> Vec<String> {
        let mut list = Checklist::default();
        list.documents_read(read(TEXT), vec![]);
        let items: Vec<Item> = list.items().cloned().collect();
        for (seq, item) in (1..).zip(&items) {
            let mut signing = list.signing(item);
            if !kept {
                signing.grounds.clear();
            }
            let said = Attestation { text: item.text.clone(), signing, ..Attestation::default() };
            list.record(&record(seq, "mara", Entry::of_item(item.id.0.clone(), said)));
        }
        list.documents_read(read(&TEXT.replace(from, to)), vec![]);
        settle(&mut list, &SignOffSpec::default(), wall(9), None);
        list.facts.lapsed.values().map(ToString::to_string).collect()
    }

    #[test]
    fn a_tick_lapses_when_what_it_was_ticked_against_changes() {
        assert_eq!(lapsed("200", "500", true), ["what it expects changed, was: 200"]);
        assert_eq!(
            lapsed("a.example", "b.example", true),
            ["the target of its link changed, was: http://a.example/run"]
        );
        assert_eq!(lapsed("Owner: Ada", "Owner: Bo", true), Vec::<String>::new());
        assert_eq!(lapsed("- [ ] Plain\n", "- [ ] Plain\n  - Expected: green\n", true), Vec::<String>::new());
    }

    #[test]
    fn a_tick_from_before_that_was_kept_lapses_for_none_of_it() {
        assert_eq!(lapsed("200", "500", false), Vec::<String>::new());
    }
}
