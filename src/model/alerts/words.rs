//! Steps of alerts in plain words.

use crate::domain::alert::{Moment, Outcome, Step, Why, latest};
use crate::domain::{Clean, Wall, format};
use crate::model::journal::Weight;

/// A step that was recorded at `at` in words, and what it means.
pub fn words(step: &Step, at: Wall) -> (Weight, String) {
    match step {
        Step::Raised { name, why, severity, about, .. } => {
            let weight = if *severity == 1 { Weight::Bad } else { Weight::Warn };
            (weight, format!("alert severity {severity}: {}", subject(name, *why, about)))
        }
        Step::Acknowledged { alert, note } => {
            (Weight::Good, with(&format!("alert a{alert} acknowledged"), note))
        }
        Step::Escalated { alert, routes } => {
            let to = if routes.is_empty() {
                "nobody else to tell".to_owned()
            } else {
                format!("to {}", routes.join(", "))
            };
            (Weight::Warn, format!("alert a{alert} not acknowledged in time: escalated {to}"))
        }
        Step::Delivered { alert, moment, route, outcome, answer, attempt } => {
            delivered(*alert, *moment, route, *outcome, answer, *attempt)
        }
        Step::Resolved { alert, why } => (Weight::Good, with(&format!("alert a{alert} resolved"), why)),
        Step::Muted { what, until, reason } => {
            let until = muted_until(*until, at);
            (Weight::Warn, with(&format!("alerts of {what} muted until {until}"), reason))
        }
        Step::Unmuted { what } => (Weight::Plain, format!("alerts of {what} no longer muted")),
        Step::Other => (Weight::Unknown, "something of an alert that this version does not know".to_owned()),
    }
}

fn delivered(
    alert: u64,
    moment: Moment,
    route: &str,
    outcome: Outcome,
    answer: &Clean,
    attempt: u32,
) -> (Weight, String) {
    let what = match moment {
        Moment::Test => "test".to_owned(),
        Moment::Raised => format!("alert a{alert}"),
        moment => format!("alert a{alert} {moment}"),
    };
    let tries = if attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
    match outcome {
        // It is sent once: nobody tries it again.
        Outcome::Failed if moment == Moment::Test => {
            (Weight::Warn, with(&format!("test not told to {route}"), answer))
        }
        Outcome::Sent => (Weight::Plain, with(&format!("{what} told to {route}{tries}"), answer)),
        Outcome::Failed => (Weight::Warn, with(&format!("{what} not told to {route} yet{tries}"), answer)),
        Outcome::GivenUp => (Weight::Bad, with(&format!("{what} never told to {route}{tries}"), answer)),
    }
}

fn muted_until(until: Wall, at: Wall) -> String {
    format::moment(latest(at, until), at)
}

/// What is bad: `errors > 5 %: 6.1 %, limit 5 %`.
pub(super) fn subject(name: &Clean, why: Why, about: &Clean) -> String {
    let name = match why {
        Why::Failing | Why::Verdict => name.to_string(),
        Why::Unseen => format!("{name} cannot be seen"),
    };
    with(&name, about)
}

fn with(head: &str, detail: &Clean) -> String {
    if detail.is_empty() { head.to_owned() } else { format!("{head}: {detail}") }
}

/// A step that was recorded at `at` as labels and what stands behind them.
pub fn facts(step: &Step, at: Wall) -> Vec<(&'static str, String)> {
    let text = Clean::to_string;
    match step {
        Step::Raised { key, name, severity, about, routes, .. } => vec![
            ("alert", text(name)),
            ("severity", severity.to_string()),
            ("because", text(about)),
            ("goes to", if routes.is_empty() { "no route".to_owned() } else { routes.join(", ") }),
            ("key", key.clone()),
        ],
        Step::Acknowledged { alert, note } => vec![("alert", format!("a{alert}")), ("note", text(note))],
        Step::Escalated { alert, routes } => {
            vec![("alert", format!("a{alert}")), ("escalated to", routes.join(", "))]
        }
        Step::Delivered { alert, moment, route, outcome, answer, attempt } => vec![
            ("alert", if *alert == 0 { "none: a test".to_owned() } else { format!("a{alert}") }),
            ("told of", moment.to_string()),
            ("route", route.clone()),
            ("outcome", outcome.to_string().replace('_', " ")),
            ("answer", text(answer)),
            ("attempt", attempt.to_string()),
        ],
        Step::Resolved { alert, why } => vec![("alert", format!("a{alert}")), ("because", text(why))],
        Step::Muted { what, until, reason } => {
            vec![("muted", text(what)), ("until", muted_until(*until, at)), ("reason", text(reason))]
        }
        Step::Unmuted { what } => vec![("muted no more", text(what))],
        Step::Other => vec![("step", "not known to this version; its bytes are kept".to_owned())],
    }
}
