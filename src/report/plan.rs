//! What was understood of documents (`warroom plan`): as JSON, schema `warroom.plan/1`, and in words.
//!
//! Keys and enum values may be added, never renamed or removed. Absent knowledge is `null`. Arrays keep the file's order,
//! and lines count from 1. What is told is borrowed: nothing of a long document is copied to be written.

use std::io;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::domain::plan::{
    Command, Expected, Finding, Named, PathGuard, PlannedFlag, PlannedPhase, PlannedStage, PlannedTrigger,
    PlannedVariable, Proof, Query, Repair, Role, Route, Severity, Template, Threshold,
};
use crate::domain::secret::{without_credentials, without_told};
use crate::domain::{Clean, Document, Field, Item, ItemId, Meaning, Section, Span};
use crate::model::documented::InRoom;

pub use crate::domain::plan::words::summary;

/// The schema's name and version.
pub const SCHEMA: &str = "warroom.plan/1";

/// All `documents` as one object, with what a room makes of their queries.
pub fn plan<'a>(documents: &'a [Document], in_room: Option<&'a InRoom>) -> impl Serialize + 'a {
    Told { schema: SCHEMA, documents: documents.iter().map(document).collect(), in_room }
}

/// Writes the same to `out`, without the credentials that stand in texts.
pub fn write(
    out: &mut impl io::Write,
    documents: &[Document],
    in_room: Option<&InRoom>,
) -> Result<(), serde_json::Error> {
    let told = plan(documents, in_room);
    let mut told = serde_json::to_value(told)?;
    leave_out(&mut told);
    serde_json::to_writer(out, &told)
}

/// Keys whose values name something, and are compared with what others say: no words of a document.
const NAMES: [&str; 4] = ["id", "document", "images", "candidate"];

/// Takes the credentials out of the texts of `value`; of a link only those that can be told in an address.
pub fn leave_out(value: &mut Value) {
    match value {
        Value::String(text) => *text = without_told(text),
        Value::Array(all) => all.iter_mut().for_each(leave_out),
        Value::Object(all) => {
            for (key, value) in all.iter_mut().filter(|(key, _)| !NAMES.contains(&key.as_str())) {
                match value {
                    Value::String(link) if key == "link" => *link = without_credentials(link),
                    value => leave_out(value),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[derive(Serialize)]
struct Told<'a> {
    schema: &'static str,
    documents: Vec<ToldDocument<'a>>,
    in_room: Option<&'a InRoom>,
}

#[derive(Serialize)]
struct ToldDocument<'a> {
    path: &'a str,
    title: &'a Clean,
    sha256: &'a str,
    repaired: Option<Repair>,
    headings: u32,
    items: u32,
    checked: u32,
    conditions: u32,
    inferred: usize,
    ordered_steps: u32,
    tables: u32,
    links: u32,
    fences: Fences,
    sections: Each<'a, Section, ToldSection<'a>>,
    commands: Each<'a, Command, ToldCommand<'a>>,
    panels: Each<'a, Query, Panel<'a>>,
    thresholds: &'a [Threshold],
    flags: &'a [PlannedFlag],
    variables: &'a [PlannedVariable],
    phases: &'a [PlannedPhase],
    stages: &'a [PlannedStage],
    events: &'a [Named],
    contacts: &'a [Named],
    severities: &'a [Severity],
    routes: &'a [Route],
    templates: &'a [Template],
    guards: &'a [PathGuard],
    rollback_steps: &'a [Named],
    activations: &'a [Named],
    procedures: &'a [Named],
    triggers: &'a [PlannedTrigger],
    roles: &'a [Role],
    findings: &'a [Finding],
}

/// A list whose entries are made one by one, as they are written.
struct Each<'a, T, U>(&'a [T], fn(&'a T) -> U);

impl<T, U: Serialize> Serialize for Each<'_, T, U> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(self.1))
    }
}

#[derive(Serialize)]
struct Fences {
    shell: u32,
    promql: u32,
    yaml: u32,
    other: u32,
}

#[derive(Serialize)]
struct ToldSection<'a> {
    path: &'a [Clean],
    line: u32,
    items: Each<'a, Item, ToldItem<'a>>,
}

#[expect(clippy::struct_excessive_bools, reason = "each says one thing that a document says or not")]
#[derive(Serialize)]
struct ToldItem<'a> {
    id: &'a ItemId,
    line: u32,
    text: &'a Clean,
    #[serde(skip_serializing_if = "Option::is_none")]
    below: Option<&'a Clean>,
    depth: u8,
    meaning: &'static str,
    role: Option<&'a Clean>,
    due_from_seconds: Option<u64>,
    due_until_seconds: Option<u64>,
    claimed: bool,
    required: bool,
    struck: bool,
    inferred: bool,
    owner: Option<&'a Clean>,
    fields: &'a [Field],
    mark: Option<Span>,
}

