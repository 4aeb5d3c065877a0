//! Which items of the checklists a stage asks for.

use std::time::Duration;

use crate::domain::plan::Named;
use crate::domain::room::{ItemRef, StageSpec};
use crate::domain::{Clean, Document, ItemId};
use crate::model::checklist::Checklist;

use super::named;

/// Items that were asked for, and what was not found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// The items, each once.
    pub items: Vec<ItemId>,
    /// What stands in no checklist.
    pub missing: Vec<Clean>,
}

/// The items of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StageItems {
    /// Before it.
    pub before: Found,
    /// Its steps.
    pub steps: Found,
    /// What must be true at its end.
    pub success: Found,
}

impl StageItems {
    /// The items that `stage` asks for.
    pub fn of(stage: &StageSpec, checklist: &Checklist) -> Self {
        Self {
            before: find(&stage.before, checklist),
            steps: find(&stage.steps, checklist),
            success: find(&stage.success, checklist),
        }
    }
}

/// Finds the items that `refs` mean.
pub(super) fn find(refs: &[ItemRef], checklist: &Checklist) -> Found {
    let mut found = Found::default();
    for of in refs {
        let before = found.items.len();
        let mut known = false;
        for document in checklist.documents() {
            for section in &document.sections {
                let of_section =
                    matches!(of, ItemRef::Named(name) if section.path.iter().any(|it| same(it, name)));
                for item in &section.items {
                    let meant = of_section
                        || match of {
                            ItemRef::Named(name) => {
                                item.id.0 == **name || same(&item.text, name) || same(bare(&item.text), name)
                            }
                            ItemRef::At(path, line) => document.path == *path && item.line == *line,
                        };
                    known |= meant;
                    if meant && !found.items.contains(&item.id) {
                        found.items.push(item.id.clone());
                    }
                }
            }
        }
        if !known && found.items.len() == before {
            found.missing.push(Clean::new(&named(of)));
        }
    }
    found
}

/// A text without what stands in parentheses at its end: `(required)`, `(QA)`.
fn bare(text: &str) -> &str {
    match text.trim_end().strip_suffix(')').and_then(|text| text.rsplit_once('(')) {
        Some((before, _)) if !before.trim().is_empty() => bare(before),
        _ => text.trim_end(),
    }
}

/// Whether two texts are the same to a reader.
fn same(one: &str, other: &str) -> bool {
    let words = |text: &str| text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>();
    words(one) == words(other)
}

/// The stages of documents, in the order of the files. Names are unique: one that comes again is numbered.
pub(super) fn of_documents(documents: &[Document]) -> Vec<StageSpec> {
    let mut stages: Vec<StageSpec> = Vec::new();
    for document in documents {
        for planned in &document.plan.stages {
            let at = |named: &Named| ItemRef::At(document.path.clone(), named.line);
            let twins = |name: &str| stages.iter().filter(|stage| stage.name == name).count();
            let plain = planned.name.to_string();
            let numbered =
                (2..=stages.len() + 2).map(|n| format!("{plain} ({n})")).find(|name| twins(name) == 0);
            let name = if twins(&plain) == 0 { plain } else { numbered.unwrap_or_default() };
            stages.push(StageSpec {
                name,
                percent: planned.percent,
                flags: planned.flags.iter().map(Clean::to_string).collect(),
                before: planned.pre.iter().map(at).collect(),
                steps: planned.steps.iter().map(at).collect(),
                success: planned.success.iter().map(at).collect(),
                criteria: Vec::new(),
                soak: Duration::from_secs(planned.soak_seconds.unwrap_or(0)),
                read: Some((document.path.clone(), planned.line)),
            });
        }
    }
    stages
}
