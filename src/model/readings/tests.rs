//! Readings of metrics that documents name.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use super::*;
use crate::document;
use crate::domain::metric::{Proposal, Resembling};
use crate::domain::room::{DocumentedSpec, Service};
use crate::domain::{ConditionState, Mono, Now, ServiceIx, VerdictState, Wall};
use crate::model::metrics::MetricState;
use crate::model::msg::Msg;

const TEXT: &str = "## Limits\n\n```yaml\nsuccess_rate:\n  target: \">95%\"\n  critical_threshold: \"<80%\"\ncalls:\n  \
                    critical_threshold: \">10\"\nvisits:\n  warning_threshold: \">1000\"\n```\n";

fn now(minutes: u64) -> Now {
    let wall = Wall::default() + TimeDelta::days(300) + TimeDelta::minutes(minutes.cast_signed());
    Now { mono: Mono::from_secs(minutes * 60), wall }
}

fn room(unbound: Unbound) -> Room {
    let documented =
        DocumentedSpec { unbound, readings_for: Duration::from_hours(2), ..DocumentedSpec::default() };
    Room {
        documented,
        services: vec![Service { name: "shop".into(), ..Service::default() }],
        ..Room::default()
    }
}

fn model(unbound: Unbound) -> Model {
    let mut model = Model::new(Arc::new(room(unbound)), "test".into(), now(0), (120, 40));
    let document = document::read("go.md", TEXT.as_bytes()).document.expect("text");
    model.update(Msg::DocumentsRead { documents: vec![document], problems: Vec::new() });
    model.update(Msg::Ticked(now(0)));
    model
}

fn record(seq: u64, entry: Entry, at: Now) -> Msg {
    let (by, role, hash) = ("ines".into(), Clean::default(), String::new());
    Msg::Recorded { records: vec![Record { seq, at: at.wall, by, role, entry, hash, late: false }] }
}

fn states(model: &Model) -> Vec<(String, MetricState)> {
    let metrics = model.service(ServiceIx(0)).and_then(|it| it.metrics.as_ref()).expect("metrics");
    let state = |it: &Metric| (it.spec.name.clone(), metrics.state(it, model.now.mono));
    metrics.metrics().iter().map(state).collect()
}

fn told(model: &Model) -> Option<String> {
    let reasons = &model.verdicts.now.reasons;
    reasons
        .iter()
        .find(|reason| reason.subject.contains("source"))
        .map(|it| format!("{} · {}", it.subject, it.value))
}

#[test]
fn what_nobody_reads_holds_and_is_named_until_it_is_read() {
    let mut model = model(Unbound::Hold);
    let unread = MetricState::NoData;
    let expected = [("success_rate", unread), ("calls", unread), ("visits", unread)];
    assert_eq!(states(&model), expected.map(|(name, state)| (name.to_owned(), state)));
    assert_eq!(model.verdicts.now.state, VerdictState::Hold);
    // A limit that only warns holds nobody up.
    assert_eq!(told(&model).as_deref(), Some("documented metrics without a source · 2: success_rate first"));

    let room = model.room.clone();
    let read = entry(&room, "Success Rate", "97%", "of the last hour").expect("a reading");
    model.update(record(1, read, now(0)));
    model.update(record(2, entry(&room, "calls", "12", "").expect("a reading"), now(0)));
    model.update(Msg::Ticked(now(1)));
    assert_eq!(told(&model), None);
    let judged = |model: &Model| -> Vec<_> {
        model
            .conditions
            .iter(&model.room)
            .map(|(spec, state)| (spec.name.clone(), state.state, state.value))
            .collect()
    };
    let of = |name: &str, state, value| (name.to_owned(), state, Some(value));
    assert_eq!(
        judged(&model),
        [of("success_rate", ConditionState::Pass, 97.0), of("calls", ConditionState::Fail, 12.0)]
    );
    assert_eq!(model.verdicts.now.state, VerdictState::NoGo);

    // A reading is believed for so long, and no longer.
    model.update(Msg::Ticked(now(119)));
    assert_eq!(states(&model)[0].1, MetricState::Pass);
    model.update(Msg::Ticked(now(121)));
    assert_eq!(states(&model)[0].1, MetricState::Stale);
    assert_eq!(judged(&model)[0].1, ConditionState::Stale);
}

