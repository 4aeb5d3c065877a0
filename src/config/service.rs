//! `[[service]]`: one service, its startup, close codes and Cloud Run service.

use std::path::Path;
use std::time::Duration;

use super::problem::{Problems, suggestion};
use super::section::Section;
use super::{events, metrics, probe, scalar, secret};
use crate::domain::format;
use crate::domain::room::{
    Addressed, ClosesSpec, CloudRunSpec, ProbeKind, ProbeSpec, Service, SpikeRule, StartupSpec,
};

const PHASES: [&str; 7] = ["INIT", "DEPENDENCIES", "DATABASE", "CACHE", "SERVICES", "WEBSOCKET", "FINALIZE"];

/// Most probes of one service.
const MOST_PROBES: usize = 50;

/// `engine`: the room has a metrics engine.
pub(super) fn read(section: &Section<'_>, base: &Path, engine: bool) -> Service {
    let name = section.required("name", "write name = \"…\" under [[service]]");
    let probes: Vec<ProbeSpec> =
        section.sections("health", MOST_PROBES).iter().map(|probe| probe::read(probe, &name, base)).collect();
    let service = Service {
        startup: section.optional("startup").and_then(|startup| read_startup(&startup, &probes)),
        events: section.optional("events").map(|events| events::read(&events, base)),
        closes: read_closes(&section.section("closes")),
        metrics: section.optional("metrics").map(|metrics| metrics::read(&metrics, base, engine)),
        cloud_run: section.optional("cloud_run").map(|cloud_run| read_cloud_run(&cloud_run, base)),
        cohorts: Vec::new(),
        probes,
        name,
    };
    check_tags(section, &service);
    service
}

/// A tag is looked up in the Cloud Run service, so there must be one.
fn check_tags(section: &Section<'_>, service: &Service) {
    let tagged = |addressed: &Addressed| matches!(addressed, Addressed::Tag(_));
    let uses = service.probes.iter().any(|probe| tagged(&probe.addressed))
        || service.events.as_ref().is_some_and(|events| tagged(&events.addressed));
    if uses && service.cloud_run.is_none() {
        section.wrong(
            "name",
            &format!("service {} uses a `tag` and has no Cloud Run service", service.name),
            "the address behind a tag is read from Cloud Run",
            "add [service.cloud_run], or write the revision's own URL with `revision`",
        );
    }
}

fn read_startup(section: &Section<'_>, probes: &[ProbeSpec]) -> Option<StartupSpec> {
    let http: Vec<&str> = probes
        .iter()
        .filter(|probe| matches!(probe.kind, ProbeKind::Http { .. }))
        .map(|probe| probe.name.as_str())
        .collect();
    let named = section.text("probe");
    let spec = StartupSpec {
        probe: named.or_else(|| http.first().map(|&name| name.to_owned())).unwrap_or_default(),
        phases: section.texts("phases", &PHASES),
        phase_budget: section.duration("phase_budget", Duration::from_secs(10)),
        total_budget: section.duration("total_budget", Duration::from_secs(30)),
        stall_after: section.duration("stall_after", Duration::from_secs(20)),
        phase: section.pointers("phase", &StartupSpec::PHASE),
        complete: section.pointers("complete", &StartupSpec::COMPLETE),
        in_progress: section.pointers("in_progress", &StartupSpec::IN_PROGRESS),
        failed: section.pointers("failed", &StartupSpec::FAILED),
        done: section.pointers("done", &StartupSpec::DONE),
    };
    if spec.phases.is_empty() {
        section.wrong(
            "phases",
            "no startup phase is named",
            "there would be nothing to show",
            "name them in order",
        );
    }
    for (n, phase) in spec.phases.iter().enumerate() {
        if spec.phases.iter().take(n).any(|earlier| earlier == phase) {
            let what = format!("startup phase {phase} stands twice");
            section.wrong("phases", &what, "the order would not be clear", "remove one");
        }
    }
    if http.contains(&spec.probe.as_str()) {
        return Some(spec);
    }
    let what = if spec.probe.is_empty() {
        "no http probe reports the startup".to_owned()
    } else {
        format!("`{}` is \"{}\"", section.dotted("probe"), spec.probe)
    };
    let next =
        if http.is_empty() { "add a [[service.health]]".into() } else { suggestion(&spec.probe, &http) };
    section.wrong("probe", &what, "the phase is read from the body of an http probe of this service", &next);
    None
}

