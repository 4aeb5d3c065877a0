//! The book of alerts and mutes, folded from the records.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Alert, Delivery, Moment, Mute, Outcome, State, Step, latest, matches, said};
use crate::domain::{Clean, Entry, Record, Wall};

/// Alerts that are over and remembered, most of which routes still have to be told, and most that are open.
const KEPT: usize = 200;
const MOST_OVER: usize = 1_200;
const MOST_OPEN: usize = 1_000;

/// Mutes that are remembered.
const MUTES: usize = 200;

/// For how long a route is tried.
const TRIED_FOR: Duration = Duration::from_hours(24);

/// All alerts and mutes that the records tell of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Book {
    open: VecDeque<Alert>,
    over: VecDeque<Alert>,
    mutes: VecDeque<Mute>,
}

/// Something that a route is to be told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// Of which alert.
    pub alert: u64,
    /// Of what.
    pub moment: Moment,
    /// Which route.
    pub route: String,
    /// It is too late to try any more.
    pub too_late: bool,
    /// The same is bad again: the end of this alert would close the newer one where both are one incident.
    pub superseded: bool,
}

impl Book {
    /// Takes in a record. What another console recorded first stands: a second raising of what is open, or a second
    /// acknowledgement, changes nothing.
    pub fn record(&mut self, record: &Record) {
        let Entry::Alert(step) = &record.entry else { return };
        match &**step {
            Step::Raised { .. } => self.raised(record, step),
            Step::Acknowledged { alert, note } => {
                if let Some(alert) = self.get_mut(*alert).filter(|alert| alert.is_open()) {
                    alert.acknowledged.get_or_insert_with(|| said(record, note));
                }
            }
            Step::Escalated { alert, routes } => {
                let waits =
                    |alert: &&mut Alert| alert.state() == State::Firing && alert.escalated_at.is_none();
                if let Some(alert) = self.get_mut(*alert).filter(waits) {
                    alert.escalated_at = Some(record.at);
                    alert.escalated_to.clone_from(routes);
                }
            }
            Step::Delivered { alert, .. } => {
                if let Some(alert) = self.get_mut(*alert) {
                    delivered(alert, record, step);
                }
            }
            Step::Resolved { alert, why } => {
                let at = self.open.iter().position(|open| open.id == *alert);
                if let Some(mut alert) = at.and_then(|at| self.open.remove(at)) {
                    alert.resolved = Some(said(record, why));
                    self.over.push_front(alert);
                    self.forget(record.at);
                }
            }
            Step::Muted { what, until, reason } => {
                self.unmute(what, record.at);
                self.mutes.truncate(MUTES - 1);
                self.mutes.push_front(Mute {
                    what: what.clone(),
                    since: record.at,
                    until: latest(record.at, *until),
                    reason: reason.clone(),
                    by: record.by.clone(),
                    ended: None,
                });
            }
            Step::Unmuted { what } => self.unmute(what, record.at),
            Step::Other => {}
        }
    }

    fn raised(&mut self, record: &Record, step: &Step) {
        let Step::Raised { key, name, why, severity, about, routes } = step else { return };
        if self.open_of(key).is_some() || self.is_full() {
            return;
        }
        self.open.push_back(Alert {
            id: record.seq,
            key: key.clone(),
            name: name.clone(),
            why: *why,
            severity: (*severity).clamp(1, 3),
            about: about.clone(),
            raised_at: record.at,
            acknowledged: None,
            escalated_at: None,
            resolved: None,
            routes: routes.clone(),
            escalated_to: Vec::new(),
            deliveries: Vec::new(),
        });
    }

    /// Forgets what has been over for longest, but nothing whose end a route is still to be told.
    fn forget(&mut self, now: Wall) {
        let over = self.over.iter().enumerate().skip(KEPT).rev();
        let waits = |alert: &Alert| {
            let ends = |_: &str, moment| moment == Moment::Resolved;
            alert
                .told_routes()
                .any(|route| self.next(alert, route, &ends, now).is_some_and(|due| !due.too_late))
        };
        let told: Vec<usize> = over.filter(|(_, alert)| !waits(alert)).map(|(at, _)| at).collect();
        for at in told {
            self.over.remove(at);
        }
        self.over.truncate(MOST_OVER);
    }

    fn unmute(&mut self, what: &Clean, at: Wall) {
        for mute in self.mutes.iter_mut().filter(|mute| mute.what == *what && mute.lasts(at)) {
            mute.ended = Some(at);
        }
    }

    fn get_mut(&mut self, id: u64) -> Option<&mut Alert> {
        self.open.iter_mut().chain(&mut self.over).find(|alert| alert.id == id)
    }

    /// An alert by its number.
    pub fn get(&self, id: u64) -> Option<&Alert> {
        self.open.iter().chain(&self.over).find(|alert| alert.id == id)
    }

