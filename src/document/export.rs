//! Ticks written back into the bytes of a document: the box, and a comment with who and when at the end of the item's
//! first line. Every other byte stays as it is. A box that is not opened again as the usual one (`[_]`, `□`) is named in the
//! comment, so that a tick that is taken back leaves nothing behind.

use std::ops::Range;

use crate::domain::Span;

/// How a comment of this program begins and ends; one that stands there already is replaced.
const OPENS: &[u8] = b" <!-- warroom: ";
const CLOSES: &[u8] = b" -->";

/// How the words of a comment begin beside a box that was ticked.
const TICKED: [&[u8]; 3] = [b"done ", b"approved by ", b"met "];

/// Before and behind the box as it was, at the end of a comment.
const WAS: &[u8] = b" (was ";
const WAS_ENDS: &[u8] = b") -->";

/// Boxes as glyphs with their ticked twins; of those with one twin, the first is the usual one.
const TWINS: [(&str, &str); 10] = [
    ("☐", "☑"),
    ("□", "☑"),
    ("▢", "☑"),
    ("❏", "☑"),
    ("❑", "☑"),
    ("⬜", "✅"),
    ("◻", "✅"),
    ("🔲", "✅"),
    ("⬛", "✅"),
    // A red cross beside "done" would be read as the contrary.
    ("❌", "✅"),
];

/// What is written for one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Line of the item, from 1.
    pub line: u32,
    /// Its box, if it has one.
    pub mark: Option<Span>,
    /// Whether the box is ticked.
    pub ticked: bool,
    /// Who and when, and what else was said; empty: nothing that stands, so what an earlier writing said goes away.
    pub comment: String,
}

/// `bytes` with `items` written into them. In a file that had to be repaired to be read (`ascii`), comments are ASCII:
/// other bytes among those that were stored wrong could not be told apart any more.
pub fn tick(bytes: &[u8], items: &[Written], ascii: bool) -> Vec<u8> {
    let starts = line_starts(bytes);
    let mut edits: Vec<Edit> = Vec::new();
    for item in items {
        let of_mark = item.mark.and_then(|mark| usize::try_from(mark.from).ok());
        let of_line = usize::try_from(item.line).ok().and_then(|line| line.checked_sub(1));
        let Some(at) = of_mark.or_else(|| starts.get(of_line?).copied()) else { continue };
        if at > bytes.len() {
            continue;
        }
        let place = place_of_comment(bytes, at);
        let old = bytes.get(place.clone()).unwrap_or_default();
        let mut words = item.comment.clone();
        if let Some(mark) = item.mark {
            let edit = if item.ticked { ticked_box(bytes, mark) } else { open_box(bytes, mark, old) };
            // What could not be read again is not named.
            let was = unusual(bytes, mark, old).filter(|was| is_box(was) && (was.is_ascii() || !ascii));
            if let Some(was) = was.filter(|_| item.ticked) {
                words = format!("{words} (was {was})");
            }
            edits.extend(edit);
        }
        let text = match words.as_str() {
            "" => Vec::new(),
            words => [OPENS, harmless(words, ascii).as_bytes(), CLOSES].concat(),
        };
        edits.push(Edit { from: place.start, to: place.end, text });
    }
    edits.sort_by_key(|edit| (edit.from, edit.to));
    let mut out = Vec::with_capacity(bytes.len() + edits.len() * 64);
    let mut done = 0;
    for edit in edits {
        // Two items of one line (cells of a table) share its end; both comments go there.
        let from = edit.from.max(done);
        out.extend_from_slice(bytes.get(done..from).unwrap_or_default());
        out.extend_from_slice(&edit.text);
        done = edit.to.max(from);
    }
    out.extend_from_slice(bytes.get(done..).unwrap_or_default());
    out
}

/// Bytes `from..to` become `text`.
struct Edit {
    from: usize,
    to: usize,
    text: Vec<u8>,
}

/// What stands at `mark`.
fn at(bytes: &[u8], mark: Span) -> Option<(usize, usize, &str)> {
    let (from, to) = (usize::try_from(mark.from).ok()?, usize::try_from(mark.to).ok()?);
    Some((from, to, std::str::from_utf8(bytes.get(from..to)?).ok()?))
}

