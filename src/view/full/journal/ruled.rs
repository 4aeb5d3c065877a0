//! What a record of a ruling holds beyond its one line.

use crate::domain::{Entry, Wall, format};

/// The facts of `entry`, by their labels.
#[expect(clippy::wildcard_enum_match_arm, reason = "only asked for records of rulings")]
pub(super) fn facts(entry: &Entry, at: Wall) -> Vec<(&'static str, String)> {
    match entry {
        Entry::Overrode { state, over, reason, until, .. } => vec![
            ("verdict", format!("{} instead of {}", state.word(), over.word())),
            ("until", format::moment(*until, at)),
            ("reason", reason.to_string()),
        ],
        Entry::OverrideEnded => vec![("verdict", "the room's own again".to_owned())],
        Entry::Accepted { condition, what, reason, until, .. } => vec![
            ("condition", condition.clone()),
            ("accepted", what.words().to_owned()),
            ("until", format::moment(*until, at)),
            ("reason", reason.to_string()),
        ],
        Entry::AcceptanceEnded { condition } => vec![("condition", condition.clone())],
        _ => Vec::new(),
    }
}
