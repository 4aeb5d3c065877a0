//! The part of the snapshot that one service makes.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::domain::active::ActiveRan;
use crate::domain::envelope::Wrong;
use crate::domain::event::Counted;
use crate::domain::health::ProbeOutcome;
use crate::domain::phase::{PhaseState, StartupState};
use crate::domain::room::ProbeKind;
use crate::domain::{Mono, Revision, SourceId, TrafficTarget, format};
use crate::model::Model;
use crate::model::active::ActiveRuns;
use crate::model::closes::Live;
use crate::model::envelopes::{Envelopes, Place};
use crate::model::events::Events;
use crate::model::health::Probe;
use crate::model::metrics::MetricState;
use crate::model::service::ServiceState;
use crate::model::startup::Startup;

use super::time;

/// One service.
pub(super) fn service(model: &Model, state: &ServiceState) -> Value {
    let now = model.now.mono;
    let spec = model.room.service(state.ix);
    let live = model.links.is_live(&SourceId::Events { service: state.ix }, now);
    json!({
        "name": spec.map(|spec| &spec.name),
        "startup": state.startup.as_ref().map_or_else(|| said_startup(state, now), |s| startup(s, now)),
        "health": state.health.probes().iter().map(|probe| health(state, probe, now)).collect::<Vec<_>>(),
        "events": state.events.as_ref().map(|e| events(e, live, now)),
        "envelopes": state.envelopes.as_ref().map(envelopes),
        "active_run": state.active.as_ref().map(|active| active_run(active, now)),
        "closes": closes(model, state),
        "connections": connections(model, state),
        "traffic": traffic(model, state),
    })
}

/// The split; `null` without a Cloud Run service and before it was read, shares `null` while it cannot be seen.
fn traffic(model: &Model, state: &ServiceState) -> Value {
    let Some(read) = model.traffic(state.ix) else { return Value::Null };
    let live = model.links.is_live(&SourceId::CloudRun { service: state.ix }, model.now.mono);
    let tag = |name: &str| {
        let tagged = |target: &&TrafficTarget| {
            target.tag.is_some() && target.revision.as_deref().or(read.latest_ready.as_deref()) == Some(name)
        };
        read.effective.iter().find(tagged).and_then(|target| target.tag.as_deref())
    };
    let row = |revision: &Revision| {
        json!({
            "name": revision.name,
            "percent": live.then(|| read.effective_percent(&revision.name)),
            "desired_percent": live.then(|| read.percent_of(&read.desired, &revision.name)),
            "ready": revision.ready.filter(|_| live),
            "tag": tag(&revision.name),
            "created": revision.created.map(time),
            "image": revision.image,
        })
    };
    json!({
        "latest_ready": read.latest_ready,
        "pinned": live.then(|| read.pinned()),
        "reconciling": live.then_some(read.reconciling),
        "revisions": read.revisions.iter().map(row).collect::<Vec<_>>(),
    })
}

/// Without phases in the config: what a health body says.
fn said_startup(state: &ServiceState, now: Mono) -> Value {
    let starting = state.starting(now);
    let word = if starting.is_some() { "starting" } else { "unknown" };
    let phase = starting.and_then(Probe::phase);
    json!({ "state": word, "phase": phase, "seconds": null, "in_order": null, "phases": [] })
}

fn startup(startup: &Startup, now: Mono) -> Value {
    let word = match startup.state() {
        StartupState::Unknown => "unknown",
        StartupState::Starting => "starting",
        StartupState::Stalled => "stalled",
        StartupState::Complete => "complete",
        StartupState::Failed => "failed",
    };
    let rows = startup.rows(now);
    let in_order = (startup.state() != StartupState::Unknown)
        .then(|| rows.iter().all(|row| !row.faults.contains(&crate::domain::phase::PhaseFault::OutOfOrder)));
    let phases: Vec<_> = rows
        .iter()
        .map(|row| {
            let state = match row.state {
                PhaseState::Waiting => "pending",
                PhaseState::Running => "running",
                PhaseState::Done => "done",
                PhaseState::Failed => "failed",
            };
            let budget = startup.spec().phase_budget.as_secs_f64();
            json!({ "name": row.name, "state": state, "seconds": row.seconds, "budget_seconds": budget,
                    "faults": row.faults })
        })
        .collect();
    json!({
        "state": word,
        "phase": startup.current(),
        "seconds": startup.seconds(now).map(|(seconds, _)| seconds),
        "in_order": in_order,
        "phases": phases,
    })
}

