//! What moves under an open dialog although its own target stays as it was: a lock that another console set, or the traffic of
//! the service beside a flag of a live provider. It is told then, and not only when the act would be sent.

use crate::domain::{Clean, OpKind, ServiceIx, Traffic};

use super::Model;
use super::confirm::Stage;

impl Model {
    /// The way forward that is asked for was locked meanwhile.
    pub(super) fn locked_meanwhile(&mut self) {
        let Some(confirm) = self.confirm_mut().filter(|confirm| confirm.stage == Stage::Asking) else {
            return;
        };
        let why = match confirm.act.clone() {
            OpKind::Flag(change) => self.flag_refusal(&change),
            OpKind::Traffic(change) => self.lock_refusal(&change),
            OpKind::Rollback(_) | OpKind::Run(_) => None,
        };
        if let (Some(how), Some(confirm)) = (why, self.confirm_mut()) {
            confirm.stage = Stage::Changed { how };
        }
    }

    /// The service of a flag at a live provider was read again.
    pub(super) fn moved_beside(&mut self, ix: ServiceIx, traffic: &Traffic) {
        let Some(confirm) = self.confirm_mut().filter(|confirm| confirm.stage == Stage::Asking) else {
            return;
        };
        let moved = confirm.beside.is_some_and(|before| before != traffic.generation);
        if moved && confirm.act.service() == ix {
            let (generation, by) = (traffic.generation, &traffic.last_modifier);
            let how = format!("the service moved: generation is {generation} now, changed by {by}");
            confirm.stage = Stage::Changed { how: Clean::new(&how) };
        }
    }
}
