//! The lower part of every dialog that acts: reason, word, buttons; or the one way on that is left.
//!
//! ```text
//! reason    trigger errors > 5 % tripped 37s ago: 6.4 %, limit 5 %
//!
//! confirm   type 00417 to send all PRODUCTION traffic to 00417-hux    004_     2 more; enter cancels
//!
//!            Cancel    Roll back    the lit button is what enter does · pastes and key repeats are ignored
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::flag::LiveChange;
use crate::domain::{Clean, SourceId, format};
use crate::model::Model;
use crate::model::confirm::{CONSENT_WORD, Confirm, Field, Stage, changed};
use crate::model::mouse::Spot;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::full::wrapped;
use crate::view::sheet::{Rows, field, span};
use crate::view::widgets::text::width;
use crate::view::widgets::{Align, Pen};

/// Cells of the labels at the left.
pub const LABEL: u16 = 10;

/// Rows where there is room for all of it.
const TALL: u16 = 5;

/// What the dialog asks for, in its own words.
#[derive(Debug)]
pub struct Words<'a> {
    /// After `type 00417 to`.
    pub to: Line<'a>,
    /// The button that acts.
    pub button: &'a str,
}

/// Rows that [`draw`] takes: few on low screens.
pub fn rows(tall: bool, confirm: &Confirm) -> u16 {
    match &confirm.stage {
        _ if tall => TALL,
        // The journal's own words may be long.
        Stage::Unrecorded { .. } => 4,
        Stage::Asking | Stage::Changed { .. } | Stage::Journaling { .. } | Stage::Conflict { .. } => 3,
    }
}

/// Draws the lower part into `area`.
pub fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, confirm: &Confirm, words: &Words<'_>) {
    match &confirm.stage {
        Stage::Asking => asking(area, buf, ctx, confirm, words),
        Stage::Journaling { .. } => {
            let words = " writing the intent into the journal; the request goes out when it is there";
            let mut pen = Pen::new(buf, area, area.height.saturating_sub(1));
            pen.put(ctx.spinner(), ctx.style(Role::Accent)).put(words, ctx.style(Role::Text));
        }
        Stage::Changed { how } => {
            let text = format!("{how}: nothing was sent");
            ending(area, buf, ctx, Role::Bad, ("✗ CHANGED UNDER YOU", &text), "reopen with that state");
        }
        Stage::Conflict { by, .. } => {
            let text = format!("{by} has an operation on this service: nothing was sent");
            ending(area, buf, ctx, Role::Warn, ("▲ ONE AT A TIME", &text), "close");
        }
        Stage::Unrecorded { error, typed, .. } => unrecorded(area, buf, ctx, (error, typed), words.button),
    }
}

fn asking(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, confirm: &Confirm, words: &Words<'_>) {
    let tall = area.height >= TALL;
    let mut rows = Rows::new(buf, area, 0);
    let mut line = rows.row();
    line.cell("reason", LABEL, Align::Left, ctx.style(Role::Muted));
    let cursor = (confirm.field == Field::Reason).then(|| confirm.reason.cursor());
    let cells = line.room();
    field(&mut line, ctx, confirm.reason.value(), cursor, cells);
    if tall {
        rows.skip();
    }
    let mut line = rows.row();
    line.cell("confirm", LABEL, Align::Left, ctx.style(Role::Muted));
    let focused = confirm.field == Field::Word;
    if confirm.word.is_empty() {
        plain(&mut line, ctx, confirm.guarded(ctx.now.mono), &words.to);
    } else if confirm.guarded(ctx.now.mono) {
        word(&mut line, ctx, (&confirm.word, "wait", false), &words.to, "");
    } else {
        let missing = missing(&confirm.word, &confirm.typed);
        word(&mut line, ctx, (&confirm.word, &confirm.typed, focused), &words.to, &missing);
    }
    if tall {
        rows.skip();
    }
    let mut line = rows.row();
    if confirm.word.is_empty() && focused {
        line.to(LABEL);
        ctx.spot(Rect { width: 8, ..line.rest() }, Spot::Cancel);
        line.put(" Cancel ", ctx.theme.fill(Role::Accent)).skip(3).put("y ", ctx.style(Role::Key));
        line.put(words.button, ctx.style(Role::Text));
        line.put_right("the lit button is what enter does", ctx.style(Role::Muted));
    } else {
        buttons(&mut line, ctx, words.button, focused.then(|| confirm.armed()));
    }
}