fn read_closes(section: &Section<'_>) -> ClosesSpec {
    let mut spec = ClosesSpec::default();
    for (code, span, node) in section.entries("names") {
        let text = section.entry_text("names", &code, node);
        match (scalar::close_code(&code), text) {
            (Ok(code), Some(text)) => drop(spec.names.insert(code, text)),
            (Ok(_), None) => {}
            (Err(why), _) => {
                let what = format!("`{}` has \"{code}\"", section.dotted("names"));
                section.problems.add(&span, &what, why, "write { 4401 = \"unauthorized\" }");
            }
        }
    }
    spec.show = codes(section, "show", &[1000, 1001, 1006, 1011, 1012, 1013]);
    let spike = section.section("spike");
    let defaults = SpikeRule::default();
    spec.spike = SpikeRule {
        floor_per_minute: spike.number("floor_per_minute", defaults.floor_per_minute),
        ratio: spike.number("ratio", defaults.ratio),
        baseline: baseline(&spike, defaults.baseline),
        normal: codes(&spike, "normal", &defaults.normal),
    };
    spec
}

/// Closes are kept for half an hour, which a baseline and the minutes beside it must find room in.
fn baseline(spike: &Section<'_>, default: Duration) -> Duration {
    let most = Duration::from_mins(25);
    let asked = spike.duration_from("baseline", default, Duration::from_secs(10));
    if asked > most {
        let what = format!("`{}` is {}", spike.dotted("baseline"), format::age(asked));
        spike.wrong("baseline", &what, "closes are kept for half an hour", "write at most \"25m\"");
    }
    asked.min(most)
}

fn codes(section: &Section<'_>, key: &'static str, default: &[u16]) -> Vec<u16> {
    let Some(list) = section.list(key) else { return default.to_vec() };
    let mut codes = Vec::new();
    for node in list {
        let number = node.get_ref().as_integer().map(|number| scalar::close_code(number.as_str()));
        match number.unwrap_or(Err("a close code is a number, without quotes")) {
            Ok(code) => codes.push(code),
            Err(why) => {
                let what = format!("`{}` has a wrong close code", section.dotted(key));
                section.problems.add(&node.span(), &what, why, "write numbers, for instance [1000, 4401]");
            }
        }
    }
    codes
}

fn read_cloud_run(section: &Section<'_>, base: &Path) -> CloudRunSpec {
    let part = |key| {
        let text = section.required(key, "write it as Cloud Run names it");
        if text.contains('/') || text.contains(char::is_whitespace) {
            let what = format!("`{}` is \"{text}\"", section.dotted(key));
            section.wrong(key, &what, "it is a short name, without / and spaces", "write only the last part");
        }
        text
    };
    let endpoint = if section.has("endpoint") {
        secret::url(section, "endpoint", &["http", "https"])
    } else {
        section.text_or("endpoint", "https://run.googleapis.com")
    };
    CloudRunSpec {
        project: part("project"),
        region: part("region"),
        service: part("service"),
        endpoint: endpoint.trim_end_matches('/').to_owned(),
        token: secret::secret(section, "token", base),
        interval: section.duration_from("interval", Duration::from_secs(5), Duration::from_millis(500)),
        verify_for: section.duration_from("verify_for", Duration::from_mins(2), Duration::ZERO),
    }
}

/// Which revision a probe or stream speaks to: `tag`, `revision`, or neither.
pub(super) fn addressed(section: &Section<'_>) -> Addressed {
    match (section.text("tag"), section.text("revision")) {
        (Some(_), Some(_)) => {
            let what = format!("`{}` and `{}` both stand", section.dotted("tag"), section.dotted("revision"));
            section.wrong("revision", &what, "one address reaches one revision", "keep one of them");
            Addressed::Service
        }
        (Some(tag), None) => Addressed::Tag(tag),
        (None, Some(revision)) => Addressed::Revision(revision),
        (None, None) => Addressed::Service,
    }
}

/// Notes names that stand twice among `names`, which are unique in the room.
pub(super) fn check_unique<'n>(
    problems: &Problems<'_>,
    kind: &str,
    names: impl IntoIterator<Item = (&'n str, std::ops::Range<usize>)>,
) {
    let mut seen = std::collections::BTreeSet::new();
    for (name, span) in names {
        if !name.is_empty() && !seen.insert(name) {
            let what = format!("the {kind} \"{name}\" stands twice");
            problems.add(
                &span,
                &what,
                "names tell signals and panels apart",
                "give one of them another name",
            );
        }
    }
}
