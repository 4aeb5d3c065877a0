//! The whole checklist, and beside it all about the item under the cursor.
//!
//! ```text
//! ╭─ Checklist 41/52 ▲ 2 required open ────────────────────── local ─╮╭─ Item ────────────────────────────────────────────╮
//! │ ▾ Testing                                                    6/8 ││ Load test at twice the usual rate                 │
//! │   ✓ Unit tests                                         sam 13:09 ││ release.md:88  Testing · item 2 of 8              │
//! │   ☐ Load test at twice the rate                         deployer ││ history       ✓ 13:13:40Z  sam                    │
//! ╰──────────────────────────────────────────────────────────────────╯╰───────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::revision::short_digest;
use crate::domain::{Action, Entry, Item, Mark, Meaning, PanelId, format};
use crate::keymap::Context;
use crate::model::Model;
use crate::model::checklist::{ItemState, Progress, Row};
use crate::model::focus::Extent;
use crate::model::mouse::Spot;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::panels::Panel;
use crate::view::sheet::Rows;
use crate::view::widgets::{Age, Align, Pen, Title, panel as boxed};

use super::item_state::standing;
use super::parts::wrapped;
use super::{WIDE, frame};

/// Draws the list, and the item beside it if there is room, or instead of it if it was opened.
pub(super) fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, panel: &dyn Panel) {
    if area.width < WIDE {
        if model.ui.detail {
            return item(area, buf, ctx, model, true);
        }
        return list(frame(area, buf, ctx, model, panel), buf, ctx, model);
    }
    let left = (u32::from(area.width) * 11 / 20) as u16;
    list(frame(Rect { width: left, ..area }, buf, ctx, model, panel), buf, ctx, model);
    item(Rect { x: area.x + left, width: area.width - left, ..area }, buf, ctx, model, false);
}

fn list(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model) {
    let filter = model.ui.focus.filter(PanelId::Checklist);
    let rows = model.checklist.rows(filter);
    if rows.is_empty() {
        return empty(area, buf, ctx, model, filter);
    }
    let legend = area.height > 12;
    let page = area.height.saturating_sub(u16::from(legend));
    let cursor = model.ui.focus.cursor(PanelId::Checklist);
    let extent = Extent { rows: rows.len(), page: usize::from(page) };
    let top = cursor.top(extent);
    for ((row, at), line) in rows.iter().zip(0..).skip(top).zip(0..page) {
        if at == cursor.row {
            let ground = Rect { y: area.y + line, height: 1, ..area };
            buf.set_style(ground.intersection(buf.area), ctx.theme.style(Role::Selected));
        }
        let mut pen = Pen::new(buf, area, line);
        ctx.spot(pen.rest(), Spot::Row { panel: PanelId::Checklist, row: at });
        draw_row(&mut pen, ctx, model, *row);
    }
    if legend {
        let mut pen = Pen::new(buf, area, area.height - 1);
        pen.put("✓", ctx.style(Role::Good)).put(" done  ☐ open  ", ctx.style(Role::Muted));
        pen.put("◇", ctx.style(Role::Unknown)).put(" claimed by the file  ", ctx.style(Role::Muted));
        pen.put("◌", ctx.style(Role::Warn)).put(" lapsed  ", ctx.style(Role::Muted));
        pen.put("✗", ctx.style(Role::Bad)).put(" failed", ctx.style(Role::Muted));
        if model.checklist.open_only() {
            pen.put_right("open only", ctx.style(Role::Accent));
        }
    }
}

fn empty(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, filter: &str) {
    let mut rows = Rows::new(buf, area, 0);
    let (text, muted) = (ctx.style(Role::Text), ctx.style(Role::Muted));
    for problem in model.checklist.problems() {
        rows.say(&format!("▲ {problem}"), ctx.style(Role::Warn));
    }
    if !filter.is_empty() {
        rows.say(&format!("no match for \"{filter}\" · esc clears"), text);
    } else if model.checklist.total().all > 0 {
        let all = model.checklist.total().all;
        rows.say(&format!("✓ {all}/{all} · nothing left to tick"), ctx.style(Role::Good));
    } else if model.checklist.is_read() {
        rows.say("No document yet.", text);
        rows.say("checklists = [\"release.md\"] in [room] of the config, or --checklist FILE.md", muted);
        rows.say("It is read, and never changed.", muted);
    } else {
        rows.say("Reading.", text);
    }
}

