//! Trust in documents: a person has read the commands as they are. Any change of any of them ends it.

use std::collections::BTreeMap;

use crate::document::fingerprint;
use crate::domain::plan::{Command, CommandKind};
use crate::domain::{Clean, Document, Record, Wall};

/// Most lines that a record keeps to tell a later change; the hash is over all of them.
const MOST_KEPT: usize = 250;

/// A longer line is shown in several.
const LONGEST: usize = 2_000;

/// Who trusted what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trust {
    now: BTreeMap<String, Commands>,
    given: BTreeMap<String, Given>,
}

/// The commands of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Commands {
    /// Over all of them, as they are run.
    pub hash: String,
    /// How many there are.
    pub count: usize,
    /// As shown: all their lines.
    pub shown: Vec<Clean>,
}

/// Trust that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// In this record.
    pub seq: u64,
    /// By whom.
    pub by: Clean,
    /// When.
    pub at: Wall,
    /// To what.
    pub commands: Commands,
}

/// A command, compared with those that were trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Trusted before, and the same.
    Same(Clean),
    /// New.
    Added(Clean),
    /// Gone.
    Removed(Clean),
}

/// The commands of a document that can be run, or that set a shell up for them.
pub fn commands(document: &Document) -> Commands {
    let runs = |command: &&Command| !matches!(command.kind, CommandKind::Transcript | CommandKind::Sample);
    let all: Vec<&Command> = document.plan.commands.iter().filter(runs).collect();
    // Which of them share a shell is a part of what is run.
    let fences: Vec<String> = all.iter().map(|command| format!("{:?}", command.fence)).collect();
    let parts = all.iter().zip(&fences).flat_map(|(command, fence)| [command.text.as_str(), fence.as_str()]);
    Commands {
        hash: fingerprint(parts),
        count: all.len(),
        shown: all.iter().flat_map(|command| lines(&command.text)).collect(),
    }
}

/// The lines of a command, and of a long line all of it.
fn lines(text: &str) -> Vec<Clean> {
    let mut lines = Vec::new();
    for (at, line) in text.lines().enumerate() {
        // A line that goes on stands further in.
        let mut rest = if at == 0 { line.to_owned() } else { format!("  {line}") };
        while rest.len() > LONGEST {
            let end = (1..=LONGEST).rev().find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
            let further = rest.split_off(end);
            lines.push(Clean::new(&rest));
            rest = further;
        }
        lines.push(Clean::new(&rest));
    }
    lines
}

impl Trust {
    /// The documents were read (again).
    pub fn documents_read(&mut self, documents: &[Document]) {
        self.now = documents.iter().map(|document| (document.path.clone(), commands(document))).collect();
    }

    /// Trust was recorded.
    pub fn record(&mut self, record: &Record, document: &str, hash: &str, shown: &[Clean]) {
        let commands = Commands { hash: hash.to_owned(), count: 0, shown: shown.to_vec() };
        let given = Given { seq: record.seq, by: record.by.clone(), at: record.at, commands };
        self.given.insert(document.to_owned(), given);
    }

    /// The commands of a document as they are.
    pub fn commands(&self, document: &str) -> Option<&Commands> {
        self.now.get(document)
    }

    /// The trust that holds for a document: given to exactly the commands that it has.
    pub fn of(&self, document: &str) -> Option<&Given> {
        let now = self.now.get(document)?;
        self.given.get(document).filter(|given| given.commands.hash == now.hash)
    }

    /// Trust that was given to the document as it was before.
    pub fn lost(&self, document: &str) -> Option<&Given> {
        self.given.get(document).filter(|_| self.of(document).is_none())
    }

    /// What a record keeps of the commands.
    pub fn kept(commands: &Commands) -> Vec<Clean> {
        commands.shown.iter().take(MOST_KEPT).cloned().collect()
    }

    /// The commands of a document beside those that were trusted before.
    pub fn compared(&self, document: &str) -> Vec<Line> {
        let none = Vec::new();
        let now = self.now.get(document).map_or(&none, |commands| &commands.shown);
        match self.given.get(document) {
            Some(given) => difference(&given.commands.shown, now),
            None => now.iter().cloned().map(Line::Added).collect(),
        }
    }
}

/// The difference of two lists by their longest common part.
fn difference(before: &[Clean], after: &[Clean]) -> Vec<Line> {
    let (before, rest) = (before, after.get(MOST_KEPT..).unwrap_or_default());
    let after = after.get(..after.len().min(MOST_KEPT)).unwrap_or_default();
    let width = after.len() + 1;
    let mut longest = vec![0_u32; (before.len() + 1) * width];
    let at = |i: usize, j: usize| i * width + j;
    let read = |table: &[u32], i, j| table.get(at(i, j)).copied().unwrap_or(0);
    for (i, one) in before.iter().enumerate().rev() {
        for (j, other) in after.iter().enumerate().rev() {
            let best = if one == other {
                read(&longest, i + 1, j + 1) + 1
            } else {
                read(&longest, i + 1, j).max(read(&longest, i, j + 1))
            };
            if let Some(cell) = longest.get_mut(at(i, j)) {
                *cell = best;
            }
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    loop {
        match (before.get(i), after.get(j)) {
            (Some(one), Some(other)) if one == other => {
                lines.push(Line::Same(other.clone()));
                (i, j) = (i + 1, j + 1);
            }
            (Some(one), other) if other.is_none() || read(&longest, i + 1, j) >= read(&longest, i, j + 1) => {
                lines.push(Line::Removed(one.clone()));
                i += 1;
            }
            (_, Some(other)) => {
                lines.push(Line::Added(other.clone()));
                j += 1;
            }
            (_, None) => break,
        }
    }
    lines.extend(rest.iter().cloned().map(Line::Added));
    lines
}
