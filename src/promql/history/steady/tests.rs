//! Tests: what several processes behind one address counted.

use super::super::super::{Query, Value};
use super::super::History;
use super::STARTED;

const SECOND: i64 = 1_000;
const AHEAD: i64 = 1_700_000_000_000;

fn history() -> History {
    let mut history = History::new(300 * SECOND, 1_000, None);
    history.wall_is_ahead_by(AHEAD);
    history
}

/// What every series of `closes_total` grew by, and the share of requests that failed.
fn told(history: &History, at: i64) -> (Vec<Option<f64>>, Option<f64>) {
    let query = "100 * sum(rate(r_total{code=\"500\"}[1m])) / sum(rate(r_total[1m]))";
    let Ok(Value::Vector(found)) = Query::parse(query).unwrap().from_zero().eval(history, at) else {
        unreachable!()
    };
    let grown = history.named("closes_total").map(|series| history.grown(series)).collect();
    (grown, found.first().map(|it| it.value.round()))
}

fn pod(start: Option<i64>, good: i64, bad: i64, closed: i64) -> String {
    let start = start.map_or(String::new(), |start| format!("{STARTED} {start}\n"));
    format!(
        "{start}r_total{{code=\"200\"}} {good}\nr_total{{code=\"500\"}} {bad}\ncloses_total{{code=\"1011\"}} {closed}\n"
    )
}

#[test]
fn pods_that_answer_in_turns_give_no_number() {
    for starts in [[Some(1), Some(2)], [Some(1), Some(1)], [None, None]] {
        for first in [0, 1] {
            let mut history = history();
            for second in 0..90 {
                let text = if second % 2 == first {
                    pod(starts[0], 50 + second, 2, 3)
                } else {
                    pod(starts[1], 2_000 + second, 900, 300)
                };
                history.scraped(text.as_bytes(), second * SECOND);
                // Two that began in the same second are told apart by what falls.
                if starts != [Some(1), Some(1)] || second > 4 {
                    let found = told(&history, second * SECOND);
                    assert_eq!(found, (vec![None], None), "{starts:?} second {second}");
                    assert_eq!(history.is_in_doubt(), second > 0, "{starts:?} second {second}");
                }
            }
            // One of them is left.
            for second in 90..395 {
                let text = pod(starts[0], 50 + second, 2, 3 + second);
                history.scraped(text.as_bytes(), second * SECOND);
            }
            let found = told(&history, 394 * SECOND);
            assert_eq!((found, history.is_in_doubt()), ((vec![Some(1.0)], Some(0.0)), false), "{starts:?}");
        }
    }
}

#[test]
fn another_pod_brings_nothing_of_its_life_and_goes_on_from_there() {
    for starts in [[Some(2), Some(1)], [None, None]] {
        let mut history = history();
        let begun = |second: i64| {
            let start = starts[0].map_or(String::new(), |start| format!("{STARTED} {start}\n"));
            format!("{start}r_total{{code=\"200\"}} {}\ncloses_total{{code=\"1000\"}} 3\n", 50 + 10 * second)
        };
        for second in 0..15 {
            history.scraped(begun(second).as_bytes(), second * SECOND);
        }
        let counts = |second: i64| pod(starts[1], 2_000 + 10 * second, 900, 300);
        for second in 15..30 {
            history.scraped(counts(second).as_bytes(), second * SECOND);
            let (grown, failed) = told(&history, second * SECOND);
            let wanted = if second == 15 { None } else { Some(0.0) };
            assert_eq!(grown, [wanted], "second {second}");
            assert!(failed.is_none_or(|failed| failed == 0.0), "second {second}: {failed:?}");
        }
    }
}

#[test]
fn one_that_began_after_the_scrape_before_counts_from_zero() {
    let at = |began: i64| {
        let mut history = history();
        history.scraped(pod(Some(7), 1_000, 70, 30).as_bytes(), 10 * SECOND);
        history.scraped(pod(Some(7), 1_100, 70, 30).as_bytes(), 20 * SECOND);
        let start = (AHEAD + began) / 1_000;
        let text = pod(Some(start), 9, 3, 5) + "closes_total{code=\"4401\"} 4\n";
        history.scraped(text.as_bytes(), 40 * SECOND);
        told(&history, 40 * SECOND).0
    };
    assert_eq!(at(30 * SECOND), [Some(5.0), Some(4.0)]);
    assert_eq!(at(15 * SECOND), [None, None], "it was there before: what it counted then is not known");
    assert_eq!(at(45 * SECOND), [None, None], "the clocks differ");
}

#[test]
fn where_no_beginning_is_told_a_code_counts_from_its_second_scrape() {
    let mut history = history();
    let mut grown = |second: i64, text: &str| {
        history.scraped(format!("r_total 9\n{text}").as_bytes(), second * SECOND);
        told(&history, second * SECOND).0
    };
    let [known, new] = ["closes_total{code=\"1011\"}", "closes_total{code=\"4401\"}"];
    assert_eq!(grown(0, &format!("{known} 10\n")), [None]);
    assert_eq!(grown(1, &format!("{known} 11\n")), [None], "somebody else may have answered");
    assert_eq!(grown(2, &format!("{known} 13\n")), [Some(2.0)]);
    assert_eq!(grown(3, &format!("{known} 13\n{new} 300\n")), [Some(0.0), None]);
    assert_eq!(grown(4, &format!("{known} 13\n{new} 301\n")), [Some(0.0), Some(1.0)]);
    // It began again, or it is another one.
    assert_eq!(grown(5, &format!("{known} 9\n{new} 301\n")), [None, None]);
    assert_eq!(grown(6, &format!("{known} 9\n{new} 302\n")), [None, None]);
    assert_eq!(grown(7, &format!("{known} 10\n{new} 302\n")), [Some(1.0), Some(0.0)]);
}

