//! Every record that is kept, newest first, and all of the one under the cursor.
//!
//! ```text
//! ╭─ Journal ✓ chain whole, 212 ──────────────── local ─╮╭─ Record 212 verdict ──────────────────────────────╮
//! │  212 14:00:01 room  verdict   GO → NO-GO: closes …  ││ when      2026-11-21 14:00:01Z, 2m10s ago          │
//! │  211 13:58:40 sam   ticked    ✓ smoke on canary     ││ reasons   closes 4401 unauthorized (app) 12.4/min  │
//! ╰─────────────────────────────────────────────────────╯╰───────────────────────────────────────────────────╯
//! ```

mod ruled;
mod signed;

use std::collections::BTreeMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::run::{Begun, Evidence, RunId};
use crate::domain::{Clean, Entry, OpId, OpKind, PanelId, Record, TrafficTarget, format};
use crate::model::Model;
use crate::model::journal::Weight;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::panels::Panel;
use crate::view::sheet::Rows;
use crate::view::widgets::text::width;
use crate::view::widgets::{Age, Align, Pen, Title, panel as boxed};

use super::parts::{fact, list, long};
use super::{WIDE, frame};

/// Draws the records and, beside them or instead of them, the one under the cursor.
pub(super) fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, panel: &dyn Panel) {
    let records = model.told_records();
    let at = model.record_row(&records);
    let record = records.get(at).copied();
    if area.width < WIDE {
        if model.ui.detail {
            return detail(area, buf, ctx, model, record, true);
        }
        let inside = frame(area, buf, ctx, model, panel);
        return table(inside, buf, ctx, model, &records);
    }
    let left = (u32::from(area.width) * 3 / 5) as u16;
    let inside = frame(Rect { width: left, ..area }, buf, ctx, model, panel);
    table(inside, buf, ctx, model, &records);
    let right = Rect { x: area.x + left, width: area.width - left, ..area };
    detail(right, buf, ctx, model, record, false);
}

fn table(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, records: &[&Record]) {
    if records.is_empty() {
        let filter = model.ui.focus.filter(PanelId::Journal);
        let words = if filter.is_empty() {
            "Nothing recorded yet.".to_owned()
        } else {
            format!("no match for \"{filter}\" · esc clears")
        };
        Pen::new(buf, area, 0).put(&words, ctx.style(Role::Text));
        return;
    }
    // As wide as the widest needs; a person's name and a kind are short.
    let seq = records.first().map_or(1, |record| record.seq.to_string().len()) as u16;
    let by = records.iter().take(200).map(|record| width(&record.by)).max().unwrap_or(4).clamp(4, 12) as u16;
    let muted = ctx.style(Role::Muted);
    let mut head = Pen::new(buf, area, 0);
    let today = records.iter().all(|record| record.at.date_naive() == ctx.now.wall.date_naive());
    let when = if today { 9 } else { 12 };
    head.number("#", seq, muted).skip(1).cell("when", when, Align::Left, muted);
    head.cell("who", by + 2, Align::Left, muted);
    if area.width >= 70 {
        head.cell("kind", 10, Align::Left, muted);
    }
    head.put("what", muted);
    let rest = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    list(rest, buf, ctx, (model, PanelId::Journal), records, |pen, record| {
        let (weight, words) = model.journal.words(record);
        pen.number(&record.seq.to_string(), seq, muted).skip(1);
        pen.cell(&moment(record, ctx), when, Align::Left, muted);
        pen.cell(&record.by, by + 2, Align::Left, ctx.style(Role::Text));
        if area.width >= 70 {
            pen.cell(record.entry.kind(), 10, Align::Left, muted);
        }
        pen.put(&words, ctx.style(role(weight)));
    });
}

/// Seconds today; on another day its date and minutes.
fn moment(record: &Record, ctx: &Ctx<'_>) -> String {
    if record.at.date_naive() == ctx.now.wall.date_naive() {
        format::time_of_day(record.at)
    } else {
        format::moment(record.at, ctx.now.wall)
    }
}

