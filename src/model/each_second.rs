//! Once a second: signals from the panels, conditions from the signals, the verdict from both.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::condition::Purpose;
use crate::domain::revision::suffix;
use crate::domain::room::Mode;
use crate::domain::{
    Accepts, Condition, ConditionSpec, ConditionState, Now, OpKind, OpState, Origin, PanelId, ServiceIx, Wall,
};

use super::Model;
use super::conditions::By;
use super::effect::Effect;
use super::ops::Operation;
use super::traffic::TrafficState;
use super::verdict::Evidence;

/// So long after a move of the traffic closes are of its sockets.
const DRAIN: Duration = Duration::from_mins(5);

impl Model {
    pub(super) fn ticked(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.measure(now, effects);
        let before = std::mem::replace(&mut self.now, now);
        let draining: Vec<ServiceIx> = self.draining().collect();
        for service in &mut self.services {
            service.closes.set_drains(draining.contains(&service.ix));
            service.ticked(now, &self.room, &self.links);
        }
        self.signals.clear();
        for service in &self.services {
            service.write_signals(&self.links, &mut self.signals, now);
        }
        self.write_before_signals();
        self.keep_before(effects);
        self.write_environment_signals();
        self.write_log_signals();
        self.write_gate_signals();
        self.write_alert_signals();
        let mut conditions = std::mem::take(&mut self.conditions);
        if self.journal.checked_up_to().is_some() {
            conditions.resume(&self.room, now);
        }
        let by = By {
            now,
            accepted: &|spec| self.rulings.accepts(spec, Accepts::Failing, now.wall),
            serves: &|service, origin: &Origin| self.serves(service, origin),
        };
        conditions.evaluate(&self.room, &self.signals, &by);
        self.conditions = conditions;
        self.let_go_of_replaced(effects);
        self.keep_words();
        self.settle_items(effects);
        self.count_soak(effects);
        self.judge(effects);
        self.look_after_alerts(effects);
        self.look_at_operations(effects);
        self.look_after_gates(before, effects);
        self.check_readiness(effects);
        self.begin_active_runs(effects);
    }

    fn judge(&mut self, effects: &mut Vec<Effect>) {
        self.stages.note_needs(&self.room);
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
            acting: self.ops.iter().any(|op| op.is_acting() && op.bars_a_way_back()),
            beside: self.tripped_beside(),
            unfollowed: self.ops.all_acting().find_map(|op| self.unfollowed(op)),
            only_watches: self.room.operator.mode == Mode::ReadOnly,
            rolled_back: self.rolled_back(),
            kept: self.kept_verdict(),
            lost: self.links.all_lost(self.now.mono),
            waits: self.waits(),
            told: &|spec: &ConditionSpec, state: &Condition| self.tell(spec, state),
            origin: &|spec: &ConditionSpec, state: &Condition| {
                self.tell_origin(spec.signal.service, &state.origin)
            },
            way_back: self.way_back(),
            pointless: self.pointless_way_back(),
        };
        let mut verdicts = self.verdicts.clone();
        let changed = verdicts.judge(&evidence, self.now);
        self.verdicts = verdicts;
        if let Some(from) = changed {
            self.write_measured(effects);
            self.verdict_changed(from, effects);
        }
        self.date_verdict();
        self.mend_verdict_line(effects);
    }

    /// Services whose sockets are being moved: by this room from the request until they are gone, or a while; by others for
    /// that while.
    fn draining(&self) -> impl Iterator<Item = ServiceIx> {
        let ours = self.ops.iter().filter(|op| is_draining(op, self.now.wall)).map(|op| op.act.service());
        let now = self.now;
        let since = move |at: Wall| (now.wall - at).to_std().unwrap_or_default();
        // Of what this room did it is known better when it is over.
        let by_us = move |ix: ServiceIx| {
            let of = |op: &&Operation| op.act.service() == ix && op.act.drains();
            let mut effective = self.ops.iter().filter(of).filter_map(Operation::effective_at);
            effective.any(|at| since(at) < DRAIN * 2)
        };
        let moved = self.services.iter().filter(move |service| {
            let at = service.traffic.as_ref().and_then(TrafficState::emptied);
            at.is_some_and(|at| self.now.mono.since(at) < DRAIN) && !by_us(service.ix)
        });
        ours.chain(moved.map(|service| service.ix))
    }

    /// Whether every condition on what a panel shows holds, but for those on what was rolled away from: what is bad there
    /// is over, or no reason any more.
    pub fn holds(&self, panel: PanelId) -> bool {
        let left = self.left_behind();
        let mut of = self.conditions.iter(&self.room).filter(|(spec, _)| spec.panel == panel).peekable();
        let any = of.peek().is_some();
        any && of.all(|(spec, state)| {
            let past = speaks_only_of(&left, spec.signal.service, state) || self.is_idle(spec, state);
            past || state.state == ConditionState::Pass
        })
    }

    /// The worst of the conditions on what a panel shows that fail, but for those on what was rolled away from.
    pub fn fails_on(&self, panel: PanelId) -> Option<&ConditionSpec> {
        let left = self.left_behind();
        let mut of = self.conditions.iter(&self.room).filter(|(spec, _)| spec.panel == panel);
        let fails = |(spec, state): &(&ConditionSpec, &Condition)| {
            let past = speaks_only_of(&left, spec.signal.service, state) || self.is_idle(spec, state);
            !past && state.state == ConditionState::Fail
        };
        of.find(fails).map(|(spec, _)| spec)
    }

    /// The worst state of the conditions on a probe, but for those on what was rolled away from.
    pub fn judged_probe(&self, service: ServiceIx, probe: &str) -> Option<(&ConditionSpec, ConditionState)> {
        let signals = format!("health.{probe}.");
        self.worst_on(service, |signal| signal.starts_with(&signals))
    }

    /// The same of the conditions on a metric, by its signal; also of those on one revision's part of it.
    pub fn judged_metric(&self, service: ServiceIx, name: &str) -> Option<(&ConditionSpec, ConditionState)> {
        self.worst_on(service, |signal| {
            signal.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('@'))
        })
    }

    /// The worst state of the conditions on `signals` that are bad, but for those on what was rolled away from.
    fn worst_on(
        &self,
        service: ServiceIx,
        signals: impl Fn(&str) -> bool,
    ) -> Option<(&ConditionSpec, ConditionState)> {
        let left = self.left_behind();
        let of = self.conditions.iter(&self.room).filter(|(spec, state)| {
            let past = speaks_only_of(&left, spec.signal.service, state) || self.is_idle(spec, state);
            spec.signal.service == service && signals(&spec.signal.name) && !past
        });
        let bad = of.filter(|(_, state)| matches!(state.state, ConditionState::Fail | ConditionState::Warn));
        bad.map(|(spec, state)| (spec, state.state)).min_by_key(|(_, state)| *state != ConditionState::Fail)
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

    /// Whether a rollback moved away from a revision that serves nothing now.
    pub fn is_rolled_back(&self, ix: ServiceIx, revision: &str) -> bool {
        self.left_behind().contains(&(ix, revision.to_owned()))
    }

    /// A service's traffic as last read.
    pub fn traffic(&self, ix: ServiceIx) -> Option<&crate::domain::Traffic> {
        self.service(ix)?.traffic.as_ref()?.traffic.as_ref()
    }

    /// Whether the revision that a reading speaks of serves any traffic; not knowing counts as serving.
    pub(super) fn serves(&self, ix: ServiceIx, origin: &Origin) -> bool {
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
            let several = self.moves_several();
            let whose = if several { format!("{} ", self.service_name(service.ix)) } else { String::new() };
            if left.contains(&(service.ix, canary.to_owned())) {
                return Some(format!("staying on {whose}{}", suffix(&cloud.service, state.stable()?)));
            }
            let (name, share) = (suffix(&cloud.service, canary), traffic.effective_percent(canary));
            // Its name takes the room on a small screen.
            let now = if several { "" } else { " now" };
            Some(format!("more traffic to {whose}{name} ({share} %{now})"))
        };
        self.foremost().into_iter().chain(&self.services).find_map(of).unwrap_or_default()
    }

    /// How many triggers there are, how many of them can be seen.
    pub fn triggers_seen(&self) -> (usize, usize) {
        let tally = self.conditions.tally(&self.room, |spec| spec.purpose == Purpose::Trigger);
        (tally.seen, tally.total)
    }
}

