//! The logs that somebody looks at: of which revision, how bad, what came, and what is listed of it. Pure; fed by the source
//! of logs, which reads only while they are looked at.

use crate::domain::logs::{Book, Key, Known, LogsLost, LogsRead, Severity, Tail};
use crate::domain::room::LogsSpec;
use crate::domain::{Action, Clean, Freshness, Mono, PanelId, ServiceIx, format};

use super::Model;
use super::effect::Effect;

pub mod audit;
pub mod errors;

use audit::Audits;
use errors::Errors;

/// What is looked at, one after the other.
const STEPS: [Severity; 4] = [Severity::Default, Severity::Info, Severity::Warning, Severity::Error];

/// Which entries are missing, because more came at once than is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Older ones than those of the first look.
    Older,
    /// Some between two looks.
    Between,
}

/// The logs of one service or revision.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Logs {
    /// Of what; `None`: nobody asked yet.
    of: Option<(ServiceIx, Option<String>)>,
    /// As bad as this, or worse.
    pub least: Severity,
    /// What came.
    pub book: Book,
    /// When an answer was there last.
    read: Option<Mono>,
    /// What more there was at once than is read, since the book was begun.
    pub cut: Option<Cut>,
    /// Since when there is no answer, and why.
    lost: Option<(Mono, LogsLost)>,
    /// Nothing newer than this is listed.
    paused: Option<Key>,
    /// Known noise is counted and not listed.
    pub folded: bool,
    /// What the source was asked for last.
    asked: Option<Tail>,
    /// What Cloud Audit Logs tell of the time before this room.
    pub(super) audits: Audits,
    /// Read for conditions, whatever is looked at.
    pub(super) errors: Errors,
}

impl Logs {
    /// Of which service and revision.
    pub fn of(&self) -> Option<(ServiceIx, Option<&str>)> {
        self.of.as_ref().map(|(service, revision)| (*service, revision.as_deref()))
    }

    /// Looks at something else; what was read of another is forgotten.
    fn look_at(&mut self, service: ServiceIx, revision: Option<String>) {
        let of = Some((service, revision));
        if self.of != of {
            let Self { least, folded, asked, audits, errors, .. } = std::mem::take(self);
            *self = Self { of, least, folded, asked, audits, errors, ..Self::default() };
        }
    }

    /// Another source begins: what was read before would have a hole behind it.
    fn begin(&mut self, tail: Tail) {
        (self.book, self.read, self.lost, self.cut) = (Book::default(), None, None, None);
        self.asked = Some(tail);
    }

    /// Takes an answer in.
    fn read(&mut self, read: LogsRead, spec: &LogsSpec) {
        // The answer to an earlier wish says nothing of this one.
        if self.asked.as_ref() != Some(&read.tail) {
            return;
        }
        match read.answer {
            Ok(page) => {
                let new = self.book.add((&spec.rules, read.tail.service), page.entries);
                if page.cut && !new.is_empty() {
                    self.cut = Some(if self.read.is_none() { Cut::Older } else { Cut::Between });
                }
                (self.read, self.lost) = (Some(read.at), None);
            }
            Err(lost) => {
                let since = self.lost.as_ref().map_or(read.at, |(since, _)| *since);
                self.lost = Some((since, lost));
            }
        }
    }

    /// How alive it is.
    pub fn freshness(&self, spec: &LogsSpec, now: Mono) -> Freshness {
        match (&self.lost, self.read) {
            (Some((since, _)), _) => Freshness::Down(now.since(*since)),
            (None, None) => Freshness::Never,
            (None, Some(at)) if now.since(at) > spec.interval * 3 => Freshness::Stale(now.since(at)),
            (None, Some(at)) => Freshness::Live(now.since(at)),
        }
    }

    /// Why there is no answer.
    pub fn lost(&self) -> Option<&LogsLost> {
        self.lost.as_ref().map(|(_, lost)| lost)
    }

