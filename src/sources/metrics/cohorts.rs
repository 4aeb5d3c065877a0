//! The same numbers for each of two cohorts, told apart by a label.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::metric::{CohortCloses, Cohorted};
use crate::domain::room::{CohortSpec, MetricsSpec};
use crate::promql::{History, Query, Sample, Value};

/// What is asked: the metrics, and the cohorts that are told apart in them.
pub(super) type Asked<'a> = (&'a MetricsSpec, &'a [CohortSpec]);

/// What is asked of each cohort.
#[derive(Debug, Default)]
pub(super) struct Cohorts {
    specs: Vec<CohortSpec>,
    closes: Option<Query>,
}

impl Cohorts {
    /// For these; `closes` counts closed connections by code.
    pub(super) fn new(specs: &[CohortSpec], closes: &str) -> Self {
        let counted =
            || Query::parse(&format!("sum by (code) (increase({closes}[10m]))")).ok().map(Query::from_zero);
        let closes = if specs.is_empty() || closes.is_empty() { None } else { counted() };
        Self { specs: specs.to_vec(), closes }
    }

    /// What it looks at besides the metrics.
    pub(super) fn query(&self) -> Option<&Query> {
        self.closes.as_ref()
    }

    /// A metric of each.
    pub(super) fn of(&self, query: &Query, history: &History, at: i64) -> Vec<Cohorted> {
        let of = |spec: &CohortSpec| {
            let value = |value: &String| match query.eval_only(history, at, &spec.label, value).ok()? {
                // A query that reads no series answers the same for everyone: that is of no cohort.
                Value::Scalar(_) => None,
                Value::Vector(samples) => match samples.as_slice() {
                    [one] if !one.value.is_nan() => Some(one.value),
                    _ => None,
                },
            };
            let counted = |value: &String| {
                let count = query.observations_only(history, at, &spec.label, value)?;
                Some(count.round().max(0.0) as u64)
            };
            let values = spec.values.each_ref().map(value);
            let samples = spec.values.each_ref().map(counted);
            let found = values.iter().any(Option::is_some);
            found.then(|| Cohorted { cohort: spec.name.clone(), values, samples })
        };
        self.specs.iter().filter_map(of).collect()
    }

    /// Closed connections of the last ten minutes by code; of a cohort of which no close was ever counted nothing is known.
    pub(super) fn closes(&self, history: &History, at: i64) -> Vec<CohortCloses> {
        let Some(query) = &self.closes else { return Vec::new() };
        self.specs.iter().flat_map(|spec| of_both(query, spec, history, at)).collect()
    }
}

fn of_both(query: &Query, spec: &CohortSpec, history: &History, at: i64) -> Vec<CohortCloses> {
    let counted = |value: &String| -> Option<BTreeMap<u16, f64>> {
        let Ok(Value::Vector(samples)) = query.eval_only(history, at, &spec.label, value) else {
            return None;
        };
        let code = |sample: &Sample| {
            let (_, code) = sample.labels.iter().find(|(label, _)| &**label == "code")?;
            Some((code.parse().ok()?, sample.value.round()))
        };
        let counted: BTreeMap<u16, f64> = samples.iter().filter_map(code).collect();
        (!counted.is_empty()).then_some(counted)
    };
    let sides = spec.values.each_ref().map(counted);
    let codes: BTreeSet<u16> = sides.iter().flatten().flat_map(BTreeMap::keys).copied().collect();
    let of = |code: u16| CohortCloses {
        cohort: spec.name.clone(),
        code,
        counts: sides.each_ref().map(|side| Some(side.as_ref()?.get(&code).copied().unwrap_or(0.0))),
    };
    codes.into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promql::history::STARTED;

    const LATER: i64 = 60_000;

    fn cohorts() -> Cohorts {
        let values = ["control".to_owned(), "treatment".to_owned()];
        let spec = CohortSpec { name: "cart".into(), label: "cohort".into(), values };
        Cohorts::new(&[spec], "closed")
    }

    fn seen(lines: [&str; 2]) -> History {
        let mut history = History::new(600_000, 100, None);
        let told = |text: &str| format!("{STARTED} 7\n{text}");
        history.scraped(told(lines[0]).as_bytes(), 0);
        history.scraped(told(lines[1]).as_bytes(), LATER);
        history
    }

    #[test]
    fn each_cohort_has_its_number_and_what_it_rests_on() {
        let of = |all: u64, bad: u64, cohort: &str| {
            format!(
                "r{{code=\"200\",cohort=\"{cohort}\"}} {all}\nr{{code=\"500\",cohort=\"{cohort}\"}} {bad}\n"
            )
        };
        let (before, after) =
            (of(0, 0, "control") + &of(0, 0, "treatment"), of(90, 10, "control") + &of(5, 5, "treatment"));
        let history = seen([&before, &after]);
        let query = |text: &str| Query::parse(text).unwrap();
        let share = query("100 * sum(rate(r{code=\"500\"}[1m])) / sum(rate(r[1m]))");
        let found = cohorts().of(&share, &history, LATER);
        let rounded = found[0].values.map(|value| value.map(f64::round));
        assert_eq!((rounded, found[0].samples), ([Some(10.0), Some(50.0)], [Some(100), Some(10)]));
        assert_eq!((found.len(), found[0].cohort.as_str()), (1, "cart"));
        // What carries no such label, or no label at all, is of no cohort.
        assert_eq!(cohorts().of(&query("sum(other)"), &history, LATER), []);
        assert_eq!(cohorts().of(&query("1"), &history, LATER), []);
    }

    #[test]
    fn closes_are_counted_by_code_and_nothing_known_is_not_none() {
        let history = seen([
            "closed{code=\"1000\",cohort=\"control\"} 0\nclosed{code=\"4401\",cohort=\"control\"} 0\n",
            "closed{code=\"1000\",cohort=\"control\"} 4\nclosed{code=\"4401\",cohort=\"control\"} 0\n",
        ]);
        let told = |history: &History| -> Vec<_> {
            let closes = cohorts().closes(history, LATER);
            closes.into_iter().map(|it| (it.code, it.counts)).collect()
        };
        let told = told(&history);
        assert_eq!(told.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [1000, 4401]);
        assert!(told[0].1[0] >= Some(4.0) && told[1].1[0] == Some(0.0), "{told:?}");
        assert!(told.iter().all(|(_, counts)| counts[1].is_none()), "nobody was seen in treatment: {told:?}");
    }
}