/// Whether sockets close because of `op`. What never got further, or is not known to have arrived, drains nothing for ever.
fn is_draining(op: &Operation, now: Wall) -> bool {
    let ended = matches!(
        op.state(),
        None | Some(OpState::Failed | OpState::Superseded | OpState::Unknown | OpState::Drained)
    );
    let past = |at: Option<Wall>, most: Duration| {
        at.is_some_and(|at| (now - at).to_std().unwrap_or_default() > most)
    };
    let asked = op.steps.first().map(|step| step.at);
    op.act.drains() && !ended && !past(op.effective_at(), DRAIN) && !past(asked, DRAIN * 2)
}

/// Revisions by their service.
pub(super) type Left = BTreeSet<(ServiceIx, String)>;

pub(super) fn speaks_only_of(left: &Left, ix: ServiceIx, state: &Condition) -> bool {
    matches!(&state.origin, Origin::Revision(name) if left.contains(&(ix, name.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Clean, OpId, TrafficChange};
    use crate::model::msg::Token;

    #[test]
    fn what_never_got_further_does_not_drain_for_ever() {
        let act = OpKind::Rollback(TrafficChange {
            service: ServiceIx(0),
            resource: "r".into(),
            to: "a".into(),
            before: Vec::new(),
            after: Vec::new(),
            generation: 1,
            etag: "e".into(),
            frozen_at: Wall::default(),
        });
        let mut op = Operation::new(OpId("o".into()), act, Clean::default(), Clean::default(), Token(1));
        let at = |minutes| Wall::default() + chrono::TimeDelta::minutes(minutes);
        assert!(!is_draining(&op, at(0)), "not sent");
        op.advance(OpState::Requested, Clean::default(), at(0));
        assert!(is_draining(&op, at(1)));
        assert!(!is_draining(&op, at(11)), "an orphan that nobody follows");
        let mut unknown = op.clone();
        unknown.advance(OpState::Unknown, Clean::default(), at(1));
        assert!(!is_draining(&unknown, at(2)));
        op.advance(OpState::Effective, Clean::default(), at(2));
        assert!(is_draining(&op, at(6)));
        assert!(!is_draining(&op, at(8)));
    }
}
