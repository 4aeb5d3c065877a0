//! What the API of Cloud Run asks to wait for (429) before an act is sent once more: told, recorded, and taken back.
//!
//! Others know from its record when an act was sent at the latest. So it leaves later than that only once the journal has it
//! that it waits, and then by a stated time.

use crate::domain::record::Guard;
use crate::domain::room::Mode;
use crate::domain::{Clean, Entry, OpId, OpState, Wall, format};

use super::{Operation, Wait};
use crate::model::Model;
use crate::model::effect::{Effect, SENT_WITHIN, WAITS_AT_MOST};
use crate::model::msg::Token;

impl Operation {
    /// It rests as its record says; without a time in it, as long as anybody may.
    pub(super) fn rests(&mut self, until: Option<Wall>, detail: &Clean) {
        let Some(intent) = self.steps.first() else { return };
        let until = until.unwrap_or(intent.at + WAITS_AT_MOST);
        self.rested = self.rested.max(Some(until));
        if !self.mine {
            let why = detail.split_once(" · ").map_or("", |(_, why)| why);
            self.waits = Some(Wait { until, why: Clean::new(why), token: None });
        }
    }

    /// It may leave after its rest, and soon.
    fn begin_rest(&mut self, effects: &mut Vec<Effect>) {
        let (Some(wait), Some(intent)) = (self.waits.as_mut(), self.steps.first()) else { return };
        let until = (wait.until + SENT_WITHIN).min(intent.at + SENT_WITHIN + WAITS_AT_MOST);
        wait.token = None;
        self.rested = self.rested.max(Some(wait.until));
        self.until = self.until.max(until);
        effects.push(Effect::Prolong { op: self.id.clone(), until: self.until });
    }
}

impl Model {
    /// The API asked the runner of an operation to wait. Other consoles read it, while it is not sent.
    pub(in crate::model) fn told_to_wait(
        &mut self,
        id: &OpId,
        until: Wall,
        why: &Clean,
        effects: &mut Vec<Effect>,
    ) {
        // Where it is too long to be waited for, it is told what is left until it may be asked for again.
        let waits = |op: &&mut Operation| !op.is_over() || op.state() == Some(OpState::Failed);
        let Some(op) = self.ops.get_mut(id).filter(waits) else { return };
        op.waits = Some(Wait { until, why: why.clone(), token: None });
        if op.state() == Some(OpState::Requested) {
            let words = format!("429, told to wait until {} · {why}", format::clock(until));
            let (op, detail) = (id.clone(), Clean::new(&words));
            let draft =
                self.mine(Entry::Progress { op, state: OpState::Requested, detail, until: Some(until) });
            let token = self.append(draft, Guard::Free, effects);
            if let Some(wait) = self.ops.get_mut(id).and_then(|op| op.waits.as_mut()) {
                wait.token = Some(token);
            }
        }
    }

    /// The journal took a record: if it is one of a wait, the act may be sent after it.
    pub(in crate::model) fn wait_recorded(&mut self, token: Token, effects: &mut Vec<Effect>) {
        let now = self.now.wall;
        let Some(op) = self.ops.by_wait(token) else { return };
        // Too late for others to have read of it in time.
        if now > op.until {
            return self.wait_not_recorded(token, effects);
        }
        op.begin_rest(effects);
    }

    /// The journal did not take the record of a wait: what is over before the act may not leave any more is waited for all
    /// the same, and a longer one is not begun.
    pub(in crate::model) fn wait_not_recorded(&mut self, token: Token, effects: &mut Vec<Effect>) {
        let now = self.now.wall;
        let Some(op) = self.ops.by_wait(token) else { return };
        // Whoever cannot read of the rest cannot read of the act either, and then reads of both.
        if op.unrecorded {
            return op.begin_rest(effects);
        }
        let Some(wait) = op.waits.as_mut() else { return };
        wait.token = None;
        if wait.until > op.until {
            let left = format::age((wait.until - now).to_std().unwrap_or_default());
            let why = format!(
                "rate limited: nothing was moved, and a rest that the journal does not have is not waited for; \
                 try again in {left}"
            );
            effects.push(Effect::Halt { op: op.id.clone(), why: Clean::new(&why) });
        }
    }

    /// Whether what is shown waits to be sent once more, so that it can be taken back: nothing of it was done.
    pub fn can_take_back(&self, op: &Operation) -> bool {
        let waits =
            op.mine && op.state() == Some(OpState::Requested) && op.wait_left(self.now.wall).is_some();
        waits && self.room.operator.mode == Mode::Operate
    }

    /// Takes back what waits to be sent once more. Whether it was in time its runner tells.
    pub(in crate::model) fn withdraw_waiting(&self, id: &OpId, effects: &mut Vec<Effect>) {
        if self.ops.get(id).is_some_and(|op| self.can_take_back(op)) {
            let why =
                "taken back while the API asked to wait: nothing was moved, and it is not sent once more";
            effects.push(Effect::Halt { op: id.clone(), why: Clean::new(why) });
        }
    }
}
