//! The screen, drawn from the model: pure, without a clock, without a change to anything.
//!
//! [`draw`] puts the bands together: header, verdict, banner, rail, panels, hints. Sizes decide the shape of it
//! ([`layout`]), each panel draws itself ([`panels`]), and what lies over the panels is drawn last.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use strum::IntoEnumIterator;

use crate::domain::{Dashboard, PanelId};
use crate::keymap::hints::Place;
use crate::model::Model;
use crate::model::modal::Modal;
use crate::model::mouse::Spot;
use crate::theme::Role;

pub mod ascii;
pub mod ctx;
pub mod dialogs;
pub mod findings;
pub mod footer;
pub mod full;
pub mod header;
pub mod help;
pub mod layout;
pub mod modal;
pub mod page;
pub mod palette;
pub mod panels;
pub mod rail;
pub mod room_list;
pub mod sheet;
pub mod spots;
#[cfg(test)]
mod testing;
pub mod tiny;
pub mod tour;
pub mod verdict;
pub mod widgets;

pub use ctx::{Ctx, Glyphs, Motion, Trust};
pub use spots::spot;

use layout::{Need, Shape};
use panels::Panel;

/// The panels with their names, gathered for one frame.
type Panels<'m> = Vec<(PanelId, Box<dyn Panel + 'm>)>;

/// Where the panels of a frame stand, and what each had asked for; none where they do not stand alone.
#[derive(Debug, Default)]
pub struct Drawn(Vec<(Need, Rect)>);

/// Draws the whole screen into `area` of `buf`.
pub fn draw(model: &Model, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) -> Drawn {
    let area = area.intersection(buf.area);
    let mut drawn = Drawn::default();
    buf.set_style(area, ctx.theme.base());
    match (layout::shape(area), model.ui.focus.full()) {
        (Shape::Badge, _) => verdict::only(model, ctx, area, buf),
        (Shape::Tiny, _) => tiny::draw(model, ctx, area, buf, &gather(model, None)),
        (Shape::List, Some(panel)) => full(model, ctx, area, buf, panel, true),
        (_, Some(panel)) => full(model, ctx, area, buf, panel, false),
        (shape, None) => drawn = overview(model, ctx, area, buf, shape),
    }
    if !matches!(layout::shape(area), Shape::Badge) {
        over(model, ctx, area, buf);
    }
    if ctx.glyphs == Glyphs::Ascii {
        ascii::translate(buf);
    }
    // Under a sheet or a hint no panel stands alone.
    let covered = model.ui.modal.is_some() || model.hint().is_some();
    if covered { Drawn::default() } else { drawn }
}

/// Draws one panel of the last frame again, in a buffer of its own; answers `false` if it does not stand there alone, or
/// would stand elsewhere now.
pub fn redraw(model: &Model, ctx: &Ctx<'_>, id: PanelId, drawn: &Drawn, buf: &mut Buffer) -> bool {
    let Some((need, area)) = drawn.0.iter().find(|(need, _)| need.panel == id) else { return false };
    let panel = panels::gather(id, model);
    if panels::need(id, panel.as_ref()) != *need {
        return false;
    }
    buf.resize(*area);
    buf.reset();
    buf.set_style(*area, ctx.theme.base());
    panels::draw((id, panel.as_ref()), *area, buf, ctx, id == model.ui.focus.panel());
    if ctx.glyphs == Glyphs::Ascii {
        ascii::translate(buf);
    }
    true
}

/// Draws the line that is being typed again, in a buffer of its own; answers `false` if it has no row to itself.
pub fn redraw_line(model: &Model, ctx: &Ctx<'_>, buf: &mut Buffer) -> bool {
    let area = Rect::new(0, 0, model.size.0, model.size.1);
    let row = layout::bands(area, false, false).hints;
    if matches!(layout::shape(area), Shape::Badge | Shape::Tiny) || row.is_empty() {
        return false;
    }
    buf.resize(row);
    buf.reset();
    buf.set_style(row, ctx.theme.base());
    footer::draw(model, ctx, row, buf, Place::Page);
    if ctx.glyphs == Glyphs::Ascii {
        ascii::translate(buf);
    }
    true
}

/// What lies over the panels. It leaves header and verdict uncovered where there is room.
fn over(model: &Model, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
    if model.ui.modal.is_some() {
        let overview = model.ui.focus.full().is_none();
        let bands = layout::bands(area, overview, overview && rail::banner(model, ctx).is_some());
        let screen = Rect { height: area.height.saturating_sub(bands.hints.height), ..area };
        modal::draw(sheet::Stage { screen, body: bands.body, kept: bands.verdict }, buf, ctx, model);
    }
}

