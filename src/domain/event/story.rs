//! The story of one run: its events in order, each as a letter, and what is wrong with it.

use serde::{Deserialize, Serialize};

use crate::domain::{Clean, Mono};

/// A run as it is told to a person.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Story {
    /// Run id.
    pub run: Clean,
    /// Revision that sent it, if its events say so.
    pub revision: Clean,
    /// How it ended; `None`: still open.
    pub ending: Option<Ending>,
    /// Arrival of its first event here.
    pub began: Mono,
    /// Arrival of its newest event.
    pub last: Mono,
    /// Events received, repeats included.
    pub events: u32,
    /// Steps in the order of arrival with the missing ones where they belong; at most [`MAX_STEPS`] seen ones.
    pub steps: Vec<Step>,
    /// Events missing.
    pub missing: u32,
    /// Events that came twice.
    pub twice: u32,
    /// Events out of order.
    pub out_of_order: u32,
}

/// Steps kept of one run; later ones are only counted.
pub const MAX_STEPS: usize = 48;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Every rule was kept.
    Whole,
    /// Something is missing.
    Incomplete,
    /// Fell silent before its last event.
    TimedOut,
    /// Begun before we listened, or our connection broke meanwhile: no judgement.
    Unjudged,
}

/// One step of a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Step {
    /// What it is.
    pub mark: Mark,
    /// Index in `EventsSpec::types`; `None`: a type that is not configured.
    pub kind: Option<u16>,
    /// Microseconds since the run began (0 for a missing one).
    pub after_us: u64,
    /// Delivery latency, where known.
    pub delivery_us: Option<u64>,
    /// Call id, if any.
    pub call: Clean,
    /// Detail of the call, if any.
    pub detail: Clean,
}

/// What a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Came in its place.
    #[default]
    Seen,
    /// Never came.
    Missing,
    /// Came again.
    Twice,
    /// Came after one that had to follow it.
    OutOfOrder,
}

impl Story {
    /// The story in letters: `S T e _ C`; `_` missing, `x2` twice, `<` out of order, `…` still open.
    pub fn letters(&self, letters: &[char]) -> String {
        let mut out = String::new();
        for step in &self.steps {
            if !out.is_empty() {
                out.push(' ');
            }
            let letter = step.kind.and_then(|kind| letters.get(usize::from(kind))).copied().unwrap_or('+');
            match step.mark {
                Mark::Seen => out.push(letter),
                Mark::Missing => out.push('_'),
                Mark::Twice => out.push_str("x2"),
                Mark::OutOfOrder => out.extend(['<', letter]),
            }
        }
        if self.ending.is_none() {
            out.push_str(" …");
        }
        out
    }

    /// What is wrong in few words: `1 missing`, `2 twice`, `silent`; empty when nothing is.
    pub fn wrong(&self) -> String {
        let mut parts = Vec::new();
        let mut part = |count: u32, word: &str| {
            if count > 0 {
                parts.push(format!("{count} {word}"));
            }
        };
        part(self.missing, "missing");
        part(self.twice, "twice");
        part(self.out_of_order, "out of order");
        if self.ending == Some(Ending::TimedOut) && self.missing == 0 {
            parts.push("fell silent".to_owned());
        }
        parts.join(", ")
    }
}

impl Ending {
    /// Whether this counts as an incomplete run.
    pub fn is_incomplete(self) -> bool {
        matches!(self, Self::Incomplete | Self::TimedOut)
    }
}

/// One letter for each type, unique: the first letter of its last word, capital unless the type belongs to a
/// pair; then the other case, the word's further letters, and digits.
pub fn letters(types: &[String], pairs: &[(String, String)]) -> Vec<char> {
    let mut taken: Vec<char> = Vec::new();
    for name in types {
        let paired = pairs.iter().any(|(open, close)| open == name || close == name);
        let word = name.rsplit(['_', '.', ':', '-', '/']).find(|word| !word.is_empty()).unwrap_or(name);
        let ascii = word.chars().filter(char::is_ascii_alphanumeric);
        let cased = ascii.flat_map(|c| {
            let (low, high) = (c.to_ascii_lowercase(), c.to_ascii_uppercase());
            if paired { [low, high] } else { [high, low] }
        });
        let mut candidates = cased.chain('0'..='9').chain('a'..='z').chain('A'..='Z');
        let letter = candidates.find(|c| !taken.contains(c)).unwrap_or('+');
        taken.push(letter);
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_five_usual_types_get_their_letters() {
        let names =
            ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"];
        let types: Vec<String> = names.iter().map(|&n| n.to_owned()).collect();
        let pairs = [("tool_executing".to_owned(), "tool_completed".to_owned())];
        assert_eq!(letters(&types, &pairs), ['S', 'T', 'e', 'c', 'C']);
        let many: Vec<String> = (0..80).map(|n| format!("same{n}")).collect();
        let unique: std::collections::BTreeSet<char> = letters(&many[..60], &[]).into_iter().collect();
        assert_eq!(unique.len(), 60);
        assert_eq!(letters(&many, &[]).len(), 80);
    }

    #[test]
    fn a_story_reads_as_in_the_legend() {
        let step = |mark, kind| Step { mark, kind: Some(kind), ..Step::default() };
        let story = Story {
            steps: vec![
                step(Mark::Seen, 0),
                step(Mark::Twice, 0),
                step(Mark::OutOfOrder, 1),
                step(Mark::Missing, 1),
                Step::default(),
            ],
            missing: 1,
            twice: 1,
            ..Story::default()
        };
        assert_eq!(story.letters(&['S', 'T']), "S x2 <T _ + …");
        assert_eq!(story.wrong(), "1 missing, 1 twice");
    }
}
