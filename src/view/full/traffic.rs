//! The traffic of a service: what is wanted beside what serves, each revision with its image and its tags, and the
//! operations of the room.
//!
//! ```text
//! │   revision             serves            wanted  tag      created             ready                        │
//! │ ✓ 00417-hux stable     ━━━━━━━━━  90 %     90 %  blue     11-19 09:50 2d04h   Ready                        │
//! │ ▲ 00418-ral canary     ━────────  10 %     10 %  canary   13:10 51m           Ready                        │
//! │   split          pinned: a new deploy gets 0 %                                                            │
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{OpState, PanelId, SourceId, Traffic, TrafficTarget, format};
use crate::model::Model;
use crate::model::health::contradicted::READY_BUT_FAILING;
use crate::model::ops::Operation;
use crate::model::service::ServiceState;
use crate::model::sides::{Between, Numbers};
use crate::model::traffic::{Role as Part, Row, Standing, TrafficState};
use crate::model::wording::answer;
use crate::theme::Role;
use crate::view::panels::Panel;
use crate::view::panels::traffic::{SIDE, age_of, compared, draw_compared, judged, samples, way_back, worst};
use crate::view::sheet::Rows;
use crate::view::widgets::text::{cut, cut_middle, width};
use crate::view::widgets::{Age, Align, Mark, Pen, gauge};
use crate::view::{Ctx, Trust};

use super::frame;
use super::parts::{LABEL, chosen, fact, long};

mod differs;
mod full_time;

/// Metrics compared at most, and cells for their names.
const COMPARED: usize = 12;
const NAMES: u16 = 24;
/// The most cells for a side's name.
const WIDEST_SIDE: u16 = 18;
/// Cells for whether it is ready, and for the place in a longer list above that.
const READY: u16 = 14;
/// Operations told at most.
const OPERATIONS: usize = 6;

/// Draws the services; the one of the row under the cursor first if not all have room.
pub(super) fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, panel: &dyn Panel) {
    let inside = frame(area, buf, ctx, model, panel);
    let services: Vec<(&ServiceState, &TrafficState)> =
        model.services.iter().filter_map(|service| Some((service, service.traffic.as_ref()?))).collect();
    if services.is_empty() || services.iter().all(|(_, state)| state.traffic.is_none()) {
        return panel.draw(inside, buf, ctx);
    }
    let all: usize = services.iter().map(|(_, state)| state.listed().len()).sum();
    let mut at = chosen(model, PanelId::Traffic, all);
    let mut rows = Rows::new(buf, inside, 0);
    let shown = shown_rows(inside.height);
    let needs: usize = services.iter().map(|(_, state)| state.listed().len().min(shown) + 16).sum();
    let fit = needs <= usize::from(inside.height);
    for (service, state) in services.iter().copied() {
        let own = state.listed().len();
        let here = at < own;
        let cursor = here.then_some(at);
        at = if here { usize::MAX } else { at.saturating_sub(own) };
        // Services above that of the cursor give way when there is little room.
        if !fit && !here && at != usize::MAX {
            continue;
        }
        if rows.count() > 0 {
            rows.skip();
        }
        one(&mut rows, ctx, model, (service, state), (cursor, shown), services.len() > 1);
    }
    operations(&mut rows, ctx, model);
}

/// Revisions listed at once: what is said of one of them, and what is measured, must stay on the screen.
fn shown_rows(height: u16) -> usize {
    (usize::from(height) / 9).clamp(3, 12)
}

