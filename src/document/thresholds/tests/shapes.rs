//! Strikes and rules that are not what they look like.

use super::{lines, plan};

#[test]
fn a_strike_that_is_never_ended_strikes_nothing() {
    for tag in ["<S>", "<s>", "<del>"] {
        let text =
            format!("# A\n## Success criteria\n- [ ] List{tag} latency p95 < 500 ms\n- [ ] b p99 < 1 s\n");
        let told = lines(&text);
        assert_eq!(told.len(), 2, "{tag}: {told:?}");
        assert!(told[0].starts_with("3 List latency p95: < 500 ms"), "{tag}: {told:?}");
    }
    let nested = "# A\n## Success criteria\n- [ ] List<S> latency p95 ~~< 9 s~~ < 500 ms\n";
    assert_eq!(lines(nested), ["3 List latency p95: < 500 ms | -- | -- | --"]);
}

#[test]
fn a_step_right_above_a_rule_stays_a_step() {
    for text in [
        "# A\n## Steps\n3) Restart the service\n---\n",
        "# A\n## Steps\n1. Restart the service\n---\n\nText.\n",
    ] {
        assert_eq!(plan(text).counts.headings, 2, "{text}");
        let document = crate::document::read("d.md", text.as_bytes()).document.expect("a text");
        let items: Vec<_> = document.sections.iter().flat_map(|section| &section.items).collect();
        assert_eq!(&*items[0].text, "Restart the service", "{text}");
    }
    for text in [
        "# A\n\n1. Rollback triggers\n--------------------\n- [ ] one\n",
        "# A\n\n3) Rollback triggers\n---\n- [ ] one\n",
        "# A\n\n2. Rollback triggers\n---\n- [ ] one\n",
    ] {
        assert_eq!(plan(text).counts.headings, 2, "{text}");
    }
}

#[test]
fn what_yaml_says_beside_a_limit_is_not_lost() {
    let text = "# W\n\n```yaml\nerror_rate:\n  critical: \"> 5 %\"\n  for: 10m\np95:\n  critical: \"> 800 ms\"\n  duration: soon\n\
                cpu:\n  critical: \"> 90 %\"\n  enabled: false\navailability:\n  slo: 99.9\n  alert: 99\n\
                loss:\n  target: 0.01\n  critical_threshold: 5%\nrollback_triggers:\n  - error_rate > 5%\n```\n";
    assert_eq!(
        lines(text),
        [
            "4 error_rate: -- | -- | > 5 % for 10 min | --",
            "7 p95: -- | -- | “> 800 ms” | --",
            "13 availability: >= 99.9 | -- | <= 99 | --",
        ]
    );
    let told: Vec<u32> =
        plan(text).findings.iter().map(|finding| finding.line).filter(|line| *line > 0).collect();
    assert_eq!(told, [7, 16, 19]);
}

#[test]
fn a_limit_without_a_number_is_told() {
    let text = "# W\n\n| Metric | Target | Alert If |\n|---|---|---|\n| a | < 5 | any |\n| b | < 5 | N/A |\n| c | < 5 | - |\n| d | < 5 | outside the band |\n\n\
                | Risk | Alert |\n|---|---|\n| Slow | a person |\n";
    let told: Vec<String> = plan(text)
        .findings
        .iter()
        .filter(|it| it.line > 0)
        .map(|it| format!("{} {}", it.line, it.text))
        .collect();
    let why = "states a limit without a number, which nothing can watch; write one with < or >; until then a person decides";
    assert_eq!(told, [format!("5 “a: any” {why}"), format!("8 “d: outside the band” {why}")]);
}

