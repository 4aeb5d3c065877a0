//! One expectation against one run.

use super::{Ended, Summary, http_status, summary};
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
        Check::AllPassed if counts.is_some() => Outcome::Met,
        Check::AllPassed => Outcome::Holds,
        Check::Status(wanted) => match http_status(ended.output) {
            Some(status) if status == *wanted => Outcome::Met,
            Some(status) => Outcome::Unmet(format!("HTTP {status}, expected {wanted}")),
            None => Outcome::Open(format!(
                "expected HTTP {wanted}, and the output shows no status: let curl show it with -i"
            )),
        },
        Check::Contains(text) if shows(ended.output, text) => Outcome::Met,
        Check::Contains(text) => Outcome::Unmet(format!("expected in the output, and not there: {text}")),
        Check::Empty if ended.output.trim().is_empty() => Outcome::Met,
        Check::Empty => {
            let lines = ended.output.trim().lines().count();
            Outcome::Unmet(format!("expected no output, and there {}", plural(lines, "is", "are", "line")))
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

/// Whether `text` stands in `output`, whatever the spaces, and as whole words and numbers: `healthy` is not in `unhealthy`,
/// and 0 is neither in 10 nor in 0.5.
fn shows(output: &str, text: &str) -> bool {
    let wanted: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let Some(first) = wanted.chars().next() else { return true };
    output.match_indices(first).any(|(at, _)| {
        let (before, from) = output.split_at_checked(at).unwrap_or_default();
        let mut before = before.chars().rev();
        let mut behind = from.chars();
        let same = wanted.chars().all(|c| behind.find(|other| !other.is_whitespace()) == Some(c));
        let last = wanted.chars().next_back().unwrap_or(first);
        same && !goes_on(first, before.next(), before.next()) && !goes_on(last, behind.next(), behind.next())
    })
}

/// Whether the word or number that ends with `edge` goes on with `next` and what stands beyond it.
fn goes_on(edge: char, next: Option<char>, beyond: Option<char>) -> bool {
    let wordy = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let decimal = matches!(next, Some('.' | ',')) && beyond.is_some_and(|c| c.is_ascii_digit());
    (wordy(edge) && next.is_some_and(wordy)) || (edge.is_ascii_digit() && decimal)
}
