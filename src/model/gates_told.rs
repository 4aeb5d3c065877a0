//! What gates say to the verdict and to conditions.

use crate::domain::gate::local_address;
use crate::domain::plan::{Command, CommandKind, Finding, FindingKind};
use crate::domain::rollout::Seen;
use crate::domain::room::{Binding, GateTrigger, ProbeKind, ProbeSpec};
use crate::domain::{Clean, Document, Mono, Origin, PanelId, ProofKind, Reading, Reason, ReasonKind, Room};

use super::Model;
use super::gates::{Gate, GateState};
use super::reasons::waiting;
use super::wording::Told;

/// Whether the room is for something that other people use, elsewhere: what its own probes ask on this machine is what is
/// rolled out.
pub(super) fn is_guarded(room: &Room) -> bool {
    let environment = &room.environment;
    let guarded = environment.production || environment.name.to_lowercase().starts_with("stag");
    let here = |probe: &ProbeSpec| match &probe.kind {
        ProbeKind::Http { url, .. } => local_address(url).is_some(),
        ProbeKind::Tcp { .. } | ProbeKind::Postgres { .. } | ProbeKind::Redis { .. } => false,
    };
    guarded && !room.services.iter().any(|service| service.probes.iter().any(here))
}

/// A gate that asks this machine looks at the wrong place in such a room: that is known before it runs, and told with the
/// findings of its document.
pub fn find_local_gates(room: &Room, documents: &mut [Document]) {
    for plan in documents.iter_mut().map(|document| &mut document.plan) {
        let gates = plan.commands.iter().filter(|command| command.kind == CommandKind::Gate);
        let found = gates.filter_map(|command| {
            let text = asks_this_machine(room, command)?;
            Some(Finding { line: command.line, kind: FindingKind::Command, text })
        });
        let found: Vec<Finding> = found.collect();
        plan.findings.extend(found);
    }
}

/// What is wrong with the place that `command` asks; `None`: nothing, in this room.
pub fn asks_this_machine(room: &Room, command: &Command) -> Option<Clean> {
    let at = local_address(&command.text).filter(|_| is_guarded(room))?;
    let place = &room.environment.name;
    Some(Clean::new(&format!("it asks {at}, which is not {place}: what it shows is of this machine")))
}

impl Model {
    /// A gate that failed stops the act, unless it is optional or a person set its item aside: then it warns. A required one
    /// that was never passed holds the act.
    pub(super) fn gate_reasons(&self) -> Vec<Reason> {
        let told = self.gates.list().iter().filter(|gate| gate.is_gate()).filter_map(|gate| {
            let standing = self.gates.standing(gate);
            let soft = gate.optional || self.is_set_aside(gate);
            let bad = if soft { ReasonKind::Warning } else { ReasonKind::Failing };
            let required = gate.required && !soft;
            let (kind, word) = match standing.state {
                GateState::TimedOut => (bad, "timed out"),
                GateState::Failed => (bad, "failed"),
                GateState::Running | GateState::Queued if self.gates.stands_failed(gate) => {
                    (bad, "failed, and runs again")
                }
                _ if self.gates.stands_failed(gate) => (bad, "failed, and has not passed since"),
                GateState::Lapsed if required => (ReasonKind::Waiting, "lapsed"),
                GateState::Unclear if required => (ReasonKind::Waiting, "is to be read by a person"),
                GateState::Running | GateState::Queued if required => (ReasonKind::Waiting, "runs"),
                GateState::Earlier if required => (ReasonKind::Waiting, "is to run again"),
                GateState::Never | GateState::Stopped | GateState::Unseen if required => {
                    (ReasonKind::Waiting, "has not passed")
                }
                GateState::Passed if !soft && self.holds_unchecked(gate) => {
                    (ReasonKind::Waiting, "is not compared with its repository yet")
                }
                GateState::Orphaned => (ReasonKind::Warning, "runs on without its console"),
                _ => return None,
            };
            let reason = waiting(&format!("gate {} {word}", gate.name), &standing.why, "", PanelId::Gates);
            let since = standing.last.map(|past| self.at_wall(past.at));
            let findings = standing.last.map(|past| past.evidence.findings.clone()).unwrap_or_default();
            let context = findings.first().cloned().unwrap_or_default();
            Some(Reason { kind, context, since, ..reason })
        });
        let mut reasons: Vec<Reason> = told.collect();
        // A document may hold hundreds: the rest is counted.
        let waits = |reason: &Reason| reason.kind == ReasonKind::Waiting;
        let many = reasons.iter().filter(|reason| waits(reason)).count();
        if many > 3 {
            reasons.retain(|reason| !waits(reason));
            let subject = format!("{many} required gates have not passed");
            reasons.push(Reason { context: Clean::default(), ..waiting(&subject, "", "", PanelId::Gates) });
        }
        reasons
    }

