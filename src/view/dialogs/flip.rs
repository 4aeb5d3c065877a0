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
use ratatui::text::Line;

use crate::domain::FlagChange;
use crate::domain::flag::LiveChange;
use crate::model::Model;
use crate::model::confirm::{Confirm, DryRun};
use crate::model::flags::FlagView;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::full::wrapped;
use crate::view::sheet::{Rows, Stage, badge, span, veil};
use crate::view::widgets::Align;

use super::body::{self, Around};
use super::{asking, by_hand, request};

/// Rows of what is asked for at most.
const MOST: usize = 6;

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
    let key = if confirm.word.is_empty() { "ctrl-y" } else { "y" };
    let to = Line::from(span(ctx, purpose(change), Role::Text));
    let around = Around {
        left,
        right: asking::frozen(ctx, model, confirm),
        border: Role::Warn,
        words: asking::Words { to, button: button(model, change) },
    };
    body::draw(stage, buf, ctx, confirm, around, &|rows, tall| {
        shown(rows, ctx, (model, confirm), change, tall);
        by_hand::draw(rows, ctx, &confirm.act, key, " copies");
    });
}

fn purpose(change: &FlagChange) -> String {
    match &change.live {
        Some(live) => format!("set {} to {} in {}", change.flag, change.after, live.place),
        None if change.removes => format!("take {} out", change.variable),
        None => format!("set {} to {}", change.variable, change.after),
    }
}

/// The button says what happens.
fn button(model: &Model, change: &FlagChange) -> &'static str {
    match (&change.live, flag(model, change)) {
        (Some(_), _) => "Flip now",
        (None, Some(view)) if view.pinned => "Deploy without traffic",
        (None, _) => "Deploy",
    }
}

fn flag<'a>(model: &'a Model, change: &FlagChange) -> Option<FlagView<'a>> {
    model.flag(model.flag_named(&change.flag)?)
}

fn shown(
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
        Some(spec) if change.live.is_none() && value == spec.on => format!("on ({value})"),
        Some(spec) if change.live.is_none() && value == spec.off => format!("off ({value})"),
        _ => value.to_owned(),
    };
    let before = change.before.as_deref().map_or("not set".to_owned(), word);
    let after = if change.removes { "not set".to_owned() } else { word(&change.after) };
    let mut line = rows.row();
    line.put(&change.flag, ctx.style(Role::Strong)).skip(3).put(&before, ctx.style(Role::Text));
    line.put("  →  ", ctx.style(Role::Muted)).put(&after, ctx.style(Role::Strong));
    if let Some(view) = view.as_ref().filter(|view| view.differs()) {
        line.skip(3).put(&format!("what serves now says {}", view.serving_words()), ctx.style(Role::Warn));
    }
    for note in &confirm.notes {
        request::note(rows, ctx, note);
    }
    if tall {
        rows.skip();
    }
    if let Some(live) = &change.live {
        return live_request(rows, ctx, confirm, (change, live));
    }
    request::draw(rows, ctx, model, &confirm.act, &confirm.dry_run);
}

/// What is asked of a live provider: there is no etag, but the definition is looked at once more before it is changed.
fn live_request(
    rows: &mut Rows<'_>,
    ctx: &Ctx<'_>,
    confirm: &Confirm,
    (change, live): (&FlagChange, &LiveChange),
) {
    let (label, value) = (ctx.style(Role::Muted), ctx.style(Role::Text));
    let cells = usize::from(rows.width().saturating_sub(asking::LABEL));
    let words = format!("{} {}", live.provider.word(), change.resource);
    for (words, at) in wrapped(&words, cells, MOST).into_iter().zip(0..) {
        let head = if at == 0 { "request" } else { "" };
        rows.row().cell(head, asking::LABEL, Align::Left, label).put(words, value);
    }
    let mut line = rows.row();
    let version: String = live.version.chars().take(8).collect();
    line.skip(asking::LABEL).put("definition ", label).put(&version, value);
    line.put("   read again before and after   looked at ", label);
    match &confirm.dry_run {
        DryRun::Asked => line.put("asked", label),
        DryRun::Accepted => line.put("✓", ctx.style(Role::Good)).put(" unchanged", value),
        DryRun::Refused(_) => line.put("✗", ctx.style(Role::Bad)),
    };
    if let DryRun::Refused(why) = &confirm.dry_run {
        request::told(rows, ctx, "it says: ", why);
    }
}
