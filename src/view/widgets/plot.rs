//! A plot of rows of eighth-blocks, with labels at the left and below and its limit as a dashed line behind.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Limit, Wall, format};
use crate::theme::Role;
use crate::view::Ctx;

use super::Pen;

const LEVELS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// Labels below stand at least so far apart.
pub(super) const APART: u16 = 20;
/// And the last two of them so far.
const LEAST_APART: u16 = 12;

/// Where the scale begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// At zero: for rates and lengths.
    Zero,
    /// Near the smallest value, if that is far from zero: for shares that are always high.
    Near,
}

/// Samples over time, evenly spaced, the newest at `until`.
#[derive(Debug, Clone, Copy)]
pub struct Plot<'a> {
    /// Oldest first; `None`: missing.
    pub samples: &'a [Option<f64>],
    /// What is bad. Its number is drawn as a line, and what it holds for as a bad column.
    pub bad: Option<Limit>,
    /// What is worth a warning, likewise.
    pub warn: Option<Limit>,
    /// What is wanted, where that is said: between its number and the first limit lies the grey zone, which is dotted.
    pub target: Option<Limit>,
    /// Where the scale begins.
    pub base: Base,
    /// Unit of the labels at the left.
    pub unit: &'a str,
    /// Time of the newest sample.
    pub until: Wall,
    /// From one sample to the next.
    pub step: chrono::TimeDelta,
}

/// The part of the scale that one row shows, and the line that runs through it.
#[derive(Debug, Clone, Copy)]
struct Band {
    low: f64,
    high: f64,
    last: bool,
    line: Option<Role>,
    grey: bool,
}

