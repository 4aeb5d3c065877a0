//! The JSON snapshot (`warroom watch --json`), schema `warroom.snapshot/1`.
//!
//! Keys and enum values may be added, never renamed or removed. Times are RFC 3339 UTC; absent knowledge is `null`,
//! never 0. Arrays keep the config's order.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use crate::domain::condition::Purpose;
use crate::domain::firing::{Firing, Teller};
use crate::domain::room::Mode;
use crate::domain::{
    Clean, Condition, ConditionSpec, ConditionState, Freshness, Now, Ruling, SourceId, Wall,
};
use crate::model::conditions::value_text;
use crate::model::counting::NotCounted;
use crate::model::{Model, links};

pub mod alerts;
pub mod gates;
mod room;
pub mod service;
pub mod stages;

pub use room::flags;

/// The schema's name and version.
pub const SCHEMA: &str = "warroom.snapshot/1";

/// One snapshot.
pub fn snapshot(model: &Model) -> Value {
    let config = &model.room;
    let mode = match config.operator.mode {
        Mode::Operate => "operate",
        Mode::ReadOnly => "read-only",
    };
    json!({
        "schema": SCHEMA,
        "at": time(model.now.wall),
        "room": config.name,
        "environment": config.environment.name,
        "operator": { "name": config.operator.name, "role": config.operator.role, "mode": mode },
        "verdict": verdict(model),
        "links": link_rows(model),
        "services": model.services.iter().map(|state| service::service(model, state)).collect::<Vec<_>>(),
        "documents": room::documents(model),
        "checklist": room::checklist(model),
        "flags": room::flags(model),
        "conditions": condition_rows(model),
        "metrics": model.services.iter().flat_map(|state| service::metrics(model, state)).collect::<Vec<_>>(),
        "triggers": trigger_rows(model),
        "operations": operation_rows(model),
        "gates": gates::rows(&model.room, &model.gates),
        "stages": stages::rows(model),
        "schedule": stages::schedule(model),
        "alerts": alerts::rows(model),
        "mutes": alerts::mutes(model),
        "elsewhere_alerts": elsewhere_alerts(model),
        "incident": null,
        "rollout": room::rollout(model),
    })
}

/// RFC 3339, UTC, milliseconds.
pub fn time(at: Wall) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Since when, by the clock as it is now: one that was set back meanwhile had gone further then.
fn since(since: Option<Now>, now: Now) -> Value {
    let by_now = |since: Now| {
        let length = chrono::TimeDelta::from_std(now.mono.since(since.mono)).unwrap_or_default();
        if since.wall > now.wall { now.wall - length } else { since.wall }
    };
    since.map_or(Value::Null, |since| json!(time(by_now(since))))
}

fn verdict(model: &Model) -> Value {
    let verdict = &model.verdicts.now;
    let reasons: Vec<_> = verdict
        .reasons
        .iter()
        .map(|reason| {
            let text = [&reason.subject, &reason.value, &reason.context];
            let text: Vec<_> = text.into_iter().map(|part| &**part).filter(|part| !part.is_empty()).collect();
            json!({
                "kind": reason.kind,
                "name": reason.subject,
                "text": text.join(" · "),
                "since": since(reason.since, model.now),
            })
        })
        .collect();
    json!({
        "state": verdict.state,
        "act": (!verdict.act.is_empty()).then_some(&verdict.act),
        "blind": verdict.blind,
        "override": overriding(model),
        "since": since(verdict.since, model.now),
        "reasons": reasons,
    })
}

/// The word of a person that stands instead of the room's verdict, or beside it where that got worse.
fn overriding(model: &Model) -> Value {
    let word = model.rulings.overriding(model.now.wall);
    word.map_or(Value::Null, |word| {
        let mut told = ruling(&word.ruling);
        told["state"] = json!(word.state);
        told["over"] = json!(word.over);
        told["room"] = json!(model.verdicts.room.state);
        told["covers"] = json!(word.covers(&model.verdicts.room));
        told
    })
}

/// How a condition is accepted by a person; `null`: it is not.
fn acceptance(model: &Model, spec: &ConditionSpec) -> Value {
    let acceptance = model.rulings.acceptance(spec, model.now.wall);
    acceptance.map_or(Value::Null, |acceptance| {
        let mut told = ruling(&acceptance.ruling);
        told["what"] = json!(acceptance.what);
        told
    })
}

fn ruling(ruling: &Ruling) -> Value {
    json!({ "by": ruling.by, "reason": ruling.reason, "at": time(ruling.at), "until": time(ruling.until) })
}

/// How alive a source is, as the schema names it.
fn link_state(model: &Model, source: &SourceId) -> &'static str {
    match model.links.get(source).map(|link| link.freshness(model.now.mono)) {
        Some(_) if damage(model, source).is_some() => "down",
        Some(Freshness::Live(_)) => "live",
        Some(Freshness::Stale(_)) => "delayed",
        Some(Freshness::Down(_) | Freshness::Never) | None => "down",
    }
}

/// What is wrong with what a source tells, although it is heard: nothing rests on a chain that does not hold.
fn damage<'m>(model: &'m Model, source: &SourceId) -> Option<&'m Clean> {
    model.journal.damage().filter(|_| *source == SourceId::Journal)
}

fn link_rows(model: &Model) -> Vec<Value> {
    let now = model.now.mono;
    let row = |(source, link): (&SourceId, &crate::domain::Link)| {
        json!({
            "source": links::name(&model.room, source),
            "state": link_state(model, source),
            "age_seconds": link.last_ok.map(|ok| now.since(ok).as_secs_f64()),
            "error": link.down.as_ref().map(|down| &down.error).or(damage(model, source)),
            "dropped": link.dropped,
        })
    };
    model.links.iter().map(row).chain(alertmanager(model)).collect()
}

