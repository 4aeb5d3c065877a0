//! The screen, drawn from the model: pure, without a clock, without a change to anything.

pub mod ctx;
pub mod help;
pub mod layout;
pub mod palette;
pub mod panels;
pub mod sheet;
#[cfg(test)]
mod testing;
pub mod widgets;

pub use ctx::{Ctx, Glyphs, Motion, Trust};

/// Draws the whole screen.
pub fn draw(
    model: &crate::model::Model,
    ctx: &Ctx<'_>,
    area: ratatui::layout::Rect,
    buf: &mut ratatui::buffer::Buffer,
) {
    let verdict = &model.verdicts.now;
    buf.set_stringn(0, 0, &model.room.name, area.width.into(), ctx.theme.base());
    buf.set_stringn(0, 1, verdict.state.word(), area.width.into(), ctx.theme.base());
    for (row, reason) in (2..area.height).zip(&verdict.reasons) {
        buf.set_stringn(
            0,
            row,
            format!("{} {} {}", reason.subject, reason.value, reason.context),
            area.width.into(),
            ctx.theme.base(),
        );
    }
}
