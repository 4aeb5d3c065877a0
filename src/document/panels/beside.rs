//! Lines beside a query: `Target: p95 < 100ms`, `Alert: > 5 %`.

use crate::document::blocks::{Block, Blocks, Kind};
use crate::document::bound::{Cell, cell};
use crate::document::labels::labelled;
use crate::document::thresholds::{Row, priority};
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind, Origin, Plan, Query, Stated, Threshold};
use crate::promql::unit::{self, Unit};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Target,
    Warning,
    Critical,
}

/// Labels, in lower case.
const LABELS: [(&str, Part); 37] = [
    ("target", Part::Target),
    ("goal", Part::Target),
    ("slo", Part::Target),
    ("objective", Part::Target),
    ("expected", Part::Target),
    ("healthy", Part::Target),
    ("ziel", Part::Target),
    ("zielwert", Part::Target),
    ("objectif", Part::Target),
    ("cible", Part::Target),
    ("objetivo", Part::Target),
    ("meta", Part::Target),
    ("目标", Part::Target),
    ("目標", Part::Target),
    ("warning", Part::Warning),
    ("warn", Part::Warning),
    ("warning threshold", Part::Warning),
    ("warnung", Part::Warning),
    ("警告", Part::Warning),
    ("alert", Part::Critical),
    ("alerts", Part::Critical),
    ("alert condition", Part::Critical),
    ("trigger", Part::Critical),
    ("fires when", Part::Critical),
    ("alert if", Part::Critical),
    ("alert when", Part::Critical),
    ("alert threshold", Part::Critical),
    ("threshold", Part::Critical),
    ("critical", Part::Critical),
    ("critical threshold", Part::Critical),
    ("rollback if", Part::Critical),
    ("alarm", Part::Critical),
    ("alerte", Part::Critical),
    ("alerta", Part::Critical),
    ("告警", Part::Critical),
    ("アラート", Part::Critical),
    ("閾値", Part::Critical),
];

/// Adds the limits beside the fence at `place`, whose first query is `plan.panels[first]` and answers in `unit`.
pub(super) fn find(blocks: &Blocks, place: usize, (first, unit): (usize, Option<Unit>), plan: &mut Plan) {
    let Some(fence) = blocks.list.get(place) else { return };
    let near = |block: &&Block| {
        block.head == fence.head && !matches!(block.kind, Kind::Fence { .. } | Kind::Table { .. })
    };
    let behind: Vec<&Block> = blocks.list.iter().skip(place + 1).take_while(near).take(8).collect();
    let before: Vec<&Block> = blocks.list.iter().take(place).rev().take_while(near).take(8).collect();
    // What stands between two fences belongs to the first of them.
    let after_fence = place
        .checked_sub(before.len() + 1)
        .and_then(|at| blocks.list.get(at))
        .is_some_and(|block| block.head == fence.head && matches!(block.kind, Kind::Fence { .. }));
    let before = if after_fence { Vec::new() } else { before };
    let mut line = None;
    let mut parts: [Option<&str>; 3] = [None; 3];
    for block in behind.into_iter().chain(before.into_iter().rev()) {
        let (Kind::Paragraph(text) | Kind::Item { text, .. }) = &block.kind else { continue };
        for (part, said) in labelled(&text.plain, &LABELS) {
            let slot = parts.get_mut(part as usize).filter(|slot| slot.is_none() && !said.is_empty());
            if let Some(slot) = slot {
                *slot = Some(said);
                line.get_or_insert(block.line);
            }
        }
    }
    let several = plan.panels.len() > first + 1;
    let (Some(line), Some(query)) = (line, plan.panels.get_mut(first)) else { return };
    query.threshold = Some(line);
    let name = query.title.clone();
    let priority = priority(blocks, fence.head);
    let [target, warning, critical] = parts;
    for said in parts.into_iter().flatten().filter(|said| !is_number(said)) {
        let text =
            format!("“{}: {said}” names no number; a person decides, or write < or > and a number", &*name);
        plan.findings.push(Finding { line, kind: FindingKind::Threshold, text: Clean::new(&text) });
    }
    for said in parts.into_iter().flatten().filter(|said| several && is_number(said)) {
        let text = format!(
            "“{said}” stands beside several queries and does not say of which; give each query a fence of its own; until then a person decides"
        );
        plan.findings.push(Finding { line, kind: FindingKind::Threshold, text: Clean::new(&text) });
    }
    let read = |said: &&str| !several && is_number(said);
    let [in_target, in_warning, in_critical] = parts.map(|said| said.filter(read));
    let row = Row {
        target: in_target,
        warning: in_warning,
        critical: in_critical,
        line,
        name: &name,
        priority,
        ..Row::default()
    };
    let mut threshold =
        row.read(Origin::Query, &mut plan.findings).unwrap_or_else(|| without_numbers(line, &name, priority));
    let query = plan.panels.get(first).filter(|query| query.error.is_none());
    plan.findings.extend(query.into_iter().flat_map(|query| strange(query, unit, &threshold)));
    let words = |said: Option<&str>| said.map(|said| Stated { text: Clean::new(said), bound: None });
    threshold.target = threshold.target.or_else(|| words(target));
    threshold.warning = threshold.warning.or_else(|| words(warning));
    threshold.critical = threshold.critical.or_else(|| words(critical));
    plan.thresholds.push(threshold);
}

/// Limits of `threshold` in a unit that nothing tells of the query's answer: they can judge nothing.
fn strange<'a>(
    query: &'a Query,
    unit: Option<Unit>,
    threshold: &'a Threshold,
) -> impl Iterator<Item = Finding> + use<'a> {
    let stated = [&threshold.target, &threshold.warning, &threshold.critical].into_iter().flatten();
    let cannot = move |stated: &&Stated| {
        let bound = stated.bound.as_ref();
        bound.is_some_and(|it| it.baseline.is_none() && it.value != 0.0 && !unit::fits(unit, &it.unit))
    };
    stated.filter(cannot).map(|stated| {
        let text = format!(
            "“{}: {}” judges nothing: in which unit the query answers is not known; write the metric into the config, or the \
             limit in the query's own number",
            query.title, stated.text
        );
        Finding { line: threshold.line, kind: FindingKind::Threshold, text: Clean::new(&text) }
    })
}

/// A threshold of which only the words are known.
fn without_numbers(line: u32, name: &Clean, priority: Option<u8>) -> Threshold {
    Threshold {
        line,
        name: name.clone(),
        target: None,
        warning: None,
        critical: None,
        baseline: None,
        priority,
        description: Clean::default(),
        origin: Origin::Query,
        section: Vec::new(),
        item: None,
    }
}

/// Whether the line `text` states a limit of a query beside it.
pub(super) fn is_limit(text: &str) -> bool {
    !labelled(text, &LABELS).is_empty()
}

/// Whether `said` states a limit, or is little more than a number.
fn is_number(said: &str) -> bool {
    match cell(said) {
        Cell::Limit(_) | Cell::Unread(_) => true,
        Cell::Bare(_) => said.starts_with(|c: char| c.is_ascii_digit()),
        Cell::Nothing => false,
    }
}
