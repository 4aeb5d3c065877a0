//! All flags: what each is set to, for how many, who changed it last, and what a flip does; below them the changes of
//! the one under the cursor.
//!
//! ```text
//! ╭─ Flags 2 on, 1 off ──────────────────────────────────────────────────────────────────── live 5s ─╮
//! │   flag              set to    share              provider    changed            what a flip does    │
//! │ ✓ SESSION_RESUME    on                           env var     sam 13:38          ▲ deploys a revision│
//! │ ✓ NEW_PLANNER       on 25 %    25 % ━━╸───────   unleash     ▲ outside 14:01    at once             │
//! ╰─────────────────────────────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::flag::Provider;
use crate::domain::{PanelId, format};
use crate::model::Model;
use crate::model::flags::{Change, FlagValue, FlagView};
use crate::model::focus::Extent;
use crate::model::mouse::Spot;
use crate::theme::Role;
use crate::view::panels::Panel;
use crate::view::panels::flags::{is_live, mark};
use crate::view::widgets::{Align, Pen, gauge};
use crate::view::{Ctx, Trust};

use super::frame;

/// Cells of the columns; 0: left out.
#[derive(Debug, Clone, Copy)]
struct Columns {
    name: u16,
    value: u16,
    share: u16,
    provider: u16,
    place: u16,
    changed: u16,
}

impl Columns {
    fn of(width: u16) -> Self {
        match width {
            0..90 => Self { name: 19, value: 18, share: 0, provider: 0, place: 16, changed: 0 },
            // What a flip does is not cut for whose it is: that stands below the table.
            90..116 => Self { name: 20, value: 18, share: 6, provider: 0, place: 0, changed: 17 },
            116..150 => Self { name: 20, value: 18, share: 6, provider: 9, place: 15, changed: 17 },
            _ => Self { name: 28, value: 23, share: 18, provider: 12, place: 19, changed: 22 },
        }
    }
}

/// Draws the table.
pub(super) fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, panel: &dyn Panel) {
    let area = frame(area, buf, ctx, model, panel);
    if model.room.flags.is_empty() {
        Pen::new(buf, area, 0).put("No flag in the config.", ctx.style(Role::Text));
        let words = "[[flag]] name = \"SESSION_RESUME\", service = \"chat\" names an environment variable of a service";
        Pen::new(buf, area, 1).put(words, ctx.style(Role::Muted));
        return;
    }
    let columns = Columns::of(area.width);
    head(&mut Pen::new(buf, area, 0), ctx, columns);
    let cursor = model.ui.focus.cursor(PanelId::Flags);
    // A third at most is for the changes of one flag.
    let below = if area.height >= 12 { area.height / 3 } else { 0 };
    let table = Rect { height: area.height - below, ..area };
    let page = usize::from(table.height.saturating_sub(1));
    let top = cursor.top(Extent { rows: model.room.flags.len(), page });
    let mut last = 0;
    for ((flag, at), row) in model.all_flags().zip(0..).skip(top).zip(1..table.height) {
        if at == cursor.row {
            let ground = Rect { y: area.y + row, height: 1, ..area };
            buf.set_style(ground.intersection(buf.area), ctx.theme.style(Role::Selected));
        }
        let mut pen = Pen::new(buf, area, row);
        ctx.spot(pen.rest(), Spot::Row { panel: PanelId::Flags, row: at });
        let live = ctx.trust != Trust::Old && is_live(model, at);
        draw_flag(&mut pen, ctx, model, (&flag, at, live), columns);
        last = row;
    }
    let chosen = cursor.row.min(model.room.flags.len().saturating_sub(1));
    if let Some(flag) = model.flag(chosen).filter(|_| below > 0) {
        let top = last + 2;
        let rest = Rect { y: area.y + top, height: area.height.saturating_sub(top), ..area };
        history(rest, buf, ctx, model, (&flag, chosen));
    }
}

fn head(pen: &mut Pen<'_>, ctx: &Ctx<'_>, columns: Columns) {
    let words = [
        ("flag", columns.name),
        ("set to", columns.value),
        ("share", columns.share),
        ("provider", columns.provider),
        ("where", columns.place),
        ("changed", columns.changed),
    ];
    pen.skip(2);
    for (word, cells) in words.into_iter().filter(|(_, cells)| *cells > 0) {
        pen.cell(word, cells, Align::Left, ctx.style(Role::Muted));
    }
    pen.put("what a flip does", ctx.style(Role::Muted));
}

