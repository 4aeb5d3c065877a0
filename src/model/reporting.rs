//! `:report` writes the validation report into a file, and `:plan` shows what was read out of the documents.
//!
//! The file is written by an effect. One that exists is written over only after a person said so.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::{Clean, Document, Room, Wall, format, plan};

use super::Model;
use super::documented::InRoom;
use super::effect::Effect;
use super::live::Live;
use super::modal::{Ask, Modal, Page, Question, Topic};
use super::msg::Token;

/// More lines of a plan than anyone reads on a screen are not made.
const PLAN_LINES: usize = 5_000;

/// A report to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// Into this file; JSON if it is called so, else Markdown.
    pub path: PathBuf,
    /// Over what may be there.
    pub overwrite: bool,
    /// The config.
    pub room: Arc<Room>,
    /// The documents as the screen has them.
    pub documents: Vec<Document>,
    /// Those that could not be read.
    pub problems: Vec<Clean>,
    /// What no record has.
    pub live: Live,
    /// When it was asked for.
    pub now: Wall,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "snake_case")]
pub enum Reported {
    /// It stands in this file.
    Written { path: Clean, bytes: u64 },
    /// The file exists, and was left as it is.
    Exists { path: Clean },
    /// It could not be written: why.
    Failed { path: Clean, why: Clean },
}

/// The report of this console that was asked for last.
#[derive(Debug, Clone, Default)]
pub(super) struct Reporting {
    /// It is not written yet.
    asked: Option<Token>,
    /// Where to.
    path: PathBuf,
    /// The file that exists already.
    pub(super) exists: Clean,
}

impl Model {
    /// Asks for the report in `file`, else in one that is called after the rollout.
    pub(super) fn ask_report(&mut self, file: Option<&str>, effects: &mut Vec<Effect>) {
        let path = file.map_or_else(|| self.report_name(), str::to_owned);
        self.write_report(PathBuf::from(path), false, effects);
    }

    fn report_name(&self) -> String {
        let rollout = self.checklist.rollouts().current().map(|rollout| rollout.id.as_str());
        let name = rollout.unwrap_or(&self.room.name).chars();
        let name: String = name.map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect();
        format!("report-{name}.md")
    }

    fn write_report(&mut self, path: PathBuf, overwrite: bool, effects: &mut Vec<Effect>) {
        if self.reporting.asked.is_some() {
            return self.say("the report is still being written");
        }
        let token = self.token();
        self.reporting = Reporting { asked: Some(token), path: path.clone(), exists: Clean::default() };
        let wish = Wish {
            path,
            overwrite,
            room: self.room.clone(),
            documents: self.checklist.documents().to_vec(),
            problems: self.checklist.problems().to_vec(),
            live: self.live(),
            now: self.now.wall,
        };
        effects.push(Effect::WriteReport { token, wish: Box::new(wish) });
        self.say("writing the report …");
    }

    /// The writer answers.
    pub(super) fn reported(&mut self, token: Token, reported: Reported) {
        if self.reporting.asked != Some(token) {
            return;
        }
        self.reporting.asked = None;
        match reported {
            Reported::Written { path, bytes } => {
                self.say(&format!("report written, {}: {path}", format::bytes(bytes as f64)));
            }
            Reported::Failed { path, why } => self.say(&format!("✗ no report: {why}: {path}")),
            // Nothing is put over what somebody began meanwhile.
            Reported::Exists { path } if self.ui.modal.is_some() => {
                self.say(&format!("no report: there is a file already: {path}"));
            }
            Reported::Exists { path } => {
                self.reporting.exists = path;
                self.show(Modal::Ask(Ask::new(Question::ReplaceReport, self.now.mono)));
            }
        }
    }

    /// The file that a question is about.
    pub fn existing_report(&self) -> &Clean {
        &self.reporting.exists
    }

    /// Yes, over the file that is there.
    pub(super) fn replace_report(&mut self, effects: &mut Vec<Effect>) {
        self.write_report(self.reporting.path.clone(), true, effects);
    }

    /// Shows what was read out of the documents.
    pub(super) fn show_plan(&mut self) {
        self.ui.plan = self.plan_lines();
        self.show(Modal::Page(Page::new(Topic::Plan)));
    }

    /// The documents were read again: what is shown of them is read again too.
    pub(super) fn plan_again(&mut self) {
        if matches!(&self.ui.modal, Some(Modal::Page(Page { topic: Topic::Plan, .. }))) {
            self.ui.plan = self.plan_lines();
        }
    }

    fn plan_lines(&self) -> Vec<Clean> {
        let mut lines: Vec<Clean> =
            self.checklist.problems().iter().map(|p| Clean::new(&format!("✗ {p}"))).collect();
        for document in self.checklist.documents() {
            if !lines.is_empty() {
                lines.push(Clean::default());
            }
            lines.extend(plan::words::summary(document).lines().map(Clean::new));
        }
        let unasked = InRoom::new(None, &self.room, self.queries_left_out).words();
        if !unasked.is_empty() {
            lines.push(Clean::default());
            lines.extend(unasked.lines().map(Clean::new));
        }
        if lines.is_empty() {
            lines.push(
                "The room has no checklist: --checklist FILE, or checklists = [\"FILE\"] in the config."
                    .into(),
            );
        }
        lines.truncate(PLAN_LINES);
        lines
    }
}

#[cfg(test)]
mod tests;
