//! Flags read from a template, and frozen flips.

use super::super::traffic::tests::{revision, settled, share};
use super::*;
use crate::domain::ServiceIx;

fn spec() -> FlagSpec {
    FlagSpec {
        name: "resume".into(),
        service: ServiceIx(0),
        variable: "SESSION_RESUME".into(),
        on: "true".into(),
        off: "false".into(),
    }
}

fn with(value: Option<EnvValue>) -> Traffic {
    let mut traffic = settled(&[share("a", 100)], &["b", "a"]);
    if let Some(value) = value {
        traffic.template_env.insert("SESSION_RESUME".into(), value);
    }
    traffic
}

fn plain(text: &str) -> EnvValue {
    EnvValue::Plain(Clean::new(text))
}

fn secret() -> EnvValue {
    EnvValue::Secret { secret: "s".into(), version: "latest".into() }
}

#[test]
fn a_flag_is_what_the_template_says() {
    let of = |value| view(&spec(), Some(&with(value))).value;
    assert_eq!(of(Some(plain("true"))), FlagValue::On);
    assert_eq!(of(Some(plain("false"))), FlagValue::Off);
    assert_eq!(of(Some(plain("maybe"))), FlagValue::Other(Clean::new("maybe")));
    assert_eq!(of(None), FlagValue::Unset);
    assert_eq!(of(Some(secret())), FlagValue::Secret);
    assert_eq!(view(&spec(), None).value, FlagValue::Unknown);
}

#[test]
fn what_serves_may_say_something_else() {
    let mut traffic = with(Some(plain("true")));
    traffic.revisions[1].env.insert("SESSION_RESUME".into(), EnvValue::Plain(Clean::new("false")));
    let spec = spec();
    let flag = view(&spec, Some(&traffic));
    assert_eq!(
        (&flag.value, &flag.serving, flag.differs(), flag.pinned),
        (&FlagValue::On, &FlagValue::Off, true, true)
    );
}

#[test]
fn a_flip_is_frozen_or_refused_with_its_reason() {
    let flip =
        |value, on| freeze(&spec(), Some(&with(value)), on, Wall::default()).map_err(|why| why.to_string());
    let expected = FlagChange {
        service: ServiceIx(0),
        resource: "projects/p/locations/l/services/s".into(),
        flag: "resume".into(),
        variable: "SESSION_RESUME".into(),
        before: Some(Clean::new("false")),
        after: "true".into(),
        etag: "\"e7/=\"".into(),
        generation: 7,
        frozen_at: Wall::default(),
    };
    assert_eq!(flip(Some(plain("false")), true), Ok(expected.clone()));
    assert_eq!(flip(None, true), Ok(FlagChange { before: None, ..expected }));
    assert_eq!(flip(Some(plain("true")), true), Err("resume cannot be flipped: it is on already".into()));
    assert_eq!(flip(Some(secret()), true), Err("resume cannot be flipped: it comes from a secret".into()));
    let unlocked = Traffic { etag: String::new(), ..with(Some(plain("false"))) };
    let unlocked = freeze(&spec(), Some(&unlocked), true, Wall::default());
    assert!(unlocked.unwrap_err().contains("told no etag"));
    let unread = freeze(&spec(), None, true, Wall::default());
    assert!(unread.unwrap_err().contains("not read yet"));
}

#[test]
fn a_person_is_told_what_else_happens() {
    let mut traffic = with(None);
    traffic.revisions = vec![revision("b"), revision("a")];
    let lines: Vec<String> = consequences(&traffic).iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "deploys a new revision from the service's template",
            "the split is pinned: the new revision gets 0 % until traffic is moved to it",
            "the template is that of b (another image, img:b), not of a that serves",
        ]
    );
}
