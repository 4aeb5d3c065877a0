//! The recommendation, and what it rests on.
//!
//! Nothing is taken for good that was not seen to be: what is unseen, stale, claimed or only waived stands in the way of
//! "proceed" like what is open.

use crate::domain::VerdictState;
use crate::domain::revision::suffix;

use super::Input;
use super::facts::{Figures, Recommendation, Report, Said};
use super::gates::told;
use super::judge::{failing, named, newest, quoted, rolled_back, unseen};
use super::words;

/// More of the time unknown than this, and nothing is recommended.
const UNKNOWN_ALLOWED: f64 = 0.05;

/// What the records recommend.
pub(super) fn recommend(input: &Input<'_>, report: &Report) -> Recommendation {
    let against = against(input, report);
    let open = open(input, report);
    let rolled = report.services.iter().find_map(|service| Some((service, service.candidate.as_ref()?)));
    let what = rolled.map_or_else(
        || "this deployment".to_owned(),
        |(service, candidate)| format!("{} {}", service.name, suffix(&service.name, &candidate.name)),
    );
    let (state, text) = if report.period.records == 0 {
        ("hold", "Nothing was recorded, so nothing can be recommended.".to_owned())
    } else if !against.is_empty() {
        ("do_not_proceed", format!("Do not proceed with {what}."))
    } else if !open.is_empty() {
        let until = if report.next_steps.is_empty() {
            "it is known how it stands"
        } else {
            "what is open has been settled"
        };
        ("hold", format!("Hold {what} until {until}."))
    } else {
        ("proceed", format!("Proceed with {what}."))
    };
    let expected = report.signals.iter().any(|signal| signal.state == Some("fail"));
    let fails = if expected { "fails that was not expected to" } else { "that was watched fails" };
    let because = match state {
        "do_not_proceed" => against,
        "hold" => open,
        _ => vec![Said {
            text: if report.measures_nothing() {
                "The verdict is GO and nothing required is open; this room measures nothing.".to_owned()
            } else {
                format!("The verdict is GO, nothing required is open, and nothing {fails}.")
            },
            record: report.verdict.record,
        }],
    };
    Recommendation { state, text, because }
}

fn against(input: &Input<'_>, report: &Report) -> Vec<Said> {
    let mut reasons: Vec<Said> = Vec::new();
    let mut say = |text: String, record: Option<u64>| reasons.push(Said { text, record });
    if let Some(op) = rolled_back(&report.operations) {
        say(format!("{} by {} {}.", op.what, op.by, op.ending()), Some(op.record));
    }
    if let Some(state @ (VerdictState::NoGo | VerdictState::RollBack)) = report.verdict.state
        && waived_since(report).is_none()
    {
        let why = report.verdict.reasons.first().map(|why| format!(": {why}")).unwrap_or_default();
        let end = report.end();
        say(format!("The verdict {end} was {}{why}.", state.word()), report.verdict.record);
    }
    let failing = failing(input, &report.signals);
    if !failing.is_empty() {
        let names = named(&failing, |signal| signal.name.clone());
        let verb = match failing.len() {
            _ if report.figures.verdicts.unwritten >= 1.0 => "failed",
            1 => "fails",
            _ => "fail",
        };
        let (end, count) = (words::sentence(&report.end()), words::few(failing.len(), "condition"));
        say(format!("{end} {count} {verb}: {names}."), newest(&failing));
    }
    for gate in report.gates.iter().filter(|gate| matches!(gate.state, "failed" | "timed_out")) {
        if input.room.report.expects(&gate.name).is_none() && !gate.waived {
            say(format!("The gate {} {}.", gate.name, gate.result()), gate.record);
        }
    }
    for item in report.items.rows.iter().filter(|item| item.state == "failed") {
        say(format!("“{}” failed.", item.text), item.record);
    }
    for item in report.items.rows.iter().filter(|item| item.state == "happened") {
        say(format!("“{}” happened.", item.text), item.record);
    }
    reasons
}

