//! The first row: where this is, links, operator, clock. Wider screens say more; the clock is always there.
//!
//! ```text
//!  warroom  PRODUCTION  chat-backend   demo-chat · europe-west1   stable 00417-hux 90 %    ● 6/6 live   14:02:11Z
//! ```

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::domain::alert::Alert;
use crate::domain::format;
use crate::domain::revision::suffix;
use crate::domain::room::{CloudRunSpec, Mode};
use crate::model::Model;
use crate::model::service::ServiceState;
use crate::theme::Role;

use super::Ctx;
use super::widgets::text::width;
use super::widgets::{Mark, Pen};

/// Draws it in the first row of `area`.
pub fn draw(model: &Model, ctx: &Ctx<'_>, area: Rect, buf: &mut Buffer) {
    let wide = area.width >= 150;
    let gap = if wide { "   " } else { "  " };
    let mut pen = Pen::new(buf, area, 0);
    pen.skip_right(1);
    pen.put_right(&format::clock(model.now.wall), ctx.style(Role::Strong));
    if area.width >= 60 {
        pen.put_right(gap, Style::new()).line_right(&operator(model, ctx, area.width >= 100));
        pen.put_right(gap, Style::new()).line_right(&links(model, ctx)).skip_right(2);
        if let Some(alerts) = alerts(model, ctx, area.width) {
            pen.line_right(&alerts).skip_right(2);
        }
    } else {
        pen.skip_right(1);
    }
    // A badge has a space of its own at both ends.
    let badge = model.room.environment.production;
    if area.width >= 100 {
        pen.skip(1).put("warroom", ctx.style(Role::Muted)).skip(1);
    }
    pen.skip(u16::from(!badge));
    environment(&mut pen, model, ctx, area.width);
    // Parts that do not fit are left out whole: a cut revision is a wrong one.
    for (part, gap) in facts(model, ctx, area.width) {
        let cells: usize = part.spans.iter().map(|span| width(&span.content)).sum();
        if cells + gap > usize::from(pen.room()) {
            break;
        }
        pen.skip(gap as u16).line(&part);
    }
}

fn environment(pen: &mut Pen<'_>, model: &Model, ctx: &Ctx<'_>, columns: u16) {
    let environment = &model.room.environment;
    let name = environment.name.to_uppercase();
    let name = if columns < 60 { name.chars().take(4).collect() } else { name };
    if environment.production {
        pen.put(&format!(" {name} "), ctx.theme.fill(Role::Prod));
    } else {
        pen.put(&environment.name, ctx.style(Role::Muted));
    }
    pen.skip(if environment.production { 1 } else { 2 }).put(&model.room.name, ctx.style(Role::Title));
}

