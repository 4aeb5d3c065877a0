//! When to roll back, where a block of YAML says so: `rollback: automatic: error_rate_threshold: 1%`. No side and no time is
//! surely told there, so a person says that it happened.

use crate::document::blocks::{Block, Kind};
use crate::document::bound::{Cell, limits};
use crate::document::outline::Outline;
use crate::document::thresholds::{self, yaml};
use crate::document::yaml::{Node, plain, read};

/// What the parts of such a map are called that say when.
const WHEN: [&str; 11] = [
    "automatic",
    "automated",
    "auto",
    "triggers",
    "trigger",
    "thresholds",
    "criteria",
    "conditions",
    "when",
    "if",
    "any_of",
];

/// What names the metric of an entry, and what states its limit.
const METRIC: [&str; 4] = ["metric", "name", "signal", "indicator"];
const LIMIT: [&str; 6] = ["threshold", "condition", "limit", "value", "critical", "when"];

/// No longer text is a condition.
const LONGEST: usize = 160;

/// The triggers that the block at `place` lists, with their lines.
pub(super) fn triggers(outline: &Outline<'_>, place: usize, block: &Block) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    let Kind::Fence { language, code, line } = &block.kind else { return found };
    if !yaml::is_yaml(language)
        || !["rollback", "abort"].iter().any(|word| code.contains(word))
        || outline.blocks.is_set_aside(block)
        || thresholds::is_taken_back(outline, place)
        || yaml::is_shown_only(code).is_some()
    {
        return found;
    }
    for node in read(code).unwrap_or_default() {
        gather(("", 0), &node, false, &mut |at, text| found.push((line + at, text)));
    }
    found
}

/// Tells `take` of the conditions below `node`, called `name`; `inside`: it says when to roll back.
fn gather((name, line): (&str, u32), node: &Node, inside: bool, take: &mut impl FnMut(u32, String)) {
    let named = plain(name);
    let of_parts = ["rollback", "abort"].contains(&&*named);
    let inside = inside || (yaml::is_list_of_triggers(name, node) && !of_parts);
    let back = named.contains("rollback") || named.contains("abort");
    // Read as a metric with its limits, or as an alert rule.
    if node.get(&["expr"]).is_some() || (!inside && yaml::is_metric(name, node)) {
        return;
    }
    if let Some(text) = node.text().filter(|_| inside) {
        let limited = named.ends_with("threshold") || named.ends_with("limit");
        let states = limited && matches!(crate::document::bound::cell(text), Cell::Limit(_) | Cell::Bare(_));
        if text.len() <= LONGEST && (states || !limits(text).is_empty()) {
            take(line, format!("{name}: {text}"));
        }
        return;
    }
    for (key, at, value) in node.entries() {
        let says_when = inside || (back && (WHEN.contains(&&*plain(key)) || value.text().is_some()));
        gather((key, *at), value, says_when, take);
    }
    for value in node.list() {
        let one = |keys: &[&str]| value.get(keys).and_then(Node::text);
        match (value.text(), one(&METRIC), one(&LIMIT)) {
            (Some(text), ..) if inside && text.len() <= LONGEST => take(value.line, text.to_owned()),
            (None, Some(metric), Some(limit)) if inside => take(value.line, format!("{metric}: {limit}")),
            (None, ..) => gather(("", value.line), value, inside, take),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::Meaning;

    #[test]
    fn triggers_in_yaml_are_said_by_a_person_and_nothing_else_of_it_is_one() {
        let text = "# R\n\n## Automated rollback triggers\n\n```yaml\nrollback:\n  automatic:\n    error_rate_threshold: 1%\n    error_rate_window: 5m\n    \
                    delivery_rate_threshold: 98%\n  manual:\n    - data_corruption\n  steps:\n    - helm rollback\nrollback_triggers:\n  - metric: queue\n    threshold: \"> 5\"\n  \
                    - Data is lost\nmetrics:\n  lag:\n    critical: \"> 9\"\n```\n\n```yaml\n# Example only\nrollback:\n  automatic:\n    x_threshold: 1%\n```\n";
        let document = crate::document::read("d.md", text.as_bytes()).document.expect("a text");
        let items = document.sections.iter().flat_map(|it| &it.items);
        let told: Vec<_> = items.map(|it| (it.line, &*it.text, it.meaning == Meaning::Trigger)).collect();
        assert_eq!(
            told,
            [
                (8, "error_rate_threshold: 1%", true),
                (10, "delivery_rate_threshold: 98%", true),
                (16, "queue: > 5", true),
                (18, "Data is lost", true),
            ]
        );
        assert!(document.plan.triggers.iter().all(|it| it.parsed.is_none()), "a person says it");
        let told = document.plan.findings.iter().filter(|it| it.text.contains("in YAML when to roll back"));
        assert_eq!(told.map(|it| it.line).collect::<Vec<_>>(), [6, 15]);
    }
}
