//! Rulings: what a person decides against the machine, with a name, a reason and an end. The verdict is overridden, or a
//! condition is accepted as it is.

use std::time::Duration;

use chrono::{NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};

use super::{Clean, Verdict, VerdictState, Wall, format, time};

/// The longest time that a ruling may stand.
const LONGEST: TimeDelta = TimeDelta::days(7);

/// Whose it is, why, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// Who.
    pub by: Clean,
    /// When it was recorded.
    pub at: Wall,
    /// Why.
    pub reason: Clean,
    /// Its end.
    pub until: Wall,
}

impl Ruling {
    /// Whether it stands at `now`.
    pub fn stands(&self, now: Wall) -> bool {
        now < self.until
    }

    /// `by ines until 14:30: the load test runs`.
    pub fn words(&self) -> String {
        format!("by {} until {}: {}", self.by, format::moment(self.until, self.at), self.reason)
    }
}

/// The verdict as a person gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// What it is to be.
    pub state: VerdictState,
    /// What the room said when it was overridden. A worse one is not covered.
    pub over: VerdictState,
    /// What spoke against going on then, as [`Verdict::against`](super::Verdict::against). Anything else is not covered.
    pub against: Vec<Clean>,
    /// Whose word it is.
    pub ruling: Ruling,
}

impl Override {
    /// Whether the word stands against what the room says: that is no better than the word itself, or it is no worse than
    /// what was overridden and rests on nothing that was not there then. Nobody ruled on what came since.
    pub fn covers(&self, room: &Verdict) -> bool {
        covers(self.state, self.over, &self.against, room)
    }
}

/// [`Override::covers`], for a word that is not given yet.
pub fn covers(state: VerdictState, over: VerdictState, against: &[Clean], room: &Verdict) -> bool {
    let known = || room.against.iter().all(|now| against.contains(now));
    room.state <= state || (room.state <= over && known())
}

/// What of a condition is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Accepts {
    /// That it fails. When it cannot be seen, that is another matter.
    Failing,
    /// That it cannot be seen. When it fails, that is another matter.
    Unseen,
}

impl Accepts {
    /// As read after "accepted".
    pub fn words(self) -> &'static str {
        match self {
            Self::Failing => "as expected",
            Self::Unseen => "as unwatched",
        }
    }

    /// What of the condition is not accepted with it, and counts.
    pub fn leaves(self) -> &'static str {
        match self {
            Self::Failing => {
                "while it cannot be seen, or too little was measured to judge it, that is not accepted"
            }
            Self::Unseen => "when it is seen and fails, that is not accepted",
        }
    }
}

/// A condition that is accepted as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// What of it.
    pub what: Accepts,
    /// What it said then, as [`ConditionSpec::rule`](super::ConditionSpec::rule).
    pub rule: Clean,
    /// Whose word it is.
    pub ruling: Ruling,
}

/// The end of a ruling as a person writes it at `now`: a time from now (`30m`, `2h`), a time of day in UTC (`14:30`, the
/// next there is), or a moment (`2026-03-01T14:30:00Z`).
///
/// # Errors
/// Says what an end looks like, or why this one cannot be.
pub fn end(text: &str, now: Wall) -> Result<Wall, &'static str> {
    const FORM: &str = "an end is a time from now (30m, 2h), a time of day in UTC (14:30) or a moment (2026-03-01T14:30:00Z)";
    let text = text.trim();
    let until = if let Ok(moment) = text.parse::<Wall>() {
        moment
    } else if let Ok(of_day) = NaiveTime::parse_from_str(text.trim_end_matches(['Z', 'z']), "%H:%M") {
        let today = now.date_naive().and_time(of_day).and_utc();
        if today > now { today } else { today + TimeDelta::days(1) }
    } else {
        let length: Duration = time::duration(text).map_err(|_not_a_duration| FORM)?;
        now + TimeDelta::from_std(length).map_err(|_too_long| FORM)?
    };
    if until <= now {
        Err("the end is over already")
    } else if until - now > LONGEST {
        Err("the end is more than seven days away; nobody would know then why")
    } else {
        Ok(until)
    }
}

