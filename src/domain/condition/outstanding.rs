//! What of a condition outlasts the console that watched it: that it tripped or failed, or how far its stopwatch has run.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Condition, ConditionSpec};
use crate::domain::{Clean, Now, Origin, Wall};

/// A stopwatch that ran goes on after so long without a console; one that has longer to run also after as long as that.
const LONGEST_GAP: Duration = Duration::from_mins(1);

/// A condition that is not good, as it is written down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outstanding {
    /// Its name.
    pub name: String,
    /// What it says: of another rule nothing is known.
    pub rule: Clean,
    /// How long its limit was crossed without a break, in milliseconds.
    pub over_ms: u64,
    /// Since when it is tripped; `None`: its stopwatch runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tripped: Option<Wall>,
    /// Since when it was not seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<Wall>,
    /// The value that was seen last.
    pub value: Option<f64>,
    /// Which revision that speaks of.
    pub origin: Origin,
    /// Whether that served traffic meanwhile.
    pub exposed: bool,
    /// Of the last measurements, oldest first, whether each was bad, where so many of them have to be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last: Vec<bool>,
    /// What its panel said of it when it was seen last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Said>,
}

/// What a panel says of a condition: a number alone does not tell which code, how often, and on whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// What it is about, where that is more than its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Clean>,
    /// Value against limit.
    pub value: Clean,
    /// What else helps, most helpful first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<Clean>,
}

/// What a stopwatch had counted before this console began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedBefore {
    /// So much.
    pub over: Duration,
    /// Until then.
    pub until: Wall,
}

impl Condition {
    /// What of it outlasts this console; nothing of one that is good.
    pub fn outstanding(&self, spec: &ConditionSpec) -> Option<Outstanding> {
        (self.is_running() || self.bad_of_last() > 0).then(|| Outstanding {
            name: spec.name.clone(),
            rule: spec.rule(),
            over_ms: u64::try_from(self.over_for.as_millis()).unwrap_or(u64::MAX),
            tripped: self.tripped.map(|at| at.wall),
            lost: self.lost.map(|at| at.wall),
            value: self.value.filter(|value| value.is_finite()),
            origin: self.origin.clone(),
            exposed: self.exposed,
            last: self.last.iter().copied().collect(),
            said: self.said.clone(),
        })
    }

    /// Whether what its panel says of it is to be kept, should nobody see it any more.
    pub fn keeps_words(&self) -> bool {
        self.is_tripped() && self.lost.is_none()
    }

    /// Keeps what its panel says of it now; `None` while nothing is to be kept of what is good.
    pub fn keep_words(&mut self, said: Option<Said>) {
        if said.is_some() || !self.is_tripped() {
            self.said = said;
        }
    }

    /// What its panel said of it when it was seen last; nothing while it is seen.
    pub fn said_last(&self) -> Option<&Said> {
        self.said.as_ref().filter(|_| self.lost.is_some())
    }

    /// Goes on from what an earlier console knew at `until`. The time since then is in no stopwatch, and what tripped has to be
    /// seen good for its whole time again; a stopwatch goes on only if its limit is still crossed at the first look.
    pub fn resume(&mut self, before: &Outstanding, spec: &ConditionSpec, until: Wall, now: Now) {
        let gap = (now.wall - until).to_std().unwrap_or_default();
        let broken = self.last_seen.is_some() && !self.is_running();
        if before.rule != spec.rule() {
            return;
        }
        if let Some(rule) = spec.out_of.filter(|_| gap <= LONGEST_GAP) {
            before.last.iter().rev().for_each(|bad| self.last.push_front(*bad));
            let over = self.last.len().saturating_sub(usize::from(rule.last));
            self.last.drain(..over);
        }
        if (before.over_ms == 0 && before.tripped.is_none())
            || (before.tripped.is_none() && (broken || gap > spec.sustained.max(LONGEST_GAP)))
        {
            return;
        }
        let over = Duration::from_millis(before.over_ms);
        if !self.is_running() {
            (self.value, self.origin) = (before.value.or(self.value), before.origin.clone());
            self.said.clone_from(&before.said);
        }
        self.exposed |= before.exposed;
        self.over_for = (self.over_for + over).max(Duration::from_micros(1));
        self.before = Some(CountedBefore { over, until });
        let at =
            |wall: Wall| Now { mono: now.mono.before((now.wall - wall).to_std().unwrap_or_default()), wall };
        if let Some(tripped) = before.tripped {
            self.tripped = Some(at(tripped));
            self.lost = Some(at(before.lost.unwrap_or(until)));
        }
    }

    /// What of its stopwatch was counted before this console began, while it goes on from there.
    pub fn counted_before(&self) -> Option<CountedBefore> {
        self.before.filter(|_| self.is_running())
    }
}
