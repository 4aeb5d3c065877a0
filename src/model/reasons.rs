//! What speaks for or against going on beside the conditions: blind links, a startup that runs or went wrong, answers
//! that contradict themselves, unsettled traffic, operations.

mod failed;

use crate::domain::health::ProbeState;
use crate::domain::phase::{PhaseFault, PhaseRow, StartupState};
use crate::domain::revision::suffix;
use crate::domain::room::Mode;
use crate::domain::{
    Clean, Condition, ConditionSpec, ConditionState, Mono, Now, OpKind, Origin, PanelId, Reason, ReasonKind,
    ServiceIx, Wall, format,
};

use super::Model;
use super::following::AskedSplit;
use super::health::Probe;
use super::ops::Operation;
use super::service::ServiceState;
use super::startup::Startup;
use super::traffic::Standing;
use super::verdict::{RolledBack, SoFar};

impl Model {
    pub(super) fn further_reasons(&self) -> Vec<Reason> {
        let mut reasons = self.room_reasons();
        reasons.extend(self.stage_reasons());
        reasons
    }

    /// The same without what the stages wait for.
    pub(super) fn room_reasons(&self) -> Vec<Reason> {
        let mut reasons = self.links.reasons(&self.room, self.now);
        reasons.extend(self.unheard_alertmanager());
        reasons.extend(self.unread_files());
        for service in &self.services {
            if let Some(startup) =
                service.startup.as_ref().filter(|startup| self.is_told_of(service, startup))
            {
                reasons.extend(self.running_startup(service, startup));
                reasons.extend(self.faulty_startup(service, startup));
            }
            reasons.extend(self.unknown_runs(service));
            reasons.extend(self.contradictions(service));
            reasons.extend(self.slow_probes(service));
            reasons.extend(self.unsettled_traffic(service));
            reasons.extend(self.undone_reason(service));
            reasons.extend(self.failed_rollback(service.ix));
            reasons.extend(self.still_pinned(service));
        }
        reasons.extend(self.half_done_group());
        reasons.extend(self.readiness_reasons());
        reasons.extend(self.unbound_reason());
        reasons.extend(self.unjudged_reason());
        reasons.extend(self.gate_reasons());
        reasons.extend(self.ops.all_acting().map(|op| self.running_operation(op)));
        reasons.extend(self.signed_reasons());
        reasons
    }

    /// A checklist that was never read may ask for anything; of one that was, the last reading stands.
    fn unread_files(&self) -> Option<Reason> {
        let missing = self.room.checklists.len().saturating_sub(self.checklist.documents().len());
        let problem = self.checklist.problems().first().filter(|_| self.checklist.is_read())?;
        let subject = if missing > 0 { "a checklist cannot be read" } else { "a checklist is not read anew" };
        let kind = if missing > 0 { ReasonKind::Unseen } else { ReasonKind::Warning };
        Some(Reason { kind, ..waiting(subject, problem, "", PanelId::Checklist) })
    }

    /// A startup is told of while it is that of the candidate: not once it was rolled away from, nor when it has all
    /// the traffic already.
    fn is_told_of(&self, service: &ServiceState, startup: &Startup) -> bool {
        let Origin::Revision(name) = startup.origin() else { return true };
        let sole = self.traffic(service.ix).and_then(|traffic| traffic.sole());
        let settled = sole == Some(name.as_str()) && startup.state() == StartupState::Complete;
        !settled && !self.left_behind().contains(&(service.ix, name.clone()))
    }

    /// Whether a condition says of a startup that runs only that it is not over: its probe is not healthy yet.
    pub(super) fn is_start_of(&self, spec: &ConditionSpec) -> bool {
        let Some(service) = self.service(spec.signal.service) else { return false };
        service.startup.as_ref().is_some_and(|startup| {
            let probe =
                spec.signal.name.strip_prefix("health.").and_then(|rest| rest.strip_suffix(".failing"));
            probe == Some(startup.spec().probe.as_str())
                && self.is_told_of(service, startup)
                && matches!(startup.state(), StartupState::Starting | StartupState::Stalled)
        })
    }

