//! One probe: what it asks, its latency over time against the limit, what its answers say, and when it changed.
//!
//! ```text
//! ╭─ Health ✗ 2/3, 1 failing ── live 1s ─╮╭─ Probe api ✗ unhealthy ───────────── every 2s ─╮
//! │ ✗ api       503  41ms p50 22 p95 63  ││ api             failing 03:12 of 05:00          │
//! │ ✓ auth      200  22ms p50 20 p95 40  ││ GET http://127.0.0.1:8080/health, expects 200   │
//! ╰──────────────────────────────────────╯╰─────────────────────────────────────────────────╯
//! ```

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::condition::Comparator;
use crate::domain::health::{ProbeOutcome, ProbeState};
use crate::domain::room::{Addressed, ProbeKind};
use crate::domain::{Limit, PanelId, ServiceIx, SourceId, Wall, format};
use crate::model::Model;
use crate::model::conditions::stopwatch;
use crate::model::health::Probe;
use crate::model::wording::answer;
use crate::theme::Role;
use crate::view::panels::health::judged;
use crate::view::panels::{Panel, measured};
use crate::view::sheet::Rows;
use crate::view::widgets::plot::Base;
use crate::view::widgets::text::width;
use crate::view::widgets::{Age, Align, Mark, Pen, Plot, Title, gauge, panel as boxed};
use crate::view::{Ctx, Trust};

use super::frame;
use super::parts::{chosen, fact, halves, list, long, place, wrapped};

/// Columns of the list of probes.
const LIST: u16 = 48;
/// Rows of the plot at most, times below included.
const PLOT: u16 = 15;
/// Rows that the facts need more than the plot.
const FACTS: u16 = 14;

/// One probe with its place in the room.
struct Row<'m> {
    service: ServiceIx,
    probe: &'m Probe,
    source: SourceId,
    limit: Duration,
    mark: Mark,
    /// Its numbers are young enough to be shown.
    shown: bool,
}

/// Draws the probes, and the one under the cursor.
pub(super) fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, panel: &dyn Panel) {
    let rows = rows(model);
    let (left, right) = halves(area, LIST);
    let at = chosen(model, PanelId::Health, rows.len());
    let Some(row) = rows.get(at) else {
        let inside = frame(area, buf, ctx, model, panel);
        return panel.draw(inside, buf, ctx);
    };
    if let Some(left) = left {
        let inside = frame(left, buf, ctx, model, panel);
        list(inside, buf, ctx, (model, PanelId::Health), &rows, |pen, row| draw_row(pen, ctx, row));
        let own = ctx.trusting(trust(model, row));
        let name = format!("Probe {}", row.probe.spec.name);
        let age = Age::of(model.links.get(&row.source), model.now.mono);
        let title = Title::new(&name, age).state(&own, row.mark, word(model, row));
        let inside = boxed(right, buf, &own, &title, false);
        detail(inside, buf, &own, model, row, true);
    } else {
        let inside = frame(right, buf, ctx, model, panel);
        detail(inside, buf, &ctx.trusting(trust(model, row)), model, row, false);
        place(inside, buf, ctx, "probe", at, rows.len());
    }
}

fn trust(model: &Model, row: &Row<'_>) -> Trust {
    if row.probe.is_fresh(model.now.mono) { Trust::Live } else { Trust::Old }
}

fn rows(model: &Model) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for service in &model.services {
        for (probe, at) in service.health.probes().iter().zip(0_u16..) {
            let source = SourceId::Health { service: service.ix, probe: at };
            let limit = service.health.limit(probe);
            let mark = judged(model, service, probe);
            let shown = measured(model, &source) || probe.is_fresh(model.now.mono);
            rows.push(Row { service: service.ix, probe, source, limit, mark, shown });
        }
    }
    rows
}

fn word<'a>(model: &'a Model, row: &Row<'a>) -> &'a str {
    let name = row.probe.spec.name.as_str();
    match row.mark {
        Mark::Warn if row.probe.is_slow(row.limit) => "slow",
        Mark::Warn if row.probe.seen.contradiction.is_some() => "contradicts itself",
        Mark::Warn => match model.judged_probe(row.service, name) {
            Some((spec, _)) if spec.signal.name != format!("health.{name}.falls") => &spec.name,
            _ => "flapping",
        },
        Mark::Bad if row.probe.seen.state() == ProbeState::Healthy => "healthy now, its condition fails",
        _ => row.probe.seen.state().word(),
    }
}

