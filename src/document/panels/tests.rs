//! Panels of whole documents.

use crate::document::read;
use crate::domain::plan::{Comparator, Plan};

fn plan(text: &str) -> Plan {
    read("n.md", text.as_bytes()).document.expect("text").plan
}

fn panels(text: &str) -> Vec<String> {
    let shown = |query: &crate::domain::plan::Query| {
        let state = if query.error.is_some() { "wrong" } else { "ok" };
        let better = query.suggestion.as_ref().map_or_else(String::new, |better| format!(" => {better}"));
        format!("{} {} [{}] {state}{better}", query.line, query.title, query.query.replace('\n', "⏎"))
    };
    plan(text).panels.iter().map(shown).collect()
}

#[test]
fn fences_of_queries_become_panels_with_their_limits() {
    let text = "### Carts\n```promql\nrate(carts_total[5m]) by (shop)\n```\n**Target:** < 3/min\n**Alert:** > 9/min\n\n### Slow\n\
                ```promql\n# p95\nhistogram_quantile(0.95,\n  sum by (le) (rate(d_bucket[5m])))\n\n# all\nsum(rate(d_count[5m]))\n/ 2\nup\n```\n";
    assert_eq!(
        panels(text),
        [
            "3 Carts [rate(carts_total[5m]) by (shop)] wrong => sum by (shop) (rate(carts_total[5m]))",
            "11 p95 [histogram_quantile(0.95,⏎  sum by (le) (rate(d_bucket[5m])))] ok",
            "15 all [sum(rate(d_count[5m]))⏎/ 2] ok",
            "17 Slow (3) [up] ok",
        ]
    );
    let plan = plan(text);
    assert_eq!(plan.panels[0].threshold, Some(5));
    let threshold = &plan.thresholds[0];
    let limit = |stated: &Option<crate::domain::plan::Stated>| {
        stated.as_ref().and_then(|s| s.bound.as_ref()).map(ToString::to_string)
    };
    assert_eq!(
        (limit(&threshold.target), limit(&threshold.critical)),
        (Some("< 3/min".into()), Some("> 9/min".into()))
    );
    assert!(
        plan.findings.iter().any(|finding| finding.line == 3 && finding.text.contains("write sum by (shop)"))
    );
}

#[test]
fn a_limit_in_a_unit_that_nothing_tells_of_the_query_is_a_finding() {
    let told = |query: &str, limit: &str| {
        let text = format!("### Errors\n```promql\n{query}\n```\n**Alert:** {limit}\n");
        let found = plan(&text).findings;
        let judged = found.iter().filter(|it| it.text.contains("judges nothing"));
        judged.map(|it| format!("{}: {}", it.line, it.text)).collect::<Vec<_>>()
    };
    let all = told("errs", "> 4 %");
    let [found] = &all[..] else { panic!("{all:?}") };
    assert!(found.starts_with("5: “Errors: > 4 %” judges nothing"), "{found}");
    assert_eq!(told("memory_bytes / 1024", "> 600 MB").len(), 1);
    for (query, limit) in [
        ("errs", "> 4"),
        ("errs", "> 0 %"),
        ("sum(rate(bad_total[5m])) / sum(rate(all_total[5m]))", "> 4 %"),
        ("memory_bytes", "> 600 MB"),
        ("max(took_seconds)", "> 250 ms"),
        ("rate(bad_total[5m])", "> 9/min"),
    ] {
        assert_eq!(told(query, limit), Vec::<String>::new(), "{query} {limit}");
    }
}

#[test]
fn a_fence_without_a_language_is_a_query_where_queries_stand() {
    assert_eq!(panels("**Prometheus query:**\n\n```\nsum(rate(x_total[1m]))\n```\n").len(), 1);
    assert_eq!(panels("**Prometheus query:**\n\n```\ncurl localhost:9090\n```\n"), Vec::<String>::new());
    assert_eq!(panels("Run:\n\n```\nsum(rate(x_total[1m]))\n```\n"), Vec::<String>::new());
}

