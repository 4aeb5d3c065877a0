//! The built-in conditions, made for every service.

use std::time::Duration;

use crate::config::section::Section;
use crate::domain::condition::{Comparator, Purpose};
use crate::domain::room::{ErrorRateSpec, EventsSpec, GateTrigger, Service};
use crate::domain::{ConditionSpec, Limit, PanelId, ServiceIx, SignalKey, time};

/// How long a condition must be good before one that failed is clear again, unless it says so itself.
pub(super) const CLEARS_AFTER: Duration = Duration::from_secs(30);

/// They as tuned; `None`: off.
pub(super) struct BuiltIn {
    startup_failed: Option<Duration>,
    health_failing: Option<Duration>,
    events_not_flowing: Option<Duration>,
    active_run: Option<Duration>,
    isolation: Option<Duration>,
    closes_spike: Option<Duration>,
    pub(super) metric_critical: Option<Duration>,
    delivery_slow: Option<Duration>,
    health_flapping: Option<f64>,
    startup_restarts: Option<f64>,
    runs_incomplete: Option<f64>,
    events_missing: Option<Duration>,
    events_lost: Option<f64>,
    events_repeated: Option<f64>,
    events_invalid: Option<f64>,
    pub(super) gate_failed: Option<GateTrigger>,
    pub(super) error_rate: Option<ErrorRateSpec>,
    pub(super) clears_after: Duration,
}

/// The service that they are made for. In a room of several their names say which.
#[derive(Clone, Copy)]
struct Of<'a> {
    ix: ServiceIx,
    service: &'a Service,
    several: bool,
}

