//! Acts on gates: asking for a run, stopping one, trusting a document; what the runner tells, and what is looked after
//! once in a while.

use std::time::Duration;

use crate::domain::record::Guard;
use crate::domain::room::Mode;
use crate::domain::run::{Begun, Ending, Evidence, Outcome, Quarry, RunId, RunNews, Task, Watch};
use crate::domain::{Clean, Entry, Now, OpId, OpState, Refusal};

use super::Model;
use super::effect::{Effect, Permit};
use super::gates::runs::{Claim, Foreign, Order, Own};
use super::gates::trust::Trust;
use super::gates::{ENDED, Gate, GateState, LOST, Source};
use super::gates_told::is_guarded;
use super::msg::Token;

/// How often what gates guard is compared, and runs of consoles that are gone are looked for.
const LOOK: Duration = Duration::from_secs(20);

/// What is in the way of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// This console only watches.
    ReadOnly,
    /// The command cannot be run as it stands.
    Refused(Clean),
    /// Nobody trusted the commands of this document as they are.
    Untrusted(String),
    /// It changes something, and is confirmed each time.
    Mutation,
    /// It runs or waits already.
    Running,
}

/// How a gate is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// In a shell of its own.
    Alone,
    /// In the shell that this run began, or begins.
    Shared(Option<RunId>),
    /// On the terminal, interactively.
    OnTerminal,
}

impl Model {
    /// Whether `gate` may run now, and by what right.
    ///
    /// # Errors
    /// What is in the way.
    pub fn permit(&self, gate: &Gate) -> Result<Permit, Obstacle> {
        if self.room.operator.mode == Mode::ReadOnly {
            return Err(Obstacle::ReadOnly);
        }
        if let Err(why) = &gate.script {
            return Err(Obstacle::Refused(why.clone()));
        }
        let permit = match &gate.source {
            Source::Config => Permit::of_config(),
            Source::Document(name) => match self.gates.trust().of(name) {
                Some(given) => Permit::of_trust(given.seq),
                None => return Err(Obstacle::Untrusted(name.clone())),
            },
        };
        if gate.mutates() {
            return Err(Obstacle::Mutation);
        }
        match self.gates.standing(gate).state {
            GateState::Running | GateState::Queued | GateState::Orphaned => Err(Obstacle::Running),
            _ => Ok(permit),
        }
    }

    /// Puts a run of the gate with this id into the queue.
    ///
    /// # Errors
    /// What is in the way; there is no such gate: it is refused.
    pub fn order_gate(&mut self, id: &str, effects: &mut Vec<Effect>) -> Result<RunId, Obstacle> {
        self.order_gate_as(id, Way::Alone, effects)
    }

    /// As [`Model::order_gate`], in this way.
    ///
    /// # Errors
    /// As there.
    pub(super) fn order_gate_as(
        &mut self,
        id: &str,
        way: Way,
        effects: &mut Vec<Effect>,
    ) -> Result<RunId, Obstacle> {
        let gone = || Obstacle::Refused(Clean::new("it is not in the documents any more"));
        let gate = self.gates.get(id).cloned().ok_or_else(gone)?;
        let permit = self.permit(&gate)?;
        let run = RunId(self.op_id().0);
        let mut task = gate.task(run.clone(), is_guarded(&self.room)).map_err(Obstacle::Refused)?;
        match way {
            Way::Alone => {}
            Way::Shared(first) => task.shares = Some(first.unwrap_or_else(|| run.clone())),
            Way::OnTerminal => task.on_terminal = true,
        }
        self.close_lost(id, effects);
        self.gates.runs.order(Order { task, permit, op: None });
        self.begin_next(effects);
        Ok(run)
    }

    /// Begins what may begin.
    pub(super) fn begin_next(&mut self, effects: &mut Vec<Effect>) {
        loop {
            let token = self.token();
            let Some(task) = self.gates.runs.begin_next(token) else { return };
            let operator = &self.room.operator;
            let (by, role) = (Clean::new(&operator.name), Clean::new(&operator.role));
            effects.push(Effect::ClaimGate { token, by, role, task: Box::new(task) });
        }
    }

