//! What runs and waits: own runs one at a time and in order, those that run until stopped beside them, and what other
//! consoles run.

use std::collections::{BTreeMap, VecDeque};

use crate::domain::run::{Begun, Quarry, RunId, Task};
use crate::domain::{Clean, Now, OpId, Wall};

use super::super::effect::Permit;
use super::super::msg::Token;
use super::output::Shown;

/// Outputs kept: more than anybody looks at.
const MOST_OUTPUTS: usize = 30;

/// The sub-state.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Runs {
    queue: VecDeque<Order>,
    own: Vec<Own>,
    foreign: BTreeMap<RunId, Foreign>,
    /// By gate, oldest first.
    outputs: VecDeque<(String, RunId, Shown)>,
    /// Lines of output scrolled away below; 0: the end is followed.
    pub back: usize,
    /// The line of output where the search stands, counted from 0.
    pub found: Option<usize>,
    /// The run that a person is asked about.
    pub asked: Option<RunId>,
    /// The gate that a person is asked about, and its hash: it is to have the terminal.
    pub lend: Option<(String, String)>,
    /// The newest own run that was not run, for another console runs the gate; and who.
    pub beaten: Option<(RunId, Clean)>,
}

/// A run that is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// What.
    pub task: Task,
    /// By what right.
    pub permit: Permit,
    /// The operation that it is, if it changes something.
    pub op: Option<OpId>,
}

/// A run of this console.
#[derive(Debug, Clone, PartialEq)]
pub struct Own {
    /// What.
    pub task: Task,
    /// The operation that it is, if it changes something.
    pub op: Option<OpId>,
    /// When its process began; `None`: not yet.
    pub since: Option<Now>,
    /// A person asked for it to stop.
    pub stopping: bool,
    /// How far it is in the journal.
    pub claim: Claim,
}

/// How far the journal has a run of this console: only once it has, or cannot be written, is anything run.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// It is asked, with this token.
    Asked(Token, Permit),
    /// It has it: no other console begins the same gate.
    Had,
    /// It cannot be written.
    Unrecorded,
}

/// A run that began elsewhere and whose end is not recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// What its console wrote down.
    pub begun: Begun,
    /// Who ran it.
    pub by: Clean,
    /// When it began.
    pub at: Wall,
    /// Whether processes of it were found, and whether its console was; `None`: not looked for yet.
    pub found: Option<(Option<bool>, bool)>,
    /// The file with its output; empty: there is none on this machine.
    pub log: Clean,
    /// A person at this console asked for its end.
    pub asked: bool,
}

impl Foreign {
    /// Whether it goes on without its console.
    pub fn is_orphan(&self) -> bool {
        self.found == Some((Some(true), false))
    }

    /// Whether nothing is left of it, and nobody will write down how it ended.
    pub fn is_lost(&self) -> bool {
        self.found == Some((Some(false), false))
    }

    /// How to look for it.
    pub fn quarry(&self) -> Quarry {
        let Begun { run, pid, console, host, mark, .. } = self.begun.clone();
        Quarry { mark: mark.unwrap_or_else(|| run.clone()), run, pid, console, host }
    }
}

impl Runs {
    /// Whether a run of the gate goes on in this console.
    pub fn is_running(&self, gate: &str) -> bool {
        self.own.iter().any(|own| own.task.gate == gate)
    }

    /// Whether the gate waits for its turn.
    pub fn is_queued(&self, gate: &str) -> bool {
        self.queue.iter().any(|order| order.task.gate == gate)
    }

    /// The own runs that go on.
    pub fn own(&self) -> &[Own] {
        &self.own
    }

    /// The own run of a gate.
    pub fn own_of(&self, gate: &str) -> Option<&Own> {
        self.own.iter().find(|own| own.task.gate == gate)
    }