/// `y to set RESUME to false; enter cancels`: outside production nothing is typed.
fn plain(line: &mut Pen<'_>, ctx: &Ctx<'_>, guarded: bool, to: &Line<'_>) {
    if guarded {
        line.put("wait", ctx.style(Role::Muted));
        return;
    }
    line.put("y", ctx.style(Role::Key)).put(" to ", ctx.style(Role::Text)).line(to);
    line.put("; enter cancels", ctx.style(Role::Muted));
}

/// `type 00417 to …    004_     2 more; enter cancels`. Where it gets tight the purpose is cut, never the field.
fn word(
    line: &mut Pen<'_>,
    ctx: &Ctx<'_>,
    (word, typed, focused): (&str, &str, bool),
    to: &Line<'_>,
    missing: &str,
) {
    let cells = u16::try_from(width(word)).unwrap_or(0) + 3;
    if line.room() > cells + 24 {
        line.put_right(missing, ctx.style(Role::Muted)).skip_right(2);
    }
    line.put("type ", ctx.style(Role::Text)).put(word, ctx.style(Role::Strong));
    let purpose: usize = to.spans.iter().map(|span| width(&span.content)).sum();
    if usize::from(line.room()) > purpose + usize::from(cells) + 7 {
        line.put(" to ", ctx.style(Role::Text)).line(to);
    }
    line.skip(3).put(" ", ctx.theme.style(Role::Input));
    field(line, ctx, typed, focused.then(|| typed.chars().count()), cells - 1);
}

/// What is still to be typed, in words.
fn missing(word: &str, typed: &str) -> String {
    match word.strip_prefix(typed) {
        Some("") => "enter acts".to_owned(),
        Some(rest) => format!("{} more; enter cancels", rest.chars().count()),
        None => "not the word; enter cancels".to_owned(),
    }
}

/// The two buttons; `lit`: whether the one that acts is what enter does; none: enter leaves the field.
fn buttons(line: &mut Pen<'_>, ctx: &Ctx<'_>, act: &str, lit: Option<bool>) {
    let (off, cancel, go) = (ctx.style(Role::Muted), ctx.theme.fill(Role::Accent), ctx.theme.fill(Role::Bad));
    line.to(LABEL);
    ctx.spot(Rect { width: 8, ..line.rest() }, Spot::Cancel);
    line.put(" Cancel ", if lit == Some(false) { cancel } else { off }).skip(2);
    line.put(&format!(" {act} "), if lit == Some(true) { go } else { off }).skip(2);
    let forms: &[&str] = match lit {
        Some(_) => &[
            "the lit button is what enter does · pastes and key repeats are ignored",
            "the lit button is what enter does",
        ],
        None => &["enter and tab go on to the word"],
    };
    if let Some(words) = forms.iter().find(|words| width(words) <= usize::from(line.room())) {
        line.put_right(words, ctx.style(Role::Muted));
    }
}

fn ending(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, role: Role, (head, text): (&str, &str), next: &str) {
    let last = area.height.saturating_sub(1);
    let mut pen = Pen::new(buf, area, last);
    pen.put("enter ", ctx.style(Role::Key)).put(next, ctx.style(Role::Text));
    pen.put("   esc ", ctx.style(Role::Key)).put("leave", ctx.style(Role::Text));
    // What does not fit beside the head goes on below it.
    let head = format!(" {head} ");
    let cells = usize::from(area.width);
    let beside = wrapped(text, cells.saturating_sub(width(&head) + 2), 1).first().copied().unwrap_or("");
    let rest = text.get(beside.len()..).unwrap_or_default().trim_start();
    let rest = wrapped(rest, cells, usize::from(last.saturating_sub(1)));
    let first = last.saturating_sub(1 + rest.len() as u16);
    let mut pen = Pen::new(buf, area, first);
    pen.put(&head, ctx.theme.fill(role)).skip(2).put(beside, ctx.style(Role::Text));
    for (words, row) in rest.into_iter().zip(first + 1..) {
        Pen::new(buf, area, row).put(words, ctx.style(Role::Text));
    }
}

