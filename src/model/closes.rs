//! Close codes of one service: counts and rates as this client and as the server see them, spikes, handshakes and
//! how long connections live.

mod handshakes;
mod observer;
mod row;
mod waves;
mod whose;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::domain::close_code::{self, Series};
use crate::domain::event::{Closed, EventsDelta};
use crate::domain::measure::Sliding;
use crate::domain::metric::{Connections, Scraped};
use crate::domain::room::{ClosesSpec, Room, Service};
use crate::domain::{Clean, Mono, Now, Origin, Reading, ServiceIx, Watched};

pub use handshakes::Handshakes;
pub use row::{CodeRow, limit_text, rate_text};
pub use waves::Wave;

use observer::{LONGEST_GAP, Observer, Saw, counting};
use waves::Waves;

/// Ends of connections remembered one by one.
const REMEMBERED: usize = 500;
/// Distinct codes tracked; the protocol allows 64 k, a hostile server could send them all.
const MAX_CODES: usize = 64;
const TEN_MINUTES: Duration = Duration::from_mins(10);

/// The sub-state.
#[derive(Debug, Clone, PartialEq)]
pub struct Closes {
    spec: ClosesSpec,
    watched: bool,
    scraped: bool,
    client: Observer,
    server: Observer,
    codes_beyond: u64,
    last: VecDeque<Closed>,
    handshakes: Handshakes,
    connections: Vec<Connections>,
    connections_at: Option<Mono>,
    origin: Origin,
    judged: Mono,
    /// Sockets are moved on purpose: what closes now is no measure of what is usual.
    drains: bool,
    waves: Waves,
}

/// Whether the two sources behind closes can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Live {
    /// The event stream.
    pub events: bool,
    /// The metrics endpoint.
    pub metrics: bool,
}

impl Closes {
    /// Empty, as configured for `service`.
    pub fn new(room: &Room, service: ServiceIx) -> Self {
        let service = room.service(service);
        Self {
            spec: service.map(|s| s.closes.clone()).unwrap_or_default(),
            watched: service.is_some_and(|s| s.events.is_some()),
            scraped: service
                .and_then(Service::scraped)
                .is_some_and(|metrics| !metrics.closes_total.is_empty()),
            client: Observer::new(),
            server: Observer::new(),
            codes_beyond: 0,
            last: VecDeque::new(),
            handshakes: Handshakes::new(),
            connections: Vec::new(),
            connections_at: None,
            origin: Origin::Unknown,
            judged: Mono::default(),
            drains: false,
            waves: Waves::new(),
        }
    }

    /// Whether sockets are moved on purpose from now on.
    pub fn set_drains(&mut self, drains: bool) {
        self.drains = drains;
    }

    /// Whether they are.
    pub fn drains(&self) -> bool {
        self.drains
    }

    /// People who connect at once, now or a moment ago.
    pub fn wave(&self) -> Option<Wave> {
        self.waves.wave()
    }

    /// Whether what closes now says what is usual.
    fn is_usual(&self) -> bool {
        !self.drains && self.waves.wave().is_none()
    }

    /// Takes in what the stream's source saw of its connections.
    pub fn streamed(&mut self, delta: &EventsDelta) {
        let at = delta.at;
        // Without a connection there is none that could be closed: that is no quiet time.
        let connected = self.handshakes.open.0 > 0 || delta.sockets.opened > 0;
        self.client.hear(at, if connected { Saw::Itself } else { Saw::Nothing });
        if connected || !delta.sockets.closed.is_empty() {
            self.client.until = self.client.until.map(|until| until.max(at));
        }
        self.client.first.get_or_insert(at);
        self.origin.clone_from(&delta.origin);
        let usual = self.is_usual();
        for (code, n) in &delta.sockets.closed {
            if !self.client.add(*code, at, *n as f64, usual) {
                self.codes_beyond += n;
            }
        }
        for closed in &delta.sockets.closes {
            if self.last.len() >= REMEMBERED {
                self.last.pop_front();
            }
            self.last.push_back(closed.clone());
        }
        self.handshakes.take(delta);
    }

