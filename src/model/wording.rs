//! What a condition says as a reason: in the words of the panel behind it, which knows more than one number.
//!
//! `close codes spike 2, limit 0` becomes `closes 4401 unauthorized (app)  12.4/min, limit 5  canary only: 100 % of
//! them on 00418-ral`. What is not known is left out; nothing here judges.

use crate::domain::event::story::Mark;
use crate::domain::health::{ProbeOutcome, ProbeState};
use crate::domain::revision::suffix;
use crate::domain::room::GateTrigger;
use crate::domain::{Clean, Condition, ConditionSpec, ConditionState, Origin, ServiceIx, format};

use super::Model;
use super::conditions::{
    against_limit, flag_words, is_flag, limit_text, so_far, stopwatch, unclear, value_text,
};
use super::health::Probe;
use super::metrics::Metric;
use super::service::ServiceState;
use super::traffic::Role;

/// A condition in words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// What it is about, where that is more than its name.
    pub subject: Option<String>,
    /// Value against limit.
    pub value: String,
    /// What else helps, most helpful first.
    pub about: Vec<String>,
}

/// How the newest active run went, or whose events came over its connection.
fn tell_active(service: &ServiceState, spec: &ConditionSpec) -> Option<Told> {
    let active = service.active.as_ref()?;
    let (foreign, whose) = active.foreign();
    let value = match whose {
        _ if spec.signal.name == "probe_run.ok" => active.newest()?.words(),
        Some(whose) => format!("{foreign} event{} of {whose}", if foreign == 1 { "" } else { "s" }),
        None => "none of others".to_owned(),
    };
    Some(Told { value, ..Told::default() })
}

/// How the built-in condition on a probe that falls again and again is called, after the probe.
const FLAPS: &str = " flapping";

/// Name of the built-in condition on spikes.
const SPIKE: &str = "close codes spike";

impl Model {
    /// A condition in the words of its panel.
    pub fn tell(&self, spec: &ConditionSpec, state: &Condition) -> Told {
        if let Some(said) = state.said_last() {
            return Told::from(said);
        }
        let service = self.service(spec.signal.service);
        let told = service.and_then(|service| match spec.signal.name.as_str() {
            "closes.spiking" => self.tell_spike(service, spec),
            "events.flowing" => self.tell_silence(service, spec, state),
            "events.incomplete" => self.tell_incomplete(service, spec, state),
            GateTrigger::SIGNAL if state.value.is_some_and(|value| value > 0.0) => self.tell_failed_gate(),
            "probe_run.ok" | "probe_run.foreign" => tell_active(service, spec),
            "startup.failed" | "startup.stalled" => tell_startup(service),
            name => match name.split_once('.') {
                Some(("health", rest)) => {
                    let mut told = tell_probe(service, rest, spec, state)?;
                    let origin =
                        told.subject.as_ref().and_then(|_| self.tell_origin(service.ix, &state.origin));
                    told.about.extend(origin);
                    let probe = rest.rsplit_once('.').map_or(rest, |(name, _)| name);
                    told.about.extend(self.beside_ready(service, probe));
                    Some(told)
                }
                Some(("env", _)) => self.tell_environment(spec, state),
                Some(("metric", rest)) => tell_metric(service, rest, spec, state),
                Some(("closes", rest)) => {
                    let code = rest.strip_suffix(".per_minute")?.parse().ok()?;
                    Some(Told {
                        value: against_limit(spec, state),
                        about: self.whose(service, code).into_iter().collect(),
                        ..Told::default()
                    })
                }
                _ => None,
            },
        });
        let mut told = told.unwrap_or_else(|| {
            let value = if is_flag(spec) { flag_words(spec, state) } else { against_limit(spec, state) };
            Told { value, ..Told::default() }
        });
        let early = state.state == ConditionState::Inconclusive && state.too_early.is_some();
        let warns = matches!(state.state, ConditionState::Warn | ConditionState::Inconclusive);
        if early || (state.is_short() && warns && !state.is_running()) {
            let words = unclear(spec, state);
            if !told.about.contains(&words) {
                told.about.push(words);
            }
        }
        told
    }

