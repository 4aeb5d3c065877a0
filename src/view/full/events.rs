//! Runs, the story of one, the stream by type with its newest lines, and the newest line as it came.
//!
//! ```text
//! ╭─ Events ✗ 5 runs incomplete ──────────────── 224/s · live 1s ─╮╭─ Story of 7f3a ✗ 1 missing ──────────────── pinned ─╮
//! │ last event   run    story                  took   n wrong     ││ at       event                 gap        delivery  │
//! │ 14:02:10.409 7f3a ✗ S T e _ C             11.9s   4 1 missing ││ +0ms     agent_started                        31ms  │
//! ╰───────────────────────────────────────────────────────────────╯╰─────────────────────────────────────────────────────╯
//! ```

mod runs;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::event::story::{Ending, Mark as Step, Story};
use crate::domain::event::{Invalid, Skew};
use crate::domain::{Clean, PanelId, format};
use crate::model::Model;
use crate::model::events::Events;
use crate::theme::Role;
use crate::view::panels::Panel;
use crate::view::sheet::Rows;
use crate::view::widgets::text::{cut_middle, width};
use crate::view::widgets::{Age, Align, Mark, Pen, Title, panel as boxed};
use crate::view::{Ctx, Trust};

use super::parts::wrapped;
use super::{WIDE, frame};

/// Cells of a run's id.
const RUN: u16 = 8;
/// Below so many cells of a story the gaps, which follow from its times, give way to the names.
const GAPS: u16 = 46;
/// Cells of a counted value.
const VALUE: usize = 24;

/// Draws the four parts, or on narrow screens the runs above the stream, or one story.
pub(super) fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, panel: &dyn Panel) {
    let lower = if area.height >= 24 { area.height * 2 / 5 } else { area.height / 3 };
    let (above, below) = (area.height - lower, lower);
    let upper = Rect { height: above, ..area };
    let lower = Rect { y: area.y + above, height: below, ..area };
    if area.width < WIDE {
        if model.ui.detail {
            return story(area, buf, ctx, model, true);
        }
        runs::runs(frame(upper, buf, ctx, model, panel), buf, ctx, model);
        return stream_box(lower, buf, ctx, model, panel);
    }
    let left = (u32::from(area.width) * 11 / 20) as u16;
    let halves =
        |row: Rect| (Rect { width: left, ..row }, Rect { x: row.x + left, width: row.width - left, ..row });
    let ((a, b), (c, d)) = (halves(upper), halves(lower));
    runs::runs(frame(a, buf, ctx, model, panel), buf, ctx, model);
    story(b, buf, ctx, model, false);
    stream_box(c, buf, ctx, model, panel);
    raw(d, buf, ctx, model);
}

/// The stream by type with its newest lines, below what came over it and was no event.
fn stream_box(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, panel: &dyn Panel) {
    let mut inside = boxed(area, buf, ctx, &stream_title(ctx, model, panel), false);
    let mut kinds = BTreeMap::new();
    for events in model.services.iter().filter_map(|service| service.events.as_ref()) {
        events.totals().invalid.iter().for_each(|(kind, n)| *kinds.entry(*kind).or_insert(0) += n);
    }
    if !kinds.is_empty() && inside.height > 1 {
        let mut kinds: Vec<(Invalid, u64)> = kinds.into_iter().collect();
        kinds.sort_by_key(|(_, n)| Reverse(*n));
        let told: Vec<String> =
            kinds.iter().map(|(kind, n)| format!("{} {kind}", format::count(*n))).collect();
        let mut pen = Pen::new(buf, inside, 0);
        pen.put("▲ ", ctx.style(Role::Warn)).put("no event: ", ctx.style(Role::Muted));
        pen.put(&told.join(" · "), ctx.style(Role::Text));
        inside = Rect { y: inside.y + 1, height: inside.height - 1, ..inside };
    }
    panel.draw(by_field(inside, buf, ctx, model), buf, ctx);
}

/// Counts since the start by the fields that `count_by` names, most first: a line a field, in at most a third of the place. Gives
/// what is left of it.
fn by_field(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model) -> Rect {
    let streams = model.services.iter().filter_map(|service| Some((service.ix, service.events.as_ref()?)));
    let fields = streams.flat_map(|(ix, events)| events.counted().iter().map(move |counted| (ix, counted)));
    let mut row = 0;
    for (ix, counted) in fields.take(usize::from(area.height / 3)) {
        let mut pen = Pen::new(buf, area, row);
        if let Some(service) = model.room.service(ix).filter(|_| model.services.len() > 1) {
            pen.put(&service.name, ctx.style(Role::Muted)).skip(1);
        }
        pen.put("by ", ctx.style(Role::Muted)).put(&counted.field, ctx.style(Role::Muted)).skip(2);
        let mut values: Vec<&(Clean, u64)> = counted.values.iter().collect();
        values.sort_by_key(|(_, n)| Reverse(*n));
        let mut rest = counted.rest + values.iter().map(|(_, n)| n).sum::<u64>();
        if rest == 0 {
            pen.put("none so far", ctx.style(Role::Muted));
        }
        for (value, n) in values {
            let (value, n_text) = (cut_middle(value, VALUE), format::count(*n));
            let others = if rest > *n { width(" · others ") + format::count(rest - n).len() } else { 0 };
            if usize::from(pen.room()) < 3 + width(&value) + 1 + n_text.len() + others {
                break;
            }
            pen.put(&value, ctx.style(Role::Text)).skip(1).put(&n_text, ctx.style(Role::Accent));
            rest -= n;
            if rest > 0 {
                pen.put(" · ", ctx.style(Role::Muted));
            }
        }
        if rest > 0 {
            pen.put("others ", ctx.style(Role::Muted)).put(&format::count(rest), ctx.style(Role::Text));
        }
        row += 1;
    }
    Rect { y: area.y + row, height: area.height - row, ..area }
}

