//! What `gate run` waits for: the documents and the journal, the run, its record, and the records that follow from it.

use std::io::{self, Write};
use std::time::Duration;

use crate::clock;
use crate::domain::run::RunId;
use crate::domain::{Mono, OpId, OpState};
use crate::model::Model;
use crate::model::gates::Gate;
use crate::model::ops::Operation;
use crate::runtime::{Changed, Exit, Face};

/// How long to wait for the record of a run that is over, and again for what follows from it.
const RECORD: Duration = Duration::from_secs(6);

/// Waits until documents and journal were read.
pub(super) struct Reading {
    pub(super) until: Mono,
}

impl Face for Reading {
    fn show(&mut self, _: &Model, _: Changed) -> io::Result<usize> {
        Ok(0)
    }

    fn finished(&self, model: &Model) -> Option<Exit> {
        // What a console that is gone left running, or not, was looked for too.
        let sought = model.gates.runs.elsewhere().all(|foreign| foreign.found.is_some());
        let read = model.checklist.is_read() && model.journal.checked_up_to().is_some() && sought;
        (read || clock::mono() >= self.until).then_some(Exit::Status(0))
    }
}

/// Prints the output of a run as it comes, until its end is recorded.
pub(super) struct Running {
    gate: String,
    run: RunId,
    told: u64,
    quiet: bool,
    over: Option<Mono>,
    /// The operation that it is, if it changes something.
    pub(super) op: Option<OpId>,
}

impl Running {
    pub(super) fn of(gate: &Gate, run: RunId, quiet: bool) -> Self {
        Self { gate: gate.id.clone(), run, told: 0, quiet, over: None, op: None }
    }
}

impl Face for Running {
    fn show(&mut self, model: &Model, _: Changed) -> io::Result<usize> {
        if let Some(shown) = model.gates.runs.output(&self.gate) {
            let (lost, lines) = shown.since(self.told);
            let mut out = io::stdout().lock();
            if lost > 0 && !self.quiet {
                writeln!(out, "… {lost} lines left out here; see the log …")?;
            }
            self.told += lost;
            for line in lines {
                self.told += 1;
                if !self.quiet {
                    writeln!(out, "{line}")?;
                }
            }
        }
        let over = model.gates.past(&self.gate).iter().any(|past| past.evidence.run == self.run);
        if over && self.over.is_none() {
            self.over = Some(clock::mono());
        }
        Ok(0)
    }

    fn finished(&self, model: &Model) -> Option<Exit> {
        if let Some(op) = &self.op {
            // It was refused, or never began.
            let last = model.ops.get(op).and_then(Operation::state);
            let ran = model.gates.runs.own_run(&self.run).is_some() || self.over.is_some();
            if model.refusal.is_some() || (last == Some(OpState::Failed) && !ran) {
                return Some(Exit::Status(0));
            }
        }
        if model.gates.runs.beaten.as_ref().is_some_and(|(run, _)| *run == self.run) {
            return Some(Exit::Status(0));
        }
        let past = model.gates.past(&self.gate).iter().find(|past| past.evidence.run == self.run)?;
        let late = self.over.is_some_and(|over| clock::mono().since(over) > RECORD);
        let checked = !model.gates.get(&self.gate).is_some_and(|gate| model.gates.is_unchecked(gate));
        let done = (past.seq.is_some() && checked) || late || model.journal.cannot_write().is_some();
        done.then_some(Exit::Status(0))
    }
}

/// Waits until no item that rests on the gate is owed a record any more.
pub(super) struct Owed {
    names: [String; 2],
    until: Mono,
}

impl Owed {
    pub(super) fn of(gate: &Gate) -> Self {
        Self { names: [gate.id.clone(), gate.name.to_string()], until: clock::mono().after(RECORD) }
    }
}

impl Face for Owed {
    fn show(&mut self, _: &Model, _: Changed) -> io::Result<usize> {
        Ok(0)
    }

    fn finished(&self, model: &Model) -> Option<Exit> {
        let names = self.names.each_ref().map(String::as_str);
        let done = !model.checklist.owes(&names)
            || clock::mono() >= self.until
            || model.journal.cannot_write().is_some();
        done.then_some(Exit::Status(0))
    }
}
