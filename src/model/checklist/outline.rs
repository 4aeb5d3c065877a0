//! The documents as one tree of headings: each document is a chapter, each heading a level below the one it stands under.
//! A heading is there for its items, or for the gates right below it that belong to none.
//!
//! Built once when the files are read. Items keep their order in the file, so those below a heading are one range.

use std::ops::Range;

use crate::domain::plan::{CommandKind, Proof};
use crate::domain::{Clean, Document, Item, Section};

/// Deeper headings are drawn no further to the right.
const DEEPEST: u8 = 7;

/// A document or a heading in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// Which document.
    pub document: usize,
    /// As written; a document's title.
    pub name: Clean,
    /// 0 for a document, 1 for its chapters, and so on.
    pub level: u8,
    /// The heading that it stands under; `None` for a document.
    pub parent: Option<usize>,
    /// The heading after all that stand below it.
    pub end: usize,
    /// Items that stand right below it.
    pub own: Range<usize>,
    /// Items below it at any depth, its own among them.
    pub all: Range<usize>,
    /// Gates right below it that belong to no item.
    pub gates: usize,
    /// The same after a restart, and while the file is edited elsewhere: its fold is remembered by it.
    pub key: u64,
}

/// Where an item stands: document, section of it, place in the section.
pub(super) type Place = (usize, usize, usize);

/// The tree, in the order of the files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outline {
    headings: Vec<Heading>,
    items: Vec<Place>,
}

impl Outline {
    /// The tree of `documents`.
    pub fn of(documents: &[Document]) -> Self {
        let mut outline = Self::default();
        for (d, document) in documents.iter().enumerate() {
            outline.document(d, document);
        }
        outline
    }

    /// Documents and headings, each before those below it.
    pub fn headings(&self) -> &[Heading] {
        &self.headings
    }

    /// The heading right above an item.
    pub fn heading_of(&self, item: usize) -> Option<usize> {
        // Of those that begin at or before it, the last with items of its own.
        let after = self.headings.partition_point(|heading| heading.all.start <= item);
        (0..after).rev().find(|at| self.headings.get(*at).is_some_and(|h| h.own.contains(&item)))
    }

    /// How many items there are.
    pub fn count(&self) -> usize {
        self.items.len()
    }

    /// Where the item stands.
    pub fn place(&self, item: usize) -> Option<Place> {
        self.items.get(item).copied()
    }

