//! Health probes: status, latency now and p95 against the limit, and how long one has been failing.
//!
//! ```text
//! ╭─ Health ▲ 4/4, 1 slow ─────────── live 1s ─╮
//! │ ▲ api      200  41ms ▂▂▂▂▂▂▁▂▂▂▂▄▆▄ p95 63 │
//! │ limit 50ms, while starting 100ms           │
//! ╰────────────────────────────────────────────╯
//! ```

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::health::{ProbeOutcome, ProbeState};
use crate::domain::{ConditionState, PanelId, SourceId, format};
use crate::model::Model;
use crate::model::health::{Probe, Summary as Counts};
use crate::model::service::ServiceState;
use crate::theme::Role;
use crate::view::widgets::{Age, Align, Mark, Pen, Spark, Title};
use crate::view::{Ctx, Trust};

use super::{CHART, Chart, Panel, Summary, age, measured};

/// Cells of a row's sparkline at most.
const SPARK: usize = 30;

pub(super) struct Health<'m> {
    model: &'m Model,
    age: Age,
    rows: Vec<Row<'m>>,
    counts: Counts,
    /// A condition of the probes that fails: one may be up just now, and down every minute.
    fails: Option<String>,
    /// The limits that all probes share: (healthy, starting).
    limits: Option<(Duration, Duration)>,
}

struct Row<'m> {
    probe: &'m Probe,
    mark: Mark,
    name: String,
    status: String,
    latency: Option<Duration>,
    p95: Option<Duration>,
    limit: Duration,
    samples: Vec<Option<f64>>,
    failing: Option<Duration>,
    flapping: bool,
    finding: Option<String>,
}

pub(super) fn gather(model: &Model) -> Health<'_> {
    let now = model.now.mono;
    let fails = model.fails_on(PanelId::Health).map(|spec| spec.name.replacen("health ", "", 1));
    let mut health = Health {
        model,
        age: Age::NotSetUp,
        rows: Vec::new(),
        counts: Counts::default(),
        fails,
        limits: None,
    };
    let mut sources = Vec::new();
    for service in &model.services {
        for (probe, at) in service.health.probes().iter().zip(0_u16..) {
            let source = SourceId::Health { service: service.ix, probe: at };
            let shown = measured(model, &source) || probe.is_fresh(now);
            health.rows.push(row(model, service, probe, shown));
            sources.push(source);
        }
        let more = service.health.summary(now);
        let sum = &mut health.counts;
        sum.total += more.total;
        sum.healthy += more.healthy;
        sum.slow += more.slow;
        sum.failing += more.failing;
        sum.starting += more.starting;
        sum.unseen += more.unseen;
        sum.contradictions += more.contradictions;
    }
    health.age = age(model, sources.into_iter());
    let mut specs =
        model.services.iter().flat_map(|s| s.health.probes()).map(|p| (p.spec.limit, p.spec.limit_starting));
    let first = specs.next();
    health.limits = first.filter(|first| specs.all(|limits| limits == *first));
    health
}

/// What a probe says, and what the conditions on it say: one that is up just now may be down every minute.
pub(in crate::view) fn judged(model: &Model, service: &ServiceState, probe: &Probe) -> Mark {
    if !probe.is_fresh(model.now.mono) {
        return Mark::Unknown;
    }
    let slow = || probe.is_slow(service.health.limit(probe)) || probe.seen.contradiction.is_some();
    let mark = match probe.seen.state() {
        ProbeState::Unknown | ProbeState::Unreachable => return Mark::Unknown,
        ProbeState::Unhealthy | ProbeState::Silent => Mark::Bad,
        ProbeState::Starting => Mark::Active,
        ProbeState::Healthy if slow() => Mark::Warn,
        ProbeState::Healthy => Mark::Good,
    };
    match model.judged_probe(service.ix, &probe.spec.name) {
        Some((_, ConditionState::Fail)) => Mark::Bad,
        Some(_) if mark == Mark::Good => Mark::Warn,
        _ => mark,
    }
}

