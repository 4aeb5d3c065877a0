//! The verdict: a block of fixed height whatever it says, louder by area; one row outside the overview.
//!
//! ```text
//!   ✗ NO-GO            1 ✗ closes 4401 unauthorized (app)     12.4/min, limit 5      on 00418-ral       for 2m10s
//!   for 2m10s          2 ✗ canary chat_success critical       78.1 %, critical 80 %                     for 3m40s
//!   was GO 43m41s      3 ▲ 2 required items open              41 of 52                                since 13:12
//!   → canary 10 %      next  1-3 open a reason   R roll back… 100 % to 00417-hux, asks first
//! ```

use std::borrow::Cow;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::domain::{Reason, ReasonKind, Verdict, VerdictState, format};
use crate::model::mouse::Spot;
use crate::model::{FLASH, Model};
use crate::theme::Role;

use super::widgets::text::{cut_words, head, width};
use super::widgets::{Align, Mark, Pen, mark};
use super::{Ctx, Motion};

mod row;

pub(super) use row::fitting;
pub use row::row;

/// Cells of a badge.
const BADGE: u16 = 13;
/// Reasons shown.
pub const SHOWN: usize = 3;

/// Role of the block. A person's better word for what the room says looks like no GO of the room.
pub(super) fn role(verdict: &Verdict) -> Role {
    sign(verdict).role()
}

/// Its glyph; a person's better word for what the room says is a warning.
pub(super) fn sign(verdict: &Verdict) -> Mark {
    match verdict.overridden {
        Some(room) if verdict.state < room => Mark::Warn,
        _ => mark::verdict(verdict.state, verdict.blind),
    }
}

/// How text looks inside: ROLL BACK is one ground and one ink throughout.
struct Paint<'a> {
    ctx: &'a Ctx<'a>,
    /// Set while the whole block is filled.
    whole: Option<Style>,
}

impl Paint<'_> {
    fn of(&self, role: Role) -> Style {
        self.whole.unwrap_or_else(|| self.ctx.style(role))
    }
}

/// Draws the block of the overview in `area` (four rows).
pub fn block(model: &Model, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
    let paint = ground(model, ctx, area, buf);
    if area.width < 100 {
        narrow(model, &paint, area, buf);
    } else {
        wide(model, &paint, area, buf);
    }
}

/// The ground of the block: a tint, and for ROLL BACK the whole area filled. A changed verdict has it the other way round
/// for a moment, once.
fn ground<'a>(model: &Model, ctx: &'a Ctx<'a>, area: Rect, buf: &mut Buffer) -> Paint<'a> {
    let verdict = &model.verdicts.now;
    let role = role(verdict);
    let changed = verdict.was.and(verdict.since).is_some_and(|since| model.now.since(since) < FLASH);
    let flashes = changed && ctx.motion == Motion::Full;
    let filled = (verdict.state == VerdictState::RollBack) != flashes;
    let whole = filled.then(|| ctx.theme.fill(role).add_modifier(Modifier::BOLD));
    buf.set_style(area.intersection(buf.area), whole.unwrap_or_else(|| ctx.theme.tint(role)));
    Paint { ctx, whole }
}

/// `✗ NO-GO` on its ground; the left column as a whole when it must be loud.
fn badge(verdict: &Verdict, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    let mark = sign(verdict);
    let style =
        paint.whole.unwrap_or_else(|| paint.ctx.theme.fill(role(verdict)).add_modifier(Modifier::BOLD));
    let cells = Rect { width: BADGE.min(area.width), height: area.height.min(1), ..area };
    buf.set_style(cells.intersection(buf.area), style);
    let mut pen = Pen::new(buf, cells, 0);
    pen.skip(if cells.width < BADGE { 0 } else { 2 });
    pen.put(mark.glyph(), style).skip(1).put(verdict.state.word(), style);
}

