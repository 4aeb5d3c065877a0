//! A panel of lines: a mark, what it is about, its number, and a word beside it. Several panels of dashboards are such.
//!
//! ```text
//! ╭─ Users ✓ 1,204 connected ────────────────────── live 1s ─╮
//! │ ✓ connected                    1,204   lived p50 41m     │
//! ╰──────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::theme::Role;
use crate::view::widgets::text::width;
use crate::view::widgets::{Age, Align, Mark, Pen, Title};
use crate::view::{Ctx, Trust};

use super::{Chart, Panel, Summary};

/// Cells of the column on the left at most.
const LABEL: usize = 24;

/// One line.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Its state; [`Mark::Idle`] has no glyph.
    pub mark: Mark,
    pub label: String,
    pub value: String,
    pub note: String,
    /// It stands above others that are part of it.
    pub heads: bool,
}

/// The panel.
#[expect(clippy::struct_field_names, reason = "a panel of lines has lines")]
#[derive(Debug, Clone)]
pub(super) struct Lines {
    pub name: &'static str,
    pub age: Age,
    /// State and the one number.
    pub state: (Mark, String),
    pub lines: Vec<Line>,
    /// How it is computed, in the last rows.
    pub foot: Vec<String>,
    /// What it says where there is nothing to show: what it is, and the next step.
    pub empty: (&'static str, &'static str),
}

impl Line {
    pub(super) fn new(mark: Mark, label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { mark, label: label.into(), value: value.into(), note: String::new(), heads: false }
    }

    pub(super) fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    pub(super) fn head(label: impl Into<String>) -> Self {
        Self { heads: true, ..Self::new(Mark::Idle, label, "") }
    }
}

impl Panel for Lines {
    fn age(&self) -> Age {
        self.age
    }

    fn title(&self, ctx: &Ctx<'_>) -> Title<'_> {
        let title = Title::new(self.name, self.age);
        if self.lines.is_empty() {
            return title.note("not set up", ctx.style(Role::Muted));
        }
        let (mark, words) = &self.state;
        title.state(ctx, *mark, words.clone())
    }

    fn summary(&self) -> Summary {
        if self.lines.is_empty() {
            return Summary { mark: Mark::Idle, words: "not set up".into(), chart: Chart::None };
        }
        let (mark, words) = self.state.clone();
        Summary { mark, words, chart: Chart::None }
    }

    fn rows(&self) -> (u16, u16, bool) {
        let lines = u16::try_from(self.lines.len()).unwrap_or(u16::MAX);
        let foot = self.foot.len() as u16;
        (lines.clamp(2, 6), lines.max(2).saturating_add(if foot > 0 { foot + 1 } else { 0 }), false)
    }

    fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        if self.lines.is_empty() {
            Pen::new(buf, area, 0).put(self.empty.0, ctx.style(Role::Text));
            Pen::new(buf, area, 1).put(self.empty.1, ctx.style(Role::Muted));
            return;
        }
        let all = u16::try_from(self.lines.len()).unwrap_or(u16::MAX);
        // What does not fit is counted.
        let shown = if all > area.height { area.height.saturating_sub(1) } else { all };
        let longest = |of: &dyn Fn(&Line) -> usize| self.lines.iter().map(of).max().unwrap_or(0);
        let label = longest(&|line| width(&line.label)).min(LABEL) as u16;
        let value = longest(&|line| width(&line.value)).min(usize::from(area.width / 2)) as u16;
        for (line, at) in self.lines.iter().zip(0..shown) {
            draw_line(&mut Pen::new(buf, area, at), ctx, line, (label, value));
        }
        if shown < all {
            let words = format!("and {} more · enter", all - shown);
            Pen::new(buf, area, shown).put(&words, ctx.style(Role::Muted));
            return;
        }
        let foot = self.foot.len() as u16;
        if foot > 0 && area.height > all + foot {
            for (line, at) in self.foot.iter().zip(area.height - foot..) {
                Pen::new(buf, area, at).put(line, ctx.style(Role::Muted));
            }
        }
    }
}

fn draw_line(pen: &mut Pen<'_>, ctx: &Ctx<'_>, line: &Line, (label, value): (u16, u16)) {
    if line.heads {
        pen.put(&line.label, ctx.style(Role::Muted));
        return;
    }
    // A line that is not seen any more is said to be so, also beside others that are.
    let ctx = ctx.trusting(if line.mark == Mark::Unknown { Trust::Old } else { ctx.trust });
    match line.mark {
        Mark::Idle => pen.skip(1),
        mark => pen.put(mark.glyph(), ctx.style(mark.role())),
    };
    pen.skip(1).cell(&line.label, label, Align::Left, ctx.style(Role::Text)).skip(2);
    pen.number(&line.value, value, ctx.style(line.mark.ink())).skip(2);
    pen.put(&line.note, ctx.style(Role::Muted));
}

/// The worst of the lines and how many are so; `good` if all are.
pub(super) fn worst(lines: &[Line]) -> Mark {
    let marks = lines.iter().filter(|line| !line.heads).map(|line| line.mark);
    match marks.max().unwrap_or(Mark::Idle) {
        Mark::Idle => Mark::Good,
        mark => mark,
    }
}
