//! Metrics that documents state: what is made of them, and what stands with each.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{MetricFrom, MetricSpec, MetricsSpec, ServiceIx};
use crate::domain::{Clean, Limit};

/// What is made of the metrics that documents state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentedSpec {
    /// Whether their queries are asked at all (default: yes); else they are only listed.
    pub ask: bool,
    /// How long a critical limit must be crossed where the document does not say; `None`: no condition is made of it.
    pub sustained: Option<Duration>,
    /// How long it must be good again before a failed one is clear.
    pub clears_after: Duration,
    /// What one without a source does to the verdict.
    pub unbound: Unbound,
    /// How long a reading that a person wrote down is believed (default 24 h).
    pub readings_for: Duration,
    /// Which metrics without a query are which.
    pub bindings: Vec<MetricBinding>,
}

/// What a documented metric with a critical limit does to the verdict while it has no source and no reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unbound {
    /// It holds: what cannot be seen is no GO.
    #[default]
    Hold,
    /// It is listed, and nothing more.
    List,
}

/// What the config says of a metric that documents state by name alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricBinding {
    /// The name in the document, or the metric's name here.
    pub name: String,
    /// What it is.
    pub to: BoundTo,
}

/// What a documented metric is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoundTo {
    /// The answer to this query.
    Query {
        /// `PromQL`.
        query: String,
        /// Where it is evaluated.
        from: MetricFrom,
        /// Whose metric it becomes.
        service: ServiceIx,
        /// In which unit it answers; empty: as its names tell, else in that of the document.
        unit: String,
    },
    /// This metric of the room.
    Metric(String),
    /// Nothing that anybody looks at, for this reason.
    Unwatched(String),
}

impl Default for DocumentedSpec {
    fn default() -> Self {
        Self {
            ask: true,
            sustained: Some(Duration::ZERO),
            clears_after: Duration::from_secs(30),
            unbound: Unbound::default(),
            readings_for: Duration::from_hours(24),
            bindings: Vec::new(),
        }
    }
}

/// What a document has to do with a metric.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Documented {
    /// Where it stands: `FILE:line`.
    pub place: Clean,
    /// The query is the config's, and the document gave no more than the limits.
    pub limits_only: bool,
    /// For how long the critical limit must be crossed, if the document says so.
    pub sustained: Option<Duration>,
    /// Why its query cannot be asked.
    pub problem: Option<Clean>,
    /// A query that could be asked instead.
    pub proposal: Option<Clean>,
    /// Why a limit that the document states judges nothing.
    pub unjudged: Option<Clean>,
    /// The limit that judges nothing is the critical one.
    pub holds: bool,
    /// By how many percent it may not be above (or below) the time before the deployment.
    pub relative: Vec<RelativeLimit>,
}

/// A limit of the distance from the time before the deployment, in percent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RelativeLimit {
    /// As the document writes it.
    pub text: Clean,
    /// What is bad.
    pub fail: Limit,
}

impl MetricSpec {
    /// Why its query cannot be asked, with the form that could be.
    pub fn problem(&self) -> Option<&Clean> {
        self.documented.as_ref()?.problem.as_ref()
    }

    /// Where a document states it.
    pub fn place(&self) -> Option<&Clean> {
        Some(&self.documented.as_ref()?.place)
    }
}

impl MetricsSpec {
    /// Of a service that nothing is scraped of: what is shown is asked of the room's engine.
    pub fn unscraped() -> Self {
        Self {
            url: None,
            headers: std::collections::BTreeMap::new(),
            token: None,
            interval: Duration::from_secs(5),
            timeout: Duration::from_secs(4),
            revision_label: "revision".to_owned(),
            closes_total: String::new(),
            connection_seconds: String::new(),
            connections_open: String::new(),
            requests_total: String::new(),
            panels: Vec::new(),
        }
    }

    /// Those that documents state by name alone, and that people read until they are bound.
    pub fn sought(&self) -> impl Iterator<Item = &str> {
        let people = self.of(MetricFrom::Person).filter(|panel| panel.documented.is_some());
        people.map(|panel| panel.name.as_str())
    }

    /// Its metrics of this source.
    pub fn of(&self, from: MetricFrom) -> impl Iterator<Item = &MetricSpec> {
        self.panels.iter().filter(move |panel| panel.from == from)
    }
}
