//! A chart in braille: two columns and four rows of dots a cell, limits as dashed lines, what changed as marks on the
//! time axis. Each column is drawn from the smallest to the largest value of its time, and never over a gap. Below time
//! that nobody watched, and that was looked up afterwards, the axis is dashed.
//!
//! ```text
//!   8 %           ⢀⡠⠤⣇
//!   6 %          ⢀⠎   ⠑⠢
//!   4 % ╌╌╌╌╌╌╌╌╌⡜╌│╌╌╌╌╌╌╌╌╌╌╌╌╌
//!   2 % ⠤⠤⠤⠤⠤⠤⠤⠤⠊  │     ······
//!     ╌╌╌╌╌╌╌╌╌╌╌╌╌D
//!       14:02               14:07
//! ```

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::trail::Span;
use crate::domain::{Limit, Wall, format};
use crate::model::marks::{MarkKind, TimeMark};
use crate::theme::Role;
use crate::view::Ctx;

use super::Pen;
use super::plot::{APART, label, nice, times_below};

/// Columns of dots in a cell.
const ACROSS: usize = 2;
/// Rows of dots in a cell.
const DOWN: u16 = 4;
/// The dots of a cell, by column, from the top (Unicode 15, Braille Patterns).
const DOTS: [[u8; 4]; ACROSS] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// A number over time.
#[derive(Debug, Clone, Copy)]
pub struct Chart<'a> {
    /// Oldest first, evenly spaced, [`Chart::columns`] of them; `None`: nothing is known of that time.
    pub columns: &'a [Option<Span>],
    /// What is bad.
    pub bad: Option<Limit>,
    /// What is worth a warning.
    pub warn: Option<Limit>,
    /// What is wanted.
    pub target: Option<Limit>,
    /// Unit of the labels at the left.
    pub unit: &'a str,
    /// The time at the right.
    pub until: Wall,
    /// The time from the left to the right.
    pub over: Duration,
    /// What changed in that time.
    pub marks: &'a [TimeMark],
    /// Which of the columns nobody watched: they were looked up afterwards.
    pub filled: &'a [bool],
}

/// What stands in one cell.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    dots: u8,
    /// The smallest and the largest value in it.
    values: Option<(f64, f64)>,
}

/// Rows of values from the bottom to the top. What is beyond all numbers has a row of its own, above or below them.
#[derive(Debug, Clone, Copy)]
struct Scale {
    floor: f64,
    row: f64,
    rows: u16,
    above: bool,
    below: bool,
}

