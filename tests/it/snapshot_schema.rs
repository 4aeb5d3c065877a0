//! The JSON snapshot holds what `warroom.snapshot/1` promises: keys are there in every state, `null` when unknown.

use serde_json::{Value, json};
use warroom::report::snapshot::snapshot;

use crate::frames::room::{Mood, room};

const KEYS: [&str; 18] = [
    "schema",
    "at",
    "room",
    "environment",
    "operator",
    "verdict",
    "links",
    "services",
    "documents",
    "checklist",
    "gates",
    "flags",
    "conditions",
    "metrics",
    "triggers",
    "stages",
    "alerts",
    "operations",
];

const SERVICE: [&str; 7] = ["name", "startup", "health", "events", "closes", "connections", "traffic"];

fn object<'a>(value: &'a Value, keys: &[&str]) -> &'a Value {
    for key in keys {
        assert!(value.get(key).is_some(), "no {key} in {value}");
    }
    value
}

#[test]
fn every_key_is_there_in_every_mood() {
    for mood in [Mood::Healthy, Mood::Bad, Mood::Tripped, Mood::Lost] {
        let seen = snapshot(&room(mood, (160, 48)));
        object(&seen, &KEYS);
        object(&seen, &["incident", "rollout"]);
        for service in seen["services"].as_array().expect("services") {
            object(service, &SERVICE);
        }
    }
}

#[test]
fn traffic_flags_and_checklist_are_told() {
    let seen = snapshot(&room(Mood::Bad, (160, 48)));
    let traffic = object(&seen["services"][0]["traffic"], &["latest_ready", "pinned", "reconciling"]);
    let split: Vec<_> = traffic["revisions"]
        .as_array()
        .expect("revisions")
        .iter()
        .filter(|revision| revision["percent"] != json!(0))
        .map(|revision| (revision["name"].clone(), revision["percent"].clone(), revision["ready"].clone()))
        .collect();
    assert_eq!(
        split,
        [
            (json!("chat-backend-00418-ral"), json!(10), json!(true)),
            (json!("chat-backend-00417-hux"), json!(90), json!(true)),
        ]
    );
    let flag = object(&seen["flags"][0], &["provider", "environment", "value", "rollout_percent", "deploys"]);
    assert_eq!((&flag["name"], &flag["link"]), (&json!("SESSION_RESUME"), &json!("live")));
    let list = object(&seen["checklist"], &["items", "done", "required_open", "lapsed", "sections"]);
    let of =
        |key: &str| seen["documents"].as_array().expect("documents").iter().map(|d| d[key].as_u64()).sum();
    assert_eq!(list["items"].as_u64(), of("items"));
    assert_eq!(list["done"].as_u64(), of("attested"));
}

#[test]
fn what_cannot_be_seen_has_no_share() {
    let seen = snapshot(&room(Mood::Lost, (160, 48)));
    let revisions = seen["services"][0]["traffic"]["revisions"].as_array().expect("revisions");
    assert!(!revisions.is_empty() && revisions.iter().all(|revision| revision["percent"].is_null()));
    assert!(seen["flags"].as_array().expect("flags").iter().all(|flag| flag["enabled"].is_null()));
}
