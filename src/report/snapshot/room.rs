//! The parts of the snapshot that belong to the room: its documents, its checklist, its flags.

use serde_json::{Value, json};

use crate::domain::{Document, Item, SourceId};
use crate::model::Model;
use crate::model::checklist::ItemState;
use crate::model::flags::{self, FlagValue};
use crate::model::health::Probe;
use crate::model::service::ServiceState;

fn items(document: &Document) -> impl Iterator<Item = &Item> {
    document.sections.iter().flat_map(|section| &section.items)
}

/// One row a document; what is not read out of documents yet is unknown.
pub(super) fn documents(model: &Model) -> Vec<Value> {
    let list = &model.checklist;
    let row = |document: &Document| {
        let count = |wanted: fn(&ItemState<'_>) -> bool| {
            items(document).filter(|item| wanted(&list.state(item))).count()
        };
        json!({
            "path": document.path,
            "items": items(document).count(),
            "inferred": null,
            "attested": count(|state| matches!(state, ItemState::Done(_))),
            "claimed": count(|state| matches!(state, ItemState::Claimed)),
            "conditions": null,
            "gates": null,
            "findings": null,
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
        "lapsed": null,
        "sections": sections,
        "problems": list.problems(),
    })
}

/// The flags of the config, then what health bodies say of flags: those are only read.
pub(super) fn flags(model: &Model) -> Vec<Value> {
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

/// One row a flag of the config.
fn variables(model: &Model) -> Vec<Value> {
    let row = |spec: &crate::domain::room::FlagSpec| {
        let source = SourceId::CloudRun { service: spec.service };
        let live = model.links.is_live(&source, model.now.mono);
        let value = flags::view(spec, model.traffic(spec.service).filter(|_| live)).value;
        let text = match &value {
            FlagValue::On => Some(spec.on.as_str()),
            FlagValue::Off => Some(spec.off.as_str()),
            FlagValue::Other(text) => Some(&**text),
            FlagValue::Unset | FlagValue::Secret | FlagValue::Unknown => None,
        };
        json!({
            "name": spec.name,
            "provider": "cloud_run_env",
            "environment": null,
            "enabled": value.as_bool(),
            "value": text,
            "rollout_percent": null,
            "deploys": true,
            "link": super::link_state(model, &source),
        })
    };
    model.room.flags.iter().map(row).collect()
}