#[test]
fn a_column_of_mere_limits_is_what_its_neighbours_its_numbers_and_its_heading_say() {
    let text = "# W\n\n| Métrique | Seuil Normal | Alerte |\n|---|---|---|\n| Error rate | < 0.1% | > 1% |\n\n\
                | 指标 | 阈值 | 告警条件 |\n|---|---|---|\n| P99延迟 | <0.5s | >0.5s持续5分钟 |\n\n\
                | Métrica | Umbral | Descripción |\n|---|---|---|\n| Cobertura (coverage) | ≥ 85% | mínima |\n| Disponibilidad | 99.9% | |\n\n\
                ## Monitor only\n| Metric | Threshold | Action |\n|---|---|---|\n| TypeScript errors | <50 | Continue |\n| Error rate | >2% | Revert |\n\n\
                ## Incident limits\n| Severity | Limit | Action |\n|---|---|---|\n| Sev-2 | ≤1 | Hold |\n\n\
                ## Critères d'acceptation\n| # | Critère | Seuil |\n|---|---|---|\n| 1 | Retour | < 5 min |\n\n\
                ## Rollback triggers\n| Check | Threshold |\n|---|---|\n| Lost carts | > 3 |\n| Success rate | > 99% |\n";
    assert_eq!(
        lines(text),
        [
            "5 Error rate: < 0.1 % | -- | > 1 % | --",
            "9 P99延迟: < 0.5 s | -- | > 0.5 s for 5 min | --",
            "13 Cobertura (coverage): >= 85 % | -- | -- | --",
            "14 Disponibilidad: >= 99.9 % | -- | -- | --",
            "19 TypeScript errors: < 50 | -- | -- | --",
            "20 Error rate: -- | -- | > 2 % | --",
            "30 Retour: < 5 min | -- | -- | --",
            "35 Lost carts: -- | -- | > 3 | --",
        ]
    );
    let mut told: Vec<u32> = plan(text).findings.iter().map(|finding| finding.line).collect();
    told.retain(|line| [25, 36].contains(line));
    told.dedup();
    assert_eq!(told, [25, 36]);
}

#[test]
fn beside_targets_and_alerts_a_column_of_limits_takes_nothing_from_them() {
    let text = "# W\n\n| Metric | Target | Warning | Limit |\n|---|---|---|---|\n| Error rate | 1% | 2% | 5% |\n\n\
                | Metric | Target | Threshold | Rollback if |\n|---|---|---|---|\n| Error rate | < 0.1% | < 1% | > 5% |\n\n\
                | # | Criterion | Target | Rollback if |\n|---|---|---|---|\n| 1 | Error rate | < 1% | > 5% |\n\n\
                ## Rollback triggers\n### Errors\n| Metric | Threshold |\n|---|---|\n| Error rate | 5 % |\n";
    assert_eq!(
        lines(text),
        [
            "5 Error rate: <= 1 % | >= 2 % | >= 5 % | --",
            "9 Error rate: < 0.1 % | -- | > 5 % | --",
            "13 Error rate: < 1 % | -- | > 5 % | --",
            "19 Error rate: -- | -- | >= 5 % | --",
        ]
    );
}

#[test]
fn a_column_says_how_long_a_limit_is_crossed() {
    let text = "# W\n\n| 指标类型 | 触发阈值 | 观察时间 |\n|---|---|---|\n| 错误率 | > 5% | 持续 5 分钟 |\n\n\
                | Metric | Critical | Duration |\n|---|---|---|\n| p95 | > 2 s | 10 minutes |\n| p99 | > 3 s | a while |\n\n\
                | Metric | Target | Duration |\n|---|---|---|\n| cpu | < 80 % | all day |\n";
    assert_eq!(
        lines(text),
        [
            "5 错误率: -- | -- | > 5 % for 5 min | --",
            "9 p95: -- | -- | > 2 s for 10 min | --",
            "10 p99: -- | -- | “> 3 s” | --",
            "14 cpu: < 80 % | -- | -- | --",
        ]
    );
}

#[test]
fn quantiles_below_the_name_of_a_metric_are_called_after_it() {
    let text = "# W\n\n```yaml\nmetrics:\n  latency:\n    p95: { target: 200ms, critical: 1s }\n    p99:\n      target: 400ms\n  errors:\n    target: 1%\n```\n";
    assert_eq!(
        lines(text),
        [
            "6 latency p95: <= 200 ms | -- | >= 1 s | --",
            "7 latency p99: <= 400 ms | -- | -- | --",
            "9 errors: <= 1 % | -- | -- | --",
        ]
    );
}

#[test]
fn a_column_of_names_is_no_limit_though_its_heading_says_alert() {
    let text = "# W\n\n## Alerts\n| Alert | Threshold | Action |\n|---|---|---|\n| cpu | > 80% | page |\n\n\
                | Alert | Metric | Threshold | Severity |\n|---|---|---|---|\n| HighMem | memory | > 90% | critical |\n\n\
                | Metric | Alert threshold | Who is alerted |\n|---|---|---|\n| disk | > 70% | sre |\n\n\
                | Metric | Target | Alert if |\n|---|---|---|\n| Errors | < 1% | any spike |\n";
    assert_eq!(
        lines(text),
        [
            "6 cpu: -- | -- | > 80 % | --",
            "10 memory: -- | -- | > 90 % | --",
            "14 disk: -- | -- | > 70 % | --",
            "18 Errors: < 1 % | -- | “any spike” | --",
        ]
    );
}

