//! A rollback that failed, and that nobody has seen to since: what it was to leave may serve still.

use chrono::TimeDelta;

use crate::domain::room::Mode;
use crate::domain::{OpKind, OpState, PanelId, Reason, ReasonKind, ServiceIx, TrafficChange, Wall};

use super::waiting;
use crate::model::Model;
use crate::model::ops::Operation;

/// For so long it holds up who wants to go forward; then it only stays in sight.
const HOLDS: TimeDelta = TimeDelta::minutes(10);

impl Model {
    /// That the last act on a service was a rollback, and failed; until what it was to leave was left, another act begins, or
    /// a person ends the rollout. What failed because somebody else moved the traffic meanwhile may serve as before.
    pub(in crate::model) fn failed_rollback(&self, ix: ServiceIx) -> Option<Reason> {
        let on_it = |op: &&Operation| op.act.service() == ix && op.act.live().is_none();
        let op = self.ops.iter().rev().filter(on_it).find(|op| op.state().is_some())?;
        let OpKind::Rollback(change) = &op.act else { return None };
        let (begun, last) = (op.steps.first()?, op.steps.last()?);
        let name = self.service_name(ix);
        let closed = self.checklist.rollouts().ended_since(last.at);
        if last.state != OpState::Failed || closed || self.is_left_since(change, begun.at) {
            return None;
        }
        let subject = format!("the rollback of {name} to {} FAILED", self.short_revision(ix, &change.to));
        let next = if self.room.operator.mode == Mode::Operate { "R asks again" } else { "" };
        let holds = self.now.wall - last.at < HOLDS;
        let kind = if holds { ReasonKind::Waiting } else { ReasonKind::Warning };
        let reason = waiting(&subject, &last.detail, next, PanelId::Traffic);
        Some(Reason { kind, since: Some(self.at_wall(last.at)), ..reason })
    }

    /// Whether the traffic moved since, and no revision has more of it than the rollback would have let it have.
    fn is_left_since(&self, change: &TrafficChange, since: Wall) -> bool {
        let name = self.service_name(change.service);
        let serving = self.journal.serving(&name).filter(|(moved, _)| *moved > since);
        let Some(traffic) = self.traffic(change.service) else { return serving.is_some() };
        serving.is_some_and(|(_, split)| {
            let before = traffic.served_by(&change.before, change.frozen_at);
            let most = |name: &&str| traffic.percent_of(&change.after, name);
            !before.iter().any(|name| traffic.percent_of(split, name) > most(name) && *name != change.to)
        })
    }
}