#[test]
fn alert_rules_are_panels_with_limits() {
    let text = "## Rules\n```yaml\ngroups:\n  - name: shop\n    rules:\n      - alert: CartsLost\n        expr: |\n          sum(rate(lost_total[5m])) > 0.2\n        \
                for: 10m\n        labels:\n          severity: warning\n        annotations:\n          summary: Carts get lost\n      - alert: Down\n        expr: up = 0\n```\n";
    assert_eq!(
        panels(text),
        ["8 CartsLost [sum(rate(lost_total[5m])) > 0.2] ok", "15 Down [up = 0] wrong => up == 0"]
    );
    let plan = plan(text);
    let threshold = &plan.thresholds[0];
    let bound = threshold.warning.as_ref().and_then(|stated| stated.bound.as_ref()).expect("a limit");
    assert_eq!((bound.comparator, bound.value, bound.for_seconds), (Comparator::Above, 0.2, Some(600)));
    assert_eq!((threshold.priority, &*threshold.description), (Some(2), "Carts get lost"));
}

#[test]
fn an_alert_that_ends_in_no_comparison_is_told() {
    let rules = ["5 < errs", "absent(errs)", "errs > 5 or errs < 1", "errs != 0", "errs > 5"];
    let text = rules.map(|rule| format!("- alert: A\n  expr: {rule}\n")).concat();
    let plan = plan(&format!("# A\n```yaml\n{text}```\n"));
    let told: Vec<u32> = plan
        .findings
        .iter()
        .filter(|it| it.text.contains("nothing here watches"))
        .map(|it| it.line)
        .collect();
    assert_eq!(told, [4, 6, 8, 10]);
    assert_eq!(plan.thresholds.len(), 1);
}

#[test]
fn words_beside_a_query_stay_a_persons() {
    let plan = plan("### Codes\n```promql\nsum(x)\n```\n**Alert:** Spike of `code=\"4401\"`\n");
    let critical = plan.thresholds[0].critical.as_ref().expect("words");
    assert_eq!((&*critical.text, &critical.bound), ("Spike of code=\"4401\"", &None));
    let told =
        plan.findings.iter().any(|finding| finding.line == 5 && finding.text.contains("names no number"));
    assert!(told, "{:?}", plan.findings);
}

#[test]
fn a_plain_line_right_above_a_fence_names_its_query_and_no_other() {
    let text = "## Panels\n\nErrors by code:\n```promql\nup\n```\n\nLatency of checkout\n```promql\nmax(took)\n```\nAlert: > 2\n\n\
                ```promql\nsum(x)\n```\n\nAlert: > 3\n\n```promql\nsum(y)\n```\n";
    let titles: Vec<String> = plan(text).panels.iter().map(|query| query.title.to_string()).collect();
    assert_eq!(titles, ["Errors by code", "Latency of checkout", "Errors by code", "Errors by code"]);
}

#[test]
fn what_lasts_is_an_alert_by_whatever_name() {
    let text = "```yaml\nalerts:\n  - name: HighErrors\n    expr: rate(errs[5m]) > 0.05\n    for: 5m\n```\n";
    let found = plan(text);
    assert_eq!((found.thresholds.len(), found.panels[0].threshold), (1, Some(4)));
    let record = "```yaml\nrules:\n  - record: a\n    expr: rate(errs[5m]) > 0.05\n    for: 5m\n```\n";
    assert_eq!(plan(record).thresholds.len(), 0);
}

#[test]
fn a_query_below_a_stage_says_of_which() {
    let text = "# S\n\n```promql\nup\n```\n\n## Phase 1: Canary\n- Deploy\n\n```promql\nsum(x)\n```\n";
    assert_eq!(plan(text).panels.iter().map(|query| query.stage).collect::<Vec<_>>(), [None, Some(7)]);
}

#[test]
fn a_trigger_beside_a_query_is_its_limit() {
    let text = "### Slow\n**Trigger:** p99 > 2s\n\n```promql\nhistogram_quantile(0.99, sum by (le) (rate(d_seconds_bucket[5m])))\n```\n";
    assert_eq!(plan(text).panels[0].threshold, Some(2));
}

#[test]
fn a_limit_beside_several_queries_is_of_none_of_them() {
    let text = "## Errors\n```promql\n# per second\nsum(rate(bad_total[1m]))\n\n# share\nsum(rate(bad_total[1m])) / sum(rate(all_total[1m]))\n```\n\
                **Alert:** > 0.05\n";
    let plan = plan(text);
    assert!(plan.thresholds.iter().all(|it| it.critical.as_ref().is_none_or(|it| it.bound.is_none())));
    let told = plan.findings.iter().filter(|it| it.text.contains("beside several queries"));
    assert_eq!(told.map(|it| it.line).collect::<Vec<_>>(), [9]);
}
