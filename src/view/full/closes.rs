//! One close code: its rate over ten minutes against the limit, and who, why and when in a connection's life.
//!
//! ```text
//! ╭─ Closes ✗ 4401, ▲ 1011 ──────────────────────────────────── 5 min · live 1s ─╮
//! │ 4401 unauthorized (app)                         12.4/min, limit 5, for 2m10s │
//! │ The server refused or ended the session: token missing, wrong, expired.    │
//! │ 16                                                        ▁                  │
//! │  8 ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌▃█████████  dashed: limit 5 │
//! │ by reason     "token expired" 91 %   no reason 9 %                           │
//! ╰──────────────────────────────────────────────────────────────────────────────╯
//! ```

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::condition::Comparator;
use crate::domain::{Clean, Limit, Mono, PanelId, SourceId, close_code, format};
use crate::model::Model;
use crate::model::closes::{CodeRow, Handshakes, Live, rate_text};
use crate::model::focus::Extent;
use crate::model::mouse::Spot;
use crate::model::service::ServiceState;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::panels::closes::{Seen, usual};
use crate::view::panels::{Panel, measured};
use crate::view::sheet::Rows;
use crate::view::widgets::plot::Base;
use crate::view::widgets::text::{cut, width};
use crate::view::widgets::{Align, Mark, Pen, Plot, Title, panel as boxed};

use super::parts::{LABEL, fact};
use super::{WIDE, frame};

const TEN_MINUTES: Duration = Duration::from_mins(10);
/// Columns of the list of codes.
const LIST: u16 = 44;
/// Rows of the plot, times below included.
const PLOT: u16 = 7;

/// Draws the codes, and the one under the cursor.
pub(super) fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, panel: &dyn Panel) {
    let rows = codes(model);
    let cursor = model.ui.focus.cursor(PanelId::Closes);
    let chosen = cursor.row.min(rows.len().saturating_sub(1));
    if area.width >= WIDE {
        let list = frame(Rect { width: LIST, ..area }, buf, ctx, model, panel);
        table(
            list,
            buf,
            ctx,
            &rows,
            chosen,
            cursor.top(Extent { rows: rows.len(), page: usize::from(list.height) }),
        );
        let right = Rect { x: area.x + LIST, width: area.width - LIST, ..area };
        let title = Title::new("Code", panel.age());
        let inside = boxed(right, buf, ctx, &title, false);
        return detail(inside, buf, ctx, model, rows.get(chosen));
    }
    let inside = frame(area, buf, ctx, model, panel);
    detail(inside, buf, ctx, model, rows.get(chosen));
    if rows.len() > 1 && inside.height > 4 {
        let words = format!("code {} of {}", chosen + 1, rows.len());
        Pen::new(buf, inside, 2).put_right(&words, ctx.style(Role::Muted));
    }
}

/// A code of a service, and how it stands.
type Counted<'m> = (&'m ServiceState, Mark, CodeRow);

/// Who counts `code`.
fn counter(service: &ServiceState, code: u16) -> SourceId {
    if service.closes.from_server(code) {
        SourceId::Metrics { service: service.ix }
    } else {
        SourceId::Events { service: service.ix }
    }
}

/// All codes of all services in one list.
fn codes(model: &Model) -> Vec<Counted<'_>> {
    let now = model.now.mono;
    let watched = model.services.iter().filter(|service| service.closes.watched());
    let counted = |service: &'_ ServiceState| {
        let ix = service.ix;
        // Rates that are too old to be shown are not known.
        let live = Live {
            events: measured(model, &SourceId::Events { service: ix }),
            metrics: measured(model, &SourceId::Metrics { service: ix }),
        };
        let known = service.closes.known_rows(now, live);
        let rows = service.closes.rows(now).into_iter().zip(known).map(|(row, known)| {
            // As in the overview.
            let seen = Seen::of(model, counter(service, row.code));
            let (mark, _, per_minute) = seen.judge(model, &row);
            let spike = row.spike.filter(|_| per_minute.is_some());
            (mark, CodeRow { per_minute, spike, ..known })
        });
        rows.collect::<Vec<_>>()
    };
    let all = watched.flat_map(|service| counted(service).into_iter().map(move |row| (service, row)));
    all.map(|(service, (mark, row))| (service, mark, row)).collect()
}

