//! One expectation against one run.

use super::shown::{Shown, shown};
use super::{Ended, Summary, answer, http_status, summary};
use crate::domain::plan::{Check, Expected};

/// What came of a comparison.
pub(super) enum Outcome {
    /// It is as expected, and that is evidence.
    Met,
    /// Nothing against it; no evidence by itself.
    Holds,
    /// It is otherwise.
    Unmet(String),
    /// The output does not tell.
    Open(String),
}

pub(super) fn compare(expected: &Expected, ended: &Ended<'_>, counts: Option<&Summary>) -> Outcome {
    match &expected.check {
        Check::Person => Outcome::Holds,
        Check::Within(limit) => within(*limit, ended),
        Check::Passed(wanted) => passed(*wanted, ended, counts),
        Check::AllPassed
            if counts.is_some_and(|counts| counts.skipped > 0) && forbids_skipping(&expected.text) =>
        {
            Outcome::Unmet(format!("{}, and none may be skipped", counts.copied().unwrap_or_default().told()))
        }
        Check::AllPassed if counts.is_some() => Outcome::Met,
        Check::AllPassed => Outcome::Holds,
        Check::Status(wanted) => match http_status(ended.output) {
            Some(status) if status == *wanted => Outcome::Met,
            Some(status) => Outcome::Unmet(format!("HTTP {status}, expected {wanted}")),
            None => Outcome::Open(format!(
                "expected HTTP {wanted}, and the output shows no status: let curl show it with -i"
            )),
        },
        Check::Contains(text) => contains(text, ended),
        Check::Empty if ended.output.trim().is_empty() => Outcome::Met,
        Check::Empty => {
            let lines = ended.output.trim().lines().count();
            Outcome::Unmet(format!("expected no output, and there {}", plural(lines, "is", "are", "line")))
        }
    }
}

/// A text, of which a count of failures beside it, the answer's status or a `false` behind it may say otherwise.
fn contains(text: &str, ended: &Ended<'_>) -> Outcome {
    const GOOD: [&str; 9] =
        ["pass", "passed", "passes", "passing", "success", "successful", "succeeded", "ok", "green"];
    if GOOD.contains(&text.trim().to_lowercase().as_str())
        && let Some(counts) = summary(ended.output).filter(|counts| counts.failed + counts.errors > 0)
    {
        return Outcome::Unmet(format!("{}, expected {text}", counts.told()));
    }
    if let (Some(wanted), Some(status)) = (answer::status(text.trim()), answer::status_line(ended.output))
        && status != wanted
    {
        return Outcome::Unmet(format!("HTTP {status}, expected {wanted}"));
    }
    let cut = |line: &str| line.chars().take(120).collect::<String>();
    match shown(ended.output, text) {
        Shown::Yes => Outcome::Met,
        Shown::No => Outcome::Unmet(format!("expected in the output, and not there: {text}")),
        Shown::Denied(line) => Outcome::Unmet(format!("expected {text}, and it says: {}", cut(line))),
        Shown::Partly(line) => {
            Outcome::Open(format!("expected {text}, and not all of it says so: {}", cut(line)))
        }
    }
}

fn plural(n: usize, one: &str, many: &str, what: &str) -> String {
    if n == 1 { format!("{one} 1 {what}") } else { format!("{many} {n} {what}s") }
}

fn within(limit: u64, ended: &Ended<'_>) -> Outcome {
    let took = ended.took.as_millis();
    if took < u128::from(limit) {
        return Outcome::Holds;
    }
    let seconds = |ms: f64| format!("{} s", (ms / 100.0).round() / 10.0);
    Outcome::Unmet(format!("took {}, expected under {}", seconds(took as f64), seconds(limit as f64)))
}

fn passed(wanted: u32, ended: &Ended<'_>, counts: Option<&Summary>) -> Outcome {
    match counts {
        None if summary::only_packages(ended.output) => Outcome::Open(format!(
            "expected {wanted} passed, and this names packages: let go test show its tests with -v"
        )),
        None => Outcome::Open(format!("expected {wanted} passed, and the output shows no counts")),
        Some(counts) if counts.passed == wanted => Outcome::Met,
        Some(counts) if ended.cut => Outcome::Open(format!(
            "expected {wanted} passed; the kept end of the output shows {}",
            counts.passed
        )),
        Some(counts) if counts.passed > wanted => Outcome::Open(format!(
            "{} passed, the document expects {wanted}: one of them is out of date",
            counts.passed
        )),
        Some(counts) => Outcome::Unmet(format!("{}, expected {wanted} passed", counts.told())),
    }
}

fn forbids_skipping(text: &str) -> bool {
    let text = text.to_lowercase();
    ["none skipped", "no skipped", "nothing skipped", "without skipped", "0 skipped"]
        .iter()
        .any(|said| text.contains(said))
}

/// What says that nothing was tested, of a test that ended well.
pub(super) fn did_nothing(command: &str, output: &str) -> Option<String> {
    const SAID: [&str; 12] = [
        "nothing to be done for",
        "no tests were found",
        "no tests found",
        "tests are skipped",
        "no-source",
        "0 scenarios",
        "no tests to run",
        "no tests ran",
        "no test files found",
        "no test specified",
        "no tests executed",
        "nothing to test",
    ];
    const TOLD: [&str; 9] = [
        "--no-run",
        "--markers",
        "--fixtures",
        "--collect-only",
        "--listTests",
        "-DskipTests",
        "-Dmaven.test.skip",
        "--list-tests",
        "--if-present",
    ];
    let cut = |line: &str| line.trim().chars().take(120).collect::<String>();
    let said = |line: &&str| {
        let lower = line.to_lowercase();
        let up_to_date =
            lower.trim_start().starts_with("make") && lower.trim_end().ends_with("is up to date.");
        up_to_date || SAID.iter().any(|said| lower.contains(said))
    };
    let line =
        output.lines().rev().take(200).find(said).map(|line| format!("nothing was tested: {}", cut(line)));
    let option = || {
        let option = command.split_whitespace().find(|word| {
            let bare = word.split('=').next().unwrap_or(word);
            TOLD.contains(&bare) && (bare != "--if-present" || output.trim().is_empty())
        });
        option.map(|option| format!("{option} runs no tests: look at the output"))
    };
    line.or_else(option)
}
