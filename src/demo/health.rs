//! `/health` of a revision: 503 with the phase until the start is complete, then 200.

use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::Scenario;
use super::counters::log_normal;
use super::door::{Door, Entrance};
use super::hostile;
use super::world::World;

/// What is answered, and after how long.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) body: String,
    /// Real time, whatever the speed of the story.
    pub(super) after: Duration,
}

/// `GET /health`.
pub(super) async fn handler(State(door): State<Door>) -> Response {
    let entrance = door.entrance;
    let answer = door.hub.ask(move |world| match reached(world, entrance) {
        Some(at) => answer(world, at),
        None => not_found(),
    });
    let Some(answer) = answer.await else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    tokio::time::sleep(answer.after).await;
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, answer.content_type)], Body::from(answer.body)).into_response()
}

/// The instance that one reaches by `entrance`; `None` when the tag has no revision (that runs).
pub(super) fn reached(world: &mut World, entrance: Entrance) -> Option<usize> {
    match entrance {
        Entrance::Service => Some(world.route()),
        Entrance::Tag(slot) => {
            let name = world.cloud.behind(slot)?.to_owned();
            world.instance(&name)
        }
    }
}

/// What the platform says at a URL that leads nowhere.
fn not_found() -> Answer {
    let body = "<html><head><title>Error: Page not found</title></head><body>\n<h1>Error: Page not found</h1>\n\
                The requested URL was not found on this server.</body></html>\n";
    Answer {
        status: 404,
        content_type: "text/html; charset=UTF-8",
        body: body.to_owned(),
        after: Duration::ZERO,
    }
}

/// What instance `at` says about itself.
pub(super) fn answer(world: &mut World, at: usize) -> Answer {
    if world.scenario == Scenario::Garbage
        && let Some(answer) = hostile::health(&mut world.dice)
    {
        return answer;
    }
    let progress = world.progress(at);
    let t = world.t();
    let after = latency(world, at, progress.complete());
    let Some(instance) = world.instances.get(at) else { return not_found() };
    // Up for three seconds of every eight.
    let flapping = instance.levels.flap > 0.5 && t.rem_euclid(8.0) < 5.0;
    let (status, told) = match (&progress.failed, progress.complete(), flapping) {
        (Some(_), _, _) => (503, "failed"),
        (None, false, _) => (503, "starting"),
        (None, true, true) => (503, "unhealthy"),
        (None, true, false) => (200, "healthy"),
    };
    // As whoever watches sees them pass, whatever the speed of the story.
    let speed = world.speed();
    let seconds = |value: f64| (value / speed * 1000.0).round() / 1000.0;
    let done: Map<String, Value> =
        progress.done.iter().map(|(name, took)| ((*name).to_owned(), seconds(*took).into())).collect();
    let phase = progress.running.or_else(|| progress.done.last().map(|(name, _)| *name));
    let database = if flapping { "timeout" } else { "ok" };
    let mut body = json!({
        "status": told,
        "service": super::SERVICE,
        "revision": instance.name,
        "startup_complete": progress.complete(),
        "startup_in_progress": !progress.complete() && progress.failed.is_none(),
        "startup_phase": phase,
        "completed_phases": done,
        "uptime_seconds": seconds(instance.age(t)),
        "checks": { "database": database, "cache": "ok" },
        "flags": flags(world, &instance.name),
    });
    if let (Some(why), Some(map)) = (progress.failed, body.as_object_mut()) {
        map.insert("startup_failed".into(), true.into());
        map.insert("startup_error".into(), why.into());
    }
    Answer { status, content_type: "application/json", body: body.to_string(), after }
}

/// The switches that a revision runs with, as it reports them.
fn flags(world: &World, name: &str) -> Value {
    let revision = world.cloud.revisions().iter().find(|revision| revision.name == name);
    let env = revision
        .and_then(|revision| revision.template.pointer("/containers/0/env"))
        .and_then(Value::as_array);
    let switch = |entry: &Value| {
        let value = match entry.get("value")?.as_str()? {
            "true" => true,
            "false" => false,
            _ => return None,
        };
        Some((entry.get("name")?.as_str()?.to_owned(), Value::from(value)))
    };
    env.into_iter().flatten().filter_map(switch).collect::<Map<_, _>>().into()
}

fn latency(world: &mut World, at: usize, complete: bool) -> Duration {
    let slow = world.instances.get(at).map_or(0.0, |instance| instance.levels.slow);
    let dice = &mut world.dice;
    let usual = log_normal(dice, if complete { 14.0 } else { 40.0 }, 0.35).min(90.0);
    let millis = if slow > 0.5 {
        // One in twelve takes longer than anybody waits.
        if dice.u32(..12) == 0 { 8_000.0 } else { 60.0 + 340.0 * dice.f64() }
    } else {
        usual * (1.0 + 5.0 * slow)
    };
    Duration::from_micros((millis * 1000.0) as u64)
}
