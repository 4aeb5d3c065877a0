//! Which signals a service has, by its configuration: to tell a wrong name before the rollout, not during it.

use super::scalar;
use crate::domain::PanelId;
use crate::domain::room::Service;

/// Signals of a service with startup phases.
pub const STARTUP: [&str; 3] = ["startup.complete", "startup.failed", "startup.seconds"];

/// Signals of each probe, as `health.NAME.…`.
pub const HEALTH: [&str; 6] = ["failing", "latency", "latency_p50", "latency_p95", "ok", "transitions"];

/// Signals of an event stream.
pub const EVENTS: [&str; 10] = [
    "events.delivery_p50",
    "events.delivery_p95",
    "events.duplicates",
    "events.flowing",
    "events.incomplete",
    "events.invalid",
    "events.missing",
    "events.out_of_order",
    "events.pairing",
    "events.per_second",
];

/// Signals of close codes; `closes.CODE.…` for any code comes on top.
pub const CLOSES: [&str; 1] = ["closes.spiking"];

/// Signals of each close code, as `closes.CODE.…`.
pub const CLOSE_CODE: [&str; 2] = ["per_minute", "count"];

/// All signals of `service` that can be listed; close codes only the ones shown.
pub(super) fn of(service: &Service) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    if service.startup.is_some() {
        all.extend(STARTUP.map(str::to_owned));
    }
    for probe in &service.probes {
        all.extend(HEALTH.map(|signal| format!("health.{}.{signal}", probe.name)));
    }
    if service.events.is_some() {
        all.extend(EVENTS.map(str::to_owned));
    }
    all.extend(CLOSES.map(str::to_owned));
    for code in service.closes.show.iter().chain(service.closes.names.keys()) {
        all.extend(CLOSE_CODE.map(|signal| format!("closes.{code}.{signal}")));
    }
    let panels = service.metrics.iter().flat_map(|metrics| &metrics.panels);
    all.extend(panels.map(|panel| format!("metric.{}", panel.name)));
    all
}

/// Whether `service` can have this signal.
pub(super) fn exists(service: &Service, signal: &str) -> bool {
    if let Some((code, what)) = signal.strip_prefix("closes.").and_then(|rest| rest.split_once('.')) {
        return scalar::close_code(code).is_ok() && CLOSE_CODE.contains(&what);
    }
    of(service).iter().any(|known| known == signal)
}

/// The panel that shows a signal.
pub(super) fn panel(signal: &str) -> PanelId {
    match signal.split('.').next() {
        Some("startup") => PanelId::Startup,
        Some("health") => PanelId::Health,
        Some("events") => PanelId::Events,
        Some("closes") => PanelId::Closes,
        _ => PanelId::Metrics,
    }
}
