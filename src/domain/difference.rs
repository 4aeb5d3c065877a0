//! What differs between two revisions: image, environment, secrets, scaling, limits, account. Values of variables are
//! told only on request, those of secrets never.

use std::collections::BTreeSet;

use super::revision::{EnvValue, short_image};
use super::{Clean, Revision, format};

/// One thing that differs, as the one and the other have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What.
    pub what: String,
    /// How the one has it.
    pub one: Clean,
    /// How the other has it.
    pub other: Clean,
}

/// Parts of names whose values are not for a screen, though they are no secrets of Secret Manager.
const HIDDEN: [&str; 7] = ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "KEY", "CREDENTIAL", "DSN"];

/// What differs between `one` and `other`; with the values of variables, if `values`.
pub fn differences(one: &Revision, other: &Revision, values: bool) -> Vec<Difference> {
    let facts = facts(one).into_iter().zip(facts(other));
    let mut found: Vec<Difference> = facts
        .filter(|(a, b)| a.1 != b.1)
        .map(|((what, one), (_, other))| Difference { what: what.to_owned(), one, other })
        .collect();
    let names: BTreeSet<&String> = one.env.keys().chain(other.env.keys()).collect();
    for name in names {
        let (a, b) = (one.env.get(name), other.env.get(name));
        if a != b {
            let both = value(name, a, values) == value(name, b, values);
            let (one, other) = if both {
                (Clean::new("one value"), Clean::new("another value"))
            } else {
                (value(name, a, values), value(name, b, values))
            };
            found.push(Difference { what: name.clone(), one, other });
        }
    }
    found
}

/// A variable as it may be shown: a secret by its name and version, a plain value only if asked for.
pub fn value(name: &str, value: Option<&EnvValue>, values: bool) -> Clean {
    let upper = name.to_uppercase();
    let hidden = HIDDEN.iter().any(|part| upper.contains(part));
    match value {
        None => Clean::new("not set"),
        Some(EnvValue::Secret { secret, version }) => {
            Clean::new(&format!("secret {secret}, version {version}"))
        }
        Some(EnvValue::Plain(text)) if values && !hidden && text.is_empty() => Clean::new("empty"),
        Some(EnvValue::Plain(text)) if values && !hidden => text.clone(),
        Some(EnvValue::Plain(_)) => Clean::new("set"),
    }
}

/// How a revision runs, each fact with its name, always in this order; what is not known is `--`.
pub fn facts(of: &Revision) -> Vec<(&'static str, Clean)> {
    let text = |text: &str| Clean::new(if text.is_empty() { format::UNKNOWN } else { text });
    let number = |number: Option<u32>| number.map_or_else(|| text(""), |n| Clean::new(&n.to_string()));
    let facts = &of.facts;
    let sidecars: Vec<String> = facts.sidecars.iter().map(|image| short_image(image)).collect();
    vec![
        ("image", text(&short_image(&of.image))),
        ("runs as", text(&facts.service_account)),
        ("concurrency", number(facts.concurrency)),
        (
            "request ends",
            facts.timeout.map_or_else(|| text(""), |t| Clean::new(&format!("after {}", format::age(t)))),
        ),
        ("instances min", Clean::new(&facts.instances.0.unwrap_or(0).to_string())),
        ("instances max", number(facts.instances.1)),
        ("cpu", text(&facts.cpu)),
        ("memory", text(&facts.memory)),
        ("sidecars", Clean::new(&if sidecars.is_empty() { "none".to_owned() } else { sidecars.join(", ") })),
    ]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::revision::RevisionFacts;

    fn revision(image: &str, env: &[(&str, EnvValue)], facts: RevisionFacts) -> Revision {
        Revision {
            name: "a".into(),
            ready: Some(true),
            message: None,
            image: Clean::new(image),
            created: None,
            creator: Clean::default(),
            env: env.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            facts,
        }
    }

    fn told(one: &Revision, other: &Revision, values: bool) -> Vec<String> {
        let words = |d: &Difference| format!("{}: {} | {}", d.what, d.one, d.other);
        differences(one, other, values).iter().map(words).collect()
    }

    #[test]
    fn what_differs_is_told_and_values_only_on_request_and_secrets_never() {
        let plain = |text: &str| EnvValue::Plain(Clean::new(text));
        let secret = |version: &str| EnvValue::Secret { secret: "key".into(), version: version.into() };
        let hour = RevisionFacts { timeout: Some(Duration::from_hours(1)), ..RevisionFacts::default() };
        let few = RevisionFacts { concurrency: Some(80), instances: (Some(2), None), ..hour.clone() };
        let env = [("A", plain("1")), ("API_KEY", plain("abc")), ("K", secret("1")), ("SAME", plain("x"))];
        let one = revision("r/i:1", &env, hour);
        let env = [("A", plain("2")), ("API_KEY", plain("xyz")), ("K", secret("2")), ("SAME", plain("x"))];
        let other = revision("r/i:2", &env, few);
        assert_eq!(told(&one, &one, true), Vec::<String>::new());
        let rest = ["API_KEY: one value | another value", "K: secret key, version 1 | secret key, version 2"];
        let facts = ["image: i:1 | i:2", "concurrency: -- | 80", "instances min: 0 | 2"];
        let hidden = [&facts[..], &["A: one value | another value"], &rest].concat();
        assert_eq!(told(&one, &other, false), hidden);
        assert_eq!(told(&one, &other, true), [&facts[..], &["A: 1 | 2"], &rest].concat());
    }
}