fn draw_row(pen: &mut Pen<'_>, ctx: &Ctx<'_>, model: &Model, row: Row) {
    let list = &model.checklist;
    match row {
        Row::Document(at) => {
            let Some(document) = list.documents().get(at) else { return };
            let items = document.sections.iter().flat_map(|section| &section.items);
            count(pen, ctx, list.progress(items));
            pen.put("▾ ", ctx.style(Role::Muted)).put(&document.title, ctx.style(Role::Title));
        }
        Row::Section(d, s) => {
            let Some(section) = list.section(row) else { return };
            count(pen, ctx, list.progress(&section.items));
            let name = section.path.last().map_or("before the first heading", |heading| &**heading);
            let fold = if list.is_folded(d, s) { "  ▸ " } else { "  ▾ " };
            pen.put(fold, ctx.style(Role::Muted)).put(name, ctx.style(Role::Strong));
        }
        Row::Item(..) => {
            if let Some(item) = list.item(row) {
                draw_item(pen, ctx, model, item);
            }
        }
    }
}

fn count(pen: &mut Pen<'_>, ctx: &Ctx<'_>, progress: Progress) {
    let role = match progress {
        Progress { required_open: 1.., .. } => Role::Warn,
        Progress { done, all, .. } if done == all => Role::Good,
        _ => Role::Text,
    };
    pen.put_right(&format!("{}/{}", progress.done, progress.all), ctx.style(role)).skip_right(1);
}

fn draw_item(pen: &mut Pen<'_>, ctx: &Ctx<'_>, model: &Model, item: &Item) {
    pen.skip(4 + 2 * u16::from(item.depth.min(4)));
    let standing = standing(ctx, model, item);
    pen.put_right(&standing.words, ctx.style(standing.said)).skip_right(1);
    pen.put(standing.glyph, ctx.style(standing.mark)).skip(1);
    pen.put(&item.text, ctx.style(standing.text));
}

/// All about the item under the cursor.
fn item(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, focused: bool) {
    let title = Title::new("Item", Age::Local);
    let inside = boxed(area, buf, ctx, &title, focused);
    let mut rows = Rows::new(buf, inside, 0);
    let row = model.cursor_row();
    let Some((item, section, row)) =
        row.and_then(|row| Some((model.checklist.item(row)?, model.checklist.section(row)?, row)))
    else {
        return rows.say("no item under the cursor", ctx.style(Role::Muted));
    };
    for line in wrapped(&item.text, usize::from(inside.width), 4) {
        rows.say(line, ctx.style(Role::Strong));
    }
    let Row::Item(d, _, at) = row else { return };
    let path = model.checklist.documents().get(d).map_or("", |document| document.path.as_str());
    let file = path.rsplit('/').next().unwrap_or(path);
    let heading = section.path.last().map_or("", |heading| &**heading);
    let place = format!("{file}:{}  {heading} · item {} of {}", item.line, at + 1, section.items.len());
    rows.say(&crate::domain::Clean::new(&place), ctx.style(Role::Muted));
    rows.skip();
    let need = if item.required { "yes" } else { "no" };
    fact(&mut rows, ctx, "required", need, Role::Text);
    fact(&mut rows, ctx, "owner", item.owner.as_deref().unwrap_or("--"), Role::Text);
    said(&mut rows, ctx, model, item);
    history(&mut rows, ctx, model, item);
    rows.skip();
    keys(&mut rows, ctx, model, item);
}