    /// Takes in the server's own counters.
    pub fn scraped(&mut self, scraped: &Scraped) {
        let at = scraped.at;
        // A code that is told for the first time brings closes of which nobody knows when they were.
        let untold = self.server.first.is_some() && scraped.closes.iter().any(|it| it.increase.is_none());
        self.server.first.get_or_insert(at);
        self.server.in_doubt = scraped.in_doubt || untold;
        if !scraped.connections.is_empty() {
            self.connections.clone_from(&scraped.connections);
            self.connections_at = Some(at);
        }
        if scraped.in_doubt {
            // The time until the next one is no quiet time, and a gauge of somebody else no wave.
            self.server.doubt(at);
            return self.waves.forget();
        }
        self.server.until = Some(at);
        self.waves.scraped(scraped, !self.drains);
        let usual = self.is_usual();
        // A counter's increase happened somewhere since the scrape before, however long ago that was: spread over these
        // seconds, it does not jump in and out of the window of a minute.
        let gap = self.server.heard.map_or(Duration::ZERO, |before| at.since(before)).min(LONGEST_GAP);
        let gap = gap.as_secs().max(1);
        if !scraped.closes.is_empty() || scraped.none_closed {
            self.server.hear(at, Saw::ByCounter);
        }
        for closes in &scraped.closes {
            let n = closes.increase.unwrap_or(0.0);
            let each = n / gap as f64;
            let second = |back| at.before(Duration::from_secs(back));
            if !(0..gap).rev().all(|back| self.server.add(closes.code, second(back), each, usual)) {
                self.codes_beyond += n.round().max(0.0) as u64;
            } else if let Some(revision) = &closes.revision {
                let key = (closes.code, revision.clone());
                if self.server.by_revision.len() < MAX_CODES * 8 || self.server.by_revision.contains_key(&key)
                {
                    let window = || Sliding::new(Duration::from_secs(5), 12 * 15);
                    let window = self.server.by_revision.entry(key).or_insert_with(window);
                    (0..gap).rev().for_each(|back| window.add(second(back), each));
                }
            }
        }
    }

    /// What can be believed, where another process may answer than before.
    fn believed(&self, live: Live) -> Live {
        Live { metrics: live.metrics && !self.server.in_doubt, ..live }
    }

    /// For how much of the last minute the stream and the metrics endpoint were heard; `None`: of one that is not configured.
    /// What was counted before one was lost is as it was: no rate becomes a count of less than a minute by that.
    pub fn heard(&mut self, events: Option<Duration>, metrics: Option<Duration>) {
        for (observer, minute) in [(&mut self.client, events), (&mut self.server, metrics)] {
            if !observer.lost {
                observer.minute = minute;
            }
        }
    }

    /// Whether the stream and the metrics endpoint are heard `now`: of a stream that is not, what closes since is not known.
    pub fn lost(&mut self, live: Live, now: Mono) {
        (self.client.lost, self.server.lost) = (!live.events, !self.believed(live).metrics);
        let until = self.client.until.unwrap_or(now);
        self.client.until = (!live.events).then_some(until);
    }

    /// Judges spikes as time passes: what spiked when its source was lost does so until it is seen that it does not.
    pub fn ticked(&mut self, now: Now) {
        let seconds = now.mono.since(self.judged).as_secs_f64();
        self.judged = now.mono;
        self.waves.ticked(now.mono, seconds, !self.drains, &self.spec.spike);
        let usual = self.is_usual();
        for observer in [&mut self.client, &mut self.server] {
            let told = observer.told(now.mono);
            let Observer { codes, seen, .. } = observer;
            for (code, series) in codes {
                series.pass(now.mono, seconds, usual);
                series.judge(told, *code, &self.spec.spike, seen);
            }
        }
    }

    /// Whether anything is configured that could see closes.
    pub fn watched(&self) -> bool {
        self.watched || self.scraped
    }

