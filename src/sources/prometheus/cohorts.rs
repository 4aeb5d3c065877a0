//! The same numbers for each of two cohorts, asked of the engine: each query once more over the series of either, and for how
//! many observations stand behind it.

use crate::clients::prometheus::{Answered, Engine};
use crate::domain::metric::Cohorted;
use crate::domain::room::CohortSpec;
use crate::promql::only::{observed, only};

/// What is asked of the cohorts of one flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cohort {
    name: String,
    sides: [Side; 2],
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Side {
    query: String,
    /// For the observations behind it, where it counts any.
    observed: Option<String>,
}

impl Cohort {
    /// Nothing where the query reads no series.
    pub(super) fn of(query: &str, spec: &CohortSpec) -> Option<Self> {
        let side = |value: &String| {
            let query = only(query, &spec.label, value)?;
            Some(Side { observed: observed(&query), query })
        };
        let [one, other] = spec.values.each_ref().map(side);
        Some(Self { name: spec.name.clone(), sides: [one?, other?] })
    }

    /// Asks for both; nothing where neither has a number.
    pub(super) async fn ask(&self, engine: &Engine) -> Option<Cohorted> {
        let (mut values, mut samples) = ([None; 2], [None; 2]);
        for ((side, value), count) in self.sides.iter().zip(&mut values).zip(&mut samples) {
            *value = number(engine, &side.query).await;
            if let (Some(observed), true) = (&side.observed, value.is_some()) {
                *count = number(engine, observed).await.map(|count| count.round().max(0.0) as u64);
            }
        }
        values.iter().any(Option::is_some).then(|| Cohorted { cohort: self.name.clone(), values, samples })
    }
}

async fn number(engine: &Engine, query: &str) -> Option<f64> {
    let Ok(Answered { series, .. }) = engine.now(query).await else { return None };
    match series.as_slice() {
        [one] => one.points.last().map(|(_, value)| *value).filter(|value| !value.is_nan()),
        _ => None,
    }
}