#[test]
fn a_reading_from_before_this_console_is_as_old_as_it_is() {
    let mut model = Model::new(Arc::new(room(Unbound::Hold)), "test".into(), now(0), (120, 40));
    let old = Entry::Reading { metric: "calls".into(), value: 3.0, note: Clean::default() };
    let at = Now { wall: now(0).wall - TimeDelta::hours(3), ..now(0) };
    model.update(record(1, old, at));
    let document = document::read("go.md", TEXT.as_bytes()).document.expect("text");
    model.update(Msg::DocumentsRead { documents: vec![document], problems: Vec::new() });
    model.update(Msg::Ticked(now(1)));
    assert_eq!(states(&model)[1], ("calls".to_owned(), MetricState::Stale));
}

#[test]
fn where_the_config_wants_them_listed_only_they_hold_nothing() {
    assert_eq!(told(&model(Unbound::List)), None);
}

#[test]
fn a_critical_limit_in_a_unit_that_nothing_tells_holds_and_its_metric_is_not_good() {
    let text = "## Errs\n```promql\nerrs\n```\n**Alert:** > 4 %\n\n## Slow\n```promql\nslow\n```\n**Target:** < 2 s\n";
    let reasons = |unbound| {
        let mut model = Model::new(Arc::new(room(unbound)), "test".into(), now(0), (120, 40));
        let document = document::read("go.md", text.as_bytes()).document.expect("text");
        model.update(Msg::DocumentsRead { documents: vec![document], problems: Vec::new() });
        model.update(Msg::Ticked(now(0)));
        let reasons = model.verdicts.now.reasons.iter();
        let told = reasons.filter(|reason| reason.subject.contains("judges nothing"));
        let told: Vec<String> = told.map(|it| format!("{} · {}", it.value, it.context)).collect();
        let metrics = model.service(ServiceIx(0)).and_then(|it| it.metrics.clone()).expect("metrics");
        (told, metrics.metrics().iter().map(|it| it.judge(Some(1.0))).collect::<Vec<_>>())
    };
    let (told, states) = reasons(Unbound::Hold);
    assert_eq!(states, [MetricState::Unjudged, MetricState::Pass]);
    let [told] = told.as_slice() else { panic!("{told:?}") };
    assert!(told.starts_with("errs · > 4 %: the query answers in no unit"), "{told}");
    assert_eq!(reasons(Unbound::List).0, Vec::<String>::new());
}

#[test]
fn what_resembles_it_is_proposed_and_never_taken() {
    let mut model = model(Unbound::Hold);
    let proposal =
        Proposal { series: "shop_success_ratio".into(), query: "100 * avg(shop_success_ratio)".into() };
    let (service, name) = (ServiceIx(0), "success_rate".to_owned());
    model.update(Msg::Resembled(Box::new(Resembling { service, name, found: vec![proposal.clone()] })));
    model.update(Msg::Ticked(now(1)));
    let unbound: Vec<_> = model.unbound().map(|it| (it.spec.name.as_str(), it.proposals.len())).collect();
    assert_eq!(unbound, [("success_rate", 1), ("calls", 0), ("visits", 0)]);
}

#[test]
fn a_reading_is_refused_in_words() {
    let model = model(Unbound::Hold);
    let refused = |name, value| {
        let (what, why, next) = entry(&model.room, name, value, "").expect_err("refused");
        format!("{what}: {why}; {next}")
    };
    assert_eq!(
        refused("nothing", "1"),
        "nothing takes no reading: the room has no metric of this name; people read success_rate, calls, visits"
    );
    assert_eq!(
        refused("calls", "many"),
        "many is no reading of calls: it is no number; its unit is a plain number"
    );
    assert_eq!(
        refused("success_rate", "97ms"),
        "97ms is no reading of success_rate: it is in another unit, and nothing is converted; its unit is %"
    );
}
