//! What is questionable in a document as such: placeholders that were left in, claims beside open items, counts that do
//! not match.

mod refused;
#[cfg(test)]
mod tests;

use super::blocks::{Block, Blocks, Kind, Text};
use super::items::Items;
use super::outline::Outline;
use super::topic::normal;
use crate::domain::plan::{Finding, FindingKind, Plan};
use crate::domain::{Clean, Item, Meaning};

/// No more findings of one kind than this are told one by one.
const MOST: usize = 50;

/// A longer bracket is no placeholder.
const LONGEST: usize = 60;

/// Words of a bracket that somebody was to fill in.
const FILL: [&str; 31] = [
    "pending",
    "tbd",
    "todo",
    "insert",
    "your",
    "name",
    "contact",
    "date",
    "fill",
    "placeholder",
    "info",
    "phone",
    "email",
    "url",
    "version",
    "enter",
    "link",
    "ausstehend",
    "einfügen",
    "ausfüllen",
    "à compléter",
    "pendiente",
    "completar",
    "preencher",
    "pendente",
    "待填写",
    "待定",
    "未定",
    "氏名",
    "日付",
    "記載",
];

/// Words that stand for something that is not there yet.
const MISSING: [&str; 5] =
    ["to be created", "to be written", "to be defined", "to be determined", "coming soon"];

/// Words of a claim that all is ready.
const READY: [&str; 12] = [
    "ready for production",
    "production ready",
    "ready for staging",
    "staging ready",
    "ready for deployment",
    "ready to deploy",
    "ready for release",
    "deployment successful",
    "bereit für produktion",
    "prêt pour la production",
    "listo para producción",
    "pronto para produção",
];

/// Words behind a number in a heading that says how many entries follow.
const ENTRIES: [&str; 12] = [
    "total",
    "files",
    "items",
    "steps",
    "checks",
    "tasks",
    "entries",
    "phases",
    "events",
    "points",
    "scenarios",
    "criteria",
];

/// Adds to the findings of `plan`.
pub(super) fn find(outline: &Outline<'_>, items: &Items, problem: Option<&str>, plan: &mut Plan) {
    let mut found = Vec::new();
    if let Some(problem) = problem {
        let line = problem.strip_prefix("line ").and_then(|rest| rest.split(' ').next()?.parse().ok());
        found.push(Finding { line: line.unwrap_or(0), kind: FindingKind::Unread, text: Clean::new(problem) });
    }
    if items.sections.is_empty() {
        let text = "nothing to sign off was found in it; write items as \"- [ ] text\"";
        found.push(Finding { line: 0, kind: FindingKind::Unread, text: Clean::new(text) });
    }
    placeholders(outline.blocks, &mut found);
    claims(outline.blocks, items, &mut found);
    entries(outline.blocks, &mut found);
    refused::find(&plan.commands, &mut found);
    plan.findings.append(&mut found);
}

/// Each text of a block (but code) with its line.
fn texts_of(block: &Block) -> Vec<(u32, &Text)> {
    match &block.kind {
        Kind::Paragraph(text) | Kind::Item { text, .. } => vec![(block.line, text)],
        Kind::Table { rows, .. } => {
            rows.iter().flat_map(|(line, cells)| cells.iter().map(move |cell| (*line, cell))).collect()
        }
        Kind::Fence { .. } | Kind::Html(_) => Vec::new(),
    }
}

fn placeholders(blocks: &Blocks, found: &mut Vec<Finding>) {
    let texts = blocks.list.iter().flat_map(texts_of);
    let named = texts.filter_map(|(line, text)| placeholder(&text.plain).map(|what| (line, what)));
    found.extend(named.take(MOST).map(|(line, what)| {
        let text = if MISSING.contains(&what) {
            format!("it names something that is \"{what}\"; create it, or take it out, before the rollout")
        } else {
            format!("\"{what}\" was never filled in; write what is meant before the rollout")
        };
        Finding { line, kind: FindingKind::Placeholder, text: Clean::new(&text) }
    }));
}