/// Whether an open box has nothing else between its brackets.
fn is_empty(between: &str) -> bool {
    matches!(between, "_" | "-" | "~" | "/" | ">" | "!" | "?") || between.trim().is_empty()
}

/// Between brackets an `x`; an empty box as a glyph becomes its ticked twin. Anything else stays.
fn ticked_box(bytes: &[u8], mark: Span) -> Option<Edit> {
    let (from, to, mark) = at(bytes, mark)?;
    let twin = || TWINS.iter().find(|(open, _)| *open == mark).map(|(_, ticked)| *ticked);
    let text = if is_empty(mark) { "x" } else { twin()? };
    Some(Edit { from, to, text: text.as_bytes().to_vec() })
}

/// The box as it was before an earlier writing ticked it, which left the comment `old`: what that said does not stand any more.
fn open_box(bytes: &[u8], mark: Span, old: &[u8]) -> Option<Edit> {
    let (from, to, mark) = at(bytes, mark).filter(|_| says_ticked(old))?;
    let usual = || TWINS.iter().find(|(_, ticked)| *ticked == mark).map(|(open, _)| *open);
    let text = match was(old) {
        Some(was) => between(was).unwrap_or(was),
        None if mark == "x" => " ",
        None => usual()?,
    };
    Some(Edit { from, to, text: text.as_bytes().to_vec() })
}

/// Whether the comment `old` was written with a tick.
fn says_ticked(old: &[u8]) -> bool {
    old.strip_prefix(OPENS).is_some_and(|said| TICKED.iter().any(|word| said.starts_with(word)))
}

/// The box as it was, if an opened one would look otherwise: as it stands at `mark` unless an earlier writing ticked it, else
/// as the comment `old` of that has it. What the file ticked itself stays ticked.
fn unusual(bytes: &[u8], mark: Span, old: &[u8]) -> Option<String> {
    let (from, _, mark) = at(bytes, mark)?;
    let is_open = is_empty(mark) || TWINS.iter().any(|(open, _)| *open == mark);
    if !is_open && says_ticked(old) {
        return was(old).map(str::to_owned);
    }
    let is_usual = matches!(mark, " " | "☐" | "⬜");
    let in_brackets = || {
        let before = bytes.get(..from).unwrap_or_default();
        before.ends_with(b"[") || before.ends_with("［".as_bytes())
    };
    (!is_usual).then(|| if in_brackets() { format!("[{mark}]") } else { mark.to_owned() })
}

/// The box that the comment `old` names as it was.
fn was(old: &[u8]) -> Option<&str> {
    let said = old.strip_suffix(WAS_ENDS)?;
    let named = std::str::from_utf8(said.get(memchr::memmem::rfind(said, WAS)? + WAS.len()..)?).ok()?;
    is_box(named).then_some(named)
}

/// Whether that is a box in brackets, or a glyph.
fn is_box(named: &str) -> bool {
    let is_glyph = || named.chars().count() == 1 && !named.is_ascii();
    between(named).map_or_else(is_glyph, |inside| inside.chars().count() <= 2)
}

/// What is between the brackets of a box.
fn between(named: &str) -> Option<&str> {
    named.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'))
}

/// Where the comment goes: at the end of the line in which `at` stands, in place of what an earlier writing left there.
/// Spaces or a backslash that break the line stay its last bytes.
fn place_of_comment(bytes: &[u8], at: usize) -> Range<usize> {
    let rest = bytes.get(at..).unwrap_or_default();
    let end = at + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let line = bytes.get(at..end).unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = match line.strip_suffix(b"\\") {
        Some(broken) if goes_on(bytes.get(end + 1..).unwrap_or_default()) => broken,
        _ => line.trim_ascii_end(),
    };
    let mut kept = line;
    while let Some(old) = kept.ends_with(CLOSES).then(|| memchr::memmem::rfind(kept, OPENS)).flatten() {
        kept = kept.get(..old).unwrap_or_default();
    }
    at + kept.len()..at + line.len()
}

/// Whether `below` begins with a line of the same paragraph, so that a backslash before it is a line break.
fn goes_on(below: &[u8]) -> bool {
    let line = below.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
    let marked = |byte: u8| byte.is_ascii_digit() || b"-*+#>|`~".contains(&byte);
    line.first().is_some_and(|first| !marked(*first))
}

