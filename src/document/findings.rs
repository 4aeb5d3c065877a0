//! What is questionable in a document as such: placeholders that were left in, claims beside open items, counts that do
//! not match.

mod conflicts;
mod dates;
mod placeholders;
mod refused;
mod targets;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;

pub(super) use self::conflicts::compare;
use super::beginning;
use super::blocks::{Block, Blocks, Kind, Text};
use super::items::Items;
use super::outline::Outline;
use super::topic::normal;
use crate::domain::plan::{Finding, FindingKind, Plan};
use crate::domain::{Clean, Item, Meaning};

/// No more findings of one kind than this are told one by one.
const MOST: usize = 50;

/// Words of a claim that all is ready.
const READY: [&str; 18] = [
    "ready for launch",
    "ready for rollout",
    "ready to ship",
    "准备就绪",
    "可以上线",
    "リリース準備完了",
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

/// Words before those that take them back.
const NOT_YET: [&str; 8] = ["getting", "get", "not", "when", "once", "if", "until", "nicht"];

/// Words of waiting and of approving that say together that an approval is missing.
const WAITS: [&str; 9] = [
    "pending",
    "awaiting",
    "waiting",
    "outstanding",
    "ausstehend",
    "attente",
    "pendiente",
    "pendente",
    "aguardando",
];
const APPROVES: [&str; 9] = [
    "approv",
    "signoff",
    "signature",
    "freigabe",
    "genehmigung",
    "approbation",
    "aproba",
    "aprova",
    "autori",
];

/// Phrases that say so in one.
const UNAPPROVED: [&str; 9] = [
    "pending sign off",
    "awaiting sign off",
    "sign off pending",
    "not yet approved",
    "noch nicht freigegeben",
    "待审批",
    "待批准",
    "承認待ち",
    "未承認",
];

/// No more of a block is looked at to tell on which of its lines something stands.
const LONGEST_SOURCE: usize = 8192;

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
pub(super) fn find(
    outline: &Outline<'_>,
    items: &Items,
    (problem, today): (Option<&str>, Option<NaiveDate>),
    plan: &mut Plan,
) {
    let mut found = Vec::new();
    if let Some(problem) = problem {
        let line = problem.strip_prefix("line ").and_then(|rest| rest.split(' ').next()?.parse().ok());
        found.push(Finding { line: line.unwrap_or(0), kind: FindingKind::Unread, text: Clean::new(problem) });
    }
    if items.sections.is_empty() {
        let text = "nothing to sign off was found in it; write items as \"- [ ] text\"";
        found.push(Finding { line: 0, kind: FindingKind::Unread, text: Clean::new(text) });
    }
    placeholders::find(outline.blocks, &mut found);
    claims(outline.blocks, items, &mut found);
    entries(outline.blocks, &mut found);
    refused::find(&plan.commands, &mut found);
    targets::find(outline.blocks, plan, &mut found);
    if let Some(today) = today {
        dates::find(outline, items, today, &mut found);
    }
    plan.findings.append(&mut found);
}

/// A text of a block (but code) with its line, and where it is written.
struct Said<'a> {
    line: u32,
    text: &'a Text,
    source: &'a str,
}

impl Said<'_> {
    /// The line that says `what`, with its number; all of the text if none does alone.
    fn spot(&self, what: impl Fn(&str) -> bool) -> (u32, Clean) {
        let lines = beginning(self.source, LONGEST_SOURCE).lines();
        let found = (self.line..).zip(lines).find(|(_, line)| what(line));
        let tidied = |line: &str| super::tidy(&line.replace("**", "").replace('`', ""));
        found.map_or_else(|| (self.line, self.text.plain.clone()), |(line, text)| (line, tidied(text)))
    }

    /// The line on which `what` stands, if it can be told.
    fn line_of(&self, what: impl Fn(&str) -> bool) -> u32 {
        let lines = beginning(self.source, LONGEST_SOURCE).lines();
        (self.line..).zip(lines).find(|(_, line)| what(line)).map_or(self.line, |(line, _)| line)
    }
}

/// Each text of a block (but code) with its line.
fn texts_of<'a>(blocks: &'a Blocks, block: &'a Block) -> Vec<Said<'a>> {
    match &block.kind {
        Kind::Paragraph(text) | Kind::Item { text, .. } => {
            vec![Said { line: block.line, text, source: blocks.source(block) }]
        }
        Kind::Table { rows, .. } => rows
            .iter()
            .flat_map(|(line, cells)| cells.iter().map(move |text| Said { line: *line, text, source: "" }))
            .collect(),
        Kind::Fence { .. } | Kind::Html(_) => Vec::new(),
    }
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
    let ready = readiness(blocks);
    if let Some((line, text)) = pending(blocks)
        && let Some((at, said)) = ready.first()
    {
        let text = format!(
            "it says \"{}\" (line {at}), and here \"{}\": get the approval, or say what is ready",
            short(said),
            short(&text)
        );
        found.push(Finding { line, kind: FindingKind::Claim, text: Clean::new(&text) });
    }
    if open == 0 {
        return;
    }
    found.extend(ready.into_iter().take(MOST).map(|(line, text)| {
        let text = format!(
            "it says \"{}\", and {open} items are open (the first in line {first}); finish them, or say what is ready",
            short(&text)
        );
        Finding { line, kind: FindingKind::Claim, text: Clean::new(&text) }
    }));
}

/// Texts that say that all is ready, with their lines.
fn readiness(blocks: &Blocks) -> Vec<(u32, Clean)> {
    let ready = READY.map(normal);
    let says = |text: &str| {
        let text = normal(text);
        ready.iter().any(|ready| {
            text.find(ready.as_str()).is_some_and(|at| {
                let before = text.get(..at).unwrap_or_default().trim_end();
                !NOT_YET.iter().any(|word| before.ends_with(word))
            })
        })
    };
    let heads =
        blocks.heads.iter().filter(|head| says(&head.text)).map(|head| (head.line, head.text.clone()));
    let is_said = |block: &&Block| !matches!(block.kind, Kind::Item { ticked: Some(_), .. });
    let texts = blocks.list.iter().filter(is_said).flat_map(|block| texts_of(blocks, block));
    let texts = texts.filter(|said| said.text.plain.len() < 400 && says(&said.text.plain));
    heads.chain(texts.map(|said| said.spot(says))).collect()
}

/// The first text that says that somebody has not approved yet.
fn pending(blocks: &Blocks) -> Option<(u32, Clean)> {
    let waits = |text: &str| {
        let text = normal(text);
        let words: Vec<&str> =
            text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let at =
            |known: &[&str]| words.iter().position(|word| known.iter().any(|known| word.starts_with(known)));
        let near = at(&WAITS).zip(at(&APPROVES)).is_some_and(|(a, b)| a.abs_diff(b) <= 4);
        near || UNAPPROVED.iter().any(|phrase| text.contains(phrase))
    };
    let texts = blocks.list.iter().flat_map(|block| texts_of(blocks, block));
    let mut texts = texts.filter(|said| said.text.plain.len() < 400);
    texts.find(|said| waits(&said.text.plain)).map(|said| said.spot(waits))
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
    // Of rows, if there are no items.
    let mut rows = vec![0_usize; blocks.heads.len()];
    for block in &blocks.list {
        if let (Kind::Table { rows: below, .. }, Some(count)) =
            (&block.kind, block.head.and_then(|head| rows.get_mut(head)))
        {
            *count += below.len();
        }
    }
    for (own, rows) in own.iter_mut().zip(rows).filter(|(own, _)| **own == 0) {
        *own = rows;
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