fn one(
    rows: &mut Rows<'_>,
    ctx: &Ctx<'_>,
    model: &Model,
    (service, state): (&ServiceState, &TrafficState),
    (cursor, shown): (Option<usize>, usize),
    named: bool,
) {
    let age = Age::of(model.links.get(&SourceId::CloudRun { service: service.ix }), model.now.mono);
    let ctx = &ctx.trusting(age.trust());
    if named {
        let mut row = rows.row();
        row.put(&model.service_name(service.ix), ctx.style(Role::Title));
        if let Some(old) = age.old() {
            row.skip(2).put(&format!("{old}: last known"), ctx.style(Role::Unknown));
        }
    }
    let Some(traffic) = &state.traffic else {
        return rows.say("Not read yet.", ctx.style(Role::Text));
    };
    let columns = Columns::of(rows.width());
    let revisions = state.listed();
    // As many as there is room for, around the cursor.
    let top = cursor.unwrap_or(0).saturating_sub(shown / 2).min(revisions.len().saturating_sub(shown));
    let mut head = rows.row();
    if revisions.len() > shown {
        let place = cursor.map_or(0, |at| at + 1);
        head.put_right(&format!("{place} of {}", revisions.len()), ctx.style(Role::Muted));
    }
    heading(&mut head, ctx, &columns);
    let numbers = compared(model, service, state);
    for (row, at) in revisions.iter().zip(0..).skip(top).take(shown) {
        let mut line =
            if cursor == Some(at) { rows.grounded(ctx.theme.style(Role::Selected)) } else { rows.row() };
        revision(&mut line, ctx, model, service, (row, judged(model, service, row, &numbers)), &columns);
    }
    rows.skip();
    if let Some(row) = cursor.and_then(|at| revisions.get(at)).or(revisions.first()) {
        about(rows, ctx, model, service, row, traffic);
        rows.skip();
    }
    facts(rows, ctx, model, service, state, traffic);
    table(rows, ctx, ("compared", ["stable", "canary"]), &numbers);
    let cohorts = model.room.service(service.ix).map(|service| service.cohorts.as_slice());
    for (cohort, at) in cohorts.unwrap_or_default().iter().zip(0..) {
        let numbers = model.numbers(&Between::Cohorts(service.ix, at));
        let sides = cohort.values.each_ref().map(String::as_str);
        table(rows, ctx, (&format!("cohorts {}", cohort.name), sides), &numbers);
    }
}

/// Numbers side by side, each with on how many samples it rests.
fn table(rows: &mut Rows<'_>, ctx: &Ctx<'_>, (title, sides): (&str, [&str; 2]), numbers: &[Numbers]) {
    if numbers.is_empty() {
        return;
    }
    rows.skip();
    let muted = ctx.style(Role::Muted);
    let mut head = rows.row();
    head.put_right("samples", muted).cell(title, NAMES, Align::Left, muted);
    // The names of cohorts are the team's own; those of revisions are short.
    let side =
        sides.map(|side| width(side) as u16 + 1).into_iter().max().unwrap_or(0).clamp(SIDE, WIDEST_SIDE);
    for name in sides {
        head.number(&cut(name, usize::from(side) - 1), side, muted);
    }
    for row in worst(numbers, COMPARED) {
        let mut pen = rows.row();
        pen.put_right(&samples(row), muted);
        draw_compared(&mut pen, ctx, row, (NAMES, side));
    }
}

/// Widths of the columns that give way first.
struct Columns {
    bar: u16,
    tag: u16,
    created: bool,
}

impl Columns {
    fn of(width: u16) -> Self {
        // What stands beside the bar and the tags: their numbers are whole before those are long.
        let rest = 2 + 22 + 7 + 10 + 21 + READY;
        let wide = width >= rest + 20 + 14;
        Self {
            bar: if wide { 20 } else { 8 },
            tag: if wide { 14 } else { 9 },
            created: width >= rest + 8 + 9,
        }
    }
}

fn heading(pen: &mut Pen<'_>, ctx: &Ctx<'_>, columns: &Columns) {
    let muted = ctx.style(Role::Muted);
    pen.skip(2).cell("revision", 22, Align::Left, muted);
    pen.cell("serves", columns.bar + 7, Align::Left, muted).number("wanted", 8, muted).skip(2);
    pen.cell("tag", columns.tag, Align::Left, muted);
    if columns.created {
        pen.cell("created", 12, Align::Left, muted).number("age", 7, muted).skip(2);
    }
    pen.put("ready", muted);
}

