//! The JSON pointers of all fields, compiled into one tree, so that one walk over a frame finds them all.

#![expect(
    clippy::inline_always,
    reason = "per byte of every event; measured: without it the calls cost more than the work"
)]

use std::ops::Range;

use crate::domain::room::EventFields;

/// Pointers followed; further ones are not.
pub(super) const MAX_SLOTS: usize = 64;
/// Counted fields followed; further ones are not.
pub const MAX_COUNTED: usize = 8;

/// The fields of an event in the order of their slots; counted fields follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Kind = 0,
    Run,
    Call,
    Detail,
    Time,
    Seq,
    Revision,
    Counted,
}

/// The compiled pointers.
#[derive(Debug, Clone)]
pub struct Pointers {
    nodes: Vec<Node>,
    /// For each field the mask of its slots; lower slots come first.
    fields: Vec<u64>,
    /// As written, by slot, for the slow path.
    written: Vec<String>,
}

#[derive(Debug, Clone, Default)]
struct Node {
    /// By ascending length of the key.
    children: Vec<Child>,
    /// Where the keys of each length below 31 begin in `children`.
    by_length: [u8; 32],
    /// Slots that end here.
    here: u64,
    /// Slots that end here or below.
    below: u64,
}

#[derive(Debug, Clone)]
struct Child {
    /// The beginning of the key.
    word: u64,
    key: Box<[u8]>,
    node: u16,
}

/// The first eight bytes of a key in `text`, less if it is shorter.
#[inline]
fn word(text: &[u8], key: &Range<usize>) -> u64 {
    let keep = key.len().min(8);
    match text.get(key.start..).and_then(<[u8]>::first_chunk::<8>) {
        Some(word) if keep > 0 => u64::from_le_bytes(*word) & (u64::MAX >> (64 - 8 * keep)),
        _ => {
            let bytes = text.get(key.clone()).unwrap_or_default();
            bytes.iter().take(8).rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
        }
    }
}

/// The root of the tree.
pub(super) const ROOT: u16 = 0;

impl Pointers {
    /// Compiles the pointers of a stream.
    pub fn new(fields: &EventFields) -> Self {
        let lists = [
            &fields.kind,
            &fields.run,
            &fields.call,
            &fields.detail,
            &fields.time,
            &fields.seq,
            &fields.revision,
        ];
        let mut compiled = Self { nodes: vec![Node::default()], fields: Vec::new(), written: Vec::new() };
        for list in lists {
            compiled.field(list.iter());
        }
        for pointer in fields.count_by.values().take(MAX_COUNTED) {
            compiled.field(std::iter::once(pointer));
        }
        compiled.nodes.iter_mut().for_each(Node::finish);
        compiled
    }

    fn field<'a>(&mut self, pointers: impl Iterator<Item = &'a String>) {
        let mut mask = 0;
        for pointer in pointers {
            if self.written.len() < MAX_SLOTS {
                let slot = 1_u64 << self.written.len();
                mask |= slot;
                self.insert(pointer, slot);
                self.written.push(pointer.clone());
            }
        }
        self.fields.push(mask);
    }

    fn insert(&mut self, pointer: &str, slot: u64) {
        let Some(path) = pointer.strip_prefix('/') else { return };
        let mut at = usize::from(ROOT);
        self.nodes[at].below |= slot;
        for token in path.split('/') {
            let key = token.replace("~1", "/").replace("~0", "~").into_bytes().into_boxed_slice();
            let known = self.nodes[at].children.iter().find(|child| child.key == key).map(|child| child.node);
            let next = known.unwrap_or_else(|| {
                let next = self.nodes.len() as u16;
                self.nodes.push(Node::default());
                let word = word(&key, &(0..key.len()));
                self.nodes[at].children.push(Child { word, key, node: next });
                next
            });
            at = usize::from(next);
            self.nodes[at].below |= slot;
        }
        self.nodes[at].here |= slot;
    }

    /// The node below `node` under the key that stands there in `text`.
    #[inline(always)]
    pub(super) fn child(&self, node: u16, text: &[u8], key: Range<usize>) -> Option<u16> {
        let node = self.nodes.get(usize::from(node))?;
        let length = key.len().min(30);
        let range = usize::from(node.by_length[length])..usize::from(node.by_length[length + 1]);
        if range.is_empty() {
            return None;
        }
        let word = word(text, &key);
        let same =
            |child: &&Child| child.word == word && (length <= 8 || text.get(key.clone()) == Some(&child.key));
        node.children.get(range)?.iter().find(same).map(|child| child.node)
    }

    /// Whether a node has children.
    pub(super) fn branches(&self, node: u16) -> bool {
        !self.nodes[usize::from(node)].children.is_empty()
    }

    /// Slots that end at a node.
    pub(super) fn here(&self, node: u16) -> u64 {
        self.nodes[usize::from(node)].here
    }

    /// Slots that end at or below a node.
    pub(super) fn below(&self, node: u16) -> u64 {
        self.nodes[usize::from(node)].below
    }

    /// The slots of a field.
    pub(super) fn slots(&self, field: Field, nth: usize) -> u64 {
        self.fields.get(field as usize + nth).copied().unwrap_or_default()
    }

    /// How many fields are counted by value.
    pub(super) fn counted(&self) -> usize {
        self.fields.len().saturating_sub(Field::Counted as usize)
    }

    /// The pointers of a mask as written, in order.
    pub(super) fn written(&self, mask: u64) -> impl Iterator<Item = &str> {
        let slots = self.written.iter().enumerate();
        slots.filter(move |(slot, _)| mask & (1 << slot) != 0).map(|(_, pointer)| pointer.as_str())
    }
}

impl Node {
    fn finish(&mut self) {
        self.children.sort_by_key(|child| child.key.len());
        self.children.truncate(usize::from(u8::MAX));
        for (length, begin) in self.by_length.iter_mut().enumerate() {
            let shorter = |key: &[u8]| key.len().min(30) < length;
            *begin = self.children.iter().filter(|child| shorter(&child.key)).count() as u8;
        }
    }
}