    fn running_startup(&self, service: &ServiceState, startup: &Startup) -> Option<Reason> {
        let state = startup.state();
        if !matches!(state, StartupState::Starting | StartupState::Stalled) {
            return None;
        }
        let phase = startup.current().map_or_else(String::new, |phase| format!("in {phase}"));
        let (done, all) = startup.progress(self.now.mono);
        let subject = format!("{} is {}", self.service_name(service.ix), state.word());
        let reason = waiting(&subject, &phase, &format!("{done} of {all} phases"), PanelId::Startup);
        // Whoever is stuck may get no traffic; who is under way may be waited for.
        let kind = if state == StartupState::Stalled { ReasonKind::Failing } else { ReasonKind::Waiting };
        Some(Reason { kind, since: startup.since().map(|since| self.at(since)), ..reason })
    }

    /// Over budget, as a whole or in a phase, and out of order.
    fn faulty_startup(&self, service: &ServiceState, startup: &Startup) -> Vec<Reason> {
        let (now, spec, name) = (self.now.mono, startup.spec(), self.service_name(service.ix));
        let rows = startup.rows(now);
        let with = |fault| rows.iter().filter(move |row: &&PhaseRow| row.faults.contains(&fault));
        let over: Vec<String> = with(PhaseFault::OverBudget)
            .map(|row| format!("{} {}", row.name, format::or_unknown(row.seconds, format::took)))
            .collect();
        let mut reasons = Vec::new();
        let mut tell = |what: &str, value: String, context: String| {
            let subject = format!("{name} startup {what}");
            let reason = waiting(&subject, &value, &context, PanelId::Startup);
            reasons.push(Reason { kind: ReasonKind::Warning, ..reason });
        };
        let each = format!("of {} each", format::budget(spec.phase_budget));
        let whole = startup.seconds(now).filter(|_| startup.over_budget(now));
        if let Some((seconds, _)) = whole {
            let context = if over.is_empty() { String::new() } else { format!("{} {each}", over.join(", ")) };
            tell(
                "over budget",
                format!("{} of {}", format::took(seconds), format::budget(spec.total_budget)),
                context,
            );
        } else if !over.is_empty() {
            tell("over budget", over.join(", "), each);
        }
        let order: Vec<&str> = with(PhaseFault::OutOfOrder).map(|row| &*row.name).collect();
        if let Some(first) = order.first() {
            let at = spec.phases.iter().position(|phase| phase == first);
            let next = at.and_then(|at| spec.phases.get(at + 1));
            let context = next.map_or(String::new(), |next| format!("{first} is to run before {next}"));
            tell("out of order", order.join(", "), context);
        }
        reasons
    }

