//! What is bad now, and what follows from it: an alert is raised, resolved or escalated.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::alert::{Step, Why};
use crate::domain::room::AlertsSpec;
use crate::domain::{Accepts, Clean, Condition, ConditionSpec, ConditionState, Mono, Reason, VerdictState};
use crate::model::Model;
use crate::model::each_second::speaks_only_of;
use crate::model::effect::Effect;

/// Something that an alert could be of.
pub(super) struct Alarm {
    key: String,
    name: Clean,
    why: Why,
    /// 0: it is alerted of no more.
    severity: u8,
    state: Alarming,
    /// The alert of it that is open.
    open: Option<u64>,
}

/// Why an alert of a revision is over that was left behind.
const IDLE: &str = "what it speaks of serves no traffic";

fn key(why: Why, name: &str) -> String {
    match why {
        Why::Failing => format!("condition {name}"),
        Why::Unseen => format!("unseen {name}"),
        Why::Verdict => format!("verdict {name}"),
    }
}

fn alarm(name: &str, why: Why, severity: u8, state: Alarming) -> Alarm {
    let key = key(why, name);
    let name = if why == Why::Verdict { Clean::new(&key) } else { Clean::new(name) };
    Alarm { key, name, why, severity, state, open: None }
}

/// How it stands.
pub(super) enum Alarming {
    /// Bad, with its number.
    Bad(Clean),
    /// Good, and why that is said.
    Good(Clean),
    /// Neither: nothing is raised, nothing resolved.
    Open,
}

impl Model {
    /// What is bad and alerted of, and how that stands of which an alert is open.
    pub(super) fn alarming(&mut self, spec: &AlertsSpec) -> Vec<Alarm> {
        let mut unseen = std::mem::take(&mut self.alerts.unseen);
        let mut all = Vec::new();
        let left = self.left_behind();
        let levels = self.levels(spec);
        for ((condition, state), (failing, blind)) in
            self.conditions.iter(&self.room).zip(levels.iter().copied())
        {
            let since = unseen_since(&mut unseen, condition, state, self.now.mono);
            let idle = speaks_only_of(&left, condition.signal.service, state);
            let (concerns, open) = self.concerns(Why::Failing, &condition.name, failing);
            if concerns {
                let words =
                    |wanted: bool| if wanted { self.alert_words(condition, state) } else { Clean::default() };
                let state = if idle {
                    Alarming::Good(IDLE.into())
                } else {
                    standing(state, |bad| words(bad == open.is_none()))
                };
                all.push(Alarm { open, ..alarm(&condition.name, Why::Failing, failing, state) });
            }
            let (concerns, open) = self.concerns(Why::Unseen, &condition.name, blind);
            if concerns {
                let state = match since {
                    _ if idle => Alarming::Good(IDLE.into()),
                    _ if self.rulings.accepts(condition, Accepts::Unseen, self.now.wall) => {
                        Alarming::Good("accepted as unwatched".into())
                    }
                    None => Alarming::Good("it is seen again".into()),
                    Some(since) if self.now.mono.since(since) < spec.unseen_after => Alarming::Open,
                    Some(_) if state.state == ConditionState::Stale => {
                        Alarming::Bad("its data is stale".into())
                    }
                    Some(_) => Alarming::Bad("no data".into()),
                };
                all.push(Alarm { open, ..alarm(&condition.name, Why::Unseen, blind, state) });
            }
        }
        self.alerts.unseen = unseen;
        self.alerts.levels = levels;
        all.extend(self.alarming_verdict(VerdictState::NoGo, spec.no_go));
        all.extend(self.alarming_verdict(VerdictState::RollBack, spec.roll_back));
        all
    }

    fn levels(&mut self, spec: &AlertsSpec) -> Vec<(u8, u8)> {
        if self.alerts.levels_of.as_ref().is_some_and(|of| Arc::ptr_eq(of, &self.room)) {
            return std::mem::take(&mut self.alerts.levels);
        }
        self.alerts.levels_of = Some(self.room.clone());
        let conditions = self.room.conditions.iter();
        conditions.map(|condition| spec.of_condition(&condition.name, condition.purpose)).collect()
    }