fn revision(
    pen: &mut Pen<'_>,
    ctx: &Ctx<'_>,
    model: &Model,
    service: &ServiceState,
    (row, mark): (&Row<'_>, Mark),
    columns: &Columns,
) {
    let ready = row.revision.and_then(|revision| revision.ready);
    let contradicted = model.contradicts_ready(service.ix, row.name).is_some();
    let mark = if ctx.trust == Trust::Old { Mark::Unknown } else { mark };
    let part = match row.role {
        Part::Canary => Role::Accent,
        Part::Stable | Part::Previous | Part::Other => Role::Muted,
    };
    pen.put(mark.glyph(), ctx.style(mark.role())).skip(1);
    let name = model.short_revision(service.ix, row.name);
    let role = if row.role == Part::Other { String::new() } else { row.role.to_string() };
    let cells = 21_u16.saturating_sub(role.len() as u16);
    pen.cell(name, cells, Align::Left, ctx.style(Role::Strong)).put(&role, ctx.style(part)).skip(1);
    let bar = if row.role == Part::Canary { Role::Accent } else { Role::Muted };
    gauge(pen, ctx, columns.bar, Some(f64::from(row.effective) / 100.0), bar);
    pen.number(&format::percent_whole(row.effective), 7, ctx.style(Role::Text));
    let wanted = if row.desired == row.effective { Role::Muted } else { Role::Accent };
    pen.number(&format::percent_whole(row.desired), 8, ctx.style(wanted)).skip(2);
    pen.cell(&row.tags.join(" "), columns.tag, Align::Left, ctx.style(Role::Text));
    if columns.created {
        let created = row.revision.and_then(|revision| revision.created);
        let at = created.map(|at| format::moment(at, ctx.now.wall));
        let age = created.map(|at| age_of(at, ctx.now.wall));
        pen.cell(at.as_deref().unwrap_or(format::UNKNOWN), 12, Align::Left, ctx.style(Role::Muted));
        pen.number(age.as_deref().unwrap_or(format::UNKNOWN), 7, ctx.style(Role::Muted)).skip(2);
    }
    let (word, role) = match ready {
        Some(true) if contradicted => ("Ready, failing", Role::Bad),
        Some(true) if row.revision.is_some_and(|revision| revision.facts.retired) => {
            ("Ready, retired", Role::Muted)
        }
        Some(true) => ("Ready", Role::Text),
        Some(false) => ("not Ready", Role::Bad),
        None if mark == Mark::Unknown => ("not known", Role::Unknown),
        None => ("not yet", Role::Text),
    };
    pen.put(word, ctx.style(role));
    if model.ui.marked.as_ref().is_some_and(|(ix, name)| (*ix, name.as_str()) == (service.ix, row.name)) {
        pen.put(" · marked", ctx.style(Role::Accent));
    }
}

/// All about the revision under the cursor.
fn about(
    rows: &mut Rows<'_>,
    ctx: &Ctx<'_>,
    model: &Model,
    service: &ServiceState,
    row: &Row<'_>,
    traffic: &Traffic,
) {
    let width = rows.width();
    let short = model.short_revision(service.ix, row.name);
    fact(rows, ctx, short, row.name, Role::Text);
    if let Some(revision) = row.revision {
        let image = cut_middle(&revision.image, usize::from(width.saturating_sub(LABEL)));
        fact(rows, ctx, "image", &image, Role::Text);
        let when = format::or_unknown(revision.created, format::clock);
        let day = revision.created.map_or(String::new(), |at| at.format("%Y-%m-%d ").to_string());
        fact(rows, ctx, "created", &format!("{day}{when} by {}", revision.creator), Role::Text);
        differs::runs(rows, ctx, (revision, &traffic.scaling), model.ui.detail);
        if let Some(other) = model.compared_with(service.ix, row.name) {
            differs::draw(rows, ctx, (model, service.ix), (revision, other));
        }
        if let Some(message) = revision.message.as_ref().filter(|message| !message.is_empty()) {
            let role = if revision.ready == Some(false) { Role::Bad } else { Role::Muted };
            long(rows, ctx, ("message", message), role, (width, 3));
        }
    }
    let tagged = traffic.effective.iter().filter(|target| {
        target.tag.is_some()
            && target.revision.as_deref().or(traffic.latest_ready.as_deref()) == Some(row.name)
    });
    for target in tagged {
        let (tag, uri) = (target.tag.as_deref().unwrap_or_default(), target.uri.as_deref());
        fact(rows, ctx, "tag", &format!("{tag}  {}", uri.unwrap_or("without a URL yet")), Role::Accent);
    }
    full_time::draw(rows, ctx, (model, service.ix), row.name);
}

fn facts(
    rows: &mut Rows<'_>,
    ctx: &Ctx<'_>,
    model: &Model,
    service: &ServiceState,
    state: &TrafficState,
    traffic: &Traffic,
) {
    let (mark, words) = match state.standing() {
        Standing::Unknown => (Mark::Unknown, "not read yet".to_owned()),
        Standing::Settled => (Mark::Good, "settled: what is wanted serves".to_owned()),
        Standing::Reconciling => (Mark::Active, "changing: what is wanted does not serve yet".to_owned()),
        Standing::Failed => (Mark::Bad, "the last change failed; what served before still serves".to_owned()),
    };
    let mark = if ctx.trust == Trust::Old { Mark::Unknown } else { mark };
    let split = |of: &[TrafficTarget]| split_words(model, service, of);
    fact(rows, ctx, "state", &format!("{} {words}", mark.glyph()), mark.role());
    for row in state.rows() {
        let Some(probe) = model.contradicts_ready(service.ix, row.name) else { continue };
        let (name, how) = (model.short_revision(service.ix, row.name), answer(probe).unwrap_or_default());
        let words = format!("{} {name}: {READY_BUT_FAILING} {}: {how}", Mark::Bad.glyph(), probe.spec.name);
        long(rows, ctx, ("health", &words), Role::Bad, (rows.width(), 2));
    }
    if let Some(failure) = state.failure() {
        long(rows, ctx, ("message", failure), Role::Bad, (rows.width(), 2));
    }
    fact(rows, ctx, "serves", &split(&traffic.effective), Role::Text);
    fact(rows, ctx, "wanted", &split(&traffic.desired), Role::Text);
    let new = if traffic.pinned() {
        "pinned: a new deploy gets 0 %"
    } else {
        "a share follows the latest revision: a new deploy gets it"
    };
    fact(rows, ctx, "split", new, if traffic.pinned() { Role::Warn } else { Role::Text });
    if let Some((mark, words)) = model.way_back_of(service.ix).map(|way| way_back(model, service, &way)) {
        let role = if mark == Mark::Good { Role::Text } else { mark.role() };
        // Its name is the label.
        let words = words.strip_prefix("way back ").unwrap_or(&words);
        let untold = mark == Mark::Good && !words.contains(", token to ");
        let end = if untold { format!(" · {}", model.token_end(service.ix)) } else { String::new() };
        let words = format!("{words}{end}");
        long(rows, ctx, ("way back", &format!("{} {words}", mark.glyph())), role, (rows.width(), 4));
    }
    let latest = |name: &Option<String>| {
        name.as_deref().map_or(format::UNKNOWN, |name| model.short_revision(service.ix, name)).to_owned()
    };
    let words =
        format!("ready {}, created {}", latest(&traffic.latest_ready), latest(&traffic.latest_created));
    fact(rows, ctx, "latest", &words, Role::Text);
    let by = if traffic.last_modifier.is_empty() { format::UNKNOWN } else { &traffic.last_modifier };
    let generation = format!("{} serves, {} wanted", traffic.observed_generation, traffic.generation);
    fact(rows, ctx, "generation", &format!("{generation}, changed last by {by}"), Role::Muted);
    fact(rows, ctx, "address", &traffic.uri, Role::Muted);
}

fn split_words(model: &Model, service: &ServiceState, split: &[TrafficTarget]) -> String {
    let share = |target: &TrafficTarget| {
        let name = target.revision.as_deref().map_or("the latest", |n| model.short_revision(service.ix, n));
        format!("{name} {}", format::percent_whole(target.percent))
    };
    let shares: Vec<String> = split.iter().filter(|target| target.percent > 0).map(share).collect();
    if shares.is_empty() { format::UNKNOWN.to_owned() } else { shares.join(" / ") }
}

/// The operations of the room, newest first.
fn operations(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model) {
    rows.skip();
    let mut shown = model.ops.iter().rev().take(OPERATIONS).peekable();
    if shown.peek().is_none() {
        return fact(rows, ctx, "operations", "none since the beginning of the journal", Role::Muted);
    }
    for (op, at) in shown.zip(0..) {
        operation(&mut rows.row(), ctx, op, at == 0);
    }
}

fn operation(pen: &mut Pen<'_>, ctx: &Ctx<'_>, op: &Operation, first: bool) {
    let mark = match op.state() {
        None => Mark::Active,
        Some(OpState::Failed) => Mark::Bad,
        Some(OpState::Superseded) => Mark::Warn,
        Some(OpState::Unknown) => Mark::Unknown,
        Some(_) if op.is_over() => Mark::Good,
        Some(_) => Mark::Active,
    };
    let word = op.state().map_or("BEING JOURNALED".to_owned(), |state| state.to_string().to_uppercase());
    let label = if first { "operations" } else { "" };
    pen.cell(label, LABEL, Align::Left, ctx.style(Role::Muted));
    let at = op.steps.first().map(|step| format::moment(step.at, ctx.now.wall)).unwrap_or_default();
    pen.put_right(&format!("{} {at:>11}", op.by), ctx.style(Role::Muted)).skip_right(1);
    pen.put(mark.glyph(), ctx.style(mark.role())).skip(1);
    pen.put(&op.act.words(), ctx.style(Role::Text)).skip(2);
    pen.put(&word, ctx.style(mark.role())).skip(2);
    let detail = op.steps.last().map(|step| step.detail.to_string()).unwrap_or_default();
    pen.put(&detail, ctx.style(Role::Muted));
}
