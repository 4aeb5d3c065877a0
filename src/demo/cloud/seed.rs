//! The service as it stands when the demo begins: the stable revision serves, the canary was just deployed by its tag.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use super::{Cloud, Ready, Revision, Split, Terminal, service_name};
use crate::demo::world::Places;
use crate::demo::{CANARY, PROJECT, REGION, SERVICE, STABLE, logs};
use crate::domain::Wall;

/// Who the pipeline is to Cloud Run.
pub(super) const PIPELINE: &str = "ci-deployer@demo-chat.iam.gserviceaccount.com";

/// Names of the revisions before the canary, newest first, with their age in hours.
const HISTORY: [(&str, i64); 9] = [
    (STABLE, 52),
    ("chat-backend-00416-pon", 229),
    ("chat-backend-00415-zed", 301),
    ("chat-backend-00414-kib", 349),
    ("chat-backend-00413-wam", 476),
    ("chat-backend-00412-lof", 520),
    ("chat-backend-00411-tuv", 666),
    ("chat-backend-00410-nes", 701),
    ("chat-backend-00409-gad", 840),
];

impl Cloud {
    /// The service at `wall`, with its URLs.
    pub fn new(places: &Places, wall: Wall, seed: u64) -> Self {
        let canary_template = template(418, true);
        let mut revisions = vec![Revision {
            name: CANARY.to_owned(),
            template: canary_template.clone(),
            created: wall,
            creator: PIPELINE.to_owned(),
            generation: 431,
            ready: Ready::Pending,
        }];
        revisions.extend(HISTORY.iter().zip((409..=417).rev()).map(|((name, hours), number)| Revision {
            name: (*name).to_owned(),
            template: template(number, false),
            created: wall - TimeDelta::hours(*hours),
            creator: PIPELINE.to_owned(),
            generation: i64::from(number) + 12,
            ready: Ready::Yes,
        }));
        let split = |name: &str, percent, tag: &str| Split {
            revision: Some(name.to_owned()),
            percent,
            tag: Some(tag.to_owned()),
        };
        let traffic = vec![split(STABLE, 100, "stable"), split(CANARY, 0, "canary")];
        let mut cloud = Self {
            fields: fields(&canary_template),
            desired: traffic.clone(),
            effective: traffic,
            revisions,
            latest_ready: STABLE.to_owned(),
            generation: 431,
            observed: 431,
            edits: 431,
            pending: None,
            terminal: Terminal::Succeeded,
            operations: Vec::new(),
            tags: vec![None; places.tags.len()],
            service_url: places.service.clone(),
            tag_urls: places.tags.clone(),
            created: wall - TimeDelta::days(412),
            updated: wall,
            modifier: PIPELINE.to_owned(),
            rng: fastrand::Rng::with_seed(seed ^ 0x00c1_00d0),
            audits: history(wall),
        };
        // The order gives `canary` the first door and `stable` the second.
        cloud.tags.iter_mut().zip(["canary", "stable"]).for_each(|(slot, tag)| *slot = Some(tag.to_owned()));
        cloud
    }
}

/// The changes of earlier weeks, as the pipeline made them through the first version of the API: each revision got all the
/// traffic twenty minutes after it was made, and one went back.
fn history(wall: Wall) -> Vec<(Wall, Value)> {
    let mut changes: Vec<(i64, &str)> =
        HISTORY.iter().map(|(name, hours)| (hours * 60 - 20, *name)).collect();
    changes.push((301 * 60 - 60, "chat-backend-00414-kib"));
    let of = |(minutes, name): (i64, &str)| {
        let spec = json!({ "traffic": [{ "revisionName": name, "percent": 100, "tag": "stable" }] });
        let service = json!({ "apiVersion": "serving.knative.dev/v1", "kind": "Service", "spec": spec,
            "metadata": { "name": SERVICE, "namespace": PROJECT } });
        let kind = "type.googleapis.com/google.cloud.run.v1.ReplaceServiceRequest";
        let request =
            json!({ "@type": kind, "name": service_name(), "region": REGION, "service": service.clone() });
        let method = "google.cloud.run.v1.Services.ReplaceService";
        (wall - TimeDelta::minutes(minutes), logs::audit(method, PIPELINE, request, service))
    };
    changes.into_iter().map(of).collect()
}

fn fields(template: &Value) -> Map<String, Value> {
    let all = json!({
        "description": "Chat and agent back end",
        "labels": { "team": "conversations" },
        "annotations": { "run.example.com/change": "CHG-2291" },
        "ingress": "INGRESS_TRAFFIC_ALL",
        "launchStage": "GA",
        "scaling": { "minInstanceCount": 2 },
        "client": "gcloud",
        "template": template,
    });
    match all {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

/// The template of revision `number`.
fn template(number: u32, session_resume: bool) -> Value {
    json!({
        "labels": { "commit": format!("{:07x}", number.wrapping_mul(2_654_435_761) & 0x0fff_ffff) },
        "scaling": { "minInstanceCount": 1, "maxInstanceCount": 40 },
        "timeout": "3600s",
        "serviceAccount": "chat-backend@demo-chat.iam.gserviceaccount.com",
        "maxInstanceRequestConcurrency": 250,
        "sessionAffinity": true,
        "containers": [{
            "name": "chat-backend",
            "image": format!("europe-west1-docker.pkg.dev/demo-chat/apps/chat-backend:2.{number}.0"),
            "ports": [{ "name": "http1", "containerPort": 8080 }],
            "resources": { "limits": { "cpu": "2", "memory": "2Gi" }, "startupCpuBoost": true },
            "env": [
                { "name": "SESSION_RESUME", "value": session_resume.to_string() },
                { "name": "STREAM_COMPRESSION", "value": "false" },
                { "name": "TOOL_DISPATCH_V2", "value": "false" },
                { "name": "LOG_LEVEL", "value": "info" },
                { "name": "DATABASE_URL",
                  "valueSource": { "secretKeyRef": { "secret": "chat-database-url", "version": "latest" } } },
            ],
        }],
    })
}
