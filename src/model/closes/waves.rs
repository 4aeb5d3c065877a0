//! Waves of people who connect at once, as the server's gauge and its counters tell them. What closes in a wave is no
//! measure of what is usual, and a spike in one is told as such.

use std::time::Duration;

use crate::domain::Mono;
use crate::domain::close_code::{self, Series};
use crate::domain::measure::Sliding;
use crate::domain::metric::Scraped;
use crate::domain::room::SpikeRule;

/// Fewer in a minute are no wave.
const FLOOR: f64 = 30.0;

/// So long after its end closes are still of its people.
const AFTER: Duration = Duration::from_mins(2);

/// Scrapes further apart tell nothing of a minute.
const FURTHEST: Duration = Duration::from_secs(30);

/// A wave that runs, or just ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wave {
    /// How many came in a minute, at its height.
    pub came: f64,
    /// How many usually do.
    pub usual: f64,
    last: Mono,
}

/// How many connect.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Waves {
    came: Series,
    seen: Sliding,
    open: Option<(Mono, f64)>,
    wave: Option<Wave>,
}

impl Waves {
    pub(super) fn new() -> Self {
        Self { came: Series::default(), seen: close_code::observed(), open: None, wave: None }
    }

    /// Who is there and was not came since the scrape before, and so did whoever has left again. `usual`: nobody is moved.
    pub(super) fn scraped(&mut self, scraped: &Scraped, usual: bool) {
        let open: Vec<f64> = scraped.connections.iter().filter_map(|it| it.open).collect();
        if open.is_empty() {
            self.open = None;
            return;
        }
        let (at, open): (Mono, f64) = (scraped.at, open.iter().sum());
        let Some((before, was)) = self.open.replace((at, open)) else { return };
        let gap = at.since(before);
        if gap.is_zero() || gap > FURTHEST {
            return;
        }
        let left: f64 = scraped.closes.iter().filter_map(|it| it.increase).sum();
        let seconds = gap.as_secs().max(1);
        let each = (open - was + left).max(0.0) / seconds as f64;
        for back in (0..seconds).rev() {
            self.came.add(at.before(Duration::from_secs(back)), each, usual);
        }
        self.seen.add_time(before, at);
    }

    /// Who was there is not known any more.
    pub(super) fn forget(&mut self) {
        self.open = None;
    }

    /// `seconds` passed until `now`.
    pub(super) fn ticked(&mut self, now: Mono, seconds: f64, usual: bool, rule: &SpikeRule) {
        let rule = SpikeRule { floor_per_minute: FLOOR, normal: Vec::new(), ..rule.clone() };
        self.came.pass(now, seconds, usual);
        self.came.judge(now, 0, &rule, &self.seen);
        // What is usual has to be known: a busy service is no wave.
        if let Some(usual) = self.came.spike().and_then(|spike| spike.usual) {
            let came = self.came.per_minute(now).max(self.wave.map_or(0.0, |wave| wave.came));
            self.wave = Some(Wave { came, usual, last: now });
        } else if self.wave.is_some_and(|wave| now.since(wave.last) > AFTER) {
            self.wave = None;
        }
    }

    /// The wave that runs, or ended a moment ago.
    pub(super) fn wave(&self) -> Option<Wave> {
        self.wave
    }
}