fn unrecorded(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, (error, typed): (&Clean, &str), button: &str) {
    let tall = area.height >= TALL;
    let mut rows = Rows::new(buf, area, 0);
    let head = " NOT RECORDED ";
    let words = format!("the journal cannot be written: {error}");
    let cells = usize::from(area.width).saturating_sub(width(head) + 1);
    let lines = wrapped(&words, cells, 2);
    for (words, at) in lines.iter().zip(0..) {
        let mut line = rows.row();
        if at == 0 {
            line.put(head, ctx.theme.fill(Role::Bad)).skip(1);
        } else {
            line.skip(width(head) as u16 + 1);
        }
        line.put(words, ctx.style(Role::Text));
    }
    if tall {
        let words = "nothing was sent. It can still be done: the intent goes to a file beside it, if that can be written";
        rows.say(words, ctx.style(Role::Muted));
    }
    let mut line = rows.row();
    line.cell("confirm", LABEL, Align::Left, ctx.style(Role::Muted));
    let to = Line::from(span(ctx, "act without the journal", Role::Text));
    word(&mut line, ctx, (CONSENT_WORD, typed, true), &to, &missing(CONSENT_WORD, typed));
    if tall && lines.len() < 2 {
        rows.skip();
    }
    buttons(&mut rows.row(), ctx, button, Some(typed == CONSENT_WORD));
}

/// `target frozen 14:05:09Z · ✓ unchanged`, at the right of a title; `? not read for 12s` when nobody can tell.
pub fn frozen(ctx: &Ctx<'_>, model: &Model, confirm: &Confirm) -> Line<'static> {
    if let Some(live) = confirm.act.live() {
        return frozen_flag(ctx, model, confirm, live);
    }
    let at = format::clock(confirm.opened.wall);
    let service = confirm.act.service();
    let state = model.service(service).and_then(|service| service.traffic.as_ref());
    let live = model.links.is_live(&SourceId::CloudRun { service }, ctx.now.mono);
    let read = state.and_then(|state| Some((state.at?, state.traffic.as_ref()?)));
    let (glyph, words, role) = match (&confirm.stage, read) {
        (Stage::Changed { .. }, _) => ("✗", "changed".to_owned(), Role::Bad),
        (_, Some((_, traffic))) if changed(&confirm.act, traffic).is_some() => {
            ("✗", "changed".to_owned(), Role::Bad)
        }
        (_, Some((_, _))) if live => ("✓", "unchanged".to_owned(), Role::Good),
        (_, Some((at, _))) => {
            ("?", format!("not read for {}", format::age_seconds(ctx.now.mono.since(at))), Role::Warn)
        }
        (_, None) => ("?", "never read".to_owned(), Role::Warn),
    };
    frozen_words(ctx, &at, (glyph, role), &words)
}

/// The same of a flag at a live provider.
fn frozen_flag(ctx: &Ctx<'_>, model: &Model, confirm: &Confirm, live: &LiveChange) -> Line<'static> {
    let index =
        model.room.flags.iter().position(|spec| spec.resource().as_deref() == Some(confirm.act.resource()));
    let read = index.and_then(|index| model.flags.read(index));
    let seen = index.and_then(|index| model.flag_source(index));
    let fresh = seen.is_some_and(|source| model.links.is_live(&source, ctx.now.mono));
    let at = index.and_then(|index| model.flags.read_at(index));
    let moved = matches!(confirm.stage, Stage::Changed { .. });
    let (glyph, words, role) = match (read, at) {
        (Some(_), _) if moved => ("✗", "changed".to_owned(), Role::Bad),
        (Some(read), _) if read.version != live.version => ("✗", "changed".to_owned(), Role::Bad),
        (Some(_), _) if fresh => ("✓", "unchanged".to_owned(), Role::Good),
        (Some(_), Some(at)) => {
            ("?", format!("not read for {}", format::age_seconds(ctx.now.mono.since(at))), Role::Warn)
        }
        _ => ("?", "never read".to_owned(), Role::Warn),
    };
    frozen_words(ctx, &format::clock(confirm.opened.wall), (glyph, role), &words)
}

/// In pieces, of which a narrow title has the last ones.
fn frozen_words(ctx: &Ctx<'_>, at: &str, (glyph, role): (&'static str, Role), words: &str) -> Line<'static> {
    Line::from(vec![
        span(ctx, "target ", Role::Muted),
        span(ctx, format!("frozen {at} · "), Role::Muted),
        span(ctx, glyph, role),
        span(ctx, format!(" {words}"), Role::Muted),
    ])
}
