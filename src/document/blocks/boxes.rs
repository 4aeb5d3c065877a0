//! Boxes that are no task list of GitHub's: `[]`, `[✓]`, `☐`, `☑`, `⬜` at the beginning of a list item, and the signs `✅`
//! and `❌`.

use std::collections::HashSet;
use std::ops::Range;

use super::{Block, Kind, Text};
use super::{begins_with, choice};
use crate::domain::Clean;

/// What a text begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    /// A box, ticked or not.
    Box(bool),
    /// A sign for good or bad.
    Sign(bool),
}

/// Glyphs that stand for a box, and whether it is ticked; or for a sign.
pub(super) const GLYPHS: [(&str, Begin); 27] = [
    ("☐", Begin::Box(false)),
    ("⬜", Begin::Box(false)),
    ("◻", Begin::Box(false)),
    ("□", Begin::Box(false)),
    ("▢", Begin::Box(false)),
    ("🔲", Begin::Box(false)),
    ("⬛", Begin::Box(false)),
    ("❏", Begin::Box(false)),
    ("❑", Begin::Box(false)),
    ("☑", Begin::Box(true)),
    ("☒", Begin::Box(true)),
    ("🗹", Begin::Box(true)),
    ("✅", Begin::Sign(true)),
    ("✔", Begin::Sign(true)),
    ("✓", Begin::Sign(true)),
    ("❌", Begin::Sign(false)),
    ("✖", Begin::Sign(false)),
    ("✗", Begin::Sign(false)),
    ("✘", Begin::Sign(false)),
    ("⛔", Begin::Sign(false)),
    (":white_large_square:", Begin::Box(false)),
    (":black_square_button:", Begin::Box(false)),
    (":ballot_box_with_check:", Begin::Box(true)),
    (":white_check_mark:", Begin::Sign(true)),
    (":heavy_check_mark:", Begin::Sign(true)),
    (":x:", Begin::Sign(false)),
    ("🔳", Begin::Box(false)),
];

/// What may stand between brackets, and whether it ticks.
const BETWEEN: [(&str, bool); 18] = [
    ("", false),
    (" ", false),
    ("\u{a0}", false),
    ("  ", false),
    (" x", true),
    ("x ", true),
    (" X", true),
    ("X ", true),
    ("_", false),
    ("-", false),
    ("~", false),
    ("x", true),
    ("X", true),
    ("✓", true),
    ("✔", true),
    ("✅", true),
    ("√", true),
    ("*", true),
];

/// As far after the beginning of an item its box is looked for.
const NEAR: usize = 32;

/// Finds the boxes of the list items that have none yet. Beside a `⬜`, the sign `✅` is a ticked box.
pub(super) fn find(all: &mut [Block], body: &str) {
    let mut glyphs = HashSet::new();
    for block in all.iter_mut() {
        let at = block.at.clone();
        let Kind::Item { ticked, sign, mark, number, list, text, .. } = &mut block.kind else { continue };
        if ticked.is_some() {
            continue;
        }
        if *list == 0
            && let Some((step, length)) = begins_with::step(&text.plain)
        {
            *number = Some(step);
            cut(text, length);
        }
        let lead = begins_with::lead(&text.plain);
        if lead > 0 {
            cut(text, lead);
        }
        if let Some(length) = choice::length(&text.plain) {
            *ticked = Some(false);
            cut(text, length);
            continue;
        }
        let Some((begin, length)) = begin(&text.plain) else { continue };
        let written = text.plain.get(..length).unwrap_or_default();
        match begin {
            Begin::Box(is_ticked) => {
                *ticked = Some(is_ticked);
                if brackets(written).is_none() {
                    glyphs.insert((block.head, block.inside));
                }
            }
            Begin::Sign(good) => *sign = Some(good),
        }
        *mark = place(body, at.start, written);
        cut(text, length);
    }
    for block in all.iter_mut() {
        if let Kind::Item { ticked: ticked @ None, sign: sign @ Some(_), .. } = &mut block.kind
            && glyphs.contains(&(block.head, block.inside))
        {
            *ticked = sign.take();
        }
    }
    odd_ones(all, body);
}

/// Words between brackets that say how it stands, and whether that is done.
const STATES: [(&str, bool); 26] = [
    ("ok", true),
    ("okay", true),
    ("yes", true),
    ("done", true),
    ("v", true),
    ("y", true),
    ("pass", true),
    ("passed", true),
    ("erledigt", true),
    ("ja", true),
    ("fait", true),
    ("oui", true),
    ("hecho", true),
    ("feito", true),
    ("完了", true),
    ("完成", true),
    ("todo", false),
    ("n/a", false),
    ("na", false),
    ("wip", false),
    ("open", false),
    ("offen", false),
    ("skip", false),
    ("skipped", false),
    ("blocked", false),
    ("in progress", false),
];

