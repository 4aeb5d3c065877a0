//! The verdict over the rollout's time, one cell a part of it: the higher, the worse; a point where nobody watched.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{VerdictState, Wall, format};
use crate::model::Model;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::widgets::{Age, Pen, Title, mark, panel as boxed};

/// Rows of its box.
const ROWS: u16 = 5;

/// A moment on its axis takes so many cells.
const TICK: u16 = 24;

/// Where it stands, below what is left for the rest; no height where there is no room or no rollout.
pub(super) fn place(area: Rect, model: &Model) -> (Rect, Rect) {
    let rows = if area.height >= 20 && model.verdict_line.begun().is_some() { ROWS } else { 0 };
    let above = Rect { height: area.height - rows, ..area };
    (above, Rect { y: area.y + above.height, height: rows, ..area })
}

/// As drawn: the higher, the worse.
fn glyph(state: VerdictState) -> &'static str {
    match state {
        VerdictState::Go => "▁",
        VerdictState::Hold => "▃",
        VerdictState::NoGo => "▆",
        VerdictState::RollBack => "█",
    }
}

/// Draws it.
pub(super) fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model) {
    let Some(from) = model.verdict_line.begun().filter(|_| area.height >= ROWS) else { return };
    let rollout = model.checklist.rollout();
    let end = rollout.and_then(|rollout| rollout.end.as_ref()).map(|end| end.at);
    let until = end.unwrap_or(model.now.wall).max(from);
    let length = (until - from).to_std().unwrap_or_default();
    let words = format!("{} since {}", format::age(length), format::moment(from, model.now.wall));
    let title = Title::new("Verdict", Age::NotSetUp).window(words, ctx.style(Role::Muted));
    let inside = boxed(area, buf, ctx, &title, false);
    let mut parts = model.verdict_line.parts(from, until, usize::from(inside.width), model.now.wall);
    // What it became a moment ago is not read back yet.
    if let Some(last) = parts.last_mut().filter(|_| end.is_none()) {
        *last = (*last).max(Some(model.verdicts.room.state));
    }
    let mut pen = Pen::new(buf, inside, 0);
    for part in parts {
        match part {
            Some(state) => pen.glyph(glyph(state), ctx.style(mark::verdict(state, false).role())),
            None => pen.glyph("·", ctx.style(Role::Unknown)),
        };
    }
    axis(Pen::new(buf, inside, 1), ctx, inside.width, (from, until));
    let mut pen = Pen::new(buf, inside, 2);
    for state in VerdictState::ALL {
        pen.put(glyph(state), ctx.style(Role::Text)).skip(1);
        pen.put(state.word(), ctx.style(Role::Muted)).skip(2);
    }
    pen.put("·", ctx.style(Role::Unknown)).skip(1).put("nobody watched", ctx.style(Role::Muted));
}

fn axis(mut pen: Pen<'_>, ctx: &Ctx<'_>, cells: u16, (from, until): (Wall, Wall)) {
    let whole = (until - from).num_milliseconds();
    let count = (cells / TICK).max(1);
    // Where less than a minute passes between two of them, minutes alone would all be the same.
    let short = whole < i64::from(count) * 60_000;
    let told = |at: Wall| if short { format::clock(at) } else { format::moment(at, until) };
    for n in 0..count {
        let at = from + chrono::TimeDelta::milliseconds(whole * i64::from(n) / i64::from(count));
        pen.to(cells / count * n).put(&told(at), ctx.style(Role::Muted));
    }
    pen.put_right(&told(until), ctx.style(Role::Muted));
}
