//! Tests: how much of what is looked back on was watched, by name, over restarts and over the cap.

use super::super::{Query, Value};
use super::*;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn long(names: &[&str]) -> Long {
    Long { span: 24 * HOUR, step: MINUTE, names: names.iter().map(|name| (*name).to_owned()).collect() }
}

fn only(names: &[&str]) -> Names {
    Names::Only(names.iter().map(|name| (*name).to_owned()).collect())
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn what_is_asked_for_later_was_not_watched_before_and_takes_its_own_past() {
    let mut history = History::new(HOUR, 100, Some(owned(&["a"])));
    history.keep_long(long(&["a"]));
    let mut at = 0;
    let mut scrape = |history: &mut History, until: i64| {
        while at <= until {
            history.scraped(b"a 1\nb 1\n", at);
            at += MINUTE;
        }
    };
    scrape(&mut history, 3 * HOUR);
    // The documents are read now, and ask for b as well.
    history.keep(HOUR, Some(owned(&["a", "b"])));
    history.keep_long(long(&["a", "b"]));
    scrape(&mut history, 4 * HOUR);
    let watched = |history: &History, names: &[&str]| history.watched(&only(names), -24 * HOUR, 4 * HOUR);
    let begun = HOUR - MINUTE;
    assert_eq!((watched(&history, &["a"]), watched(&history, &["b"])), (4 * HOUR, begun));
    assert_eq!(watched(&history, &["a", "b"]), begun, "the youngest of a query counts");
    // b was kept by an earlier console from ten hours before until one hour before this one began.
    for minute in (-600..=-60).rev() {
        history.restore("b", minute * MINUTE, 1.0);
    }
    assert_eq!((watched(&history, &["b"]), watched(&history, &["a"])), (9 * HOUR + begun, 4 * HOUR));
    assert_eq!(history.unbroken("b"), Some(3 * HOUR + MINUTE), "there is a gap before");
    let points = history
        .series
        .iter()
        .find(|series| series.label(NAME) == Some("b"))
        .map(|it| it.range(-24 * HOUR, 0));
    assert!(points.is_some_and(|points| points.len() == 541 && points.is_sorted_by(|a, b| a.0 < b.0)));
}

#[test]
fn a_short_look_back_that_grows_has_no_longer_past_than_was_kept() {
    let mut history = History::new(HOUR, 100, Some(owned(&["a"])));
    for minute in 0..=300 {
        history.scraped(b"a 1\n", minute * MINUTE);
    }
    history.keep_long(long(&["a"]));
    assert_eq!(history.watched(&only(&["a"]), -24 * HOUR, 5 * HOUR), HOUR);
}

#[test]
fn series_over_the_cap_are_counted_as_lost_and_their_name_as_watched_for_short() {
    let mut history = History::new(HOUR, 1_000, None);
    history.keep_long(long(&["many", "few"]));
    let many: Vec<String> = (0..MOST_LONG + 5).map(|n| format!("many{{n=\"{n}\"}} 1")).collect();
    let many = many.join("\n");
    let body = format!("few 1\n{many}\n");
    for minute in 0..=300 {
        history.scraped(body.as_bytes(), minute * MINUTE);
    }
    let watched = |name| history.watched(&only(&[name]), -24 * HOUR, 5 * HOUR);
    assert_eq!((watched("few"), watched("many"), history.left_out()), (5 * HOUR, HOUR, 6));
}

#[test]
fn a_name_with_series_that_are_not_kept_has_no_answer() {
    let mut history = History::new(HOUR, 2, None);
    history.scraped(b"few 1\nmany{n=\"1\"} 1\nmany{n=\"2\"} 1\nmany{n=\"3\"} 1\n", MINUTE);
    let lacks =
        |history: &History, names: &Names| history.lacks(names).map(|it| (it.name, it.most, it.of_all));
    let many = || Some(("many".to_owned(), 2, false));
    assert_eq!((lacks(&history, &only(&["few"])), lacks(&history, &only(&["few", "many"]))), (None, many()));
    assert_eq!((lacks(&history, &Names::Any), history.left_out(), history.len()), (many(), 3, 1));
    assert_eq!((history.named("few").count(), history.named("many").count()), (1, 0));
    history.scraped(b"few 1\nmany{n=\"1\"} 1\n", 2 * MINUTE);
    assert_eq!((lacks(&history, &Names::Any), history.left_out()), (None, 0), "fewer are answered at once");
    assert_eq!((history.named("few").count(), history.named("many").count()), (1, 1));
}

#[test]
fn a_name_with_too_many_series_takes_no_place_of_others_and_nothing_is_kept_of_it() {
    let mut history = History::new(HOUR, 100, None);
    let of = |name: &str, count: usize| -> String {
        (0..count).map(|n| format!("{name}{{n=\"{n}\"}} {n}\n")).collect::<Vec<_>>().concat()
    };
    let text = of("a_many", 101) + &of("b", 100) + &of("c", 100);
    for minute in 0..3 {
        history.scraped(text.as_bytes(), minute * MINUTE);
        assert_eq!((history.len(), history.left_out()), (200, 101), "minute {minute}");
        assert!(history.lacks(&only(&["b", "c"])).is_none());
    }
    let sum = Query::parse("sum(b) + sum(c)").unwrap();
    let Ok(Value::Vector(found)) = sum.eval(&history, 2 * MINUTE) else { unreachable!() };
    assert!((found[0].value - 9_900.0).abs() < f64::EPSILON, "{found:?}");
}

#[test]
fn all_names_together_are_bounded_too_and_the_largest_goes() {
    let mut history = History::new(HOUR, 3, None);
    history.bound(4);
    let scrape = |history: &mut History, at: i64, counts: [usize; 3]| {
        let of = |(name, count): (&str, usize)| -> String {
            (0..count).map(|n| format!("{name}{{n=\"{n}\"}} 1\n")).collect::<Vec<_>>().concat()
        };
        let lines: String = ["a", "b", "c"].into_iter().zip(counts).map(of).collect();
        history.scraped(lines.as_bytes(), at * MINUTE);
        let kept = ["a", "b", "c"].map(|name| history.named(name).count());
        (kept, history.left_out(), history.lacks(&Names::Any).map(|it| (it.name, it.most, it.of_all)))
    };
    let all = [3, 2, 1];
    let a_goes = ([0, 2, 1], 3, Some(("a".to_owned(), 4, true)));
    assert_eq!(scrape(&mut history, 0, all), a_goes);
    assert_eq!(scrape(&mut history, 1, all), a_goes, "and stays away while it does not fit");
    assert_eq!(scrape(&mut history, 2, [1, 2, 1]), ([1, 2, 1], 0, None));
}

/// What grew in a minute of failed requests: as Prometheus has it, and from zero where a beginning was seen.
fn failed(history: &History, at: i64) -> [Option<f64>; 2] {
    let query = Query::parse("sum(increase(r_total{status=\"500\"}[1m]))").unwrap();
    [query.clone(), query.from_zero()].map(|query| {
        let Ok(Value::Vector(found)) = query.eval(history, at) else { unreachable!() };
        found.first().map(|it| it.value)
    })
}

const QUARTER: i64 = MINUTE / 4;

#[test]
fn a_counter_that_was_seen_to_begin_grew_from_zero_where_that_is_asked() {
    let mut history = History::new(HOUR, 100, Some(owned(&["r_total", STARTED])));
    let text = |good: u32, more: &str| {
        format!(
            "{STARTED} 7\nr_total{{status=\"200\"}} {good}\nr_total{{status=\"500\",old=\"1\"}} 70\n{more}"
        )
    };
    history.scraped(text(100, "").as_bytes(), 0);
    assert_eq!(failed(&history, 0), [None, None], "what the first scrape has was before it");
    history.scraped(text(150, "").as_bytes(), QUARTER);
    assert_eq!(failed(&history, QUARTER), [Some(0.0), Some(0.0)]);
    let burst = text(200, "r_total{status=\"500\"} 10\n");
    let burst = burst.as_bytes();
    history.scraped(burst, 2 * QUARTER);
    // As any counter that grew in the last of two scrapes, half a scrape further back.
    assert_eq!(failed(&history, 2 * QUARTER), [Some(0.0), Some(12.5)]);
    // Out of the minute it is the same as any other.
    history.scraped(burst, 7 * QUARTER);
    history.scraped(burst, 8 * QUARTER);
    assert_eq!(failed(&history, 8 * QUARTER), [Some(0.0), Some(0.0)]);
}

#[test]
fn what_another_process_may_have_counted_before_is_not_counted() {
    let begins = |before: &str, after: &str| {
        let names = owned(&["r_total", "other_total", STARTED]);
        let mut history = History::new(HOUR, 100, Some(names));
        history.scraped(before.as_bytes(), 0);
        history.scraped(before.as_bytes(), QUARTER);
        history.scraped(format!("{after}r_total{{status=\"500\"}} 10\n").as_bytes(), 2 * QUARTER);
        failed(&history, 2 * QUARTER)[1]
    };
    let good = |n: u32| format!("r_total{{status=\"200\"}} {n}\n");
    let started = |n: u32| format!("{STARTED} {n}\n");
    let same = |before: &str, after: &str| begins(&(started(1) + before), &(started(1) + after));
    assert_eq!(same(&good(5), &good(9)), Some(12.5));
    assert_eq!(same("other_total 1\n", "other_total 2\n"), Some(12.5), "the first request of all failed");
    assert_eq!(same(&good(5), &good(4)), None, "a counter fell");
    assert_eq!(same("other_total 7\n", "other_total 2\n"), None);
    assert_eq!(same(&good(5), ""), None, "a series of the name is gone");
    assert_eq!(begins(&good(5), &good(9)), None, "it may be another instance, which counted more");
    assert_eq!(begins(&(started(1) + &good(5)), &(started(2) + &good(9))), None, "another start");
}

#[test]
fn what_was_not_looked_for_before_was_not_seen_to_begin() {
    let text = |bad: &str| format!("{STARTED} 7\na_total 1\nr_total{{status=\"200\"}} 5\n{bad}");
    let bad = "r_total{status=\"500\"} 10\n";
    let mut history = History::new(HOUR, 100, Some(owned(&["a_total", STARTED])));
    history.scraped(text("").as_bytes(), 0);
    history.scraped(text("").as_bytes(), QUARTER);
    history.keep(HOUR, Some(owned(&["a_total", "r_total", STARTED])));
    history.scraped(text(bad).as_bytes(), 2 * QUARTER);
    assert_eq!(failed(&history, 2 * QUARTER), [None, None], "it is asked for only now");
    // A name that had too many was not kept either.
    let mut history = History::new(HOUR, 4, None);
    let many = (0..5).map(|n| format!("r_total{{n=\"{n}\"}} 5\n")).collect::<Vec<_>>().concat();
    let many = format!("{STARTED} 7\n{many}");
    history.scraped(many.as_bytes(), 0);
    history.scraped(many.as_bytes(), QUARTER);
    history.scraped(text(bad).as_bytes(), 2 * QUARTER);
    assert_eq!(failed(&history, 2 * QUARTER), [None, None]);
    history.scraped((text(bad) + "r_total{status=\"500\",path=\"/\"} 7\n").as_bytes(), 3 * QUARTER);
    assert_eq!(failed(&history, 3 * QUARTER), [Some(0.0), Some(10.5)]);
}

#[test]
fn an_answer_without_what_is_asked_for_is_not_watched() {
    let mut history = History::new(HOUR, 100, None);
    history.keep_long(long(&["a"]));
    for minute in 0..=60 {
        let body = if (20..40).contains(&minute) { "" } else { "a 1\n" };
        let body = if minute >= 50 { "other 1\n" } else { body };
        history.scraped(body.as_bytes(), minute * MINUTE);
    }
    assert_eq!(history.watched(&only(&["a"]), 0, HOUR), (19 + 9) * MINUTE);
}

#[test]
fn what_was_counted_before_a_reset_is_not_lost_when_points_get_sparse() {
    let mut history = History::new(5 * MINUTE, 100, None);
    let step = 30 * MINUTE;
    history.keep_long(Long { step, ..long(&["c_total"]) });
    // It counts to 59 in every hour, and begins again between two points that are kept.
    for minute in 0..=600 {
        history.scraped(format!("c_total {}\n", (minute + 47) % 60).as_bytes(), minute * MINUTE);
    }
    let increase = Query::parse("sum(increase(c_total[10h]))").unwrap();
    let Ok(Value::Vector(found)) = increase.eval(&history, 600 * MINUTE) else { unreachable!() };
    // Ten times from 0 to 59.
    assert!((found[0].value - 590.0).abs() < 3.0, "{found:?}");
}

/// Federation and bridges tell samples again for as long as they have them, each with its time.
#[test]
fn a_sample_with_a_time_of_its_own_counts_then() {
    const AHEAD: i64 = 1_700_000_000_000;
    let mut history = History::new(HOUR, 100, None);
    history.wall_is_ahead_by(AHEAD);
    let now = 10 * HOUR;
    let text = |back: i64| {
        let (millis, seconds) = (AHEAD + now - back, (AHEAD + now - back) / 1000);
        format!("temp 20 {millis}\nheat 30 {seconds}.0\nnow 1\nlater 7 {}\n", AHEAD + now + HOUR)
    };
    let present = |history: &History| -> Vec<(String, Option<f64>)> {
        let names = ["temp", "heat", "now", "later"];
        let of = |name: &&str| {
            let series = history.series.iter().find(|series| series.label(NAME) == Some(name));
            ((*name).to_owned(), series.and_then(|series| history.present(series, now)))
        };
        names.iter().map(of).collect()
    };
    let told = |temp: Option<f64>, heat: Option<f64>| {
        [("temp", temp), ("heat", heat), ("now", Some(1.0)), ("later", Some(7.0))]
            .map(|(name, it)| (name.to_owned(), it))
    };
    history.scraped(text(HOUR / 2).as_bytes(), now);
    assert_eq!(present(&history), told(None, None), "half an hour old is not now");
    history.scraped(text(MINUTE).as_bytes(), now + 1);
    assert_eq!(present(&history).first(), Some(&("temp".to_owned(), Some(20.0))));
    let temp =
        history.series.iter().find(|series| series.label(NAME) == Some("temp")).map(|it| it.range(0, now));
    let times = temp.map(|points| points.iter().map(|(at, _)| *at).collect::<Vec<_>>());
    assert_eq!(times, Some(vec![now - HOUR / 2, now - MINUTE]), "each at its own time");
}

#[test]
fn a_sample_that_is_told_twice_is_one_however_the_clocks_are_read() {
    const AHEAD: i64 = 1_700_000_000_000;
    let mut history = History::new(HOUR, 100, None);
    // One sample a second, scraped twice.
    for scrape in 0..20 {
        let (at, second) = (MINUTE + scrape * 500 + 100, (MINUTE + scrape * 500) / 1000);
        history.wall_is_ahead_by(AHEAD + scrape % 3 - 1);
        history.scraped(format!("x_total {} {}\n", second * 100, AHEAD + second * 1000).as_bytes(), at);
    }
    let points: Vec<_> = history.series[0].range(0, HOUR).into_iter().map(|(at, _)| at).collect();
    assert_eq!(points.len(), 10, "{points:?}");
    assert!(points.windows(2).all(|pair| pair[1] - pair[0] == 1_000), "{points:?}");
    for query in ["rate(x_total[5s])", "irate(x_total[5s])"] {
        let Ok(Value::Vector(found)) = Query::parse(query).unwrap().eval(&history, points[9] + 1) else {
            unreachable!()
        };
        assert!((found[0].value - 100.0).abs() < 1e-4, "{query}: {found:?}");
    }
    // Somebody set the clock.
    history.wall_is_ahead_by(AHEAD + HOUR);
    assert_eq!(history.time_of(Some((AHEAD + HOUR + 5) as f64), 9), 5);
}

#[test]
fn a_series_that_is_told_with_its_times_stays_for_the_look_back_where_one_without_is_gone_at_once() {
    const AHEAD: i64 = 1_700_000_000_000;
    let mut history = History::new(HOUR, 100, None);
    history.wall_is_ahead_by(AHEAD);
    history.scraped(format!("own 1 {}\nplain 1\nup 1\n", AHEAD + MINUTE).as_bytes(), MINUTE);
    let mut present = |at: i64| -> Vec<&str> {
        history.scraped(b"up 1\n", at);
        let is = |name: &&str| {
            history.series.iter().any(|it| it.label(NAME) == Some(name) && history.present(it, at).is_some())
        };
        ["own", "plain", "up"].into_iter().filter(is).collect()
    };
    assert_eq!(present(2 * MINUTE), ["own", "up"]);
    assert_eq!(present(6 * MINUTE), ["own", "up"]);
    assert_eq!(present(6 * MINUTE + 1), ["up"], "five minutes after its sample, as Prometheus has it");
}

#[test]
fn nothing_of_a_scrape_with_a_line_that_cannot_be_read_is_taken() {
    let mut history = History::new(HOUR, 100, None);
    history.scraped(b"a 1\nb 1\n", 0);
    let tally = history.scraped(b"a 2\nb O2\nc 2\n", 1_000);
    assert_eq!((tally.errors, tally.first_error), (1, Some((2, "bad value"))));
    let newest =
        |history: &History, name: &str| history.named(name).next().and_then(|series| series.newest_two().0);
    assert_eq!((newest(&history, "a"), newest(&history, "c"), history.len()), (Some(1.0), None, 2));
    // The next one goes on from the one before it.
    history.scraped(b"a 3\nb 3\n", 2_000);
    let pair = history.named("a").next().map(Series::newest_two);
    assert_eq!(pair, Some((Some(3.0), Some(1.0))));
    assert_eq!(history.watched(&Names::Any, 0, 2_000), 2_000, "one that fails is no gap yet");
}