/// What of `text` was to be filled in.
fn placeholder(text: &str) -> Option<&str> {
    let pieces = text.match_indices('[').filter_map(|(at, _)| {
        let rest = text.get(at..)?;
        let close = rest.bytes().take(LONGEST + 2).position(|byte| byte == b']')?;
        let (inside, whole) = (rest.get(1..close)?, rest.get(..=close)?);
        (inside.len() >= 3).then_some((whole, inside))
    });
    let has_word = |inside: &str| {
        let inside = inside.to_lowercase();
        let words = || inside.split(|c: char| !c.is_alphanumeric());
        FILL.iter().any(|fill| {
            if fill.is_ascii() { words().any(|word| word == *fill) } else { inside.contains(fill) }
        })
    };
    let bracket = pieces.into_iter().find(|(_, inside)| has_word(inside)).map(|(whole, _)| whole);
    let word =
        || text.split(|c: char| !c.is_alphanumeric()).find(|word| matches!(*word, "TBD" | "TBC" | "FIXME"));
    let missing = || MISSING.iter().find(|missing| text.contains(**missing)).copied();
    bracket.or_else(word).or_else(missing)
}

fn claims(blocks: &Blocks, items: &Items, found: &mut Vec<Finding>) {
    let is_now =
        |item: &&Item| !matches!(item.meaning, Meaning::Later { .. } | Meaning::Trigger | Meaning::Claim);
    let is_open = |item: &&Item| !item.inferred && !item.claimed && is_now(item);
    let open = items.all().filter(is_open).count();
    let first = items.all().find(is_open).map_or(0, |item| item.line);
    let mut ticked = items.all().filter(|item| item.claimed);
    if let Some(item) = ticked.next() {
        let count = 1 + ticked.count();
        let text = format!(
            "{count} items are said to be done here, without evidence; they count when somebody attests them"
        );
        found.push(Finding { line: item.line, kind: FindingKind::Claim, text: Clean::new(&text) });
    }
    if open == 0 {
        return;
    }
    let ready = READY.map(normal);
    let heads = blocks.heads.iter().map(|head| (head.line, &head.text));
    let is_said = |block: &&Block| !matches!(block.kind, Kind::Item { ticked: Some(_), .. });
    let texts = blocks.list.iter().filter(is_said).flat_map(texts_of);
    let all = heads.chain(texts.map(|(line, text)| (line, &text.plain)));
    let said = all.filter(|(_, text)| text.len() < 400).filter(|(_, text)| {
        let text = normal(text);
        ready.iter().any(|ready| text.contains(ready.as_str()))
    });
    found.extend(said.take(MOST).map(|(line, text)| {
        let text = format!(
            "it says \"{}\", and {open} items are open (the first in line {first}); finish them, or say what is ready",
            short(text)
        );
        Finding { line, kind: FindingKind::Claim, text: Clean::new(&text) }
    }));
}

fn short(text: &str) -> String {
    let kept: String = text.chars().take(60).collect();
    if kept.len() < text.len() { format!("{}…", kept.trim_end()) } else { kept }
}

/// Headings such as `Files (17 total)` above another number of entries.
fn entries(blocks: &Blocks, found: &mut Vec<Finding>) {
    let said: Vec<Option<usize>> = blocks.heads.iter().map(|head| said_count(&head.text)).collect();
    if said.iter().all(Option::is_none) {
        return;
    }
    let mut own = vec![0_usize; blocks.heads.len()];
    for block in &blocks.list {
        if let (Kind::Item { .. }, None, Some(head)) = (&block.kind, block.inside, block.head)
            && let Some(count) = own.get_mut(head)
        {
            *count += 1;
        }
    }
    let mut all = own.clone();
    for (at, head) in blocks.heads.iter().enumerate().rev() {
        let below = all.get(at).copied().unwrap_or(0);
        if let Some(count) = head.under.and_then(|under| all.get_mut(under)) {
            *count += below;
        }
    }
    for ((head, said), (own, all)) in blocks.heads.iter().zip(said).zip(own.into_iter().zip(all)) {
        let there = if own > 0 { own } else { all };
        let Some(said) = said.filter(|said| there > 0 && *said != there) else { continue };
        let text =
            format!("the heading says {said}, and {there} entries stand below it; correct one of them");
        found.push(Finding { line: head.line, kind: FindingKind::Claim, text: Clean::new(&text) });
    }
}

/// The number of entries that a heading's parenthesis says.
fn said_count(text: &str) -> Option<usize> {
    let (_, inside) = text.trim_end().trim_end_matches(')').rsplit_once('(')?;
    let mut words = inside.split_whitespace();
    let count = words.next()?.parse().ok()?;
    let what = words.next()?.to_lowercase();
    (words.next().is_none() && ENTRIES.contains(&what.as_str())).then_some(count)
}
