//! The row of a close code: its rate against its limit, what is usual, and the last ten minutes.

use crate::domain::format;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::widgets::{Align, Mark, Pen, Spark};

use super::{Row, SPARK};

/// Widths of the columns: the history gives way first, then what is usual, the name last.
pub(super) struct Columns {
    pub(super) name: u16,
    pub(super) usual: bool,
    pub(super) spark: u16,
}

impl Columns {
    pub(super) fn of(width: u16) -> Self {
        // Glyph, code and spaces; rate and limit.
        let taken = 7 + 10;
        let name = width.saturating_sub(taken).min(19);
        let usual = width >= taken + name + 6;
        let spark = width.saturating_sub(taken + name + 6).min(SPARK as u16);
        Self { name, usual, spark: if spark >= 6 { spark } else { 0 } }
    }
}

/// Draws a code.
pub(super) fn draw_row(pen: &mut Pen<'_>, ctx: &Ctx<'_>, columns: &Columns, row: &Row) {
    let judged = row.mark.ink();
    let code = if row.mark == Mark::Bad || row.mark == Mark::Warn { Role::Strong } else { Role::Text };
    pen.put(row.mark.glyph(), ctx.style(row.mark.role())).skip(1);
    pen.cell(&row.code.to_string(), 5, Align::Left, ctx.style(code));
    pen.cell(&row.name, columns.name, Align::Left, ctx.style(Role::Text));
    // What was counted for less than a minute is a count.
    let number = |rate| if row.counting.is_some() { format::count(whole(rate)) } else { format::rate(rate) };
    pen.number(&format::or_unknown(row.rate, number), 5, ctx.style(judged));
    // A count of a part of a minute stands beside no number of a whole one, unless it is over it already.
    let beside = |number: f64| row.counting.is_none() || row.rate.is_some_and(|rate| rate > number);
    let limit = row.limit.filter(|limit| beside(*limit)).map_or(String::new(), |limit| {
        // As the number is shown: what rounds to its limit is not below it.
        let shown = |rate: f64| (rate * 10.0).round() / 10.0;
        // What is not counted now is below nothing.
        let sign = match row.rate {
            Some(rate) if rate > limit => ">",
            _ if row.mark == Mark::Unknown => " ",
            Some(rate) if shown(rate) >= limit => "=",
            _ => "<",
        };
        format!(" {sign} {}", format::limit(limit, ""))
    });
    let limit_role = if judged == Role::Text || judged == Role::Unknown { Role::Muted } else { judged };
    pen.cell(&limit, 5, Align::Left, ctx.style(limit_role));
    if columns.usual {
        let usual = format::or_unknown(row.usual, format::rate);
        let usual = if row.usual.is_none_or(beside) { usual } else { String::new() };
        pen.number(&usual, 5, ctx.style(Role::Muted)).skip(1);
    }
    Spark { samples: &row.samples, limit: row.limit, over: Role::Bad }.draw(pen, ctx, columns.spark);
}

fn whole(count: f64) -> u64 {
    count.round().max(0.0) as u64
}
