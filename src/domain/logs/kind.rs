//! What kind of thing an entry tells of: the rule that knows it, or what is left of an error's text without its numbers.

use crate::domain::room::{LogRule, ServiceIx};

use super::{LogEntry, Severity};

/// Longest name made of a text, in characters.
const LONGEST: usize = 60;

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    /// The rule's name, or the text that all of this kind share.
    pub name: String,
    /// It is known and no reason to worry.
    pub expected: bool,
}

/// The kind of an entry; `None`: it is no error, and no rule knows it.
pub fn kind(rules: &[LogRule], service: ServiceIx, entry: &LogEntry) -> Option<Kind> {
    if let Some(rule) = rules.iter().find(|rule| rule.is_about(service, entry)) {
        return Some(Kind { name: rule.name.clone(), expected: rule.expected });
    }
    let error = entry.severity >= Severity::Error;
    error.then(|| Kind { name: shape(&entry.text), expected: false })
}

/// The text without what differs from one time to the next: numbers, ids, what is quoted.
fn shape(text: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in text.split_whitespace() {
        let differs = word.chars().any(|c| c.is_ascii_digit());
        let word = if differs { "…" } else { word };
        if !(differs && words.last() == Some(&"…")) {
            words.push(word);
        }
    }
    let all = words.join(" ");
    if all.chars().count() <= LONGEST {
        return all;
    }
    all.chars().take(LONGEST - 1).chain(['…']).collect()
}
