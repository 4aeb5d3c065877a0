//! What was not understood of the documents: a list by document, and the chosen finding with the lines of its file.
//!
//! ```text
//! ╭─ Findings 3 in 2 documents ──────────────────────────────────────────────────────────────────────────────╮
//! │ release.md                          2 │ query  line 88                                                   │
//! │  41 placeholder  contact is not filled │ `by` follows `rate(…)`: it belongs to an aggregation             │
//! │  88 query        `by` follows `rate(…… │                                                                  │
//! │                                        │   87  ```promql                                                  │
//! │                                        │ ▸ 88  rate(errors[5m]) by (code)                                 │
//! ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::Clean;
use crate::model::Model;
use crate::model::findings::{Findings, Found, FoundRow};
use crate::model::focus::Extent;
use crate::model::mouse::Spot;
use crate::theme::Role;

use super::Ctx;
use super::full::wrapped;
use super::sheet::{Frame, Rows, Stage, open, span, veil};
use super::widgets::text::cut_middle;
use super::widgets::{Align, Pen};

/// From here on list and text stand side by side.
const BESIDE: u16 = 104;
/// Lines of a file to either side of a finding.
const AROUND: u32 = 4;
/// Cells of a line's number.
const NUMBER: u16 = 5;
/// From so many columns on, the longest kind of finding is shown whole.
const ROOMY: u16 = 64;

/// Draws the list and the chosen finding, or one of them where there is no room for both.
pub fn draw(stage: Stage, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, list: &Findings) {
    veil(stage, buf, ctx);
    let rows = model.found_rows();
    let size = (stage.screen.width, stage.body.height.max(12));
    let (left, right) = title(ctx, model, &rows);
    let inside = open(stage, buf, ctx, &Frame { left, right, border: Role::Focus, size });
    if rows.is_empty() {
        return nothing(inside, buf, ctx, model);
    }
    let at = list.cursor.row.min(rows.len() - 1);
    let found = rows.get(at);
    if inside.width < BESIDE {
        match (list.open, found) {
            (true, Some(FoundRow::Finding(found))) => text(inside, buf, ctx, found, list.text.row),
            _ => draw_list(inside, buf, ctx, (&rows, list)),
        }
        return;
    }
    let width = (inside.width * 9 / 20).min(80);
    draw_list(Rect { width, ..inside }, buf, ctx, (&rows, list));
    let rule = ctx.theme.style(if list.open { Role::Focus } else { Role::Faint });
    for row in 0..inside.height {
        Pen::new(buf, Rect { x: inside.x + width + 1, width: 1, ..inside }, row).glyph("│", rule);
    }
    let beside = Rect { x: inside.x + width + 3, width: inside.width - width - 3, ..inside };
    match found {
        Some(FoundRow::Finding(found)) => text(beside, buf, ctx, found, list.text.row),
        Some(FoundRow::Document(path, count)) => {
            let mut rows = Rows::new(buf, beside, 0);
            rows.say(&Clean::new(path), ctx.style(Role::Strong));
            let words =
                if *count == 1 { "1 finding".to_owned() } else { format!("{count} findings; choose one") };
            rows.say(&words, ctx.style(Role::Muted));
        }
        None => {}
    }
}

fn title(ctx: &Ctx<'_>, model: &Model, rows: &[FoundRow<'_>]) -> (Line<'static>, Line<'static>) {
    let count = rows.iter().filter(|row| matches!(row, FoundRow::Finding(_))).count();
    let documents = model.checklist.documents().len();
    let all = if documents == 1 { "1 document".to_owned() } else { format!("{documents} documents") };
    let role = if count > 0 { Role::Warn } else { Role::Good };
    let left = vec![
        span(ctx, "Findings", Role::Title),
        span(ctx, format!(" {count}"), role),
        span(ctx, format!(" in {all}"), Role::Muted),
    ];
    (
        Line::from(left),
        Line::from(span(ctx, "nothing of a document is run or followed by itself", Role::Muted)),
    )
}

