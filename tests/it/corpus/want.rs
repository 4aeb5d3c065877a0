//! What a person says that a document means, and how the reading differs from it.
//!
//! A `.want` file has parts: a line `[items]` begins one, each further line is an entry of it, in the order of the file.
//! `…` stands for any text. A part that is not there must be empty. Lines with `#` are comments. `gap: ENTRY # why` is an
//! entry that should be read and is not; `wrong: ENTRY` is what is read in its place.

use std::collections::BTreeMap;

/// The lists of a reading, by the name of their part.
pub(super) type Parts = BTreeMap<&'static str, Vec<String>>;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Entry<'a> {
    Meant(&'a str),
    Gap(&'a str),
}

/// How `read` differs from the text of a `.want` file, a line each.
pub(super) fn differences(wanted: &str, read: &Parts) -> Vec<String> {
    let wanted = parse(wanted);
    let mut out = Vec::new();
    for name in wanted.keys().filter(|name| !read.contains_key(*name)) {
        out.push(format!("  [{name}] there is no such part\n"));
    }
    let none = Vec::new();
    for (name, lines) in read {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        out.extend(compare(name, wanted.get(name).unwrap_or(&none), &lines));
    }
    out
}

fn parse(text: &str) -> BTreeMap<&str, Vec<Entry<'_>>> {
    let mut parts: BTreeMap<&str, Vec<Entry<'_>>> = BTreeMap::new();
    let mut part = "";
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            part = name;
            assert!(parts.insert(name, Vec::new()).is_none(), "[{name}] twice");
            continue;
        }
        let entry = match (line.strip_prefix("gap: "), line.strip_prefix("wrong: ")) {
            (Some(gap), _) => {
                Entry::Gap(gap.rsplit_once(" # ").expect("a gap has its reason behind #").0.trim())
            }
            (None, Some(wrong)) => Entry::Meant(wrong),
            (None, None) => Entry::Meant(line),
        };
        parts.get_mut(part).expect("an entry stands in a part").push(entry);
    }
    parts
}

/// The longest sequence that both have is what is read as meant; the rest differs.
fn compare(name: &str, wanted: &[Entry<'_>], read: &[&str]) -> Vec<String> {
    let of = |entry: &Entry<'_>| match entry {
        Entry::Meant(text) | Entry::Gap(text) => (*text).to_owned(),
    };
    let meant: Vec<&str> = wanted
        .iter()
        .filter_map(|entry| match entry {
            Entry::Meant(text) => Some(*text),
            Entry::Gap(_) => None,
        })
        .collect();
    let (w, r) = (meant.len(), read.len());
    let mut best = vec![vec![0_usize; r + 1]; w + 1];
    for i in (0..w).rev() {
        for j in (0..r).rev() {
            best[i][j] = if fits(meant[i], read[j]) {
                1 + best[i + 1][j + 1]
            } else {
                best[i + 1][j].max(best[i][j + 1])
            };
        }
    }
    let gaps: Vec<String> = wanted.iter().filter(|entry| matches!(entry, Entry::Gap(_))).map(of).collect();
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    while i < w || j < r {
        if i < w && j < r && fits(meant[i], read[j]) && best[i][j] == 1 + best[i + 1][j + 1] {
            (i, j) = (i + 1, j + 1);
        } else if i < w && (j == r || best[i + 1][j] >= best[i][j + 1]) {
            out.push(format!("  [{name}] - {}\n", meant[i]));
            i += 1;
        } else {
            let closed = gaps.iter().any(|gap| fits(gap, read[j]));
            let note = if closed { "   (a gap that is closed: say so)" } else { "" };
            out.push(format!("  [{name}] + {}{note}\n", read[j]));
            j += 1;
        }
    }
    out
}

/// Whether `text` is as `pattern` says, where `…` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    let pieces: Vec<&str> = pattern.split('…').collect();
    let [first, middle @ .., last] = pieces.as_slice() else { return pattern == text };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    for piece in middle {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

#[test]
fn differences_are_told_and_gaps_held_to_be_wrong() {
    let wanted = "# why\n[items]\nA: 2…\nB: 1\ngap: C: 3 # cannot be read\nwrong: C: 2\n[flags]\nX=1\n";
    let parts = |items: &[&str]| -> Parts {
        let items = items.iter().map(|item| (*item).to_owned()).collect();
        [("items", items), ("flags", vec!["X=1".to_owned()]), ("events", vec![])].into()
    };
    assert_eq!(differences(wanted, &parts(&["A: 2 work", "B: 1", "C: 2"])), Vec::<String>::new());
    assert_eq!(
        differences(wanted, &parts(&["A: 2 work", "D: 1", "C: 3"])),
        [
            "  [items] - B: 1\n",
            "  [items] - C: 2\n",
            "  [items] + D: 1\n",
            "  [items] + C: 3   (a gap that is closed: say so)\n"
        ]
    );
    assert!(fits("a…c", "abc") && fits("a", "a") && !fits("a", "ab") && !fits("a…d", "abc"));
}
