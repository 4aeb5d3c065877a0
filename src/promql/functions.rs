//! `rate`, `increase`, `irate` and `histogram_quantile`, to the letter of Prometheus' `promql/functions.go` and
//! `promql/quantile.go`.

/// Whether the growth over a range is given per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Per {
    /// `rate`.
    Second,
    /// `increase`.
    Range,
}

/// The range that is asked for, both ends in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: i64,
    pub(super) to: i64,
    /// The first point is a zero that was seen, and no end of what was counted.
    pub(super) begins: bool,
}

/// The growth of a counter over a range, extrapolated to its ends; `None` with fewer than two points.
pub(super) fn growth(points: &[(i64, f64)], span: Span, per: Per) -> Option<f64> {
    let Span { from, to, begins } = span;
    let (first, last) = (points.first()?, points.last()?);
    if points.len() < 2 {
        return None;
    }
    let resets = points.windows(2).filter(|pair| pair[1].1 < pair[0].1).map(|pair| pair[0].1);
    let grown = last.1 - first.1 + resets.sum::<f64>();
    let sampled = seconds(last.0 - first.0);
    let average = sampled / (points.len() - 1) as f64;
    let mut to_start = seconds(first.0 - from);
    let to_end = seconds(to - last.0);
    if grown > 0.0 && first.1 >= 0.0 && !begins {
        // A counter was not below zero: do not extrapolate to before that.
        to_start = to_start.min(sampled * (first.1 / grown));
    }
    let threshold = average * 1.1;
    let reach = |gap: f64| if gap < threshold { gap } else { average / 2.0 };
    let factor = (sampled + reach(to_start) + reach(to_end)) / sampled;
    Some(match per {
        Per::Second => grown * (factor / seconds(to - from)),
        Per::Range => grown * factor,
    })
}

/// The growth per second between the last two points.
pub(super) fn instant_rate(points: &[(i64, f64)]) -> Option<f64> {
    let [.., before, last] = points else { return None };
    let grown = if last.1 < before.1 { last.1 } else { last.1 - before.1 };
    let span = seconds(last.0 - before.0);
    (span > 0.0).then(|| grown / span)
}

/// The `q`-quantile of a histogram given as (upper bound, cumulative count).
pub(super) fn quantile(q: f64, mut buckets: Vec<(f64, f64)>) -> f64 {
    if q.is_nan() {
        return f64::NAN;
    }
    if !(0.0..=1.0).contains(&q) {
        return if q < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
    buckets.dedup_by(|later, kept| {
        let same = later.0.total_cmp(&kept.0).is_eq();
        if same {
            kept.1 += later.1;
        }
        same
    });
    let Some(&(f64::INFINITY, _)) = buckets.last() else { return f64::NAN };
    // Scrapes of one histogram's buckets need not be of one moment: counts may not fall.
    let mut highest = f64::NEG_INFINITY;
    for bucket in &mut buckets {
        highest = highest.max(bucket.1);
        bucket.1 = highest;
    }
    let end = buckets.len() - 1;
    let observations = highest;
    if end < 1 || observations == 0.0 || observations.is_nan() {
        return f64::NAN;
    }
    let rank = q * observations;
    let at = buckets.iter().take(end).position(|bucket| bucket.1 >= rank).unwrap_or(end);
    if at == end {
        return buckets[end - 1].0;
    }
    let (bound, count) = buckets[at];
    if at == 0 {
        return if bound <= 0.0 { bound } else { bound * (rank / count) };
    }
    let (below, before) = buckets[at - 1];
    below + (bound - below) * ((rank - before) / (count - before))
}

fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn growth(points: &[(i64, f64)], from: i64, to: i64, per: Per) -> Option<f64> {
        super::growth(points, Span { from, to, begins: false }, per)
    }

    fn near(found: Option<f64>, wanted: f64) {
        let found = found.expect("a number");
        assert!((found - wanted).abs() <= 1e-9 * wanted.abs().max(1.0), "{found} is not {wanted}");
    }

    #[test]
    fn growth_extrapolates_to_near_ends_and_half_an_interval_else() {
        // Every 15 s from 5 s to 50 s, +10 each; range 0..60: start gap 5 < 16.5, end gap 10 < 16.5.
        let points = [(5_000, 100.0), (20_000, 110.0), (35_000, 120.0), (50_000, 130.0)];
        near(growth(&points, 0, 60_000, Per::Range), 30.0 * 60.0 / 45.0);
        near(growth(&points, 0, 60_000, Per::Second), 30.0 / 45.0);
        // Range 0..120: the end gap of 70 s counts as 7.5 s.
        near(growth(&points, 0, 120_000, Per::Range), 30.0 * (45.0 + 5.0 + 7.5) / 45.0);
    }

    #[test]
    fn growth_does_not_reach_below_zero_and_survives_resets() {
        // From 1 to 31 in 45 s: zero was 1.5 s before the first point.
        let points = [(10_000, 1.0), (25_000, 11.0), (40_000, 21.0), (55_000, 31.0)];
        near(growth(&points, 0, 60_000, Per::Range), 30.0 * (45.0 + 1.5 + 5.0) / 45.0);
        // 10 → 20, reset, 5 → 15: grown 10 + 5 + 10.
        let points = [(0, 10.0), (10_000, 20.0), (20_000, 5.0), (30_000, 15.0)];
        near(growth(&points, 0, 30_000, Per::Range), 25.0);
        assert_eq!(growth(&points[..1], 0, 30_000, Per::Range), None);
    }

    #[test]
    fn instant_rate_is_of_the_last_two() {
        near(instant_rate(&[(0, 0.0), (10_000, 5.0), (20_000, 25.0)]), 2.0);
        near(instant_rate(&[(10_000, 50.0), (20_000, 20.0)]), 2.0);
        assert_eq!(instant_rate(&[(0, 1.0)]), None);
    }

    #[test]
    fn quantiles_interpolate_inside_their_bucket() {
        let inf = f64::INFINITY;
        let h =
            |counts: [f64; 4]| vec![(1.0, counts[0]), (2.0, counts[1]), (4.0, counts[2]), (inf, counts[3])];
        near(Some(quantile(0.5, h([10.0, 30.0, 40.0, 40.0]))), 1.5);
        near(Some(quantile(0.1, h([10.0, 30.0, 40.0, 40.0]))), 0.4);
        near(Some(quantile(0.99, h([0.0, 0.0, 1.0, 100.0]))), 4.0);
        // 5 falls to 3: taken as 5.
        near(Some(quantile(0.5, h([5.0, 3.0, 10.0, 10.0]))), 1.0);
        assert!(quantile(0.5, h([0.0; 4])).is_nan());
        assert!(quantile(0.5, vec![(1.0, 5.0), (2.0, 6.0)]).is_nan());
        near(Some(quantile(0.5, vec![(-1.0, 5.0), (inf, 6.0)])), -1.0);
        assert!(quantile(-0.1, h([1.0; 4])).is_infinite() && quantile(1.1, h([1.0; 4])).is_infinite());
    }
}
