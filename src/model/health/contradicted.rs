//! "Ready" by the platform while the room's own probe fails on the same revision: a contradiction with a name, told
//! wherever one of the two is told.

use crate::domain::health::ProbeState;
use crate::domain::{Origin, ServiceIx, SourceId};

use super::Probe;
use crate::model::Model;
use crate::model::service::ServiceState;

/// What contradicts what.
pub const READY_BUT_FAILING: &str = "Ready says Cloud Run, failing says the probe";

impl Model {
    /// The probe that fails on a revision which Cloud Run calls Ready: one of that revision, or one of a service that it
    /// serves alone.
    pub fn contradicts_ready(&self, ix: ServiceIx, revision: &str) -> Option<&Probe> {
        let (service, traffic) = (self.service(ix)?, self.traffic(ix)?);
        let ready = traffic.revisions.iter().any(|it| it.name == revision && it.ready == Some(true));
        let live = self.links.is_live(&SourceId::CloudRun { service: ix }, self.now.mono);
        let fails = |probe: &&Probe| {
            let state = probe.seen.state();
            let fails = state.is_failing() && state != ProbeState::Starting;
            fails && probe.is_fresh(self.now.mono) && self.probed_revision(service, probe) == Some(revision)
        };
        service.health.probes().iter().find(fails).filter(|_| ready && live)
    }

    /// The contradiction as context of what a probe called `name` says.
    pub(in crate::model) fn beside_ready(&self, service: &ServiceState, name: &str) -> Option<String> {
        let probe = service.health.probes().iter().find(|probe| probe.spec.name == name)?;
        let revision = self.probed_revision(service, probe)?;
        let contradicts = self.contradicts_ready(service.ix, revision)?.spec.name == name;
        contradicts.then(|| READY_BUT_FAILING.to_owned())
    }

    /// The revision that the newest outcome of a probe speaks of, where that is one.
    fn probed_revision<'a>(&'a self, service: &ServiceState, probe: &'a Probe) -> Option<&'a str> {
        match &probe.seen.last.as_ref()?.origin {
            Origin::Revision(name) => Some(name),
            Origin::Mixed | Origin::Unknown => self.traffic(service.ix)?.sole(),
        }
    }
}
