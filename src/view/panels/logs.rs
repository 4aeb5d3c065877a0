//! Logs: how many errors there are of each kind, first those that nobody expects. At full size the entries stand below.
//!
//! ```text
//! ╭─ Logs ✗ 12 unexpected, 40 expected ─── 00418-ral · every severity · live 2s ─╮
//! │ ✗ resume of run … failed: unknown state     12   4 in the last minute        │
//! │   client went away                          40   expected, 12 in the last …  │
//! ╰──────────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::format;
use crate::domain::logs::{KindCount, Standing};
use crate::model::Model;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::widgets::{Age, Align, Mark, Pen, Title};

use super::{Chart, Panel, Summary};

/// Cells of a kind's name at most.
const NAME: u16 = 62;

pub(in crate::view) struct Logs<'m> {
    model: &'m Model,
    counts: Vec<KindCount>,
}

pub(super) fn gather(model: &Model) -> Logs<'_> {
    Logs { model, counts: model.logs.book.counts(&model.room.logs.rules, model.now.wall) }
}

/// How a kind is marked.
fn mark(count: &KindCount) -> Mark {
    match count.standing {
        Standing::Expected => Mark::Idle,
        Standing::TooMany => Mark::Warn,
        Standing::Unexpected => Mark::Bad,
    }
}

/// A kind and how many there are of it.
pub(in crate::view) fn row(pen: &mut Pen<'_>, ctx: &Ctx<'_>, count: &KindCount, model: &Model) {
    let mark = mark(count);
    match mark {
        Mark::Idle if model.logs.folded => pen.put("▸", ctx.style(Role::Muted)),
        Mark::Idle => pen.skip(1),
        mark => pen.put(mark.glyph(), ctx.style(mark.role())),
    };
    let ink = if count.is_expected() { Role::Muted } else { Role::Text };
    let what = match count.standing {
        Standing::Unexpected => String::new(),
        known => format!("{}, ", known.words()),
    };
    let ago = (model.now.wall - count.newest).to_std().unwrap_or_default();
    let words = match count.last_minute {
        0 => format!("{what}last {} ago", format::age_seconds(ago)),
        n => format!("{what}{} in the last minute", format::count(n as u64)),
    };
    let name = NAME.min(pen.room().saturating_sub(42).max(20));
    pen.skip(1).cell(&count.name, name, Align::Left, ctx.style(ink)).skip(1);
    pen.number(
        &format::count(count.count as u64),
        6,
        ctx.style(if count.is_expected() { Role::Muted } else { mark.ink() }),
    );
    pen.skip(3).put(&words, ctx.style(Role::Muted));
}

impl Logs<'_> {
    fn words(&self) -> (Mark, String) {
        let sum = |expected: bool| {
            self.counts
                .iter()
                .filter(|count| count.is_expected() == expected)
                .map(|count| count.count)
                .sum::<usize>()
        };
        let (unexpected, expected) = (sum(false), sum(true));
        if self.model.logs.of().is_none() || self.model.logs.book.is_empty() {
            return (Mark::Idle, "nothing read".to_owned());
        }
        let mark = self.counts.first().map_or(Mark::Good, |count| match mark(count) {
            Mark::Idle => Mark::Good,
            mark => mark,
        });
        let known = if expected > 0 {
            format!(", {} expected", format::count(expected as u64))
        } else {
            String::new()
        };
        match unexpected {
            0 => (mark, format!("nothing unexpected{known}")),
            n => (mark, format!("{} unexpected{known}", format::count(n as u64))),
        }
    }
}

impl Panel for Logs<'_> {
    fn age(&self) -> Age {
        let (spec, now) = (&self.model.room.logs, self.model.now.mono);
        if self.model.logs.of().is_none() {
            return Age::NotSetUp;
        }
        let retry = self.model.logs.lost().map(|lost| (1, lost.retry_at.since(now)));
        Age::Source(self.model.logs.freshness(spec, now), retry)
    }

    fn title(&self, ctx: &Ctx<'_>) -> Title<'_> {
        let (mark, words) = self.words();
        let mut title = Title::new("Logs", self.age()).state(ctx, mark, words);
        if let Some(new) = self.model.logs.paused() {
            title = title.note(format!("· paused, {} new", format::count(new as u64)), ctx.style(Role::Warn));
        }
        title.window(self.model.logs_words().to_string(), ctx.style(Role::Muted))
    }

    fn summary(&self) -> Summary {
        let (mark, words) = self.words();
        Summary { mark, words, chart: Chart::None }
    }

    fn rows(&self) -> (u16, u16, bool) {
        (2, (self.counts.len() as u16).clamp(2, 12), true)
    }

    fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        if let Some(lost) = self.model.logs.lost() {
            Pen::new(buf, area, 0).put(&lost.short, ctx.style(Role::Unknown));
            Pen::new(buf, area, 1).put(&lost.why, ctx.style(Role::Muted));
            return;
        }
        if self.counts.is_empty() {
            let words = if self.model.logs.book.is_empty() {
                self.model.logs_empty().to_string()
            } else {
                "No error, and nothing that a rule speaks of.".to_owned()
            };
            Pen::new(buf, area, 0).put(&words, ctx.style(Role::Text));
            Pen::new(buf, area, 1).put("enter reads the entries", ctx.style(Role::Muted));
            return;
        }
        for (count, line) in self.counts.iter().zip(0..area.height) {
            row(&mut Pen::new(buf, area, line), ctx, count, self.model);
        }
    }
}