fn health(state: &ServiceState, probe: &Probe, now: Mono) -> Value {
    let fresh = probe.is_fresh(now);
    let answer = probe.seen.last.as_ref().map(|last| &last.outcome);
    let (status, ok, last) = match answer {
        Some(ProbeOutcome::Answered { status, ok, latency, .. }) if fresh => {
            (*status, Some(*ok), Some(*latency))
        }
        Some(ProbeOutcome::Failed { .. }) if fresh => (None, Some(false), None),
        _ => (None, None, None),
    };
    let url = match &probe.spec.kind {
        ProbeKind::Http { url, .. } => Some(state.asked_at(&probe.spec, url).unwrap_or_else(|| url.clone())),
        ProbeKind::Tcp { address } => Some(address.clone()),
        // May carry a password.
        ProbeKind::Postgres { .. } | ProbeKind::Redis { .. } => None,
    };
    let ms = |length: Option<std::time::Duration>| {
        length.filter(|_| fresh).map(|length| length.as_secs_f64() * 1e3)
    };
    json!({
        "name": probe.spec.name,
        "url": url,
        "status": status,
        "ok": ok,
        "latency_ms": { "last": ms(last), "p50": ms(probe.seen.p50), "p95": ms(probe.seen.p95) },
        "failing_seconds": fresh.then(|| probe.seen.failing_for().unwrap_or_default().as_secs_f64()),
        "transitions": probe.seen.changes(),
    })
}

/// Frames held against the team's schemas.
fn envelopes(envelopes: &Envelopes) -> Value {
    let (frames, wrong, unknown) = envelopes.counts();
    let row = |(wrong, place): &(&Wrong, &Place)| json!({ "type": wrong.kind, "place": wrong.place, "rule": wrong.rule, "count": place.count, "text": place.words });
    json!({
        "checked": frames,
        "wrong": wrong,
        "without_schema": unknown,
        "places": envelopes.places().iter().map(row).collect::<Vec<_>>(),
        "problem": envelopes.problem(),
    })
}

/// Runs that this console begins itself.
fn active_run(active: &ActiveRuns, now: Mono) -> Value {
    let (runs, failed) = active.counts();
    let newest = active.newest();
    json!({
        "runs": runs,
        "failed": failed,
        "foreign": active.foreign().0,
        "fresh": active.is_fresh(now),
        "age_seconds": newest.map(|ran| now.since(ran.at).as_secs_f64()),
        "newest": newest.map(run),
    })
}

/// One active run.
pub fn run(ran: &ActiveRan) -> Value {
    json!({
        "run": ran.run,
        "ok": ran.is_good(),
        "text": ran.words(),
        "events": ran.events,
        "missing": ran.missing,
        "first_seconds": ran.first.map(|first| first.as_secs_f64()),
        "took_seconds": ran.took.map(|took| took.as_secs_f64()),
        "foreign": ran.foreign,
        "foreigner": ran.foreigner,
    })
}

fn events(events: &Events, live: bool, now: Mono) -> Value {
    let totals = events.totals();
    let names = events.spec().map(|spec| spec.types.as_slice()).unwrap_or_default();
    let count = |counts: &[u64]| -> Map<String, Value> {
        names.iter().zip(counts).map(|(name, n)| (name.clone(), json!(n))).collect()
    };
    let delivery = events.delivery(now).filter(|_| live);
    let skew = events.skew().filter(|_| live);
    let (completed, executing) = events.pairing(now);
    let by_value = |counted: &Counted| {
        let counts = counted.values.iter().map(|(value, n)| (value.to_string(), json!(n)));
        let told = json!({ "counts": counts.collect::<Map<_, _>>(), "rest": counted.rest });
        (counted.field.clone(), told)
    };
    let count_by: Map<String, Value> = events.counted().iter().map(by_value).collect();
    json!({
        "received": totals.received,
        "valid": totals.valid,
        "invalid": totals.invalid_frames(),
        "invalid_by_kind": totals.invalid,
        "evicted": totals.runs.evicted,
        "lost": (totals.numbered > 0).then_some(totals.lost),
        "per_second": events.per_second(now).filter(|_| live),
        "latency_ms": {
            "p50": delivery.map(|d| d.p50_us as f64 / 1e3),
            "p95": delivery.map(|d| d.p95_us as f64 / 1e3),
        },
        "clock_skew_ms": {
            "ahead": skew.map(|skew| skew.ahead_us as f64 / 1e3),
            "uncertain": skew.and_then(|skew| skew.uncertain_us).map(|us| us as f64 / 1e3),
        },
        "by_type": count(&totals.by_type),
        "others": totals.others,
        "count_by": count_by,
        "runs": {
            "open": events.open().count,
            "complete": totals.runs.whole,
            "incomplete": totals.runs.incomplete,
            "out_of_order": totals.runs.out_of_order,
        },
        "missing": count(&totals.runs.missing),
        "pairing": { "executing": executing, "completed": completed },
        "duplicates": totals.duplicates,
    })
}

