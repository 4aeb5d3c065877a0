//! YAML blocks of metrics with `target`, `warning_threshold`, `critical_threshold`.

mod maps;

use rustc_hash::FxHashSet;

use super::behind::is_quantile;
use super::rows::Row;
use crate::document::blocks::{Blocks, Kind};
use crate::document::yaml::{Node, Refused, plain, read};
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind, Origin, Plan};

const TARGET: [&str; 7] = ["target", "target_value", "slo", "objective", "goal", "ziel", "objectif"];
const WARNING: [&str; 7] =
    ["warning_threshold", "warning", "warn", "warn_threshold", "warning_at", "yellow", "amber"];
const CRITICAL: [&str; 12] = [
    "critical_threshold",
    "critical",
    "crit",
    "critical_at",
    "alert_threshold",
    "alert_if",
    "alert_at",
    "threshold",
    "red",
    "rollback_threshold",
    "rollback_if",
    "alert",
];
const BASELINE: [&str; 4] = ["baseline", "before", "current", "current_value"];

/// Whether a fence in `language` is YAML.
pub(in crate::document) fn is_yaml(language: &str) -> bool {
    matches!(language, "yaml" | "yml")
}

pub(super) fn find(blocks: &Blocks, plan: &mut Plan) {
    for block in &blocks.list {
        let Kind::Fence { language, code, line } = &block.kind else { continue };
        if !is_yaml(language)
            || blocks.is_set_aside(block)
            || super::is_taken_back(blocks, block)
            || !["target", "threshold", "warning", "critical", "slo", "rollback", "alert", "objective"]
                .iter()
                .any(|key| code.contains(key))
        {
            continue;
        }
        let nodes = match read(code) {
            Ok(nodes) => nodes,
            // Where alert rules are looked for, that tells it.
            Err(_) if code.contains("expr") => continue,
            Err(refused) => {
                plan.findings.push(not_yaml(*line, &refused));
                continue;
            }
        };
        let priority = super::priority(blocks, block.head);
        // "latency" with "p95" and "p99" below it: neither is a name alone.
        let mut of_quantiles = "";
        // Lines of lists that are told as not watched.
        let mut left = FxHashSet::default();
        for node in &nodes {
            node.walk(&mut |name, at, node| {
                if node.entries().iter().any(|(key, ..)| is_quantile(key)) {
                    of_quantiles = name;
                }
                let whole = format!("{of_quantiles} {name}");
                let name = if is_quantile(name) { whole.trim_start() } else { name };
                if let Some(mut row) = row(name, node) {
                    (row.line, row.priority) = (line + at, priority);
                    plan.thresholds.extend(row.read(Origin::Yaml, &mut plan.findings));
                    return;
                }
                for row in maps::rows(name, node) {
                    let row = Row { line: line + row.line, priority, ..row };
                    plan.thresholds.extend(row.read(Origin::Yaml, &mut plan.findings));
                }
                if is_list_of_triggers(name, node) {
                    plan.findings.push(not_watched(line + at, name));
                    node.walk(&mut |_, at, _| _ = left.insert(line + at));
                }
            });
            maps::lost(("", *line), node, false, *line, &mut plan.findings);
        }
        plan.thresholds.retain(|it| it.origin != Origin::Yaml || !left.contains(&it.line));
    }
}

/// Whether `node`, called `name`, lists when to roll back.
fn is_list_of_triggers(name: &str, node: &Node) -> bool {
    let list = |node: &Node| !node.list().is_empty();
    match plain(name).as_str() {
        "rollback_triggers"
        | "rollback_trigger"
        | "rollback_when"
        | "rollback_if"
        | "rollback_conditions"
        | "abort_if"
        | "abort_when" => list(node) || !node.entries().is_empty(),
        "rollback" | "abort" => node.get(&["when", "if", "triggers", "conditions"]).is_some_and(list),
        _ => false,
    }
}

fn not_watched(line: u32, name: &str) -> Finding {
    let text = format!(
        "“{name}” lists in YAML when to roll back, which is not read: nothing watches it; write it as a list below a heading “Rollback triggers”"
    );
    Finding { line, kind: FindingKind::Threshold, text: Clean::new(&text) }
}

/// A block that is no YAML, though it should be.
pub(in crate::document) fn not_yaml(line: u32, refused: &Refused) -> Finding {
    let text =
        format!("this YAML block cannot be read ({}); correct it, or nothing of it is used", refused.why);
    Finding { line: line + refused.line, kind: FindingKind::Unread, text: Clean::new(&text) }
}

/// A metric, if `node` is one.
fn row<'a>(name: &'a str, node: &'a Node) -> Option<Row<'a>> {
    // Alert rules have their limit in the query.
    if node.get(&["expr"]).is_some() {
        return None;
    }
    let text = |keys: &[&str]| node.get(keys).and_then(Node::text);
    if text(&["enabled"]) == Some("false") || text(&["disabled"]) == Some("true") {
        return None;
    }
    let named = if name.is_empty() { text(&["name", "metric", "id", "title"]) } else { Some(name) };
    let row = Row {
        name: named?,
        target: text(&TARGET),
        warning: text(&WARNING),
        critical: text(&CRITICAL),
        baseline: text(&BASELINE),
        // In what time it is counted is not how long it lasts.
        lasts: text(&["for", "duration", "sustained"]).or(text(&["window"]).map(|_| "window")),
        description: text(&["description", "desc", "summary", "meaning"]).unwrap_or_default(),
        ..Row::default()
    };
    (row.target.is_some() || row.warning.is_some() || row.critical.is_some()).then_some(row)
}
