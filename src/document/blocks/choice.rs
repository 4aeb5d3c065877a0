//! Marks of which one is to be chosen: `✅/⚠️/❌`, `☐ pass ☐ fail`, rows with `✓`, `✗` and `☐`. Nothing is chosen yet, so none
//! of them ticks anything.

use std::ops::Range;

use super::Text;
use super::boxes::{Begin, GLYPHS, begin, in_cell};

/// Signs that are offered beside those that tick something.
const MORE: [&str; 12] = ["⚠", "⏳", "⏸", "⏭", "🟢", "🟡", "🟠", "🔴", "🚫", "⭕", "❓", "➖"];

/// What stands between the signs of a choice.
const BETWEEN: [char; 7] = [' ', '/', '|', '\\', ',', '\u{fe0f}', '／'];

/// No choice has more signs.
const MOST: usize = 8;

/// How long the marks at the beginning of `text` are, in bytes, if they are several different ones: one is to be chosen. A
/// box before a sign is no such choice.
pub(super) fn length(text: &str) -> Option<usize> {
    let open = usize::from(text.starts_with('['));
    let mut rest = text.get(open..)?;
    let first = sign(rest)?;
    let (mut differ, mut apart) = (false, false);
    for _ in 0..MOST {
        let Some(length) = sign(rest) else { break };
        differ |= rest.get(..length) != first_of(text.get(open..)?, first);
        rest = rest.get(length..)?;
        let next = rest.trim_start_matches(BETWEEN);
        let gap = rest.get(..rest.len() - next.len())?;
        // `✅ ⚠️ look out`: what stands beside a sign may belong to the words.
        apart |= sign(next).is_some() && gap.contains(['/', '|', '\\', '／']);
        rest = next;
    }
    let rest = if open > 0 { rest.strip_prefix(']')? } else { rest };
    (differ && (apart || rest.is_empty())).then(|| text.len() - rest.trim_start().len())
}

fn first_of(text: &str, length: usize) -> Option<&str> {
    text.get(..length)
}

/// The length of the sign that `text` begins with.
fn sign(text: &str) -> Option<usize> {
    if text.is_empty() || text.starts_with(|c: char| c.is_ascii() && c != ':') {
        return None;
    }
    let known = GLYPHS.iter().map(|(glyph, _)| glyph).chain(&MORE);
    known.filter(|glyph| text.starts_with(**glyph)).map(|glyph| glyph.len()).max()
}

/// Whether a choice stands in `text`.
pub(super) fn is_in(text: &str) -> bool {
    let is_symbol = |c: char| matches!(c, '[' | ':' | '\u{2300}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}');
    let mut at = text.char_indices().filter(|(_, c)| is_symbol(*c)).map(|(at, _)| at);
    at.any(|at| text.get(at..).is_some_and(|rest| length(rest).is_some()))
}

/// Whether a further box follows the one at the beginning of `text`: `☑ pass ☐ fail`.
fn has_further_box(text: &str) -> bool {
    let Some((Begin::Box(_), length)) = begin(text) else { return false };
    let rest = text.get(length..).unwrap_or_default();
    let mut words = rest.match_indices(' ').filter_map(|(at, _)| rest.get(at + 1..));
    words.any(|rest| matches!(begin(rest), Some((Begin::Box(_), _))))
}

/// How a row of a table stands by the marks of its cells.
#[derive(Debug, Default)]
pub(in crate::document) struct RowMark {
    /// The cell of the mark, and the mark's place in the body if a tick can be written there.
    pub(in crate::document) at: Option<(usize, Option<Range<usize>>)>,
    /// It is ticked.
    pub(in crate::document) ticked: bool,
    /// Several different marks stand in it: one is to be chosen.
    pub(in crate::document) is_choice: bool,
}

/// Whether a table with these `rows` has boxes or choices, so that its rows are items.
pub(in crate::document) fn has_marks(rows: &[(u32, Vec<Text>)]) -> bool {
    let mut templated = None;
    let mut is_mark = |cell: &Text| match begin(&cell.plain) {
        Some((Begin::Box(_), _)) => {
            !(is_blank(&cell.plain) && *templated.get_or_insert_with(|| is_template(rows)))
        }
        _ => length(&cell.plain).is_some(),
    };
    rows.iter().any(|(_, cells)| cells.iter().any(&mut is_mark))
}

/// `[X]`, in which a template may want a number.
fn is_blank(cell: &str) -> bool {
    cell.starts_with("[X]")
}