fn latency(row: &Row<'_>) -> Option<Duration> {
    match &row.probe.seen.last.as_ref()?.outcome {
        ProbeOutcome::Answered { latency, .. } => Some(*latency).filter(|_| row.shown),
        ProbeOutcome::Failed { .. } => None,
    }
}

fn status(row: &Row<'_>) -> String {
    row.probe.answer().filter(|_| row.shown).unwrap_or_else(|| format::UNKNOWN.to_owned())
}

fn draw_row(pen: &mut Pen<'_>, ctx: &Ctx<'_>, row: &Row<'_>) {
    let number = |length: Option<Duration>| format::or_unknown(length, format::short);
    let slow = if row.probe.is_slow(row.limit) { Role::Warn } else { Role::Text };
    pen.put_right(&format!("{:>6}", number(row.probe.seen.p95.filter(|_| row.shown))), ctx.style(slow));
    pen.put_right(" p95", ctx.style(Role::Muted));
    pen.put_right(&format!("{:>7}", number(latency(row))), ctx.style(Role::Text));
    pen.put_right(&format!("{:>4}", status(row)), ctx.style(row.mark.ink())).skip_right(1);
    pen.put(row.mark.glyph(), ctx.style(row.mark.role())).skip(1);
    pen.put(&row.probe.spec.name, ctx.style(Role::Text));
}

/// All of one probe; `titled`: its name and state stand in the title already.
fn detail(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, row: &Row<'_>, titled: bool) {
    let spec = &row.probe.spec;
    let mut rows = Rows::new(buf, area, 0);
    let mut head = rows.row();
    let values = format!("{} · {}", status(row), format::or_unknown(latency(row), format::short));
    let limit = format!(", limit {}", format::short(row.limit));
    let values = format!("{values}{limit}");
    head.put_right(&values, ctx.style(row.mark.ink()));
    // An address that is too long for its row goes on in the next ones.
    let (asks, cells) = (asks(model, row), usize::from(area.width));
    let fits = width(&asks) + width(&values) + 2 <= cells;
    if titled && fits {
        head.put(&asks, ctx.style(Role::Muted));
    } else {
        head.put(&spec.name, ctx.style(Role::Strong)).skip(2);
        head.put(word(model, row), ctx.style(row.mark.ink()));
        for asks in wrapped(&asks, cells, 4) {
            rows.say(asks, ctx.style(Role::Muted));
        }
    }
    rows.skip();
    let mut used = rows.count();
    let plot = PLOT.min(area.height.saturating_sub(FACTS));
    if plot >= 4 {
        let at = Rect { y: area.y + used, height: plot, ..area };
        draw_plot(at, buf, ctx, row);
        used += plot + 1;
    }
    let rest = Rect { y: area.y + used.min(area.height), height: area.height.saturating_sub(used), ..area };
    let mut rows = Rows::new(buf, rest, 0);
    facts(&mut rows, ctx, model, row, rest.width);
    transitions(&mut rows, ctx, model, row);
}

/// Milliseconds over time; each column one probe.
fn draw_plot(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, row: &Row<'_>) {
    let cells = Plot::capacity(area.width, "ms").clamp(1, 300);
    let samples: Vec<Option<f64>> = row
        .probe
        .seen
        .spark(cells, row.probe.period(), ctx.now.mono)
        .into_iter()
        .map(|latency| latency.map(|latency| latency.as_secs_f64() * 1e3))
        .collect();
    let plot = Plot {
        samples: &samples,
        bad: None,
        warn: Some(Limit { op: Comparator::Gt, value: row.limit.as_secs_f64() * 1e3 }),
        target: None,
        base: Base::Zero,
        unit: "ms",
        until: ctx.now.wall,
        step: chrono::TimeDelta::from_std(row.probe.spec.interval).unwrap_or_default(),
    };
    plot.draw(area, buf, ctx);
}