    /// The journal has that a gate begins, or cannot be written: it is run.
    pub(super) fn gate_claimed(&mut self, token: Token, claim: Claim, effects: &mut Vec<Effect>) {
        let Some((Own { task, stopping, .. }, permit)) = self.gates.runs.claimed(token, claim) else {
            return;
        };
        if stopping {
            let why = Clean::new("before it began");
            let stopped =
                Evidence { ending: Ending::Stopped, outcome: Outcome::Stopped, why, ..of_task(&task) };
            return self.gate_ended(stopped, self.now, effects);
        }
        let task = Box::new(task);
        effects.push(if task.on_terminal {
            Effect::LendTerminal { task, permit }
        } else {
            Effect::RunGate { task, permit }
        });
    }

    /// The journal did not take it: another console runs the gate, or nothing can be written down. The latter stops nobody
    /// from looking.
    pub(super) fn gate_refused(&mut self, token: Token, refusal: &Refusal, effects: &mut Vec<Effect>) {
        let Some(Own { task, op, .. }) = self.gates.runs.claiming(token).cloned() else { return };
        let own = |op: &OpId| self.gates.past(&task.gate).iter().any(|past| past.evidence.run.0 == op.0);
        let by = match refusal {
            // That run was this console's, and its end found no way into the journal.
            Refusal::Conflict { op, .. } if own(op) => None,
            Refusal::Conflict { by, .. } => Some(by),
            Refusal::Told | Refusal::Unwritable { .. } => None,
        };
        let Some(by) = by else { return self.gate_claimed(token, Claim::Unrecorded, effects) };
        self.gates.runs.ended(&task.run);
        self.gates.runs.beaten = Some((task.run, by.clone()));
        let why = format!("{by} runs it at another console");
        if let Some(op) = op {
            self.reached(&op, OpState::Failed, Clean::new(&format!("nothing was run: {why}")), effects);
        }
        self.say(&format!("gate {} was not run: {why}", task.name));
        self.begin_next(effects);
    }

    /// A runner tells of its gate.
    pub(super) fn gate_told(&mut self, news: RunNews, effects: &mut Vec<Effect>) {
        match news {
            RunNews::Begun { begun, at } => {
                self.gates.runs.begun(&begun.run, at);
                if let Some(op) = self.gates.runs.own_run(&begun.run).and_then(|own| own.op.clone()) {
                    let words = Clean::new(&format!("process {}", begun.pid));
                    self.operated(&op, OpState::Accepted, words, at, effects);
                }
                let recorded = |own: &Own| own.claim == Claim::Had;
                let draft = self.mine(if self.gates.runs.own_run(&begun.run).is_some_and(recorded) {
                    Entry::GateProcess { run: begun.run, name: begun.name, pid: begun.pid }
                } else {
                    Entry::GateStarted(begun)
                });
                self.append(draft, Guard::Free, effects);
            }
            RunNews::Told { run, lines, skipped, partial, .. } => {
                let before = self.gate_output().len();
                let gate = self.gates.runs.told(&run, lines, skipped, partial);
                self.hold_gate(gate.as_deref(), before);
            }
            RunNews::Ended { evidence, at } => self.gate_ended(evidence, at, effects),
            RunNews::Sought { run, alive, watched, log } => {
                if let Some(foreign) = self.gates.runs.sought(&run, (alive, watched), log) {
                    self.gate_lost(&foreign, effects);
                }
            }
            RunNews::Compared { gate, run, changes, problem } => {
                self.gates.compared(gate, run, changes, problem);
            }
        }
    }

    fn gate_ended(&mut self, mut evidence: Evidence, at: Now, effects: &mut Vec<Effect>) {
        evidence.candidate = self.candidate();
        if evidence.on_terminal {
            effects.push(Effect::TakeBack);
        }
        let op = self.gates.runs.own_run(&evidence.run).and_then(|own| own.op.clone());
        if let Some(op) = &op {
            self.run_over(op, &evidence, at, effects);
        }
        let by = Clean::new(&self.room.operator.name);
        let words = match (&op, evidence.ending) {
            // No gate: it changed something, and its status says whether it did.
            (Some(_), Ending::Exited(0)) => format!("{} done: exit 0", evidence.name),
            _ => format!("gate {} {}: {}", evidence.name, evidence.outcome, evidence.why),
        };
        let draft = self.mine(Entry::GateEnded(Box::new(evidence.clone())));
        self.append(draft, Guard::Free, effects);
        self.gates.ended(by, at.wall, evidence);
        self.say(&words);
        self.begin_next(effects);
        self.compare_guards(effects);
    }

