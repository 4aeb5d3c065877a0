//! Criteria and triggers: the built-in ones, which `[conditions]` tunes or turns off, and `[[condition]]`s.
//!
//! Triggers come before criteria, and within each the built-in ones before the configured ones: that is their
//! weight where a list is cut.

use std::collections::BTreeSet;
use std::time::Duration;

use super::metrics::limit;
use super::problem::nearest;
use super::room::service_ix;
use super::section::Section;
use super::service::check_unique;
use super::signals;
use crate::domain::condition::{Comparator, OutOf, Purpose};
use crate::domain::room::{EnvRule, ErrorRateSpec, GateTrigger, GatesSpec, Service};
use crate::domain::{ConditionSpec, Limit, PanelId, ServiceIx, SignalKey, time};

/// The most measurements of which so many may have to be bad.
const LAST_MOST: u8 = 60;

/// How long a condition must be good before one that failed is clear again, unless it says so itself.
const CLEARS_AFTER: Duration = Duration::from_secs(30);

/// Most conditions of one room.
const MOST: usize = 500;

/// How conditions are that are made of what documents and endpoints have.
pub(super) struct Tuned {
    /// How long the critical limit of a metric must be crossed; `None`: no condition is made of it.
    pub(super) metric_critical: Option<Duration>,
    /// How long anything must be good again.
    pub(super) clears_after: Duration,
    /// The trigger of services that count their requests.
    pub(super) error_rate: Option<ErrorRateSpec>,
    /// The trigger of required gates.
    pub(super) gate_failed: Option<GateTrigger>,
}

/// The conditions, and how further ones are.
pub(super) fn read(
    top: &Section<'_>,
    (services, names): (&[Service], &[&str]),
    alerted: bool,
    (require_env, gates): (&[EnvRule], &GatesSpec),
) -> (Vec<ConditionSpec>, Tuned) {
    let built_in = BuiltIn::read(&top.section("conditions"));
    let mut all: Vec<ConditionSpec> = Vec::new();
    for (ix, service) in (0_u16..).zip(services) {
        built_in.of(ServiceIx(ix), service, services.len() > 1, &mut all);
    }
    // What only documents have is added when these are read.
    let has_required = !services.is_empty() && gates.gates.iter().any(|gate| gate.required);
    all.extend(built_in.gate_failed.iter().filter(|_| has_required).map(GateTrigger::condition));
    for rule in require_env {
        all.extend(rule.services.iter().map(|ix| required(rule, *ix, services)));
    }
    let sections = top.sections("condition", MOST);
    let own: Vec<_> = sections.iter().map(|section| configured(section, services, names, alerted)).collect();
    // Twice the same built-in name comes from a service or probe that stands twice, which is told there.
    let made: BTreeSet<&str> = all.iter().map(|condition| condition.name.as_str()).collect();
    let made = made.into_iter().map(|name| (name, 0..0));
    let spanned = own.iter().zip(&sections).map(|(c, section)| (c.name.as_str(), section.span("name")));
    check_unique(top.problems, "condition", made.chain(spanned));
    all.extend(own);
    all.sort_by_key(|condition| condition.purpose == Purpose::Criterion);
    let BuiltIn { metric_critical, clears_after, error_rate, gate_failed, .. } = built_in;
    (all, Tuned { metric_critical, clears_after, error_rate, gate_failed })
}

/// The condition that a service has the variables it must have.
fn required(rule: &EnvRule, ix: ServiceIx, services: &[Service]) -> ConditionSpec {
    let service = services.get(usize::from(ix.0)).filter(|_| services.len() > 1);
    let prefix = service.map_or_else(String::new, |service| format!("{}: ", service.name));
    ConditionSpec {
        name: format!("{prefix}{}", rule.condition()),
        purpose: Purpose::Criterion,
        signal: SignalKey::new(ix, rule.signal()),
        fail: Limit { op: Comparator::Gt, value: 0.0 },
        warn: None,
        target: None,
        sustained: Duration::ZERO,
        clears_after: Duration::ZERO,
        out_of: None,
        min_samples: 0,
        unit: String::new(),
        panel: PanelId::Traffic,
    }
}

