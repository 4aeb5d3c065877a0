//! A rollout: one deployment, to which ticks, clocks and windows belong.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::revision::{digest, is_by_name, short_digest};
use super::{Clean, Wall};

/// How a rollout ended.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumIter,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "kebab-case")]
pub enum Outcome {
    /// The candidate serves, and stays.
    Completed,
    /// The traffic went back.
    RolledBack,
    /// Given up before it served, or left unfinished.
    Aborted,
}

impl Outcome {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::RolledBack => "rolled back",
            Self::Aborted => "aborted",
        }
    }
}

/// What a service rolls out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Seen {
    /// The revision, short name.
    pub revision: String,
    /// Its image: the digest where it has one.
    pub image: Clean,
}

/// When the candidate first got traffic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct T0 {
    /// When.
    pub at: Wall,
    /// It was seen in the traffic; else a person marked it.
    pub detected: bool,
    /// Who wrote it down.
    pub by: Clean,
}

/// The end of a rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// When.
    pub at: Wall,
    /// Who said so.
    pub by: Clean,
    /// How it ended.
    pub outcome: Outcome,
    /// Their note; may be empty.
    pub note: Clean,
    /// What was left over: pins, locks, open items.
    pub left: Vec<Clean>,
    /// How much of that was not signed off: required items that were open, failed and lapsed ones, triggers that were
    /// set. With any of it the rollout is no evidence for another room.
    pub unsigned: u32,
}

/// One deployment, as the records tell it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rollout {
    /// `rN`, N being the record with which it began.
    pub id: String,
    /// Who began it; `None`: nobody said so, it began with the first tick or the first sight of a candidate.
    pub by: Option<Clean>,
    /// When it began.
    pub begun_at: Wall,
    /// The release candidate as a person gave it: a digest or a commit.
    pub given: Option<Clean>,
    /// What each service rolls out, as last seen.
    pub candidates: BTreeMap<String, Seen>,
    /// What each service served before.
    pub baseline: BTreeMap<String, Seen>,
    /// Where it happens.
    pub environment: String,
    /// When the candidate first got traffic.
    pub t0: Option<T0>,
    /// Its end.
    pub end: Option<End>,
    /// Who did dangerous acts in it, the last one last.
    pub acted: Vec<Clean>,
}

impl Rollout {
    /// The release candidate in words: as given, else the images by service.
    pub fn candidate(&self) -> Option<Clean> {
        self.given.clone().or_else(|| images(&self.candidates))
    }

    /// Whether something is rolled out that is known by a tag only: another image of that name would not be seen.
    pub fn is_by_name(&self) -> bool {
        self.candidates.values().any(|seen| is_by_name(&seen.image))
    }

    /// Which one it is, and how it stands, in words: `rollout r4 of sha256:9f1ce27a, begun by mara`.
    pub fn words(&self) -> String {
        let short = |candidate: Clean| -> String {
            candidate.split(", ").map(|image| short_digest(digest(image))).collect::<Vec<_>>().join(", ")
        };
        let of = self.candidate().map(|candidate| format!(" of {}", short(candidate))).unwrap_or_default();
        let stands = match (&self.end, &self.by) {
            (Some(end), _) => format!(", {} by {}", end.outcome.words(), end.by),
            (None, Some(by)) => format!(", begun by {by}"),
            (None, None) => String::new(),
        };
        format!("rollout {}{of}{stands}", self.id)
    }

    /// What served before, in words.
    pub fn baseline(&self) -> Option<Clean> {
        images(&self.baseline)
    }

    /// Whether it is not over.
    pub fn is_open(&self) -> bool {
        self.end.is_none()
    }

    /// Whether this revision served before it: traffic that comes back to that is no other candidate.
    pub fn came_from(&self, service: &str, revision: &str) -> bool {
        self.is_open() && self.baseline.get(service).is_some_and(|before| before.revision == revision)
    }

    /// Who deploys: who did the last dangerous act, else who began it.
    pub fn deployer(&self) -> Option<&Clean> {
        self.acted.last().or(self.by.as_ref())
    }

    /// Whether `who` began it or did a dangerous act in it.
    pub fn deploys(&self, who: &str) -> bool {
        self.acted.iter().chain(&self.by).any(|name| same_person(name, who))
    }
}

/// Whether two names are one person's: case and spaces around it make nobody a second person.
pub fn same_person(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn images(seen: &BTreeMap<String, Seen>) -> Option<Clean> {
    let images: Vec<&str> =
        seen.values().map(|seen| &*seen.image).filter(|image| !image.is_empty()).collect();
    (!images.is_empty()).then(|| Clean::new(&images.join(", ")))
}
