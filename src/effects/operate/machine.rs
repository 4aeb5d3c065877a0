//! One act against the Cloud Run API as a pure state machine: what to ask next, and what an answer means.
//!
//! The change is sent at most once; the only exception is an answer that says for certain that nothing was done
//! (429), and then not before the time it names, only within [`WAITS_AT_MOST`], and only if the service, read once more, is what it
//! was when the act was frozen. After an answer that leaves it open whether the change was applied,
//! only reading follows. An operation that says it is done, that it failed, or nothing for long, is not believed: the service is.

use std::time::Duration;

use crate::clients::cloud_run::{ApiError, ErrorKind, Operation, READS_AGAIN};
use crate::domain::{Clean, OpKind, OpState, Traffic, format};
use crate::model::effect::WAITS_AT_MOST;

use judge::{differs, wanted_by_another};

mod judge;
mod watching;

/// After this the watching ends as UNKNOWN; a re-check takes it up again.
const DEADLINE: Duration = Duration::from_mins(10);

/// Rests between questions: from the first to the longest, each half as long again.
const FIRST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(10);

/// How often the change is sent again after a 429.
const RESENDS: u32 = 3;

/// A read may be answered from before the change: so many in a row must agree before bad news is believed.
const AGREE: u32 = 3;

/// A request that was sent cannot arrive any more after this.
const ARRIVES_WITHIN: Duration = Duration::from_secs(30);

/// What to ask the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ask {
    /// Send the change.
    Send,
    /// Where this operation is.
    Operation(String),
    /// The service.
    Service,
}

/// What it answered.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    Sent(Result<Operation, ApiError>),
    /// It was not sent, for this reason.
    Unsent(Clean),
    Operation(Result<Operation, ApiError>),
    Service(Box<Result<Traffic, ApiError>>),
}

/// A state reached, in words.
pub(super) type Report = (OpState, Clean);

/// An act on its way.
#[derive(Debug, Clone)]
pub(super) struct Run {
    act: OpKind,
    phase: Phase,
    rest: Duration,
    state: OpState,
    /// It is not known whether the change was applied.
    doubt: bool,
    /// How long ago the change was sent, when this is a re-check.
    recheck: Option<Duration>,
    /// Answers of the same bad kind in a row.
    bad: u32,
    resends: u32,
    /// Looks at its operation that was not done, and at the service between them.
    looks: u32,
    /// It was refused because the service was changed, to what was asked.
    by_another: bool,
    /// The wait that the last answer asked for, and its words.
    held: Option<(Duration, Clean)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    /// The change is still to be sent.
    Unsent,
    /// It was handed out to be sent.
    Sending,
    /// The operation runs.
    Following(String),
    /// The service is watched; an operation's own error, if it failed, is told with the service's.
    Watching(Option<Clean>),
    /// Told to wait: the service is read before the change is sent once more.
    Waiting,
    /// Refused because the service was changed: it is looked at, to say how.
    Comparing(Clean),
    Over,
}

impl Run {
    /// An act to be sent.
    pub(super) fn new(act: OpKind) -> Self {
        Self {
            act,
            phase: Phase::Unsent,
            rest: Duration::ZERO,
            state: OpState::Requested,
            doubt: false,
            recheck: None,
            bad: 0,
            resends: 0,
            looks: 0,
            by_another: false,
            held: None,
        }
    }

    /// An act that was sent `ago` and whose outcome is not known; nothing is sent for it any more.
    pub(super) fn recheck(act: OpKind, ago: Duration) -> Self {
        let run = Self::new(act);
        Self { phase: Phase::Watching(None), state: OpState::Unknown, doubt: true, recheck: Some(ago), ..run }
    }

    /// What is done.
    pub(super) fn act(&self) -> &OpKind {
        &self.act
    }

