//! The heading, the purpose and the summary: a few sentences as a person would write them.

use std::collections::BTreeSet;

use crate::domain::VerdictState;
use crate::domain::attestation::Kind;
use crate::domain::revision::suffix;

use super::Input;
use super::facts::{Item, Report, Service, Signal, T0};
use super::gates::told;
use super::judge::lower;
use super::words::{self, count, few, length, list, number, sentence};

/// So many seconds at the end of a rollout may be in no record.
const BLANK: f64 = 5.0;

/// The same of one that goes on: a console writes down once a minute what it saw.
const BLANK_OPEN: f64 = 30.0;

/// The heading.
pub(super) fn title(input: &Input<'_>, services: &[Service]) -> String {
    if !input.room.report.title.is_empty() {
        return input.room.report.title.clone();
    }
    let what = match candidates(services).as_slice() {
        [] => input.room.name.clone(),
        names => list(names),
    };
    format!("Deployment validation report: {what}")
}

/// `chat-backend 00418-ral` for each service that rolls something out.
fn candidates(services: &[Service]) -> Vec<String> {
    let name = |service: &Service| {
        let candidate = service.candidate.as_ref()?;
        Some(format!("{} {}", service.name, suffix(&service.name, &candidate.name)))
    };
    services.iter().filter_map(name).collect()
}

/// What the deployment was to show.
pub(super) fn purpose(input: &Input<'_>, services: &[Service]) -> String {
    if !input.room.report.purpose.is_empty() {
        return input.room.report.purpose.clone();
    }
    let what = match candidates(services).as_slice() {
        [] => format!("the deployment in the room {}", input.room.name),
        names => format!("the deployment of {}", list(names)),
    };
    let titles: Vec<String> =
        input.documents.iter().map(|document| format!("“{}”", document.title)).collect();
    let against = if titles.is_empty() { String::new() } else { format!(" against {}", list(&titles)) };
    format!("Validate {what} in {}{against}.", input.room.environment.name)
}

/// The summary.
pub(super) fn summary(input: &Input<'_>, report: &Report) -> Vec<String> {
    if report.period.records == 0 {
        return vec![
            "The journal holds no records: no rollout, no verdict, no operation. So nothing in this report is known to \
             have been good."
                .to_owned(),
        ];
    }
    let happened = [what(report)].into_iter().chain(traffic(report)).chain(rollbacks(report));
    let stood = [verdict(report)].into_iter().chain(unwatched(report)).chain(watched(report));
    let proved = items(report).into_iter().chain(told::summary(report)).chain(findings(report));
    let measured = signals(input, &report.signals).into_iter().chain(left_behind(report));
    let paragraphs: [Vec<String>; 4] =
        [happened.collect(), stood.collect(), measured.collect(), proved.collect()];
    paragraphs.into_iter().filter(|said| !said.is_empty()).map(|said| said.join(" ")).collect()
}

fn what(report: &Report) -> String {
    let environment = &report.environment.name;
    let when = report.period.from.zip(report.period.until);
    let length = words::lasting(report.period.seconds.unwrap_or(0.0));
    let when = when.map(|(from, until)| format!("{} ({length})", words::span(from.0, until.0)));
    let when = when.unwrap_or_else(|| "at a time that nobody recorded".to_owned());
    let rolled: Vec<String> = candidates(&report.services);
    if let Some(rollout) = report.rollout.as_ref().filter(|_| report.services.is_empty()) {
        let of = rollout.candidate.as_ref().map(|candidate| format!(" of {candidate}")).unwrap_or_default();
        let ended =
            rollout.outcome.map_or_else(|| "is not over".to_owned(), |outcome| format!("was {outcome}"));
        return format!(
            "The rollout{of} in {environment}, {when}, {ended}. This room watches no service: what is known of it \
             is what people said, and what gates showed."
        );
    }
    let begun = match rolled.as_slice() {
        [] => format!("No new revision was seen to get traffic in {environment} {when}"),
        [one] => format!("{one} was rolled out in {environment} {when}"),
        several => format!("{} were rolled out in {environment} {when}", list(several)),
    };
    match report.rollout.as_ref().and_then(|rollout| rollout.outcome) {
        Some(outcome) => format!("{begun}; the rollout was {outcome}."),
        None if report.rollout.is_some() => format!("{begun}; the rollout is not over."),
        None => format!("{begun}."),
    }
}

fn traffic(report: &Report) -> Option<String> {
    let T0 { at, basis, record } = report.figures.t0?;
    let how = match basis {
        "marked" => "as marked by a person",
        "detected" => "as the room saw",
        _ => "by the recorded splits",
    };
    let splits = report.services.iter().filter(|service| service.candidate.is_some());
    let ends: Vec<String> = splits
        .filter_map(|service| Some(format!("{} served {}", service.name, service.split.as_ref()?)))
        .collect();
    let last = if report.period.open { "when last seen," } else { "at the end" };
    let ends = if ends.is_empty() { String::new() } else { format!("; {last} {}", list(&ends)) };
    Some(format!(
        "It got its first traffic at {} UTC, {how}{}{ends}.",
        at.0.format("%H:%M:%S"),
        evidence(record)
    ))
}

