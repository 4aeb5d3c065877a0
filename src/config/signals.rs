//! Which signals a service has, by its configuration: to tell a wrong name before the rollout, not during it.

use super::scalar;
use crate::domain::PanelId;
use crate::domain::logs::UNEXPECTED;
use crate::domain::room::{MetricSpec, Service, Tells};

/// Signals of a service with startup phases.
pub const STARTUP: [&str; 5] =
    ["startup.complete", "startup.failed", "startup.restarts", "startup.seconds", "startup.stalled"];

/// Signals of each probe, as `health.NAME.…`.
pub const HEALTH: [&str; 5] = ["failing", "falls", "latency_last", "latency_p95", "ok"];

/// Signals of an event stream.
pub const EVENTS: [&str; 11] = [
    "events.delivery_p50",
    "events.delivery_p95",
    "events.duplicates",
    "events.flowing",
    "events.incomplete",
    "events.invalid",
    "events.lost",
    "events.missing",
    "events.pairing",
    "events.per_minute",
    "events.per_second",
];

/// Signals of runs that this console begins itself.
pub const ACTIVE: [&str; 3] = ["probe_run.foreign", "probe_run.ok", "probe_run.seconds"];

/// Signals of close codes and connections; `closes.CODE.per_minute` comes on top for any code.
pub const CLOSES: [&str; 6] = [
    "closes.spiking",
    "connections.open",
    "connections.p50",
    "connections.p95",
    "connections.refused",
    "connections.success",
];

/// Signals of gates, the same for every service: how many failed, how many of those that are required failed, failed
/// while the candidate serves, or have not passed.
pub const GATES: [&str; 4] =
    ["gates.failed", "gates.required_failed", "gates.rollout_failed", "gates.required_open"];

/// All signals of `service` that can be listed; close codes only the ones shown.
pub fn of(service: &Service) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    if service.startup.is_some() {
        all.extend(STARTUP.map(str::to_owned));
    }
    for probe in &service.probes {
        all.extend(HEALTH.map(|signal| format!("health.{}.{signal}", probe.name)));
    }
    if !service.probes.is_empty() {
        all.push("health.contradictions".to_owned());
    }
    if service.events.is_some() {
        all.extend(EVENTS.map(str::to_owned));
    }
    if service.events.as_ref().is_some_and(|events| events.schemas.is_some()) {
        all.push("envelopes.wrong".to_owned());
    }
    if service.events.as_ref().is_some_and(|events| events.active.is_some()) {
        all.extend(ACTIVE.map(str::to_owned));
    }
    if service.cloud_run.is_some() {
        all.push(UNEXPECTED.to_owned());
    }
    all.extend(GATES.map(str::to_owned));
    all.extend(CLOSES.map(str::to_owned));
    for code in service.closes.show.iter().chain(service.closes.names.keys()) {
        all.push(format!("closes.{code}.per_minute"));
    }
    let panels = service.metrics.iter().flat_map(|metrics| &metrics.panels);
    all.extend(panels.map(MetricSpec::signal));
    let panels = service.metrics.iter().flat_map(|metrics| &metrics.panels);
    let objectives = panels.filter_map(|panel| panel.objective.as_ref());
    for of in objectives.filter(|of| of.tells == Tells::Budget) {
        all.extend([format!("burn.{}", of.name), format!("burn.{}.slow", of.name)]);
    }
    all
}

/// Whether `service` can have this signal.
pub(super) fn exists(service: &Service, signal: &str) -> bool {
    if let Some((code, "per_minute")) = signal.strip_prefix("closes.").and_then(|rest| rest.split_once('.')) {
        return scalar::close_code(code).is_ok();
    }
    // A metric can be read for one revision: `metric.NAME@REVISION`.
    let whole = match signal.split_once('@') {
        Some((metric, revision)) if metric.starts_with("metric.") && !revision.is_empty() => metric,
        _ => signal,
    };
    of(service).iter().any(|known| known == whole)
}

/// Whether a signal comes from single measurements: one answer of a probe, of a scrape or of a query each. The others
/// look back over a time, every second anew.
pub(super) fn is_measured(signal: &str) -> bool {
    ["health.", "startup.", "metric.", "budget.", "burn.", "probe_run."]
        .iter()
        .any(|measured| signal.starts_with(measured))
}

/// Whether a signal counts alerts that run elsewhere: `alerts.firing`, `alerts.firing{NAME}`.
pub(super) fn is_of_alerts(signal: &str) -> bool {
    let rest = signal.strip_prefix("alerts.firing");
    rest.is_some_and(|rest| {
        rest.is_empty() || (rest.starts_with('{') && rest.ends_with('}') && rest.len() > 2)
    })
}

/// The panel that shows a signal.
pub(super) fn panel(signal: &str) -> PanelId {
    match signal.split('.').next() {
        Some("startup") => PanelId::Startup,
        Some("health") => PanelId::Health,
        Some("events" | "probe_run" | "envelopes") => PanelId::Events,
        Some("gates") => PanelId::Gates,
        Some("closes" | "connections") => PanelId::Closes,
        Some("logs") => PanelId::Logs,
        _ => PanelId::Metrics,
    }
}
