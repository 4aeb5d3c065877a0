//! What the simulated service writes into its logs, as Cloud Logging keeps it: what every revision writes all the time,
//! known noise among it, what goes wrong with one, and an entry for each change of the service.
//!
//! Drawn from a generator of its own, so that it changes nothing of the story.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use super::instance::Instance;
use super::{PROJECT, REGION, SERVICE};
use crate::domain::Wall;

pub mod filter;

/// Entries kept.
const MOST: usize = 6000;

/// The log into which a program's complaints go, the one of its other words, and that of requests.
const STDERR: &str = "run.googleapis.com%2Fstderr";
const STDOUT: &str = "run.googleapis.com%2Fstdout";
const REQUESTS: &str = "run.googleapis.com%2Frequests";
/// The log of what was changed, and by whom.
pub(super) const ACTIVITY: &str = "cloudaudit.googleapis.com%2Factivity";

/// What is kept.
#[derive(Debug, Clone)]
pub struct Logs {
    /// Oldest first.
    entries: VecDeque<Value>,
    rng: fastrand::Rng,
    count: u64,
}

/// Things that are written, so often a second by one revision at full trouble (or traffic), and how.
type Line = (f64, &'static str, &'static str, fn(&mut fastrand::Rng) -> Value);

/// By each revision, for all its traffic.
const ALWAYS: [Line; 4] = [
    (1.2, "INFO", REQUESTS, |rng| request(rng, 200, 0.12)),
    (0.6, "", STDOUT, |rng| json!(format!("planner: step {} of run {} done", rng.u8(1..9), id(rng)))),
    (0.2, "ERROR", STDERR, |rng| {
        let message = format!("client went away while streaming run {}", id(rng));
        json!({ "message": message, "component": "gateway" })
    }),
    (
        0.05,
        "WARNING",
        STDERR,
        |rng| json!({ "message": format!("cache miss took {} ms", rng.u16(40..400)), "component": "cache" }),
    ),
];

fn id(rng: &mut fastrand::Rng) -> String {
    format!("{:06x}", rng.u32(..0x00ff_ffff))
}

fn request(rng: &mut fastrand::Rng, status: u16, seconds: f64) -> Value {
    let latency = seconds * (0.5 + rng.f64());
    json!({ "requestMethod": "GET", "requestUrl": format!("https://chat.demo.example/api/runs/{}", id(rng)),
        "status": status, "latency": format!("{latency:.6}s"), "protocol": "HTTP/1.1", "remoteIp": "192.0.2.17",
        "userAgent": "chat-web/4.2" })
}

/// What goes wrong, by how much it does.
fn troubles(instance: &Instance) -> [(f64, Line); 5] {
    let levels = instance.levels;
    [
        (
            levels.auth,
            (0.9, "WARNING", STDERR, |rng| {
                json!({ "message": format!("session token not accepted: run {}, issued before the deploy", id(rng)),
                "component": "auth" })
            }),
        ),
        (
            levels.internal,
            (0.6, "ERROR", STDERR, |rng| {
                json!({ "message": format!("resume of run {} failed: unknown state version 2", id(rng)), "component": "resume",
                "stack_trace": "ResumeError: unknown state version 2\n  at decode (resume/state.py:88)\n  at resume (resume/session.py:41)\n  at on_connect (gateway/socket.py:212)" })
            }),
        ),
        (levels.errors, (0.7, "ERROR", REQUESTS, |rng| request(rng, 503, 2.4))),
        (
            levels.lost_tools,
            (
                0.4,
                "ERROR",
                STDERR,
                |rng| json!({ "message": format!("tool result dropped: no open run {}", id(rng)), "component": "dispatch" }),
            ),
        ),
        (
            levels.overload,
            (1.5, "WARNING", STDERR, |rng| {
                json!({ "message": format!("event queue full ({} waiting): shedding load", rng.u16(9000..20_000)),
                "component": "gateway" })
            }),
        ),
    ]
}

impl Logs {
    /// No entry yet.
    pub fn new(seed: u64) -> Self {
        Self { entries: VecDeque::new(), rng: fastrand::Rng::with_seed(seed ^ 0x0010_6506), count: 0 }
    }