    /// What to ask next and after which rest; `None` when it is over. The change is handed out only once.
    pub(super) fn next(&mut self) -> Option<(Ask, Duration)> {
        let ask = match &self.phase {
            Phase::Unsent => {
                self.phase = Phase::Sending;
                Ask::Send
            }
            Phase::Sending | Phase::Over => return None,
            Phase::Following(name) if self.looks < AGREE || self.looks.is_multiple_of(2) => {
                Ask::Operation(name.clone())
            }
            Phase::Following(_) | Phase::Waiting | Phase::Watching(_) | Phase::Comparing(_) => Ask::Service,
        };
        Some((ask, self.rest))
    }

    /// Whether nothing was taken before what was handed out last: as long as that is not asked, nothing is on its way.
    pub(super) fn is_unsent(&self) -> bool {
        matches!(self.phase, Phase::Sending | Phase::Waiting)
    }

    /// The wait that the last answer asked for (429), with what it said; given once.
    pub(super) fn told_to_wait(&mut self) -> Option<(Duration, Clean)> {
        self.held.take()
    }

    /// Takes in an answer, `elapsed` after the start of this run.
    pub(super) fn take(&mut self, answer: Answer, elapsed: Duration) -> Vec<Report> {
        let mut reports = match answer {
            Answer::Sent(outcome) => self.sent(outcome, elapsed),
            Answer::Unsent(why) => vec![self.end(&why)],
            Answer::Operation(outcome) => self.followed(outcome),
            Answer::Service(outcome) => match *outcome {
                Ok(traffic) if self.phase == Phase::Waiting => self.read_again(&traffic),
                Ok(traffic) => self.watched(&traffic, elapsed),
                Err(error) if self.phase == Phase::Waiting => self.not_read_again(&error, elapsed),
                Err(error) => self.unseen(&error),
            },
        };
        if elapsed >= DEADLINE && self.phase != Phase::Over {
            self.phase = Phase::Over;
            let words = format!("not settled after {} min: check again", DEADLINE.as_secs() / 60);
            reports.extend(self.report(OpState::Unknown, &words));
        }
        reports
    }

    fn sent(&mut self, outcome: Result<Operation, ApiError>, elapsed: Duration) -> Vec<Report> {
        if self.phase != Phase::Sending {
            return Vec::new();
        }
        match outcome {
            Ok(operation) => {
                let mut reports: Vec<Report> =
                    self.report(OpState::Accepted, &operation.name).into_iter().collect();
                reports.extend(self.followed(Ok(operation)));
                reports
            }
            Err(ApiError { kind: ErrorKind::RateLimited { retry }, why, .. }) => {
                self.wait(retry, &why, elapsed)
            }
            Err(error) if error.kind.may_have_happened() => {
                self.doubt = true;
                self.phase = Phase::Watching(None);
                self.rest = FIRST_REST;
                vec![self.tell(OpState::Unknown, &error.to_string())]
            }
            Err(error) if error.kind == ErrorKind::Conflict => {
                self.phase = Phase::Comparing(error.why);
                Vec::new()
            }
            Err(error) if error.kind == ErrorKind::Credentials => {
                vec![self.end(&format!("nothing was sent: {error}"))]
            }
            Err(error) => vec![self.end(&format!("nothing was moved: {error}"))],
        }
    }

    /// The API wants a rest, and nothing was done.
    fn wait(&mut self, retry: Duration, why: &Clean, elapsed: Duration) -> Vec<Report> {
        let rest = retry.max(Duration::from_millis(200));
        self.held = Some((rest, why.clone()));
        // Whoever waits longer would be taken for gone.
        if self.resends >= RESENDS || elapsed + rest > WAITS_AT_MOST {
            let wait = format::age(rest);
            return vec![self.end(&format!("rate limited: nothing was moved; try again in {wait} ({why})"))];
        }
        self.resends += 1;
        self.rest = rest;
        self.phase = Phase::Waiting;
        Vec::new()
    }

