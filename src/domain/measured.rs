//! What was watched over a stretch of time: how long the verdict, each condition and each probe was in which state.
//!
//! The keeper writes one such record a minute at most, and one whenever the verdict changes, so that a report can add up
//! afterwards how long anything was good, bad or unseen. Time that no record covers is time in which nobody watched: it is
//! unknown, and never counted as good.

use serde::{Deserialize, Serialize};

use super::condition::Outstanding;
use super::{Clean, ConditionState, VerdictState, Wall};

/// One stretch, without a gap.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Measured {
    /// Its end.
    pub until: Wall,
    /// Its length in milliseconds, by the monotonic clock.
    pub ms: u64,
    /// The verdict, the same all the time.
    pub verdict: VerdictState,
    /// For so many of these milliseconds it was HOLD because something could not be seen.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub blind_ms: u64,
    /// Its reasons at the end, worst first, without those that only hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Clean>,
    /// Conditions, in the config's order.
    pub conditions: Vec<MeasuredCondition>,
    /// Health probes, in the config's order.
    pub probes: Vec<MeasuredProbe>,
    /// Conditions that were not good at the end: what outlasts a restart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outstanding: Vec<Outstanding>,
    /// Conditions and probes for which there was no room.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u64,
}

/// A condition over that time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasuredCondition {
    /// Its name in the config.
    pub name: String,
    /// Its state at the end.
    pub state: ConditionState,
    /// The newest value that could be judged; `None`: there was none.
    pub value: Option<f64>,
    /// The smallest such value.
    pub min: Option<f64>,
    /// The largest.
    pub max: Option<f64>,
    /// How long it was in each state; together the whole stretch.
    pub ms: StateTimes,
    /// How long its limit was crossed without a break.
    #[serde(default, skip_serializing_if = "Breach::is_none")]
    pub breach: Breach,
    /// At the end it spoke only of a revision that a rollback had moved away from, and that served nothing any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left_behind: bool,
}

/// Milliseconds in each state of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StateTimes {
    /// Seen, and good.
    #[serde(skip_serializing_if = "is_zero")]
    pub pass: u64,
    /// Seen, and past the warning, or past the limit but not yet for long enough.
    #[serde(skip_serializing_if = "is_zero")]
    pub warn: u64,
    /// Seen, and bad for long enough.
    #[serde(skip_serializing_if = "is_zero")]
    pub fail: u64,
    /// Bad, and accepted by a person.
    #[serde(skip_serializing_if = "is_zero")]
    pub accepted: u64,
    /// Seen, and in the grey zone between target and limit.
    #[serde(skip_serializing_if = "is_zero")]
    pub grey: u64,
    /// Too few samples to say.
    #[serde(skip_serializing_if = "is_zero")]
    pub inconclusive: u64,
    /// No value.
    #[serde(skip_serializing_if = "is_zero")]
    pub no_data: u64,
    /// A value too old to be believed.
    #[serde(skip_serializing_if = "is_zero")]
    pub stale: u64,
}

/// How long a limit was crossed without a break: at the beginning, at the end, and the longest of all. With these the
/// longest breach over several stretches can be told exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Breach {
    /// Milliseconds from the beginning.
    pub head: u64,
    /// Milliseconds up to the end.
    pub tail: u64,
    /// The longest, in milliseconds.
    pub longest: u64,
}

/// A health probe over that time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasuredProbe {
    /// The service's name.
    pub service: String,
    /// The probe's name.
    pub name: String,
    /// How long it was in each state; together the whole stretch.
    pub ms: ProbeTimes,
}