/// `for 2m10s` and `was GO 43m41s`, or since when it is GO; and the act that it is about.
fn times(model: &Model) -> [String; 3] {
    let verdict = &model.verdicts.now;
    let act = if verdict.act.is_empty() { String::new() } else { format!("→ {}", verdict.act) };
    let Some(since) = verdict.since else { return ["starting".to_owned(), String::new(), act] };
    let length = format!("for {}", format::age_seconds(model.now.since(since)));
    let second = match (verdict.overridden, verdict.was) {
        (Some(room), _) => format!("room: {}", room.word()),
        (None, Some((was, seconds))) if verdict.state != VerdictState::Go => {
            format!("was {} {}", was.word(), format::age_seconds(Duration::from_secs(seconds)))
        }
        _ => format!("since {}", format::time_of_day(since.wall)),
    };
    [length, second, act]
}

fn wide(model: &Model, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    let verdict = &model.verdicts.now;
    let left = if area.width >= 150 { 18 } else { 17 };
    let loud = verdict.state == VerdictState::NoGo;
    let column = Rect { width: left, ..area };
    let fill = paint.ctx.theme.fill(role(verdict));
    if loud {
        buf.set_style(column.intersection(buf.area), fill);
    }
    badge(verdict, paint, area, buf);
    let style = if loud { fill.add_modifier(Modifier::BOLD) } else { paint.of(Role::Text) };
    for (words, row) in times(model).into_iter().zip(1..) {
        let mut pen = Pen::new(buf, column, row);
        pen.skip(2);
        pen.put(whole_words(&words, usize::from(pen.room())), style);
    }
    let start = left + if area.width >= 150 { 3 } else { 2 };
    let right = Rect { x: area.x + start, width: area.width - start, ..area };
    let columns = Columns::of(verdict, right.width, area.width >= 150);
    for (reason, at) in verdict.reasons.iter().take(SHOWN).zip(0_u16..) {
        let mut pen = Pen::new(buf, right, at);
        pointed(paint, &pen, at);
        reason_row(&mut pen, model, paint, reason, at + 1, columns);
    }
    let mut pen = Pen::new(buf, right, SHOWN as u16);
    let more = verdict.reasons.len().saturating_sub(SHOWN);
    if more > 0 {
        paint.ctx.spot(pen.rest(), Spot::Reasons);
        pen.skip_right(2).put_right("0", paint.of(Role::Key));
        pen.put_right(&format!("+{more} more "), paint.of(Role::Muted)).skip_right(2);
    }
    pen.put("next  ", paint.of(Role::Muted));
    next(&mut pen, paint, &verdict.next);
}

fn pointed(paint: &Paint<'_>, pen: &Pen<'_>, at: u16) {
    paint.ctx.spot(pen.rest(), Spot::Reason { index: usize::from(at) });
}

/// Cells of the subject and the value of a reason, the same in all rows: as the drawing has them, and more where a
/// text needs it and the context can spare it.
#[derive(Debug, Clone, Copy)]
struct Columns {
    subject: u16,
    value: u16,
}

impl Columns {
    fn of(verdict: &Verdict, room: u16, wide: bool) -> Self {
        let (subject, value) = if wide { (35, 25) } else { (33, 24) };
        let shown = || verdict.reasons.iter().take(SHOWN);
        let longest = |text: fn(&Reason) -> &str| {
            let cells = shown().filter(|reason| !reason.value.is_empty()).map(|reason| width(text(reason)));
            cells.max().unwrap_or(0) as u16 + 2
        };
        let value = longest(|reason| &reason.value).clamp(value, value + 8);
        // Number, glyph and since when take the rest.
        let most = room.saturating_sub(value + 18).max(subject);
        Self { subject: longest(|reason| &reason.subject).clamp(subject, most.min(subject + 16)), value }
    }
}

