//! What the facts come to: the verdict, what was expected to fail, and what is to be done next.

use std::collections::BTreeMap;

use crate::domain::{Clean, Entry, ReasonKind, Record, VerdictState};

use super::Input;
use super::facts::{At, Expected, Gate, Item, Items, Loss, Operation, Report, Said, Signal, Verdict};
use super::gates::told;
use super::measures::Sums;
use super::scope::Scope;
use super::words;

/// So many names are said; the rest is counted.
const NAMED: usize = 5;

/// The verdict at the end: as the open room judges, else as recorded last.
pub(super) fn verdict(input: &Input<'_>, scope: &Scope<'_>, sums: &Sums) -> Verdict {
    if let Some(live) = input.live.filter(|live| live.verdict.since.is_some()) {
        return Verdict {
            state: Some(live.verdict.state),
            blind: live.verdict.blind,
            act: Some(live.verdict.act.clone()).filter(|act| !act.is_empty()),
            reasons: live
                .verdict
                .reasons
                .iter()
                .filter(|r| r.kind != ReasonKind::Holding)
                .map(crate::domain::Reason::told)
                .collect(),
            since: live.verdict.since.map(|since| At(since.wall)),
            basis: "live",
            record: None,
            reasons_record: None,
            seen_until: Some(At(input.now)),
            overrides: overrides(scope),
        };
    }
    let mut found = Verdict {
        state: None,
        blind: false,
        act: None,
        reasons: Vec::new(),
        since: None,
        basis: "recorded",
        record: None,
        reasons_record: None,
        seen_until: None,
        overrides: overrides(scope),
    };
    for record in scope.until_end() {
        if let Entry::Verdict { to, reasons, .. } = &record.entry {
            found.state = Some(*to);
            found.reasons = if *to == VerdictState::Go { Vec::new() } else { reasons.clone() };
            (found.since, found.record) = (Some(At(record.at)), Some(record.seq));
        }
    }
    match &sums.last {
        Some(last) if found.state.is_none() => {
            (found.state, found.record, found.since) = (Some(last.state), last.record, Some(At(last.since)));
            (found.reasons, found.reasons_record) = (last.reasons.clone(), last.record);
        }
        // The verdict stayed, and its reasons went on changing.
        Some(last)
            if found.state == Some(last.state) && last.record > found.record && !last.reasons.is_empty() =>
        {
            (found.reasons, found.reasons_record) = (last.reasons.clone(), last.record);
        }
        _ => found.reasons_record = found.record.filter(|_| !found.reasons.is_empty()),
    }
    let measured = sums.last.as_ref().map(|last| At(last.until));
    found.seen_until = measured.max(found.since.filter(|_| found.record.is_some()));
    found.blind = found.state == Some(VerdictState::Hold) && sums.ends_blind;
    found
}

/// What people said instead of the room's verdict; the word that stood already when it began included.
fn overrides(scope: &Scope<'_>) -> Vec<Said> {
    let said = |record: &Record| {
        let by = &record.by;
        let text = match &record.entry {
            Entry::Overrode { state, over, reason, until, .. } => {
                let (state, over, until) = (state.word(), over.word(), words::moment(*until));
                format!("{by} overrode {over} with {state} until {until}: {reason}")
            }
            Entry::OverrideEnded => format!("{by} ended the override"),
            _ => return None,
        };
        Some(Said { text, record: Some(record.seq) })
    };
    let is_word = |record: &&Record| matches!(&record.entry, Entry::Overrode { .. } | Entry::OverrideEnded);
    let before = scope.earlier.iter().rfind(is_word).filter(|record| stood(scope, record));
    before.into_iter().chain(scope.until_end()).filter_map(said).collect()
}

/// Conditions that a person accepted, with what was seen of them; also those that were accepted when it began.
fn accepted(scope: &Scope<'_>, signals: &[Signal]) -> Vec<Expected> {
    let row = |record: &Record| {
        let Entry::Accepted { condition, what, reason, .. } = &record.entry else { return None };
        let signal = signals.iter().find(|signal| signal.name == *condition);
        let bad = signal.map(|signal| signal.seconds.accepted).filter(|seconds| *seconds > 0.0);
        let bad = bad.map_or_else(String::new, |s| format!("; bad while accepted for {}", words::length(s)));
        Some(Expected {
            kind: "accepted",
            name: Clean::new(condition),
            reason: reason.clone(),
            seen: format!("accepted {} by {}{bad}", what.words(), record.by),
            record: Some(record.seq),
        })
    };
    let mut newest: BTreeMap<&str, &Record> = BTreeMap::new();
    for record in scope.earlier {
        if let Entry::Accepted { condition, .. } | Entry::AcceptanceEnded { condition } = &record.entry {
            newest.insert(condition, record);
        }
    }
    let before = newest.into_values().filter(|record| stood(scope, record));
    before.chain(scope.until_end()).filter_map(row).collect()
}

