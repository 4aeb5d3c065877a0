//! Thresholds of whole documents.

mod shapes;

use crate::document::read;
use crate::domain::plan::{Origin, Plan, Stated, Threshold};

fn plan(text: &str) -> Plan {
    read("n.md", text.as_bytes()).document.expect("text").plan
}

fn shown(stated: Option<&Stated>) -> String {
    stated.map_or_else(
        || "--".to_owned(),
        |stated| stated.bound.as_ref().map_or_else(|| format!("“{}”", stated.text), ToString::to_string),
    )
}

/// A threshold on one line: name, target, warning, critical, baseline, priority.
fn line(threshold: &Threshold) -> String {
    let Threshold { line, name, target, warning, critical, baseline, priority, .. } = threshold;
    let [target, warning, critical, baseline] =
        [target, warning, critical, baseline].map(|part| shown(part.as_ref()));
    let priority = priority.map_or_else(String::new, |priority| format!(" P{priority}"));
    format!("{line} {name}: {target} | {warning} | {critical} | {baseline}{priority}")
}

fn lines(text: &str) -> Vec<String> {
    plan(text).thresholds.iter().map(line).collect()
}

#[test]
fn yaml_blocks_of_metrics_are_read_with_their_lines() {
    let text = "# Watch\n\n## Money (Priority 2 - amber)\n```yaml\nmetrics:\n  paid_orders_rate:\n    description: \"Orders that end paid\"\n    \
                target: \">97%\"\n    warning_threshold: \"<94%\"\n    critical_threshold: \"<90%\"\n  double_charges:\n    target: 0\n    \
                warning_threshold: 1\n    critical_threshold: 4\n  open_carts:\n    target: \"watch_only\"\n    warning_threshold: \">800\"\n```\n";
    assert_eq!(
        lines(text),
        [
            "6 paid_orders_rate: > 97 % | < 94 % | < 90 % | -- P2",
            "11 double_charges: = 0 | >= 1 | >= 4 | -- P2",
            "15 open_carts: “watch_only” | > 800 | -- | -- P2",
        ]
    );
    assert!(plan(text).thresholds.iter().all(|threshold| threshold.origin == Origin::Yaml));
}

#[test]
fn tables_are_read_by_their_headings() {
    let text = "| Signal | Before | Target | Alert If |\n|---|---|---|---|\n| Lost carts | ~40/day | ~3/day | >8/day |\n\
                | Checkout p95 | N/A | 300ms | >900ms |\n| Uptime | 99.1% | 99.9% | 99.5% |\n\
                | Owner | Kim | Ada | Bo |\n";
    assert_eq!(
        lines(text),
        [
            "3 Lost carts: ~ 3/day | -- | > 8/day | ~ 40/day",
            "4 Checkout p95: <= 300 ms | -- | > 900 ms | “N/A”",
            "5 Uptime: >= 99.9 % | -- | <= 99.5 % | = 99.1 %",
        ]
    );
    let german = "| Metrik | Zielwert | Kritisch |\n|---|---|---|\n| Fehlerrate | < 0,5 % | > 2 % |\n";
    assert_eq!(lines(german), ["3 Fehlerrate: < 0.5 % | -- | > 2 % | --"]);
    let grades =
        "## Lost carts\n\n| Severity | Threshold |\n|---|---|\n| Warning | > 2% |\n| Critical | > 5% |\n";
    assert_eq!(lines(grades), ["5 Lost carts: -- | > 2 % | -- | --", "6 Lost carts: -- | -- | > 5 % | --"]);
    assert_eq!(lines("| Env | Required |\n|---|---|\n| prod | 5 |\n"), Vec::<String>::new());
}

#[test]
fn items_state_limits_and_are_linked() {
    let text = "## Success criteria\n- [ ] **Error rate:** <1% for 30 minutes\n- [ ] p95 < 200ms, p99 < 900ms\n- [ ] Port 8443 open\n\
                - [ ] Cart total is right\n";
    let plan = plan(text);
    let lines: Vec<String> = plan.thresholds.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "2 Error rate: < 1 % for 30 min | -- | -- | --",
            "3 p95: < 200 ms | -- | -- | --",
            "3 p99: < 900 ms | -- | -- | --"
        ]
    );
    assert!(plan.thresholds.iter().all(|threshold| threshold.item.is_some()));
}