/// In a list with boxes, what begins with another mark is an item, too: `- [/] half of it`, `- [done] all of it`, `- ( ) none`.
fn odd_ones(list: &mut [Block], body: &str) {
    let boxed: HashSet<u32> = list
        .iter()
        .filter_map(|block| match block.kind {
            Kind::Item { ticked: Some(_), list: list @ 1.., .. } => Some(list),
            _ => None,
        })
        .collect();
    for block in list {
        let at = block.at.start;
        let Kind::Item { ticked: ticked @ None, sign: None, mark, list, text, .. } = &mut block.kind else {
            continue;
        };
        let Some((ticks, length)) =
            odd(&text.plain).filter(|_| boxed.contains(list) || text.plain.starts_with("( )"))
        else {
            continue;
        };
        *ticked = Some(ticks);
        *mark = place(body, at, text.plain.get(..length).unwrap_or_default());
        cut(text, length);
    }
}

/// An unusual mark at the beginning of `text`: whether it ticks, and how long it is.
fn odd(text: &str) -> Option<(bool, usize)> {
    let (open, close) = brackets(text).or_else(|| text.starts_with('(').then_some(('(', ')')))?;
    let (inside, after) = text.get(open.len_utf8()..)?.split_once(close)?;
    let word = inside.trim().to_lowercase();
    let ticks = match word.as_str() {
        "" => false,
        "x" | "✓" | "✔" => true,
        _ if open == '(' => return None,
        known => match STATES.iter().find(|(state, _)| *state == known) {
            Some((_, ticks)) => *ticks,
            // `[1]` is a footnote.
            None if known.chars().count() <= 2 && !known.contains(|c: char| c.is_ascii_digit()) => false,
            None => return None,
        },
    };
    let length = open.len_utf8() + inside.len() + close.len_utf8();
    (after.starts_with(char::is_whitespace)).then_some((ticks, length))
}

/// Whether what stands between the brackets of a box is what everybody writes there.
pub(in crate::document) fn is_usual(between: &str) -> bool {
    let known = BETWEEN.iter().any(|(known, _)| *known == between) || between.trim().is_empty();
    (known && !matches!(between, "-" | "~")) || GLYPHS.iter().any(|(glyph, _)| *glyph == between)
}

/// What `text` begins with, and how long that is in bytes.
pub(super) fn begin(text: &str) -> Option<(Begin, usize)> {
    // Most texts begin with a letter or a number.
    if text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    if let Some((open, close)) = brackets(text) {
        let (inside, after) = text.get(open.len_utf8()..)?.split_once(close)?;
        let ticks = BETWEEN.iter().find(|(known, _)| *known == inside)?.1;
        // `[x](link)` and `[x]: link` are none; behind a wide bracket no space is usual.
        let apart = after.is_empty() || after.starts_with(char::is_whitespace);
        // "[ ]text" was meant so; "[]string" is a type.
        let glued =
            !inside.is_empty() && after.starts_with(|c: char| c.is_alphanumeric() || c == '*' || c == '`');
        let ends = !close.is_ascii() || apart || glued;
        return ends.then_some((Begin::Box(ticks), open.len_utf8() + inside.len() + close.len_utf8()));
    }
    let (glyph, begin) = GLYPHS.iter().find(|(glyph, _)| text.starts_with(glyph))?;
    Some((*begin, glyph.len()))
}

/// The brackets that `text` begins with, as typed on a Western or an East Asian keyboard.
fn brackets(text: &str) -> Option<(char, char)> {
    [('[', ']'), ('［', '］')].into_iter().find(|(open, _)| text.starts_with(*open))
}

/// Where `written` stands shortly after `from`: what is between its brackets, or the glyph. Inside the brackets the text
/// was tidied, so only they are looked for.
fn place(body: &str, from: usize, written: &str) -> Option<Range<usize>> {
    let after = body.get(from..)?;
    let mut end = after.len().min(NEAR + written.len());
    while !after.is_char_boundary(end) {
        end -= 1;
    }
    let near = after.get(..end)?;
    let round = written.starts_with('(').then_some(('(', ')'));
    if let Some((open, close)) = brackets(written).or(round) {
        let open = near.find(open)? + open.len_utf8();
        let close = open + near.get(open..)?.find(close)?;
        return Some(from + open..from + close);
    }
    let at = from + near.find(written)?;
    Some(at..at + written.len())
}

/// Takes the box away from the beginning of `text`.
fn cut(text: &mut Text, length: usize) {
    let without = |from: &str| from.get(length..).map(|rest| Clean::new(rest.trim_start()));
    text.strong = match text.strong.take() {
        Some(strong) if text.plain.starts_with(&*strong) => without(&strong).filter(|rest| !rest.is_empty()),
        other => other,
    };
    text.plain = without(&text.plain).unwrap_or_default();
}

/// The place of a box in a cell of a table, and whether it is ticked.
pub(super) fn in_cell(cell: &Text, body: &str) -> Option<(Begin, Range<usize>)> {
    let (begin, length) = begin(&cell.plain)?;
    let written = cell.plain.get(..length)?;
    let place = place(body, cell.at.start, written)?;
    (place.end <= cell.at.end).then_some((begin, place))
}
