//! What one scrape of a metrics endpoint says, after evaluation.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::trail::Span;
use super::{Clean, Mono, ServiceIx, Wall, Watched};

/// The result of one scrape.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Scraped {
    /// Whose.
    pub service: ServiceIx,
    /// When the body was there.
    pub at: Mono,
    /// One per configured panel metric, in order.
    pub values: Vec<MetricValue>,
    /// The server's own close counters; absolute, resets included.
    pub closes: Vec<ServerCloses>,
    /// The counter of closes is declared, and has no series: none was closed yet.
    #[serde(default)]
    pub none_closed: bool,
    /// Closes by cohort, where the series tell them apart.
    #[serde(default)]
    pub cohort_closes: Vec<CohortCloses>,
    /// Connections by revision (or one entry without a revision).
    pub connections: Vec<Connections>,
    /// Series seen.
    pub series: u64,
    /// The label of the counter of requests that has their status, where there is such a counter.
    #[serde(default)]
    pub status_label: Option<Clean>,
    /// Another process may have answered than before: of what closed since the scrape before nothing is known.
    #[serde(default)]
    pub in_doubt: bool,
    /// A counter that is counted on is there, and nothing tells when its process began: where it falls nobody can tell whether it
    /// began again or another one answers.
    #[serde(default)]
    pub untold: bool,
}

/// One evaluated metric.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MetricValue {
    /// Name, as configured.
    pub name: String,
    /// The number; `None`: no data (absent, empty, NaN).
    pub value: Option<f64>,
    /// The same, by revision, where the series carry the label.
    pub by_revision: Vec<(Clean, f64)>,
    /// Observations behind it, where the query counts them.
    pub samples: Option<u64>,
    /// The same, by revision.
    pub samples_of: Vec<(Clean, u64)>,
    /// The number of each of two cohorts, where the series tell them apart.
    #[serde(default)]
    pub cohorts: Vec<Cohorted>,
    /// What is wrong with the query or its answer.
    pub error: Option<Clean>,
    /// Why a good answer holds no number.
    pub gap: Option<Gap>,
    /// How much of the time that the query looks back on was watched.
    pub watched: Option<Watched>,
    /// How long before this process began it was made: its moment is that beginning then, and no number of now.
    #[serde(default)]
    pub before: Duration,
}

impl MetricValue {
    /// Why a good answer holds no number, or none that JSON can write.
    pub fn not_written(&self) -> Option<&'static str> {
        match self.value {
            Some(f64::INFINITY) => Some("+Inf: greater than every number, for instance a division by zero"),
            Some(f64::NEG_INFINITY) => Some("-Inf: less than every number, for instance a division by zero"),
            _ => self.gap.map(Gap::words),
        }
    }
}

/// A metric of two cohorts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Cohorted {
    /// Name of the cohorts.
    pub cohort: String,
    /// Of the one and of the other.
    pub values: [Option<f64>; 2],
    /// Observations behind each, where the query counts them.
    pub samples: [Option<u64>; 2],
}

/// Connections of two cohorts that closed in the last ten minutes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CohortCloses {
    /// Name of the cohorts.
    pub cohort: String,
    /// Close code.
    pub code: u16,
    /// Of the one and of the other; `None`: no close of it was ever counted.
    pub counts: [Option<f64>; 2],
}

/// A good answer without a number. None of them is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// The newest scrape has no series of any name that is asked for.
    Absent,
    /// No series, now: the name or a label does not exist, or nothing has happened that makes one.
    Empty,
    /// Not-a-number: for instance a share of nothing, or a quantile of no observations.
    NotANumber,
    /// It says itself that there is none: `null`, or an empty text.
    Null,
}

impl Gap {
    /// Why there is no number.
    pub fn words(self) -> &'static str {
        match self {
            Self::Absent => "no such series: the newest scrape has nothing of this name",
            Self::Empty => {
                "an empty answer: no series has this name or these labels, or nothing made one yet"
            }
            Self::NotANumber => "not a number (NaN): a share of nothing, or a quantile of no observations",
            Self::Null => "it says itself that there is none",
        }
    }
}

/// One query as the metrics engine answered it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Queried {
    /// Whose metric.
    pub service: ServiceIx,
    /// When the answer was there.
    pub at: Mono,
    /// The newest.
    pub value: MetricValue,
    /// With the first answer: values of the past, oldest first, one an interval of the engine, the last one interval
    /// before `at`.
    pub history: Vec<Option<f64>>,
    /// With the second answer: all of the past that is asked for, coarser. With one after a silence: what was missed.
    #[serde(default)]
    pub older: Past,
}

/// What a metric was before this console looked, as an earlier one kept it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Remembered {
    /// Whose metric.
    pub service: ServiceIx,
    /// The metric.
    pub name: String,
    /// Its values over the minute that ended then, oldest first.
    pub minutes: Vec<(Wall, Span)>,
}

/// Values of the past, evenly spaced.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Past {
    /// From one to the next; the last one is so long before the answer.
    pub step: Duration,
    /// Oldest first.
    pub values: Vec<Option<f64>>,
}

/// A server-side close counter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServerCloses {
    /// Close code.
    pub code: u16,
    /// Revision, where labelled.
    pub revision: Option<Clean>,
    /// Increase since the previous scrape, resets handled; `None` where what was counted before is not known: on the first
    /// scrape, and where another process answers.
    pub increase: Option<f64>,
    /// The counter itself.
    pub total: f64,
}

/// Connections as the server counts them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Connections {
    /// Revision, where labelled.
    pub revision: Option<Clean>,
    /// Open now.
    pub open: Option<f64>,
    /// Median life in seconds of closed connections; `None`: nothing closed in the window.
    pub p50: Option<f64>,
    /// 95th percentile of the same.
    pub p95: Option<f64>,
    /// The highest finite bucket bound: no quantile can be above it.
    pub highest_bound: Option<f64>,
    /// For how many seconds they were watched: no longer life can have been seen to end.
    pub watched_seconds: Option<f64>,
}

/// A reading that a person wrote down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ByHand {
    /// The number, in the metric's unit.
    pub value: f64,
    /// Who.
    pub by: Clean,
    /// When it was written down.
    pub at: Wall,
    /// What was said with it; may be empty.
    pub note: Clean,
}

/// Series that a documented metric without a query may be, as found by name.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Resembling {
    /// Whose metric.
    pub service: ServiceIx,
    /// The metric.
    pub name: String,
    /// Best first; empty: nothing resembles it.
    pub found: Vec<Proposal>,
}

/// A series that a metric may be. A person decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The name of the series.
    pub series: Clean,
    /// How it would be asked.
    pub query: Clean,
}
