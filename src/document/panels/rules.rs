//! Alert rules in YAML: `expr`, `for`, `labels`, and the limit in which the query ends.

use super::push;
use crate::document::blocks::{Block, Blocks};
use crate::document::bound::seconds;
use crate::document::thresholds::stated;
use crate::document::thresholds::yaml::not_yaml;
use crate::document::yaml::{Node, read};
use crate::domain::Clean;
use crate::domain::plan::{Bound, Finding, FindingKind, Origin, Plan, Threshold};
use crate::promql::lint::{ending, lint};

/// Adds the rules of a YAML fence: its text and the line that begins it.
pub(super) fn find(blocks: &Blocks, block: &Block, (code, line): (&str, u32), plan: &mut Plan) {
    if !code.contains("expr") {
        return;
    }
    let nodes = match read(code) {
        Ok(nodes) => nodes,
        Err(refused) => return plan.findings.push(not_yaml(line, &refused)),
    };
    for node in &nodes {
        node.walk(&mut |name, _, node| {
            let Some((at, expr)) = expression(node) else { return };
            let title = node.get(&["alert", "record", "name", "title"]).and_then(Node::text);
            let title = title.or(Some(name).filter(|name| !name.is_empty()));
            let title = title.map_or_else(|| super::title(blocks, block), Clean::new);
            let lint = lint(expr);
            let is_valid = lint.error.is_none();
            push(plan, line + at, &title, expr, lint);
            if is_valid && is_alert(node) && ending(expr).is_none() {
                plan.findings.push(unwatched(line + at, &title));
            }
            if let Some(threshold) = threshold(node, &title, expr, line + at) {
                if let Some(panel) = plan.panels.last_mut() {
                    panel.threshold = Some(threshold.line);
                }
                plan.thresholds.push(threshold);
            }
        });
    }
}

/// The query of a rule, and the line it begins on.
fn expression(node: &Node) -> Option<(u32, &str)> {
    let (_, at, value) = node.entries().iter().find(|(name, ..)| name == "expr" || name == "query")?;
    if !node.entries().iter().any(|(name, ..)| name == "expr") {
        return None;
    }
    // The text of a block scalar stands below its key.
    let text = value.text()?;
    Some((value.line.max(*at), text))
}

/// Whether it is an alert: it says so, or how long its query must hold.
fn is_alert(node: &Node) -> bool {
    node.get(&["alert", "for"]).is_some() && node.get(&["record"]).is_none()
}

/// An alert whose query has no limit that can be taken from its end.
fn unwatched(line: u32, title: &Clean) -> Finding {
    let text = format!(
        "the alert “{title}” does not end in one comparison with a number, so nothing here watches it; end its query in \
         `> number` or `< number`, or let a person watch it"
    );
    Finding { line, kind: FindingKind::Threshold, text: Clean::new(&text) }
}

/// The limit of an alert.
fn threshold(node: &Node, title: &Clean, expr: &str, line: u32) -> Option<Threshold> {
    if !is_alert(node) {
        return None;
    }
    let ending = ending(expr)?;
    let bound = Bound {
        comparator: ending.comparator,
        value: ending.value,
        unit: String::new(),
        for_seconds: node.get(&["for"]).and_then(Node::text).and_then(seconds).filter(|seconds| *seconds > 0),
        within_ms: None,
        after_seconds: None,
        baseline: None,
    };
    let grave =
        node.get(&["labels"]).and_then(|labels| labels.get(&["severity", "priority"])).and_then(Node::text);
    let priority = match grave.unwrap_or_default().to_lowercase().as_str() {
        "critical" | "page" | "high" | "p1" | "sev1" | "1" | "emergency" | "error" => Some(1),
        "warning" | "warn" | "medium" | "p2" | "sev2" | "2" | "ticket" => Some(2),
        "info" | "low" | "notice" | "p3" | "sev3" | "3" | "none" => Some(3),
        _ => None,
    };
    let notes = node.get(&["annotations"]);
    let about =
        notes.and_then(|notes| notes.get(&["summary", "description", "message"])).and_then(Node::text);
    let limit = stated(&bound.to_string(), bound);
    let warns = priority.is_some_and(|priority| priority > 1);
    Some(Threshold {
        line,
        name: title.clone(),
        target: None,
        warning: warns.then(|| limit.clone()),
        critical: (!warns).then_some(limit),
        baseline: None,
        priority,
        description: Clean::new(about.unwrap_or_default()),
        origin: Origin::Query,
        section: Vec::new(),
        item: None,
    })
}
