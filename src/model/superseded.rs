//! What took the place of what an operation set: an act of this room, which is told by who asked for it, or a change from
//! outside. The API and the providers name whoever's token it was, and that may be the same for all.

use crate::domain::revision::same_shares;
use crate::domain::{Clean, OpKind, OpState, format};

use super::Model;
use super::flags::{Past, index_of};
use super::ops::Operation;

impl Model {
    /// By what an operation is superseded, in words; `seen`: how it is seen not to stand any more.
    pub(super) fn superseded(&self, op: &Operation, seen: Option<Clean>) -> Option<Clean> {
        // It may look just as this one wanted it once more: that is somebody else's doing.
        if let Some(later) = self.ops.in_place_of(&op.id) {
            let at = format::clock(later.effective_at().unwrap_or_default());
            return Some(Clean::new(&format!("replaced by what {} did, effective at {at}", later.by)));
        }
        let mut later = self.ops.iter().skip_while(|it| it.id != op.id).skip(1);
        let seen = seen?;
        // Seen before its own console told of it.
        let ours = later.find(|later| {
            let stands = later.state() != Some(OpState::Failed) && later.act.replaces(&op.act);
            stands && self.is_asked_for(&later.act)
        });
        Some(ours.map_or(seen, |later| Clean::new(&format!("replaced by what {} asked for", later.by))))
    }

    /// Whether what an act asks for is what is asked of its service now, or what its flag is.
    fn is_asked_for(&self, act: &OpKind) -> bool {
        match act {
            OpKind::Rollback(change) | OpKind::Traffic(change) => {
                let traffic = self.traffic(change.service);
                traffic.is_some_and(|traffic| same_shares(&traffic.desired, &change.after))
            }
            OpKind::Flag(change) => {
                let index = index_of(&self.room, change);
                let now = index.and_then(|index| self.flag_now(index));
                now.is_some_and(|now| Past::asked(change).is_met_by(&now.past))
            }
            OpKind::Run(_) => false,
        }
    }
}
