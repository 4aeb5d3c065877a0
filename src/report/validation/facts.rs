//! What a report says, as data: the Markdown is written from it, and the JSON is it. `docs/reports.md` describes every key.

use serde::{Serialize, Serializer};

use crate::domain::{Clean, VerdictState, Wall};
use crate::report::snapshot;

mod figures;
mod rows;

pub use figures::*;
pub use rows::*;

/// The schema's name and version.
pub const SCHEMA: &str = "warroom.report/1";

/// A time; RFC 3339 in UTC with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct At(pub Wall);

impl Serialize for At {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&snapshot::time(self.0))
    }
}

/// The whole report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// When it was written.
    pub at: At,
    /// Its heading.
    pub title: String,
    /// What the deployment was to show.
    pub purpose: String,
    /// A few sentences for who reads no further.
    pub summary: Vec<String>,
    /// The room.
    pub room: String,
    /// Where the rollout happened.
    pub environment: Environment,
    /// The time and the records that it speaks of.
    pub period: Period,
    /// The rollout, if the journal knows one.
    pub rollout: Option<Rollout>,
    /// What was deployed.
    pub services: Vec<Service>,
    /// The verdict.
    pub verdict: Verdict,
    /// The verdict over the time, without a hole.
    pub history: Vec<Stretch>,
    /// What was known to fail.
    pub expected: Vec<Expected>,
    /// Key figures.
    pub figures: Figures,
    /// The items of the documents, section by section.
    pub items: Items,
    /// Gates with their newest result.
    pub gates: Vec<Gate>,
    /// Conditions over the time of the rollout.
    pub signals: Vec<Signal>,
    /// Findings of the documents.
    pub findings: Vec<Finding>,
    /// What was done.
    pub operations: Vec<Operation>,
    /// Stages that the rollout entered.
    pub stages: Vec<Stage>,
    /// Sources that were lost.
    pub losses: Vec<Loss>,
    /// What people wrote down.
    pub notes: Vec<Line>,
    /// What is left over.
    pub left_over: Vec<Said>,
    /// What is to be done next.
    pub next_steps: Vec<Said>,
    /// What the records recommend.
    pub recommendation: Recommendation,
    /// Everything in order.
    pub timeline: Vec<Line>,
}

/// Where it happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Whether it is guarded as production.
    pub production: bool,
}

/// A sentence with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The sentence; names and words from outside stand in it as they are.
    pub text: String,
    /// The record that shows it.
    pub record: Option<u64>,
}

/// The time that the report speaks of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Period {
    /// `rollout`: from its begin to its end; `journal`: all records, for the journal knows no rollout.
    pub basis: &'static str,
    /// Its begin; `null`: nothing was recorded.
    pub from: Option<At>,
    /// Its end: of the rollout, else the newest record, or now where the room is open.
    pub until: Option<At>,
    /// Its length.
    pub seconds: Option<f64>,
    /// Whether the rollout is not over.
    pub open: bool,
    /// Number of the first record.
    pub first_record: Option<u64>,
    /// Number of the last record.
    pub last_record: Option<u64>,
    /// Records in it.
    pub records: u64,
}

/// A rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rollout {
    /// Its id.
    pub id: String,
    /// What was rolled out.
    pub candidate: Option<Clean>,
    /// It is known by a tag only, so that another image of that name would not be seen.
    pub by_name: bool,
    /// What served before.
    pub baseline: Option<Clean>,
    /// Who began it.
    pub by: Option<Clean>,
    /// When it began.
    pub begun_at: At,
    /// When it ended.
    pub ended_at: Option<At>,
    /// Who ended it.
    pub ended_by: Option<Clean>,
    /// How it ended.
    pub outcome: Option<&'static str>,
    /// What was said at its end.
    pub note: Option<Clean>,
}

/// A service and what it serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Where it is reached: by the platform, else the host of its first probe.
    pub url: Option<String>,
    /// Who says so: `platform`, or `config` for the probe's host.
    pub url_basis: Option<&'static str>,
    /// What served when the report begins.
    pub before: Option<Revision>,
    /// What was rolled out: the newest revision that got traffic and is not the one before.
    pub candidate: Option<Revision>,
    /// What served when the report ends.
    pub after: Option<Revision>,
    /// The split then, in words.
    pub split: Option<String>,
    /// The record of that split.
    pub record: Option<u64>,
}

/// A revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Revision {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: Option<Clean>,
    /// The record in which it was first seen.
    pub record: Option<u64>,
}

/// The verdict at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What it was; `null`: none was recorded.
    pub state: Option<VerdictState>,
    /// HOLD because something could not be seen.
    pub blind: bool,
    /// The act that it was about.
    pub act: Option<Clean>,
    /// Its reasons.
    pub reasons: Vec<Clean>,
    /// Since when.
    pub since: Option<At>,
    /// `live`: as the open room judges now; `recorded`: the newest that the journal has.
    pub basis: &'static str,
    /// The record, if it is from one.
    pub record: Option<u64>,
    /// The record that has its reasons: the same, or a newer one in which they changed and the verdict did not.
    pub reasons_record: Option<u64>,
    /// Until when somebody watched it; `null`: nobody did.
    pub seen_until: Option<At>,
    /// What people said instead of it. It stays the room's own here.
    pub overrides: Vec<Said>,
}

/// Something that was known to fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Expected {
    /// `configured`, `accepted`, `waived`.
    pub kind: &'static str,
    /// What.
    pub name: Clean,
    /// Why it is expected, in whose words there are.
    pub reason: Clean,
    /// What was seen of it.
    pub seen: String,
    /// The record that accepts it.
    pub record: Option<u64>,
}

/// What the records recommend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recommendation {
    /// `proceed`, `hold`, `do_not_proceed`.
    pub state: &'static str,
    /// A sentence.
    pub text: String,
    /// Why, each with its evidence.
    pub because: Vec<Said>,
}