    /// The short name of a revision of `ix`: `00418-ral`.
    pub fn short_revision<'a>(&self, ix: ServiceIx, name: &'a str) -> &'a str {
        let cloud = self.room.service(ix).and_then(|service| service.cloud_run.as_ref());
        cloud.map_or(name, |cloud| suffix(&cloud.service, name))
    }

    /// Which code spikes, at which rate, and on whom.
    fn tell_spike(&self, service: &ServiceState, spec: &ConditionSpec) -> Option<Told> {
        let spiking = service.closes.spiking(self.now.mono);
        let worst = spiking.first()?;
        let rate = worst.rate_text();
        let limit = worst.limit_text();
        let mut about: Vec<String> = self.whose(service, worst.code).into_iter().collect();
        about.extend(worst.times());
        about.extend(when(service));
        let also = spiking.iter().skip(1).map(|row| format!("also {} {}", row.code, row.rate_text()));
        about.extend(also);
        let told = match spec.name.strip_suffix(SPIKE) {
            Some(whose) => Told {
                subject: Some(format!("{whose}closes {} {}", worst.code, worst.name)),
                value: format!("{rate}{limit}"),
                about,
            },
            None => Told { subject: None, value: format!("{} {rate}{limit}", worst.code), about },
        };
        Some(told)
    }

    /// `canary only: 100 % of them on 00418-ral`, where the counts tell revisions apart.
    fn whose(&self, service: &ServiceState, code: u16) -> Option<String> {
        let (name, percent) = self.mostly_on(service, code)?;
        let of =
            format!("{} of them on {}", format::percent(percent), self.short_revision(service.ix, &name));
        let of = of.replacen("100.00 %", "100 %", 1);
        let row = service.traffic.as_ref()?.rows().into_iter().find(|row| row.name == &*name);
        let role = row.map(|row| row.role).filter(|role| matches!(role, Role::Canary | Role::Stable));
        let only = role.filter(|_| percent >= 99.5);
        Some(only.map_or(of.clone(), |role| format!("{role} only: {of}")))
    }

    /// Whether a condition speaks of this revision: its reading comes from it, or most of the closes that it is on.
    pub fn points_at(&self, spec: &ConditionSpec, state: &Condition, revision: &str) -> bool {
        if matches!(&state.origin, Origin::Revision(name) if name == revision) {
            return true;
        }
        let Some(service) = self.service(spec.signal.service) else { return false };
        let Some(("closes", rest)) = spec.signal.name.split_once('.') else { return false };
        let mostly = |code| self.mostly_on(service, code).is_some_and(|(name, _)| *name == *revision);
        if rest == "spiking" {
            return service.closes.spiking(self.now.mono).iter().any(|row| mostly(row.code));
        }
        rest.strip_suffix(".per_minute").and_then(|code| code.parse().ok()).is_some_and(mostly)
    }

    /// The revision that half or more of the closes with `code` are of, and its share in percent.
    pub(super) fn mostly_on(&self, service: &ServiceState, code: u16) -> Option<(Clean, f64)> {
        let (name, percent) = service.closes.by_revision(code, self.now.mono).into_iter().next()?;
        let traffic = service.traffic.as_ref()?.traffic.as_ref()?;
        let known = traffic.revisions.iter().any(|revision| revision.name == *name);
        (known && percent >= 50.0).then_some((name, percent))
    }

    fn tell_silence(&self, service: &ServiceState, spec: &ConditionSpec, state: &Condition) -> Option<Told> {
        let events = service.events.as_ref()?;
        let last = events.last_event()?;
        if state.value.is_some_and(|flowing| flowing > 0.5) {
            return Some(Told { value: "flowing again".to_owned(), ..Told::default() });
        }
        let value = format!("silent {}", format::age_seconds(self.now.mono.since(last)));
        let about = if spec.sustained.is_zero() { Vec::new() } else { vec![stopwatch(spec, state)] };
        Some(Told { subject: None, value, about })
    }

    /// How many runs, what is missing in most of them, and on whom.
    fn tell_incomplete(
        &self,
        service: &ServiceState,
        spec: &ConditionSpec,
        state: &Condition,
    ) -> Option<Told> {
        let events = service.events.as_ref()?;
        let types = &events.spec()?.types;
        let n = state.value?.round().max(0.0) as u64;
        let (counted, unit) = match so_far(state) {
            Some(watched) => (watched.count_text(state.value?), "/min"),
            None => (format!("{}/min", format::count(n)), ""),
        };
        let value = format!("{counted}, limit {}{unit}", limit_text(spec));
        let missing =
            types.iter().enumerate().map(|(at, name)| (events.type_missing(at, self.now.mono), name));
        let mut about = Vec::new();
        let recent: Vec<&str> = events
            .incomplete()
            .filter(|run| run.steps.is_empty() || run.steps.iter().any(|step| step.mark == Mark::Missing))
            .take(20)
            .map(|run| &*run.revision)
            .collect();
        if let Some(first) = recent.first().filter(|first| !first.is_empty())
            && recent.iter().all(|revision| revision == first)
        {
            about.push(format!("all on {}", self.short_revision(service.ix, first)));
        }
        if let Some((count, name)) = missing.max_by_key(|(count, _)| *count).filter(|(count, _)| *count > 0) {
            about.push(format!("{} {name} missing in 5 min", format::count(count)));
        }
        Some(Told { subject: None, value, about })
    }

    /// Where a reading comes from, in words; nothing where that is not known.
    pub fn tell_origin(&self, ix: ServiceIx, origin: &Origin) -> Option<String> {
        match origin {
            Origin::Revision(name) => Some(format!("on {}", self.short_revision(ix, name))),
            Origin::Mixed => Some("all revisions together".to_owned()),
            Origin::Unknown => None,
        }
    }
}

