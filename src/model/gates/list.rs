//! Which gates there are: those of the config, and the commands of documents that can be run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::document::fingerprint;
use crate::domain::plan::{Check, Command, CommandKind, Expected, Proof};
use crate::domain::room::{DocumentGates, ENVIRONMENT, GateSpec, GatesSpec, GuardSpec, TIMEOUT};
use crate::domain::run::{Guards, Lead, RunId, Task};
use crate::domain::{Clean, Document, Item, ItemId, Room};

use super::lead;

/// The longest name made of a document's words.
const LONGEST_NAME: usize = 60;

/// A command that can be run, or the reason why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// Its name in the config, or the id of its command.
    pub id: String,
    /// As shown.
    pub name: Clean,
    /// The command, and what is expected of it.
    pub command: Command,
    /// Where it comes from.
    pub source: Source,
    /// What the shell gets; an error says why it is refused.
    pub script: Result<String, Clean>,
    /// What a new shell gets before it.
    pub lead: Vec<Lead>,
    /// What leads to it may change something outside.
    pub lead_changes: bool,
    /// SHA-256 of what leads to it and of the script, hex; empty if it is refused.
    pub hash: String,
    /// Whether the act cannot go on without it.
    pub required: bool,
    /// Whether it is said that the act can: then its failure warns, and does not stop.
    pub optional: bool,
    /// Where it runs.
    pub dir: PathBuf,
    /// How long it may run.
    pub timeout: Duration,
    /// Its variables.
    pub env: Vec<String>,
    /// Its shell.
    pub shell: Option<String>,
    /// Files that must not change after it passed.
    pub guards: Guards,
}

/// Where a gate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The config: trusted as that is.
    Config,
    /// This document.
    Document(String),
}

impl Gate {
    /// Whether it changes something outside, itself or in what leads to it, and so is confirmed each time.
    pub fn mutates(&self) -> bool {
        self.command.kind == CommandKind::Mutation || self.lead_changes
    }

    /// All that a new shell gets for it, as a person is to read it.
    pub fn whole(&self) -> String {
        let lines = self.lead.iter().map(|lead| lead.text.as_str());
        lines.chain([self.command.text.as_str()]).collect::<Vec<_>>().join("\n")
    }

    /// Whether it runs until it is stopped.
    pub fn is_endless(&self) -> bool {
        self.command.kind == CommandKind::LongRunning
    }

    /// Whether its result is evidence.
    pub fn is_gate(&self) -> bool {
        self.command.kind == CommandKind::Gate
    }

    /// The item of the checklist that it belongs to.
    pub fn item(&self) -> Option<&ItemId> {
        self.command.item.as_ref()
    }

    /// A run of it, frozen; `guarded`: for staging or production.
    ///
    /// # Errors
    /// It is refused: why.
    pub fn task(&self, run: RunId, guarded: bool) -> Result<Task, Clean> {
        Ok(Task {
            run,
            gate: self.id.clone(),
            name: self.name.clone(),
            script: self.script.clone()?,
            lead: self.lead.clone(),
            shares: None,
            on_terminal: false,
            hash: self.hash.clone(),
            command: self.command.clone(),
            guarded,
            dir: self.dir.clone(),
            timeout: (!self.is_endless()).then_some(self.timeout),
            env: self.env.clone(),
            shell: self.shell.clone(),
            guards: self.guards.clone(),
        })
    }
}

/// The gates of the config.
pub(super) fn of_config(spec: &GatesSpec) -> Vec<Gate> {
    let gate = |gate: &GateSpec| {
        let expected =
            |text: &String| Expected { text: Clean::new(text), check: Check::Contains(Clean::new(text)) };
        let command = Command {
            id: gate.name.clone(),
            line: 0,
            text: gate.command.clone(),
            section: Vec::new(),
            item: None,
            fence: None,
            kind: CommandKind::Gate,
            why: Clean::new("a gate of the config"),
            // With an expectation it is the output that counts.
            proof: if gate.expect.is_empty() { Proof::Exit } else { Proof::Output },
            comment: Clean::default(),
            expected: gate.expect.iter().map(expected).collect(),
        };
        Gate {
            id: gate.name.clone(),
            name: Clean::new(&gate.name),
            source: Source::Config,
            script: Ok(gate.command.clone()),
            lead: Vec::new(),
            lead_changes: false,
            hash: fingerprint([gate.command.as_str()]),
            required: gate.required,
            optional: !gate.required,
            dir: gate.dir.clone(),
            timeout: gate.timeout,
            env: gate.env.clone(),
            shell: gate.shell.clone().or_else(|| spec.shell.clone()),
            guards: Guards { paths: guards(&spec.guards, [gate.name.as_str()]), ..Guards::default() },
            command,
        }
    };
    spec.gates.iter().map(gate).collect()
}

