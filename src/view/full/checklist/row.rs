//! One row of the tree: a document, a heading with its count, an item with who and when, or what is folded away.

use crate::domain::Item;
use crate::model::Model;
use crate::model::checklist::{Row, Tally};
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::widgets::text::{cut, cut_middle, width};
use crate::view::widgets::{Align, Pen};

use super::super::item_state::standing;

/// So many cells of who and when are always shown.
const SAID: usize = 14;

/// Draws `row`.
pub(super) fn draw(pen: &mut Pen<'_>, ctx: &Ctx<'_>, model: &Model, row: Row) {
    match row {
        Row::Heading(at) => heading(pen, ctx, model, at),
        Row::Item(_) => {
            if let Some(item) = model.checklist.item(row) {
                let level = model.checklist.heading(row).map_or(0, |(_, heading)| heading.level);
                pen.skip(indent(level) + 2 + 2 * u16::from(item.depth.min(6)));
                draw_item(pen, ctx, model, item);
            }
        }
        Row::More { count, .. } => {
            let level = model.checklist.heading(row).map_or(0, |(_, heading)| heading.level);
            pen.skip(indent(level) + 2);
            pen.put(&format!("▸ {count} more, all done"), ctx.style(Role::Muted));
        }
    }
}

fn indent(level: u8) -> u16 {
    2 * u16::from(level)
}

fn heading(pen: &mut Pen<'_>, ctx: &Ctx<'_>, model: &Model, at: usize) {
    let listing = model.checklist.listing();
    let Some(heading) = listing.outline().headings().get(at) else { return };
    let tally = listing.tally(at);
    let folded = listing.is_folded(heading) && !model.is_filtered();
    let words = match (tally.words(), heading.gates) {
        (words, 0) => words,
        (words, gates) if words.is_empty() => {
            format!("{gates} gate{}", if gates == 1 { "" } else { "s" })
        }
        (words, _) => words,
    };
    pen.put_right(&words, ctx.style(role(tally))).skip_right(2);
    if folded && tally.lapsed > 0 {
        pen.put_right(&format!("◌ {} lapsed", tally.lapsed), ctx.style(Role::Warn)).skip_right(2);
    }
    pen.skip(indent(heading.level));
    pen.put(if folded { "▸ " } else { "▾ " }, ctx.style(Role::Muted));
    let document = model.checklist.documents().get(heading.document).filter(|_| heading.level == 0);
    let ink = if heading.level == 0 { Role::Title } else { Role::Strong };
    match document {
        Some(document) => {
            let file = document.path.rsplit('/').next().unwrap_or(&document.path);
            let room = usize::from(pen.room());
            pen.put(&heading.name, ctx.style(ink));
            let findings = document.plan.findings.len();
            if findings > 0 {
                let words = format!("▲ {findings}");
                pen.put_right(&words, ctx.style(Role::Warn)).skip_right(2);
            }
            if *file != *heading.name && width(&heading.name) + 12 < room {
                pen.skip(2);
                let cells = usize::from(pen.room());
                pen.put(&cut_middle(&crate::domain::Clean::new(file), cells), ctx.style(Role::Muted));
            }
        }
        None => {
            pen.put(&heading.name, ctx.style(ink));
        }
    }
}

/// What a heading's count deserves.
pub(super) fn role(tally: Tally) -> Role {
    match tally {
        Tally { happened: 1.., .. } => Role::Bad,
        Tally { required_open: 1.., .. } | Tally { bad: 1.., .. } => Role::Warn,
        tally if tally.is_finished() => Role::Good,
        Tally { all: 0, .. } => Role::Muted,
        _ => Role::Text,
    }
}

fn draw_item(pen: &mut Pen<'_>, ctx: &Ctx<'_>, model: &Model, item: &Item) {
    let standing = standing(ctx, model, item);
    // The item's own words get two thirds of the row, if they need them.
    let text = item.shown();
    let left = usize::from(pen.room()).saturating_sub(width(&text) + 6);
    let most = usize::from(pen.room() / 3).max(SAID).max(left);
    let said = cut(&standing.words, most);
    pen.put_right(&said, ctx.style(standing.said)).skip_right(2);
    if item.inferred {
        pen.put_right("~", ctx.style(Role::Muted)).skip_right(1);
    }
    pen.put(standing.glyph, ctx.style(standing.mark)).skip(1);
    pen.put(&text, ctx.style(standing.text));
}

/// What the glyphs mean.
pub(super) fn legend(pen: &mut Pen<'_>, ctx: &Ctx<'_>) {
    let marks = [
        ("✓", Role::Good, "done"),
        ("☐", Role::Warn, "open"),
        ("◇", Role::Unknown, "claimed by the file"),
        ("◌", Role::Warn, "lapsed"),
        ("✗", Role::Bad, "failed"),
        ("~", Role::Muted, "no box in the file"),
    ];
    for (glyph, role, words) in marks {
        if usize::from(pen.room()) > width(words) + 3 {
            pen.put(glyph, ctx.style(role)).skip(1);
            pen.cell(words, width(words) as u16, Align::Left, ctx.style(Role::Muted)).skip(2);
        }
    }
}
