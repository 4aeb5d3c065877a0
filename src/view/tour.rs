//! The hints of the first run, at the lower right.
//!
//! ```text
//! ╭─ ● First time here ───────────────────────────────── 1 of 3 · x never again ─╮
//! │ The second line is the answer: ✓ GO, ▲ HOLD, ✗ NO-GO, ↺ ROLL BACK.           │
//! │ Each reason has a number. Press it to see the panel behind it.               │
//! │                                                                              │
//! │ enter next (2: ages at the right of titles · 3: keys with … act, and ask)    │
//! ╰──────────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::model::mouse::Spot;
use crate::model::tour::{HINTS, Tour};
use crate::theme::Role;

use super::Ctx;
use super::sheet::{Frame, Rows, Stage, open, span};

const SIZE: (u16, u16) = (80, 6);

/// Two lines each, and what comes next.
const WORDS: [[&str; 3]; HINTS] = [
    [
        "The second line is the answer: ✓ GO, ▲ HOLD, ✗ NO-GO, ↺ ROLL BACK.",
        "Each reason has a number. Press it to see the panel behind it.",
        " next (2: ages at the right of titles · 3: keys with … act, and ask)",
    ],
    [
        "The right of each title says how old its numbers are: live 1s, stale 14s, down.",
        "What is old is dimmed and counts as not seen: never as good, never as bad.",
        " next (3: keys with … act, and ask)",
    ],
    [
        "Keys with … act, and ask first: Cancel is lit until the word is typed.",
        "? lists all keys, : all commands. Left alone, the room changes nothing.",
        " done",
    ],
];

/// Draws the hint in the lower right corner of `body`.
pub fn draw(body: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, tour: Tour) {
    let (width, height) = (SIZE.0.min(body.width), SIZE.1.min(body.height));
    let corner = Rect::new(body.right() - width, body.bottom() - height, width, height);
    ctx.spot(corner, Spot::Sheet);
    let left = Line::from(vec![span(ctx, "● ", Role::Accent), span(ctx, "First time here", Role::Title)]);
    let right = Line::from(vec![
        span(ctx, format!("{} of {HINTS} · ", tour.step + 1), Role::Muted),
        span(ctx, "x", Role::Key),
        span(ctx, " never again", Role::Muted),
    ]);
    let frame = Frame { left, right, border: Role::Focus, size: SIZE };
    let inside = open(Stage { screen: corner, body: corner, kept: corner }, buf, ctx, &frame);
    let Some([first, second, next]) = WORDS.get(tour.step) else { return };
    let mut rows = Rows::new(buf, inside, 0);
    rows.say(first, ctx.style(Role::Text));
    rows.say(second, ctx.style(Role::Text));
    rows.skip();
    rows.row().put("enter", ctx.style(Role::Key)).put(next, ctx.style(Role::Muted));
}