/// The end that `text` meant as `until`, once it was looked for so long: a time from now moves with it, a moment does not.
pub fn end_after(text: &str, until: Wall, looked: TimeDelta) -> Wall {
    let from_now = time::duration(text.trim()).is_ok();
    if from_now { until + looked.max(TimeDelta::zero()) } else { until }
}

#[cfg(test)]
mod tests {
    use super::*;
    use VerdictState::{Go, Hold, NoGo, RollBack};

    fn wall(text: &str) -> Wall {
        text.parse().expect("a moment")
    }

    #[test]
    fn an_override_does_not_cover_what_got_worse_since() {
        let ruling = Ruling {
            by: "ines".into(),
            at: Wall::default(),
            reason: "load test".into(),
            until: wall("2026-03-01T14:30:00Z"),
        };
        let room = |state, against: &[&str]| Verdict {
            state,
            against: against.iter().map(|it| Clean::new(it)).collect(),
            ..Verdict::default()
        };
        let over = |state, over, against: &[&str]| {
            let against = room(over, against).against;
            Override { state, over, against, ruling: ruling.clone() }
        };
        let of = |it: Override| [Go, Hold, NoGo, RollBack].map(|state| it.covers(&room(state, &[])));
        assert_eq!(of(over(Go, Hold, &[])), [true, true, false, false]);
        assert_eq!(of(over(Go, RollBack, &[])), [true; 4]);
        assert_eq!(of(over(Hold, Go, &[])), [true, true, false, false], "never better than the room");
        assert_eq!(of(over(RollBack, Go, &[])), [true; 4]);
        let errors = over(Go, NoGo, &["fails: errors", "fails: latency"]);
        assert!(errors.covers(&room(NoGo, &["fails: errors"])));
        assert!(!errors.covers(&room(NoGo, &["fails: closes", "fails: errors"])), "another one fails");
        assert!(
            !errors.covers(&room(Hold, &["unseen: errors"])),
            "what cannot be seen any more may be anything"
        );
    }

    #[test]
    fn a_ruling_stands_until_its_end() {
        let until = wall("2026-03-01T14:30:00Z");
        let ruling = Ruling { by: "i".into(), at: Wall::default(), reason: "r".into(), until };
        assert!(ruling.stands(wall("2026-03-01T14:29:59.999Z")) && !ruling.stands(until));
    }

    #[test]
    fn an_end_is_written_as_people_do() {
        let now = wall("2026-03-01T14:05:31Z");
        for (text, until) in [
            ("30m", "2026-03-01T14:35:31Z"),
            ("1h 30m", "2026-03-01T15:35:31Z"),
            ("14:30", "2026-03-01T14:30:00Z"),
            ("14:30Z", "2026-03-01T14:30:00Z"),
            ("14:05", "2026-03-02T14:05:00Z"),
            (" 2026-03-02T09:00:00+01:00 ", "2026-03-02T08:00:00Z"),
        ] {
            assert_eq!(end(text, now), Ok(wall(until)), "{text}");
        }
        for text in [
            "",
            "soon",
            "30",
            "25:00",
            "0m",
            "169h",
            "2026-03-01T14:05:31Z",
            "2026-02-01T00:00:00Z",
            "2027-03-01T00:00:00Z",
        ] {
            assert!(end(text, now).is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_from_now_counts_from_what_is_written_and_a_moment_does_not_move() {
        let (now, looked) = (wall("2026-03-01T14:00:00Z"), TimeDelta::seconds(10));
        for (text, wanted) in [
            ("15s", "2026-03-01T14:00:25Z"),
            (" 30m ", "2026-03-01T14:30:10Z"),
            ("14:30", "2026-03-01T14:30:00Z"),
            ("2026-03-01T15:00:00Z", "2026-03-01T15:00:00Z"),
        ] {
            let until = end(text, now).expect("an end");
            assert_eq!(end_after(text, until, looked), wall(wanted), "{text}");
        }
    }
}