    /// Probes with a fresh answer, but for those of revisions that were rolled away from.
    fn told_probes<'a>(&self, service: &'a ServiceState) -> Vec<&'a Probe> {
        let left = self.left_behind();
        let is_left = |probe: &&Probe| {
            let origin = probe.seen.last.as_ref().map(|last| &last.origin);
            matches!(origin, Some(Origin::Revision(name)) if left.contains(&(service.ix, name.clone())))
        };
        let fresh = service.health.probes().iter().filter(|probe| probe.is_fresh(self.now.mono));
        fresh.filter(|probe| !is_left(probe)).collect()
    }

    /// Events that say of no run: which were whole, and what is missing in them, is not known.
    fn unknown_runs(&self, service: &ServiceState) -> Option<Reason> {
        service.events.as_ref().filter(|events| events.lacks_runs())?;
        let subject = format!("runs of {} are not known", self.service_name(service.ix));
        let context = "events.fields.run names the pointer";
        let reason = waiting(&subject, "no event has a run id", context, PanelId::Events);
        Some(Reason { kind: ReasonKind::Unseen, ..reason })
    }

    fn contradictions(&self, service: &ServiceState) -> Vec<Reason> {
        let told = self.told_probes(service).into_iter().filter_map(|probe| {
            let (found, since) = probe.seen.contradiction.as_ref()?;
            let subject = format!("health {} contradicts itself", probe.spec.name);
            // Which of both is true is not known.
            let reason = waiting(&subject, &found.to_string(), "", PanelId::Health);
            Some(Reason { since: Some(self.at(*since)), ..reason })
        });
        told.collect()
    }

    /// Healthy ones whose latency is over the limit: a warning, which alone holds nothing up.
    fn slow_probes(&self, service: &ServiceState) -> Vec<Reason> {
        // Of one that flaps for it the reason for that tells it.
        let flaps = |probe: &Probe| {
            let signal = format!("health.{}.falls", probe.spec.name);
            let mut all = self.conditions.iter(&self.room);
            all.any(|(spec, state)| {
                spec.signal.name == signal
                    && spec.signal.service == service.ix
                    && state.state == ConditionState::Fail
            })
        };
        let healthy = self.told_probes(service).into_iter().filter(|probe| {
            let healthy = probe.seen.state() == ProbeState::Healthy;
            healthy && service.health.is_slow(probe) && !flaps(probe)
        });
        let told = healthy.filter_map(|probe| {
            let value = service.health.against_limit(probe)?;
            let subject = format!("health {} slow", probe.spec.name);
            let origin = probe.seen.last.as_ref().map(|last| &last.origin);
            let whose = origin.and_then(|origin| self.tell_origin(service.ix, origin)).unwrap_or_default();
            let reason = waiting(&subject, &value, &whose, PanelId::Health);
            Some(Reason { kind: ReasonKind::Warning, ..reason })
        });
        told.collect()
    }

    fn unsettled_traffic(&self, service: &ServiceState) -> Option<Reason> {
        let state = service.traffic.as_ref()?;
        let name = self.service_name(service.ix);
        let since = state.unsettled().map(|since| self.at(since));
        match state.standing() {
            Standing::Reconciling => {
                let subject = format!("{name} traffic is changing");
                Some(Reason { since, ..waiting(&subject, "reconciling", "", PanelId::Traffic) })
            }
            Standing::Failed => {
                let subject = format!("{name}: the last change failed");
                let still = "what served before still serves";
                let (value, context) = state.failure().map_or((still, ""), |message| (&**message, still));
                let reason = waiting(&subject, value, context, PanelId::Traffic);
                Some(Reason { kind: ReasonKind::Failing, since, ..reason })
            }
            Standing::Unknown | Standing::Settled => None,
        }
    }

    /// After a rollback the traffic is to be brought back to the latest one day. It stops nothing, and stays in sight.
    fn still_pinned(&self, service: &ServiceState) -> Option<Reason> {
        let traffic = self.traffic(service.ix).filter(|traffic| traffic.pinned())?;
        let op = self.last_split(service.ix).filter(|_| self.undone_rollback(service.ix).is_none())?;
        let since = op.effective_at().map(|at| self.at_wall(at));
        let OpKind::Rollback(change) = &op.act else { return None };
        let to = self.short_revision(service.ix, &change.to);
        let subject = format!("{} stays pinned to {to}", self.service_name(service.ix));
        let next = match (self.room.operator.mode, self.is_locked(service.ix)) {
            (Mode::ReadOnly, _) => None,
            (Mode::Operate, true) => Some(":unlock, then :to-latest"),
            (Mode::Operate, false) => Some(":to-latest"),
        };
        let behind = traffic.latest_ready.as_deref().filter(|latest| traffic.effective_percent(latest) == 0);
        let behind = behind.map(|latest| format!("{} gets nothing", self.short_revision(service.ix, latest)));
        let context = behind.into_iter().chain(next.map(str::to_owned)).collect::<Vec<_>>().join(" · ");
        let value = "the next deploy gets 0 %";
        let reason = waiting(&subject, value, &context, PanelId::Traffic);
        Some(Reason { kind: ReasonKind::Warning, since, ..reason })
    }

    /// Nobody goes forward while what was rolled back from serves again.
    fn undone_reason(&self, service: &ServiceState) -> Option<Reason> {
        let undone = self.undone_rollback(service.ix)?;
        let subject = format!("the rollback of {} is undone", self.service_name(service.ix));
        let reason = waiting(&subject, &undone.words, "outside this room", PanelId::Traffic);
        let since = undone.since.map(|at| self.at_wall(at));
        Some(Reason { kind: ReasonKind::Failing, since, ..reason })
    }

    /// The newest operation that moved the traffic of a service.
    pub(super) fn last_split(&self, ix: ServiceIx) -> Option<&Operation> {
        let moved = |op: &&Operation| {
            let split = matches!(op.act, OpKind::Rollback(_) | OpKind::Traffic(_));
            split && op.act.service() == ix && op.effective_at().is_some()
        };
        self.ops.iter().rev().find(moved)
    }

    /// Where the service in trouble was rolled back to, if it was and what tripped before is not clear.
    pub(super) fn rolled_back(&self) -> Option<RolledBack> {
        let ix = self.service_in_trouble()?;
        let op = self.last_split(ix)?;
        let OpKind::Rollback(change) = &op.act else { return None };
        let at = op.effective_at()?;
        let tripped = |(spec, state): &(&ConditionSpec, &Condition)| {
            let before = op.is_acting() || state.since.is_some_and(|since| since.wall <= at);
            spec.signal.service == ix && state.state == ConditionState::Fail && before
        };
        let tripped: Vec<_> = self.conditions.triggers(&self.room).filter(tripped).collect();
        if tripped.is_empty() || self.asked_split(change) != AskedSplit::Serves {
            return None;
        }
        // What was counted before goes out of the windows in about the time that VERIFIED takes.
        let time = self.room.service(ix)?.cloud_run.as_ref()?.verify_for;
        let ago = (self.now.wall - at).to_std().unwrap_or_default();
        let seen = |state: &Condition| state.lost().is_none();
        let so_far = if tripped.iter().all(|(_, state)| seen(state) && state.is_clearing()) {
            SoFar::GoodAgain
        } else if ago < time {
            SoFar::Counts
        } else if tripped.iter().any(|(_, state)| seen(state) && !state.is_clearing()) {
            SoFar::NoHelp
        } else {
            SoFar::Unseen
        };
        Some(RolledBack { to: self.short_revision(ix, &change.to).to_owned(), ago, so_far })
    }

    /// What waits for a person while all is good: the next stage, or a candidate without all the traffic.
    pub(super) fn waits(&self) -> Option<String> {
        self.stage_waits().or_else(|| self.waits_in_traffic())
    }

    pub(super) fn waits_in_traffic(&self) -> Option<String> {
        let left = self.left_behind();
        self.services.iter().find_map(|service| {
            let name = service.traffic.as_ref()?.canary()?;
            if left.contains(&(service.ix, name.to_owned())) {
                return None;
            }
            let share = format::percent_whole(self.traffic(service.ix)?.effective_percent(name));
            let of = if self.moves_several() {
                format!("{} ", self.service_name(service.ix))
            } else {
                String::new()
            };
            let words = format!("{of}{} waits at {share}", self.short_revision(service.ix, name));
            let reads_only = self.room.operator.mode == Mode::ReadOnly;
            Some(if reads_only { words } else { format!("{words}   :forward sends it 100 %") })
        })
    }

    fn running_operation(&self, op: &Operation) -> Reason {
        let state =
            op.state().map_or_else(|| "being journaled".to_owned(), |state| state.to_string().to_uppercase());
        let cloud = self.room.service(op.act.service()).and_then(|service| service.cloud_run.as_ref());
        let target = op.act.target();
        let target = cloud.map_or(target.as_str(), |cloud| suffix(&cloud.service, &target));
        let runs = if self.is_hearsay(op) { "begun" } else { "runs" };
        let (subject, panel) = match &op.act {
            OpKind::Run(_) => (format!("command {target} {runs}"), PanelId::Gates),
            act => {
                let subject = act.tag_words().unwrap_or_else(|| format!("{} to {target} {runs}", act.word()));
                (subject, PanelId::Traffic)
            }
        };
        let since = op.steps.first().map(|step| self.at_wall(step.at));
        let alone = self.unfollowed(op).map_or(String::new(), |words| format!("{words} · "));
        let waits = op.wait_words(self.now.wall).map_or(String::new(), |words| format!(" · {words}"));
        Reason { since, ..waiting(&subject, &state, &format!("{alone}by {}{waits}", op.by), panel) }
    }

    fn at(&self, mono: Mono) -> Now {
        Now { mono, wall: self.now.wall_at(mono) }
    }

    pub(super) fn at_wall(&self, wall: Wall) -> Now {
        let ago = (self.now.wall - wall).to_std().unwrap_or_default();
        Now { mono: self.now.mono.before(ago), wall }
    }
}

pub(super) fn waiting(subject: &str, value: &str, context: &str, panel: PanelId) -> Reason {
    Reason {
        kind: ReasonKind::Waiting,
        subject: Clean::new(subject),
        value: Clean::new(value),
        context: Clean::new(context),
        since: None,
        panel,
        condition: None,
    }
}
