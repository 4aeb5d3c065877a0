//! Health probes: one outcome, and the state that a series of outcomes makes.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Clean, Mono, Origin, ServiceIx};

/// One finished probe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probed {
    /// Whose.
    pub service: ServiceIx,
    /// Index in [`super::room::Service::probes`].
    pub probe: u16,
    /// When the answer (or the failure) was there.
    pub at: Mono,
    /// Which revision was asked, where the address says so.
    pub origin: Origin,
    /// The answer.
    pub outcome: ProbeOutcome,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum ProbeOutcome {
    /// An answer in time. `status` is the HTTP status, `None` for other kinds.
    Answered { status: Option<u16>, latency: Duration, ok: bool, report: BodyReport },
    /// No useful answer. `reached`: a connection stood, so the target itself is silent or broke off; otherwise nothing
    /// was reached (refused, name not found, no route, TLS refused), which may as well be this machine's network.
    Failed { error: Clean, after: Duration, reached: bool },
}

/// What a health body says, read by the configured pointers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct BodyReport {
    /// Current startup phase.
    pub phase: Option<Clean>,
    /// Phases reported as done, with seconds where the body has them.
    pub done: Vec<(Clean, Option<f64>)>,
    /// Startup complete.
    pub complete: Option<bool>,
    /// Startup in progress.
    pub in_progress: Option<bool>,
    /// Startup failed, with the message if there is one.
    pub failed: Option<Clean>,
    /// The body's own status word (`/status`), for contradiction checks.
    pub status: Option<Clean>,
    /// Values of configured flags: flag name → text.
    pub flags: BTreeMap<String, Clean>,
    /// Why the body could not be read, if it could not: `HTML where JSON was expected`.
    pub problem: Option<Clean>,
}

/// How long the latency quantiles look back.
pub const LATENCY_WINDOW: Duration = Duration::from_mins(5);

/// Samples kept at most, whatever the interval.
const SAMPLES: usize = 600;

/// Changes of state kept.
const TRANSITIONS: usize = 32;

/// Status words in a body that mean good and bad; anything else says nothing.
const GOOD_WORDS: [&str; 8] = ["ok", "healthy", "up", "pass", "passing", "ready", "good", "green"];
const BAD_WORDS: [&str; 11] = [
    "unhealthy",
    "down",
    "fail",
    "failed",
    "failing",
    "error",
    "critical",
    "red",
    "bad",
    "not_ready",
    "dead",
];

/// Status words that mean that the startup is not over.
const STARTING_WORDS: [&str; 6] =
    ["starting", "starting_up", "initializing", "initialising", "booting", "warming_up"];

/// What a probe's newest outcome says in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProbeState {
    /// Nothing was heard yet.
    Unknown,
    /// Answered as expected.
    Healthy,
    /// Answered as not ready, and says that it is starting.
    Starting,
    /// Answered, and not as expected.
    Unhealthy,
    /// Connected, and then no answer: timed out, broke off.
    Silent,
    /// Nothing was reached: says nothing of the target.
    Unreachable,
}

impl ProbeState {
    /// The state that one outcome means.
    pub fn of(outcome: &ProbeOutcome) -> Self {
        match outcome {
            ProbeOutcome::Answered { ok: true, .. } => Self::Healthy,
            ProbeOutcome::Answered { report, .. } if report.says_starting() => Self::Starting,
            ProbeOutcome::Answered { .. } => Self::Unhealthy,
            ProbeOutcome::Failed { reached: true, .. } => Self::Silent,
            ProbeOutcome::Failed { reached: false, .. } => Self::Unreachable,
        }
    }

    /// Whether it counts toward `failing`. Starting counts as well: the trigger allows for more time than a startup.
    /// Unreachable does not: from here a dead target and a dead network look the same.
    pub fn is_failing(self) -> bool {
        matches!(self, Self::Starting | Self::Unhealthy | Self::Silent)
    }

    /// Whether the target itself was seen.
    pub fn is_seen(self) -> bool {
        !matches!(self, Self::Unknown | Self::Unreachable)
    }

    /// As shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "--",
            Self::Healthy => "healthy",
            Self::Starting => "starting",
            Self::Unhealthy => "unhealthy",
            Self::Silent => "no answer",
            Self::Unreachable => "unreachable",
        }
    }
}

impl BodyReport {
    /// Whether the body itself says that the startup is not over.
    pub fn says_starting(&self) -> bool {
        let by_word = || self.complete.is_none() && self.says(&STARTING_WORDS);
        self.in_progress == Some(true)
            || (self.failed.is_none() && (self.complete == Some(false) || by_word()))
    }

    fn says(&self, words: &[&str]) -> bool {
        self.status.as_ref().is_some_and(|status| words.contains(&status.to_lowercase().as_str()))
    }
}

