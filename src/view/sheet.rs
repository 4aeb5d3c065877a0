//! A sheet over the panels: its frame, what lies behind it, and its rows.
//!
//! ```text
//! ╭─ ↺ Roll back chat-backend  PRODUCTION  ──────────── target frozen 14:05:09Z · ✓ unchanged ─╮
//! │ to        ✓ 00417-hux   Ready · seen at 100 % for 2d03h until 13:38:55Z                     │
//! ╰─────────────────────────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::model::mouse::Spot;
use crate::theme::Role;

use super::Ctx;
use super::widgets::Pen;
use super::widgets::text::{cut, width};

/// What a sheet looks like from outside.
#[derive(Debug, Clone)]
pub struct Frame<'a> {
    /// Title at the left.
    pub left: Line<'a>,
    /// Title at the right; pieces that end in a space are left out, the first ones first, until it fits.
    pub right: Line<'a>,
    /// Colour of its gravity.
    pub border: Role,
    /// Columns and rows it would like, borders included.
    pub size: (u16, u16),
}

/// Where a sheet may stand: in the body if it fits there, else anywhere above the row of hints.
#[derive(Debug, Clone, Copy)]
pub struct Stage {
    /// Everything above the row of hints.
    pub screen: Rect,
    /// The panels.
    pub body: Rect,
    /// What keeps its colours behind a sheet: the verdict.
    pub kept: Rect,
}

/// Puts everything behind a sheet into one quiet colour; it stays live.
pub fn veil(stage: Stage, buf: &mut Buffer, ctx: &Ctx<'_>) {
    ctx.spot(stage.screen, Spot::Sheet);
    let quiet = Style::reset().patch(ctx.theme.backdrop());
    for position in stage.screen.intersection(buf.area).positions() {
        if !stage.kept.contains(position)
            && let Some(cell) = buf.cell_mut(position)
        {
            cell.set_style(quiet);
        }
    }
}

/// Draws the frame of a sheet, on its own ground, and answers with the area inside.
pub fn open(stage: Stage, buf: &mut Buffer, ctx: &Ctx<'_>, frame: &Frame<'_>) -> Rect {
    let area = place(stage, frame.size).intersection(buf.area);
    let ground = Style::reset().patch(ctx.theme.raised());
    for position in area.positions() {
        if let Some(cell) = buf.cell_mut(position) {
            cell.reset();
            cell.set_style(ground);
        }
    }
    let border = ctx.theme.style(frame.border);
    let last = area.height.saturating_sub(1);
    for row in 1..last {
        Pen::new(buf, area, row).glyph("│", border).put_right("│", border);
    }
    let mut top = Pen::new(buf, area, 0);
    top.glyph("╭", border).put_right("╮", border).glyph("─", border).put_right("─", border);
    top.put(" ", border).line(&frame.left).put(" ", border);
    // What stands first in it gives way first, a piece at a time.
    let room = usize::from(top.room()).saturating_sub(3);
    let from = |first: usize| Line::from(frame.right.spans.get(first..).unwrap_or_default().to_vec());
    let spans = &frame.right.spans;
    let begins = |at: &usize| at.checked_sub(1).is_none_or(|before| spans[before].content.ends_with(' '));
    let mut forms = (0..spans.len()).filter(begins).map(from);
    if let Some(right) = forms.find(|right| right.width() < room) {
        top.put_right(" ", border).line_right(&right).put_right(" ", border);
    }
    top.fill("─", border);
    Pen::new(buf, area, last).glyph("╰", border).put_right("╯", border).fill("─", border);
    Rect::new(area.x + 2, area.y + 1, area.width.saturating_sub(4), area.height.saturating_sub(2))
}

/// Centred in the body; on the whole screen if the body is too small.
fn place(stage: Stage, (columns, rows): (u16, u16)) -> Rect {
    let home =
        if rows <= stage.body.height && columns <= stage.body.width { stage.body } else { stage.screen };
    let (width, height) = (columns.min(home.width), rows.min(home.height));
    // A sheet that nearly fills the width fills it.
    let width = if home.width.saturating_sub(width) < 4 { home.width } else { width };
    Rect::new(home.x + (home.width - width) / 2, home.y + (home.height - height) / 2, width, height)
}

