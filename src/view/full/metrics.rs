//! One metric: its number against target, warning and critical over time, by revision, and the query behind it.
//!
//! ```text
//! ╭─ Metrics ✗ 1 of 3 ───────── live 0s ─╮╭─ Metric error_rate ✗ critical ─────────────── every 5s ─╮
//! │ ✗ error_rate                   6.1 % ││ error_rate                           6.1 %, critical 5  │
//! │ ✓ request_p95                  486ms ││   8 ▁▁▁▁▁▁▁▁▁▂▄▇██████████                              │
//! ╰──────────────────────────────────────╯╰─────────────────────────────────────────────────────────╯
//! ```

mod alert;
mod marks;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::condition::Purpose;
use crate::domain::firing::{Firing, Teller};
use crate::domain::metric::ByHand;
use crate::domain::room::{MetricFrom, MetricSpec, Tells};
use crate::domain::{Clean, Limit, PanelId, ServiceIx, format};
use crate::model::Model;
use crate::model::metrics::{Metric, MetricState, Metrics};
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::panels::{Panel, Standing, alert_mark, trends};
use crate::view::sheet::Rows;
use crate::view::widgets::{Age, Align, Bullet, Mark, Pen, Title, panel as boxed};

use marks::marks;

use super::frame;
use super::parts::{LABEL, chosen, fact, halves, list, long, place};

/// Columns of the list of metrics.
const LIST: u16 = 44;
/// Rows of the plot at most, times below included.
const PLOT: u16 = 17;
/// Rows that the facts need.
const FACTS: u16 = 12;

struct Row<'m> {
    service: ServiceIx,
    of: &'m Metrics,
    metric: &'m Metric,
    state: MetricState,
    mark: Mark,
    /// What it was when it was seen last.
    was: Mark,
    /// What a condition is for that judges it harder than its own limits do.
    asked: Option<Purpose>,
    /// The newest number, young enough to be shown.
    value: Option<f64>,
}

/// What stands in the list.
enum Listed<'m> {
    Metric(Row<'m>),
    /// One that runs elsewhere, and who tells of it.
    Alert(Teller, &'m Firing),
}

/// Draws the metrics, and the one under the cursor.
pub(super) fn draw(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, panel: &dyn Panel) {
    let rows: Vec<Listed<'_>> = rows(model)
        .into_iter()
        .map(Listed::Metric)
        .chain(model.elsewhere_alerts.active().map(|(teller, alert)| Listed::Alert(teller, alert)))
        .collect();
    let (left, right) = halves(area, LIST);
    let at = chosen(model, PanelId::Metrics, rows.len());
    let Some(row) = rows.get(at) else {
        let inside = frame(area, buf, ctx, model, panel);
        return panel.draw(inside, buf, ctx);
    };
    let right = match left {
        Some(left) => {
            let inside = frame(left, buf, ctx, model, panel);
            list(inside, buf, ctx, (model, PanelId::Metrics), &rows, |pen, row| list_line(pen, ctx, row));
            let name = named(row);
            boxed(right, buf, ctx, &title(ctx, model, row, &name), false)
        }
        None => frame(right, buf, ctx, model, panel),
    };
    match row {
        Listed::Metric(row) => detail(right, buf, ctx, model, row, left.is_some()),
        Listed::Alert(teller, alert) => alert::detail(right, buf, ctx, model, (*teller, alert)),
    }
    if left.is_none() {
        place(right, buf, ctx, "metric", at, rows.len());
    }
}

fn list_line(pen: &mut Pen<'_>, ctx: &Ctx<'_>, row: &Listed<'_>) {
    let row = match row {
        Listed::Metric(row) => row,
        Listed::Alert(_, alert) => return alert::line(pen, ctx, alert),
    };
    let number = number(row.value, &row.metric.spec.unit);
    pen.put_right(&number, ctx.style(row.mark.ink())).skip_right(1);
    pen.put(row.mark.glyph(), ctx.style(row.mark.role())).skip(1);
    pen.put(&row.metric.spec.name, ctx.style(Role::Text));
}

fn named(row: &Listed<'_>) -> String {
    match row {
        Listed::Metric(row) => format!("Metric {}", row.metric.spec.name),
        Listed::Alert(_, alert) => format!("Alert {}", alert.name),
    }
}

fn title<'t>(ctx: &Ctx<'_>, model: &Model, row: &Listed<'_>, name: &'t str) -> Title<'t> {
    let row = match row {
        Listed::Metric(row) => row,
        Listed::Alert(_, alert) => {
            let title = Title::new(name, Age::Local);
            return title.state(ctx, alert_mark(alert), alert::word(alert.state));
        }
    };
    let source = row.metric.source(row.service);
    let apart = matches!(row.metric.spec.from, MetricFrom::Person | MetricFrom::Value);
    let age = if apart { Age::Local } else { Age::of(model.links.get(&source), model.now.mono) };
    Title::new(name, age).state(ctx, row.mark, row.word())
}