    /// Nothing is left of a run whose console is gone: who stopped it writes down that nobody saw its end, else the keeper.
    fn gate_lost(&mut self, foreign: &Foreign, effects: &mut Vec<Effect>) {
        if !foreign.is_lost() || !(foreign.asked || self.keeper) {
            return;
        }
        self.run_lost(&foreign.begun.run, effects);
        // Its console may have ended after a good end of the gate, which is not read here yet.
        let guard = Guard::RunOpen { run: foreign.begun.run.clone() };
        let draft = if foreign.asked { self.mine(unseen(foreign)) } else { Self::machine(unseen(foreign)) };
        self.append(draft, guard, effects);
    }

    /// Before a gate runs again it is written down that its last run, of a console that is gone, has no known end:
    /// else the keeper would, after the new one.
    pub(super) fn close_lost(&mut self, gate: &str, effects: &mut Vec<Effect>) {
        let lost = self.gates.runs.elsewhere().filter(|known| known.begun.gate == gate && known.is_lost());
        for foreign in lost.cloned().collect::<Vec<_>>() {
            self.run_lost(&foreign.begun.run, effects);
            self.gates.runs.ended(&foreign.begun.run);
            let draft = self.mine(unseen(&foreign));
            self.append(draft, Guard::RunOpen { run: foreign.begun.run.clone() }, effects);
        }
    }

    /// Looks for runs of other consoles, and at what gates guard.
    pub(super) fn look_after_gates(&mut self, before: Now, effects: &mut Vec<Effect>) {
        let part = |now: Now| now.mono.0 / u64::try_from(LOOK.as_micros()).unwrap_or(u64::MAX);
        let unsought = self.gates.runs.elsewhere().any(|foreign| foreign.found.is_none());
        let due = part(before) != part(self.now);
        if due || (unsought && self.journal.checked_up_to().is_some()) {
            let runs: Vec<Quarry> = self.gates.runs.elsewhere().map(Foreign::quarry).collect();
            if !runs.is_empty() {
                effects.push(Effect::SeekGates { runs });
            }
        }
        if due {
            self.compare_guards(effects);
        } else if self.journal.checked_up_to().is_some() {
            // A pass that the journal told of is not known to hold before its repository was asked.
            Self::ask_repositories(self.gates.unasked(), effects);
        }
    }

    /// Asks what changed under gates that passed. Without a pass nothing is asked.
    pub(super) fn compare_guards(&mut self, effects: &mut Vec<Effect>) {
        self.gates.unasked();
        Self::ask_repositories(self.gates.watches(), effects);
    }

    fn ask_repositories(watches: Vec<Watch>, effects: &mut Vec<Effect>) {
        if !watches.is_empty() {
            effects.push(Effect::CompareGuards { watches });
        }
    }

    /// Stops the own run, or what is left of one whose console is gone.
    pub fn stop_gate(&mut self, run: &RunId, effects: &mut Vec<Effect>) {
        if self.gates.runs.own_run(run).is_some() {
            self.gates.runs.stopping(run);
            effects.push(Effect::StopGate { run: run.clone() });
            return self.say("stopping it, children too");
        }
        let orphan =
            self.gates.runs.elsewhere().find(|foreign| foreign.begun.run == *run && foreign.is_orphan());
        if let Some(run) = orphan.map(Foreign::quarry) {
            self.gates.runs.ask(&run.run);
            effects.push(Effect::StopOrphan { run });
            self.say("stopping what is left of it");
        }
    }

    /// Writes down that the operator trusts the commands of `document`, if they are still those with `hash`.
    pub fn trust(&mut self, document: &str, hash: &str, effects: &mut Vec<Effect>) -> bool {
        let commands = self.gates.trust().commands(document).filter(|commands| commands.hash == hash);
        let Some(kept) = commands.map(Trust::kept) else {
            self.say("the document changed while you read: nothing is trusted, look again");
            return false;
        };
        let entry = Entry::Trusted { document: document.to_owned(), hash: hash.to_owned(), commands: kept };
        let draft = self.mine(entry);
        self.append(draft, Guard::Free, effects);
        true
    }
}

/// That nobody saw how a run ended.
fn unseen(foreign: &Foreign) -> Entry {
    let Begun { run, gate, name, hash, .. } = foreign.begun.clone();
    let why = Clean::new(if foreign.asked { ENDED } else { LOST });
    Entry::GateEnded(Box::new(Evidence {
        why,
        log: foreign.log.clone(),
        ..Evidence::unseen(run, gate, name, hash)
    }))
}

/// What is known of a run that never began.
fn of_task(task: &Task) -> Evidence {
    Evidence::unseen(task.run.clone(), task.gate.clone(), task.name.clone(), task.hash.clone())
}