fn draw_flag(
    pen: &mut Pen<'_>,
    ctx: &Ctx<'_>,
    model: &Model,
    (flag, index, live): (&FlagView<'_>, usize, bool),
    columns: Columns,
) {
    let mark = mark(flag, live);
    pen.put(mark.glyph(), ctx.style(mark.role())).skip(1);
    pen.cell(&flag.spec.name, columns.name - 1, Align::Left, ctx.style(Role::Text)).skip(1);
    let role = if flag.differs() { Role::Warn } else { Role::Strong };
    pen.cell(&flag.words(), columns.value - 1, Align::Left, ctx.style(role)).skip(1);
    if columns.share > 0 {
        share(pen, ctx, flag, columns.share);
    }
    if columns.provider > 0 {
        let word = flag.spec.provider().word();
        pen.cell(word, columns.provider - 1, Align::Left, ctx.style(Role::Muted)).skip(1);
    }
    if columns.place > 0 {
        pen.cell(&model.flag_place(flag), columns.place - 1, Align::Left, ctx.style(Role::Muted)).skip(1);
    }
    if columns.changed > 0 {
        let (words, role) = changed(model, flag);
        pen.cell(&words, columns.changed - 1, Align::Left, ctx.style(role)).skip(1);
    }
    let (words, role) = does(model, flag, (index, live), columns.changed == 0);
    pen.put(&words, ctx.style(role));
}

fn share(pen: &mut Pen<'_>, ctx: &Ctx<'_>, flag: &FlagView<'_>, cells: u16) {
    match flag.share() {
        None => drop(pen.cell(crate::domain::format::UNKNOWN, cells, Align::Left, ctx.style(Role::Muted))),
        Some(percent) => {
            let role = if matches!(percent, 1..=99) { Role::Accent } else { Role::Muted };
            pen.number(&format!("{percent} %"), 5, ctx.style(Role::Text)).skip(1);
            if cells > 16 {
                gauge(pen, ctx, 10, Some(f64::from(percent) / 100.0), role);
            }
            pen.skip(cells.saturating_sub(if cells > 16 { 16 } else { 6 }));
        }
    }
}

/// Who changed it last and when, as the room knows, else as the provider says.
fn changed(model: &Model, flag: &FlagView<'_>) -> (String, Role) {
    let now = model.now.wall;
    match (flag.change, flag.read) {
        (Some(change), _) if change.outside => {
            (format!("▲ outside {}", format::moment(change.at, now)), Role::Warn)
        }
        (Some(change), _) => (format!("{} {}", change.by, format::moment(change.at, now)), Role::Text),
        (None, Some(read)) if read.changed_at.is_some() => {
            let at = read.changed_at.map_or_else(String::new, |at| format::moment(at, now));
            (format!("{} {at}", read.changed_by), Role::Muted)
        }
        _ => ("not known here".to_owned(), Role::Muted),
    }
}

/// What a flip does, or what is to be known before one.
fn does(model: &Model, flag: &FlagView<'_>, (index, live): (usize, bool), narrow: bool) -> (String, Role) {
    let source = model.flag_source(index);
    let link = source.and_then(|source| model.links.get(&source));
    if let Some(down) = link.and_then(|link| link.down.as_ref()).filter(|_| !live) {
        return (format!("read failed: {}", down.error), Role::Unknown);
    }
    if let Some(days) = flag.overdue {
        let until = flag.spec.temporary_until.map(|date| date.to_string()).unwrap_or_default();
        return (format!("▲ debt: temporary until {until}, {days}d over"), Role::Warn);
    }
    match (&flag.value, flag.pinned, flag.spec.provider()) {
        (FlagValue::Secret, ..) => ("comes from a secret: not flipped here".to_owned(), Role::Unknown),
        (FlagValue::Unknown, ..) => ("not read yet".to_owned(), Role::Unknown),
        (_, true, Provider::CloudRun) if narrow => ("▲ deploys, gets 0 %".to_owned(), Role::Warn),
        (_, true, Provider::CloudRun) => ("▲ deploys a revision, at 0 %".to_owned(), Role::Warn),
        (_, false, Provider::CloudRun) => ("▲ deploys a revision".to_owned(), Role::Warn),
        (_, _, Provider::Unleash | Provider::Flagd | Provider::Ofrep) => match flag.fixed() {
            Some(why) => (format!("nothing: {why}"), Role::Muted),
            None => ("at once, without a deploy".to_owned(), Role::Text),
        },
    }
}

/// What is known of one flag: notes, and its changes, the newest first.
fn history(
    area: Rect,
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
    model: &Model,
    (flag, index): (&FlagView<'_>, usize),
) {
    let mut rows = 0..area.height;
    let Some(row) = rows.next() else { return };
    let mut pen = Pen::new(buf, area, row);
    pen.put(&flag.spec.name, ctx.style(Role::Title)).skip(2);
    pen.put(&model.flag_place(flag), ctx.style(Role::Muted));
    if let Some(sticks) = flag.read.and_then(|read| read.setting.stickiness.as_ref()) {
        pen.put(&format!(" · stickiness {sticks}"), ctx.style(Role::Muted));
    }
    if let Some(until) = flag.spec.temporary_until {
        pen.put(&format!(" · temporary until {until}"), ctx.style(Role::Muted));
    }
    for note in flag.read.into_iter().flat_map(|read| &read.notes) {
        let Some(row) = rows.next() else { return };
        Pen::new(buf, area, row).put("▲ ", ctx.style(Role::Warn)).put(note, ctx.style(Role::Text));
    }
    let mut changes = model.flags.changes(index).peekable();
    if changes.peek().is_none()
        && let Some(row) = rows.next()
    {
        let words = "no change of it is in this room's journal";
        Pen::new(buf, area, row).put(words, ctx.style(Role::Muted));
    }
    for (change, row) in changes.zip(rows) {
        one_change(&mut Pen::new(buf, area, row), ctx, model, change);
    }
}

fn one_change(pen: &mut Pen<'_>, ctx: &Ctx<'_>, model: &Model, change: &Change) {
    let moment = format::moment(change.at, model.now.wall);
    pen.cell(&moment, 12, Align::Left, ctx.style(Role::Muted));
    let by = if change.by.is_empty() { "not known" } else { &change.by };
    pen.cell(by, 17, Align::Left, ctx.style(Role::Text)).skip(1);
    pen.put(&change.from, ctx.style(Role::Text)).put(" → ", ctx.style(Role::Muted));
    pen.put(&change.to, ctx.style(Role::Strong));
    if change.outside {
        pen.skip(2).put("▲ changed outside", ctx.style(Role::Warn));
    }
}