/// What was said of it, and what that rests on.
fn said(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, item: &Item) {
    let state = model.checklist.state(item);
    match state {
        ItemState::Claimed => {
            fact(rows, ctx, "claim", "[x] in the file; nobody attested it here", Role::Unknown);
        }
        ItemState::Lapsed { why, .. } => fact(rows, ctx, "lapsed", why, Role::Warn),
        ItemState::Proposed(proof) => fact(rows, ctx, "proposed", &proof.words(), Role::Accent),
        _ => {}
    }
    if let Some(said) = state.attestation() {
        fact(rows, ctx, "said", &format!("{}, {}", said.mark.words(), said.who()), Role::Text);
        fact(rows, ctx, "note", if said.note.is_empty() { "none" } else { &said.note }, Role::Text);
        if let Some(approval) = &said.signing.approval {
            fact(rows, ctx, "see", &approval.link, Role::Text);
        }
        for evidence in &said.signing.evidence {
            fact(rows, ctx, "evidence", &evidence.words(), Role::Text);
        }
        for image in said.signing.images.values() {
            fact(rows, ctx, "candidate", &short_digest(image), Role::Text);
        }
    }
    if let Some(proof) = model.checklist.proof(&item.id) {
        fact(rows, ctx, "bound to", &proof.words(), Role::Text);
    }
}

fn fact(rows: &mut Rows<'_>, ctx: &Ctx<'_>, label: &str, value: &str, role: Role) {
    rows.row().cell(label, 12, Align::Left, ctx.style(Role::Muted)).put(value, ctx.style(role));
}

/// Every attestation and every taking back, newest first.
fn history(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, item: &Item) {
    let mut label = "history";
    for record in model.journal.newest() {
        let (glyph, role, note) = match &record.entry {
            Entry::Ticked { item: of, note, .. } if *of == item.id.0 => ("✓", Role::Good, note.as_str()),
            Entry::Marked { item: of, mark, note, .. } if *of == item.id.0 => {
                let (glyph, role) = match mark {
                    Mark::Done | Mark::Met => ("✓", Role::Good),
                    Mark::NotApplicable => ("◦", Role::Muted),
                    Mark::Waived => ("▲", Role::Warn),
                    Mark::Failed => ("✗", Role::Bad),
                    Mark::Happened => ("↺", Role::Bad),
                };
                (glyph, role, note.as_str())
            }
            Entry::Lapsed { item: of, why, .. } if *of == item.id.0 => ("◌", Role::Warn, why.as_str()),
            Entry::Unticked { item: of, .. } if *of == item.id.0 => ("▲", Role::Warn, "taken back"),
            _ => continue,
        };
        let mut line = rows.row();
        line.cell(label, 12, Align::Left, ctx.style(Role::Muted)).put(glyph, ctx.style(role)).skip(1);
        line.cell(&format::moment(record.at, ctx.now.wall), 13, Align::Left, ctx.style(Role::Muted));
        line.put(&record.by, ctx.style(Role::Text)).skip(2).put(note, ctx.style(Role::Muted));
        label = "";
    }
    if label == "history" {
        fact(rows, ctx, label, "none", Role::Muted);
    }
}

/// What can be done with it.
fn keys(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, item: &Item) {
    let done = matches!(model.checklist.state(item), ItemState::Done(_));
    let acts: &[(Action, &str)] = match (&item.meaning, done) {
        (Meaning::Trigger, _) => &[(Action::Tick, "says that it happened, or takes that back")],
        (Meaning::Criterion, _) => &[(Action::Tick, "says that it is met, or takes that back")],
        (_, true) => &[(Action::Undo, "takes your last tick back"), (Action::Note, "writes a note")],
        (_, false) => &[
            (Action::Tick, "ticks it"),
            (Action::Note, "ticks it with a note"),
            (Action::Waive, "waives it, with a reason"),
            (Action::NotApplicable, "says that it does not apply"),
            (Action::Fail, "says that it failed"),
            (Action::Approve, "records an approval given elsewhere"),
        ],
    };
    for (action, words) in acts {
        if let Some(key) = ctx.keymap.key_for(Context::Checklist, *action) {
            rows.row().put(&key, ctx.style(Role::Key)).skip(1).put(words, ctx.style(Role::Muted));
        }
    }
}
