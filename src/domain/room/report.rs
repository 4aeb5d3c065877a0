//! How a report is written: what no record and no document says.

use serde::{Deserialize, Serialize};

/// What a report says that no record and no document does, and where the console writes it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReportSpec {
    /// Its heading; empty: made from what is rolled out.
    pub title: String,
    /// What the deployment is to show; empty: made from what is rolled out and the documents.
    pub purpose: String,
    /// What is known to fail.
    pub expected: Vec<ExpectedSpec>,
}

/// A failure that is expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedSpec {
    /// A part of the name of a condition, a gate or a source, or of the text of a finding, in whatever case.
    pub what: String,
    /// Why.
    pub reason: String,
}

impl ReportSpec {
    /// The expectation that `text` falls under.
    pub fn expects(&self, text: &str) -> Option<&ExpectedSpec> {
        let text = text.to_lowercase();
        self.expected.iter().find(|expected| text.contains(&expected.what.to_lowercase()))
    }
}
