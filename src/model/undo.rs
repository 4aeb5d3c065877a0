//! What a rollback does not undo, or undoes along with the traffic: differences of environment and secrets between
//! the revisions it leaves and the one it goes to.

use crate::domain::revision::{EnvValue, Revision, short_name, suffix};
use crate::domain::{Clean, ServiceIx, Traffic, TrafficChange, difference};

use super::Model;
use super::confirm::Note;

/// How many differences are told one by one.
const TOLD: usize = 6;

impl Model {
    /// What else differs for the service when `change` is made.
    pub(super) fn differences(&self, ix: ServiceIx, change: &TrafficChange) -> Vec<Note> {
        let of = self.room.flags.iter().filter(|flag| flag.service == ix && flag.container.is_none());
        let flags: Vec<&str> = of.map(|flag| flag.variable.as_str()).collect();
        self.traffic(ix).map(|traffic| differences(traffic, change, &flags)).unwrap_or_default()
    }
}

/// The differences that matter to the person who confirms, in words.
///
/// Values are told only of variables that are `flags` of the room, which its panel shows anyway.
pub fn differences(traffic: &Traffic, change: &TrafficChange, flags: &[&str]) -> Vec<Note> {
    let find = |name: &str| traffic.revisions.iter().find(|revision| revision.name == name);
    let Some(to) = find(&change.to) else { return Vec::new() };
    let left =
        traffic.revisions.iter().filter(|r| r.name != to.name && traffic.effective_percent(&r.name) > 0);
    let mut notes: Vec<Note> =
        left.flat_map(|from| between(short_name(&traffic.name), from, to, flags)).collect();
    if notes.len() > TOLD {
        let more = notes.len() - TOLD;
        notes.truncate(TOLD);
        notes.push(note(&format!("{more} more variables differ"), "", ""));
    }
    notes
}

fn between(service: &str, from: &Revision, to: &Revision, flags: &[&str]) -> Vec<Note> {
    let whose = format!("an env var of {}", suffix(service, &from.name));
    let mut notes = Vec::new();
    for (name, value) in &from.env {
        let shown = |of: &EnvValue| difference::value(name, Some(of), flags.contains(&name.as_str()));
        match (value, to.env.get(name)) {
            (EnvValue::Plain(was), Some(after @ EnvValue::Plain(is))) if was != is => {
                let (was, is) = (shown(value), shown(after));
                if was == is {
                    notes.push(note(name, &whose, "another value after this"));
                } else {
                    notes.push(note(&format!("{name} {was}"), &whose, &format!("{is} after this")));
                }
            }
            (EnvValue::Plain(_), None) => {
                notes.push(note(&format!("{name} {}", shown(value)), &whose, "unset after this"));
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

#[cfg(test)]
mod tests {
    use super::super::traffic::tests::{settled, share};
    use super::*;

    #[test]
    fn values_are_told_of_flags_only_and_never_where_the_name_sounds_like_a_secret() {
        let mut traffic = settled(&[share("b", 100)], &["b", "a"]);
        let plain = |text: &str| EnvValue::Plain(Clean::new(text));
        for (revision, end) in [(0, "new"), (1, "old")] {
            let names =
                ["API_TOKEN", "FAST", "LEVEL"].map(|name| (name.to_owned(), plain(&format!("v-{end}"))));
            traffic.revisions[revision].env = names.into();
        }
        traffic.revisions[0].env.insert("DB_PASSWORD".into(), plain("v-new"));
        let mut state = super::super::traffic::TrafficState::default();
        state.read(traffic.clone(), crate::domain::Mono::default());
        let change =
            state.freeze_rollback(ServiceIx(0), "a", crate::domain::Wall::default()).expect("a change");
        let told = |flags: &[&str]| -> Vec<String> {
            let notes = differences(&traffic, &change, flags);
            notes.iter().map(|note| format!("{} | {}", note.subject, note.consequence)).collect()
        };
        let hidden = ["API_TOKEN | another value after this", "DB_PASSWORD set | unset after this"];
        let level = "LEVEL | another value after this";
        assert_eq!(told(&[]), [hidden[0], hidden[1], "FAST | another value after this", level]);
        let shown = "FAST v-new | v-old after this";
        assert_eq!(told(&["FAST", "API_TOKEN", "DB_PASSWORD"]), [hidden[0], hidden[1], shown, level]);
    }
}