/// Words that cannot end the comment, a table's cell or the line.
fn harmless(words: &str, ascii: bool) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '-' if out.ends_with('-') => out.push_str(" -"),
            '>' | '<' | '|' | '`' => out.push('\''),
            c if c.is_control() && c != '\t' => out.push(' '),
            c if ascii && !c.is_ascii() => {
                out.push_str(&format!("&#{};", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.trim().trim_end_matches('-').to_owned()
}

fn line_starts(bytes: &[u8]) -> Vec<usize> {
    std::iter::once(0).chain(memchr::memchr_iter(b'\n', bytes).map(|at| at + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn box_at(text: &str, line: u32, needle: &str, after: usize) -> Option<Span> {
        let start: usize = text.split_inclusive('\n').take(line as usize - 1).map(str::len).sum();
        let from = start + text.get(start..)?.find(needle)? + after;
        let len = if needle == "[ ]" {
            1
        } else if needle == "[]" {
            0
        } else {
            needle.len()
        };
        Some(Span { from: from as u32, to: (from + len) as u32 })
    }

    fn written(line: u32, mark: Option<Span>, ticked: bool, comment: &str) -> Written {
        Written { line, mark, ticked, comment: comment.to_owned() }
    }

    fn text(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).expect("text")
    }

    #[test]
    fn the_box_and_a_comment_are_all_that_changes() {
        let before = "\u{feff}# R\r\n- [ ] one\r\n* [] two  \r\n  more\r\n☐ three\n1. four";
        let items = [
            written(2, box_at(before, 2, "[ ]", 1), true, "done by mara 2026-11-21 14:02Z"),
            written(3, box_at(before, 3, "[]", 1), true, "done by sam"),
            written(5, box_at(before, 5, "☐", 0), true, "done by sam"),
            written(6, None, true, "done by sam"),
        ];
        let after = "\u{feff}# R\r\n- [x] one <!-- warroom: done by mara 2026-11-21 14:02Z -->\r\n\
                     * [x] two <!-- warroom: done by sam (was []) -->  \r\n  more\r\n\
                     ☑ three <!-- warroom: done by sam -->\n1. four <!-- warroom: done by sam -->";
        assert_eq!(text(&tick(before.as_bytes(), &items, false)), after);
        assert_eq!(tick(before.as_bytes(), &[], false), before.as_bytes());
    }

    #[test]
    fn a_line_break_stays_one_and_boxes_of_every_form_are_ticked_and_opened_again() {
        let before = "- [ ] a\\\n  more\n- [ ] b\\\n- [_] c\n- [\u{3000}] d\n- □ e\n- 🔲 f\n- ❌ g\n";
        let marks = [
            (1, "[ ]", 1),
            (3, "[ ]", 1),
            (4, "[_]", 1),
            (5, "\u{3000}", 0),
            (6, "□", 0),
            (7, "🔲", 0),
            (8, "❌", 0),
        ];
        let items = marks.map(|(line, needle, after)| {
            let mark = box_at(before, line, needle, after);
            let length = if needle == "[_]" { 1 } else { mark.map_or(0, |mark| mark.to - mark.from) };
            written(line, mark.map(|mark| Span { to: mark.from + length, ..mark }), true, "done by a")
        });
        let done = |was: &str| format!(" <!-- warroom: done by a{was} -->");
        let after = format!(
            "- [x] a{}\\\n  more\n- [x] b\\{}\n- [x] c{}\n- [x] d{}\n- ☑ e{}\n- ✅ f{}\n- ✅ g{}\n",
            done(""),
            done(""),
            done(" (was [_])"),
            done(" (was [\u{3000}])"),
            done(" (was □)"),
            done(" (was 🔲)"),
            done(" (was ❌)")
        );
        let once = tick(before.as_bytes(), &items, false);
        assert_eq!(text(&once), after);
        let glyphs =
            [(6, "☑"), (7, "✅"), (8, "✅")].map(|(line, glyph)| (line, box_at(&after, line, glyph, 0)));
        let brackets = [1, 3, 4, 5].map(|line| {
            (line, box_at(&after, line, "[x]", 1).map(|mark| Span { to: mark.from + 1, ..mark }))
        });
        let all = || brackets.iter().chain(&glyphs);
        let again: Vec<Written> =
            all().map(|(line, mark)| written(*line, *mark, true, "done by a")).collect();
        assert_eq!(text(&tick(&once, &again, false)), after, "written twice it is the same");
        let back: Vec<Written> = all().map(|(line, mark)| written(*line, *mark, false, "")).collect();
        assert_eq!(text(&tick(&once, &back, false)), before, "taken back, every byte is as it was");
    }

    #[test]
    fn written_again_the_comment_is_replaced() {
        let before = "- [ ] one\n";
        let first =
            tick(before.as_bytes(), &[written(1, box_at(before, 1, "[ ]", 1), true, "done by mara")], false);
        let mark = Some(Span { from: 3, to: 4 });
        let two = [written(1, mark, true, "done by sam"), written(1, None, true, "done by ines")];
        let both = tick(&first, &two, false);
        assert_eq!(text(&both), "- [x] one <!-- warroom: done by sam --> <!-- warroom: done by ines -->\n");
        assert_eq!(tick(&both, &two, false), both);
        let again = tick(&first, &[written(1, mark, true, "done by sam")], false);
        assert_eq!(text(&again), "- [x] one <!-- warroom: done by sam -->\n");
    }

    #[test]
    fn what_does_not_stand_any_more_is_taken_out_again() {
        let before = "- [ ] one\n- [x] two\n☐ three\n";
        let (one, three) = (box_at(before, 1, "[ ]", 1), box_at(before, 3, "☐", 0));
        let first = tick(
            before.as_bytes(),
            &[written(1, one, true, "done by a"), written(3, three, true, "met by a")],
            false,
        );
        let first = text(&first);
        assert_eq!(
            first,
            "- [x] one <!-- warroom: done by a -->\n- [x] two\n☑ three <!-- warroom: met by a -->\n"
        );
        let claimed = box_at(first, 2, "[x]", 1).map(|mark| Span { to: mark.from + 1, ..mark });
        let none = [
            written(1, Some(Span { from: 3, to: 4 }), false, ""),
            written(2, claimed, false, ""),
            written(3, box_at(first, 3, "☑", 0), false, ""),
        ];
        assert_eq!(
            text(&tick(first.as_bytes(), &none, false)),
            before,
            "a claim of the file stays its claim"
        );
        let before = "- [x] one\n- ✅ two\n";
        let marks = [Some(Span { from: 3, to: 4 }), Some(Span { from: 12, to: 15 })];
        let both = |ticked: bool, comment: &str| {
            [written(1, marks[0], ticked, comment), written(2, marks[1], ticked, comment)]
        };
        let attested = tick(before.as_bytes(), &both(true, "done by a"), false);
        let was = "- [x] one <!-- warroom: done by a (was [x]) -->\n- ✅ two <!-- warroom: done by a (was ✅) -->\n";
        assert_eq!(text(&attested), was);
        let moved = |span: Span| Span { from: span.from + 38, to: span.to + 38 };
        let back = [written(1, marks[0], false, ""), written(2, marks[1].map(moved), false, "")];
        assert_eq!(text(&tick(&attested, &back, false)), before, "also where somebody attested it meanwhile");
    }

    #[test]
    fn what_is_not_done_keeps_its_box_and_hostile_words_end_nothing() {
        let before = "- [ ] one\n| ☐ | two |\n";
        let items = [
            written(1, box_at(before, 1, "[ ]", 1), false, "waived by x --> <script> ---|\n`"),
            written(2, box_at(before, 2, "☐", 0), true, "a"),
            written(2, None, false, "b"),
            written(99, None, true, "nowhere"),
            written(1, Some(Span { from: 900, to: 901 }), true, "nowhere"),
        ];
        let after = "- [ ] one <!-- warroom: waived by x - -' 'script' - - -' ' -->\n\
                     | ☑ | two | <!-- warroom: a --> <!-- warroom: b -->\n";
        assert_eq!(text(&tick(before.as_bytes(), &items, false)), after);
    }

    #[test]
    fn comments_of_a_repaired_file_are_ascii() {
        let before = b"- [ ] caf\xc3\x83\xc2\xa9\n";
        let items = [written(1, Some(Span { from: 3, to: 4 }), true, "done by Zoë")];
        let after = b"- [x] caf\xc3\x83\xc2\xa9 <!-- warroom: done by Zo&#235; -->\n";
        assert_eq!(tick(before, &items, true), after);
    }
}