fn reason_row(
    pen: &mut Pen<'_>,
    model: &Model,
    paint: &Paint<'_>,
    reason: &Reason,
    number: u16,
    columns: Columns,
) {
    let mark = Mark::from(reason.kind);
    pen.skip_right(2).put_right(&since(reason, model), paint.of(Role::Muted)).skip_right(1);
    pen.put(&number.to_string(), paint.of(Role::Key)).skip(1);
    pen.put(mark.glyph(), paint.of(mark.role())).skip(1);
    let holds = matches!(mark, Mark::Good | Mark::Idle);
    let value = paint.of(if holds { Role::Text } else { mark.role() });
    let Columns { subject, value: cells } = columns;
    // A subject that is longer than its column may use that of an empty value.
    let subject_cells =
        if reason.value.is_empty() && reason.context.is_empty() { pen.room() } else { subject };
    pen.cell(&reason.subject, subject_cells.max(2) - 2, Align::Left, paint.of(Role::Strong)).skip(2);
    if !reason.value.is_empty() {
        pen.cell(&reason.value, cells.max(width(&reason.value) as u16 + 1), Align::Left, value);
        if pen.room() >= 12 && !reason.context.is_empty() {
            pen.skip(1);
        }
    } else if !reason.context.is_empty() {
        // Below the values of other rows, unless it has no room there.
        pen.skip(cells.min(pen.room().saturating_sub(width(&reason.context) as u16)));
    }
    let room = usize::from(pen.room());
    let context = whole_parts(&reason.context, room);
    // Half of an error says more than nothing, whatever it is cut at.
    let cut = reason.kind == ReasonKind::Unseen && context.is_empty();
    let context = if cut { cut_words(&reason.context, room) } else { context };
    pen.put(&context, paint.of(Role::Text));
}

/// As many of the words as fit, whole, without one at the end that asks for a next one.
fn whole_words(text: &str, cells: usize) -> &str {
    let mut fits = text;
    while width(fits) > cells || [" for", " on", " the", " to"].iter().any(|word| fits.ends_with(word)) {
        let Some((head, _)) = fits.rsplit_once(' ') else { return "" };
        fits = head;
    }
    fits
}

/// As many of the parts that ` · ` separates as fit, whole; a first one that does not fit is cut behind a word.
pub(super) fn whole_parts(text: &str, cells: usize) -> Cow<'_, str> {
    cut_words(first_parts(text, cells), cells)
}

/// The same, uncut: the beginning of `text`.
pub(super) fn first_parts(text: &str, cells: usize) -> &str {
    let mut fits = text;
    while width(fits) > cells {
        let Some((first, _)) = fits.rsplit_once(" · ") else {
            // Half a sentence says more than nothing, as long as no number is cut off.
            let rest = fits.get(head(fits, cells.saturating_sub(1)).len()..).unwrap_or_default();
            let digits = rest.bytes().any(|b| b.is_ascii_digit());
            return if cells >= 16 && !digits { fits } else { "" };
        };
        fits = first;
    }
    fits
}

/// The text of `next`, keys in their role: a word of one character or a range of digits at the head of a part.
fn next(pen: &mut Pen<'_>, paint: &Paint<'_>, words: &str) {
    let mut parts = words.split("   ").peekable();
    let mut first = true;
    while let Some(part) = parts.next() {
        let beside = parts.peek().filter(|_| part == "·").map(|beside| width(beside) + 7);
        // What is only said beside it is said whole, or not.
        if beside.is_some_and(|cells| cells > usize::from(pen.room())) {
            return;
        }
        if !std::mem::replace(&mut first, false) {
            pen.skip(3);
        }
        let (head, rest) = part.split_once(' ').unwrap_or((part, ""));
        let letters = head.chars().count();
        let is_key = (letters == 1 && head != "·") || (letters == 3 && head.as_bytes().get(1) == Some(&b'-'));
        if is_key {
            pen.put(head, paint.of(Role::Key)).skip(1).put(rest, paint.of(Role::Text));
        } else {
            pen.put(part, paint.of(Role::Text));
        }
    }
}