/// Whether cells want numbers between brackets, as `[Y]` or `[X.X]` does: then `[X]` is one of them, and no box.
pub(in crate::document) fn is_template(rows: &[(u32, Vec<Text>)]) -> bool {
    const BLANKS: [&str; 9] = ["[Y]", "[Z]", "[N]", "[X.", "[Y.", "[XX", "[±", "[X]%", "[X]/"];
    let wants =
        |cell: &Text| cell.plain.contains('[') && BLANKS.iter().any(|blank| cell.plain.contains(blank));
    rows.iter().any(|(_, cells)| cells.iter().any(wants))
}

/// Whether a column is for what went wrong: `Pass | Fail`.
fn is_of_bad(name: Option<&Text>) -> bool {
    const BAD: [&str; 17] = [
        "fail",
        "failed",
        "no",
        "nok",
        "not ok",
        "no-go",
        "nogo",
        "ko",
        "ng",
        "nein",
        "non",
        "não",
        "rejected",
        "否",
        "失败",
        "不合格",
        "不通过",
    ];
    name.is_some_and(|name| BAD.contains(&name.plain.trim().to_lowercase().as_str()))
}

/// What the marks in `cells` below `header` say together. `templated`: `[X]` is no box here.
pub(in crate::document) fn row(header: &[Text], cells: &[Text], body: &str, templated: bool) -> RowMark {
    let mut found = RowMark::default();
    let (mut good, mut bad, mut boxes) = (false, false, Vec::new());
    let mut signs = (false, false);
    let mut first = None;
    for (n, cell) in cells.iter().enumerate() {
        if length(&cell.plain).is_some() {
            found.is_choice = true;
            first = first.or(Some((n, None)));
            continue;
        }
        let Some((begin, at)) = in_cell(cell, body).filter(|_| !(templated && is_blank(&cell.plain))) else {
            continue;
        };
        match begin {
            Begin::Box(ticked) => {
                let several = has_further_box(&cell.plain);
                found.is_choice |= several;
                boxes.push((n, Some(at).filter(|_| !several), ticked && !several));
            }
            Begin::Sign(true) => {
                signs.0 = true;
                first = first.or(Some((n, Some(at))));
            }
            Begin::Sign(false) => {
                signs.1 = true;
                first = first.or(Some((n, Some(at))));
            }
        }
    }
    // `✓ | ✗ | ☐` below "Go", "No-go" and "State": the signs name what can come out, and the box says what did.
    let decides = signs == (true, true) && boxes.len() == 1;
    // Below "Pass" and "Fail" the second says the contrary of the first, and nothing while it is open.
    let outcomes = boxes.len() > 1 && boxes.iter().any(|(n, ..)| is_of_bad(header.get(*n)));
    let is_contrary = |n: usize| outcomes && is_of_bad(header.get(n));
    let of_box = boxes.iter().find(|(n, ..)| !is_contrary(*n));
    let several = boxes.iter().filter(|(.., ticked)| *ticked).count() > 1;
    for (n, _, ticked) in &boxes {
        // Of the outcomes of one check, "N/A" among them, those without a tick say nothing, and only the good one is done.
        good |= *ticked && (!outcomes || of_box.is_some_and(|(of_box, ..)| of_box == n));
        bad |= if outcomes { *ticked && (several || is_contrary(*n)) } else { !ticked };
    }
    if !decides {
        good |= signs.0;
        bad |= signs.1;
    }
    found.is_choice |= good && bad;
    found.ticked = good && !found.is_choice;
    let of_sign = || first.map(|(n, at)| (n, at.filter(|_| !found.is_choice)));
    found.at = of_box.map(|(n, at, _)| (*n, at.clone())).or_else(of_sign);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_different_signs_are_a_choice() {
        for (text, wanted) in [
            ("✅/⚠️/❌", Some("")),
            ("✅ / ❌ Backups", Some("Backups")),
            ("[✅/⚠️/❌] Backups", Some("Backups")),
            ("🟢|🟡|🔴", Some("")),
            ("✅ ❌", Some("")),
            ("✅ Backups", None),
            ("✅✅ Backups", None),
            ("✅ ⚠️ look out", None),
            ("[ ] ✅ Backups", None),
            ("Backups", None),
            ("", None),
        ] {
            let rest = length(text).and_then(|length| text.get(length..));
            assert_eq!(rest, wanted, "{text}");
        }
        assert!(has_further_box("☑ pass ☐ fail") && !has_further_box("☑ pass"));
    }
}