    /// The codes to show: the configured ones and every one seen, ascending.
    pub fn rows(&self, now: Mono) -> Vec<CodeRow> {
        let mut codes: Vec<u16> = self.spec.show.clone();
        codes.extend(self.client.codes.keys().chain(self.server.codes.keys()));
        codes.sort_unstable();
        codes.dedup();
        codes.into_iter().map(|code| self.row(code, now)).collect()
    }

    /// One code.
    pub fn row(&self, code: u16, now: Mono) -> CodeRow {
        let best = self.best(code);
        let series = best.codes.get(&code);
        let rule = &self.spec.spike;
        let empty = Series::default();
        CodeRow {
            code,
            name: close_code::name(&self.spec, code),
            per_minute: best.per_minute(code, now),
            client: self.client.per_minute(code, now),
            server: self.is_counted_by_server(code).then(|| self.server.per_minute(code, now)).flatten(),
            total: series.map_or(0, Series::total),
            usual: series.unwrap_or(&empty).usual(best.told(now), rule, &best.seen),
            limit: (!rule.normal.contains(&code)).then_some(rule.floor_per_minute),
            spike: series.and_then(Series::spike),
            counting: best.counting(now),
        }
    }

    /// Who counts `code` best: the server if it counts it at all, else this client; and this client where only its own
    /// connections spike, which a proxy may close without the server's knowing.
    fn best(&self, code: u16) -> &Observer {
        if self.from_server(code) { &self.server } else { &self.client }
    }

    /// Counts of `code` in `n` parts of the last ten minutes, oldest first.
    pub fn history(&self, code: u16, now: Mono, n: usize) -> Vec<f64> {
        self.best(code)
            .codes
            .get(&code)
            .map_or_else(|| vec![0.0; n], |series| series.history(now, TEN_MINUTES, n))
    }

    /// All closes per minute as counted by this client and by the server.
    pub fn totals(&self, now: Mono) -> (Option<f64>, Option<f64>) {
        let sum = |observer: &Observer| {
            let told = observer.told(now);
            observer.heard.map(|_| observer.codes.values().map(|series| series.per_minute(told)).sum())
        };
        (sum(&self.client), sum(&self.server))
    }

    /// Shares in percent of this client's remembered closes with `code` by reason (empty: none given), largest first.
    pub fn by_reason(&self, code: u16) -> Vec<(Clean, f64)> {
        let ends = self.last.iter().filter(|closed| closed.code == code);
        shares(ends.map(|closed| (closed.reason.clone(), 1.0)))
    }

    /// Of this client's remembered closes with `code`: percent within two seconds of connecting, and the median life.
    pub fn by_age(&self, code: u16) -> Option<(f64, Duration)> {
        let ends = self.last.iter().filter(|closed| closed.code == code);
        let mut lives: Vec<u64> = ends.map(|closed| closed.lived_ms).collect();
        lives.sort_unstable();
        let median = lives.get(lives.len().saturating_sub(1) / 2)?;
        let young = lives.iter().filter(|ms| **ms <= 2_000).count();
        Some((young as f64 / lives.len() as f64 * 100.0, Duration::from_millis(*median)))
    }

    /// The newest ends with `code` that this client saw, newest first.
    pub fn newest(&self, code: u16) -> impl Iterator<Item = &Closed> {
        self.last.iter().rev().filter(move |closed| closed.code == code)
    }

    /// Attempts and refusals.
    pub fn handshakes(&self) -> &Handshakes {
        &self.handshakes
    }

    /// Connections as the server counts them.
    pub fn connections(&self) -> &[Connections] {
        &self.connections
    }

    /// Codes that spike now, worst (by rate against usual) first.
    pub fn spiking(&self, now: Mono) -> Vec<CodeRow> {
        let mut rows = self.rows(now);
        rows.retain(|row| row.spike.is_some());
        rows.sort_by(|a, b| b.per_minute.partial_cmp(&a.per_minute).unwrap_or(std::cmp::Ordering::Equal));
        rows
    }

