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

    /// Whether events come of which none has a run id, where runs are expected: then nothing is known of any run.
    pub fn lacks_runs(&self) -> bool {
        let expected = self.spec.as_ref().is_some_and(|spec| spec.first.is_some() || spec.last.is_some());
        let Totals { runs, by_type, .. } = &self.totals;
        let typed = by_type.iter().any(|count| *count > 0);
        expected && typed && runs.opened + runs.whole + runs.incomplete + runs.unjudged == 0
    }
}