#[test]
fn a_pod_that_an_aggregate_tells_for_the_first_time_brings_nothing_of_its_life() {
    let mut history = history();
    let of = |pod: &str, good: i64, bad: i64| {
        let bad =
            if bad > 0 { format!("r_total{{code=\"500\",pod=\"{pod}\"}} {bad}\n") } else { String::new() };
        format!("r_total{{code=\"200\",pod=\"{pod}\"}} {good}\n{bad}")
    };
    let mut failed = |second: i64, text: &str| {
        history.scraped(format!("{STARTED} 7\n{text}").as_bytes(), second * SECOND);
        told(&history, second * SECOND).1
    };
    failed(0, &of("a", 100_000, 0));
    failed(15, &of("a", 100_300, 0));
    assert_eq!(failed(30, &(of("a", 100_600, 0) + &of("b", 5_000, 400))), None, "nothing ever failed of a");
    assert_eq!(failed(45, &(of("a", 100_900, 0) + &of("b", 5_300, 400))), Some(0.0));
    // The first that fails of a pod that is known.
    let found = failed(60, &(of("a", 101_100, 100) + &of("b", 5_600, 400)));
    assert!(found.is_some_and(|found| (4.0..=12.0).contains(&found)), "{found:?}");
}

#[test]
fn a_new_process_counts_at_least_what_it_has_more_than_the_old_one() {
    let mut history = history();
    history.scraped(pod(Some(7), 1_000, 70, 3).as_bytes(), 10 * SECOND);
    history.scraped(pod(Some(7), 1_100, 70, 3).as_bytes(), 20 * SECOND);
    let start = AHEAD / 1_000 + 30;
    // It closed forty before its first scrape, and tells of a revision that was not there before.
    let text = pod(Some(start), 9, 3, 40) + "closes_total{code=\"4401\",revision=\"b\"} 4\n";
    history.scraped(text.as_bytes(), 40 * SECOND);
    assert_eq!(told(&history, 40 * SECOND).0, [Some(37.0), Some(4.0)]);
}

#[test]
fn pods_that_answer_in_turns_of_two_are_several_though_each_tells_when_it_began() {
    let mut history = history();
    for second in 0..40 {
        let (start, life) = if second / 2 % 2 == 0 { (1, 0) } else { (2, 5_000) };
        history.scraped(pod(Some(start), life + second, 2, life + second).as_bytes(), second * SECOND);
        assert!(second < 5 || history.are_several(), "{second}");
    }
}

#[test]
fn a_gauge_that_is_called_a_total_is_no_counter() {
    let mut history = history();
    history.told(vec!["closes_total".into(), "r_total".into()], Vec::new());
    for second in 0..20 {
        let handles = 30 - second;
        let text = pod(Some(1), 50 + second, 2, second) + &format!("nodejs_active_handles_total {handles}\n");
        history.scraped(text.as_bytes(), second * SECOND);
        assert!(!history.is_in_doubt(), "{second}");
    }
}

#[test]
fn a_rate_after_a_doubt_is_of_the_seconds_that_are_known() {
    let mut history = history();
    for second in 0..=30 {
        history.scraped(pod(None, 5_000 + 10 * second, 0, 0).as_bytes(), second * SECOND);
    }
    // Another one answers, or it began again.
    for second in 31..=51 {
        history.scraped(pod(None, 10 * second, 0, 0).as_bytes(), second * SECOND);
    }
    let of = |query: &str| {
        let query = Query::parse(query).unwrap().from_zero();
        let Ok(Value::Vector(found)) = query.eval(&history, 51 * SECOND) else { unreachable!() };
        found.first().map(|it| it.value.round())
    };
    assert_eq!(of("rate(r_total{code=\"200\"}[1m])"), Some(10.0));
    assert_eq!(of("increase(r_total{code=\"200\"}[1m])"), Some(190.0), "what was seen, and no more");
}

/// Who brings the times of samples may tell one at several scrapes.
#[test]
fn a_sample_that_is_told_again_counts_once() {
    let mut history = history();
    let (mut grown, mut doubts) = (0.0, Vec::new());
    for second in 0..60 {
        // A sample of every five seconds; at the thirtieth the process began again.
        let made = second / 5 * 5;
        let closed = if made < 30 { 100 + made } else { made - 30 };
        let text = format!("closes_total{{code=\"1011\"}} {closed} {}\n", AHEAD + made * SECOND);
        history.scraped(text.as_bytes(), second * SECOND);
        grown += history.named("closes_total").filter_map(|it| history.grown(it)).sum::<f64>();
        doubts.extend(Some(second).filter(|_| history.is_in_doubt()));
        assert!(!history.are_several(), "{second}: it fell once");
    }
    // From 105 to 125, and from 5 to 25: of the first step after a beginning the sample before may be another's.
    assert!((grown - 40.0).abs() < 0.001, "{grown}");
    assert_eq!(doubts, [1, 30, 31], "as long as it takes to be sure of who answers");
}
