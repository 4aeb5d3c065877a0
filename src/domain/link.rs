//! How alive a source is: its [`Link`], and the [`Freshness`] that every panel shows and every condition obeys.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Clean, Mono, ServiceIx};

/// Which source a link or a reading belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceId {
    /// Probe `probe` (index) of a service.
    Health { service: ServiceIx, probe: u16 },
    /// The event stream of a service.
    Events { service: ServiceIx },
    /// The metrics endpoint of a service.
    Metrics { service: ServiceIx },
    /// The room's metrics engine.
    Prometheus,
    /// The Cloud Run Admin API, for one service.
    CloudRun { service: ServiceIx },
    /// A flag of a live provider, by its place in the room's flags.
    Flag { flag: u16 },
    /// The journal's store.
    Journal,
    /// The checklist files.
    Documents,
}

/// What a source says of its own connection. A source never ends; it reports and tries again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum LinkReport {
    /// Trying for the first time, or again.
    Connecting,
    /// The other side answered at the message's time.
    Alive,
    /// It cannot be reached or does not answer usefully; tried `attempt` times, next at `retry_at`.
    Down { error: Clean, attempt: u32, retry_at: Mono },
    /// `count` more things were lost or thrown away by the source (overload, caps).
    Dropped { count: u64 },
}

/// The state of one link as the model keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// How often news is expected; two missed intervals make it stale.
    pub interval: Duration,
    /// When the other side last answered.
    pub last_ok: Option<Mono>,
    /// Set while the source says that it is down.
    pub down: Option<Down>,
    /// Things the source lost, ever.
    pub dropped: u64,
}

/// Why and since when a link is down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Down {
    /// First failure of this outage.
    pub since: Mono,
    /// The newest error, scrubbed.
    pub error: Clean,
    /// Attempts of this outage so far.
    pub attempt: u32,
    /// When the next attempt is due.
    pub retry_at: Mono,
}

/// How far a reading may be believed now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// News within two intervals.
    Live(Duration),
    /// Older than two intervals; the age of the last news.
    Stale(Duration),
    /// The source reports failure; time since it began.
    Down(Duration),
    /// Nothing was ever heard.
    Never,
}

impl Link {
    /// A link of which nothing is known yet.
    pub fn new(interval: Duration) -> Self {
        Self { interval, last_ok: None, down: None, dropped: 0 }
    }

    /// Takes in a report made at `at`.
    pub fn report(&mut self, report: &LinkReport, at: Mono) {
        match report {
            LinkReport::Connecting => {}
            LinkReport::Alive => {
                self.last_ok = Some(self.last_ok.map_or(at, |last| last.max(at)));
                self.down = None;
            }
            LinkReport::Down { error, attempt, retry_at } => {
                let since = self.down.as_ref().map_or(at, |down| down.since);
                self.down =
                    Some(Down { since, error: error.clone(), attempt: *attempt, retry_at: *retry_at });
            }
            LinkReport::Dropped { count } => self.dropped += count,
        }
    }

    /// How far this link's readings may be believed at `now`.
    pub fn freshness(&self, now: Mono) -> Freshness {
        match (&self.down, self.last_ok) {
            (Some(down), _) => Freshness::Down(now.since(down.since)),
            (None, None) => Freshness::Never,
            (None, Some(ok)) => {
                let age = now.since(ok);
                if age > self.interval * 2 + GRACE { Freshness::Stale(age) } else { Freshness::Live(age) }
            }
        }
    }

    /// When it was heard before, if it is heard at `at` without a break since.
    pub fn unbroken(&self, at: Mono) -> Option<Mono> {
        self.last_ok.filter(|before| self.down.is_none() && at.since(*before) <= self.interval * 2 + GRACE)
    }

    /// Whether measured numbers may still be shown: younger than ten intervals or 60 s, whichever is less.
    pub fn shows_measured(&self, now: Mono) -> bool {
        self.last_ok.is_some_and(|ok| now.since(ok) <= (self.interval * 10).min(Duration::from_mins(1)))
    }
}

/// Slack on top of two intervals, so that an answer in flight does not flicker the panel.
const GRACE: Duration = Duration::from_millis(500);

impl Freshness {
    /// Whether conditions may judge a reading of this freshness.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Live(_))
    }
}
