//! YAML blocks of metrics with `target`, `warning_threshold`, `critical_threshold`.

mod maps;

use rustc_hash::FxHashSet;

use super::behind::is_quantile;
use super::rows::Row;
use crate::document::aside;
use crate::document::blocks::Kind;
use crate::document::outline::Outline;
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

pub(super) fn find(outline: &Outline<'_>, plan: &mut Plan) {
    let blocks = outline.blocks;
    for (place, block) in blocks.list.iter().enumerate() {
        let Kind::Fence { language, code, line } = &block.kind else { continue };
        if !is_yaml(language)
            || blocks.is_set_aside(block)
            || super::is_taken_back(outline, place)
            || !["target", "threshold", "warning", "critical", "slo", "rollback", "alert", "objective"]
                .iter()
                .any(|key| code.contains(key))
        {
            continue;
        }
        if let Some((at, said)) = is_shown_only(code) {
            plan.findings.push(set_aside(line + at, said));
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

/// The comment at the top of a block that says that it is an example, or holds no more, with its line.
pub(in crate::document) fn is_shown_only(code: &str) -> Option<(u32, &str)> {
    let lines = (0..).zip(code.lines()).filter(|(_, line)| !line.trim().is_empty());
    let comments = lines.map_while(|(at, line)| Some((at, line.trim().strip_prefix('#')?.trim())));
    comments.into_iter().find(|(_, said)| aside::says(said))
}

fn set_aside(line: u32, said: &str) -> Finding {
    let said: String = said.chars().take(80).collect();
    let text = format!(
        "“{said}” says that this YAML block is an example or holds no more: nothing of it is watched; take that line out if it holds"
    );
    Finding { line, kind: FindingKind::Unread, text: Clean::new(&text) }
}

/// What of the map of a metric says that its limits do not hold always, or not everywhere: `environment: staging`, `deprecated: true`.
fn restricted(node: &Node) -> Option<&str> {
    const WHERE: [&str; 16] = [
        "environment",
        "environments",
        "env",
        "envs",
        "stage",
        "stages",
        "scope",
        "applies_to",
        "region",
        "regions",
        "only",
        "except",
        "unless",
        "when",
        "if",
        "condition",
    ];
    const OVER: [&str; 8] =
        ["deprecated", "obsolete", "retired", "superseded", "draft", "example", "muted", "silenced"];
    const HELD: [&str; 3] = ["active", "live", "in_use"];
    // Everywhere, or where it is read for.
    const ALL: [&str; 8] = ["production", "prod", "live", "all", "any", "global", "*", "always"];
    let text = |key: &&str| node.get(&[*key]).map(|node| node.text().unwrap_or("…"));
    let lower = |said: &str| said.trim().to_lowercase();
    let yes = |said: &&str| !["false", "no", "off", "0", ""].contains(&&*lower(said));
    let somewhere = WHERE.iter().filter_map(text).find(|said| !ALL.contains(&&*lower(said)));
    let over = || OVER.iter().filter(|key| text(key).as_ref().is_some_and(yes)).map(|key| &**key).next();
    let idle =
        || HELD.iter().filter(|key| text(key).is_some_and(|said| !yes(&said))).map(|_| "not active").next();
    somewhere.or_else(over).or_else(idle)
}

/// Whether `node`, called `name`, lists when to roll back.
pub(in crate::document) fn is_list_of_triggers(name: &str, node: &Node) -> bool {
    let list = |node: &Node| !node.list().is_empty();
    match plain(name).as_str() {
        "rollback_triggers"
        | "rollback_trigger"
        | "rollback_when"
        | "rollback_if"
        | "rollback_conditions"
        | "abort_if"
        | "abort_when" => list(node) || !node.entries().is_empty(),
        "rollback" | "abort" => {
            let parts = ["when", "if", "triggers", "conditions", "automatic", "automated", "auto"];
            node.get(&parts).is_some_and(|node| list(node) || !node.entries().is_empty())
        }
        _ => false,
    }
}

fn not_watched(line: u32, name: &str) -> Finding {
    let text = format!(
        "“{name}” lists in YAML when to roll back, which is not read: nothing watches it, a person says that it happened; write it as a list below a heading “Rollback triggers”"
    );
    Finding { line, kind: FindingKind::Threshold, text: Clean::new(&text) }
}

/// A block that is no YAML, though it should be.
pub(in crate::document) fn not_yaml(line: u32, refused: &Refused) -> Finding {
    let text =
        format!("this YAML block cannot be read ({}); correct it, or nothing of it is used", refused.why);
    Finding { line: line + refused.line, kind: FindingKind::Unread, text: Clean::new(&text) }
}

/// Whether `node`, called `name`, is a metric with limits.
pub(in crate::document) fn is_metric(name: &str, node: &Node) -> bool {
    row(name, node).is_some()
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
        note: restricted(node),
        ..Row::default()
    };
    (row.target.is_some() || row.warning.is_some() || row.critical.is_some()).then_some(row)
}
