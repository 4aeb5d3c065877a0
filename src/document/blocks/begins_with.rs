//! What a line of text begins with, where Markdown sees nothing but text.

use super::boxes::{self, Begin};

/// Bullets that people type or paste, and Markdown does not know.
const BULLETS: [char; 7] = ['•', '・', '‣', '◦', '▪', '●', '·'];

/// The length of a typed bullet and the space behind it.
pub(super) fn bullet(text: &str) -> usize {
    let Some(rest) = text.strip_prefix(BULLETS) else { return 0 };
    let inner = rest.trim_start();
    // A wide one needs no space.
    if inner.len() < rest.len() || text.starts_with('・') { text.len() - inner.len() } else { 0 }
}

pub(super) fn a_bullet(line: &str) -> bool {
    bullet(line) > 0
}

/// Whether a box stands there, behind such a bullet or not.
pub(super) fn a_box(line: &str) -> bool {
    let text = line.get(bullet(line)..).unwrap_or_default();
    matches!(boxes::begin(text), Some((Begin::Box(_), _)))
}
