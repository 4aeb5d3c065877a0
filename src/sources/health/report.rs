//! Reads a health body by the configured JSON pointers.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::clients::http::{Answer, BodyEnd};
use crate::domain::Clean;
use crate::domain::health::BodyReport;
use crate::domain::room::StartupSpec;

/// Entries of a list of done phases that are looked at.
const MAX_DONE: usize = 64;

/// Where the body's own status word stands.
const STATUS: &str = "/status";

/// What is read out of a body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Pointers {
    /// Set on the probe whose body reports the startup.
    pub(super) startup: Option<StartupSpec>,
    /// The config does not tell where the service reports its startup: a body that does is believed all the same.
    pub(super) untold: bool,
    /// Flag name → pointer.
    pub(super) flags: BTreeMap<String, String>,
}

/// What the body says; why it cannot be read is part of the report where JSON was to be expected.
pub(super) fn read(answer: &Answer, pointers: &Pointers) -> BodyReport {
    let problem = |what: String| BodyReport { problem: Some(Clean::new(&what)), ..BodyReport::default() };
    if (300..400).contains(&answer.status) {
        let to = answer.location.as_deref().unwrap_or("nowhere");
        return problem(format!("redirects to {to}; not followed"));
    }
    let expected = answer.json || pointers.startup.is_some() || !pointers.flags.is_empty();
    match &answer.end {
        BodyEnd::Whole => {}
        BodyEnd::TooLong if !expected => return BodyReport::default(),
        BodyEnd::TooLong => return problem(format!("body longer than {} kB", answer.body.len() / 1000)),
        BodyEnd::Broken(why) => return problem(format!("body broke off: {why}")),
    }
    match serde_json::from_slice::<Value>(&answer.body) {
        Ok(json) => report(&json, pointers),
        Err(_) if !expected && answer.status >= 400 && is_page(&answer.body) => {
            problem("an HTML page, as a proxy sends it".to_owned())
        }
        Err(_) if !expected => BodyReport::default(),
        Err(error) => problem(why_no_json(&answer.body, &error)),
    }
}

fn is_page(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

fn why_no_json(body: &[u8], error: &serde_json::Error) -> String {
    let start = body.trim_ascii_start();
    if start.is_empty() {
        "empty body where JSON was expected".into()
    } else if is_page(start) {
        "HTML where JSON was expected".into()
    } else if error.is_eof() {
        "JSON cut off in the middle".into()
    } else {
        format!("no JSON: {error}")
    }
}

fn report(json: &Value, pointers: &Pointers) -> BodyReport {
    let mut report = BodyReport {
        status: json.pointer(STATUS).and_then(Value::as_str).map(Clean::new),
        ..BodyReport::default()
    };
    for (name, pointer) in &pointers.flags {
        if let Some(text) = json.pointer(pointer).and_then(text) {
            report.flags.insert(name.clone(), text);
        }
    }
    match &pointers.startup {
        Some(spec) => {
            let told = (&*spec.phase, &*spec.complete, &*spec.in_progress, &*spec.failed);
            start(json, &mut report, told);
            report.done = first(json, &spec.done).map(|value| done(value, spec)).unwrap_or_default();
        }
        None if pointers.untold => {
            let usual = (
                &StartupSpec::PHASE[..],
                &StartupSpec::COMPLETE[..],
                &StartupSpec::IN_PROGRESS[..],
                &StartupSpec::FAILED[..],
            );
            start(json, &mut report, usual);
        }
        None => {}
    }
    report
}

/// What a body says of the startup, by the pointers to its phase, and whether it is complete, goes on or failed.
fn start<T: AsRef<str>>(
    json: &Value,
    report: &mut BodyReport,
    (phase, complete, in_progress, wrong): (&[T], &[T], &[T], &[T]),
) {
    report.phase = first(json, phase).and_then(Value::as_str).filter(|name| !name.is_empty()).map(Clean::new);
    report.complete = first(json, complete).and_then(Value::as_bool);
    report.in_progress = first(json, in_progress).and_then(Value::as_bool);
    report.failed = failed(json, wrong);
}

/// What stands at the first of the pointers that is there.
fn first<'j>(json: &'j Value, tried: &[impl AsRef<str>]) -> Option<&'j Value> {
    let mut found = tried.iter().filter_map(|pointer| json.pointer(pointer.as_ref()));
    found.find(|value| !value.is_null())
}

/// The first pointer that is there decides; its reason may stand under a later one.
fn failed(json: &Value, tried: &[impl AsRef<str>]) -> Option<Clean> {
    let found = || {
        let there = tried.iter().filter_map(|pointer| json.pointer(pointer.as_ref()));
        there.filter(|value| !value.is_null())
    };
    let first = found().next()?;
    if first.as_bool() == Some(false) || first.as_str() == Some("") {
        return None;
    }
    let reason = found().find_map(|value| value.as_str().filter(|text| !text.is_empty()));
    Some(Clean::new(reason.unwrap_or("no reason given")))
}

/// Phases done: `["INIT"]`, `[{"name": "INIT", "seconds": 0.4}]` or `{"INIT": 0.4}`. An object has no order of its
/// own, so its phases are listed in the configured one.
fn done(value: &Value, spec: &StartupSpec) -> Vec<(Clean, Option<f64>)> {
    if let Some(list) = value.as_array() {
        return list.iter().take(MAX_DONE).filter_map(entry).collect();
    }
    let Some(map) = value.as_object() else { return Vec::new() };
    let rank = |name: &str| spec.phases.iter().position(|phase| phase == name).unwrap_or(usize::MAX);
    let mut entries: Vec<_> = map.iter().take(MAX_DONE).collect();
    entries.sort_by_key(|(name, _)| rank(name));
    entries.into_iter().map(|(name, value)| (Clean::new(name), seconds(value))).collect()
}

fn entry(value: &Value) -> Option<(Clean, Option<f64>)> {
    if let Some(name) = value.as_str() {
        return Some((Clean::new(name), None));
    }
    let name = value.get("name").or_else(|| value.get("phase"))?.as_str()?;
    Some((Clean::new(name), seconds(value)))
}

/// A number of seconds, or an object that holds one.
fn seconds(value: &Value) -> Option<f64> {
    let keys = ["seconds", "duration_seconds", "duration"];
    let number = value.as_f64().or_else(|| keys.iter().find_map(|key| value.get(key)?.as_f64()));
    number.filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
}

fn text(value: &Value) -> Option<Clean> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(Clean::new(text)),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Some(Clean::new(&value.to_string()))
        }
    }
}
