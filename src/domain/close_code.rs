//! WebSocket close codes: what they mean in words, and when a rate of them is a spike.

use std::time::Duration;

use super::Mono;
use super::measure::Sliding;
use super::room::{ClosesSpec, SpikeRule};

/// The short name of a code: the configured one, else the one of RFC 6455 §7.4 and the IANA registry.
pub fn name(spec: &ClosesSpec, code: u16) -> String {
    if let Some(name) = spec.names.get(&code) {
        return name.clone();
    }
    let known = match code {
        1000 => "normal",
        1001 => "going away",
        1002 => "protocol error",
        1003 => "unsupported data",
        1005 => "no code given",
        1006 => "abnormal, no frame",
        1007 => "invalid payload",
        1008 => "policy violation",
        1009 => "message too big",
        1010 => "extension missing",
        1011 => "internal error",
        1012 => "service restart",
        1013 => "try again later",
        1014 => "bad gateway",
        1015 => "TLS handshake",
        3000 => "unauthorized",
        3003 => "forbidden",
        3008 => "timeout",
        4401 => "unauthorized (app)",
        4403 => "forbidden (app)",
        4000..=4999 => "application",
        _ => "unassigned",
    };
    known.to_owned()
}

/// What a code says about the world, in one sentence.
pub fn meaning(code: u16) -> &'static str {
    match code {
        1000 => "The purpose of the connection was fulfilled: an ordinary end.",
        1001 => "The endpoint goes away: the server shuts down or the page was left.",
        1002 => "One side broke the WebSocket protocol.",
        1003 => "One side got a kind of data that it does not accept.",
        1005 => "A close frame came, but it carried no code.",
        1006 => "The connection ended without a close frame: crash, proxy or network.",
        1007 => "Data did not match its type, for instance text that is not UTF-8.",
        1008 => "A message broke the server's policy; no better code fits.",
        1009 => "A message was too big to process.",
        1010 => "The client wanted an extension that the server did not agree to.",
        1011 => "The server met a condition that it did not expect: an error in its code.",
        1012 => "The server restarts; clients may reconnect.",
        1013 => "The server is overloaded; clients should come back later.",
        1014 => "The server, as a gateway, got an invalid answer from behind.",
        1015 => "The TLS handshake failed.",
        3000 | 4401 => "The server refused or ended the session: token missing, wrong, expired.",
        3003 | 4403 => "The server refused the session: this identity may not.",
        4000..=4999 => "The application's own code; the config can name it.",
        _ => "Not assigned by the registry.",
    }
}

/// The window of a rate per minute.
pub const RATE_WINDOW: Duration = Duration::from_mins(1);
/// A baseline needs at least this much observed, quiet time.
pub const LEAST_BASELINE: Duration = Duration::from_mins(1);

/// A spike is over its floor so soon after it began, at the latest.
const BEGINS_WITHIN: Duration = Duration::from_secs(10);

/// What was observed for so long before a spike tells that it was calm.
const GLIMPSE: Duration = Duration::from_secs(15);
/// So long a spike that was there from the start is believed, however short the baseline is.
const STORM: Duration = Duration::from_mins(10);
const BUCKET: Duration = Duration::from_secs(1);
const KEPT: usize = 1_800;

/// One code as one observer counts it.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    counts: Sliding,
    /// The same counts, without those of spikes.
    quiet: Sliding,
    /// Seconds of spikes.
    masked: Sliding,
    total: f64,
    spike: Option<Spike>,
}

/// A spike that runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spike {
    /// Since when.
    pub since: Mono,
    /// The baseline per minute when it began, kept as long as it runs; `None`: there was none, only the floor counts.
    pub usual: Option<f64>,
}

/// A window of seconds in which an observer was able to see, as [`Series::usual`] wants it.
pub fn observed() -> Sliding {
    Sliding::new(BUCKET, KEPT)
}

impl Default for Series {
    fn default() -> Self {
        Self { counts: observed(), quiet: observed(), masked: observed(), total: 0.0, spike: None }
    }
}

impl Series {
    /// Counts `n` closes at `at`.
    /// `usual`: whether what is counted now may become usual.
    pub fn add(&mut self, at: Mono, n: f64, usual: bool) {
        self.counts.add(at, n);
        if usual && self.learns() {
            self.quiet.add(at, n);
        }
        self.total += n;
    }