/// The rows of a sheet, written one after the other; the first `top` of them are above its edge.
#[derive(Debug)]
pub struct Rows<'b> {
    buf: &'b mut Buffer,
    area: Rect,
    top: u16,
    next: u16,
}

impl<'b> Rows<'b> {
    /// Rows in `area`, scrolled by `top`.
    pub fn new(buf: &'b mut Buffer, area: Rect, top: u16) -> Self {
        Self { buf, area, top, next: 0 }
    }

    /// A pen for the next row.
    pub fn row(&mut self) -> Pen<'_> {
        let row = self.next.checked_sub(self.top).unwrap_or(u16::MAX);
        self.next = self.next.saturating_add(1);
        Pen::new(self.buf, self.area, row)
    }

    /// The next row with `style` as its ground.
    pub fn grounded(&mut self, style: Style) -> Pen<'_> {
        let row = self.next.checked_sub(self.top).filter(|row| *row < self.area.height);
        if let Some(row) = row {
            let ground = Rect { y: self.area.y + row, height: 1, ..self.area };
            self.buf.set_style(ground.intersection(self.buf.area), style);
        }
        self.row()
    }

    /// Leaves a row empty.
    pub fn skip(&mut self) {
        self.next = self.next.saturating_add(1);
    }

    /// A row of plain words.
    pub fn say(&mut self, words: &str, style: Style) {
        self.row().put(words, style);
    }

    /// Cells of a row.
    pub fn width(&self) -> u16 {
        self.area.width
    }

    /// Rows written so far, those above the edge included.
    pub fn count(&self) -> u16 {
        self.next
    }
}

/// A field to type in: its text, cut from the left so that the cursor stays in sight, on the field's ground. `cursor`
/// is its place in characters, if the field has it.
pub fn field(pen: &mut Pen<'_>, ctx: &Ctx<'_>, text: &str, cursor: Option<usize>, cells: u16) {
    let style = ctx.theme.style(Role::Input);
    let cells = cells.min(pen.room());
    let room = usize::from(cells.saturating_sub(1));
    let (before, rest): (String, String) = match cursor {
        Some(at) => (text.chars().take(at).collect(), text.chars().skip(at).collect()),
        None => (text.to_owned(), String::new()),
    };
    let before = tail(&before, room);
    let mut used = width(before);
    pen.put(before, style);
    if cursor.is_some() {
        let under = rest.chars().next().map_or_else(|| "_".to_owned(), String::from);
        let shown = if width(&under) == 1 { under } else { "_".to_owned() };
        // An underscore at the end of the text; else the letter itself, turned over.
        let lit =
            if rest.is_empty() { style } else { style.add_modifier(ratatui::style::Modifier::REVERSED) };
        pen.put(&shown, lit);
        used += 1;
        let rest: String = rest.chars().skip(1).collect();
        let shown = cut(&rest, usize::from(cells).saturating_sub(used));
        used += width(&shown);
        pen.put(&shown, style);
    }
    pen.repeat(" ", cells.saturating_sub(u16::try_from(used).unwrap_or(cells)), style);
}

/// The longest end of `text` that fits in `cells`.
fn tail(text: &str, cells: usize) -> &str {
    let mut rest = text;
    while width(rest) > cells {
        let mut chars = rest.chars();
        chars.next();
        rest = chars.as_str();
    }
    rest
}

/// A piece of a line in a role's style.
pub fn span<'a>(ctx: &Ctx<'_>, text: impl Into<std::borrow::Cow<'a, str>>, role: Role) -> Span<'a> {
    Span::styled(text, ctx.theme.style(role))
}

/// The badge of production; nothing elsewhere.
pub fn badge(ctx: &Ctx<'_>, environment: &crate::domain::room::Environment) -> Option<Span<'static>> {
    let name = format!(" {} ", environment.name.to_uppercase());
    environment.production.then(|| Span::styled(name, ctx.theme.fill(Role::Prod)))
}
