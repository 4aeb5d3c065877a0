//! Keys over the progress of an operation.

use crate::domain::{Action, KeyPress, OpId};

use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::modal::Outcome;

impl Model {
    /// What a key makes of it; nothing, where something else is shown instead.
    pub(in crate::model) fn read_progress(
        &mut self,
        id: &OpId,
        press: KeyPress,
        action: Option<Action>,
        effects: &mut Vec<Effect>,
    ) -> Option<Outcome> {
        if action.is_some_and(|action| self.refuses(action)) {
            return Some(Outcome::Waiting);
        }
        match action {
            // The second press of a double enter was meant for the dialog, which is gone.
            Some(Action::Open) if !self.ui.held.takes(&press) || self.reads_first(id) => {}
            // What failed can be asked for again, with the state as it is now.
            Some(Action::Open) if self.asks_again(id) => {
                let act = self.ops.get(id).map(|op| op.act.clone())?;
                self.reopen(&act, effects);
                return None;
            }
            Some(Action::Back | Action::Open | Action::Quit) => return Some(Outcome::Closed),
            // Once it is effective, or lost, another one may follow, whatever is still to be seen of it.
            Some(Action::Rollback) => {
                let free = self.ops.get(id).filter(|op| op.lets_go_back(self.now));
                let service = free.map(|op| op.act.service());
                if let Some(ix) = service {
                    self.open_rollback_dialog(ix, effects);
                    return None;
                }
            }
            Some(Action::Recheck) => self.recheck(Some(id), effects),
            Some(Action::Undo) => self.withdraw_waiting(id, effects),
            _ => {}
        }
        Some(Outcome::Waiting)
    }
}
