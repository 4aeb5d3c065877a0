//! `[[stage]]` and `[stages]`: the steps of a rollout, its planned start, and when one goes forward.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveDateTime};

use super::problem::{nearest, suggestion};
use super::section::Section;
use super::service::check_unique;
use crate::domain::room::{CountdownSpec, FlagSpec, ItemRef, StageSpec, StagesSpec};
use crate::domain::stage::calendar::{Calendar, Freeze, Window};
use crate::domain::stage::zone::{Moments, Zone};
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
    let zone = zone(&section);
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
        start: section.text("start").and_then(|text| moment(&section, "start", &text, zone)),
        countdown: countdown.collect(),
        calendar: Calendar {
            windows: windows(&section),
            freezes: section.sections("freeze", MOST).iter().filter_map(|it| freeze(it, zone)).collect(),
            zone,
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

/// In which zone times of the day are meant.
fn zone(section: &Section<'_>) -> Zone {
    let text = section.text_or("zone", "UTC");
    text.parse().unwrap_or_else(|()| {
        let what = format!("`{}` is \"{text}\"", section.dotted("zone"));
        let next = nearest(&text, Zone::names()).map_or_else(
            || "write zone = \"Europe/Berlin\", or zone = \"+01:00\"".to_owned(),
            |name| format!("did you mean \"{name}\"?"),
        );
        section.wrong("zone", &what, "it is a zone of the IANA's, or a distance from UTC", &next);
        Zone::default()
    })
}

/// A moment: with its distance from UTC, or as a clock in `zone` shows it, if it does so once.
fn moment(section: &Section<'_>, key: &'static str, text: &str, zone: Zone) -> Option<Wall> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    let what = format!("`{}` is \"{text}\"", section.dotted(key));
    let forms = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"];
    let local = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let Some(local) = local else {
        let next = format!("write {key} = \"2026-03-01T14:00:00Z\", or \"2026-03-01 14:00\" in the zone");
        section.wrong(key, &what, "it is a date and a time", &next);
        return None;
    };
    match zone.moments(local) {
        Moments::Once(at) => Some(at),
        Moments::Never(after) => {
            let why = format!("this time does not exist in {zone}: clocks go forward over it that night");
            section.wrong(key, &what, &why, &format!("the first moment after it is {}", zone.told(after)));
            None
        }
        Moments::Twice(first, second) => {
            let why = format!("this time is there twice in {zone}: clocks go back over it that night");
            let next = format!("write which: {} or {}", zone.told(first), zone.told(second));
            section.wrong(key, &what, &why, &next);
            None
        }
    }
}

/// A freeze lasts from the beginning of its first day to the end of its last, or between two moments.
fn freeze(section: &Section<'_>, zone: Zone) -> Option<Freeze> {
    let read = |key: &'static str, whole_day: bool| {
        let text = section.required(key, &format!("write {key} = \"2026-12-20\" under [[stages.freeze]]"));
        match text.parse::<NaiveDate>() {
            Ok(date) => {
                let day = if whole_day { date.succ_opt()? } else { date };
                Some(zone.first(day.and_hms_opt(0, 0, 0)?))
            }
            Err(_no_date) if text.is_empty() => None,
            Err(_no_date) => moment(section, key, &text, zone),
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
