//! Checklist documents: Markdown in, sections, items and a plan out. Pure.
//!
//! Bytes are repaired and cut into `blocks`; `outline` knows what stands above each; `items` are made of that, and each
//! further pass reads one kind of thing. Nothing of a document is run or followed. Reading is linear in its size.

mod aside;
mod back_if;
mod blocks;
mod bound;
mod bytes;
mod commands;
mod counts;
mod elsewhere;
mod events;
pub mod export;
mod figures;
mod findings;
mod flags;
mod guards;
mod incidents;
mod items;
mod labels;
mod lists;
mod marks;
#[cfg(test)]
mod meaning_tests;
mod needles;
mod numerals;
mod outline;
mod panels;
mod quotes;
mod repair;
mod shell;
mod stage;
mod stages;
mod stored;
#[cfg(test)]
mod tests;
mod thresholds;
mod topic;
mod variables;
mod window;
mod yaml;

use std::borrow::Cow;

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use self::blocks::Blocks;
use self::bytes::Decoded;
use self::items::Items;
use self::outline::Outline;
use crate::domain::plan::Repair;
use crate::domain::{Clean, Document, Plan};

/// From so many bytes on, a second thread is worth its start.
const LARGE: usize = 64 * 1024;

/// What came of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// What was understood; `None` if the bytes are no text at all.
    pub document: Option<Document>,
    /// What is wrong with the file, and the next step.
    pub problem: Option<Clean>,
}

/// Reads the `bytes` of the file called `name`. The name is part of each item's identity, so that two files made from
/// one template do not share their ticks.
pub fn read(name: &str, bytes: &[u8]) -> Reading {
    read_on(None, name, bytes)
}

/// As [`read`], and tells which dates in it are long past on the day `today`.
pub fn read_on(today: Option<NaiveDate>, name: &str, bytes: &[u8]) -> Reading {
    let text = match bytes::decode(bytes) {
        Ok(text) => text,
        Err(why) => {
            return Reading { document: None, problem: Some(Clean::new(&format!("{name}: {why}"))) };
        }
    };
    let (front, body) = bytes::split_front_matter(&text.text);
    let stored = text.stored.clone().below(front.len());
    let blocks = Blocks::of(body, bytes::lines(front));
    let outline = Outline::of(&blocks);
    let large = body.len() >= LARGE;
    let alone = || alone(&outline, text.repaired, text.problem.as_deref());
    let (items, alone) = both(large, || items::find(name, &outline, &stored), alone);
    let file_name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let plan = plan((name, today), body, &text, (&outline, &items), alone);
    let title = blocks.heads.first().map_or_else(|| Clean::new(file_name), |head| head.text.clone());
    drop(outline);
    let rest = || (quotes::around(&text.text, &plan), hex(&Sha256::digest(bytes)));
    // The many pieces of a large document take a while to be given back.
    let ((quotes, sha256), ()) = both(large, rest, move || drop(blocks));
    let document = Document { quotes, path: name.to_owned(), title, sha256, plan, sections: items.sections };
    let problem = text.problem.map(|problem| Clean::new(&format!("{name}: {problem}")));
    Reading { document: Some(document), problem }
}

/// Adds to the findings of `documents`, which belong to one rollout, where two numbers for one thing cannot both hold.
pub fn compare(documents: &mut [Document]) {
    findings::compare(documents);
}

/// Whether `text` says nothing but limits, each of a name.
pub fn is_whole(text: &str) -> bool {
    thresholds::is_whole(text)
}

/// What is understood without knowing the items.
fn alone(outline: &Outline<'_>, repaired: Option<Repair>, problem: Option<&str>) -> Plan {
    let blocks = outline.blocks;
    let mut plan = Plan { repaired, counts: counts::of(blocks), ..Plan::default() };
    plan.guards = guards::find(blocks);
    plan.flags = flags::find(blocks);
    plan.variables = variables::find(outline, &plan.flags);
    plan.events = events::find(outline);
    plan.figures = figures::find(blocks);
    incidents::find(blocks, &mut plan);
    findings::alone(outline, problem, &mut plan);
    plan
}

/// What else is understood: each pass looks at the blocks, and at what the earlier ones found. What is done and what is
/// measured know nothing of each other.
fn plan(
    (name, today): (&str, Option<NaiveDate>),
    body: &str,
    text: &Decoded<'_>,
    (outline, items): (&Outline<'_>, &Items),
    mut plan: Plan,
) -> Plan {
    let blocks = outline.blocks;
    let done = || {
        items.count(&mut plan.counts);
        plan.commands = commands::find(name, body, blocks, items);
        let (stages, unread) = stages::find(outline, items);
        plan.stages = stages;
        plan.findings.extend(unread);
        lists::find(outline, items, &mut plan);
        plan
    };
    let measured = || {
        let mut plan = Plan::default();
        thresholds::find(outline, items, &mut plan);
        panels::find(outline, &mut plan);
        plan.thresholds.sort_by_key(|threshold| threshold.line);
        thresholds::place(outline.blocks, &mut plan);
        elsewhere::take_out(outline, &mut plan);
        let front = text.text.get(..text.text.len() - body.len()).unwrap_or_default();
        findings::find(outline, items, (today, front), &mut plan);
        plan
    };
    let (mut done, measured) = both(body.len() >= LARGE, done, measured);
    let Plan { panels, thresholds, findings: more, .. } = measured;
    let mut findings = std::mem::take(&mut done.findings);
    findings.extend(more);
    findings.extend(text.repaired.map(repair::finding));
    findings::refused(&done.commands, &mut findings);
    findings::secrets(&done.commands, &mut findings);
    let mut plan = Plan { panels, thresholds, findings, ..done };
    findings::later(outline, &mut plan);
    findings::columns(outline, items, &mut plan);
    findings::lost(outline, items, &mut plan);
    findings::unnamed(outline, items, &mut plan);
    plan.findings.sort_by_key(|finding| finding.line);
    plan
}

/// What `a` and `b` give; of a large document they run beside each other.
fn both<A: Send, B: Send>(large: bool, a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
    if !large {
        return (a(), b());
    }
    std::thread::scope(|scope| {
        let b = scope.spawn(b);
        let a = a();
        (a, b.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// SHA-256 over `parts`, each with its length, so that none can run into the next; hex.
pub fn fingerprint<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())
}

/// Lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    let digit = |four: u8| char::from(if four < 10 { b'0' + four } else { b'a' + four - 10 });
    let mut text = String::with_capacity(bytes.len() * 2);
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
    text
}

/// Scrubbed, on one line, with single spaces.
fn tidy(text: &str) -> Clean {
    // Most texts are so already.
    let apart = |pair: &[u8]| matches!(pair, [b' ', b' ']);
    let plain =
        text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) && !text.as_bytes().windows(2).any(apart);
    if plain {
        return Clean::new(text.trim_matches(' '));
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    Clean::new(&words.join(" "))
}

/// `text` in lower case; what has no capitals, or is of a script without them, is not copied.
fn lower(text: &str) -> Cow<'_, str> {
    let is_small =
        |c: char| if c.is_ascii() { !c.is_ascii_uppercase() } else { ('\u{3000}'..'\u{a000}').contains(&c) };
    if text.chars().all(is_small) { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// At most the first `bytes` of `text`, cut between characters: looking further would take long, and tell nothing more.
fn beginning(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}
