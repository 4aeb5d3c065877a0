//! The limits of a document in the unit in which its query answers. What cannot be converted judges nothing, and says so.

use std::time::Duration;

use super::relative;
use crate::domain::plan::{Bound, Comparator, Stated, Threshold};
use crate::domain::room::{MetricSpec, RelativeLimit};
use crate::domain::{Clean, Limit, condition};
use crate::promql::unit::{self, Unit};

/// The limits of one metric.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Limits {
    pub(super) target: Option<Limit>,
    pub(super) warning: Option<Limit>,
    pub(super) critical: Option<Limit>,
    /// How long the critical one must be crossed, if said.
    pub(super) sustained: Option<Duration>,
}

impl Limits {
    /// Those of a metric.
    pub(super) fn of(metric: &MetricSpec) -> Self {
        let MetricSpec { target, warning, critical, .. } = *metric;
        Self { target, warning, critical, sustained: None }
    }
}

/// A query with its limits, in one unit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Written {
    pub(super) limits: Limits,
    pub(super) unit: String,
    /// What is asked: the query, or 100 times it where it gives parts of one and the limits are per cent.
    pub(super) query: String,
    /// Why a stated limit judges nothing.
    pub(super) unjudged: Option<Clean>,
    /// That limit is the critical one.
    pub(super) holds: bool,
    /// Limits of the distance from a baseline.
    pub(super) relative: Vec<RelativeLimit>,
}

impl Written {
    pub(super) fn without_limits(query: &str) -> Self {
        let unit = unit::shown(query).to_owned();
        Self {
            limits: Limits::default(),
            unit,
            query: query.to_owned(),
            unjudged: None,
            holds: false,
            relative: Vec::new(),
        }
    }
}

/// The limits of `threshold` for `query`, which answers in `unit` (empty: as its names tell).
pub(super) fn written(threshold: &Threshold, query: &str, in_unit: &str) -> Written {
    let mut written = Written::without_limits(query);
    if !in_unit.is_empty() {
        in_unit.clone_into(&mut written.unit);
    }
    let all = [&threshold.target, &threshold.warning, &threshold.critical];
    let of_100 = || all.iter().filter_map(|it| it.as_ref()?.bound.as_ref()).any(|bound| bound.unit == "%");
    if in_unit.is_empty() && unit::unit(query) == Some(Unit::Share) && of_100() {
        written.query = format!("100 * ({query})");
        "%".clone_into(&mut written.unit);
    }
    written.relative = relative::limits(threshold);
    let mut unjudged = None;
    let mut read = |stated: &Option<Stated>| {
        let stated = stated.as_ref().filter(|stated| !relative::is_one(stated))?;
        match limit(stated.bound.as_ref()?, &written.unit) {
            Ok(limit) => limit,
            Err(why) => {
                unjudged.get_or_insert_with(|| Clean::new(&format!("{}: {why}", stated.text)));
                None
            }
        }
    };
    let (target, warning, critical) =
        (read(&threshold.target), read(&threshold.warning), read(&threshold.critical));
    let stated = threshold.critical.as_ref().filter(|stated| !relative::is_one(stated));
    let bound = stated.and_then(|stated| stated.bound.as_ref());
    written.holds = critical.is_none() && bound.is_some_and(|bound| bound.comparator != Comparator::About);
    // A target alone is a limit too: short of it is worth a warning, and no more.
    let warning = if warning.is_none() && critical.is_none() { target.map(opposite) } else { warning };
    let bound = threshold.critical.as_ref().and_then(|stated| stated.bound.as_ref());
    let sustained = bound.and_then(|bound| bound.for_seconds).map(Duration::from_secs);
    written.unjudged = unjudged;
    Written { limits: Limits { target, warning, critical, sustained }, ..written }
}

/// A bound as a limit in `unit`; `Ok(None)`: it is one for people (`~2/day`).
fn limit(bound: &Bound, unit: &str) -> Result<Option<Limit>, String> {
    if bound.baseline.is_some() || bound.after_seconds.is_some() || bound.within_ms.is_some() {
        return Err("it is relative to something that this number does not tell".to_owned());
    }
    let op = match bound.comparator {
        Comparator::Below => condition::Comparator::Lt,
        Comparator::AtMost => condition::Comparator::Le,
        Comparator::Above => condition::Comparator::Gt,
        Comparator::AtLeast => condition::Comparator::Ge,
        Comparator::Equal => condition::Comparator::Eq,
        Comparator::About => return Ok(None),
    };
    let value = unit::convert(bound.value, &bound.unit, unit).ok_or_else(|| {
        let here = if unit.is_empty() { "no unit that is known" } else { unit };
        format!("the query answers in {here}, and nothing is guessed; write the metric into the config")
    })?;
    Ok(Some(Limit { op, value }))
}

/// What is bad where `limit` says what is good.
pub(super) fn opposite(limit: Limit) -> Limit {
    use condition::Comparator as Op;
    let op = match limit.op {
        Op::Lt => Op::Ge,
        Op::Le => Op::Gt,
        Op::Gt => Op::Le,
        Op::Ge => Op::Lt,
        Op::Eq => Op::Ne,
        Op::Ne => Op::Eq,
    };
    Limit { op, ..limit }
}
