//! Records of stages in plain words.

use std::time::Duration;

use crate::domain::format;
use crate::domain::stage::{Step, Stop, StopKind, duration};
use crate::domain::{Clean, Record};
use crate::model::journal::Weight;

/// Whether people read it: of the clock, only where it stands.
pub fn is_told(step: &Step) -> bool {
    !matches!(step, Step::Soaked { stop: None, .. })
}

/// A step in words, and what it means.
pub fn words(step: &Step) -> (Weight, String) {
    match step {
        Step::Entered { stage, number, of, percent, against, .. } => {
            let share = percent.filter(|_| !stage.contains('%')).map(|share| format!(" {share} %"));
            let words = format!("stage {number} of {of} begins: {stage}{}", share.unwrap_or_default());
            against_the_room(&words, against)
        }
        Step::Finished { stage, against, .. } => {
            against_the_room(&format!("stage {stage} passed, the last one"), against)
        }
        Step::Paused { stage, reason, .. } => (Weight::Warn, with(&format!("stage {stage} held"), reason)),
        Step::Resumed { stage, .. } => (Weight::Good, format!("stage {stage} goes on")),
        Step::Repeated { stage, reason, .. } => {
            (Weight::Warn, with(&format!("stage {stage} begins anew"), reason))
        }
        Step::Aborted { stage, reason, .. } => {
            (Weight::Bad, with(&format!("stage {stage} given up"), reason))
        }
        Step::Soaked { stage, ms, stop, .. } => {
            let (weight, why) = stop.as_ref().map_or((Weight::Plain, String::new()), stopped);
            let at = format::stopwatch(duration(*ms));
            (weight, format!("soak of {stage} {} {at}{why}", if stop.is_some() { "stands at" } else { "at" }))
        }
        Step::Filled { stage, from, until, counted_ms, failed, rest, .. } => {
            let whole = (*until - *from).to_std().unwrap_or_default();
            filled(stage, (*counted_ms, whole), failed.as_ref(), rest)
        }
        Step::Other => (Weight::Unknown, "something of a stage that this version does not know".to_owned()),
    }
}

fn filled(
    stage: &Clean,
    (counted, whole): (u64, Duration),
    failed: Option<&Clean>,
    rest: &Clean,
) -> (Weight, String) {
    let (counted, whole) = (format::span(duration(counted)), format::span(whole));
    let failed = failed.map(|why| format!(" · it begins anew: {why}"));
    let rest = if rest.is_empty() { String::new() } else { format!(" · the rest does not count: {rest}") };
    let weight = match (&failed, rest.is_empty()) {
        (Some(_), _) => Weight::Bad,
        (None, true) => Weight::Good,
        (None, false) => Weight::Unknown,
    };
    let failed = failed.unwrap_or_default();
    (weight, format!("soak of {stage}: {counted} of {whole} that nobody watched back-filled{failed}{rest}"))
}

fn stopped(stop: &Stop) -> (Weight, String) {
    let weight = match stop.kind {
        StopKind::Failed => Weight::Bad,
        StopKind::Unseen => Weight::Unknown,
        StopKind::Unsettled | StopKind::Held => Weight::Warn,
    };
    let anew = if stop.kind == StopKind::Failed { "; it begins anew" } else { "" };
    (weight, format!(": {}{anew}", stop.why))
}

fn against_the_room(words: &str, against: &[Clean]) -> (Weight, String) {
    match against {
        [] => (Weight::Good, words.to_owned()),
        against => {
            let all: Vec<&str> = against.iter().map(|it| &**it).collect();
            (Weight::Warn, format!("{words} · against the room: {}", all.join("; ")))
        }
    }
}

fn with(head: &str, detail: &Clean) -> String {
    if detail.is_empty() { head.to_owned() } else { format!("{head}: {detail}") }
}

/// What a record of a stage holds, by labels.
pub fn facts(record: &Record, step: &Step) -> Vec<(&'static str, String)> {
    let mut facts: Vec<(&'static str, String)> =
        step.stage().map(|stage| ("stage", stage.to_string())).into_iter().collect();
    match step {
        Step::Entered { number, of, percent, soak_ms, against, .. } => {
            facts.push(("place", format!("{number} of {of}")));
            facts.extend(percent.map(|share| ("traffic", format!("{share} %"))));
            facts.push(("soak", format::span(duration(*soak_ms))));
            facts.extend(against.iter().map(|it| ("against", it.to_string())));
        }
        Step::Finished { against, .. } => {
            facts.extend(against.iter().map(|it| ("against", it.to_string())));
        }
        Step::Paused { reason, .. } | Step::Repeated { reason, .. } | Step::Aborted { reason, .. } => {
            facts.push(("because", reason.to_string()));
        }
        Step::Soaked { clock, ms, stop, failed, .. } => {
            facts.push(("counted", format::stopwatch(duration(*ms))));
            facts.push(("clock", format!("of record {clock}")));
            facts.extend(stop.as_ref().map(|stop| ("stands", stop.why.to_string())));
            facts.extend(failed.as_ref().map(|why| ("begins anew", why.to_string())));
        }
        Step::Filled { clock, from, until, counted_ms, ms, failed, rest, .. } => {
            let time = |at: &crate::domain::Wall| format!("{} UTC", at.format("%Y-%m-%d %H:%M:%S"));
            facts.push(("not watched", format!("{} to {}", time(from), time(until))));
            facts.push(("back-filled", format::stopwatch(duration(*counted_ms))));
            facts.push(("counted", format::stopwatch(duration(*ms))));
            facts.push(("clock", format!("of record {clock}")));
            facts.extend(failed.as_ref().map(|why| ("began anew", why.to_string())));
            facts.extend((!rest.is_empty()).then(|| ("not counted", rest.to_string())));
        }
        Step::Resumed { .. } => facts.push(("held", "no longer".to_owned())),
        Step::Other => facts.push(("kind", format!("not known to this version, record {}", record.seq))),
    }
    if let Some(after) = step.after().filter(|after| *after > 0) {
        facts.push(("follows", format!("record {after}")));
    }
    facts
}