/// The built-in conditions as tuned; `None`: off.
struct BuiltIn {
    startup_failed: Option<Duration>,
    health_failing: Option<Duration>,
    events_not_flowing: Option<Duration>,
    active_run: Option<Duration>,
    isolation: Option<Duration>,
    closes_spike: Option<Duration>,
    metric_critical: Option<Duration>,
    delivery_slow: Option<Duration>,
    health_flapping: Option<f64>,
    startup_restarts: Option<f64>,
    runs_incomplete: Option<f64>,
    events_missing: Option<Duration>,
    gate_failed: Option<GateTrigger>,
    error_rate: Option<ErrorRateSpec>,
    clears_after: Duration,
}

impl BuiltIn {
    fn read(section: &Section<'_>) -> Self {
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
            gate_failed: sustained(section, "gate_failed", Duration::ZERO)
                .map(|sustained| GateTrigger { sustained, clears_after }),
            error_rate: count(section, "error_rate", 5).map(over),
            clears_after,
        }
    }

    /// Adds the conditions of one service. In a room of several services their names say which.
    fn of(&self, ix: ServiceIx, service: &Service, several: bool, all: &mut Vec<ConditionSpec>) {
        let over = |value| Limit { op: Comparator::Gt, value };
        let mut add = |purpose, panel, name: String, signal: String, fail, sustained: Option<Duration>| {
            let Some(sustained) = sustained else { return };
            all.push(ConditionSpec {
                name: if several { format!("{}: {name}", service.name) } else { name },
                purpose,
                signal: SignalKey::new(ix, signal),
                fail,
                warn: None,
                target: None,
                sustained,
                clears_after: self.clears_after,
                out_of: None,
                min_samples: 0,
                unit: String::new(),
                panel,
            });
        };
        let (trigger, criterion) = (Purpose::Trigger, Purpose::Criterion);
        if service.startup.is_some() {
            let name = "startup failed".to_owned();
            add(trigger, PanelId::Startup, name, "startup.failed".into(), over(0.0), self.startup_failed);
        }
        for probe in &service.probes {
            let (name, signal) =
                (format!("health {} failing", probe.name), format!("health.{}.failing", probe.name));
            add(trigger, PanelId::Health, name, signal, over(0.0), self.health_failing);
        }
        if service.events.is_some() {
            let less = Limit { op: Comparator::Lt, value: 1.0 };
            let name = "events not flowing".to_owned();
            add(trigger, PanelId::Events, name, "events.flowing".into(), less, self.events_not_flowing);
            let (name, most) = ("required events missing".to_owned(), self.runs_incomplete.unwrap_or(1.0));
            add(trigger, PanelId::Events, name, "events.incomplete".into(), over(most), self.events_missing);
        }
        if let Some(active) = service.events.as_ref().and_then(|events| events.active.as_ref()) {
            // Where nothing tells own events from those of others nothing is compared.
            if active.me.is_some() || active.alone {
                let (name, signal) = ("isolation violated".to_owned(), "probe_run.foreign".to_owned());
                add(trigger, PanelId::Events, name, signal, over(0.0), self.isolation);
            }
            let less = Limit { op: Comparator::Lt, value: 1.0 };
            let (name, signal) = ("active run".to_owned(), "probe_run.ok".to_owned());
            add(criterion, PanelId::Events, name, signal, less, self.active_run);
        }
        if service.events.is_some() || service.scraped().is_some() {
            let name = "close codes spike".to_owned();
            add(criterion, PanelId::Closes, name, "closes.spiking".into(), over(0.0), self.closes_spike);
        }
        if let (Some(_), Some(most)) = (&service.events, self.runs_incomplete) {
            let (name, signal) = ("runs incomplete".to_owned(), "events.incomplete".to_owned());
            add(criterion, PanelId::Events, name, signal, over(most), Some(Duration::ZERO));
        }
        self.again_and_again(ix, service, several, all);
        self.delivery(ix, service, several, all);
        self.metrics(ix, service, all);
    }

    /// What is good for a moment, every moment: no stopwatch ever reaches its end on it.
    fn again_and_again(&self, ix: ServiceIx, service: &Service, several: bool, all: &mut Vec<ConditionSpec>) {
        let mut add = |panel, name: String, signal: String, most: f64| {
            all.push(ConditionSpec {
                name: if several { format!("{}: {name}", service.name) } else { name },
                purpose: Purpose::Criterion,
                signal: SignalKey::new(ix, signal),
                fail: Limit { op: Comparator::Gt, value: most },
                warn: (most >= 1.0).then_some(Limit { op: Comparator::Gt, value: most - 1.0 }),
                target: None,
                sustained: Duration::ZERO,
                clears_after: self.clears_after,
                out_of: None,
                min_samples: 0,
                unit: "×".to_owned(),
                panel,
            });
        };
        if let (Some(_), Some(most)) = (&service.startup, self.startup_restarts) {
            add(PanelId::Startup, "restarts".to_owned(), "startup.restarts".to_owned(), most);
        }
        for probe in &service.probes {
            let Some(most) = self.health_flapping else { break };
            let signal = format!("health.{}.falls", probe.name);
            add(PanelId::Health, format!("health {} flapping", probe.name), signal, most);
        }
    }

    /// Delivery warns at its limit and fails at twice that: late events are a nuisance before they are a reason.
    fn delivery(&self, ix: ServiceIx, service: &Service, several: bool, all: &mut Vec<ConditionSpec>) {
        let (Some(events), Some(sustained)) = (&service.events, self.delivery_slow) else { return };
        let limit = events.delivery_limit.as_secs_f64() * 1000.0;
        let name = "events delivered late";
        all.push(ConditionSpec {
            name: if several { format!("{}: {name}", service.name) } else { name.to_owned() },
            purpose: Purpose::Criterion,
            signal: SignalKey::new(ix, "events.delivery_p95"),
            fail: Limit { op: Comparator::Gt, value: limit * 2.0 },
            warn: Some(Limit { op: Comparator::Gt, value: limit }),
            target: None,
            sustained,
            clears_after: self.clears_after,
            out_of: None,
            min_samples: 20,
            unit: "ms".to_owned(),
            panel: PanelId::Events,
        });
    }

    /// Each metric with a critical limit. Metric names are unique in the room, so no service stands before them.
    fn metrics(&self, ix: ServiceIx, service: &Service, all: &mut Vec<ConditionSpec>) {
        let Some(sustained) = self.metric_critical else { return };
        let panels = service.metrics.iter().flat_map(|metrics| &metrics.panels);
        all.extend(panels.filter_map(|metric| {
            Some(ConditionSpec {
                name: metric.name.clone(),
                purpose: Purpose::Criterion,
                signal: SignalKey::new(ix, metric.signal()),
                fail: metric.critical?,
                warn: metric.warning,
                target: metric.target,
                sustained,
                clears_after: self.clears_after,
                out_of: None,
                min_samples: 0,
                unit: metric.unit.clone(),
                panel: PanelId::Metrics,
            })
        }));
    }
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

