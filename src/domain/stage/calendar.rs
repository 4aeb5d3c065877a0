//! When a team goes forward: deployment windows, and freezes in which nobody does. A rollback asks no calendar.

use chrono::{Datelike, NaiveDateTime, TimeDelta, Timelike, Weekday};
use serde::{Deserialize, Serialize};

use super::zone::Zone;
use crate::domain::{Clean, Wall, format};

/// So many days ahead the next opening is looked for.
const AHEAD: i64 = 31;

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// A time of the week in which one may go forward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// On these days, Monday first.
    pub days: [bool; 7],
    /// From this minute of the day.
    pub from: u16,
    /// Until before this minute; not after `from`: of the next day.
    pub until: u16,
}

/// A time in which nobody goes forward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// Its beginning.
    pub from: Wall,
    /// Its end.
    pub until: Wall,
    /// Why.
    pub why: Clean,
}

/// Windows and freezes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Calendar {
    /// The windows; none: any time is one.
    pub windows: Vec<Window>,
    /// The freezes.
    pub freezes: Vec<Freeze>,
    /// In which zone the times of the windows are meant.
    pub zone: Zone,
}

/// Why one may not go forward now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// In words.
    pub why: Clean,
    /// When it opens, if that is within a month.
    pub opens: Option<Wall>,
}

impl Window {
    /// A window as written: `Mon-Thu 09:00-16:00`, `Sat,Sun 22:00-02:00`, `daily 09:00-12:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let (days, times) = text.trim().rsplit_once(' ')?;
        let (from, until) = times.split_once(['-', '–'])?;
        let (from, until) = (minute(from)?, minute(until)?);
        let mut open = [false; 7];
        for part in days.split(',').map(str::trim) {
            if matches!(part.to_ascii_lowercase().as_str(), "daily" | "every day") {
                open = [true; 7];
                continue;
            }
            let (first, last) = part.split_once(['-', '–']).unwrap_or((part, part));
            let (first, last) = (day(first)?, day(last)?);
            let length = (last + 7 - first) % 7;
            for n in 0..=length {
                *open.get_mut((first + n) % 7)? = true;
            }
        }
        (from < DAY && until <= DAY && from != until).then_some(Self { days: open, from, until })
    }

    fn holds(&self, at: NaiveDateTime) -> bool {
        let minute = u16::try_from(at.hour() * 60 + at.minute()).unwrap_or(0);
        let on = |day: Weekday| self.days.get(day.num_days_from_monday() as usize).copied().unwrap_or(false);
        let (today, before) = (at.weekday(), at.weekday().pred());
        if self.from < self.until {
            return on(today) && (self.from..self.until).contains(&minute);
        }
        (on(today) && minute >= self.from) || (on(before) && minute < self.until)
    }
}

fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (minutes < 60 && (hours < 24 || (hours, minutes) == (24, 0))).then_some(hours * 60 + minutes)
}

fn day(text: &str) -> Option<usize> {
    let day: Weekday = text.trim().parse().ok()?;
    Some(day.num_days_from_monday() as usize)
}

impl Calendar {
    fn is_open(&self, at: Wall) -> bool {
        let frozen = self.freezes.iter().any(|freeze| (freeze.from..freeze.until).contains(&at));
        let local = self.zone.local(at);
        let inside = self.windows.iter().any(|it| it.holds(local));
        !frozen && (self.windows.is_empty() || inside)
    }

    /// Why one may not go forward at `now`; `None`: one may.
    pub fn closed(&self, now: Wall) -> Option<Closed> {
        if self.is_open(now) {
            return None;
        }
        let freeze = self.freezes.iter().find(|freeze| (freeze.from..freeze.until).contains(&now));
        let why = match freeze {
            Some(freeze) => {
                let end = format::moment(freeze.until, now);
                format!("frozen until {end}: {}", freeze.why).trim_end_matches([':', ' ']).to_owned()
            }
            None => "outside the deployment windows".to_owned(),
        };
        Some(Closed { why: Clean::new(&why), opens: self.opens(now) })
    }