    /// Closes of codes beyond the number that is tracked.
    pub fn codes_beyond(&self) -> u64 {
        self.codes_beyond
    }

    /// Readings for the registry.
    pub fn signals(&self, now: Now, live: Live) -> Vec<(String, Option<Reading>)> {
        let counted = self.believed(live);
        let mut out = Vec::new();
        let reading = |value: f64, at: Mono, fresh: bool| {
            Some(Reading { value, at, fresh, samples: None, origin: self.origin.clone(), watched: None })
        };
        let silent = self.silent_server(now.mono);
        let (mut spiking, mut heard) = (Vec::new(), self.server.heard);
        for row in self.rows(now.mono) {
            let server = self.from_server(row.code);
            let observer = self.best(row.code);
            let fresh = if server { counted.metrics } else { live.events };
            let value = row.per_minute.zip(observer.heard).map(|(rate, _)| rate);
            out.push((
                format!("closes.{}.per_minute", row.code),
                value.and_then(|rate| {
                    let origin = self.whose(&[row.code], now.mono);
                    let samples = silent.filter(|_| server);
                    let watched = row.counting;
                    Some(Reading { samples, origin, watched, ..reading(rate, now.mono, fresh)? })
                }),
            ));
            spiking.extend(row.spike.map(|_| row.code));
            heard = heard.max(observer.heard);
        }
        let fresh = if self.server.heard.is_none() { live.events } else { counted.metrics };
        out.push((
            "closes.spiking".to_owned(),
            heard.and_then(|_| {
                let origin = self.whose(&spiking, now.mono);
                let spikes = reading(spiking.len() as f64, now.mono, fresh)?;
                Some(Reading { samples: silent, origin, watched: self.counting(now.mono), ..spikes })
            }),
        ));
        let refused = self.handshakes.refused_per_minute(now.mono);
        // Who was refused is known also while nobody is let in.
        let watched = counting(self.client.first, None, now.mono);
        let refused = self.client.heard.and_then(|_| reading(refused, now.mono, live.events));
        let refused = refused.map(|refused| Reading { watched, ..refused });
        out.push(("connections.refused".to_owned(), refused));
        let rate = self.handshakes.success_percent(now.mono);
        let rate = rate.and_then(|rate| reading(rate, now.mono, live.events));
        out.push(("connections.success".to_owned(), rate));
        let at = self.connections_at.unwrap_or_default();
        let number = |value: Option<f64>| value.and_then(|value| reading(value, at, live.metrics));
        let open: Vec<f64> = self.connections.iter().filter_map(|c| c.open).collect();
        let open = (!open.is_empty()).then(|| open.iter().sum());
        out.push(("connections.open".to_owned(), number(open)));
        let all = self.connections.iter().find(|c| c.revision.is_none()).or(self.connections.first());
        let single = all.filter(|c| c.revision.is_none() || self.connections.len() == 1);
        let had = single.and_then(|c| Duration::try_from_secs_f64(c.watched_seconds?).ok());
        let watched = had.map(|had| Watched { had, of: TEN_MINUTES, grows: false });
        for (name, value) in [("p50", single.and_then(|c| c.p50)), ("p95", single.and_then(|c| c.p95))] {
            let lived = number(value).map(|reading| Reading { watched, ..reading });
            out.push((format!("connections.{name}"), lived));
        }
        out
    }
}

/// Sums by name as percent of the whole, largest first.
fn shares(parts: impl Iterator<Item = (Clean, f64)>) -> Vec<(Clean, f64)> {
    let mut sums: BTreeMap<Clean, f64> = BTreeMap::new();
    parts.for_each(|(name, n)| *sums.entry(name).or_default() += n);
    let total: f64 = sums.values().sum();
    let mut out: Vec<_> = sums.into_iter().filter(|(_, n)| *n > 0.0).collect();
    for (_, n) in &mut out {
        *n = *n / total * 100.0;
    }
    out.sort_by(|a, b| b.1.total_cmp(&a.1));
    out
}

#[cfg(test)]
mod tests;
