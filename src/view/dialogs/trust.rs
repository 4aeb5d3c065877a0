//! The dialog that shows what a document would run, before it is trusted.
//!
//! ```text
//! ╭─ ▲ Trust the commands of release.md  PRODUCTION  ──────────────────────── 5 commands, sha 3f9c… ─╮
//! │   cd api                                                                                          │
//! │ - pytest tests/contract -q                                                                        │
//! │ + pytest tests/contract -q --maxfail=1                                                            │
//! │  Cancel    y trust them                                        the lit button is what enter does │
//! ╰───────────────────────────────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line as Text;

use crate::model::Model;
use crate::model::gates::trust::Line;
use crate::model::mouse::Spot;
use crate::model::trusting::Trusting;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::full::wrapped;
use crate::view::sheet::{Frame, Rows, Stage, badge, open, span, veil};

const COLUMNS: u16 = 108;
/// Rows below the commands.
const FOOT: u16 = 5;

/// Draws the dialog.
pub fn draw(stage: Stage, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, dialog: &Trusting) {
    veil(stage, buf, ctx);
    let title = format!("Trust the commands of {}", dialog.document);
    let mut left = Text::from(vec![span(ctx, "▲ ", Role::Warn), span(ctx, title, Role::Title)]);
    if let Some(badge) = badge(ctx, &model.room.environment) {
        left.push_span(" ");
        left.push_span(badge);
    }
    let hash: String = dialog.hash.chars().take(8).collect();
    let count = dialog.count;
    let what = if count == 1 { "command" } else { "commands" };
    let right = Text::from(span(ctx, format!("{count} {what} · {hash}"), Role::Muted));
    let rows = u16::try_from(dialog.lines.len()).unwrap_or(200).saturating_add(FOOT + 4);
    let frame = Frame { left, right, border: Role::Warn, size: (COLUMNS, rows) };
    let inside = open(stage, buf, ctx, &frame);
    let foot = FOOT.min(inside.height);
    let above = Rect { height: inside.height - foot, ..inside };
    commands(above, buf, ctx, dialog);
    let mut rows = Rows::new(buf, Rect { y: inside.bottom() - foot, height: foot, ..inside }, 0);
    rows.skip();
    let words =
        "A key then runs its gates; what changes something still asks each time. Any change of them ends it.";
    let said = wrapped(words, usize::from(inside.width), 2);
    for line in &said {
        rows.say(line, ctx.style(Role::Muted));
    }
    (said.len()..3).for_each(|_| rows.skip());
    let mut line = rows.row();
    ctx.spot(Rect { width: 8, ..line.rest() }, Spot::Cancel);
    line.put(" Cancel ", ctx.theme.fill(Role::Accent)).skip(3);
    line.put("y", ctx.style(Role::Key)).put(" trust them", ctx.style(Role::Text));
    line.put_right("the lit button is what enter does", ctx.style(Role::Muted));
}

fn commands(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, dialog: &Trusting) {
    let mut rows = Rows::new(buf, area, 0);
    if dialog.lost {
        rows.say("They changed since they were trusted:", ctx.style(Role::Warn));
    }
    let cells = usize::from(area.width.saturating_sub(2));
    for (at, line) in dialog.lines.iter().enumerate().skip(dialog.top) {
        let (sign, text, role) = match line {
            Line::Same(text) => ("  ", text, Role::Text),
            Line::Added(text) if dialog.lost => ("+ ", text, Role::Good),
            Line::Added(text) => ("  ", text, Role::Text),
            Line::Removed(text) => ("- ", text, Role::Bad),
        };
        // What is trusted is shown whole: a long command goes on below.
        for (part, words) in (0..).zip(wrapped(text, cells, 50)) {
            rows.row().put(if part == 0 { sign } else { "  " }, ctx.style(role)).put(words, ctx.style(role));
        }
        if rows.count() >= area.height && at + 1 < dialog.lines.len() {
            let more = format!(" {} more: ↓ ", dialog.lines.len() - at - 1);
            let mut pen = crate::view::widgets::Pen::new(buf, area, area.height.saturating_sub(1));
            pen.put_right(&more, ctx.style(Role::Key));
            return;
        }
    }
}