fn nothing(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model) {
    let mut rows = Rows::new(buf, area, 0);
    if model.checklist.documents().is_empty() {
        rows.say("No document was read.", ctx.style(Role::Text));
        return rows.say("--checklist FILE.md reads one, unchanged", ctx.style(Role::Muted));
    }
    rows.say("✓ Everything in the documents was understood.", ctx.style(Role::Good));
    rows.say("Numbers, queries, commands and claims with a doubt would stand here.", ctx.style(Role::Muted));
}

fn draw_list(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, (rows, list): (&[FoundRow<'_>], &Findings)) {
    let chosen = list.cursor.row.min(rows.len().saturating_sub(1));
    let top = list.cursor.top(Extent { rows: rows.len(), page: usize::from(area.height) });
    for ((row, at), line) in rows.iter().zip(0..).skip(top).zip(0..area.height) {
        if at == chosen {
            let ground = Rect { y: area.y + line, height: 1, ..area };
            buf.set_style(ground.intersection(buf.area), ctx.theme.style(Role::Selected));
        }
        let mut pen = Pen::new(buf, area, line);
        ctx.spot(pen.rest(), Spot::Found { index: at });
        match row {
            FoundRow::Document(path, count) => {
                pen.put_right(&count.to_string(), ctx.style(Role::Muted)).skip_right(1);
                let cells = usize::from(pen.room());
                pen.put(&cut_middle(&Clean::new(path), cells), ctx.style(Role::Title));
            }
            FoundRow::Finding(found) => {
                let number = if found.line > 0 { found.line.to_string() } else { "--".to_owned() };
                pen.number(&number, NUMBER, ctx.style(Role::Muted)).skip(1);
                pen.cell(
                    found.kind,
                    if area.width < ROOMY { 11 } else { 13 },
                    Align::Left,
                    ctx.style(role(found)),
                );
                pen.skip(1);
                pen.put(&found.text, ctx.style(Role::Text));
            }
        }
    }
}

fn role(found: &Found<'_>) -> Role {
    match found.kind {
        "repaired" => Role::Muted,
        "file" => Role::Bad,
        _ => Role::Warn,
    }
}

/// The finding as a whole, and the lines of the file around it.
fn text(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, found: &Found<'_>, top: usize) {
    let mut rows = Rows::new(buf, area, u16::try_from(top).unwrap_or(u16::MAX));
    let cells = usize::from(area.width);
    let mut head = rows.row();
    head.put(found.kind, ctx.style(role(found))).skip(2);
    if let Some(document) = found.document {
        let place = if found.line > 0 {
            format!("{}:{}", document.path, found.line)
        } else {
            format!("{}, the whole file", document.path)
        };
        let room = usize::from(head.room());
        head.put(&cut_middle(&Clean::new(&place), room), ctx.style(Role::Muted));
    }
    for line in wrapped(&found.text, cells, 20) {
        rows.say(line, ctx.style(Role::Strong));
    }
    for (label, value) in &found.more {
        rows.skip();
        rows.say(label, ctx.style(Role::Muted));
        for line in wrapped(value, cells.saturating_sub(2), 20) {
            rows.row().skip(2).put(line, ctx.style(Role::Accent));
        }
    }
    let Some(document) = found.document.filter(|_| found.line > 0) else { return };
    rows.skip();
    let from = found.line.saturating_sub(AROUND);
    for (number, line) in document.quotes.range(from..=found.line.saturating_add(AROUND)) {
        let here = *number == found.line;
        let (mark, ink) = if here { ("▸", Role::Strong) } else { (" ", Role::Muted) };
        let mut pen = rows.row();
        pen.put(mark, ctx.style(Role::Warn)).number(&number.to_string(), NUMBER, ctx.style(Role::Muted));
        pen.skip(2).put(line, ctx.style(ink));
    }
}
