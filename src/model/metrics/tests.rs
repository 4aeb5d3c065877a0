//! A metric against its limits, and what its age makes of it.

use crate::domain::condition::{Comparator, Limit};
use crate::domain::metric::Past;
use crate::domain::room::MetricsSpec;
use crate::domain::{Clean, ServiceIx, Wall, Watched};

use super::*;

fn limit(op: Comparator, value: f64) -> Limit {
    Limit { op, value }
}

fn service() -> Service {
    let panel = MetricSpec {
        name: "errors".into(),
        query: "x".into(),
        from: MetricFrom::Scrape,
        unit: "%".into(),
        target: Some(limit(Comparator::Lt, 1.0)),
        warning: Some(limit(Comparator::Gt, 2.0)),
        critical: Some(limit(Comparator::Gt, 5.0)),
        ..MetricSpec::default()
    };
    let metrics = MetricsSpec {
        url: Some(String::new()),
        headers: BTreeMap::new(),
        token: None,
        interval: Duration::from_secs(5),
        timeout: Duration::from_secs(4),
        revision_label: "revision".into(),
        closes_total: String::new(),
        connection_seconds: String::new(),
        connections_open: String::new(),
        requests_total: String::new(),
        panels: vec![panel],
    };
    Service { metrics: Some(metrics), ..Service::default() }
}

fn scraped(second: u64, value: Option<f64>, by_revision: &[(&str, f64)]) -> Scraped {
    let by_revision = by_revision.iter().map(|(name, value)| (Clean::new(name), *value)).collect();
    let value = MetricValue { name: "errors".into(), value, by_revision, ..MetricValue::default() };
    Scraped { service: ServiceIx(0), at: Mono::from_secs(second), values: vec![value], ..Scraped::default() }
}

fn reading(value: f64, second: u64, fresh: bool, origin: Origin) -> Reading {
    Reading { value, at: Mono::from_secs(second), fresh, samples: None, origin, watched: None }
}

#[test]
fn limits_decide_the_state_and_age_overrules_them() {
    let mut metrics = Metrics::new(&service(), None).unwrap();
    let now = Mono::from_secs(1);
    let state = |metrics: &Metrics, now| metrics.state(&metrics.metrics()[0], now);
    assert_eq!(state(&metrics, now), MetricState::Stale, "never seen");
    for (value, wanted) in [
        (Some(0.5), MetricState::Pass),
        (Some(1.5), MetricState::Short),
        (Some(2.5), MetricState::Warn),
        (Some(6.1), MetricState::Fail),
        (Some(f64::NAN), MetricState::NoData),
        (None, MetricState::NoData),
    ] {
        metrics.scraped(&scraped(1, value, &[]));
        assert_eq!(state(&metrics, now), wanted, "{value:?}");
    }
    metrics.scraped(&scraped(1, Some(0.5), &[]));
    assert_eq!(state(&metrics, Mono::from_secs(11)), MetricState::Pass);
    assert_eq!(state(&metrics, Mono::from_secs(12)), MetricState::Stale, "two intervals and a little");
    let down = LinkReport::Down { error: "refused".into(), attempt: 1, retry_at: now };
    metrics.linked(&down);
    assert_eq!(state(&metrics, now), MetricState::Stale, "down is not fresh, however young");
    metrics.linked(&LinkReport::Alive);
    assert_eq!(state(&metrics, now), MetricState::Pass);
}

#[test]
fn too_little_watched_is_neither_good_nor_bad_unless_it_counts_and_is_past_its_limit() {
    let mut metrics = Metrics::new(&service(), None).unwrap();
    let mut state = |value, hours, grows| {
        let mut scraped = scraped(1, Some(value), &[]);
        let (had, of) = (Duration::from_hours(hours), Duration::from_hours(24));
        scraped.values[0].watched = Some(Watched { had, of, grows });
        metrics.scraped(&scraped);
        metrics.state(&metrics.metrics()[0], Mono::from_secs(1))
    };
    assert_eq!((state(0.5, 3, true), state(0.5, 23, true)), (MetricState::Early, MetricState::Pass));
    assert_eq!((state(6.1, 3, true), state(6.1, 3, false)), (MetricState::Fail, MetricState::Early));
}

#[test]
fn what_holds_no_number_says_why() {
    let mut metrics = Metrics::new(&service(), None).unwrap();
    let mut problem = |gap: Option<Gap>| {
        let mut scraped = scraped(1, gap.is_none().then_some(0.0), &[]);
        scraped.values[0].gap = gap;
        metrics.scraped(&scraped);
        metrics.metrics()[0].problem().unwrap_or_default().to_owned()
    };
    let of = [Some(Gap::Absent), Some(Gap::Empty), Some(Gap::NotANumber), None].map(&mut problem);
    for (told, begin) in of.iter().zip(["no such series", "an empty answer", "not a number", ""]) {
        assert!(told.starts_with(begin) && (told.is_empty() == begin.is_empty()), "{told}");
    }
}

