//! Open connections, and how long those lived that were closed.

use super::{Panel, Query};
use crate::domain::Clean;
use crate::domain::metric::Connections;
use crate::promql::history::Series;
use crate::sources::metrics::number::single;

/// The window over which connection lifetimes are looked at.
const LIFETIMES: &str = "10m";
const LIFETIMES_MS: i64 = 10 * 60 * 1000;

impl Panel {
    pub(super) fn connections(&self, revisions: &[String], at: i64) -> Vec<Connections> {
        if self.lifetimes.is_none() && self.spec.connections_open.is_empty() {
            return Vec::new();
        }
        let told_apart: Vec<_> =
            revisions.iter().map(|revision| self.connection(Some(revision), at)).collect();
        let known = |entry: &Connections| entry.open.is_some() || entry.highest_bound.is_some();
        if told_apart.iter().any(known) {
            return told_apart.into_iter().filter(known).collect();
        }
        Some(self.connection(None, at)).filter(known).into_iter().collect()
    }

    fn connection(&self, revision: Option<&str>, at: i64) -> Connections {
        let label = self.spec.revision_label.as_str();
        let mine = |found: Option<&str>| revision.is_none() || found == revision;
        let quantile = |which: usize| {
            let query = self.lifetimes.as_ref()?.get(which)?;
            if self.history.lacks(&query.names()).is_some() {
                return None;
            }
            let value = match revision {
                Some(revision) => query.eval_only(&self.history, at, label, revision),
                None => query.eval(&self.history, at),
            };
            single(value.ok()?).ok()?.known()
        };
        let gauge = &self.spec.connections_open;
        let open = self.history.named(gauge).filter(|series| mine(series.label(label)));
        let open: Vec<f64> = open.filter_map(|series| series.newest_two().0).collect();
        let buckets = format!("{}_bucket", self.spec.connection_seconds);
        let bounds = self.history.named(&buckets).filter(|series| mine(series.label(label)));
        let bounds = bounds.filter_map(|series| series.label("le")?.parse::<f64>().ok());
        let since = self.lives_since(&buckets, mine, at);
        Connections {
            revision: revision.map(Clean::new),
            open: (!open.is_empty()).then(|| open.iter().sum()),
            p50: quantile(0),
            p95: quantile(1),
            highest_bound: bounds.filter(|bound| bound.is_finite()).reduce(f64::max),
            watched_seconds: since.map(|since| (at - since) as f64 / 1e3),
        }
    }

    /// Since when lives of connections are watched without a gap. Before the buckets themselves were for as long as their
    /// quantiles look back, these are of a shorter time.
    fn lives_since(&self, buckets: &str, mine: impl Fn(Option<&str>) -> bool, at: i64) -> Option<i64> {
        let lived = self.lived();
        let series =
            self.history.named(&lived).filter(|series| mine(series.label(&self.spec.revision_label)));
        let since = series.filter_map(Series::since).min()?.max(self.history.unbroken(&lived)?);
        let buckets = self.history.unbroken(buckets)?;
        Some(if at - buckets < LIFETIMES_MS { since.max(buckets) } else { since })
    }
}

/// Median and 95th percentile of how long closed connections lived.
pub(super) fn lifetimes(histogram: &str) -> Option<[Query; 2]> {
    let query = |q: &str| {
        Query::parse(&format!("histogram_quantile({q}, sum by (le) (rate({histogram}_bucket[{LIFETIMES}])))"))
    };
    (!histogram.is_empty()).then_some(())?;
    Some([query("0.5").ok()?, query("0.95").ok()?])
}
