//! Limits of documents as a config writes them: when a number is bad, in the unit of its signal.

use crate::domain::plan::{Bound, Comparator, Stated, Threshold};

use super::Known;

/// What is bad, as `fail` of a condition or `critical` of a metric.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bad {
    /// When it is bad: sign and number.
    pub(super) fail: String,
    /// When it warns.
    pub(super) warn: Option<String>,
    /// When it is good, as the document says it.
    pub(super) target: Option<String>,
    /// Unit of all of them.
    pub(super) unit: String,
    /// For how long it must be bad.
    pub(super) sustained: Option<u64>,
}

/// A signal that a threshold speaks of.
pub(super) struct Signal {
    pub(super) name: String,
    unit: &'static str,
}

/// In which unit a query answers, as far as its names tell: a limit in another would never be crossed, or always. Empty: a
/// plain number; `None`: nothing tells.
pub(super) fn unit_of(query: &str) -> Option<&'static str> {
    let lower = query.to_lowercase();
    let counted = lower.starts_with("count") || lower.contains("_count");
    if lower.contains("_seconds") && !counted && !lower.contains(" / ") {
        return Some("s");
    }
    if lower.contains("_milliseconds") || lower.contains("_ms") {
        return Some("ms");
    }
    match (lower.contains('/'), lower.contains("100 *") || lower.contains("* 100")) {
        (true, true) => Some("%"),
        (true, false) => Some("of 1"),
        (false, _) => None,
    }
}

/// The limits of a threshold in `unit` (empty: in their own); `None`: none of it can be compared with a number.
pub(super) fn bad(threshold: &Threshold, unit: &str) -> Option<Bad> {
    let bound =
        |stated: &Option<Stated>| stated.as_ref().and_then(|stated| stated.bound.clone()).filter(is_absolute);
    let (target, warning) = (bound(&threshold.target), bound(&threshold.warning));
    let critical = bound(&threshold.critical);
    let worst = critical.clone().or_else(|| target.as_ref().and_then(opposite))?;
    let unit = if unit.is_empty() { worst.unit.clone() } else { unit.to_owned() };
    let written = |bound: &Bound| Some(format!("{} {}", sign(bound)?, converted(bound, &unit)?));
    // "95 % for 30 minutes" is when it is good: how long it must be bad is not said.
    let sustained = critical.and_then(|critical| critical.for_seconds);
    let warn = warning.as_ref().and_then(written);
    Some(Bad { fail: written(&worst)?, warn, target: target.as_ref().and_then(written), unit, sustained })
}

/// A number that stands for itself, whenever it is looked at.
fn is_absolute(bound: &Bound) -> bool {
    bound.baseline.is_none() && bound.within_ms.is_none() && bound.after_seconds.is_none()
}

/// What is bad where `bound` says what is good.
fn opposite(bound: &Bound) -> Option<Bound> {
    let comparator = match bound.comparator {
        Comparator::Below => Comparator::AtLeast,
        Comparator::AtMost => Comparator::Above,
        Comparator::Above => Comparator::AtMost,
        Comparator::AtLeast => Comparator::Below,
        // "Zero" is none allowed; "about" is no limit.
        Comparator::Equal if bound.value == 0.0 => Comparator::Above,
        Comparator::Equal | Comparator::About => return None,
    };
    Some(Bound { comparator, ..bound.clone() })
}

fn sign(bound: &Bound) -> Option<&'static str> {
    match bound.comparator {
        Comparator::About => None,
        comparator => Some(comparator.into()),
    }
}

/// The number in `unit`; `None`: it is of another kind.
fn converted(bound: &Bound, unit: &str) -> Option<f64> {
    const TIMES: [(&str, f64); 5] = [("ms", 1.0), ("s", 1e3), ("min", 60e3), ("h", 3_600e3), ("d", 86_400e3)];
    if bound.unit == "%" && unit == "of 1" {
        return Some(bound.value / 100.0);
    }
    if bound.unit == unit || (bound.unit.is_empty() && bound.value == 0.0) {
        return Some(bound.value);
    }
    let of = |unit: &str| TIMES.iter().find(|(name, _)| *name == unit).map(|(_, ms)| ms);
    Some(bound.value * of(&bound.unit)? / of(unit)?)
}

/// The room's own signal that the words of a threshold name, if this config has it.
pub(super) fn signal(threshold: &Threshold, known: &Known<'_>) -> Option<Signal> {
    let lower = format!("{} {}", threshold.name, threshold.description).to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let of = |name: &str, unit| Some(Signal { name: name.to_owned(), unit });
    let median = has(&["p50", "median"]);
    let of_connections = has(&["connection"]) && !has(&["database", "pool", "db "]);
    if of_connections && known.counts_connections() && has(&["duration", "length", "lifetime"]) {
        return of(if median { "connections.p50" } else { "connections.p95" }, "s");
    }
    if of_connections && known.counts_connections() && has(&["success"]) {
        return of("connections.success", "%");
    }
    if known.events.is_some() && has(&["event"]) && has(&["latency", "delivery"]) {
        return of(if median { "events.delivery_p50" } else { "events.delivery_p95" }, "ms");
    }
    let (probe, _) = known.probes.first()?;
    if has(&["health"]) && has(&["response time", "latency", "responds", "respond in"]) {
        return of(&format!("health.{probe}.latency_p95"), "ms");
    }
    let phases = known.documents.iter().any(|document| !document.plan.phases.is_empty());
    let startup = phases && has(&["startup", "start-up"]) && has(&["complete", "time", "duration", "finish"]);
    // "Response time during startup" is not how long it takes.
    if startup && !has(&["response", "latency"]) { of("startup.seconds", "s") } else { None }
}

impl Signal {
    /// The limits of `threshold` in the signal's unit.
    pub(super) fn bad(&self, threshold: &Threshold) -> Option<Bad> {
        bad(threshold, self.unit)
    }
}

/// How long health may fail before it asks for a rollback, where a document says so: for the built-in trigger.
pub(super) fn health_failing(threshold: &Threshold) -> Option<u64> {
    let lower = threshold.name.to_lowercase();
    let bound = threshold.critical.as_ref()?.bound.as_ref().filter(|bound| is_absolute(bound))?;
    let seconds = converted(bound, "s").filter(|seconds| *seconds >= 1.0 && *seconds < 1e6)?;
    (lower.contains("health") && lower.contains("fail") && !bound.unit.is_empty()).then_some(seconds as u64)
}
