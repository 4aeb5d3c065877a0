//! Sentences and cells, and the limits that are read from them.

use proptest::prelude::*;

use super::*;

/// What a sentence is read as, shown.
fn read(text: &str) -> String {
    match bound(text) {
        Ok(Some(bound)) => bound.to_string(),
        Ok(None) => "--".to_owned(),
        Err(unread) => format!("{unread:?}"),
    }
}

fn all(cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(text, wanted)| read(text) != *wanted)
        .map(|(text, wanted)| format!("{text:?}: {} instead of {wanted}", read(text)))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn limits_are_read_from_sentences() {
    all(&[
        ("Error Rate: <1%", "< 1 %"),
        ("p95 connection duration ≥ 2 hours", ">= 2 h"),
        ("p50 connection duration >= 30 minutes", ">= 30 min"),
        ("Workflow time within 20% of baseline", "within 20 % of baseline"),
        ("Health checks failing for > 5 minutes", "> 5 min"),
        ("Response time < 50ms when healthy", "< 50 ms"),
        ("Can handle 100+ events/second", ">= 100/s"),
        ("Success Rate: >95% for 30 minutes", "> 95 % for 30 min"),
        ("Event Delivery Rate: >99% within 1 second", "> 99 % within 1 s"),
        ("99% of messages within 1 second", ">= 99 % within 1 s"),
        ("Delivery rate 99% within 1 second", ">= 99 % within 1 s"),
        ("Handles 2x normal load", ">= 2 x baseline"),
        ("Success rate below 99% for five minutes", "< 99 % for 5 min"),
        ("more than 3 customers complain within an hour", "> 3/h"),
        ("Error rate at most five percent", "<= 5 %"),
        ("Latency p95 within 10 ms of baseline", "Distance"),
        ("p95 at most 50 ms above baseline", "Distance"),
        ("p95 within 200 ms on average", "<= 200 ms"),
        ("Latency above 2x baseline for 10 min", "> 2 x baseline for 10 min"),
        ("at least 2 hours of uptime", ">= 2 h"),
        ("Median under 100ms", "< 100 ms"),
        ("No performance degradation >5%", "<= 5 %"),
        ("<5% performance degradation acceptable", "< 5 %"),
        ("p99 ≤ 1.5s", "<= 1.5 s"),
        ("Less than 3 restarts in 10 minutes", "< 3/10min"),
        ("More than 10 errors per minute", "> 10/min"),
        ("at most 5 open bugs", "<= 5"),
        ("Smoke tests pass (`< 30 seconds`)", "< 30 s"),
        ("Complete startup in < 30 seconds", "< 30 s"),
        ("Zero cross-account events", "= 0"),
        ("All isolation tests pass 100%", ">= 100 %"),
        ("Golden path complete failure (>50% of users affected)", "> 50 %"),
        ("Slow pages (>50% slower than baseline)", "> 50 % above baseline"),
        ("<10% increase in support tickets", "< 10 % above baseline"),
        ("No leaks (heap snapshot after 8h)", "= 0 after 8 h"),
        ("No new errors for 15 minutes", "= 0 for 15 min"),
        ("Error rate does not exceed 0.5 %", "<= 0.5 %"),
        ("Never more than 200 open connections", "<= 200"),
        ("Throughput must not drop below 1,000 requests/min", ">= 1000/min"),
        ("Requests per second: > 500", "> 500/s"),
        ("Throughput > 2.5K rps", "> 2500/s"),
        ("5 or more failed logins", ">= 5"),
        ("Memory growth < 10 MB/h", "< 10 MB/h"),
        ("errors exceed 150% of baseline", "> 1.5 x baseline"),
        ("p95 10% higher than baseline", ">= 10 % above baseline"),
        ("Traffic drops by more than 30%", "> 30 % below baseline"),
        ("success rate drops below 95%", "< 95 %"),
        ("CPU ±20%", "within 20 % of baseline"),
        ("for more than 5 minutes the error rate is above 5%", "> 5 % for 5 min"),
        ("Respond within 5 minutes", "<= 5 min"),
        ("sub-100ms latency", "< 100 ms"),
        ("Availability: 99.9%", ">= 99.9 %"),
        ("more than two retries", "> 2"),
        ("Do not deploy if error rate > 5%", "> 5 %"),
        ("Cost below $100/day", "< 100 $/day"),
        ("availability over 99.5% over 30 minutes", "> 99.5 % for 30 min"),
    ]);
}