/// `alerted`: somebody tells of alerts that run elsewhere.
fn configured(section: &Section<'_>, services: &[Service], names: &[&str], alerted: bool) -> ConditionSpec {
    let name = section.required("name", "write name = \"errors > 5 %\"");
    let purpose = match section.word("purpose", "criterion", &["criterion", "trigger"]) {
        "trigger" => Purpose::Trigger,
        _ => Purpose::Criterion,
    };
    let service = service_ix(section, names);
    let signal = section.required("signal", "docs/configuration.md lists the signals");
    if let Some(of) = services.get(usize::from(service.0)) {
        if signals::is_of_alerts(&signal) {
            if !alerted {
                let what = format!("`{}` is \"{signal}\"", section.dotted("signal"));
                let why = "nobody tells of alerts that run elsewhere";
                section.wrong("signal", &what, why, "add [prometheus] or [alertmanager]");
            }
        } else {
            check_signal(section, of, &signal);
        }
    }
    let mut unit = section.text("unit");
    let fail = limit(section, "fail", &mut unit);
    if !section.has("fail") {
        let what = format!("`{}` is missing", section.dotted("fail"));
        section.wrong("fail", &what, "a condition says when it is bad", "write fail = \"> 5\"");
    }
    let warn = limit(section, "warn", &mut unit);
    let target = limit(section, "target", &mut unit);
    if let (Some(target), Some(fail)) = (target, fail)
        && overlap(target, fail)
    {
        let what = format!("`{}` is \"{target}\" and `fail` \"{fail}\"", section.dotted("target"));
        let why = "some numbers would be good and bad at once";
        section.wrong("target", &what, why, "the target says what is good: target = \"< 1\", fail = \"> 5\"");
    }
    let out_of = out_of(section, &signal);
    ConditionSpec {
        panel: signals::panel(&signal),
        signal: SignalKey::new(service, signal),
        name,
        purpose,
        fail: fail.unwrap_or(Limit { op: Comparator::Gt, value: 0.0 }),
        warn,
        target,
        sustained: section.duration_from("for", Duration::ZERO, Duration::ZERO),
        clears_after: section.duration_from("clears_after", CLEARS_AFTER, Duration::ZERO),
        out_of,
        min_samples: section.whole("min_samples", 0, 0..=1_000_000_000),
        unit: unit.unwrap_or_default(),
    }
}