fn open(input: &Input<'_>, report: &Report) -> Vec<Said> {
    let mut reasons: Vec<Said> = Vec::new();
    let mut say = |text: String, record: Option<u64>| reasons.push(Said { text, record });
    if let Some(words) = waived_since(report) {
        say(words, report.verdict.record);
    }
    match report.verdict.state {
        None => say("No verdict was recorded.".to_owned(), None),
        Some(VerdictState::Hold) => {
            let blind = if report.verdict.blind { ", because something could not be seen" } else { "" };
            let why = report.verdict.reasons.first().map(|why| format!(": {why}")).unwrap_or_default();
            let end = report.end();
            say(format!("The verdict {end} was HOLD{blind}{why}."), report.verdict.record);
        }
        Some(_) => {}
    }
    let total = report.period.seconds.unwrap_or(0.0);
    let unknown = report.figures.verdicts.unknown + report.figures.verdicts.blind;
    if report.figures.unknown_share(total) > UNKNOWN_ALLOWED && total > 0.0 {
        let (length, of) = (words::length(unknown), words::length(total));
        let rest = report.figures.measured.map_or_else(
            || "nothing was measured".to_owned(),
            |records| {
                format!("what was measured stands in #{} to #{}", records.first_record, records.last_record)
            },
        );
        let time = if unknown >= total {
            "At no time is it known".to_owned()
        } else {
            format!("For {length} of {of} it is not known")
        };
        say(format!("{time} how things stood: {rest}."), None);
    }
    let counts = &report.items.counts;
    if counts.required_open > 0 {
        let verb = if counts.required_open == 1 { "is" } else { "are" };
        let count = words::few(counts.required_open, "required item");
        let names = named(&report.items.required_open(), |item| quoted(item));
        say(format!("{} {verb} not settled: {names}.", words::sentence(&count)), None);
    }
    if counts.lapsed > 0 {
        let lapsed = report.items.lapsed();
        let (count, names) = (words::few(lapsed.len(), "sign-off"), named(&lapsed, |item| quoted(item)));
        let record = lapsed.iter().filter_map(|item| item.record).max();
        say(format!("{} lapsed: {names}.", words::sentence(&count)), record);
    }
    for op in report.operations.iter().filter(|op| op.is_unfinished()) {
        say(format!("{} {}.", op.what, op.ending()), Some(op.record));
    }
    told::proves_nothing(&report.gates, &mut say);
    let unseen = unseen(input, &report.signals);
    if !unseen.is_empty() {
        let names = named(&unseen, |signal| signal.name.clone());
        let end = words::sentence(&report.end());
        say(format!("{end} these could not be judged: {names}."), newest(&unseen));
    }
    reasons
}

/// That the verdict written down last rests on gates alone whose items were waived after it, in words.
fn waived_since(report: &Report) -> Option<String> {
    let verdict = &report.verdict;
    let (state, since) = (verdict.state?, verdict.since.filter(|_| verdict.basis != "live")?);
    let about_gate = |gate: &&super::facts::Gate| {
        let reason = verdict.reasons.iter().any(|reason| reason.contains(&format!("gate {}", gate.name)));
        gate.waived && reason
    };
    let gate = report.gates.iter().find(about_gate)?;
    (state == VerdictState::NoGo && verdict.reasons.len() == 1).then(|| {
        format!(
            "The last verdict, of {} UTC, was {}, for the gate {} failed; it was waived since, and nobody judged anew.",
            since.0.format("%H:%M:%S"),
            state.word(),
            gate.name
        )
    })
}

impl Figures {
    /// The share of the period of which nothing is known: nobody watched, or what was watched could not be seen.
    fn unknown_share(&self, total: f64) -> f64 {
        if total <= 0.0 { 1.0 } else { (self.verdicts.unknown + self.verdicts.blind) / total }
    }
}