/// Whether a ruling from before it still stood when it began.
fn stood(scope: &Scope<'_>, record: &Record) -> bool {
    match &record.entry {
        Entry::Overrode { until, .. } | Entry::Accepted { until, .. } => {
            scope.from.is_some_and(|from| from < *until)
        }
        _ => false,
    }
}

/// What was known to fail: by the config, accepted by a person, or waived.
pub(super) fn expected(
    input: &Input<'_>,
    scope: &Scope<'_>,
    signals: &[Signal],
    losses: &[Loss],
    items: &Items,
) -> Vec<Expected> {
    let mut rows = Vec::new();
    for spec in &input.room.report.expected {
        let is_it = |text: &str| text.to_lowercase().contains(&spec.what.to_lowercase());
        let mut seen: Vec<String> = Vec::new();
        for signal in signals.iter().filter(|signal| is_it(&signal.name)) {
            seen.push(format!("“{}” {}", signal.name, how_it_failed(signal)));
        }
        for loss in losses.iter().filter(|loss| is_it(&loss.source)) {
            seen.push(format!("{} was down for {}", loss.source, words::length(loss.seconds)));
        }
        let seen =
            if seen.is_empty() { "nothing of this name was seen".to_owned() } else { words::list(&seen) };
        let (name, reason) = (Clean::new(&spec.what), Clean::new(&spec.reason));
        rows.push(Expected { kind: "configured", name, reason, seen, record: None });
    }
    rows.extend(accepted(scope, signals));
    for item in items.rows.iter().filter(|item| item.state == "waived") {
        rows.push(Expected {
            kind: "waived",
            name: item.text.clone(),
            reason: item.note.clone().unwrap_or_default(),
            seen: format!("waived by {}", item.by.as_deref().unwrap_or("somebody")),
            record: item.record,
        });
    }
    rows
}

fn how_it_failed(signal: &Signal) -> String {
    let fail = signal.seconds.fail;
    if !signal.is_measured() {
        return "was never measured".to_owned();
    }
    if fail <= 0.0 {
        return "was not bad".to_owned();
    }
    let length = words::length(fail);
    match signal.state {
        Some("fail") => format!("was bad for {length} and still is"),
        Some(_) => format!("was bad for {length} and is not now"),
        None => format!("was bad for {length}, and was not measured at the end"),
    }
}

/// Conditions that fail at the end, speak of what serves then, and are not expected to.
pub(super) fn failing<'a>(input: &Input<'_>, signals: &'a [Signal]) -> Vec<&'a Signal> {
    let counts = |signal: &&Signal| !signal.left_behind && input.room.report.expects(&signal.name).is_none();
    signals.iter().filter(|signal| signal.state == Some("fail")).filter(counts).collect()
}

/// Conditions that cannot be judged at the end, and are not expected to.
pub(super) fn unseen<'a>(input: &Input<'_>, signals: &'a [Signal]) -> Vec<&'a Signal> {
    let counts = |signal: &&Signal| !signal.left_behind && input.room.report.expects(&signal.name).is_none();
    let blind = |signal: &&Signal| matches!(signal.state, None | Some("no_data" | "stale" | "inconclusive"));
    signals.iter().filter(blind).filter(counts).collect()
}

pub(super) fn named<T>(all: &[T], name: impl Fn(&T) -> String) -> String {
    let mut names: Vec<String> = all.iter().take(NAMED).map(name).collect();
    if all.len() > NAMED {
        names.push(format!("{} more", all.len() - NAMED));
    }
    words::list(&names)
}

/// An item with its place, which is its evidence while nobody said anything of it.
pub(super) fn quoted(item: &Item) -> String {
    format!("“{}” ({}:{})", item.text, item.document, item.line)
}

/// The newest record that measured one of them.
pub(super) fn newest(signals: &[&Signal]) -> Option<u64> {
    signals.iter().filter_map(|signal| signal.record).max()
}

