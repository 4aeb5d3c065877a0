//! Once a second: signals from the panels, conditions from the signals, the verdict from both.

use std::collections::BTreeSet;

use crate::domain::condition::Purpose;
use crate::domain::revision::suffix;
use crate::domain::{Accepts, Condition, ConditionSpec, Now, OpKind, OpState, Origin, ServiceIx};

use super::Model;
use super::effect::Effect;
use super::verdict::Evidence;

impl Model {
    pub(super) fn ticked(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.measure(now, effects);
        let before = std::mem::replace(&mut self.now, now);
        for service in &mut self.services {
            service.ticked(now, &self.room);
        }
        self.signals.clear();
        for service in &self.services {
            service.write_signals(&self.links, &mut self.signals, now);
        }
        self.write_before_signals();
        self.write_environment_signals();
        self.write_gate_signals();
        self.write_alert_signals();
        let mut conditions = std::mem::take(&mut self.conditions);
        let accepted = |spec: &ConditionSpec| self.rulings.accepts(spec, Accepts::Failing, now.wall);
        let serves = |service, origin: &Origin| self.serves(service, origin);
        conditions.evaluate(&self.room, &self.signals, now, &accepted, &serves);
        self.conditions = conditions;
        self.settle_items(effects);
        self.count_soak(effects);
        self.judge(effects);
        self.look_after_alerts(effects);
        self.look_at_operations(effects);
        self.look_after_gates(before, effects);
        self.check_readiness(effects);
    }

    fn judge(&mut self, effects: &mut Vec<Effect>) {
        let left = self.left_behind();
        let evidence = Evidence {
            room: &self.room,
            conditions: &self.conditions,
            rulings: &self.rulings,
            further: self.further_reasons(),
            counts: &|spec: &ConditionSpec, state: &Condition| self.counts(&left, spec, state),
            serves: &|spec: &ConditionSpec, state: &Condition| {
                state.was_exposed() && self.serves(spec.signal.service, &state.origin)
            },
            starting: &|spec: &ConditionSpec| self.is_start_of(spec),
            required: self.required_items(),
            act: self.act_in_question(),
            acting: self.ops.acting().is_some(),
            rolled_back: self.rolled_back(),
            waits: self.waits(),
            told: &|spec: &ConditionSpec, state: &Condition| self.tell(spec, state),
            origin: &|spec: &ConditionSpec, state: &Condition| {
                self.tell_origin(spec.signal.service, &state.origin)
            },
            way_back: self.way_back(),
        };
        let mut verdicts = self.verdicts.clone();
        let changed = verdicts.judge(&evidence, self.now);
        self.verdicts = verdicts;
        if let Some(from) = changed {
            self.write_measured(effects);
            self.verdict_changed(from, effects);
        }
    }

    /// Whether a condition counts for the act in question.
    pub(super) fn counts(&self, left: &Left, spec: &ConditionSpec, state: &Condition) -> bool {
        !speaks_only_of(left, spec.signal.service, state)
            && !self.is_idle(spec, state)
            && self.act_needs(spec)
    }

    /// Revisions that a rollback moved away from and that serve nothing now: what they say is no reason any more.
    pub(super) fn left_behind(&self) -> Left {
        let mut left = BTreeSet::new();
        for op in self.ops.iter() {
            let OpKind::Rollback(change) = &op.act else { continue };
            let effective = op.steps.iter().any(|step| step.state == OpState::Effective);
            let Some(traffic) = self.traffic(change.service) else { continue };
            if !effective {
                continue;
            }
            let before = traffic.served_by(&change.before, change.frozen_at).into_iter();
            let idle = before.filter(|name| *name != change.to && traffic.effective_percent(name) == 0);
            left.extend(idle.map(|name| (change.service, name.to_owned())));
        }
        left
    }

    /// A service's traffic as last read.
    pub fn traffic(&self, ix: ServiceIx) -> Option<&crate::domain::Traffic> {
        self.service(ix)?.traffic.as_ref()?.traffic.as_ref()
    }

    /// Whether the revision that a reading speaks of serves any traffic; not knowing counts as serving.
    fn serves(&self, ix: ServiceIx, origin: &Origin) -> bool {
        let Origin::Revision(name) = origin else { return true };
        // A name that the platform does not know is some other label; it speaks of what serves.
        let known = |traffic: &&crate::domain::Traffic| traffic.revisions.iter().any(|r| r.name == *name);
        self.traffic(ix).filter(known).is_none_or(|traffic| traffic.effective_percent(name) > 0)
    }

    /// The candidate of this rollout, if the traffic shows one.
    pub fn candidate(&self) -> Option<String> {
        self.services.iter().find_map(|service| service.traffic.as_ref()?.canary().map(str::to_owned))
    }

    /// The act that the verdict names: of the stages, as configured, else read from the traffic.
    fn act_in_question(&self) -> String {
        if let Some(act) = self.stage_act() {
            return act;
        }
        if !self.room.rollout.act.is_empty() {
            return self.room.rollout.act.clone();
        }
        let left = self.left_behind();
        let of = |service: &super::service::ServiceState| {
            let state = service.traffic.as_ref()?;
            let (traffic, canary) = (state.traffic.as_ref()?, state.canary()?);
            let cloud = self.room.service(service.ix)?.cloud_run.as_ref()?;
            if left.contains(&(service.ix, canary.to_owned())) {
                return Some(format!("staying on {}", suffix(&cloud.service, state.stable()?)));
            }
            Some(format!(
                "more traffic to {} ({} % now)",
                suffix(&cloud.service, canary),
                traffic.effective_percent(canary)
            ))
        };
        self.services.iter().find_map(of).unwrap_or_default()
    }

    /// How many triggers there are, how many of them can be seen.
    pub fn triggers_seen(&self) -> (usize, usize) {
        let tally = self.conditions.tally(&self.room, |spec| spec.purpose == Purpose::Trigger);
        (tally.seen, tally.total)
    }
}

/// Revisions by their service.
pub(super) type Left = BTreeSet<(ServiceIx, String)>;

pub(super) fn speaks_only_of(left: &Left, ix: ServiceIx, state: &Condition) -> bool {
    matches!(&state.origin, Origin::Revision(name) if left.contains(&(ix, name.clone())))
}
