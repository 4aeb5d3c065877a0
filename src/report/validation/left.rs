//! What is left over when the report ends: locks, pins, operations whose end nobody knows.

use std::collections::BTreeMap;

use crate::domain::revision::suffix;
use crate::domain::{Entry, TrafficTarget};

use super::facts::{Operation, Said};
use super::scope::Scope;
use super::services::History;

/// Everything that is left over, each with its record.
pub(super) fn left_over(
    scope: &Scope<'_>,
    histories: &BTreeMap<&str, History<'_>>,
    operations: &[Operation],
) -> Left {
    let mut left = Left::default();
    for (service, record) in locks(scope) {
        left.add(
            format!("Deploys and flips forward of {service} are locked until the lock is released by name."),
            format!(
                "Release the lock on {service}, by name, before it is deployed or flipped forward again."
            ),
            record,
        );
    }
    for (service, history) in histories {
        if let Some((record, split)) = history.last()
            && let Some(to) = pinned(service, split)
        {
            left.add(
                format!("Traffic of {service} is pinned to {to}: the next deploy gets 0 % of it."),
                format!(
                    "Let the traffic of {service} follow the latest revision again before the next deploy."
                ),
                record.seq,
            );
        }
    }
    for op in operations.iter().filter(|op| op.is_unfinished()) {
        let text = format!("{} {}.", op.what, op.ending());
        left.is.push(Said { text, record: Some(op.record) });
    }
    if let Some((record, written)) = written(scope, &left.is) {
        let text = format!("As written down at the end of the rollout: {}.", written.join("; "));
        left.is.push(Said { text, record: Some(record) });
    }
    left
}

/// What is left over, and what is to be done about it.
#[derive(Debug, Default)]
pub(super) struct Left {
    pub(super) is: Vec<Said>,
    pub(super) todo: Vec<Said>,
}

impl Left {
    fn add(&mut self, is: String, todo: String, record: u64) {
        self.is.push(Said { text: is, record: Some(record) });
        self.todo.push(Said { text: todo, record: Some(record) });
    }
}

/// What was written down at the end of the rollout, and is not said already.
fn written(scope: &Scope<'_>, said: &[Said]) -> Option<(u64, Vec<String>)> {
    let is_said = |text: &str| {
        let (service, what) = text.split_once(": ").unwrap_or(("", text));
        let word = if what.contains("pinned") { "pinned" } else { "locked" };
        (what.contains("pinned") || what.contains("locked"))
            && said.iter().any(|said| said.text.contains(service) && said.text.contains(word))
    };
    scope.records.iter().find_map(|record| match &record.entry {
        Entry::RolloutEnded { left, .. } => {
            let new: Vec<String> =
                left.iter().filter(|text| !is_said(text)).map(ToString::to_string).collect();
            (!new.is_empty()).then_some((record.seq, new))
        }
        _ => None,
    })
}

fn locks<'a>(scope: &Scope<'a>) -> BTreeMap<&'a str, u64> {
    let mut locked: BTreeMap<&'a str, u64> = BTreeMap::new();
    for record in scope.earlier.iter().chain(scope.records) {
        match &record.entry {
            Entry::Lock { service, locked: true } => {
                locked.insert(service, record.seq);
            }
            Entry::Lock { service, .. } => {
                locked.remove(service.as_str());
            }
            _ => {}
        }
    }
    locked
}

/// Where a split is pinned to, if nothing of it follows the latest revision.
fn pinned(service: &str, split: &[TrafficTarget]) -> Option<String> {
    let mut serving = split.iter().filter(|target| target.percent > 0).peekable();
    let first = serving.peek()?.revision.as_deref()?;
    if serving.clone().any(|target| target.revision.is_none()) {
        return None;
    }
    let to = match serving.count() {
        1 => suffix(service, first).to_owned(),
        _ => super::services::split_words(service, split),
    };
    Some(to)
}