    /// The own run with this id.
    pub fn own_run(&self, run: &RunId) -> Option<&Own> {
        self.own.iter().find(|own| own.task.run == *run)
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// The newest run of a gate elsewhere.
    pub fn foreign(&self, gate: &str) -> Option<&Foreign> {
        self.foreign.values().filter(|foreign| foreign.begun.gate == gate).max_by_key(|foreign| foreign.at)
    }

    /// All runs elsewhere.
    pub fn elsewhere(&self) -> impl Iterator<Item = &Foreign> {
        self.foreign.values()
    }

    /// Puts a run at the end of the queue.
    pub fn order(&mut self, order: Order) {
        self.queue.push_back(order);
    }

    /// The next that may begin: one at a time, and those that run until stopped at once. `token` is for the journal.
    pub fn begin_next(&mut self, token: Token) -> Option<Task> {
        let busy = self.own.iter().any(|own| own.task.timeout.is_some());
        let at = self.queue.iter().position(|order| order.task.timeout.is_none() || !busy)?;
        let Order { task, permit, op } = self.queue.remove(at)?;
        self.outputs.retain(|(gate, ..)| *gate != task.gate);
        self.outputs.push_back((task.gate.clone(), task.run.clone(), Shown::default()));
        if self.outputs.len() > MOST_OUTPUTS {
            self.outputs.pop_front();
        }
        let claim = Claim::Asked(token, permit);
        self.own.push(Own { task: task.clone(), op, since: None, stopping: false, claim });
        Some(task)
    }

    /// The own run that was asked about with this token.
    pub fn claiming(&self, token: Token) -> Option<&Own> {
        self.own.iter().find(|own| matches!(own.claim, Claim::Asked(asked, _) if asked == token))
    }

    /// The journal has it, or cannot be written: the own run, and by what right it goes on.
    pub fn claimed(&mut self, token: Token, claim: Claim) -> Option<(Own, Permit)> {
        let is_it = |own: &&mut Own| matches!(own.claim, Claim::Asked(asked, _) if asked == token);
        let own = self.own.iter_mut().find(is_it)?;
        let Claim::Asked(_, permit) = std::mem::replace(&mut own.claim, claim) else { return None };
        Some((own.clone(), permit))
    }

    /// Takes a gate out of the queue; whether it was there.
    pub fn unqueue(&mut self, gate: &str) -> bool {
        let before = self.queue.len();
        self.queue.retain(|order| order.task.gate != gate);
        self.queue.len() < before
    }

    /// Empties the queue.
    pub fn unqueue_all(&mut self) {
        self.queue.clear();
    }

    /// An own process began.
    pub fn begun(&mut self, run: &RunId, at: Now) {
        if let Some(own) = self.own.iter_mut().find(|own| own.task.run == *run) {
            own.since = Some(at);
        }
    }

    /// A person asked for it to stop.
    pub fn stopping(&mut self, run: &RunId) {
        if let Some(own) = self.own.iter_mut().find(|own| own.task.run == *run) {
            own.stopping = true;
        }
    }

    /// A person asked for the end of what is left of it.
    pub fn ask(&mut self, run: &RunId) {
        if let Some(foreign) = self.foreign.get_mut(run) {
            foreign.asked = true;
        }
    }

    /// A record says that a run began.
    pub fn begun_elsewhere(&mut self, begun: &Begun, by: &Clean, at: Wall) {
        if self.own_run(&begun.run).is_none() {
            let foreign = Foreign {
                begun: begun.clone(),
                by: by.clone(),
                at,
                found: None,
                log: Clean::default(),
                asked: false,
            };
            self.foreign.insert(begun.run.clone(), foreign);
        }
    }

    /// A record says which process a run is.
    pub fn process(&mut self, run: &RunId, pid: u32) {
        if let Some(foreign) = self.foreign.get_mut(run) {
            foreign.begun.pid = pid;
            foreign.found = None;
        }
    }

    /// It was looked for.
    pub fn sought(&mut self, run: &RunId, found: (Option<bool>, bool), log: Clean) -> Option<Foreign> {
        let foreign = self.foreign.get_mut(run)?;
        (foreign.found, foreign.log) = (Some(found), log);
        Some(foreign.clone())
    }

    /// A run is over.
    pub fn ended(&mut self, run: &RunId) -> Option<Own> {
        self.foreign.remove(run);
        let at = self.own.iter().position(|own| own.task.run == *run)?;
        Some(self.own.remove(at))
    }

    /// An own run wrote lines; of which gate.
    pub fn told(&mut self, run: &RunId, lines: Vec<Clean>, skipped: u64, partial: Clean) -> Option<String> {
        let (gate, _, shown) = self.outputs.iter_mut().find(|(_, known, _)| known == run)?;
        shown.told(lines, skipped, partial);
        Some(gate.clone())
    }

    /// The output of the newest own run of a gate.
    pub fn output(&self, gate: &str) -> Option<&Shown> {
        self.outputs.iter().find(|(known, ..)| known == gate).map(|(.., shown)| shown)
    }
}