/// ` (#12)`, where there is a record.
pub(super) fn evidence(record: Option<u64>) -> String {
    record.map(|record| format!(" (#{record})")).unwrap_or_default()
}

fn rollbacks(report: &Report) -> Vec<String> {
    let all: Vec<_> = report.operations.iter().filter(|op| op.kind == "rollback").collect();
    if all.is_empty() {
        return vec!["No rollback was asked for.".to_owned()];
    }
    let each = all.iter().map(|op| {
        let why =
            if op.reason.is_empty() { String::new() } else { format!(", because of “{}”", op.reason) };
        let at = op.at.0.format("%H:%M:%S");
        format!(
            "{} asked for the {} at {at} UTC{why}; it {} (#{}).",
            op.by,
            lower(&op.what),
            op.ending(),
            op.record
        )
    });
    each.collect()
}

fn verdict(report: &Report) -> String {
    let Some(state) = report.verdict.state else {
        return "No verdict was recorded.".to_owned();
    };
    let live = report.verdict.basis == "live";
    let now = if live { "The verdict is" } else { "The last recorded verdict was" };
    let since = report.verdict.since.map(|since| format!(", since {} UTC", since.0.format("%H:%M:%S")));
    let since = since.unwrap_or_default();
    let blind = if report.verdict.blind { ", because something could not be seen" } else { "" };
    let record = evidence(report.verdict.record);
    let newer = report.verdict.reasons_record.filter(|newer| Some(*newer) != report.verdict.record);
    let told = evidence(newer);
    let why = match report.verdict.reasons.as_slice() {
        [] => String::new(),
        [only] if state == VerdictState::Go => format!(", with one reservation: {only}{told}"),
        [first, rest @ ..] if state == VerdictState::Go => {
            format!(", with reservations: {first}{told}, and {} more", number(rest.len()))
        }
        [only] => format!(": {only}{told}"),
        [first, rest @ ..] => format!(": {first}{told}, and {}", few(rest.len(), "further reason")),
    };
    format!("{now} {}{since}{record}{blind}{why}.", state.word())
}

/// That no record tells of the end, so that the last verdict is none of the end.
pub(super) fn unwatched(report: &Report) -> Option<String> {
    let (seen, until) = (report.verdict.seen_until?.0, report.period.until?.0);
    let blank = (until - seen).as_seconds_f64();
    if report.figures.verdicts.unwritten > 0.0 || report.measures_nothing() {
        return None;
    }
    let allowed = if report.period.open { BLANK_OPEN } else { BLANK };
    (blank > allowed).then(|| {
        let (at, last) = (seen.format("%H:%M:%S"), length(blank));
        format!("After {at} UTC nothing was measured: no record tells how it stood in the last {last}.")
    })
}

fn watched(report: &Report) -> Option<String> {
    let total = report.period.seconds.filter(|total| *total > 0.0)?;
    let times = &report.figures.verdicts;
    let parts: Vec<String> = [
        (times.go, "GO"),
        (times.hold, "HOLD"),
        (times.blind, "HOLD for want of data"),
        (times.no_go, "NO-GO"),
        (times.roll_back, "ROLL BACK"),
    ]
    .into_iter()
    .filter(|(seconds, _)| *seconds > 0.0)
    .map(|(seconds, word)| format!("{word} for {}", length(seconds)))
    .collect();
    if report.measures_nothing() {
        return Some(
            "This room measures nothing: what is known is what people said, and what gates showed."
                .to_owned(),
        );
    }
    if parts.is_empty() {
        return Some("How it stood over the whole time was not measured.".to_owned());
    }
    let unknown = if times.unknown / total > 0.001 && times.unknown >= 1.0 {
        format!("; for {} nobody watched, and nothing is known of that time", length(times.unknown))
    } else {
        String::new()
    };
    let unwritten = if times.unwritten >= 1.0 {
        let last = length(times.unwritten);
        format!("; the last {last} of it are not yet written down by the console that watches")
    } else {
        String::new()
    };
    Some(format!("Over this time it stood at {}{unknown}{unwritten}.", list(&parts)))
}