/// As [`Command`], with the kind that people are told.
#[derive(Serialize)]
struct ToldCommand<'a> {
    id: &'a str,
    line: u32,
    text: String,
    section: &'a [Clean],
    item: Option<&'a ItemId>,
    fence: Option<u32>,
    kind: &'static str,
    why: &'a Clean,
    proof: Proof,
    comment: &'a Clean,
    expected: &'a [Expected],
}

#[derive(Serialize)]
struct Panel<'a> {
    line: u32,
    title: &'a Clean,
    query: &'a str,
    valid: bool,
    error: Option<&'a Clean>,
    suggestion: Option<&'a str>,
    threshold: Option<u32>,
}

fn document(document: &Document) -> ToldDocument<'_> {
    let plan = &document.plan;
    let counts = &plan.counts;
    ToldDocument {
        path: &document.path,
        title: &document.title,
        sha256: &document.sha256,
        repaired: plan.repaired,
        headings: counts.headings,
        items: counts.items,
        checked: counts.checked,
        conditions: counts.conditions,
        inferred: document
            .sections
            .iter()
            .flat_map(|section| &section.items)
            .filter(|it| it.inferred)
            .count(),
        ordered_steps: counts.ordered_steps,
        tables: counts.tables,
        links: counts.links,
        fences: Fences { shell: counts.shell, promql: counts.promql, yaml: counts.yaml, other: counts.other },
        sections: Each(&document.sections, section),
        commands: Each(&plan.commands, command),
        panels: Each(&plan.panels, panel),
        thresholds: &plan.thresholds,
        flags: &plan.flags,
        variables: &plan.variables,
        phases: &plan.phases,
        stages: &plan.stages,
        events: &plan.events,
        contacts: &plan.contacts,
        severities: &plan.severities,
        routes: &plan.routes,
        templates: &plan.templates,
        guards: &plan.guards,
        rollback_steps: &plan.rollback_steps,
        activations: &plan.activations,
        procedures: &plan.procedures,
        triggers: &plan.triggers,
        roles: &plan.roles,
        findings: &plan.findings,
    }
}

fn command(command: &Command) -> ToldCommand<'_> {
    ToldCommand {
        id: &command.id,
        line: command.line,
        text: command.shown(),
        section: &command.section,
        item: command.item.as_ref(),
        fence: command.fence,
        kind: command.kind_word(),
        why: &command.why,
        proof: command.proof,
        comment: &command.comment,
        expected: &command.expected,
    }
}

fn section(section: &Section) -> ToldSection<'_> {
    ToldSection { path: &section.path, line: section.line, items: Each(&section.items, item) }
}

fn item(item: &Item) -> ToldItem<'_> {
    let (role, due_from_seconds, due_until_seconds) = match &item.meaning {
        Meaning::SignOff { role } => (role.as_ref(), None, None),
        Meaning::Later { from_seconds, until_seconds } => (None, *from_seconds, *until_seconds),
        Meaning::Work | Meaning::Trigger | Meaning::Criterion | Meaning::Claim => (None, None, None),
    };
    ToldItem {
        id: &item.id,
        line: item.line,
        text: &item.text,
        below: item.below.as_ref(),
        depth: item.depth,
        meaning: item.meaning.word(),
        role,
        due_from_seconds,
        due_until_seconds,
        claimed: item.claimed,
        required: item.required,
        struck: item.struck,
        inferred: item.inferred,
        owner: item.owner.as_ref(),
        fields: &item.fields,
        mark: item.mark,
    }
}

fn panel(query: &Query) -> Panel<'_> {
    Panel {
        line: query.line,
        title: &query.title,
        query: &query.query,
        valid: query.error.is_none(),
        error: query.error.as_ref(),
        suggestion: query.suggestion.as_deref(),
        threshold: query.threshold,
    }
}

#[cfg(test)]
mod tests;
