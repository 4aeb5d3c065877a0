//! What undoes a step may be its flag: when a trigger trips after a flag was turned on from this room, and nothing was
//! moved since, the way back that is proposed is the flag's. The traffic can be moved all the same, by `:rollback SERVICE`.
//!
//! Only of flags that take effect without a deploy: one that is an environment variable is undone along with its revision.

use crate::domain::flag::{Setting, Wanted};
use crate::domain::{Clean, ConditionState, OpKind, ServiceIx};

use super::Model;
use super::confirm::Note;
use super::effect::Effect;
use super::flags::index_of;
use super::ops::Operation;

impl Model {
    /// The place of the flag that a tripped trigger asks to take back, and the trigger's name.
    pub(super) fn flag_to_undo(&self) -> Option<(usize, &str)> {
        let moved = self.ops.iter().filter(|op| !matches!(op.act, OpKind::Run(_)));
        let last =
            moved.filter(|op| op.effective_at().is_some()).max_by_key(|op| Operation::effective_at(op))?;
        let OpKind::Flag(change) = &last.act else { return None };
        let live = change.live.as_ref().filter(|live| is_more(&live.before, &live.after))?;
        let at = last.effective_at()?;
        let tripped = self.conditions.triggers(&self.room).find(|(spec, state)| {
            let service = spec.signal.service;
            let of = change.service == ServiceIx::NONE || change.service == service;
            // Moved by anybody since, it is the traffic that is to go back.
            let moved = self.journal.split_since(&self.service_name(service)).is_some_and(|since| since > at);
            let after = state.since.is_some_and(|since| since.wall >= at);
            state.state == ConditionState::Fail && of && after && !moved
        });
        let index = index_of(&self.room, change)?;
        let still = self.flags.read(index).is_some_and(|read| live.after.is_met_by(&read.setting));
        tripped.filter(|_| still).map(|(spec, _)| (index, spec.name.as_str()))
    }

    /// Opens the dialog that sets that flag back; whether there is one.
    pub(super) fn open_flag_undo(&mut self, effects: &mut Vec<Effect>) -> bool {
        let Some((index, trigger)) = self.flag_to_undo() else { return false };
        let (detail, consequence) =
            ("it was turned on before the trigger tripped", ":rollback moves traffic");
        let note = Note {
            unknown: false,
            subject: Clean::new(&format!("asked for by {trigger}")),
            detail: Clean::new(detail),
            consequence: Clean::new(consequence),
        };
        let reason = format!("trigger {trigger} tripped after the flag was turned on");
        self.open_set(index, Wanted::Previous, effects);
        if self.confirm_mut().is_none() {
            // What it was before is not known: off it goes.
            self.open_set(index, Wanted::Off, effects);
        }
        let Some(confirm) = self.confirm_mut() else { return false };
        confirm.notes.insert(0, note);
        confirm.reason = tui_input::Input::new(reason);
        true
    }
}

/// Whether more people get it afterwards.
fn is_more(before: &Setting, after: &Setting) -> bool {
    let share = |setting: &Setting| if setting.enabled { setting.percent.unwrap_or(100) } else { 0 };
    share(after) > share(before)
}
