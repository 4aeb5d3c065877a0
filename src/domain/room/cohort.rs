//! Two cohorts of a flag, told apart by a label of the series.

use serde::{Deserialize, Serialize};

/// Cohorts that are compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CohortSpec {
    /// Its name, often the flag's.
    pub name: String,
    /// Label of the series, and counted field of the events, that tells them apart.
    pub label: String,
    /// The label's value of the one, which is what was before, and of the other.
    pub values: [String; 2],
}
