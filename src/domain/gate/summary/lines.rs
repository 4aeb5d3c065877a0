//! Runners that say everything in one line.

use super::Summary;

/// The counts in `line`, if a runner sums up there.
pub(super) fn of(line: &str) -> Option<Summary> {
    // Cheap first: nearly all lines of an output have no such word.
    const WORDS: [&str; 11] = [
        "pass",
        "test",
        "fail",
        "Tests",
        "examples",
        "runs,",
        "Passed",
        "Failed",
        "skipped",
        "deselected",
        "error",
    ];
    if line.len() > 400 || !WORDS.iter().any(|word| line.contains(word)) {
        return None;
    }
    let line = line.trim();
    let readers = [pytest, cargo, jest, vitest, maven, phpunit, dotnet, sentence, deno, ctest, none];
    readers.iter().find_map(|read| read(line))
}

/// `number word` of each piece between commas, semicolons and bars, e.g. `1 failed`; a piece of another form spoils all.
fn pairs(list: &str) -> Option<Vec<(u32, &str)>> {
    list.split([',', ';', '|']).map(str::trim).filter(|piece| !piece.is_empty()).map(pair_of).collect()
}

fn pair_of(piece: &str) -> Option<(u32, &str)> {
    let (number, word) = piece.split_once(' ')?;
    Some((number.parse().ok()?, word.trim()))
}

/// Adds up pairs; `None` if there is one whose word is not known, or none at all.
fn counted(pairs: &[(u32, &str)]) -> Option<Summary> {
    let mut sum = Summary::default();
    for (n, word) in pairs {
        let to = match *word {
            "passed" | "passing" | "xpassed" | "successful" | "pass" => &mut sum.passed,
            "failed" | "failing" | "fail" | "timed out" => &mut sum.failed,
            "skipped" | "xfailed" | "ignored" | "pending" | "todo" | "skip" | "disabled" => &mut sum.skipped,
            "error" | "errors" => &mut sum.errors,
            "warning" | "warnings" | "deselected" | "rerun" | "measured" | "filtered out" | "total"
            | "flaky" | "slow" | "leaky" | "filtered" | "obsolete" | "unchecked" | "subtests passed" => {
                continue;
            }
            _ => return None,
        };
        *to = to.saturating_add(*n);
    }
    (!pairs.is_empty()).then_some(sum)
}

/// `=== 41 passed, 1 failed in 2.31s ===`, with `-q` without the bars.
fn pytest(line: &str) -> Option<Summary> {
    let line = line.trim_matches(['=', ' ']);
    let (list, time) = line.rsplit_once(" in ")?;
    let is_time = time.starts_with(|c: char| c.is_ascii_digit()) && time.contains('s');
    if !is_time {
        return None;
    }
    // `--collect-only` runs nothing.
    let collected = list.strip_suffix(" tests collected").or_else(|| list.strip_suffix(" test collected"));
    if list == "no tests ran" || collected.is_some_and(|n| n.parse::<u32>().is_ok()) {
        return Some(Summary::default());
    }
    counted(&pairs(list)?)
}

/// `test result: ok. 41 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.01s`, one a binary.
fn cargo(line: &str) -> Option<Summary> {
    let (_, list) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let list = list.split_once("; finished in").map_or(list, |(list, _)| list);
    counted(&pairs(list)?)
}

/// `Summary [   0.12s] 10 tests run: 9 passed (1 slow), 1 failed, 2 skipped`.
pub(super) fn nextest(line: &str) -> Option<Summary> {
    let (_, list) = line.strip_prefix("Summary [")?.split_once(" run: ")?;
    counted(&pairs(&without_parentheses(list))?)
}

/// `Tests:       1 failed, 2 skipped, 41 passed, 44 total`.
fn jest(line: &str) -> Option<Summary> {
    let list = line.strip_prefix("Tests: ")?.trim();
    if list.contains(':') {
        return None;
    }
    counted(&pairs(list)?)
}

/// `Tests  41 passed | 1 failed (42)`.
fn vitest(line: &str) -> Option<Summary> {
    let list = line.strip_prefix("Tests  ")?.trim();
    counted(&pairs(&without_parentheses(list))?)
}

fn without_parentheses(list: &str) -> String {
    let mut depth = 0_u32;
    let keep = |c: &char| {
        match c {
            '(' => depth += 1,
            ')' => {
                depth = depth.saturating_sub(1);
                return false;
            }
            _ => {}
        }
        depth == 0
    };
    list.chars().filter(keep).collect()
}

