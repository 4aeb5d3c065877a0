//! What a runner says of its run as a whole: test files that broke, totals without counts, progress without a summary.

use super::Summary;

/// What was read so far.
#[derive(Debug, Default)]
pub(super) struct Whole {
    /// Test files that failed, as Jest and Vitest say, also where no test of them ran.
    suites: u32,
    /// Nextest, which shows what the failed tests wrote: that may be a summary too.
    nextest: Option<Summary>,
    prove: Prove,
    /// pytest's progress lines, all there is with `-qq`.
    progress: Option<Summary>,
}

/// `prove` without `-v`: no line a test, and its totals at the end.
#[derive(Debug, Default)]
struct Prove {
    tests: Option<u32>,
    failed: u32,
    skipped: u32,
    result: Option<Summary>,
}

impl Whole {
    /// Takes a line; whether it is one of these.
    pub(super) fn take(&mut self, line: &str) -> bool {
        let line = line.trim();
        if line.len() > 400 {
            return false;
        }
        self.suites(line) || self.nextest(line) || self.prove.take(line) || self.progress(line)
    }

    /// What was counted test by test, corrected and completed.
    pub(super) fn finish(self, counted: Option<Summary>) -> Option<Summary> {
        let mut sum = self.nextest.or(counted).or(self.prove.result).or(self.progress)?;
        if self.suites > 0 && sum.failed == 0 && sum.errors == 0 {
            sum.errors = self.suites;
        }
        Some(sum)
    }

    /// `Test Suites: 1 failed, 2 passed, 3 total` (Jest), `Test Files  1 failed | 2 passed (3)` (Vitest).
    fn suites(&mut self, line: &str) -> bool {
        let list = line.strip_prefix("Test Suites: ").or_else(|| line.strip_prefix("Test Files  "));
        let Some(list) = list else { return false };
        let failed = list.split([',', '|']).find_map(|piece| piece.trim().strip_suffix(" failed"));
        let failed = failed.or_else(|| list.trim().split_once(" failed (").map(|(failed, _)| failed));
        self.suites = self.suites.saturating_add(failed.and_then(|n| n.trim().parse().ok()).unwrap_or(0));
        true
    }

    fn nextest(&mut self, line: &str) -> bool {
        let Some(sum) = super::lines::nextest(line) else { return false };
        self.nextest.get_or_insert_default().add(sum);
        true
    }

    /// `.s.FExX   [ 50%]`.
    fn progress(&mut self, line: &str) -> bool {
        let Some((marks, share)) = line.split_once(' ') else { return false };
        let share = share.trim();
        if !(share.starts_with('[') && share.ends_with("%]") && marks.chars().all(|c| ".sFExX".contains(c))) {
            return false;
        }
        let sum = self.progress.get_or_insert_default();
        for mark in marks.chars() {
            let to = match mark {
                '.' | 'X' => &mut sum.passed,
                'F' => &mut sum.failed,
                'E' => &mut sum.errors,
                _ => &mut sum.skipped,
            };
            *to = to.saturating_add(1);
        }
        true
    }
}

impl Prove {
    fn take(&mut self, line: &str) -> bool {
        let number = |text: &str| -> Option<u32> {
            let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            text.get(..end)?.parse().ok()
        };
        // `Files=2, Tests=7,  0 wallclock secs (…)`.
        if let Some((_, rest)) = line.strip_prefix("Files=").and_then(|rest| rest.split_once(", Tests=")) {
            self.tests = number(rest);
            return true;
        }
        // `f/b.t (Wstat: 256 (exited 1) Tests: 4 Failed: 1)`.
        if line.contains("(Wstat: ") {
            let failed = line.rsplit_once(" Failed: ").and_then(|(_, rest)| number(rest));
            self.failed = self.failed.saturating_add(failed.unwrap_or(0));
            return true;
        }
        // `(less 1 skipped subtest: 2 okay)`.
        if let Some(rest) = line.strip_prefix("(less ") {
            self.skipped = self.skipped.saturating_add(number(rest).unwrap_or(0));
            return true;
        }
        let (Some(tests), Some(word)) = (self.tests, line.strip_prefix("Result: ")) else { return false };
        let (failed, skipped) = (self.failed, self.skipped);
        let sum = match word {
            "PASS" => Summary { passed: tests.saturating_sub(skipped), skipped, ..Summary::default() },
            // A program that died failed, whatever its tests said.
            "FAIL" => Summary {
                passed: tests.saturating_sub(failed).saturating_sub(skipped),
                failed,
                skipped,
                errors: u32::from(failed == 0),
            },
            "NOTESTS" => Summary::default(),
            _ => return false,
        };
        self.result = Some(sum);
        true
    }
}

/// Whether all that `output` counts are packages of Go, as `go test` without `-v` does.
pub(super) fn only_packages(output: &str) -> bool {
    let package = |line: &str| super::spread::package(line).is_some();
    let test = |line: &str| line.starts_with("--- PASS") || line.starts_with('{');
    output.lines().any(package) && !output.lines().any(test)
}
