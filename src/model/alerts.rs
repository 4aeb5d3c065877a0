//! Alerts: raised, escalated, resolved and sent by the keeper alone, from what the records say; acknowledged and muted by
//! people at any console.
//!
//! Nothing is sent that is not recorded first: a sending is always of an alert that was read back from the journal. So
//! whoever is the keeper next takes up what was not delivered, and two consoles never send the same.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::alert::{Book, Moment, Step};
use crate::domain::{Clean, Entry, Mono, Record, Room, Wall};

use super::Model;
use super::effect::Effect;

mod acts;
mod raise;
mod send;
mod values;
mod words;

pub use acts::Row;
pub use values::Named;
pub use words::{facts, words};

/// A new keeper waits so long: what the one before it recorded is read by then.
const SETTLES: Duration = Duration::from_secs(3);

/// Less than the keeper's lease lasts.
const AWAY: chrono::TimeDelta = chrono::TimeDelta::seconds(15);

/// After so long without its record, something asked of the journal is asked again.
const ASKS_AGAIN: Duration = Duration::from_secs(30);

/// A raising that is older than this was read from the past: no bell.
const NEWS: chrono::TimeDelta = chrono::TimeDelta::seconds(60);

/// The sub-state.
#[derive(Debug, Clone, Default)]
pub struct Alerts {
    /// What the records say.
    pub book: Book,
    /// How bad each condition of this room is when it fails, and when it cannot be seen: names are compared once.
    levels: Vec<(u8, u8)>,
    /// The room that they are of: documents may change its conditions.
    levels_of: Option<Arc<Room>>,
    /// Since when this console is the keeper.
    kept: Option<Mono>,
    /// When it looked last.
    looked: Option<Wall>,
    /// What the journal was asked to record, by what it is about, and when.
    asked: BTreeMap<String, Mono>,
    /// Since when conditions cannot be seen, by name.
    unseen: BTreeMap<String, Mono>,
    flights: BTreeMap<send::Way, send::Flight>,
    /// Alerts whose routes were told again, and when.
    again: BTreeMap<(u64, String), Mono>,
}

impl Model {
    /// Once a second: what is bad is raised, what is good is resolved, what waits is escalated, what is due is sent.
    pub(super) fn look_after_alerts(&mut self, effects: &mut Vec<Effect>) {
        let room = self.room.clone();
        let Some(spec) = &room.alerts else { return };
        self.notice_pause();
        let bad = self.alarming(spec);
        if !self.sends_alerts() {
            return;
        }
        self.raise(spec, bad, effects);
        self.escalate(spec, effects);
        self.tell_failures(effects);
        self.send_due(spec, effects);
        self.send_again(spec, effects);
    }

    /// Stopped or asleep for so long that another one may have become the keeper: it is to be heard of first.
    fn notice_pause(&mut self) {
        let looked = self.alerts.looked.replace(self.now.wall);
        let away = looked.map_or(chrono::TimeDelta::zero(), |looked| self.now.wall - looked);
        if away.abs() > AWAY {
            self.alerts.kept = self.alerts.kept.map(|_| self.now.mono);
        }
    }

    /// Whether this console is the one that sends: the keeper, with the whole journal read, which can be written.
    fn sends_alerts(&self) -> bool {
        let settled = self.alerts.kept.is_some_and(|since| self.now.mono.since(since) >= SETTLES);
        let read = self.journal.checked_up_to().is_some();
        self.keeper && settled && read && self.journal.cannot_write().is_none()
    }

    /// Whether it is the keeper, or is not any more.
    pub(super) fn keeps_alerts(&mut self, mine: bool) {
        self.alerts.kept = mine.then(|| self.alerts.kept.unwrap_or(self.now.mono));
        if !mine {
            self.alerts.asked.clear();
            self.alerts.forget_waiting();
        }
    }

    /// A record came in.
    pub(super) fn alert_recorded(&mut self, record: &Record, effects: &mut Vec<Effect>) {
        let Entry::Alert(step) = &record.entry else { return };
        self.alerts.book.record(record);
        self.alerts.asked.remove(&about(step));
        let fresh = self.now.wall.signed_duration_since(record.at) < NEWS;
        let rings = fresh && self.room.alerts.is_some();
        let alert = match &**step {
            Step::Raised { .. } => self.alerts.book.get(record.seq),
            Step::Escalated { alert, .. } => {
                self.alerts.book.get(*alert).filter(|alert| alert.escalated_at == Some(record.at))
            }
            Step::Acknowledged { .. }
            | Step::Delivered { .. }
            | Step::Resolved { .. }
            | Step::Muted { .. }
            | Step::Unmuted { .. }
            | Step::Other => None,
        };
        let audible = alert.is_some_and(|alert| self.alerts.book.muted(&alert.name, record.at).is_none());
        if rings && audible {
            let (_, words) = words::words(step, record.at);
            effects.push(Effect::Bell { words: Clean::new(&format!("{} {words}", self.room.name)) });
        }
    }

    /// Asks the journal to record a step by the room itself, once.
    fn ask_step(&mut self, step: Step, effects: &mut Vec<Effect>) {
        let of = about(&step);
        let now = self.now.mono;
        if self.alerts.asked.get(&of).is_some_and(|at| now.since(*at) < ASKS_AGAIN) {
            return;
        }
        self.alerts.asked.insert(of, now);
        self.keep(Entry::Alert(Box::new(step)), effects);
    }
}

/// What a step is about, so that it is not asked for twice.
fn about(step: &Step) -> String {
    match step {
        Step::Raised { key, .. } => format!("raised {key}"),
        Step::Acknowledged { alert, .. } => format!("acknowledged {alert}"),
        Step::Escalated { alert, .. } => format!("escalated {alert}"),
        Step::Resolved { alert, .. } => format!("resolved {alert}"),
        Step::Delivered { alert, moment, route, .. } => format!("delivered {alert} {moment} {route}"),
        Step::Muted { what, .. } | Step::Unmuted { what } => format!("mute {what}"),
        Step::Other => String::new(),
    }
}

/// What routes are told: the moments of an alert that a route of the config hears of.
fn tells(spec: &crate::domain::room::AlertsSpec, route: &str, moment: Moment) -> bool {
    spec.route(route).is_none_or(|route| route.kind.tells(moment))
}

#[cfg(test)]
mod tests;
