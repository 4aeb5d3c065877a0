//! Sending: what is due goes to its route, and is tried again, less and less often, until it is taken or too old.

use std::time::Duration;

use crate::domain::alert::{Alert, Moment, Outcome, Sending, Step};
use crate::domain::room::{AlertsSpec, RouteKind, RouteSpec};
use crate::domain::{Clean, Entry, Mono};
use crate::model::Model;
use crate::model::effect::{Effect, Guard};
use crate::model::msg::Told;

/// Of which alert, of what, to which route.
pub(super) type Way = (u64, Moment, String);

/// Pauses between attempts grow from the first to the second.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// Most that are on their way at a time.
const MOST_FLYING: usize = 32;

/// Whoever forgets alerts that are not told again hears of them so often.
const AGAIN: Duration = Duration::from_secs(60);

/// How a sending stands in this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flight {
    attempt: u32,
    state: State,
    /// The last answer that was recorded, or is about to be.
    told: Clean,
    /// It failed with that, which is not recorded yet.
    untold: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Flying,
    Waiting(Mono),
    /// Taken, or given up; its record is on the way.
    Done,
}

impl super::Alerts {
    /// What waits to be tried again is the next keeper's.
    pub(super) fn forget_waiting(&mut self) {
        self.flights.retain(|_, flight| !matches!(flight.state, State::Waiting(_)));
        self.again.clear();
    }

    /// Whether a route is just being told of an earlier alert of the same, which could arrive behind what follows.
    fn is_older_flying(&self, alert: &Alert, route: &str) -> bool {
        let same = |id: u64| id < alert.id && self.book.get(id).is_some_and(|it| it.key == alert.key);
        let flying = |flight: &Flight| flight.state == State::Flying;
        self.flights.iter().any(|((id, _, to), flight)| to == route && flying(flight) && same(*id))
    }
}

impl Model {
    /// Sends what is due.
    pub(super) fn send_due(&mut self, spec: &AlertsSpec, effects: &mut Vec<Effect>) {
        let due = self.alerts.book.due(|route, moment| super::tells(spec, route, moment), self.now.wall);
        let book = &self.alerts.book;
        self.alerts.flights.retain(|way, _| book.get(way.0).is_some());
        let flying = self.alerts.flights.values().filter(|flight| flight.state == State::Flying).count();
        let mut free = MOST_FLYING.saturating_sub(flying);
        for due in due {
            let way: Way = (due.alert, due.moment, due.route);
            let before = self.alerts.flights.get(&way);
            let ready = match before.map(|flight| flight.state) {
                None => true,
                Some(State::Waiting(until)) => self.now.mono >= until,
                Some(State::Flying | State::Done) => false,
            };
            if !ready || free == 0 {
                continue;
            }
            let Some(alert) = self.alerts.book.get(way.0).cloned() else { continue };
            if self.alerts.is_older_flying(&alert, &way.2) {
                continue;
            }
            let recorded = alert.delivery(way.1, &way.2).map(|told| (told.attempt, told.answer.clone()));
            let (tried, told) =
                before.map(|it| (it.attempt, it.told.clone())).or(recorded).unwrap_or_default();
            let attempt = tried.saturating_add(1);
            let route = spec.route(&way.2).filter(|_| !due.too_late && !due.superseded).cloned();
            let state = if route.is_some() { State::Flying } else { State::Done };
            self.alerts
                .flights
                .insert(way.clone(), Flight { attempt, state, told: told.clone(), untold: false });
            if let Some(route) = route {
                free -= 1;
                let sending = self.sending(&alert, way.1, attempt, &route);
                effects.push(Effect::SendAlert { sending: Box::new(sending) });
                continue;
            }
            let gone = "the config has no such route any more".to_owned();
            let late = || format!("given up after a day; the last answer: {told}");
            let again = || "the same is bad again, which is told instead".to_owned();
            let why = if due.superseded {
                again()
            } else if due.too_late {
                late()
            } else {
                gone
            };
            self.record_delivery(way, Outcome::GivenUp, Clean::new(&why), tried, effects);
        }
    }

