//! How much of the last minute the stream was watched: what came while it was not heard is not known.

use std::time::Duration;

use super::{Events, MINUTE, Totals};
use crate::domain::{Mono, Watched};

impl Events {
    /// For how much of the last minute the stream was heard; `None`: it never was.
    pub fn heard(&mut self, minute: Option<Duration>) {
        self.minute = minute;
    }

    /// How much of the last minute was watched.
    pub(super) fn watched(&self, now: Mono) -> Watched {
        let since = self.first_heard.map_or(Duration::ZERO, |first| now.since(first));
        Watched::sliding(since, self.minute, MINUTE)
    }

    /// The same while that is not all of it: then counts of the minute are no rates yet.
    pub fn counting(&self, now: Mono) -> Option<Watched> {
        let watched = self.watched(now);
        (self.first_heard.is_some() && !watched.is_enough(Duration::ZERO)).then_some(watched)
    }

    /// Whether events come that begin or end a run, of which none has a run id: then nothing is known of any run.
    pub fn lacks_runs(&self) -> bool {
        let Some(spec) = &self.spec else { return false };
        let Totals { runs, by_type, .. } = &self.totals;
        let ends = |name: &String| [&spec.first, &spec.last].into_iter().flatten().any(|end| end == name);
        let came = spec.types.iter().zip(by_type).any(|(name, count)| *count > 0 && ends(name));
        came && runs.opened + runs.whole + runs.incomplete + runs.unjudged == 0
    }
}
