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

/// The length of such a bullet, or of what stands before a box only: `– [ ] text`, `a) [ ] text`.
pub(super) fn lead(text: &str) -> usize {
    let length = bullet(text);
    if length > 0 {
        return length;
    }
    let letter =
        text.strip_prefix(|c: char| c.is_ascii_alphabetic()).and_then(|rest| rest.strip_prefix([')', '.']));
    let Some(rest) = letter.or_else(|| text.strip_prefix(['–', '—'])) else { return 0 };
    let inner = rest.trim_start();
    let is_box = inner.len() < rest.len() && matches!(boxes::begin(inner), Some((Begin::Box(_), _)));
    if is_box { text.len() - inner.len() } else { 0 }
}

pub(super) fn a_bullet(line: &str) -> bool {
    bullet(line) > 0
}

/// Words that a step begins with where nothing but its number marks it.
const STEPS: [&str; 11] =
    ["step", "schritt", "étape", "etape", "paso", "passo", "etapa", "步骤", "步驟", "手順", "ステップ"];

/// The number of the step that `text` begins with, and how long word, number and mark are: `Étape 1 : couper`, `①停止`.
/// What has no words of its own behind them is no step.
pub(super) fn step(text: &str) -> Option<(u64, usize)> {
    named(text).or_else(|| counted(text))
}

/// `Step 2 - look`
fn named(text: &str) -> Option<(u64, usize)> {
    let word = STEPS
        .iter()
        .find(|word| text.get(..word.len()).is_some_and(|first| first.to_lowercase() == **word))?;
    let rest = text.get(word.len()..)?.trim_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number = rest.get(..digits)?.parse().ok()?;
    let mark = rest.get(digits..)?.trim_start();
    let behind = mark.strip_prefix([':', '：', '.', ')', '）', '-', '–', '—', '、'])?.trim_start();
    behind.contains(char::is_alphanumeric).then_some((number, text.len() - behind.len()))
}

/// `①停止`, `1、停止`, `（1）停止`: numbers that Markdown does not know.
fn counted(text: &str) -> Option<(u64, usize)> {
    let first = text.chars().next()?;
    let (number, behind) = if ('①'..='⑳').contains(&first) {
        (u64::from(u32::from(first) - u32::from('①') + 1), text.get(first.len_utf8()..)?)
    } else {
        let inside = text.strip_prefix(['（', '(']);
        let rest = inside.unwrap_or(text);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let end = if inside.is_some() { ['）', ')'] } else { ['、', '、'] };
        (rest.get(..digits)?.parse().ok()?, rest.get(digits..)?.strip_prefix(end)?)
    };
    let behind = behind.trim_start();
    behind.contains(char::is_alphanumeric).then_some((number, text.len() - behind.len()))
}

/// Whether the number that `line` begins with makes it a step where it begins a paragraph; elsewhere it may be the rest of a
/// sentence.
pub(super) fn a_number(line: &str) -> bool {
    counted(&line.replace("**", "")).is_some()
}

/// Whether `line`, as written, is a step; one that is bold as a whole is the title of what follows.
pub(super) fn a_step(line: &str) -> bool {
    let line = line.trim_end();
    let is_title = line.starts_with("**") && line.ends_with("**") && line.matches("**").count() == 2;
    !is_title && named(&line.replace("**", "")).is_some()
}

/// Whether a box stands there, behind such a bullet or not.
pub(super) fn a_box(line: &str) -> bool {
    let text = line.get(lead(line)..).unwrap_or_default();
    matches!(boxes::begin(text), Some((Begin::Box(_), _)))
}
