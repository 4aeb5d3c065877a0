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
        Check::Passed(wanted) => passed(*wanted, &expected.text, ended, counts),
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
        Shown::Yes => match error_beside(ended.output, text) {
            Some(line) => Outcome::Open(format!("{text}, as expected, and beside it: {}", cut(line))),
            None => Outcome::Met,
        },
        Shown::No => Outcome::Unmet(format!("expected in the output, and not there: {text}")),
        Shown::Denied(line) => Outcome::Unmet(format!("expected {text}, and it says: {}", cut(line))),
        Shown::Partly(line) => {
            Outcome::Open(format!("expected {text}, and not all of it says so: {}", cut(line)))
        }
    }
}

/// A line that says that something went wrong, beside the one word that says that all is well.
fn error_beside<'a>(output: &'a str, text: &str) -> Option<&'a str> {
    const WRONG: [&str; 7] = ["error", "fatal", "failed", "failure", "traceback", "panic", "exception"];
    let wrong = |line: &&str| {
        let word =
            line.trim_start().split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
        WRONG.contains(&word.as_str()) && !line.contains(text)
    };
    output
        .lines()
        .find(wrong)
        .filter(|_| !text.contains(' ') && text.chars().all(char::is_alphabetic))
        .map(str::trim)
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

fn passed(wanted: u32, text: &str, ended: &Ended<'_>, counts: Option<&Summary>) -> Outcome {
    let (least, wanted) = match least(text) {
        Some(more) => (true, wanted.saturating_add(u32::from(more))),
        None => (false, wanted),
    };
    match counts {
        Some(counts) if counts.skipped > 0 && forbids_skipping(text) => {
            Outcome::Unmet(format!("{}, and none may be skipped", counts.told()))
        }

        None if summary::only_packages(ended.output) => Outcome::Open(format!(
            "expected {wanted} passed, and this names packages: let go test show its tests with -v"
        )),
        None => Outcome::Open(format!("expected {wanted} passed, and the output shows no counts")),
        Some(counts) if counts.passed == wanted || (least && counts.passed > wanted) => Outcome::Met,
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

/// Whether `text` asks for so many or more; true: for more than so many.
fn least(text: &str) -> Option<bool> {
    const LEAST: [&str; 10] = [
        "at least",
        "≥",
        ">=",
        "or more",
        "minimum",
        "mindestens",
        "au moins",
        "al menos",
        "pelo menos",
        "不少于",
    ];
    const MORE: [&str; 5] = ["more than", "mehr als", "plus de", "más de", "mais de"];
    let text = text.to_lowercase();
    let has = |list: &[&str]| list.iter().any(|word| text.contains(word));
    if has(&MORE) {
        return Some(true);
    }
    let plus = text.split_whitespace().any(|word| {
        word.strip_suffix('+')
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    });
    (has(&LEAST) || plus).then_some(false)
}

fn forbids_skipping(text: &str) -> bool {
    let text = text.to_lowercase();
    [
        "none skipped",
        "no skipped",
        "nothing skipped",
        "without skipped",
        "0 skipped",
        "no skips",
        "keiner übersprungen",
        "aucun ignoré",
        "ninguno omitido",
        "nenhum ignorado",
    ]
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
