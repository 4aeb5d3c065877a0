//! Ticks written back: boxes and comments at ends of lines, and every other byte as it was. In every document of the
//! corpus, also with other ends of lines, a mark at its beginning, stored wrong, or torn.

use std::path::Path;

use fastrand::Rng;
use warroom::document;
use warroom::document::export::{Written, tick};
use warroom::domain::{Document, Item};

use super::{items, samples};
use crate::cli::said;

/// What an empty box may become.
const TICKED: [(&str, &str); 11] = [
    (" ", "x"),
    ("", "x"),
    ("_", "x"),
    ("\u{3000}", "x"),
    ("☐", "☑"),
    ("□", "☑"),
    ("▢", "☑"),
    ("⬜", "✅"),
    ("◻", "✅"),
    ("🔲", "✅"),
    ("❌", "✅"),
];

/// How a comment begins and ends, and its words.
const COMMENT: (&[u8], &[u8], &str) =
    (b" <!-- warroom: ", b" -->", "done by Zoë | mara --> `x`, 2026-11-20 14:02Z");

fn reading(bytes: &[u8]) -> Option<Document> {
    document::read("r.md", bytes).document
}

/// All items as if all were done, or as if nothing were.
fn written(document: &Document, done: bool) -> Vec<Written> {
    let comment = if done { COMMENT.2 } else { "" };
    let each =
        |item: &Item| Written { line: item.line, mark: item.mark, ticked: done, comment: comment.to_owned() };
    items(document).map(each).collect()
}

fn export(bytes: &[u8], document: &Document, done: bool) -> Vec<u8> {
    tick(bytes, &written(document, done), document.plan.repaired.is_some())
}

/// The first place at which `after` differs from `before` by more than ticked boxes and comments before ends of lines.
fn differs(before: &[u8], after: &[u8], document: &Document) -> Option<String> {
    let mut marks: Vec<(usize, usize)> = items(document)
        .filter_map(|item| item.mark)
        .map(|mark| (mark.from as usize, mark.to as usize))
        .collect();
    marks.sort_unstable();
    marks.dedup();
    let mut marks = marks.into_iter().peekable();
    let (mut old, mut new) = (0, 0);
    loop {
        let (was, is) = (&before[old..], &after[new..]);
        if let Some((_, to)) = marks.next_if(|(from, _)| *from == old) {
            let box_before = &before[old..to];
            let twin = TICKED
                .iter()
                .find(|(open, _)| open.as_bytes() == box_before)
                .map(|(_, ticked)| ticked.as_bytes());
            let now = twin.filter(|twin| is.starts_with(twin)).unwrap_or(box_before);
            if !is.starts_with(now) {
                return Some(format!("the box at byte {old}"));
            }
            (old, new) = (to, new + now.len());
        } else if ends(was) && is.starts_with(COMMENT.0) {
            let end = is.windows(COMMENT.1.len()).position(|at| at == COMMENT.1)?;
            new += end + COMMENT.1.len();
        } else {
            match (was.first(), is.first()) {
                (None, None) => return None,
                (one, other) if one == other => (old, new) = (old + 1, new + 1),
                _ => {
                    let near = &after[new.saturating_sub(40)..(new + 40).min(after.len())];
                    return Some(format!("byte {old}, near {:?}", String::from_utf8_lossy(near)));
                }
            }
        }
    }
}

/// Whether nothing follows on the line but what breaks it.
fn ends(rest: &[u8]) -> bool {
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    matches!(line.trim_ascii(), b"" | b"\\")
}

/// The document as it is, and as other programs would store it.
fn variants(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = vec![("as it is", bytes.to_vec())];
    let plain: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != b'\r').collect();
    let ended = |end: &[u8]| -> Vec<u8> { plain.split(|byte| *byte == b'\n').collect::<Vec<_>>().join(end) };
    all.push(("with CRLF", ended(b"\r\n")));
    all.push(("with a mark at its beginning", [b"\xef\xbb\xbf", &ended(b"\r\n")[..]].concat()));
    all.push(("without a last end of line", plain.trim_ascii_end().to_vec()));
    for (name, encoding) in
        [("as Mac Roman", encoding_rs::MACINTOSH), ("as Windows 1252", encoding_rs::WINDOWS_1252)]
    {
        all.push((name, encoding.decode_without_bom_handling(bytes).0.into_owned().into_bytes()));
    }
    all
}