/// The paths that guard a gate of one of these names.
fn guards<const N: usize>(specs: &[GuardSpec], names: [&str; N]) -> Vec<String> {
    let of = |spec: &&GuardSpec| {
        spec.gates.is_empty() || spec.gates.iter().any(|gate| names.contains(&gate.as_str()))
    };
    specs.iter().filter(of).flat_map(|spec| spec.paths.clone()).collect()
}

/// Whether a command of a document is listed: transcripts and samples are not, nor what only sets a shell up.
pub(super) fn is_listed(command: &Command) -> bool {
    match command.kind {
        CommandKind::Gate => command.proof != Proof::Setup,
        CommandKind::Mutation | CommandKind::LongRunning | CommandKind::Refused => true,
        CommandKind::Transcript | CommandKind::Sample => false,
    }
}

/// The gates of a document.
pub(super) fn of_document(room: &Room, document: &Document) -> Vec<Gate> {
    let commands = &document.plan.commands;
    let settings = room.gates.documents.iter().find(|known| known.name == document.path);
    let settings = settings.cloned().unwrap_or_else(|| DocumentGates {
        name: document.path.clone(),
        dir: PathBuf::from("."),
        timeout: TIMEOUT,
        env: ENVIRONMENT.map(str::to_owned).to_vec(),
    });
    let items: Vec<&Item> = document.sections.iter().flat_map(|section| &section.items).collect();
    let file = room.checklists.iter().find(|known| known.name == document.path);
    let beside = file.and_then(|file| file.path.parent()).map(Path::to_owned).unwrap_or_default();
    let mut gates = Vec::new();
    for (at, command) in commands.iter().enumerate().filter(|(_, command)| is_listed(command)) {
        let item = command.item.as_ref().and_then(|id| items.iter().find(|item| item.id == *id));
        let alone =
            commands.iter().filter(|other| is_listed(other) && other.item == command.item).count() == 1;
        let name = name(command, item.filter(|_| alone).map(|item| &item.text));
        let lead = if command.kind == CommandKind::Refused {
            Err(command.why.clone())
        } else {
            lead::of(commands, at)
        };
        let script = lead.as_ref().map(|_| command.text.clone()).map_err(Clone::clone);
        let (lead, lead_changes) = lead.unwrap_or_default();
        let hash = script.as_ref().map_or_else(|_| String::new(), |_| hash(&lead, command));
        let mut guarded = guards(&room.gates.guards, [command.id.as_str(), &name]);
        if command.kind == CommandKind::Gate {
            guarded.extend(document.plan.guards.iter().map(|guard| guard.path.to_string()));
        }
        gates.push(Gate {
            id: command.id.clone(),
            name,
            command: command.clone(),
            source: Source::Document(document.path.clone()),
            hash,
            script,
            lead,
            lead_changes,
            required: command.kind == CommandKind::Gate && item.is_some_and(|item| item.required),
            optional: item.is_some_and(|item| item.optional),
            dir: settings.dir.clone(),
            timeout: settings.timeout,
            env: settings.env.clone(),
            shell: room.gates.shell.clone(),
            guards: Guards { paths: guarded, beside: beside.clone() },
        });
    }
    gates
}

/// Over all that a new shell gets.
fn hash(lead: &[Lead], command: &Command) -> String {
    fingerprint(lead.iter().map(|lead| lead.text.as_str()).chain([command.text.as_str()]))
}

/// The text of its item, if that has no other command; else the comment at the command; else the command.
fn name(command: &Command, item: Option<&Clean>) -> Clean {
    // What a comment expects is no part of the name.
    let lower = command.comment.to_lowercase();
    let end = lower.find("expect").filter(|_| lower.len() == command.comment.len());
    let comment = end.and_then(|end| command.comment.get(..end)).unwrap_or(&command.comment);
    let comment = Clean::new(comment.trim().trim_end_matches(['#', '-', '(', ',', ';', ':']).trim());
    let said =
        item.or(Some(&comment)).filter(|text| !text.is_empty() && text.chars().count() <= LONGEST_NAME);
    let first = command.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let first: String = first.trim().trim_end_matches('\\').chars().take(LONGEST_NAME).collect();
    said.cloned().unwrap_or_else(|| Clean::new(&first))
}
