//! The last row: the keys that work here and now, read back from the keymap; what was just said takes their place.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::keymap::hints::Place;
use crate::model::Model;
use crate::theme::Role;

use super::Ctx;
use super::panels::journal::standing;
use super::widgets::text::width;
use super::widgets::{Mark, Pen};

/// Draws the hints of `place` in the first row of `area`.
pub fn draw(model: &Model, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer, place: Place) {
    let mut pen = Pen::new(buf, area, 0);
    pen.skip(1).skip_right(1);
    let (mark, words) = standing(&model.journal);
    if mark == Mark::Bad {
        pen.put_right(&format!("{} journal {words}", mark.glyph()), ctx.style(Role::Bad)).skip_right(2);
    } else if area.width >= 100 {
        let words = format!("journal {} {}", mark.glyph(), model.journal.head());
        pen.put_right(&words, ctx.style(Role::Muted)).skip_right(2);
    }
    if let Some(said) = model.ui.said(model.now.mono) {
        pen.put(said, ctx.style(Role::Strong)).skip(3);
    }
    let mut hints = ctx.keymap.hints(place);
    // The way to the rest must not be what does not fit.
    let last = hints.pop();
    let kept = last.as_ref().map_or(0, |hint| width(&hint.key) + width(hint.label) + 3);
    for hint in hints {
        let cells = width(&hint.key) + 1 + width(hint.label);
        if cells + kept > usize::from(pen.room()) {
            break;
        }
        pen.put(&hint.key, ctx.style(Role::Key)).skip(1).put(hint.label, ctx.style(Role::Text)).skip(2);
    }
    if let Some(hint) = last {
        pen.put(&hint.key, ctx.style(Role::Key)).skip(1).put(hint.label, ctx.style(Role::Text));
    }
}
