//! Stages as the snapshot and `warroom stage show` tell them.

use serde_json::{Value, json};

use super::{condition_state, time};
use crate::domain::stage::Said;
use crate::domain::{ItemId, PanelId, ReasonKind};
use crate::model::Model;
use crate::model::conditions::value_text;
use crate::model::stages::Row;

/// One row a stage, in their order.
pub fn rows(model: &Model) -> Vec<Value> {
    model.stage_rows().iter().map(|of| row(model, of)).collect()
}

fn row(model: &Model, row: &Row) -> Value {
    let said = |said: &Said| json!({ "by": said.by, "at": time(said.at), "reason": said.reason });
    let seconds = |length: std::time::Duration| length.as_secs_f64();
    let needs = row.soak.map_or(0.0, |(_, needs)| seconds(needs));
    let reasons = model.verdicts.now.reasons.iter().filter(|_| row.is_current());
    let waits = reasons.filter(|it| it.panel == PanelId::Stages && it.kind != ReasonKind::Holding);
    let waits: Vec<Value> = waits.map(|it| json!(it.told_whole())).collect();
    json!({
        "name": row.name,
        "number": row.number,
        "percent": row.percent,
        "state": row.state.word(),
        "soak_seconds": row.soak.and_then(|(counted, _)| counted).map(seconds),
        "back_filled_seconds": seconds(row.filled),
        "needs_seconds": needs,
        "stopped": row.stop.as_ref().map(|stop| json!({ "kind": stop.kind, "why": stop.why })),
        "entered": row.entered.as_ref().map(said),
        "left": row.left.as_ref().map(said),
        "open_before": row.needs.0,
        "criteria": criteria(model, row),
        "waits": waits,
    })
}

/// Conditions that it names, and items of documents that must be true at its end.
fn criteria(model: &Model, row: &Row) -> Vec<Value> {
    let Some(at) = row.spec else { return Vec::new() };
    let spec = model.stages.specs().get(at);
    let condition = |name: &String| {
        let found = model.conditions.iter(&model.room).find(|(spec, _)| spec.name == *name);
        json!({
            "name": name,
            "state": found.map(|(_, state)| condition_state(state.state)),
            "value": found.and_then(|(_, state)| state.value),
            "text": found.map(|(spec, state)| value_text(spec, state.value)),
        })
    };
    let item = |id: &ItemId| {
        let item = model.checklist.find(id)?;
        let state = model.checklist.state(item).word();
        Some(json!({ "name": item.text, "item": id.0, "state": state }))
    };
    let named = spec.into_iter().flat_map(|spec| &spec.criteria).map(condition);
    let items = model.stages.items(at).into_iter().flat_map(|items| &items.success.items);
    named.chain(items.filter_map(item)).collect()
}

/// The planned start, and why one does not go forward now.
pub fn schedule(model: &Model) -> Value {
    let spec = &model.room.stages;
    let closed = spec.calendar.closed(model.now.wall);
    json!({
        "start": spec.start.map(time),
        "closed": closed.as_ref().map(|closed| &closed.why),
        "opens_at": closed.and_then(|closed| closed.opens).map(time),
    })
}
