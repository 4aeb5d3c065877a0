//! Checklist items: what a person signs off, and their state.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Clean;
use super::plan::Plan;

/// Identity of an item: a short hash of heading path + text + ordinal, stable under edits elsewhere in the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct ItemId(pub String);

/// An item as read from a document.
#[expect(clippy::struct_excessive_bools, reason = "each says one thing that a document says or not")]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    /// Whether its words, or the lines above it, say that the act can (optional, `(if applicable)`, non-blocking).
    #[serde(default)]
    pub optional: bool,
    /// Struck through in the file: it sets the item aside. Such a one is not required, and asks nobody for anything.
    #[serde(default)]
    pub struck: bool,
    /// `@handle` or `(role)` of the owner, if named.
    pub owner: Option<Clean>,
    /// What it means.
    pub meaning: Meaning,
    /// Of a rollback trigger: the line of the heading of the stage that it stands below. It asks for nothing before that stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<u32>,
    /// Of a trigger: the line above it that may make something else of it (`Hotfix if`). Who says that it happened says why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<Clean>,
    /// Of a criterion: it says how a rollout went, and is asked for from T0 on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_outcome: bool,
    /// It has no box in the file: taken for an item by where it stands.
    pub inferred: bool,
    /// Its child bullets that are fields.
    pub fields: Vec<Field>,
    /// Where the links in it lead to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Clean>,
    /// Where its box (what is between the brackets, or the glyph) stands in the file; `None`: it has none.
    pub mark: Option<Span>,
}

impl Item {
    /// Its text; behind the line above it where that may make something else of it: `Hotfix if: The fix is small`.
    pub fn shown(&self) -> Cow<'_, str> {
        match &self.below {
            Some(below) => Cow::Owned(format!("{below}: {}", self.text)),
            None => Cow::Borrowed(&self.text),
        }
    }
}

/// A section of a document with its items.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Section {
    /// Headings from the top, outermost first.
    pub path: Vec<Clean>,
    /// Line of the heading, from 1; 0 for items before any heading.
    pub line: u32,
    /// Its items in file order.
    pub items: Vec<Item>,
}

/// One checklist document.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Document {
    /// Path as given.
    pub path: String,
    /// Title: first heading, else the file name.
    pub title: Clean,
    /// SHA-256 of the bytes, hex.
    pub sha256: String,
    /// Sections that have items, in file order.
    pub sections: Vec<Section>,
    /// What else was understood of it.
    pub plan: Plan,
    /// Lines of the file, from 1, around what was not understood.
    pub quotes: BTreeMap<u32, Clean>,
}

/// What an item means: the heading (or bold line) above it decides.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// Something to do or to look at.
    #[default]
    Work,
    /// An approval, by a person of the role if one is named.
    SignOff {
        /// The role, as written.
        role: Option<Clean>,
    },
    /// It asks for a rollback when it *happened*: it trips, and is never progress.
    Trigger,
    /// It is *met* when true.
    Criterion,
    /// The document says that it is done, or reports a result.
    Claim,
    /// Due only later: so many seconds after the deployment, if said; else at some time after it.
    Later {
        /// Due from then on.
        from_seconds: Option<u64>,
        /// Due until then.
        until_seconds: Option<u64>,
    },
}

impl Meaning {
    /// One word, as scripts read it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::SignOff { .. } => "sign_off",
            Self::Trigger => "trigger",
            Self::Criterion => "criterion",
            Self::Claim => "claim",
            Self::Later { .. } => "later",
        }
    }
}

/// A field of an item: a child bullet such as `Owner: …`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Line in the file, from 1.
    pub line: u32,
    /// Its name, as written.
    pub name: Clean,
    /// What stands behind it.
    pub value: Clean,
}

/// Bytes of a file as it is stored, from `from` up to before `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub from: u32,
    /// Byte after the last.
    pub to: u32,
}
