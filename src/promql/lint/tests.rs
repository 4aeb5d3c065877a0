//! Queries with slips, and what is told of them.

use proptest::prelude::*;

use super::*;

fn shown(query: &str) -> String {
    let lint = lint(query);
    let told =
        lint.error.as_ref().map(|problem| ("error", problem)).or(lint.advice.as_ref().map(|p| ("advice", p)));
    let Some((kind, Problem { what, line, column })) = told else { return "valid".to_owned() };
    format!("{kind} {line}:{column} {what} => {}", lint.suggestion.as_deref().unwrap_or("--"))
}

/// Queries, and what is told of them.
const SLIPS: &[(&str, &str)] = &[
    ("rate(hits_total[5m])", "valid"),
    ("rate(queue_depth[5m])", "valid"),
    (
        "rate(hits_total[5m]) by (code)",
        "error 1:22 by groups an aggregation such as sum, and rate is none => sum by (code) (rate(hits_total[5m]))",
    ),
    (
        "sum(rate(a[5m])) by (x) / rate(b[5m]) by (x)",
        "error 1:39 by groups an aggregation such as sum, and rate is none => sum(rate(a[5m])) by (x) / sum by (x) (rate(b[5m]))",
    ),
    ("rate(hits_total)", "error 1:6 rate() needs a range of time, such as [5m] => rate(hits_total[5m])"),
    (
        "sum(increase(hits_total{code=\"5\"})) > 3",
        "error 1:14 increase() needs a range of time, such as [5m] => sum(increase(hits_total{code=\"5\"}[5m])) > 3",
    ),
    ("rate(hits_total)[5m]", "error 1:17 the range belongs inside of rate() => rate(hits_total[5m])"),
    (
        "rate(sum(hits_total)[5m])",
        "error 1:1 rate() is taken of counters, before sum adds them up => sum(rate(hits_total[5m]))",
    ),
    ("sum(rate(hits_total[5m])", "error 1:4 the bracket ( is never closed => sum(rate(hits_total[5m]))"),
    ("sum(rate(hits_total[5m])))", "error 1:26 the bracket ) was never opened => sum(rate(hits_total[5m]))"),
    (
        "hits_total{code=“500”}",
        "error 1:17 the character “ is none of PromQL's; it comes from a text processor => hits_total{code=\"500\"}",
    ),
    ("hits_total{code=500}", "error 1:17 the value of a label stands in quotes => hits_total{code=\"500\"}"),
    (
        "hits_total{code==\"500\"}",
        "error 1:16 labels are compared with a single = => hits_total{code=\"500\"}",
    ),
    ("up = 0", "error 1:4 numbers are compared with == => up == 0"),
    (
        "errors = rate(e_total[1m])",
        "error 1:8 a query has no name of its own; only what stands behind = is one => rate(e_total[1m])",
    ),
    ("a > 1 && b > 1", "error 1:7 && is written and => a > 1 and b > 1"),
    (
        "histogram_quantile(0.95, sum(rate(d_bucket[5m])))",
        "advice 1:1 the buckets are added up without le, so there is no quantile; group by le too => histogram_quantile(0.95, sum by (le) (rate(d_bucket[5m])))",
    ),
    (
        "histogram_quantile(0.95, sum by (svc) (rate(d_bucket[5m])))",
        "advice 1:1 the buckets are added up without le, so there is no quantile; group by le too => histogram_quantile(0.95, sum by (le, svc) (rate(d_bucket[5m])))",
    ),
    (
        "histogram_quantile(0.95, rate(d_bucket[5m])) by (le)",
        "error 1:46 by groups an aggregation such as sum, and histogram_quantile is none => histogram_quantile(0.95, sum by (le) (rate(d_bucket[5m])))",
    ),
    (
        "histogram_quantile(0.95, sum(rate(d_bucket[5m]))) by (svc) > 2",
        "error 1:51 by groups an aggregation such as sum, and histogram_quantile is none => histogram_quantile(0.95, sum by (le, svc) (rate(d_bucket[5m]))) > 2",
    ),
    (
        "sum by (code (rate(x_total[5m]))",
        "error 1:8 the bracket ( is never closed => sum by (code) (rate(x_total[5m]))",
    ),
    (
        "sum(rate(e_total[5m])) / sum(rate(r_total[5m]) * 100",
        "error 1:29 the bracket ( is never closed => sum(rate(e_total[5m])) / sum(rate(r_total[5m])) * 100",
    ),
    ("count(up == 1", "error 1:6 the bracket ( is never closed => count(up == 1)"),
    (
        "increase(restarts_total[1 hour]) > 3",
        "error 1:25 a length of time is written 1h => increase(restarts_total[1h]) > 3",
    ),
    (
        "up{job=\"api\"} == 0 for 5m",
        "error 1:20 how long it must hold is said by an alert rule, not by the query => up{job=\"api\"} == 0",
    ),
    ("histogram_quantile(0.95, rate(d_bucket[5m]))", "valid"),
    (
        "histogram_quantile(95, rate(d_bucket[5m]))",
        "advice 1:1 a quantile lies between 0 and 1; this one always gives +Inf => histogram_quantile(0.95, rate(d_bucket[5m]))",
    ),
    (
        "rate(hits_total[$__rate_interval])",
        "error 1:17 a variable that only a dashboard knows stands for the range; name one, such as 5m => rate(hits_total[5m])",
    ),
    (
        "sum(rate({job=\"shop\"} |= \"lost\" [5m]))",
        "error 1:23 this looks like LogQL, for logs; only PromQL makes a panel => --",
    ),
    ("a +\n  ratee(x[5m])", "error 2:3 not PromQL: unknown function with name 'ratee' => --"),
];

