//! What a line of input is about, in the rows above it.
//!
//! ```text
//!  ☐ load test at twice the rate
//!  ▲ rollout r12 was completed by mara at 14:02:11Z: what is said now is said of that one, not of the next
//!  tick, note  ________________________________________                    enter ticks it  esc leaves
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::model::about::About;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::full::parts::wrapped;
use crate::view::sheet::Stage;
use crate::view::widgets::text::cut;
use crate::view::widgets::{Mark, Pen};

/// As many rows a thing gets.
const MOST: usize = 3;

/// Draws it at the bottom of the screen; nothing if there is nothing to tell.
pub fn draw(stage: Stage, buf: &mut Buffer, ctx: &Ctx<'_>, about: &About) {
    let cells = usize::from(stage.screen.width).saturating_sub(4);
    let mut lines = Vec::new();
    let items = about.item.iter().map(|item| ("☐", Role::Strong, &**item));
    let warnings = about.warnings.iter().map(|words| (Mark::Warn.glyph(), Role::Warn, words.as_str()));
    let facts = about.facts.iter().map(|words| ("·", Role::Text, words.as_str()));
    for (glyph, role, text) in items.chain(facts).chain(warnings) {
        let rows = wrapped(text, cells, MOST);
        let shown: usize = rows.iter().map(|row| row.trim_end().len() + 1).sum();
        for (n, row) in rows.iter().enumerate() {
            let cut_off = n + 1 == rows.len() && shown < text.trim_end().len();
            let row = if cut_off { format!("{row} …") } else { (*row).to_owned() };
            lines.push((if n == 0 { glyph } else { " " }, role, cut(&row, cells).into_owned()));
        }
    }
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(stage.screen.height);
    let y = stage.screen.bottom().saturating_sub(height);
    let area = Rect { y, height, ..stage.screen }.intersection(buf.area);
    let ground = Style::reset().patch(ctx.theme.raised());
    for position in area.positions() {
        if let Some(cell) = buf.cell_mut(position) {
            cell.reset();
            cell.set_style(ground);
        }
    }
    for (row, (glyph, role, text)) in (0..height).zip(lines) {
        let mut pen = Pen::new(buf, area, row);
        pen.skip(1).put(glyph, ctx.style(role)).skip(1).put(&text, ctx.style(role));
    }
}
