//! Lines about a person's word against the verdict.

use super::{Command, Line};
use crate::domain::VerdictState;

/// An override by each verdict, and its end.
pub(super) fn rule_lines() -> Vec<Line> {
    let states = VerdictState::ALL.into_iter().map(|state| {
        let about = "the verdict is this for a time, with a reason";
        (format!("override {}", state.slug()), about, Command::Override(Some(state)), None)
    });
    let end = ("override end".to_owned(), "the verdict is the room's again", Command::Override(None), None);
    states.chain([end]).collect()
}
