//! What the full views share: a list beside the detail of its row, facts with their labels, wrapped text.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::PanelId;
use crate::model::Model;
use crate::model::focus::Extent;
use crate::model::mouse::Spot;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::sheet::Rows;
use crate::view::widgets::text::head;
use crate::view::widgets::{Align, Pen};

use super::WIDE;

/// Cells of a label.
pub(super) const LABEL: u16 = 14;

/// Where the list and the detail stand: side by side where there is room, else the detail alone.
pub(super) fn halves(area: Rect, list: u16) -> (Option<Rect>, Rect) {
    if area.width < WIDE {
        return (None, area);
    }
    let right = Rect { x: area.x + list, width: area.width - list, ..area };
    (Some(Rect { width: list, ..area }), right)
}

/// The row under the cursor of `panel` in a list of `rows`.
pub(super) fn chosen(model: &Model, panel: PanelId, rows: usize) -> usize {
    model.ui.focus.cursor(panel).row.min(rows.saturating_sub(1))
}

/// Draws the rows of a list that are on the screen, the one under the cursor on its ground.
pub(super) fn list<T>(
    area: Rect,
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
    (model, panel): (&Model, PanelId),
    rows: &[T],
    draw: impl Fn(&mut Pen<'_>, &T),
) {
    let cursor = model.ui.focus.cursor(panel);
    let chosen = chosen(model, panel, rows.len());
    let top = cursor.top(Extent { rows: rows.len(), page: usize::from(area.height) });
    for ((row, at), line) in rows.iter().zip(0..).skip(top).zip(0..area.height) {
        if at == chosen {
            let ground = Rect { y: area.y + line, height: 1, ..area };
            buf.set_style(ground.intersection(buf.area), ctx.theme.style(Role::Selected));
        }
        let mut pen = Pen::new(buf, area, line);
        ctx.spot(pen.rest(), Spot::Row { panel, row: at });
        draw(&mut pen, row);
    }
}

/// `probe 2 of 3` in the last row, where the list itself is not shown.
pub(super) fn place(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, what: &str, at: usize, all: usize) {
    if all > 1 && area.height > 4 {
        let words = format!("{what} {} of {all}", at + 1);
        let mut pen = Pen::new(buf, area, area.height - 1);
        pen.put_right(&words, ctx.style(Role::Muted));
    }
}

/// A label and what it says.
pub(super) fn fact(rows: &mut Rows<'_>, ctx: &Ctx<'_>, label: &str, value: &str, role: Role) {
    rows.row().cell(label, LABEL, Align::Left, ctx.style(Role::Muted)).put(value, ctx.style(role));
}

/// A label and what it says, in as many lines as it needs, at most `most`.
pub(super) fn long(
    rows: &mut Rows<'_>,
    ctx: &Ctx<'_>,
    (label, value): (&str, &str),
    role: Role,
    (cells, most): (u16, usize),
) {
    let lines = wrapped(value, usize::from(cells.saturating_sub(LABEL)), most);
    for (line, at) in lines.into_iter().zip(0..) {
        fact(rows, ctx, if at == 0 { label } else { "" }, line, role);
    }
}

/// The text in lines of at most `cells`, at most `most` of them; broken at spaces where there are any, and long words,
/// which are paths and addresses mostly, before a part of them.
pub(in crate::view) fn wrapped(text: &str, cells: usize, most: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() && lines.len() < most && cells > 0 {
        let fits = head(rest, cells);
        if fits.len() == rest.len() {
            lines.push(rest);
            break;
        }
        let space = fits.rfind(' ').filter(|at| *at > 0);
        let part = fits.rfind(['/', '?', '&']).filter(|at| *at > fits.len() / 2);
        let end = match (space, part) {
            // A space so early leaves the line nearly empty.
            (Some(space), Some(part)) if space < fits.len() / 3 => part,
            (Some(space), _) => space,
            (None, part) => part.unwrap_or(fits.len()),
        };
        // A single character wider than the line ends it: there is no room for it.
        if end == 0 {
            break;
        }
        let (line, after) = rest.split_at(end);
        lines.push(line);
        rest = after.trim_start();
    }
    lines
}
