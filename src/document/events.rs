//! Event types that bullets name: `agent_started`, `run.completed`.

use super::blocks::{Kind, Text};
use super::outline::{Above, Outline};
use super::topic::Topic;
use crate::domain::Clean;
use crate::domain::plan::Named;

/// A longer name is none.
const LONGEST: usize = 80;

/// The events of a document, each once.
pub(super) fn find(outline: &Outline<'_>) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (place, block) in outline.blocks.list.iter().enumerate() {
        let Kind::Item { text, .. } = &block.kind else { continue };
        let Some(event) = name(text, outline.above(place)) else { continue };
        if seen.insert(event.to_owned()) {
            let rest = text.plain.get(event.len()..).unwrap_or_default();
            let rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
            found.push(Named { line: block.line, name: Clean::new(event), text: Clean::new(rest) });
        }
    }
    found
}

/// The event type that a bullet with `text` below these lines names: it begins with it, as code, bold or
/// all of a word with `_` or `.`, and a near line speaks of events.
pub(super) fn name<'a>(text: &'a Text, above: &[Above]) -> Option<&'a str> {
    let code = text.code.first().map(String::as_str).filter(|code| text.plain.starts_with(code));
    let bold = text.strong.as_deref().map(|bold| bold.trim_end_matches([':', ' ']));
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.:-/".contains(c);
    let joined = |name: &str| name.contains(['_', '.', ':', '-']);
    let is_type = |name: &str| {
        name.len() <= LONGEST
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(is_plain)
    };
    // Not as code nor bold: a hyphen alone may be a word's.
    let bare = || {
        let first = text.plain.split_whitespace().next()?.trim_end_matches(':');
        let behind = text.plain.get(first.len()..)?.trim_start();
        let apart = behind.is_empty() || behind.starts_with([':', '-', '–', '—', '(']);
        (apart && is_type(first) && first.contains(['_', '.']) && !first.contains('/')).then_some(first)
    };
    let name = code
        .filter(|code| is_type(code))
        .or_else(|| bold.filter(|name| is_type(name) && joined(name)))
        .or_else(bare)?;
    above.iter().take(2).any(|line| line.topics.has(Topic::Events)).then_some(name)
}
