//! What was not understood of the documents, or is questionable, with its place: grouped by document, and for each the
//! lines of the file around it.

use std::collections::HashMap;

use crate::domain::plan::{CommandKind, FindingKind};
use crate::domain::{Action, Clean, Document};

use super::Model;
use super::focus::{Cursor, Extent};

/// Lines of the screen that border, header and hints take from the list.
const CHROME: u16 = 6;

/// The open list of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Findings {
    /// The row under the cursor.
    pub cursor: Cursor,
    /// Whether the keys scroll the text of the finding.
    pub open: bool,
    /// The first line of that on the screen, as its row.
    pub text: Cursor,
}

/// One finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<'m> {
    /// The document; `None`: the file could not be read at all.
    pub document: Option<&'m Document>,
    /// Line in the file, from 1; 0: the whole file.
    pub line: u32,
    /// What kind of finding, in a word.
    pub kind: &'static str,
    /// What, why, and the next step.
    pub text: Clean,
    /// More about it, a line each: the query and a form that would be right, the command that is refused.
    pub more: Vec<(&'static str, Clean)>,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq)]
pub enum FoundRow<'m> {
    /// A document, and how many findings it has.
    Document(&'m str, usize),
    /// A finding.
    Finding(Box<Found<'m>>),
}

/// What a key made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Still open.
    Waiting,
    /// Closed.
    Closed,
    /// Open the file at the finding's line.
    Edit,
    /// Copy the findings as text.
    Copy,
}

impl Findings {
    /// Takes an action; the list has `extent`.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "every other action moves the cursor, or does nothing"
    )]
    pub fn act(&mut self, action: Action, extent: Extent) -> Outcome {
        match action {
            Action::Back if self.open => (self.open, self.text) = (false, Cursor::default()),
            Action::Back | Action::Quit | Action::Findings => return Outcome::Closed,
            Action::Open => (self.open, self.text) = (!self.open, Cursor::default()),
            Action::Edit => return Outcome::Edit,
            Action::Copy => return Outcome::Copy,
            _ if self.open => {
                // Its text has a few lines more than the screen at most.
                self.text.act(action, Extent { rows: extent.page.max(1) * 2, page: extent.page });
            }
            _ => self.cursor.act(action, extent),
        }
        Outcome::Waiting
    }
}

impl Model {
    /// How many findings there are.
    pub fn finding_count(&self) -> usize {
        let documents = self.checklist.documents().iter();
        self.checklist.problems().len() + documents.map(|document| of_document(document).len()).sum::<usize>()
    }

    /// All findings, by document, with a row for each document that has any.
    pub fn found_rows(&self) -> Vec<FoundRow<'_>> {
        let mut rows = Vec::new();
        let unread: Vec<Found<'_>> = self.checklist.problems().iter().map(unreadable).collect();
        if !unread.is_empty() {
            rows.push(FoundRow::Document("files that could not be read as they are", unread.len()));
            rows.extend(unread.into_iter().map(|found| FoundRow::Finding(Box::new(found))));
        }
        for document in self.checklist.documents() {
            let found = of_document(document);
            if !found.is_empty() {
                rows.push(FoundRow::Document(&document.path, found.len()));
                rows.extend(found.into_iter().map(|found| FoundRow::Finding(Box::new(found))));
            }
        }
        rows
    }

    /// How long the list is, and how much of it is on the screen.
    pub(super) fn found_extent(&self) -> Extent {
        let rows = self.finding_count() + self.checklist.documents().len() + 1;
        let rows = rows.min(self.found_rows().len());
        Extent { rows, page: usize::from(self.size.1.saturating_sub(CHROME)) }
    }

    /// The findings as text for the clipboard.
    pub(super) fn findings_text(&self) -> String {
        let line = |row: &FoundRow<'_>| match row {
            FoundRow::Document(path, count) => format!("{path}: {count}"),
            FoundRow::Finding(found) => format!("- line {}, {}: {}", found.line, found.kind, found.text),
        };
        self.found_rows().iter().map(line).collect::<Vec<_>>().join("\n") + "\n"
    }
}

fn unreadable(problem: &Clean) -> Found<'_> {
    Found { document: None, line: 0, kind: "file", text: problem.clone(), more: Vec::new() }
}

/// The findings of one document in the order of its lines. What a command or a query says of itself is one finding with
/// what the document's own findings say of that line.
fn of_document(document: &Document) -> Vec<Found<'_>> {
    let plan = &document.plan;
    let mut found: Vec<Found<'_>> = plan
        .findings
        .iter()
        .map(|finding| Found {
            document: Some(document),
            line: finding.line,
            kind: word(finding.kind),
            text: finding.text.clone(),
            more: Vec::new(),
        })
        .collect();
    let mut add = |line: u32, kind: FindingKind, text: String, more: Vec<(&'static str, Clean)>| match found
        .iter_mut()
        .find(|found| (found.line, found.kind) == (line, word(kind)))
    {
        Some(known) => known.more.extend(more),
        None => found.push(Found {
            document: Some(document),
            line,
            kind: word(kind),
            text: Clean::new(&text),
            more,
        }),
    };
    for query in &plan.panels {
        if let Some(error) = &query.error {
            let mut more = vec![("query", Clean::new(&query.query))];
            more.extend(query.suggestion.as_ref().map(|form| ("rather", Clean::new(form))));
            add(query.line, FindingKind::Query, format!("{}: {error}", query.title), more);
        }
    }
    // All refused commands of one fence are one finding, at the first of them.
    let mut first = HashMap::new();
    for command in plan.commands.iter().filter(|command| command.kind == CommandKind::Refused) {
        let line = command.fence.map_or(command.line, |fence| *first.entry(fence).or_insert(command.line));
        let more = vec![("command", Clean::new(&command.shown()))];
        add(line, FindingKind::Command, format!("not run: {}", command.why), more);
    }
    found.sort_by_key(|found| found.line);
    found
}

fn word(kind: FindingKind) -> &'static str {
    kind.into()
}
