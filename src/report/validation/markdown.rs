//! The report in Markdown.

use super::facts::{Line, Report, Said, Service, Stage, Stretch};
use super::timeline::put_in;
use super::words;
use crate::domain::Wall;
use crate::domain::revision::{BY_NAME_ONLY, is_by_name};

pub(in crate::report) mod escape;
mod items;
mod parts;
mod signals;
mod table;

use escape::{inline, start, url};
use parts::{Page, evidence};
use table::table;

/// The whole report.
pub fn markdown(report: &Report) -> String {
    let mut page = Page::new(&report.title);
    head(report, &mut page);
    page.section("Summary");
    for said in &report.summary {
        page.paragraph(&start(said));
    }
    recommendation(report, &mut page);
    deployed(report, &mut page);
    parts::verdict(report, &mut page);
    parts::expected(report, &mut page);
    list("Left over", &report.left_over, "Nothing: no lock, no pin, no operation without an end.", &mut page);
    steps(report, &mut page);
    parts::figures(report, &mut page);
    items::items(report, &mut page);
    items::gates(report, &mut page);
    signals::signals(report, &mut page);
    parts::findings(report, &mut page);
    stages(report, &mut page);
    parts::operations(report, &mut page);
    parts::losses(report, &mut page);
    notes(report, &mut page);
    timeline_section(report, &mut page);
    foot(report, &mut page);
    page.finish()
}

/// The timeline alone, for a review of an incident.
pub fn timeline(report: &Report) -> String {
    let mut page = Page::new(&report.title.replacen("Deployment validation report", "Incident timeline", 1));
    head(report, &mut page);
    parts::verdict(report, &mut page);
    parts::operations(report, &mut page);
    parts::losses(report, &mut page);
    timeline_section(report, &mut page);
    foot(report, &mut page);
    page.finish()
}

fn head(report: &Report, page: &mut Page) {
    page.paragraph(&format!("**Purpose:** {}", inline(&report.purpose)));
    let named = report.environment.name.eq_ignore_ascii_case("production");
    let guarded = if report.environment.production && !named { " (guarded as production)" } else { "" };
    let mut facts = vec![
        format!("**Environment:** {}{guarded}", inline(&report.environment.name)),
        format!("**Room:** {}", inline(&report.room)),
    ];
    if let Some(rollout) = &report.rollout {
        let by = rollout.by.as_ref().map(|by| format!(", begun by {}", inline(by))).unwrap_or_default();
        let known = if rollout.by_name { format!(" ({BY_NAME_ONLY})") } else { String::new() };
        let of = rollout.candidate.as_ref().map(|of| format!(" of {}{known}", escape::code(of)));
        facts.push(format!("**Rollout:** {}{}{by}", inline(&rollout.id), of.unwrap_or_default()));
    }
    let records = match (report.period.first_record, report.period.last_record) {
        (Some(first), Some(last)) => format!("from the records #{first} to #{last} of the journal"),
        _ => "from an empty journal".to_owned(),
    };
    facts.push(format!("**Written:** {}, {records}", words::moment(report.at.0)));
    page.lines(&facts);
}

fn recommendation(report: &Report, page: &mut Page) {
    page.section("Recommendation");
    page.paragraph(&format!("**{}**", inline(&report.recommendation.text)));
    page.bullets(&report.recommendation.because.iter().map(said).collect::<Vec<_>>());
}

fn said(said: &Said) -> String {
    format!("{}{}", start(&said.text), evidence(said.record))
}

fn deployed(report: &Report, page: &mut Page) {
    page.section("What was deployed");
    if report.services.is_empty() {
        return page.paragraph("The room has no service.");
    }
    let revision = |of: &Option<super::facts::Revision>| {
        of.as_ref().map_or_else(
            || "not known".to_owned(),
            |of| format!("{}{}", inline(&of.name), evidence(of.record)),
        )
    };
    let row = |service: &Service| {
        let candidate = match &service.candidate {
            None if service.split.is_none() => "not known".to_owned(),
            None => "none got traffic".to_owned(),
            some => revision(some),
        };
        vec![
            inline(&service.name),
            revision(&service.before),
            candidate,
            service.split.as_ref().map_or_else(
                || "not known".to_owned(),
                |s| format!("{}{}", inline(s), evidence(service.record)),
            ),
        ]
    };
    let rows: Vec<Vec<String>> = report.services.iter().map(row).collect();
    page.raw(&table(&["Service", "Before", "Rolled out", "Serving at the end"], &rows));
    let mut facts = Vec::new();
    for service in &report.services {
        let image = service.candidate.as_ref().or(service.after.as_ref()).and_then(|of| of.image.as_ref());
        let image = image.map(|image| {
            let known = if is_by_name(image) { format!(" ({BY_NAME_ONLY})") } else { String::new() };
            format!("image {}{known}", escape::code(image))
        });
        let says = if service.url_basis == Some("config") { " (where its probe asks)" } else { "" };
        let url = service.url.as_deref().map(|at| format!("{}{says}", url(at)));
        let parts: Vec<String> = url.into_iter().chain(image).collect();
        if !parts.is_empty() {
            facts.push(format!("{}: {}", start(&service.name), parts.join(", ")));
        }
    }
    page.bullets(&facts);
}

