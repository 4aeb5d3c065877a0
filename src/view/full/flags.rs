//! All flags, what serves, and what a flip does.
//!
//! ```text
//! ╭─ Flags 2 on, 2 off ───────────────────────────────────────────────────────────────────── live 5s ─╮
//! │   flag                 next revision  serving now    service         what a flip does              │
//! │ ✓ SESSION_RESUME       on             on             chat-backend    ▲ deploys a revision          │
//! ╰───────────────────────────────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::PanelId;
use crate::model::Model;
use crate::model::flags::{FlagValue, FlagView, view};
use crate::model::focus::Extent;
use crate::model::mouse::Spot;
use crate::theme::Role;
use crate::view::panels::Panel;
use crate::view::widgets::{Align, Mark, Pen};
use crate::view::{Ctx, Trust};

use super::frame;

/// Draws the table.
pub(super) fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, panel: &dyn Panel) {
    let area = frame(area, buf, ctx, model, panel);
    if model.room.flags.is_empty() {
        Pen::new(buf, area, 0).put("No flag in the config.", ctx.style(Role::Text));
        let words = "[[flag]] name = \"SESSION_RESUME\", service = \"chat\" names an environment variable of a service";
        Pen::new(buf, area, 1).put(words, ctx.style(Role::Muted));
        return;
    }
    let name = if area.width < 90 { 24 } else { 32 };
    let head = ["next revision", "serving now", "service", "what a flip does"];
    let mut pen = Pen::new(buf, area, 0);
    pen.skip(2).cell("flag", name, Align::Left, ctx.style(Role::Muted));
    for (word, cells) in head.iter().zip([15, 13, if area.width < 90 { 0 } else { 20 }, 40]) {
        pen.cell(word, cells, Align::Left, ctx.style(Role::Muted));
    }
    let cursor = model.ui.focus.cursor(PanelId::Flags);
    let page = usize::from(area.height.saturating_sub(1));
    let top = cursor.top(Extent { rows: model.room.flags.len(), page });
    for ((spec, at), row) in model.room.flags.iter().zip(0..).skip(top).zip(1..area.height) {
        if at == cursor.row {
            let ground = Rect { y: area.y + row, height: 1, ..area };
            buf.set_style(ground.intersection(buf.area), ctx.theme.style(Role::Selected));
        }
        let service = model.room.service(spec.service).map_or("", |service| service.name.as_str());
        let flag = view(spec, model.traffic(spec.service));
        let mut pen = Pen::new(buf, area, row);
        ctx.spot(pen.rest(), Spot::Row { panel: PanelId::Flags, row: at });
        draw_flag(&mut pen, ctx, &flag, service, name);
    }
}

fn draw_flag(pen: &mut Pen<'_>, ctx: &Ctx<'_>, flag: &FlagView<'_>, service: &str, name: u16) {
    let mark = match flag.value {
        _ if ctx.trust == Trust::Old => Mark::Unknown,
        FlagValue::On => Mark::Good,
        FlagValue::Off | FlagValue::Unset => Mark::Idle,
        FlagValue::Other(_) | FlagValue::Secret => Mark::Active,
        FlagValue::Unknown => Mark::Unknown,
    };
    let wide = pen.room() >= 90;
    pen.put(mark.glyph(), ctx.style(mark.role())).skip(1);
    pen.cell(&flag.spec.name, name - 1, Align::Left, ctx.style(Role::Text)).skip(1);
    pen.cell(flag.value.word(), 14, Align::Left, ctx.style(Role::Strong)).skip(1);
    let serving = if flag.differs() { Role::Warn } else { Role::Text };
    pen.cell(flag.serving.word(), 12, Align::Left, ctx.style(serving)).skip(1);
    if wide {
        pen.cell(service, 19, Align::Left, ctx.style(Role::Muted)).skip(1);
    }
    let does = match (&flag.value, flag.pinned) {
        (FlagValue::Secret, _) => "comes from a secret: not flipped here",
        (FlagValue::Unknown, _) => "not read yet",
        (_, true) => "▲ deploys a revision, at 0 %",
        (_, false) => "▲ deploys a revision",
    };
    let acts = !matches!(flag.value, FlagValue::Secret | FlagValue::Unknown);
    pen.put(does, ctx.style(if acts { Role::Warn } else { Role::Unknown }));
}
