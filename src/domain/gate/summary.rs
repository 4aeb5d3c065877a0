//! The counts that test runners print, read line by line.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

mod lines;
mod spread;
mod whole;

/// How many tests did what. Several parts of one run (binaries, modules) are added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Passed.
    pub passed: u32,
    /// Failed.
    pub failed: u32,
    /// Skipped, ignored, pending, or expected to fail.
    pub skipped: u32,
    /// Could not be run: set-up, collection or compilation broke.
    pub errors: u32,
}

impl Summary {
    /// All of them.
    pub fn total(&self) -> u32 {
        [self.passed, self.failed, self.skipped, self.errors].into_iter().fold(0, u32::saturating_add)
    }

    /// `41 passed, 2 skipped`, and what went wrong first: `1 failed, 41 passed`.
    pub fn told(&self) -> String {
        let named = [
            (self.failed, "failed"),
            (self.errors, if self.errors == 1 { "error" } else { "errors" }),
            (self.passed, "passed"),
            (self.skipped, "skipped"),
        ];
        let told = |(n, what): &&(u32, &str)| *n > 0 || *what == "passed";
        let parts: Vec<String> = named.iter().filter(told).map(|(n, what)| format!("{n} {what}")).collect();
        parts.join(", ")
    }

    fn add(&mut self, other: Self) {
        self.passed = self.passed.saturating_add(other.passed);
        self.failed = self.failed.saturating_add(other.failed);
        self.skipped = self.skipped.saturating_add(other.skipped);
        self.errors = self.errors.saturating_add(other.errors);
    }
}

/// The counts in `output` of pytest, unittest, cargo test and nextest, go test (plain, `-v`, `-json`), Jest, Vitest,
/// Mocha, Playwright, TAP, Bats, node, bun, Deno, Maven, Gradle, the `JUnit` console, `RSpec`, minitest, `PHPUnit`, dotnet,
/// ctest or `ExUnit`. `None`: none of them speaks there. A runner that says that it ran nothing gives zeros.
pub fn summary(output: &str) -> Option<Summary> {
    let mut reader = Reader::default();
    for line in without_ansi(output).lines() {
        reader.take(line);
    }
    reader.finish()
}

/// The first line after the last that counts anything, if it speaks of an error: then the counts are not the end of it.
pub(super) fn error_after(output: &str) -> Option<&str> {
    let mut reader = Reader::default();
    let mut error = None;
    for line in output.lines() {
        if reader.take(line) {
            error = None;
        } else if error.is_none() && speaks_of_error(line) {
            error = Some(line.trim());
        }
    }
    error
}

fn speaks_of_error(line: &str) -> bool {
    const FIRST: [&str; 10] = [
        "error:",
        "error[",
        "fatal:",
        "fatal error",
        "traceback (most recent call last)",
        "panic:",
        "segmentation fault",
        "npm err!",
        "npm error",
        "fail required test coverage",
    ];
    const SAID: [&str; 3] = [": command not found", ": no such file or directory", ": permission denied"];
    if line.len() > 400 {
        return false;
    }
    let line = line.trim().to_lowercase();
    FIRST.iter().any(|word| line.starts_with(word)) || SAID.iter().any(|said| line.ends_with(said))
}

/// All readers, each with the lines that are its own.
#[derive(Default)]
struct Reader {
    sum: Option<Summary>,
    spread: spread::Spread,
    whole: whole::Whole,
}

impl Reader {
    /// Takes a line; whether it counts something.
    fn take(&mut self, line: &str) -> bool {
        if self.whole.take(line) {
            return true;
        }
        match lines::of(line) {
            Some(counts) => self.sum.get_or_insert_default().add(counts),
            None => return self.spread.take(line),
        }
        true
    }

    fn finish(self) -> Option<Summary> {
        let sum = match (self.sum, self.spread.finish()) {
            (Some(mut sum), Some(more)) => {
                sum.add(more);
                Some(sum)
            }
            (one, other) => one.or(other),
        };
        self.whole.finish(sum)
    }
}

/// Whether what `output` counts are packages, not tests.
pub(super) fn only_packages(output: &str) -> bool {
    whole::only_packages(&without_ansi(output))
}

/// Without colours and other escape sequences; of a line that was overwritten (`\r`), the last state.
pub(super) fn without_ansi(output: &str) -> Cow<'_, str> {
    if !output.contains(['\x1b', '\r']) {
        return Cow::Borrowed(output);
    }
    let mut out = String::with_capacity(output.len());
    let mut chars = output.chars().peekable();
    let mut line = 0;
    while let Some(c) = chars.next() {
        match c {
            '\x1b' => match chars.next() {
                Some('[') => {
                    // Parameters, then one final byte; anything else ends a broken sequence.
                    while chars.next_if(|c| matches!(c, ' '..='?')).is_some() {}
                    chars.next_if(|c| matches!(c, '@'..='~'));
                }
                Some(']') => {
                    while chars.peek().is_some_and(|c| !matches!(c, '\x07' | '\x1b' | '\n')) {
                        chars.next();
                    }
                    chars.next_if_eq(&'\x07');
                }
                _ => {}
            },
            '\r' if chars.peek().is_none_or(|next| *next == '\n' || *next == '\r') => {}
            '\r' => out.truncate(line),
            '\n' => {
                out.push('\n');
                line = out.len();
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}