/// What a probe does, in words; an address that may hold a password is not shown.
fn asks(model: &Model, row: &Row<'_>) -> String {
    let spec = &row.probe.spec;
    let what = match &spec.kind {
        ProbeKind::Http { url, method, expect, .. } => {
            let expect: Vec<String> = expect.iter().map(u16::to_string).collect();
            let at = model.service(row.service).and_then(|state| state.asked_at(spec, url));
            let at = at.unwrap_or_else(|| format!("{url} at its tag, which no revision is seen to carry"));
            format!("{method} {at}, expects {}", expect.join(" or "))
        }
        ProbeKind::Tcp { address } => format!("connects to {address}"),
        ProbeKind::Postgres { .. } => "SELECT 1 on PostgreSQL".to_owned(),
        ProbeKind::Redis { .. } => "PING on Redis".to_owned(),
    };
    let (every, within) = (seconds(spec.interval), seconds(spec.timeout));
    format!("{what} · every {every}, within {within}")
}

fn seconds(length: Duration) -> String {
    format::limit(length.as_secs_f64(), "s")
}

fn facts(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, row: &Row<'_>, width: u16) {
    let (seen, now) = (&row.probe.seen, ctx.now);
    let number = |length: Option<Duration>| format::or_unknown(length.filter(|_| row.shown), format::short);
    let samples = format::count(seen.samples);
    let spread =
        format!("p50 {}   p95 {}   of {samples} answers in 5 min", number(seen.p50), number(seen.p95));
    fact(rows, ctx, "latency", &spread, if row.probe.is_slow(row.limit) { Role::Warn } else { Role::Text });
    let limits = (format::short(row.probe.spec.limit), format::short(row.probe.spec.limit_starting));
    fact(rows, ctx, "limit", &format!("{}, while starting {}", limits.0, limits.1), Role::Text);
    failing(rows, ctx, model, row);
    let (found, role) = match &seen.contradiction {
        Some((found, since)) => {
            let length = format::age_seconds(now.mono.since(*since));
            (format!("✗ {found}, for {length}"), Role::Warn)
        }
        None if row.probe.status().is_some() => ("✓ status and body say the same".to_owned(), Role::Text),
        None => ("no HTTP answer to compare with a body".to_owned(), Role::Muted),
    };
    fact(rows, ctx, "contract", &found, role);
    let (said, role) = match seen.report.as_ref().filter(|_| row.mark == Mark::Unknown) {
        Some((at, _)) => {
            (format!("{}, {} ago", body(row.probe), format::age_seconds(now.mono.since(*at))), Role::Muted)
        }
        None => (body(row.probe), Role::Text),
    };
    fact(rows, ctx, "body", &said, role);
    let last = seen.last.as_ref();
    let origin = last.map_or_else(|| format::UNKNOWN.to_owned(), |last| last.origin.to_string());
    let addressed = match &row.probe.spec.addressed {
        Addressed::Service => "the service's own address".to_owned(),
        Addressed::Tag(tag) => format!("tag {tag}"),
        Addressed::Revision(name) => format!("revision {name}"),
    };
    let short = model.short_revision(row.service, &origin);
    fact(rows, ctx, "answers", &format!("{short}, through {addressed}"), Role::Text);
    let error = seen.last_error.as_ref().map_or_else(
        || "none: each request was answered".to_owned(),
        |(at, error)| format!("{error}, {} ago", format::age_seconds(now.mono.since(*at))),
    );
    let role = if row.probe.error().is_some() { Role::Bad } else { Role::Muted };
    long(rows, ctx, ("last error", &error), role, (width, 2));
    fact(rows, ctx, "next", &next(ctx, model, row), Role::Text);
}

