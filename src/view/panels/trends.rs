//! Trends: metrics over the time that all charts have, each in a small chart with its limits.
//!
//! ```text
//! ╭─ Trends 4 metrics ─────────────────── 15 min · live 1s ─╮
//! │ ✗ error_rate          6.1 %  ✓ request_p95        486ms │
//! │   8 %           ⢀⡠⠤⣇         500 ⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤       │
//! ╰─────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::trail::millis;
use crate::domain::{ServiceIx, SourceId, format};
use crate::model::Model;
use crate::model::metrics::{Metric, MetricState, Metrics};
use crate::theme::Role;
use crate::view::widgets::{Age, Align, Chart as Drawn, Mark, Pen, Title};
use crate::view::{Ctx, Trust};

use super::metrics::judged;
use super::{Chart, Panel, Summary, age, measured, sources};

/// Rows of one chart with its name, at least and at most.
const ROWS: (u16, u16) = (6, 12);
/// Cells of one chart at least; where there are twice as many, two stand side by side.
const CELLS: u16 = 40;

pub(super) struct Trends<'m> {
    model: &'m Model,
    age: Age,
    rows: Vec<Row<'m>>,
}

struct Row<'m> {
    service: ServiceIx,
    of: &'m Metrics,
    metric: &'m Metric,
    mark: Mark,
    value: Option<f64>,
}

pub(super) fn gather(model: &Model) -> Trends<'_> {
    let wanted = &model.dashboards.current().charts;
    let mut rows = Vec::new();
    for service in &model.services {
        let Some(of) = &service.metrics else { continue };
        let listed = |metric: &&Metric| {
            let named = wanted.contains(&metric.spec.name);
            named || (wanted.is_empty() && !metric.is_unbound() && !metric.is_short_window())
        };
        rows.extend(of.metrics().iter().filter(listed).map(|metric| {
            let seen = measured(model, &metric.source(service.ix));
            let value = metric.value().filter(|_| of.is_shown(metric, seen, model.now.mono));
            let (mark, _) = judged(model, service.ix, metric, of.state(metric, model.now.mono));
            Row { service: service.ix, of, metric, mark, value }
        }));
    }
    if !wanted.is_empty() {
        rows.sort_by_key(|row| wanted.iter().position(|name| *name == row.metric.spec.name));
    }
    let scraped = sources(model, |service| SourceId::Metrics { service });
    Trends { model, age: age(model, scraped.chain([SourceId::Prometheus])), rows }
}

impl Trends<'_> {
    fn chart(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, row: &Row<'_>) {
        let (model, spec) = (self.model, &row.metric.spec);
        let fresh = row.of.state(row.metric, model.now.mono) != MetricState::Stale;
        let ctx = ctx.trusting(if fresh { Trust::Live } else { Trust::Old });
        let mut head = Pen::new(buf, area, 0);
        head.put(row.mark.glyph(), ctx.style(row.mark.role())).skip(1);
        let value = format::or_unknown(row.value, |value| format::in_unit(value, &spec.unit));
        head.put_right(&value, ctx.style(row.mark.ink())).skip_right(1);
        let cells = head.room();
        head.cell(&spec.name, cells, Align::Left, ctx.style(Role::Text));
        let plot = Rect { y: area.y + 1, height: area.height - 1, ..area };
        draw_chart(plot, buf, &ctx, model, (row.service, row.of, row.metric));
    }
}

/// The values of a service's metric over the window of all charts, with its limits and the marks on the time axis.
pub(in crate::view) fn draw_chart(
    area: Rect,
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
    model: &Model,
    (service, of, metric): (ServiceIx, &Metrics, &Metric),
) {
    let spec = &metric.spec;
    let (now, over) = (model.now, model.ui.window.length());
    let columns = Drawn::columns(area.width, &spec.unit);
    let hold = of.lasts(metric, model.room.documented.readings_for);
    let filled = metric.trail().filled(millis(now.mono), over, columns);
    let columns = metric.trail().columns(millis(now.mono), over, columns, hold);
    let marks = model.time_marks(Some(service), now.wall - over);
    let chart = Drawn {
        columns: &columns,
        bad: spec.critical,
        warn: spec.warning,
        target: spec.target,
        unit: &spec.unit,
        until: now.wall,
        over,
        marks: &marks,
        filled: &filled,
    };
    chart.draw(area, buf, ctx);
}

impl Panel for Trends<'_> {
    fn age(&self) -> Age {
        self.age
    }

    fn title(&self, ctx: &Ctx<'_>) -> Title<'_> {
        let title = Title::new("Trends", self.age);
        if self.rows.is_empty() {
            return title.note("not set up", ctx.style(Role::Muted));
        }
        let bad = self.rows.iter().filter(|row| matches!(row.mark, Mark::Bad | Mark::Warn)).count();
        let mark = self.rows.iter().map(|row| row.mark).max().unwrap_or(Mark::Idle);
        let words = if bad > 0 {
            format!("{bad} of {}", self.rows.len())
        } else {
            format::counted(self.rows.len(), "metric")
        };
        title.state(ctx, mark, words).window(self.model.ui.window.words(), ctx.style(Role::Muted))
    }

    fn summary(&self) -> Summary {
        let worst = self.rows.iter().max_by_key(|row| row.mark);
        let Some(row) = worst else {
            return Summary { mark: Mark::Idle, words: "not set up".into(), chart: Chart::None };
        };
        let value = format::or_unknown(row.value, |value| format::in_unit(value, &row.metric.spec.unit));
        let chart = super::metrics::ten_minutes(self.model, row.of, row.metric);
        Summary { mark: row.mark, words: format!("{} {value}", row.metric.spec.name), chart }
    }

    fn rows(&self) -> (u16, u16, bool) {
        let count = u16::try_from(self.rows.len()).unwrap_or(u16::MAX).clamp(1, 50);
        (ROWS.0, count.saturating_mul(ROWS.1).max(ROWS.0), true)
    }

    fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        if self.rows.is_empty() {
            Pen::new(buf, area, 0).put("No metric to chart.", ctx.style(Role::Text));
            Pen::new(buf, area, 1).put("[service.metrics] names them", ctx.style(Role::Muted));
            return;
        }
        let across = (area.width / CELLS).clamp(1, 3).min(self.rows.len() as u16);
        // As many as fit, the first ones first; they share all the rows there are.
        let lines = (area.height / ROWS.0).max(1);
        let shown = self.rows.len().min(usize::from(across * lines)) as u16;
        let lines = shown.div_ceil(across);
        let height = (area.height / lines).max(1);
        let width = area.width / across;
        for (row, at) in self.rows.iter().zip(0..shown) {
            let (x, y) = (area.x + at % across * width, area.y + at / across * height);
            let gap = u16::from(at % across + 1 < across) * 2;
            let place = Rect { x, y, width: width.saturating_sub(gap), height };
            self.chart(place.intersection(area), buf, ctx, row);
        }
    }
}
