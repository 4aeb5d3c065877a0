//! Checklist progress by section, and what is required and open.
//!
//! ```text
//! ╭─ Checklist 41/52 ▲ 2 required open ──────── local ─╮
//! │ ▲ Testing        ━━━━━━━━━━━━━━━━━━━╸──────    6/8 │
//! │                                                    │
//! │ required and open                                  │
//! │ ☐ QA verification complete        QA · since 13:12 │
//! ╰────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::Item;
use crate::model::Model;
use crate::model::checklist::Progress;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::widgets::{Age, Align, Mark, Pen, Title, gauge};

use super::{Chart, Panel, Summary};

pub(super) struct Checklist<'m> {
    read: bool,
    total: Progress,
    sections: Vec<(&'m str, Progress)>,
    required: Vec<&'m Item>,
    open: Vec<&'m Item>,
    problems: Vec<&'m str>,
}

pub(super) fn gather(model: &Model) -> Checklist<'_> {
    let list = &model.checklist;
    let sections = list.documents().iter().flat_map(|document| &document.sections);
    let named = sections.map(|section| {
        let name = section.path.last().map_or("", |heading| &**heading);
        (name, list.progress(&section.items))
    });
    let open = |item: &&Item| list.is_open(item);
    let (required, open) = list.items().filter(open).partition(|item| item.required);
    Checklist {
        read: list.is_read(),
        total: list.total(),
        sections: named.collect(),
        required,
        open,
        problems: list.problems().iter().map(|problem| &**problem).collect(),
    }
}

impl Checklist<'_> {
    fn mark(&self) -> Mark {
        match self.total {
            _ if !self.problems.is_empty() => Mark::Warn,
            Progress { all: 0, .. } => Mark::Idle,
            Progress { required_open: 1.., .. } => Mark::Warn,
            Progress { required: 0, done, all, .. } if done < all => Mark::Idle,
            _ => Mark::Good,
        }
    }
}

/// How a section stands.
fn mark(progress: Progress) -> Mark {
    match progress {
        Progress { required_open: 1.., .. } => Mark::Warn,
        Progress { done, all, .. } if done == all => Mark::Good,
        _ => Mark::Idle,
    }
}

fn fraction(progress: Progress) -> Option<f64> {
    (progress.all > 0).then(|| progress.done as f64 / progress.all as f64)
}

impl Panel for Checklist<'_> {
    fn age(&self) -> Age {
        Age::Local
    }

    fn title(&self, ctx: &Ctx<'_>) -> Title<'_> {
        let title = Title::new("Checklist", Age::Local);
        let Progress { done, all, required_open, required, .. } = self.total;
        let problems = self.problems.len();
        if all == 0 {
            let word = if self.read { "none" } else { "reading" };
            return if problems > 0 {
                title.state(ctx, Mark::Warn, format!("{problems} unreadable"))
            } else {
                title.note(word, ctx.style(Role::Muted))
            };
        }
        let title = title.note(format!("{done}/{all}"), ctx.style(Role::Text));
        match (problems, required_open, required) {
            (1.., ..) => title.note(format!("▲ {problems} unreadable"), ctx.style(Role::Warn)),
            (0, 1.., _) => title.note(format!("▲ {required_open} required open"), ctx.style(Role::Warn)),
            (0, 0, 1..) => title
                .note("✓", ctx.style(Role::Good))
                .note(format!("{required} required"), ctx.style(Role::Text)),
            (0, 0, 0) => title,
        }
    }

    fn summary(&self) -> Summary {
        let Progress { done, all, required_open, required, .. } = self.total;
        let words = match (all, required_open, required) {
            (0, ..) if !self.problems.is_empty() => format!("{} unreadable", self.problems.len()),
            (0, ..) => "no document".to_owned(),
            (_, 0, 0) => format!("{done}/{all}"),
            (_, 0, _) => format!("{done}/{all}, all {required} required done"),
            _ => format!("{done}/{all}, {required_open} required open"),
        };
        let role = if done == all && all > 0 { Role::Good } else { Role::Muted };
        Summary { mark: self.mark(), words, chart: Chart::Gauge(fraction(self.total), role) }
    }

    fn rows(&self) -> (u16, u16, bool) {
        let sections = self.sections.len().clamp(1, 10) as u16;
        // Room for two open items; what is really open does not move the panels.
        (sections.max(2), sections + 4, true)
    }

    fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let mut row = 0;
        for problem in &self.problems {
            Pen::new(buf, area, row).put("▲ ", ctx.style(Role::Warn)).put(problem, ctx.style(Role::Warn));
            row += 1;
        }
        if self.sections.is_empty() {
            draw_empty(
                Rect { y: area.y + row.min(area.height), height: area.height.saturating_sub(row), ..area },
                buf,
                ctx,
            );
            return;
        }
        // With little room the open items matter more than a complete list of sections.
        let few = area.height.saturating_sub(row) < self.sections.len() as u16 + 3;
        for (name, progress) in &self.sections {
            if row >= area.height {
                return;
            }
            if few && mark(*progress) == Mark::Good && self.sections.len() as u16 > area.height {
                continue;
            }
            draw_section(&mut Pen::new(buf, area, row), ctx, name, *progress);
            row += 1;
        }
        let (head, items) = if self.required.is_empty() {
            ("open, not required", &self.open)
        } else {
            ("required and open", &self.required)
        };
        if items.is_empty() {
            let done = format!("✓ {0}/{0} · nothing left to tick", self.total.all);
            Pen::new(buf, area, row + 1).put(&done, ctx.style(Role::Good));
            return;
        }
        Pen::new(buf, area, row + 1).put(head, ctx.style(Role::Muted));
        let room = usize::from(area.height.saturating_sub(row + 2));
        let shown = if items.len() > room { room.saturating_sub(1) } else { items.len() };
        for (item, at) in items.iter().take(shown).zip(row + 2..) {
            let mut pen = Pen::new(buf, area, at);
            if let Some(owner) = &item.owner {
                pen.put_right(owner, ctx.style(Role::Muted)).skip_right(1);
            }
            let box_role = if item.required { Role::Warn } else { Role::Muted };
            pen.put("☐", ctx.style(box_role)).skip(1).put(&item.text, ctx.style(Role::Text));
        }
        if shown < items.len() {
            let more = format!("{} more", items.len() - shown);
            Pen::new(buf, area, row + 2 + shown as u16).put(&more, ctx.style(Role::Muted));
        }
    }
}

fn draw_section(pen: &mut Pen<'_>, ctx: &Ctx<'_>, name: &str, progress: Progress) {
    let mark = mark(progress);
    let bar = if mark == Mark::Good { Role::Good } else { Role::Muted };
    let count = format!("{}/{}", progress.done, progress.all);
    let label = (pen.room() / 3).clamp(8, 24).max(15.min(pen.room().saturating_sub(12)));
    pen.put_right(&format!("{count:>6}"), ctx.style(Role::Text)).skip_right(1);
    pen.put(mark.glyph(), ctx.style(mark.role())).skip(1);
    pen.cell(name, label - 1, Align::Left, ctx.style(Role::Text)).skip(1);
    let cells = pen.room();
    gauge(pen, ctx, cells, fraction(progress), bar);
}

fn draw_empty(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
    let (key, muted) = (ctx.style(Role::Key), ctx.style(Role::Muted));
    Pen::new(buf, area, 0).put("No document yet.", ctx.style(Role::Text));
    Pen::new(buf, area, 1).put("--checklist FILE.md", key).put("  reads one, unchanged", muted);
    Pen::new(buf, area, 2).put("checklists = [\"…\"]", key).put("  in the config", muted);
}