    /// The item, with the section it stands in.
    pub fn item<'d>(&self, documents: &'d [Document], item: usize) -> Option<(&'d Section, &'d Item)> {
        let (d, s, i) = self.place(item)?;
        let section = documents.get(d)?.sections.get(s)?;
        Some((section, section.items.get(i)?))
    }

    fn document(&mut self, d: usize, document: &Document) {
        let root = self.headings.len();
        let from = self.items.len();
        let seed = hash(0xcbf2_9ce4_8422_2325, &document.path);
        self.push(d, &document.title, None, seed);
        // The headings that are open now, outermost first, below the document.
        let mut open: Vec<usize> = Vec::new();
        for Part { path, section, gates, .. } in parts(document) {
            let path = below_title(path, &document.title);
            let alone = self.headings.len() == root + 1 && self.items.len() == from;
            if path.is_empty() && !alone {
                // The title stands there once more.
                self.close(&mut open, 0);
                let at = self.child(d, root, &document.title);
                open.push(at);
            } else if let Some((last, above)) = path.split_last() {
                let named = |open: &[usize], n: usize| {
                    open.get(n).and_then(|at| self.headings.get(*at)).map(|h| &h.name)
                };
                let kept = above.iter().enumerate().take_while(|(n, name)| named(&open, *n) == Some(*name));
                let kept = kept.count();
                self.close(&mut open, kept);
                for name in above.iter().skip(kept).chain([last]) {
                    let parent = open.last().copied().unwrap_or(root);
                    let at = self.child(d, parent, name);
                    open.push(at);
                }
            }
            let items = section.and_then(|s| document.sections.get(s)).map_or(0, |it| it.items.len());
            let own = self.items.len()..self.items.len() + items;
            self.items.extend(section.into_iter().flat_map(|s| (0..items).map(move |i| (d, s, i))));
            if let Some(heading) = self.headings.get_mut(open.last().copied().unwrap_or(root)) {
                heading.gates = gates;
                if section.is_some() {
                    heading.own = own;
                }
            }
        }
        self.close(&mut open, 0);
        self.close(&mut vec![root], 0);
    }

    /// Ends the headings after the first `kept` of those that are open.
    fn close(&mut self, open: &mut Vec<usize>, kept: usize) {
        let (headings, items) = (self.headings.len(), self.items.len());
        for at in open.drain(kept.min(open.len())..) {
            if let Some(heading) = self.headings.get_mut(at) {
                heading.end = headings;
                heading.all.end = items;
            }
        }
    }

    /// A heading below `parent`; one of the same name there gives it another key.
    fn child(&mut self, d: usize, parent: usize, name: &Clean) -> usize {
        let seed = self.headings.get(parent).map_or(0, |heading| heading.key);
        let twins = self.headings.iter().skip(parent).filter(|h| h.parent == Some(parent) && h.name == *name);
        let key = (0..twins.count()).fold(hash(seed, name), |key, _| hash(key, "again"));
        self.push(d, name, Some(parent), key)
    }

    fn push(&mut self, document: usize, name: &Clean, parent: Option<usize>, key: u64) -> usize {
        let above = parent.and_then(|at| self.headings.get(at)).map(|heading| heading.level);
        let (at, from) = (self.headings.len(), self.items.len());
        self.headings.push(Heading {
            document,
            name: name.clone(),
            level: above.map_or(0, |level| (level + 1).min(DEEPEST)),
            parent,
            end: at + 1,
            own: from..from,
            all: from..from,
            gates: 0,
            key,
        });
        at
    }
}

/// What stands right below one heading.
struct Part<'d> {
    path: &'d [Clean],
    line: u32,
    /// Its items, by their section.
    section: Option<usize>,
    /// Gates that belong to no item.
    gates: usize,
}

/// The headings of a document that hold something, in its order.
fn parts(document: &Document) -> Vec<Part<'_>> {
    let sections = document.sections.iter().enumerate();
    let mut parts: Vec<Part<'_>> =
        sections.map(|(s, it)| Part { path: &it.path, line: it.line, section: Some(s), gates: 0 }).collect();
    let alone = document.plan.commands.iter().filter(|command| {
        command.kind == CommandKind::Gate && command.proof != Proof::Setup && command.item.is_none()
    });
    for gate in alone {
        // Behind the last heading before it, which may be its own.
        let at = parts.partition_point(|part| part.line <= gate.line);
        match parts.get_mut(at.wrapping_sub(1)).filter(|part| part.path == gate.section.as_slice()) {
            Some(part) => part.gates += 1,
            None => parts.insert(at, Part { path: &gate.section, line: gate.line, section: None, gates: 1 }),
        }
    }
    parts
}

/// The path without the document's title, which is said once.
fn below_title<'p>(path: &'p [Clean], title: &Clean) -> &'p [Clean] {
    match path.split_first() {
        Some((first, rest)) if first == title => rest,
        _ => path,
    }
}