/// With the sender's clock against ours: of several streams the one that is off most.
fn stream_title(ctx: &Ctx<'_>, model: &Model, panel: &dyn Panel) -> Title<'static> {
    let mut title = Title::new("Stream", panel.age());
    for active in model.services.iter().filter_map(|service| service.active.as_ref()) {
        let Some(ran) = active.newest() else { continue };
        let good = ran.is_good() && active.foreign().0 == 0;
        let mark = match (active.is_fresh(model.now.mono), good) {
            (false, _) => Mark::Unknown,
            (true, true) => Mark::Good,
            (true, false) => Mark::Bad,
        };
        let age = format::age_seconds(model.now.mono.since(ran.at));
        title = title.note(format!("active run {} {age} ago", mark.glyph()), ctx.style(mark.ink()));
    }
    let streams = model.services.iter().filter_map(|service| service.events.as_ref());
    let worst = streams.filter_map(Events::skew).max_by_key(|skew| skew.ahead_us.unsigned_abs());
    title.window(format!("sender's clock {}", format::or_unknown(worst, Skew::ahead)), ctx.style(Role::Muted))
}

/// The stream that a run came from; letters and types are its.
fn stream<'m>(model: &'m Model, run: &Story) -> Option<&'m Events> {
    let streams = || model.services.iter().filter_map(|service| service.events.as_ref());
    let mut all = streams();
    match (all.next(), all.next()) {
        (only, None) => only,
        _ => streams().find(|events| events.run(&run.run).is_some()),
    }
}

fn letters(stream: Option<&Events>) -> &[char] {
    stream.map_or(&[], Events::letters)
}

fn types(stream: Option<&Events>) -> &[String] {
    stream.and_then(Events::spec).map_or(&[], |spec| &spec.types)
}

fn mark(ctx: &Ctx<'_>, run: &Story) -> Mark {
    match run.ending {
        _ if ctx.trust == Trust::Old => Mark::Unknown,
        None => Mark::Warn,
        Some(Ending::Whole) => Mark::Good,
        Some(Ending::Incomplete | Ending::TimedOut) => Mark::Bad,
        Some(Ending::Unjudged) => Mark::Idle,
    }
}

/// The story of one run.
fn story(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, focused: bool) {
    let Some(run) = model.told_run() else {
        let inside = boxed(area, buf, ctx, &Title::new("Story", Age::NotSetUp), focused);
        Pen::new(buf, inside, 0).put("no run under the cursor", ctx.style(Role::Muted));
        return;
    };
    let mark = mark(ctx, run);
    let wrong = run.wrong();
    let name = format!("Story of {}", cut_middle(&run.run, usize::from(RUN)));
    let mut title = Title::new(&name, Age::NotSetUp);
    let words = if wrong.is_empty() { words(run).to_owned() } else { wrong };
    title = title.state(ctx, mark, words);
    if model.ui.pinned.is_some() {
        title = title.window("pinned", ctx.style(Role::Accent));
    }
    let inside = boxed(area, buf, ctx, &title, focused);
    let mut rows = Rows::new(buf, inside, 0);
    let muted = ctx.style(Role::Muted);
    rows.row().cell("run", 10, Align::Left, muted).put(&run.run, ctx.style(Role::Accent));
    let revision = if run.revision.is_empty() { format::UNKNOWN } else { &run.revision };
    if model.services.len() > 1 {
        let name = service_of(model, run);
        rows.row().cell("service", 10, Align::Left, muted).put(&name, ctx.style(Role::Text));
    }
    rows.row().cell("revision", 10, Align::Left, muted).put(revision, ctx.style(Role::Text));
    rows.skip();
    let mut headings = rows.row();
    let gaps = inside.width >= GAPS;
    headings.put_right("  delivery", muted).put_right(if gaps { "     gap  " } else { "" }, muted);
    headings.cell("at", 9, Align::Left, muted).put("event", muted);
    let mut before = None;
    for step in &run.steps {
        let name = step.kind.and_then(|kind| types(stream(model, run)).get(usize::from(kind)));
        let missing = step.mark == Step::Missing;
        let mut line = if missing { rows.grounded(ctx.theme.tint(Role::Bad)) } else { rows.row() };
        let at = Duration::from_micros(step.after_us);
        let delivery = step.delivery_us.map(|us| format::short(Duration::from_micros(us)));
        let gap = before
            .filter(|_| !missing && gaps)
            .map(|before: u64| format::short(Duration::from_micros(step.after_us.saturating_sub(before))));
        let (glyph, role, never) = match step.mark {
            Step::Missing => ("✗", Role::Bad, true),
            Step::Twice => ("▲", Role::Warn, false),
            Step::OutOfOrder => ("<", Role::Bad, false),
            Step::Seen => (" ", Role::Text, false),
        };
        let delivery = if never { "never came".to_owned() } else { delivery.unwrap_or_default() };
        line.put_right(&format!("{delivery:>10}"), ctx.style(if never { Role::Bad } else { Role::Muted }));
        if gaps {
            line.put_right(&format!("{:>8}  ", gap.unwrap_or_default()), muted);
        }
        let when = if never { format::UNKNOWN.to_owned() } else { format!("+{}", format::short(at)) };
        line.cell(&when, 9, Align::Left, muted).put(glyph, ctx.style(role)).skip(1);
        line.put(name.map_or("another type", String::as_str), ctx.style(role)).skip(1);
        line.put(&step.call, ctx.style(Role::Accent)).skip(1).put(&step.detail, muted);
        if !missing {
            before = Some(step.after_us);
        }
    }
}