    /// Closes in the last minute.
    pub fn per_minute(&self, now: Mono) -> f64 {
        self.counts.sum(now, RATE_WINDOW)
    }

    /// All counted.
    pub fn total(&self) -> u64 {
        self.total.round().max(0.0) as u64
    }

    /// Counts in `n` equal parts of the last `over`, oldest first.
    pub fn history(&self, now: Mono, over: Duration, n: usize) -> Vec<f64> {
        self.counts.series(now, over, n)
    }

    /// The usual rate per minute: over `rule.baseline`, ending a minute ago so that a beginning spike is no part of
    /// its own measure, without the times of spikes; `seen` are the seconds in which the observer could see.
    /// `None` until [`LEAST_BASELINE`] was observed. A spike that began without a baseline is believed for [`STORM`] and
    /// until most of a baseline was observed: a console started in the middle of a storm must not call the storm usual.
    pub fn usual(&self, now: Mono, rule: &SpikeRule, seen: &Sliding) -> Option<f64> {
        let least = match self.spike {
            Some(Spike { usual: Some(usual), .. }) => return Some(usual),
            Some(Spike { usual: None, since }) if now.since(since) < STORM => return None,
            // A minute that nobody saw is in each ten of them.
            Some(Spike { usual: None, .. }) => rule.baseline.mul_f64(0.8),
            None => LEAST_BASELINE.min(rule.baseline),
        };
        let end = now.before(RATE_WINDOW);
        let begin = end.before(rule.baseline);
        let seconds = seen.sum_between(begin, end) - self.masked.sum_between(begin, end);
        (seconds + 1.0 >= least.as_secs_f64())
            .then(|| self.quiet.sum_between(begin, end) / seconds.max(1.0) * 60.0)
    }

    /// Leaves the `seconds` until `now` out of what is usual, where they are no usual time: those of a spike always.
    pub fn pass(&mut self, now: Mono, seconds: f64, usual: bool) {
        if !usual || !self.learns() {
            self.masked.add(now, seconds);
        }
    }

    /// Decides whether a spike runs at `now`.
    pub fn judge(&mut self, now: Mono, code: u16, rule: &SpikeRule, seen: &Sliding) {
        let usual = self.usual(now, rule, seen);
        let rate = self.per_minute(now);
        let over = rate > rule.floor_per_minute && usual.is_none_or(|usual| rate > rule.ratio * usual);
        self.spike = match (over && !rule.normal.contains(&code), self.spike) {
            (false, _) => None,
            (true, Some(running)) => Some(Spike { usual, ..running }),
            (true, None) => {
                let calm = self.just_before(now, rule, seen).filter(|calm| rate > rule.ratio * calm);
                Some(Spike { since: now, usual: usual.or(calm) })
            }
        };
    }

    /// The rate per minute until just before a spike that begins at `now`, where too little was observed for a baseline:
    /// a flood that was seen to begin does not become usual by going on.
    fn just_before(&self, now: Mono, rule: &SpikeRule, seen: &Sliding) -> Option<f64> {
        let end = now.before(BEGINS_WITHIN);
        let begin = end.before(rule.baseline);
        let seconds = seen.sum_between(begin, end) - self.masked.sum_between(begin, end);
        (seconds >= GLIMPSE.as_secs_f64()).then(|| self.quiet.sum_between(begin, end) / seconds * 60.0)
    }

    /// Whether what is counted now may become usual.
    fn learns(&self) -> bool {
        self.spike.is_none_or(|spike| spike.usual.is_none())
    }