    /// The entries, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Value> {
        self.entries.iter()
    }

    /// What `instance` writes in `dt` seconds of the story until `wall`.
    pub fn live(&mut self, instance: &Instance, dt: f64, wall: Wall) {
        let share = instance.share / 100.0;
        let always = ALWAYS.into_iter().map(|line| (share, line));
        for (weight, (rate, severity, log, words)) in always.chain(troubles(instance)) {
            if instance.share > 0.0 && self.rng.f64() < weight * rate * dt {
                let payload = words(&mut self.rng);
                self.write(wall, severity, log, &instance.name, payload);
            }
        }
    }

    /// A container ended.
    pub fn crashed(&mut self, revision: &str, wall: Wall) {
        let text = json!("Container called exit(1).");
        self.write(wall, "WARNING", "run.googleapis.com%2Fvarlog%2Fsystem", revision, text);
    }

    /// An entry of Cloud Audit Logs.
    pub fn audited(&mut self, wall: Wall, payload: Value) {
        self.write(wall, "NOTICE", ACTIVITY, "", payload);
    }

    fn write(&mut self, wall: Wall, severity: &str, log: &str, revision: &str, payload: Value) {
        self.count += 1;
        let at = wall.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
        let mut entry = json!({
            "insertId": format!("{:016x}", self.rng.u64(..)),
            "logName": format!("projects/{PROJECT}/logs/{log}"),
            "timestamp": at, "receiveTimestamp": at,
            "resource": { "type": "cloud_run_revision", "labels": {
                "project_id": PROJECT, "location": REGION, "service_name": SERVICE, "revision_name": revision,
                "configuration_name": if revision.is_empty() { "" } else { SERVICE } } },
        });
        let kind = match &payload {
            Value::String(_) => "textPayload",
            _ if log == REQUESTS => "httpRequest",
            _ if log == ACTIVITY => "protoPayload",
            _ => "jsonPayload",
        };
        let mut set =
            |name: &str, value: Value| entry.as_object_mut().map(|map| map.insert(name.to_owned(), value));
        set(kind, payload);
        if !severity.is_empty() {
            set("severity", severity.into());
        }
        if log == REQUESTS {
            set("trace", format!("projects/{PROJECT}/traces/{:032x}", self.count).into());
        }
        // Entries of earlier times are told at the beginning, in any order.
        let stands =
            |known: &Value| known.get("timestamp").and_then(Value::as_str).unwrap_or_default() <= at.as_str();
        let place = self.entries.iter().rposition(stands).map_or(0, |place| place + 1);
        self.entries.insert(place, entry);
        // Cloud Audit Logs are kept for longer than what programs write.
        let written = |known: &Value| {
            known.get("logName").and_then(Value::as_str).is_some_and(|name| !name.ends_with(ACTIVITY))
        };
        if self.entries.len() > MOST
            && let Some(oldest) = self.entries.iter().position(written)
        {
            self.entries.remove(oldest);
        }
    }
}

/// An entry of Cloud Audit Logs about a change of the service.
pub(super) fn audit(method: &str, by: &str, request: Value, response: Value) -> Value {
    let v2 = method.contains(".v2.");
    let name = if v2 {
        format!("projects/{PROJECT}/locations/{REGION}/services/{SERVICE}")
    } else {
        format!("namespaces/{PROJECT}/services/{SERVICE}")
    };
    let mut payload = Map::new();
    for (key, value) in [
        ("@type", json!("type.googleapis.com/google.cloud.audit.AuditLog")),
        ("serviceName", json!("run.googleapis.com")),
        ("methodName", json!(method)),
        ("resourceName", json!(name)),
        ("authenticationInfo", json!({ "principalEmail": by })),
        (
            "authorizationInfo",
            json!([{ "permission": "run.services.update", "resource": name, "granted": true }]),
        ),
        ("requestMetadata", json!({ "callerSuppliedUserAgent": "gcloud" })),
        ("request", request),
        ("response", response),
    ] {
        payload.insert(key.to_owned(), value);
    }
    Value::Object(payload)
}