#[test]
fn a_row_that_says_more_than_its_limit_judges_nothing_in_another_way() {
    let text = "# W\n\n## Automatic rollback triggers\n| Metric | Threshold | Action |\n|---|---|---|\n\
                | Disk | > 95% | None (informational) |\n| Errors | > 5% | Roll back |\n";
    let plan = plan(text);
    let of = |line: u32| plan.thresholds.iter().filter(|it| it.line == line && it.critical.is_some()).count();
    assert_eq!((of(6), of(7)), (0, 1), "{:?}", plan.thresholds);
}

#[test]
fn what_stands_beside_a_limit_in_its_row_is_of_the_limit() {
    let text = "# W\n\n## Alert thresholds\n| Metric | Threshold | Severity |\n|---|---|---|\n| cpu | > 80% | Warning |\n| mem | > 90% | Critical |\n\n\
                ## Warning thresholds\n| Metric | Threshold |\n|---|---|\n| lag | > 100 |\n\n\
                ## More\n| Metric | Warning | Critical | Notes |\n|---|---|---|---|\n| fd | > 80 | > 90 | staging only |\n| hit | <90% | <80% | of the cache |\n\n\
                ## Watched\n| Rule | Threshold | Window | Action |\n|---|---|---|---|\n| P95 latency | > 500ms | 10 min | Rollback |\n| Errors | > 1% | - | Rollback |\n";
    assert_eq!(
        lines(text),
        [
            "6 cpu: -- | > 80 % | -- | --",
            "7 mem: -- | -- | > 90 % | --",
            "12 lag: -- | > 100 | -- | --",
            "17 fd: -- | “> 80” | “> 90” | --",
            "18 hit: -- | < 90 % | < 80 % | --",
            "23 P95 latency: -- | -- | “> 500ms” | --",
            "24 Errors: -- | -- | > 1 % | --",
        ]
    );
    assert!(plan(text).findings.iter().any(|it| it.line == 17 && it.text.contains("staging only")));
}

#[test]
fn a_list_of_triggers_in_yaml_that_is_told_as_not_read_judges_nothing() {
    let text = "# W\n\n```yaml\nrollback_triggers:\n  - metric: error_rate\n    threshold: \"> 5%\"\nmetrics:\n  - name: queue\n    threshold: \"> 100\"\n```\n";
    assert_eq!(lines(text), ["8 queue: -- | -- | > 100 | --"]);
}

#[test]
fn a_word_beside_a_limit_that_says_something_else_does_not_turn_it() {
    let text = "# W\n## Success criteria\n- Warning alerts ≤ 5\n- No errors for at least 10 minutes\n- Response times < 500ms p95\n\
                - p95 < 300 ms p99 < 1 s\n";
    assert_eq!(
        lines(text),
        [
            "3 Warning alerts: <= 5 | -- | -- | --",
            "4 errors: = 0 for 10 min | -- | -- | --",
            "5 Response times p95: < 500 ms | -- | -- | --",
            "6 p95: < 300 ms | -- | -- | --",
            "6 p99: < 1 s | -- | -- | --",
        ]
    );
    let text = "# W\n## Rollback triggers\n- CPU > 80% avg for 5 min\n- CPU > 150 % of the average\n";
    let relative = plan(text)
        .triggers
        .iter()
        .map(|it| it.parsed.as_ref().map(|it| it.baseline.is_some()))
        .collect::<Vec<_>>();
    assert_ne!(relative[0], Some(true));
    assert_eq!(relative[1], Some(true));
}

#[test]
fn a_column_of_names_in_a_script_without_spaces_is_no_limit() {
    let text = "# W\n## 系统资源\n| 资源 | 正常 | 告警阈值 | 严重阈值 |\n|---|---|---|---|\n| CPU | < 50% | 70% | 90% |\n\n\
                ## 監視\n| 項目 | 正常 | 警告しきい値 | 重大 |\n|---|---|---|---|\n| メモリ | < 60% | 80% | 95% |\n";
    let names: Vec<String> = plan(text).thresholds.iter().map(|it| it.name.to_string()).collect();
    assert_eq!(names, ["CPU", "メモリ"]);
}