fn operator(model: &Model, ctx: &Ctx<'_>, with_role: bool) -> Line<'static> {
    let operator = &model.room.operator;
    let mut spans = vec![Span::styled(operator.name.clone(), ctx.style(Role::Text))];
    if with_role && !operator.role.is_empty() {
        spans.push(Span::styled(format!(" · {}", operator.role), ctx.style(Role::Muted)));
    }
    if operator.mode == Mode::ReadOnly {
        spans.push(Span::styled(" · read-only", ctx.style(Role::Warn)));
    }
    Line::from(spans)
}

/// What is alerted of, loud while nobody took up one of severity 1; and what is muted.
fn alerts(model: &Model, ctx: &Ctx<'_>, columns: u16) -> Option<Line<'static>> {
    let (book, now) = (&model.alerts.book, model.now.wall);
    let waiting = book.open().into_iter().filter(|alert| alert.acknowledged.is_none());
    let waiting: Vec<&Alert> = waiting.filter(|alert| book.muted(&alert.name, now).is_none()).collect();
    let mut spans = Vec::new();
    if let Some(first) = waiting.first() {
        let age = format::stopwatch((now - first.raised_at).to_std().unwrap_or_default());
        let (glyph, role) = if first.severity == 1 { ("✗", Role::Bad) } else { ("▲", Role::Warn) };
        let words = match (columns, waiting.len()) {
            (..100, count) => format!("{glyph} {}", format::counted(count, "alert")),
            (_, 1) => format!("{glyph} alert {} not acknowledged {age}", first.label()),
            (_, count) => format!("{glyph} {count} alerts not acknowledged {age}"),
        };
        spans.push(Span::styled(words, ctx.style(role)));
    }
    let muted = book.mutes(now).count();
    if muted > 0 {
        let gap = if spans.is_empty() { "" } else { " · " };
        spans.push(Span::styled(format!("{gap}{}", format::counted(muted, "mute")), ctx.style(Role::Warn)));
    }
    (!spans.is_empty()).then(|| Line::from(spans))
}

/// `● 6/6 live`: never a green dot while one is not.
pub(super) fn links(model: &Model, ctx: &Ctx<'_>) -> Line<'static> {
    let (live, all) = model.links.live(model.now.mono);
    let (glyph, role) = if live == all && all > 0 { ("●", Role::Good) } else { ("?", Role::Unknown) };
    let text = if live == all { Role::Text } else { Role::Unknown };
    Line::from(vec![
        Span::styled(glyph, ctx.style(role)),
        Span::styled(format!(" {live}/{all} live"), ctx.style(text)),
    ])
}

/// Project and region, then the revisions that serve; on narrower screens the canary alone. Each with its gap.
fn facts(model: &Model, ctx: &Ctx<'_>, columns: u16) -> Vec<(Line<'static>, usize)> {
    let gap = if columns >= 150 { 3 } else { 2 };
    let Some(service) = model.foremost() else { return Vec::new() };
    let Some(cloud) = model.room.service(service.ix).and_then(|s| s.cloud_run.as_ref()) else {
        return Vec::new();
    };
    let muted = ctx.style(Role::Muted);
    let mut facts = Vec::new();
    if columns >= 150 {
        facts.push((Line::styled(place(model, cloud), muted), gap));
    } else if columns >= 100 {
        facts.push((Line::styled(regions(model, cloud), muted), gap));
    }
    facts.extend(revisions(model, service, &cloud.service, ctx, columns).into_iter().map(|line| (line, gap)));
    facts
}

/// `demo-chat · europe-west1`; several are counted, since naming the first would hide the others.
fn place(model: &Model, first: &CloudRunSpec) -> String {
    let projects = distinct(model, |spec| &spec.project);
    let project = if projects > 1 { format!("{projects} projects") } else { first.project.clone() };
    format!("{project} · {}", regions(model, first))
}

fn regions(model: &Model, first: &CloudRunSpec) -> String {
    let regions = distinct(model, |spec| &spec.region);
    if regions > 1 { format!("{regions} regions") } else { first.region.clone() }
}

fn distinct(model: &Model, part: impl Fn(&CloudRunSpec) -> &str) -> usize {
    let all = model.room.services.iter().filter_map(|service| service.cloud_run.as_ref());
    all.map(part).collect::<BTreeSet<_>>().len()
}

fn revisions(
    model: &Model,
    service: &ServiceState,
    prefix: &str,
    ctx: &Ctx<'_>,
    columns: u16,
) -> Vec<Line<'static>> {
    let Some(traffic) = &service.traffic else { return Vec::new() };
    let source = crate::domain::SourceId::CloudRun { service: service.ix };
    let live = model.links.is_live(&source, model.now.mono);
    let rows = traffic.rows();
    let whose =
        if model.moves_several() { format!("{} ", model.service_name(service.ix)) } else { String::new() };
    let serving = rows.iter().filter(|row| row.effective > 0);
    let shown: Vec<_> = serving
        .filter(|row| {
            columns >= 150
                || rows.len() == 1
                || traffic.canary().is_none()
                || Some(row.name) == traffic.canary()
        })
        .collect();
    let line = |row: &&crate::model::traffic::Row<'_>| {
        let mut spans = Vec::new();
        if !live {
            spans.push(Mark::Unknown.span(ctx));
            spans.push(Span::raw(" "));
        }
        spans.push(Span::styled(format!("{whose}{} ", row.role), ctx.style(Role::Muted)));
        let name = if columns >= 100 { format!("{} ", suffix(prefix, row.name)) } else { String::new() };
        spans.push(Span::styled(
            format!("{name}{}", format::percent_whole(row.effective)),
            ctx.style(Role::Text),
        ));
        Line::from(spans)
    };
    shown.iter().take(2).map(line).collect()
}