    /// The rest is over, and the service was read before the change is sent once more.
    fn read_again(&mut self, traffic: &Traffic) -> Vec<Report> {
        self.rest = Duration::ZERO;
        if (self.act.generation(), self.act.etag()) == (traffic.generation, &traffic.etag) {
            self.phase = Phase::Unsent;
            return Vec::new();
        }
        if !wanted_by_another(&self.act, traffic) {
            let words = differs(&self.act, traffic, "not sent once more");
            return vec![self.end(&words)];
        }
        (self.phase, self.by_another) = (Phase::Watching(None), true);
        self.watched(traffic, Duration::ZERO)
    }

    /// It could not be read: without that nothing is sent once more.
    fn not_read_again(&mut self, error: &ApiError, elapsed: Duration) -> Vec<Report> {
        match error.kind {
            ErrorKind::RateLimited { retry } => self.wait(retry, &error.why, elapsed),
            _ => vec![self.end(&format!("not sent once more, nothing was moved: {error}"))],
        }
    }

    fn followed(&mut self, outcome: Result<Operation, ApiError>) -> Vec<Report> {
        match outcome {
            Ok(Operation { done: true, error, .. }) => {
                self.bad = 0;
                self.rest = Duration::ZERO;
                self.phase = Phase::Watching(error);
                Vec::new()
            }
            Ok(Operation { name, .. }) => {
                (self.bad, self.looks) = (0, self.looks + 1);
                self.grow();
                self.phase = Phase::Following(name);
                self.report(OpState::Reconciling, "the operation runs").into_iter().collect()
            }
            // Operations may be hidden from us, or forgotten; the service tells as well.
            Err(error) if matches!(error.kind, ErrorKind::Permission | ErrorKind::NotFound) => {
                self.phase = Phase::Watching(None);
                Vec::new()
            }
            Err(error) => self.unseen(&error),
        }
    }

    /// It cannot be seen now: ask again, and say so when it lasts.
    fn unseen(&mut self, error: &ApiError) -> Vec<Report> {
        if let Phase::Comparing(why) = &self.phase {
            let words = format!("409, the service is another one now: nothing was moved ({why})");
            return vec![self.end(&words)];
        }
        self.bad += 1;
        self.grow();
        if let Phase::Watching(Some(failed)) = &self.phase
            && self.bad >= AGREE
        {
            let words = failed.to_string();
            return vec![self.end(&words)];
        }
        if let Phase::Following(_) = &self.phase {
            self.looks += 1;
        }
        if let ErrorKind::RateLimited { retry } = error.kind {
            self.rest = self.rest.max(retry.min(READS_AGAIN));
            self.held = Some((self.rest, error.why.clone()));
        }
        let words = format!("cannot be seen: {error}");
        if self.recheck.is_some() && self.bad >= AGREE {
            self.phase = Phase::Over;
            return vec![self.tell(OpState::Unknown, &words)];
        }
        if self.bad == AGREE {
            self.report(OpState::Unknown, &words).into_iter().collect()
        } else {
            Vec::new()
        }
    }

    fn grow(&mut self) {
        self.rest = self.rest.mul_f64(1.5).clamp(FIRST_REST, LONGEST_REST);
    }

    fn end(&mut self, words: &str) -> Report {
        self.phase = Phase::Over;
        self.tell(OpState::Failed, words)
    }

    fn serve(&mut self, words: &str) -> Report {
        self.phase = Phase::Over;
        self.tell(OpState::Effective, words)
    }

    fn tell(&mut self, state: OpState, words: &str) -> Report {
        self.state = state;
        (state, Clean::new(words))
    }

    /// As [`Run::tell`], but only news that the states allow.
    fn report(&mut self, state: OpState, words: &str) -> Option<Report> {
        (self.state != state && self.state.may_become(state)).then(|| self.tell(state, words))
    }
}

#[cfg(test)]
mod tests;
