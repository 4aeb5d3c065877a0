//! Edits elsewhere change no identity, in any document of the corpus; and what is alike stays apart.

use std::collections::{BTreeMap, BTreeSet};

use super::{Sample, items, read, samples};

/// Lines after which something can be inserted: those right before a heading, outside of fences.
fn seams(text: &str) -> Vec<usize> {
    let mut fenced = false;
    let mut seams = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if !fenced && line.starts_with("## ") && number > 0 {
            seams.push(number);
        }
    }
    seams
}

/// Identities with their texts, and where each stands.
fn told(sample: &Sample, bytes: &[u8]) -> Vec<(String, String)> {
    let document = read(&sample.name, bytes);
    items(&document).map(|item| (item.id.0.clone(), item.text.to_string())).collect()
}

/// The text of a sample as it is read, so that what is inserted is not taken for broken text.
fn whole(sample: &Sample) -> String {
    let text = sample.text();
    let Some(repair) = sample.read().plan.repaired else { return text };
    let encoding = match repair.to_string().as_str() {
        "mac-roman" => encoding_rs::MACINTOSH,
        _ => encoding_rs::WINDOWS_1252,
    };
    let (bytes, _, _) = encoding.encode(&text);
    String::from_utf8(bytes.into_owned()).expect("what it was before")
}

#[test]
fn no_two_items_of_a_document_have_one_identity() {
    for sample in samples() {
        let told = told(&sample, &sample.bytes);
        let distinct: BTreeSet<&String> = told.iter().map(|(id, _)| id).collect();
        assert_eq!(distinct.len(), told.len(), "{}", sample.name);
    }
}

#[test]
fn a_section_inserted_elsewhere_changes_no_identity() {
    for sample in samples() {
        let text = whole(&sample);
        let before = told(&sample, text.as_bytes());
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        for seam in seams(&text) {
            let lines: Vec<&str> = text.lines().collect();
            let (above, below) = lines.split_at(seam);
            let more = [
                "",
                "## Zwischenruf",
                "",
                "Something was added here.",
                "",
                "- [ ] an item that was not there",
                "",
            ];
            let edited = [above, &more, below].concat().join(end);
            let after = told(&sample, edited.as_bytes());
            let new: Vec<_> = after.iter().filter(|item| !before.contains(item)).collect();
            let kept: Vec<_> = after.iter().filter(|item| before.contains(item)).cloned().collect();
            assert_eq!(new.len(), 1, "{} before line {}: {new:?}", sample.name, seam + 1);
            assert_eq!(kept, before, "{} before line {}", sample.name, seam + 1);
        }
    }
}

#[test]
fn a_paragraph_at_the_top_and_a_tick_change_no_identity() {
    for sample in samples() {
        let text = whole(&sample);
        let before = told(&sample, text.as_bytes());
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let ticked = text.replace("- [ ] ", "- [x] ").replace("| ☐ |", "| ☑ |");
        assert_eq!(told(&sample, ticked.as_bytes()), before, "{}", sample.name);
        // Behind the first heading, where every document may have another sentence.
        let mut fenced_matter = text.starts_with("---");
        let at = text.lines().position(|line| {
            if fenced_matter && line == "---" {
                fenced_matter = false;
            }
            line.starts_with("# ")
        });
        let Some(at) = at else { continue };
        let lines: Vec<&str> = text.lines().collect();
        let (above, below) = lines.split_at(at + 1);
        let edited = [above, &["", "One more sentence, which says nothing of the rest.", ""], below].concat();
        assert_eq!(told(&sample, edited.join(end).as_bytes()), before, "{}", sample.name);
    }
}

#[test]
fn a_document_pasted_below_itself_keeps_its_first_half() {
    for sample in samples() {
        let text = whole(&sample);
        let before = told(&sample, text.as_bytes());
        if text.starts_with("---") || !text.trim_start_matches('\u{feff}').starts_with("# ") {
            continue;
        }
        let twice = format!("{text}\n\n{}", text.trim_start_matches('\u{feff}'));
        let after = told(&sample, twice.as_bytes());
        assert_eq!(after.len(), before.len() * 2, "{}", sample.name);
        assert_eq!(after[..before.len()], before, "{}", sample.name);
        let ids: BTreeMap<&String, &String> = after.iter().map(|(id, text)| (id, text)).collect();
        assert_eq!(ids.len(), after.len(), "{}: repeated headings and texts stay apart", sample.name);
    }
}
