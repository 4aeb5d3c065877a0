//! A trigger that a person watches: its row, and what is known of it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::format;
use crate::model::conditions::said::SaidTrigger;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::sheet::Rows;
use crate::view::widgets::{Mark, Pen};

use super::{fact, long, wrapped};

pub(super) fn mark(row: &SaidTrigger<'_>) -> Mark {
    match (row.said, row.waits) {
        (Some(_), _) => Mark::Tripped,
        (None, Some(_)) => Mark::Idle,
        (None, None) => Mark::Unknown,
    }
}

pub(super) fn word(row: &SaidTrigger<'_>) -> &'static str {
    match (row.said, row.waits) {
        (Some(_), _) => "happened",
        (None, Some(_)) => "not begun",
        (None, None) => "ask a person",
    }
}

pub(super) fn draw_row(pen: &mut Pen<'_>, ctx: &Ctx<'_>, row: &SaidTrigger<'_>) {
    let mark = mark(row);
    let who = row.said.map_or_else(|| word(row).to_owned(), |said| format!("said by {}", said.by));
    pen.put_right(&who, ctx.style(mark.ink())).skip_right(1);
    pen.put(mark.glyph(), ctx.style(mark.role())).skip(1);
    pen.put(&row.text, ctx.style(Role::Strong));
}

/// All of one; `titled`: its name and state stand in the title already.
pub(super) fn detail(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, row: &SaidTrigger<'_>, titled: bool) {
    let mark = mark(row);
    let mut rows = Rows::new(buf, area, 0);
    if !titled {
        let mut head = rows.row();
        head.put_right(word(row), ctx.style(mark.ink()));
        head.put(&row.text, ctx.style(Role::Strong));
    }
    for line in wrapped(&row.text, usize::from(area.width), 3) {
        rows.say(line, ctx.style(Role::Strong));
    }
    rows.skip();
    let state = match (row.said, row.waits) {
        (Some(said), _) => {
            format!("happened, said by {} at {}", said.who(), format::moment(said.at, ctx.now.wall))
        }
        (None, Some(stage)) => format!("of the stage {stage}, which has not begun"),
        (None, None) => "nobody said that it happened".to_owned(),
    };
    long(&mut rows, ctx, ("state", &state), mark.ink(), (area.width, 3));
    if let Some(said) = row.said.filter(|said| !said.note.is_empty()) {
        long(&mut rows, ctx, ("note", &said.note), Role::Text, (area.width, 4));
    }
    let place = if row.place.is_empty() { "no file any more" } else { &row.place };
    fact(&mut rows, ctx, "stands in", place, Role::Text);
    rows.skip();
    let follows = match row.said {
        None if row.waits.is_some() => "It asks for nothing before that stage begins.",
        Some(_) => "It asks; nothing happens by itself. In the checklist, space on it takes that back.",
        None => {
            "No data decides it: who sees it says so in the checklist, with space on it. [[bind]] lets the room measure it."
        }
    };
    for line in wrapped(follows, usize::from(area.width), 3) {
        rows.say(line, ctx.style(Role::Muted));
    }
}
