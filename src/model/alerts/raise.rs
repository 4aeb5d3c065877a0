//! What is bad now, and what follows from it: an alert is raised, resolved or escalated.

use std::collections::BTreeMap;

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
    /// 0: it is not alerted of.
    severity: u8,
    state: Alarming,
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
    /// How everything stands that an alert could be of.
    pub(super) fn alarming(&mut self, spec: &AlertsSpec) -> Vec<Alarm> {
        let mut unseen = std::mem::take(&mut self.alerts.unseen);
        let mut all = Vec::new();
        let left = self.left_behind();
        for (condition, state) in self.conditions.iter(&self.room) {
            let (failing, blind) = spec.of_condition(&condition.name, condition.purpose);
            let idle = speaks_only_of(&left, condition.signal.service, state);
            let name = Clean::new(&condition.name);
            let standing = if idle {
                Alarming::Good("what it speaks of serves no traffic".into())
            } else {
                standing(state, || self.alert_words(condition, state))
            };
            let key = format!("condition {}", condition.name);
            all.push(Alarm {
                key,
                name: name.clone(),
                why: Why::Failing,
                severity: failing,
                state: standing,
            });
            let since = unseen_since(&mut unseen, condition, state, self.now.mono);
            let key = format!("unseen {}", condition.name);
            let accepted = self.rulings.accepts(&condition.name, Accepts::Unseen, self.now.wall);
            let state = match since {
                _ if accepted => Alarming::Good("accepted as unwatched".into()),
                _ if idle => Alarming::Good("what it speaks of serves no traffic".into()),
                None => Alarming::Good("it is seen again".into()),
                Some(since) if self.now.mono.since(since) >= spec.unseen_after => {
                    Alarming::Bad(Clean::new(if state.state == ConditionState::Stale {
                        "its data is stale"
                    } else {
                        "no data"
                    }))
                }
                Some(_) => Alarming::Open,
            };
            all.push(Alarm { key, name, why: Why::Unseen, severity: blind, state });
        }
        self.alerts.unseen = unseen;
        all.extend(self.alarming_verdicts(spec));
        all
    }

    /// A condition's number against its limit, and what else is known: `500, unhealthy`.
    fn alert_words(&self, spec: &ConditionSpec, state: &Condition) -> Clean {
        let told = self.tell(spec, state);
        let parts = std::iter::once(told.value).chain(told.about).filter(|part| !part.is_empty());
        Clean::new(&parts.collect::<Vec<_>>().join(" · "))
    }

    fn alarming_verdicts(&self, spec: &AlertsSpec) -> Vec<Alarm> {
        let now = &self.verdicts.now;
        let alarm = |state: VerdictState, severity| {
            let standing = if now.since.is_none() || now.blind {
                Alarming::Open
            } else if now.state == state {
                Alarming::Bad(now.reasons.first().map(Reason::told).unwrap_or_default())
            } else {
                Alarming::Good(Clean::new(&format!("the verdict is {}", now.state.word())))
            };
            let name = Clean::new(&format!("verdict {}", state.word()));
            let key = format!("verdict {}", state.word());
            Alarm { key, name, why: Why::Verdict, severity, state: standing }
        };
        vec![alarm(VerdictState::NoGo, spec.no_go), alarm(VerdictState::RollBack, spec.roll_back)]
    }

    /// Raises what is bad and not open, resolves what is open and good, or watched no more.
    pub(super) fn raise(&mut self, spec: &AlertsSpec, all: &[Alarm], effects: &mut Vec<Effect>) {
        for alarm in all {
            let open = self.alerts.book.open_of(&alarm.key).map(|alert| alert.id);
            let step = match (&alarm.state, open) {
                (Alarming::Bad(about), None) if alarm.severity > 0 => Step::Raised {
                    key: alarm.key.clone(),
                    name: alarm.name.clone(),
                    why: alarm.why,
                    severity: alarm.severity,
                    about: about.clone(),
                    routes: spec.routes_of(&alarm.name, alarm.severity),
                },
                (Alarming::Good(why), Some(alert)) => Step::Resolved { alert, why: why.clone() },
                _ => continue,
            };
            self.ask_step(step, effects);
        }
        let known = |key: &str| all.iter().any(|alarm| alarm.key == key);
        let gone = self.alerts.book.open().into_iter().filter(|alert| !known(&alert.key));
        let gone: Vec<u64> = gone.map(|alert| alert.id).collect();
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

/// A warning that the stopwatch runs is neither: it may be on its way up or down.
fn standing(state: &Condition, words: impl Fn() -> Clean) -> Alarming {
    match state.state {
        ConditionState::Fail => Alarming::Bad(words()),
        ConditionState::Pass => Alarming::Good(words()),
        ConditionState::Warn if !state.is_running() => Alarming::Good(words()),
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
