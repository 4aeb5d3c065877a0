//! Maps that say once what all of their numbers are, `slo: { availability: 99.9% }`; and what of a YAML block states a limit
//! that nothing reads: it is told.

use super::{Node, is_list_of_triggers, row};
use crate::document::bound::{self, Cell};
use crate::document::thresholds::rows::{Row, Told};
use crate::document::thresholds::whole::cell;
use crate::document::yaml::plain;
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind};

/// What the numbers of a map are, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Target,
    Warning,
    Critical,
    /// Their own sides tell.
    Limit,
}

/// Below these a number is no limit of its own: it says in what time others are counted.
const TIMES: [&str; 6] = ["window", "period", "interval", "for", "duration", "sustained"];

/// What is written for people, asked of an engine, or says how fast somebody is told.
const OTHERS: [&str; 14] = [
    "description",
    "desc",
    "summary",
    "message",
    "title",
    "name",
    "note",
    "notes",
    "query",
    "promql",
    "response",
    "response_time",
    "escalation",
    "runbook",
];

/// A longer text is none.
const LONGEST: usize = 120;

fn slot(name: &str) -> Option<Slot> {
    Some(match plain(name).as_str() {
        "slo" | "slos" | "objectives" | "service_level_objectives" | "targets" => Slot::Target,
        "warning" | "warnings" | "warn" => Slot::Warning,
        "critical" | "alert" | "alerts" | "alert_if" => Slot::Critical,
        "threshold" | "thresholds" => Slot::Limit,
        _ => return None,
    })
}

/// The limits of the map `node` called `name`, each with its line.
pub(super) fn rows<'a>(name: &str, node: &'a Node) -> Vec<Row<'a>> {
    let Some(slot) = slot(name) else { return Vec::new() };
    let entries = node.entries().iter();
    entries.filter_map(|(key, line, node)| own_row(slot, key, *line, node)).collect()
}

fn own_row<'a>(slot: Slot, key: &'a str, line: u32, node: &'a Node) -> Option<Row<'a>> {
    let text = node.text().filter(|_| !TIMES.contains(&plain(key).as_str()))?;
    let is_stated = match cell(text, key) {
        Cell::Limit(_) => true,
        // "replicas: 3" is no objective.
        Cell::Bare(bound) => slot == Slot::Target && !bound.unit.is_empty(),
        Cell::Unread(_) | Cell::Nothing => false,
    };
    let of = |wanted: Slot| Some(text).filter(|_| slot == wanted);
    is_stated.then(|| Row {
        line,
        name: key,
        target: of(Slot::Target),
        warning: of(Slot::Warning),
        critical: of(Slot::Critical),
        limit: of(Slot::Limit).map(|text| (text, Told::Nothing)),
        ..Row::default()
    })
}

/// Adds to `found` what below the map or list `node` states a limit that nothing reads; `told`: a name above it says that it
/// is about limits.
pub(super) fn lost((name, line): (&str, u32), node: &Node, told: bool, first: u32, found: &mut Vec<Finding>) {
    if node.get(&["expr"]).is_some() || is_list_of_triggers(name, node) {
        return;
    }
    let told = told || speaks_of_limits(name);
    let (is_row, slot) = (row(name, node).is_some(), slot(name));
    for (key, at, value) in node.entries() {
        let is_read = is_row || slot.is_some_and(|slot| own_row(slot, key, *at, value).is_some());
        match value.text() {
            Some(text) if told && !is_read && !OTHERS.contains(&plain(key).as_str()) => {
                found.extend(not_read(first + at, key, text));
            }
            Some(_) => {}
            None => lost((key, *at), value, told, first, found),
        }
    }
    for value in node.list() {
        match value.text() {
            Some(text) if told => found.extend(not_read(first + value.line, name, text)),
            Some(_) => {}
            None => lost(("", line), value, told, first, found),
        }
    }
}

fn speaks_of_limits(name: &str) -> bool {
    const WORDS: [&str; 10] = [
        "slo",
        "alert",
        "threshold",
        "target",
        "objective",
        "trigger",
        "rollback",
        "abort",
        "criteri",
        "guardrail",
    ];
    let name = plain(name);
    WORDS.iter().any(|word| name.contains(word))
}

fn not_read(line: u32, name: &str, text: &str) -> Option<Finding> {
    if text.len() > LONGEST || bound::limits(text).is_empty() {
        return None;
    }
    let text = format!(
        "“{}: {text}” in YAML is not read, and nothing watches it; give its metric a map of its own with target, \
         warning_threshold or critical_threshold",
        if name.is_empty() { "-" } else { name }
    );
    Some(Finding { line, kind: FindingKind::Threshold, text: Clean::new(&text) })
}

#[cfg(test)]
mod tests {
    use crate::domain::Plan;

    fn plan(yaml: &str) -> Plan {
        let text = format!("# S\n\n```yaml\n{yaml}```\n");
        crate::document::read("s.md", text.as_bytes()).document.expect("a text").plan
    }

    fn limits(yaml: &str) -> Vec<String> {
        let said = |word: &str, stated: &Option<crate::domain::plan::Stated>| {
            let bound = stated.as_ref().and_then(|it| it.bound.as_ref());
            bound.map_or(String::new(), |bound| format!(" {word} {bound}"))
        };
        let told = |it: &crate::domain::plan::Threshold| {
            let parts = [("target", &it.target), ("warn", &it.warning), ("fail", &it.critical)];
            let parts: String = parts.into_iter().map(|(word, stated)| said(word, stated)).collect();
            format!("{} {}{parts}", it.line, it.name)
        };
        plan(yaml).thresholds.iter().map(told).collect()
    }

    #[test]
    fn a_map_says_once_what_its_numbers_are() {
        let yaml = "slo:\n  availability: 99.9%\n  latency_p95: \"< 300ms\"\n  window: 30d\n  replicas: 3\nalerts:\n  \
                    error_rate: \"> 5%\"\n  channel: \"#ops\"\n  delay: 5m\nthresholds:\n  error_rate: \"> 7%\"\n";
        assert_eq!(
            limits(yaml),
            [
                "5 availability target >= 99.9 %",
                "6 latency_p95 target < 300 ms",
                "10 error_rate fail > 5 %",
                "14 error_rate fail > 7 %"
            ]
        );
    }

    #[test]
    fn what_states_a_limit_and_is_not_read_is_told() {
        let told = |yaml: &str| -> Vec<u32> {
            let findings = plan(yaml).findings;
            findings.iter().filter(|it| it.text.contains("in YAML is not read")).map(|it| it.line).collect()
        };
        assert_eq!(told("alerts:\n  latency:\n    condition: \"p95 > 500ms\"\n    channel: \"#ops\"\n"), [6]);
        assert_eq!(told("slos:\n  - \"availability > 99.9%\"\n  - name: a\n    objective: 99%\n"), [5]);
        assert_eq!(
            told("groups:\n  - rules:\n      - alert: A\n        expr: x > 5\n        for: 5m\n").len(),
            0
        );
        assert_eq!(told("error_rate:\n  target: \"< 1%\"\n  alert_if: \"> 5%\"\n").len(), 0);
        assert_eq!(told("python: \">= 3.10\"\nalerts:\n  summary: \"rate > 5 %\"\n").len(), 0);
    }
}