/// Since when, as a person says it: what cannot be seen since a time of day, the rest for a length.
fn since(reason: &Reason, model: &Model) -> String {
    let Some(since) = reason.since else { return String::new() };
    let length = model.now.since(since);
    match reason.kind {
        ReasonKind::Unseen => format::time_of_day(since.wall),
        ReasonKind::Tripped if length < Duration::from_mins(1) => {
            format!("{} ago", format::age_seconds(length))
        }
        _ if length < Duration::from_hours(1) => format!("for {}", format::age_seconds(length)),
        _ => format!("since {}", format::moment(since.wall, model.now.wall)),
    }
}

/// The block of 60 to 99 columns: times beside the badge, and three reasons; what to do next stands in the list.
fn narrow(model: &Model, paint: &Paint<'_>, area: Rect, buf: &mut Buffer) {
    let verdict = &model.verdicts.now;
    badge(verdict, paint, area, buf);
    let mut pen = Pen::new(buf, area, 0);
    pen.skip(BADGE + 2).skip_right(1);
    let more = verdict.reasons.len().saturating_sub(SHOWN);
    if more > 0 {
        paint.ctx.spot(pen.rest(), Spot::Reasons);
        pen.put_right("0", paint.of(Role::Key)).put_right(&format!("+{more} more "), paint.of(Role::Muted));
    }
    let parts = times(model);
    let words =
        parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" · ");
    pen.put(&whole_parts(&words, usize::from(pen.room())), paint.of(Role::Text));
    for (reason, at) in verdict.reasons.iter().take(SHOWN).zip(1_u16..) {
        let mark = Mark::from(reason.kind);
        let mut pen = Pen::new(buf, area, at);
        pointed(paint, &pen, at - 1);
        pen.skip(2).skip_right(1).put_right(&since(reason, model), paint.of(Role::Muted)).skip_right(1);
        pen.put(&at.to_string(), paint.of(Role::Key)).skip(1);
        pen.put(mark.glyph(), paint.of(mark.role())).skip(1);
        let value = if reason.value.is_empty() { &reason.context } else { &reason.value };
        let value_cells = (width(value) as u16).min(25);
        let subject = 32
            .min(pen.room())
            .max(pen.room().saturating_sub(value_cells + 1).min(width(&reason.subject) as u16 + 2));
        pen.cell(&reason.subject, subject.saturating_sub(2), Align::Left, paint.of(Role::Strong)).skip(2);
        let role = if matches!(mark, Mark::Good | Mark::Idle) { Role::Text } else { mark.role() };
        let value = cut_words(value, usize::from(pen.room()));
        pen.put(&value, paint.of(role));
    }
}

/// What to do next, for screens whose block has no room for it.
pub(super) fn next_rows(model: &Model, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
    let paint = Paint { ctx, whole: None };
    let parts: Vec<&str> = model.verdicts.now.next.split("   ").filter(|part| *part != "·").collect();
    Pen::new(buf, area, 0).put("next", ctx.style(Role::Muted));
    for (part, row) in parts.into_iter().zip(0_u16..) {
        let mut pen = Pen::new(buf, area, row);
        pen.skip(6);
        next(&mut pen, &paint, part);
    }
}

/// The badge alone, cut to fit: for screens too small for anything else.
pub fn only(model: &Model, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
    let verdict = &model.verdicts.now;
    let paint = ground(model, ctx, area, buf);
    badge(verdict, &paint, area, buf);
    let [length, ..] = times(model);
    if area.height > 1 {
        Pen::new(buf, area, 1).put(&length, paint.of(Role::Text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_below_the_badge_is_whole_words() {
        let told =
            ["→ canary 10 %", "→ more traffic for 00418-ral", "→ staying on 00417-hux", "was ROLL BACK 27s"];
        let fit = ["→ canary 10 %", "→ more traffic", "→ staying", "was ROLL BACK"];
        assert_eq!(told.map(|words| whole_words(words, 15)), fit);
    }
}
