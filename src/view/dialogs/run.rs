//! The dialog that runs a command which changes something.
//!
//! ```text
//! ╭─ ▲ Run a command  PRODUCTION  ──────────────────────────────────────── command frozen 14:02:11Z ─╮
//! │ $ alembic upgrade head                                                                            │
//! │ in /srv/chat                                                                                      │
//! │ ? what it changes   not known to this room   no undo from here                                    │
//! ╰───────────────────────────────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::{Clean, RunChange, format};
use crate::model::Model;
use crate::model::confirm::Confirm;
use crate::model::gates::Gate;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::full::wrapped;
use crate::view::sheet::{Frame, Rows, Stage, badge, open, span, veil};

use super::{asking, request};

const COLUMNS: u16 = 108;
/// Rows of a long command at most.
const MOST: usize = 8;

/// Draws the dialog for `change`.
pub fn draw(
    stage: Stage,
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
    (model, confirm): (&Model, &Confirm),
    change: &RunChange,
) {
    veil(stage, buf, ctx);
    let mut left = Line::from(vec![span(ctx, "▲ ", Role::Warn), span(ctx, "Run a command", Role::Title)]);
    if let Some(badge) = badge(ctx, &model.room.environment) {
        left.push_span(" ");
        left.push_span(badge);
    }
    let at = format::clock(confirm.opened.wall);
    let right = Line::from(span(ctx, format!("command frozen {at}"), Role::Muted));
    let cells = usize::from(COLUMNS.min(stage.screen.width).saturating_sub(6));
    // As it stands in the document, line by line; the record has it in one.
    let gate = model.gates.get(&change.gate).filter(|gate| gate.hash == change.hash);
    let whole = gate.map_or_else(|| change.command.to_string(), Gate::whole);
    let clean: Vec<Clean> = whole.lines().map(Clean::new).collect();
    let mut lines: Vec<&str> = clean.iter().flat_map(|line| wrapped(line, cells, MOST)).collect();
    if lines.len() > MOST {
        lines.truncate(MOST);
        lines.push("… the rest of it stands in the document");
    }
    let wanted = (lines.len() + confirm.notes.len()) as u16 + 4 + asking::rows(true, confirm);
    let frame = Frame { left, right, border: Role::Warn, size: (COLUMNS, wanted + 2) };
    let inside = open(stage, buf, ctx, &frame);
    let foot = asking::rows(inside.height >= wanted, confirm).min(inside.height);
    let mut rows = Rows::new(buf, Rect { height: inside.height - foot, ..inside }, 0);
    for (line, sign) in lines.iter().zip(std::iter::once("$ ").chain(std::iter::repeat("  "))) {
        rows.row().put(sign, ctx.style(Role::Muted)).put(line, ctx.style(Role::Strong));
    }
    rows.row().put("in ", ctx.style(Role::Muted)).put(&change.dir, ctx.style(Role::Text));
    rows.skip();
    for note in &confirm.notes {
        request::note(&mut rows, ctx, note);
    }
    let lower = Rect { y: inside.bottom() - foot, height: foot, ..inside };
    let to = Line::from(span(ctx, "run it", Role::Text));
    asking::draw(lower, buf, ctx, confirm, &asking::Words { to, button: "Run" });
}
