//! What asks for leaving what serves, and what is no better on the revision that a rollback would go to.

use crate::domain::condition::Comparator;
use crate::domain::{
    Condition, ConditionSpec, ConditionState, OpKind, Origin, PanelId, Reason, ReasonKind, ServiceIx,
};

use super::Model;
use super::ops::Operation;
use super::rollback::proposed;
use super::service::ServiceState;
use super::sides::is_same;

/// With so much of the traffic a revision gives more than half of all answers.
const MOST_ANSWERS: u8 = 60;

impl Model {
    /// The verdict's reasons that ask for `to`, and those that speak as much against it. What is good again asks for
    /// nothing any more, and what is said of another service that has a way back of its own asks for that one.
    pub fn asks_for(&self, ix: ServiceIx, to: &str) -> (Vec<&Reason>, Vec<&Reason>) {
        let reasons = self.verdicts.now.reasons.iter().filter(|it| asks_for_a_way_back(it));
        let asks = |reason: &&Reason| {
            let elsewhere = self.asks_for_service(reason).is_some_and(|of| of != ix);
            !elsewhere && !self.said_by(reason).is_some_and(|(_, state)| state.is_clearing())
        };
        reasons.filter(asks).partition(|reason| {
            !self.said_by(reason).is_some_and(|(spec, state)| self.is_no_better(ix, to, spec, state))
        })
    }

    /// Another service than `ix` that can be moved and of which the verdict tells something bad.
    pub fn asks_elsewhere(&self, ix: ServiceIx) -> Option<ServiceIx> {
        let reasons = self.verdicts.now.reasons.iter();
        let bad = reasons.filter(|it| matches!(it.kind, ReasonKind::Tripped | ReasonKind::Failing));
        let bad = bad.filter(|it| !self.said_by(it).is_some_and(|(_, state)| state.is_clearing()));
        bad.filter_map(|reason| self.asks_for_service(reason)).find(|of| *of != ix)
    }

    /// The service of which a reason speaks, where its traffic can be moved.
    fn asks_for_service(&self, reason: &Reason) -> Option<ServiceIx> {
        let of = self.said_by(reason)?.0.signal.service;
        self.room.service(of)?.cloud_run.as_ref().map(|_| of)
    }

    /// The verdict's reasons that ask for leaving what serves, of whatever service.
    pub fn asks_anywhere(&self) -> Vec<&Reason> {
        self.verdicts.now.reasons.iter().filter(|it| asks_for_a_way_back(it)).collect()
    }

    fn said_by(&self, reason: &Reason) -> Option<(&ConditionSpec, &Condition)> {
        let name = reason.condition.as_ref()?;
        self.conditions.iter(&self.room).find(|(spec, _)| *name == spec.name)
    }

    /// The short name of the revision that a rollback would go to, where something fails and nothing that does is
    /// better on it.
    pub(super) fn pointless_way_back(&self) -> Option<String> {
        let ix = self.service_in_trouble().filter(|_| self.flag_to_undo().is_none())?;
        let candidates = self.candidates(ix);
        let to = &candidates.get(proposed(&candidates)?)?.revision;
        let mut fails = self.fails_now().peekable();
        fails.peek()?;
        fails
            .all(|(spec, state)| self.is_no_better(ix, to, spec, state))
            .then(|| self.short_revision(ix, to).to_owned())
    }

    /// What goes back where `R` would, to be done by hand while an operation that goes elsewhere holds the service.
    pub fn back_by_hand(&self, op: &Operation) -> Option<OpKind> {
        let held = !op.frees_resource() && op.act.live().is_none();
        let ix = op.act.service();
        if !held || !matches!(op.act, OpKind::Traffic(_) | OpKind::Flag(_)) {
            return None;
        }
        let candidates = self.candidates(ix);
        let target = candidates.get(proposed(&candidates)?)?;
        let state = self.service(ix)?.traffic.as_ref()?;
        state.freeze_rollback(ix, &target.revision, self.now.wall).map(OpKind::Rollback)
    }

    /// Whether something of what fails is no better on `to`.
    pub(super) fn fails_too(&self, ix: ServiceIx, to: &str) -> bool {
        self.fails_now().any(|(spec, state)| self.is_no_better(ix, to, spec, state))
    }

