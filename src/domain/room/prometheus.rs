//! The metrics engine of the room: a server with Prometheus' HTTP API.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{SecretRef, Value};
use crate::domain::Clean;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// Nobody.
    #[default]
    Nobody,
    /// A bearer token.
    Bearer(SecretRef),
    /// Name and password (RFC 7617).
    Basic {
        /// The name.
        user: String,
        /// The password.
        password: SecretRef,
    },
    /// Google's Application Default Credentials.
    Google,
}

/// Prometheus, Thanos, Mimir, Google's Managed Service for Prometheus: whatever answers `/api/v1/query`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PrometheusSpec {
    /// What comes before `/api/v1/query`.
    pub url: String,
    /// Further headers, such as a tenant.
    pub headers: BTreeMap<String, Value>,
    /// Who asks.
    pub identity: Identity,
    /// How often each query is asked (default 15 s).
    pub interval: Duration,
    /// Time-out of one query (default 10 s).
    pub timeout: Duration,
    /// How much of the past is asked for once at the start (default 24 h).
    pub history: Duration,
    /// Labels as `name=value` that it adds to alerts when it sends them to Alertmanager.
    pub external_labels: Vec<Clean>,
}