fn table(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, rows: &[Counted<'_>], chosen: usize, top: usize) {
    if rows.is_empty() {
        Pen::new(buf, area, 0)
            .put("No event stream and no close counter in the config.", ctx.style(Role::Text));
    }
    for (((_, mark, row), at), line) in rows.iter().zip(0..).skip(top).zip(0..area.height) {
        if at == chosen {
            let ground = Rect { y: area.y + line, height: 1, ..area };
            buf.set_style(ground.intersection(buf.area), ctx.theme.style(Role::Selected));
        }
        let mut pen = Pen::new(buf, area, line);
        ctx.spot(pen.rest(), Spot::Row { panel: PanelId::Closes, row: at });
        pen.put_right(&row.rate_text(), ctx.style(mark.role())).skip_right(1);
        pen.put(mark.glyph(), ctx.style(mark.role())).skip(1);
        pen.put(&format!("{} {}", row.code, row.name), ctx.style(Role::Text));
    }
}

fn detail(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, row: Option<&Counted<'_>>) {
    let Some((service, mark, row)) = row else {
        Pen::new(buf, area, 0).put("No code was seen and none is configured.", ctx.style(Role::Text));
        return;
    };
    let state = &service.closes;
    let mut rows = Rows::new(buf, area, 0);
    let mut line = rows.row();
    let limit = row.limit_text();
    let unseen = *mark == Mark::Unknown;
    let since = row.spike.filter(|_| !unseen).map_or(String::new(), |spike| {
        format!(", for {}", format::age_seconds(ctx.now.mono.since(spike.since)))
    });
    let last = if unseen && row.per_minute.is_some() { "last " } else { "" };
    let rate = format!("{last}{}{limit}{since}", row.rate_text());
    line.put_right(&rate, ctx.style(mark.role())).skip_right(1);
    line.put(&format!("{} {}", row.code, row.name), ctx.style(Role::Strong));
    rows.say(close_code::meaning(row.code), ctx.style(Role::Muted));
    // Of a code that did not come there is nothing to draw.
    let none = state.history(row.code, ctx.now.mono, 60).iter().all(|count| *count <= 0.0);
    let plot = if none { 0 } else { PLOT.min(area.height.saturating_sub(11)) };
    if none {
        rows.skip();
        let words = match row.per_minute {
            Some(_) => "none in the last ten minutes",
            None => "not counted now",
        };
        rows.say(words, ctx.style(Role::Muted));
    }
    if plot >= 3 {
        let place = Rect { y: area.y + 3, height: plot, ..area };
        draw_plot(place, buf, ctx, model, service, row);
    }
    let used = match plot {
        3.. => plot + 4,
        _ if none => 5,
        _ => 3,
    };
    let rest = Rect { y: area.y + used, height: area.height.saturating_sub(used), ..area };
    answers(&mut Rows::new(buf, rest.intersection(area), 0), ctx, model, service, row);
}

fn draw_plot(
    area: Rect,
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
    model: &Model,
    service: &ServiceState,
    row: &CodeRow,
) {
    let cells = Plot::capacity(area.width, "").clamp(1, 120);
    let step = TEN_MINUTES / cells as u32;
    // Each sample is the rate over the minute that ends with it, as the number above is.
    let minute = (60.0 / step.as_secs_f64()).round().max(1.0) as usize;
    let (now, state) = (model.now.mono, &service.closes);
    let source = counter(service, row.code);
    let counts = state.history(row.code, now, cells);
    let seen = model.links.seen(&source, now, TEN_MINUTES, cells);
    // Before this process began, and where nothing was counted while its source was not heard, there are no samples.
    let known = Duration::from_micros(now.0);
    let samples: Vec<Option<f64>> = counts
        .iter()
        .zip(seen)
        .enumerate()
        .map(|(at, (count, seen))| {
            let sum: f64 = counts.iter().take(at + 1).rev().take(minute).sum();
            let age = step * (cells - 1 - at) as u32;
            (age <= known && (seen.is_some() || *count > 0.0)).then_some(sum)
        })
        .collect();
    let plot = Plot {
        samples: &samples,
        bad: row.limit.map(|value| Limit { op: Comparator::Gt, value }),
        warn: None,
        target: None,
        base: Base::Zero,
        unit: "",
        until: ctx.now.wall,
        step: chrono::TimeDelta::from_std(step).unwrap_or_default(),
    };
    plot.draw(area, buf, ctx);
}

fn answers(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, service: &ServiceState, row: &CodeRow) {
    let state = &service.closes;
    let cells = usize::from(rows.width().saturating_sub(LABEL));
    let share = |(name, percent): &(Clean, f64)| {
        format!("{} {}", model.short_revision(service.ix, name), format::percent(*percent))
    };
    let revisions: Vec<String> =
        state.by_revision(row.code, ctx.now.mono).iter().take(4).map(share).collect();
    fact(rows, ctx, "by revision", &known(&revisions, cells), Role::Text);
    let reasons = state.by_reason(row.code);
    let reason = |(name, percent): &(Clean, f64)| {
        if name.is_empty() {
            format!("no reason {}", format::percent(*percent))
        } else {
            format!("\"{}\" {}", cut(name, cells.saturating_sub(12)), format::percent(*percent))
        }
    };
    let reasons: Vec<String> = reasons.iter().take(3).map(reason).collect();
    fact(rows, ctx, "by reason", &known(&reasons, cells), Role::Text);
    let ages = state.by_age(row.code).map(|(young, p50)| {
        format!("{} within 2s of connecting   p50 {}", format::percent(young), format::short(p50))
    });
    fact(rows, ctx, "by age", &ages.unwrap_or_else(|| format::UNKNOWN.to_owned()), Role::Text);
    let [here, server] = service.closes.counting_each(ctx.now.mono);
    let (here, server) = (rate_text(row.client, here), rate_text(row.server, server));
    let both = format!("{here}   server counter {server}");
    fact(rows, ctx, "client here", &both, Role::Text);
    fact(rows, ctx, "attempts", &attempts(state.handshakes(), ctx.now.mono), Role::Text);
    let usual =
        format::or_unknown(usual(row, row.per_minute), |usual| format!("{}/min", format::rate(usual)));
    let ratio = row.usual.zip(row.per_minute).filter(|(usual, _)| *usual >= 0.05);
    let ratio = ratio.map_or(String::new(), |(usual, rate)| format!(", so {}", format::ratio(rate / usual)));
    fact(rows, ctx, "usual", &format!("{usual}{ratio} · {} in all", format::count(row.total)), Role::Text);
    rows.skip();
    let mut label = "last";
    for closed in state.newest(row.code).take(12) {
        let at = format::clock_millis(ctx.now.wall_at(closed.at));
        let mut line = rows.row();
        line.cell(label, 14, Align::Left, ctx.style(Role::Muted));
        line.cell(&at, 14, Align::Left, ctx.style(Role::Muted));
        let lived = format::short(Duration::from_millis(closed.lived_ms));
        line.number(&lived, 7, ctx.style(Role::Text)).skip(2);
        let reason = if closed.reason.is_empty() { "no reason given" } else { &closed.reason };
        line.put(reason, ctx.style(Role::Text));
        label = "";
    }
}

/// How often this client tried to connect, and how that ended.
fn attempts(handshakes: &Handshakes, now: Mono) -> String {
    let took = handshakes.success_percent(now);
    let took = format::or_unknown(took, format::percent);
    let refused = handshakes.refused.iter().map(|(status, n)| format!(" · {} × {status}", format::count(*n)));
    let failed =
        (handshakes.failed > 0).then(|| format!(" · {} without an answer", format::count(handshakes.failed)));
    let tail: String = refused.chain(failed).collect();
    format!("{} in all, in 5 min {took} succeeded{tail}", format::count(handshakes.attempts))
}

/// As many of the parts as fit whole: half a share is a wrong one.
fn known(parts: &[String], cells: usize) -> String {
    let mut words = parts.first().map_or(format::UNKNOWN.to_owned(), String::clone);
    for part in parts.iter().skip(1) {
        if width(&words) + 3 + width(part) > cells {
            break;
        }
        words = format!("{words}   {part}");
    }
    words
}
