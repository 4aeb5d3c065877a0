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
) -> Vec<Said> {
    let mut left = locks(scope);
    for (service, history) in histories {
        if let Some((record, split)) = history.last()
            && let Some(pinned) = pinned(service, split)
        {
            left.push(Said { text: pinned, record: Some(record.seq) });
        }
    }
    for op in operations.iter().filter(|op| op.is_unfinished()) {
        left.push(Said { text: format!("{} {}.", op.what, op.ending()), record: Some(op.record) });
    }
    left
}

fn locks(scope: &Scope<'_>) -> Vec<Said> {
    let mut locked: BTreeMap<&str, u64> = BTreeMap::new();
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
    let each = |(service, record): (&str, u64)| Said {
        text: format!(
            "Deploys and flips forward of {service} are locked until the lock is released by name."
        ),
        record: Some(record),
    };
    locked.into_iter().map(each).collect()
}

/// Whether nothing of a split follows the latest revision.
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
    Some(format!(
        "Traffic of {service} is pinned to {to}: the next deploy gets 0 % until traffic follows the latest again."
    ))
}
