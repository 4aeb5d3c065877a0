//! The stages of the rollout in one row.
//!
//! ```text
//!  ✓ 1 Internal 0 % · soaked 24h ━━━━━━━ ● 2 Canary 10 % · soak 18:39 of 30:00 ━━━━━╸──── ◦ 3 Full 100 % · needs 2
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::PanelId;
use crate::domain::stage::StopKind;
use crate::model::Model;
use crate::model::mouse::Spot;
use crate::model::stages::{Row, State};
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::widgets::text::width;
use crate::view::widgets::{Mark, Pen, gauge};

/// Cells of the shortest bar.
const LEAST: usize = 4;

/// How a stage is marked.
pub(in crate::view) fn mark(row: &Row) -> Mark {
    match (row.state, row.stop.as_ref().map(|stop| stop.kind)) {
        (State::Waiting, _) => Mark::Idle,
        (State::Done | State::Ready, _) => Mark::Good,
        (State::Failed | State::Aborted, _) => Mark::Bad,
        (State::Paused, _) | (_, Some(StopKind::Unsettled | StopKind::Held)) => Mark::Warn,
        (_, Some(StopKind::Unseen)) => Mark::Unknown,
        (State::Active | State::Soaking, _) => Mark::Active,
    }
}

/// The colour of its bar.
pub(in crate::view) fn bar(row: &Row) -> Role {
    match mark(row) {
        Mark::Active => Role::Accent,
        Mark::Idle => Role::Muted,
        mark => mark.role(),
    }
}

/// How much is told of the stages that are not under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    All,
    Titles,
    Names,
    Numbers,
    Alone,
}

/// What stands behind a stage's title.
fn about(row: &Row) -> String {
    let mut parts: Vec<String> = vec![row.soak_words()];
    match row.state {
        State::Waiting if row.needs.0 > 0 => parts = vec![format!("needs {}", row.needs.0)],
        State::Paused => parts.insert(0, "held".to_owned()),
        State::Ready => parts.push("ready".to_owned()),
        State::Aborted if row.soak.is_none() => parts.push("given up".to_owned()),
        _ => {}
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

/// The words of a stage: its title, and what stands behind it.
fn words(row: &Row, detail: Detail, lit: bool) -> (String, String) {
    let title = format!("{} {}", row.number, row.title());
    let about = about(row);
    match (detail, lit) {
        (Detail::All, _) | (_, true) => (title, about),
        (Detail::Titles, _) if row.state == State::Waiting && row.needs.0 > 0 => (title, about),
        (Detail::Titles, _) => (title, String::new()),
        (Detail::Names, _) => (format!("{} {}", row.number, row.name), String::new()),
        (Detail::Numbers | Detail::Alone, _) => (row.number.to_string(), String::new()),
    }
}

/// Draws it; the stage under way, else the next one, is told most of.
pub(super) fn draw(model: &Model, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer, rows: &[Row]) {
    let lit = rows.iter().position(Row::is_current);
    let lit = lit.or_else(|| rows.iter().position(|row| row.state == State::Waiting));
    let lit = lit.unwrap_or(rows.len().saturating_sub(1));
    let room = usize::from(area.width.saturating_sub(2));
    let taken = |detail: Detail| -> usize {
        let each = rows.iter().enumerate().map(|(at, row)| {
            let (title, about) = words(row, detail, at == lit);
            let about = if about.is_empty() { 0 } else { width(&about) + 3 };
            2 + width(&title) + about + 1
        });
        each.sum()
    };
    let bars = rows.len().saturating_sub(1).max(1);
    let fits = |detail: &Detail| taken(*detail) + bars * LEAST <= room;
    let all = [Detail::All, Detail::Titles, Detail::Names, Detail::Numbers];
    let detail = all.into_iter().find(fits).unwrap_or(Detail::Alone);
    let mut pen = Pen::new(buf, area, 0);
    ctx.spot(pen.rest(), Spot::Tab { panel: PanelId::Stages });
    pen.skip(1).skip_right(1);
    if !model.stages.are_in_force() {
        pen.put_right("proposed", ctx.style(Role::Muted)).skip_right(1);
    }
    let spare = usize::from(pen.room()).saturating_sub(taken(detail));
    let last = rows.len().saturating_sub(1);
    // The stage under way has the longest bar; the last stage has one only when it is under way.
    let small = if last > 1 {
        (spare / 4 / (last - usize::from(lit < last)).max(1)).clamp(LEAST, 24)
    } else {
        spare / 4
    };
    let others = (0..rows.len()).filter(|at| *at != lit && *at != last).count();
    let large = spare.saturating_sub(others * small);
    for (at, row) in rows.iter().enumerate() {
        if detail == Detail::Alone && at != lit {
            continue;
        }
        let (title, about) = words(row, detail, at == lit);
        let mark = mark(row);
        let name = if mark == Mark::Idle && at != lit { Role::Muted } else { Role::Strong };
        pen.put(mark.glyph(), ctx.style(mark.role())).skip(1).put(&title, ctx.style(name));
        if !about.is_empty() {
            pen.put(" · ", ctx.style(Role::Muted)).put(&about, ctx.style(Role::Muted));
        }
        pen.skip(1);
        let size = match at {
            at if at == lit => large,
            at if at == last => 0,
            _ => small,
        };
        if detail != Detail::Alone && size > 1 {
            let size = u16::try_from(size - 1).unwrap_or(u16::MAX).min(pen.room());
            gauge(&mut pen, ctx, size, Some(row.fraction()), bar(row));
            pen.skip(1);
        }
    }
}
