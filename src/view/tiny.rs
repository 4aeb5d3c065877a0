//! Screens below 60×15: the verdict, its reasons, and a mark for each panel.
//!
//! ```text
//!  PROD  chat-backend           14:02:11Z
//!   ✗ NO-GO                     for 2m10s
//!  1 ✗ 4401 12.4/min, limit 5       2m10s
//!  Closes ✗   Events ✗    Triggers ▲
//!  links ● 6/6 live             oldest 2s
//!  :  ? keys
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::domain::{Freshness, PanelId, ReasonKind, VerdictState, format};
use crate::keymap::hints::Place;
use crate::model::Model;
use crate::model::mouse::Spot;
use crate::theme::Role;

use super::panels::Panel;
use super::widgets::text::width;
use super::widgets::{Align, Mark, Pen};
use super::{Ctx, Trust, footer, header, room_list, verdict};

/// Cells that are left of a subject at least, beside a value.
const LEAST: usize = 6;

/// Draws the whole screen. Rows vanish from the bottom; the badge and the first reason are the last to go.
pub fn draw(
    model: &Model,
    ctx: &Ctx<'_>,
    area: Rect,
    buf: &mut Buffer,
    panels: &[(PanelId, Box<dyn Panel + '_>)],
) {
    header::draw(model, ctx, area, buf);
    let reasons = model.verdicts.now.reasons.len().min(verdict::SHOWN) as u16;
    let shown = reasons.min(area.height.saturating_sub(2));
    // The block keeps its height, whatever number of reasons there is.
    let block = Rect {
        y: area.y + 1,
        height: (1 + verdict::SHOWN as u16).min(area.height.saturating_sub(1)),
        ..area
    };
    draw_block(model, ctx, block, buf, shown);
    let rest = Rect { y: block.bottom(), height: area.bottom().saturating_sub(block.bottom()), ..area };
    let cells = (area.width.saturating_sub(1) / 3).max(1);
    let each = usize::from(area.width.saturating_sub(1) / cells.max(1)).max(1);
    let mut row = 0;
    for line in panels.chunks(each.min(3)) {
        if row >= rest.height.saturating_sub(2) && row > 0 {
            break;
        }
        let mut pen = Pen::new(buf, rest, row);
        pen.skip(1);
        for (id, panel) in line {
            let old = panel.age().trust() == Trust::Old;
            let state = panel.summary().mark;
            let mark = if old && state != Mark::Idle { Mark::Unknown } else { state };
            let name = room_list::name(*id);
            pen.put(name, ctx.style(Role::Text)).skip(1).put(mark.glyph(), ctx.style(mark.role()));
            let taken = name.len() as u16 + 2;
            pen.skip(cells.saturating_sub(taken));
        }
        row += 1;
    }
    draw_links(model, ctx, rest, buf, row);
    let last = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
    if rest.height > row + 1 {
        footer::draw(model, ctx, last, buf, Place::List);
    }
}

fn draw_block(model: &Model, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer, shown: u16) {
    let now = &model.verdicts.now;
    let mark = verdict::sign(now);
    let loud = matches!(now.state, VerdictState::NoGo | VerdictState::RollBack);
    let role = verdict::role(now);
    let fill = ctx.theme.fill(role).add_modifier(Modifier::BOLD);
    let whole = now.state == VerdictState::RollBack;
    let ground = if whole { fill } else { ctx.theme.tint(role) };
    buf.set_style(area.intersection(buf.area), ground);
    let first = Rect {
        width: if loud { area.width } else { area.width.min(13) },
        height: area.height.min(1),
        ..area
    };
    buf.set_style(first.intersection(buf.area), fill);
    let mut pen = Pen::new(buf, area, 0);
    if let Some(since) = now.since {
        let length = format!("for {}", format::age_seconds(model.now.since(since)));
        // The word of the verdict is never cut for its time.
        if area.width >= 27 {
            pen.skip_right(1).put_right(&length, if loud { fill } else { ctx.style(Role::Text) });
        }
    }
    // The longest word fits on twelve columns whole.
    pen.skip(area.width.saturating_sub(11).min(2))
        .put(mark.glyph(), fill)
        .skip(1)
        .put(now.state.word(), fill);
    let paint = |role: Role| if whole { fill } else { ctx.style(role) };
    for (reason, at) in now.reasons.iter().take(usize::from(shown)).zip(1_u16..) {
        let mark = Mark::from(reason.kind);
        let mut pen = Pen::new(buf, area, at);
        ctx.spot(pen.rest(), Spot::Reason { index: usize::from(at) - 1 });
        pen.skip(1).skip_right(1);
        // What is not seen says for how long itself.
        let told = reason.kind == ReasonKind::Unseen && !reason.value.is_empty();
        if let Some(since) = reason.since.filter(|_| area.width >= 36 && !told) {
            let length = format::age_seconds(model.now.since(since));
            pen.put_right(&length, paint(Role::Muted)).skip_right(1);
        }
        pen.put(&at.to_string(), paint(Role::Key)).skip(1).put(mark.glyph(), paint(mark.role())).skip(1);
        let room = usize::from(pen.room());
        let (subject, value) = verdict::fitting(reason, room);
        // A value of nothing says nothing: where only one of them has room, it is the subject.
        let value = if width(subject).min(LEAST) + 1 + width(value) <= room { value } else { "" };
        let cells = pen.room().saturating_sub(if value.is_empty() { 0 } else { width(value) as u16 + 1 });
        let cells = cells.min(width(subject) as u16);
        pen.cell(subject, cells, Align::Left, paint(Role::Text)).skip(1);
        pen.put(value, paint(Role::Text));
    }
}

fn draw_links(model: &Model, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer, row: u16) {
    let now = model.now.mono;
    let oldest = model.links.remote().filter_map(|(_, link)| match link.freshness(now) {
        Freshness::Live(age) | Freshness::Stale(age) | Freshness::Down(age) => Some(age),
        Freshness::Never => None,
    });
    let oldest = format::or_unknown(oldest.max(), format::age_seconds);
    let mut pen = Pen::new(buf, area, row);
    pen.skip(1).skip_right(1);
    pen.put_right(&format!("oldest {oldest}"), ctx.style(Role::Muted)).skip_right(1);
    pen.put("links ", ctx.style(Role::Muted)).line(&header::links(model, ctx));
}