#[test]
fn numbers_in_words_are_read_behind_what_leads_to_them() {
    all(&[
        ("Respond within fifteen minutes", "<= 15 min"),
        ("no reconnect takes longer than thirty seconds", "<= 30 s"),
        ("p95 stays under two hundred milliseconds", "< 200 ms"),
        ("at most ninety percent of the memory", "<= 90 %"),
        ("error rate above two percent for forty-five minutes", "> 2 % for 45 min"),
        ("mehr als fünf Beschwerden", "> 5"),
        ("Antwort höchstens zwanzig Sekunden", "<= 20 s"),
        ("plus de dix erreurs", "> 10"),
        ("como máximo quince minutos", "<= 15 min"),
        ("menos de dez segundos", "< 10 s"),
        ("recovers within half an hour", "<= 0.5 h"),
        ("Tell one person within the team", "--"),
        ("two of three nodes answer", "--"),
        ("unter einer Last", "--"),
    ]);
}

#[test]
fn numbers_in_words_that_are_not_understood_to_their_end_are_told() {
    all(&[
        ("error rate exceeds two hundred fifty per minute", "Words"),
        ("errors over hundred twenty per minute", "Words"),
        ("p95 > one thousand five hundred ms", "Words"),
        ("latency above two and a half seconds", "Words"),
        ("stays above one and a half minutes for ten minutes", "Words"),
        ("success rate at least ninety-nine point nine percent", "Words"),
        ("no more than one in twenty requests fails", "Words"),
        ("error rate stays below one in a thousand", "Words"),
        ("fewer than 2 in a thousand fail", "Words"),
        ("more than half of the requests fail", "Words"),
        ("recovers within one hour and thirty minutes", "Words"),
        ("error rate above point five percent", "Words"),
        ("p95 < 500 ms and errors below one in a thousand", "Words"),
        ("no errors above two hundred fifty for ten minutes", "Words"),
        ("errors below one in 1000", "< 0.1 %"),
        ("more than two in ten minutes", "> 2/10min"),
        ("at most two hundred errors per minute", "<= 200/min"),
        ("Tell two hundred fifty people", "--"),
    ]);
}

#[test]
fn words_around_a_number_decide_what_it_is() {
    all(&[
        ("Latency degradation > 5%", "> 5 % above baseline"),
        ("throughput 99.95% uptime over 30 days", ">= 99.95 % for 30 d"),
        ("Retry at most 3 times", "<= 3"),
        ("0 errors in the log", "= 0"),
        ("Queue depth is back to < 100 within 5 minutes", "< 100"),
        ("fewer than 3 restarts within 10 minutes", "< 3/10min"),
        ("Latency under 300 ms under 500 rps load", "< 300 ms"),
        ("Records older than > 2 years", "> 730 d"),
        ("open connections below 50", "< 50"),
    ]);
}

#[test]
fn other_languages_and_decimal_commas_are_read() {
    all(&[
        ("Fehlerrate höchstens 0,5 %", "<= 0.5 %"),
        ("Antwortzeit unter 200 ms", "< 200 ms"),
        ("mindestens 30 Minuten stabil", ">= 30 min"),
        ("Fehlerquote über 2 Prozent für 5 Minuten", "> 2 % for 5 min"),
        ("taux d'erreur inférieur à 1 %", "< 1 %"),
        ("au moins 2 heures", ">= 2 h"),
        ("plus de 10 erreurs par minute", "> 10/min"),
        ("tasa de error menor que 1%", "< 1 %"),
        ("como máximo 5 minutos", "<= 5 min"),
        ("taxa de erro acima de 5% por 10 minutos", "> 5 % for 10 min"),
        ("pelo menos 99,9%", ">= 99.9 %"),
        ("错误率低于 1%", "< 1 %"),
        ("错误率超过5%持续10分钟", "> 5 % for 10 min"),
        ("响应时间不超过200毫秒", "<= 200 ms"),
        ("エラー率が1%以下", "<= 1 %"),
        ("応答時間200ミリ秒未満", "< 200 ms"),
        ("応答時間 500ms 以下（30分間）", "<= 500 ms for 30 min"),
        ("p95 ≥ 2 hours (7200s)", ">= 2 h"),
        ("No leaks (Chrome heap snapshot after 8h)", "= 0 after 8 h"),
        ("p95 < 500 ms (30 min)", "< 500 ms for 30 min"),
        ("conversión no cae más del 5 % respecto a la línea base", "<= 5 % below baseline"),
        ("エラー率5%以上が5分間", ">= 5 % for 5 min"),
    ]);
}