#[test]
fn yaml_that_says_where_or_that_it_no_longer_holds_judges_nothing() {
    let live = |yaml: &str| {
        let plan = plan(&format!("# W\n\n```yaml\n{yaml}```\n"));
        let live = plan.thresholds.iter().any(|it| it.critical.as_ref().is_some_and(|it| it.bound.is_some()));
        let told = plan.findings.iter().filter(|it| !it.text.contains("nothing to sign off"));
        (live, told.count())
    };
    assert_eq!(
        live(
            "lag:\n  critical_threshold: \"> 10\"\n  unit: s\n  environment: production\n  deprecated: false\n"
        ),
        (true, 0)
    );
    for yaml in [
        "# Example only, copy and adapt\nlag:\n  critical_threshold: \"> 10\"\n",
        "lag:\n  critical_threshold: \"> 10\"\n  environment: staging\n",
        "lag:\n  critical_threshold: \"> 10\"\n  environments: [dev, qa]\n",
        "lag:\n  critical_threshold: \"> 10\"\n  deprecated: true\n",
        "lag:\n  critical_threshold: \"> 10\"\n  active: false\n",
        "lag:\n  critical_threshold: \"> 10\"\n  unless: a backup runs\n",
    ] {
        assert_eq!(live(yaml), (false, 1), "{yaml}");
    }
}

#[test]
fn a_table_of_alerts_says_when_they_come_and_of_what() {
    let text = "# W\n\n## A\n| Service | Alert | Severity |\n|---|---|---|\n| api | error rate > 5% | critical |\n| db | lag > 10 s | warning |\n\n\
                ## B\n| Alert | Condition | Severity |\n|---|---|---|\n| HighErr | error_rate > 5% for 5m | critical |\n| Low | rps < 10 for 10m | warning |\n\n\
                ## C\n| Alarm | Metric | Threshold | Duration | Severity |\n|---|---|---|---|---|\n| A1 | heap | > 80% | 5 min | warning |\n| A2 | gc | > 1s | 5 min | critical |\n\n\
                ## D\n| Metric | Critical | Bemerkungen |\n|---|---|---|\n| fd | > 90 | nur im Testlauf |\n| lag | > 9 | deaktiviert |\n| hits | > 8 | pro Knoten |\n";
    assert_eq!(
        lines(text),
        [
            "6 api error rate: -- | -- | > 5 % | --",
            "7 db lag: -- | > 10 s | -- | --",
            "12 error_rate: -- | -- | > 5 % for 5 min | --",
            "13 rps: -- | < 10/s for 10 min | -- | --",
            "18 heap: -- | > 80 % for 5 min | -- | --",
            "19 gc: -- | -- | > 1 s for 5 min | --",
            "24 fd: -- | -- | “> 90” | --",
            "25 lag: -- | -- | “> 9” | --",
            "26 hits: -- | -- | > 8 | --",
        ]
    );
}

#[test]
fn a_limit_behind_brackets_or_of_a_change_is_read_or_told() {
    let shown = |line: &str| {
        let text = format!("# R\n\n## Success criteria\n- {line}\n");
        let plan = crate::document::read("r.md", text.as_bytes()).document.expect("a text").plan;
        let limits = plan.thresholds.iter().filter_map(|it| it.target.as_ref()?.bound.as_ref());
        (limits.map(ToString::to_string).collect::<Vec<_>>(), plan.findings.iter().any(|it| it.line == 4))
    };
    for (line, wanted) in
        [("Regression: < 5%", "< 5 %"), ("Degradation < 5%", "< 5 %"), ("Spike: < 200 ms", "< 200 ms")]
    {
        assert_eq!(shown(line).0, [wanted], "{line}");
    }
    for line in [
        "Never exceed memory (RSS) > 2 GB",
        "Never let error rate (5xx) exceed 5%",
        "Avoid CPU (p95) > 80%",
        "Never reload while it is volatile (VaR > 1.5%)",
    ] {
        let (limits, told) = shown(line);
        assert!(told || !limits.is_empty(), "{line}: neither read nor told");
        assert!(!limits.iter().any(|it| it.starts_with('>')), "{line}: {limits:?}");
    }
}
