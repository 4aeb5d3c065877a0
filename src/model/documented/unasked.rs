//! Which queries of documents a room cannot ask, with why: what a document states may be right and be asked nowhere.

use serde::Serialize;

use crate::domain::{Clean, Room};

/// One query that is asked nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Unasked {
    /// The document and the line.
    place: Clean,
    metric: String,
    query: String,
    why: Clean,
}

/// What a room makes of the queries of its documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InRoom {
    /// The config's file, where it is known.
    config: Option<String>,
    unasked: Vec<Unasked>,
    /// Queries that become no metric of the room at all.
    left_out: usize,
}

impl InRoom {
    /// Of a room that documents completed.
    pub fn new(config: Option<String>, room: &Room, left_out: usize) -> Self {
        let services = room.services.iter().filter_map(|service| service.metrics.as_ref());
        let unasked = services.flat_map(|metrics| &metrics.panels).filter_map(|panel| {
            let (metric, query) = (panel.name.clone(), panel.query.clone());
            let (place, why) = (panel.place()?.clone(), panel.problem()?.clone());
            (!query.is_empty()).then_some(Unasked { place, metric, query, why })
        });
        Self { config, unasked: unasked.collect(), left_out }
    }

    /// In lines; none where all are asked.
    pub fn words(&self) -> String {
        let mut lines = Vec::new();
        let by = self.config.as_ref().map_or_else(String::new, |config| format!(", {config}"));
        if !self.unasked.is_empty() {
            lines.push(format!("Queries that this room cannot ask ({}{by}):", self.unasked.len()));
        }
        lines.extend(self.unasked.iter().map(|it| format!("  {} {}: {}", it.place, it.metric, it.why)));
        if self.left_out > 0 {
            lines.push(format!("Queries that become no metric of this room ({}{by}):", self.left_out));
            lines.push("  it has no [[service]], or they are too many".to_owned());
        }
        lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }
}
