//! All alerts, and the one under the cursor: who has it, who was told what, and what they answered.
//!
//! ```text
//! ╭─ Alerts ✗ 1 not acknowledged, 2 open ───── 2 routes ─╮╭─ Alert a17 ✗ firing ─────────────────╮
//! │ ✗ 1 errors > 5 %: 6.1 %, limit 5 %   a17 · answer in ││ errors > 5 %: 6.1 %, limit 5 %       │
//! │ ● 2 closes spike: 4401               a12 · sam has it││ severity      1, answer within 05:00 │
//! ╰──────────────────────────────────────────────────────╯╰──────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::alert::{Alert, Mute, Outcome, State};
use crate::domain::room::AlertsSpec;
use crate::domain::{Clean, PanelId, format};
use crate::model::Model;
use crate::model::alerts::Row;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::panels::{Panel, alerts};
use crate::view::sheet::Rows;
use crate::view::widgets::{Age, Mark, Title, panel as boxed};

use super::parts::{fact, list, long};
use super::{WIDE, frame};

/// Draws the list, and the alert beside it, or below it where there is no room beside.
pub(super) fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, panel: &dyn Panel) {
    let all = model.alert_rows();
    if all.is_empty() {
        let inside = frame(area, buf, ctx, model, panel);
        panel.draw(inside, buf, ctx);
        let below =
            Rect { y: inside.y + 3.min(inside.height), height: inside.height.saturating_sub(3), ..inside };
        return routes(&mut Rows::new(buf, below, 0), ctx, model);
    }
    let (of_list, of_alert) = parts(area, all.len());
    let inside = frame(of_list, buf, ctx, model, panel);
    list(inside, buf, ctx, (model, PanelId::Alerts), &all, |pen, of| alerts::row(pen, ctx, model, of));
    let (Some(area), Some(chosen)) = (of_alert, model.alert_row()) else { return };
    match chosen {
        Row::Alert(alert) => {
            let label = alert.label();
            let name = format!("Alert {label}");
            let mark = alerts::mark(alert);
            let title = Title::new(&name, Age::NotSetUp).state(ctx, mark, alert.state().to_string());
            let inside = boxed(area, buf, ctx, &title, false);
            detail(inside, buf, ctx, model, alert);
        }
        Row::Mute(mute) => {
            let title = Title::new("Mute", Age::NotSetUp);
            let inside = boxed(area, buf, ctx, &title, false);
            mute_detail(inside, buf, ctx, model, mute);
        }
    }
}

/// Where the list and the alert stand.
fn parts(area: Rect, rows: usize) -> (Rect, Option<Rect>) {
    if area.width >= WIDE {
        let left = area.width * 11 / 20;
        let right = Rect { x: area.x + left, width: area.width - left, ..area };
        return (Rect { width: left, ..area }, Some(right));
    }
    let rows = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(2).min(area.height / 2);
    if area.height - rows < 6 {
        return (area, None);
    }
    let below = Rect { y: area.y + rows, height: area.height - rows, ..area };
    (Rect { height: rows, ..area }, Some(below))
}

fn detail(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, alert: &Alert) {
    let mut rows = Rows::new(buf, area, 0);
    let ink = if alert.is_open() { alerts::mark(alert).ink() } else { Role::Text };
    long(&mut rows, ctx, ("what", &alerts::subject(alert)), ink, (area.width, 3));
    let at = |wall| format::moment(wall, model.now.wall);
    let severity = model.room.alerts.as_ref().and_then(|spec| spec.severity(alert.severity));
    let within = severity
        .map_or(String::new(), |it| format!(", answer within {}", format::stopwatch(it.respond_within)));
    fact(&mut rows, ctx, "severity", &format!("{}{within}", alert.severity), Role::Text);
    stated(&mut rows, ctx, model, alert, area.width);
    fact(
        &mut rows,
        ctx,
        "raised",
        &format!("{} · {}", at(alert.raised_at), alerts::waits(model, alert)),
        Role::Text,
    );
    if let Some(said) = &alert.acknowledged {
        let note = if said.text.is_empty() { String::new() } else { format!(": {}", said.text) };
        let words = format!("{} by {}{note}", at(said.at), said.by);
        long(&mut rows, ctx, ("acknowledged", &words), Role::Text, (area.width, 2));
    }
    match (alert.escalated_at, severity.and_then(|it| it.escalate_after)) {
        (Some(when), _) => {
            let to = if alert.escalated_to.is_empty() {
                "nobody else".to_owned()
            } else {
                alert.escalated_to.join(", ")
            };
            fact(&mut rows, ctx, "escalated", &format!("{} to {to}", at(when)), Role::Warn);
        }
        (None, Some(after)) if alert.state() == State::Firing => {
            let age = (model.now.wall - alert.raised_at).to_std().unwrap_or_default();
            let left = format::stopwatch(after.saturating_sub(age));
            fact(&mut rows, ctx, "escalates", &format!("in {left}, unless acknowledged"), Role::Muted);
        }
        _ => {}
    }
    if let Some(said) = &alert.resolved {
        let words = format!("{} · {}", at(said.at), said.text);
        long(&mut rows, ctx, ("resolved", &words), Role::Good, (area.width, 2));
    }
    if let Some(mute) = model.alerts.book.muted(&alert.name, model.now.wall) {
        long(&mut rows, ctx, ("muted", &mute.words()), Role::Warn, (area.width, 2));
    }
    rows.skip();
    history(&mut rows, ctx, model, alert, area.width);
    rows.skip();
    routes(&mut rows, ctx, model);
}

