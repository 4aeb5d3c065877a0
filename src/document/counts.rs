//! How much of everything there is.

use super::blocks::{Blocks, Kind};
use super::commands::{Tongue, tongue};
use crate::domain::plan::Counts;

/// Counts `blocks`; items are counted where they are made.
pub(super) fn of(blocks: &Blocks) -> Counts {
    let mut counts = Counts {
        headings: number(blocks.heads.iter().filter(|head| !head.bold).count()),
        links: blocks.links,
        ..Counts::default()
    };
    for block in &blocks.list {
        match &block.kind {
            Kind::Item { ticked: None, number: Some(_), .. } => counts.ordered_steps += 1,
            Kind::Table { .. } => counts.tables += 1,
            Kind::Fence { language, code, .. } => match (language.as_str(), tongue(language, code)) {
                (_, Tongue::Shell | Tongue::Foreign) => counts.shell += 1,
                ("promql" | "promq", Tongue::Other) => counts.promql += 1,
                ("yaml" | "yml", Tongue::Other) => counts.yaml += 1,
                (_, Tongue::Other) => counts.other += 1,
            },
            Kind::Item { .. } | Kind::Paragraph(_) | Kind::Html(_) => {}
        }
    }
    counts
}

/// A count as it is told.
pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
