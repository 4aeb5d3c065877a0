//! Whom a rate of closes speaks of: the revisions on whose account the last minute's were counted.

use std::collections::BTreeMap;

use super::{Closes, TEN_MINUTES, shares};
use crate::domain::close_code::RATE_WINDOW;
use crate::domain::{Clean, Mono, Origin};

/// The part of the closes, in percent, that makes a revision the one that they speak of.
const NEARLY_ALL: f64 = 95.0;

impl Closes {
    /// Whether `code` is counted by the server (else only by this client).
    pub fn from_server(&self, code: u16) -> bool {
        self.server.codes.contains_key(&code)
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

    /// Whom the last minute's closes with `codes` speak of: one revision if nearly all are on its account. Without
    /// any the whole stream; `Unknown` where the server counts and does not tell its revisions apart.
    pub(super) fn whose(&self, codes: &[u16], now: Mono) -> Origin {
        let mut sums: BTreeMap<Origin, f64> = BTreeMap::new();
        for code in codes {
            if self.from_server(*code) {
                let mut named = self.server.by_revision.range(key(*code)).peekable();
                if named.peek().is_none() {
                    *sums.entry(Origin::Unknown).or_default() +=
                        self.server.per_minute(*code, now).unwrap_or(0.0);
                }
                for ((_, revision), window) in named {
                    let of = Origin::Revision(revision.to_string());
                    *sums.entry(of).or_default() += window.sum(now, RATE_WINDOW);
                }
            } else {
                let recent = |at: Mono| now.since(at) <= RATE_WINDOW;
                for closed in self.last.iter().filter(|closed| closed.code == *code && recent(closed.at)) {
                    *sums.entry(closed.origin.clone()).or_default() += 1.0;
                }
            }
        }
        let total: f64 = sums.values().sum();
        let most = sums.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, n)| *n > 0.0);
        match most {
            None if codes.iter().any(|code| self.from_server(*code)) => Origin::Unknown,
            None => self.origin.clone(),
            Some((origin, n)) if n / total * 100.0 >= NEARLY_ALL => origin,
            Some(_) => Origin::Mixed,
        }
    }
}

/// The keys of one code.
fn key(code: u16) -> std::ops::Range<(u16, Clean)> {
    (code, Clean::default())..(code.saturating_add(1), Clean::default())
}