/// What a spike comes with, where that is known: the traffic is moved, or many connect at once.
fn when(service: &ServiceState) -> Option<String> {
    if service.closes.drains() {
        return Some("while the traffic moves".to_owned());
    }
    let wave = service.closes.wave()?;
    let (came, usual) = (format::rate(wave.came), format::rate(wave.usual));
    Some(format!("in a wave of {came} logins a minute, usually {usual}"))
}

/// `canary 6.1 %, stable 0.3 %`, where the series tell revisions apart.
fn both(service: &ServiceState, metric: &Metric) -> Option<String> {
    let traffic = service.traffic.as_ref()?;
    let of = |name: &str| {
        let known = metric.by_revision().iter().find(|(revision, _)| &**revision == name);
        known.map(|(_, value)| format::in_unit(*value, &metric.spec.unit))
    };
    Some(format!("canary {}, stable {}", of(traffic.canary()?)?, of(traffic.stable()?)?))
}

/// Value against limit, and the same number of both revisions.
fn tell_metric(service: &ServiceState, name: &str, spec: &ConditionSpec, state: &Condition) -> Option<Told> {
    let whole = name.split_once('@').map_or(name, |(whole, _)| whole);
    let metric = service.metrics.as_ref()?.metrics().iter().find(|metric| metric.spec.name == whole)?;
    let built_in = spec.name == name;
    let failing = state.state == ConditionState::Fail;
    let value = if built_in {
        format!("{}, critical {}", value_text(spec, state.value), limit_text(spec))
    } else {
        against_limit(spec, state)
    };
    let subject = (built_in && failing).then(|| format!("{name} critical"));
    let unclear = (state.state == ConditionState::Inconclusive).then(|| unclear(spec, state));
    Some(Told { subject, value, about: both(service, metric).into_iter().chain(unclear).collect() })
}

fn tell_startup(service: &ServiceState) -> Option<Told> {
    let startup = service.startup.as_ref()?;
    let value = startup.current().map_or(startup.state().word().to_owned(), |phase| format!("in {phase}"));
    let about = startup.failure().filter(|why| !why.is_empty()).map(ToString::to_string);
    Some(Told { subject: None, value, about: about.into_iter().collect() })
}

/// What a probe's newest outcome says.
fn tell_probe(service: &ServiceState, rest: &str, spec: &ConditionSpec, state: &Condition) -> Option<Told> {
    let (name, what) = rest.rsplit_once('.')?;
    let probe = service.health.probes().iter().find(|probe| probe.spec.name == name)?;
    let value = match what {
        "failing" | "ok" if !spec.sustained.is_zero() => stopwatch(spec, state),
        "failing" | "ok" => flag_words(spec, state),
        _ => against_limit(spec, state),
    };
    // Who answers slowly is too late now and then: the plain fault comes first.
    let fails = state.state == ConditionState::Fail;
    let flaps = spec.name.strip_suffix(FLAPS).filter(|_| fails && service.health.is_slow(probe));
    let subject = flaps.map(|whose| format!("{whose} slow,{FLAPS}"));
    let slow = flaps.and_then(|_| service.health.against_limit(probe));
    Some(Told { subject, value, about: slow.into_iter().chain(answer(probe)).collect() })
}

/// The newest answer of a probe in few words: `503, starting in DATABASE`, `connection refused`; nothing while it is
/// as it should be.
pub fn answer(probe: &Probe) -> Option<String> {
    if let Some(error) = probe.error() {
        return Some(error.to_string());
    }
    let state = probe.seen.state();
    if matches!(state, ProbeState::Healthy | ProbeState::Unknown) {
        return None;
    }
    if let Some((found, _)) = &probe.seen.contradiction {
        return Some(found.to_string());
    }
    let status = probe.status().map_or(String::new(), |status| format!("{status}, "));
    let phase = probe.seen.report.as_ref().and_then(|(_, report)| report.phase.as_ref());
    let phase = phase.filter(|_| state == ProbeState::Starting).map(|phase| format!(" in {phase}"));
    let last = probe.seen.last.as_ref().map(|last| &last.outcome);
    let problem = match last {
        Some(ProbeOutcome::Answered { report, .. }) => report.problem.as_ref(),
        Some(ProbeOutcome::Failed { .. }) | None => None,
    };
    let problem = problem.map_or_else(String::new, |problem| format!(", {problem}"));
    Some(format!("{status}{}{}{problem}", state.word(), phase.unwrap_or_default()))
}
