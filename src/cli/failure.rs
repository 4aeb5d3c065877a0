//! An error as the operator reads it: what, why, and the next step.

use std::io::{self, Write};

use crate::config::ConfigError;

/// Why a command ended, and with which status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What did not work.
    pub what: String,
    /// Why.
    pub why: String,
    /// What to do.
    pub next: String,
    /// The process's exit status: 1 failed, 2 wrong usage or config.
    pub status: u8,
}

impl Failure {
    /// It was tried and failed.
    pub fn failed(what: &str, why: &str, next: &str) -> Self {
        Self { what: what.into(), why: why.into(), next: next.into(), status: 1 }
    }

    /// It was asked for wrongly.
    pub fn usage(what: &str, why: &str, next: &str) -> Self {
        Self { status: 2, ..Self::failed(what, why, next) }
    }

    /// Writes it as lines, or also as one JSON object.
    ///
    /// # Errors
    /// The writer is gone.
    pub fn write(&self, out: &mut impl Write, json: bool) -> io::Result<()> {
        if json {
            let error = serde_json::json!({ "what": self.what, "why": self.why, "next": self.next });
            return writeln!(out, "{}", serde_json::json!({ "error": error, "status": self.status }));
        }
        writeln!(out, "error: {}", self.what)?;
        for line in self.why.lines() {
            writeln!(out, "  {line}")?;
        }
        writeln!(out, "  next: {}", self.next)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(
            "the config cannot be used",
            &error.to_string(),
            "correct it; config.toml.example documents every key",
        )
    }
}
