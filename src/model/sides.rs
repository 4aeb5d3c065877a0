//! Numbers side by side, each with on how many samples it rests: of two revisions, or of the two cohorts of a flag.

use crate::domain::room::CohortSpec;
use crate::domain::{ServiceIx, format};

use super::Model;
use super::events::Events;
use super::metrics::{Metric, MetricState, Metrics};
use super::service::ServiceState;

/// A number that rests on fewer samples says little.
const FEWEST: u64 = 20;

/// What is measured of both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Between {
    /// Two revisions of a service.
    Revisions(ServiceIx, [String; 2]),
    /// Cohorts of a service, by their place there.
    Cohorts(ServiceIx, usize),
}

/// A number of both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    /// What.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// Of the one and of the other; `None`: not known.
    pub values: [Option<f64>; 2],
    /// On how many samples each rests; `None`: nobody counted.
    pub samples: [Option<u64>; 2],
    /// What the second is worth.
    pub state: MetricState,
    /// It is a count, of a share of the traffic that may be another: there is no ratio.
    pub counted: bool,
    fewest: u64,
}

impl Numbers {
    /// Whether one of them rests on too few samples to say anything.
    pub fn are_few(&self) -> bool {
        self.samples.iter().flatten().any(|count| *count < self.fewest)
    }

    /// `6.1 % of 1,203`, `3.0 % of 7, too few`; what is not known is `--`.
    pub fn words(&self, side: usize) -> String {
        let value = self.values.get(side).copied().flatten();
        let value = format::or_unknown(value, |value| format::in_unit(value, &self.unit));
        match self.samples.get(side).copied().flatten() {
            Some(count) if count < self.fewest => format!("{value} of {}, too few", format::count(count)),
            Some(count) => format!("{value} of {}", format::count(count)),
            None => value,
        }
    }
}

/// Whether two values are as good as one: within 15 %; of a share near the whole its rest counts, 97 % and 93 % of runs
/// that succeed are twice as many that do not.
pub fn is_same(one: f64, other: f64, unit: &str) -> bool {
    let near = |one: f64, other: f64| (other - one).abs() < 0.15 * one.abs();
    near(one, other)
        && (unit != "%" || one <= 50.0 || near(100.0 - one, 100.0 - other) || one.max(other) > 100.0)
}

impl Model {
    /// The numbers of both; nothing where the series do not tell them apart.
    pub fn numbers(&self, between: &Between) -> Vec<Numbers> {
        let (Between::Revisions(ix, _) | Between::Cohorts(ix, _)) = between;
        let Some(service) = self.service(*ix) else { return Vec::new() };
        let metrics = service.metrics.as_ref().map(Metrics::metrics).unwrap_or_default();
        let of = |metric: &Metric| self.of_metric(*ix, metric, between);
        let mut found: Vec<Numbers> = metrics.iter().filter_map(of).collect();
        found.extend(match between {
            Between::Revisions(_, names) => self.closes_of(service, names),
            Between::Cohorts(_, at) => match self.cohort(*ix, *at) {
                Some(spec) => cohort_counts(service, spec),
                None => Vec::new(),
            },
        });
        found
    }

    /// Cohorts of a service, by their place there.
    pub fn cohort(&self, ix: ServiceIx, at: usize) -> Option<&CohortSpec> {
        self.room.service(ix)?.cohorts.get(at)
    }

    fn of_metric(&self, ix: ServiceIx, metric: &Metric, between: &Between) -> Option<Numbers> {
        let (values, samples) = match between {
            Between::Revisions(_, names) => {
                let value = |name: &String| {
                    metric.by_revision().iter().find(|(of, _)| **of == **name).map(|(_, value)| *value)
                };
                (names.each_ref().map(value), names.each_ref().map(|name| metric.samples_of(name)))
            }
            Between::Cohorts(_, at) => {
                let name = &self.cohort(ix, *at)?.name;
                let (_, latest) = metric.latest.as_ref()?;
                let found = latest.cohorts.iter().find(|it| it.cohort == *name)?;
                (found.values, found.samples)
            }
        };
        values.iter().any(Option::is_some).then_some(())?;
        // Numbers of a source that is down for long are not known any more.
        let shown = self.links.shows_measured(&metric.source(ix), self.now.mono);
        let values = values.map(|value| value.filter(|_| shown));
        Some(Numbers {
            name: metric.spec.name.clone(),
            unit: metric.spec.unit.clone(),
            values,
            samples,
            state: metric.judge(values[1]),
            counted: false,
            fewest: self.fewest(ix, &metric.spec.signal()),
        })
    }

    /// So many samples the conditions on a signal ask for; without any, a few.
    fn fewest(&self, ix: ServiceIx, signal: &str) -> u64 {
        let of = self.room.conditions.iter().filter(|condition| {
            let key = &condition.signal;
            key.service == ix && key.name.split('@').next() == Some(signal)
        });
        of.map(|condition| condition.min_samples).max().filter(|count| *count > 0).unwrap_or(FEWEST)
    }

    fn closes_of(&self, service: &ServiceState, names: &[String; 2]) -> Vec<Numbers> {
        let both = names.each_ref().map(String::as_str);
        let counted = service.closes.counted_on(&both, self.now.mono);
        let row = |(code, counts): (u16, Vec<f64>)| (code, [0, 1].map(|side| counts.get(side).copied()));
        closes(counted.into_iter().map(row).collect())
    }
}

fn cohort_counts(service: &ServiceState, spec: &CohortSpec) -> Vec<Numbers> {
    let all = service.metrics.as_ref().map(Metrics::cohort_closes).unwrap_or_default();
    let its = all.iter().filter(|it| it.cohort == spec.name);
    let mut found = closes(its.map(|it| (it.code, it.counts)).collect());
    let fields = service.events.as_ref().map(Events::counted).unwrap_or_default();
    found.extend(fields.iter().filter(|field| field.field == spec.label).map(|field| {
        let count = |value: &String| {
            field.values.iter().find(|(of, _)| **of == **value).map(|(_, count)| *count as f64)
        };
        count_of("events seen here".to_owned(), spec.values.each_ref().map(count), [None; 2])
    }));
    found
}

/// Closes by code: each count rests on all the closes of its side.
fn closes(counted: Vec<(u16, [Option<f64>; 2])>) -> Vec<Numbers> {
    let all = [0, 1].map(|side: usize| {
        let known: Vec<f64> =
            counted.iter().filter_map(|(_, counts)| counts.get(side).copied().flatten()).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>().round().max(0.0) as u64)
    });
    let row =
        |(code, counts): (u16, [Option<f64>; 2])| count_of(format!("closes {code} in 10 min"), counts, all);
    counted.into_iter().map(row).collect()
}

fn count_of(name: String, values: [Option<f64>; 2], samples: [Option<u64>; 2]) -> Numbers {
    let state = if values[1].is_some() { MetricState::Pass } else { MetricState::NoData };
    Numbers { name, unit: String::new(), values, samples, state, counted: true, fewest: FEWEST }
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn a_share_near_the_whole_is_compared_by_its_rest() {
        assert!(is_same(1.71, 1.78, "s") && is_same(40.0, 42.0, "%") && is_same(100.0, 112.0, "%"));
        assert!(!is_same(97.4, 92.8, "%") && is_same(97.4, 97.2, "%"));
        assert!(!is_same(1.0, 1.2, "s"));
    }
}
