//! Checklist items: what a person signs off, and their state.

use serde::{Deserialize, Serialize};

use super::{Clean, Wall};

/// Identity of an item: a short hash of heading path + text + ordinal, stable under edits elsewhere in the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ItemId(pub String);

/// An item as read from a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Identity.
    pub id: ItemId,
    /// Line in the file, from 1.
    pub line: u32,
    /// Its text without markup.
    pub text: Clean,
    /// Nesting below its heading: 0 for a top item.
    pub depth: u8,
    /// Already `[x]` in the file: a claim, not an attestation.
    pub claimed: bool,
    /// Whether the act cannot go on without it (`(required)`, MUST, MANDATORY).
    pub required: bool,
    /// `@handle` or `(role)` of the owner, if named.
    pub owner: Option<Clean>,
}

/// A section of a document with its items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Headings from the top, outermost first.
    pub path: Vec<Clean>,
    /// Line of the heading, from 1; 0 for items before any heading.
    pub line: u32,
    /// Its items in file order.
    pub items: Vec<Item>,
}

/// One checklist document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Path as given.
    pub path: String,
    /// Title: first heading, else the file name.
    pub title: Clean,
    /// SHA-256 of the bytes, hex.
    pub sha256: String,
    /// Sections that have items, in file order.
    pub sections: Vec<Section>,
}

/// Who ticked an item, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attestation {
    /// Record that holds it; `None` while it is on its way to the journal.
    pub seq: Option<u64>,
    /// Who.
    pub by: Clean,
    /// When.
    pub at: Wall,
    /// Their note; may be empty.
    pub note: Clean,
}
