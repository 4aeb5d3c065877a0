//! Gates: commands whose result is evidence. Which there are, who trusted them, what ran, and how each stands.
//!
//! A gate stands where its newest run left it. A pass lapses when its command changed since, or a file that it guards. A
//! document's gates run only while a person trusts its commands exactly as they are.

use std::collections::BTreeMap;

use crate::domain::room::GatesSpec;
use crate::domain::run::{Ending, Evidence, Outcome, RunId};
use crate::domain::{Clean, Document, Entry, Record, Room, Wall};

use super::checklist::Rollouts;

mod earlier;
mod guarded;
mod lead;
mod list;
mod output;
pub mod runs;
#[cfg(test)]
mod tests;
pub mod trust;

use guarded::Guarded;
pub use list::{Gate, Source};
pub use output::{Line, Shown};
use runs::Runs;
use trust::Trust;

/// Runs remembered of each gate; the journal has all.
const REMEMBERED: usize = 20;

/// The sub-state.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Gates {
    list: Vec<Gate>,
    past: BTreeMap<String, Vec<Past>>,
    guarded: Guarded,
    trust: Trust,
    /// What runs and waits.
    pub runs: Runs,
    /// By which record each run that goes on began.
    started: BTreeMap<RunId, u64>,
    /// What is rolled out: a run of before says nothing of it.
    rollouts: Rollouts,
}

/// A run that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// Its record; `None` while it is on its way to the journal.
    pub seq: Option<u64>,
    /// The record with which it began, where that is known: what was rolled out then is what it ran against.
    pub begun: Option<u64>,
    /// Who ran it.
    pub by: Clean,
    /// When it ended.
    pub at: Wall,
    /// What it proved.
    pub evidence: Evidence,
}

/// What is known of a run whose console is gone and of which nothing is left.
pub(super) const LOST: &str = "its console is gone: nobody saw how it ended";

/// What is known of one that a person here stopped.
pub(super) const ENDED: &str =
    "its console was gone, and it was stopped on request: nobody saw how far it came";

/// How a gate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum GateState {
    /// It never ran as it is now.
    Never,
    /// It waits for another to end.
    Queued,
    /// It runs, here or at another console.
    Running,
    /// Its newest run passed, and nothing that it guards changed since.
    Passed,
    /// Its newest run failed.
    Failed,
    /// Its newest run took too long.
    TimedOut,
    /// Its newest run was stopped.
    Stopped,
    /// Its newest run ended well and proved nothing: a person reads the output.
    Unclear,
    /// Nobody saw how its newest run ended.
    Unseen,
    /// It passed, and what it passed on changed since.
    Lapsed,
    /// Its newest run was before what is rolled out now, or at another commit: it says nothing of it.
    Earlier,
    /// A run of it goes on, and its console is gone.
    Orphaned,
    /// It cannot be run as it stands.
    Refused,
}

/// How a gate stands, with the evidence: what an item that is bound to it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing<'a> {
    /// How.
    pub state: GateState,
    /// Its newest run that is over.
    pub last: Option<&'a Past>,
    /// It is no gate, and ended well: it did what it does.
    pub done: bool,
    /// Why, in a few words: `22 of 23`, `src/auth.py changed in 1f2e3d4`.
    pub why: Clean,
}

impl Standing<'_> {
    /// How it stands, in words for people.
    pub fn word(&self) -> &'static str {
        let seen = self.last.is_some_and(|past| past.evidence.on_terminal);
        match self.state {
            GateState::Unclear if self.done => "done",
            GateState::Unclear if seen => "seen only",
            state => state.word(),
        }
    }
}

impl Gates {
    /// The gates of the config; those of documents come when they were read.
    pub fn new(spec: &GatesSpec) -> Self {
        Self { list: list::of_config(spec), ..Self::default() }
    }

    /// The documents were read (again). What ran stays with the commands that are still there.
    pub fn documents_read(&mut self, room: &Room, documents: &[Document]) {
        self.list = list::of_config(&room.gates);
        for document in documents {
            self.list.extend(list::of_document(room, document));
        }
        self.trust.documents_read(documents);
    }

    /// All gates: those of the config, then those of documents in file order.
    pub fn list(&self) -> &[Gate] {
        &self.list
    }

    /// One by its id.
    pub fn get(&self, id: &str) -> Option<&Gate> {
        self.list.iter().find(|gate| gate.id == id)
    }

    /// The one that a person or a binding names: an id, a name, the beginning of an id (four characters or more), the
    /// command's text; else a part of the name, if only one has it.
    ///
    /// # Errors
    /// All that fit, if not exactly one does.
    pub fn find(&self, wanted: &str) -> Result<&Gate, Vec<&Gate>> {
        let lower = wanted.trim().to_lowercase();
        let starts = |gate: &Gate| lower.len() >= 4 && gate.id.to_lowercase().starts_with(&lower);
        let ways: [&dyn Fn(&Gate) -> bool; 5] = [
            &|gate| gate.id == wanted,
            &|gate| gate.name.to_lowercase() == lower,
            &starts,
            &|gate| gate.command.text.trim() == wanted.trim(),
            &|gate| {
                !lower.is_empty()
                    && format!("{} {}", gate.name, gate.command.text).to_lowercase().contains(&lower)
            },
        ];
        let mut found = Vec::new();
        for way in ways {
            found = self.list.iter().filter(|gate| way(gate)).collect();
            match found.as_slice() {
                [only] => return Ok(only),
                [] => {}
                _ => return Err(found),
            }
        }
        Err(found)
    }

    /// How the gate stands that `name_or_id` names; `None`: there is not exactly one.
    pub fn state(&self, name_or_id: &str) -> Option<GateState> {
        Some(self.standing(self.find(name_or_id).ok()?).state)
    }