fn role(weight: Weight) -> Role {
    match weight {
        Weight::Bad => Role::Bad,
        Weight::Warn => Role::Warn,
        Weight::Unknown => Role::Unknown,
        Weight::Good | Weight::Plain => Role::Text,
    }
}

/// All of one record.
fn detail(
    area: Rect,
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
    model: &Model,
    record: Option<&Record>,
    focused: bool,
) {
    let Some(record) = record else {
        let inside = boxed(area, buf, ctx, &Title::new("Record", Age::Local), focused);
        Pen::new(buf, inside, 0).put("no record under the cursor", ctx.style(Role::Muted));
        return;
    };
    let name = format!("Record {}", record.seq);
    let title = Title::new(&name, Age::Local).note(record.entry.kind(), ctx.style(Role::Muted));
    let inside = boxed(area, buf, ctx, &title, focused);
    let cells = inside.width;
    let mut rows = Rows::new(buf, inside, 0);
    let (weight, words) = model.journal.words(record);
    for line in super::parts::wrapped(&words, usize::from(cells), 4) {
        rows.say(line, ctx.style(role(weight)));
    }
    rows.skip();
    let ago = (ctx.now.wall - record.at).to_std().map(format::age_seconds);
    let ago = ago.map_or(String::new(), |ago| format!(", {ago} ago"));
    let day = record.at.format("%Y-%m-%d").to_string();
    fact(&mut rows, ctx, "when", &format!("{day} {}{ago}", format::clock(record.at)), Role::Text);
    let who = if record.role.is_empty() {
        record.by.to_string()
    } else {
        format!("{}, {}", record.by, record.role)
    };
    fact(&mut rows, ctx, "who", &who, Role::Text);
    for (label, value) in contents(record) {
        long(&mut rows, ctx, (label, &value), Role::Text, (cells, 4));
    }
    if record.late {
        let words = "written late: the store could not be written at that time";
        long(&mut rows, ctx, ("late", words), Role::Warn, (cells, 2));
    }
    if !record.hash.is_empty() {
        long(&mut rows, ctx, ("hash", &record.hash), Role::Muted, (cells, 3));
    }
}

fn intent(op: &OpId, act: &OpKind, reason: &Clean, evidence: &[Clean]) -> Vec<(&'static str, String)> {
    let mut facts = act_facts(act);
    facts.push(("reason", reason.to_string()));
    facts.extend(several("evidence", evidence));
    facts.push(("operation", op.0.clone()));
    facts
}

