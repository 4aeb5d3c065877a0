//! Runners that spread their counts over several lines.

use super::Summary;

/// What was read so far.
#[derive(Debug, Default)]
pub(super) struct Spread {
    /// `Ran 5 tests`, until the line with the result.
    ran: Option<u32>,
    unittest: Option<Summary>,
    /// Lines that are one count each: `41 passing (2s)`, `  1 failed`, `# pass 5`.
    counts: Option<Summary>,
    tap: Option<Summary>,
    /// Tests that TAP announced, over all plans.
    planned: u32,
    /// Tests of Go, from `-v` or `-json`.
    go: Option<Summary>,
    /// Packages of Go.
    packages: Option<Summary>,
}

impl Spread {
    /// Takes a line; whether it counts something.
    pub(super) fn take(&mut self, line: &str) -> bool {
        if line.starts_with('{') {
            return self.go_json(line);
        }
        line.len() < 400 && (self.unittest(line) || self.go(line) || self.tap(line) || self.count(line))
    }

    pub(super) fn finish(self) -> Option<Summary> {
        // A package that fails without a failing test could not be built.
        let go = match (self.go, self.packages) {
            (Some(mut tests), Some(packages)) if packages.failed > 0 && tests.failed == 0 => {
                tests.errors = tests.errors.saturating_add(packages.failed);
                Some(tests)
            }
            (Some(mut tests), packages) => {
                tests.errors = tests.errors.saturating_add(packages.map_or(0, |packages| packages.errors));
                Some(tests)
            }
            // Packages are no tests: that they are well says nothing of how many tests ran.
            (None, packages) => {
                packages.filter(|packages| packages.passed == 0 || packages.failed > 0 || packages.errors > 0)
            }
        };
        let tap = self.tap.map(|tap| {
            let missing = tap.total() > 0 && self.planned > tap.total();
            Summary { errors: tap.errors.saturating_add(u32::from(missing)), ..tap }
        });
        // Node and Mocha can print TAP and then their own totals of the same tests.
        let rest = self.counts.or(tap);
        let all: Vec<Summary> = [self.unittest, go, rest].into_iter().flatten().collect();
        let mut sum = *all.first()?;
        all.iter().skip(1).for_each(|more| sum.add(*more));
        Some(sum)
    }

    /// `Ran 5 tests in 0.1s`, then `OK`, `OK (skipped=1)`, `FAILED (failures=1, errors=2)` or `NO TESTS RAN`.
    fn unittest(&mut self, line: &str) -> bool {
        let line = line.trim_end();
        if let Some(rest) = line.strip_prefix("Ran ") {
            self.ran = rest.split_once(" test").and_then(|(n, _)| n.parse().ok());
            return self.ran.is_some();
        }
        let Some(total) = self.ran else { return false };
        let (word, list) = line.split_once(" (").unwrap_or((line, ""));
        if !matches!(word, "OK" | "FAILED" | "NO TESTS RAN") {
            return false;
        }
        self.ran = None;
        let mut sum = Summary::default();
        for piece in list.trim_end_matches(')').split(", ") {
            let Some((name, n)) = piece.split_once('=') else { continue };
            let n = n.parse().unwrap_or(0);
            match name {
                "failures" | "unexpected successes" => sum.failed = sum.failed.saturating_add(n),
                "errors" => sum.errors = n,
                "skipped" | "expected failures" => sum.skipped = sum.skipped.saturating_add(n),
                _ => {}
            }
        }
        let bad = sum.failed.saturating_add(sum.errors).saturating_add(sum.skipped);
        sum.passed = total.saturating_sub(bad);
        self.unittest.get_or_insert_default().add(sum);
        true
    }

    fn go(&mut self, line: &str) -> bool {
        let test = |line: &str| {
            let (word, _) = line.strip_prefix("--- ")?.split_once(": ")?;
            one(word == "PASS", word == "FAIL", word == "SKIP")
        };
        if let Some(counts) = test(line) {
            self.go.get_or_insert_default().add(counts);
            return true;
        }
        let Some(counts) = package(line) else { return false };
        self.packages.get_or_insert_default().add(counts);
        true
    }

    /// `{"Action":"pass","Package":"p","Test":"TestX"}`.
    fn go_json(&mut self, line: &str) -> bool {
        let has = |text: &str| line.contains(text);
        if !has("\"Action\":\"") || !has("\"Package\":\"") {
            return false;
        }
        let (pass, fail, skip) =
            (has("\"Action\":\"pass\""), has("\"Action\":\"fail\""), has("\"Action\":\"skip\""));
        let Some(counts) = one(pass, fail, skip) else { return false };
        match line.split_once("\"Test\":\"").map(|(_, name)| name.split('"').next().unwrap_or_default()) {
            // A subtest is part of its test.
            Some(name) if name.contains('/') => {}
            Some(_) => self.go.get_or_insert_default().add(counts),
            None if skip => self.packages.get_or_insert_default().add(Summary::default()),
            None => self.packages.get_or_insert_default().add(counts),
        }
        true
    }

