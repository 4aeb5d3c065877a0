//! Rollback triggers of documents that no data decides: rows of the triggers panel beside those that the room measures. Who
//! sees one happen says so in the checklist.

use std::borrow::Cow;

use crate::domain::{Attestation, Clean, Meaning};

use crate::model::Model;
use crate::model::checklist::ItemState;

/// A trigger that a person watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaidTrigger<'m> {
    /// Its text, behind the line above it where that may make something else of it.
    pub text: Cow<'m, str>,
    /// Where it stands: `RELEASE.md:12`; empty: it was taken out of its file since.
    pub place: String,
    /// The stage before which it asks for nothing, while that has not begun.
    pub waits: Option<&'m Clean>,
    /// Who said that it happened.
    pub said: Option<&'m Attestation>,
}

impl Model {
    /// In the order of the files, and at the end what happened and stands in none any more.
    pub fn said_triggers(&self) -> Vec<SaidTrigger<'_>> {
        let list = &self.checklist;
        let mut found = Vec::new();
        for document in list.documents() {
            let file = document.path.rsplit('/').next().unwrap_or(&document.path);
            let items = document.sections.iter().flat_map(|section| &section.items);
            for item in items.filter(|item| item.meaning == Meaning::Trigger) {
                let state = list.state(item);
                // Data decides it, it is set aside, or a later stage says otherwise.
                if matches!(
                    state,
                    ItemState::Measured(_)
                        | ItemState::Struck
                        | ItemState::Replaced(_)
                        | ItemState::NotApplicable(_)
                ) {
                    continue;
                }
                let said = state.attestation().filter(|_| matches!(state, ItemState::Happened(_)));
                let waits = match state {
                    ItemState::NotBegun(stage) => Some(stage),
                    _ => None,
                };
                let place = format!("{file}:{}", item.line);
                found.push(SaidTrigger { text: item.shown(), place, waits, said });
            }
        }
        for said in list.happened() {
            if found.iter().all(|known| known.said != Some(said)) {
                found.push(SaidTrigger {
                    text: Cow::Borrowed(&said.text),
                    place: String::new(),
                    waits: None,
                    said: Some(said),
                });
            }
        }
        found
    }
}
