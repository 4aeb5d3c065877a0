//! A pen: writes one row from the left and from the right until they meet. Nothing is ever written outside its row.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::text::{cut, width};

/// Where text stands in a cell of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers and times.
    Right,
}

/// One row being written.
#[derive(Debug)]
pub struct Pen<'b> {
    buf: &'b mut Buffer,
    start: u16,
    x: u16,
    end: u16,
    y: u16,
}

impl<'b> Pen<'b> {
    /// A pen at the left of row `row` of `area`; below the area's end it has no room and writes nothing.
    pub fn new(buf: &'b mut Buffer, area: Rect, row: u16) -> Self {
        let y = area.y.saturating_add(row);
        let inside = area.intersection(buf.area);
        let (start, end) = (inside.left(), inside.right());
        let end = if row < area.height && (inside.top()..inside.bottom()).contains(&y) { end } else { start };
        Self { buf, start, x: start, end, y }
    }

    /// Cells left between what was written from both sides.
    pub fn room(&self) -> u16 {
        self.end.saturating_sub(self.x)
    }

    /// The cells left between what was written from both sides, as a place on the screen.
    pub fn rest(&self) -> Rect {
        Rect::new(self.x, self.y, self.room(), 1)
    }

    /// Writes `text`, cut to the room with `…`.
    pub fn put(&mut self, text: &str, style: Style) -> &mut Self {
        let text = cut(text, usize::from(self.room()));
        if !text.is_empty() {
            self.x = write(self.buf, (self.x, self.y), &text, self.room(), style);
        }
        self
    }

    /// Writes `text` at the right; if it does not fit whole it is left out, because a cut number is a wrong one.
    pub fn put_right(&mut self, text: &str, style: Style) -> &mut Self {
        let cells = cells(text);
        if cells <= self.room() {
            self.end -= cells;
            write(self.buf, (self.end, self.y), text, cells, style);
        }
        self
    }

    /// Writes the spans of `line`.
    pub fn line(&mut self, line: &Line<'_>) -> &mut Self {
        for span in &line.spans {
            self.put(&span.content, line.style.patch(span.style));
        }
        self
    }

    /// Writes the spans of `line` at the right, all or none.
    pub fn line_right(&mut self, line: &Line<'_>) -> &mut Self {
        let total: u16 = line.spans.iter().map(|span| cells(&span.content)).sum();
        if total <= self.room() {
            for span in line.spans.iter().rev() {
                self.put_right(&span.content, line.style.patch(span.style));
            }
        }
        self
    }

    /// A table cell of `size` cells.
    pub fn cell(&mut self, text: &str, size: u16, align: Align, style: Style) -> &mut Self {
        let size = size.min(self.room());
        let text = cut(text, usize::from(size));
        let left = size.saturating_sub(cells(&text));
        let from = self.x + if align == Align::Right { left } else { 0 };
        write(self.buf, (from, self.y), &text, size, style);
        self.x += size;
        self
    }

    /// A table cell that ends `text` at the right edge of `size` cells.
    pub fn number(&mut self, text: &str, size: u16, style: Style) -> &mut Self {
        self.cell(text, size, Align::Right, style)
    }

    /// Leaves `n` cells empty.
    pub fn skip(&mut self, n: u16) -> &mut Self {
        self.x = self.x.saturating_add(n).min(self.end);
        self
    }

    /// Leaves `n` cells empty at the right.
    pub fn skip_right(&mut self, n: u16) -> &mut Self {
        self.end = self.end.saturating_sub(n).max(self.x);
        self
    }

    /// Goes to column `column` of the row, if that is ahead.
    pub fn to(&mut self, column: u16) -> &mut Self {
        self.x = self.x.max(self.start.saturating_add(column)).min(self.end);
        self
    }

    /// Fills the room with one glyph of one cell.
    pub fn fill(&mut self, glyph: &str, style: Style) -> &mut Self {
        self.repeat(glyph, self.room(), style)
    }

