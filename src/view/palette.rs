//! The palette: commands found by a few letters, run only when the line is whole.
//!
//! ```text
//! ╭─ Palette ────────────────────────────────────────────────────────── 3 of 71 ─╮
//! │ : rb chat_                                                                   │
//! │ ──────────────────────────────────────────────────────────────────────────── │
//! │ rollback chat-backend          opens the dialog, asks                      R │
//! ╰──────────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::text::Line;

use crate::model::mouse::Spot;
use crate::model::palette::{Found, Offer, Palette};
use crate::theme::Role;

use super::Ctx;
use super::sheet::{Frame, Rows, Stage, field, open, span, veil};
use super::widgets::{Align, Pen};

/// Columns of the sheet.
const COLUMNS: u16 = 80;
/// Commands shown at once.
const SHOWN: usize = 10;
/// Cells of a line of the list.
const LINE: u16 = 34;

/// Draws the palette over the panels.
pub fn draw(
    stage: Stage,
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
    palette: &Palette,
    offers: &[Offer],
    history: &[String],
) {
    veil(stage, buf, ctx);
    let found = palette.find(offers);
    let recent: Vec<&String> =
        if palette.input.value().is_empty() { history.iter().rev().take(3).collect() } else { Vec::new() };
    let rows = found.len().clamp(1, SHOWN) + if recent.is_empty() { 0 } else { recent.len() + 2 };
    let frame = Frame {
        left: Line::from(span(ctx, "Palette", Role::Title)),
        right: Line::from(span(ctx, format!("{} of {}", found.len(), offers.len()), Role::Muted)),
        border: Role::Focus,
        size: (COLUMNS, rows as u16 + 5),
    };
    let inside = open(stage, buf, ctx, &frame);
    let mut rows = Rows::new(buf, inside, 0);
    let mut line = rows.row();
    line.put(": ", ctx.style(Role::Key));
    let cells = line.room();
    field(&mut line, ctx, palette.input.value(), Some(palette.input.cursor()), cells);
    rows.row().fill("─", ctx.style(Role::Faint));
    list(&mut rows, ctx, palette, &found, usize::from(inside.height));
    if !recent.is_empty() {
        rows.skip();
        rows.say("recent", ctx.style(Role::Muted));
        for line in recent {
            rows.row().skip(2).put(line, ctx.style(Role::Text));
        }
    }
    let last = inside.height.saturating_sub(1);
    Pen::new(buf, inside, last).line(&footer(ctx));
}

fn list(rows: &mut Rows<'_>, ctx: &Ctx<'_>, palette: &Palette, found: &[Found<'_>], height: usize) {
    if found.is_empty() {
        let words = format!("no command like \"{}\"", palette.input.value());
        return rows.say(&words, ctx.style(Role::Muted));
    }
    let page = SHOWN.min(height.saturating_sub(3)).max(1);
    let first = (palette.chosen + 1).saturating_sub(page);
    for (at, found) in found.iter().enumerate().skip(first).take(page) {
        let chosen = at == palette.chosen;
        let mut pen = if chosen { rows.grounded(ctx.theme.style(Role::Selected)) } else { rows.row() };
        ctx.spot(pen.rest(), Spot::Offer { index: at });
        entry(&mut pen, ctx, found);
    }
}

fn entry(pen: &mut Pen<'_>, ctx: &Ctx<'_>, found: &Found<'_>) {
    let offer = found.offer;
    let key = offer.key.and_then(|action| ctx.keymap.any_key_for(action));
    if let Some(key) = key {
        pen.put_right(&key, ctx.style(Role::Key)).skip_right(1);
    }
    let text = if offer.blocked.is_some() { Role::Muted } else { Role::Text };
    let wide = pen.room() > LINE + 10;
    for (at, letter) in offer.line.chars().enumerate().take(usize::from(LINE)) {
        let role = if found.hits.contains(&at) { Role::Match } else { text };
        pen.put(letter.encode_utf8(&mut [0; 4]), ctx.style(role));
    }
    if wide {
        let (about, role) = match &offer.blocked {
            Some(why) => (why, Role::Unknown),
            None => (&offer.about, Role::Muted),
        };
        let room = pen.room();
        pen.to(LINE + 2).cell(about, room, Align::Left, ctx.style(role));
    }
}

fn footer(ctx: &Ctx<'_>) -> Line<'static> {
    let mut line = Line::default();
    let keys = [
        ("tab", " completes · "),
        ("enter", " runs, or completes first · "),
        ("esc", " closes · "),
        ("↑", " history"),
    ];
    for (key, words) in keys {
        line.push_span(span(ctx, key, Role::Key));
        line.push_span(span(ctx, words, Role::Muted));
    }
    line
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::domain::room::{FlagSpec, Mode, Service};
    use crate::domain::{Now, Room, ServiceIx};
    use crate::model::palette::{Command, offers};
    use crate::view::testing::{screen, stage};

    fn room() -> Room {
        let flag = FlagSpec {
            name: "SESSION_RESUME".into(),
            service: ServiceIx(0),
            variable: "SESSION_RESUME".into(),
            on: "true".into(),
            off: "false".into(),
            ..FlagSpec::default()
        };
        let service = Service { name: "chat-backend".into(), ..Service::default() };
        Room { services: vec![service], flags: vec![flag], ..Room::default() }
    }

    fn drawn(size: (u16, u16), typed: &str, history: &[String]) -> String {
        let offers = offers(&room(), |command| {
            matches!(command, Command::Flip(_)).then(|| "Cloud Run was not read yet".into())
        });
        screen(size, Now::default(), |area, buf, ctx| {
            draw(stage(area), buf, ctx, &Palette::new(typed), &offers, history);
        })
    }

    #[test]
    fn what_fits_is_listed_with_its_key_and_what_cannot_be_done_with_the_reason() {
        assert_snapshot!(drawn((80, 16), "s e", &[]));
    }

    #[test]
    fn an_empty_palette_shows_what_was_run_before() {
        assert_snapshot!(drawn((80, 24), "", &["closes".into(), "note holding".into()]));
    }

    #[test]
    fn nothing_found_and_too_small_are_no_trouble() {
        assert_snapshot!(drawn((60, 10), "xyzzy", &[]));
        for width in 0..30 {
            for height in 0..8 {
                drawn((width, height), "e", &["a".into()]);
            }
        }
    }

    #[test]
    fn read_only_offers_nothing_that_acts() {
        let mut room = room();
        room.operator.mode = Mode::ReadOnly;
        let offers = offers(&room, |_| None);
        let shown = screen((80, 40), Now::default(), |area, buf, ctx| {
            draw(stage(area), buf, ctx, &Palette::default(), &offers, &[]);
        });
        for word in ["rollback", "flip", "note", "unlock", "undo", "recheck"] {
            assert!(!shown.contains(word), "{word}\n{shown}");
        }
    }
}
