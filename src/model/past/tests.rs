//! Charts of a console that was opened again.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use super::*;
use crate::domain::condition::{Comparator, Purpose};
use crate::domain::measured::{Breach, Measured, MeasuredCondition, StateTimes};
use crate::domain::room::{MetricSpec, MetricsSpec, Room, Service};
use crate::domain::{Clean, ConditionState, Limit, Mono, Now, Wall};
use crate::model::conditions::tests::spec;
use crate::model::msg::Msg;

fn measured(minutes: i64, high: f64) -> Record {
    let until = Wall::default() + TimeDelta::minutes(minutes);
    let row = MeasuredCondition {
        name: "errors".into(),
        state: ConditionState::Pass,
        value: Some(1.0),
        min: Some(1.0),
        max: Some(high),
        ms: StateTimes::default(),
        breach: Breach::default(),
        left_behind: false,
    };
    let entry = Entry::Measured(Measured { until, ms: 60_000, conditions: vec![row], ..Measured::default() });
    let seq = u64::try_from(minutes).expect("a place");
    let (by, role) = ("room".into(), Clean::default());
    Record { seq, at: until, by, role, entry, hash: String::new(), late: false }
}

#[test]
fn what_the_keeper_measured_is_in_the_chart_and_what_nobody_watched_is_a_gap() {
    let panels = vec![MetricSpec { name: "error_rate".into(), ..MetricSpec::default() }];
    let metrics = MetricsSpec { panels, ..MetricsSpec::unscraped() };
    let service = Service { name: "api".into(), metrics: Some(metrics), ..Service::default() };
    let errors = ConditionSpec {
        name: "errors".into(),
        unit: "%".into(),
        ..spec("metric.error_rate", Limit { op: Comparator::Gt, value: 5.0 }, Purpose::Criterion)
    };
    let room = Room { services: vec![service], conditions: vec![errors], ..Room::default() };
    let wall = Wall::default() + TimeDelta::hours(2);
    let now = Now { mono: Mono::from_secs(1), wall };
    let mut model = Model::new(Arc::new(room), "t".into(), now, (80, 24));
    let records = (1..=60).map(|minute| measured(minute, if minute == 30 { 50.0 } else { 2.0 })).collect();
    model.update(Msg::Recorded { records });
    let metric = model.metric_mut(ServiceIx(0), "metric.error_rate").expect("the metric");
    let columns = metric.trail().columns(millis(now.mono), Duration::from_hours(2), 24, Duration::ZERO);
    let known: Vec<bool> = columns.iter().map(Option::is_some).collect();
    assert_eq!(known, [vec![true; 12], vec![false; 12]].concat(), "{columns:?}");
    let highest: Vec<usize> = (0..24).filter(|n| columns[*n].is_some_and(|span| span.high > 40.0)).collect();
    assert_eq!(highest, [5], "the spike of minute 30 is in its place");
}
