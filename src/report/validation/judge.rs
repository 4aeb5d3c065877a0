//! What the facts come to: the verdict, what was expected to fail, what is to be done next, and the recommendation.
//!
//! Nothing is taken for good that was not seen to be: what is unseen, stale, claimed or only waived stands in the way of
//! "proceed" like what is open.

use crate::domain::revision::suffix;
use crate::domain::{Clean, Entry, ReasonKind, VerdictState};

use super::Input;
use super::facts::{
    At, Expected, Figures, Gate, Item, Items, Loss, Operation, Recommendation, Report, Said, Signal, Verdict,
};
use super::measures::Sums;
use super::scope::Scope;
use super::words;

/// So many names are said; the rest is counted.
const NAMED: usize = 5;

/// More of the time unknown than this, and nothing is recommended.
const UNKNOWN_ALLOWED: f64 = 0.05;

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
    };
    for record in scope.until_end() {
        if let Entry::Verdict { to, reasons, .. } = &record.entry {
            found.state = Some(*to);
            found.reasons = if *to == VerdictState::Go { Vec::new() } else { reasons.clone() };
            (found.since, found.record) = (Some(At(record.at)), Some(record.seq));
        }
    }
    if let (None, Some((record, state))) = (found.state, sums.last) {
        (found.state, found.record) = (Some(state), record);
    }
    found.blind = found.state == Some(VerdictState::Hold) && sums.ends_blind;
    found
}

/// What was known to fail: by the config, accepted by a person, or waived.
pub(super) fn expected(
    input: &Input<'_>,
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
    for signal in signals.iter().filter(|signal| signal.seconds.accepted > 0.0) {
        rows.push(Expected {
            kind: "accepted",
            name: Clean::new(&signal.name),
            reason: Clean::default(),
            seen: format!("bad and accepted for {}", words::length(signal.seconds.accepted)),
            record: signal.record,
        });
    }
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
fn unseen<'a>(input: &Input<'_>, signals: &'a [Signal]) -> Vec<&'a Signal> {
    let counts = |signal: &&Signal| !signal.left_behind && input.room.report.expects(&signal.name).is_none();
    let blind = |signal: &&Signal| matches!(signal.state, None | Some("no_data" | "stale" | "inconclusive"));
    signals.iter().filter(blind).filter(counts).collect()
}

fn named<T>(all: &[T], name: impl Fn(&T) -> String) -> String {
    let mut names: Vec<String> = all.iter().take(NAMED).map(name).collect();
    if all.len() > NAMED {
        names.push(format!("{} more", all.len() - NAMED));
    }
    words::list(&names)
}

fn quoted(item: &Item) -> String {
    format!("“{}”", item.text)
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
        say(format!("Find the cause of what fails: {}.", named(&failing, |s| s.name.clone())), None);
    }
    for gate in report.gates.iter().filter(|gate| gate.is_bad()) {
        say(format!("Repair and run the gate {} again: {}.", gate.name, gate.result()), gate.record);
    }
    item_steps(&report.items, &mut say);
    let unseen = unseen(input, &report.signals);
    if !unseen.is_empty() {
        let names = named(&unseen, |s| s.name.clone());
        say(format!("Make visible what could not be judged at the end: {names}."), None);
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
    let lapsed: Vec<&Item> = of("lapsed").collect();
    if !lapsed.is_empty() {
        say(format!("Sign off again what lapsed: {}.", named(&lapsed, |item| quoted(item))), None);
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
            "unseen" => "nobody saw its end".to_owned(),
            "earlier" => "to run again".to_owned(),
            "unclear" => "a person has to read its output".to_owned(),
            word => word.replace('_', " "),
        };
        if self.why.is_empty() { word } else { format!("{word}, {}", self.why) }
    }
}