    fn fails_now(&self) -> impl Iterator<Item = (&ConditionSpec, &Condition)> {
        let left = self.left_behind();
        let fails = |state: &Condition| state.state == ConditionState::Fail && !state.is_clearing();
        self.conditions
            .iter(&self.room)
            .filter(move |(spec, state)| fails(state) && self.counts(&left, spec, state))
    }

    /// Whether what a condition says is no better on `to`, as far as that is known: it is of that revision alone, or
    /// what tells revisions apart shows as much there.
    fn is_no_better(&self, ix: ServiceIx, to: &str, spec: &ConditionSpec, state: &Condition) -> bool {
        let Some(service) = self.service(ix).filter(|_| spec.signal.service == ix) else { return false };
        if matches!(&state.origin, Origin::Revision(name) if name == to) {
            return true;
        }
        match spec.signal.name.split_once('.') {
            Some(("health", rest)) => {
                let name = rest.rsplit_once('.').map_or(rest, |(name, _)| name);
                let mut probes = service.health.probes().iter();
                let slow = probes.any(|probe| probe.spec.name == name && service.health.is_slow(probe));
                slow && self.is_slow_there(service, to)
            }
            Some(("closes", _)) => {
                let spiking = service.closes.spiking(self.now.mono);
                let mostly = spiking.first().and_then(|worst| self.mostly_on(service, worst.code));
                mostly.is_some_and(|(name, _)| *name == *to)
            }
            Some(("env", _)) => self.lacking(spec).contains(&to),
            Some(("metric", name)) => self.measures_no_better(service, to, name, spec),
            _ => false,
        }
    }

    /// Whether `to` answers slowly itself: its own probe does, or one of all revisions does half of the time.
    fn is_slow_there(&self, service: &ServiceState, to: &str) -> bool {
        let share = self.traffic(service.ix).map_or(0, |traffic| traffic.effective_percent(to));
        service.health.probes().iter().any(|probe| match probe.seen.last.as_ref().map(|last| &last.origin) {
            Some(Origin::Revision(name)) => name == to && service.health.is_slow(probe),
            Some(Origin::Mixed | Origin::Unknown) => {
                share >= MOST_ANSWERS && service.health.is_mostly_slow(probe)
            }
            None => false,
        })
    }

    /// Whether a metric is no better on `to` than on any other revision that serves, beyond what one second tells from another.
    fn measures_no_better(&self, service: &ServiceState, to: &str, name: &str, spec: &ConditionSpec) -> bool {
        let metrics = service.metrics.as_ref().map(super::metrics::Metrics::metrics).unwrap_or_default();
        let Some(metric) = metrics.iter().find(|metric| metric.spec.name == name) else { return false };
        let Some(traffic) = self.traffic(service.ix) else { return false };
        let serving = metric.by_revision().iter().filter(|(of, _)| traffic.effective_percent(of) > 0);
        let (there, elsewhere): (Vec<_>, Vec<_>) = serving.partition(|(of, _)| **of == *to);
        let (Some((_, there)), false) = (there.first(), elsewhere.is_empty()) else { return false };
        let (unit, fails) = (&metric.spec.unit, spec.fail.holds(*there));
        elsewhere.iter().all(|(_, other)| match spec.fail.op {
            Comparator::Gt | Comparator::Ge => there >= other || (fails && is_same(*other, *there, unit)),
            Comparator::Lt | Comparator::Le => there <= other || (fails && is_same(*other, *there, unit)),
            Comparator::Eq | Comparator::Ne => false,
        })
    }
}

/// What fails, and what is seen of a service that is not as it should be. What is waited for, cannot be seen, or is told of
/// the way back itself and of what people have to do asks for nothing.
fn asks_for_a_way_back(reason: &Reason) -> bool {
    use PanelId::{Closes, Events, Health, Logs, Metrics, Startup, Triggers};
    let of_the_service =
        matches!(reason.panel, Closes | Events | Health | Logs | Metrics | Startup | Triggers);
    match reason.kind {
        ReasonKind::Tripped | ReasonKind::Failing => true,
        ReasonKind::Unmet | ReasonKind::Warning => reason.condition.is_some() || of_the_service,
        ReasonKind::Unseen | ReasonKind::Waiting | ReasonKind::Holding => false,
    }
}

#[cfg(test)]
mod tests;