#[test]
fn shares_that_are_reached_in_a_time_and_ages_are_read() {
    all(&[
        ("95% of requests end in under 200 ms", ">= 95 % within 200 ms"),
        ("> 95% of requests end in less than 2 s", "> 95 % within 2 s"),
        ("El 99 % de los SMS sale en menos de 1 minuto", ">= 99 % within 1 min"),
        ("A backup no older than 6 hours", "<= 6 h"),
    ]);
}

#[test]
fn numbers_that_are_no_limits_are_left_alone() {
    all(&[
        ("Backend service healthy on port 8000", "--"),
        ("Redis listens on port 6390 (blue) or 6391 (green)", "--"),
        ("Returns 503 if startup incomplete", "--"),
        ("Monitor for 24 hours", "--"),
        ("All components stable for 48 hours", "--"),
        ("Shift 10% of traffic", "--"),
        ("Run test suite (7 contract + 2 integration tests)", "--"),
        ("Snapshot tests passing (7/7)", "--"),
        ("Monitor Network > WS tab", "--"),
        ("Released on 2025-09-14 at 10:30", "--"),
        ("Node.js >= 18", "--"),
        ("Apps older than 7.1 are told to update", "--"),
        ("Python 3.11+", "--"),
        ("Issue #1116 closed", "--"),
        ("Protects $500K+ in revenue", "--"),
        ("a -> 5, b => 6", "--"),
        ("Lines 126-141 unchanged", "--"),
        ("Set FLAG=10", "--"),
        ("show non-zero values", "--"),
        ("Phase 1 complete", "--"),
        ("Enable the flag for 100%", "--"),
        ("Shift traffic to 100%", "--"),
        ("Scale the workers to zero", "--"),
        ("Alpine images (78% size reduction)", "--"),
        ("No event loss under load", "--"),
        ("No hardcoded secrets in code", "--"),
        ("No phase timeouts or hangs", "--"),
        ("bridge is never set to None", "--"),
        ("v1.0 schemas committed", "--"),
        ("Freeze in ~ week 9", "--"),
        ("Freeze (around week 9)", "--"),
        ("", "--"),
    ]);
}

#[test]
fn what_looks_like_a_limit_and_is_none_is_told() {
    all(&[
        ("p95 < 200ms and p99 < 500ms", "Several"),
        ("error rate > 5% or latency > 2s", "Several"),
        ("latency between 100 and < 5-10 ms", "Range"),
        ("error rate < X%", "Placeholder"),
        ("latency below TBD", "Placeholder"),
        ("p95 < [value] ms", "Placeholder"),
        ("Error rate 5%", "Side"),
        ("Nested below it 4", "Side"),
        ("See section above 4", "Side"),
        ("Over 3 regions deployed", "Side"),
        ("Über 3 Regionen verteilt", "Side"),
        ("Under construction 2", "Side"),
        ("SQL Server 2016+", "Side"),
        ("Windows Server 2019 or later", "--"),
        ("p99 within 2x of p50", "Side"),
    ]);
}

#[test]
fn a_cell_may_hold_a_number_alone() {
    let shown = |text: &str| match cell(text) {
        Cell::Nothing => "--".to_owned(),
        Cell::Limit(bound) => bound.to_string(),
        Cell::Bare(bound) => format!("bare {bound}"),
        Cell::Unread(unread) => format!("{unread:?}"),
    };
    for (text, wanted) in [
        ("~2/day", "~ 2/day"),
        ("0/day", "bare = 0/day"),
        (">10/day", "> 10/day"),
        ("N/A", "--"),
        ("monitoring_only", "--"),
        ("1", "bare = 1"),
        ("~15 min", "~ 15 min"),
        ("≥ 2 hours", ">= 2 h"),
        ("99.9%", "bare = 99.9 %"),
        ("<10MB", "< 10 MB"),
        ("5-10 min", "Range"),
        ("p95 < 1s, p99 < 2s", "Several"),
        ("2x baseline", ">= 2 x baseline"),
        // One, or a thousand.
        ("1.000", "Digits"),
        ("", "--"),
    ] {
        assert_eq!(shown(text), wanted, "{text}");
    }
}

#[test]
fn lengths_of_time() {
    for (text, wanted) in [
        ("5_minutes", Some(300)),
        ("15 minutes", Some(900)),
        ("1 hour", Some(3600)),
        ("1h 30m", Some(5400)),
        ("Immediate", Some(0)),
        ("90s", Some(90)),
        ("fifteen minutes", Some(900)),
        ("half an hour", Some(1800)),
        ("next business day", None),
        ("", None),
    ] {
        assert_eq!(seconds(text), wanted, "{text}");
    }
}

