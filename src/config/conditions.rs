//! Criteria and triggers: the built-in ones, which `[conditions]` tunes or turns off, and `[[condition]]`s.
//!
//! Triggers come before criteria, and within each the built-in ones before the configured ones: that is their
//! weight where a list is cut.

mod built_in;

use std::collections::BTreeSet;
use std::time::Duration;

use built_in::{BuiltIn, CLEARS_AFTER};

use super::metrics::limit;
use super::problem::nearest;
use super::room::service_ix;
use super::section::Section;
use super::service::check_unique;
use super::signals;
use crate::domain::condition::{Comparator, OutOf, Purpose};
use crate::domain::room::{EnvRule, ErrorRateSpec, GateTrigger, GatesSpec, Service};
use crate::domain::{ConditionSpec, Limit, PanelId, ServiceIx, SignalKey};

/// The most measurements of which so many may have to be bad.
const LAST_MOST: u8 = 60;

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
