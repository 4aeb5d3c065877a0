//! All keys, read back from the map; a search marks what it finds and moves nothing.
//!
//! ```text
//! ╭─ Keys mara, commander, operate ──────────────────────────────────────────── esc close ─╮
//! │ search  roll_                2 of 64 match, the rest stay in place                      │
//! │                                                                                         │
//! │ Everywhere                     Checklist                     Acting                     │
//! │ ?          this help           space      tick               f          flip a flag…    │
//! ╰─────────────────────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use crate::domain::Room;
use crate::domain::room::Mode;
use crate::keymap::{self, Group};
use crate::model::modal::Help;
use crate::model::mouse::Spot;
use crate::theme::Role;

use super::Ctx;
use super::sheet::{Frame, Rows, Stage, field, open, span, veil};
use super::widgets::Pen;
use super::widgets::text::width;

/// Columns of the sheet.
const COLUMNS: u16 = 120;
/// Rows above and below the keys.
const CHROME: u16 = 4;
/// Bodies lower than this are covered with all around them.
const LOW: u16 = 24;
/// Cells of the keys of a line.
const KEYS: u16 = 12;

/// Draws the help over the panels.
pub fn draw(stage: Stage, buf: &mut Buffer, ctx: &Ctx<'_>, help: &Help, room: &Room) {
    veil(stage, buf, ctx);
    let groups = ctx.keymap.help();
    let width = COLUMNS.min(stage.screen.width);
    let columns = columns(
        &groups,
        if width >= 110 {
            3
        } else if width >= 64 {
            2
        } else {
            1
        },
    );
    let height = columns.iter().map(|column| rows_of(column)).max().unwrap_or(0);
    let frame = Frame {
        left: Line::from(vec![span(ctx, "Keys ", Role::Title), span(ctx, who(room), Role::Muted)]),
        right: Line::from(vec![span(ctx, "esc", Role::Key), span(ctx, " close", Role::Muted)]),
        border: Role::Focus,
        // Where there is room for most of it, the header stays in sight, and the rest is scrolled to.
        size: (
            width,
            if stage.body.height >= LOW {
                (height + CHROME + 2).min(stage.body.height)
            } else {
                height + CHROME + 2
            },
        ),
    };
    let inside = open(stage, buf, ctx, &frame);
    let query = help.search.value().to_lowercase();
    search_row(inside, buf, ctx, help, &groups);
    let area =
        Rect { y: inside.y + 2, height: inside.height.saturating_sub(CHROME), ..inside }.intersection(inside);
    let top = (help.top as u16).min(height.saturating_sub(area.height));
    let share = area.width / columns.len().max(1) as u16;
    for (n, column) in (0..).zip(&columns) {
        let area = Rect { x: area.x + n * share, width: share.saturating_sub(2), ..area };
        draw_column(&mut Rows::new(buf, area, top), ctx, column, &query);
    }
    footer(inside, buf, ctx, height > area.height);
}

fn who(room: &Room) -> String {
    let mode = match room.operator.mode {
        Mode::Operate => "operate",
        Mode::ReadOnly => "read-only: nothing here acts",
    };
    let parts = [room.operator.name.as_str(), room.operator.role.as_str(), mode];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

fn search_row(inside: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, help: &Help, groups: &[Group]) {
    let lines = groups.iter().flat_map(|group| &group.lines);
    let query = help.search.value().to_lowercase();
    let all = lines.clone().count();
    let found = lines.filter(|line| matches(line, &query)).count();
    let mut pen = Pen::new(buf, inside, 0);
    pen.put("search  ", ctx.style(Role::Muted));
    field(&mut pen, ctx, help.search.value(), Some(help.search.cursor()), 30);
    let words = if query.is_empty() {
        "type to find a key or an act".to_owned()
    } else {
        format!("{found} of {all} match, the rest stay in place")
    };
    pen.skip(2).put(&words, ctx.style(Role::Muted));
}

fn matches(line: &keymap::Line, query: &str) -> bool {
    !query.is_empty()
        && (line.about.to_lowercase().contains(query)
            || line.keys.to_lowercase().contains(query)
            || line.action.to_string().contains(query))
}

/// Groups in columns of about the same height, none torn apart.
fn columns(groups: &[Group], count: usize) -> Vec<Vec<&Group>> {
    let mut columns: Vec<Vec<&Group>> = vec![Vec::new(); count];
    for group in groups {
        let shortest = columns.iter_mut().min_by_key(|column| rows_of(column));
        if let Some(column) = shortest {
            column.push(group);
        }
    }
    columns
}

fn rows_of(column: &[&Group]) -> u16 {
    let lines: usize = column.iter().map(|group| group.lines.len() + 2).sum();
    lines.saturating_sub(1) as u16
}

fn draw_column(rows: &mut Rows<'_>, ctx: &Ctx<'_>, column: &[&Group], query: &str) {
    for (n, group) in column.iter().enumerate() {
        if n > 0 {
            rows.skip();
        }
        rows.say(group.title, ctx.style(Role::Title));
        for line in &group.lines {
            let hit = matches(line, query);
            let style = |role: Role| -> Style { ctx.style(if hit { Role::Match } else { role }) };
            let mut pen = rows.row();
            ctx.spot(pen.rest(), Spot::Key { action: line.action });
            pen.put(&line.keys, style(Role::Key));
            let keys = u16::try_from(width(&line.keys)).unwrap_or(KEYS);
            pen.to(KEYS.max(keys + 1)).put(line.about, style(Role::Text));
        }
    }
}

fn footer(inside: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, more: bool) {
    let mut pen = Pen::new(buf, inside, inside.height.saturating_sub(1));
    if more {
        pen.put_right(" ↑↓ scroll", ctx.style(Role::Key));
    }
    let conflicts = ctx.keymap.conflicts().len();
    if conflicts > 0 {
        pen.put(&format!("▲ {conflicts} keys are bound twice"), ctx.style(Role::Warn))
            .put("  ·  ", ctx.style(Role::Muted));
    }
    let asks = if ctx.keymap.is_read_only() { "" } else { "… asks before it acts  ·  " };
    pen.put(&format!("{asks}rebind in config.toml: [keys.everywhere]"), ctx.style(Role::Muted));
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use strum::IntoEnumIterator;
    use tui_input::Input;

    use super::*;
    use crate::domain::{Action, Now};
    use crate::keymap::{Keymap, words};
    use crate::view::testing::{screen, stage, themed};

    fn room() -> Room {
        let mut room = Room::default();
        room.operator.name = "mara".into();
        room.operator.role = "commander".into();
        room
    }

    fn drawn(size: (u16, u16), search: &str, top: usize) -> String {
        let help = Help { search: Input::from(search), top };
        screen(size, Now::default(), |area, buf, ctx| draw(stage(area), buf, ctx, &help, &room()))
    }

    #[test]
    fn everything_fits_in_three_columns() {
        assert_snapshot!(drawn((120, 40), "roll", 0));
    }

    #[test]
    fn small_screens_scroll() {
        assert_snapshot!(drawn((80, 24), "", 8));
        for width in 0..30 {
            for height in 0..8 {
                drawn((width, height), "e", 3);
            }
        }
    }

    #[test]
    fn read_only_shows_no_acting_key() {
        let keymap = Keymap::default().read_only();
        let shown = themed((120, 50), "dark", &keymap, Now::default(), |area, buf, ctx| {
            draw(stage(area), buf, ctx, &Help::default(), &room());
        });
        for action in Action::iter().filter(|action| action.acts()) {
            assert!(!shown.contains(words::long(action)), "{action}\n{shown}");
        }
    }
}