fn row<'m>(model: &Model, service: &ServiceState, probe: &'m Probe, shown: bool) -> Row<'m> {
    let now = model.now.mono;
    let seen = &probe.seen;
    let limit = service.health.limit(probe);
    let fresh = probe.is_fresh(now);
    let mark = judged(model, service, probe);
    let falls = format!("health.{}.falls", probe.spec.name);
    let judges = model.judged_probe(service.ix, &probe.spec.name);
    let flapping = fresh && judges.is_some_and(|(spec, _)| spec.signal.name == falls);
    let latency = match seen.last.as_ref().map(|last| &last.outcome) {
        Some(ProbeOutcome::Answered { latency, .. }) if shown => Some(*latency),
        _ => None,
    };
    let status = probe.answer().filter(|_| shown).unwrap_or_else(|| format::UNKNOWN.to_owned());
    let error = probe.error().or(probe.refusal()).filter(|_| probe.is_recent(now)).map(ToString::to_string);
    let contradiction = seen.contradiction.as_ref().filter(|_| fresh).map(|(found, _)| found.to_string());
    Row {
        probe,
        mark,
        name: probe.spec.name.clone(),
        status,
        latency,
        p95: seen.p95.filter(|_| shown),
        limit,
        samples: seen
            .spark(SPARK, probe.period(), now)
            .into_iter()
            .map(|latency| latency.map(|latency| latency.as_secs_f64()))
            .collect(),
        failing: seen.failing_for().filter(|_| fresh),
        flapping,
        finding: error.or(contradiction).map(|what| format!("{}: {what}", probe.spec.name)),
    }
}

impl Row<'_> {
    fn is_slow(&self) -> bool {
        self.mark == Mark::Warn && self.p95.is_some_and(|p95| p95 > self.limit)
    }
}

impl<'m> Health<'m> {
    fn mark(&self) -> Mark {
        match self.counts {
            Counts { total: 0, .. } => Mark::Idle,
            _ if self.age.trust() == Trust::Old => Mark::Unknown,
            Counts { failing, .. } if failing > 0 || self.fails.is_some() => Mark::Bad,
            Counts { unseen, .. } if unseen > 0 => Mark::Unknown,
            Counts { starting, .. } if starting > 0 => Mark::Active,
            _ if self.rows.iter().any(|row| row.mark == Mark::Warn) => Mark::Warn,
            _ => Mark::Good,
        }
    }

    fn words(&self) -> String {
        let Counts { total, healthy, slow, failing, starting, contradictions, .. } = self.counts;
        let flapping = self.rows.iter().filter(|row| row.flapping).count();
        let mut words = format!("{healthy}/{total}");
        for (count, word) in [
            (failing, "failing"),
            (starting, "starting"),
            (flapping, "flapping"),
            (slow, "slow"),
            (contradictions, "contradict"),
        ] {
            if count > 0 {
                words += &format!(", {count} {word}");
            }
        }
        match &self.fails {
            Some(fails) if failing == 0 && flapping == 0 => format!("{words}, {fails}"),
            _ => words,
        }
    }

    /// The row worth naming: the worst, and of equals the slowest against its limit.
    fn worst(&self) -> Option<&Row<'m>> {
        let share = |row: &Row| row.p95.map_or(0.0, |p95| p95.as_secs_f64() / row.limit.as_secs_f64());
        self.rows.iter().max_by(|a, b| a.mark.cmp(&b.mark).then(share(a).total_cmp(&share(b))))
    }
}