/// How long it has been failing, against the trigger that watches it.
fn failing(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, row: &Row<'_>) {
    let signal = format!("health.{}.failing", row.probe.spec.name);
    let watched = model
        .conditions
        .iter(&model.room)
        .find(|(spec, _)| spec.signal.service == row.service && spec.signal.name == signal);
    let length = row.probe.seen.failing_for();
    let words = match (length, row.probe.seen.state()) {
        (None, ProbeState::Unknown) => "not heard yet".to_owned(),
        (None, _) if row.mark == Mark::Unknown => "not known: nothing answers".to_owned(),
        (None, _) => "not failing".to_owned(),
        (Some(length), _) => {
            let why = answer(row.probe).unwrap_or_default();
            format!("{} · {why}", format::stopwatch(length))
        }
    };
    let role = if length.is_some() { row.mark.ink() } else { Role::Text };
    fact(rows, ctx, "failing", &words, role);
    let Some((spec, state)) = watched else { return };
    let mut line = rows.row();
    line.cell("trigger", super::parts::LABEL, Align::Left, ctx.style(Role::Muted));
    let watch = stopwatch(spec, state);
    line.put(&watch, ctx.style(if state.is_running() { Role::Warn } else { Role::Text })).skip(1);
    let bar = if length.is_some() { Role::Warn } else { Role::Muted };
    gauge(&mut line, ctx, 20, crate::model::conditions::progress(spec, state), bar);
    line.skip(1).put("never acts by itself", ctx.style(Role::Muted));
}

/// What the newest readable body says.
fn body(probe: &Probe) -> String {
    if let Some(last) = &probe.seen.last
        && let ProbeOutcome::Answered { report, .. } = &last.outcome
        && let Some(problem) = &report.problem
    {
        return format!("✗ {problem}");
    }
    let Some((_, report)) = &probe.seen.report else { return "no body read".to_owned() };
    let mut parts = Vec::new();
    if let Some(status) = &report.status {
        parts.push(format!("status {status}"));
    }
    match (report.complete, &report.failed) {
        (_, Some(why)) => parts.push(format!("startup failed: {why}")),
        (Some(true), None) => parts.push("startup complete".to_owned()),
        _ if report.says_starting() => parts.push("starting".to_owned()),
        _ => {}
    }
    if let Some(phase) = &report.phase {
        parts.push(format!("phase {phase}"));
    }
    parts.extend(report.flags.iter().map(|(name, value)| format!("{name} {value}")));
    if parts.is_empty() { "nothing that is read".to_owned() } else { parts.join(" · ") }
}

/// When it asks again.
fn next(ctx: &Ctx<'_>, model: &Model, row: &Row<'_>) -> String {
    let now = ctx.now.mono;
    if let Some(down) = model.links.get(&row.source).and_then(|link| link.down.as_ref()) {
        let wait = format::age_seconds(down.retry_at.since(now));
        return format!(
            "try {} in {wait}, down for {}",
            down.attempt,
            format::age_seconds(now.since(down.since))
        );
    }
    let Some(last) = &row.probe.seen.last else { return "first answer is waited for".to_owned() };
    let due = last.at.after(row.probe.spec.interval);
    if due > now { format!("in {}", format::age_seconds(due.since(now))) } else { "now".to_owned() }
}

/// Its changes of state, newest first.
fn transitions(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, row: &Row<'_>) {
    let changes = &row.probe.seen.transitions;
    let flips = row.probe.seen.flips(ctx.now.mono, Duration::from_mins(10));
    if changes.is_empty() {
        return;
    }
    rows.skip();
    let mut head = rows.row();
    head.cell("changes", super::parts::LABEL, Align::Left, ctx.style(Role::Muted));
    let role = if flips > 2 { Role::Warn } else { Role::Muted };
    let last = changes.last().map(|(at, _)| format::age_seconds(ctx.now.mono.since(*at)));
    let words = format!("{flips} in 10 min, the last {} ago", last.unwrap_or_default());
    head.put(&words, ctx.style(role));
    let mut until = ctx.now.mono;
    for (at, state) in changes.iter().rev() {
        let wall: Wall = model.now.wall_at(*at);
        let role = match state {
            ProbeState::Healthy => Role::Good,
            ProbeState::Starting => Role::Accent,
            ProbeState::Unhealthy | ProbeState::Silent => Role::Bad,
            ProbeState::Unknown | ProbeState::Unreachable => Role::Unknown,
        };
        let mut line = rows.row();
        line.cell("", super::parts::LABEL, Align::Left, ctx.style(Role::Muted));
        line.cell(&format::time_of_day(wall), 10, Align::Left, ctx.style(Role::Muted));
        line.cell(state.word(), 12, Align::Left, ctx.style(role));
        line.put(&format!("for {}", format::age_seconds(until.since(*at))), ctx.style(Role::Muted));
        until = *at;
    }
}