    /// Writes one glyph of one cell `n` times.
    pub fn repeat(&mut self, glyph: &str, n: u16, style: Style) -> &mut Self {
        for _ in 0..n.min(self.room()) {
            self.glyph(glyph, style);
        }
        self
    }

    /// Writes one glyph of one cell.
    pub fn glyph(&mut self, glyph: &str, style: Style) -> &mut Self {
        if self.room() > 0 {
            if let Some(cell) = self.buf.cell_mut((self.x, self.y)) {
                cell.set_symbol(glyph).set_style(style);
            }
            self.x += 1;
        }
        self
    }
}

/// Writes `text` into at most `room` cells; gives the column behind it. Plain ASCII, which most of it is, needs no look
/// for clusters and widths.
fn write(buf: &mut Buffer, (x, y): (u16, u16), text: &str, room: u16, style: Style) -> u16 {
    if !text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) || !buf.area.contains((x, y).into()) {
        return buf.set_stringn(x, y, text, usize::from(room), style).0;
    }
    let room = usize::from(room.min(buf.area.right() - x));
    let from = buf.index_of(x, y);
    let cells = buf.content.get_mut(from..from + room).unwrap_or_default();
    for (cell, c) in cells.iter_mut().zip(text.chars()) {
        cell.set_char(c).set_style(style);
    }
    x + text.len().min(room) as u16
}

fn cells(text: &str) -> u16 {
    u16::try_from(width(text)).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(draw: impl FnOnce(&mut Pen<'_>)) -> String {
        let area = Rect::new(0, 0, 12, 1);
        let mut buf = Buffer::empty(area);
        draw(&mut Pen::new(&mut buf, area, 0));
        buf.content().iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn left_and_right_meet_and_do_not_overlap() {
        let plain = Style::new();
        assert_eq!(
            row(|p| {
                p.put_right("41s", plain).put("contract-suite", plain);
            }),
            "contract…41s"
        );
        assert_eq!(
            row(|p| {
                p.put("contract-s", plain).put_right("41s", plain);
            }),
            "contract-s  "
        );
        assert_eq!(
            row(|p| {
                p.number("1.7", 5, plain).skip(1).cell("abcdefg", 4, Align::Left, plain);
            }),
            "  1.7 abc…  "
        );
        assert_eq!(
            row(|p| {
                p.to(4).put("x", plain).to(2).put("y", plain);
            }),
            "    xy      "
        );
    }

    #[test]
    fn ascii_is_written_as_all_else_is() {
        let area = Rect::new(3, 2, 9, 2);
        for text in ["", "a", "plain text", "longer than nine cells", "~!@"] {
            for (x, room) in [(3, 9), (3, 0), (5, 4), (11, 1), (11, 9), (12, 3)] {
                let style = Style::new().bold();
                let (mut ours, mut theirs) = (Buffer::empty(area), Buffer::empty(area));
                let inside = if x < area.right() { room.min(area.right() - x) } else { 0 };
                if inside > 0 {
                    let end = write(&mut ours, (x, 3), text, room, style);
                    assert_eq!(
                        end,
                        theirs.set_stringn(x, 3, text, usize::from(room), style).0,
                        "{text} {x} {room}"
                    );
                }
                assert_eq!(ours, theirs, "{text} {x} {room}");
            }
        }
    }

    #[test]
    fn outside_its_area_nothing_is_written() {
        let area = Rect::new(0, 0, 4, 2);
        let mut buf = Buffer::empty(area);
        Pen::new(&mut buf, Rect::new(2, 1, 9, 9), 0).put("abcdef", Style::new());
        Pen::new(&mut buf, area, 2).put("below", Style::new());
        Pen::new(&mut buf, Rect::new(7, 7, 2, 2), 0).put("far", Style::new()).fill("x", Style::new());
        assert_eq!(buf, Buffer::with_lines(["    ", "  a…"]));
    }
}
