//! Rows of a report: items, gates, findings, operations, losses, and lines of the timeline.

use serde::Serialize;

use super::{At, Said};
use crate::domain::attestation::Kind;
use crate::domain::{Clean, OpState};

/// The items of all documents.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Items {
    /// Files that were read; empty: there are none, or none could be read.
    pub documents: Vec<String>,
    /// Files that could not be read, and why.
    pub problems: Vec<Clean>,
    /// How many of everything.
    pub counts: Counts,
    /// In file order.
    pub rows: Vec<Item>,
}

/// How many items stand how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Items that ask something of a person: conditions, claims and what is not due are not among them.
    pub all: usize,
    /// Attested as done.
    pub done: usize,
    /// Said not to apply.
    pub not_applicable: usize,
    /// Waived.
    pub waived: usize,
    /// Failed.
    pub failed: usize,
    /// Signed off once, and lapsed.
    pub lapsed: usize,
    /// Open, claims of the document among them.
    pub open: usize,
    /// Required, and not settled.
    pub required_open: usize,
    /// The document says that they are done, and nobody attested it.
    pub claimed: usize,
}

/// An item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Its id.
    pub id: String,
    /// The document.
    pub document: String,
    /// Its line there.
    pub line: u32,
    /// Headings above it.
    pub section: Vec<Clean>,
    /// Its text.
    pub text: Clean,
    /// What it means: `work`, `sign_off`, `trigger`, `criterion`, `claim`, `later`.
    pub meaning: &'static str,
    /// Whether the rollout cannot go on without it.
    pub required: bool,
    /// Whether the document says that it can.
    pub optional: bool,
    /// How it stands, as in `warroom items`.
    pub state: &'static str,
    /// Whether it is a criterion that was measured, and held at the end.
    #[serde(skip)]
    pub holds: bool,
    /// Whose word it is.
    pub kind: Option<Kind>,
    /// Who stands for it.
    pub by: Option<Clean>,
    /// Their role.
    pub role: Option<Clean>,
    /// Who approved it elsewhere, as its recorder says.
    pub approved_by: Option<Clean>,
    /// Where that can be seen.
    pub link: Option<Clean>,
    /// When.
    pub at: Option<At>,
    /// Their note or reason, why it lapsed, or who took back what was said of it.
    pub note: Option<Clean>,
    /// What it rests on.
    pub evidence: Vec<Clean>,
    /// The record.
    pub record: Option<u64>,
}

/// A gate and its newest result.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gate {
    /// Its name.
    pub name: Clean,
    /// How it stands, as in `warroom watch`: `never`, `passed`, `failed`, `timed_out`, `lapsed`, `unclear` …
    pub state: &'static str,
    /// Why, in few words.
    pub why: Clean,
    /// Whether the rollout cannot go on without it.
    pub required: bool,
    /// Whether its item was waived, or does not apply: then it only warns.
    pub waived: bool,
    /// How long it ran.
    pub seconds: Option<f64>,
    /// The commit that it ran on.
    pub commit: Option<Clean>,
    /// Whether something was not committed.
    pub dirty: Option<bool>,
    /// Its log.
    pub log: Option<Clean>,
    /// Who ran it.
    pub by: Option<Clean>,
    /// When it ended.
    pub at: Option<At>,
    /// How often it ran in the time of the report.
    pub runs: u64,
    /// The record.
    pub record: Option<u64>,
}

/// A finding of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The document.
    pub document: String,
    /// Line; 0: the whole file.
    pub line: u32,
    /// Its kind, as in `warroom plan`.
    pub kind: &'static str,
    /// What, why, and the next step.
    pub text: Clean,
    /// Whether the config expects it.
    pub expected: bool,
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Operation {
    /// Its id.
    pub id: String,
    /// `rollback`, `traffic`, `flag`.
    pub kind: &'static str,
    /// The service's resource, short.
    pub service: String,
    /// What it goes to.
    pub target: String,
    /// In words: `Roll back to 00417-hux`.
    pub what: String,
    /// What was before.
    pub before: String,
    /// What was asked for.
    pub after: String,
    /// Who.
    pub by: Clean,
    /// Their role.
    pub role: Clean,
    /// When it was asked for.
    pub at: At,
    /// Why.
    pub reason: Clean,
    /// What was seen then.
    pub evidence: Vec<Clean>,
    /// The room's verdict then, with its first reason; `null`: none was recorded before.
    pub verdict: Option<Said>,
    /// The states that it reached.
    pub steps: Vec<Step>,
    /// Where it is now.
    pub state: OpState,
    /// Whether nothing more is expected of it.
    pub over: bool,
    /// The record of its intent.
    pub record: u64,
}

/// A state that an operation reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Which.
    pub state: OpState,
    /// When.
    pub at: At,
    /// In words.
    pub detail: Clean,
    /// The record.
    pub record: u64,
}

/// A source that was lost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Loss {
    /// Which.
    pub source: String,
    /// How often.
    pub times: u64,
    /// For how long together, as far as its return was recorded or the report's time ended.
    pub seconds: f64,
    /// Whether it is still lost.
    pub lasts: bool,
    /// The newest error.
    pub error: Clean,
    /// The newest record of it.
    pub record: u64,
}

/// A line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The record.
    pub record: u64,
    /// When.
    pub at: At,
    /// Who; `room` for the machine.
    pub by: Clean,
    /// Their role.
    pub role: Clean,
    /// The record's kind.
    pub kind: &'static str,
    /// What happened.
    pub text: Clean,
    /// It was recorded late, because the journal could not be written.
    pub late: bool,
}

/// A stage that the rollout entered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stage {
    /// Its name.
    pub name: Clean,
    /// `passed`, `given_up` or `not_passed`.
    pub state: &'static str,
    /// When it began.
    pub entered: At,
    /// Who went there.
    pub by: Clean,
    /// When it was passed or given up.
    pub left: Option<At>,
    /// Who passed it or gave it up.
    pub left_by: Option<Clean>,
    /// Why it was given up; may be empty.
    pub why: Clean,
    /// How long it was watched while everything was good.
    pub soaked_seconds: f64,
    /// How much of that nobody watched, and was looked up afterwards in what Prometheus remembers.
    pub back_filled_seconds: f64,
    /// What spoke against going on, where a person went on all the same.
    pub against: Vec<Clean>,
    /// The record with which it began.
    pub record: u64,
}
