//! The room itself: name, operator, flags, contacts, and the services together.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::conditions;
use super::section::Section;
use super::service::{self, check_unique};
use super::signoff;
use super::{Overrides, problem::suggestion};
use crate::domain::attestation::ROOM;
use crate::domain::rollout::same_person;
use crate::domain::room::{
    Checklist, Contact, Environment, ExpectedSpec, Mode, Operator, ReportSpec, RolloutSpec, Room, Service,
};
use crate::domain::{Clean, ServiceIx};

/// Most services of one room.
const MOST_SERVICES: usize = 100;

/// Most flags, contacts and conditions.
const MOST: usize = 500;

pub(super) fn read(top: &Section<'_>, base: &Path, overrides: &Overrides, login: &str) -> Room {
    let room = top.section("room");
    let name = room.text_or("name", "room");
    let environment = environment(&room);
    let link = room.text("link");
    let checklists = checklists(&room, base, &overrides.checklists);
    let act = room.text_or("act", "");
    let compare_with = room.text("compare_with").filter(|path| !path.is_empty());
    drop(room);
    let production = environment.production;
    let prometheus = top.optional("prometheus").map(|it| super::prometheus::read(&it, base));
    let alertmanager = top.optional("alertmanager").map(|it| super::prometheus::alertmanager(&it, base));
    let alerted = prometheus.is_some() || alertmanager.is_some();
    let mut services = services(top, base, prometheus.is_some());
    let names: Vec<String> = services.iter().map(|service| service.name.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let count = |service: &Service| service.metrics.as_ref().map_or(0, |metrics| metrics.panels.len());
    let own: Vec<usize> = services.iter().map(count).collect();
    super::values::add(top, base, &mut services, &names);
    super::objectives::add(top, &mut services, &names, prometheus.is_some());
    super::cohorts::add(top, &mut services, &names);
    check_signals(top, &services, &own);
    let require_env = super::environment::read(top, &services);
    let gates = super::gates::read(top, base, &checklists);
    let (conditions, tuned) = conditions::read(top, (&services, &names), alerted, (&require_env, &gates));
    let flags = super::flags::read(top, base, (&names, &services), &environment.name);
    let stages = super::stages::read(top, &flags, &conditions, !checklists.is_empty());
    let documented = super::documented::read(top, (&services, &names), prometheus.is_some(), &tuned);
    Room {
        alerts: super::alerts::read(top, base, &conditions, !checklists.is_empty()),
        signoff: signoff::read(top, base, production, &conditions),
        name,
        link,
        compare_with: compare_with.map(|path| base.join(path)),
        operator: operator(&top.section("operator"), overrides, login),
        prometheus,
        alertmanager,
        flags,
        groups: super::groups::read(top, &services),
        logs: super::logs::read(top, &services),
        stages,
        require_env,
        conditions,
        error_rate: tuned.error_rate,
        gate_failed: tuned.gate_failed,
        contacts: contacts(top),
        gates,
        checklists,
        rollout: RolloutSpec { act },
        report: report(top),
        documented,
        dashboards: super::dashboards::read(top),
        money: super::dashboards::money(top),
        services,
        environment,
    }
}

/// The file's checklists and the command line's. The same file twice is one, however it is spelled.
fn checklists(room: &Section<'_>, base: &Path, more: &[PathBuf]) -> Vec<Checklist> {
    let written = room.texts("checklists", &[]).into_iter().map(|name| (base.join(&name), name));
    let more = more.iter().map(|path| (path.clone(), name_of(base, path)));
    let mut checklists: Vec<Checklist> = Vec::new();
    for (path, name) in written.chain(more) {
        let same = |known: &Checklist| {
            let whole = std::fs::canonicalize(&path);
            known.name == name
                || whole.is_ok_and(|it| std::fs::canonicalize(&known.path).is_ok_and(|is| is == it))
        };
        if name.is_empty() {
            room.wrong("checklists", "a checklist has no name", "it is a path", "name a Markdown file");
        } else if !checklists.iter().any(same) {
            checklists.push(Checklist { name, path });
        }
    }
    checklists
}

/// What a file of the command line is called: what is said of its items hangs on that, so it does not depend on where a
/// person stood, and how they spelled it, below the folder of the room.
fn name_of(base: &Path, path: &Path) -> String {
    let base = if base.as_os_str().is_empty() { Path::new(".") } else { base };
    let below = || {
        let (base, whole) = (std::fs::canonicalize(base).ok()?, std::fs::canonicalize(path).ok()?);
        whole.strip_prefix(base).ok().filter(|below| below.as_os_str() != "").map(Path::to_owned)
    };
    Clean::new(&below().unwrap_or_else(|| path.to_owned()).to_string_lossy()).to_string()
}

fn environment(room: &Section<'_>) -> Environment {
    let name = room.text_or("environment", "development");
    let by_name = Environment::is_production_by_name(&name);
    let production = room.switch("production", by_name);
    if by_name && !production {
        let what = format!("the environment is \"{name}\", and `room.production` is false");
        let why = "friction in production may be added, never removed";
        room.wrong("production", &what, why, "remove it, or name the environment otherwise");
    }
    Environment { name, production }
}

fn operator(section: &Section<'_>, overrides: &Overrides, login: &str) -> Operator {
    let written = section.text("name").filter(|name| !name.is_empty());
    let role = section.text_or("role", "");
    let read_only = section.word("mode", "operate", &["operate", "read-only"]) == "read-only";
    let name = overrides.operator.clone().or(written).unwrap_or_else(|| login.to_owned());
    // What the room signs on evidence stands under this name: nobody else's word may.
    if same_person(&name, ROOM) {
        let why = "the room's own records stand under it";
        section.wrong("name", "the operator is called \"room\"", why, "write your own name, or --as NAME");
    }
    Operator {
        name,
        role: overrides.role.clone().unwrap_or(role),
        mode: if read_only || overrides.read_only { Mode::ReadOnly } else { Mode::Operate },
    }
}

fn services(top: &Section<'_>, base: &Path, engine: bool) -> Vec<Service> {
    let sections = top.sections("service", MOST_SERVICES);
    let services: Vec<Service> =
        sections.iter().map(|section| service::read(section, base, engine)).collect();
    let spanned = services.iter().zip(&sections);
    check_unique(
        top.problems,
        "service",
        spanned.map(|(s, section)| (s.name.as_str(), section.span("name"))),
    );
    let probes = services.iter().zip(&sections).flat_map(|(s, section)| {
        s.probes.iter().map(move |probe| (probe.name.as_str(), section.span("health")))
    });
    check_unique(top.problems, "probe", probes);
    let metrics = services.iter().zip(&sections).flat_map(|(s, section)| {
        let panels = s.metrics.iter().flat_map(|metrics| &metrics.panels);
        panels.map(move |panel| (panel.name.as_str(), section.span("metrics")))
    });
    check_unique(top.problems, "metric", metrics);
    services
}

/// Signals are metrics, and share their names; `known`: how many metrics each service has by itself.
fn check_signals(top: &Section<'_>, services: &[Service], known: &[usize]) {
    let of = |service: &Service| service.metrics.as_ref().map_or_else(Vec::new, |it| it.panels.clone());
    let (mut own, mut added) = (BTreeSet::new(), Vec::new());
    for (service, known) in services.iter().zip(known) {
        for (panel, at) in of(service).into_iter().zip(0..) {
            if at < *known {
                own.insert(panel.name);
            } else {
                let block = if panel.objective.is_some() { "objective" } else { "signal" };
                added.push((panel.name, top.span(block)));
            }
        }
    }
    let own = own.iter().map(|name| (name.as_str(), 0..0));
    let added = added.iter().map(|(name, span)| (name.as_str(), span.clone()));
    check_unique(top.problems, "metric", own.chain(added));
}

/// The service that `service` names; the first one by default.
pub(super) fn service_ix(section: &Section<'_>, names: &[&str]) -> ServiceIx {
    let Some(name) = section.text("service") else {
        if names.is_empty() {
            section.wrong("service", "the room has no service", "this speaks of one", "add a [[service]]");
        }
        return ServiceIx(0);
    };
    let found = names.iter().position(|known| *known == name);
    if found.is_none() {
        let what = format!("`{}` is \"{name}\"", section.dotted("service"));
        section.wrong("service", &what, "no [[service]] has this name", &suggestion(&name, names));
    }
    ServiceIx(found.and_then(|ix| u16::try_from(ix).ok()).unwrap_or(0))
}

fn contacts(top: &Section<'_>) -> Vec<Contact> {
    let sections = top.sections("contact", MOST);
    let contact = |section: &Section<'_>| Contact {
        name: section.required("name", "write name = \"…\" under [[contact]]"),
        role: section.text_or("role", ""),
        reach: section.text_or("reach", ""),
    };
    sections.iter().map(contact).collect()
}

/// How reports are written.
fn report(top: &Section<'_>) -> ReportSpec {
    let section = top.section("report");
    let expected = section.sections("expected", MOST).into_iter().map(|section| ExpectedSpec {
        what: section.required("what", "write what = \"…\" under [[report.expected]]"),
        reason: section.required("reason", "write reason = \"…\": the report says why it is expected"),
    });
    ReportSpec {
        expected: expected.filter(|expected| !expected.what.is_empty()).collect(),
        title: section.text_or("title", ""),
        purpose: section.text_or("purpose", ""),
    }
}