impl BuiltIn {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let clears_after = section.duration_from("clears_after", CLEARS_AFTER, Duration::ZERO);
        let over_for = section.duration_from("error_rate_for", Duration::from_mins(5), Duration::ZERO);
        let over = |percent| ErrorRateSpec { percent, sustained: over_for, clears_after };
        Self {
            startup_failed: sustained(section, "startup_failed", Duration::ZERO),
            health_failing: sustained(section, "health_failing", Duration::from_mins(5)),
            events_not_flowing: sustained(section, "events_not_flowing", Duration::from_mins(1)),
            active_run: sustained(section, "active_run", Duration::ZERO),
            isolation: sustained(section, "isolation", Duration::ZERO),
            closes_spike: sustained(section, "closes_spike", Duration::from_secs(30)),
            metric_critical: sustained(section, "metric_critical", Duration::ZERO),
            delivery_slow: sustained(section, "delivery_slow", Duration::from_secs(30)),
            health_flapping: count(section, "health_flapping", 2),
            startup_restarts: count(section, "startup_restarts", 1),
            runs_incomplete: count(section, "runs_incomplete", 1),
            events_missing: sustained(section, "events_missing", Duration::from_mins(2)),
            events_lost: count(section, "events_lost", 10),
            events_repeated: count(section, "events_repeated", 10),
            events_invalid: count(section, "events_invalid", 10),
            gate_failed: sustained(section, "gate_failed", Duration::ZERO)
                .map(|sustained| GateTrigger { sustained, clears_after }),
            error_rate: count(section, "error_rate", 5).map(over),
            clears_after,
        }
    }

    /// Adds the conditions of one service.
    pub(super) fn of(&self, ix: ServiceIx, service: &Service, several: bool, all: &mut Vec<ConditionSpec>) {
        let of = Of { ix, service, several };
        if service.startup.is_some() {
            let made = self.trigger(of, PanelId::Startup, ("startup failed", "startup.failed"), over(0.0));
            push(all, made, self.startup_failed);
        }
        for probe in &service.probes {
            let (name, signal) =
                (format!("health {} failing", probe.name), format!("health.{}.failing", probe.name));
            push(all, self.trigger(of, PanelId::Health, (&name, &signal), over(0.0)), self.health_failing);
        }
        if let Some(events) = &service.events {
            self.flow(of, events, all);
        }
        if service.events.is_some() || service.scraped().is_some() {
            let (panel, names) = (PanelId::Closes, ("close codes spike", "closes.spiking"));
            push(all, self.criterion(of, panel, names, over(0.0)), self.closes_spike);
        }
        if service.events.is_some() {
            self.faults(of, all);
        }
        self.again_and_again(of, all);
        if let Some(events) = &service.events {
            self.delivery(of, events, all);
        }
        self.metrics(of, all);
    }

    fn spec(
        &self,
        of: Of<'_>,
        purpose: Purpose,
        panel: PanelId,
        (name, signal): (&str, &str),
        fail: Limit,
    ) -> ConditionSpec {
        ConditionSpec {
            name: if of.several { format!("{}: {name}", of.service.name) } else { name.to_owned() },
            purpose,
            signal: SignalKey::new(of.ix, signal),
            fail,
            warn: None,
            target: None,
            sustained: Duration::ZERO,
            clears_after: self.clears_after,
            out_of: None,
            min_samples: 0,
            unit: String::new(),
            panel,
        }
    }

    fn trigger(&self, of: Of<'_>, panel: PanelId, names: (&str, &str), fail: Limit) -> ConditionSpec {
        self.spec(of, Purpose::Trigger, panel, names, fail)
    }

    fn criterion(&self, of: Of<'_>, panel: PanelId, names: (&str, &str), fail: Limit) -> ConditionSpec {
        self.spec(of, Purpose::Criterion, panel, names, fail)
    }

    fn flow(&self, of: Of<'_>, events: &EventsSpec, all: &mut Vec<ConditionSpec>) {
        let (panel, less) = (PanelId::Events, Limit { op: Comparator::Lt, value: 1.0 });
        let made = self.trigger(of, panel, ("events not flowing", "events.flowing"), less);
        push(all, made, self.events_not_flowing);
        let (names, most) =
            (("required events missing", "events.incomplete"), self.runs_incomplete.unwrap_or(1.0));
        push(all, self.trigger(of, panel, names, over(most)), self.events_missing);
        if let Some(active) = &events.active {
            // Where nothing tells own events from those of others nothing is compared.
            if active.me.is_some() || active.alone {
                let names = ("isolation violated", "probe_run.foreign");
                push(all, self.trigger(of, panel, names, over(0.0)), self.isolation);
            }
            push(all, self.criterion(of, panel, ("active run", "probe_run.ok"), less), self.active_run);
        }
    }

    fn faults(&self, of: Of<'_>, all: &mut Vec<ConditionSpec>) {
        let panel = PanelId::Events;
        if let Some(most) = self.runs_incomplete {
            all.push(self.criterion(of, panel, ("runs incomplete", "events.incomplete"), over(most)));
        }
        // One is a fact to know of, many are a stream that cannot be relied on.
        let counted = [
            ("events lost", "events.lost", self.events_lost),
            ("events repeated", "events.duplicates", self.events_repeated),
            ("events invalid", "events.invalid", self.events_invalid),
        ];
        for (name, signal, most) in counted {
            let Some(most) = most else { continue };
            let warn = (most > 0.0).then_some(over(0.0));
            let made = self.criterion(of, panel, (name, signal), over(most));
            all.push(ConditionSpec { warn, unit: "/min".to_owned(), ..made });
        }
    }

    /// What is good for a moment, every moment: no stopwatch ever reaches its end on it.
    fn again_and_again(&self, of: Of<'_>, all: &mut Vec<ConditionSpec>) {
        let mut add = |panel, names: (&str, &str), most: f64| {
            all.push(ConditionSpec {
                warn: (most >= 1.0).then_some(over(most - 1.0)),
                unit: "×".to_owned(),
                ..self.criterion(of, panel, names, over(most))
            });
        };
        if let (Some(_), Some(most)) = (&of.service.startup, self.startup_restarts) {
            add(PanelId::Startup, ("restarts", "startup.restarts"), most);
        }
        for probe in &of.service.probes {
            let Some(most) = self.health_flapping else { break };
            let (name, signal) =
                (format!("health {} flapping", probe.name), format!("health.{}.falls", probe.name));
            add(PanelId::Health, (&name, &signal), most);
        }
    }

    /// Delivery warns at its limit and fails at twice that: late events are a nuisance before they are a reason.
    fn delivery(&self, of: Of<'_>, events: &EventsSpec, all: &mut Vec<ConditionSpec>) {
        let limit = events.delivery_limit.as_secs_f64() * 1000.0;
        let names = ("events delivered late", "events.delivery_p95");
        let made = ConditionSpec {
            warn: Some(over(limit)),
            min_samples: 20,
            unit: "ms".to_owned(),
            ..self.criterion(of, PanelId::Events, names, over(limit * 2.0))
        };
        push(all, made, self.delivery_slow);
    }

    /// Each metric with a critical limit. Metric names are unique in the room, so no service stands before them.
    fn metrics(&self, of: Of<'_>, all: &mut Vec<ConditionSpec>) {
        let panels = of.service.metrics.iter().flat_map(|metrics| &metrics.panels);
        for (metric, critical) in panels.filter_map(|metric| Some((metric, metric.critical?))) {
            let of = Of { several: false, ..of };
            let made = ConditionSpec {
                warn: metric.warning,
                target: metric.target,
                unit: metric.unit.clone(),
                ..self.criterion(of, PanelId::Metrics, (&metric.name, &metric.signal()), critical)
            };
            push(all, made, self.metric_critical);
        }
    }
}

fn over(value: f64) -> Limit {
    Limit { op: Comparator::Gt, value }
}

/// Adds a condition that must hold for so long; `None`: it is off.
fn push(all: &mut Vec<ConditionSpec>, made: ConditionSpec, sustained: Option<Duration>) {
    all.extend(sustained.map(|sustained| ConditionSpec { sustained, ..made }));
}

/// How many at most, or `None` for "off".
fn count(section: &Section<'_>, key: &'static str, default: u32) -> Option<f64> {
    let Some(text) = section.text(key) else { return Some(f64::from(default)) };
    if text == "off" {
        return None;
    }
    let number = text.parse().ok().filter(|count: &f64| count.is_finite() && *count >= 0.0);
    Some(number.unwrap_or_else(|| {
        let what = format!("`{}` is \"{text}\"", section.dotted(key));
        let next = format!("write \"{default}\"");
        section.wrong(key, &what, "it is a number in quotes, or \"off\"", &next);
        f64::from(default)
    }))
}

/// How long, or `None` for "off".
fn sustained(section: &Section<'_>, key: &'static str, default: Duration) -> Option<Duration> {
    let Some(text) = section.text(key) else { return Some(default) };
    if text == "off" {
        return None;
    }
    Some(time::duration(&text).unwrap_or_else(|why| {
        let what = format!("`{}` is \"{text}\"", section.dotted(key));
        section.wrong(key, &what, why, "or write \"off\"");
        default
    }))
}
