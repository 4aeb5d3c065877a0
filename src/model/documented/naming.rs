//! What a documented metric is called: its title as a signal can have it.

use crate::domain::Room;

/// Longest name, in characters.
const LONGEST: usize = 48;

/// Words before a number that count panels, and name none.
const COUNTING: [&str; 8] = ["panel", "query", "graph", "chart", "metric", "dashboard", "abfrage", "requête"];

/// `Panel 2: Connection Duration` as `connection_duration`.
pub(super) fn of(title: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c.to_lowercase().next().unwrap_or(c) } else { '_' };
    let name: String = uncounted(title).chars().map(plain).take(LONGEST).collect();
    let name = name.split('_').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
    if name.is_empty() { "query".to_owned() } else { name }
}

/// A title without what only counts it.
fn uncounted(title: &str) -> &str {
    let Some((before, after)) = title.split_once([':', '：']) else { return title };
    let before = before.trim().trim_end_matches(|c: char| c.is_ascii_digit()).trim().to_lowercase();
    if COUNTING.contains(&before.as_str()) && !after.trim().is_empty() { after } else { title }
}

/// `name`, or with a number behind it the first that no metric and no condition of `room` has.
pub(super) fn free(name: &str, room: &Room) -> String {
    let metrics = || room.services.iter().filter_map(|service| service.metrics.as_ref());
    let taken = |name: &str| {
        metrics().any(|metrics| metrics.panels.iter().any(|panel| panel.name == name))
            || room.conditions.iter().any(|condition| condition.name == name)
    };
    let numbered = (2..=u32::MAX).map(|n| format!("{name}_{n}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
}
