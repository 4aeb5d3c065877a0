//! Metrics, each between its target, warning and critical limit; right is worse in every row.
//!
//! ```text
//! ╭─ Metrics ✗ 1 ▲ 1 of 9 ────────── canary · live 1s ─╮
//! │                     now   target   good  warn crit │
//! │ ▾ chat_success    92.8 %     ≥ 95  ──────●┼───┼─── │
//! ╰────────────────────────────────────────────────────╯
//! ```

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::condition::{Comparator, ConditionSpec};
use crate::domain::firing::{Firing, FiringState};
use crate::domain::trail::{Span, millis};
use crate::domain::{ConditionState, Limit, ServiceIx, SourceId, format};
use crate::model::Model;
use crate::model::metrics::{Metric, MetricState, Metrics as State};
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::widgets::{Age, Align, Bullet, Mark, Pen, Title, bullet};

use super::{CHART, Chart, Panel, Summary, age, measured, sources};

pub(super) struct Metrics<'m> {
    model: &'m Model,
    age: Age,
    rows: Vec<Row<'m>>,
    /// Those that documents name, and that nothing and nobody reads: the full view lists them.
    unbound: usize,
    /// Alerts that run elsewhere: mark, name, and how they stand.
    alerts: Vec<(Mark, String, &'static str)>,
}

struct Row<'m> {
    of: &'m State,
    metric: &'m Metric,
    state: MetricState,
    mark: Mark,
    /// What it was when it was seen last, where it is not seen now.
    was: Mark,
    /// The limit of a condition that judges it harder than its own limits do.
    asked: Option<Limit>,
    name: String,
    unit: String,
    value: Option<f64>,
    target: Option<Limit>,
    warning: Option<Limit>,
    critical: Option<Limit>,
    error: Option<String>,
}

pub(super) fn gather(model: &Model) -> Metrics<'_> {
    let mut rows = Vec::new();
    for service in &model.services {
        let Some(metrics) = &service.metrics else { continue };
        rows.extend(
            metrics
                .metrics()
                .iter()
                .filter(|metric| !metric.is_unbound() && !metric.is_short_window())
                .map(|metric| row(model, service.ix, metrics, metric)),
        );
    }
    let alerts = model.elsewhere_alerts.active();
    let alerts = alerts.map(|(_, it)| (alert_mark(it), it.name.to_string(), it.state.into())).collect();
    let scraped = sources(model, |service| SourceId::Metrics { service });
    Metrics {
        model,
        age: age(model, scraped.chain([SourceId::Prometheus])),
        rows,
        unbound: model.unbound().count(),
        alerts,
    }
}

/// Firing it deserves a look, by its own word a hurried one; kept quiet it does not.
pub(in crate::view) fn alert_mark(alert: &Firing) -> Mark {
    let grave = matches!(&*alert.severity.to_lowercase(), "critical" | "page" | "emergency" | "error" | "p1");
    match alert.state {
        FiringState::Firing if grave => Mark::Bad,
        FiringState::Firing => Mark::Warn,
        FiringState::Pending => Mark::Active,
        FiringState::Silenced | FiringState::Inhibited => Mark::Idle,
    }
}

/// What a metric is now.
pub(in crate::view) struct Standing<'m> {
    pub(in crate::view) state: MetricState,
    pub(in crate::view) mark: Mark,
    /// What it was when it was seen last, where it is not seen now.
    pub(in crate::view) was: Mark,
    /// The condition that judges it harder than its own limits do.
    pub(in crate::view) asked: Option<&'m ConditionSpec>,
    /// Its number, where it may be shown: what was bad keeps it for as long as nobody sees that it is good.
    pub(in crate::view) value: Option<f64>,
}