/// What the documents say of its severity: what makes one, what is done, and who is told.
fn stated(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, alert: &Alert, cells: u16) {
    let Some(stated) = model.stated_severity(alert.severity) else { return };
    let criteria: Vec<&str> = stated.criteria.iter().map(Clean::as_str).collect();
    let all = [
        ("criteria", criteria.join("; ")),
        ("action", stated.action.to_string()),
        ("escalation", stated.escalation.to_string()),
    ];
    for (label, words) in all.iter().filter(|(_, words)| !words.is_empty()) {
        long(rows, ctx, (label, words), Role::Text, (cells, 6));
    }
}

/// Who was told what, the newest first.
fn history(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, alert: &Alert, cells: u16) {
    if alert.deliveries.is_empty() {
        let words = if alert.routes.is_empty() { "no route: it is shown here alone" } else { "nobody yet" };
        return fact(rows, ctx, "told", words, Role::Muted);
    }
    let labels = std::iter::once("told").chain(std::iter::repeat(""));
    for (label, told) in labels.zip(alert.deliveries.iter().rev()) {
        let mark = match told.outcome {
            Outcome::Sent => Mark::Good,
            Outcome::Failed => Mark::Warn,
            Outcome::GivenUp => Mark::Bad,
        };
        let tries = if told.attempt > 1 { format!(" (attempt {})", told.attempt) } else { String::new() };
        let when = format::moment(told.at, model.now.wall);
        let words = format!("{} {when} {} {}{tries}: {}", mark.glyph(), told.route, told.moment, told.answer);
        long(rows, ctx, (label, &words), mark.ink(), (cells, 3));
    }
}

fn mute_detail(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, mute: &Mute) {
    let mut rows = Rows::new(buf, area, 0);
    long(&mut rows, ctx, ("alerts of", &mute.what), Role::Strong, (area.width, 2));
    let left = (mute.until - model.now.wall).to_std().unwrap_or_default();
    let words = format!("{}, in {}", format::moment(mute.until, model.now.wall), format::stopwatch(left));
    fact(&mut rows, ctx, "until", &words, Role::Text);
    fact(&mut rows, ctx, "by", &mute.by, Role::Text);
    long(&mut rows, ctx, ("because", &mute.reason), Role::Text, (area.width, 4));
    rows.skip();
    rows.say("Nothing is sent and nothing rings; the verdict is as it is.", ctx.style(Role::Muted));
}

/// Where alerts go, and what documents name without a route.
fn routes(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model) {
    let none: &[_] = &[];
    let spec: Option<&AlertsSpec> = model.room.alerts.as_ref();
    let labels = std::iter::once("routes").chain(std::iter::repeat(""));
    for (label, route) in labels.zip(spec.map_or(none, |spec| &spec.routes)) {
        fact(rows, ctx, label, &format!("{} · {}", route.name, route.kind.word()), Role::Muted);
    }
    let labels = std::iter::once("in documents").chain(std::iter::repeat(""));
    for (label, named) in labels.zip(model.named_channels()) {
        let (words, role) = match &named.route {
            Some(route) => (format!("{} → {route}", named.channel), Role::Muted),
            None => (format!("{} · no route stands for it: it gets nothing", named.channel), Role::Warn),
        };
        fact(rows, ctx, label, &words, role);
    }
}
