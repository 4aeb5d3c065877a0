//! Reasons that ask for going to a revision, and those that speak as much against it.

use std::path::Path;
use std::sync::Arc;

use super::super::traffic::tests::{settled, share};
use super::*;
use crate::domain::metric::{MetricValue, Past, Queried};
use crate::domain::{Clean, LinkReport, Mono, Now, OpId, OpState, SourceId, Wall};
use crate::model::msg::{Msg, Token};

const CONFIG: &str = r#"
[prometheus]
url = "http://127.0.0.1:9"
[conditions]
clears_after = "0s"
[[service]]
name = "s"
[service.cloud_run]
project = "p"
region = "l"
service = "s"
[[service.metrics.panel]]
name = "errors"
query = "sum(errors)"
from = "prometheus"
critical = "> 5"
"#;

fn now(second: u64) -> Now {
    let wall = Wall::default() + chrono::TimeDelta::seconds(second.cast_signed());
    Now { mono: Mono::from_secs(second), wall }
}

/// `s-1` has 90 %, `s-2` 10 %, and each so many errors.
fn model(errors: [f64; 2]) -> Model {
    let none = crate::config::Overrides::default();
    let loaded = crate::config::parse(CONFIG, Path::new("c.toml"), &none, "mara").expect("config");
    let mut model = Model::new(Arc::new(loaded.room), "c".into(), now(0), (80, 24));
    let service = ServiceIx(0);
    for second in 1..5 {
        let at = now(second).mono;
        let traffic = Box::new(settled(&[share("s-1", 90), share("s-2", 10)], &["s-2", "s-1"]));
        model.update(Msg::TrafficRead { service, at, traffic });
        for source in [SourceId::CloudRun { service }, SourceId::Prometheus] {
            model.update(Msg::Linked { source, report: LinkReport::Alive, at });
        }
        let [old, new] = errors;
        let value = MetricValue {
            name: "errors".into(),
            value: Some(old.max(new)),
            by_revision: vec![(Clean::new("s-1"), old), (Clean::new("s-2"), new)],
            ..MetricValue::default()
        };
        let (history, older) = (Vec::new(), Past::default());
        model.update(Msg::Queried(Box::new(Queried { service, at, value, history, older })));
        model.update(Msg::Ticked(now(second)));
    }
    model
}

/// How many reasons about the errors ask for `to`, and how many speak as much against it.
fn told(model: &Model, to: &str) -> (usize, usize) {
    let (ask, against) = model.asks_for(ServiceIx(0), to);
    let about =
        |reasons: Vec<&Reason>| reasons.into_iter().filter(|it| it.subject.contains("errors")).count();
    (about(ask), about(against))
}

#[test]
fn what_is_worse_elsewhere_asks_for_a_revision_and_what_is_as_bad_there_speaks_against_it() {
    let better = model([1.0, 9.0]);
    assert_eq!((told(&better, "s-1"), told(&better, "s-2")), ((1, 0), (0, 1)));
    assert!(!better.fails_too(ServiceIx(0), "s-1") && better.fails_too(ServiceIx(0), "s-2"));
    let worse = model([9.0, 7.0]);
    assert_eq!(told(&worse, "s-1"), (0, 1));
    let good = model([1.0, 1.0]);
    assert_eq!(told(&good, "s-1"), (0, 0));
    assert!(!good.fails_too(ServiceIx(0), "s-1"));
}

#[test]
fn a_way_back_is_pointless_only_where_nothing_that_fails_is_better_there() {
    assert_eq!(model([9.0, 7.0]).pointless_way_back().as_deref(), Some("1"));
    assert_eq!(model([1.0, 9.0]).pointless_way_back(), None);
    assert_eq!(model([4.9, 5.5]).pointless_way_back(), None, "it is within its limit there");
    for noise in [[7.0, 7.3], [7.3, 7.0]] {
        let model = model(noise);
        assert_eq!(
            model.pointless_way_back().as_deref(),
            Some("1"),
            "{noise:?}: as bad, whatever the second says"
        );
        assert_eq!(told(&model, "s-1"), (0, 1));
    }
    assert_eq!(model([1.0, 1.0]).pointless_way_back(), None, "nothing fails");
}

#[test]
fn the_way_back_is_told_by_hand_while_something_that_goes_elsewhere_holds_the_service() {
    let model = model([1.0, 9.0]);
    let state = model.services.first().and_then(|service| service.traffic.as_ref()).expect("traffic");
    let forward = state.freeze_split(ServiceIx(0), &[(Some("s-2"), 100)], now(5).wall).expect("a split");
    let mut op =
        Operation::new(OpId("1".into()), OpKind::Traffic(forward), Clean::default(), "sam".into(), Token(1));
    op.advance(OpState::Requested, Clean::default(), now(5).wall);
    let Some(OpKind::Rollback(back)) = model.back_by_hand(&op) else { panic!("a way back") };
    assert_eq!(back.to, "s-1");
    op.advance(OpState::Effective, Clean::default(), now(6).wall);
    assert_eq!(model.back_by_hand(&op), None, "it holds nothing any more");
}
