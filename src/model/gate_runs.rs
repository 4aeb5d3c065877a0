//! Commands that change something: confirmed, journaled, and then run like a gate, under the same operation.

use crate::domain::run::{Ending, Evidence, RunId};
use crate::domain::{Clean, Now, OpId, OpKind, OpState, PanelId, RunChange};

use super::Model;
use super::confirm::{Confirm, Note};
use super::effect::{Authority, Effect, Permit};
use super::gate_acts::Obstacle;
use super::gates::Gate;
use super::gates::runs::Order;
use super::modal::Modal;

impl Model {
    /// Opens the dialog for a command that changes something.
    pub(super) fn ask_run(&mut self, id: &str) {
        let Some(gate) = self.gates.get(id).cloned() else {
            return self.say("it is not in the documents any more");
        };
        let change = RunChange {
            gate: gate.id.clone(),
            name: gate.name.clone(),
            command: Clean::new(gate.script.as_deref().unwrap_or_default()),
            hash: gate.hash.clone(),
            dir: Clean::new(&gate.dir.to_string_lossy()),
            frozen_at: self.now.wall,
        };
        if let Some(why) = self.run_refusal(&change) {
            return self.say(&format!("not now: {why}"));
        }
        let token = self.token();
        let reason = format!("run {}", gate.name);
        let mut confirm = Confirm::new(OpKind::Run(change), word(&gate), &reason, token, self.now);
        confirm.notes = vec![Note {
            unknown: true,
            subject: Clean::new("what it changes"),
            detail: Clean::new("not known to this room"),
            consequence: Clean::new("it cannot be undone from here"),
        }];
        self.show(Modal::Confirm(Box::new(confirm)));
    }

    /// Why a command must not be run now, whatever its dialog said when it opened.
    pub(super) fn run_refusal(&self, change: &RunChange) -> Option<Clean> {
        let Some(gate) = self.gates.get(&change.gate).filter(|gate| gate.hash == change.hash) else {
            return Some(Clean::new("the document changed: look at the command again"));
        };
        match self.permit(gate) {
            Ok(_) | Err(Obstacle::Mutation) => {}
            Err(obstacle) => return Some(Clean::new(&obstacle.words())),
        }
        let busy = self.gates.runs.own().iter().find(|own| own.task.timeout.is_some());
        busy.map(|own| Clean::new(&format!("gate {} runs: one at a time", own.task.name)))
    }

    /// It is journaled or consented to: runs it.
    pub(super) fn run_confirmed(
        &mut self,
        op: &OpId,
        change: &RunChange,
        authority: Authority,
        effects: &mut Vec<Effect>,
    ) {
        let gate = self.gates.get(&change.gate).filter(|gate| gate.hash == change.hash).cloned();
        let task = gate.map(|gate| gate.task(RunId(op.0.clone()), self.is_guarded()));
        let Some(Ok(task)) = task else {
            let words = Clean::new("the document changed before it began: nothing was run");
            return self.reached(op, OpState::Failed, words, effects);
        };
        let permit = Permit::of_confirmation(authority);
        self.gates.runs.order(Order { task, permit, op: Some(op.clone()) });
        self.begin_next(effects);
    }

    /// The command ended: with status 0 it did what it does, else it failed; either may have changed something.
    pub(super) fn run_over(&mut self, op: &OpId, evidence: &Evidence, at: Now, effects: &mut Vec<Effect>) {
        let (state, words) = match evidence.ending {
            Ending::Exited(0) => (OpState::Effective, "exit 0".to_owned()),
            Ending::NotStarted => (OpState::Failed, format!("it never began: {}", evidence.why)),
            _ => (OpState::Failed, format!("{}: what it did until then is done", evidence.why)),
        };
        self.operated(op, state, Clean::new(&words), at, effects);
    }

    /// Nothing is left of a command whose console is gone.
    pub(super) fn run_lost(&mut self, run: &RunId, effects: &mut Vec<Effect>) {
        let op = OpId(run.0.clone());
        let words = "its console is gone and it runs no more: it may have done its work";
        if self.ops.get(&op).is_some_and(|op| !op.is_over()) {
            self.reached(&op, OpState::Unknown, Clean::new(words), effects);
        }
    }

    /// Looks at a command again: what runs on goes on, and what is gone frees the way for the next.
    pub(super) fn recheck_run(&mut self, id: &OpId, effects: &mut Vec<Effect>) {
        let run = RunId(id.0.clone());
        let elsewhere = self.gates.runs.elsewhere().any(|foreign| foreign.begun.run == run);
        if elsewhere || self.gates.runs.own_run(&run).is_some() {
            return self.say("it runs on: the gates view shows it, x stops it");
        }
        let words = "nothing of it runs any more; what it did is to be looked at";
        self.reached(id, OpState::Failed, Clean::new(words), effects);
        self.say(words);
    }

    /// Shows a gate with its output.
    pub(super) fn show_gate(&mut self, id: &str) {
        self.ui.modal = None;
        self.ui.focus.open(PanelId::Gates);
        let at = self.gates.list().iter().position(|gate| gate.id == id);
        if let (Some(row), Some(cursor)) = (at, self.ui.focus.cursor_mut(PanelId::Gates)) {
            cursor.row = row;
        }
        self.gates.runs.back = 0;
    }
}

/// The word to type: the program's name.
fn word(gate: &Gate) -> String {
    let first = gate.command.text.split_whitespace().next().unwrap_or_default();
    let name = first.rsplit('/').next().unwrap_or_default();
    let plain: String =
        name.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).take(20).collect();
    if plain.is_empty() { "run".to_owned() } else { plain }
}
