//! Records of stages in plain words.

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
        Step::Other => (Weight::Unknown, "something of a stage that this version does not know".to_owned()),
    }
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
        Step::Resumed { .. } => facts.push(("held", "no longer".to_owned())),
        Step::Other => facts.push(("kind", format!("not known to this version, record {}", record.seq))),
    }
    if let Some(after) = step.after().filter(|after| *after > 0) {
        facts.push(("follows", format!("record {after}")));
    }
    facts
}