/// Prometheus has a link of its own, whatever it is asked; Alertmanager is only heard.
fn alertmanager(model: &Model) -> Option<Value> {
    let told = model.elsewhere_alerts.of(Teller::Alertmanager)?;
    let (at, now) = (told.read.as_ref().map(|(at, _)| *at), model.now.mono);
    let state = match (at, &told.problem) {
        (None, _) | (_, Some(_)) => "down",
        _ if told.is_fresh(now) => "live",
        _ => "delayed",
    };
    Some(json!({
        "source": "alertmanager",
        "state": state,
        "age_seconds": at.map(|at| now.since(at).as_secs_f64()),
        "error": told.problem,
        "dropped": 0,
    }))
}

/// A condition's state as the schema names it.
pub fn condition_state(state: ConditionState) -> &'static str {
    match state {
        ConditionState::Pass => "pass",
        ConditionState::Warn => "warn",
        ConditionState::Fail => "fail",
        ConditionState::Inconclusive => "inconclusive",
        ConditionState::NoData => "no_data",
        ConditionState::Stale => "stale",
        ConditionState::Accepted => "accepted",
    }
}

fn condition_rows(model: &Model) -> Vec<Value> {
    let age = |state: &Condition| state.measured.map(|at| model.now.mono.since(at).as_secs_f64());
    let rows = model.conditions.iter(&model.room).filter(|(spec, _)| spec.purpose == Purpose::Criterion);
    let row = |(spec, state): (&ConditionSpec, &Condition)| {
        json!({
            "name": spec.name,
            "signal": spec.signal.name,
            "value": state.value,
            "text": value_text(spec, state.value),
            "limit": spec.fail.value,
            "unit": spec.unit,
            "state": condition_state(state.state),
            "since": since(state.since, model.now),
            "age_seconds": age(state),
            "origin": state.origin.to_string(),
            "accepted": acceptance(model, spec),
            "not_counted": model.not_counted(spec, state).map(NotCounted::words),
        })
    };
    rows.map(row).collect()
}

fn trigger_rows(model: &Model) -> Vec<Value> {
    let row = |(spec, state): (&ConditionSpec, &Condition)| {
        let word = match state.state {
            ConditionState::Fail => "tripped",
            ConditionState::Warn if state.is_running() => "pending",
            ConditionState::Pass | ConditionState::Warn => "clear",
            ConditionState::Accepted => "accepted",
            ConditionState::Inconclusive => "inconclusive",
            ConditionState::NoData => "no_data",
            ConditionState::Stale => "stale",
        };
        json!({
            "name": spec.name,
            "state": word,
            "for_seconds": state.is_seen().then_some(state.over_for.as_secs_f64()),
            "needs_seconds": spec.sustained.as_secs_f64(),
            "value": state.value,
            "text": value_text(spec, state.value),
            "accepted": acceptance(model, spec),
            "not_counted": model.not_counted(spec, state).map(NotCounted::words),
        })
    };
    // One that a person said happened asks like the others.
    let said = model.said_triggers().into_iter().filter_map(|it| {
        let said = it.said?;
        Some(json!({
            "name": it.text,
            "state": "tripped",
            "for_seconds": (model.now.wall - said.at).num_seconds().max(0),
            "needs_seconds": 0.0,
            "value": null,
            "text": format!("said by {}", said.by),
            "accepted": null,
            "not_counted": null,
        }))
    });
    model.conditions.triggers(&model.room).map(row).chain(said).collect()
}

/// Alerts of Prometheus and Alertmanager that do not rest.
fn elsewhere_alerts(model: &Model) -> Vec<Value> {
    let row = |(teller, alert): (Teller, &Firing)| {
        json!({
            "name": alert.name,
            "state": alert.state,
            "severity": alert.severity,
            "labels": alert.labels,
            "summary": alert.summary,
            "since": alert.since.map(time),
            "told_by": teller.to_string(),
        })
    };
    model.elsewhere_alerts.active().map(row).collect()
}

fn operation_rows(model: &Model) -> Vec<Value> {
    let row = |op: &crate::model::ops::Operation| {
        json!({
            "id": op.id.0,
            "kind": op.act.word(),
            "target": op.act.target(),
            "state": op.state(),
            "by": op.by,
            "at": op.steps.last().map(|step| time(step.at)),
            "reason": op.reason,
        })
    };
    model.ops.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::config::{self, Overrides};
    use crate::domain::Mono;

    #[test]
    fn nothing_began_after_now_where_the_clock_was_set_back() {
        let config = "[[service]]\nname = \"chat\"\n";
        let loaded = config::parse(config, Path::new("config.toml"), &Overrides::default(), "mara");
        let at = |mono, wall| {
            let wall = Wall::default() + chrono::TimeDelta::seconds(wall);
            Now { mono: Mono::default().after(Duration::from_secs(mono)), wall }
        };
        let mut model =
            Model::new(Arc::new(loaded.expect("config").room), "test".into(), at(0, 1000), (80, 24));
        model.verdicts.now.since = Some(at(10, 1010));
        let since = |model: &Model| snapshot(model)["verdict"]["since"].clone();
        model.now = at(30, 1030);
        assert_eq!(since(&model), json!(time(at(0, 1010).wall)));
        model.now = at(30, 970);
        assert_eq!(since(&model), json!(time(at(0, 950).wall)));
    }
}