/// Counts are since the start; a rate is `null` while whoever counts it is not live.
fn closes(model: &Model, state: &ServiceState) -> Vec<Value> {
    let (service, now) = (state.ix, model.now.mono);
    let live = Live {
        events: model.links.is_live(&SourceId::Events { service }, now),
        metrics: model.links.is_live(&SourceId::Metrics { service }, now),
    };
    let rows = state.closes.known_rows(now, live);
    let row = |row: &crate::model::closes::CodeRow| {
        let server = state.closes.from_server(row.code);
        json!({
            "code": row.code,
            "name": row.name,
            "source": if server { "server" } else { "client" },
            "count": row.total,
            "client_count": state.closes.counted(row.code).0,
            "server_count": state.closes.counted(row.code).1,
            "per_minute": row.per_minute,
            "client_per_minute": row.client,
            "server_per_minute": row.server,
            "usual_per_minute": row.usual,
            "counting_seconds": row.counting.map(|watched| watched.had.as_secs_f64()),
            "spike": row.per_minute.map(|_| row.spike.is_some()),
        })
    };
    rows.iter().map(row).collect()
}

/// Over all revisions: open connections add up; quantiles are those of the revision with the most connections, since
/// quantiles cannot be added. All `null` while the metrics are not live.
fn connections(model: &Model, state: &ServiceState) -> Value {
    let live = model.links.is_live(&SourceId::Metrics { service: state.ix }, model.now.mono);
    let rows = if live { state.closes.connections() } else { &[] };
    let open: Option<f64> = rows.iter().filter_map(|row| row.open).reduce(|a, b| a + b);
    let largest = rows.iter().max_by(|a, b| a.open.unwrap_or(0.0).total_cmp(&b.open.unwrap_or(0.0)));
    let handshakes = state.closes.handshakes();
    json!({
        "attempts": handshakes.attempts,
        "refused": handshakes.refused.values().sum::<u64>(),
        "success_percent": handshakes.success_percent(model.now.mono),
        "open": open,
        "p50_seconds": largest.and_then(|row| row.p50),
        "p95_seconds": largest.and_then(|row| row.p95),
        "by_revision": rows.iter().filter_map(|row| Some((row.revision.as_ref()?.to_string(), row.open))).collect::<BTreeMap<_, _>>(),
    })
}

/// The metrics of one service.
pub(super) fn metrics(model: &Model, state: &ServiceState) -> Vec<Value> {
    let Some(metrics) = &state.metrics else { return Vec::new() };
    let now = model.now.mono;
    let row = |metric: &crate::model::metrics::Metric| {
        let word = match metrics.state(metric, now) {
            MetricState::Pass => "pass",
            MetricState::Short => "inconclusive",
            MetricState::Warn => "warn",
            MetricState::Fail => "fail",
            MetricState::NoData => "no_data",
            MetricState::Early | MetricState::Unjudged => "inconclusive",
            // As a condition on it says: what never had a number has none that grows old.
            MetricState::Stale if metric.value().is_none() => "no_data",
            MetricState::Stale => "stale",
        };
        let fresh = metrics.is_fresh(metric, now);
        json!({
            "name": metric.spec.name,
            "query": metric.spec.query,
            "value": metric.value().filter(|_| fresh),
            "text": format::or_unknown(metric.value().filter(|_| fresh), |it| format::in_unit(it, &metric.spec.unit)),
            "unit": metric.spec.unit,
            "state": word,
            "target": metric.spec.target.map(|limit| limit.value),
            "warning": metric.spec.warning.map(|limit| limit.value),
            "critical": metric.spec.critical.map(|limit| limit.value),
            "age_seconds": match &metric.by_hand {
                Some(reading) => Some((model.now.wall - reading.at).as_seconds_f64().max(0.0)),
                None => metric.age(now).map(|age| age.as_secs_f64()),
            },
            "objective": metric.spec.objective.as_ref().map(|objective| &objective.name),
            "documented": metric.spec.place(),
            "from": metric.spec.from,
            "unbound": metric.is_unbound(),
            "reading": metric.by_hand.as_ref().map(|reading| {
                json!({ "by": reading.by, "at": time(reading.at), "note": reading.note })
            }),
            "proposals": metric.proposals,
            "problem": metric.problem(),
            "proposal": metric.spec.documented.as_ref().and_then(|documented| documented.proposal.as_ref()),
        })
    };
    metrics.metrics().iter().map(row).collect()
}