    /// Whether new entries are held back, and how many are.
    pub fn paused(&self) -> Option<usize> {
        let until = self.paused.as_ref()?;
        Some(self.book.newest_first().take_while(|known| known.entry.key() > *until).count())
    }

    /// What is listed, newest first; known noise is not, while it is folded.
    pub fn rows(&self, word: &str) -> Vec<&Known> {
        let word = word.to_lowercase();
        let listed = self.book.newest_first().filter(|known| {
            known.entry.severity >= self.least
                && !(self.folded && known.is_expected())
                && self.paused.as_ref().is_none_or(|until| known.entry.key() <= *until)
                && (word.is_empty() || known.entry.holds(&word))
        });
        listed.collect()
    }
}

impl Model {
    /// The rows of the list of logs.
    pub fn log_rows(&self) -> Vec<&Known> {
        self.logs.rows(self.ui.focus.filter(PanelId::Logs))
    }

    /// Opens the logs of the revision under the cursor of the traffic.
    pub(super) fn open_logs(&mut self) {
        let found = self.revision_under_cursor().map(|(service, revision)| (service, Some(revision)));
        let has_logs = |ix: ServiceIx| self.room.service(ix).is_some_and(|it| self.room.has_logs(it));
        let found = found.filter(|(service, _)| has_logs(*service));
        match found.or_else(|| Some((self.first_with_logs()?, None))) {
            Some((service, revision)) => self.show_logs(service, revision),
            None => self.say("no logs can be read: no service on Cloud Run, or [logs] endpoint is not set"),
        }
    }

    /// Opens the logs that a line names: `SERVICE`, or `SERVICE REVISION`.
    pub(super) fn logs_of(&mut self, text: &str) {
        let mut words = text.split_whitespace();
        let (service, revision) = (words.next().unwrap_or_default(), words.next());
        let has_logs = |ix: &ServiceIx| self.room.service(*ix).is_some_and(|it| self.room.has_logs(it));
        let Some(ix) = self.room.service_called(service).filter(has_logs) else {
            return self.say(&format!("no service {service} with logs that can be read"));
        };
        match revision.map(|name| self.revision_named(ix, name)).transpose() {
            Ok(revision) => self.show_logs(ix, revision),
            Err(why) => self.say(&why),
        }
    }

    fn show_logs(&mut self, service: ServiceIx, revision: Option<String>) {
        self.logs.look_at(service, revision);
        self.ui.focus.set_filter(PanelId::Logs, String::new());
        self.ui.focus.open(PanelId::Logs);
    }

    fn first_with_logs(&self) -> Option<ServiceIx> {
        let mut all = self.room.service_ixs().zip(&self.room.services);
        all.find(|(_, service)| self.room.has_logs(service)).map(|(ix, _)| ix)
    }

    pub(super) fn logs_read(&mut self, read: LogsRead) {
        let room = self.room.clone();
        let row = self.ui.focus.cursor(PanelId::Logs).row;
        let key = self.log_rows().get(row).map(|known| known.entry.key());
        self.logs.read(read, &room.logs);
        // What is looked at stays where it is, whatever came above it or went below.
        let at = key.and_then(|key| self.log_rows().iter().position(|known| known.entry.key() == key));
        if let (Some(at), Some(cursor)) = (at, self.ui.focus.cursor_mut(PanelId::Logs)) {
            cursor.inserted_above(at.saturating_sub(row));
        }
    }

    /// What a key of the list means. `false`: it is for another list.
    pub(super) fn act_on_logs(&mut self, action: Action) -> bool {
        if self.ui.focus.panel() != PanelId::Logs {
            return false;
        }
        match action {
            Action::Fold => self.logs.folded = true,
            Action::Unfold => self.logs.folded = false,
            Action::NextFilter => {
                let at = STEPS.iter().position(|step| *step == self.logs.least).map_or(0, |at| at + 1);
                self.logs.least = STEPS.get(at).copied().unwrap_or_default();
                self.say(&least_words(self.logs.least));
            }
            Action::Follow => {
                let newest = self.logs.book.newest().cloned();
                self.logs.paused = if self.logs.paused.is_some() { None } else { newest };
            }
            Action::NextOpen | Action::PreviousOpen => self.seek_error(action),
            _ => return false,
        }
        true
    }

