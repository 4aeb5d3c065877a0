//! `[[stage]]` and `[stages]`: the steps of a rollout, its planned start, and when one goes forward.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta};

use super::problem::suggestion;
use super::section::Section;
use super::service::check_unique;
use crate::domain::room::{CountdownSpec, FlagSpec, ItemRef, StageSpec, StagesSpec};
use crate::domain::stage::calendar::{Calendar, Freeze, Window};
use crate::domain::{Clean, ConditionSpec, Wall};

/// Most stages, freezes and times of the countdown.
const MOST: usize = 100;

pub(super) fn read(
    top: &Section<'_>,
    flags: &[FlagSpec],
    conditions: &[ConditionSpec],
    documents: bool,
) -> StagesSpec {
    let sections = top.sections("stage", MOST);
    let stages: Vec<StageSpec> =
        sections.iter().map(|section| stage(section, flags, conditions, documents)).collect();
    let spanned = stages.iter().zip(&sections).map(|(s, section)| (s.name.as_str(), section.span("name")));
    check_unique(top.problems, "stage", spanned);
    let section = top.section("stages");
    let ahead = zone(&section);
    if section.has("countdown") && !section.has("start") {
        let next = "write start = \"2026-03-01T14:00:00Z\" under [stages], or take the countdown away";
        section.wrong(
            "countdown",
            "`stages.countdown` has nothing to count down to",
            "no start is planned",
            next,
        );
    }
    let countdown = section.sections("countdown", MOST).into_iter().map(|section| CountdownSpec {
        before: section.duration("before", Duration::from_mins(30)),
        items: items(&section, "items"),
    });
    StagesSpec {
        stages,
        documented: section.switch("documents", true),
        start: section.text("start").and_then(|text| moment(&section, "start", &text)),
        countdown: countdown.collect(),
        calendar: Calendar {
            windows: windows(&section),
            freezes: section.sections("freeze", MOST).iter().filter_map(|it| freeze(it, ahead)).collect(),
            ahead,
        },
    }
}

fn stage(
    section: &Section<'_>,
    flags: &[FlagSpec],
    conditions: &[ConditionSpec],
    documents: bool,
) -> StageSpec {
    let percent = section.has("percent").then(|| section.whole("percent", 0, 0..=100));
    let known: Vec<&str> = flags.iter().map(|flag| flag.name.as_str()).collect();
    let turned = section.texts("flags", &[]);
    unknown(section, ("flags", "flag"), &turned, &known);
    let criteria = section.texts("criteria", &[]);
    let known: Vec<&str> = conditions.iter().map(|condition| condition.name.as_str()).collect();
    // Documents bring conditions of their own.
    if !documents {
        unknown(section, ("criteria", "condition"), &criteria, &known);
    }
    StageSpec {
        name: section.required("name", "write name = \"…\" under [[stage]]"),
        percent: percent.and_then(|percent| u8::try_from(percent).ok()),
        flags: turned,
        before: items(section, "before"),
        steps: items(section, "steps"),
        success: items(section, "success"),
        criteria,
        soak: section.duration_from("soak", Duration::ZERO, Duration::ZERO),
        read: None,
    }
}

fn unknown(section: &Section<'_>, (key, what): (&str, &str), names: &[String], known: &[&str]) {
    for name in names.iter().filter(|name| !known.contains(&name.as_str())) {
        let words = format!("`{}` has \"{name}\"", section.dotted(key));
        section.wrong(key, &words, &format!("no {what} has this name"), &suggestion(name, known));
    }
}

fn items(section: &Section<'_>, key: &'static str) -> Vec<ItemRef> {
    section.texts(key, &[]).iter().map(|text| ItemRef::Named(Clean::new(text.trim()))).collect()
}

fn windows(section: &Section<'_>) -> Vec<Window> {
    let read = |text: &String| {
        let window = Window::parse(text);
        if window.is_none() {
            let what = format!("`{}` has \"{text}\"", section.dotted("windows"));
            let next = "write windows = [\"Mon-Thu 09:00-16:00\"]";
            section.wrong("windows", &what, "a window is days and times of the day", next);
        }
        window
    };
    section.texts("windows", &[]).iter().filter_map(read).collect()
}

/// Minutes ahead of UTC.
fn zone(section: &Section<'_>) -> i32 {
    let text = section.text_or("zone", "UTC");
    let read = || {
        if matches!(text.as_str(), "UTC" | "Z") {
            return Some(0);
        }
        let sign = match text.chars().next()? {
            '+' => 1,
            '-' => -1,
            _ => return None,
        };
        let (hours, minutes) = text.get(1..)?.split_once(':')?;
        let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
        (hours <= 14 && minutes < 60).then_some(sign * (i32::from(hours) * 60 + i32::from(minutes)))
    };
    read().unwrap_or_else(|| {
        let what = format!("`{}` is \"{text}\"", section.dotted("zone"));
        section.wrong(
            "zone",
            &what,
            "it is how far the times of the windows are ahead of UTC",
            "write zone = \"+01:00\"",
        );
        0
    })
}

fn moment(section: &Section<'_>, key: &'static str, text: &str) -> Option<Wall> {
    let moment = DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()).ok();
    if moment.is_none() {
        let what = format!("`{}` is \"{text}\"", section.dotted(key));
        let next = format!("write {key} = \"2026-03-01T14:00:00Z\"");
        section.wrong(key, &what, "it is a date and a time with its zone", &next);
    }
    moment
}

/// A freeze lasts from the beginning of its first day to the end of its last, or between two moments.
fn freeze(section: &Section<'_>, ahead: i32) -> Option<Freeze> {
    let read = |key: &'static str, whole_day: bool| {
        let text = section.required(key, &format!("write {key} = \"2026-12-20\" under [[stages.freeze]]"));
        match text.parse::<NaiveDate>() {
            Ok(date) => {
                let begin = date.and_hms_opt(0, 0, 0)?.and_utc() - TimeDelta::minutes(ahead.into());
                Some(if whole_day { begin + TimeDelta::days(1) } else { begin })
            }
            Err(_no_date) if text.is_empty() => None,
            Err(_no_date) => moment(section, key, &text),
        }
    };
    let (from, until) = (read("from", false), read("until", true));
    let why = Clean::new(&section.text_or("why", ""));
    let (from, until) = (from?, until?);
    if until <= from {
        section.wrong(
            "until",
            "a freeze ends before it begins",
            "nothing would be frozen",
            "correct from and until",
        );
        return None;
    }
    Some(Freeze { from, until, why })
}