impl Panel for Health<'_> {
    fn age(&self) -> Age {
        self.age
    }

    fn title(&self, ctx: &Ctx<'_>) -> Title<'_> {
        let title = Title::new("Health", self.age);
        if self.rows.is_empty() {
            return title.note("not set up", ctx.style(Role::Muted));
        }
        title.state(ctx, self.mark(), self.words())
    }

    fn summary(&self) -> Summary {
        let Some(worst) = self.worst() else {
            return Summary { mark: Mark::Idle, words: "not set up".into(), chart: Chart::None };
        };
        let p95 = format::or_unknown(worst.p95, format::short);
        let limit =
            if worst.is_slow() { format!(", limit {}", format::short(worst.limit)) } else { String::new() };
        let detail = match worst.failing {
            Some(length) => format!("{} failing {}", worst.name, format::stopwatch(length)),
            None => format!("{} p95 {p95}{limit}", worst.name),
        };
        let (over, now) = (Duration::from_mins(10), self.model.now.mono);
        let samples = worst.probe.seen.columns(over, usize::from(CHART), now).into_iter();
        let samples = samples.map(|latency| latency.map(|latency| latency.as_secs_f64())).collect();
        let chart = Chart::Spark(samples, Some(worst.limit.as_secs_f64()));
        Summary { mark: self.mark(), words: format!("{}, {detail}", self.words()), chart }
    }

    fn rows(&self) -> (u16, u16, bool) {
        let rows = (self.rows.len() as u16 + 1).max(2);
        (rows, rows, false)
    }

    fn draw(&self, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        if self.rows.is_empty() {
            Pen::new(buf, area, 0).put("No health probe in the config.", ctx.style(Role::Text));
            Pen::new(buf, area, 1).put("[[service.health]] adds one", ctx.style(Role::Muted));
            return;
        }
        for (row, at) in self.rows.iter().zip(0_u16..) {
            draw_row(&mut Pen::new(buf, area, at), ctx, row);
        }
        let mut last = Pen::new(buf, area, self.rows.len() as u16);
        let finding = self.rows.iter().filter(|row| row.finding.is_some()).max_by_key(|row| row.mark);
        match (finding.and_then(|row| Some((row.mark, row.finding.as_ref()?))), self.limits) {
            (Some((mark, finding)), _) => {
                last.put(mark.glyph(), ctx.style(mark.role())).skip(1).put(finding, ctx.style(mark.role()))
            }
            (None, Some((limit, starting))) => {
                let words =
                    format!("limit {}, while starting {}", format::short(limit), format::short(starting));
                last.put(&words, ctx.style(Role::Muted))
            }
            (None, None) => last.put("each against its own limit", ctx.style(Role::Muted)),
        };
    }
}

fn draw_row(pen: &mut Pen<'_>, ctx: &Ctx<'_>, row: &Row<'_>) {
    let judged = row.mark.ink();
    let name = pen.room().saturating_sub(34).clamp(8, 16);
    pen.put(row.mark.glyph(), ctx.style(row.mark.role())).skip(1);
    pen.cell(&row.name, name, Align::Left, ctx.style(Role::Text));
    let status = if row.mark == Mark::Bad { Role::Bad } else { Role::Text };
    pen.number(&row.status, 4, ctx.style(status));
    pen.number(&format::or_unknown(row.latency, format::short), 6, ctx.style(Role::Text)).skip(1);
    if let Some(length) = row.failing.filter(|_| row.mark != Mark::Good) {
        pen.put_right(&format::stopwatch(length), ctx.style(judged));
        let word = if row.mark == Mark::Active { "starting " } else { "failing " };
        pen.put_right(word, ctx.style(Role::Muted)).skip_right(1);
    } else {
        let p95 = row.p95.map_or_else(|| format::UNKNOWN.to_owned(), short_ms);
        let slow = if row.is_slow() { Role::Warn } else { Role::Text };
        pen.put_right(&format!(" {p95:>2}"), ctx.style(slow))
            .put_right("p95", ctx.style(Role::Muted))
            .skip_right(1);
    }
    let cells = pen.room().min(SPARK as u16);
    Spark { samples: &row.samples, limit: Some(row.limit.as_secs_f64()), over: Role::Warn }
        .draw(pen, ctx, cells);
}

/// Milliseconds without their unit while they are short; the limit's row says the unit.
fn short_ms(length: Duration) -> String {
    if length < Duration::from_secs(1) {
        format!("{:.0}", length.as_secs_f64() * 1000.0)
    } else {
        format::short(length)
    }
}
