//! Contacts that nobody filled in: `- DBA: ____`, a row with nothing but a name.

use crate::document::blocks::Kind;
use crate::document::items::labelled;
use crate::document::outline::Outline;
use crate::document::topic::{Topic, Topics};
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind};

/// Adds a finding for each line below contacts that names nobody, but where a placeholder says so already.
pub(super) fn find(outline: &Outline<'_>, found: &mut Vec<Finding>) {
    let told: Vec<u32> = found.iter().map(|finding| finding.line).collect();
    let mut tell = |line: u32, name: &str| {
        if !told.contains(&line) {
            let text = format!(
                "the contact “{name}” is empty; write who it is, and how to reach them, before the rollout"
            );
            found.push(Finding { line, kind: FindingKind::Placeholder, text: Clean::new(&text) });
        }
    };
    for (place, block) in outline.blocks.list.iter().enumerate() {
        let is_contact = || {
            let above = outline.above(place);
            above
                .iter()
                .find(|line| line.topics != Topics::default())
                .is_some_and(|line| line.topics.has(Topic::Contacts))
        };
        match &block.kind {
            Kind::Item { text, .. } | Kind::Paragraph(text) => {
                let named = labelled(&text.plain).filter(|(_, value)| is_empty(value));
                let alone = matches!(block.kind, Kind::Paragraph(_)) || outline.is_parent(place);
                if let Some((name, _)) =
                    named.filter(|(_, value)| !(value.is_empty() && alone)).filter(|_| is_contact())
                {
                    tell(block.line, name);
                }
            }
            Kind::Table { rows, .. } => {
                let empty = |cells: &[crate::document::blocks::Text]| {
                    cells.len() > 1 && cells.iter().skip(1).all(|cell| is_empty(&cell.plain))
                };
                let rows = rows.iter().filter(|(_, cells)| empty(cells));
                for (line, cells) in rows.filter(|_| is_contact()) {
                    tell(*line, cells.first().map(|cell| &*cell.plain).unwrap_or_default());
                }
            }
            Kind::Fence { .. } | Kind::Html(_) => {}
        }
    }
}

/// Whether nothing but signs, or the letters of a pattern, stand there: `____`, `???`, `+XX XXX`, `N.N.`
fn is_empty(value: &str) -> bool {
    matches!(value.trim(), "N.N." | "N. N." | "NN")
        || value.chars().all(|c| matches!(c, 'x' | 'X') || !c.is_alphanumeric())
}
