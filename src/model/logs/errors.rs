//! Errors in the logs that nobody expects, counted for the conditions that ask for it; nobody need look at the logs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::domain::logs::{Book, ERRORS_EVERY, LogsRead, UNEXPECTED};
use crate::domain::room::LogRule;
use crate::domain::{Mono, Origin, Reading, ServiceIx};

use crate::model::Model;

/// They are counted over a minute.
const WINDOW: Duration = Duration::from_mins(1);

/// What was read of each service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Errors(BTreeMap<ServiceIx, Counted>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Counted {
    book: Book,
    at: Mono,
}

impl Errors {
    pub(in crate::model) fn read(&mut self, read: LogsRead, rules: &[LogRule]) {
        let service = read.tail.service;
        // Without an answer what is known gets old.
        let Ok(page) = read.answer else { return };
        let mut book = self.0.remove(&service).map(|counted| counted.book).unwrap_or_default();
        book.add((rules, service), page.entries);
        self.0.insert(service, Counted { book, at: read.at });
    }
}

impl Model {
    /// Writes how many there were in the minute before the last look; of one revision, if all of them are.
    pub(in crate::model) fn write_log_signals(&mut self) {
        for (service, counted) in &self.logs.errors.0 {
            let until = self.now.wall_at(counted.at);
            let kinds = counted.book.counts(&self.room.logs.rules, until);
            let wrong: Vec<_> =
                kinds.iter().filter(|kind| !kind.is_expected() && kind.last_minute > 0).collect();
            let names: BTreeSet<&str> = wrong.iter().map(|kind| kind.name.as_str()).collect();
            let of = counted.book.newest_first().filter(|known| {
                let named = known.kind.as_ref().is_some_and(|kind| names.contains(kind.name.as_str()));
                named && (until - known.entry.at).num_seconds().abs() < WINDOW.as_secs().cast_signed()
            });
            let revisions: BTreeSet<&str> = of.map(|known| known.entry.revision.as_str()).collect();
            let origin = match revisions.iter().next() {
                Some(only) if revisions.len() == 1 && !only.is_empty() => {
                    Origin::Revision((*only).to_owned())
                }
                Some(_) => Origin::Mixed,
                None => {
                    let state = self.service(*service).and_then(|service| service.traffic.as_ref());
                    state.map_or(Origin::Unknown, |state| state.origin_over(WINDOW, self.now.mono))
                }
            };
            let value = wrong.iter().map(|kind| kind.last_minute).sum::<usize>() as f64;
            let fresh = self.now.mono.since(counted.at) <= ERRORS_EVERY * 3;
            let reading = Reading { value, at: counted.at, fresh, samples: None, origin, watched: None };
            self.signals.extend(*service, vec![(UNEXPECTED.to_owned(), Some(reading))]);
        }
    }
}