/// The panels of a dashboard; `None`: those of the overview.
fn gather<'m>(model: &'m Model, of: Option<&Dashboard>) -> Panels<'m> {
    let gathered = |id: PanelId| (id, panels::gather(id, model));
    if let Some(dashboard) = of {
        return dashboard.panels().filter(|id| model.has(*id)).map(gathered).collect();
    }
    let there = |id: &PanelId| !id.is_of_dashboards() && model.has(*id);
    PanelId::iter().filter(there).map(gathered).collect()
}

fn overview(model: &Model, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer, shape: Shape) -> Drawn {
    let mut drawn = Drawn::default();
    let banner = rail::banner(model, ctx);
    let bands = layout::bands(area, true, banner.is_some());
    header::draw(model, ctx, bands.header, buf);
    verdict::block(model, ctx, bands.verdict, buf);
    if let Some(banner) = &banner {
        rail::draw_banner(ctx, bands.banner, buf, banner);
    }
    rail::draw(model, ctx, bands.rail, buf);
    let dashboard = model.dashboard();
    let panels = gather(model, dashboard);
    let focused = match model.ui.focus.panel() {
        panel if dashboard.is_some() => match &model.ui.modal {
            Some(Modal::Arrange(arranging)) => arranging.chosen().map_or(panel, |(_, tile)| tile.panel),
            _ => panel,
        },
        // In the columns gates stand inside the checklist.
        PanelId::Gates if shape != Shape::List => PanelId::Checklist,
        // What is alerted of are conditions.
        PanelId::Alerts | PanelId::Stages if shape != Shape::List => PanelId::Triggers,
        panel => panel,
    };
    if shape == Shape::List {
        room_list::draw(model, ctx, bands.body, buf, &panels);
    } else {
        let of = |id: PanelId| panels.iter().find(|(known, _)| *known == id).map(|(_, panel)| panel.as_ref());
        let need = |id: PanelId| {
            let empty = layout::Need { panel: id, least: 1, wants: 1, grows: false };
            of(id).map_or(empty, |panel| panels::need(id, panel))
        };
        let placed = if let Some(dashboard) = dashboard {
            layout::dashboard(bands.body, shape, dashboard, |id| model.has(id), need)
        } else if model.room.is_of_documents() {
            layout::documents(bands.body, need)
        } else {
            layout::columns(bands.body, shape, need)
        };
        for placed in placed {
            if let Some(panel) = of(placed.panel) {
                ctx.spot(placed.area, Spot::Panel { panel: placed.panel });
                panels::draw((placed.panel, panel), placed.area, buf, ctx, placed.panel == focused);
                drawn.0.push((panels::need(placed.panel, panel), placed.area));
                arranging(model, ctx, placed, buf);
            }
        }
    }
    if let Some(hint) = model.hint() {
        tour::draw(bands.body, buf, ctx, hint);
    }
    let place = if shape == Shape::List { Place::List } else { Place::Overview(focused.into()) };
    hints(model, ctx, bands.hints, buf, place);
    drawn
}

/// The shares of the panel that is being placed, in its lower border.
fn arranging(model: &Model, ctx: &Ctx<'_>, placed: layout::Placed, buf: &mut Buffer) {
    let Some(Modal::Arrange(arranging)) = &model.ui.modal else { return };
    let Some((column, tile)) = arranging.chosen().filter(|(_, tile)| tile.panel == placed.panel) else {
        return;
    };
    let words = format!(" {} · width {} · height {} ", tile.panel, column.width, tile.height);
    let mut pen = widgets::Pen::new(buf, placed.area, placed.area.height.saturating_sub(1));
    pen.skip(2).skip_right(2).put(&words, ctx.theme.style(Role::Accent));
}

/// One panel at full size, on small screens under a strip of all panels.
fn full(model: &Model, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer, id: PanelId, strip: bool) {
    let bands = layout::bands(area, false, false);
    header::draw(model, ctx, bands.header, buf);
    verdict::row(model, ctx, bands.verdict, buf);
    let strip_rows = u16::from(strip).min(bands.body.height);
    if strip {
        room_list::strip(&gather(model, model.dashboard()), ctx, bands.body, buf, id);
    }
    let body = Rect { y: bands.body.y + strip_rows, height: bands.body.height - strip_rows, ..bands.body };
    ctx.spot(body, Spot::Panel { panel: id });
    full::draw(body, buf, ctx, model, id);
    hints(model, ctx, bands.hints, buf, Place::Full(id.into()));
}

fn hints(model: &Model, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer, place: Place) {
    let place = match &model.ui.modal {
        Some(Modal::Page(_)) => Place::Page,
        Some(Modal::Findings(_)) => Place::Findings,
        Some(Modal::Progress(_)) => Place::Ended,
        _ => place,
    };
    footer::draw(model, ctx, area, buf, place);
}
