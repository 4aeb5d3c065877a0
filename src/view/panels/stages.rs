//! Stages in the overview: where the rollout is, and what it waits for.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{PanelId, ReasonKind};
use crate::model::Model;
use crate::model::mouse::Spot;
use crate::model::stages::{Row, State};
use crate::theme::Role;
use crate::view::rail::stages::{bar, mark};
use crate::view::widgets::{Age, Align, Mark, Pen, Title, gauge};
use crate::view::{Ctx, rail};

use super::{Chart, Panel, Summary};

/// Cells of a bar.
const BAR: u16 = 12;

/// Cells of a title.
const TITLE: u16 = 24;

pub(in crate::view) struct Stages<'m> {
    model: &'m Model,
    rows: Vec<Row>,
}

pub(super) fn gather(model: &Model) -> Stages<'_> {
    Stages { model, rows: model.stage_rows() }
}

/// One row of the list.
pub(in crate::view) fn row(pen: &mut Pen<'_>, ctx: &Ctx<'_>, row: &Row) {
    let mark = mark(row);
    let name = if row.state == State::Waiting { Role::Muted } else { Role::Strong };
    pen.put(mark.glyph(), ctx.style(mark.role())).skip(1);
    let title = format!("{} {}", row.number, row.title());
    if pen.room() > TITLE + BAR + 20 {
        pen.cell(&title, TITLE, Align::Left, ctx.style(name)).skip(1);
        if row.soak.is_some() || row.state == State::Done {
            gauge(pen, ctx, BAR, Some(row.fraction()), bar(row));
        } else {
            pen.skip(BAR);
        }
        pen.skip(1);
    } else {
        pen.put(&title, ctx.style(name)).skip(2);
    }
    let soak = row.soak_words();
    let needs = match (row.state, row.needs.0) {
        (State::Waiting, open) if open > 0 => format!("needs {open}"),
        _ => String::new(),
    };
    let words: Vec<&str> = [soak.as_str(), needs.as_str()].into_iter().filter(|it| !it.is_empty()).collect();
    let words = if words.is_empty() { row.state.word().to_owned() } else { words.join(" · ") };
    pen.put(&words, ctx.style(if mark == Mark::Idle { Role::Muted } else { Role::Text }));
}

impl Stages<'_> {
    fn words(&self) -> (Mark, String) {
        let all = self.rows.len();
        if all == 0 {
            return (Mark::Idle, "not set up".to_owned());
        }
        let now = self.rows.iter().find(|row| row.is_current());
        let done = self.rows.iter().filter(|row| row.state == State::Done).count();
        match now {
            Some(row) => (mark(row), format!("{} of {all}, {}", row.number, row.state.word())),
            None if done == all => (Mark::Good, format!("{all} passed")),
            None if !self.model.stages.are_in_force() => (Mark::Idle, format!("{all} proposed")),
            None => (Mark::Idle, format!("{done} of {all} passed")),
        }
    }

    /// What is waited for first.
    fn first(&self) -> Option<String> {
        let reasons = &self.model.verdicts.now.reasons;
        let mut of =
            reasons.iter().filter(|it| it.panel == PanelId::Stages && it.kind != ReasonKind::Holding);
        of.next().map(|reason| reason.told().to_string())
    }
}

impl Panel for Stages<'_> {
    fn age(&self) -> Age {
        Age::Local
    }

    fn title(&self, ctx: &Ctx<'_>) -> Title<'_> {
        let (mark, words) = self.words();
        Title::new("Stages", Age::Local).state(ctx, mark, words)
    }

    fn summary(&self) -> Summary {
        let (mark, words) = self.words();
        let now = self.rows.iter().find(|row| row.is_current());
        let chart = now.filter(|row| row.soak.is_some());
        let chart = chart.map_or(Chart::None, |row| Chart::Gauge(Some(row.fraction()), bar(row)));
        let words = match (now, self.first()) {
            (Some(row), Some(first)) => format!("{} {} · {first}", row.number, row.title()),
            (Some(row), None) => format!("{} {} · {}", row.number, row.title(), row.state.word()),
            (None, Some(first)) => format!("{words} · {first}"),
            (None, None) => words,
        };
        Summary { mark, words, chart }
    }

    fn rows(&self) -> (u16, u16, bool) {
        (2, (self.rows.len() as u16).max(2), true)
    }

    fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        if self.rows.is_empty() {
            let steps = rail::in_traffic(self.model);
            let mut pen = Pen::new(buf, area, 0);
            pen.put(if steps.is_empty() { "No stages." } else { "by the traffic:" }, ctx.style(Role::Text));
            for (mark, words) in steps {
                pen.skip(2)
                    .put(mark.glyph(), ctx.style(mark.role()))
                    .skip(1)
                    .put(&words, ctx.style(Role::Text));
            }
            let words =
                "[[stage]] in the config names them; else headings such as \"Phase 1: Canary\" in a document";
            Pen::new(buf, area, 1).put(words, ctx.style(Role::Muted));
            return;
        }
        for ((of, at), line) in self.rows.iter().zip(0..).zip(0..area.height) {
            let mut pen = Pen::new(buf, area, line);
            ctx.spot(pen.rest(), Spot::Row { panel: PanelId::Stages, row: at });
            row(&mut pen, ctx, of);
        }
    }
}
