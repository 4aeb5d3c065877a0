//! All about one item, wrapped and scrollable: where it stands, what it means, what it rests on, its history.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Action, Clean};
use crate::keymap::Context;
use crate::model::Model;
use crate::model::item_detail::{Part, Tone};
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::sheet::Rows;
use crate::view::widgets::text::width;
use crate::view::widgets::{Age, Align, Pen, Title, panel as boxed};

use super::super::parts::{LABEL, wrapped};

/// Lines of one part at most.
const LINES: usize = 60;

/// Draws it; `focused`: the keys scroll it.
pub(super) fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, focused: bool) {
    let mut title = Title::new("Item", Age::Local);
    let Some(item) = model.item_under_cursor() else {
        let inside = boxed(area, buf, ctx, &title, focused);
        return nothing(inside, buf, ctx, model);
    };
    let count = model.place_of_item();
    if let Some((at, all)) = count {
        title = title.note(format!("{at} of {all}"), ctx.style(Role::Muted));
    }
    let inside = boxed(area, buf, ctx, &title, focused);
    let parts = model.item_parts(&item);
    let lines: Vec<(&Part, &str, bool)> = parts.iter().flat_map(|part| lines(part, inside.width)).collect();
    let keys = keys(ctx, model);
    let room = usize::from(inside.height.saturating_sub(keys.len() as u16 + u16::from(!keys.is_empty())));
    let top = model.ui.detail_at.row.min(lines.len().saturating_sub(room));
    let mut rows = Rows::new(buf, inside, 0);
    for (part, text, first) in lines.iter().skip(top).take(room) {
        line(&mut rows, ctx, part, text, *first);
    }
    if lines.len() > top + room && room > 0 {
        let more = format!("{} more below", lines.len() - top - room);
        Pen::new(buf, inside, room as u16).put_right(&more, ctx.style(Role::Muted));
    }
    for ((key, words), row) in keys.iter().zip(inside.height.saturating_sub(keys.len() as u16)..) {
        let mut pen = Pen::new(buf, inside, row);
        pen.put(key, ctx.style(Role::Key)).skip(1).put(words, ctx.style(Role::Muted));
    }
}

/// The lines of a part: whether each is its first.
fn lines(part: &Part, cells: u16) -> Vec<(&Part, &str, bool)> {
    let start = if part.label.is_some() { LABEL } else { 0 };
    let cells = usize::from(cells.saturating_sub(start + part.indent));
    let lines = wrapped(&part.text, cells, LINES);
    let lines = if lines.is_empty() { vec![""] } else { lines };
    lines.into_iter().enumerate().map(|(n, text)| (part, text, n == 0)).collect()
}

fn line(rows: &mut Rows<'_>, ctx: &Ctx<'_>, part: &Part, text: &str, first: bool) {
    let mut pen = rows.row();
    if let Some(label) = part.label {
        let label = if first { label } else { "" };
        pen.cell(label, LABEL, Align::Left, ctx.style(Role::Muted));
    }
    pen.skip(part.indent).put(text, ctx.style(role(part.tone)));
}

fn role(tone: Tone) -> Role {
    match tone {
        Tone::Strong => Role::Strong,
        Tone::Plain => Role::Text,
        Tone::Quiet => Role::Muted,
        Tone::Good => Role::Good,
        Tone::Warn => Role::Warn,
        Tone::Bad => Role::Bad,
        Tone::Unknown => Role::Unknown,
        Tone::Code => Role::Accent,
    }
}

/// What stands there while the cursor is on a heading.
fn nothing(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model) {
    let mut rows = Rows::new(buf, area, 0);
    let Some(row) = model.cursor_row() else { return };
    let Some((at, heading)) = model.checklist.heading(row) else { return };
    let listing = model.checklist.listing();
    let tally = listing.tally(at);
    rows.say(&heading.name, ctx.style(Role::Strong));
    if let Some(document) = model.checklist.document(row) {
        rows.say(&Clean::new(&document.path), ctx.style(Role::Muted));
    }
    rows.skip();
    let facts = [
        ("done", format!("{} of {}", tally.done, tally.all), tally.all),
        ("required", format!("{} open of {}", tally.required_open, tally.required), tally.required),
        ("criteria", format!("{} of {} hold", tally.hold, tally.criteria), tally.criteria),
        ("triggers", format!("{} happened of {}", tally.happened, tally.triggers), tally.triggers),
        ("claims", format!("{} of {} attested", tally.done_claims, tally.claims), tally.claims),
        ("later", format!("{} not due yet", tally.later), tally.later),
    ];
    for (label, words, _) in facts.iter().filter(|(_, _, count)| *count > 0) {
        let mut pen = rows.row();
        pen.cell(label, LABEL, Align::Left, ctx.style(Role::Muted)).put(words, ctx.style(Role::Text));
    }
    rows.skip();
    for (action, words) in [
        (Action::NextOpen, "goes to the next open item"),
        (Action::Fold, "folds, and goes up"),
        (Action::Unfold, "unfolds"),
        (Action::Findings, "what was not understood of the documents"),
    ] {
        if let Some(key) = ctx.keymap.key_for(Context::Checklist, action) {
            let mut pen = rows.row();
            pen.put(&key, ctx.style(Role::Key)).skip(2u16.saturating_sub(width(&key) as u16).max(1));
            pen.put(words, ctx.style(Role::Muted));
        }
    }
}

/// What can be done with it.
fn keys(ctx: &Ctx<'_>, model: &Model) -> Vec<(String, &'static str)> {
    let acts = model.item_acts();
    let of = |(action, words): &(Action, &'static str)| {
        Some((ctx.keymap.key_for(Context::Checklist, *action)?, *words))
    };
    acts.iter().filter_map(of).collect()
}
