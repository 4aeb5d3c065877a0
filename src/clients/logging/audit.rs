//! What Cloud Audit Logs tell of a service's traffic: who asked for which split, when. The entries of both versions of the
//! API, which name things differently.

use serde_json::Value;

use crate::domain::audit::Change;
use crate::domain::revision::short_name;
use crate::domain::{Clean, TrafficTarget, Wall};

/// The methods that set a split.
pub(super) const METHODS: [&str; 4] = [
    "google.cloud.run.v2.Services.UpdateService",
    "google.cloud.run.v2.Services.CreateService",
    "google.cloud.run.v1.Services.ReplaceService",
    "google.cloud.run.v1.Services.CreateService",
];

/// Entries of a split that are read.
const MOST: usize = 100;

/// Where an entry may have the split: what was asked for is surer than what was answered.
const PLACES: [&str; 5] = [
    "/request/service/traffic",
    "/request/service/spec/traffic",
    "/response/traffic",
    "/response/spec/traffic",
    "/response/response/traffic",
];

/// A change; `None`: it was refused, or is none.
pub(super) fn change(json: &Value) -> Option<Change> {
    let payload = json.get("protoPayload")?;
    let text = |path: &str| payload.pointer(path).and_then(Value::as_str);
    if !METHODS.contains(&text("/methodName")?) {
        return None;
    }
    let refused = payload.pointer("/status/code").and_then(Value::as_i64).unwrap_or(0) != 0;
    let dry = payload.pointer("/request/validateOnly").and_then(Value::as_bool).unwrap_or(false);
    if refused || dry {
        return None;
    }
    let at = json.get("timestamp")?.as_str()?;
    let at: Wall = chrono::DateTime::parse_from_rfc3339(at).ok()?.to_utc();
    let by = Clean::new(text("/authenticationInfo/principalEmail").unwrap_or_default());
    let split = PLACES.iter().find_map(|place| payload.pointer(place)?.as_array());
    Some(Change { at, by, split: split.and_then(|split| split.iter().take(MOST).map(target).collect()) })
}

/// An entry of a split; `None`: it names no revision that could be shown.
fn target(json: &Value) -> Option<TrafficTarget> {
    let latest = json.get("latestRevision").and_then(Value::as_bool).unwrap_or(false)
        || json.get("type").and_then(Value::as_str) == Some("TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST");
    let name = ["revision", "revisionName"].iter().find_map(|key| json.get(*key)?.as_str());
    let name = name.filter(|name| !latest && !name.is_empty());
    if name.is_none() && !latest && json.get("tag").is_none() {
        return None;
    }
    let percent = json.get("percent").and_then(Value::as_u64).unwrap_or(0).min(100);
    Some(TrafficTarget {
        revision: name.map(|name| Clean::new(short_name(name)).to_string()),
        percent: u8::try_from(percent).unwrap_or(0),
        tag: json.get("tag").and_then(Value::as_str).map(|tag| Clean::new(tag).to_string()),
        uri: None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(payload: &Value) -> Value {
        json!({"timestamp": "2026-11-20T10:00:00Z", "protoPayload": payload})
    }

    fn shares(payload: &Value) -> Option<Vec<(Option<String>, u8)>> {
        let split = change(&entry(payload))?.split?;
        Some(split.into_iter().map(|target| (target.revision, target.percent)).collect())
    }

    #[test]
    fn both_versions_of_the_api_tell_the_split() {
        let v1 = json!({"methodName": METHODS[2], "authenticationInfo": {"principalEmail": "ci@example.com"},
            "request": {"service": {"spec": {"traffic": [{"revisionName": "a-1", "percent": 90}, {"latestRevision": true, "percent": 10}]}}}});
        assert_eq!(shares(&v1), Some(vec![(Some("a-1".into()), 90), (None, 10)]));
        assert_eq!(change(&entry(&v1)).map(|it| it.by.to_string()).as_deref(), Some("ci@example.com"));
        let v2 = json!({"methodName": METHODS[0], "request": {"service": {"traffic": [
            {"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "revision": "a-2", "percent": 100},
            {"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "revision": "a-3", "tag": "canary"}]}}});
        assert_eq!(shares(&v2), Some(vec![(Some("a-2".into()), 100), (Some("a-3".into()), 0)]));
        let answered = json!({"methodName": METHODS[0], "request": {"updateMask": "template"},
            "response": {"traffic": [{"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 100}]}});
        assert_eq!(shares(&answered), Some(vec![(None, 100)]));
        let untold = json!({"methodName": METHODS[0]});
        assert_eq!(change(&entry(&untold)).map(|it| it.split), Some(None));
    }

    #[test]
    fn what_was_refused_changed_nothing() {
        for payload in [
            json!({"methodName": METHODS[2], "status": {"code": 10, "message": "Conflict"}}),
            json!({"methodName": METHODS[0], "request": {"validateOnly": true}}),
            json!({"methodName": "google.cloud.run.v1.Services.SetIamPolicy"}),
            json!({}),
        ] {
            assert_eq!(change(&entry(&payload)), None);
        }
    }
}