#[test]
fn several_limits_of_a_line_stand_alone_where_that_is_what_it_says() {
    let text = "## Rollback triggers\n- [ ] Error rate > 5%, p95 > 500ms\n- [ ] Cart loss > 2% or queue > 40 s\n\
                - [ ] Error rate > 3% and traffic > 50/s\n\n## Success criteria\n- [ ] Error rate < 1% and p99 < 900ms\n\
                - [ ] Cart p95 < 300 ms or cache hit rate > 90 %\n";
    let plan = plan(text);
    let triggers: Vec<String> = plan
        .triggers
        .iter()
        .map(|trigger| {
            let bound = trigger.parsed.as_ref().map_or_else(|| "--".to_owned(), ToString::to_string);
            format!("{} {} => {bound}", trigger.line, trigger.text)
        })
        .collect();
    assert_eq!(
        triggers,
        [
            "2 Error rate > 5% => > 5 %",
            "2 p95 > 500ms => > 500 ms",
            "3 Cart loss > 2% => > 2 %",
            "3 queue > 40 s => > 40 s",
            "4 Error rate > 3% and traffic > 50/s => --",
        ]
    );
    let lines: Vec<String> = plan.thresholds.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "2 Error rate: -- | -- | > 5 % | --",
            "2 p95: -- | -- | > 500 ms | --",
            "3 Cart loss: -- | -- | > 2 % | --",
            "3 queue: -- | -- | > 40 s | --",
            "7 Error rate: < 1 % | -- | -- | --",
            "7 p99: < 900 ms | -- | -- | --",
        ]
    );
    let found: Vec<u32> =
        plan.findings.iter().filter(|found| found.line > 0).map(|found| found.line).collect();
    assert_eq!(found, [4, 8], "{:?}", plan.findings);
}

#[test]
fn an_act_with_a_number_is_no_limit_and_names_are_of_what_is_measured() {
    let text = "## Checks\n- [ ] Archive carts (> 2 years)\n- [ ] Increase replicas to at least 3\n- [ ] Set timeout = 30\n\
                - [ ] Wait until error rate < 1 %\n- [ ] Can handle 250+ orders/second\n- [ ] Handles 2x normal load\n\
                - [ ] Check queue lag (should be < 1 second)\n- [ ] MTTD (mean time to detect): < 3 minutes\n\
                - [ ] Tests show zero leaks\n- [ ] Cart: no slowdown > 5 %\n";
    assert_eq!(
        lines(text),
        [
            "5 error rate: < 1 % | -- | -- | --",
            "6 orders/second: >= 250/s | -- | -- | --",
            "7 load: >= 2 x baseline | -- | -- | --",
            "8 queue lag: < 1 s | -- | -- | --",
            "9 MTTD (mean time to detect): < 3 min | -- | -- | --",
            "10 leaks: = 0 | -- | -- | --",
            "11 Cart: slowdown: <= 5 % above baseline | -- | -- | --",
        ]
    );
}

#[test]
fn what_cannot_be_read_is_found() {
    let plan = plan(
        "| Metric | Target |\n|---|---|\n| Latency | 5-10 ms |\n| Errors | < 1% |\n\n```yaml\ntarget: [1\nx: 2\n```\n",
    );
    let found: Vec<String> = plan
        .findings
        .iter()
        .filter(|finding| finding.line > 0)
        .map(|finding| format!("{} {}", finding.line, finding.text))
        .collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("3 “Latency: 5-10 ms” states a range"), "{found:?}");
    assert!(found[1].contains("this YAML block cannot be read"), "{found:?}");
}

#[test]
fn what_people_do_and_numbers_of_numbers_are_no_limits() {
    let text = "# Do\n- [ ] Room max. 12 people\n- [ ] Unter 4 Augen prüfen\n- [ ] Coverage 80 % for lib, 60 % for bin\n\
                - [ ] Coverage > 80 % for lib, > 60 % for bin\n";
    let found = lines(text);
    assert_eq!(
        found.get(found.len().saturating_sub(2)..),
        Some(
            &[
                "5 Coverage for lib: > 80 % | -- | -- | --".to_owned(),
                "5 Coverage for bin: > 60 % | -- | -- | --".to_owned()
            ][..]
        ),
        "{found:?}"
    );
    let found = plan("# Roll back if\n- [ ] Only 1 pod > 1 restart\n");
    assert_eq!(found.thresholds, []);
    assert_eq!(found.findings.len(), 1, "{:?}", found.findings);
}