impl<'m> Standing<'m> {
    pub(in crate::view) fn of(model: &'m Model, service: ServiceIx, of: &State, metric: &Metric) -> Self {
        let state = of.state(metric, model.now.mono);
        let (mark, asked) = judged(model, service, metric, state);
        let (was, before) = match state {
            MetricState::Stale => judged(model, service, metric, metric.worth()),
            _ => (mark, None),
        };
        let measured = measured(model, &metric.source(service));
        let shown = of.is_shown(metric, measured, model.now.mono) || is_bad(was);
        Self { state, mark, was, asked: asked.or(before), value: metric.value().filter(|_| shown) }
    }
}

fn row<'m>(model: &'m Model, service: ServiceIx, metrics: &'m State, metric: &'m Metric) -> Row<'m> {
    let Standing { state, mark, was, asked, value } = Standing::of(model, service, metrics, metric);
    Row {
        of: metrics,
        metric,
        state,
        mark,
        was,
        asked: asked.map(|spec| metric.value().map_or(spec.fail, |value| spec.crossed(value))),
        name: metric.spec.name.clone(),
        unit: metric.spec.unit.clone(),
        value,
        target: metric.spec.target,
        warning: metric.spec.warning,
        critical: metric.spec.critical,
        error: match metrics.outdated(metric, model.now.mono) {
            Some(age) => Some(format!("the newest sample is {} old", format::age(age))),
            None => metric.error().map(ToString::to_string),
        },
    }
}

/// Whether it deserves a look.
fn is_bad(mark: Mark) -> bool {
    matches!(mark, Mark::Warn | Mark::Bad)
}

/// What a metric is by its own limits, and by the conditions on it: one of them may be stricter, and is then told, too.
pub(super) fn judged<'m>(
    model: &'m Model,
    service: ServiceIx,
    metric: &Metric,
    state: MetricState,
) -> (Mark, Option<&'m ConditionSpec>) {
    let own = Mark::from(state);
    let asked = model.judged_metric(service, &metric.spec.signal()).filter(|_| own != Mark::Unknown);
    let asked =
        asked.map(|(spec, state)| (spec, if state == ConditionState::Fail { Mark::Bad } else { Mark::Warn }));
    asked.filter(|(_, mark)| *mark > own).map_or((own, None), |(spec, mark)| (mark, Some(spec)))
}

/// The last ten minutes of a metric, where over half the height is past its critical limit, also if less is worse; each
/// cell the worst of its time, and nothing before anything was known.
pub(super) fn ten_minutes(model: &Model, of: &State, metric: &Metric) -> Chart {
    let hold = of.lasts(metric, model.room.documented.readings_for);
    let (until, over) = (millis(model.now.mono), Duration::from_mins(10));
    let columns = metric.trail().columns(until, over, usize::from(CHART), hold);
    let known = columns.into_iter().skip_while(Option::is_none);
    let limit = metric.spec.critical.or(metric.spec.warning).filter(|limit| limit.value > 0.0);
    let least = limit.is_some_and(|limit| matches!(limit.op, Comparator::Lt | Comparator::Le));
    let height = |part: Span| match limit {
        Some(limit) if least && part.low > 0.0 => limit.value * limit.value / part.low,
        Some(_) if least => f64::INFINITY,
        _ => part.high,
    };
    Chart::Spark(known.map(|part| part.map(height)).collect(), limit.map(|limit| limit.value))
}

impl Row<'_> {
    fn number(&self) -> String {
        format::or_unknown(self.value, |value| format::in_unit(value, &self.unit))
    }

    fn limit_words(&self, limit: Limit) -> String {
        let number = format::limit(limit.value, &self.unit);
        format!("{} {number}{}", limit.op.symbol(), if self.unit == "%" { " %" } else { "" })
    }
}

