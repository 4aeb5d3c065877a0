//! Whether a condition counts for the act in question, and why not.

use crate::domain::room::Mode;
use crate::domain::signal::{BEFORE, CANARY, CANARY_VS_STABLE, VS_BEFORE};
use crate::domain::{Condition, ConditionSpec, ConditionState, SourceId};

use super::Model;
use super::each_second::{Left, speaks_only_of};

/// Why a condition does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotCounted {
    /// It speaks only of a revision that a rollback moved away from.
    RolledAway,
    /// It is on delivery while the stream is live, and too little came to be late.
    TooLittle,
    /// It counts by numbers, and events come without.
    NoNumbers,
    /// It is on the canary while the traffic is known, and none serves.
    NoCanary,
    /// It compares with the time before a deployment, and there is none.
    NoDeployment,
    /// It is on active runs, and this console sends nothing.
    OnlyWatches,
    /// Only a later stage needs it.
    LaterStage,
}

impl NotCounted {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::RolledAway => "it speaks only of a revision that a rollback moved away from",
            Self::TooLittle => "too little comes to be late",
            Self::NoNumbers => "events come without sequence numbers",
            Self::NoCanary => "no canary gets traffic",
            Self::NoDeployment => "there is no deployment to compare with",
            Self::OnlyWatches => "this console only watches, and begins no runs",
            Self::LaterStage => "only a later stage needs it",
        }
    }
}

impl Model {
    /// Why a condition does not count now, if it does not.
    pub fn not_counted(&self, spec: &ConditionSpec, state: &Condition) -> Option<NotCounted> {
        self.not_counted_but(&self.left_behind(), spec, state)
    }

    /// The same, where it is known what was left behind.
    fn not_counted_but(&self, left: &Left, spec: &ConditionSpec, state: &Condition) -> Option<NotCounted> {
        if speaks_only_of(left, spec.signal.service, state) {
            return Some(NotCounted::RolledAway);
        }
        let later = || (!self.act_needs(spec)).then_some(NotCounted::LaterStage);
        self.idle(spec, state).or_else(later)
    }

    /// Whether a condition counts for the act in question.
    pub(super) fn counts(&self, left: &Left, spec: &ConditionSpec, state: &Condition) -> bool {
        self.not_counted_but(left, spec, state).is_none()
    }

    /// Whether a condition has nothing to judge.
    pub(super) fn is_idle(&self, spec: &ConditionSpec, state: &Condition) -> bool {
        self.idle(spec, state).is_some()
    }

    fn idle(&self, spec: &ConditionSpec, state: &Condition) -> Option<NotCounted> {
        let unseen = matches!(state.state, ConditionState::NoData | ConditionState::Inconclusive);
        if !unseen && state.lost().is_none() {
            return None;
        }
        let source = SourceId::Events { service: spec.signal.service };
        // What was late already is not in time because nothing comes any more.
        let quiet = || {
            spec.signal.name.starts_with("events.delivery_")
                && !state.is_tripped()
                && self.links.is_live(&source, self.now.mono)
        };
        if quiet() {
            Some(NotCounted::TooLittle)
        } else if self.lacks_numbers(spec) {
            Some(NotCounted::NoNumbers)
        } else if self.lacks_canary(spec) {
            Some(NotCounted::NoCanary)
        } else if matches!(spec.signal.part(), Some(BEFORE | VS_BEFORE)) && !self.is_deploying() {
            Some(NotCounted::NoDeployment)
        } else if self.room.operator.mode == Mode::ReadOnly && spec.signal.name.starts_with("probe_run.") {
            Some(NotCounted::OnlyWatches)
        } else {
            None
        }
    }

    /// Whether a condition counts what is lost or came twice, of events that come without numbers.
    fn lacks_numbers(&self, spec: &ConditionSpec) -> bool {
        let events = self.service(spec.signal.service).and_then(|service| service.events.as_ref());
        let counts = matches!(spec.signal.name.as_str(), "events.lost" | "events.duplicates");
        counts && events.is_some_and(|events| events.totals().valid > 0 && events.totals().numbered == 0)
    }

    fn lacks_canary(&self, spec: &ConditionSpec) -> bool {
        let told = self.service(spec.signal.service).and_then(|service| service.traffic.as_ref());
        let known = told.and_then(|state| Some((state, state.traffic.as_ref()?)));
        matches!(spec.signal.part(), Some(CANARY | CANARY_VS_STABLE))
            && known.is_some_and(|(state, traffic)| {
                state.canary().is_none_or(|name| traffic.effective_percent(name) == 0)
            })
    }
}