/// The value behind `name: `, e.g. of `Failures: 1,`.
fn named(line: &str, name: &str) -> Option<u32> {
    let (_, rest) = line.split_once(name)?;
    let rest = rest.trim_start_matches([':', ' ']);
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

/// `[INFO] Tests run: 41, Failures: 1, Errors: 0, Skipped: 2`, once a module; lines of one class (with a time) are parts of it.
fn maven(line: &str) -> Option<Summary> {
    let (_, rest) = line.split_once("Tests run: ")?;
    if rest.contains("Time elapsed") || rest.contains(" -- in ") {
        return None;
    }
    let total = named(line, "Tests run")?;
    let failed = named(rest, "Failures")?;
    let errors = named(rest, "Errors").unwrap_or(0);
    let skipped = named(rest, "Skipped").unwrap_or(0);
    Some(Summary { passed: rest_of(total, [failed, errors, skipped]), failed, skipped, errors })
}

fn rest_of(total: u32, others: [u32; 3]) -> u32 {
    others.into_iter().fold(total, u32::saturating_sub)
}

/// `OK (5 tests, 10 assertions)`, or `Tests: 5, Assertions: 10, Failures: 1, Skipped: 2.`
fn phpunit(line: &str) -> Option<Summary> {
    if let Some(list) = line.strip_prefix("OK (") {
        let passed = list.split_once(" test").and_then(|(n, _)| n.parse().ok())?;
        return list.contains("assertion").then_some(Summary { passed, ..Summary::default() });
    }
    if !(line.starts_with("Tests: ") && line.contains("Assertions: ")) {
        return None;
    }
    let total = named(line, "Tests")?;
    let failed = named(line, "Failures").unwrap_or(0);
    let errors = named(line, "Errors").unwrap_or(0);
    let skipped = named(line, "Skipped").unwrap_or(0).saturating_add(named(line, "Incomplete").unwrap_or(0));
    Some(Summary { passed: rest_of(total, [failed, errors, skipped]), failed, skipped, errors })
}

/// `Passed!  - Failed:     0, Passed:     5, Skipped:     0, Total:     5, Duration: 3 ms`.
fn dotnet(line: &str) -> Option<Summary> {
    if !(line.contains("Failed: ") && line.contains("Passed: ") && line.contains("Total: ")) {
        return None;
    }
    let (passed, failed) = (named(line, "Passed: ")?, named(line, "Failed: ")?);
    Some(Summary { passed, failed, skipped: named(line, "Skipped: ").unwrap_or(0), errors: 0 })
}

/// A total and what of it was not well: `5 examples, 1 failure, 2 pending` (`RSpec`), `5 tests, 1 failure` (Bats, `ExUnit`),
/// `5 runs, 10 assertions, 1 failures, 0 errors, 2 skips` (minitest), `5 tests completed, 1 failed` (Gradle).
fn sentence(line: &str) -> Option<Summary> {
    let line = line.trim_end_matches('.');
    let mut total = None;
    let mut sum = Summary::default();
    for piece in line.split(", ") {
        let (n, word) = pair_of(piece)?;
        match word {
            "examples" | "example" | "tests" | "test" | "runs" | "tests completed" | "test completed" => {
                total = Some(n);
            }
            "failure" | "failures" | "failed" => sum.failed = n,
            "pending" | "skipped" | "skips" | "excluded" | "skip" => sum.skipped = n,
            "errors"
            | "error"
            | "error occurred outside of examples"
            | "errors occurred outside of examples" => {
                sum.errors = n;
            }
            "assertions" | "assertion" | "doctests" | "doctest" | "properties" => {}
            _ => return None,
        }
    }
    // A bare `5 tests` is no summary.
    if !line.contains(", ") {
        return None;
    }
    let outside = line.contains("outside of examples");
    let errors = if outside { 0 } else { sum.errors };
    sum.passed = rest_of(total?, [sum.failed, errors, sum.skipped]);
    Some(sum)
}

/// `ok | 5 passed | 0 failed | 1 ignored (10ms)`.
fn deno(line: &str) -> Option<Summary> {
    let list = line.strip_prefix("ok | ").or_else(|| line.strip_prefix("FAILED | "))?;
    counted(&pairs(&without_parentheses(list))?)
}

/// `80% tests passed, 1 tests failed out of 5`.
fn ctest(line: &str) -> Option<Summary> {
    let (_, rest) = line.split_once("% tests passed, ")?;
    let (failed, total) = rest.split_once(" tests failed out of ")?;
    let (failed, total): (u32, u32) = (failed.parse().ok()?, total.trim().parse().ok()?);
    Some(Summary { passed: total.saturating_sub(failed), failed, ..Summary::default() })
}

/// Runners that found nothing to run.
fn none(line: &str) -> Option<Summary> {
    const SAID: [&str; 6] = [
        "No tests found, exiting with code",
        "No test files found, exiting with code",
        "No tests executed!",
        "No tests to run",
        "No tests found related to files",
        "No test is available in",
    ];
    SAID.iter().any(|said| line.contains(said)).then(Summary::default)
}
