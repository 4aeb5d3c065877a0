//! How a team signs off: who has which role, when a second person is asked, and what live facts items rest on.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::rollout::same_person;
use crate::domain::{Clean, Item, ItemId, ProofKind};

/// The rules of signing off.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SignOffSpec {
    /// Whether sign-offs want a person other than the one who deploys.
    pub second_person: bool,
    /// Whether a passed gate that stands in an item ticks it; else it proposes to.
    pub gates_tick: bool,
    /// The journal of another room whose rollout of the same image must have been completed first.
    pub requires: Option<Elsewhere>,
    /// Roles and the people who have them.
    pub roles: Vec<RoleSpec>,
    /// Items and what proves them.
    pub bindings: Vec<Binding>,
    /// Items of documents that the room measures without a word in the config: the condition that came of each.
    pub measured: BTreeMap<ItemId, Vec<String>>,
}

/// Another room's journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// As written in the config.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

/// A role, by all its names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RoleSpec {
    /// Name.
    pub name: String,
    /// What documents or operators call it too.
    pub also: Vec<String>,
    /// Who has it; empty: whoever says so with `--role`.
    pub people: Vec<String>,
}

/// Which items rest on which live fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// Documents it holds for, by a part of their name; `None`: all.
    pub document: Option<String>,
    /// A part of a heading above the item; `None`: any.
    pub heading: Option<String>,
    /// A part of the item's text; `None`: any.
    pub text: Option<String>,
    /// What kind of proof.
    pub kind: ProofKind,
    /// Name of the condition or gate.
    pub name: String,
    /// Whether the room ticks the item itself, or only proposes to.
    pub ticks_itself: bool,
}

impl Binding {
    /// Whether it holds for `item` below `headings` of the document called `path`.
    pub fn holds_for(&self, path: &str, headings: &[Clean], item: &Item) -> bool {
        let document = self.document.as_deref().is_none_or(|part| has(path, part));
        let text = self.text.as_deref().is_none_or(|part| has(&item.text, part));
        let mut above = headings.iter();
        document && text && self.heading.as_deref().is_none_or(|part| above.any(|heading| has(heading, part)))
    }
}

/// Whether `text` has the parts of `pattern` (between its `*`) in their order, in whatever case.
fn has(text: &str, pattern: &str) -> bool {
    let (text, pattern) = (text.to_lowercase(), pattern.to_lowercase());
    let mut rest = text.as_str();
    for part in pattern.split('*').map(str::trim).filter(|part| !part.is_empty()) {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

impl SignOffSpec {
    /// Whether a person called `name` in the role `role` may sign for `wanted`: it is their role by one of its names,
    /// or the config says that they have it.
    pub fn is_role_of(&self, wanted: &str, name: &str, role: &str) -> bool {
        let called = |spec: &RoleSpec, what: &str| {
            let mut names = std::iter::once(&spec.name).chain(&spec.also);
            names.any(|known| same(known, what))
        };
        let mut specs = self.roles.iter().filter(|spec| called(spec, wanted)).peekable();
        if specs.peek().is_none() {
            return same(wanted, role);
        }
        specs.any(|spec| {
            let listed = spec.people.iter().any(|person| same_person(person, name));
            listed || (spec.people.is_empty() && called(spec, role))
        })
    }

    /// Whether `name` may have the role that is called `wanted`: it is one of its people, or nobody says who has it.
    pub fn may_have(&self, wanted: &str, name: &str) -> bool {
        let called =
            |spec: &&RoleSpec| std::iter::once(&spec.name).chain(&spec.also).any(|known| same(known, wanted));
        let mut people = self.roles.iter().filter(called).flat_map(|spec| &spec.people).peekable();
        people.peek().is_none() || people.any(|person| same_person(person, name))
    }
}

/// Whether two names of a role are the same but for case, punctuation and spaces.
fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let one = plain(one);
    !one.is_empty() && one == plain(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_known_by_all_its_names_and_by_its_people() {
        let role = |name: &str, also: &[&str], people: &[&str]| RoleSpec {
            name: name.into(),
            also: also.iter().map(|&also| also.into()).collect(),
            people: people.iter().map(|&person| person.into()).collect(),
        };
        let roles = vec![role("QA", &["quality assurance", "tester"], &[]), role("lead", &[], &["ines"])];
        let rules = SignOffSpec { roles, ..SignOffSpec::default() };
        for (wanted, name, has, may) in [
            ("QA", "sam", "qa", true),
            ("Quality Assurance", "sam", "tester", true),
            ("QA", "sam", "deployer", false),
            ("QA", "sam", "", false),
            ("Lead", "ines", "deployer", true),
            ("Lead", "sam", "lead", false),
            ("Product owner", "sam", "product-owner", true),
            ("Product owner", "sam", "owner", false),
        ] {
            assert_eq!(rules.is_role_of(wanted, name, has), may, "{wanted} by {name} as {has}");
        }
    }

    #[test]
    fn a_binding_finds_items_by_parts_of_document_heading_and_text() {
        let binding = |document: Option<&str>, heading: Option<&str>, text: Option<&str>| Binding {
            document: document.map(str::to_owned),
            heading: heading.map(str::to_owned),
            text: text.map(str::to_owned),
            kind: ProofKind::Condition,
            name: "health api failing".into(),
            ticks_itself: false,
        };
        let item = Item { text: "All Health check endpoints respond".into(), ..Item::default() };
        let above = [Clean::new("Deploy"), Clean::new("After it")];
        for (binding, holds) in [
            (binding(None, None, Some("health*respond")), true),
            (binding(None, None, Some("respond*health")), false),
            (binding(Some("release.md"), Some("deploy"), None), true),
            (binding(Some("other.md"), None, Some("health")), false),
            (binding(None, Some("before"), Some("health")), false),
        ] {
            assert_eq!(binding.holds_for("docs/release.md", &above, &item), holds, "{binding:?}");
        }
    }
}
