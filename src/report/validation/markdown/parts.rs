//! The page, and its sections with tables.

use super::super::facts::{Expected, Finding, Loss, Operation, Report, Said, Uptime};
use super::super::history;
use super::super::judge::rolled_back;
use super::super::summary;
use super::super::words::{self, length, share};
use super::escape::{inline, start};
use super::table::table;
use crate::domain::{OpState, VerdictState};

/// A page of Markdown, block by block.
#[derive(Debug)]
pub(super) struct Page(String);

impl Page {
    pub(super) fn new(title: &str) -> Self {
        Self(format!("# {}\n", inline(title)))
    }

    pub(super) fn section(&mut self, title: &str) {
        self.0.push_str(&format!("\n## {title}\n"));
    }

    pub(super) fn subsection(&mut self, title: &str) {
        self.0.push_str(&format!("\n### {title}\n"));
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        self.0.push_str(&format!("\n{text}\n"));
    }

    /// Lines of one paragraph, each on its own.
    pub(super) fn lines(&mut self, lines: &[String]) {
        self.0.push_str(&format!("\n{}\n", lines.join("  \n")));
    }

    /// Lines as they are.
    pub(super) fn lines_plain(&mut self, lines: &[String]) {
        self.0.push_str(&format!("\n{}\n", lines.join("\n")));
    }

    pub(super) fn bullets(&mut self, lines: &[String]) {
        if !lines.is_empty() {
            self.0.push_str(&format!("\n- {}\n", lines.join("\n- ")));
        }
    }

    /// A block that is Markdown already.
    pub(super) fn raw(&mut self, block: &str) {
        if !block.is_empty() {
            self.0.push_str(&format!("\n{block}"));
        }
    }