/// Milliseconds in each state of a health probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ProbeTimes {
    /// Answered as expected.
    #[serde(skip_serializing_if = "is_zero")]
    pub ok: u64,
    /// Answered as not ready, and said that it was starting.
    #[serde(skip_serializing_if = "is_zero")]
    pub starting: u64,
    /// Answered otherwise, or was silent.
    #[serde(skip_serializing_if = "is_zero")]
    pub failing: u64,
    /// Not seen: never asked, out of reach, or the last answer too old. Never counted as up.
    #[serde(skip_serializing_if = "is_zero")]
    pub unseen: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl StateTimes {
    /// The time in `state`; the grey zone is told apart by its caller.
    pub fn of(&mut self, state: ConditionState) -> &mut u64 {
        match state {
            ConditionState::Pass => &mut self.pass,
            ConditionState::Warn => &mut self.warn,
            ConditionState::Fail => &mut self.fail,
            ConditionState::Accepted => &mut self.accepted,
            ConditionState::Inconclusive => &mut self.inconclusive,
            ConditionState::NoData => &mut self.no_data,
            ConditionState::Stale => &mut self.stale,
        }
    }

    /// All of it.
    pub fn total(&self) -> u64 {
        self.seen() + self.unseen()
    }

    /// With fresh data behind it.
    pub fn seen(&self) -> u64 {
        self.pass + self.warn + self.fail + self.accepted + self.grey
    }

    /// Without.
    pub fn unseen(&self) -> u64 {
        self.inconclusive + self.no_data + self.stale
    }

    /// Adds another stretch's.
    pub fn add(&mut self, other: &Self) {
        self.pass += other.pass;
        self.warn += other.warn;
        self.fail += other.fail;
        self.accepted += other.accepted;
        self.grey += other.grey;
        self.inconclusive += other.inconclusive;
        self.no_data += other.no_data;
        self.stale += other.stale;
    }
}

impl ProbeTimes {
    /// All of it.
    pub fn total(&self) -> u64 {
        self.ok + self.starting + self.failing + self.unseen
    }

    /// Adds another stretch's.
    pub fn add(&mut self, other: &Self) {
        self.ok += other.ok;
        self.starting += other.starting;
        self.failing += other.failing;
        self.unseen += other.unseen;
    }
}

impl Breach {
    fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The limit was crossed, or not, for `ms` more, in a stretch that was `before` long until then.
    pub fn step(&mut self, crossed: bool, ms: u64, before: u64) {
        if !crossed {
            self.tail = 0;
            return;
        }
        if self.head == before {
            self.head += ms;
        }
        self.tail += ms;
        self.longest = self.longest.max(self.tail);
    }

    /// Two stretches, one right after the other, as one; `ms` and `next_ms` are their lengths.
    #[must_use]
    pub fn then(self, ms: u64, next: Self, next_ms: u64) -> Self {
        Self {
            head: if self.head == ms { ms + next.head } else { self.head },
            tail: if next.tail == next_ms { self.tail + next_ms } else { next.tail },
            longest: self.longest.max(next.longest).max(self.tail + next.head),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breach(crossed: &str) -> Breach {
        let mut breach = Breach::default();
        for (before, c) in (0..).zip(crossed.chars()) {
            breach.step(c == 'x', 1, before);
        }
        breach
    }

    #[test]
    fn the_longest_breach_is_exact_however_the_time_was_cut() {
        let story = "xx.xxxx..x.xxx";
        let whole = breach(story);
        assert_eq!(whole, Breach { head: 2, tail: 3, longest: 4 });
        for cut in 0..=story.len() {
            let (one, two) = story.split_at(cut);
            let (ms, next_ms) = (one.len() as u64, two.len() as u64);
            assert_eq!(breach(one).then(ms, breach(two), next_ms), whole, "cut at {cut}");
        }
        assert_eq!(breach("xxxx"), Breach { head: 4, tail: 4, longest: 4 });
    }

    #[test]
    fn what_is_zero_is_not_written_and_comes_back() {
        let row = MeasuredCondition {
            name: "errors > 5 %".into(),
            state: ConditionState::Pass,
            value: Some(0.5),
            min: None,
            max: None,
            ms: StateTimes { pass: 60_000, ..StateTimes::default() },
            breach: Breach::default(),
            left_behind: false,
        };
        let text = serde_json::to_string(&row).expect("json");
        assert_eq!(
            text,
            r#"{"name":"errors > 5 %","state":"pass","value":0.5,"min":null,"max":null,"ms":{"pass":60000}}"#
        );
        assert_eq!(serde_json::from_str::<MeasuredCondition>(&text).expect("row"), row);
    }
}