    /// Goes to the next error that nobody expects, or to the one before.
    fn seek_error(&mut self, action: Action) {
        let at = self.ui.focus.cursor(PanelId::Logs).row;
        let wrong: Vec<usize> =
            (0..).zip(self.log_rows()).filter(|(_, row)| row.is_unexpected()).map(|(at, _)| at).collect();
        let next = if action == Action::NextOpen {
            wrong.iter().find(|place| **place > at)
        } else {
            wrong.iter().rev().find(|place| **place < at)
        };
        match (next, self.ui.focus.cursor_mut(PanelId::Logs)) {
            (Some(row), Some(cursor)) => cursor.follow(*row),
            _ => self.say("no further unexpected error"),
        }
    }

    /// The entry under the cursor, as text.
    pub(super) fn log_text(&self) -> Option<String> {
        let rows = self.log_rows();
        let at = self.ui.focus.cursor(PanelId::Logs).row.min(rows.len().saturating_sub(1));
        rows.get(at).map(|row| row.entry.whole() + "\n")
    }

    /// Tells the source what is looked at now, if that is something else than before.
    pub(super) fn tail_logs(&mut self, effects: &mut Vec<Effect>) {
        let shown = self.ui.focus.full() == Some(PanelId::Logs)
            || (self.ui.focus.full().is_none()
                && self.dashboard().is_some_and(|it| it.panels().any(|panel| panel == PanelId::Logs)));
        if shown
            && self.logs.of.is_none()
            && let Some(first) = self.first_with_logs()
        {
            self.logs.look_at(first, None);
        }
        let (service, revision) = match self.logs.of.clone().filter(|_| shown) {
            Some(of) => of,
            None if self.logs.asked.is_none() => return,
            None => {
                self.logs.asked = None;
                return effects.push(Effect::TailLogs { tail: None });
            }
        };
        let tail = Tail { service, revision, least: self.logs.least };
        if self.logs.asked.as_ref() != Some(&tail) {
            self.logs.begin(tail.clone());
            effects.push(Effect::TailLogs { tail: Some(tail) });
        }
    }

    /// What the list shows, in words: `00418-ral · WARNING and worse`.
    pub fn logs_words(&self) -> Clean {
        let Some((service, revision)) = self.logs.of() else { return Clean::default() };
        let of = match revision {
            Some(name) => self.short_revision(service, name).to_owned(),
            None => format!("all of {}", self.service_name(service)),
        };
        Clean::new(&format!("{of} · {}", least_words(self.logs.least)))
    }

    /// Why there is nothing to list, in words.
    pub fn logs_empty(&self) -> Clean {
        let back = format::age_seconds(self.room.logs.back);
        let least = least_words(self.logs.least);
        let word = self.ui.focus.filter(PanelId::Logs);
        Clean::new(&match (self.logs.read, word) {
            (None, _) => "Not read yet.".to_owned(),
            (Some(_), "") if self.logs.book.is_empty() => format!("No entry of the last {back} ({least})."),
            (Some(_), "") if self.logs.paused.is_some() => {
                "What was listed when this was paused is no longer kept; f goes on.".to_owned()
            }
            (Some(_), "") => {
                let all = format::counted(self.logs.book.len(), "line");
                format!("{all}, all of it known noise (folded).")
            }
            (Some(_), word) => format!("no match for \"{word}\" · esc clears"),
        })
    }
}

fn least_words(least: Severity) -> String {
    if least == Severity::Default { "every severity".to_owned() } else { format!("{least} and worse") }
}

#[cfg(test)]
mod tests;
