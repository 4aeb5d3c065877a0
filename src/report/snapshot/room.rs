//! The parts of the snapshot that belong to the room: its documents, its checklist, its flags.

use serde_json::{Value, json};

use crate::domain::{Document, Item, SourceId};
use crate::model::Model;
use crate::model::checklist::ItemState;
use crate::model::flags::{self, FlagValue};

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

/// One row a flag of the config.
pub(super) fn flags(model: &Model) -> Vec<Value> {
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
