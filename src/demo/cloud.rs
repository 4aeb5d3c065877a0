//! The Cloud Run service as the Admin API v2 sees it: template, revisions, wanted and serving traffic, operations.
//!
//! Pure. A change is accepted at once (generation and etag move), takes some seconds to be carried out, and only then
//! serves: meanwhile `reconciling` is true and the serving split is still the old one.

pub mod api;
mod body;
mod error;
mod patch;
mod seed;

use serde_json::{Map, Value, json};

use super::{PROJECT, REGION, SERVICE, logs};
use crate::domain::Wall;

pub use error::ApiError;
pub use patch::{Change, Request as PatchRequest};

/// Seconds until a change of the traffic serves.
const TRAFFIC_SECONDS: f64 = 2.0;
/// Operations remembered.
const OPERATIONS: usize = 200;

/// One entry of a traffic split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Short revision name; `None` follows the latest ready one.
    pub revision: Option<String>,
    /// Percent of the requests.
    pub percent: u8,
    /// Tag, if any.
    pub tag: Option<String>,
}

/// Whether a revision can serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ready {
    /// Not yet.
    Pending,
    /// Yes.
    Yes,
    /// Never, and why.
    Failed(String),
}

/// One revision.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// Short name.
    pub name: String,
    /// The template that it was made from, without `revision`.
    pub template: Value,
    /// When.
    pub created: Wall,
    /// By whom.
    pub creator: String,
    /// The service's generation that made it.
    pub generation: i64,
    /// Whether it can serve.
    pub ready: Ready,
}

/// A long-running operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Last part of its name.
    pub id: String,
    /// `None` while it runs; then the service, or the error's code and message.
    pub result: Option<Result<Value, (i32, String)>>,
    /// The service when it began, or at its end.
    pub metadata: Value,
}

#[derive(Debug, Clone, PartialEq)]
struct Pending {
    operation: String,
    due: f64,
    waits_for: Option<String>,
    fails: Option<(i32, String)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Terminal {
    Succeeded,
    Reconciling,
    Failed(String),
}

/// The service.
#[derive(Debug, Clone, PartialEq)]
pub struct Cloud {
    /// Mutable fields as the API has them, `template` among them; unknown parts of the template are kept.
    fields: Map<String, Value>,
    desired: Vec<Split>,
    effective: Vec<Split>,
    /// Newest first.
    revisions: Vec<Revision>,
    latest_ready: String,
    generation: i64,
    observed: i64,
    edits: u64,
    pending: Option<Pending>,
    terminal: Terminal,
    operations: Vec<Operation>,
    /// Position of a tag is its door; a freed position is used again.
    tags: Vec<Option<String>>,
    service_url: String,
    tag_urls: Vec<String>,
    created: Wall,
    updated: Wall,
    modifier: String,
    rng: fastrand::Rng,
    /// Changes that the audit log has not yet.
    audits: Vec<(Wall, Value)>,
}

/// Full name of the service.
pub fn service_name() -> String {
    format!("projects/{PROJECT}/locations/{REGION}/services/{SERVICE}")
}

impl Cloud {
    /// Percent that serves from each revision, by short name.
    pub fn shares(&self) -> Vec<(String, f64)> {
        let mut shares: Vec<(String, f64)> = Vec::new();
        for split in self.effective.iter().filter(|split| split.percent > 0) {
            let name = split.revision.as_deref().unwrap_or(&self.latest_ready);
            match shares.iter_mut().find(|(known, _)| known == name) {
                Some((_, percent)) => *percent += f64::from(split.percent),
                None => shares.push((name.to_owned(), f64::from(split.percent))),
            }
        }
        shares
    }

    /// The revision behind the tag with door `slot`.
    pub fn behind(&self, slot: usize) -> Option<&str> {
        let tag = self.tags.get(slot)?.as_deref()?;
        let split = self.effective.iter().find(|split| split.tag.as_deref() == Some(tag))?;
        Some(split.revision.as_deref().unwrap_or(&self.latest_ready))
    }

    /// The revisions, newest first.
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// Optimistic lock: moves with every change.
    pub fn etag(&self) -> String {
        // A quoted value with characters that are easily mangled: clients must keep it byte for byte.
        format!("\"CM{:06x}/{}=\"", self.edits.wrapping_mul(2_654_435_761) & 0x00ff_ffff, self.generation)
    }

    /// Generation wanted.
    pub fn generation(&self) -> i64 {
        self.generation
    }

    /// Whether a change is still being carried out.
    pub fn reconciling(&self) -> bool {
        self.pending.is_some()
    }

    /// Says how `name` is doing; the service and its operations follow.
    pub fn observe(&mut self, name: &str, ready: &Ready) {
        let Some(revision) = self.revisions.iter_mut().find(|revision| revision.name == name) else { return };
        if revision.ready == *ready {
            return;
        }
        revision.ready = ready.clone();
        if *ready == Ready::Yes
            && let Some(newest) = self.revisions.iter().find(|revision| revision.ready == Ready::Yes)
        {
            self.latest_ready.clone_from(&newest.name);
        }
    }