/// A health answer that breaks its contract: 503 while starting, 200 only when complete, and a body that says the
/// same as the status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contradiction {
    /// A good status before the startup was complete.
    GoodWhileStarting { status: u16 },
    /// A good status with a body that says the startup failed.
    GoodWhileFailed { status: u16 },
    /// A good status with a status word that means bad.
    GoodStatusBadBody { status: u16, word: Clean },
    /// A good status with a body that is not what was to be expected, as of a login page or a proxy.
    GoodStatusNoBody { status: u16, why: Clean },
    /// A bad status with a status word that means good.
    BadStatusGoodBody { status: u16, word: Clean },
    /// 503 although the startup is complete and the body names nothing bad.
    UnavailableWhileComplete,
    /// Starting must answer 503, and this is another error.
    StartingWithOtherStatus { status: u16 },
}

impl std::fmt::Display for Contradiction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::GoodWhileStarting { status } => write!(f, "{status} while the body says starting"),
            Self::GoodWhileFailed { status } => write!(f, "{status} while the body says startup failed"),
            Self::GoodStatusBadBody { status, word } | Self::BadStatusGoodBody { status, word } => {
                write!(f, "{status} while the body says {word}")
            }
            Self::GoodStatusNoBody { status, why } => write!(f, "{status}, but {why}"),
            Self::UnavailableWhileComplete => f.write_str("503 while the body says startup complete"),
            Self::StartingWithOtherStatus { status } => write!(f, "{status} while starting, expected 503"),
        }
    }
}

/// Checks one HTTP answer against the contract.
pub fn contradiction(status: u16, body: &BodyReport) -> Option<Contradiction> {
    let good = (200..300).contains(&status);
    let word = || body.status.clone().unwrap_or_default();
    if good {
        if body.failed.is_some() {
            return Some(Contradiction::GoodWhileFailed { status });
        }
        if body.says_starting() {
            return Some(Contradiction::GoodWhileStarting { status });
        }
        if let Some(why) = body.problem.clone() {
            return Some(Contradiction::GoodStatusNoBody { status, why });
        }
        return body.says(&BAD_WORDS).then(|| Contradiction::GoodStatusBadBody { status, word: word() });
    }
    if (300..400).contains(&status) {
        return None;
    }
    if body.says_starting() {
        return (status != 503).then_some(Contradiction::StartingWithOtherStatus { status });
    }
    if body.says(&GOOD_WORDS) {
        return Some(Contradiction::BadStatusGoodBody { status, word: word() });
    }
    let silent = body.failed.is_none() && !body.says(&BAD_WORDS);
    (status == 503 && body.complete == Some(true) && silent)
        .then_some(Contradiction::UnavailableWhileComplete)
}

/// The state of one probe, folded from its outcomes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ProbeHealth {
    /// The newest outcome.
    pub last: Option<Probed>,
    /// When it last answered at all, and with what latency.
    pub answered: Option<(Mono, Duration)>,
    /// The newest body that could be read (flags keep their last known value).
    pub report: Option<(Mono, BodyReport)>,
    /// What the newest outcome that saw the target says, and when it came.
    pub seen: Option<(Mono, ProbeState)>,
    /// When the first outcome came that saw the target.
    #[serde(default)]
    pub seen_first: Option<Mono>,
    /// The contract broken by the newest answer, and since when it is this one.
    pub contradiction: Option<(Contradiction, Mono)>,
    /// The newest failure to get an answer, kept while it answers again.
    pub last_error: Option<(Mono, Clean)>,
    /// Median latency over [`LATENCY_WINDOW`]; `None`: no answers in it.
    pub p50: Option<Duration>,
    /// 95th percentile of the same.
    pub p95: Option<Duration>,
    /// Answers behind the quantiles.
    pub samples: u64,
    /// The newest changes of state, oldest first.
    pub transitions: Vec<(Mono, ProbeState)>,
    /// Newest last; `None` is a probe without an answer.
    history: std::collections::VecDeque<(Mono, Option<Duration>)>,
    /// Another revision answers since.
    origin_since: Mono,
    /// The quantiles start here: another revision answers since, or the startup is over.
    latency_since: Mono,
    /// How long it has been failing without a break; stands still while the target is not seen.
    failing: Option<Duration>,
}

impl ProbeHealth {
    /// Takes in one outcome.
    pub fn probed(&mut self, probed: &Probed) {
        let (before, before_at) = (self.state(), self.last.as_ref().map(|last| last.at));
        if let ProbeOutcome::Failed { error, .. } = &probed.outcome {
            self.last_error = Some((probed.at, error.clone()));
        }
        if self.last.as_ref().is_some_and(|last| last.origin != probed.origin) {
            // A quantile over two revisions would be true of neither.
            (self.origin_since, self.latency_since) = (probed.at, probed.at);
        }
        if before == ProbeState::Starting && ProbeState::of(&probed.outcome) == ProbeState::Healthy {
            // Nor would one over a startup and what comes after, which have limits of their own.
            self.latency_since = probed.at;
        }
        self.last = Some(probed.clone());
        let latency = self.answer(probed);
        self.history.push_back((probed.at, latency));
        while self.history.len() > SAMPLES {
            self.history.pop_front();
        }
        self.quantiles(probed.at);
        let state = self.state();
        if state != before {
            self.transitions.push((probed.at, state));
            if self.transitions.len() > TRANSITIONS {
                self.transitions.remove(0);
            }
        }
        if state.is_seen() {
            self.seen = Some((probed.at, state));
            self.seen_first.get_or_insert(probed.at);
            let step =
                before_at.filter(|_| before.is_failing()).map_or(Duration::ZERO, |at| probed.at.since(at));
            self.failing =
                state.is_failing().then(|| self.failing.map_or(Duration::ZERO, |so_far| so_far + step));
        }
    }

