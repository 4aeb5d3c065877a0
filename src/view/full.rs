//! One panel at full size: what the overview has no room for. Each has its own file.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::PanelId;
use crate::model::Model;

use crate::theme::Role;

use super::Ctx;
use super::panels::{self, Panel};
use super::widgets::panel as boxed;

mod alerts;
mod checklist;
mod closes;
mod events;
mod flags;
mod gates;
mod health;
mod item_state;
mod journal;
mod logs;
mod metrics;
pub(super) mod parts;
pub(super) use self::item_state::standing;
pub(super) use self::parts::wrapped;
mod stages;
mod startup;
mod traffic;
mod triggers;

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
        PanelId::Health => health::draw(area, buf, &live, model, panel.as_ref()),
        PanelId::Startup => startup::draw(area, buf, &live, model, panel.as_ref()),
        PanelId::Metrics => metrics::draw(area, buf, &live, model, panel.as_ref()),
        PanelId::Triggers => triggers::draw(area, buf, &live, model, panel.as_ref()),
        PanelId::Traffic => traffic::draw(area, buf, &live, model, panel.as_ref()),
        PanelId::Journal => journal::draw(area, buf, &live, model, panel.as_ref()),
        PanelId::Gates => gates::draw(area, buf, &live, model, panel.as_ref()),
        PanelId::Alerts => alerts::draw(area, buf, &live, model, panel.as_ref()),
        PanelId::Logs => logs::draw(area, buf, &live, model, panel.as_ref()),
        PanelId::Stages => stages::draw(area, buf, &live, model, panel.as_ref()),
        PanelId::GoldenPath
        | PanelId::Users
        | PanelId::Budget
        | PanelId::Money
        | PanelId::Components
        | PanelId::Trends
        | PanelId::Deployment
        | PanelId::WayBack => {
            let inside = frame(area, buf, &live, model, panel.as_ref());
            panel.draw(inside, buf, &live);
        }
    }
}

/// Draws the box of the panel in focus and answers with the area inside.
fn frame(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, panel: &dyn Panel) -> Rect {
    let mut title = panel.title(ctx);
    let filter = model.ui.focus.filter(model.ui.focus.panel());
    // In gates it is looked for in the output, which says so itself.
    if !filter.is_empty() && model.ui.focus.panel() != PanelId::Gates {
        title = title.note(format!("· filter {filter}"), ctx.theme.style(Role::Match));
    }
    boxed(area, buf, ctx, &title, true)
}
