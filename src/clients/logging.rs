//! Cloud Logging over JSON: the entries of a service or of one of its revisions, newest first (`entries:list`).
//!
//! A project may be read 60 times a minute, by all that read it together. So one look is as few requests as it can be:
//! large pages, at most [`REQUESTS`] where the server makes them short, and it is told what is too old or not bad enough
//! to be sent.
//! Protocol: <https://cloud.google.com/logging/docs/reference/v2/rest/v2/entries/list>.

use http::Method;
use serde_json::{Value, json};

use crate::clients::cloud_run::{self, ApiError, ErrorKind};
use crate::domain::audit::Change;
use crate::domain::logs::{LogPage, Severity};
use crate::domain::room::{CloudRunSpec, LogsSpec};
use crate::domain::{Clean, Wall};

mod audit;
mod read;

/// Entries of a page, entries of one look, and requests of one look: a third of what all have for a minute.
const PAGE: usize = 500;
const ENTRIES: usize = 2_000;
const REQUESTS: usize = 20;

/// The permission that reading needs, and the smallest role that has it.
pub const PERMISSION: &str = "logging.logEntries.list";
/// Likewise.
pub const ROLE: &str = "roles/logging.viewer";

/// Reads the logs of one service.
#[derive(Debug)]
pub struct Client {
    api: cloud_run::Client,
    spec: CloudRunSpec,
}

/// Which entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Of this revision, by its whole name; `None`: of all.
    pub revision: Option<String>,
    /// As bad as this, or worse.
    pub least: Severity,
    /// Not older than this.
    pub since: Wall,
}

impl Client {
    /// A client for the logs of the service in `cloud`, with its credentials; `None`: where they are is not known. Nothing
    /// is read yet.
    pub fn new(cloud: &CloudRunSpec, logs: &LogsSpec) -> Option<Self> {
        let endpoint = logs.endpoint_for(cloud)?.to_owned();
        let spec = CloudRunSpec { endpoint, ..cloud.clone() };
        Some(Self { api: cloud_run::Client::new(&spec), spec })
    }

    /// The newest entries, at most [`ENTRIES`].
    ///
    /// # Errors
    /// They cannot be read; a missing permission is named with the role that has it.
    pub async fn entries(&self, ask: &Ask) -> Result<LogPage, ApiError> {
        let (found, cut) = self.list("read the logs", &self.filter(ask)).await?;
        Ok(LogPage { entries: found.iter().filter_map(read::entry).collect(), cut })
    }

    /// Who changed the service when, and to which split, by Cloud Audit Logs, oldest last; and since when that is all:
    /// later than asked for, where there are more than are read at once.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn changes(&self, since: Wall) -> Result<(Vec<Change>, Wall), ApiError> {
        let (found, cut) = self.list("read the audit log", &self.audit_filter(since)).await?;
        let changes: Vec<Change> = found.iter().filter_map(audit::change).collect();
        let oldest = changes.iter().map(|change| change.at).min().filter(|_| cut);
        Ok((changes, oldest.unwrap_or(since)))
    }

    fn audit_filter(&self, at: Wall) -> String {
        let log = format!("projects/{}/logs/cloudaudit.googleapis.com%2Factivity", self.spec.project);
        let methods = audit::METHODS.map(|name| format!("protoPayload.methodName={}", quoted(name)));
        let mut parts = vec![format!("logName={}", quoted(&log))];
        parts.extend(self.of_service());
        parts.push(format!("({})", methods.join(" OR ")));
        parts.push(since(at));
        parts.join(" AND ")
    }

    /// Whether anything may be read: one entry of the service is asked for.
    ///
    /// # Errors
    /// Nothing may.
    pub async fn is_readable(&self, since: Wall) -> Result<(), ApiError> {
        let ask = Ask { revision: None, least: Severity::Default, since };
        let body = self.body(&self.filter(&ask), 1, "");
        self.page("read the logs", &body).await.map(|_| ())
    }

    /// What fits `filter`, newest first, from as many pages as one look reads; whether there is more.
    async fn list(&self, what: &'static str, filter: &str) -> Result<(Vec<Value>, bool), ApiError> {
        let mut found = Vec::new();
        let mut token = String::new();
        for _ in 0..REQUESTS {
            let mut json = self.page(what, &self.body(filter, PAGE, &token)).await?;
            // A page may be empty and still have a next one.
            if let Some(Value::Array(entries)) = json.get_mut("entries").map(Value::take) {
                found.extend(entries);
            }
            if found.len() > ENTRIES {
                found.truncate(ENTRIES);
                return Ok((found, true));
            }
            match json.get("nextPageToken").and_then(Value::as_str) {
                Some(next) if !next.is_empty() && next != token => {
                    if found.len() == ENTRIES {
                        return Ok((found, true));
                    }
                    next.clone_into(&mut token);
                }
                _ => return Ok((found, false)),
            }
        }
        Ok((found, true))
    }

    async fn page(&self, what: &'static str, body: &Value) -> Result<Value, ApiError> {
        let url = self.api.address(what, "entries:list", &[])?;
        let json = self.api.exchange(what, Method::POST, &url, Some(body), None).await;
        let json = json.map_err(with_role)?;
        if json.is_object() {
            return Ok(json);
        }
        Err(cloud_run::bad_body(what, "the answer is no list of log entries"))
    }

    fn body(&self, filter: &str, size: usize, token: &str) -> Value {
        let mut body = json!({
            "resourceNames": [format!("projects/{}", self.spec.project)],
            "filter": filter,
            "orderBy": "timestamp desc",
            "pageSize": size,
        });
        if let (false, Some(map)) = (token.is_empty(), body.as_object_mut()) {
            map.insert("pageToken".into(), token.into());
        }
        body
    }

    fn filter(&self, ask: &Ask) -> String {
        let mut parts = self.of_service();
        if let Some(revision) = &ask.revision {
            parts.push(format!("resource.labels.revision_name={}", quoted(revision)));
        }
        parts.extend(at_least(ask.least));
        parts.push(since(ask.since));
        parts.join(" AND ")
    }

    fn of_service(&self) -> Vec<String> {
        vec![
            "resource.type=\"cloud_run_revision\"".to_owned(),
            format!("resource.labels.location={}", quoted(&self.spec.region)),
            format!("resource.labels.service_name={}", quoted(&self.spec.service)),
        ]
    }
}