/// What it holds beyond its one line.
fn contents(record: &Record) -> Vec<(&'static str, String)> {
    let text = Clean::to_string;
    match &record.entry {
        Entry::Opened { room, environment, version, host } => vec![
            ("room", format!("{room}, {environment}")),
            ("program", format!("version {version} on {host}")),
        ],
        Entry::Ticked { .. }
        | Entry::Marked { .. }
        | Entry::Lapsed { .. }
        | Entry::RolloutBegan { .. }
        | Entry::Candidate { .. }
        | Entry::T0 { .. }
        | Entry::RolloutEnded { .. } => signed::facts(record),
        Entry::Unticked { item, text, seq } => unticked_facts(item, text, *seq),
        Entry::Noted { text: words } => vec![("note", text(words))],
        Entry::Reading { metric, value, note } => reading_facts(metric, *value, note),
        Entry::Before { service, means, .. } => before_facts(service, means),
        Entry::ActiveRun { service, ran } => vec![("service", service.clone()), ("run", ran.words())],
        Entry::Verdict { from, to, reasons } => {
            let verdict = ("verdict", format!("{} → {}", from.word(), to.word()));
            std::iter::once(verdict).chain(several("reasons", reasons)).collect()
        }
        Entry::Intent { op, act, reason, evidence } => intent(op, act, reason, evidence),
        Entry::Progress { op, state, detail, .. } => vec![
            ("state", state.to_string().to_uppercase()),
            ("detail", text(detail)),
            ("operation", op.0.clone()),
        ],
        Entry::Split { service, split, healthy, by, follows_latest, again } => {
            let mut facts = vec![("service", service.clone()), ("serves", shares(split))];
            facts.extend(follows_latest.then(|| ("follows", "the latest".to_owned())));
            facts.push(("opinion", opinion(*healthy, *again)));
            facts.extend((!by.is_empty()).then(|| ("changed by", text(by))));
            facts
        }
        Entry::Deployed { service, revision, image } => deployed_facts(service, revision, image),
        Entry::FlagMoved { .. } => moved_facts(&record.entry),
        Entry::Link { source, up, error } => {
            let state = if *up { "back" } else { "down" };
            let mut facts = vec![("source", source.clone()), ("link", state.to_owned())];
            facts.extend((!error.is_empty()).then(|| ("error", text(error))));
            facts
        }
        Entry::Overrode { .. }
        | Entry::OverrideEnded
        | Entry::Accepted { .. }
        | Entry::AcceptanceEnded { .. } => ruled::facts(&record.entry, record.at),
        Entry::Rehearsed { .. } => rehearsal(&record.entry),
        Entry::Lock { service, locked } => lock_facts(service, *locked),
        Entry::Looked { seq } => vec![("read up to", seq.to_string())],
        Entry::Measured(span) => vec![("milliseconds", span.ms.to_string())],
        Entry::Trusted { document, hash, commands } => trusted_facts(document, hash, commands),
        Entry::GateStarted(begun) => begun_facts(begun),
        Entry::GateProcess { run, name, pid } => process_facts(run, name, *pid),
        Entry::GateEnded(evidence) => gate_facts(evidence),
        Entry::Alert(step) => crate::model::alerts::facts(step, record.at),
        Entry::Stage(step) => crate::model::stages::facts(record, step),
        Entry::Other => vec![("kind", "not known to this version; its bytes are kept".to_owned())],
    }
}

fn unticked_facts(item: &str, text: &Clean, seq: u64) -> Vec<(&'static str, String)> {
    vec![("item", text.to_string()), ("id", item.to_owned()), ("took back", format!("record {seq}"))]
}

fn process_facts(run: &RunId, gate: &Clean, pid: u32) -> Vec<(&'static str, String)> {
    vec![("gate", gate.to_string()), ("process", pid.to_string()), ("run", run.0.clone())]
}

fn deployed_facts(service: &str, revision: &str, image: &Clean) -> Vec<(&'static str, String)> {
    vec![("service", service.to_owned()), ("revision", revision.to_owned()), ("image", image.to_string())]
}

fn rehearsal(entry: &Entry) -> Vec<(&'static str, String)> {
    let Entry::Rehearsed { service, to, refused, millis } = entry else { return Vec::new() };
    let answer = refused.as_ref().map_or_else(|| "would be taken".to_owned(), Clean::to_string);
    let took = format::in_seconds(std::time::Duration::from_millis(*millis));
    vec![("service", service.clone()), ("100 % to", to.clone()), ("answer", answer), ("took", took)]
}

fn lock_facts(service: &str, locked: bool) -> Vec<(&'static str, String)> {
    let word = if locked { "locked" } else { "released" };
    vec![("service", service.to_owned()), ("lock", word.to_owned())]
}

/// What each metric was before the deployment.
fn before_facts(service: &str, means: &BTreeMap<String, f64>) -> Vec<(&'static str, String)> {
    let mean = |(metric, mean): (&String, &f64)| Clean::new(&format!("{metric} {}", format::number(*mean)));
    let all: Vec<Clean> = means.iter().map(mean).collect();
    std::iter::once(("service", service.to_owned())).chain(several("before", &all)).collect()
}

fn reading_facts(metric: &str, value: f64, note: &Clean) -> Vec<(&'static str, String)> {
    let metric = Clean::new(metric).to_string();
    vec![("metric", metric), ("value", format::number(value)), ("note", note.to_string())]
}

/// A label, and a line for each of `lines`.
fn several<'a>(label: &'static str, lines: &'a [Clean]) -> impl Iterator<Item = (&'static str, String)> + 'a {
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    labels.zip(lines.iter().map(Clean::to_string))
}

