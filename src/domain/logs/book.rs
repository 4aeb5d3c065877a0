//! The entries that are known, in their order, each once however often it was read; bounded.

use std::collections::BTreeMap;

use crate::domain::room::{LogRule, ServiceIx};
use crate::domain::{Clean, Wall};

use super::{Kind, LogEntry, kind};

/// When an entry happened, and its id.
pub type Key = (Wall, Clean);

/// Entries kept.
const MOST: usize = 2000;

/// The entries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Book {
    entries: BTreeMap<Key, Known>,
}

/// An entry, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The entry.
    pub entry: LogEntry,
    /// Its kind; `None`: it is no error, and no rule knows it.
    pub kind: Option<Kind>,
}

/// What is to be thought of a kind, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// No rule takes it for normal.
    Unexpected,
    /// Known, and more often than the rule says.
    TooMany,
    /// Known, and not more often than that.
    Expected,
}

impl Standing {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Unexpected => "unexpected",
            Self::TooMany => "more than expected",
            Self::Expected => "expected",
        }
    }
}

/// How many entries are of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct KindCount {
    /// What all of them tell.
    pub name: String,
    /// What is to be thought of it.
    pub standing: Standing,
    /// All that are kept.
    pub count: usize,
    /// Those of the last minute.
    pub last_minute: usize,
    /// The newest.
    pub newest: Wall,
}

impl Known {
    /// Whether it is noise that a rule knows.
    pub fn is_expected(&self) -> bool {
        self.kind.as_ref().is_some_and(|kind| kind.expected)
    }

    /// Whether it is an error that nobody expects.
    pub fn is_unexpected(&self) -> bool {
        self.kind.as_ref().is_some_and(|kind| !kind.expected)
    }
}

impl KindCount {
    /// Whether there is nothing to do about it.
    pub fn is_expected(&self) -> bool {
        self.standing == Standing::Expected
    }
}

impl Book {
    /// Takes entries of a service in, each judged by the rules; answers with those that were new.
    pub fn add(
        &mut self,
        (rules, service): (&[LogRule], ServiceIx),
        entries: impl IntoIterator<Item = LogEntry>,
    ) -> Vec<Key> {
        let mut new = Vec::new();
        for entry in entries {
            let key = entry.key();
            if self.entries.contains_key(&key) {
                continue;
            }
            let kind = kind(rules, service, &entry);
            self.entries.insert(key.clone(), Known { entry, kind });
            new.push(key);
            if self.entries.len() > MOST {
                self.entries.pop_first();
            }
        }
        let oldest = self.entries.keys().next();
        new.retain(|key| oldest.is_some_and(|oldest| key >= oldest));
        new
    }

    /// One entry.
    pub fn get(&self, key: &Key) -> Option<&Known> {
        self.entries.get(key)
    }

    /// The entries, newest first.
    pub fn newest_first(&self) -> impl DoubleEndedIterator<Item = &Known> {
        self.entries.values().rev()
    }

    /// The newest.
    pub fn newest(&self) -> Option<&Key> {
        self.entries.keys().next_back()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many there are of each kind: first what is not expected, then what there is most of.
    pub fn counts(&self, rules: &[LogRule], now: Wall) -> Vec<KindCount> {
        let mut kinds: BTreeMap<&Kind, KindCount> = BTreeMap::new();
        for known in self.newest_first() {
            let Some(kind) = &known.kind else { continue };
            let count = kinds.entry(kind).or_insert_with(|| KindCount {
                name: kind.name.clone(),
                standing: if kind.expected { Standing::Expected } else { Standing::Unexpected },
                count: 0,
                last_minute: 0,
                newest: known.entry.at,
            });
            count.count += 1;
            // What says that it is yet to come is of no minute.
            count.last_minute += usize::from((now - known.entry.at).num_seconds().abs() < 60);
        }
        let limit = |name: &str| rules.iter().find(|rule| rule.name == name).and_then(|rule| rule.most);
        let mut counts: Vec<KindCount> = kinds.into_values().collect();
        for count in counts.iter_mut().filter(|count| count.standing == Standing::Expected) {
            if limit(&count.name).is_some_and(|most| count.last_minute as f64 > most) {
                count.standing = Standing::TooMany;
            }
        }
        counts.sort_by_key(|count| (count.is_expected(), std::cmp::Reverse(count.count)));
        counts
    }
}