#[test]
fn what_is_beyond_all_numbers_is_told() {
    let mut metrics = Metrics::new(&service(), None).unwrap();
    for (value, begin) in [(f64::INFINITY, "+Inf: "), (f64::NEG_INFINITY, "-Inf: ")] {
        metrics.scraped(&scraped(1, Some(value), &[]));
        let told = metrics.metrics()[0].problem().unwrap_or_default();
        assert!(told.starts_with(begin), "{told}");
    }
}

#[test]
fn signals_carry_their_revision_and_absence_is_no_reading() {
    let mut metrics = Metrics::new(&service(), None).unwrap();
    let now = Mono::from_secs(2);
    assert_eq!(metrics.signals(now), [("metric.errors".to_owned(), None)]);
    metrics.scraped(&scraped(1, Some(3.0), &[("a", 1.0), ("b", 9.0)]));
    let of = |name: &str| Origin::Revision(name.into());
    assert_eq!(
        metrics.signals(now),
        [
            ("metric.errors".to_owned(), Some(reading(3.0, 1, true, Origin::Mixed))),
            ("metric.errors@a".to_owned(), Some(reading(1.0, 1, true, of("a")))),
            ("metric.errors@b".to_owned(), Some(reading(9.0, 1, true, of("b")))),
        ]
    );
    let late = Mono::from_secs(60);
    assert_eq!(
        metrics.signals(late)[0].1,
        Some(reading(3.0, 1, false, Origin::Mixed)),
        "kept, and not fresh"
    );
    metrics.scraped(&scraped(61, None, &[]));
    assert_eq!(metrics.signals(late), [("metric.errors".to_owned(), None)]);
    assert_eq!(metrics.metrics()[0].known, Some((Mono::from_secs(1), 3.0)));
}

#[test]
fn a_revision_has_the_samples_of_its_own_or_none() {
    let mut metrics = Metrics::new(&service(), None).unwrap();
    let mut told = scraped(1, Some(0.5), &[("a", 0.4), ("b", 50.0), ("c", 0.0)]);
    told.values[0].samples = Some(5_000);
    told.values[0].samples_of = vec![("a".into(), 4_998), ("b".into(), 2)];
    metrics.scraped(&told);
    let signals = metrics.signals(Mono::from_secs(1));
    let samples: Vec<_> =
        signals.iter().map(|(name, reading)| (name.as_str(), reading.as_ref().unwrap().samples)).collect();
    let of = |name, samples| (name, samples);
    let [all, a, b] = [Some(5_000), Some(4_998), Some(2)];
    let named = [of("metric.errors", all), of("metric.errors@a", a), of("metric.errors@b", b)];
    assert_eq!(samples, [named.as_slice(), &[of("metric.errors@c", None)]].concat());
}

#[test]
fn a_reading_by_a_person_is_one_measurement_however_the_clocks_differ() {
    let mut service = service();
    service.metrics.as_mut().unwrap().panels[0].from = MetricFrom::Person;
    let mut metrics = Metrics::new(&service, None).unwrap();
    let wall =
        |seconds, micros: u32| Wall::default() + chrono::TimeDelta::new(seconds, micros * 1000_u32).unwrap();
    let by_hand = ByHand { value: 0.5, by: "ines".into(), at: wall(100, 0), note: Clean::default() };
    metrics.read_by_hand("errors", &by_hand);
    let mut at = |seconds: u64, micros| {
        let now = Now { mono: Mono::from_secs(seconds), wall: wall(60 + seconds.cast_signed(), micros) };
        metrics.ticked(now, Duration::from_hours(1));
        metrics.signals(now.mono)[0].1.as_ref().unwrap().at
    };
    let first = at(50, 0);
    assert_eq!((first, at(51, 7), at(52, 3)), (Mono::from_secs(40), first, first));
}

#[test]
fn a_sample_from_before_this_process_is_old_and_says_how_old() {
    let mut of = service();
    of.metrics.as_mut().unwrap().panels[0].from = MetricFrom::Prometheus;
    let mut metrics = Metrics::new(&of, None).unwrap();
    metrics.engine = Feed::new(Duration::from_secs(5), Duration::from_secs(4));
    let told = |before: u64| Queried {
        service: ServiceIx(0),
        at: Mono::default(),
        value: MetricValue {
            name: "errors".into(),
            value: Some(0.5),
            before: Duration::from_secs(before),
            ..MetricValue::default()
        },
        history: Vec::new(),
        older: Past::default(),
    };
    let now = Mono::from_secs(1);
    let seen = |metrics: &Metrics| {
        let metric = &metrics.metrics()[0];
        (metrics.state(metric, now), metrics.outdated(metric, now), metric.error().cloned())
    };
    metrics.queried(&told(0));
    assert_eq!(seen(&metrics), (MetricState::Pass, None, None));
    metrics.queried(&told(44));
    assert_eq!(seen(&metrics), (MetricState::Stale, Some(Duration::from_secs(45)), None));
    assert_eq!(
        metrics.signals(now),
        [("metric.errors".into(), Some(reading(0.5, 0, false, Origin::Unknown)))]
    );
}
