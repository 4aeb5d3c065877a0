//! Two revisions, or two cohorts of a flag, side by side in a table.

use crate::domain::format;
use crate::model::Model;
use crate::model::service::ServiceState;
use crate::model::sides::{Between, Numbers, is_same};
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
    model.numbers(&Between::Revisions(service.ix, both))
}

/// The `most` worst rows, metrics before counts; in the config's order, so that they do not change places while one reads.
pub(in crate::view) fn worst(rows: &[Numbers], most: usize) -> Vec<&Numbers> {
    let mut ranked: Vec<(usize, &Numbers)> = rows.iter().enumerate().collect();
    ranked.sort_by_key(|(_, row)| (row.counted, std::cmp::Reverse(Mark::from(row.state))));
    ranked.truncate(most);
    ranked.sort_by_key(|(at, row)| (row.counted, *at));
    ranked.into_iter().map(|(_, row)| row).collect()
}

/// Cells of a side's number.
pub(in crate::view) const SIDE: u16 = 9;

/// Draws one of them, its name and each side in so many cells.
pub(in crate::view) fn draw_compared(
    pen: &mut Pen<'_>,
    ctx: &Ctx<'_>,
    row: &Numbers,
    (name, side): (u16, u16),
) {
    let number = |value: Option<f64>| format::or_unknown(value, |value| format::in_unit(value, &row.unit));
    let mark = Mark::from(row.state);
    let judged = mark.ink();
    let [one, other] = row.values;
    pen.cell(&row.name, name, Align::Left, ctx.style(Role::Text));
    pen.number(&number(one), side, ctx.style(Role::Text)).number(&number(other), side, ctx.style(judged));
    let (Some(one), Some(other)) = (one, other) else { return };
    pen.skip(3);
    if row.are_few() {
        pen.put("too few", ctx.style(Role::Unknown));
        return;
    }
    if row.counted {
        return;
    }
    if one <= 0.0 || is_same(one, other, &row.unit) {
        let word = if (other - one).abs() < f64::EPSILON || one > 0.0 { "same" } else { "" };
        pen.put(word, ctx.style(Role::Muted));
        return;
    }
    if judged != Role::Text {
        pen.put(mark.glyph(), ctx.style(judged)).skip(1);
    }
    // A share near the whole moves by points, not by times.
    let near = row.unit == "%" && (other / one - 1.0).abs() < 0.15;
    let words = if near { format!("{:+.1} pt", other - one) } else { format::ratio(other / one) };
    pen.put(&words, ctx.style(if judged == Role::Text { Role::Muted } else { judged }));
}