#[test]
fn slips_are_named_with_their_place_and_repaired() {
    let wrong: Vec<String> = SLIPS
        .iter()
        .filter(|(query, wanted)| shown(query) != *wanted)
        .map(|(query, wanted)| format!("{query}\n  {}\n  {wanted}", shown(query)))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn an_alert_ends_in_its_limit() {
    let of =
        |compared: &str, comparator, value| Some(Ending { compared: compared.into(), comparator, value });
    assert_eq!(ending("sum(rate(e[5m])) > 0.05"), of("sum(rate(e[5m]))", Comparator::Above, 0.05));
    assert_eq!(ending("(up == 0)"), of("up", Comparator::Equal, 0.0));
    assert_eq!(ending("up"), None);
    assert_eq!(ending("a > b"), None);
}

#[test]
fn what_is_too_large_is_told_and_not_parsed() {
    let deep = format!("{}1{}", "(".repeat(5000), ")".repeat(5000));
    let lint = lint(&deep);
    assert_eq!(
        lint.error.map(|p| p.what.to_string()),
        Some("the query is too long: at most 8192".to_owned())
    );
    assert_eq!(lint.suggestion, None);
}

proptest::proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn whatever_is_proposed_is_valid(
        pieces in proptest::collection::vec(
            prop_oneof![
                proptest::sample::select(vec![
                    "rate", "sum", "(", ")", "x_total", "[5m]", "{", "}", "code=\"5\"", "code=5", " by (a)", "by", " ", "=", "==",
                    ">", "0.5", ",", "histogram_quantile", "0.9", "“", "”", "&&", "without (le)", "\n", "#", "\"", "[$i]", ";", "é",
                ]).prop_map(str::to_owned),
                "\\PC{0,3}",
            ],
            0..24,
        )
    ) {
        let query = pieces.concat();
        let lint = lint(&query);
        if let Some(suggestion) = &lint.suggestion {
            prop_assert!(parse(suggestion).is_ok(), "{suggestion}");
        }
        prop_assert_eq!(lint.error.is_none(), parse(&query).is_ok());
        let _ = resembles(&query);
        let _ = ending(&query);
    }
}