impl Chart<'_> {
    /// Columns of a chart `width` cells wide with labels in `unit`.
    pub fn columns(width: u16, unit: &str) -> usize {
        usize::from(width.saturating_sub(label(unit))) * ACROSS
    }

    /// Draws it: values, the marks, the times.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let left = label(self.unit);
        let rows = area.height.saturating_sub(2);
        if rows == 0 || area.width <= left {
            return;
        }
        let cells = area.width - left;
        self.axis(area, buf, ctx, cells);
        if self.columns.iter().all(Option::is_none) {
            // An axis of nothing would have no scale.
            Pen::new(buf, area, rows / 2).skip(left).put("no value in this time", ctx.style(Role::Muted));
            return;
        }
        let scale = self.scale(rows);
        let grid = self.grid(scale, cells);
        let marked: Vec<bool> = (0..cells).map(|cell| self.mark_in(cell, cells).is_some()).collect();
        for (row, line) in (0..rows).zip(&grid) {
            let (bottom, top) = scale.ends(rows - 1 - row);
            let mut pen = Pen::new(buf, area, row);
            let told = if top.is_finite() { format::limit(top, self.unit) } else { format::not_finite(top) };
            pen.number(&told, left - 1, ctx.style(Role::Muted)).skip(1);
            let limit = self.line(bottom, top);
            let grey = self.is_grey(bottom, top);
            for (cell, marked) in line.iter().zip(&marked) {
                let gap = row + 1 == rows && cell.values.is_none();
                let (glyph, role) = match (cell.dots, limit) {
                    (0, _) if gap => ("·".to_owned(), Role::Unknown),
                    (0, _) if *marked => ("│".to_owned(), Role::Muted),
                    (0, Some(role)) => ("╌".to_owned(), role),
                    (0, None) if grey => ("·".to_owned(), Role::Faint),
                    (0, None) => (" ".to_owned(), Role::Faint),
                    (dots, _) => (braille(dots), self.role(cell.values)),
                };
                pen.glyph(&glyph, ctx.style(role));
            }
        }
    }

    /// The dots of every cell, rows from the top.
    fn grid(&self, scale: Scale, cells: u16) -> Vec<Vec<Cell>> {
        let mut grid = vec![vec![Cell::default(); usize::from(cells)]; usize::from(scale.all())];
        let mut before: Option<(u16, u16)> = None;
        for (column, span) in self.columns.iter().enumerate() {
            let Some(span) = span else {
                before = None;
                continue;
            };
            let (low, high) = (scale.dot(span.low), scale.dot(span.high));
            // One line: from where the column before it ended.
            let (from, to) = match before {
                Some((_, top)) if top < low => (top + 1, high),
                Some((bottom, _)) if bottom > high => (low, bottom - 1),
                _ => (low, high),
            };
            before = Some((low, high));
            for row in &mut grid {
                if let Some(cell) = row.get_mut(column / ACROSS) {
                    let (least, most) = cell.values.unwrap_or((span.low, span.high));
                    cell.values = Some((least.min(span.low), most.max(span.high)));
                }
            }
            for dot in from..=to {
                let row = usize::from(scale.all() - 1 - dot / DOWN);
                let bit =
                    DOTS.get(column % ACROSS).and_then(|dots| dots.get(usize::from(DOWN - 1 - dot % DOWN)));
                let cell = grid.get_mut(row).and_then(|row| row.get_mut(column / ACROSS));
                if let Some((cell, bit)) = cell.zip(bit) {
                    cell.dots |= bit;
                }
            }
        }
        grid
    }

    /// Whether a limit lies in the row between `low` and `high`.
    fn line(&self, low: f64, high: f64) -> Option<Role> {
        let through = |limit: Option<Limit>| limit.is_some_and(|l| l.value > low && l.value <= high);
        let bad = if self.warn.is_some() { Role::Bad } else { Role::Warn };
        through(self.bad).then_some(bad).or_else(|| through(self.warn).then_some(Role::Warn))
    }

    /// Whether a row lies between the target and the first limit.
    fn is_grey(&self, low: f64, high: f64) -> bool {
        let Some((target, limit)) = self.target.zip(self.warn.or(self.bad)) else { return false };
        let (least, most) = (target.value.min(limit.value), target.value.max(limit.value));
        low < most && high > least
    }

    /// By the worst value in it.
    fn role(&self, values: Option<(f64, f64)>) -> Role {
        let holds = |limit: Option<Limit>| {
            let of = |limit: Limit| values.is_some_and(|(low, high)| limit.holds(low) || limit.holds(high));
            limit.is_some_and(of)
        };
        if holds(self.bad) {
            Role::Bad
        } else if holds(self.warn) {
            Role::Warn
        } else {
            Role::Chart
        }
    }

    /// Round numbers, from zero unless all values are far from it.
    fn scale(&self, all: u16) -> Scale {
        let there = |above: bool| {
            let values = self.columns.iter().flatten().flat_map(|span| [span.low, span.high]);
            let mut beyond = values.filter(|value| value.is_infinite());
            all > 2 && beyond.any(|value| value.is_sign_positive() == above)
        };
        let (above, below) = (there(true), there(false));
        let rows = all - u16::from(above) - u16::from(below);
        let (floor, row) = self.steps(rows);
        Scale { floor, row, rows, above, below }
    }

    /// Where the numbers begin, and how much a row of them is.
    fn steps(&self, rows: u16) -> (f64, f64) {
        let limits = [self.bad, self.warn, self.target].into_iter().flatten().map(|limit| limit.value);
        let seen = || self.columns.iter().flatten().flat_map(|span| [span.low, span.high]);
        let all = || seen().chain(limits.clone()).filter(|value| value.is_finite());
        if all().next().is_none() {
            return (0.0, 1.0);
        }
        let (most, least) = (all().fold(f64::MIN, f64::max), all().fold(f64::MAX, f64::min));
        let near = least < 0.0 || least > most * 0.5;
        if !near {
            return (0.0, nice(most.max(f64::MIN_POSITIVE) / f64::from(rows)));
        }
        let spread = (most - least).max(most.abs().max(least.abs()) * 0.01).max(f64::MIN_POSITIVE);
        let mut row = nice(spread / f64::from(rows));
        let floor = |row: f64| {
            let below = (least / row).ceil() * row - row;
            if least >= 0.0 { below.max(0.0) } else { below }
        };
        for _ in 0..8 {
            if floor(row) + row * f64::from(rows) >= most {
                break;
            }
            row = nice(row * 1.01);
        }
        (floor(row), row)
    }

    /// What is marked in a cell: of several the gravest.
    fn mark_in(&self, cell: u16, cells: u16) -> Option<MarkKind> {
        let over = self.over.as_secs_f64();
        let place = |mark: &TimeMark| {
            let back = (self.until - mark.at).to_std().ok()?.as_secs_f64();
            (back < over).then(|| ((over - back) / over * f64::from(cells)) as u16)
        };
        let here = self.marks.iter().filter(|mark| place(mark) == Some(cell));
        here.map(|mark| mark.kind).max()
    }

    /// Marks and times below the values.
    fn axis(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, cells: u16) {
        let (left, last) = (label(self.unit), area.height - 1);
        for cell in 0..cells {
            if let Some(kind) = self.mark_in(cell, cells) {
                let role = if kind == MarkKind::Rollback { Role::Warn } else { Role::Accent };
                Pen::new(buf, area, last - 1).to(left + cell).put(kind.letter(), ctx.style(role));
            } else if self.filled.chunks(ACROSS).nth(usize::from(cell)).is_some_and(|it| it.contains(&true)) {
                Pen::new(buf, area, last - 1).to(left + cell).put("╌", ctx.style(Role::Muted));
            }
        }
        let short = self.over.mul_f64(f64::from(APART) / f64::from(cells)) < Duration::from_mins(1);
        let at = |cell: u16| {
            let back =
                self.over.mul_f64(f64::from(cells - cell - u16::from(cell + 1 == cells)) / f64::from(cells));
            self.until - chrono::TimeDelta::from_std(back).unwrap_or_default()
        };
        times_below(&mut Pen::new(buf, area, last), ctx, (left, 0..cells), short, at);
    }
}

impl Scale {
    /// All rows.
    fn all(self) -> u16 {
        self.rows + u16::from(self.above) + u16::from(self.below)
    }

    /// The dot at the height of `value`, counted from below.
    fn dot(self, value: f64) -> u16 {
        let (dots, below) = (self.rows * DOWN, u16::from(self.below) * DOWN);
        match value {
            f64::INFINITY => self.all() * DOWN - 1,
            f64::NEG_INFINITY => 0,
            _ => {
                let height = (value - self.floor) / (self.row * f64::from(self.rows));
                below + ((height * f64::from(dots)) as u16).min(dots - 1)
            }
        }
    }

    /// The values between which a row lies, counted from below.
    fn ends(self, row: u16) -> (f64, f64) {
        let Some(row) = row.checked_sub(u16::from(self.below)) else {
            return (f64::NEG_INFINITY, f64::NEG_INFINITY);
        };
        if row == self.rows {
            return (f64::INFINITY, f64::INFINITY);
        }
        let bottom = self.floor + self.row * f64::from(row);
        (bottom, bottom + self.row)
    }
}

/// The character with these dots.
fn braille(dots: u8) -> String {
    char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' ').to_string()
}

#[cfg(test)]
mod tests;
