//! Variables that services must have: set, the same everywhere, or from a secret.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::ServiceIx;
use crate::domain::revision::EnvValue;

/// What must hold of variables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvRule {
    /// Name of the variable; `*` stands for any characters, and then each that fits is meant, of which there must be one.
    pub variable: String,
    /// What must hold.
    pub must: Must,
    /// Of which services, in this order: what most of the first serves is what others must be equal to.
    pub services: Vec<ServiceIx>,
}

/// What must hold.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Must {
    /// It is there, and not empty.
    Set,
    /// It is there, and the same as in the revision of the first service that serves most.
    Equal,
    /// It is there, and comes from a secret.
    Secret,
}

type Env = BTreeMap<String, EnvValue>;

impl Must {
    /// `must be set`, `equal in all services`, `from a secret`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Set => "must be set",
            Self::Equal => "equal in all services",
            Self::Secret => "from a secret",
        }
    }
}

impl EnvRule {
    /// The signal that counts the variables for which it does not hold.
    pub fn signal(&self) -> String {
        format!("env.{}.{}", self.variable, self.must)
    }

    /// The condition's name.
    pub fn condition(&self) -> String {
        match self.must {
            Must::Set => format!("env {} set", self.variable),
            Must::Equal => format!("env {} equal", self.variable),
            Must::Secret => format!("env {} from a secret", self.variable),
        }
    }

    /// For how many variables of `env` it does not hold; `reference`: what it must be equal to, where that is another one.
    pub fn violations(&self, env: &Env, reference: Option<&Env>) -> usize {
        let mut names: BTreeSet<&str> =
            env.keys().chain(reference.into_iter().flat_map(BTreeMap::keys)).map(String::as_str).collect();
        names.retain(|name| fits(&self.variable, name));
        if names.is_empty() {
            return 1;
        }
        let is_set = |value: &EnvValue| !matches!(value, EnvValue::Plain(text) if text.is_empty());
        let holds = |name: &&&str| {
            let value = env.get(**name).filter(|value| is_set(value));
            match self.must {
                Must::Set => value.is_some(),
                Must::Secret => matches!(value, Some(EnvValue::Secret { .. })),
                Must::Equal => {
                    value.is_some() && reference.is_none_or(|reference| reference.get(**name) == value)
                }
            }
        };
        names.len() - names.iter().filter(holds).count()
    }
}

/// Whether `name` fits `pattern`, in which each `*` stands for any characters.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(name) = name.strip_prefix(first) else { return false };
    // The rest may begin anywhere behind.
    name.char_indices().map(|(at, _)| at).chain([name.len()]).any(|at| fits(rest, name.split_at(at).1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(of: &[(&str, &str)]) -> Env {
        let value = |text: &str| match text.strip_prefix("secret:") {
            Some(secret) => EnvValue::Secret { secret: secret.into(), version: "latest".into() },
            None => EnvValue::Plain(text.into()),
        };
        of.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect()
    }

    fn count(variable: &str, must: Must, of: &[(&str, &str)], reference: Option<&[(&str, &str)]>) -> usize {
        let rule = EnvRule { variable: variable.into(), must, services: Vec::new() };
        rule.violations(&env(of), reference.map(env).as_ref())
    }

    #[test]
    fn what_is_missing_empty_or_in_plain_is_counted() {
        let has = [("DATABASE_URL", "secret:db"), ("MODE", "x"), ("EMPTY", "")];
        for (variable, must, missing) in [
            ("DATABASE_URL", Must::Set, 0),
            ("DATABASE_URL", Must::Secret, 0),
            ("MODE", Must::Secret, 1),
            ("EMPTY", Must::Set, 1),
            ("GONE", Must::Set, 1),
            ("*M*", Must::Set, 1),
            ("POSTGRES_*", Must::Set, 1),
        ] {
            assert_eq!(count(variable, must, &has, None), missing, "{variable} {must}");
        }
    }

    #[test]
    fn equal_is_as_in_the_first_service() {
        let first = [("POSTGRES_HOST", "a"), ("POSTGRES_PORT", "1"), ("OTHER", "x")];
        let equal = |of: &[(&str, &str)]| count("POSTGRES_*", Must::Equal, of, Some(&first));
        assert_eq!(equal(&[("POSTGRES_HOST", "a"), ("POSTGRES_PORT", "1")]), 0);
        assert_eq!(equal(&[("POSTGRES_HOST", "b"), ("POSTGRES_PORT", "1")]), 1);
        assert_eq!(
            equal(&[("POSTGRES_HOST", "a"), ("POSTGRES_MORE", "1")]),
            2,
            "one is missing, one more is there"
        );
    }

    #[test]
    fn a_star_is_any_characters() {
        for (pattern, name, is_it) in [
            ("POSTGRES_*", "POSTGRES_HOST", true),
            ("POSTGRES_*", "POSTGRES_", true),
            ("*_URL", "DATABASE_URL", true),
            ("A*C*E", "ABCDE", true),
            ("A*C*E", "ABCD", false),
            ("A", "AB", false),
        ] {
            assert_eq!(fits(pattern, name), is_it, "{pattern} {name}");
        }
    }
}
