//! Queries for a metrics server: fences of queries and alert rules, each linted, with the limits that stand beside them.

mod beside;
mod rules;
mod split;
#[cfg(test)]
mod tests;

use std::iter::Peekable;

use self::split::Piece;
use super::blocks::{Block, Blocks, Kind};
use super::both;
use super::outline::Outline;
use super::thresholds::is_taken_back;
use super::thresholds::yaml::is_yaml;
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind, Plan, Query};
use crate::promql::lint::{self, Lint, Problem};

/// A longer line above a query is no title.
const LONGEST_TITLE: usize = 60;

/// From so many queries on, a second thread is worth its start.
const MANY: usize = 256;

/// Adds to `plan` the queries of `blocks`, in file order, and what is wrong with them.
pub(super) fn find(outline: &Outline<'_>, plan: &mut Plan) {
    let blocks = outline.blocks;
    let fences: Vec<Vec<Piece>> = blocks.list.iter().map(|block| queries(blocks, block)).collect();
    let mut lints = lints(&fences.iter().flatten().collect::<Vec<_>>()).into_iter().peekable();
    for ((place, block), pieces) in blocks.list.iter().enumerate().zip(&fences) {
        let Kind::Fence { language, code, line } = &block.kind else { continue };
        let before = plan.panels.len();
        if is_yaml(language) && !blocks.is_set_aside(block) && !is_taken_back(outline, place) {
            rules::find(blocks, block, (code, *line), plan);
        }
        if !pieces.is_empty() {
            of_fence(outline, place, (pieces, *line), &mut lints, plan);
        }
        let stage = outline.stage_of(block.head).map(|head| head.line);
        plan.panels.iter_mut().skip(before).for_each(|query| query.stage = stage);
    }
}

/// The queries of the fence at `place`, whose text begins on `line`.
fn of_fence(
    outline: &Outline<'_>,
    place: usize,
    (pieces, line): (&[Piece], u32),
    lints: &mut Peekable<impl Iterator<Item = Lint>>,
    plan: &mut Plan,
) {
    let blocks = outline.blocks;
    let Some(block) = blocks.list.get(place) else { return };
    let title = own_title(blocks, place).unwrap_or_else(|| title(blocks, block));
    let several = pieces.len() > 1;
    let first = (plan.panels.len(), lints.peek().and_then(|lint| lint.unit));
    for ((number, piece), lint) in pieces.iter().enumerate().zip(lints) {
        let title = match (&piece.comment, several) {
            (Some(comment), _) => Clean::new(comment),
            (None, true) => Clean::new(&format!("{title} ({})", number + 1)),
            (None, false) => title.clone(),
        };
        push(plan, line + piece.line, &title, &piece.text, lint);
    }
    if !is_taken_back(outline, place) {
        beside::find(blocks, place, first, plan);
    }
}

/// The queries of `block`, if it is a fence of them.
fn queries(blocks: &Blocks, block: &Block) -> Vec<Piece> {
    let Kind::Fence { language, code, .. } = &block.kind else { return Vec::new() };
    if is_yaml(language)
        || blocks.is_set_aside(block)
        || !(is_promql(language) || may_be_promql(language, blocks, block))
    {
        return Vec::new();
    }
    let pieces = split::queries(code);
    let are_queries = is_promql(language) || pieces.iter().all(|piece| lint::resembles(&piece.text));
    if are_queries { pieces } else { Vec::new() }
}

/// What is wrong with each of `pieces`; many are shared by two threads.
fn lints(pieces: &[&Piece]) -> Vec<Lint> {
    let (first, second) = pieces.split_at(pieces.len() / 2);
    let all = |pieces: &[&Piece]| pieces.iter().map(|piece| lint::lint(&piece.text)).collect::<Vec<_>>();
    let (mut lints, more) = both(pieces.len() >= MANY, || all(first), || all(second));
    lints.extend(more);
    lints
}

fn is_promql(language: &str) -> bool {
    matches!(language, "promql" | "promq" | "prometheus")
}

