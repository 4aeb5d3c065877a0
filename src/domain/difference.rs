//! What differs between two revisions: image, environment, secrets, scaling, limits, account. Values of variables are
//! told only on request, those of secrets never.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::revision::{EnvValue, short_image};
use super::secret::{holds_credentials, is_secret_name};
use super::{Clean, Revision, format};

/// One thing that differs, as the one and the other have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What.
    pub what: String,
    /// How it differs.
    pub kind: Kind,
    /// How the one has it.
    pub one: Clean,
    /// How the other has it.
    pub other: Clean,
}

/// How something differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// How it runs: image, scaling, limits, account.
    Fact,
    /// Only the one has the variable.
    OnlyOne,
    /// Only the other has it.
    OnlyOther,
    /// Both have it, with other values.
    Differs,
}

/// What differs between `one` and `other`; with the values of variables, if `values`.
pub fn differences(one: &Revision, other: &Revision, values: bool) -> Vec<Difference> {
    let short = facts(one).into_iter().zip(facts(other));
    let whole = facts_with(one, str::to_owned).into_iter().zip(facts_with(other, str::to_owned));
    let facts = short.zip(whole).filter_map(|((one, other), (whole_one, whole_other))| {
        // What is shortened may look alike and be another.
        let (a, b) = if one.1 == other.1 { (whole_one.1, whole_other.1) } else { (one.1, other.1) };
        (a != b).then(|| Difference { what: one.0.to_owned(), kind: Kind::Fact, one: a, other: b })
    });
    let mut found: Vec<Difference> = facts.collect();
    found.extend(variables(&one.env, &other.env, values));
    let sidecars = |of: &Revision| of.facts.sidecar_env.clone();
    found.extend(variables(&sidecars(one), &sidecars(other), values));
    let files = |of: &Revision| -> Env {
        let files = of.facts.secret_files.iter();
        files.map(|(name, secret)| (format!("files {name}"), secret.clone())).collect()
    };
    found.extend(variables(&files(one), &files(other), values));
    found
}

type Env = BTreeMap<String, EnvValue>;

/// Variables that only one has, or that have other values.
fn variables(one: &Env, other: &Env, values: bool) -> Vec<Difference> {
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differs = |name: &&String| one.get(*name) != other.get(*name);
    let of = |name: &String| {
        let (a, b) = (one.get(name), other.get(name));
        let (shown_a, shown_b) = (value(name, a, values), value(name, b, values));
        let kind = match (a, b) {
            (Some(_), None) => Kind::OnlyOne,
            (None, _) => Kind::OnlyOther,
            (Some(_), Some(_)) => Kind::Differs,
        };
        let (one, other) = if shown_a == shown_b {
            (Clean::new("one value"), Clean::new("another value"))
        } else {
            (shown_a, shown_b)
        };
        Difference { what: name.clone(), kind, one, other }
    };
    names.into_iter().filter(differs).map(of).collect()
}

/// A variable as it may be shown: a secret by its name and version, a plain value only if asked for.
pub fn value(name: &str, value: Option<&EnvValue>, values: bool) -> Clean {
    let shown = |text: &str| {
        let switch = matches!(text, "true" | "false");
        values && (switch || !is_secret_name(name)) && !holds_credentials(text)
    };
    match value {
        None => Clean::new("not set"),
        Some(EnvValue::Secret { secret, version }) => {
            Clean::new(&format!("secret {secret}, version {version}"))
        }
        Some(EnvValue::Plain(text)) if shown(text) && text.is_empty() => Clean::new("empty"),
        Some(EnvValue::Plain(text)) if shown(text) => text.clone(),
        Some(EnvValue::Plain(_)) => Clean::new("set"),
    }
}

/// How a revision runs, each fact with its name, always in this order; what is not known is `--`.
pub fn facts(of: &Revision) -> Vec<(&'static str, Clean)> {
    facts_with(of, short_image)
}

fn facts_with(of: &Revision, image: fn(&str) -> String) -> Vec<(&'static str, Clean)> {
    let text = |text: &str| Clean::new(if text.is_empty() { format::UNKNOWN } else { text });
    let number = |number: Option<u32>| number.map_or_else(|| text(""), |n| Clean::new(&n.to_string()));
    let facts = &of.facts;
    let sidecars: Vec<String> = facts.sidecars.iter().map(|sidecar| image(sidecar)).collect();
    vec![
        ("image", text(&image(&of.image))),
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

    fn plain(text: &str) -> EnvValue {
        EnvValue::Plain(Clean::new(text))
    }

    fn secret(version: &str) -> EnvValue {
        EnvValue::Secret { secret: "key".into(), version: version.into() }
    }

    #[test]
    fn what_differs_is_told_and_values_only_on_request_and_secrets_never() {
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

    #[test]
    fn what_may_be_a_secret_is_never_shown() {
        let shown = |name: &str, text: &str| value(name, Some(&plain(text)), true).to_string();
        for (name, text) in [
            ("DB_PASS", "hunter2"),
            ("BASIC_AUTH", "ann:hunter2"),
            ("smtp_pwd", "hunter2"),
            ("DATABASE_URL", "postgres://shop:hunter2@db/orders"),
        ] {
            assert_eq!(shown(name, text), "set", "{name}");
        }
        assert_eq!(shown("AUTH_V2_ENABLED", "true"), "true");
        assert_eq!(shown("DATABASE_URL", "postgres://db/orders"), "postgres://db/orders");
    }

    #[test]
    fn images_that_look_alike_when_shortened_are_told_whole() {
        let of = |image: &str| revision(image, &[], RevisionFacts::default());
        let told = told(&of("here/chat@sha256:0123456789ab"), &of("there/chat@sha256:0123456789ab"), false);
        assert_eq!(told, ["image: here/chat@sha256:0123456789ab | there/chat@sha256:0123456789ab"]);
    }

    #[test]
    fn variables_of_sidecars_and_secrets_in_files_count_too() {
        let facts = |version: &str, mode: &str| RevisionFacts {
            sidecar_env: [("proxy MODE".to_owned(), plain(mode))].into(),
            secret_files: [("tls".to_owned(), secret(version))].into(),
            ..RevisionFacts::default()
        };
        let (one, other) = (revision("i", &[], facts("1", "a")), revision("i", &[], facts("2", "b")));
        let files = "files tls: secret key, version 1 | secret key, version 2";
        assert_eq!(told(&one, &other, true), ["proxy MODE: a | b", files]);
    }

    #[test]
    fn what_only_one_has_is_told_from_what_differs() {
        let of = |env: &[(&str, EnvValue)]| revision("i", env, RevisionFacts::default());
        let one = of(&[("HERE", plain("1")), ("BOTH", plain("1"))]);
        let other = of(&[("BOTH", plain("2")), ("THERE", secret("1"))]);
        let found = differences(&one, &other, false);
        let kinds: Vec<_> = found.iter().map(|it| (it.what.as_str(), it.kind)).collect();
        assert_eq!(kinds, [("BOTH", Kind::Differs), ("HERE", Kind::OnlyOne), ("THERE", Kind::OnlyOther)]);
    }
}
