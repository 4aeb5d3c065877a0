//! Limits of documents that are relative to a baseline (`within 10 % of baseline`): conditions on how far a metric is from
//! the time before the deployment.

use crate::domain::condition::{self, Limit, Purpose};
use crate::domain::plan::{Bound, Comparator, Relative, Stated, Threshold};
use crate::domain::room::{MetricFrom, MetricSpec, RelativeLimit};
use crate::domain::signal::VS_BEFORE;
use crate::domain::{Clean, ConditionSpec, PanelId, Room, ServiceIx, SignalKey};

use super::limits::opposite;

/// Whether a limit is a distance that is known here: in percent or as a multiple, and of no time of its own.
pub(super) fn is_one(stated: &Stated) -> bool {
    stated.bound.as_ref().is_some_and(|bound| distance(bound).is_some())
}

/// What is bad by `threshold`: past the critical or warning limit, else off the target.
pub(super) fn limits(threshold: &Threshold) -> Vec<RelativeLimit> {
    let of = |stated: &Option<Stated>, good: bool| {
        let stated = stated.as_ref()?;
        let fails = bad(stated.bound.as_ref()?, good)?;
        Some(
            fails
                .into_iter()
                .map(|fail| RelativeLimit { text: stated.text.clone(), fail })
                .collect::<Vec<_>>(),
        )
    };
    let graver = of(&threshold.critical, false).or_else(|| of(&threshold.warning, false));
    graver.or_else(|| of(&threshold.target, true)).unwrap_or_default()
}

/// A bound as percent above the time before.
fn distance(bound: &Bound) -> Option<f64> {
    if bound.after_seconds.is_some() || bound.within_ms.is_some() {
        return None;
    }
    match (bound.baseline?, bound.unit.as_str()) {
        (Relative::Distance | Relative::Above, "%") => Some(bound.value),
        (Relative::Below, "%") => Some(-bound.value),
        (Relative::Times, "x") => Some((bound.value - 1.0) * 100.0),
        _ => None,
    }
}

/// When it is bad; `good`: the bound says when it is not.
fn bad(bound: &Bound, good: bool) -> Option<Vec<Limit>> {
    use condition::Comparator as Op;
    let value = distance(bound)?;
    let op = match (bound.comparator, bound.baseline?) {
        (Comparator::About | Comparator::Equal, _) => return None,
        // Within so much, or more than so much away, on either side.
        (_, Relative::Distance) => {
            return Some(vec![Limit { op: Op::Gt, value }, Limit { op: Op::Lt, value: -value }]);
        }
        // The more below, the smaller the number.
        (Comparator::Below, Relative::Below) => Op::Gt,
        (Comparator::AtMost, Relative::Below) => Op::Ge,
        (Comparator::Above, Relative::Below) => Op::Lt,
        (Comparator::AtLeast, Relative::Below) => Op::Le,
        (Comparator::Below, _) => Op::Lt,
        (Comparator::AtMost, _) => Op::Le,
        (Comparator::Above, _) => Op::Gt,
        (Comparator::AtLeast, _) => Op::Ge,
    };
    let limit = Limit { op, value };
    Some(vec![if good { opposite(limit) } else { limit }])
}

/// The criteria that come of them.
pub(super) fn conditions<'a>(
    ix: ServiceIx,
    metric: &'a MetricSpec,
    room: &'a Room,
) -> impl Iterator<Item = ConditionSpec> + 'a {
    let documented = metric.documented.as_ref().filter(|_| metric.from != MetricFrom::Nowhere);
    let documented = documented.filter(|_| metric.objective.is_none());
    let sustained = room.documented.sustained;
    let all = documented.into_iter().flat_map(|documented| {
        documented.relative.iter().map(|limit| (limit, documented.sustained.unwrap_or_default()))
    });
    all.filter_map(move |(limit, stated)| {
        let below = matches!(limit.fail.op, condition::Comparator::Lt | condition::Comparator::Le);
        let side = if below { "below" } else { "above" };
        Some(ConditionSpec {
            name: format!("{} {side} the time before: {}", metric.name, Clean::new(&limit.text)),
            purpose: Purpose::Criterion,
            signal: SignalKey::new(ix, format!("{}@{VS_BEFORE}", metric.signal())),
            fail: limit.fail,
            warn: None,
            target: None,
            sustained: stated.max(sustained?),
            clears_after: room.documented.clears_after,
            out_of: None,
            min_samples: 0,
            unit: "%".to_owned(),
            panel: PanelId::Metrics,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use condition::Comparator as Op;

    fn fails(comparator: Comparator, value: f64, unit: &str, baseline: Relative, good: bool) -> Vec<Limit> {
        let bound = Bound {
            comparator,
            value,
            unit: unit.into(),
            for_seconds: None,
            within_ms: None,
            after_seconds: None,
            baseline: Some(baseline),
        };
        bad(&bound, good).expect("a limit")
    }

    #[test]
    fn a_distance_is_bad_on_both_sides_and_the_others_on_theirs() {
        let limit = |op, value| Limit { op, value };
        let of = fails(Comparator::AtMost, 10.0, "%", Relative::Distance, true);
        assert_eq!(of, [limit(Op::Gt, 10.0), limit(Op::Lt, -10.0)]);
        let of = fails(Comparator::Above, 50.0, "%", Relative::Above, false);
        assert_eq!(of, [limit(Op::Gt, 50.0)]);
        let of = fails(Comparator::AtMost, 2.0, "x", Relative::Times, true);
        assert_eq!(of, [limit(Op::Gt, 100.0)]);
        let of = fails(Comparator::Above, 10.0, "%", Relative::Below, false);
        assert_eq!(of, [limit(Op::Lt, -10.0)]);
    }
}
