//! Documents torn and sewn together anywhere, also within characters: whatever comes is read or refused, never more.

use std::collections::BTreeSet;

use fastrand::Rng;
use warroom::document;

use super::{items, samples};

/// Bytes that mean something to one of the readers.
const THREADS: [&[u8]; 20] = [
    b"- [ ] ",
    b"> ",
    b"    ",
    b"\t",
    b"```",
    b"```yaml\n",
    b"|",
    b"<details>",
    b"</summary>",
    b"{{",
    b"`",
    b"**",
    b"$(",
    b"\"",
    b"<<EOF\n",
    b"\r",
    b"\xe2\x80\xae",
    b"\xff",
    b"\xcc\x81",
    b"# ",
];

#[test]
fn torn_documents_are_read_or_refused() {
    let samples = samples();
    let mut dice = Rng::with_seed(7);
    for sample in &samples {
        for _ in 0..rounds() {
            let mut bytes = sample.bytes.clone();
            for _ in 0..dice.usize(1..6) {
                let other = &samples[dice.usize(..samples.len())].bytes;
                tear(&mut bytes, other, &mut dice);
            }
            let reading = document::read("torn.md", &bytes);
            assert!(reading.document.is_some() || reading.problem.is_some(), "{}", sample.name);
            let Some(document) = reading.document else { continue };
            let ids: Vec<_> = items(&document).map(|item| &item.id).collect();
            assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{}", sample.name);
            let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u32 + 1;
            let plan = &document.plan;
            let told = items(&document).map(|item| item.line).chain(plan.commands.iter().map(|one| one.line));
            let told = told.chain(plan.findings.iter().map(|one| one.line));
            assert!(told.max().is_none_or(|last| last <= lines), "{}: beyond its end", sample.name);
        }
    }
}

/// More where somebody asks for it.
pub(super) fn rounds() -> usize {
    std::env::var("WARROOM_TEST_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(4)
}

pub(super) fn tear(bytes: &mut Vec<u8>, other: &[u8], dice: &mut Rng) {
    let (from, to) = span(bytes.len(), dice);
    let sewn = match dice.u8(..4) {
        0 => Vec::new(),
        1 => THREADS[dice.usize(..THREADS.len())].repeat(dice.usize(1..40)),
        2 => {
            let (from, to) = span(other.len(), dice);
            other[from..to].to_vec()
        }
        _ => bytes[from..to].repeat(2),
    };
    bytes.splice(from..to, sewn);
    bytes.truncate(60_000);
}

fn span(length: usize, dice: &mut Rng) -> (usize, usize) {
    let from = dice.usize(..=length);
    (from, (from + dice.usize(..200)).min(length))
}
