//! The log entries of a revision: how many errors there are of each kind, the entries, newest first, known noise dimmed,
//! and the whole of the one under the cursor.
//!
//! ```text
//! ╭─ Logs ✗ 12 unexpected, 40 expected ─────── 00418-ral · every severity · live 2s ─╮
//! │ ✗ resume of run … failed: unknown state version …    12   4 in the last minute   │
//! │   client went away                                   40   expected, 12 in the …  │
//! │ ──────────────────────────────────────────────────────────────────────────────── │
//! │ 14:02:11.377 error  ✗ resume of run 4f2a failed: unknown state version 2         │
//! │ 14:02:11.201 error  ◦ client went away while streaming run 0c11d2                │
//! │ 14:02:11.020          planner: step 3 of run 77b0aa done                         │
//! ╰──────────────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::logs::{Known, Severity};
use crate::domain::{PanelId, format};
use crate::model::Model;
use crate::model::logs::Cut;
use crate::theme::Role;
use crate::view::panels::{Panel, logs};
use crate::view::sheet::Rows;
use crate::view::widgets::{Age, Align, Mark, Pen, Title, panel as boxed};
use crate::view::{Ctx, Trust};

use super::parts::{chosen, fact, list, long, place, wrapped};
use super::{WIDE, frame};

/// Kinds shown above the entries.
const KINDS: u16 = 6;
/// Rows below which there are none.
const LOW: u16 = 12;
/// Lines of one entry shown.
const LINES: usize = 60;

/// Draws the entries, and the one under the cursor if it was opened: below them, or where there is little room in their
/// place.
pub(super) fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, panel: &dyn Panel) {
    // What was written stays true however old it is; the title tells its age.
    let ctx = &ctx.trusting(Trust::Live);
    let rows = model.log_rows();
    let at = chosen(model, PanelId::Logs, rows.len());
    let entry = rows.get(at).copied().filter(|_| model.ui.detail);
    let below = match entry {
        Some(entry) if area.width < WIDE || area.height < 2 * LOW => {
            let inside = boxed(area, buf, ctx, &title(ctx, entry), true);
            detail(inside, buf, ctx, entry);
            return place(inside, buf, ctx, "entry", at, rows.len());
        }
        Some(entry) => {
            let half = Rect { y: area.y + area.height - area.height / 2, height: area.height / 2, ..area };
            let inside = boxed(half, buf, ctx, &title(ctx, entry), false);
            detail(inside, buf, ctx, entry);
            area.height / 2
        }
        None => 0,
    };
    let area = Rect { height: area.height - below, ..area };
    let inside = frame(area, buf, ctx, model, panel);
    let top = heads(inside, buf, ctx, model);
    let inside = Rect { y: inside.y + top, height: inside.height - top, ..inside };
    if rows.is_empty() {
        if model.logs.lost().is_none() {
            Pen::new(buf, inside, 0).put(&model.logs_empty(), ctx.style(Role::Text));
        }
        return;
    }
    let of_all = model.logs.of().is_some_and(|(_, revision)| revision.is_none());
    list(inside, buf, ctx, (model, PanelId::Logs), &rows, |pen, known| line(pen, ctx, model, known, of_all));
}

/// What stands above the entries: why there are no new ones, how many there are of each kind. Answers with its rows.
fn heads(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model) -> u16 {
    let mut rows = Rows::new(buf, area, 0);
    if let Some(lost) = model.logs.lost() {
        let wait = lost.retry_at.since(model.now.mono);
        let words = format!("{}: {} · asked again in {}", lost.short, lost.why, format::age_seconds(wait));
        for line in wrapped(&words, usize::from(area.width), 3) {
            rows.say(line, ctx.style(Role::Unknown));
        }
    }
    if let Some(cut) = model.logs.cut {
        let missing = match cut {
            Cut::Older => "older ones are left out",
            Cut::Between => "entries between two looks are missing",
        };
        let words =
            format!("More came than is read at once: {missing}. A severity or a revision narrows it.");
        rows.say(&words, ctx.style(Role::Warn));
    }
    let counts = model.logs.book.counts(&model.room.logs.rules, model.now.wall);
    if area.height >= LOW {
        let most = KINDS.min(area.height / 4);
        for count in counts.iter().take(usize::from(most)) {
            logs::row(&mut rows.row(), ctx, count, model);
        }
        if counts.len() > usize::from(most) {
            let words = format!("  and {} more", format::counted(counts.len() - usize::from(most), "kind"));
            rows.say(&words, ctx.style(Role::Muted));
        }
    }
    if rows.count() > 0 {
        rows.row().fill("─", ctx.theme.style(Role::Faint));
    }
    rows.count().min(area.height)
}

