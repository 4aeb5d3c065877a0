//! Feature flags: on or off, and what a flip would do.
//!
//! ```text
//! ╭─ Flags 2 on, 2 off ────────────── live 1s ─╮
//! │ ✓ SESSION_RESUME          on env · deploys │
//! │ ◦ STREAM_COMPRESSION     off env · deploys │
//! ╰────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{PanelId, SourceId};
use crate::model::Model;
use crate::model::flags::{FlagValue, FlagView, view};
use crate::model::focus::Extent;
use crate::model::mouse::Spot;
use crate::theme::Role;
use crate::view::widgets::text::width;
use crate::view::widgets::{Age, Align, Mark, Pen, Title};
use crate::view::{Ctx, Trust};

use super::{Chart, Panel, Summary, age};

pub(super) struct Flags<'m> {
    model: &'m Model,
    age: Age,
    rows: Vec<FlagView<'m>>,
}

pub(super) fn gather(model: &Model) -> Flags<'_> {
    let of = model.room.flags.iter().map(|spec| view(spec, model.traffic(spec.service)));
    let mut services: Vec<_> = model.room.flags.iter().map(|flag| flag.service).collect();
    services.dedup();
    let sources = services.into_iter().map(|service| SourceId::CloudRun { service });
    Flags { model, age: age(model, sources), rows: of.collect() }
}

fn mark(flag: &FlagView<'_>) -> Mark {
    match flag.value {
        FlagValue::On => Mark::Good,
        FlagValue::Other(_) | FlagValue::Secret => Mark::Active,
        FlagValue::Off | FlagValue::Unset => Mark::Idle,
        FlagValue::Unknown => Mark::Unknown,
    }
}

impl Flags<'_> {
    fn words(&self) -> String {
        let count = |wanted: &[FlagValue]| self.rows.iter().filter(|row| wanted.contains(&row.value)).count();
        let (on, off) = (count(&[FlagValue::On]), count(&[FlagValue::Off]));
        let unknown = count(&[FlagValue::Unknown]);
        let rest = self.rows.len() - on - off - unknown;
        let mut words = format!("{on} on, {off} off");
        if rest > 0 {
            words += &format!(", {rest} other");
        }
        if unknown > 0 {
            words += &format!(", ? {unknown}");
        }
        words
    }
}

impl Panel for Flags<'_> {
    fn age(&self) -> Age {
        self.age
    }

    fn title(&self, ctx: &Ctx<'_>) -> Title<'_> {
        let title = Title::new("Flags", self.age);
        if self.rows.is_empty() {
            return title.note("none", ctx.style(Role::Muted));
        }
        title.note(self.words(), ctx.style(Role::Text))
    }

    fn summary(&self) -> Summary {
        let unseen = self.age.trust() == Trust::Old;
        let (mark, words) = match self.rows.is_empty() {
            true => (Mark::Idle, "none configured".to_owned()),
            false if unseen => (Mark::Unknown, self.words()),
            false => (Mark::Good, self.words()),
        };
        Summary { mark, words, chart: Chart::None }
    }

    fn rows(&self) -> (u16, u16, bool) {
        let rows = (self.rows.len() as u16).max(2);
        (rows.min(4), rows, false)
    }

    fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        if self.rows.is_empty() {
            Pen::new(buf, area, 0).put("No flag in the config.", ctx.style(Role::Text));
            let mut pen = Pen::new(buf, area, 1);
            pen.put("[[flag]]", ctx.style(Role::Key))
                .put("  names one and its variable", ctx.style(Role::Muted));
            return;
        }
        let focus = &self.model.ui.focus;
        let cursor = focus.cursor(PanelId::Flags);
        let extent = Extent { rows: self.rows.len(), page: usize::from(area.height) };
        let top = cursor.top(extent);
        for ((flag, at), row) in self.rows.iter().zip(0..).skip(top).zip(0..area.height) {
            if focus.panel() == PanelId::Flags && at == cursor.row {
                buf.set_style(Rect { y: area.y + row, height: 1, ..area }, ctx.style(Role::Selected));
            }
            let mut pen = Pen::new(buf, area, row);
            ctx.spot(pen.rest(), Spot::Row { panel: PanelId::Flags, row: at });
            draw_flag(&mut pen, ctx, flag);
        }
    }
}

fn draw_flag(pen: &mut Pen<'_>, ctx: &Ctx<'_>, flag: &FlagView<'_>) {
    let mark = if ctx.trust == Trust::Old { Mark::Unknown } else { mark(flag) };
    let effect = if flag.pinned { "deploys, 0 %" } else { "deploys" };
    let role = if flag.differs() { Role::Warn } else { Role::Text };
    let value = if flag.differs() {
        format!("{}, serving {}", flag.value.word(), flag.serving.word())
    } else {
        flag.value.word().to_owned()
    };
    pen.put(mark.glyph(), ctx.style(mark.role())).skip(1);
    pen.put_right(effect, ctx.style(Role::Warn));
    // The provider gives way before a name is cut.
    let provider = " env · ";
    let named = width(&flag.spec.name) + 1 + width(&value);
    let roomy = usize::from(pen.room()) >= named + width(provider);
    pen.put_right(if roomy { provider } else { " " }, ctx.style(Role::Muted));
    pen.put_right(&value, ctx.style(role)).skip_right(1);
    let cells = pen.room();
    pen.cell(&flag.spec.name, cells, Align::Left, ctx.style(Role::Text));
}