fn rows(model: &Model) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for service in &model.services {
        let Some(of) = &service.metrics else { continue };
        rows.extend(of.metrics().iter().map(|metric| {
            let Standing { state, mark, was, asked, value } = Standing::of(model, service.ix, of, metric);
            let asked = asked.filter(|_| mark != Mark::Unknown).map(|spec| spec.purpose);
            Row { service: service.ix, of, metric, state, mark, was, asked, value }
        }));
    }
    rows
}

impl Row<'_> {
    fn word(&self) -> &'static str {
        match (self.asked, self.mark) {
            (Some(Purpose::Trigger), Mark::Bad) => return "a trigger tripped",
            (Some(Purpose::Trigger), _) => return "a trigger warns",
            (Some(Purpose::Criterion), Mark::Bad) => return "a criterion fails",
            (Some(Purpose::Criterion), _) => return "a criterion warns",
            (None, _) => {}
        }
        match self.state {
            MetricState::Pass => "on target",
            MetricState::Short => "in the grey zone",
            MetricState::Warn => "past its warning",
            MetricState::Fail => "critical",
            MetricState::NoData if self.metric.is_unbound() => "no source",
            MetricState::NoData => "no data",
            MetricState::Early => "too little watched",
            MetricState::Unjudged => "not judged",
            MetricState::Stale if self.metric.spec.problem().is_some() => "not asked",
            MetricState::Stale if self.was == Mark::Bad => "not seen, was critical",
            MetricState::Stale if self.was == Mark::Warn => "not seen, was past its warning",
            MetricState::Stale => "not seen",
        }
    }
}

fn number(value: Option<f64>, unit: &str) -> String {
    format::or_unknown(value, |value| format::in_unit(value, unit))
}

fn limit(limit: Option<Limit>, unit: &str) -> String {
    let sign = if unit == "%" { " %" } else { "" };
    format::or_unknown(limit, |l| format!("{} {}{sign}", l.op.symbol(), format::limit(l.value, unit)))
}

/// All of one metric; `titled`: its name and state stand in the title already.
fn detail(area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model, row: &Row<'_>, titled: bool) {
    let (spec, unit) = (&row.metric.spec, row.metric.spec.unit.as_str());
    let mut head = Pen::new(buf, area, 0);
    head.put_right(&number(row.value, unit), ctx.style(row.mark.ink()));
    if titled {
        let when = if row.mark == Mark::Unknown && row.value.is_some() { "last " } else { "now " };
        head.put_right(when, ctx.style(Role::Muted));
        head.put(&format!("the last {}", model.ui.window.words()), ctx.style(Role::Muted)).skip(3);
        legend(&mut head, ctx, spec);
    } else {
        head.put(&spec.name, ctx.style(Role::Strong)).skip(2).put(row.word(), ctx.style(row.mark.ink()));
    }
    let plot = PLOT.min(area.height.saturating_sub(FACTS + 2));
    let mut used = 2;
    if plot >= 4 {
        let at = Rect { y: area.y + 2, height: plot, ..area };
        trends::draw_chart(at, buf, ctx, model, (row.service, row.of, row.metric));
        used += plot + 1;
    }
    let rest = Rect { y: area.y + used.min(area.height), height: area.height.saturating_sub(used), ..area };
    let mut rows = Rows::new(buf, rest, 0);
    limits(&mut rows, ctx, row);
    marks(&mut rows, ctx, model, row, rest.width);
    revisions(&mut rows, ctx, model, row);
    let latest = row.metric.latest.as_ref();
    let samples = latest
        .and_then(|(_, value)| value.samples)
        .map_or(String::new(), |samples| format!(", over {} observations", format::count(samples)));
    let at = row.metric.age(model.now.mono).map(format::age_seconds);
    let at = at.map_or_else(|| "never".to_owned(), |age| format!("{age} ago{samples}"));
    let (read, from) = origin(model, row);
    fact(&mut rows, ctx, read, &at, Role::Text);
    if row.metric.value().is_none()
        && let Some((known, value)) = row.metric.known
    {
        let age = format::age_seconds(model.now.mono.since(known));
        let words = format!("{}, {age} ago", format::in_unit(value, unit));
        fact(&mut rows, ctx, "last known", &words, Role::Unknown);
    }
    if let Some(error) = row.metric.error() {
        long(&mut rows, ctx, ("problem", error), Role::Bad, (rest.width, 3));
    } else if let Some(gap) = row.metric.gap() {
        long(&mut rows, ctx, ("problem", &Clean::new(gap.words())), Role::Unknown, (rest.width, 3));
    }
    if spec.from == MetricFrom::Person {
        unbound(&mut rows, ctx, row.metric, rest.width);
    } else {
        let what = if spec.from == MetricFrom::Value { "read from" } else { "query" };
        long(&mut rows, ctx, (what, &Clean::new(&spec.query)), Role::Accent, (rest.width, 4));
    }
    if let Some(objective) = &spec.objective {
        let words = tells(&objective.name, objective.tells);
        long(&mut rows, ctx, ("objective", &Clean::new(&words)), Role::Muted, (rest.width, 2));
    }
    documented(&mut rows, ctx, spec, rest.width);
    let label = if spec.from == MetricFrom::Value { "asked" } else { "read from" };
    fact(&mut rows, ctx, label, &from, Role::Muted);
}