fn items(report: &Report) -> Option<String> {
    let counts = &report.items.counts;
    if report.items.documents.is_empty() {
        return None;
    }
    if counts.all == 0 {
        return Some("The documents hold no item to sign off.".to_owned());
    }
    let by = signed_by(&report.items.rows);
    let parts: Vec<String> = [
        (counts.done, "signed off", by.as_str()),
        (counts.waived, "waived", ""),
        (counts.not_applicable, "not applicable", ""),
        (counts.failed, "failed", ""),
        (counts.lapsed, "lapsed", ""),
        (counts.open, "open", ""),
    ]
    .into_iter()
    .filter(|(n, ..)| *n > 0)
    .map(|(n, word, more)| format!("{} {} {word}{more}", number(n), if n == 1 { "is" } else { "are" }))
    .collect();
    let required = match counts.required_open {
        0 => "nothing required is open".to_owned(),
        1 => "one that is required is not settled".to_owned(),
        n => format!("{} that are required are not settled", number(n)),
    };
    let claimed = match counts.claimed {
        0 => String::new(),
        n => {
            let verb = if n == 1 { "is" } else { "are" };
            let count = sentence(&number(n));
            format!(" {count} {verb} ticked in the documents only, which is a claim and no attestation.")
        }
    };
    let all = count(counts.all as u64, "item");
    if counts.done == counts.all && counts.all > 1 {
        return Some(format!("All {all} are signed off{by}.{claimed}"));
    }
    if counts.open == counts.all {
        let none = if counts.all == 1 {
            "The one item is open".to_owned()
        } else {
            format!("None of {all} is signed off")
        };
        return Some(format!("{none}; {required}.{claimed}"));
    }
    Some(format!("Of {all}, {}; {required}.{claimed}", list(&parts)))
}

/// Whose word the sign-offs are: persons, the room's evidence, approvals that were only recorded here.
fn signed_by(rows: &[Item]) -> String {
    let of = |kind: Kind| {
        rows.iter().filter(move |row| row.state == "done" && row.counts() && row.kind == Some(kind))
    };
    let people: BTreeSet<&str> = of(Kind::Person).filter_map(|row| row.by.as_deref()).collect();
    let (machine, recorded) = (of(Kind::Machine).count(), of(Kind::Recorded).count());
    let mut parts = Vec::new();
    if !people.is_empty() {
        let some = if machine + recorded > 0 {
            format!("{} ", number(of(Kind::Person).count()))
        } else {
            String::new()
        };
        parts.push(format!("{some}by {}", few(people.len(), "person")));
    }
    if machine > 0 {
        parts.push(format!("{} by the room on evidence", number(machine)));
    }
    if recorded > 0 {
        parts.push(format!("{} approved elsewhere, as recorded here", number(recorded)));
    }
    if parts.is_empty() { String::new() } else { format!(" ({})", list(&parts)) }
}

fn signals(input: &Input<'_>, signals: &[Signal]) -> Option<String> {
    let measured: Vec<&Signal> = signals.iter().filter(|signal| signal.is_measured()).collect();
    if signals.is_empty() {
        return None;
    }
    if measured.is_empty() {
        return Some(format!("{} watched, and none was measured.", are(signals.len(), "condition")));
    }
    let failed: Vec<&&Signal> = measured.iter().filter(|signal| signal.seconds.fail > 0.0).collect();
    let name = |signal: &&&Signal| {
        let expected = input.room.report.expects(&signal.name).map_or("", |_| " (expected)");
        format!("“{}” for {}{expected}", signal.name, length(signal.seconds.fail))
    };
    let blind = signals.iter().filter(|signal| !signal.is_judged()).count();
    let head = if failed.is_empty() {
        format!("None of {} was bad while watched", count(measured.len() as u64, "condition"))
    } else {
        let mut names: Vec<String> = failed.iter().take(4).map(name).collect();
        if failed.len() > 4 {
            names.push(format!("{} more", failed.len() - 4));
        }
        let all = count(measured.len() as u64, "condition");
        let verb = if failed.len() == 1 { "was" } else { "were" };
        format!("Of {all}, {} {verb} bad at some time: {}", number(failed.len()), list(&names))
    };
    let blind = match blind {
        0 => String::new(),
        n => format!(
            "; {} never be judged",
            if n == 1 { "one could".to_owned() } else { format!("{n} could") }
        ),
    };
    Some(format!("{head}{blind}."))
}

/// `Two conditions were`.
fn are(n: usize, noun: &str) -> String {
    format!("{} {}", sentence(&few(n, noun)), if n == 1 { "was" } else { "were" })
}

/// Conditions that were bad at the end only because of a revision that serves no more.
fn left_behind(report: &Report) -> Option<String> {
    let left: Vec<String> =
        report.signals.iter().filter(|signal| signal.is_echo()).map(|s| format!("“{}”", s.name)).collect();
    let verb = if left.len() == 1 { "was" } else { "were" };
    (!left.is_empty()).then(|| {
        format!(
            "At the end {} {verb} still bad, but only of the revision that was rolled back: that says nothing of what serves now.",
            list(&left)
        )
    })
}

fn findings(report: &Report) -> Option<String> {
    let open = report.findings.iter().filter(|finding| !finding.expected).count();
    (open > 0).then(|| format!("The documents themselves raise {}, listed below.", few(open, "question")))
}
