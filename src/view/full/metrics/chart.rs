//! The chart of one metric, and what its marks say.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::format;
use crate::domain::trail::millis;
use crate::model::Model;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::full::parts::fact;
use crate::view::sheet::Rows;
use crate::view::widgets::Chart;
use crate::view::widgets::text::cut;

use super::Row;

/// Marks that are told in words.
const TOLD: usize = 3;

/// Its values over the window of all charts.
pub(super) fn draw_chart(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, row: &Row<'_>) {
    let spec = &row.metric.spec;
    let (now, over) = (model.now, model.ui.window.length());
    let columns = Chart::columns(area.width, &spec.unit);
    let hold = row.of.lasts(row.metric, model.room.documented.readings_for);
    let filled = row.metric.trail().filled(millis(now.mono), over, columns);
    let columns = row.metric.trail().columns(millis(now.mono), over, columns, hold);
    let marks = model.time_marks(Some(row.service), now.wall - over);
    let chart = Chart {
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

/// What the newest marks on the time axis stand for.
pub(super) fn marks(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, row: &Row<'_>, width: u16) {
    let (service, metric) = (row.service, row.metric);
    let marks = model.time_marks(Some(service), model.now.wall - model.ui.window.length());
    let label = |at: usize| if at == 0 { "marks" } else { "" };
    for (mark, at) in marks.iter().rev().take(TOLD).zip(0..) {
        let words = format!("{} {} {}", mark.kind.letter(), format::clock(mark.at), mark.words);
        fact(rows, ctx, label(at), &cut(&words, usize::from(width)), Role::Text);
    }
    let until = millis(model.now.mono);
    if metric.trail().filled(until, model.ui.window.length(), 1).contains(&true) {
        fact(
            rows,
            ctx,
            "back-filled",
            "╌ below: not watched by this console, Prometheus remembers it",
            Role::Muted,
        );
    }
    if marks.len() > TOLD {
        fact(rows, ctx, "", &format!("and {} more", marks.len() - TOLD), Role::Muted);
    }
}
