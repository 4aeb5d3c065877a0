//! The exact request of an act, what the API said of a dry run of it, and what else is told in a row of its own. What is
//! too long for its row goes on in the next one.

use crate::domain::OpKind;
use crate::model::Model;
use crate::model::confirm::{DryRun, Note};
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::full::wrapped;
use crate::view::sheet::Rows;
use crate::view::widgets::text::{cut_middle, width};
use crate::view::widgets::{Align, Mark};

use super::asking::LABEL;

/// Rows of one thing at most.
const MOST: usize = 12;
/// Cells of a subject in the tables.
pub(super) const SUBJECT: u16 = 36;
/// Cells that an identity is worth a row of its own for.
const IDENTITY: usize = 40;

/// The request, as whom, on what state, and what the API said of a dry run.
pub(super) fn draw(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, act: &OpKind, dry_run: &DryRun) {
    let (label, value) = (ctx.style(Role::Muted), ctx.style(Role::Text));
    let mask = if matches!(act, OpKind::Flag(_)) { "template" } else { "traffic" };
    let path = format!("PATCH /v2/{}?updateMask={mask}", act.resource());
    let cells = usize::from(rows.width().saturating_sub(LABEL));
    for (line, at) in wrapped(&path, cells, MOST).into_iter().zip(0..) {
        let head = if at == 0 { "request" } else { "" };
        rows.row().cell(head, LABEL, Align::Left, label).put(line, value);
    }
    let (glyph, role, said) = match dry_run {
        DryRun::Asked => ("", Role::Muted, "asked"),
        DryRun::Accepted => ("✓ ", Role::Good, "accepted"),
        DryRun::Refused(_) => ("✗ ", Role::Bad, "refused"),
    };
    let generation = act.generation().to_string();
    let identity = model.identities.get(&act.service());
    let identity = identity.map(|who| cut_middle(who, cells.saturating_sub(3).max(IDENTITY)));
    let mut facts = vec![
        ("etag ", "", Role::Text, act.etag()),
        ("generation ", "", Role::Text, generation.as_str()),
        ("dry run ", glyph, role, said),
    ];
    facts.extend(identity.as_deref().map(|who| ("as ", "", Role::Text, who)));
    let mut facts = facts.into_iter().peekable();
    while facts.peek().is_some() {
        let mut line = rows.row();
        line.skip(LABEL);
        let mut room = cells;
        while let Some((head, glyph, role, words)) = facts.next_if(|(head, glyph, _, words)| {
            room == cells || width(head) + width(glyph) + width(words) <= room
        }) {
            line.put(head, label).put(glyph, ctx.style(role)).put(words, value).skip(3);
            room = room.saturating_sub(width(head) + width(glyph) + width(words) + 3);
        }
    }
    if let DryRun::Refused(why) = dry_run {
        told(rows, ctx, "the API says: ", why);
    }
}

/// What somebody else says, in as many rows as it needs.
pub(super) fn told(rows: &mut Rows<'_>, ctx: &Ctx<'_>, who: &str, words: &str) {
    let cells = usize::from(rows.width().saturating_sub(LABEL)).saturating_sub(width(who));
    for (line, at) in wrapped(words, cells, MOST).into_iter().zip(0..) {
        let mut row = rows.row();
        row.skip(LABEL);
        if at == 0 {
            row.put(who, ctx.style(Role::Bad));
        } else {
            row.skip(width(who) as u16);
        }
        row.put(line, ctx.style(Role::Text));
    }
}

/// A warning, or something that is not known, as a row of three columns; in rows of its own where that has no room.
pub(super) fn note(rows: &mut Rows<'_>, ctx: &Ctx<'_>, note: &Note) {
    let mark = if note.unknown { Mark::Unknown } else { Mark::Warn };
    let (style, muted, warn) = (ctx.style(Role::Text), ctx.style(Role::Muted), ctx.style(Role::Warn));
    let cells = usize::from(rows.width());
    let end = if note.consequence.is_empty() { 0 } else { width(&note.consequence) + 1 };
    let subject = usize::from(SUBJECT - 2).min(cells * 2 / 5).max(1);
    let fits = if note.detail.is_empty() {
        width(&note.subject) + 2 + end <= cells
    } else {
        width(&note.subject) <= subject && subject + 3 + width(&note.detail) + end <= cells
    };
    if fits {
        let mut line = rows.row();
        line.put_right(&note.consequence, warn).skip_right(1);
        line.put(mark.glyph(), ctx.style(mark.role())).skip(1);
        if note.detail.is_empty() {
            line.put(&note.subject, style);
        } else {
            line.cell(&note.subject, subject as u16, Align::Left, style).skip(1).put(&note.detail, muted);
        }
        return;
    }
    for (words, at) in wrapped(&note.subject, cells.saturating_sub(2), MOST).into_iter().zip(0..) {
        let glyph = if at == 0 { mark.glyph() } else { " " };
        rows.row().put(glyph, ctx.style(mark.role())).skip(1).put(words, style);
    }
    let details = wrapped(&note.detail, cells.saturating_sub(4 + end), MOST);
    for (words, at) in details.iter().zip(1..) {
        let mut line = rows.row();
        if at == details.len() {
            line.put_right(&note.consequence, warn);
        }
        line.skip(4).put(words, muted);
    }
    if details.is_empty() {
        for words in wrapped(&note.consequence, cells.saturating_sub(4), MOST) {
            rows.row().skip(4).put(words, warn);
        }
    }
}