    /// How `gate` stands, and why.
    pub fn standing(&self, gate: &Gate) -> Standing<'_> {
        let last = self.past(&gate.id).last();
        let well = last.is_some_and(|past| past.evidence.ending == Ending::Exited(0));
        let done = well && !gate.is_gate();
        let of = |state, why: &str| Standing { state, last, done, why: Clean::new(why) };
        if self.runs.is_running(&gate.id) {
            return of(GateState::Running, "");
        }
        if self.runs.is_queued(&gate.id) {
            return of(GateState::Queued, "waits for another to end");
        }
        match self.runs.foreign(&gate.id) {
            Some(foreign) if foreign.is_orphan() => {
                let process = match foreign.begun.pid {
                    0 => "it".to_owned(),
                    pid => format!("process {pid}"),
                };
                return of(GateState::Orphaned, &format!("{process} runs on, its console is gone"));
            }
            Some(foreign) if foreign.is_lost() => return of(GateState::Unseen, LOST),
            Some(foreign) => return of(GateState::Running, &format!("by {}", foreign.by)),
            None => {}
        }
        if let Err(why) = &gate.script {
            return of(GateState::Refused, why);
        }
        let Some(past) = last else { return of(GateState::Never, "") };
        let state = past.state();
        if let Some(why) = earlier::why(past, &self.rollouts) {
            return of(GateState::Earlier, &format!("{} {why}", state.word()));
        }
        if past.evidence.hash != gate.hash {
            // What another command proved says nothing of this one.
            let lapsed = state == GateState::Passed;
            return if lapsed {
                of(GateState::Lapsed, "its command changed since")
            } else {
                of(GateState::Never, "")
            };
        }
        match self.changed(gate, past) {
            Some(why) if state == GateState::Passed => of(GateState::Lapsed, &why),
            _ => of(state, &past.evidence.why),
        }
    }

    /// Whether it failed, and nothing has shown since that it does not: that it runs again, or was stopped, shows nothing.
    pub fn stands_failed(&self, gate: &Gate) -> bool {
        let of_now =
            |past: &&Past| past.evidence.hash == gate.hash && earlier::why(past, &self.rollouts).is_none();
        let newest = || {
            let judged = |state: &GateState| !matches!(state, GateState::Stopped | GateState::Unseen);
            self.past(&gate.id).iter().rev().filter(of_now).map(Past::state).find(judged)
        };
        match self.standing(gate).state {
            GateState::Running
            | GateState::Queued
            | GateState::Stopped
            | GateState::Unseen
            | GateState::Orphaned => newest().is_some_and(GateState::is_bad),
            state => state.is_bad(),
        }
    }

    /// The runs of a gate that are over, oldest first.
    pub fn past(&self, gate: &str) -> &[Past] {
        self.past.get(gate).map_or(&[], Vec::as_slice)
    }

    /// How many gates stand so.
    pub fn count(&self, wanted: impl Fn(GateState) -> bool) -> usize {
        let of = self.list.iter().filter(|gate| gate.is_gate());
        of.filter(|gate| wanted(self.standing(gate).state)).count()
    }

    /// Who trusted which document.
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// A run of this console is over; its record is on its way.
    pub fn ended(&mut self, by: Clean, at: Wall, evidence: Evidence) {
        self.runs.ended(&evidence.run);
        let begun = self.started.get(&evidence.run).copied();
        self.remember(Past { seq: None, begun, by, at, evidence });
    }

    /// Takes in a record, own or another's.
    pub fn record(&mut self, record: &Record) {
        self.rollouts.record(record);
        if let Entry::Trusted { document, hash, commands } = &record.entry {
            self.trust.record(record, document, hash, commands);
        } else if let Entry::GateStarted(begun) = &record.entry {
            // The record of a short run comes when that is over.
            if self.past(&begun.gate).iter().any(|past| past.evidence.run == begun.run) {
                return;
            }
            self.runs.begun_elsewhere(begun, &record.by, record.at);
            self.started.entry(begun.run.clone()).or_insert(record.seq);
        } else if let Entry::GateProcess { run, pid, .. } = &record.entry {
            self.runs.process(run, *pid);
        } else if let Entry::GateEnded(evidence) = &record.entry {
            self.runs.ended(&evidence.run);
            let (seq, by) = (Some(record.seq), record.by.clone());
            let begun = self.started.remove(&evidence.run);
            self.remember(Past { seq, begun, by, at: record.at, evidence: (**evidence).clone() });
        }
    }

    fn remember(&mut self, past: Past) {
        let runs = self.past.entry(past.evidence.gate.clone()).or_default();
        // A run is known once: first by its runner, then by its record.
        match runs.iter_mut().find(|known| known.evidence.run == past.evidence.run) {
            Some(known) => *known = past,
            None => runs.push(past),
        }
        if runs.len() > REMEMBERED {
            runs.remove(0);
        }
    }
}

impl Past {
    fn state(&self) -> GateState {
        match self.evidence.outcome {
            Outcome::Passed => GateState::Passed,
            Outcome::Failed => GateState::Failed,
            Outcome::TimedOut => GateState::TimedOut,
            Outcome::Stopped => GateState::Stopped,
            Outcome::Unclear => GateState::Unclear,
            Outcome::Unseen => GateState::Unseen,
        }
    }
}

impl GateState {
    /// In words, for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Never => "never run",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::TimedOut => "timed out",
            Self::Stopped => "stopped",
            Self::Unclear => "read the output",
            Self::Unseen => "ended unseen",
            Self::Lapsed => "lapsed",
            Self::Earlier => "to run again",
            Self::Orphaned => "orphaned",
            Self::Refused => "refused",
        }
    }

    /// Whether it speaks against going on.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::TimedOut)
    }
}
