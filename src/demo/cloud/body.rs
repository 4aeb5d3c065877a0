//! Resources as JSON, the way Google writes it: int64 as strings, zero values left out, enumerations as names or, when
//! asked with `enum-encoding=int`, as numbers.

use chrono::SecondsFormat;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Cloud, Operation, Ready, Revision, Split, Terminal, service_name};
use crate::demo::{PROJECT, REGION};
use crate::domain::Wall;

const SERVICE_TYPE: &str = "type.googleapis.com/google.cloud.run.v2.Service";

/// Names of all the enumeration values that the demo sends, with their numbers in the API's definition.
const ENUMS: [(&str, u8); 14] = [
    ("TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", 1),
    ("TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", 2),
    ("CONDITION_PENDING", 1),
    ("CONDITION_RECONCILING", 2),
    ("CONDITION_FAILED", 3),
    ("CONDITION_SUCCEEDED", 4),
    ("INGRESS_TRAFFIC_ALL", 1),
    ("INGRESS_TRAFFIC_INTERNAL_ONLY", 2),
    ("INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER", 3),
    ("REVISION_FAILED", 3),
    ("RETIRED", 3),
    ("ERROR", 1),
    ("INFO", 3),
    ("GA", 4),
];
/// Fields that hold an enumeration; a value of any other field is left alone, whatever it says.
const ENUM_FIELDS: [&str; 7] =
    ["type", "state", "severity", "ingress", "launchStage", "reason", "revisionReason"];

