//! What is rolled out, since when, and how far it is.

use crate::domain::revision::short_digest;
use crate::domain::{SourceId, Wall, format};
use crate::model::Model;
use crate::model::service::ServiceState;
use crate::model::traffic::{Standing, TrafficState};
use crate::view::widgets::{Age, Mark};

use super::age;
use super::lines::{Line, Lines, worst};

pub(super) fn gather(model: &Model) -> Lines {
    let with = || model.services.iter().filter_map(|service| Some((service, service.traffic.as_ref()?)));
    let seen = age(model, with().map(|(service, _)| SourceId::CloudRun { service: service.ix }));
    let mut lines = rollout(model);
    for (service, traffic) in with() {
        lines.extend(of_service(model, service, traffic));
    }
    let acting = model.ops.acting();
    if let Some(op) = acting {
        let state =
            op.state().map_or_else(|| "asked for".to_owned(), |state| state.to_string().to_uppercase());
        let words = op.act.words();
        lines.push(Line::new(Mark::Active, "under way", state).note(words));
    }
    let words = match (acting, model.checklist.rollout()) {
        (Some(op), _) => format!("{} under way", op.act.word()),
        (None, Some(rollout)) => match &rollout.end {
            Some(end) => format!("{} {}", rollout.id, end.outcome.words()),
            None => format!("{} open", rollout.id),
        },
        (None, None) => "no rollout".to_owned(),
    };
    let mark = if acting.is_some() { Mark::Active } else { worst(&lines) };
    Lines {
        name: "Deployment",
        age: if seen == Age::NotSetUp { Age::Local } else { seen },
        state: (mark, words),
        lines,
        foot: Vec::new(),
        empty: ("Nothing is rolled out.", ":rollout begin CANDIDATE  or [service.cloud_run]"),
    }
}

fn ago(model: &Model, at: Wall) -> String {
    format!("{} ago", format::age((model.now.wall - at).to_std().unwrap_or_default()))
}

fn rollout(model: &Model) -> Vec<Line> {
    let Some(rollout) = model.checklist.rollout() else { return Vec::new() };
    let by = rollout.by.as_ref().map_or_else(String::new, |by| format!("by {by}"));
    let begun =
        format!("{}, {}", format::moment(rollout.begun_at, model.now.wall), ago(model, rollout.begun_at));
    let mut lines = vec![Line::new(Mark::Idle, "begun", begun).note(by)];
    let given = rollout.given.as_ref().map(|given| short_digest(given));
    if let Some(given) = given {
        lines.push(Line::new(Mark::Idle, "candidate", given));
    }
    let t0 = rollout
        .t0
        .as_ref()
        .map(|t0| format!("{}, {}", format::moment(t0.at, model.now.wall), ago(model, t0.at)));
    lines.push(Line::new(Mark::Idle, "first traffic", t0.unwrap_or_else(|| "not yet".to_owned())));
    if let Some(stage) = model.stage_rows().iter().find(|row| row.is_current()) {
        lines.push(Line::new(Mark::Active, "stage", stage.title()).note(stage.soak_words()));
    }
    lines
}

fn of_service(model: &Model, service: &ServiceState, traffic: &TrafficState) -> Vec<Line> {
    let name = model.service_name(service.ix);
    let live = model.links.is_live(&SourceId::CloudRun { service: service.ix }, model.now.mono);
    let (mark, words) = match traffic.standing() {
        _ if !live => (Mark::Unknown, "last known"),
        Standing::Unknown => (Mark::Unknown, "not read yet"),
        Standing::Settled => (Mark::Good, "settled"),
        Standing::Reconciling => (Mark::Active, "changing"),
        Standing::Failed => (Mark::Bad, "change failed"),
    };
    let mut lines = vec![Line::new(mark, name.clone(), traffic.split_words()).note(words)];
    let revision = model.candidate_of(service.ix);
    if let Some(revision) = revision {
        let known = traffic.traffic.as_ref();
        let found = known.and_then(|known| known.revisions.iter().find(|it| it.name == revision));
        let (mark, ready) = match found.and_then(|it| it.ready) {
            _ if !live => (Mark::Unknown, "last known"),
            Some(true) => (Mark::Good, "ready"),
            Some(false) => (Mark::Bad, "not ready"),
            None => (Mark::Unknown, "not known to be ready"),
        };
        let image = found.map(|it| short_digest(&it.image)).unwrap_or_default();
        let short = model.short_revision(service.ix, &revision).to_owned();
        if model.is_rolled_back(service.ix, &revision) {
            lines.push(Line::new(mark, "  rolled back", short).note(format!("gets 0 % · {ready} · {image}")));
        } else {
            lines.push(Line::new(mark, "  rolls out", short).note(format!("{ready} · {image}")));
        }
    }
    if model.journal.locked(&name) {
        let note = "no deploy and no flip goes forward until it is released";
        lines.push(Line::new(Mark::Warn, "  locked", "after a rollback").note(note));
    }
    lines
}
