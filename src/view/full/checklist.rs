//! The whole checklist as a tree, and beside it all about the item under the cursor.
//!
//! ```text
//! ╭─ Checklist 41/52 ▲ 2 required open ────────────────────── local ─╮╭─ Item ────────────────────────────────────────────╮
//! │ ▾ Testing                                                    6/8 ││ Load test at twice the usual rate                 │
//! │   ✓ Unit tests                                         sam 13:09 ││ release.md:88  Testing · item 2 of 8              │
//! │   ☐ Load test at twice the rate                         deployer ││                                                   │
//! │   ▸ 5 more, all done                                             ││ history       ✓ 13:13:40Z  sam                    │
//! ╰──────────────────────────────────────────────────────────────────╯╰───────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::PanelId;
use crate::keymap::Context;
use crate::model::Model;
use crate::model::checklist::Show;
use crate::model::focus::Extent;
use crate::model::mouse::Spot;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::panels::Panel;
use crate::view::sheet::Rows;
use crate::view::widgets::{Pen, panel as boxed};

mod item;
mod row;

/// Narrower than this the item's detail stands in the place of the list.
const BESIDE: u16 = 110;

/// Fewer rows have none for the legend.
const LEGEND: u16 = 12;

/// Draws the list, and the item beside it if there is room, or instead of it if it was opened.
pub(super) fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, panel: &dyn Panel) {
    let detail = model.ui.detail && model.item_under_cursor().is_some();
    if area.width < BESIDE {
        if detail {
            return item::draw(area, buf, ctx, model, true);
        }
        return list(frame(area, buf, ctx, model, (panel, true)), buf, ctx, model);
    }
    let left = (u32::from(area.width) * 11 / 20) as u16;
    let inside = frame(Rect { width: left, ..area }, buf, ctx, model, (panel, !detail));
    list(inside, buf, ctx, model);
    item::draw(Rect { x: area.x + left, width: area.width - left, ..area }, buf, ctx, model, detail);
}

/// The box of the list, with what is listed in its title.
fn frame(
    area: Rect,
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
    model: &Model,
    (panel, focused): (&dyn Panel, bool),
) -> Rect {
    let mut title = panel.title(ctx);
    let (filter, show) = (model.ui.focus.filter(PanelId::Checklist), model.checklist.listing().show());
    let found = model.checklist.found();
    let lit = ctx.theme.style(Role::Match);
    if show != Show::All {
        title = title.second(format!("{} {found} ·", show.words()), lit);
    }
    if !filter.is_empty() {
        title = title.second(format!("\"{filter}\" {found} ·"), lit);
    }
    boxed(area, buf, ctx, &title, focused)
}

fn list(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model) {
    let rows = model.checklist.rows();
    if model.checklist.listing().outline().count() == 0 || rows.is_empty() {
        return empty(area, buf, ctx, model);
    }
    let legend = area.height > LEGEND;
    let page = area.height.saturating_sub(u16::from(legend));
    let cursor = model.ui.focus.cursor(PanelId::Checklist);
    let at_last = rows.len() - 1;
    let top = cursor.top(Extent { rows: rows.len(), page: usize::from(page) });
    for ((row, at), line) in rows.iter().zip(0..).skip(top).zip(0..page) {
        if at == cursor.row.min(at_last) {
            let ground = Rect { y: area.y + line, height: 1, ..area };
            buf.set_style(ground.intersection(buf.area), ctx.theme.style(Role::Selected));
        }
        let mut pen = Pen::new(buf, area, line);
        ctx.spot(pen.rest(), Spot::Row { panel: PanelId::Checklist, row: at });
        row::draw(&mut pen, ctx, model, *row);
    }
    if legend {
        let mut pen = Pen::new(buf, area, area.height - 1);
        if rows.len() > usize::from(page) {
            let seen = (top + usize::from(page)).min(rows.len());
            pen.put_right(&format!("{seen}/{}", rows.len()), ctx.style(Role::Muted)).skip_right(2);
        }
        row::legend(&mut pen, ctx);
    }
}

fn empty(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model) {
    let mut rows = Rows::new(buf, area, 0);
    let (text, muted, key) = (ctx.style(Role::Text), ctx.style(Role::Muted), ctx.style(Role::Key));
    for problem in model.checklist.problems() {
        rows.say(&format!("▲ {problem}"), ctx.style(Role::Warn));
    }
    let filter = model.ui.focus.filter(PanelId::Checklist);
    if model.checklist.listing().outline().count() > 0 {
        rows.say(&format!("no match for \"{filter}\" · esc clears"), text);
    } else if !model.checklist.is_read() {
        rows.say("Reading.", text);
    } else if model.checklist.documents().is_empty() {
        rows.say("No document yet.", text);
        rows.row().put("--checklist FILE.md", key).put("  reads one, unchanged", muted);
        rows.row().put("checklists = [\"release.md\"]", key).put("  in [room] of the config", muted);
    } else {
        rows.say("Nothing in the document is an item.", text);
        for document in model.checklist.documents() {
            rows.say(&format!("{} was read, and has no box, step or checklist", document.path), muted);
        }
        rows.say("- [ ] is one in any Markdown; it is read again when the file changes", muted);
    }
    if let Some(findings) = ctx.keymap.key_for(Context::Checklist, crate::domain::Action::Findings) {
        rows.row().put(&findings, key).put("  what was not understood, with its lines", muted);
    }
}