impl Plot<'_> {
    /// Samples that a plot `width` cells wide can show with labels in `unit`.
    pub fn capacity(width: u16, unit: &str) -> usize {
        usize::from(width.saturating_sub(label(unit)))
    }

    /// Draws it; the last row is for the times.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let rows = area.height.saturating_sub(1);
        let label = label(self.unit);
        if rows == 0 || area.width <= label {
            return;
        }
        let room = Self::capacity(area.width, self.unit);
        let shown = &self.samples[self.samples.len().saturating_sub(room)..];
        if shown.iter().all(Option::is_none) {
            // An axis of nothing would have no scale.
            Pen::new(buf, area, 0).skip(label).put("no value in this time", ctx.style(Role::Muted));
            return;
        }
        let (floor, row_height) = self.scale(shown, rows);
        for row in 0..rows {
            let low = floor + row_height * f64::from(rows - row - 1);
            let high = floor + row_height * f64::from(rows - row);
            let band = Band {
                low,
                high,
                last: row + 1 == rows,
                line: self.line(low, high),
                grey: self.is_grey(low, high),
            };
            let mut pen = Pen::new(buf, area, row);
            pen.number(&format::limit(high, self.unit), label - 1, ctx.style(Role::Muted)).skip(1);
            pen.skip((room - shown.len()) as u16);
            for sample in shown {
                self.cell(&mut pen, ctx, *sample, band);
            }
        }
        self.times(&mut Pen::new(buf, area, rows), ctx, shown.len(), room);
    }

    /// The line that runs through the row that ends at or just above a limit. The bad one is drawn in the role of
    /// bad only where there is a warning to tell it from.
    fn line(&self, low: f64, high: f64) -> Option<Role> {
        let through = |limit: Option<Limit>| limit.is_some_and(|l| l.value > low && l.value <= high);
        let bad = if self.warn.is_some() { Role::Bad } else { Role::Warn };
        if through(self.bad) {
            Some(bad)
        } else if through(self.warn) {
            Some(Role::Warn)
        } else {
            None
        }
    }

    /// Whether a row lies between the target and the first limit.
    fn is_grey(&self, low: f64, high: f64) -> bool {
        let Some((target, limit)) = self.target.zip(self.warn.or(self.bad)) else { return false };
        let (least, most) = (target.value.min(limit.value), target.value.max(limit.value));
        low < most && high > least
    }

    fn role(&self, value: f64) -> Role {
        let holds = |limit: Option<Limit>| limit.is_some_and(|limit| limit.holds(value));
        if holds(self.bad) {
            Role::Bad
        } else if holds(self.warn) {
            Role::Warn
        } else {
            Role::Chart
        }
    }

    fn cell(&self, pen: &mut Pen<'_>, ctx: &Ctx<'_>, sample: Option<f64>, band: Band) {
        let eighths = |v: f64| ((v - band.low) / (band.high - band.low) * 8.0).ceil();
        match sample.filter(|v| v.is_finite()) {
            None if band.last => pen.glyph("·", ctx.style(Role::Unknown)),
            Some(v) if v > band.low || (band.last && band.line.is_none()) => {
                let level = (eighths(v).max(0.0) as usize).clamp(1, 8);
                pen.glyph(LEVELS.get(level - 1).copied().unwrap_or("█"), ctx.style(self.role(v)))
            }
            _ => match band.line {
                Some(role) => pen.glyph("╌", ctx.style(role)),
                None if band.grey => pen.glyph("·", ctx.style(Role::Faint)),
                None => pen.skip(1),
            },
        };
    }

    /// Where the scale begins and what one row stands for: round numbers.
    fn scale(&self, shown: &[Option<f64>], rows: u16) -> (f64, f64) {
        let limits = [self.bad, self.warn, self.target].into_iter().flatten().map(|limit| limit.value);
        let all = || shown.iter().flatten().copied().filter(|v| v.is_finite()).chain(limits.clone());
        let most = all().fold(0.0, f64::max);
        let least = all().fold(f64::INFINITY, f64::min);
        let near = self.base == Base::Near && least.is_finite() && least > most * 0.5;
        if !near {
            return (0.0, nice(most.max(f64::MIN_POSITIVE) / f64::from(rows)));
        }
        // The smallest value stands in the lowest row, on a round number.
        let mut height = nice((most - least).max(most * 0.01) / f64::from(rows));
        let floor = |height: f64| (least / height).ceil() * height - height;
        while floor(height) + height * f64::from(rows) < most {
            height = nice(height * 1.01);
        }
        (floor(height).max(0.0), height)
    }

    fn times(&self, pen: &mut Pen<'_>, ctx: &Ctx<'_>, shown: usize, room: usize) {
        // Between two labels less than a minute may pass.
        let short = self.step * i32::from(APART) < chrono::TimeDelta::minutes(1);
        let (first, end) = ((room - shown) as u16, room as u16);
        let at = |column: u16| self.until - self.step * i32::from(end - 1 - column);
        times_below(pen, ctx, (label(self.unit), first..end), short, at);
    }
}

/// Times below a plot whose columns begin at `left`: from its first column on, and that of the last one at its right.
pub(super) fn times_below(
    pen: &mut Pen<'_>,
    ctx: &Ctx<'_>,
    (left, columns): (u16, std::ops::Range<u16>),
    seconds: bool,
    at: impl Fn(u16) -> Wall,
) {
    let (form, cells) = if seconds { ("%H:%M:%S", 8) } else { ("%H:%M", 5) };
    let last = columns.end.saturating_sub(cells);
    if last < columns.start {
        return;
    }
    let mut put = |column: u16, at: Wall| {
        pen.to(left + column).put(&at.format(form).to_string(), ctx.style(Role::Muted));
    };
    for column in (columns.start..(last + 1).saturating_sub(LEAST_APART)).step_by(usize::from(APART)) {
        put(column, at(column));
    }
    put(last, at(columns.end - 1));
}

/// Cells of a label at the left, with its space.
pub(super) fn label(unit: &str) -> u16 {
    if unit.is_empty() { 5 } else { 7 }
}

/// The next round number: 1, 2, 2.5, 4, 5 or 10 of its magnitude.
pub(super) fn nice(least: f64) -> f64 {
    let magnitude = 10_f64.powf(least.log10().floor());
    let steps = [1.0, 2.0, 2.5, 4.0, 5.0, 10.0].map(|n| n * magnitude);
    steps.into_iter().find(|step| *step >= least).unwrap_or(10.0 * magnitude)
}