/// `value` with every enumeration as its number.
pub(super) fn numbered(value: Value) -> Value {
    match value {
        Value::Array(list) => list.into_iter().map(numbered).collect(),
        Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| {
                let number = value
                    .as_str()
                    .filter(|_| ENUM_FIELDS.contains(&key.as_str()))
                    .and_then(|name| ENUMS.iter().find(|(known, _)| *known == name));
                let value = number.map_or_else(|| numbered(value.clone()), |(_, number)| json!(number));
                (key, value)
            })
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// The name of an enumeration value that may have come as a number.
pub(super) fn allocation_type(value: &Value) -> Option<&'static str> {
    let named = |number: u64| match number {
        1 => Some("TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"),
        2 => Some("TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION"),
        _ => None,
    };
    match value {
        Value::Number(number) => named(number.as_u64()?),
        Value::String(name) => {
            ENUMS.iter().map(|(known, _)| *known).find(|known| known == name && known.starts_with("TRAFFIC"))
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// RFC 3339 with microseconds, as the API sends times.
fn time(wall: Wall) -> String {
    wall.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn condition(kind: &str, state: &str, message: Option<&str>, wall: Wall) -> Value {
    let mut condition = json!({ "type": kind, "state": state, "lastTransitionTime": time(wall) });
    if let (Some(message), Some(map)) = (message, condition.as_object_mut()) {
        map.insert("message".into(), message.into());
        map.insert("reason".into(), "REVISION_FAILED".into());
        map.insert("severity".into(), "ERROR".into());
    }
    condition
}

/// An operation; `done` is absent while it runs.
pub(super) fn operation(operation: &Operation) -> Value {
    let typed = |service: &Value| {
        let mut any = Map::from_iter([("@type".to_owned(), SERVICE_TYPE.into())]);
        any.extend(service.as_object().cloned().unwrap_or_default());
        Value::Object(any)
    };
    let name = format!("projects/{PROJECT}/locations/{REGION}/operations/{}", operation.id);
    let mut body = Map::from_iter([
        ("name".to_owned(), name.into()),
        ("metadata".to_owned(), typed(&operation.metadata)),
    ]);
    match &operation.result {
        None => {}
        Some(Ok(service)) => {
            body.insert("done".into(), true.into());
            body.insert("response".into(), typed(service));
        }
        Some(Err((code, message))) => {
            body.insert("done".into(), true.into());
            body.insert("error".into(), json!({ "code": code, "message": message }));
        }
    }
    Value::Object(body)
}

impl Cloud {
    /// The service.
    pub fn service(&self) -> Value {
        let name = service_name();
        let mut body = self.fields.clone();
        let full = |short: &str| format!("{name}/revisions/{short}");
        let newest = self.revisions.first().map_or("", |revision| revision.name.as_str());
        let (state, message) = match &self.terminal {
            Terminal::Succeeded => ("CONDITION_SUCCEEDED", None),
            Terminal::Reconciling => ("CONDITION_RECONCILING", None),
            Terminal::Failed(why) => ("CONDITION_FAILED", Some(why.as_str())),
        };
        let mut put = |key: &str, value: Value| body.insert(key.to_owned(), value);
        put("uid", "6b1d9a52-7c0e-4f3e-9d51-2f1c5a7e8b10".into());
        put("generation", self.generation.to_string().into());
        put("observedGeneration", self.observed.to_string().into());
        put("createTime", time(self.created).into());
        put("updateTime", time(self.updated).into());
        put("creator", "platform-team@demo-chat.example".into());
        put("lastModifier", self.modifier.clone().into());
        put("latestCreatedRevision", full(newest).into());
        put("latestReadyRevision", full(&self.latest_ready).into());
        put("traffic", self.desired.iter().map(target).collect());
        put("trafficStatuses", self.effective.iter().map(|split| self.status(split)).collect());
        put("uri", self.service_url.clone().into());
        put("urls", json!([self.service_url]));
        put("etag", self.etag().into());
        put("terminalCondition", condition("Ready", state, message, self.updated));
        put(
            "conditions",
            json!([
                condition("RoutesReady", state, message, self.updated),
                condition("ConfigurationsReady", "CONDITION_SUCCEEDED", None, self.updated),
            ]),
        );
        put("name", name.clone().into());
        if self.reconciling() {
            body.insert("reconciling".into(), true.into());
        }
        Value::Object(body)
    }

    fn status(&self, split: &Split) -> Value {
        let mut status = target(split);
        let slot =
            split.tag.as_ref().and_then(|tag| self.tags.iter().position(|known| known.as_ref() == Some(tag)));
        if let (Some(uri), Some(map)) =
            (slot.and_then(|slot| self.tag_urls.get(slot)), status.as_object_mut())
        {
            map.insert("uri".into(), uri.clone().into());
        }
        status
    }

    /// A revision.
    pub fn revision(&self, revision: &Revision) -> Value {
        let mut body = revision.template.as_object().cloned().unwrap_or_default();
        if let Some(Value::Array(containers)) = body.get_mut("containers") {
            containers.iter_mut().for_each(resolve);
        }
        let service = service_name();
        let (state, message) = match &revision.ready {
            Ready::Pending => ("CONDITION_RECONCILING", None),
            Ready::Yes => ("CONDITION_SUCCEEDED", None),
            Ready::Failed(why) => ("CONDITION_FAILED", Some(why.as_str())),
        };
        let serving = self
            .effective
            .iter()
            .any(|split| split.revision.as_ref().unwrap_or(&self.latest_ready) == &revision.name);
        let mut active = condition("Active", "CONDITION_SUCCEEDED", None, revision.created);
        if let (false, Some(map)) = (serving, active.as_object_mut()) {
            // Normal for an idle revision, and no error.
            map.insert("state".into(), "CONDITION_FAILED".into());
            map.insert("severity".into(), "INFO".into());
            map.insert("revisionReason".into(), "RETIRED".into());
        }
        let mut put = |key: &str, value: Value| body.insert(key.to_owned(), value);
        put("name", format!("{service}/revisions/{}", revision.name).into());
        put("uid", format!("{:08x}-0000-4000-8000-000000000000", revision.generation).into());
        put("generation", "1".into());
        put("observedGeneration", "1".into());
        put("createTime", time(revision.created).into());
        put("updateTime", time(revision.created).into());
        put("launchStage", "GA".into());
        put("service", crate::demo::SERVICE.into());
        put("creator", revision.creator.clone().into());
        put("etag", format!("\"r{}\"", revision.generation).into());
        put("conditions", json!([condition("Ready", state, message, revision.created), active]));
        if revision.ready == Ready::Pending {
            body.insert("reconciling".into(), true.into());
        }
        Value::Object(body)
    }

    /// The operation with this id.
    pub fn operation(&self, id: &str) -> Option<Value> {
        self.operations.iter().find(|operation| operation.id == id).map(operation)
    }

    /// All operations, newest first.
    pub fn operations(&self) -> Vec<Value> {
        self.operations.iter().map(operation).collect()
    }
}

/// A revision has its images by digest, whatever its template called them. The registry here gives each name its own.
fn resolve(container: &mut Value) {
    let Some(Value::String(image)) = container.get_mut("image") else { return };
    if image.contains('@') {
        return;
    }
    let hash = Sha256::digest(image.as_bytes());
    let hex = hash.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    // The port of a registry comes before its last slash.
    let tag = image.rfind(':').filter(|at| image.rfind('/').is_none_or(|slash| slash < *at));
    image.truncate(tag.unwrap_or(image.len()));
    *image = format!("{image}@sha256:{hex}");
}

/// A traffic entry; zero percent is left out.
fn target(split: &Split) -> Value {
    let mut entry = Map::new();
    match &split.revision {
        Some(name) => {
            entry.insert("type".into(), "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION".into());
            entry.insert("revision".into(), name.clone().into());
        }
        None => {
            entry.insert("type".into(), "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST".into());
        }
    }
    if split.percent > 0 {
        entry.insert("percent".into(), split.percent.into());
    }
    if let Some(tag) = &split.tag {
        entry.insert("tag".into(), tag.clone().into());
    }
    Value::Object(entry)
}
