//! What serves, as the records of splits tell it.

use crate::domain::revision::suffix;
use crate::domain::{Entry, TrafficTarget};

/// A split that was seen, and by whom it came to be; of one that was seen again what the room thinks of it now.
pub(super) fn served(entry: &Entry) -> String {
    let Entry::Split { service, split, healthy, by, follows_latest, again } = entry else {
        return String::new();
    };
    let shares = shares(service, split);
    if *again {
        return format!("{service}: {}, {shares}", opinion(*healthy));
    }
    let by = if by.is_empty() { String::new() } else { format!(", by {by}") };
    let latest = if *follows_latest { ", the latest" } else { "" };
    format!("{service} serves {shares}{latest}{by}")
}

/// What the room thinks of what serves.
pub(super) fn opinion(healthy: Option<bool>) -> &'static str {
    if healthy == Some(true) { "what serves is good" } else { "what serves is not good" }
}

/// Shares by revision: `00417-hux 90 %, 00418-ral 10 %`.
pub(super) fn shares(service: &str, split: &[TrafficTarget]) -> String {
    let share = |target: &TrafficTarget| {
        let name = target.revision.as_deref().map_or("the latest", |name| suffix(service, name));
        format!("{name} {} %", target.percent)
    };
    let parts: Vec<String> = split.iter().filter(|target| target.percent > 0).map(share).collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}
