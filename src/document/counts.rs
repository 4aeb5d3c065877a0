//! How much of everything there is.

use super::blocks::{Blocks, Kind};
use crate::domain::plan::Counts;

/// Languages of fences with commands. Without one, the content decides elsewhere.
const SHELL: [&str; 12] = [
    "bash",
    "sh",
    "shell",
    "zsh",
    "fish",
    "console",
    "terminal",
    "shell-session",
    "shellsession",
    "cmd",
    "powershell",
    "ps1",
];

/// Counts `blocks`; items are counted where they are made.
pub(super) fn of(blocks: &Blocks) -> Counts {
    let mut counts =
        Counts { headings: number(blocks.heads.len()), links: blocks.links, ..Counts::default() };
    for block in &blocks.list {
        match &block.kind {
            Kind::Item { ticked: None, number: Some(_), .. } => counts.ordered_steps += 1,
            Kind::Table { .. } => counts.tables += 1,
            Kind::Fence { language, .. } => match language.as_str() {
                language if SHELL.contains(&language) => counts.shell += 1,
                "promql" | "promq" => counts.promql += 1,
                "yaml" | "yml" => counts.yaml += 1,
                _ => counts.other += 1,
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
