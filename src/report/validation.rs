//! The deployment validation report: folded from the journal's records alone, so that it can be written from the store the
//! next day, with the config and the documents as they are now; and, where a room is open, what it knows now.
//!
//! One fold makes the facts ([`Report`]); the Markdown is written from them, and the JSON is them. Every statement carries
//! its record. Nothing is called good that was not seen to be: time that nobody watched is unknown.

use crate::domain::{Clean, Document, OpState, Record, Room, Wall};
use crate::model::live::Live;

mod course;
pub mod facts;
mod gates;
mod history;
mod items;
mod judge;
mod left;
mod markdown;
mod measures;
mod operations;
mod recommend;
mod scope;
mod services;
mod stages;
mod summary;
mod timeline;
mod words;

pub use facts::Report;
pub use markdown::{markdown, timeline};

use facts::{Environment, Figures, Recommendation, SCHEMA, Said};
use measures::Sums;
use scope::Scope;

/// What a report is written from.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The config.
    pub room: &'a Room,
    /// All records, oldest first.
    pub records: &'a [Record],
    /// The documents as they are now.
    pub documents: &'a [Document],
    /// Documents that could not be read.
    pub problems: &'a [Clean],
    /// The room, if it is open.
    pub live: Option<&'a Live>,
    /// The id of the rollout; none: the last one. Where the journal knows no rollout it is about all records.
    pub rollout: Option<&'a str>,
    /// When it is written.
    pub now: Wall,
    /// Whether a console watches now, which writes down a minute at a time.
    pub watched: bool,
}

/// Writes the report, as facts.
pub fn report(input: &Input<'_>) -> Report {
    let scope = Scope::of(input);
    let sums = Sums::of(&scope);
    let histories = services::histories(input.room, &scope);
    let operations = operations::operations(input.room, &scope);
    let services = services::services(input, &histories);
    let turned =
        judge::rolled_back(&operations).and_then(|op| op.reached(OpState::Effective)).map(|step| step.at.0);
    let signals = sums.signals(input.room, scope.told_ms(), turned);
    let items = items::items(input, &scope, &signals);
    let losses = timeline::losses(&scope);
    let t0 = scope.t0().or_else(|| services::derived_t0(&histories));
    let since_t0 = t0.zip(scope.until).map(|(t0, until)| (until - t0.at.0).as_seconds_f64().max(0.0));
    let figures = Figures {
        t0,
        since_t0_seconds: since_t0,
        verdicts: sums.verdicts,
        uptime: sums.uptime(input.room, scope.told_ms()),
        rollbacks: rollbacks(&operations),
        outside_changes: services::outside(&histories, &operations::effects(&operations)),
        people: people(&scope),
        measured: sums.records,
    };
    let left = left::left_over(&scope, &histories, &operations);
    let mut report = Report {
        schema: SCHEMA,
        at: facts::At(input.now),
        title: summary::title(input, &services),
        purpose: summary::purpose(input, &services),
        summary: Vec::new(),
        room: input.room.name.clone(),
        environment: Environment {
            name: input.room.environment.name.clone(),
            production: input.room.environment.production,
        },
        period: scope.period(),
        rollout: scope.row(),
        verdict: judge::verdict(input, &scope, &sums),
        history: history::history(&scope),
        expected: judge::expected(input, &scope, &signals, &losses, &items),
        left_over: left.is,
        findings: items::findings(input),
        notes: timeline::notes(&scope),
        timeline: timeline::timeline(&scope),
        gates: gates::gates(input, &scope, &items),
        stages: stages::stages(&scope),
        next_steps: Vec::new(),
        recommendation: Recommendation { state: "hold", text: String::new(), because: Vec::new() },
        services,
        figures,
        items,
        signals,
        operations,
        losses,
    };
    conclude(input, &mut report, &left.todo);
    report
}

/// What follows from the facts.
fn conclude(input: &Input<'_>, report: &mut Report, left: &[Said]) {
    if report.measures_nothing() {
        // Nobody can watch what is not measured.
        report.history.clear();
        report.figures.verdicts.unknown = 0.0;
    }
    report.next_steps = judge::next_steps(input, report, left);
    report.recommendation = recommend::recommend(input, report);
    if report.next_steps.is_empty() && report.recommendation.state != "proceed" {
        let text = "Open the room again, and settle what the recommendation names.".to_owned();
        report.next_steps.push(Said { text, record: None });
    }
    report.summary = summary::summary(input, report);
}

/// The report as one JSON object, schema [`facts::SCHEMA`]; of the timeline alone only what it is about.
pub fn json(report: &Report, timeline_only: bool) -> String {
    const OF_TIMELINE: [&str; 11] = [
        "schema",
        "at",
        "room",
        "environment",
        "period",
        "rollout",
        "verdict",
        "history",
        "operations",
        "losses",
        "timeline",
    ];
    let mut value = serde_json::to_value(report).unwrap_or_default();
    if let Some(object) = value.as_object_mut().filter(|_| timeline_only) {
        object.retain(|key, _| OF_TIMELINE.contains(&key.as_str()));
    }
    format!("{value:#}\n")
}

/// The ids of the rollouts that the records tell of, oldest first.
pub fn rollouts(records: &[Record]) -> Vec<String> {
    scope::rollouts(records).into_iter().map(|(_, told)| told.id).collect()
}

/// Rollbacks that took effect.
fn rollbacks(operations: &[facts::Operation]) -> Vec<Said> {
    let took = operations.iter().filter(|op| op.kind == "rollback" && op.took_effect());
    took.map(|op| Said { text: format!("{} by {}", op.what, op.by), record: Some(op.record) }).collect()
}

/// People who wrote records, in their order.
fn people(scope: &Scope<'_>) -> Vec<Clean> {
    let mut people: Vec<Clean> = Vec::new();
    for record in scope.records {
        if &*record.by != "room" && !people.contains(&record.by) {
            people.push(record.by.clone());
        }
    }
    people
}
