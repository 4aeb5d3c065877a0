//! One who counts closes: this client of its own connections, the server of all of them. What happened while it was not
//! heard is not known, and is no zero.

use std::collections::BTreeMap;
use std::time::Duration;

use super::MAX_CODES;
use crate::domain::close_code::{self, RATE_WINDOW, Series};
use crate::domain::measure::Sliding;
use crate::domain::{Clean, Mono, Watched};

/// Whoever looks itself, and says nothing for longer, did not see what happened meanwhile.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

/// The longest time between two scrapes over which an increase is spread: where in a day something happened is no news.
pub(super) const LONGEST_GAP: Duration = Duration::from_hours(24);

/// What an observer saw of the time since it was heard before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Saw {
    /// Nothing: no connection of its own was open that could have been closed.
    Nothing,
    /// What happened in front of it, while it was there.
    Itself,
    /// All of it: a counter went on counting, however long nobody read it.
    ByCounter,
}

/// One who counts closes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Observer {
    pub(super) codes: BTreeMap<u16, Series>,
    /// Seconds in which it could see.
    pub(super) seen: Sliding,
    /// When it could first have told of one.
    pub(super) first: Option<Mono>,
    /// When it last said something, closes or not.
    pub(super) heard: Option<Mono>,
    /// What closed later than this nobody told of: it is no quiet time.
    pub(super) until: Option<Mono>,
    /// Whether it is not heard now.
    pub(super) lost: bool,
    /// Another process may have answered last than the one before: what closed in between is not known.
    pub(super) in_doubt: bool,
    /// For how much of the last minute it was heard, as of the last second; an outage in it is a hole.
    pub(super) minute: Option<Duration>,
    /// Seconds of the last minute in doubt: what closed in them is not known.
    doubted: Sliding,
    /// Increases by revision, where they are told apart.
    pub(super) by_revision: BTreeMap<(u16, Clean), Sliding>,
}

impl Observer {
    pub(super) fn new() -> Self {
        Self {
            codes: BTreeMap::new(),
            seen: close_code::observed(),
            first: None,
            heard: None,
            until: None,
            lost: false,
            in_doubt: false,
            minute: None,
            doubted: Sliding::new(Duration::from_secs(1), 64),
            by_revision: BTreeMap::new(),
        }
    }

    /// Notes that it says something; of the time since it did so before it saw what it `saw`.
    pub(super) fn hear(&mut self, at: Mono, saw: Saw) {
        let believed = |before: &Mono| match saw {
            Saw::Nothing => false,
            Saw::Itself => at.since(*before) <= LONGEST_SILENCE,
            Saw::ByCounter => at.since(*before) <= LONGEST_GAP,
        };
        if let Some(before) = self.heard.filter(believed) {
            self.seen.add_time(before, at);
        }
        self.heard = Some(at);
    }

    /// Notes that another one answers than before, or may: of the time since the scrape before nothing is known.
    pub(super) fn doubt(&mut self, at: Mono) {
        let Some(before) = self.heard else { return };
        self.doubted.add_time(before.max(at.before(RATE_WINDOW)), at);
        self.heard = Some(at);
    }

    pub(super) fn add(&mut self, code: u16, at: Mono, n: f64, usual: bool) -> bool {
        if !self.codes.contains_key(&code) && self.codes.len() >= MAX_CODES {
            return false;
        }
        self.codes.entry(code).or_default().add(at, n, usual);
        true
    }

    /// The end of the time of which it has told: a rate is of the minute before, and silence does not lower it.
    pub(super) fn told(&self, now: Mono) -> Mono {
        self.until.map_or(now, |until| until.min(now))
    }

    pub(super) fn per_minute(&self, code: u16, now: Mono) -> Option<f64> {
        self.heard?;
        Some(self.codes.get(&code).map_or(0.0, |series| series.per_minute(self.told(now))))
    }

    /// How much of a minute it has watched, while that is not all of it.
    pub(super) fn counting(&self, now: Mono) -> Option<Watched> {
        let told = self.told(now);
        let doubted = Duration::from_secs_f64(self.doubted.sum(told, RATE_WINDOW).max(0.0));
        let known = |minute: Duration| minute.saturating_sub(doubted);
        let minute =
            if doubted.is_zero() { self.minute } else { self.minute.or(Some(RATE_WINDOW)).map(known) };
        counting(self.first, minute, told)
    }
}

/// How much of the minute of a rate somebody who was heard first at `first`, and for so much of the last `minute`, has seen,
/// while that is not all of it.
pub(super) fn counting(first: Option<Mono>, minute: Option<Duration>, now: Mono) -> Option<Watched> {
    let since = first.map_or(Duration::ZERO, |first| now.since(first));
    let watched = Watched::sliding(since, minute, RATE_WINDOW);
    (!watched.is_enough(Duration::ZERO)).then_some(watched)
}