    /// The running spike.
    pub fn spike(&self) -> Option<Spike> {
        self.spike
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(series: &mut Series, seen: &mut Sliding, seconds: std::ops::Range<u64>, per_minute: u64) {
        for second in seconds {
            let at = Mono::from_secs(second);
            seen.add(at, 1.0);
            let n = (second + 1) * per_minute / 60 - second * per_minute / 60;
            series.add(at, n as f64, true);
            series.pass(at, 1.0, true);
            series.judge(at, 4401, &SpikeRule::default(), seen);
        }
    }

    #[test]
    fn a_storm_that_was_there_from_the_start_is_believed_also_with_a_short_baseline() {
        let rule = SpikeRule { baseline: Duration::from_secs(30), ..SpikeRule::default() };
        let (mut series, mut seen) = (Series::default(), observed());
        let mut spikes = |until: u64, from: u64| {
            for second in from..until {
                let at = Mono::from_secs(second);
                seen.add(at, 1.0);
                series.add(at, 1.0, true);
                series.pass(at, 1.0, true);
                series.judge(at, 1013, &rule, &seen);
            }
            series.spike().is_some()
        };
        assert!(spikes(300, 0));
        assert!(!spikes(700, 300), "what goes on for longer is how it is there");
    }

    #[test]
    fn a_storm_from_the_start_ends_also_where_a_second_in_ten_is_not_seen() {
        let (mut series, mut seen) = (Series::default(), observed());
        for second in (0..900).filter(|second| second % 10 > 0) {
            let at = Mono::from_secs(second);
            seen.add(at, 1.0);
            series.add(at, 1.0, true);
            series.pass(at, 1.0, true);
            series.judge(at, 1013, &SpikeRule::default(), &seen);
            assert!(!(60..500).contains(&second) || series.spike().is_some(), "{second}");
        }
        assert!(series.spike().is_none());
    }

    #[test]
    fn a_spike_is_over_the_floor_and_over_its_own_usual_rate_and_does_not_become_usual() {
        let (mut series, mut seen) = (Series::default(), observed());
        run(&mut series, &mut seen, 0..600, 2);
        assert_eq!(series.spike(), None);
        let usual = series.usual(Mono::from_secs(600), &SpikeRule::default(), &seen).unwrap();
        assert!((usual - 2.0).abs() < 0.2);
        run(&mut series, &mut seen, 600..1500, 20);
        let spike = series.spike().expect("twenty a minute against two");
        assert!((610..640).contains(&(spike.since.0 / 1_000_000)), "{spike:?}");
        assert!((spike.usual.unwrap() - 2.0).abs() < 0.3, "a long spike does not raise what is usual");
        run(&mut series, &mut seen, 1500..1700, 2);
        assert_eq!(series.spike(), None);
    }

    #[test]
    fn without_a_baseline_the_floor_decides_until_a_whole_baseline_was_seen() {
        let (mut busy, mut seen) = (Series::default(), observed());
        run(&mut busy, &mut seen, 0..300, 12);
        assert_eq!(busy.spike().expect("over the floor").usual, None);
        run(&mut busy, &mut seen, 300..1200, 14);
        assert_eq!(
            busy.spike(),
            None,
            "fourteen against twelve is no spike once twelve is known to be usual"
        );
    }

    #[test]
    fn a_flood_that_was_seen_to_begin_does_not_become_usual_by_going_on() {
        let (mut series, mut seen) = (Series::default(), observed());
        run(&mut series, &mut seen, 0..30, 2);
        run(&mut series, &mut seen, 30..1800, 66);
        assert!(series.spike().is_some_and(|spike| spike.usual.is_some_and(|usual| usual < 6.0)));
    }

    #[test]
    fn what_closes_while_sockets_are_moved_is_not_usual() {
        let (mut series, mut seen) = (Series::default(), observed());
        run(&mut series, &mut seen, 0..600, 2);
        for second in 600..720 {
            let at = Mono::from_secs(second);
            seen.add(at, 1.0);
            series.add(at, 1.0, false);
            series.pass(at, 1.0, false);
        }
        let usual = series.usual(Mono::from_secs(790), &SpikeRule::default(), &seen).expect("a baseline");
        assert!((usual - 2.0).abs() < 0.2, "{usual}");
    }

    #[test]
    fn normal_codes_never_spike() {
        let mut normal = Series::default();
        normal.add(Mono::from_secs(1), 100.0, true);
        normal.judge(Mono::from_secs(1), 1000, &SpikeRule::default(), &observed());
        assert_eq!(normal.spike(), None);
    }

    #[test]
    fn names_come_from_the_config_first() {
        let mut spec = ClosesSpec::default();
        spec.names.insert(4401, "expired".to_owned());
        assert_eq!(name(&spec, 4401), "expired");
        assert_eq!(name(&spec, 1006), "abnormal, no frame");
        assert_eq!(name(&spec, 4711), "application");
    }
}