    /// Whether anything is to be said of this at all, and the alert that is open of it.
    fn concerns(&self, why: Why, name: &str, severity: u8) -> (bool, Option<u64>) {
        if self.alerts.book.is_quiet() {
            return (severity > 0, None);
        }
        let open = self.alerts.book.open_of(&key(why, name)).map(|alert| alert.id);
        (severity > 0 || open.is_some(), open)
    }

    /// A condition's number against its limit, and what else is known: `500, unhealthy`.
    fn alert_words(&self, spec: &ConditionSpec, state: &Condition) -> Clean {
        let told = self.tell(spec, state);
        let parts = std::iter::once(told.value).chain(told.about).filter(|part| !part.is_empty());
        Clean::new(&parts.collect::<Vec<_>>().join(" · "))
    }

    fn alarming_verdict(&self, state: VerdictState, severity: u8) -> Option<Alarm> {
        // The room's own: what is bad stays bad, whatever a person says the verdict is.
        let room = &self.verdicts.room;
        let (concerns, open) = self.concerns(Why::Verdict, state.word(), severity);
        if !concerns {
            return None;
        }
        let standing = if room.since.is_none() || room.blind {
            Alarming::Open
        } else if room.state == state {
            Alarming::Bad(room.reasons.first().map(Reason::told).unwrap_or_default())
        } else {
            Alarming::Good(Clean::new(&format!("the verdict is {}", room.state.word())))
        };
        Some(Alarm { open, ..alarm(state.word(), Why::Verdict, severity, standing) })
    }

    /// Raises what is bad and not open, resolves what is open and good, or watched no more.
    pub(super) fn raise(&mut self, spec: &AlertsSpec, all: Vec<Alarm>, effects: &mut Vec<Effect>) {
        let mut gone: Vec<u64> = self.alerts.book.open().into_iter().map(|alert| alert.id).collect();
        for alarm in all {
            gone.retain(|id| Some(*id) != alarm.open);
            let step = match (alarm.state, alarm.open) {
                // The book would not take it, and it would be asked for each second.
                (Alarming::Bad(_), None) if self.alerts.book.is_full() => continue,
                (Alarming::Bad(about), None) => Step::Raised {
                    routes: spec.routes_of(&alarm.name, alarm.severity),
                    key: alarm.key,
                    name: alarm.name,
                    why: alarm.why,
                    severity: alarm.severity,
                    about,
                },
                (Alarming::Good(why), Some(alert)) => Step::Resolved { alert, why },
                _ => continue,
            };
            self.ask_step(step, effects);
        }
        for alert in gone {
            self.ask_step(Step::Resolved { alert, why: "it is not watched any more".into() }, effects);
        }
    }

    /// Tells others of what nobody took up.
    pub(super) fn escalate(&mut self, spec: &AlertsSpec, effects: &mut Vec<Effect>) {
        let delay = |severity: u8| spec.severity(severity).and_then(|it| it.escalate_after);
        let late = self.alerts.book.to_escalate(|alert| delay(alert.severity), self.now.wall);
        for id in late {
            let Some(severity) = self.alerts.book.get(id).map(|alert| alert.severity) else { continue };
            let routes = spec.severity(severity).map(|it| it.escalate_to.clone()).unwrap_or_default();
            self.ask_step(Step::Escalated { alert: id, routes }, effects);
        }
    }
}

/// A warning that the stopwatch runs is neither: it may be on its way up or down. Words are made only where they are needed.
fn standing(state: &Condition, words: impl Fn(bool) -> Clean) -> Alarming {
    match state.state {
        ConditionState::Fail => Alarming::Bad(words(true)),
        ConditionState::Pass => Alarming::Good(words(false)),
        ConditionState::Warn if !state.is_running() => Alarming::Good(words(false)),
        ConditionState::Accepted => Alarming::Good("accepted as expected".into()),
        ConditionState::Warn
        | ConditionState::Inconclusive
        | ConditionState::NoData
        | ConditionState::Stale => Alarming::Open,
    }
}

/// Since when a condition cannot be seen; `None` if it can.
fn unseen_since(
    unseen: &mut BTreeMap<String, Mono>,
    spec: &ConditionSpec,
    state: &Condition,
    now: Mono,
) -> Option<Mono> {
    if matches!(state.state, ConditionState::NoData | ConditionState::Stale) {
        return Some(*unseen.entry(spec.name.clone()).or_insert(now));
    }
    unseen.remove(&spec.name);
    None
}
