//! Signals: named readings with unit, age and, where it is known, the revision that they speak of.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Mono, ServiceIx, format};

/// The name of a signal: `health.api.latency_p95`, `closes.4401.per_minute`, `metric.error_rate`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SignalKey {
    /// Which service.
    pub service: ServiceIx,
    /// Dotted name within the service.
    pub name: String,
}

/// The revision that is rolled out, as part of a service.
pub const CANARY: &str = "canary";

/// The revision that served before it.
pub const STABLE: &str = "stable";

/// By how many percent the first is above the second.
pub const CANARY_VS_STABLE: &str = "canary-vs-stable";

/// The mean of the time before the deployment, as part of a service.
pub const BEFORE: &str = "before";

/// By how many percent it is above that now.
pub const VS_BEFORE: &str = "vs-before";

impl SignalKey {
    /// A key from its parts.
    pub fn new(service: ServiceIx, name: impl Into<String>) -> Self {
        Self { service, name: name.into() }
    }

    /// Of which part of the service a metric is read, where it is not of all: a revision, or one of [`CANARY`],
    /// [`STABLE`], [`CANARY_VS_STABLE`], [`BEFORE`] and [`VS_BEFORE`].
    pub fn part(&self) -> Option<&str> {
        self.name.strip_prefix("metric.")?.split_once('@').map(|(_, part)| part)
    }
}

impl fmt::Display for SignalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Which revision a reading speaks of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Nothing is known of the revisions.
    #[default]
    Unknown,
    /// More than one revision serves, and the reading does not tell them apart.
    Mixed,
    /// This one.
    Revision(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown revision"),
            Self::Mixed => f.write_str("mixed"),
            Self::Revision(name) => f.write_str(name),
        }
    }
}

/// One reading. Absent knowledge is an absent `Reading`, never a zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The number, in the signal's unit (seconds, share in percent, count per minute …).
    pub value: f64,
    /// When it was measured.
    pub at: Mono,
    /// Whether its source is live enough for it to be believed.
    pub fresh: bool,
    /// On how many observations it rests, where that means something; `Some(0)`: it counts what came, and nothing came.
    pub samples: Option<u64>,
    /// Which revision it speaks of.
    pub origin: Origin,
    /// How much of the time that it looks back on was watched; `None`: it looks back on none, or somebody else saw all of it.
    #[serde(default)]
    pub watched: Option<Watched>,
}

impl Reading {
    /// When it was measured; none where that was before this process began, which has no moment for it.
    pub fn moment(&self) -> Option<Mono> {
        (self.fresh || self.at != Mono::default()).then_some(self.at)
    }
}

/// How much of a time that is looked back on was watched. What was not watched is unknown, and never counted as good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Watched {
    /// So much.
    pub had: Duration,
    /// Of so much.
    pub of: Duration,
    /// The number cannot become smaller by what was not watched: it counts what happened.
    pub grows: bool,
}

impl Watched {
    /// A new room does not wait for as short a time as this.
    pub const SHORT: Duration = Duration::from_mins(15);

    /// Of a window that slides: who watches it `since` so long, and heard `heard` of its length `of`. What was not heard is a
    /// hole in it, also behind an outage; a moment is none.
    pub fn sliding(since: Duration, heard: Option<Duration>, of: Duration) -> Self {
        let hole = |heard: &Duration| *heard + of / 20 < since.min(of);
        Self { had: heard.filter(hole).unwrap_or(since), of, grows: true }
    }

    /// Whether it counts what happened in a short time: what of that was not watched proves nothing good, but is taken for
    /// good where nothing is known to have been bad.
    pub fn is_short_count(self) -> bool {
        self.grows && self.of <= Self::SHORT
    }

    /// `counting, 4s of 1m00s`.
    pub fn counting_text(self) -> String {
        format!("counting, {} of {}", format::age_seconds(self.had), format::age_seconds(self.of))
    }

    /// A number that was counted meanwhile: `3 in 4s`. It is no rate of a minute yet.
    pub fn count_text(self, count: f64) -> String {
        format!("{} in {}", format::count(count.round().max(0.0) as u64), format::age_seconds(self.had))
    }

    /// Whether enough of it was watched to say how it was: all but a twentieth of the time, and of at least `of`.
    pub fn is_enough(self, of: Duration) -> bool {
        self.had >= self.of.max(of).mul_f64(0.95)
    }
}