    /// `ok 1 - name`, `not ok 2`, `ok 3 # SKIP why`, the plan `1..4`, and `Bail out!`.
    fn tap(&mut self, line: &str) -> bool {
        if let Some(plan) = line.strip_prefix("1..") {
            let number = plan.split_once(" #").map_or(plan, |(number, _)| number).trim_end();
            let Ok(tests) = number.parse::<u32>() else { return false };
            self.planned = self.planned.saturating_add(tests);
            if tests == 0 {
                self.tap.get_or_insert_default();
            }
            return true;
        }
        if line.starts_with("Bail out!") {
            let tap = self.tap.get_or_insert_default();
            tap.errors = tap.errors.saturating_add(1);
            return true;
        }
        let (ok, rest) = match (line.strip_prefix("ok "), line.strip_prefix("not ok ")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return false,
        };
        if !rest.starts_with(|c: char| c.is_ascii_digit()) {
            return false;
        }
        let directive = rest.rsplit_once(" # ").map(|(_, directive)| directive.to_lowercase());
        let skipped = directive.as_ref().is_some_and(|d| d.starts_with("skip") || d.starts_with("todo"));
        if let Some(counts) = one(ok && !skipped, !ok && !skipped, skipped) {
            self.tap.get_or_insert_default().add(counts);
        }
        true
    }

    /// One count a line: Mocha, Playwright, bun, node and the `JUnit` console.
    fn count(&mut self, line: &str) -> bool {
        let line = line.trim();
        let line = line.trim_start_matches(['#', 'ℹ', '[', '✔', '✓', '✗', '✘']).trim_end_matches(']').trim();
        let bare = line.split_once(" (").map_or(line, |(bare, _)| bare).trim();
        let Some((one, other)) = bare.split_once(' ') else { return false };
        let other = other.trim();
        let (n, word) = match (one.parse::<u32>(), other.parse::<u32>()) {
            (Ok(n), _) => (n, other),
            (_, Ok(n)) => (n, one),
            _ => return false,
        };
        let mut sum = self.counts.unwrap_or_default();
        let to = match word {
            "passing" | "passed" | "pass" | "tests successful" | "tests passed" | "test passed" => {
                &mut sum.passed
            }
            "failing"
            | "failed"
            | "fail"
            | "tests failed"
            | "test failed"
            | "interrupted"
            | "cancelled"
            | "uncaught exception"
            | "uncaught exceptions"
            | "unhandled rejection"
            | "unhandled rejections" => &mut sum.failed,
            "pending" | "skipped" | "skip" | "todo" | "tests skipped" | "test skipped" | "tests todo"
            | "test todo" | "tests aborted" | "did not run" => &mut sum.skipped,
            _ => return false,
        };
        *to = to.saturating_add(n);
        self.counts = Some(sum);
        true
    }
}

/// `ok  \tshop/cart\t0.01s`, `FAIL\tshop/x [build failed]`, `?   \tshop\t[no test files]`: a package of Go. The tabs may
/// have become spaces.
pub(super) fn package(line: &str) -> Option<Summary> {
    let (word, rest) = line.split_once([' ', '\t'])?;
    let (name, rest) = rest.trim_start().split_once([' ', '\t'])?;
    let rest = rest.trim_start();
    let took = |text: &str| text.strip_suffix('s').is_some_and(|number| number.parse::<f64>().is_ok());
    let ran = took(rest.split_whitespace().next().unwrap_or_default()) || rest.starts_with("(cached)");
    // `ok 1 - name` is a test of TAP.
    if name.parse::<u32>().is_ok() {
        return None;
    }
    match word {
        "ok" if ran && rest.contains("[no tests to run]") => Some(Summary::default()),
        "ok" if ran => Some(Summary { passed: 1, ..Summary::default() }),
        "FAIL" if rest.starts_with("[build failed]") || rest.starts_with("[setup failed]") => {
            Some(Summary { errors: 1, ..Summary::default() })
        }
        "FAIL" if ran => Some(Summary { failed: 1, ..Summary::default() }),
        "?" if rest.starts_with("[no test files]") => Some(Summary::default()),
        _ => None,
    }
}

fn one(pass: bool, fail: bool, skip: bool) -> Option<Summary> {
    (pass || fail || skip).then(|| Summary {
        passed: u32::from(pass),
        failed: u32::from(fail),
        skipped: u32::from(skip),
        errors: 0,
    })
}
