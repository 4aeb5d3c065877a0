//! Columns of limits that nothing reads, in tables that are read and in others: `Min | Max`, a second threshold.

use rustc_hash::FxHashSet;

use super::MOST;
use super::lost::TOLD;
use crate::document::blocks::{Block, Kind, Text};
use crate::document::bound::{Cell, cell, is_time};
use crate::document::items::Items;
use crate::document::outline::Outline;
use crate::document::thresholds::{is_limit_column, read_columns};
use crate::document::topic::normal;
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind, Plan};

/// How a column of limits may begin or end, as [`normal`] has it.
const LIMITS: [&str; 26] = [
    "min",
    "max",
    "minimum",
    "maximum",
    "lower",
    "upper",
    "floor",
    "ceiling",
    "threshold",
    "thresholds",
    "limit",
    "limits",
    "bound",
    "lower bound",
    "upper bound",
    "untergrenze",
    "obergrenze",
    "mindestwert",
    "hochstwert",
    "minimo",
    "maximo",
    "minimale",
    "maximale",
    "下限",
    "上限",
    "最大",
];

/// Columns of what is so, was so, or is done until when: no limits, whatever stands in them.
const TOLD_COLUMNS: [&str; 34] = [
    "actual",
    "current",
    "currently",
    "now",
    "today",
    "after",
    "change",
    "result",
    "results",
    "measured",
    "observed",
    "delta",
    "before",
    "ist",
    "aktuell",
    "ergebnis",
    "actuel",
    "mesure",
    "actual value",
    "atual",
    "resultado",
    "当前",
    "结果",
    "現在",
    "実績",
    "duration",
    "time",
    "timeline",
    "eta",
    "rto",
    "rpo",
    "response time",
    "response",
    "sla",
];

/// Adds to the findings of `plan`, which is complete but for this, once a column.
pub(in crate::document) fn find(outline: &Outline<'_>, items: &Items, plan: &mut Plan) {
    let blocks = outline.blocks;
    let lines: FxHashSet<u32> = plan.thresholds.iter().map(|it| it.line).collect();
    let others: FxHashSet<u32> = plan.severities.iter().map(|it| it.line).collect();
    let mut found = Vec::new();
    for (place, block) in blocks.list.iter().enumerate() {
        let Kind::Table { header, rows } = &block.kind else { continue };
        if found.len() >= MOST || rows.is_empty() || blocks.is_set_aside(block) {
            continue;
        }
        let read = rows.iter().any(|(line, _)| lines.contains(line));
        let is_other = rows.iter().any(|(line, _)| others.contains(line) || items.of_row(*line).is_some());
        if is_other || (!read && is_told(outline, place)) {
            continue;
        }
        let states = |at: usize| {
            rows.iter().any(|(_, cells)| cells.get(at).is_some_and(|it| states_limit(header, at, it)))
        };
        let known = if read { read_columns(header, rows) } else { Vec::new() };
        let lost = (0..header.len()).filter(|at| !known.contains(at) && states(*at));
        found.extend(lost.filter(|at| read || is_named(header, *at)).map(|at| told(block, header, at)));
    }
    plan.findings.extend(found);
}

fn is_told(outline: &Outline<'_>, place: usize) -> bool {
    outline.above(place).iter().any(|line| line.topics.any(&TOLD))
}

fn is_named(header: &[Text], at: usize) -> bool {
    header.get(at).is_some_and(|cell| LIMITS.contains(&&*normal(&cell.plain)) || is_limit_column(&cell.plain))
}

/// Whether `text`, in this column, is a limit: with its comparator, or a number below a heading that says so.
fn states_limit(header: &[Text], at: usize, text: &Text) -> bool {
    let heading = header.get(at).map(|cell| normal(&cell.plain)).unwrap_or_default();
    if TOLD_COLUMNS.contains(&&*heading) {
        return false;
    }
    match cell(&text.plain) {
        Cell::Limit(bound) => {
            text.plain.trim_start().starts_with(['<', '>', '≤', '≥']) && !(is_time(&bound.unit) && at > 2)
        }
        Cell::Bare(_) => LIMITS.contains(&heading.as_str()),
        Cell::Nothing | Cell::Unread(_) => false,
    }
}

fn told(block: &Block, header: &[Text], at: usize) -> Finding {
    let name = header.get(at).map_or("", |cell| &*cell.plain);
    let text = format!(
        "the column “{name}” of this table states limits, and nothing reads it: nothing watches them; call it Target, Warning or Alert If, with < or > before each number"
    );
    Finding { line: block.line, kind: FindingKind::Threshold, text: Clean::new(&text) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_column_of_limits_that_nothing_reads_is_told() {
        let text = "# R\n\n## Limits\n\n| Metric | Min | Max |\n|---|---|---|\n| pods | 2 | 10 |\n\n\
                    ## More\n\n| Metric | Target | Bound | Critical | Now |\n|---|---|---|---|---|\n| CPU | < 50% | > 70% | > 90% | > 60% |\n\n\
                    ## Others\n\n| Metric | Before | After | Change |\n|---|---|---|---|\n| p95 | 400ms | 200ms | -50% |\n\n\
                    ## Ressourcen\n\n| Ressource | Normal | Alarmschwelle | Kritisch |\n|---|---|---|---|\n| RAM | < 50% | 70% | 90% |\n";
        let plan = crate::document::read("r.md", text.as_bytes()).document.expect("a text").plan;
        let told = plan.findings.iter().filter(|it| it.text.contains("nothing reads it"));
        let told: Vec<(u32, bool)> = told.map(|it| (it.line, it.text.contains("“Bound”"))).collect();
        assert_eq!(told, [(5, false), (5, false), (11, true)], "{:?}", plan.findings);
        let ram = plan.thresholds.iter().find(|it| &*it.name == "RAM").expect("read");
        assert_eq!(
            ram.warning.as_ref().and_then(|it| it.bound.as_ref()).map(ToString::to_string).as_deref(),
            Some(">= 70 %")
        );
    }
}