impl Figures {
    /// The share of the period of which nothing is known: nobody watched, or what was watched could not be seen.
    fn unknown_share(&self, total: f64) -> f64 {
        if total <= 0.0 { 1.0 } else { (self.verdicts.unknown + self.verdicts.blind) / total }
    }
}

/// Whether the last operation that took effect was a rollback.
pub(super) fn rolled_back(operations: &[Operation]) -> Option<&Operation> {
    let last = operations.iter().rev().find(|op| op.kind != "flag" && op.took_effect());
    last.filter(|op| op.kind == "rollback" && op.state != crate::domain::OpState::Superseded)
}

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
        ("hold", format!("Hold {what} until what is open has been settled."))
    } else {
        ("proceed", format!("Proceed with {what}."))
    };
    let expected = report.signals.iter().any(|signal| signal.state == Some("fail"));
    let fails = if expected { "fails that was not expected to" } else { "that was watched fails" };
    let because = match state {
        "do_not_proceed" => against,
        "hold" => open,
        _ => vec![Said {
            text: format!("The verdict is GO, nothing required is open, and nothing {fails}."),
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
    if let Some(state @ (VerdictState::NoGo | VerdictState::RollBack)) = report.verdict.state {
        let why = report.verdict.reasons.first().map(|why| format!(": {why}")).unwrap_or_default();
        say(format!("The verdict at the end was {}{why}.", state.word()), report.verdict.record);
    }
    let failing = failing(input, &report.signals);
    if !failing.is_empty() {
        let names = named(&failing, |signal| signal.name.clone());
        let verb = if failing.len() == 1 { "fails" } else { "fail" };
        say(format!("At the end {} {verb}: {names}.", words::few(failing.len(), "condition")), None);
    }
    for gate in report.gates.iter().filter(|gate| matches!(gate.state, "failed" | "timed_out")) {
        if input.room.report.expects(&gate.name).is_none() {
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
    match report.verdict.state {
        None => say("No verdict was recorded.".to_owned(), None),
        Some(VerdictState::Hold) => {
            let blind = if report.verdict.blind { ", because something could not be seen" } else { "" };
            let why = report.verdict.reasons.first().map(|why| format!(": {why}")).unwrap_or_default();
            say(format!("The verdict at the end was HOLD{blind}{why}."), report.verdict.record);
        }
        Some(_) => {}
    }
    let total = report.period.seconds.unwrap_or(0.0);
    let unknown = report.figures.verdicts.unknown + report.figures.verdicts.blind;
    if report.figures.unknown_share(total) > UNKNOWN_ALLOWED && total > 0.0 {
        let (length, of) = (words::length(unknown), words::length(total));
        say(format!("For {length} of {of} it is not known how things stood."), None);
    }
    let counts = &report.items.counts;
    if counts.required_open > 0 {
        let verb = if counts.required_open == 1 { "is" } else { "are" };
        let count = words::few(counts.required_open, "required item");
        say(format!("{} {verb} not settled.", words::sentence(&count)), None);
    }
    if counts.lapsed > 0 {
        say(format!("{} lapsed.", words::sentence(&words::few(counts.lapsed, "sign-off"))), None);
    }
    for op in report.operations.iter().filter(|op| op.is_unfinished()) {
        say(format!("{} {}.", op.what, op.ending()), Some(op.record));
    }
    let proves_nothing = |gate: &&Gate| {
        let never = gate.required && matches!(gate.state, "never" | "refused" | "unclear");
        never
            || matches!(
                gate.state,
                "stopped" | "unseen" | "running" | "queued" | "lapsed" | "earlier" | "orphaned"
            )
    };
    for gate in report.gates.iter().filter(proves_nothing) {
        say(format!("The gate {} proves nothing: {}.", gate.name, gate.result()), gate.record);
    }
    let unseen = unseen(input, &report.signals);
    if !unseen.is_empty() {
        let names = named(&unseen, |signal| signal.name.clone());
        say(format!("At the end these could not be judged: {names}."), None);
    }
    reasons
}