/// Whether a fence without a language stands where queries stand: its label or heading says so.
fn may_be_promql(language: &str, blocks: &Blocks, block: &Block) -> bool {
    const WORDS: [&str; 10] = [
        "promql",
        "prometheus",
        "quer",
        "grafana",
        "abfrage",
        "requête",
        "consulta",
        "查询",
        "クエリ",
        "panel",
    ];
    matches!(language, "" | "text" | "txt" | "plaintext" | "sql")
        && words_above(blocks, block).into_iter().any(|text| {
            let text = text.to_lowercase();
            WORDS.iter().any(|word| text.contains(word))
        })
}

/// The label above `block` and its heading.
pub(super) fn words_above<'a>(blocks: &'a Blocks, block: &Block) -> Vec<&'a Clean> {
    [label(blocks, block), heading(blocks, block)].into_iter().flatten().collect()
}

fn label<'a>(blocks: &'a Blocks, block: &Block) -> Option<&'a Clean> {
    match &blocks.list.get(block.label?)?.kind {
        Kind::Paragraph(text) | Kind::Item { text, .. } => Some(&text.plain),
        Kind::Fence { .. } | Kind::Table { .. } | Kind::Html(_) => None,
    }
}

fn heading<'a>(blocks: &'a Blocks, block: &Block) -> Option<&'a Clean> {
    Some(&blocks.heads.get(block.head?)?.text)
}

/// A short line right above the fence at `place` that nothing marks as a label: it names this query, and no other one.
fn own_title(blocks: &Blocks, place: usize) -> Option<Clean> {
    let above = place.checked_sub(1)?;
    let (before, block) = (blocks.list.get(above)?, blocks.list.get(place)?);
    let Kind::Paragraph(text) = &before.kind else { return None };
    let is_near = before.head == block.head && before.inside == block.inside && block.label != Some(above);
    let plain = text.plain.trim();
    let is_title = plain.chars().count() <= LONGEST_TITLE
        && plain.ends_with(|c: char| c.is_alphanumeric() || c == ')')
        && !blocks.source(before).trim_end().contains('\n');
    (is_near && is_title && !beside::is_limit(plain)).then(|| Clean::new(plain))
}

/// The label if it says more than that a query follows, else the item it stands in, else the heading.
fn title(blocks: &Blocks, block: &Block) -> Clean {
    let plain = |text: &str| Clean::new(text.trim().trim_end_matches([':', '：']).trim());
    let says_more = |text: &&Clean| {
        let text = text.to_lowercase();
        let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
        ![
            "query",
            "queries",
            "promql",
            "promql query",
            "promql queries",
            "prometheus query",
            "prometheus queries",
            "abfrage",
            "requête",
            "consulta",
            "example",
        ]
        .contains(&bare)
    };
    let item = block.inside.and_then(|at| blocks.list.get(at)).and_then(|block| match &block.kind {
        Kind::Item { text, .. } => Some(&text.plain),
        Kind::Paragraph(_) | Kind::Fence { .. } | Kind::Table { .. } | Kind::Html(_) => None,
    });
    let found = label(blocks, block).filter(says_more).or(item).or_else(|| heading(blocks, block));
    found.map_or_else(|| Clean::new("query"), |text| plain(text))
}

/// A query, and a finding if something is wrong with it.
fn push(plan: &mut Plan, line: u32, title: &Clean, text: &str, lint: Lint) {
    let told = |problem: &Problem| {
        Clean::new(&format!("line {}, character {}: {}", problem.line, problem.column, problem.what))
    };
    let error = lint.error.as_ref().map(told);
    if let Some(problem) = lint.error.as_ref().or(lint.advice.as_ref()) {
        let wrong = if lint.error.is_some() { "is not valid" } else { "can give no sensible answer" };
        let next = match &lint.suggestion {
            Some(better) => format!("write {better}"),
            None => "correct it, or no panel can be made of it".to_owned(),
        };
        let text =
            format!("the query “{title}” {wrong}: {} (character {}); {next}", problem.what, problem.column);
        plan.findings.push(Finding {
            line: line + problem.line - 1,
            kind: FindingKind::Query,
            text: Clean::new(&text),
        });
    }
    plan.panels.push(Query {
        line,
        title: title.clone(),
        query: text.to_owned(),
        error,
        suggestion: lint.suggestion,
        threshold: None,
        stage: None,
    });
}
