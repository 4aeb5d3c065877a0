//! Who counts closes and can still be believed, and whom their rate speaks of: the revisions on whose account the last
//! minute's were counted.

use std::collections::BTreeMap;

use super::{Closes, CodeRow, Live, TEN_MINUTES, shares};
use crate::domain::close_code::{self, RATE_WINDOW};
use crate::domain::{Clean, Mono, Origin, Watched};

/// The part of the closes, in percent, that makes a revision the one that they speak of.
const NEARLY_ALL: f64 = 95.0;

impl Closes {
    /// The codes to show, with what is still known of each while only the sources in `live` can be believed: a source
    /// that fell silent counts nothing, which is not the same as nothing having closed.
    pub fn known_rows(&self, now: Mono, live: Live) -> Vec<CodeRow> {
        let live = self.believed(live);
        let known = |row: CodeRow| {
            let best = if self.from_server(row.code) { live.metrics } else { live.events };
            CodeRow {
                per_minute: row.per_minute.filter(|_| best),
                client: row.client.filter(|_| live.events),
                server: row.server.filter(|_| live.metrics),
                usual: row.usual.filter(|_| best),
                spike: row.spike.filter(|_| best),
                ..row
            }
        };
        self.rows(now).into_iter().map(known).collect()
    }

    /// `Some(0)` where the server counted closes, and has told of none for as long as they are counted over.
    pub(super) fn silent_server(&self, now: Mono) -> Option<u64> {
        self.server.heard.filter(|at| now.since(*at) > RATE_WINDOW).map(|_| 0)
    }

    /// How much of a minute all who count were heard, while that is not all of it. Who never said anything holds up nobody.
    pub(super) fn counting(&self, now: Mono) -> Option<Watched> {
        let client = self.watched.then_some(&self.client);
        let server = self.scraped.then_some(&self.server);
        let all = || client.into_iter().chain(server);
        let heard = all().any(|observer| observer.first.is_some());
        let all = all().filter(|observer| observer.first.is_some() || !heard);
        let all = all.filter_map(|observer| observer.counting(now));
        all.min_by_key(|watched| watched.had)
    }

    /// The same of the closes that this client sees, and of those that the server counts.
    pub fn counting_each(&self, now: Mono) -> [Option<Watched>; 2] {
        [&self.client, &self.server].map(|observer| observer.heard.and(observer.counting(now)))
    }

    /// Whether the server counts closes too, or may: nothing of it was read yet.
    pub fn expects_server(&self) -> bool {
        self.scraped && (self.server.heard.is_some() || self.server.first.is_none())
    }

    /// Whether `code` is as the server counts it (else as this client does).
    pub fn from_server(&self, code: u16) -> bool {
        let spikes = |series: &close_code::Series| series.spike().is_some();
        let sees = !self.client.lost || self.server.lost;
        let only_here = sees && self.client.codes.get(&code).is_some_and(spikes);
        self.is_counted_by_server(code) && (!only_here || self.server.codes.get(&code).is_some_and(spikes))
    }

    /// Whether the server counts `code`: also one that it has not counted yet, where nobody else could have.
    pub(super) fn is_counted_by_server(&self, code: u16) -> bool {
        let alone = self.server.heard.is_some() && self.client.heard.is_none();
        alone || self.server.codes.contains_key(&code)
    }

    /// How often `code` was counted since the start, by this client and by the server; `None`: nobody looked there.
    pub fn counted(&self, code: u16) -> (Option<u64>, Option<u64>) {
        let of = |observer: &super::Observer| {
            observer.heard.map(|_| observer.codes.get(&code).map_or(0, super::Series::total))
        };
        (of(&self.client), of(&self.server))
    }

    /// Shares in percent of the server's closes with `code` in the last ten minutes by revision, largest first.
    pub fn by_revision(&self, code: u16, now: Mono) -> Vec<(Clean, f64)> {
        let of_code = self.server.by_revision.iter().filter(|((c, _), _)| *c == code);
        let sums = of_code.map(|((_, revision), window)| (revision.clone(), window.sum(now, TEN_MINUTES)));
        let sums: Vec<_> = sums.collect();
        if sums.is_empty() {
            let ends = self.last.iter().filter(|closed| closed.code == code);
            return shares(ends.map(|closed| (Clean::new(&closed.origin.to_string()), 1.0)));
        }
        shares(sums.into_iter())
    }

    /// The server's closes of the last ten minutes on each of `revisions`, by code; codes that none of them had are left
    /// out, and so is everything where the server does not tell its revisions apart.
    pub fn counted_on(&self, revisions: &[&str], now: Mono) -> Vec<(u16, Vec<f64>)> {
        let mut codes: Vec<u16> = self.server.by_revision.keys().map(|(code, _)| *code).collect();
        codes.dedup();
        let of = |code: u16, name: &str| {
            let window = self.server.by_revision.get(&(code, Clean::new(name)));
            window.map_or(0.0, |window| window.sum(now, TEN_MINUTES).round())
        };
        let row = |code: u16| (code, revisions.iter().map(|name| of(code, name)).collect::<Vec<f64>>());
        codes.into_iter().map(row).filter(|(_, counts)| counts.iter().any(|count| *count > 0.0)).collect()
    }

    /// Whom the last minute's closes with `codes` speak of: one revision if it is the same for all of them. Without
    /// any the whole stream; `Unknown` where the server counts and does not tell its revisions apart.
    pub(super) fn whose(&self, codes: &[u16], now: Mono) -> Origin {
        let mut all = codes.iter().filter_map(|code| self.blamed(*code, now));
        let Some(first) = all.next() else {
            let counted = codes.iter().any(|code| self.from_server(*code));
            return if counted { Origin::Unknown } else { self.origin.clone() };
        };
        if all.all(|other| other == first) { first } else { Origin::Mixed }
    }

    /// The revision on whose account nearly all of the last minute's closes with `code` are, or without which they
    /// would not be over the floor of a spike.
    fn blamed(&self, code: u16, now: Mono) -> Option<Origin> {
        let sums = self.sums(code, now);
        let total: f64 = sums.values().sum();
        let (most, n) = sums.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, n)| *n > 0.0)?;
        let floor = self.spec.spike.floor_per_minute;
        let alone = n / total * 100.0 >= NEARLY_ALL || (total > floor && total - n <= floor);
        Some(if alone { most } else { Origin::Mixed })
    }

    /// The last minute's closes with `code`, by whom they are of.
    fn sums(&self, code: u16, now: Mono) -> BTreeMap<Origin, f64> {
        let mut sums: BTreeMap<Origin, f64> = BTreeMap::new();
        if self.from_server(code) {
            let mut named = self.server.by_revision.range(key(code)).peekable();
            if named.peek().is_none() {
                sums.insert(Origin::Unknown, self.server.per_minute(code, now).unwrap_or(0.0));
            }
            for ((_, revision), window) in named {
                sums.insert(Origin::Revision(revision.to_string()), window.sum(now, RATE_WINDOW));
            }
            return sums;
        }
        let recent = |at: Mono| now.since(at) <= RATE_WINDOW;
        for closed in self.last.iter().filter(|closed| closed.code == code && recent(closed.at)) {
            *sums.entry(closed.origin.clone()).or_default() += 1.0;
        }
        sums
    }
}

/// The keys of one code.
fn key(code: u16) -> std::ops::Range<(u16, Clean)> {
    (code, Clean::default())..(code.saturating_add(1), Clean::default())
}