    /// An Alertmanager forgets what it is not told again.
    pub(super) fn send_again(&mut self, spec: &AlertsSpec, effects: &mut Vec<Effect>) {
        let forgets =
            |route: &str| spec.route(route).filter(|it| matches!(it.kind, RouteKind::Alertmanager { .. }));
        let now = self.now.mono;
        let mut all: Vec<(Alert, RouteSpec)> = Vec::new();
        for (alert, route) in self.alerts.book.reached(self.now.wall) {
            let Some(route) = forgets(route) else { continue };
            let last = self.alerts.again.get(&(alert.id, route.name.clone()));
            if last.is_none_or(|at| now.since(*at) >= AGAIN) {
                all.push((alert.clone(), route.clone()));
            }
        }
        self.alerts.again.retain(|_, at| now.since(*at) < AGAIN);
        for (alert, route) in all {
            self.alerts.again.insert((alert.id, route.name.clone()), now);
            let sending = self.sending(&alert, Moment::Raised, 0, &route);
            effects.push(Effect::SendAlert { sending: Box::new(sending) });
        }
    }

    fn sending(&self, alert: &Alert, moment: Moment, attempt: u32, route: &RouteSpec) -> Sending {
        Sending {
            alert: alert.id,
            key: format!("{}/{}/{}", self.room.name, self.room.environment.name, alert.key),
            name: alert.name.clone(),
            severity: alert.severity,
            moment,
            attempt,
            route: route.clone(),
            template: self.template(route),
            values: self.alert_values(alert, moment),
            raised_at: alert.raised_at,
            resolved_at: alert.resolved.as_ref().map(|said| said.at),
        }
    }

    /// A route answered, or did not.
    pub(in crate::model) fn alert_sent(&mut self, told: Told, effects: &mut Vec<Effect>) {
        // What is only told again is not news, taken or not: the next time is soon.
        if told.attempt == 0 {
            return;
        }
        let way: Way = (told.alert, told.moment, told.route);
        let now = self.now.mono;
        let Some(flight) = self.alerts.flights.get_mut(&way).filter(|it| it.attempt == told.attempt) else {
            return;
        };
        match told.answer {
            Ok(answer) => {
                flight.state = State::Done;
                self.record_delivery(way, Outcome::Sent, answer, told.attempt, effects);
            }
            Err(why) => {
                let pause =
                    told.retry_after.map_or_else(|| pause(told.attempt), |wish| wish.min(LONGEST_PAUSE));
                flight.state = State::Waiting(now.after(pause));
                // The same failure again is no news.
                flight.untold |= flight.told != why;
                flight.told = why;
            }
        }
    }

    /// Records what failed; not before it is known that this console still sends: it may have stood still meanwhile, and
    /// another one told the route.
    pub(super) fn tell_failures(&mut self, effects: &mut Vec<Effect>) {
        let book = &self.alerts.book;
        let mut failed = Vec::new();
        for (way, flight) in self.alerts.flights.iter_mut().filter(|(_, flight)| flight.untold) {
            flight.untold = false;
            let told = book.get(way.0).and_then(|alert| alert.delivery(way.1, &way.2));
            if told.is_none_or(|told| told.outcome == Outcome::Failed) {
                failed.push((way.clone(), flight.told.clone(), flight.attempt));
            }
        }
        for (way, why, attempt) in failed {
            self.record_delivery(way, Outcome::Failed, why, attempt, effects);
        }
    }

    /// Also by a console that is the keeper no more: else the next one sends it again.
    fn record_delivery(
        &mut self,
        (alert, moment, route): Way,
        outcome: Outcome,
        answer: Clean,
        attempt: u32,
        effects: &mut Vec<Effect>,
    ) {
        let step = Step::Delivered { alert, moment, route, outcome, answer, attempt };
        let draft = Self::machine(Entry::Alert(Box::new(step)));
        self.append(draft, Guard::Free, effects);
    }
}

/// 5 s, 10 s, 20 s … 5 min.
fn pause(attempt: u32) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << attempt.saturating_sub(1).min(10));
    doubled.min(LONGEST_PAUSE)
}
