//! The newest records, and whether the chain is whole.
//!
//! ```text
//! ╭─ Journal ✓ chain whole, 212 ─────── local ─╮
//! │ 14:01:30 gate contract-suite failed    sam │
//! │ 14:00:01 verdict GO → NO-GO           room │
//! ╰────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::format;
use crate::model::Model;
use crate::model::journal::{Folded, Journal as State, Weight};
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::widgets::{Age, Mark, Pen, Title};

use super::{Chart, Panel, Summary};

pub(super) struct Journal<'m> {
    model: &'m Model,
    state: &'m State,
}

pub(super) fn gather(model: &Model) -> Journal<'_> {
    Journal { model, state: &model.journal }
}

/// What the journal says of itself: its mark, and a few words.
pub(crate) fn standing(model: &Model) -> (Mark, String) {
    let state = &model.journal;
    if let Some(error) = model.journal_fault() {
        return (Mark::Bad, format!("cannot be written: {error}"));
    }
    if let Some(damage) = state.damage() {
        return (Mark::Bad, format!("chain damaged: {damage}"));
    }
    match (state.head(), state.checked_up_to()) {
        (0, _) => (Mark::Idle, "empty".to_owned()),
        (head, None) => (Mark::Idle, format!("{}, not checked yet", format::count(head))),
        (head, Some(_)) => (Mark::Good, format!("chain whole, {}", format::count(head))),
    }
}

impl Panel for Journal<'_> {
    fn age(&self) -> Age {
        Age::Local
    }

    fn title(&self, ctx: &Ctx<'_>) -> Title<'_> {
        let (mark, words) = standing(self.model);
        Title::new("Journal", Age::Local).state(ctx, mark, words)
    }

    fn summary(&self) -> Summary {
        let (mark, words) = standing(self.model);
        Summary { mark, words, chart: Chart::None }
    }

    fn rows(&self) -> (u16, u16, bool) {
        (3, 7, true)
    }

    fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        if self.state.newest().len() == 0 {
            Pen::new(buf, area, 0).put("Nothing recorded yet.", ctx.style(Role::Text));
            Pen::new(buf, area, 1)
                .put(":note", ctx.style(Role::Key))
                .put("  writes one down", ctx.style(Role::Muted));
            return;
        }
        let lines = self.state.folded(usize::from(area.height));
        for (line, row) in lines.iter().zip(0..area.height) {
            draw_line(&mut Pen::new(buf, area, row), ctx, self.model, line);
        }
    }
}

fn draw_line(pen: &mut Pen<'_>, ctx: &Ctx<'_>, model: &Model, line: &Folded<'_>) {
    let ((weight, mut words), record) = (line.brief(&model.journal), line.record);
    // With one service its name says nothing and takes the room of what does.
    if let [only] = model.room.services.as_slice() {
        words = words.replacen(&format!("{} ", only.name), "", 1);
    }
    let role = match weight {
        Weight::Bad => Role::Bad,
        Weight::Warn => Role::Warn,
        Weight::Unknown => Role::Unknown,
        Weight::Good | Weight::Plain => Role::Text,
    };
    let at = if record.at.date_naive() == model.now.wall.date_naive() {
        format::time_of_day(record.at)
    } else {
        format::moment(record.at, model.now.wall)
    };
    pen.put(&at, ctx.style(Role::Muted)).skip(1);
    pen.put_right(&record.by, ctx.style(Role::Muted)).skip_right(1);
    pen.put(&words, ctx.style(role));
}
