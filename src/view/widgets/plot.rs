//! A plot of rows of eighth-blocks, with labels at the left and below and its limit as a dashed line behind.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::Wall;
use crate::domain::format;
use crate::theme::Role;
use crate::view::Ctx;

use super::Pen;

const LEVELS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// Cells of a label at the left, with its space.
const LABEL: u16 = 5;
/// Labels below stand at least so far apart.
const APART: u16 = 12;

/// Samples over time, evenly spaced, the newest at `until`.
#[derive(Debug, Clone, Copy)]
pub struct Plot<'a> {
    /// Oldest first; `None`: missing.
    pub samples: &'a [Option<f64>],
    /// The limit, if there is one.
    pub limit: Option<f64>,
    /// Time of the newest sample.
    pub until: Wall,
    /// From one sample to the next.
    pub step: chrono::TimeDelta,
}

impl Plot<'_> {
    /// Samples that a plot `width` cells wide can show.
    pub fn capacity(width: u16) -> usize {
        usize::from(width.saturating_sub(LABEL))
    }

    /// Draws it; the last row is for the times.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let rows = area.height.saturating_sub(1);
        if rows == 0 || area.width <= LABEL {
            return;
        }
        let room = Self::capacity(area.width);
        let shown = &self.samples[self.samples.len().saturating_sub(room)..];
        let top = self.top(shown, rows);
        for row in 0..rows {
            let high = top * f64::from(rows - row) / f64::from(rows);
            let low = top * f64::from(rows - row - 1) / f64::from(rows);
            let mut pen = Pen::new(buf, area, row);
            pen.number(&format::limit(high, ""), LABEL - 1, ctx.style(Role::Muted)).skip(1);
            pen.skip((room - shown.len()) as u16);
            // The line runs through the row that ends at or just above the limit.
            let line = self.limit.is_some_and(|limit| limit > low && limit <= high);
            for sample in shown {
                self.cell(&mut pen, ctx, *sample, (low, high), line);
            }
        }
        self.times(&mut Pen::new(buf, area, rows), ctx, shown.len(), room);
    }

    fn cell(
        &self,
        pen: &mut Pen<'_>,
        ctx: &Ctx<'_>,
        sample: Option<f64>,
        (low, high): (f64, f64),
        line: bool,
    ) {
        let over = |v: f64| self.limit.is_some_and(|limit| v > limit);
        let eighths = |v: f64| ((v - low) / (high - low) * 8.0).ceil();
        match sample.filter(|v| v.is_finite()) {
            None if low <= 0.0 => pen.glyph("·", ctx.style(Role::Unknown)),
            Some(v) if v > low || (low <= 0.0 && !line) => {
                let level = (eighths(v) as usize).clamp(1, 8);
                let role = if over(v) { Role::Bad } else { Role::Chart };
                pen.glyph(LEVELS.get(level - 1).copied().unwrap_or("█"), ctx.style(role))
            }
            _ if line => pen.glyph("╌", ctx.style(Role::Warn)),
            _ => pen.skip(1),
        };
    }

    /// The upper end of the scale: such that every row stands for a round number.
    fn top(&self, shown: &[Option<f64>], rows: u16) -> f64 {
        let most = shown.iter().flatten().copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
        let least = most.max(self.limit.unwrap_or(0.0)).max(f64::MIN_POSITIVE) / f64::from(rows);
        let magnitude = 10_f64.powf(least.log10().floor());
        let nice = [1.0, 2.0, 2.5, 4.0, 5.0, 10.0].into_iter().map(|n| n * magnitude);
        nice.into_iter().find(|step| *step >= least).unwrap_or(10.0 * magnitude) * f64::from(rows)
    }

    fn times(&self, pen: &mut Pen<'_>, ctx: &Ctx<'_>, shown: usize, room: usize) {
        let first = (room - shown) as u16;
        for column in (first..room as u16).step_by(usize::from(APART.max(6) + 8)) {
            let back = i32::try_from(shown).unwrap_or(i32::MAX) - 1 - i32::from(column - first);
            let at = self.until - self.step * back;
            if usize::from(column) + 5 <= room {
                pen.to(LABEL + column).put(&at.format("%H:%M").to_string(), ctx.style(Role::Muted));
            }
        }
    }
}
