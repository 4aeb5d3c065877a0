//! What a gate's run is worth: its exit status, its output and its duration against what the document expects.
//!
//! Exit 0 is not always a pass: `curl` exits 0 on a 503, and a test run that skips everything exits 0 too. So what only
//! shows a state never passes by its exit status, counts are read out of the output, and what is expected is compared.

mod answer;
mod checks;
mod shown;
mod summary;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::answer::{http_status, local_address};
pub use self::summary::{Summary, summary};
use super::Clean;
use super::plan::{Check, Command, CommandKind, Proof};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended<'a> {
    /// Exit status; `None`: a signal ended it.
    pub exit: Option<i32>,
    /// How long it ran.
    pub took: Duration,
    /// What it wrote to standard output and standard error.
    pub output: &'a str,
    /// The beginning of the output was not kept: totals over several parts are too low.
    pub cut: bool,
}

/// What came of a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateResult {
    /// It passed, and its run is the evidence.
    Passed,
    /// It did not pass.
    Failed {
        /// What spoke against it.
        why: Clean,
    },
    /// It ended, and does not say whether all is well: a person has to look, or the document has to say what is expected.
    Inconclusive {
        /// What is missing.
        why: Clean,
    },
}

/// What the run `ended` of `command` is worth. Looks at exit status, counts of tests, and each of
/// [`Command::expected`]; [`Command::proof`] says what counts where nothing is expected. What only a person can compare
/// ([`Check::Person`]) fails nothing; where it is all there is, the result is inconclusive, whatever the exit status.
///
/// A time-out or a stop on request is the caller's to tell: it knows of it, and nothing is judged then. Where a room's
/// environment is not a developer's machine, [`local_address`] tells whether the gate looked at the wrong place.
pub fn judge(command: &Command, ended: &Ended<'_>) -> GateResult {
    let output = summary::without_ansi(ended.output);
    let ended = Ended { output: &output, ..*ended };
    let counts = speaks_in_counts(command).then(|| summary(ended.output)).flatten();
    if let Some(result) = by_exit(command, &ended, counts.as_ref()).or_else(|| by_counts(counts.as_ref())) {
        return result;
    }
    let did_nothing = || counts.is_none().then(|| checks::did_nothing(&command.text, ended.output)).flatten();
    if matches!(command.proof, Proof::Exit | Proof::Counts)
        && let Some(why) = did_nothing()
    {
        return inconclusive(why);
    }
    let result = by_expectations(command, &ended, counts.as_ref());
    match summary::error_after(ended.output) {
        // `pytest; deploy-check; echo done` exits 0 whatever came of the check.
        Some(error) if counts.is_some() && result == GateResult::Passed => {
            inconclusive(format!("after its summary: {}", error.chars().take(120).collect::<String>()))
        }
        _ => result,
    }
}

/// Whether counts in the output are its own: `cat` or `git log` may well show those of something else.
fn speaks_in_counts(command: &Command) -> bool {
    let expects = |check: &Check| matches!(check, Check::Passed(_) | Check::AllPassed);
    matches!(command.proof, Proof::Exit | Proof::Counts)
        || command.expected.iter().any(|expected| expects(&expected.check))
}

fn failed(why: impl AsRef<str>) -> GateResult {
    GateResult::Failed { why: Clean::new(why.as_ref()) }
}

fn inconclusive(why: impl AsRef<str>) -> GateResult {
    GateResult::Inconclusive { why: Clean::new(why.as_ref()) }
}

/// What the exit status alone decides: only that it failed.
fn by_exit(command: &Command, ended: &Ended<'_>, counts: Option<&Summary>) -> Option<GateResult> {
    let exit = match ended.exit {
        None => return Some(failed("ended by a signal")),
        Some(0) => return None,
        Some(exit) => exit,
    };
    // `grep` that finds nothing exits 1, and `curl --fail` on an expected 503 exits 22: that is what was asked for.
    let wanted = command.expected.iter().any(|expected| match expected.check {
        Check::Empty => exit == 1 && ended.output.trim().is_empty(),
        Check::Status(status) => exit == 22 && http_status(ended.output) == Some(status),
        Check::Person | Check::Passed(_) | Check::AllPassed | Check::Within(_) | Check::Contains(_) => false,
    });
    if wanted && command.proof == Proof::Output {
        return None;
    }
    Some(match counts {
        Some(counts) if counts.total() == 0 => failed(format!("exit {exit}: no tests ran")),
        Some(counts) => failed(format!("exit {exit}: {}", counts.told())),
        None => failed(match means(exit, &command.text) {
            Some(words) => format!("exit {exit}: {words}"),
            None => format!("exit {exit}"),
        }),
    })
}

/// What a status says by itself: the shell's own (POSIX 2.8.2), and those of curl(1), which with `-s` says nothing else.
fn means(exit: i32, command: &str) -> Option<&'static str> {
    let curl = command.split_whitespace().next() == Some("curl");
    Some(match exit {
        126 => "it may not be executed",
        127 => "command not found",
        6 if curl => "the host is not known",
        7 if curl => "nobody answers there",
        22 if curl => "the answer was an HTTP error",
        28 if curl => "it took too long",
        35 | 60 if curl => "no trusted TLS connection",
        _ => return None,
    })
}

/// What counts of tests decide, whatever the exit status was: that it failed, or that nothing was tested.
fn by_counts(counts: Option<&Summary>) -> Option<GateResult> {
    let counts = counts?;
    if counts.failed > 0 || counts.errors > 0 {
        return Some(failed(counts.told()));
    }
    match (counts.passed, counts.skipped) {
        (0, 0) => Some(inconclusive("no tests ran")),
        (0, skipped) => Some(inconclusive(format!("all {skipped} skipped: nothing was tested"))),
        _ => None,
    }
}

fn by_expectations(command: &Command, ended: &Ended<'_>, counts: Option<&Summary>) -> GateResult {
    let mut open = None;
    let mut met = false;
    for expected in &command.expected {
        match checks::compare(expected, ended, counts) {
            checks::Outcome::Met => met = true,
            checks::Outcome::Holds => {}
            checks::Outcome::Unmet(why) => return failed(why),
            checks::Outcome::Open(why) => open = open.or(Some(why)),
        }
    }
    if let Some(why) = open {
        return inconclusive(why);
    }
    let status = http_status(ended.output).filter(|_| command.proof == Proof::Output);
    match (command.proof, status) {
        _ if !matches!(command.kind, CommandKind::Gate) && !met => {
            inconclusive("exit 0: no gate, so no evidence")
        }
        // What the document expects is for a person to compare.
        (Proof::Exit, _) if !met && command.expected.iter().any(|it| it.check == Check::Person) => {
            inconclusive(unsaid(command))
        }
        (Proof::Exit, _) => GateResult::Passed,
        (Proof::Counts, _) if counts.is_some() || met => GateResult::Passed,
        (Proof::Counts, _) => inconclusive("no counts of tests in the output, and its exit status is lost"),
        (Proof::Setup, _) => inconclusive("it prepares what follows, and says nothing by itself"),
        (Proof::Output, _) if met => GateResult::Passed,
        (Proof::Output, Some(status)) if status >= 400 => failed(format!("HTTP {status}")),
        (Proof::Output, _) => inconclusive(unsaid(command)),
    }
}

/// What a person has to do where nothing can be compared.
fn unsaid(command: &Command) -> String {
    match command.expected.iter().find(|expected| expected.check == Check::Person) {
        Some(expected) => format!("look whether it shows: {}", expected.text),
        None => {
            "it shows a state, and the document does not say what is expected: look at the output".to_owned()
        }
    }
}