/// Commands that a person trusted.
fn trusted_facts(document: &str, hash: &str, commands: &[Clean]) -> Vec<(&'static str, String)> {
    let facts = [("document", document.to_owned()), ("hash", hash.to_owned())];
    facts.into_iter().chain(several("commands", commands)).collect()
}

/// A gate that began.
fn begun_facts(begun: &Begun) -> Vec<(&'static str, String)> {
    let process = if begun.pid == 0 { "not there yet,".to_owned() } else { begun.pid.to_string() };
    vec![
        ("gate", begun.name.to_string()),
        ("in", begun.dir.to_string()),
        ("process", format!("{process} on {}", begun.host)),
        ("run", begun.run.0.clone()),
    ]
}

/// The evidence of a gate.
fn gate_facts(evidence: &Evidence) -> Vec<(&'static str, String)> {
    let text = Clean::to_string;
    let mut facts = vec![
        ("gate", text(&evidence.name)),
        ("outcome", evidence.outcome.to_string()),
        ("because", text(&evidence.why)),
        ("took", super::gates::took(evidence)),
    ];
    // Where the counts are the reason they are said already.
    let tests = evidence.tally.map(|tally| tally.told()).filter(|told| !evidence.why.contains(told));
    facts.extend(tests.map(|told| ("tests", told)));
    facts.extend(evidence.repository.commit.as_ref().map(|commit| {
        let state = match evidence.repository.dirty {
            Some(true) => ", and more that was not committed",
            Some(false) => "",
            None => ", committed or not is not known",
        };
        ("commit", format!("{commit}{state}"))
    }));
    facts.extend(evidence.candidate.clone().map(|candidate| ("for", candidate)));
    facts.extend((!evidence.log.is_empty()).then(|| ("output", text(&evidence.log))));
    facts.extend(several("findings", &evidence.findings));
    facts.push(("run", evidence.run.0.clone()));
    facts
}

/// What the room thought of the split before; of one that is told again, what it thinks of it now.
fn opinion(healthy: Option<bool>, again: bool) -> String {
    let (what, is) = if again { ("what serves", "is") } else { ("what served until then", "was") };
    match healthy {
        Some(true) => format!("{what} {is} good"),
        Some(false) => format!("{what} {is} not good"),
        None => format!("no opinion on {what}"),
    }
}

fn act_facts(act: &OpKind) -> Vec<(&'static str, String)> {
    match act {
        OpKind::Run(change) => vec![
            ("command", change.command.to_string()),
            ("in", change.dir.to_string()),
            ("hash", change.hash.clone()),
        ],
        OpKind::Rollback(change) | OpKind::Traffic(change) => vec![
            ("act", format!("{} to {}", act.word(), change.to)),
            ("before", shares(&change.before)),
            ("after", shares(&change.after)),
            ("resource", change.resource.clone()),
            ("etag", format!("{}, generation {}", change.etag, change.generation)),
        ],
        OpKind::Flag(change) => {
            let before = change.before.as_deref().unwrap_or("not set");
            vec![
                ("flag", format!("{} {before} → {}", change.flag, change.after)),
                ("resource", change.resource.clone()),
                match &change.live {
                    Some(live) => ("in", format!("{}, {}", live.place, live.provider.word())),
                    None => ("etag", format!("{}, generation {}", change.etag, change.generation)),
                },
            ]
        }
    }
}

fn moved_facts(entry: &Entry) -> Vec<(&'static str, String)> {
    let Entry::FlagMoved { flag, place, from, to, by, .. } = entry else { return Vec::new() };
    let mut facts =
        vec![("flag", format!("{flag}: {from} → {to}")), ("in", place.to_string()), ("by", by.to_string())];
    facts.retain(|(_, fact)| !fact.is_empty());
    facts
}

fn shares(split: &[TrafficTarget]) -> String {
    let share = |target: &TrafficTarget| {
        let name = target.revision.as_deref().unwrap_or("the latest");
        format!("{name} {}", format::percent_whole(target.percent))
    };
    let shown = split.iter().filter(|target| target.percent > 0);
    shown.map(share).collect::<Vec<_>>().join(" / ")
}
