//! What was understood of documents (`warroom plan`): as JSON, schema `warroom.plan/1`, and in words.
//!
//! Keys and enum values may be added, never renamed or removed. Absent knowledge is `null`. Arrays keep the file's order,
//! and lines count from 1.

use serde_json::{Value, json};

use crate::domain::plan::{Command, Plan, Query};
use crate::domain::{Document, Item, Meaning, Section};

pub use crate::domain::plan::words::summary;

/// The schema's name and version.
pub const SCHEMA: &str = "warroom.plan/1";

/// All `documents` as one object.
pub fn plan(documents: &[Document]) -> Value {
    with(json!({ "schema": SCHEMA }), "documents", documents.iter().map(document))
}

/// `told` with a list more. `json!` would copy all that is in it once again, on every level.
fn with(mut told: Value, key: &str, list: impl Iterator<Item = Value>) -> Value {
    if let Value::Object(told) = &mut told {
        told.insert(key.to_owned(), Value::Array(list.collect()));
    }
    told
}

fn document(document: &Document) -> Value {
    let Plan { counts, .. } = &document.plan;
    let told = json!({
        "path": document.path,
        "title": document.title,
        "sha256": document.sha256,
        "repaired": document.plan.repaired,
        "headings": counts.headings,
        "items": counts.items,
        "checked": counts.checked,
        "conditions": counts.conditions,
        "inferred": items(document).filter(|item| item.inferred).count(),
        "ordered_steps": counts.ordered_steps,
        "tables": counts.tables,
        "links": counts.links,
        "fences": {
            "shell": counts.shell,
            "promql": counts.promql,
            "yaml": counts.yaml,
            "other": counts.other,
        },
    });
    let mut told = with(told, "sections", document.sections.iter().map(section));
    if let (Some(told), Value::Object(lists)) = (told.as_object_mut(), lists(&document.plan)) {
        told.extend(lists);
    }
    told
}

fn lists(plan: &Plan) -> Value {
    let told = json!({
        "thresholds": plan.thresholds,
        "flags": plan.flags,
        "phases": plan.phases,
        "stages": plan.stages,
        "events": plan.events,
        "contacts": plan.contacts,
        "severities": plan.severities,
        "routes": plan.routes,
        "templates": plan.templates,
        "guards": plan.guards,
        "rollback_steps": plan.rollback_steps,
        "activations": plan.activations,
        "procedures": plan.procedures,
        "triggers": plan.triggers,
        "roles": plan.roles,
        "findings": plan.findings,
    });
    with(with(told, "commands", plan.commands.iter().map(command)), "panels", plan.panels.iter().map(panel))
}

/// All items of a document.
fn items(document: &Document) -> impl Iterator<Item = &Item> {
    document.sections.iter().flat_map(|section| &section.items)
}

fn section(section: &Section) -> Value {
    with(json!({ "path": section.path, "line": section.line }), "items", section.items.iter().map(item))
}

fn item(item: &Item) -> Value {
    let (role, from, until) = match &item.meaning {
        Meaning::SignOff { role } => (role.as_ref(), None, None),
        Meaning::Later { from_seconds, until_seconds } => (None, *from_seconds, *until_seconds),
        Meaning::Work | Meaning::Trigger | Meaning::Criterion | Meaning::Claim => (None, None, None),
    };
    json!({
        "id": item.id,
        "line": item.line,
        "text": item.text,
        "depth": item.depth,
        "meaning": item.meaning.word(),
        "role": role,
        "due_from_seconds": from,
        "due_until_seconds": until,
        "claimed": item.claimed,
        "required": item.required,
        "inferred": item.inferred,
        "owner": item.owner,
        "fields": item.fields,
        "mark": item.mark,
    })
}

fn command(command: &Command) -> Value {
    json!({
        "id": command.id,
        "line": command.line,
        "text": command.text,
        "section": command.section,
        "item": command.item,
        "fence": command.fence,
        "kind": command.kind,
        "why": command.why,
        "proof": command.proof,
        "comment": command.comment,
        "expected": command.expected,
    })
}

fn panel(query: &Query) -> Value {
    json!({
        "line": query.line,
        "title": query.title,
        "query": query.query,
        "valid": query.error.is_none(),
        "error": query.error,
        "suggestion": query.suggestion,
        "threshold": query.threshold,
    })
}

#[cfg(test)]
mod tests;
