//! Components: each service, what its probes say, and whether each of its sources is seen.

use crate::domain::{Freshness, Link, SourceId, format};
use crate::model::Model;
use crate::model::links;
use crate::model::service::ServiceState;
use crate::view::widgets::Mark;

use super::age;
use super::lines::{Line, Lines};

pub(super) fn gather(model: &Model) -> Lines {
    let mut lines = Vec::new();
    for service in &model.services {
        lines.push(whole(model, service));
        lines.extend(sources(model, service.ix));
    }
    let shared = |source: &SourceId| service_of(source).is_none();
    let others = model.links.remote().filter(|(source, _)| shared(source));
    lines.extend(others.map(|(source, link)| of_link(model, links::name(&model.room, source), link)));
    let (live, all) = model.links.live(model.now.mono);
    let bad = lines.iter().filter(|line| line.mark == Mark::Bad).count();
    let warned = lines.iter().filter(|line| line.mark == Mark::Warn).count();
    let state = match (bad, all - live) {
        (0, 0) if warned > 0 => (Mark::Warn, format!("{all}/{all} live, {warned} with a warning")),
        (0, 0) => (Mark::Good, format!("{all}/{all} live")),
        (0, lost) => (Mark::Unknown, format!("{lost} of {all} not seen")),
        (bad, _) => (Mark::Bad, format::counted(bad, "component") + " failing"),
    };
    let age = age(model, model.links.remote().map(|(source, _)| source.clone()));
    Lines {
        name: "Components",
        // One source that is lost dims its own line, not those that are seen.
        age,
        state,
        lines,
        foot: Vec::new(),
        empty: ("No service in the config.", "[[service]] names one"),
    }
}

/// A service by its probes and its start.
fn whole(model: &Model, service: &ServiceState) -> Line {
    let counts = service.health.summary(model.now.mono);
    let mark = match () {
        () if counts.failing > 0 => Mark::Bad,
        () if counts.total == 0 => Mark::Idle,
        () if counts.unseen > 0 => Mark::Unknown,
        () if counts.starting > 0 => Mark::Active,
        () if counts.slow + counts.contradictions > 0 => Mark::Warn,
        () => Mark::Good,
    };
    let probes = if counts.total == 0 {
        "no probe".to_owned()
    } else if counts.unseen == counts.total {
        format::UNKNOWN.to_owned()
    } else {
        format!("{}/{} healthy", counts.healthy, counts.total)
    };
    let started = service.startup.as_ref().map_or_else(String::new, |startup| {
        let (done, all) = startup.progress(model.now.mono);
        format!("startup {done}/{all}")
    });
    Line::new(mark, model.service_name(service.ix), probes).note(started)
}

/// The sources of a service.
fn sources(model: &Model, ix: crate::domain::ServiceIx) -> Vec<Line> {
    let name = model.service_name(ix);
    let own = model.links.remote().filter(|(source, _)| service_of(source) == Some(ix));
    let line = |(source, link): (&SourceId, &Link)| {
        let words = links::name(&model.room, source);
        let short = words.strip_prefix(&name).map_or(words.as_str(), str::trim_start);
        of_link(model, format!("  {short}"), link)
    };
    own.map(line).collect()
}

fn of_link(model: &Model, label: String, link: &Link) -> Line {
    let fresh = link.freshness(model.now.mono);
    let note = link.down.as_ref().map_or_else(String::new, |down| down.error.to_string());
    let (mark, value) = match fresh {
        Freshness::Live(age) => (Mark::Good, format!("live {}", format::age_seconds(age))),
        Freshness::Stale(age) => (Mark::Unknown, format!("stale {}", format::age_seconds(age))),
        Freshness::Down(age) => (Mark::Unknown, format!("down {}", format::age_seconds(age))),
        Freshness::Never => (Mark::Unknown, "connecting".to_owned()),
    };
    Line::new(mark, label, value).note(note)
}

fn service_of(source: &SourceId) -> Option<crate::domain::ServiceIx> {
    match source {
        SourceId::Health { service, .. }
        | SourceId::Events { service }
        | SourceId::Metrics { service }
        | SourceId::CloudRun { service } => Some(*service),
        SourceId::Prometheus | SourceId::Flag { .. } | SourceId::Journal | SourceId::Documents => None,
    }
}