    /// Whether no alert is open.
    pub fn is_quiet(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether no further alert is taken.
    pub fn is_full(&self) -> bool {
        self.open.len() >= MOST_OPEN
    }

    /// The open alert of this key.
    pub fn open_of(&self, key: &str) -> Option<&Alert> {
        self.open.iter().find(|alert| alert.key == key)
    }

    /// Alerts that are not over: what nobody took up first, then the worst, then the oldest.
    pub fn open(&self) -> Vec<&Alert> {
        let mut open: Vec<&Alert> = self.open.iter().collect();
        open.sort_by_key(|alert| (alert.acknowledged.is_some(), alert.severity, alert.id));
        open
    }

    /// Alerts that are over, the last one first.
    pub fn over(&self) -> impl ExactSizeIterator<Item = &Alert> {
        self.over.iter()
    }

    /// Mutes that last at this moment, the newest first.
    pub fn mutes(&self, now: Wall) -> impl Iterator<Item = &Mute> {
        self.mutes.iter().filter(move |mute| mute.lasts(now))
    }

    /// The mute that silences alerts of this name at this moment.
    pub fn muted(&self, name: &str, at: Wall) -> Option<&Mute> {
        self.mutes.iter().find(|mute| mute.lasts(at) && matches(&mute.what, name))
    }

    /// What a rollout that ends now leaves behind.
    pub fn left(&self, now: Wall) -> Vec<String> {
        self.mutes(now).map(|mute| format!("muted: {}", mute.words())).collect()
    }

    /// Open alerts that nobody took up within `delay` of their severity; a mute stops that clock.
    pub fn to_escalate(&self, delay: impl Fn(&Alert) -> Option<Duration>, now: Wall) -> Vec<u64> {
        let waits = |alert: &&Alert| alert.acknowledged.is_none() && alert.escalated_at.is_none();
        let late = |alert: &&Alert| {
            let mutes = self.mutes.iter().filter(|mute| matches(&mute.what, &alert.name));
            let silent = mutes.filter(|mute| mute.since <= now).map(Mute::end);
            let since = silent.fold(alert.raised_at, Wall::max);
            delay(alert)
                .is_some_and(|delay| now.signed_duration_since(since).to_std().is_ok_and(|it| it >= delay))
        };
        self.open.iter().filter(waits).filter(late).map(|alert| alert.id).collect()
    }

    /// What routes are to be told now, each route the next thing of each alert. `tells` says whether a route is told of
    /// such a moment at all. Nothing is told while a mute lasts; what was both raised and resolved under one never is.
    pub fn due(&self, tells: impl Fn(&str, Moment) -> bool, now: Wall) -> Vec<Due> {
        let mut due = Vec::new();
        for alert in self.open.iter().chain(&self.over) {
            if self.muted(&alert.name, now).is_some() {
                continue;
            }
            due.extend(alert.told_routes().filter_map(|route| self.next(alert, route, &tells, now)));
        }
        due
    }

    fn next(
        &self,
        alert: &Alert,
        route: &str,
        tells: &impl Fn(&str, Moment) -> bool,
        now: Wall,
    ) -> Option<Due> {
        let mut moments = Vec::new();
        if alert.routes.iter().any(|it| it == route) {
            moments.push((Moment::Raised, alert.raised_at));
        }
        if let Some(at) = alert.escalated_at.filter(|_| alert.escalated_to.iter().any(|it| it == route)) {
            moments.push((Moment::Escalated, at));
        }
        // Taken up before this route could be told that nobody did.
        if alert.acknowledged.is_some() {
            let told = |moment| alert.delivery(moment, route).is_some_and(|it| it.outcome == Outcome::Sent);
            moments.retain(|(moment, _)| *moment != Moment::Escalated || told(*moment));
        }
        let slept = |at: Wall| self.muted(&alert.name, at).is_some();
        if alert.resolved.as_ref().is_some_and(|resolved| slept(resolved.at)) {
            moments.retain(|(moment, _)| alert.delivery(*moment, route).is_some());
        }
        // Who never heard of it needs no news of it.
        let told = moments.iter().any(|(moment, _)| {
            alert.delivery(*moment, route).is_none_or(|it| it.outcome != Outcome::GivenUp)
        });
        if told && !moments.is_empty() {
            let news = |said: &Option<super::Said>, moment| said.as_ref().map(|said| (moment, said.at));
            moments.extend(news(&alert.acknowledged, Moment::Acknowledged));
            moments.extend(news(&alert.resolved, Moment::Resolved));
        }
        let settled = |moment| {
            let told = alert.delivery(moment, route);
            told.is_some_and(|told| told.outcome != Outcome::Failed)
        };
        let open = |(moment, _): &(Moment, Wall)| !settled(*moment) && tells(route, *moment);
        let (moment, at) = moments.into_iter().find(open)?;
        let too_late = now.signed_duration_since(at).to_std().is_ok_and(|age| age > TRIED_FOR);
        let newer = |it: &&Alert| it.key == alert.key && it.id > alert.id;
        let superseded = alert.resolved.is_some() && self.open.iter().chain(&self.over).any(|it| newer(&it));
        Some(Due { alert: alert.id, moment, route: route.to_owned(), too_late, superseded })
    }

    /// Routes that know of an open alert, for those that have to hear of it again and again.
    pub fn reached(&self, now: Wall) -> impl Iterator<Item = (&Alert, &str)> {
        let audible = self.open.iter().filter(move |alert| self.muted(&alert.name, now).is_none());
        audible.flat_map(|alert| {
            let routes = alert.routes.iter().filter(|route| alert.reached(route));
            routes.map(move |route| (alert, route.as_str()))
        })
    }
}

fn delivered(alert: &mut Alert, record: &Record, step: &Step) {
    let Step::Delivered { moment, route, outcome, answer, attempt, .. } = step else { return };
    // What was once taken stays taken.
    if alert.delivery(*moment, route).is_some_and(|told| told.outcome == Outcome::Sent) {
        return;
    }
    alert.deliveries.retain(|told| told.moment != *moment || told.route != *route);
    alert.deliveries.push(Delivery {
        moment: *moment,
        route: route.clone(),
        outcome: *outcome,
        answer: answer.clone(),
        attempt: *attempt,
        at: record.at,
    });
}