/// The stages that the rollout went through.
fn stages(report: &Report, page: &mut Page) {
    if report.stages.is_empty() {
        return;
    }
    page.section("Stages");
    let row = |stage: &Stage| {
        let how = match (stage.state, &stage.left_by) {
            ("passed", Some(by)) => format!("passed by {}", inline(by)),
            ("given_up", Some(by)) => format!("given up by {}: {}", inline(by), inline(&stage.why)),
            _ => "not passed".to_owned(),
        };
        let left = stage.left.as_ref().map(|at| words::moment(at.0));
        vec![
            inline(&stage.name),
            format!(
                "{} by {}{}",
                words::moment(stage.entered.0),
                inline(&stage.by),
                evidence(Some(stage.record))
            ),
            soaked(stage),
            left.map_or(how.clone(), |at| format!("{how}, {at}")),
        ]
    };
    let rows: Vec<Vec<String>> = report.stages.iter().map(row).collect();
    page.raw(&table(&["Stage", "Entered", "Soaked", "Left"], &rows));
    let against = report.stages.iter().flat_map(|stage| {
        stage
            .against
            .iter()
            .map(|words| format!("{} was left against: {}", inline(&stage.name), inline(words)))
    });
    page.bullets(&against.collect::<Vec<_>>());
}

fn soaked(stage: &Stage) -> String {
    let whole = words::length(stage.soaked_seconds);
    if stage.back_filled_seconds > 0.0 {
        return format!("{whole}, {} of it back-filled", words::length(stage.back_filled_seconds));
    }
    whole
}

fn notes(report: &Report, page: &mut Page) {
    if report.notes.is_empty() {
        return;
    }
    page.section("Notes and decisions");
    let note = |note: &Line| {
        let role = if note.role.is_empty() { String::new() } else { format!(" ({})", inline(&note.role)) };
        let at = note.at.0.format("%H:%M:%S");
        format!("{at} UTC, {}{role}: {}{}", inline(&note.by), inline(&note.text), evidence(Some(note.record)))
    };
    page.bullets(&report.notes.iter().map(note).collect::<Vec<_>>());
}

fn list(title: &str, all: &[Said], none: &str, page: &mut Page) {
    page.section(title);
    if all.is_empty() {
        return page.paragraph(none);
    }
    page.bullets(&all.iter().map(said).collect::<Vec<_>>());
}

fn steps(report: &Report, page: &mut Page) {
    page.section("Next steps");
    if report.next_steps.is_empty() {
        return page.paragraph("None: nothing is open.");
    }
    let steps = report.next_steps.iter().enumerate();
    let steps: Vec<String> = steps.map(|(n, step)| format!("{}. {}", n + 1, said(step))).collect();
    page.lines_plain(&steps);
}

fn timeline_section(report: &Report, page: &mut Page) {
    page.section("Timeline");
    let Some(first) = report.timeline.first() else {
        return page.paragraph("Nothing was recorded.");
    };
    page.paragraph(&format!("All times are UTC; the first is of {}.", words::day(first.at.0)));
    let line = |line: &Line| {
        let role = if line.role.is_empty() { String::new() } else { format!(" ({})", inline(&line.role)) };
        let late = if line.late { ", recorded late: the journal could not be written" } else { "" };
        let who = format!("{}{role}", inline(&line.by));
        (line.at.0, [who, format!("{}{late}", inline(&line.text)), format!("#{}", line.record)])
    };
    // A verdict that changes twice in the same way changed back while nobody watched.
    let gap = |gap: &Stretch| {
        let until = words::clock(gap.until.0, gap.from.0);
        (gap.from.0, [String::new(), format!("nobody watched until {until}"), String::new()])
    };
    let gaps = report.history.iter().filter(|stretch| stretch.verdict.is_none()).map(gap);
    let mut rows: Vec<(Wall, [String; 3])> = report.timeline.iter().map(line).collect();
    for gap in gaps {
        put_in(&mut rows, gap, |(at, _)| *at);
    }
    let mut before = first.at.0;
    let row = |(at, cells): (Wall, [String; 3])| {
        let clock = words::clock(at, before);
        before = at;
        std::iter::once(clock).chain(cells).collect()
    };
    let rows: Vec<Vec<String>> = rows.into_iter().map(row).collect();
    page.raw(&table(&["Time", "Who", "What", "Record"], &rows));
}

fn foot(report: &Report, page: &mut Page) {
    let until =
        report.period.until.map_or_else(String::new, |until| format!(" up to {}", words::moment(until.0)));
    page.rule();
    page.paragraph(&format!(
        "*Written by warroom {} from the journal{until}. A number like #12 is a record of it: `warroom journal` prints \
         them, `warroom journal --verify` checks that none was changed. What was not watched is said to be unknown; a \
         claim is a document's word, and no person's.*",
        env!("CARGO_PKG_VERSION"),
    ));
}
