//! What a revision counts about itself, as a metrics library would: counters that only grow, and histograms.

use std::collections::BTreeMap;

/// Bounds of `ws_connection_duration_seconds`: up to hours, or a p95 of two hours could never be seen.
pub const CONNECTION_BOUNDS: &[f64] =
    &[1.0, 10.0, 60.0, 300.0, 900.0, 1800.0, 2700.0, 3600.0, 7200.0, 10_800.0, 14_400.0, 28_800.0];
/// Bounds of `agent_re_execution_duration_seconds`.
pub const AGENT_BOUNDS: &[f64] = &[0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0];
/// Bounds of `http_request_duration_seconds`.
pub const REQUEST_BOUNDS: &[f64] = &[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// A cumulative histogram.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// Upper bounds, without `+Inf`.
    pub bounds: &'static [f64],
    /// Observations at or below each bound, then all of them.
    pub cumulative: Vec<u64>,
    /// Sum of the observations.
    pub sum: f64,
}

impl Histogram {
    fn new(bounds: &'static [f64]) -> Self {
        Self { bounds, cumulative: vec![0; bounds.len() + 1], sum: 0.0 }
    }

    /// Counts one observation.
    pub fn observe(&mut self, value: f64) {
        self.sum += value;
        let first = self.bounds.partition_point(|bound| *bound < value);
        self.cumulative.iter_mut().skip(first).for_each(|count| *count += 1);
    }

    /// How many observations there are.
    pub fn count(&self) -> u64 {
        self.cumulative.last().copied().unwrap_or(0)
    }
}

/// One revision's counters. A label that never occurred has no series, as in a real exposition.
#[derive(Debug, Clone, PartialEq)]
pub struct Counters {
    /// Sockets closed, by close code.
    pub closes: BTreeMap<u16, u64>,
    /// Frames sent, by event type.
    pub frames: BTreeMap<&'static str, u64>,
    /// Requests answered, by status and method.
    pub requests: BTreeMap<(u16, &'static str), u64>,
    /// How long closed sockets had lived.
    pub connection: Histogram,
    /// How long agents took to run again after a reconnect.
    pub agent: Histogram,
    /// How long requests took.
    pub request: Histogram,
    parts: BTreeMap<Part, f64>,
}

/// What a fraction of an occurrence belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A socket closed with this code.
    Close(u16),
    /// A request answered with this status and method.
    Request(u16, &'static str),
    /// An agent run again.
    Agent,
    /// A socket opened.
    Opened,
    /// A run begun.
    Run,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            closes: BTreeMap::new(),
            frames: BTreeMap::new(),
            // There from the start, as well-behaved exporters have it: none failed is zero, not nothing.
            requests: BTreeMap::from([((500, "GET"), 0), ((503, "POST"), 0)]),
            connection: Histogram::new(CONNECTION_BOUNDS),
            agent: Histogram::new(AGENT_BOUNDS),
            request: Histogram::new(REQUEST_BOUNDS),
            parts: BTreeMap::new(),
        }
    }
}

impl Counters {
    /// Turns a rate into whole occurrences: the fraction is kept for the next time, so that rates are met exactly.
    pub fn whole(&mut self, part: Part, amount: f64) -> u64 {
        let rest = self.parts.entry(part).or_insert(0.0);
        *rest += amount.max(0.0);
        let whole = rest.floor();
        *rest -= whole;
        whole as u64
    }

    /// Counts a socket that closed with `code` after `lived` seconds.
    pub fn closed(&mut self, code: u16, lived: f64) {
        *self.closes.entry(code).or_insert(0) += 1;
        self.connection.observe(lived);
    }

    /// Counts a request.
    pub fn answered(&mut self, status: u16, method: &'static str, seconds: f64) {
        *self.requests.entry((status, method)).or_insert(0) += 1;
        self.request.observe(seconds);
    }
}

/// A log-normal draw: half of them are below `median`; `sigma` is the spread.
pub fn log_normal(rng: &mut fastrand::Rng, median: f64, sigma: f64) -> f64 {
    // Box–Muller; 1 − u keeps the logarithm finite.
    let (u, v) = (1.0 - rng.f64(), rng.f64());
    let normal = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
    median * (sigma * normal).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_is_cumulative_and_its_bounds_are_inclusive() {
        let mut histogram = Histogram::new(&[1.0, 2.0]);
        for value in [0.5, 1.0, 1.5, 9.0] {
            histogram.observe(value);
        }
        assert_eq!(histogram, Histogram { bounds: &[1.0, 2.0], cumulative: vec![2, 3, 4], sum: 12.0 });
    }

    #[test]
    fn fractions_add_up_to_the_rate() {
        let mut counters = Counters::default();
        let total: u64 = (0..1000).map(|_| counters.whole(Part::Agent, 0.025)).sum();
        assert!((24..=25).contains(&total), "{total}");
    }
}
