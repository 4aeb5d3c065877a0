//! A startup that the config knows nothing of: told by a health body all the same.

use crate::domain::health::ProbeState;
use crate::domain::{Clean, Mono};

use super::Probe;
use crate::model::service::ServiceState;

impl ServiceState {
    /// The probe whose newest body says that the service starts, where no phases are configured that would say more.
    pub fn starting(&self, now: Mono) -> Option<&Probe> {
        let starts = |probe: &&Probe| probe.seen.state() == ProbeState::Starting && probe.is_fresh(now);
        self.health.probes().iter().find(starts).filter(|_| self.startup.is_none())
    }
}

impl Probe {
    /// The phase of the startup that its newest body names.
    pub fn phase(&self) -> Option<&Clean> {
        self.seen.report.as_ref()?.1.phase.as_ref()
    }
}
