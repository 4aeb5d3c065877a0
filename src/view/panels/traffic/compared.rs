//! Two revisions, or two cohorts of a flag, side by side in a table.

use crate::domain::format;
use crate::model::Model;
use crate::model::service::ServiceState;
use crate::model::sides::{Between, Numbers};
use crate::model::traffic::TrafficState;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::widgets::{Align, Mark, Pen};

/// `12,004 / 1,203`; what is not known is `--`.
pub(in crate::view) fn samples(row: &Numbers) -> String {
    let number = |count: Option<u64>| count.map_or_else(|| format::UNKNOWN.to_owned(), format::count);
    match row.samples {
        [None, None] => String::new(),
        [one, other] => format!("{} / {}", number(one), number(other)),
    }
}

/// What the series tell apart of the stable revision and the canary.
pub(in crate::view) fn compared(
    model: &Model,
    service: &ServiceState,
    traffic: &TrafficState,
) -> Vec<Numbers> {
    let (Some(stable), Some(canary)) = (traffic.stable(), traffic.canary()) else { return Vec::new() };
    let both = [stable.to_owned(), canary.to_owned()];
    worst_first(model.numbers(&Between::Revisions(service.ix, both)))
}

/// Metrics before counts, the worst first; among equals the config's order.
pub(in crate::view) fn worst_first(mut rows: Vec<Numbers>) -> Vec<Numbers> {
    rows.sort_by_key(|row| (row.counted, std::cmp::Reverse(Mark::from(row.state))));
    rows
}

/// Draws one of them, its name in `name` cells.
pub(in crate::view) fn draw_compared(pen: &mut Pen<'_>, ctx: &Ctx<'_>, row: &Numbers, name: u16) {
    let number = |value: Option<f64>| format::or_unknown(value, |value| format::in_unit(value, &row.unit));
    let mark = Mark::from(row.state);
    let judged = mark.ink();
    let [one, other] = row.values;
    pen.cell(&row.name, name, Align::Left, ctx.style(Role::Text));
    pen.number(&number(one), 9, ctx.style(Role::Text)).number(&number(other), 9, ctx.style(judged));
    let (Some(one), Some(other)) = (one, other) else { return };
    pen.skip(3);
    if row.are_few() {
        pen.put("too few", ctx.style(Role::Unknown));
        return;
    }
    if row.counted {
        return;
    }
    if one <= 0.0 || (other / one - 1.0).abs() < 0.15 {
        let word = if (other - one).abs() < f64::EPSILON || one > 0.0 { "same" } else { "" };
        pen.put(word, ctx.style(Role::Muted));
        return;
    }
    if judged != Role::Text {
        pen.put(mark.glyph(), ctx.style(judged)).skip(1);
    }
    pen.put(&format::ratio(other / one), ctx.style(if judged == Role::Text { Role::Muted } else { judged }));
}