    /// What the newest outcome says.
    pub fn state(&self) -> ProbeState {
        self.last.as_ref().map_or(ProbeState::Unknown, |last| ProbeState::of(&last.outcome))
    }

    /// How long it has been failing, up to its newest outcome: a silent source does not make it longer, and the time
    /// in which the target was not seen does not count.
    pub fn failing_for(&self) -> Option<Duration> {
        self.failing.filter(|_| self.state().is_failing())
    }

    /// Changes from one state that was seen to another, since the start or the oldest that is kept.
    pub fn changes(&self) -> usize {
        let seen: Vec<_> = self.transitions.iter().filter(|(_, state)| state.is_seen()).collect();
        seen.windows(2).filter(|pair| pair[0].1 != pair[1].1).count()
    }

    /// Changes between failing and not within `window` before `now`; several mean that it flaps.
    pub fn flips(&self, now: Mono, window: Duration) -> usize {
        let from = now.before(window);
        let seen = self.transitions.iter().filter(|(_, state)| state.is_seen());
        let failing: Vec<_> = seen.map(|(at, state)| (*at, state.is_failing())).collect();
        failing.windows(2).filter(|pair| pair[1].0 >= from && pair[0].1 != pair[1].1).count()
    }

    /// How often it fell from healthy to failing within `window` before `now`, all answers being the same revision's.
    pub fn falls(&self, now: Mono, window: Duration) -> usize {
        let from = now.before(window).max(self.origin_since);
        let seen: Vec<_> = self.transitions.iter().filter(|(_, state)| state.is_seen()).collect();
        let pairs = seen.windows(2).filter(|pair| pair[1].0 >= from);
        pairs.filter(|pair| pair[0].1 == ProbeState::Healthy && pair[1].1.is_failing()).count()
    }

    /// The newest `cells` latencies, oldest first, for a sparkline: `None` for a probe without an answer and for
    /// each whole `period` that passed since without any outcome.
    pub fn spark(&self, cells: usize, period: Duration, now: Mono) -> Vec<Option<Duration>> {
        let silent = self.last.as_ref().map_or(0, |last| {
            let periods = now.since(last.at).as_micros() / period.as_micros().max(1);
            usize::try_from(periods).unwrap_or(cells).saturating_sub(1).min(cells)
        });
        let heard = self.history.iter().rev().take(cells - silent).map(|(_, latency)| *latency);
        let mut newest_first: Vec<_> = std::iter::repeat_n(None, silent).chain(heard).collect();
        newest_first.reverse();
        newest_first
    }

    /// The largest latency in each of `count` equal parts of the time `over` up to now, oldest first: `None` where no probe
    /// was answered; parts before the first probe are left out.
    pub fn columns(&self, over: Duration, count: usize, now: Mono) -> Vec<Option<Duration>> {
        let width = (over.as_micros() / count.max(1) as u128).max(1);
        let mut columns: Vec<Option<Option<Duration>>> = vec![None; count];
        for (at, latency) in &self.history {
            let back = usize::try_from(now.since(*at).as_micros() / width).unwrap_or(count);
            let place = count.checked_sub(back + 1).and_then(|at| columns.get_mut(at));
            if let Some(column) = place {
                *column = Some(column.flatten().max(*latency));
            }
        }
        columns.into_iter().skip_while(Option::is_none).map(Option::flatten).collect()
    }

    fn answer(&mut self, probed: &Probed) -> Option<Duration> {
        let ProbeOutcome::Answered { status, latency, report, .. } = &probed.outcome else {
            self.contradiction = None;
            return None;
        };
        self.answered = Some((probed.at, *latency));
        if report.problem.is_none() {
            self.report = Some((probed.at, report.clone()));
        }
        let found = status.and_then(|status| contradiction(status, report));
        self.contradiction = found.map(|found| match self.contradiction.take() {
            Some((same, since)) if same == found => (same, since),
            _ => (found, probed.at),
        });
        Some(*latency)
    }

    fn quantiles(&mut self, now: Mono) {
        let from = now.before(LATENCY_WINDOW).max(self.latency_since);
        let inside = self.history.iter().filter(|(at, _)| *at >= from);
        let mut sorted: Vec<Duration> = inside.filter_map(|(_, latency)| *latency).collect();
        sorted.sort_unstable();
        self.samples = sorted.len() as u64;
        self.p50 = nearest_rank(&sorted, 50);
        self.p95 = nearest_rank(&sorted, 95);
    }
}

/// The smallest value with at least `percent` % of all at or below it (nearest-rank definition).
fn nearest_rank(sorted: &[Duration], percent: usize) -> Option<Duration> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.max(1) - 1).copied()
}

#[cfg(test)]
mod tests;
