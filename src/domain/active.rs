//! How an active run went: judged on its own events alone, in the order in which they came, with the time that it took.
//!
//! Pure: events and times go in, an [`ActiveRan`] comes out.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::room::{ActiveSpec, EventsSpec};
use super::{Clean, Mono, Origin, ServiceIx};

/// How an active run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "ended", content = "why")]
pub enum Ended {
    /// All required events came, in order and in time.
    Whole,
    /// It ended, and required events had not come.
    Incomplete,
    /// All came, in another order.
    OutOfOrder,
    /// All came, too late.
    Slow,
    /// It did not end in time.
    TimedOut,
    /// The connection ended before the run did.
    Closed(Clean),
    /// Nothing could be sent.
    Unreachable(Clean),
}

/// One active run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveRan {
    /// Whose stream.
    pub service: ServiceIx,
    /// When it was over.
    pub at: Mono,
    /// Its id, if it got one.
    pub run: Option<Clean>,
    /// Which revision was asked.
    pub origin: Origin,
    /// How it ended.
    pub ended: Ended,
    /// Required events that did not come.
    pub missing: Vec<Clean>,
    /// Own events that came.
    pub events: u32,
    /// From sending to its first event.
    pub first: Option<Duration>,
    /// From sending to its last one.
    pub took: Option<Duration>,
    /// Events of others on this connection.
    pub foreign: u32,
    /// Whose the first of them was.
    pub foreigner: Option<Clean>,
}

impl ActiveRan {
    /// A run that could not even begin.
    pub fn unreachable(service: ServiceIx, at: Mono, origin: Origin, why: Clean) -> Self {
        Self {
            service,
            at,
            run: None,
            origin,
            ended: Ended::Unreachable(why),
            missing: Vec::new(),
            events: 0,
            first: None,
            took: None,
            foreign: 0,
            foreigner: None,
        }
    }

    /// Whether all was as it must be; what others got is judged apart.
    pub fn is_good(&self) -> bool {
        self.ended == Ended::Whole
    }

    /// Whether a message was taken and no event came back.
    pub fn is_silent(&self) -> bool {
        self.events == 0 && matches!(self.ended, Ended::TimedOut)
    }

    /// How it went, in words.
    pub fn words(&self) -> String {
        let seconds = |took: Option<Duration>| took.map_or(0.0, |took| took.as_secs_f64());
        let missing = || {
            let names: Vec<&str> = self.missing.iter().map(|name| &**name).collect();
            names.join(", ")
        };
        match &self.ended {
            Ended::Whole => format!("whole in {:.1} s", seconds(self.took)),
            Ended::Incomplete => format!("incomplete: {} missing", missing()),
            Ended::OutOfOrder => "its events came out of order".to_owned(),
            Ended::Slow => format!("too slow: {:.1} s", seconds(self.took)),
            Ended::TimedOut if self.events == 0 => "timed out: no event came".to_owned(),
            Ended::TimedOut if self.missing.is_empty() => "timed out".to_owned(),
            Ended::TimedOut => format!("timed out: {} missing", missing()),
            Ended::Closed(why) => format!("the connection ended: {why}"),
            Ended::Unreachable(why) => format!("not begun: {why}"),
        }
    }
}

/// What is looked at of an event.
#[derive(Debug, Clone, Copy, Default)]
pub struct Heard<'a> {
    /// Its type.
    pub kind: &'a str,
    /// Its run.
    pub run: Option<&'a str>,
    /// Whom it is for.
    pub user: Option<&'a str>,
}

/// Judges one run.
#[derive(Debug, Clone)]
pub struct Judge {
    spec: ActiveSpec,
    first: Option<String>,
    last: Option<String>,
    run: Option<String>,
    sent: Mono,
    /// For each required type its place among the types as they came first.
    seen: Vec<Option<u32>>,
    kinds: u32,
    events: u32,
    began: Option<Mono>,
    ended: Option<Mono>,
    foreign: u32,
    foreigner: Option<Clean>,
}

impl Judge {
    /// The message was sent at `sent`; `run` is the id in it, if the server does not choose one.
    pub fn new(events: &EventsSpec, spec: &ActiveSpec, run: Option<String>, sent: Mono) -> Self {
        Self {
            first: events.first.clone(),
            last: events.last.clone(),
            run,
            sent,
            seen: vec![None; spec.required.len()],
            kinds: 0,
            events: 0,
            began: None,
            ended: None,
            foreign: 0,
            foreigner: None,
            spec: spec.clone(),
        }
    }

    /// Takes an event that came at `at`.
    pub fn take(&mut self, event: Heard<'_>, at: Mono) {
        let stranger = self.spec.me.as_deref().zip(event.user).is_some_and(|(me, user)| me != user);
        if stranger {
            return self.violated(event.user.or(event.run));
        }
        let begins = self.first.as_deref().is_none_or(|first| first == event.kind);
        if self.run.is_none() && begins {
            // The server chose the id: the first run that begins here after the message is its answer.
            self.run = event.run.map(str::to_owned);
        }
        match (event.run, self.run.as_deref()) {
            (Some(run), Some(own)) if run == own => self.own(event.kind, at),
            (Some(run), _) if self.spec.alone => self.violated(Some(run)),
            _ => {}
        }
    }

    fn violated(&mut self, whose: Option<&str>) {
        self.foreign = self.foreign.saturating_add(1);
        self.foreigner.get_or_insert_with(|| Clean::new(whose.unwrap_or("somebody else")));
    }

    fn own(&mut self, kind: &str, at: Mono) {
        // It is judged as it ended; what comes of it later is listened to for others' events alone.
        if self.is_over() {
            return;
        }
        self.events += 1;
        self.began.get_or_insert(at);
        if let Some(place) = self.spec.required.iter().position(|known| known == kind)
            && let Some(seen) = self.seen.get_mut(place)
            && seen.is_none()
        {
            *seen = Some(self.kinds);
            self.kinds += 1;
        }
        let all = self.seen.iter().all(Option::is_some);
        let last = self.last.as_deref().map_or(all, |last| last == kind);
        if last {
            self.ended.get_or_insert(at);
        }
    }

    /// Whether nothing more is to come of it.
    pub fn is_over(&self) -> bool {
        self.ended.is_some()
    }

    /// Whether events of others can be told from its own.
    pub fn knows_strangers(&self) -> bool {
        self.spec.me.is_some() || self.spec.alone
    }

    /// The judgement at `at`; `closed`: why the connection ended, if it did.
    pub fn judged(self, service: ServiceIx, origin: Origin, at: Mono, closed: Option<Clean>) -> ActiveRan {
        let required = self.spec.required.iter().zip(&self.seen);
        let missing: Vec<Clean> =
            required.filter(|(_, seen)| seen.is_none()).map(|(kind, _)| Clean::new(kind)).collect();
        let took = self.ended.map(|ended| ended.since(self.sent));
        let ended = match (took, closed) {
            (Some(_), _) if !missing.is_empty() => Ended::Incomplete,
            (Some(_), _) if !self.seen.is_sorted() => Ended::OutOfOrder,
            (Some(took), _) if took > self.spec.limit => Ended::Slow,
            (Some(_), _) => Ended::Whole,
            (None, Some(why)) => Ended::Closed(why),
            (None, None) => Ended::TimedOut,
        };
        ActiveRan {
            service,
            at,
            run: self.run.as_deref().map(Clean::new),
            origin,
            ended,
            missing,
            events: self.events,
            first: self.began.map(|began| began.since(self.sent)),
            took,
            foreign: self.foreign,
            foreigner: self.foreigner,
        }
    }
}

#[cfg(test)]
mod tests;
