//! Numbers that are neither scraped nor asked of a metrics engine: a place in a JSON answer, or what a command prints.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{SecretRef, Value};

/// Where one number is read, and how often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ValueSpec {
    /// Where.
    pub at: ValueAt,
    /// How often (default 30 s).
    pub interval: Duration,
    /// How long one reading may take (default 10 s).
    pub timeout: Duration,
}

/// Where one number is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueAt {
    /// In the answer to an HTTP GET, at a JSON pointer (RFC 6901).
    Json {
        /// `http://` or `https://`.
        url: String,
        /// Further headers.
        headers: BTreeMap<String, Value>,
        /// Bearer token.
        token: Option<SecretRef>,
        /// Where in the answer.
        pointer: String,
    },
    /// In what a command prints: all of it is the number, or JSON with the number at a pointer.
    Command {
        /// Program and arguments; no shell.
        words: Vec<String>,
        /// Where it runs.
        dir: PathBuf,
        /// Where in its output; none: the output is the number.
        pointer: Option<String>,
    },
}

impl ValueSpec {
    /// Where it is read, in words.
    pub fn place(&self) -> String {
        match &self.at {
            ValueAt::Json { url, pointer, .. } => format!("{url} at {pointer}"),
            ValueAt::Command { words, pointer: None, .. } => words.join(" "),
            ValueAt::Command { words, pointer: Some(pointer), .. } => {
                format!("{} at {pointer}", words.join(" "))
            }
        }
    }
}
