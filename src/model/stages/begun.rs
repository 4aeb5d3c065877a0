//! Which rollback triggers and limits of queries wait for their stage: what stands below a later one asks for nothing before
//! that begins. Where nobody entered any, nobody may ever tell which one it is: all of them count.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::room::{StageSpec, StagesSpec};
use crate::domain::{Clean, Document, Entry, Item, ItemId, Meaning, Record, Room};
use crate::model::Model;
use crate::model::checklist::Checklist;
use crate::model::effect::Effect;

use super::{Stages, items};

/// How the triggers of stages stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Begun {
    /// Those whose stage has not begun, with its name.
    pub waits: BTreeMap<ItemId, Clean>,
    /// Those whose stage has begun, with its place and name.
    pub at: BTreeMap<ItemId, (usize, Clean)>,
    /// Stages that have not begun, by their document and line, with their names.
    pub later: BTreeMap<(String, u32), Clean>,
    /// Conditions that are tripped: none goes away before it is clear.
    pub tripped: BTreeSet<String>,
}

impl Begun {
    /// The same as the journal tells it, for commands without a screen.
    pub fn recorded(room: &Room, documents: &[Document], records: &[Record]) -> Self {
        let mut checklist = Checklist::default();
        checklist.documents_read(documents.to_vec(), Vec::new());
        let mut stages = Stages::of(room);
        stages.documents_read(room, &checklist);
        for record in records {
            checklist.record(record);
            stages.record(record, &checklist, false);
        }
        let newest = records.iter().rev().find_map(|record| match &record.entry {
            Entry::Measured(measured) => Some(&measured.outstanding),
            _ => None,
        });
        let tripped = newest.into_iter().flatten().filter(|it| it.tripped.is_some());
        let tripped = tripped.map(|it| it.name.clone()).collect();
        Self { tripped, ..stages.begun(&room.stages, documents) }
    }
}

/// The stages of a room with these `documents`.
pub(super) fn specs(spec: &StagesSpec, documents: &[Document]) -> Vec<StageSpec> {
    if spec.stages.is_empty() && spec.documented {
        return items::of_documents(documents);
    }
    spec.stages.clone()
}

impl Stages {
    /// How the triggers of `documents` stand whose stages are those of `spec`.
    pub fn begun(&self, spec: &StagesSpec, documents: &[Document]) -> Begun {
        let mut begun = Begun::default();
        let of_stages = |item: &&Item| item.meaning == Meaning::Trigger && item.stage.is_some();
        let items = |document: &Document| {
            document.sections.iter().flat_map(|it| &it.items).filter(of_stages).cloned().collect::<Vec<_>>()
        };
        let asks = |document: &Document| {
            document.plan.panels.iter().any(|query| query.stage.is_some()) || !items(document).is_empty()
        };
        if !documents.iter().any(asks) {
            return begun;
        }
        let specs = specs(spec, documents);
        let Some(reached) = self.reached_of(&specs) else { return begun };
        for document in documents {
            let mut at = BTreeMap::new();
            for stage in &document.plan.stages {
                let read =
                    |spec: &StageSpec| spec.read.as_ref() == Some(&(document.path.clone(), stage.line));
                let named = |spec: &StageSpec| {
                    spec.read.is_none() && spec.name.to_lowercase() == stage.name.to_lowercase()
                };
                // A room with other stages never knows when this one begins: its triggers count.
                let Some(place) = specs.iter().position(|spec| read(spec) || named(spec)) else { continue };
                at.insert(stage.line, (place, stage.name.clone()));
                if place > reached {
                    begun.later.insert((document.path.clone(), stage.line), stage.name.clone());
                }
            }
            for item in items(document) {
                let Some((place, stage)) = at.get(&item.stage.unwrap_or_default()) else { continue };
                if *place <= reached {
                    begun.at.insert(item.id, (*place, stage.clone()));
                } else {
                    begun.waits.insert(item.id, stage.clone());
                }
            }
        }
        begun
    }

    /// The place of the stage under way, or of the one that is next; `None`: nobody entered any.
    pub(in crate::model) fn reached(&self) -> Option<usize> {
        self.reached_of(&self.specs)
    }

    fn reached_of(&self, specs: &[StageSpec]) -> Option<usize> {
        let place = |name: &str| specs.iter().position(|spec| spec.name == name);
        let current = self.course.current().and_then(|current| place(&current.name));
        let passed = || self.course.passed().iter().rev().find_map(|passed| place(&passed.name));
        current.or_else(|| passed().map(|at| at + 1))
    }
}

impl Model {
    /// Another stage is under way: its triggers count from now on.
    pub(in crate::model) fn stage_reached(&mut self, effects: &mut Vec<Effect>) {
        let documents = self.checklist.documents().to_vec();
        self.complete_room(&documents, effects);
    }
}