    /// Carries out what is due at `t` seconds.
    pub fn step(&mut self, t: f64, wall: Wall) {
        let Some(pending) = &self.pending else { return };
        let awaited =
            pending.waits_for.as_ref().and_then(|name| self.revisions.iter().find(|r| r.name == *name));
        let failed = match awaited.map(|revision| &revision.ready) {
            Some(Ready::Pending) => return,
            Some(Ready::Failed(why)) => {
                Some((9, format!("Revision is not ready and cannot serve traffic. {why}")))
            }
            Some(Ready::Yes) | None => pending.fails.clone(),
        };
        if t < pending.due {
            return;
        }
        let Some(pending) = self.pending.take() else { return };
        self.updated = wall;
        let result = if let Some((code, message)) = failed {
            self.terminal = Terminal::Failed(message.clone());
            Err((code, message))
        } else {
            self.terminal = Terminal::Succeeded;
            self.effective = self.desired.clone();
            self.observed = self.generation;
            Ok(())
        };
        self.finish(&pending.operation, result);
    }

    fn finish(&mut self, id: &str, result: Result<(), (i32, String)>) {
        let service = self.service();
        if let Some(operation) = self.operations.iter_mut().find(|operation| operation.id == id) {
            operation.metadata = service.clone();
            operation.result = Some(result.map(|()| service));
        }
    }

    /// Takes `change` on; answers with the operation that carries it out.
    fn accept(&mut self, change: Change, t: f64, wall: Wall, modifier: &str) -> Operation {
        if let Some(old) = self.pending.take() {
            let message = "The operation was superseded by a newer change of the service.".to_owned();
            self.finish(&old.operation, Err((10, message)));
        }
        let moved = self.desired != change.traffic;
        self.generation += 1;
        self.edits += 1;
        self.updated = wall;
        modifier.clone_into(&mut self.modifier);
        let mut waits_for = None;
        if let Some(name) = change.revision {
            let template = change.fields.get("template").cloned().unwrap_or(Value::Null);
            waits_for = Some(name.clone());
            self.revisions.insert(
                0,
                Revision {
                    name,
                    template: without_revision(template),
                    created: wall,
                    creator: modifier.to_owned(),
                    generation: self.generation,
                    ready: Ready::Pending,
                },
            );
        }
        self.fields = change.fields;
        self.desired = change.traffic;
        self.claim_tags();
        self.terminal = Terminal::Reconciling;
        let id =
            format!("{:08x}-{:04x}-{:012x}", self.rng.u32(..), self.rng.u16(..), self.rng.u64(..1 << 48));
        self.pending =
            Some(Pending { operation: id.clone(), due: t + TRAFFIC_SECONDS, waits_for, fails: change.fails });
        let operation = Operation { id, result: None, metadata: self.service() };
        self.audit(moved, wall, modifier);
        self.operations.insert(0, operation.clone());
        self.operations.truncate(OPERATIONS);
        operation
    }

    /// Notes the change that was just accepted for the audit log.
    fn audit(&mut self, moved: bool, wall: Wall, by: &str) {
        let service = self.service();
        let mask = if moved { "traffic" } else { "template" };
        let mut sent = json!({ "name": service_name() });
        sent[mask] = service[mask].clone();
        let kind = "type.googleapis.com/google.cloud.run.v2.UpdateServiceRequest";
        let request = json!({ "@type": kind, "service": sent, "updateMask": mask });
        let payload = logs::audit("google.cloud.run.v2.Services.UpdateService", by, request, service);
        self.audits.push((wall, payload));
    }

    /// What the audit log is to hold besides.
    pub fn take_audits(&mut self) -> Vec<(Wall, Value)> {
        std::mem::take(&mut self.audits)
    }

    /// Gives each wanted tag a door, and frees the doors of tags that neither serve nor are wanted.
    fn claim_tags(&mut self) {
        let used: Vec<String> =
            self.desired.iter().chain(&self.effective).filter_map(|split| split.tag.clone()).collect();
        for slot in &mut self.tags {
            if slot.as_ref().is_some_and(|tag| !used.contains(tag)) {
                *slot = None;
            }
        }
        for tag in used {
            if self.tags.iter().flatten().any(|known| *known == tag) {
                continue;
            }
            if let Some(free) = self.tags.iter_mut().find(|slot| slot.is_none()) {
                *free = Some(tag);
            }
        }
    }

    /// What the pipeline does once the canary is ready and nobody has changed anything: 10 % for it.
    pub fn promote_by_pipeline(&mut self, stable: &str, canary: &str, t: f64, wall: Wall) {
        let split = |name: &str, percent, tag: &str| Split {
            revision: Some(name.to_owned()),
            percent,
            tag: Some(tag.to_owned()),
        };
        let traffic = vec![split(stable, 90, "stable"), split(canary, 10, "canary")];
        let change = Change { fields: self.fields.clone(), traffic, revision: None, fails: None };
        self.accept(change, t, wall, seed::PIPELINE);
    }

    /// Applies a PATCH as `who`; `validate_only` answers as if, and changes nothing.
    pub fn patch(
        &mut self,
        request: &patch::Request,
        t: f64,
        wall: Wall,
        who: &str,
    ) -> Result<Value, ApiError> {
        let change = patch::check(self, request)?;
        if request.validate_only {
            let mut copy = self.clone();
            copy.accept(change, t, wall, who);
            let service = copy.service();
            let id = "validate-only".to_owned();
            return Ok(body::operation(&Operation {
                id,
                result: Some(Ok(service.clone())),
                metadata: service,
            }));
        }
        Ok(body::operation(&self.accept(change, t, wall, who)))
    }
}

/// A template without the name that it gives its revision: that name is the revision's own.
fn without_revision(mut template: Value) -> Value {
    if let Some(map) = template.as_object_mut() {
        map.remove("revision");
    }
    template
}
