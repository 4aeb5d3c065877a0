//! A corpus of checklists and runbooks as teams keep them, in seven languages, each with what a person says it means.
//!
//! Beside `tests/corpus/NAME.md` stands `NAME.want`, written by hand from reading the document; `want` tells how it is
//! written. What the program does not read rightly yet stands there as a `gap`, with its reason, and is held to be wrong
//! until it is right.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use warroom::document;
use warroom::domain::{Document, Item};

mod binary;
mod edits;
mod init;
mod shown;
mod ticks;
mod torn;
mod want;

/// A document of the corpus.
struct Sample {
    /// Its name without an ending.
    name: String,
    path: PathBuf,
    bytes: Vec<u8>,
}

/// All documents, by name.
fn samples() -> Vec<Sample> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let entries = std::fs::read_dir(&folder).expect("the corpus");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut samples: Vec<Sample> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .map(|path| Sample {
            name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
            bytes: std::fs::read(&path).expect("a document"),
            path,
        })
        .collect();
    samples.sort_by(|a, b| a.name.cmp(&b.name));
    samples
}

impl Sample {
    fn read(&self) -> Document {
        read(&self.name, &self.bytes)
    }

    /// What stands in its file.
    fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).expect("UTF-8")
    }
}

fn read(name: &str, bytes: &[u8]) -> Document {
    let today = NaiveDate::from_ymd_opt(2026, 11, 20);
    let reading = document::read_on(today, &format!("{name}.md"), bytes);
    assert_eq!(reading.problem, None, "{name}");
    let mut documents = [reading.document.expect("a text")];
    document::compare(&mut documents);
    let [document] = documents;
    document
}

fn items(document: &Document) -> impl Iterator<Item = &Item> {
    document.sections.iter().flat_map(|section| &section.items)
}

#[test]
fn every_document_is_read_as_a_person_reads_it() {
    let samples = samples();
    let mut told = String::new();
    for sample in &samples {
        let wanted = std::fs::read_to_string(sample.path.with_extension("want"));
        let wanted = wanted.unwrap_or_else(|error| panic!("{}: what it means: {error}", sample.name));
        let differences = want::differences(&wanted, &shown::parts(&sample.read(), &sample.text()));
        if !differences.is_empty() {
            told.push_str(&format!("{}\n{}", sample.name, differences.concat()));
        }
    }
    assert!(told.is_empty(), "not read as meant (- meant, + read):\n{told}");
    assert!(samples.len() >= 28, "{} documents", samples.len());
}

#[test]
fn the_corpus_has_seven_languages_and_forms_that_differ() {
    let samples = samples();
    let of = |language: &str| samples.iter().filter(|s| s.name.starts_with(&format!("{language}-"))).count();
    for language in ["de", "fr", "es", "pt", "zh", "ja"] {
        assert!(of(language) >= 2, "{language}");
    }
    assert!(of("en") >= 14);
    let lines = |sample: &Sample| memchr::memchr_iter(b'\n', &sample.bytes).count();
    let short: Vec<_> = samples.iter().filter(|sample| lines(sample) < 12).map(|s| &s.name).collect();
    assert!(short.is_empty(), "{short:?}");
    assert!(samples.iter().any(|sample| lines(sample) > 250));
    assert!(samples.iter().any(|sample| sample.bytes.starts_with(b"\xef\xbb\xbf")));
    assert!(samples.iter().any(|sample| sample.bytes.windows(2).any(|two| two == b"\r\n")));
    assert!(samples.iter().any(|sample| sample.read().plan.repaired.is_some()));
}

#[test]
fn the_kinds_of_items_add_up() {
    for sample in samples() {
        let document = sample.read();
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for item in items(&document) {
            *kinds.entry(item.meaning.word()).or_default() += 1;
        }
        let total = items(&document).count();
        let counts = document.plan.counts;
        let inferred = items(&document).filter(|item| item.inferred).count();
        assert_eq!(kinds.values().sum::<usize>(), total, "{}", sample.name);
        assert_eq!(counts.items as usize + inferred, total, "{}", sample.name);
        let triggers = kinds.get("trigger").copied().unwrap_or(0);
        assert_eq!(document.plan.triggers.len(), triggers, "{}", sample.name);
        let marks = items(&document).filter(|item| item.mark.is_some()).count();
        assert!(marks >= counts.items as usize, "{}: every box has its place", sample.name);
    }
}