#[test]
fn a_number_alone_has_the_unit_of_its_row_and_other_words_have_none() {
    let text = "| Signal | Target | Warning | Critical |\n|---|---|---|---|\n| Uptime | 99.9% | 99.5 | 99 |\n\
                | Paid | >= 99% | 3 failures | 5 failures |\n";
    assert_eq!(
        lines(text),
        [
            "3 Uptime: >= 99.9 % | <= 99.5 % | <= 99 % | --",
            "4 Paid: >= 99 % | “3 failures” | “5 failures” | --"
        ]
    );
}

#[test]
fn a_range_or_a_pair_of_numbers_of_a_criterion_is_left_to_a_person_and_told() {
    let plan = plan(
        "## Success criteria\n- [ ] about 5 to 7 restarts\n- [ ] Latency between 100 and 200 ms\n- [ ] Steps 3 to 5 done\n",
    );
    let told: Vec<(u32, String)> = plan.findings.iter().map(|f| (f.line, f.kind.to_string())).collect();
    assert_eq!(told, [(2, "threshold".to_owned()), (3, "threshold".to_owned())]);
    assert!(plan.thresholds.is_empty());
}

#[test]
fn an_alert_beside_a_target_is_of_the_same_thing() {
    assert_eq!(
        lines("# A\n- [ ] Error rate: under 0.1%, alert if above 1 % for 10m\n"),
        ["2 Error rate: < 0.1 % | -- | -- | --", "2 Error rate: -- | -- | > 1 % for 10 min | --"]
    );
}

#[test]
fn two_limits_of_one_line_are_each_named_with_their_quantile() {
    let text = "# A\n- [ ] Latency < 200ms (p95), < 500ms (p99)\n- [ ] p95 latency < 300 ms, p99 < 1 s\n- [ ] Pages load in < 2 s for 95% of users\n\
                ## Success criteria\n- Latency < 200 ms for 95% of users\n- Checkout at most 1 s (p95) and at most 3 s (p99)\n";
    assert_eq!(
        lines(text),
        [
            "2 Latency p95: < 200 ms | -- | -- | --",
            "2 Latency p99: < 500 ms | -- | -- | --",
            "3 p95 latency: < 300 ms | -- | -- | --",
            "3 p99 latency: < 1 s | -- | -- | --",
            "4 Pages load: < 2 s | -- | -- | --",
            "6 Latency: < 200 ms | -- | -- | --",
            "7 Checkout p95: <= 1 s | -- | -- | --",
            "7 Checkout p99: <= 3 s | -- | -- | --",
        ]
    );
}

#[test]
fn what_never_happens_is_not_asked_for() {
    let text = "# A\n## Success criteria\n- > 5 minutes never happens\n- Reconnects > 5 minutes never happen\n- Error rate > 1 % is not acceptable\n\
                ## Rollback if\n- An outage > 5 minutes is not acceptable\n- p95 doubles\n";
    assert_eq!(
        lines(text),
        [
            "4 Reconnects: <= 5 min | -- | -- | --",
            "5 Error rate: <= 1 % | -- | -- | --",
            "7 An outage: -- | -- | > 5 min | --",
        ]
    );
    let plan = plan(text);
    assert_eq!(plan.triggers.iter().map(|it| it.parsed.is_some()).collect::<Vec<_>>(), [true, false]);
    let words = crate::domain::plan::words::summary(&read("n.md", text.as_bytes()).document.expect("text"));
    for by_hand in ["> 5 minutes never happens (by hand)", "p95 doubles (by hand)"] {
        assert!(words.contains(by_hand), "{words}");
    }
}

