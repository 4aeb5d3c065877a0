//! One panel at full size: what the overview has no room for. Panels that show everything there are drawn larger.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::PanelId;
use crate::model::Model;

use crate::theme::Role;

use super::Ctx;
use super::panels::{self, Panel};
use super::widgets::panel as boxed;

mod checklist;
mod closes;
mod events;
mod flags;

/// Narrower than this there is one column.
pub const WIDE: u16 = 100;

/// Draws `id` in `area`.
pub fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, id: PanelId) {
    let panel = panels::gather(id, model);
    let live = ctx.trusting(panel.age().trust());
    match id {
        PanelId::Checklist => checklist::draw(area, buf, &live, model, panel.as_ref()),
        PanelId::Events => events::draw(area, buf, &live, model, panel.as_ref()),
        PanelId::Closes => closes::draw(area, buf, &live, model, panel.as_ref()),
        PanelId::Flags => flags::draw(area, buf, &live, model, panel.as_ref()),
        PanelId::Triggers
        | PanelId::Metrics
        | PanelId::Traffic
        | PanelId::Health
        | PanelId::Startup
        | PanelId::Journal => panels::draw(panel.as_ref(), area, buf, ctx, true),
    }
}

/// Draws the box of the panel in focus and answers with the area inside.
fn frame(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, panel: &dyn Panel) -> Rect {
    let mut title = panel.title(ctx);
    let filter = model.ui.focus.filter(model.ui.focus.panel());
    if !filter.is_empty() {
        title = title.note(format!("· filter {filter}"), ctx.theme.style(Role::Match));
    }
    boxed(area, buf, ctx, &title, true)
}
