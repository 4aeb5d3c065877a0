//! An error as the operator reads it: what, why, and the next step.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::config::{ConfigError, Problem};
use crate::domain::Clean;

/// Why a command ended, and with which status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What did not work.
    pub what: String,
    /// Why.
    pub why: String,
    /// What to do.
    pub next: String,
    /// Places in a config, each with its own what, why and next step; only in JSON, `why` has them in words.
    pub problems: Vec<Value>,
    /// The process's exit status: 1 failed, 2 wrong usage or config.
    pub status: u8,
}

impl Failure {
    /// It was tried and failed.
    pub fn failed(what: &str, why: &str, next: &str) -> Self {
        Self { what: what.into(), why: why.into(), next: next.into(), problems: Vec::new(), status: 1 }
    }

    /// It was asked for wrongly.
    pub fn usage(what: &str, why: &str, next: &str) -> Self {
        Self { status: 2, ..Self::failed(what, why, next) }
    }

    /// It would act, and this console only watches.
    pub fn read_only(what: &str) -> Self {
        let next = "leave --read-only away, or set operator.mode = \"operate\"";
        Self::usage(what, "this room is read-only here", next)
    }

    /// Writes it as lines, or also as one JSON object.
    ///
    /// # Errors
    /// The writer is gone.
    pub fn write(&self, out: &mut impl Write, json: bool) -> io::Result<()> {
        if json {
            let mut error = json!({ "what": self.what, "why": self.why, "next": self.next });
            if !self.problems.is_empty() {
                error["problems"] = Value::Array(self.problems.clone());
            }
            return writeln!(out, "{}", json!({ "error": error, "status": self.status }));
        }
        // Parts of it may come from a server: nothing of that may steer the terminal.
        writeln!(out, "error: {}", Clean::new(&self.what))?;
        for line in self.why.lines() {
            writeln!(out, "  {}", Clean::new(line))?;
        }
        writeln!(out, "  next: {}", Clean::new(&self.next))
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let mut failure = Self::usage(&error.what(), &error.why(), &error.next());
        if let ConfigError::Wrong { path, problems } = &error {
            let problem = |p: &Problem| {
                let file = path.display().to_string();
                json!({
                    "file": file, "line": p.line, "column": p.column,
                    "what": p.what, "why": p.why, "next": p.next,
                })
            };
            failure.problems = problems.iter().map(problem).collect();
        }
        failure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_an_error_steers_the_terminal() {
        let evil = "a\u{1b}]52;c;aGk=\u{7}\u{202e}b\nc";
        let mut out = Vec::new();
        Failure::failed(evil, evil, evil).write(&mut out, false).unwrap();
        let clean = "a·]52;c;aGk=··b";
        let lines = format!("error: {clean} c\n  {clean}\n  c\n  next: {clean} c\n");
        assert_eq!(String::from_utf8(out).unwrap(), lines);
    }
}