#[test]
fn a_verb_before_a_count_goes_with_what_is_counted() {
    let text = "# Rollback if\n- Fallan más de tres clínicas\n- Hay más de 20 quejas en 1 hora\n- There are more than 5 stuck jobs\n\
                - Es gibt mehr als 4 Beschwerden pro Stunde\n- Il y a plus de dix plaintes\n- Falham mais de 2 escolas em 10 minutos\n";
    assert_eq!(
        lines(text),
        [
            "2 Fallan clínicas: -- | -- | > 3 | --",
            "3 quejas: -- | -- | > 20/h | --",
            "4 stuck jobs: -- | -- | > 5 | --",
            "5 Beschwerden: -- | -- | > 4/h | --",
            "6 plaintes: -- | -- | > 10 | --",
            "7 Falham escolas: -- | -- | > 2/10min | --",
        ]
    );
}

#[test]
fn a_limit_without_any_name_is_called_as_it_is_written() {
    assert_eq!(
        lines("# Success criteria\n- [ ] 99% within 1 second\n- [ ] < 5%\n"),
        ["2 99% within 1 second: >= 99 % within 1 s | -- | -- | --", "3 < 5%: < 5 % | -- | -- | --",]
    );
}

#[test]
fn a_range_is_told_where_something_is_watched() {
    let text = "# A\n- [ ] CPU: 10–20 %\n- [ ] CPU between 10–20 %\n- [ ] Error rate 1-2%\n- [ ] Raise the canary to 10–20 %\n- [ ] Ramp up by 10 to 20 %\n\
                ## Success criteria\n- Latency 100-200ms\n- Built on 2026-01-02\n";
    let found = crate::document::read("d.md", text.as_bytes()).document.expect("a text").plan.findings;
    assert_eq!(found.iter().map(|finding| finding.line).collect::<Vec<_>>(), [2, 3, 4, 8], "{found:?}");
}

#[test]
fn what_stands_below_a_struck_heading_or_in_a_struck_tag_is_not_read() {
    let text = "# A\n## ~~Old rollback triggers~~\n- [ ] Error rate > 9 %\n\n| Metric | Critical |\n|---|---|\n| Errors | > 9 % |\n\n\
                ## Success criteria\n- [ ] <del>p95 < 500 ms</del> p95 < 200 ms\n- [ ] <s>p99 < 9 s</s>\n";
    assert_eq!(lines(text), ["10 p95: < 200 ms | -- | -- | --"]);
    assert!(plan(text).triggers.is_empty());
}

#[test]
fn a_numbered_line_above_a_rule_is_a_heading() {
    let text = "# A\n\n3) Rollback triggers\n--------------------\n- [ ] Error rate > 5 %\n\n## Steps\n1. one\n2. two\n---\n- [ ] three\n";
    assert_eq!(lines(text), ["5 Error rate: -- | -- | > 5 % | --"]);
    assert_eq!(plan(text).counts.headings, 3);
}

#[test]
fn names_are_without_what_is_said_of_them_and_a_lone_number_has_no_side() {
    let text = "## Rollback triggers\n- [ ] error rate isn't below 5 %\n- [ ] Erfolgsrate sinkt unter 99 %\n- [ ] p95 > 2 s OR errors > 3 %\n\
                ## Success criteria\n- [ ] None above 500 ms\n- [ ] See [the page][x]\n\n```yaml\nfill_level:\n  critical: 90%\n```\n";
    assert_eq!(
        lines(text),
        [
            "2 error rate: -- | -- | >= 5 % | --",
            "3 Erfolgsrate: -- | -- | < 99 % | --",
            "4 p95: -- | -- | > 2 s | --",
            "4 errors: -- | -- | > 3 % | --",
            "10 fill_level: -- | -- | “90%” | --",
        ]
    );
    let plan = plan(text);
    assert!(plan.triggers.iter().any(|trigger| &*trigger.text == "errors > 3 %"), "{:?}", plan.triggers);
    let told: Vec<u32> = plan.findings.iter().map(|finding| finding.line).collect();
    assert_eq!(told, [10], "{:?}", plan.findings);
}

