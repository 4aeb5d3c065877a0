//! The zone in which a team states its times: a fixed distance from UTC, or one by name with its daylight saving.
//!
//! In one night of the year an hour of such a zone does not exist, in another it is there twice. Both are told, never
//! guessed.

use std::fmt;
use std::str::FromStr;

use chrono::{FixedOffset, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::domain::Wall;

/// Clocks never skip more than a day, as they did in Samoa.
const LONGEST_GAP: i64 = 24 * 60;

/// A zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Zone {
    /// So many minutes ahead of UTC, all year.
    Fixed(i32),
    /// One of the IANA's database, such as `Europe/Berlin`.
    Named(Tz),
}

impl Default for Zone {
    fn default() -> Self {
        Self::Fixed(0)
    }
}

impl FromStr for Zone {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if matches!(text, "UTC" | "Z") {
            return Ok(Self::default());
        }
        let Some(sign) = text.strip_prefix('+').map(|_| 1).or_else(|| text.strip_prefix('-').map(|_| -1))
        else {
            return text.parse().map(Self::Named).map_err(|_unknown| ());
        };
        let (hours, minutes) = text.get(1..).and_then(|rest| rest.split_once(':')).ok_or(())?;
        let number = |part: &str| part.parse::<u8>().map_err(|_bad| ());
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        if hours > 14 || minutes > 59 {
            return Err(());
        }
        Ok(Self::Fixed(sign * (i32::from(hours) * 60 + i32::from(minutes))))
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(0) => write!(f, "UTC"),
            Self::Fixed(minutes) => {
                let (sign, minutes) = (if *minutes < 0 { '-' } else { '+' }, minutes.abs());
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
            Self::Named(zone) => write!(f, "{}", zone.name()),
        }
    }
}

impl TryFrom<String> for Zone {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map_err(|()| format!("no zone is called {text}"))
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.to_string()
    }
}

/// The moments that a time on the clock is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moments {
    /// One.
    Once(Wall),
    /// Clocks go back that night: it comes twice.
    Twice(Wall, Wall),
    /// Clocks go forward that night: it does not come. This is the first moment after.
    Never(Wall),
}

impl Zone {
    /// All names that are known, for suggestions.
    pub fn names() -> impl Iterator<Item = &'static str> {
        chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())
    }

    /// What a clock there shows.
    pub fn local(self, at: Wall) -> NaiveDateTime {
        match self {
            Self::Fixed(minutes) => at.naive_utc() + TimeDelta::minutes(minutes.into()),
            Self::Named(zone) => at.with_timezone(&zone).naive_local(),
        }
    }

    /// When a clock there shows `local`.
    pub fn moments(self, local: NaiveDateTime) -> Moments {
        match self.resolve(local) {
            LocalResult::Single(at) => Moments::Once(at),
            LocalResult::Ambiguous(first, second) => Moments::Twice(first, second),
            LocalResult::None => {
                // Gaps begin and end on whole minutes.
                let whole = local - TimeDelta::seconds(local.second().into());
                let mut minutes = (1..=LONGEST_GAP).map(|minute| whole + TimeDelta::minutes(minute));
                let after = minutes.find_map(|at| self.resolve(at).earliest());
                Moments::Never(after.unwrap_or_else(|| local.and_utc()))
            }
        }
    }

    /// The first moment at which a clock there shows `local` or later.
    pub fn first(self, local: NaiveDateTime) -> Wall {
        match self.moments(local) {
            Moments::Once(at) | Moments::Twice(at, _) | Moments::Never(at) => at,
        }
    }

    /// `at` as a clock there shows it, with its distance from UTC, so that it cannot be taken for another.
    pub fn told(self, at: Wall) -> String {
        let form = "%Y-%m-%dT%H:%M:%S%:z";
        match self {
            Self::Fixed(minutes) => {
                let zone = FixedOffset::east_opt(minutes * 60);
                zone.map_or_else(|| at.to_rfc3339(), |zone| at.with_timezone(&zone).format(form).to_string())
            }
            Self::Named(zone) => at.with_timezone(&zone).format(form).to_string(),
        }
    }

    fn resolve(self, local: NaiveDateTime) -> LocalResult<Wall> {
        match self {
            Self::Fixed(minutes) => {
                LocalResult::Single((local - TimeDelta::minutes(minutes.into())).and_utc())
            }
            Self::Named(zone) => zone.from_local_datetime(&local).map(|at| at.to_utc()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> Wall {
        text.parse().expect("a moment")
    }

    fn local(text: &str) -> NaiveDateTime {
        text.parse().expect("a time")
    }

    #[test]
    fn zones_are_written_by_name_or_distance_and_come_back() {
        for text in ["UTC", "+01:00", "-03:30", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns"] {
            let zone: Zone = text.parse().expect(text);
            assert_eq!(zone.to_string(), text);
        }
        for text in ["", "Berlin", "Europe/Atlantis", "+1", "+15:00", "+01:60"] {
            assert_eq!(text.parse::<Zone>(), Err(()), "{text}");
        }
    }

    #[test]
    fn an_hour_is_missing_in_one_night_and_there_twice_in_another() {
        let berlin: Zone = "Europe/Berlin".parse().expect("a zone");
        assert_eq!(berlin.moments(local("2026-01-15T09:00:00")), Moments::Once(wall("2026-01-15T08:00:00Z")));
        assert_eq!(berlin.moments(local("2026-07-15T09:00:00")), Moments::Once(wall("2026-07-15T07:00:00Z")));
        assert_eq!(
            berlin.moments(local("2026-03-29T02:30:00")),
            Moments::Never(wall("2026-03-29T01:00:00Z"))
        );
        assert_eq!(
            berlin.moments(local("2026-10-25T02:30:00")),
            Moments::Twice(wall("2026-10-25T00:30:00Z"), wall("2026-10-25T01:30:00Z"))
        );
        assert_eq!(berlin.told(wall("2026-10-25T01:30:00Z")), "2026-10-25T02:30:00+01:00");
        assert_eq!(berlin.local(wall("2026-07-15T07:00:00Z")), local("2026-07-15T09:00:00"));
    }
}
