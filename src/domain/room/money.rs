//! What an outage costs.

use serde::{Deserialize, Serialize};

/// A figure that the team states.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MoneySpec {
    /// What is lost in a minute in which nobody is served.
    pub per_minute: f64,
    /// As written before an amount.
    pub currency: String,
}