/// What the lines and the dots of the chart are.
fn legend(pen: &mut Pen<'_>, ctx: &Ctx<'_>, spec: &MetricSpec) {
    let unit = spec.unit.as_str();
    let bad = if spec.warning.is_some() { Role::Bad } else { Role::Warn };
    for (word, of, role) in [("warning", spec.warning, Role::Warn), ("critical", spec.critical, bad)] {
        if of.is_some() && usize::from(pen.room()) > 24 {
            pen.put("╌ ", ctx.style(role))
                .put(&format!("{word} {}", limit(of, unit)), ctx.style(Role::Muted))
                .skip(3);
        }
    }
    let first =
        spec.warning.or(spec.critical).filter(|first| Some(first.value) != spec.target.map(|it| it.value));
    if let (Some(target), Some(first)) = (spec.target, first) {
        let (target, first) = (format::limit(target.value, unit), format::limit(first.value, unit));
        let words = format!("dots: the grey zone, {target} to {first}");
        if usize::from(pen.room()) > words.len() {
            pen.put(&words, ctx.style(Role::Muted));
        }
    }
}

/// What a metric tells of its objective.
fn tells(name: &str, tells: Tells) -> String {
    match tells {
        Tells::Budget => format!("what is left of the failures that {name} may have in its window"),
        Tells::Burn(over) => {
            let over = format::short(over);
            format!("1 spends the budget of {name} exactly in its window; looked at over {over}")
        }
    }
}

/// How one that people read gets a number: now, and for good.
fn unbound(rows: &mut Rows<'_>, ctx: &Ctx<'_>, metric: &Metric, width: u16) {
    let name = &metric.spec.name;
    fact(rows, ctx, "write", &format!(":reading {name} VALUE"), Role::Accent);
    if metric.spec.documented.is_none() {
        return;
    }
    match metric.proposals.as_slice() {
        [] => fact(rows, ctx, "or bind it", "no series is called like it; see [[bind_metric]]", Role::Muted),
        found => {
            for (proposal, at) in found.iter().zip(0..) {
                let label = if at == 0 { "is it" } else { "or" };
                long(rows, ctx, (label, &proposal.query), Role::Accent, (width, 2));
            }
            let words = format!("then in the config: [[bind_metric]] name = \"{name}\", and that query");
            fact(rows, ctx, "", &words, Role::Muted);
        }
    }
}

/// What a document has to do with it.
fn documented(rows: &mut Rows<'_>, ctx: &Ctx<'_>, spec: &MetricSpec, width: u16) {
    let Some(documented) = &spec.documented else { return };
    if let Some(better) = &documented.proposal {
        long(rows, ctx, ("rather", better), Role::Accent, (width, 4));
    }
    if let Some(why) = &documented.unjudged {
        long(rows, ctx, ("not judged", why), Role::Warn, (width, 3));
    }
    let what = match spec.from {
        _ if documented.limits_only => "its limits; the query is the config's",
        MetricFrom::Person => "name and limits",
        MetricFrom::Scrape | MetricFrom::Prometheus | MetricFrom::Value | MetricFrom::Nowhere => {
            "query and limits"
        }
    };
    fact(rows, ctx, "stated in", &format!("{}, {what}", documented.place), Role::Muted);
}

