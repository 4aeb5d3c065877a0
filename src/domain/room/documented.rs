//! Metrics that documents state: what is made of them, and what stands with each.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{MetricFrom, MetricSpec, MetricsSpec};
use crate::domain::Clean;

/// What is made of the metrics that documents state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentedSpec {
    /// Whether their queries are asked at all (default: yes); else they are only listed.
    pub ask: bool,
    /// How long a critical limit must be crossed where the document does not say; `None`: no condition is made of it.
    pub sustained: Option<Duration>,
    /// How long it must be good again before a failed one is clear.
    pub clears_after: Duration,
}

impl Default for DocumentedSpec {
    fn default() -> Self {
        Self { ask: true, sustained: Some(Duration::ZERO), clears_after: Duration::from_secs(30) }
    }
}

/// What a document has to do with a metric.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
            panels: Vec::new(),
        }
    }

    /// Its metrics of this source.
    pub fn of(&self, from: MetricFrom) -> impl Iterator<Item = &MetricSpec> {
        self.panels.iter().filter(move |panel| panel.from == from)
    }
}
