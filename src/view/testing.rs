//! For tests: draws into a buffer and reads it back as text, and the styles as a legend beside it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::Now;
use crate::keymap::Keymap;
use crate::theme::{Depth, Theme};

use super::Ctx;
use super::sheet::Stage;

/// Draws on a screen of `size` and answers with its rows, right ends trimmed.
pub(super) fn screen(size: (u16, u16), now: Now, draw: impl FnOnce(Rect, &mut Buffer, &Ctx<'_>)) -> String {
    themed(size, "dark", &Keymap::default(), now, draw)
}

/// The same in a theme and with keys.
pub(super) fn themed(
    size: (u16, u16),
    theme: &str,
    keymap: &Keymap,
    now: Now,
    draw: impl FnOnce(Rect, &mut Buffer, &Ctx<'_>),
) -> String {
    let theme = Theme::named(theme, Depth::True);
    let ctx = Ctx::new(&theme, keymap, now);
    let area = Rect::new(0, 0, size.0, size.1);
    let mut buf = Buffer::empty(area);
    draw(area, &mut buf, &ctx);
    text(&buf)
}

/// The buffer's rows, right ends trimmed.
pub(super) fn text(buf: &Buffer) -> String {
    let rows = buf.content().chunks(usize::from(buf.area.width).max(1));
    let row = |row: &[ratatui::buffer::Cell]| {
        let line: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
        line.trim_end().to_owned()
    };
    rows.map(row).collect::<Vec<_>>().join("\n")
}

/// A stage that is all body.
pub(super) fn stage(area: Rect) -> Stage {
    Stage { screen: area, body: area, kept: Rect::default() }
}
