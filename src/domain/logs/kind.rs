//! What kind of thing an entry tells of: the rule that knows it, or what is left of an error's text without its numbers.

use crate::domain::room::{LogRule, ServiceIx};

use super::{LogEntry, Severity};

/// With these words the line of a request begins.
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

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

/// The text without what differs from one time to the next: numbers and ids. A request keeps its status.
fn shape(text: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    // JSON has no spaces between its words.
    let json = text.starts_with('{');
    let parts = text.split(|c: char| c.is_whitespace() || (json && "{}[]\":,".contains(c)));
    for word in parts.filter(|part| !part.is_empty()) {
        let status = word.len() == 3 && words.len() == 1 && METHODS.contains(&words[0]);
        let differs = !status && (word.chars().any(|c| c.is_ascii_digit()) || is_hex_id(word));
        let word = if differs { "…" } else { word };
        if !(differs && words.last() == Some(&"…")) {
            words.push(word);
        }
    }
    if words.is_empty() {
        return "(no text)".to_owned();
    }
    let all = words.join(" ");
    if all.chars().count() <= LONGEST {
        return all;
    }
    all.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// An id may happen to have no digit: `eedfee`.
fn is_hex_id(word: &str) -> bool {
    word.len() >= 6 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}
