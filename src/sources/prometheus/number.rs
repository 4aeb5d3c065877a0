//! The number that an answer of the engine holds.

use super::Asked;
use crate::clients::prometheus::{Answered, Series};
use crate::domain::Clean;
use crate::domain::metric::{Gap, MetricValue};

/// Revisions told apart at most.
const MOST_REVISIONS: usize = 8;

/// The number of an answer, and those of the revisions that it tells apart.
pub(super) fn value(asked: &Asked, answered: &Answered) -> MetricValue {
    let newest = |series: &Series| series.points.last().map(|(_, value)| *value);
    let known = |series: &Series| newest(series).filter(|value| !value.is_nan());
    let split = answered
        .series
        .iter()
        .filter_map(|series| Some((Clean::new(series.labels.get(&asked.label)?), known(series)?)));
    let by_revision: Vec<_> = split.take(MOST_REVISIONS).collect();
    let told = MetricValue {
        name: asked.name.clone(),
        by_revision,
        error: answered.warning.clone(),
        ..MetricValue::default()
    };
    // What the engine itself calls incomplete is no answer; its hints on the query are none of that.
    if answered.warning.as_ref().is_some_and(|warning| !warning.starts_with("PromQL info")) {
        return MetricValue { by_revision: Vec::new(), ..told };
    }
    match answered.series.as_slice() {
        [] => MetricValue { gap: Some(Gap::Empty), ..told },
        [one] => match known(one) {
            Some(value) => MetricValue { value: Some(value), ..told },
            None => MetricValue { gap: Some(Gap::NotANumber), ..told },
        },
        many => {
            let count = many.len() + answered.left_out;
            let error = Clean::new(&format!("{count} series; wrap the query in sum()"));
            MetricValue { error: Some(error), ..told }
        }
    }
}
