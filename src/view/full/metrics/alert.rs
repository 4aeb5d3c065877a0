//! An alert that runs elsewhere, in the metrics view.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::firing::{Firing, FiringState, Teller};
use crate::domain::format;
use crate::model::Model;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::full::parts::{fact, long};
use crate::view::panels::alert_mark;
use crate::view::sheet::Rows;
use crate::view::widgets::Pen;

/// How it stands, in a word.
pub(super) fn word(state: FiringState) -> &'static str {
    state.into()
}

/// Its line in the list.
pub(super) fn line(pen: &mut Pen<'_>, ctx: &Ctx<'_>, alert: &Firing) {
    let mark = alert_mark(alert);
    pen.put_right(word(alert.state), ctx.style(mark.ink())).skip_right(1);
    pen.put(mark.glyph(), ctx.style(mark.role())).skip(1).put(&alert.name, ctx.style(Role::Text));
}

/// All of it.
pub(super) fn detail(
    area: Rect,
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
    model: &Model,
    (teller, alert): (Teller, &Firing),
) {
    let mut rows = Rows::new(buf, area, 0);
    let since = alert.since.map(|since| {
        let length = (model.now.wall - since).to_std().unwrap_or_default();
        format!(", for {}, since {}", format::age_seconds(length), format::clock(since))
    });
    let state = format!("{}{}", word(alert.state), since.unwrap_or_default());
    fact(&mut rows, ctx, "state", &state, alert_mark(alert).ink());
    if !alert.severity.is_empty() {
        fact(&mut rows, ctx, "severity", &alert.severity, Role::Text);
    }
    if !alert.summary.is_empty() {
        long(&mut rows, ctx, ("summary", &alert.summary), Role::Text, (area.width, 4));
    }
    if !alert.labels.is_empty() {
        long(&mut rows, ctx, ("labels", &alert.labels), Role::Muted, (area.width, 3));
    }
    let spec = match teller {
        Teller::Prometheus => &model.room.prometheus,
        Teller::Alertmanager => &model.room.alertmanager,
    };
    let url = spec.as_ref().map_or("", |spec| spec.url.as_str());
    fact(&mut rows, ctx, "told by", &format!("{teller} at {url}"), Role::Muted);
    let words = format!("as a condition: signal = \"alerts.firing{{{}}}\"", alert.name);
    fact(&mut rows, ctx, "", &words, Role::Muted);
}
