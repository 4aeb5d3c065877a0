//! Attestations: what a person (or the room, on evidence) said of an item, and on what it rests.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Clean, Wall};

/// What was said of an item.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Mark {
    /// It is done, or approved.
    #[default]
    Done,
    /// It does not apply to this rollout.
    NotApplicable,
    /// It was tried, and is not good.
    Failed,
    /// It is not done, and the rollout goes on without it.
    Waived,
    /// What a rollback trigger describes happened.
    Happened,
    /// A criterion is met.
    Met,
}

impl Mark {
    /// In words, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotApplicable => "not applicable",
            Self::Failed => "failed",
            Self::Waived => "waived",
            Self::Happened => "happened",
            Self::Met => "met",
        }
    }

    /// Whether nothing more is asked of anybody then.
    pub fn settles(self) -> bool {
        matches!(self, Self::Done | Self::NotApplicable | Self::Waived)
    }

    /// Whether it has to say why.
    pub fn needs_reason(self) -> bool {
        matches!(self, Self::NotApplicable | Self::Failed | Self::Waived)
    }
}

/// Where an item stood when it was signed off: by this it is found again when its text has changed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Place {
    /// Path of the document, as named in the room.
    pub document: String,
    /// Headings above it, outermost first.
    pub section: Vec<Clean>,
    /// Its place in its section, from 0.
    pub index: u32,
    /// Line in the file, from 1.
    pub line: u32,
    /// How many items with its text stood below these headings, it included; 0: that was not kept then.
    #[serde(default, skip_serializing_if = "is_nought")]
    pub alike: u32,
    /// The texts of the items before and after it, where there were several alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<[Clean; 2]>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_nought(number: &u32) -> bool {
    *number == 0
}

/// What a machine can say for an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, strum::Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ProofKind {
    /// A condition of the room.
    Condition,
    /// A gate's newest result.
    Gate,
}

/// What a machine said at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What kind of proof.
    pub kind: ProofKind,
    /// Name of the condition or gate.
    pub name: Clean,
    /// Whether it was good; `None`: it could not be seen.
    pub good: Option<bool>,
    /// What it said: a value, a summary.
    pub value: Clean,
    /// The record that holds it, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<u64>,
}

impl Evidence {
    /// In words: `error_rate: 0.4 %`.
    pub fn words(&self) -> String {
        let kind = if self.kind == ProofKind::Gate { "gate " } else { "" };
        let gap = if self.value.is_empty() { "" } else { ": " };
        format!("{kind}{}{gap}{}", self.name, self.value)
    }

    /// The same, beside what somebody says of an item: with a word where it does not support it.
    pub fn support(&self) -> String {
        let but = match self.good {
            Some(true) => "",
            Some(false) => " (bad then)",
            None => " (no proof)",
        };
        format!("{}{but}", self.words())
    }
}

/// An approval that somebody else gave elsewhere: never the approver's own tick, but the recorder's word for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who approved.
    pub by: Clean,
    /// Where that can be seen.
    pub link: Clean,
}

/// What an attestation rests on, beside who, when and the words. Records from before this was kept have none of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Signing {
    /// Where the item stood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// SHA-256 of the document, hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The candidate's image by service, as a digest where the image has one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<String, Clean>,
    /// What it was said against: what the item expects, its commands and the targets of its links.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grounds: Vec<Clean>,
    /// It was approved elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// What the machine showed then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

impl Signing {
    /// Whether there is nothing of it, as in records from before it was kept.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// That what the machine showed then does not support what was said, in words.
    pub fn unproven(&self) -> Option<String> {
        let shown = self.evidence.iter().find(|evidence| evidence.good != Some(true))?;
        Some(format!("its evidence does not support it: {}", shown.words()))
    }
}

/// What was said of an item, by whom, and when.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Attestation {
    /// Record that holds it; `None` while it is on its way to the journal.
    pub seq: Option<u64>,
    /// Who; `room` for the machine's own.
    pub by: Clean,
    /// Their role then; may be empty.
    pub role: Clean,
    /// When.
    pub at: Wall,
    /// What was said.
    pub mark: Mark,
    /// The item's text then.
    pub text: Clean,
    /// Their note or reason; may be empty.
    pub note: Clean,
    /// The candidate's revision then.
    pub candidate: Option<String>,
    /// What it rests on.
    pub signing: Signing,
}

/// The name under which the room's own records stand.
pub const ROOM: &str = "room";

/// Whose word an attestation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// The person's own under whose name it stands.
    Person,
    /// A person's that somebody else approved it elsewhere.
    Recorded,
    /// The room's, on evidence.
    Machine,
}

impl Attestation {
    /// Whose word it is.
    pub fn kind(&self) -> Kind {
        match &self.signing.approval {
            Some(_) => Kind::Recorded,
            None if self.is_machine() => Kind::Machine,
            None => Kind::Person,
        }
    }

    /// Whether the room signed it on evidence.
    pub fn is_machine(&self) -> bool {
        &*self.by == ROOM
    }

    /// What was said and who stands for it, in words: `done by mara`, `approved by Ines, recorded by mara`.
    pub fn told(&self) -> String {
        match (self.mark, self.kind()) {
            (Mark::Done, Kind::Recorded) => self.who(),
            (mark, Kind::Recorded) => format!("{}, {}", mark.words(), self.who()),
            (mark, Kind::Person | Kind::Machine) => format!("{} by {}", mark.words(), self.who()),
        }
    }

    /// Who stands for it, in words: a name, `gate unit`, or `Ines, recorded by sam`.
    pub fn who(&self) -> String {
        match (&self.signing.approval, self.signing.evidence.first()) {
            (Some(approval), _) => format!("approved by {}, recorded by {}", approval.by, self.by),
            (None, Some(evidence)) if self.is_machine() => match evidence.kind {
                ProofKind::Gate => format!("gate {}", evidence.name),
                ProofKind::Condition => format!("room, {}", evidence.name),
            },
            (None, _) => self.by.to_string(),
        }
    }
}