fn units() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "", "%", "ms", "µs", "s", "min", "h", "d", "B", "KB", "MB", "GiB", "/s", "/min", "/h", "/day",
        "/10min", "MB/s", "%/min", "$", "$/day", "pp",
    ])
}

fn bounds() -> impl Strategy<Value = Bound> {
    use crate::domain::plan::Relative;
    let comparators = proptest::sample::select(vec![
        Comparator::Below,
        Comparator::AtMost,
        Comparator::Above,
        Comparator::AtLeast,
        Comparator::Equal,
        Comparator::About,
    ]);
    let value = prop_oneof![(0_u32..100_000).prop_map(f64::from), 0.001_f64..1e9];
    let time = |max: u64| proptest::option::of(1..max);
    let relative = proptest::option::weighted(
        0.3,
        proptest::sample::select(vec![Relative::Distance, Relative::Above, Relative::Below, Relative::Times]),
    );
    (comparators, value, units(), time(1_000_000), time(100_000), time(1_000_000), relative).prop_map(
        |(comparator, value, unit, for_seconds, within, after_seconds, baseline)| {
            let unit = match baseline {
                None => unit,
                Some(Relative::Times) => "x",
                Some(_) => "%",
            };
            let comparator =
                if baseline == Some(Relative::Distance) { Comparator::AtMost } else { comparator };
            let within_ms = within.filter(|_| unit == "%" && baseline.is_none());
            Bound {
                comparator,
                value,
                unit: unit.to_owned(),
                for_seconds,
                within_ms,
                after_seconds,
                baseline,
            }
        },
    )
}

proptest::proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_shown_is_read_as_the_same(wanted in bounds()) {
        let shown = wanted.to_string();
        prop_assert_eq!(bound(&shown), Ok(Some(wanted)), "{}", shown);
    }

    #[test]
    fn any_text_is_survived_and_places_are_inside(
        words in proptest::collection::vec(
            prop_oneof![
                proptest::sample::select(vec![
                    "<", ">=", "5", "10%", "2x", "baseline", "for", "within", "5 min", "no", "zero", "/", "per", "-", "(", ")", ",",
                    "X%", "超过", "±", "over", "1e9", "..", "$", "以上", "1,000", "after",
                ]).prop_map(str::to_owned),
                "\\PC{0,6}",
            ],
            0..40,
        ),
        gap in proptest::sample::select(vec!["", " "]),
    ) {
        let text = words.join(gap);
        let _ = bound(&text);
        let _ = cell(&text);
        let _ = seconds(&text);
        for limit in limits(&text) {
            prop_assert!(text.get(limit.at.clone()).is_some(), "{:?} in {:?}", limit, text);
            prop_assert!(limit.bound.value.is_finite());
        }
    }
}

#[test]
fn what_stands_beyond_the_longest_text_is_not_looked_at() {
    let late = format!("{}error rate < 1%", "word ".repeat(MAX_TEXT / 5));
    assert_eq!(bound(&late), Ok(None));
    assert_eq!(read(&format!("error rate < 1% {late}")), "< 1 %");
}

#[test]
fn ranges_and_shares_of_two_numbers_are_told_from_limits() {
    all(&[
        ("about 5 to 7 restarts", "Range"),
        ("5-7 restarts per day", "Range"),
        ("Latency between 100 and 200 ms", "Range"),
        ("Latenz zwischen 100 und 200 ms", "Range"),
        ("Entre 5 y 10 minutos", "Range"),
        ("延迟 5 到 7 秒", "Range"),
        ("Less than 1 in 1000 requests fails", "< 0.1 %"),
        ("Less than 3 restarts in 10 minutes", "< 3/10min"),
        ("Less than 5 in 10 minutes", "< 5/10min"),
        ("HTTP 200-299 only", "--"),
        ("Steps 3 to 5 are done", "--"),
        ("投诉多于 20 条", "> 20"),
        ("Error rate < 1% for 5-10 minutes", "< 1 %"),
        ("1% < loss < 2%", "Range"),
        ("10 ms <= p95 latency <= 50 ms", "Range"),
        ("Red for more than 2 consecutive minutes", "> 2 min"),
        ("Error rate > 1 % for 5 consecutive minutes", "> 1 % for 5 min"),
        ("More than 3 consecutive failures", "> 3"),
    ]);
}
