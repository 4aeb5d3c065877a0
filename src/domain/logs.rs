//! Log entries of a revision in plain words: what was read, which errors a rule knows, and how many there are of each kind.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::room::{LogRule, ServiceIx};
use super::{Clean, Mono, Wall};

mod book;
mod kind;

pub use book::{Book, Key, KindCount, Known, Standing};
pub use kind::{Kind, kind};

/// How bad an entry says it is, in the order of Cloud Logging.
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
    strum::EnumIter,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", ascii_case_insensitive)]
pub enum Severity {
    /// It says nothing; what a program prints is such.
    #[default]
    Default,
    /// For whoever writes the program.
    Debug,
    /// Routine.
    Info,
    /// Normal, and worth a look: a change of the configuration.
    Notice,
    /// It might become a problem.
    Warning,
    /// Something failed.
    Error,
    /// Worse.
    Critical,
    /// Somebody must act at once.
    Alert,
    /// Nothing works.
    Emergency,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// When it happened, as it says itself.
    pub at: Wall,
    /// With the time, what tells it from every other one.
    pub insert_id: Clean,
    /// How bad.
    pub severity: Severity,
    /// Which revision wrote it; empty: the service itself.
    pub revision: Clean,
    /// Into which log: `stderr`, `requests`, `activity`.
    pub log: Clean,
    /// Its first line.
    pub text: Clean,
    /// The other lines.
    pub more: Vec<Clean>,
    /// What else it tells, by name.
    pub facts: Vec<(Clean, Clean)>,
}

/// Which entries are asked for, again and again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tail {
    /// Of this service.
    pub service: ServiceIx,
    /// Of this revision, by its whole name; `None`: of all.
    pub revision: Option<String>,
    /// As bad as this, or worse.
    pub least: Severity,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LogPage {
    /// In any order.
    pub entries: Vec<LogEntry>,
    /// There are more than were read, between these and what was known.
    pub cut: bool,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogsLost {
    /// In words, with what to do.
    pub why: Clean,
    /// In two or three words.
    pub short: Clean,
    /// When it is tried again.
    pub retry_at: Mono,
}

/// Entries were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogsRead {
    /// What for: the answer to an older wish is of no use.
    pub tail: Tail,
    /// When the answer was there.
    pub at: Mono,
    /// What came.
    pub answer: Result<LogPage, LogsLost>,
}

impl LogEntry {
    /// Its place among the others, which is also who it is.
    pub fn key(&self) -> Key {
        (self.at, self.insert_id.clone())
    }

    /// Whether `word`, in small letters, stands in any of it.
    pub fn holds(&self, word: &str) -> bool {
        let has = |text: &str| text.to_lowercase().contains(word);
        has(&self.text)
            || self.more.iter().any(|line| has(line))
            || self.facts.iter().any(|(name, value)| has(name) || has(value))
    }

    /// All of it as text: for the clipboard.
    pub fn whole(&self) -> String {
        let at = self.at.format("%Y-%m-%dT%H:%M:%S%.3fZ");
        let mut text = format!("{at} {} {} {}", self.severity, self.revision, self.text);
        for line in &self.more {
            text = format!("{text}\n{line}");
        }
        for (name, value) in &self.facts {
            text = format!("{text}\n{name}: {value}");
        }
        text
    }
}

impl LogRule {
    /// Whether it speaks of this entry of a service.
    pub fn is_about(&self, service: ServiceIx, entry: &LogEntry) -> bool {
        let here = self.services.is_empty() || self.services.contains(&service);
        here && self
            .patterns
            .iter()
            .any(|pattern| fits(pattern, &entry.text) || entry.more.iter().any(|line| fits(pattern, line)))
    }
}

/// How long after an entry happened it may still come: logs are not written in order.
const LATE: Duration = Duration::from_secs(30);

/// From when on to ask next, where the newest that is known is of `newest`. An entry may say that it is of a time to come;
/// what is written now must be read all the same.
pub fn next_since(since: Wall, newest: Wall, now: Wall) -> Wall {
    since.max(newest.min(now) - LATE)
}

/// The signal of errors that nobody expects, in the minute before the last look.
pub const UNEXPECTED: &str = "logs.unexpected_per_minute";

/// How often errors are read for it, whether somebody looks or not: a third of a service's fair share of 60 reads a minute.
pub const ERRORS_EVERY: Duration = Duration::from_secs(20);

/// Whether `text` holds `pattern` somewhere, in whatever case; `*` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut rest = text.as_str();
    pattern.split('*').all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests;
