//! The canary beside the stable revision: what the series tell apart, and the server's closes.

use crate::domain::format;
use crate::model::Model;
use crate::model::metrics::{Metric, MetricState};
use crate::model::service::ServiceState;
use crate::model::traffic::TrafficState;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::panels::measured;
use crate::view::widgets::{Align, Mark, Pen};

/// A metric of both revisions.
pub(in crate::view) struct Compared {
    pub(super) name: String,
    unit: String,
    stable: Option<f64>,
    canary: Option<f64>,
    pub(super) mark: Mark,
    /// On how many observations each rests.
    samples: (Option<u64>, Option<u64>),
}

impl Compared {
    /// `12,004 / 1,203`; what is not known is `--`.
    pub(in crate::view) fn samples(&self) -> String {
        let number = |count: Option<u64>| count.map_or_else(|| format::UNKNOWN.to_owned(), format::count);
        match self.samples {
            (None, None) => String::new(),
            (stable, canary) => format!("{} / {}", number(stable), number(canary)),
        }
    }
}

/// Closes with each code of the last ten minutes, counted by the server on both revisions.
pub(in crate::view) fn compared_closes(
    model: &Model,
    service: &ServiceState,
    traffic: &TrafficState,
) -> Vec<Compared> {
    let (Some(stable), Some(canary)) = (traffic.stable(), traffic.canary()) else { return Vec::new() };
    let counted = service.closes.counted_on(&[stable, canary], model.now.mono);
    let row = |(code, counts): (u16, Vec<f64>)| {
        let of = |at: usize| counts.get(at).copied();
        Compared {
            name: format!("closes {code} in 10 min"),
            unit: String::new(),
            stable: of(0),
            canary: of(1),
            mark: Mark::Good,
            samples: (None, None),
        }
    };
    counted.into_iter().map(row).collect()
}

/// The metrics that the series tell apart by revision, worst first.
pub(in crate::view) fn compared(
    model: &Model,
    service: &ServiceState,
    traffic: &TrafficState,
    most: usize,
) -> Vec<Compared> {
    let (Some(stable), Some(canary), Some(metrics)) = (traffic.stable(), traffic.canary(), &service.metrics)
    else {
        return Vec::new();
    };
    let of = |metric: &Metric, name: &str| {
        metric.by_revision().iter().find(|(revision, _)| &**revision == name).map(|(_, value)| *value)
    };
    let row = |metric: &Metric| {
        let (a, b) = (of(metric, stable), of(metric, canary));
        if a.is_none() && b.is_none() {
            return None;
        }
        let shown = measured(model, &metric.source(service.ix));
        let (stable, canary) = (a.filter(|_| shown), b.filter(|_| shown));
        let mark = match metric.judge(canary) {
            _ if canary.is_none() => Mark::Unknown,
            MetricState::Fail => Mark::Bad,
            MetricState::Warn => Mark::Warn,
            MetricState::Pass
            | MetricState::Short
            | MetricState::NoData
            | MetricState::Early
            | MetricState::Stale => Mark::Good,
        };
        let samples = |name: &str| metric.samples_of(name);
        Some(Compared {
            samples: (samples(traffic.stable()?), samples(traffic.canary()?)),
            name: metric.spec.name.clone(),
            unit: metric.spec.unit.clone(),
            stable,
            canary,
            mark,
        })
    };
    let mut rows: Vec<Compared> = metrics.metrics().iter().filter_map(row).collect();
    // The worst are worth the room; among equals the config's order.
    rows.sort_by_key(|row| std::cmp::Reverse(row.mark));
    rows.truncate(most);
    rows
}

/// Draws one of them, its name in `name` cells.
pub(in crate::view) fn draw_compared(pen: &mut Pen<'_>, ctx: &Ctx<'_>, row: &Compared, name: u16) {
    let number = |value: Option<f64>| format::or_unknown(value, |value| format::in_unit(value, &row.unit));
    let judged = row.mark.ink();
    pen.cell(&row.name, name, Align::Left, ctx.style(Role::Text));
    pen.number(&number(row.stable), 9, ctx.style(Role::Text)).number(
        &number(row.canary),
        9,
        ctx.style(judged),
    );
    let (Some(stable), Some(canary)) = (row.stable, row.canary) else { return };
    pen.skip(3);
    if stable <= 0.0 || (canary / stable - 1.0).abs() < 0.15 {
        let word = if (canary - stable).abs() < f64::EPSILON || stable > 0.0 { "same" } else { "" };
        pen.put(word, ctx.style(Role::Muted));
        return;
    }
    if judged != Role::Text {
        pen.put(row.mark.glyph(), ctx.style(judged)).skip(1);
    }
    pen.put(
        &format::ratio(canary / stable),
        ctx.style(if judged == Role::Text { Role::Muted } else { judged }),
    );
}