/// FNV-1a over `text` and an end mark: it must be the same in every version of this program.
fn hash(seed: u64, text: &str) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    text.as_bytes().iter().chain(&[0xff]).fold(seed, step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ItemId;

    fn document(path: &str, sections: &[(&[&str], usize)]) -> Document {
        let item = |n: usize| Item { id: ItemId(format!("{path}{n}")), ..Item::default() };
        let section = |(path, items): &(&[&str], usize)| Section {
            path: path.iter().map(|name| Clean::new(name)).collect(),
            line: 1,
            items: (0..*items).map(item).collect(),
        };
        Document {
            path: path.into(),
            title: "Release".into(),
            sections: sections.iter().map(section).collect(),
            ..Document::default()
        }
    }

    fn told(outline: &Outline) -> Vec<String> {
        let line = |h: &Heading| format!("{}{} {:?} {:?}", "  ".repeat(h.level.into()), h.name, h.own, h.all);
        outline.headings().iter().map(line).collect()
    }

    #[test]
    fn headings_nest_and_each_document_is_a_chapter() {
        let one = document(
            "a.md",
            &[(&["Release"], 1), (&["Release", "Before", "Tests"], 2), (&["Release", "Before", "Data"], 1)],
        );
        let two = document("b.md", &[(&["Other", "Deep", "Deeper"], 3)]);
        let outline = Outline::of(&[one, two]);
        assert_eq!(
            told(&outline),
            [
                "Release 0..1 0..4",
                "  Before 1..1 1..4",
                "    Tests 1..3 1..3",
                "    Data 3..4 3..4",
                "Release 4..4 4..7",
                "  Other 4..4 4..7",
                "    Deep 4..4 4..7",
                "      Deeper 4..7 4..7",
            ]
        );
        let of: Vec<_> = (0..8).map(|item| outline.heading_of(item)).collect();
        assert_eq!(of, [Some(0), Some(2), Some(2), Some(3), Some(7), Some(7), Some(7), None]);
        assert_eq!((outline.place(3), outline.place(4)), (Some((0, 2, 0)), Some((1, 0, 0))));
        let ends: Vec<_> = outline.headings().iter().map(|h| h.end).collect();
        assert_eq!(ends, [4, 4, 3, 4, 8, 8, 8, 8]);
    }

    #[test]
    fn a_heading_of_gates_alone_is_there_too() {
        let text = "# R\n\n## Before\n\n- [ ] one\n\n```bash\npytest a\n```\n\n## Tests\n\n```bash\npytest b\npytest c\n```\n\n\
                    ### Slow\n\n```bash\npytest d\n```\n\n## Words\n\nNothing.\n\n## After\n\n- [ ] two\n";
        let read = crate::document::read("r.md", text.as_bytes()).document.expect("a document");
        let outline = Outline::of(&[read]);
        let told: Vec<_> =
            outline.headings().iter().map(|h| (h.name.as_str(), h.level, h.own.len(), h.gates)).collect();
        assert_eq!(
            told,
            [("R", 0, 0, 0), ("Before", 1, 1, 0), ("Tests", 1, 0, 2), ("Slow", 2, 0, 1), ("After", 1, 1, 0)]
        );
        assert_eq!((outline.heading_of(0), outline.heading_of(1)), (Some(1), Some(4)));
    }

    #[test]
    fn a_heading_that_comes_again_is_another_one() {
        let twice = document("a.md", &[(&["Stage"], 1), (&["Stage", "Checks"], 1), (&["Stage"], 1)]);
        let outline = Outline::of(&[twice]);
        assert_eq!(
            told(&outline),
            ["Release 0..0 0..3", "  Stage 0..1 0..2", "    Checks 1..2 1..2", "  Stage 2..3 2..3"]
        );
        let keys: std::collections::BTreeSet<_> = outline.headings().iter().map(|h| h.key).collect();
        assert_eq!(keys.len(), 4);
    }

    #[test]
    fn a_fold_is_remembered_although_the_file_changes_elsewhere() {
        let key = |document: Document, name: &str| {
            let outline = Outline::of(&[document]);
            outline.headings().iter().find(|h| &*h.name == name).map(|h| h.key)
        };
        let before = key(document("a.md", &[(&["Tests"], 2), (&["Deploy"], 1)]), "Deploy");
        let after = key(document("a.md", &[(&["New"], 2), (&["Tests"], 4), (&["Deploy"], 9)]), "Deploy");
        assert_eq!(before, after);
        assert_ne!(before, key(document("b.md", &[(&["Deploy"], 1)]), "Deploy"));
    }
}