/// What is to be done next, by what is open; the most pressing first.
pub(super) fn next_steps(input: &Input<'_>, report: &Report, left: &[Said]) -> Vec<Said> {
    let mut steps: Vec<Said> = Vec::new();
    let mut say = |text: String, record: Option<u64>| steps.push(Said { text, record });
    for op in report.operations.iter().filter(|op| op.is_unfinished()) {
        say(format!("Find out whether this happened: {} {}.", lower(&op.what), op.ending()), Some(op.record));
    }
    if report.verdict.state == Some(VerdictState::RollBack) {
        let why = report.verdict.reasons.first().map(|why| format!(": {why}")).unwrap_or_default();
        say(format!("Decide on the rollback that the room asks for{why}."), report.verdict.record);
    }
    let failing = failing(input, &report.signals);
    if !failing.is_empty() {
        let names = named(&failing, |s| s.name.clone());
        say(format!("Find the cause of what fails: {names}."), newest(&failing));
    }
    told::steps(&report.gates, &mut say);
    item_steps(&report.items, &mut say);
    let unseen = unseen(input, &report.signals);
    if !unseen.is_empty() {
        let names = named(&unseen, |s| s.name.clone());
        let end = report.end();
        say(format!("Make visible what could not be judged {end}: {names}."), newest(&unseen));
    }
    for loss in report.losses.iter().filter(|loss| loss.lasts) {
        let error = if loss.error.is_empty() { String::new() } else { format!(" ({})", loss.error) };
        say(format!("Bring {} back in sight{error}.", loss.source), Some(loss.record));
    }
    for left in left {
        say(left.text.clone(), left.record);
    }
    let findings = report.findings.iter().filter(|finding| !finding.expected).count();
    if findings > 0 {
        let them = if findings == 1 { "it" } else { "them" };
        let count = words::few(findings, "finding");
        say(
            format!("Correct the documents, or decide to leave them as they are: {count}; see {them} below."),
            None,
        );
    }
    steps
}

fn item_steps(items: &Items, say: &mut impl FnMut(String, Option<u64>)) {
    let of = |state: &'static str| items.rows.iter().filter(move |row| row.counts() && row.state == state);
    for item in of("failed") {
        let why = item.note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
        say(format!("Resolve what failed, “{}”{why}.", item.text), item.record);
    }
    let lapsed = items.lapsed();
    if !lapsed.is_empty() {
        let record = lapsed.iter().filter_map(|item| item.record).max();
        say(format!("Sign off again what lapsed: {}.", named(&lapsed, |item| quoted(item))), record);
    }
    let open =
        |row: &&Item| row.counts() && row.required && matches!(row.state, "open" | "claimed" | "proposed");
    let required: Vec<&Item> = items.rows.iter().filter(open).collect();
    if !required.is_empty() {
        say(
            format!("Do or waive what is required and open: {}.", named(&required, |item| quoted(item))),
            None,
        );
    }
    let rest = of("open").chain(of("proposed")).filter(|row| !row.required).count();
    if rest > 0 {
        let also = if required.is_empty() { "" } else { " also" };
        say(
            format!(
                "Sign off, or say why not, what is{also} open: {}, none of them required.",
                words::few(rest, "item")
            ),
            None,
        );
    }
    let claimed = of("claimed").filter(|row| !row.required).count();
    if claimed > 0 {
        let count = words::few(claimed, "item");
        let verb = if claimed == 1 { "is" } else { "are" };
        say(
            format!(
                "Attest what only the documents claim: {count} {verb} ticked there and signed off by nobody."
            ),
            None,
        );
    }
    let later = items.rows.iter().filter(|row| row.state == "not_due").count();
    if later > 0 {
        say(format!("Keep in mind what comes later: {} not due yet.", words::few(later, "item")), None);
    }
}

/// The same with a small first letter, inside a sentence.
pub(super) fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

impl Report {
    /// Whether the room has nothing that could be measured: no condition, no probe, nothing in the records.
    pub(super) fn measures_nothing(&self) -> bool {
        self.signals.is_empty() && self.figures.uptime.is_empty() && self.figures.measured.is_none()
    }

    /// When its measures end, in words: what a console has not written down yet may be otherwise.
    pub(super) fn end(&self) -> String {
        let unwritten = self.figures.verdicts.unwritten;
        let last = self.period.until.filter(|_| unwritten >= 1.0).map(|until| {
            let last = until.0 - chrono::TimeDelta::milliseconds((unwritten * 1000.0) as i64);
            format!("when last written down ({} UTC)", last.format("%H:%M:%S"))
        });
        last.unwrap_or_else(|| "at the end".to_owned())
    }
}

impl Gate {
    /// Whether it proved the contrary of what it should, or nothing.
    pub(super) fn is_bad(&self) -> bool {
        matches!(
            self.state,
            "failed" | "timed_out" | "stopped" | "unseen" | "lapsed" | "earlier" | "orphaned"
        )
    }

    /// How it ended, in words.
    pub(super) fn result(&self) -> String {
        let word = match self.state {
            "never" => "never ran".to_owned(),
            // What is known of it says so already.
            "unseen" if !self.why.is_empty() => return self.why.to_string(),
            "unseen" => "nobody saw how it ended".to_owned(),
            "earlier" => return format!("{}: to run again", self.why),
            "unclear" => "a person has to read its output".to_owned(),
            word => word.replace('_', " "),
        };
        if self.why.is_empty() { word } else { format!("{word}, {}", self.why) }
    }
}

/// Whether the last operation that took effect was a rollback.
pub(super) fn rolled_back(operations: &[Operation]) -> Option<&Operation> {
    let last = operations.iter().rev().find(|op| op.kind != "flag" && op.took_effect());
    last.filter(|op| op.kind == "rollback" && op.state != crate::domain::OpState::Superseded)
}
