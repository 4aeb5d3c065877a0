//! Which service is shown where there is room for one, and which one is to be rolled back.

use crate::domain::room::Mode;
use crate::domain::{Condition, ConditionSpec, ConditionState, ServiceIx};

use super::Model;
use super::ops::Operation;
use super::service::ServiceState;
use super::traffic::Standing;

impl Model {
    /// The one that something is done to, or was undone; whose change failed, or is under way; that has a candidate, with
    /// traffic before one without; else the first one whose traffic is known to this room.
    pub fn foremost(&self) -> Option<&ServiceState> {
        let acting = self.ops.acting().filter(|op| op.act.live().is_none()).map(|op| op.act.service());
        let undone = self.undone().map(|undone| undone.service);
        let rank = |service: &&ServiceState| {
            let state = service.traffic.as_ref();
            let standing = state.map(super::traffic::TrafficState::standing);
            let canary = state.and_then(|state| Some((state.canary()?, state.traffic.as_ref()?)));
            let served = canary.is_some_and(|(name, traffic)| traffic.effective_percent(name) > 0);
            (
                acting == Some(service.ix),
                undone == Some(service.ix),
                standing == Some(Standing::Failed),
                standing == Some(Standing::Reconciling),
                served,
                canary.is_some(),
            )
        };
        // Of equals the last one is taken.
        self.services.iter().filter(|service| service.traffic.is_some()).rev().max_by_key(rank)
    }

    /// The service of the first tripped trigger that Cloud Run can move, else the first with Cloud Run.
    pub(super) fn service_in_trouble(&self) -> Option<ServiceIx> {
        let movable = |ix: &ServiceIx| self.room.service(*ix).is_some_and(|s| s.cloud_run.is_some());
        let tripped =
            self.conditions.triggers(&self.room).filter(|(_, state)| state.state == ConditionState::Fail);
        let fails = self.conditions.iter(&self.room).filter(|(_, state)| state.state == ConditionState::Fail);
        let rolls_out = |ix: &ServiceIx| {
            let state = self.service(*ix).and_then(|service| service.traffic.as_ref());
            state.is_some_and(|state| state.canary().is_some())
        };
        let tripped: Vec<ServiceIx> = tripped.map(|(spec, _)| spec.signal.service).filter(movable).collect();
        // What is under way there is all that can be done for it.
        let waits = |ix: &&ServiceIx| !self.is_held(**ix);
        let first = tripped.iter().find(waits).or(tripped.first());
        first
            .copied()
            .or_else(|| fails.map(|(spec, _)| spec.signal.service).find(movable))
            .or_else(|| self.room.service_ixs().find(|ix| movable(ix) && rolls_out(ix)))
            .or_else(|| self.room.service_ixs().find(movable))
    }

    /// A trigger that tripped of a service to which nothing is done, while something is done to another; and where `R` would go.
    pub(super) fn tripped_beside(&self) -> Option<String> {
        let mut acting = self.ops.all_acting();
        let ix = self.service_in_trouble().filter(|ix| !self.is_held(*ix))?;
        acting.find(|op| op.act.live().is_none() && op.bars_a_way_back())?;
        let left = self.left_behind();
        let of = |(spec, state): &(&ConditionSpec, &Condition)| {
            let fails = state.state == ConditionState::Fail && !state.is_clearing();
            spec.signal.service == ix && fails && self.counts(&left, spec, state)
        };
        let (spec, _) = self.conditions.triggers(&self.room).find(of)?;
        let service = self.service_name(ix);
        let named = spec.name.starts_with(&format!("{service}: "));
        let name = if named { spec.name.clone() } else { format!("{service}: {}", spec.name) };
        let acts = self.room.operator.mode == Mode::Operate;
        Some(match self.way_back().filter(|_| acts) {
            Some(way) => format!("{name} tripped too   R roll back… {way}"),
            None => format!("{name} tripped too   1-3 open a reason"),
        })
    }

    /// Whether something is done to a service that no way back is asked for beside.
    fn is_held(&self, ix: ServiceIx) -> bool {
        self.ops.acting_on(ix).is_some_and(Operation::bars_a_way_back)
    }
}
