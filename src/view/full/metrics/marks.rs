//! What the marks of a metric's chart say.

use crate::domain::format;
use crate::domain::trail::millis;
use crate::model::Model;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::full::parts::fact;
use crate::view::sheet::Rows;
use crate::view::widgets::text::cut;

use super::Row;

/// Marks that are told in words.
const TOLD: usize = 3;

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