    /// The next moment at which one may go forward.
    fn opens(&self, now: Wall) -> Option<Wall> {
        let mut moments: Vec<Wall> = self.freezes.iter().map(|freeze| freeze.until).collect();
        let midnight = self.zone.local(now).date().and_hms_opt(0, 0, 0)?;
        for day in 0..=AHEAD {
            let begin = midnight + TimeDelta::days(day);
            let begins = |window: &Window| self.zone.first(begin + TimeDelta::minutes(window.from.into()));
            moments.extend(self.windows.iter().map(begins));
        }
        moments.into_iter().filter(|at| *at > now && self.is_open(*at)).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> Wall {
        text.parse().expect("a moment")
    }

    fn calendar(windows: &[&str], zone: &str) -> Calendar {
        let windows = windows.iter().map(|text| Window::parse(text).expect("a window")).collect();
        Calendar { windows, freezes: Vec::new(), zone: zone.parse().expect("a zone") }
    }

    #[test]
    fn windows_are_written_as_people_do() {
        let week = Window::parse("Mon-Thu 09:00-16:00").expect("a window");
        assert_eq!(
            (week.days, week.from, week.until),
            ([true, true, true, true, false, false, false], 540, 960)
        );
        assert_eq!(
            Window::parse("Sat, Sun 22:00-02:00").map(|it| it.days[5..].to_vec()),
            Some(vec![true; 2])
        );
        assert_eq!(
            Window::parse("Fri-Mon 8:30-24:00").map(|it| it.days[1..4].to_vec()),
            Some(vec![false; 3])
        );
        assert_eq!(Window::parse("daily 00:00-24:00").map(|it| it.days), Some([true; 7]));
        for text in [
            "",
            "Mon",
            "09:00-16:00",
            "Mon 9-16",
            "Mon 16:00-16:00",
            "Someday 09:00-16:00",
            "Mon 25:00-26:00",
        ] {
            assert_eq!(Window::parse(text), None, "{text}");
        }
    }

    #[test]
    fn outside_of_every_window_it_says_when_the_next_one_opens() {
        let week = calendar(&["Mon-Thu 09:00-16:00"], "UTC");
        // 2026-03-05 is a Thursday.
        assert_eq!(week.closed(wall("2026-03-05T15:59:59Z")), None);
        let closed = week.closed(wall("2026-03-05T16:00:00Z")).expect("closed");
        assert_eq!(
            (&*closed.why, closed.opens),
            ("outside the deployment windows", Some(wall("2026-03-09T09:00:00Z")))
        );
        let ahead = calendar(&["Mon-Thu 09:00-16:00"], "+01:00");
        assert_eq!(ahead.closed(wall("2026-03-05T08:30:00Z")), None);
        assert_eq!(
            ahead.closed(wall("2026-03-05T15:00:00Z")).and_then(|it| it.opens),
            Some(wall("2026-03-09T08:00:00Z"))
        );
        let night = calendar(&["Sat 22:00-02:00"], "UTC");
        assert_eq!(night.closed(wall("2026-03-08T01:59:00Z")), None, "Saturday's window ends on Sunday");
        assert!(night.closed(wall("2026-03-08T22:30:00Z")).is_some());
    }

    #[test]
    fn a_window_of_a_zone_keeps_to_its_clocks_when_they_change() {
        let week = calendar(&["daily 09:00-16:00"], "Europe/Berlin");
        // Clocks go forward on 2026-03-29.
        for (moment, open) in [
            ("2026-03-28T07:59:00Z", false),
            ("2026-03-28T08:00:00Z", true),
            ("2026-03-29T06:59:00Z", false),
            ("2026-03-29T07:00:00Z", true),
            ("2026-03-29T14:00:00Z", false),
        ] {
            assert_eq!(week.closed(wall(moment)).is_none(), open, "{moment}");
        }
        let closed = week.closed(wall("2026-03-28T20:00:00Z")).expect("closed");
        assert_eq!(closed.opens, Some(wall("2026-03-29T07:00:00Z")));
        let night = calendar(&["Sun 02:30-05:00"], "Europe/Berlin");
        let opens = |now| night.closed(wall(now)).expect("closed").opens;
        assert_eq!(opens("2026-03-28T20:00:00Z"), Some(wall("2026-03-29T01:00:00Z")), "02:30 is not there");
        assert_eq!(opens("2026-10-24T20:00:00Z"), Some(wall("2026-10-25T00:30:00Z")), "it is there twice");
    }

    #[test]
    fn a_freeze_closes_the_window_and_says_why() {
        let mut calendar = calendar(&["Mon-Fri 09:00-16:00"], "UTC");
        calendar.freezes.push(Freeze {
            from: wall("2026-03-04T00:00:00Z"),
            until: wall("2026-03-06T12:00:00Z"),
            why: "the fair".into(),
        });
        let closed = calendar.closed(wall("2026-03-04T10:00:00Z")).expect("closed");
        assert_eq!(&*closed.why, "frozen until 03-06 12:00: the fair");
        assert_eq!(closed.opens, Some(wall("2026-03-06T12:00:00Z")));
        assert_eq!(Calendar::default().closed(wall("2026-03-04T10:00:00Z")), None, "no calendar, any time");
    }
}
