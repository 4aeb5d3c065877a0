//! When too many requests of a service fail.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The trigger that each service gets which counts its requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorRateSpec {
    /// More percent of them fail than this (default 5).
    pub percent: f64,
    /// For so long (default 5 min).
    pub sustained: Duration,
    /// How long fewer must fail before it is clear again.
    pub clears_after: Duration,
}