#[test]
fn boxes_and_comments_are_all_that_changes_and_can_be_taken_out_again() {
    for sample in samples() {
        for (how, bytes) in variants(&sample.bytes) {
            let name = format!("{} {how}", sample.name);
            let Some(before) = reading(&bytes) else { panic!("{name}: it is read") };
            let after = export(&bytes, &before, true);
            if let Some(place) = differs(&bytes, &after, &before) {
                panic!("{name}: {place}");
            }
            let Some(again) = reading(&after) else { panic!("{name}: it is read again") };
            let told = |document: &Document| -> Vec<(String, String, u32)> {
                items(document).map(|item| (item.id.0.clone(), item.text.to_string(), item.line)).collect()
            };
            assert_eq!(told(&again), told(&before), "{name}: the comment is no part of an item");
            assert!(export(&after, &again, true) == after, "{name}: written twice");
            let opened = items(&before).any(|item| item.mark.is_some_and(|mark| mark.from == mark.to));
            let glyphs = ["☑", "✅", "◻", "□", "▢", "🔲"]
                .iter()
                .any(|glyph| String::from_utf8_lossy(&bytes).contains(glyph));
            if !opened && !glyphs && items(&before).all(|item| !item.claimed) {
                assert!(export(&after, &again, false) == bytes, "{name}: taken out again");
            }
        }
    }
}

#[test]
fn what_is_torn_keeps_its_bytes() {
    let samples = samples();
    let mut dice = Rng::with_seed(11);
    for sample in &samples {
        for _ in 0..super::torn::rounds() {
            let mut bytes = sample.bytes.clone();
            for _ in 0..dice.usize(1..6) {
                let other = &samples[dice.usize(..samples.len())].bytes;
                super::torn::tear(&mut bytes, other, &mut dice);
            }
            let Some(document) = reading(&bytes) else { continue };
            let after = export(&bytes, &document, true);
            if let Some(place) = differs(&bytes, &after, &document) {
                panic!("{}: {place}", sample.name);
            }
        }
    }
}

#[test]
fn the_command_writes_every_document_so() {
    for sample in samples() {
        let Some(document) = reading(&sample.bytes) else { panic!("{}: it is read", sample.name) };
        let Some(item) = items(&document).find(|item| matches!(item.meaning.word(), "work" | "claim")) else {
            continue;
        };
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("r.md");
        std::fs::write(&path, &sample.bytes).expect("written");
        let run = |args: &[&str]| -> (String, String, i32) {
            let more = ["--checklist", "r.md", "--store", "room.db", "--as", "mara"];
            said(dir.path(), &[args, &more].concat())
        };
        let (out, err, status) = run(&["tick", &item.id.0]);
        assert_eq!((status, err.as_str()), (0, ""), "{}: {out}", sample.name);
        let (out, err, status) = run(&["export", "--in-place"]);
        assert_eq!((status, err.as_str()), (0, ""), "{}: {out}", sample.name);
        let after = std::fs::read(&path).expect("read");
        assert_ne!(after, sample.bytes, "{}", sample.name);
        if let Some(place) = differs(&sample.bytes, &after, &document) {
            panic!("{}: {place}", sample.name);
        }
        assert_eq!(left(dir.path()), ["r.md", "room.db"], "{}", sample.name);
        let (out, err, status) = run(&["untick", &item.id.0]);
        assert_eq!((status, err.as_str()), (0, ""), "{}: {out}", sample.name);
        run(&["export", "--in-place"]);
        assert!(
            std::fs::read(&path).expect("read") == sample.bytes || item.claimed,
            "{}: taken back",
            sample.name
        );
    }
}

/// What lies in a folder, without what the journal keeps beside itself.
fn left(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).expect("a folder").filter_map(Result::ok);
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| !name.ends_with("-wal") && !name.ends_with("-shm"));
    names.sort();
    names
}