/// How its newest value came here, and from where.
fn origin(model: &Model, row: &Row<'_>) -> (&'static str, String) {
    let every = format::limit(row.of.interval(row.metric).as_secs_f64(), "s");
    match row.metric.spec.from {
        MetricFrom::Scrape => {
            let metrics = model.room.service(row.service).and_then(|service| service.metrics.as_ref());
            let url = metrics.and_then(|metrics| metrics.url.as_deref()).unwrap_or_default();
            ("scraped", format!("{url} every {every}, {} series", format::count(row.of.series())))
        }
        MetricFrom::Prometheus => {
            let url = model.room.prometheus.as_ref().map_or("", |engine| engine.url.as_str());
            ("asked", format!("Prometheus at {url} every {every}"))
        }
        MetricFrom::Value => ("read", format!("every {every}")),
        MetricFrom::Person => ("read", by_whom(row.metric.by_hand.as_ref())),
        MetricFrom::Nowhere => ("asked", "nowhere: see the problem".to_owned()),
    }
}

/// Who read it last.
fn by_whom(reading: Option<&ByHand>) -> String {
    match reading {
        None => "a person: nobody has written a reading down".to_owned(),
        Some(reading) if reading.note.is_empty() => {
            format!("{}, at {}", reading.by, format::clock(reading.at))
        }
        Some(reading) => format!("{}, at {}: {}", reading.by, format::clock(reading.at), reading.note),
    }
}

fn limits(rows: &mut Rows<'_>, ctx: &Ctx<'_>, row: &Row<'_>) {
    let spec = &row.metric.spec;
    let unit = spec.unit.as_str();
    let at = |limit: Option<Limit>| limit.map(|limit| limit.value);
    let mut line = rows.row();
    line.cell("limits", LABEL, Align::Left, ctx.style(Role::Muted));
    for (word, of) in [("target", spec.target), ("warning", spec.warning), ("critical", spec.critical)] {
        if of.is_some() {
            line.put(&format!("{word} "), ctx.style(Role::Muted));
            line.put(&limit(of, unit), ctx.style(Role::Text)).skip(3);
        }
    }
    if spec.target.is_none() && spec.warning.is_none() && spec.critical.is_none() {
        line.put("none: it is shown, and judges nothing", ctx.style(Role::Muted));
        return;
    }
    let mut line = rows.row();
    line.cell("", LABEL, Align::Left, ctx.style(Role::Muted));
    let role = if row.state == MetricState::Short { Role::Strong } else { row.mark.role() };
    let value = row.value.filter(|_| row.mark != Mark::Unknown);
    let (target, warning, critical) = (at(spec.target), at(spec.warning), at(spec.critical));
    Bullet { value, target, warning, critical, role }.draw(&mut line, ctx);
    let words = if row.state == MetricState::Short {
        "the grey zone: short of its target"
    } else {
        "right is worse, dotted is grey"
    };
    line.skip(2).put(words, ctx.style(Role::Muted));
}

/// The same number of each revision, where the series tell them apart.
fn revisions(rows: &mut Rows<'_>, ctx: &Ctx<'_>, model: &Model, row: &Row<'_>) {
    let by = row.metric.by_revision();
    if row.metric.spec.from == MetricFrom::Person {
        return;
    }
    if by.is_empty() {
        return fact(rows, ctx, "by revision", "the series do not tell revisions apart", Role::Muted);
    }
    for ((name, value), at) in by.iter().take(6).zip(0..) {
        let value = Some(*value).filter(|_| row.value.is_some());
        let role = match row.metric.judge(value) {
            _ if value.is_none() => Role::Unknown,
            MetricState::Fail => Role::Bad,
            MetricState::Warn => Role::Warn,
            MetricState::Pass
            | MetricState::Short
            | MetricState::NoData
            | MetricState::Early
            | MetricState::Unjudged
            | MetricState::Stale => Role::Text,
        };
        let mut line = rows.row();
        let label = if at == 0 { "by revision" } else { "" };
        line.cell(label, LABEL, Align::Left, ctx.style(Role::Muted));
        line.cell(model.short_revision(row.service, name), 22, Align::Left, ctx.style(Role::Text));
        line.number(&number(value, &row.metric.spec.unit), 9, ctx.style(role));
    }
}
