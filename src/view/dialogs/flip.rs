//! The dialog that flips a flag.
//!
//! ```text
//! ╭─ ▲ Flip a flag  PRODUCTION  ────────────────────────────────────────── target frozen 14:02:11Z ─╮
//! │ SESSION_RESUME   on (true)  →  off (false)                                                       │
//! │ ▲ deploys a new revision from the service's template                                             │
//! │ request   PATCH /v2/…/services/chat-backend?updateMask=template                                  │
//! ╰──────────────────────────────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::FlagChange;
use crate::model::Model;
use crate::model::confirm::Confirm;
use crate::model::flags::{self, FlagView};
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::sheet::{Frame, Rows, Stage, badge, open, span, veil};

use super::rollback::{note_row, request};
use super::{asking, by_hand};

const COLUMNS: u16 = 108;

/// Draws the dialog for `change`.
pub fn draw(
    stage: Stage,
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
    (model, confirm): (&Model, &Confirm),
    change: &FlagChange,
) {
    veil(stage, buf, ctx);
    let mut left = Line::from(vec![span(ctx, "▲ ", Role::Warn), span(ctx, "Flip a flag", Role::Title)]);
    if let Some(badge) = badge(ctx, &model.room.environment) {
        left.push_span(" ");
        left.push_span(badge);
    }
    let cells = by_hand::cells(stage, COLUMNS);
    let wanted = confirm.notes.len() as u16 + 6 + by_hand::rows(&confirm.act, cells) + asking::rows(true);
    let frame = Frame {
        left,
        right: asking::frozen(ctx, model, confirm),
        border: Role::Warn,
        size: (COLUMNS, wanted + 2),
    };
    let inside = open(stage, buf, ctx, &frame);
    let tall = inside.height >= wanted;
    let foot = asking::rows(tall).min(inside.height);
    let area = Rect { height: inside.height - foot, ..inside };
    let mut rows = Rows::new(buf, area, 0);
    body(&mut rows, ctx, (model, confirm), change, tall);
    let key = if confirm.word.is_empty() { "ctrl-y" } else { "y" };
    by_hand::draw(&mut rows, ctx, &confirm.act, cells, key);
    let lower = Rect { y: inside.bottom() - foot, height: foot, ..inside };
    let to = Line::from(span(ctx, format!("set {} to {}", change.variable, change.after), Role::Text));
    let pinned = flag(model, change).is_some_and(|view| view.pinned);
    // The button says what happens.
    let button = if pinned { "Deploy without traffic" } else { "Deploy" };
    asking::draw(lower, buf, ctx, confirm, &asking::Words { to, button });
}

fn flag<'a>(model: &'a Model, change: &FlagChange) -> Option<FlagView<'a>> {
    let spec = model.room.flags.iter().find(|flag| flag.name == change.flag)?;
    let service = model.service(change.service)?;
    Some(flags::view(spec, service.traffic.as_ref()?.traffic.as_ref()))
}

fn body(
    rows: &mut Rows<'_>,
    ctx: &Ctx<'_>,
    (model, confirm): (&Model, &Confirm),
    change: &FlagChange,
    tall: bool,
) {
    if tall {
        rows.skip();
    }
    let view = flag(model, change);
    let word = |value: &str| match view.as_ref().map(|view| view.spec) {
        Some(spec) if value == spec.on => format!("on ({value})"),
        Some(spec) if value == spec.off => format!("off ({value})"),
        _ => value.to_owned(),
    };
    let before = change.before.as_deref().map_or("not set".to_owned(), word);
    let mut line = rows.row();
    line.put(&change.flag, ctx.style(Role::Strong)).skip(3).put(&before, ctx.style(Role::Text));
    line.put("  →  ", ctx.style(Role::Muted)).put(&word(&change.after), ctx.style(Role::Strong));
    if let Some(view) = view.as_ref().filter(|view| view.differs()) {
        line.skip(3).put(&format!("what serves now says {}", view.serving.word()), ctx.style(Role::Warn));
    }
    for note in &confirm.notes {
        note_row(rows, ctx, note);
    }
    if tall {
        rows.skip();
    }
    let path = format!("PATCH /v2/{}?updateMask=template", change.resource);
    request(rows, ctx, (model, confirm), &path, &change.etag, change.generation);
}