/// The service whose stream a run came from.
fn service_of(model: &Model, run: &Story) -> String {
    let has = |events: &Events| events.run(&run.run).is_some();
    let of = model.services.iter().find(|service| service.events.as_ref().is_some_and(has));
    of.map_or_else(|| format::UNKNOWN.to_owned(), |service| model.service_name(service.ix))
}

fn words(run: &Story) -> &'static str {
    match run.ending {
        None => "open",
        Some(Ending::Whole) => "whole",
        Some(Ending::Incomplete) => "incomplete",
        Some(Ending::TimedOut) => "fell silent",
        Some(Ending::Unjudged) => "not judged: not seen from its beginning",
    }
}

/// What is wrong with which frames, by the team's schemas: under the newest line, as many as a third of the place holds. Gives what
/// is left of the place.
fn envelopes(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model) -> Rect {
    let checked = model.services.iter().filter_map(|service| service.envelopes.as_ref());
    let mut lines: Vec<(Mark, String)> = Vec::new();
    for envelopes in checked {
        let (frames, wrong, _) = envelopes.counts();
        if let Some(problem) = envelopes.problem() {
            lines.push((Mark::Unknown, format!("schemas cannot be used: {problem}")));
            continue;
        }
        let words = format!(
            "{} of {} frames looked at break their schema",
            format::count(wrong),
            format::count(frames)
        );
        lines.push((if wrong == 0 { Mark::Good } else { Mark::Bad }, words));
        lines.extend(envelopes.places().into_iter().map(|(wrong, place)| {
            let at = if wrong.place.is_empty() { "the frame" } else { &wrong.place };
            (Mark::Warn, format!("{}× {} {at}: {}", format::count(place.count), wrong.kind, place.words))
        }));
    }
    let room = (area.height / 3).max(1).min(lines.len() as u16);
    let above = Rect { height: area.height.saturating_sub(room), ..area };
    for ((mark, words), row) in lines.iter().zip(above.height..area.height) {
        let mut pen = Pen::new(buf, area, row);
        pen.put(mark.glyph(), ctx.style(mark.role())).skip(1).put(words, ctx.style(mark.ink()));
    }
    above
}

/// The newest line that is shown, as it came.
fn raw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model) {
    let lines = model.services.iter().filter_map(|service| service.events.as_ref());
    let line = lines.filter_map(|events| events.tail().shown().next()).max_by_key(|line| line.at);
    let mut title = Title::new("Raw", Age::NotSetUp);
    if let Some(line) = line {
        title = title
            .note(format!("{} · {} bytes", line.kind, format::count(line.bytes)), ctx.style(Role::Muted));
    }
    let inside = boxed(area, buf, ctx, &title, false);
    let inside = envelopes(inside, buf, ctx, model);
    let mut rows = Rows::new(buf, inside, 0);
    let Some(line) = line else {
        let filtered = !model.ui.focus.filter(PanelId::Events).is_empty();
        let words = if filtered { "no line fits the filter" } else { "nothing received yet" };
        return rows.say(words, ctx.style(Role::Muted));
    };
    let most = usize::from(inside.height.saturating_sub(1));
    for part in wrapped(&line.raw, usize::from(inside.width), most) {
        rows.say(part, ctx.style(Role::Text));
    }
    let words =
        if line.scrubbed { "scrubbed or cut: not byte for byte what came" } else { "scrubbed: nothing" };
    let last = inside.height.saturating_sub(1);
    Pen::new(buf, inside, last).put(words, ctx.style(if line.scrubbed { Role::Warn } else { Role::Muted }));
}
