//! A rollback that failed, and that nobody has seen to since: what it was to leave may serve still.

use chrono::TimeDelta;

use crate::domain::room::Mode;
use crate::domain::{OpKind, OpState, PanelId, Reason, ReasonKind, ServiceIx};

use super::waiting;
use crate::model::Model;
use crate::model::ops::Operation;

/// For so long it holds up who wants to go forward; then it only stays in sight.
const HOLDS: TimeDelta = TimeDelta::minutes(10);

impl Model {
    /// That the last act on a service was a rollback, and failed; until its traffic moves, or another act begins.
    pub(in crate::model) fn failed_rollback(&self, ix: ServiceIx) -> Option<Reason> {
        let on_it = |op: &&Operation| op.act.service() == ix && op.act.live().is_none();
        let op = self.ops.iter().rev().filter(on_it).find(|op| op.state().is_some())?;
        let OpKind::Rollback(change) = &op.act else { return None };
        let (begun, last) = (op.steps.first()?, op.steps.last()?);
        let name = self.service_name(ix);
        let moved = self.journal.split_since(&name).is_some_and(|since| since > begun.at);
        if last.state != OpState::Failed || moved {
            return None;
        }
        let subject = format!("the rollback of {name} to {} FAILED", self.short_revision(ix, &change.to));
        let next = if self.room.operator.mode == Mode::Operate { "R asks again" } else { "" };
        let holds = self.now.wall - last.at < HOLDS;
        let kind = if holds { ReasonKind::Waiting } else { ReasonKind::Warning };
        let reason = waiting(&subject, &last.detail, next, PanelId::Traffic);
        Some(Reason { kind, since: Some(self.at_wall(last.at)), ..reason })
    }
}
