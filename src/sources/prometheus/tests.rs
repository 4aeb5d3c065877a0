//! What an answer says of a metric and of the engine, and when a query is asked again.

use super::*;
use crate::clients::prometheus::Series;
use crate::domain::Clean;
use crate::domain::metric::Gap;

fn asked() -> Asked {
    Asked {
        service: ServiceIx(0),
        name: "errors".into(),
        query: "x".into(),
        label: "revision".into(),
        cohorts: Vec::new(),
    }
}

fn series(revision: Option<&str>, value: f64) -> Series {
    let labels = revision.map(|name| ("revision".to_owned(), name.to_owned()));
    Series { labels: labels.into_iter().collect(), points: vec![(1.0, value)] }
}

fn answered(series: Vec<Series>) -> Answered {
    Answered { series, ..Answered::default() }
}

#[test]
fn a_number_a_gap_and_a_split_are_told_apart() {
    let told = |all| value(&asked(), &answered(all));
    let named = MetricValue { name: "errors".into(), ..MetricValue::default() };
    assert_eq!(told(vec![series(None, 0.0)]), MetricValue { value: Some(0.0), ..named.clone() });
    assert_eq!(told(vec![]), MetricValue { gap: Some(Gap::Empty), ..named.clone() });
    assert_eq!(
        told(vec![series(None, f64::NAN)]),
        MetricValue { gap: Some(Gap::NotANumber), ..named.clone() }
    );
    let by_revision = vec![(Clean::new("a"), 1.0)];
    let one = MetricValue { value: Some(1.0), by_revision, ..named.clone() };
    assert_eq!(told(vec![series(Some("a"), 1.0)]), one);
    let split = told(vec![series(Some("a"), 1.0), series(Some("b"), 2.0), series(Some("c"), f64::NAN)]);
    let by_revision = vec![(Clean::new("a"), 1.0), (Clean::new("b"), 2.0)];
    let error = Some(Clean::new("3 series; wrap the query in sum()"));
    assert_eq!(split, MetricValue { by_revision, error, ..named });
}

#[test]
fn points_of_the_past_stand_in_their_places_and_gaps_stay() {
    let points = vec![(70.0, 1.0), (85.1, 2.0), (100.0, f64::NAN), (115.0, 4.0), (130.0, 5.0)];
    let one = Series { points, ..Series::default() };
    let spaced = one.spaced(115.0, Duration::from_secs(15), 5);
    assert_eq!(
        spaced,
        [None, Some(1.0), Some(2.0), None, Some(4.0)],
        "what is later than the end is not past"
    );
}

#[test]
fn a_slow_query_rests_longer() {
    let [second, interval] = [1, 15].map(Duration::from_secs);
    assert_eq!(pause(second, interval), second * 14);
    assert_eq!(pause(second * 8, interval), second * 16);
}

#[test]
fn the_engine_is_down_when_nothing_answers_and_not_when_one_query_does_not() {
    let mut link = Link { interval: Duration::from_secs(15), answered: None, attempt: 0 };
    let mut told = |second: u64, answer: Result<Answered, Fault>| {
        let at = Mono::from_secs(second);
        link.report(&Outcome {
            asked: None,
            at,
            old: None,
            answer,
            history: Vec::new(),
            older: Past::default(),
            cohorts: Vec::new(),
        })
    };
    let gone = || Err(Fault::Engine(Clean::new("refused")));
    let down = |attempt, second| {
        Some(LinkReport::Down { error: Clean::new("refused"), attempt, retry_at: Mono::from_secs(second) })
    };
    assert_eq!(told(1, gone()), down(1, 16));
    assert_eq!(told(2, gone()), down(2, 17));
    assert_eq!(told(3, Err(Fault::Query(Clean::new("parse error")))), Some(LinkReport::Alive));
    assert_eq!(told(20, gone()), None, "another one answered");
    assert_eq!(told(34, gone()), down(1, 49));
    assert_eq!(told(35, Ok(Answered::default())), Some(LinkReport::Alive));
}

#[test]
fn an_answer_that_is_called_incomplete_holds_no_number() {
    let told = |warning: &str| {
        let warning = Some(Clean::new(warning));
        let value = value(&asked(), &Answered { warning, ..answered(vec![series(None, 1.0)]) });
        (value.value, value.error.is_some())
    };
    assert_eq!(told("store 192.0.2.7:10901 unavailable: partial response"), (None, true));
    assert_eq!(told("PromQL info: metric might not be a counter"), (Some(1.0), true));
}