/// Whether a number may be good by `target` and bad by `fail`.
fn overlap(target: Limit, fail: Limit) -> bool {
    use Comparator::{Eq, Ge, Gt, Le, Lt, Ne};
    match (target.op, fail.op) {
        (Lt | Le, Lt | Le) | (Gt | Ge, Gt | Ge) => true,
        (Lt | Le, Gt | Ge) => target.value > fail.value,
        (Gt | Ge, Lt | Le) => target.value < fail.value,
        (Eq, _) => fail.holds(target.value),
        (_, Eq) => target.holds(fail.value),
        (Ne, _) | (_, Ne) => false,
    }
}

/// `3 of 5`: so many of the last measurements, of a signal that has such.
fn out_of(section: &Section<'_>, signal: &str) -> Option<OutOf> {
    let text = section.text("out_of")?;
    if !signals::is_measured(signal) {
        let what = format!("`{}` is set for \"{signal}\"", section.dotted("out_of"));
        let why = "that signal is counted on every second, so one bad moment would count many times";
        section.wrong("out_of", &what, why, "remove it and write how long it must hold: for = \"30s\"");
    }
    let number = |text: &str| text.trim().parse::<u8>().ok();
    let rule = text.split_once("of").and_then(|(bad, last)| {
        let (bad, last) = (number(bad)?, number(last)?);
        (1 <= bad && bad <= last && last <= LAST_MOST).then_some(OutOf { bad, last })
    });
    if rule.is_none() {
        let what = format!("`{}` is \"{text}\"", section.dotted("out_of"));
        let why = format!("it is so many bad ones of so many measurements, at most {LAST_MOST}");
        section.wrong("out_of", &what, &why, "write out_of = \"3 of 5\"");
    }
    rule
}

fn check_signal(section: &Section<'_>, service: &Service, signal: &str) {
    if signal.is_empty() || signals::exists(service, signal) {
        return;
    }
    let known = signals::of(service);
    let what = format!("`{}` is \"{signal}\"", section.dotted("signal"));
    let why = format!("service {} has no such signal", service.name);
    let next = nearest(signal, known.iter().map(String::as_str)).map_or_else(
        || "docs/configuration.md lists the signals".to_owned(),
        |name| format!("did you mean `{name}`?"),
    );
    section.wrong("signal", &what, &why, &next);
}
