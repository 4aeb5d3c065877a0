//! How logs are read, and which errors in them are known.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{CloudRunSpec, ServiceIx};

/// Where logs are read, and how often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogsSpec {
    /// API endpoint, if another one than Google's.
    pub endpoint: Option<String>,
    /// How often, while somebody looks (default 5 s).
    pub interval: Duration,
    /// How far back the first look goes (default 10 min).
    pub back: Duration,
    /// What is known of entries, in order: the first rule that speaks of one has it.
    pub rules: Vec<LogRule>,
}

/// What is known of some entries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogRule {
    /// What they are counted as.
    pub name: String,
    /// They hold one of these, `*` standing for anything.
    pub patterns: Vec<String>,
    /// Of these services; empty: of all.
    pub services: Vec<ServiceIx>,
    /// Whether they are known noise, and no reason to worry.
    pub expected: bool,
    /// More than so many a minute are not expected any more.
    pub most: Option<f64>,
}

impl Default for LogsSpec {
    fn default() -> Self {
        Self {
            endpoint: None,
            interval: Duration::from_secs(5),
            back: Duration::from_mins(10),
            rules: Vec::new(),
        }
    }
}

impl LogsSpec {
    /// Where the logs of a service are read: Google's endpoint for a service that Google's endpoint speaks for. Beside
    /// another one (a simulation, a proxy) nothing is guessed: its token is not for Google.
    pub fn endpoint_for(&self, cloud: &CloudRunSpec) -> Option<&str> {
        let of_google =
            || cloud.endpoint.ends_with(".googleapis.com").then_some("https://logging.googleapis.com");
        self.endpoint.as_deref().or_else(of_google)
    }
}
