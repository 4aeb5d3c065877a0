//! What the service that was read means for an act on its way.

use std::time::Duration;

use super::judge::{asked, changed_by, differs, effective, moved_by, wanted_by_another};
use super::{AGREE, ARRIVES_WITHIN, FIRST_REST, Phase, Report, Run};
use crate::domain::{OpState, Traffic};

impl Run {
    /// The service was read.
    pub(super) fn watched(&mut self, traffic: &Traffic, elapsed: Duration) -> Vec<Report> {
        if let Phase::Comparing(_) = &self.phase {
            if !wanted_by_another(&self.act, traffic) {
                let words = differs(&self.act, traffic, "409");
                return vec![self.end(&words)];
            }
            (self.phase, self.by_another) = (Phase::Watching(None), true);
        }
        if let Phase::Following(_) | Phase::Watching(Some(_)) = &self.phase {
            return self.beside(traffic);
        }
        self.grow();
        if !asked(&self.act, traffic) {
            return self.not_asked(traffic, elapsed);
        }
        if let Some(words) = effective(&self.act, traffic) {
            let words = if self.by_another { moved_by(&self.act, traffic, &words) } else { words };
            return vec![self.serve(&words)];
        }
        if traffic.terminal == Some(false) && !traffic.reconciling {
            self.bad += 1;
            let message = traffic.message.as_deref().unwrap_or("the service is not ready, without a message");
            return if self.bad >= AGREE { vec![self.end(message)] } else { Vec::new() };
        }
        self.bad = 0;
        let message = traffic.message.as_deref().unwrap_or("the service is changing");
        self.report(OpState::Reconciling, message).into_iter().collect()
    }

    /// What the service says beside an operation that is not done, or after one that failed.
    fn beside(&mut self, traffic: &Traffic) -> Vec<Report> {
        let wanted = asked(&self.act, traffic);
        let asked = wanted && traffic.generation > self.act.generation();
        let serves = effective(&self.act, traffic).filter(|_| asked);
        let Phase::Watching(Some(failed)) = &self.phase else {
            if let Some(words) = serves {
                return vec![self.serve(&format!("{words}; its operation is not done"))];
            }
            // As it was before, the service may be read late; as something else, it was changed after this act, or made anew.
            if wanted || traffic.generation == self.act.generation() {
                (self.bad, self.looks) = (0, self.looks + 1);
                return Vec::new();
            }
            (self.bad, self.rest) = (self.bad + 1, FIRST_REST);
            return if self.bad >= AGREE { vec![self.replaced(traffic)] } else { Vec::new() };
        };
        if let Some(words) = serves {
            let words = format!("{words}; its operation failed all the same: {failed}");
            return vec![self.serve(&words)];
        }
        let words = match &traffic.message {
            Some(message) if !failed.contains(message.as_str()) => {
                format!("{failed}; the service says: {message}")
            }
            _ => failed.to_string(),
        };
        self.bad += 1;
        self.grow();
        if asked && traffic.reconciling && self.bad < AGREE { Vec::new() } else { vec![self.end(&words)] }
    }

    /// The service wants something else than what was asked.
    fn not_asked(&mut self, traffic: &Traffic, elapsed: Duration) -> Vec<Report> {
        self.bad += 1;
        if self.bad < AGREE {
            return Vec::new();
        }
        let by = changed_by(traffic);
        let untouched = (self.act.generation(), self.act.etag()) == (traffic.generation, &traffic.etag);
        // Without an etag nothing refuses a late request.
        let refused = !untouched && !self.act.etag().is_empty();
        match (refused, self.doubt) {
            (true, true) => {
                // The etag sent is no longer the current one, so a late request is refused.
                vec![self.end(&format!(
                    "the service wants something else, changed by {by}; the request can no longer be applied"
                ))]
            }
            (_, false) => vec![self.replaced(traffic)],
            (false, true) => self.not_arrived(untouched, elapsed),
        }
    }

    fn replaced(&mut self, traffic: &Traffic) -> Report {
        let by = changed_by(traffic);
        self.end(&format!("another change replaced it: the service was changed by {by}"))
    }

    /// What was asked is not there, and a request that is still under way could bring it.
    fn not_arrived(&mut self, untouched: bool, elapsed: Duration) -> Vec<Report> {
        let Some(ago) = self.recheck else {
            self.phase = Phase::Over;
            let words =
                "not applied so far; the request may still arrive: it is looked at again in half a minute";
            return vec![self.tell(OpState::Unknown, words)];
        };
        match (ago + elapsed >= ARRIVES_WITHIN, untouched) {
            (true, true) => vec![self.end("not applied: the service is as it was before the request")],
            (true, false) => vec![self.end("not applied: the service wants something else")],
            (false, _) if self.bad == AGREE => {
                let words = "not applied so far; the request may still arrive: looking on";
                vec![self.tell(OpState::Unknown, words)]
            }
            (false, _) => Vec::new(),
        }
    }
}
