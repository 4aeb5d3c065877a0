//! `[signoff]`, `[[role]]` and `[[bind]]`: who signs for what, and which live facts items rest on.

use std::collections::BTreeMap;
use std::path::Path;

use super::problem::suggestion;
use super::section::Section;
use super::service::check_unique;
use crate::domain::room::{Binding, Elsewhere, RoleSpec, SignOffSpec};
use crate::domain::{ConditionSpec, ProofKind};

/// Most roles and bindings.
const MOST: usize = 500;

pub(super) fn read(
    top: &Section<'_>,
    base: &Path,
    production: bool,
    conditions: &[ConditionSpec],
) -> SignOffSpec {
    let section = top.section("signoff");
    let second_person = match section.word("second_person", "never", &["never", "production", "always"]) {
        "always" => true,
        "production" => production,
        _ => false,
    };
    let requires = section.text("requires_evidence_from").filter(|name| !name.is_empty());
    SignOffSpec {
        second_person,
        gates_tick: section.word("gates", "tick", &["tick", "propose"]) == "tick",
        requires: requires.map(|name| Elsewhere { path: base.join(&name), name }),
        roles: roles(top),
        bindings: bindings(top, conditions),
        measured: BTreeMap::new(),
    }
}

fn roles(top: &Section<'_>) -> Vec<RoleSpec> {
    let sections = top.sections("role", MOST);
    let role = |section: &Section<'_>| RoleSpec {
        name: section.required("name", "write name = \"QA\" under [[role]]"),
        also: section.texts("also", &[]),
        people: section.texts("people", &[]),
    };
    let roles: Vec<RoleSpec> = sections.iter().map(role).collect();
    let spanned = roles.iter().zip(&sections).map(|(r, section)| (r.name.as_str(), section.span("name")));
    check_unique(top.problems, "role", spanned);
    roles
}

fn bindings(top: &Section<'_>, conditions: &[ConditionSpec]) -> Vec<Binding> {
    top.sections("bind", MOST).iter().map(|section| binding(section, conditions)).collect()
}

fn binding(section: &Section<'_>, conditions: &[ConditionSpec]) -> Binding {
    let part = |key: &'static str| section.text(key).filter(|part| !part.trim().is_empty());
    let (document, heading, text) = (part("document"), part("heading"), part("text"));
    if heading.is_none() && text.is_none() {
        let why = "it would hold for every item";
        section.wrong("text", "a [[bind]] names no item", why, "write heading = \"…\" or text = \"…\"");
    }
    let (condition, gate) = (part("condition"), part("gate"));
    if let Some(name) = &condition {
        known(section, name, conditions);
    }
    let (kind, name) = match (condition, gate) {
        (Some(name), None) => (ProofKind::Condition, name),
        (None, Some(name)) => (ProofKind::Gate, name),
        (one, _) => {
            let what = if one.is_some() { "both a condition and a gate" } else { "no condition and no gate" };
            let next = "write condition = \"…\" or gate = \"…\"";
            section.wrong("condition", &format!("a [[bind]] has {what}"), "an item rests on one fact", next);
            (ProofKind::Condition, String::new())
        }
    };
    let ticks_itself = section.word("ticks", "proposes", &["proposes", "itself"]) == "itself";
    Binding { document, heading, text, kind, name, ticks_itself }
}

fn known(section: &Section<'_>, name: &str, conditions: &[ConditionSpec]) {
    if conditions.iter().all(|condition| condition.name != *name) {
        let names: Vec<&str> = conditions.iter().map(|condition| condition.name.as_str()).collect();
        let what = format!("`{}` is \"{name}\"", section.dotted("condition"));
        section.wrong("condition", &what, "no condition has this name", &suggestion(name, &names));
    }
}
