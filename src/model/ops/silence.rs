//! Whether anybody is seen following an operation of another console: its steps come by the journal, or they do not.

use std::time::Duration;

use crate::domain::room::Mode;
use crate::domain::{Now, OpKind, OpState};
use crate::model::Model;

use super::Operation;

/// Without a step for so long, another console's operation is followed by the keeper.
const ORPHAN_AFTER: Duration = Duration::from_secs(30);

/// Without a step for so long nobody is seen following it.
const SILENT_AFTER: Duration = Duration::from_secs(10);

impl Operation {
    /// Whether nobody seems to follow it: another console's, and no step for too long. Its console may have been
    /// killed between sending and the answer.
    pub fn is_orphan(&self, now: Now) -> bool {
        self.unheard(now).is_some_and(|quiet| quiet > ORPHAN_AFTER)
    }

    /// In how long it is looked at by itself, while nobody is seen following it.
    fn looked_at_in(&self, now: Now) -> Option<Duration> {
        let quiet = self.unheard(now).filter(|quiet| *quiet >= SILENT_AFTER)?;
        Some(ORPHAN_AFTER.saturating_sub(quiet))
    }

    /// For how long another console should have told of it, and did not.
    fn unheard(&self, now: Now) -> Option<Duration> {
        // Commands are found by their processes.
        let follows = !matches!(self.act, OpKind::Run(_)) && !self.mine && !self.is_over();
        let quiet = (now.wall - self.steps.last().filter(|_| follows)?.at).to_std().unwrap_or_default();
        // Whoever waits for VERIFIED, or is told to rest, has nothing to tell for so long.
        let silent = match self.state() {
            Some(OpState::Requested) => self.waited(),
            _ if self.frees_resource() => self.good_needed,
            _ => Duration::ZERO,
        };
        quiet.checked_sub(silent)
    }
}

impl Model {
    /// That nobody is seen following an operation, and when the console that keeps the journal looks: its own may be gone.
    pub fn unfollowed(&self, op: &Operation) -> Option<String> {
        let left = op.looked_at_in(self.now)?;
        let asks = self.room.operator.mode == Mode::Operate && !op.frees_resource();
        let key = if asks { ", c looks now" } else { "" };
        let left = crate::domain::format::age_seconds(left);
        Some(format!("nobody is seen following it · looked at in {left}{key}"))
    }
}