impl<'m> Metrics<'m> {
    /// What there is to say without any metric.
    fn none(&self) -> &'static str {
        if self.age == Age::NotSetUp { "not set up" } else { "none named" }
    }

    fn count(&self, mark: Mark) -> usize {
        self.rows.iter().filter(|row| row.mark == mark).count()
    }

    fn mark(&self) -> Mark {
        self.rows.iter().map(|row| row.mark).max().unwrap_or(Mark::Idle)
    }

    /// The good one nearest to its warning, by its way from the target.
    fn closest(&self) -> Option<&Row<'m>> {
        let near = |row: &Row<'_>| {
            let (value, target) = (row.value?, row.target?.value);
            let end = row.warning.or(row.critical)?.value;
            let near = (value - target) / (end - target);
            near.is_finite().then_some(near)
        };
        let known = self.rows.iter().filter_map(|row| Some((near(row)?, row)));
        known.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, row)| row)
    }

    fn worst(&self) -> Option<&Row<'m>> {
        self.rows.iter().max_by_key(|row| (row.mark, is_bad(row.was), row.was))
    }

    /// How many were bad when they were seen last, and are not seen now: `last ✗ 2`.
    fn before(&self) -> Option<String> {
        let bad = || self.rows.iter().filter(|row| row.mark == Mark::Unknown && is_bad(row.was));
        let worst = bad().map(|row| row.was).max()?;
        Some(format!("last {} {}", worst.glyph(), bad().filter(|row| row.was == worst).count()))
    }

    /// How many are good, and how many are not.
    fn counted(&self, ctx: &Ctx<'_>) -> Title<'_> {
        let mut title = Title::new("Metrics", self.age);
        let (all, bad, warn, unseen) =
            (self.rows.len(), self.count(Mark::Bad), self.count(Mark::Warn), self.count(Mark::Unknown));
        if all == 0 && self.unbound == 0 {
            return title.note(self.none(), ctx.style(Role::Muted));
        }
        if all == 0 {
            return title;
        }
        if unseen == all {
            let before = self.before().map_or(String::new(), |before| format!(", {before}"));
            return title.state(ctx, Mark::Unknown, format!("0/{all} seen{before}"));
        }
        if bad + warn + unseen == 0 {
            return title.state(ctx, Mark::Good, format!("{all}/{all}"));
        }
        for (mark, count) in [(Mark::Bad, bad), (Mark::Warn, warn), (Mark::Unknown, unseen)] {
            if count > 0 {
                title = title.note(format!("{} {count}", mark.glyph()), ctx.style(mark.role()));
            }
        }
        title.note(format!("of {all}"), ctx.style(Role::Muted))
    }
}