#[test]
fn the_order_of_bare_numbers_is_told_in_one_unit() {
    let text = "# Watch\n\n```yaml\nmetrics:\n  latency_p95:\n    target: 200ms\n    warning_threshold: 300ms\n    critical_threshold: 1s\n```\n\n\
                | Metric | Target | Critical |\n|---|---|---|\n| Startup | 90s | 5min |\n| Size | 900 MB | 1 GB |\n| Ratio | 99.9% | 0.95 |\n| ~~Old~~ | <5 | >9 |\n";
    assert_eq!(
        lines(text),
        [
            "5 latency_p95: <= 200 ms | >= 300 ms | >= 1 s | --",
            "13 Startup: <= 90 s | -- | >= 5 min | --",
            "14 Size: <= 900 MB | -- | >= 1 GB | --",
        ]
    );
    let found = plan(text).findings;
    let told: Vec<u32> = found.iter().map(|finding| finding.line).collect();
    assert_eq!(
        told,
        [0, 15],
        "nothing to sign off, and a share and a fraction cannot be compared: {found:?}"
    );
}

#[test]
fn what_is_struck_through_in_a_part_is_not_read() {
    let text = "# R\n\n## Rollback triggers\n\n- [ ] Error rate > ~~10~~ 5 %\n- [ ] Error rate must not exceed 1 %\n";
    assert_eq!(lines(text), ["5 Error rate: -- | -- | > 5 % | --"]);
    assert_eq!(plan(text).findings.iter().filter(|finding| finding.line == 6).count(), 1);
}

#[test]
fn columns_and_words_of_a_row_say_on_which_side_it_is_wrong() {
    let text = "# W\n\n| Metric | Target | Alert If |\n|---|---|---|\n| p95 | 300ms or better | 500ms or worse |\n| Success | >99% | drops 5% |\n\n\
                | Indicateur | Cible | Seuil d'alerte | Seuil critique |\n|---|---|---|---|\n| erreurs | < 0.05 % | > 0.1 % | > 5 % |\n\n\
                | 指标 | 目标 | 告警阈值 | 严重阈值 |\n|---|---|---|---|\n| 错误率 | < 1% | > 2% | > 5% |\n";
    assert_eq!(
        lines(text),
        [
            "5 p95: <= 300 ms | -- | >= 500 ms | --",
            "6 Success: > 99 % | -- | >= 5 % below baseline | --",
            "10 erreurs: < 0.05 % | > 0.1 % | > 5 % | --",
            "14 错误率: < 1 % | > 2 % | > 5 % | --",
        ]
    );
}

#[test]
fn what_makes_an_exception_or_is_of_yesterday_is_no_plain_limit() {
    let text = "# R\n\n## Rollback triggers\n\n- error_rate > 0.1 % unless caused by the load test\n- p95 > 500 ms only if error rate > 1 %\n\
                - orders < 80 % of last week\n- CPU > 80 % on more than 2 nodes\n- p99 latency exceeds SLO (500ms) for more than 5 min\n\n\
                ## Success criteria\n\n- Fail if error rate > 1%\n- Response time: 300ms or better\n- Uptime: 99.9% or better\n\
                - Requests > 2 s: less than 1 %\n";
    assert_eq!(
        lines(text),
        ["7 orders: -- | -- | < 0.8 x baseline | --", "15 Uptime: >= 99.9 % | -- | -- | --"]
    );
    let mut told: Vec<u32> = plan(text).findings.iter().map(|finding| finding.line).collect();
    told.retain(|line| *line > 0);
    assert_eq!(told, [5, 6, 8, 9, 13, 14, 16]);
}

#[test]
fn a_bare_target_has_a_side_only_where_something_tells() {
    let text = "# W\n\n| Metric | Target |\n|---|---|\n| p95 | 200ms |\n| Antwortzeit | 300 ms |\n| Apdex | 0.9 |\n| Checkout | 99.9% |\n| Replicas | 3 |\n";
    assert_eq!(
        lines(text),
        [
            "5 p95: <= 200 ms | -- | -- | --",
            "6 Antwortzeit: <= 300 ms | -- | -- | --",
            "7 Apdex: >= 0.9 | -- | -- | --",
            "8 Checkout: “99.9%” | -- | -- | --",
            "9 Replicas: = 3 | -- | -- | --",
        ]
    );
    assert!(plan(text).findings.iter().any(|finding| finding.line == 8));
}
