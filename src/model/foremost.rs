//! Which service is shown where there is room for one.

use super::Model;
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
}