    /// Whether a pass that may have lapsed since holds the act: of a required gate, and of one that an item is bound to.
    fn holds_unchecked(&self, gate: &Gate) -> bool {
        let bound = |binding: &Binding| {
            binding.kind == ProofKind::Gate
                && self.gates.find(&binding.name).is_ok_and(|found| found.id == gate.id)
        };
        self.gates.is_unchecked(gate) && (gate.required || self.room.signoff.bindings.iter().any(bound))
    }

    /// Whether a person said of the item of `gate` that the rollout goes on without it.
    fn is_set_aside(&self, gate: &Gate) -> bool {
        gate.command.item.as_ref().is_some_and(|item| self.checklist.is_set_aside(item))
    }

    /// Whether the candidate of the rollout under way has traffic: before it has, there is nothing to roll back.
    fn candidate_serves(&self) -> bool {
        let Some(rollout) = self.checklist.rollout().filter(|it| it.is_open() && it.t0.is_some()) else {
            return false;
        };
        let serves = |(name, seen): (&String, &Seen)| {
            let ix = self.room.service_ixs().find(|ix| self.service_name(*ix) == *name);
            let traffic = ix.and_then(|ix| self.traffic(ix));
            traffic.is_none_or(|traffic| traffic.effective_percent(&seen.revision) > 0)
        };
        rollout.candidates.is_empty() || rollout.candidates.iter().any(serves)
    }

    /// Which gate asks for a rollback, and why.
    pub(super) fn tell_failed_gate(&self) -> Option<Told> {
        let failed = |gate: &&Gate| {
            gate.is_gate() && gate.required && self.gates.stands_failed(gate) && !self.is_set_aside(gate)
        };
        let mut all = self.gates.list().iter().filter(failed);
        let (first, more) = (all.next()?, all.count());
        let why = self.gates.standing(first).why;
        let more = if more == 0 { String::new() } else { format!(", and {more} more") };
        let about = Some(why.to_string()).filter(|why| !why.is_empty()).into_iter().collect();
        Some(Told { subject: None, value: format!("{}{more}", first.name), about })
    }

    /// The signals of gates: local, and so always fresh; none where the room has no gate.
    pub(super) fn write_gate_signals(&mut self) {
        if self.gates.list().is_empty() {
            return;
        }
        let open = |gate: &&Gate| match self.gates.standing(gate).state {
            GateState::Passed => self.gates.is_unchecked(gate),
            state => state != GateState::Refused,
        };
        let gates = || self.gates.list().iter().filter(|gate| gate.is_gate());
        let required = || gates().filter(|gate| gate.required && !self.is_set_aside(gate));
        let failed = |gate: &&Gate| self.gates.stands_failed(gate);
        let counts = [
            ("gates.failed", gates().filter(failed).count()),
            ("gates.required_failed", required().filter(failed).count()),
            (
                GateTrigger::SIGNAL,
                if self.candidate_serves() { required().filter(failed).count() } else { 0 },
            ),
            ("gates.required_open", required().filter(open).count()),
        ];
        let at: Mono = self.now.mono;
        for ix in self.room.service_ixs() {
            let reading = |count: usize| Reading {
                value: count as f64,
                at,
                fresh: true,
                samples: None,
                origin: Origin::Unknown,
                watched: None,
            };
            let readings = counts.iter().map(|(name, count)| ((*name).to_owned(), Some(reading(*count))));
            self.signals.extend(ix, readings.collect());
        }
    }
}