    pub(super) fn rule(&mut self) {
        self.0.push_str("\n---\n");
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

pub(super) use summary::evidence;

pub(super) fn verdict(report: &Report, page: &mut Page) {
    page.section("Verdict");
    let verdict = &report.verdict;
    match verdict.state {
        Some(state) => judged(report, state, page),
        None => page.paragraph("No verdict was recorded."),
    }
    if let (Some([line, axis]), Some(words)) =
        (history::line(&report.history), history::words(&report.history))
    {
        page.lines_plain(&["```text".to_owned(), line, axis, "```".to_owned()]);
        page.paragraph(&words);
        page.paragraph("The higher, the worse; a point where nobody watched.");
    }
    for said in &verdict.overrides {
        page.paragraph(&format!("{}{}", start(&said.text), evidence(said.record)));
    }
}

fn judged(report: &Report, state: VerdictState, page: &mut Page) {
    let verdict = &report.verdict;
    let since = verdict.since.map(|since| format!(" since {}", words::moment(since.0))).unwrap_or_default();
    let about = verdict.act.as_ref().map(|act| format!(" for {}", inline(act))).unwrap_or_default();
    let blind = if verdict.blind { ", because something could not be seen" } else { "" };
    let basis = if verdict.basis == "live" { ", as the room judges now" } else { "" };
    let recorded = verdict.basis == "recorded";
    let end = match verdict.reasons.as_slice() {
        [] if state == VerdictState::Go => ".".to_owned(),
        [] => ". Its reasons were not recorded.".to_owned(),
        _ if !recorded => ":".to_owned(),
        _ if verdict.reasons_record == verdict.record => ", for what was seen then:".to_owned(),
        _ if state == VerdictState::Go => {
            format!("; in the end with these reservations{}:", evidence(verdict.reasons_record))
        }
        _ => format!("; in the end for these reasons{}:", evidence(verdict.reasons_record)),
    };
    page.paragraph(&format!(
        "**{}**{about}{since}{blind}{basis}{}{end}",
        state.word(),
        evidence(verdict.record)
    ));
    page.bullets(&verdict.reasons.iter().map(|reason| start(reason)).collect::<Vec<_>>());
    if let Some(words) = summary::unwatched(report) {
        page.paragraph(&words);
    }
    let turned = rolled_back(&report.operations).and_then(|op| op.reached(OpState::Effective));
    if let Some(step) = turned.filter(|step| recorded && verdict.since.is_some_and(|since| since < step.at)) {
        let at = step.at.0.format("%H:%M:%S");
        page.paragraph(&format!("The rollback took effect after that, at {at} UTC (#{}).", step.record));
    }
}

pub(super) fn expected(report: &Report, page: &mut Page) {
    page.section("Expected failures");
    let row = |row: &Expected| {
        let reason = if row.reason.is_empty() { "no reason given".to_owned() } else { inline(&row.reason) };
        let how = match row.kind {
            "configured" => "expected by the config",
            "accepted" => "accepted",
            other => other,
        };
        vec![
            inline(&row.name),
            format!("{how}: {reason}"),
            format!("{}{}", inline(&row.seen), evidence(row.record)),
        ]
    };
    let rows: Vec<Vec<String>> = report.expected.iter().map(row).collect();
    if rows.is_empty() {
        return page.paragraph("None: nothing was known to fail, accepted or waived.");
    }
    page.raw(&table(&["What", "Why", "What was seen"], &rows));
}

pub(super) fn figures(report: &Report, page: &mut Page) {
    page.section("Key figures");
    let figures = &report.figures;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row = |name: &str, value: String, record: Option<u64>| {
        rows.push(vec![
            name.to_owned(),
            value,
            record.map(|record| format!("#{record}")).unwrap_or_default(),
        ]);
    };
    let period = &report.period;
    if let (Some(from), Some(until)) = (period.from, period.until) {
        let of = if period.basis == "rollout" { "Length of the rollout" } else { "Time of the records" };
        let open = if period.open && period.basis == "rollout" { ", not over" } else { "" };
        let span = words::span(from.0, until.0);
        row(
            of,
            format!("{} ({span}){open}", words::lasting(period.seconds.unwrap_or(0.0))),
            period.first_record,
        );
    }
    match (figures.t0, figures.since_t0_seconds) {
        (Some(t0), since) => {
            let since = since.map(|since| format!(", {} before the end", length(since))).unwrap_or_default();
            let basis = if t0.basis == "derived" {
                " (by the splits)".to_owned()
            } else {
                format!(" ({})", t0.basis)
            };
            row("First traffic (T0)", format!("{}{basis}{since}", words::moment(t0.at.0)), t0.record);
        }
        (None, _) => row("First traffic (T0)", "not recorded".to_owned(), None),
    }
    let first = |all: &[Said]| all.first().and_then(|said| said.record);
    // The column has the first record, so what came after it says its own.
    let others = figures.rollbacks.iter().skip(1).map(|said| evidence(said.record)).collect::<String>();
    let rollbacks = format!("{}{others}", how_many(figures.rollbacks.len()));
    row("Unplanned rollbacks", rollbacks, first(&figures.rollbacks));
    let outside =
        figures.outside_changes.iter().enumerate().map(|(n, change)| {
            format!("{}{}", inline(&change.text), evidence(change.record.filter(|_| n > 0)))
        });
    let outside: Vec<String> = outside.collect();
    let outside = if outside.is_empty() { "none".to_owned() } else { outside.join("; ") };
    row("Traffic changed from outside this room", outside, first(&figures.outside_changes));
    if !figures.people.is_empty() {
        let people: Vec<String> = figures.people.iter().map(|name| inline(name)).collect();
        row("Who wrote records", words::list(&people), None);
    }
    page.raw(&table(&["Figure", "Value", "Record"], &rows));
    verdict_times(report, page);
    uptime(report, page);
    measured(report, page);
}

/// Where the times above come from.
fn measured(report: &Report, page: &mut Page) {
    if let Some(records) = report.figures.measured {
        page.paragraph(&format!(
            "Shares are of the whole time; what is unknown is not counted as up. Times and shares are added up from the \
             records of kind `measured`, #{} to #{}.",
            records.first_record, records.last_record
        ));
    }
}

fn how_many(n: usize) -> String {
    if n == 0 { "none".to_owned() } else { n.to_string() }
}

fn verdict_times(report: &Report, page: &mut Page) {
    let times = &report.figures.verdicts;
    let all = [
        ("GO", times.go),
        ("HOLD", times.hold),
        ("HOLD, something could not be seen", times.blind),
        ("NO-GO", times.no_go),
        ("ROLL BACK", times.roll_back),
        ("unknown: nobody watched", times.unknown),
        ("not written down yet by the console that watches", times.unwritten),
    ];
    // What was watched may reach a moment over an end.
    let sum: f64 = all.iter().map(|(_, seconds)| seconds).sum();
    let total = report.period.seconds.unwrap_or(0.0).max(sum);
    let rows = all.into_iter().filter(|(_, seconds)| *seconds > 0.0);
    let rows: Vec<Vec<String>> = rows
        .map(|(name, seconds)| {
            vec![name.to_owned(), length(seconds), share(seconds, total).unwrap_or_default()]
        })
        .collect();
    page.raw(&table(&["Verdict", "Time", "Share"], &rows));
}

fn uptime(report: &Report, page: &mut Page) {
    let total = report.period.seconds.unwrap_or(0.0);
    let row = |row: &Uptime| {
        let whole = total.max(row.ok + row.failing + row.starting + row.unseen + row.unknown);
        let part = |seconds: f64| share(seconds, whole).unwrap_or_else(|| "--".to_owned());
        let of_seen = row.ok_percent_of_seen.and_then(|percent| share(percent, 100.0));
        vec![
            format!("{} {}", inline(&row.service), inline(&row.probe)),
            part(row.ok),
            part(row.failing),
            part(row.starting),
            part(row.unseen + row.unknown),
            of_seen.unwrap_or_else(|| "--".to_owned()),
        ]
    };
    let rows: Vec<Vec<String>> = report.figures.uptime.iter().map(row).collect();
    if !rows.is_empty() && total > 0.0 {
        page.raw(&table(&["Health probe", "Ok", "Failing", "Starting", "Unknown", "Ok while seen"], &rows));
    }
}

pub(super) fn findings(report: &Report, page: &mut Page) {
    if report.findings.is_empty() {
        return;
    }
    page.section("Findings of the documents");
    let row = |finding: &Finding| {
        let place = if finding.line == 0 {
            finding.document.clone()
        } else {
            format!("{}:{}", finding.document, finding.line)
        };
        let expected = if finding.expected { " (expected)" } else { "" };
        vec![inline(&place), finding.kind.replace('_', " "), format!("{}{expected}", inline(&finding.text))]
    };
    let rows: Vec<Vec<String>> = report.findings.iter().map(row).collect();
    page.raw(&table(&["Where", "Kind", "Finding"], &rows));
}

pub(super) fn operations(report: &Report, page: &mut Page) {
    page.section("Operations");
    if report.operations.is_empty() {
        return page.paragraph("None: nothing was done from this room.");
    }
    let row = |op: &Operation| {
        let role = if op.role.is_empty() { String::new() } else { format!(" ({})", inline(&op.role)) };
        vec![
            op.at.0.format("%H:%M:%S").to_string(),
            format!("{}{role}", inline(&op.by)),
            inline(&op.what),
            format!("{} → {}", inline(&op.before), inline(&op.after)),
            format!(
                "{}{}",
                inline(&op.ending()),
                evidence(op.steps.last().map(|step| step.record).or(Some(op.record)))
            ),
            inline(&op.reason),
        ]
    };
    let rows: Vec<Vec<String>> = report.operations.iter().map(row).collect();
    page.raw(&table(&["Asked at (UTC)", "Who", "What", "Before → after", "How it ended", "Why"], &rows));
    for op in &report.operations {
        let verdict = op.verdict.as_ref().map(|said| {
            format!(
                "The room's verdict when #{} was asked for was {}{}.",
                op.record,
                inline(&said.text),
                evidence(said.record)
            )
        });
        let seen: Vec<String> = op.evidence.iter().map(|seen| inline(seen)).collect();
        let seen =
            (!seen.is_empty()).then(|| format!("Who asked for #{} saw: {}.", op.record, seen.join("; ")));
        let told: Vec<String> = verdict.into_iter().chain(seen).collect();
        if !told.is_empty() {
            page.paragraph(&told.join(" "));
        }
    }
}

pub(super) fn losses(report: &Report, page: &mut Page) {
    if report.losses.is_empty() {
        return;
    }
    page.section("What was out of sight");
    let line = |loss: &Loss| {
        let times = if loss.times == 1 { "once".to_owned() } else { format!("{} times", loss.times) };
        let lasts = if loss.lasts { ", and still is" } else { "" };
        let error = if loss.error.is_empty() { String::new() } else { format!(": {}", inline(&loss.error)) };
        format!(
            "{} was lost {times}, for {}{lasts}{error}{}",
            start(&loss.source),
            length(loss.seconds),
            evidence(Some(loss.record))
        )
    };
    page.bullets(&report.losses.iter().map(line).collect::<Vec<_>>());
}
