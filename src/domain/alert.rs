//! Alerts: what goes out to people who do not look at a console.
//!
//! An alert is raised from a condition or a verdict that is bad, acknowledged by a person, and resolved when what it
//! speaks of is seen to be good. All of it is recorded, and everything here is folded from the records: so a restart
//! loses nothing, and all consoles on a journal agree. What cannot be seen neither raises nor resolves an alert, except
//! where the config asks to be told of that itself.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::room::RouteSpec;
use super::{Clean, Record, Wall};

mod book;
mod mute;

pub use book::{Book, Due};
pub use mute::{Mute, latest, matches, mute_end, split};

/// What happened to an alert or a mute, as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Something became bad. The record's number is the alert's.
    Raised {
        /// The same for the same thing, so that it is raised once.
        key: String,
        /// What is bad: a condition's name, `verdict NO-GO`.
        name: Clean,
        /// In which way.
        why: Why,
        /// 1 (worst) to 3.
        severity: u8,
        /// Value against limit then.
        about: Clean,
        /// Names of the routes it goes to.
        routes: Vec<String>,
    },
    /// A person took it up.
    Acknowledged { alert: u64, note: Clean },
    /// Nobody did in time: these routes are told besides.
    Escalated { alert: u64, routes: Vec<String> },
    /// A route was told, or not; `alert` 0: a test of the route.
    Delivered {
        alert: u64,
        moment: Moment,
        route: String,
        outcome: Outcome,
        /// What the other side said, or why there was no answer.
        answer: Clean,
        attempt: u32,
    },
    /// It is good again.
    Resolved { alert: u64, why: Clean },
    /// A person silenced alerts of this name, or of these (`*`), for a while.
    Muted { what: Clean, until: Wall, reason: Clean },
    /// A person ended that early.
    Unmuted { what: Clean },
    /// A step that this version does not know.
    #[serde(other)]
    Other,
}

/// In which way something is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// A condition fails.
    Failing,
    /// A condition cannot be seen.
    Unseen,
    /// The verdict says it.
    Verdict,
}

/// What a route is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, strum::Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Moment {
    /// It was raised.
    Raised,
    /// Nobody acknowledged it in time.
    Escalated,
    /// A person took it up.
    Acknowledged,
    /// It is good again.
    Resolved,
    /// A person tries the route.
    Test,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// The other side took it.
    Sent,
    /// Not this time; it is tried again.
    Failed,
    /// It is not tried any more.
    GivenUp,
}

/// Something that a person did or that became of an alert: who and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Who: a person, or `room`.
    pub by: Clean,
    /// When.
    pub at: Wall,
    /// A note, or why.
    pub text: Clean,
}

/// How a route was told of a moment, the last time it was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Of what.
    pub moment: Moment,
    /// The route's name.
    pub route: String,
    /// What became of it.
    pub outcome: Outcome,
    /// What the other side said.
    pub answer: Clean,
    /// How often it was tried.
    pub attempt: u32,
    /// When.
    pub at: Wall,
}

/// One alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// The number of the record that raised it.
    pub id: u64,
    /// See [`Step::Raised`].
    pub key: String,
    /// What is bad.
    pub name: Clean,
    /// In which way.
    pub why: Why,
    /// 1 (worst) to 3.
    pub severity: u8,
    /// Value against limit when it was raised.
    pub about: Clean,
    /// When.
    pub raised_at: Wall,
    /// Who took it up.
    pub acknowledged: Option<Said>,
    /// When it was escalated.
    pub escalated_at: Option<Wall>,
    /// How it ended.
    pub resolved: Option<Said>,
    /// Routes that are told.
    pub routes: Vec<String>,
    /// Routes that are told of the escalation.
    pub escalated_to: Vec<String>,
    /// How they were told, oldest first; one a route and moment.
    pub deliveries: Vec<Delivery>,
}

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum State {
    /// Nobody took it up.
    Firing,
    /// Somebody did.
    Acknowledged,
    /// It is over.
    Resolved,
}

/// Everything of an alert that a template can name: see `docs/alerts.md`.
pub type Values = std::collections::BTreeMap<String, String>;

/// A message to be sent: plain data, without a secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Sending {
    /// The alert; 0: a test.
    pub alert: u64,
    /// Its key, with the room's: the same for the raising and the resolving of one thing.
    pub key: String,
    /// What is bad.
    pub name: Clean,
    /// 1 to 3.
    pub severity: u8,
    /// What it tells of.
    pub moment: Moment,
    /// How often it was tried, this one included.
    pub attempt: u32,
    /// Where to.
    pub route: RouteSpec,
    /// The template of a document that the route names: title, then its lines.
    pub template: Option<(Clean, Vec<Clean>)>,
    /// What templates can name.
    pub values: Values,
    /// When the alert was raised.
    pub raised_at: Wall,
    /// When it was resolved.
    pub resolved_at: Option<Wall>,
}

/// What became of a sending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The alert.
    pub alert: u64,
    /// Of what.
    pub moment: Moment,
    /// The route's name.
    pub route: String,
    /// As in [`Sending`].
    pub attempt: u32,
    /// What the other side said, or why there was no good answer.
    pub answer: Result<Clean, Clean>,
    /// How long the other side wants to be left alone.
    pub retry_after: Option<Duration>,
}

impl Alert {
    /// As people write and say it: `a17`.
    pub fn label(&self) -> String {
        format!("a{}", self.id)
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        match (&self.resolved, &self.acknowledged) {
            (Some(_), _) => State::Resolved,
            (None, Some(_)) => State::Acknowledged,
            (None, None) => State::Firing,
        }
    }

    /// Whether it is not over.
    pub fn is_open(&self) -> bool {
        self.resolved.is_none()
    }

    /// How a route was told of a moment the last time.
    pub fn delivery(&self, moment: Moment, route: &str) -> Option<&Delivery> {
        self.deliveries.iter().find(|told| told.moment == moment && told.route == route)
    }

    /// Routes that are told of the alert or of its escalation, each once.
    fn told_routes(&self) -> impl Iterator<Item = &str> {
        let further = self.escalated_to.iter().filter(|to| !self.routes.contains(to));
        self.routes.iter().chain(further).map(String::as_str)
    }

    /// Whether a route knows of the alert.
    fn reached(&self, route: &str) -> bool {
        let told = |moment| self.delivery(moment, route).is_some_and(|told| told.outcome == Outcome::Sent);
        told(Moment::Raised) || told(Moment::Escalated)
    }
}

/// The number in `a17`, or in `17`.
pub fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    text.strip_prefix('a').unwrap_or(text).parse().ok().filter(|id| *id > 0)
}

fn said(record: &Record, text: &Clean) -> Said {
    Said { by: record.by.clone(), at: record.at, text: text.clone() }
}

#[cfg(test)]
mod tests;