/// How bad, in a word; what says nothing of it has none.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Default => "",
        Severity::Debug => "debug",
        Severity::Info => "info",
        Severity::Notice => "notice",
        Severity::Warning => "warn",
        Severity::Error => "error",
        Severity::Critical => "crit",
        Severity::Alert => "alert",
        Severity::Emergency => "emerg",
    }
}

fn mark(known: &Known) -> Option<Mark> {
    if known.is_expected() {
        Some(Mark::Idle)
    } else if known.is_unexpected() {
        Some(Mark::Bad)
    } else {
        (known.entry.severity == Severity::Warning).then_some(Mark::Warn)
    }
}

fn line(pen: &mut Pen<'_>, ctx: &Ctx<'_>, model: &Model, known: &Known, of_all: bool) {
    let entry = &known.entry;
    let quiet = known.is_expected();
    let ink = |role: Role| ctx.style(if quiet { Role::Muted } else { role });
    pen.put(&format::clock_millis(entry.at), ctx.style(Role::Muted)).skip(1);
    let mark = mark(known);
    let loud = mark.map_or(Role::Muted, Mark::role);
    pen.cell(word(entry.severity), 6, Align::Left, ink(loud)).skip(1);
    match mark {
        Some(mark) => pen.put(mark.glyph(), ink(mark.role())),
        None => pen.skip(1),
    };
    pen.skip(1);
    if of_all {
        let revision = model.logs.of().map_or("", |(ix, _)| model.short_revision(ix, &entry.revision));
        pen.cell(revision, 10, Align::Left, ctx.style(Role::Muted)).skip(1);
    }
    if !entry.more.is_empty() {
        pen.put_right(&format!("+{} lines", entry.more.len()), ctx.style(Role::Muted)).skip_right(1);
    }
    let role = if known.is_unexpected() { Role::Strong } else { Role::Text };
    pen.put(&entry.text, ink(role));
}

fn title<'m>(ctx: &Ctx<'_>, known: &'m Known) -> Title<'m> {
    let entry = &known.entry;
    let (mark, words) = match &known.kind {
        Some(kind) if kind.expected => (Mark::Idle, format!("expected: {}", kind.name)),
        Some(_) => (Mark::Bad, "not expected".to_owned()),
        None => (Mark::Idle, word(entry.severity).to_owned()),
    };
    let at = entry.at.format("%Y-%m-%d %H:%M:%S%.3fZ").to_string();
    Title::new("Entry", Age::NotSetUp).state(ctx, mark, words).window(at, ctx.style(Role::Muted))
}

/// All that an entry says.
fn detail(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, known: &Known) {
    let entry = &known.entry;
    let cells = usize::from(area.width);
    let mut rows = Rows::new(buf, area, 0);
    for (line, role) in
        std::iter::once((&entry.text, Role::Strong)).chain(entry.more.iter().map(|it| (it, Role::Text)))
    {
        for part in wrapped(line, cells, 6) {
            if usize::from(rows.count()) < LINES {
                rows.say(part, ctx.style(role));
            }
        }
    }
    rows.skip();
    let severity = format!("{} in {}", entry.severity, entry.log);
    fact(&mut rows, ctx, "severity", &severity, Role::Text);
    let revision = if entry.revision.is_empty() { "the service itself" } else { &entry.revision };
    fact(&mut rows, ctx, "revision", revision, Role::Text);
    for (name, value) in &entry.facts {
        long(&mut rows, ctx, (name, value), Role::Text, (area.width, 3));
    }
}
