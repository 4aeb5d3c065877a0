//! The list of runs, the cursor that stays on its run while others come, and the way to those that are wrong.

use std::time::Duration;

use crate::domain::event::story::{Ending, Mark, Step, Story};
use crate::domain::{Action, PanelId, format};

use super::Model;
use super::events::{Events, Filter};

impl Model {
    /// Runs as the full view of events lists them: silent ones, incomplete ones, then the others, each newest first.
    pub fn runs(&self) -> Vec<&Story> {
        let filter = Filter::parse(self.ui.focus.filter(PanelId::Events));
        let mut all = [Vec::new(), Vec::new(), Vec::new()];
        for events in self.services.iter().filter_map(|service| service.events.as_ref()) {
            for (all, runs) in all.iter_mut().zip(events.runs()) {
                all.extend(runs.into_iter().filter(|run| filter.is_empty() || events.takes(&filter, run)));
            }
        }
        all.concat()
    }

    /// The newest lines show what the filter takes, as the list of runs does.
    pub(super) fn filter_lines(&mut self) {
        let filter = Filter::parse(self.ui.focus.filter(PanelId::Events));
        for events in self.services.iter_mut().filter_map(|service| service.events.as_mut()) {
            events.tail_mut().set_filter(filter.clone());
        }
    }

    /// The run whose story is told: the pinned one while it is known, else the one under the cursor.
    pub fn told_run(&self) -> Option<&Story> {
        let runs = self.runs();
        let pinned = self.ui.pinned.as_ref();
        let known = self.services.iter().filter_map(|service| service.events.as_ref());
        let pinned = pinned.and_then(|id| known.into_iter().find_map(|events| events.run(id)));
        pinned.or_else(|| runs.get(self.run_row(&runs)).copied())
    }

    /// The story that is told, as text: the run, and a line for each of its events.
    pub(super) fn run_text(&self) -> Option<String> {
        let run = self.told_run()?;
        let streams = || self.services.iter().filter_map(|service| service.events.as_ref());
        let of = streams().find(|events| events.run(&run.run).is_some()).or_else(|| streams().next());
        let types = of.and_then(Events::spec).map_or(&[][..], |spec| &spec.types);
        let began = format::clock_millis(self.now.wall_at(run.began));
        let wrong = run.wrong();
        let wrong = if wrong.is_empty() { wrong } else { format!(", {wrong}") };
        let revision = if run.revision.is_empty() { String::new() } else { format!(" of {}", run.revision) };
        let head = format!("run {}{revision}, begun {began}, {} events{wrong}\n", run.run, run.events);
        let line = |step: &Step| {
            let name = step.kind.and_then(|kind| types.get(usize::from(kind)));
            let name = name.map_or("another type", String::as_str);
            let at = format!("+{}", format::short(Duration::from_micros(step.after_us)));
            let words = match step.mark {
                Mark::Missing => format!("- {name} MISSING"),
                Mark::Twice => format!("- {at} {name} a second time"),
                Mark::OutOfOrder => format!("- {at} {name} out of order"),
                Mark::Seen => format!("- {at} {name}"),
            };
            format!("{} {}\n", words, [step.call.as_str(), step.detail.as_str()].join(" ").trim())
        };
        let lines = run.steps.iter().map(|step| line(step).replace(" \n", "\n"));
        Some(std::iter::once(head).chain(lines).collect())
    }

    /// The newest frame that is shown, as it came.
    pub(super) fn raw_text(&self) -> Option<String> {
        let streams = self.services.iter().filter_map(|service| service.events.as_ref());
        let newest = streams.filter_map(|events| events.tail().shown().next()).max_by_key(|line| line.at);
        newest.map(|line| format!("{}\n", line.raw))
    }

    /// Pins the run under the cursor, so that its story stays; or lets it go.
    pub(super) fn pin(&mut self) {
        let runs = self.runs();
        let run = runs.get(self.run_row(&runs)).map(|story| story.run.clone());
        self.ui.pinned = if self.ui.pinned.is_some() { None } else { run };
    }

    /// The row of `runs` under the cursor.
    pub fn run_row(&self, runs: &[&Story]) -> usize {
        let known = self.ui.run.as_ref().and_then(|id| runs.iter().position(|story| story.run == *id));
        let row = known.unwrap_or_else(|| self.ui.focus.cursor(PanelId::Events).row);
        row.min(runs.len().saturating_sub(1))
    }

    /// Puts the cursor on the row where its run is now, before it moves.
    pub(super) fn before_moving(&mut self) {
        let runs = self.runs();
        let row = self.run_row(&runs);
        if let Some(cursor) = self.ui.focus.cursor_mut(PanelId::Events) {
            cursor.row = row;
        }
    }

    /// Remembers the run that the cursor came to.
    pub(super) fn after_moving(&mut self) {
        let row = self.ui.focus.cursor(PanelId::Events).row;
        // On the first row it follows what comes.
        self.ui.run = self.runs().get(row).filter(|_| row > 0).map(|story| story.run.clone());
    }

    pub(super) fn seek_run(&mut self, action: Action) {
        let runs = self.runs();
        let from = self.run_row(&runs);
        let wrong =
            |at: &usize| runs.get(*at).is_some_and(|story| story.ending.is_none_or(Ending::is_incomplete));
        let count = runs.len();
        let found = if action == Action::PreviousOpen {
            (1..=count).map(|step| (from + count - step) % count).find(wrong)
        } else {
            (1..=count).map(|step| (from + step) % count).find(wrong)
        };
        match (found, self.ui.focus.cursor_mut(PanelId::Events)) {
            (Some(row), Some(cursor)) => cursor.row = row,
            _ => return self.say("no wrong run"),
        }
        self.after_moving();
    }
}