/// What is as bad as that; of a request that is logged without a severity its status speaks, as it does where an entry is read.
fn at_least(least: Severity) -> Option<String> {
    let status = match least {
        Severity::Default => return None,
        Severity::Critical | Severity::Alert | Severity::Emergency => {
            return Some(format!("severity>={least}"));
        }
        Severity::Error => 500,
        Severity::Debug | Severity::Info | Severity::Notice | Severity::Warning => 400,
    };
    Some(format!("(severity>={least} OR (severity=DEFAULT AND httpRequest.status>={status}))"))
}

fn since(at: Wall) -> String {
    format!("timestamp>=\"{}\"", at.format("%Y-%m-%dT%H:%M:%S%.6fZ"))
}

/// A text of the query language.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The API does not always name the permission that is missing, and never the role.
fn with_role(error: ApiError) -> ApiError {
    if error.kind != ErrorKind::Permission {
        return error;
    }
    let why = Clean::new(&format!("{} [{PERMISSION}, ask for {ROLE} on the project]", error.why));
    ApiError { why, ..error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_said_in_the_query_language() {
        let spec = CloudRunSpec {
            project: "demo".into(),
            region: "here".into(),
            service: "ca\"rt\\".into(),
            endpoint: "https://run.googleapis.com".into(),
            token: None,
            interval: std::time::Duration::ZERO,
            verify_for: std::time::Duration::ZERO,
        };
        let client = Client::new(&spec, &LogsSpec::default()).unwrap();
        let elsewhere = CloudRunSpec { endpoint: "http://127.0.0.1:1".into(), ..spec.clone() };
        assert!(Client::new(&elsewhere, &LogsSpec::default()).is_none(), "its token is not for Google");
        let mut ask = Ask { revision: None, least: Severity::Default, since: Wall::default() };
        let service = "resource.type=\"cloud_run_revision\" AND resource.labels.location=\"here\" AND \
                       resource.labels.service_name=\"ca\\\"rt\\\\\"";
        let since = "timestamp>=\"1970-01-01T00:00:00.000000Z\"";
        assert_eq!(client.filter(&ask), format!("{service} AND {since}"));
        ask.revision = Some("cart-1".into());
        ask.least = Severity::Error;
        let of = "resource.labels.revision_name=\"cart-1\" AND \
                  (severity>=ERROR OR (severity=DEFAULT AND httpRequest.status>=500))";
        assert_eq!(client.filter(&ask), format!("{service} AND {of} AND {since}"));
        assert_eq!(client.body("f", 1, "t")["pageToken"], "t");
        assert_eq!(client.body("f", 1, "").get("pageToken"), None, "the first page is asked for without one");
    }
}
