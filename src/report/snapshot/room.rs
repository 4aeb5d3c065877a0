//! The parts of the snapshot that belong to the room: its documents, its checklist, its flags.

use serde_json::{Value, json};

use crate::domain::plan::CommandKind;
use crate::domain::room::FlagSpec;
use crate::domain::{Document, Item, Meaning, SourceId};
use crate::model::Model;
use crate::model::checklist::ItemState;
use crate::model::flags::{FlagValue, FlagView};
use crate::model::health::Probe;
use crate::model::service::ServiceState;

fn items(document: &Document) -> impl Iterator<Item = &Item> {
    document.sections.iter().flat_map(|section| &section.items)
}

/// One row a document.
pub(super) fn documents(model: &Model) -> Vec<Value> {
    let list = &model.checklist;
    let row = |document: &Document| {
        let count = |wanted: fn(&ItemState<'_>) -> bool| {
            items(document).filter(|item| wanted(&list.state(item))).count()
        };
        let conditions = items(document)
            .filter(|item| matches!(item.meaning, Meaning::Trigger | Meaning::Criterion))
            .count();
        let commands = document.plan.commands.iter();
        json!({
            "path": document.path,
            "items": items(document).count(),
            "inferred": items(document).filter(|item| item.inferred).count(),
            "attested": count(|state| {
                state.attestation().is_some() && !matches!(state, ItemState::Lapsed { .. })
            }),
            "claimed": count(|state| matches!(state, ItemState::Claimed)),
            "conditions": conditions,
            "gates": commands.filter(|command| command.kind == CommandKind::Gate).count(),
            "findings": document.plan.findings.len(),
        })
    };
    list.documents().iter().map(row).collect()
}

/// The progress of all documents together and of each section; `null` before they were read.
pub(super) fn checklist(model: &Model) -> Value {
    let list = &model.checklist;
    if !list.is_read() {
        return Value::Null;
    }
    let all = list.total();
    let sections: Vec<Value> = list
        .documents()
        .iter()
        .flat_map(|document| &document.sections)
        .map(|section| {
            let part = list.progress(&section.items);
            json!({ "path": section.path, "items": part.all, "done": part.done })
        })
        .collect();
    json!({
        "items": all.all,
        "done": all.done,
        "required_open": all.required_open,
        "failed": all.failed,
        "lapsed": list.items().filter(|item| matches!(list.state(item), ItemState::Lapsed { .. })).count(),
        "sections": sections,
        "problems": list.problems(),
    })
}

/// The rollout, as far as it is known.
pub(super) fn rollout(model: &Model) -> Value {
    let Some(rollout) = model.checklist.rollout() else { return Value::Null };
    let end = rollout.end.as_ref();
    json!({
        "id": rollout.id,
        "environment": if rollout.environment.is_empty() { &model.room.environment.name } else { &rollout.environment },
        "by": rollout.by,
        "candidate": rollout.candidate(),
        "candidates": rollout.candidates,
        "baseline": rollout.baseline(),
        "begun_at": super::time(rollout.begun_at),
        "t0": rollout.t0.as_ref().map(|t0| super::time(t0.at)),
        "t0_detected": rollout.t0.as_ref().map(|t0| t0.detected),
        "ended_at": end.map(|end| super::time(end.at)),
        "outcome": end.map(|end| end.outcome),
        "left_over": end.map(|end| &end.left),
    })
}

/// The flags of the config, then what health bodies say of flags: those are only read.
pub fn flags(model: &Model) -> Vec<Value> {
    variables(model)
        .into_iter()
        .chain(model.services.iter().flat_map(|state| reported(model, state)))
        .collect()
}

/// The flags that a service's health bodies report, as fresh as the probe is.
fn reported(model: &Model, state: &ServiceState) -> Vec<Value> {
    let probes = (0_u16..).zip(state.health.probes());
    let rows = |(at, probe): (u16, &Probe)| {
        let link = super::link_state(model, &SourceId::Health { service: state.ix, probe: at });
        let read = probe.seen.report.as_ref().filter(|_| probe.is_fresh(model.now.mono));
        let row = |name: &String| {
            let value = read.and_then(|(_, report)| report.flags.get(name));
            json!({
                "name": name,
                "provider": "health_body",
                "environment": null,
                "enabled": value.and_then(|value| value.parse::<bool>().ok()),
                "value": value,
                "rollout_percent": null,
                "deploys": false,
                "link": link,
            })
        };
        probe.spec.flags.keys().map(row).collect::<Vec<_>>()
    };
    probes.flat_map(rows).collect()
}

/// What requests are served with, and how many percent of them; `null` where that is not known.
fn serving(flag: &FlagView<'_>, live: bool) -> Option<Vec<Value>> {
    let row = |(value, percent): &(FlagValue, u8)| json!({ "value": value.word(), "percent": percent });
    (live && !flag.serving.is_empty()).then(|| flag.serving.iter().map(row).collect())
}

/// One row a flag of the config.
fn variables(model: &Model) -> Vec<Value> {
    let row = |(index, spec): (usize, &FlagSpec)| {
        let source = model.flag_source(index)?;
        let live = model.links.is_live(&source, model.now.mono);
        let flag = model.flag(index)?;
        // What is not seen now is not known.
        let value = if live { flag.value.clone() } else { FlagValue::Unknown };
        let read = flag.read.filter(|_| live);
        let text = match &value {
            FlagValue::On => Some(spec.on.as_str()),
            FlagValue::Off => Some(spec.off.as_str()),
            FlagValue::Other(text) => Some(&**text),
            FlagValue::Unset | FlagValue::Secret | FlagValue::Unknown => None,
        };
        let changed = flag.change.map(|change| {
            json!({ "at": super::time(change.at), "by": change.by, "from": change.from, "to": change.to,
                "outside": change.outside })
        });
        Some(json!({
            "name": spec.name,
            "provider": spec.provider().key(),
            "environment": flag.read.map(|read| read.place.clone()).or_else(|| spec.place()),
            "enabled": if live { flag.effective().and_then(FlagValue::as_bool) } else { None },
            "value": text,
            "serving": serving(&flag, live),
            "rollout_percent": flag.share().filter(|_| live),
            "stickiness": read.and_then(|read| read.setting.stickiness.as_ref()),
            "deploys": flag.deploys(),
            "changed": changed,
            "temporary_until": spec.temporary_until.map(|date| date.to_string()),
            "overdue_days": flag.overdue,
            "link": super::link_state(model, &source),
        }))
    };
    (0..).zip(&model.room.flags).filter_map(row).collect()
}
