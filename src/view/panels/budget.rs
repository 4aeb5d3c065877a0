//! Error budgets: what is left of each objective's, and how fast it burns.

use crate::domain::room::Tells;
use crate::domain::{SourceId, format};
use crate::model::Model;
use crate::model::metrics::{Metric, MetricState, Metrics};
use crate::view::widgets::{Age, Mark};

use super::lines::{Line, Lines, worst};
use super::{age, measured, sources};

pub(super) fn gather(model: &Model) -> Lines {
    let mut lines = Vec::new();
    let mut least: Option<f64> = None;
    for service in &model.services {
        let Some(metrics) = &service.metrics else { continue };
        let shown = |metric: &Metric| {
            let seen = measured(model, &metric.source(service.ix));
            metric.value().filter(|_| metrics.is_shown(metric, seen, model.now.mono))
        };
        for metric in metrics.metrics() {
            let Some(of) = metric.spec.objective.as_ref().filter(|of| of.tells == Tells::Budget) else {
                continue;
            };
            let (left, state) = (shown(metric), metrics.state(metric, model.now.mono));
            let mark = match (state, left) {
                (MetricState::Stale | MetricState::NoData | MetricState::Early, _) | (_, None) => {
                    Mark::Unknown
                }
                // More than all of it was spent, whatever limits it has.
                (_, Some(left)) if left < 0.0 => Mark::Bad,
                (state, _) => Mark::from(state),
            };
            least = [least, left.filter(|_| mark != Mark::Unknown)].into_iter().flatten().reduce(f64::min);
            let value = format::or_unknown(left, |left| format!("{} left", format::percent(left)));
            lines.push(Line::new(mark, &of.name, value).note(burn(metrics, &of.name, &shown)));
        }
    }
    let words = format::or_unknown(least, |least| format!("least left {}", format::percent(least)));
    Lines {
        name: "Error budget",
        age: if lines.is_empty() {
            Age::NotSetUp
        } else {
            age(model, sources(model, |service| SourceId::Metrics { service }).chain([SourceId::Prometheus]))
        },
        state: (worst(&lines), words),
        lines,
        foot: Vec::new(),
        empty: ("No objective in the config.", "[[objective]] states a share that has to go well"),
    }
}

/// How fast it burns over each of the longer windows.
fn burn(metrics: &Metrics, name: &str, shown: &dyn Fn(&Metric) -> Option<f64>) -> String {
    let of = |metric: &&Metric| {
        let tells = metric.spec.objective.as_ref().filter(|of| of.name == name).map(|of| of.tells);
        matches!(tells, Some(Tells::Burn(_))) && !metric.is_short_window()
    };
    let words = metrics.metrics().iter().filter(of).filter_map(|metric| {
        let Some(Tells::Burn(over)) = metric.spec.objective.as_ref().map(|of| of.tells) else { return None };
        let rate = format::or_unknown(shown(metric), format::ratio);
        Some(format!("{rate} in {}", format::span(over)))
    });
    format!("burns {}", words.collect::<Vec<_>>().join(", "))
}
