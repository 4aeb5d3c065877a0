//! What a rollback does not undo, or undoes along with the traffic: differences of environment and secrets between
//! the revisions it leaves and the one it goes to.

use crate::domain::revision::{EnvValue, Revision, short_name, suffix};
use crate::domain::{Clean, Traffic, TrafficChange};

use super::confirm::Note;

/// How many differences are told one by one.
const TOLD: usize = 6;

/// The differences that matter to the person who confirms, in words.
pub fn differences(traffic: &Traffic, change: &TrafficChange) -> Vec<Note> {
    let find = |name: &str| traffic.revisions.iter().find(|revision| revision.name == name);
    let Some(to) = find(&change.to) else { return Vec::new() };
    let left =
        traffic.revisions.iter().filter(|r| r.name != to.name && traffic.effective_percent(&r.name) > 0);
    let mut notes: Vec<Note> = left.flat_map(|from| between(short_name(&traffic.name), from, to)).collect();
    if notes.len() > TOLD {
        let more = notes.len() - TOLD;
        notes.truncate(TOLD);
        notes.push(note(&format!("{more} more variables differ"), "", ""));
    }
    notes
}

fn between(service: &str, from: &Revision, to: &Revision) -> Vec<Note> {
    let whose = format!("an env var of {}", suffix(service, &from.name));
    let mut notes = Vec::new();
    for (name, value) in &from.env {
        match (value, to.env.get(name)) {
            (EnvValue::Plain(was), Some(EnvValue::Plain(is))) if was != is => {
                notes.push(note(&format!("{name} {was}"), &whose, &format!("{is} after this")));
            }
            (EnvValue::Plain(was), None) => {
                notes.push(note(&format!("{name} {was}"), &whose, "unset after this"));
            }
            (EnvValue::Secret { secret, version }, Some(EnvValue::Secret { .. })) if version == "latest" => {
                notes.push(note(
                    &format!("secret {secret}"),
                    "both revisions read version latest",
                    "unchanged",
                ));
            }
            _ => {}
        }
    }
    notes
}

fn note(subject: &str, detail: &str, consequence: &str) -> Note {
    Note {
        unknown: false,
        subject: Clean::new(subject),
        detail: Clean::new(detail),
        consequence: Clean::new(consequence),
    }
}
