//! The stages that a rollout went through, with their soak clocks and what spoke against going on.

use super::facts::{At, Stage};
use super::scope::Scope;
use crate::domain::Entry;
use crate::domain::stage::{Course, Step};
use crate::model::checklist::Rollouts;

/// One row a stage that was entered, in their order.
pub(super) fn stages(scope: &Scope<'_>) -> Vec<Stage> {
    let (mut rollouts, mut course) = (Rollouts::default(), Course::default());
    for record in scope.earlier.iter().chain(scope.records) {
        rollouts.record(record);
        course.record(record, rollouts.current().map(|rollout| rollout.id.as_str()), rollouts.proves_since());
    }
    let seconds = |ms: u64| ms as f64 / 1_000.0;
    let mut rows: Vec<Stage> = course
        .passed()
        .iter()
        .map(|passed| Stage {
            name: passed.name.clone(),
            state: "passed",
            entered: At(passed.entered.at),
            by: passed.entered.by.clone(),
            left: Some(At(passed.left.at)),
            left_by: Some(passed.left.by.clone()),
            why: passed.left.reason.clone(),
            soaked_seconds: seconds(passed.soaked_ms),
            back_filled_seconds: seconds(passed.filled_ms),
            against: passed.against.clone(),
            record: entered(scope, &passed.name),
        })
        .collect();
    if let Some(current) = course.current() {
        let aborted = course.aborted();
        rows.push(Stage {
            name: current.name.clone(),
            state: if aborted.is_some() { "given_up" } else { "not_passed" },
            entered: At(current.entered.at),
            by: current.entered.by.clone(),
            left: aborted.map(|said| At(said.at)),
            left_by: aborted.map(|said| said.by.clone()),
            why: aborted.map(|said| said.reason.clone()).unwrap_or_default(),
            soaked_seconds: seconds(current.clock.ms),
            back_filled_seconds: seconds(current.clock.filled_ms),
            against: Vec::new(),
            record: entered(scope, &current.name),
        });
    }
    rows
}

/// The newest record with which a stage of this name began.
fn entered(scope: &Scope<'_>, name: &str) -> u64 {
    let begins = |entry: &Entry| match entry {
        Entry::Stage(step) => matches!(&**step, Step::Entered { stage, .. } if **stage == *name),
        _ => false,
    };
    scope.records.iter().rev().find(|record| begins(&record.entry)).map_or(0, |record| record.seq)
}