impl Panel for Metrics<'_> {
    fn age(&self) -> Age {
        self.age
    }

    fn title(&self, ctx: &Ctx<'_>) -> Title<'_> {
        let title = self.counted(ctx);
        let unread = (self.unbound, "unread", Role::Unknown);
        let firing = self.alerts.iter().filter(|(mark, ..)| matches!(mark, Mark::Warn | Mark::Bad)).count();
        let told = [unread, (firing, "firing", Role::Warn)].into_iter().filter(|(count, ..)| *count > 0);
        told.fold(title, |title, (count, word, role)| {
            title.note(format!("· {count} {word}"), ctx.style(role))
        })
    }

    fn summary(&self) -> Summary {
        let (all, unseen) = (self.rows.len(), self.count(Mark::Unknown));
        let words = match self.worst() {
            None if self.unbound > 0 => format!("{} unread", self.unbound),
            None => self.none().to_owned(),
            Some(row) if unseen == all && !is_bad(row.was) => format!("0/{all} seen"),
            Some(row) if row.mark == Mark::Good => match self.closest() {
                Some(row) => format!("{all}/{all}, closest {} {}", row.name, row.number()),
                None => format!("{all}/{all}"),
            },
            Some(row) => {
                let (word, limit) = match (row.asked, row.was) {
                    (Some(limit), _) => ("limit", Some(limit)),
                    (None, Mark::Bad) => ("critical", row.critical),
                    (None, _) => ("limit", row.warning),
                };
                let sign = if row.unit == "%" { " %" } else { "" };
                let limit =
                    limit.map(|limit| format!(", {word} {}{sign}", format::limit(limit.value, &row.unit)));
                format!("{} {}{}", row.name, row.number(), limit.unwrap_or_default())
            }
        };
        let chart = self.worst().map_or(Chart::None, |row| ten_minutes(self.model, row.of, row.metric));
        Summary { mark: self.mark(), words, chart }
    }

    fn rows(&self) -> (u16, u16, bool) {
        let rows = ((self.rows.len() + self.alerts.len()) as u16 + 1).max(2);
        (rows, rows, false)
    }

    fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        if self.rows.is_empty() && self.alerts.is_empty() && self.unbound > 0 {
            Pen::new(buf, area, 0).put("Documents name metrics that nothing reads.", ctx.style(Role::Text));
            Pen::new(buf, area, 1).put("enter lists them; :reading NAME VALUE", ctx.style(Role::Muted));
            return;
        }
        if self.rows.is_empty() && self.alerts.is_empty() {
            let (what, next) = match self.age {
                Age::NotSetUp => ("No metrics endpoint in the config.", "[service.metrics] names one"),
                _ => ("No metric in the config.", "[[service.metrics.panel]] names one"),
            };
            Pen::new(buf, area, 0).put(what, ctx.style(Role::Text));
            Pen::new(buf, area, 1).put(next, ctx.style(Role::Muted));
            return;
        }
        let head = ctx.style(Role::Muted);
        let columns = Columns::of(area.width);
        let mut pen = Pen::new(buf, area, 0);
        pen.skip(2 + columns.name).number("now", columns.value, head);
        if columns.target > 0 {
            pen.number("target", columns.target, head);
        }
        if columns.bullet {
            pen.skip(2).put("good  warn crit", head);
        }
        for (row, at) in self.rows.iter().zip(1_u16..) {
            draw_row(&mut Pen::new(buf, area, at), ctx, &columns, row);
        }
        for ((mark, name, word), at) in self.alerts.iter().zip(self.rows.len() as u16 + 1..) {
            let mut pen = Pen::new(buf, area, at);
            pen.put(mark.glyph(), ctx.style(mark.role())).skip(1);
            pen.cell(name, columns.name, Align::Left, ctx.style(Role::Text));
            pen.number(word, columns.value, ctx.style(mark.ink()));
        }
    }
}

/// Widths of the columns: the target gives way before the bullet, the name last.
struct Columns {
    name: u16,
    value: u16,
    target: u16,
    bullet: bool,
}

impl Columns {
    fn of(width: u16) -> Self {
        let value = 8;
        let bullet = width >= 2 + 10 + value + 2 + bullet::CELLS;
        let taken = 2 + value + if bullet { 2 + bullet::CELLS } else { 0 };
        let target = if width >= taken + 12 + 9 { 9 } else { 0 };
        Self { name: width.saturating_sub(taken + target).min(28), value, target, bullet }
    }
}

fn draw_row(pen: &mut Pen<'_>, ctx: &Ctx<'_>, columns: &Columns, row: &Row<'_>) {
    let (mark, short) = (row.mark, row.state == MetricState::Short && row.asked.is_none());
    let judged = mark.ink();
    if short {
        pen.put("▾", ctx.style(Role::Muted))
    } else {
        pen.put(mark.glyph(), ctx.style(mark.role()))
    };
    pen.skip(1).cell(&row.name, columns.name, Align::Left, ctx.style(Role::Text));
    pen.number(&row.number(), columns.value, ctx.style(judged));
    if let Some(error) = row.error.as_ref().filter(|_| row.value.is_none() || row.state == MetricState::Stale)
    {
        pen.skip(2).put(error, ctx.style(Role::Unknown));
        return;
    }
    if columns.target > 0 {
        let target = row.target.map_or(String::new(), |limit| row.limit_words(limit).replace(" %", ""));
        pen.number(&target, columns.target, ctx.style(Role::Muted));
    }
    if columns.bullet {
        pen.skip(2);
        let at = |limit: Option<Limit>| limit.map(|limit| limit.value);
        let role = if short { Role::Strong } else { mark.role() };
        let seen = row.value.filter(|_| mark != Mark::Unknown);
        let (target, warning, critical) = (at(row.target), at(row.warning), at(row.critical));
        Bullet { value: seen, target, warning, critical, role }.draw(pen, ctx);
    }
}
