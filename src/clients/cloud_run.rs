//! The Cloud Run Admin API v2 over JSON: read a service and its revisions, change its traffic or one variable of its
//! template, follow the operation.
//!
//! Written on `reqwest` rather than on Google's generated client: templates travel as plain JSON, so that fields
//! which neither of us knows survive a change; nothing is ever retried behind our back except once with a fresh
//! token after a 401; and time-outs, sizes and errors are ours. Google's crate for credentials gives the token.
//! Protocol: <https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services>.

use std::time::Duration;

use http::{HeaderMap, Method};
use serde_json::Value;
use url::Url;

use self::auth::Auth;
use crate::clients::permit::{Permit, TOO_LATE};
use crate::clients::{failure, http as answers, tls};
use crate::clock;
use crate::domain::room::CloudRunSpec;
use crate::domain::{Clean, FlagChange, OpKind, Revision, Traffic, Wall};

mod auth;
mod error;
mod permissions;
mod read;
mod write;

pub use error::{ApiError, ErrorKind, READS_AGAIN};

/// One whole exchange, connecting included.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The largest answer taken. A page of revisions with large environments stays below a tenth of it.
const MAX_BODY: usize = 16 << 20;

/// Revisions asked for at once, and the most pages followed: twice what Cloud Run keeps.
const PAGE: &str = "100";
const MAX_PAGES: usize = 20;

/// Speaks for one service.
#[derive(Debug)]
pub struct Client {
    http: Result<reqwest::Client, Clean>,
    endpoint: Result<Url, Clean>,
    name: String,
    auth: Auth,
}

/// A long-running operation as answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// `projects/P/locations/L/operations/ID`; empty if the answer had none.
    pub name: String,
    /// It is over.
    pub done: bool,
    /// It is over and failed: the API's words.
    pub error: Option<Clean>,
}

impl Client {
    /// A client for the service in `spec`. Nothing is read or sent yet; what is wrong with the endpoint or the
    /// system's certificates is answered to every call.
    pub fn new(spec: &CloudRunSpec) -> Self {
        Self::with_timeout(spec, TIMEOUT)
    }

    /// As [`Client::new`], with another limit for one whole exchange.
    pub fn with_timeout(spec: &CloudRunSpec, timeout: Duration) -> Self {
        Self {
            http: tls::http(timeout).map_err(|error| Clean::new(&error.to_string())),
            endpoint: endpoint(&spec.endpoint),
            name: spec.full_name(),
            auth: Auth::new(spec.token.clone()),
        }
    }

    /// Who we are to the API, in words.
    pub async fn identity(&self) -> Clean {
        self.auth.identity().await
    }

    /// When the token ends that requests go with now, if that can be seen.
    pub async fn expires(&self) -> Option<Wall> {
        self.auth.expires().await
    }

    /// The same of a token that does not show it, asked of whoever made it.
    pub async fn ends(&self) -> Option<Wall> {
        self.auth.ends().await
    }

    /// Gets a new token, ahead of need: whether that is possible.
    ///
    /// # Errors
    /// There is none; requests go on with the old one while it lasts.
    pub async fn renew(&self) -> Result<(), ApiError> {
        self.auth.renew().await
    }

    /// Full name of the service.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The service, without its revisions.
    pub async fn service(&self) -> Result<Traffic, ApiError> {
        let what = "read the service";
        let json = self.call(what, &self.name, &[]).await?;
        read::service(&json)
            .ok_or_else(|| bad_body(what, "the answer is not a service, or has names that no service has"))
    }

    /// All revisions of the service, newest first.
    pub async fn revisions(&self) -> Result<Vec<Revision>, ApiError> {
        let what = "list the revisions";
        let path = format!("{}/revisions", self.name);
        let mut revisions = Vec::new();
        let mut token = String::new();
        for _ in 0..MAX_PAGES {
            let query = [("pageSize", PAGE), ("pageToken", token.as_str())];
            let query = if token.is_empty() { &query[..1] } else { &query[..] };
            let json = self.call(what, &path, query).await?;
            // A page may be short or empty and still have a next one.
            let page = json.get("revisions").and_then(Value::as_array).into_iter().flatten();
            revisions.extend(page.filter_map(read::revision));
            match json.get("nextPageToken").and_then(Value::as_str) {
                Some(next) if !next.is_empty() && next != token => next.clone_into(&mut token),
                _ => break,
            }
        }
        Ok(revisions)
    }

    /// Asks whether the change would be taken (`validateOnly`); changes nothing.
    ///
    /// # Errors
    /// It would not, or that cannot be told.
    pub async fn validate(&self, act: &OpKind) -> Result<Operation, ApiError> {
        self.change(act, None).await
    }

    /// Sends the change with its frozen etag, once, if the permit holds at that moment: a token, a template and a first
    /// try with an old token may have taken their time.
    ///
    /// # Errors
    /// See [`ErrorKind::may_have_happened`]: after such a one the service must be read before anything else.
    pub async fn send(&self, act: &OpKind, permit: &Permit) -> Result<Operation, ApiError> {
        self.change(act, Some(permit)).await
    }

    async fn change(&self, act: &OpKind, permit: Option<&Permit>) -> Result<Operation, ApiError> {
        let validate_only = permit.is_none();
        let what = match (act, validate_only) {
            (_, true) => "ask whether the change would be taken",
            (OpKind::Rollback(_) | OpKind::Traffic(_), false) => "move the traffic",
            (OpKind::Flag(_), false) => "change the variable",
            (OpKind::Run(_), false) => "run a command",
        };
        if act.resource() != self.name {
            let why = Clean::new(&format!("the change is for {}, not for {}", act.resource(), self.name));
            return Err(ApiError { kind: ErrorKind::Invalid, what, why });
        }
        let (mask, body) = match act {
            OpKind::Rollback(change) | OpKind::Traffic(change) => ("traffic", write::traffic(change)),
            OpKind::Flag(change) => ("template", self.flag_body(what, change, permit).await?),
            OpKind::Run(_) => {
                let why = Clean::new("a command is not for Cloud Run");
                return Err(ApiError { kind: ErrorKind::Invalid, what, why });
            }
        };
        let query = [("updateMask", mask), ("validateOnly", "true")];
        let query = if validate_only { &query[..] } else { &query[..1] };
        let url = self.address(what, &self.name, query)?;
        let json = self.exchange(what, Method::PATCH, &url, Some(&body), permit).await?;
        operation(&json).ok_or_else(|| bad_body(what, "the answer is not an operation"))
    }

    /// Where an operation is.
    pub async fn operation(&self, name: &str) -> Result<Operation, ApiError> {
        let what = "follow the operation";
        let json = self.call(what, name, &[]).await?;
        operation(&json).ok_or_else(|| bad_body(what, "the answer is not an operation"))
    }

    /// The template is read whole right before it is changed; if the service is another one than the frozen one by
    /// then, nothing is sent.
    async fn flag_body(
        &self,
        what: &'static str,
        change: &FlagChange,
        permit: Option<&Permit>,
    ) -> Result<Value, ApiError> {
        // Failing here, nothing was sent yet, whatever the kind of the failure.
        let unsent = |error: ApiError| match error.kind {
            kind if kind.may_have_happened() => ApiError { kind: ErrorKind::Unreachable, ..error },
            _ => error,
        };
        let url = self.address(what, &self.name, &[])?;
        let service =
            self.exchange("read the template", Method::GET, &url, None, permit).await.map_err(unsent)?;
        let etag = service.get("etag").and_then(Value::as_str).unwrap_or_default();
        if etag != change.etag {
            let why = Clean::new("the service was changed since this was asked for");
            return Err(ApiError { kind: ErrorKind::Conflict, what, why });
        }
        let body = write::flag(change, &service);
        body.map_err(|why| ApiError { kind: ErrorKind::Invalid, what, why: Clean::new(why) })
    }

    /// Reads something.
    async fn call(&self, what: &'static str, path: &str, query: &[(&str, &str)]) -> Result<Value, ApiError> {
        let url = self.address(what, path, query)?;
        self.exchange(what, Method::GET, &url, None, None).await
    }

    pub(super) fn address(
        &self,
        what: &'static str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Url, ApiError> {
        match &self.endpoint {
            Ok(endpoint) => Ok(address(endpoint, path, query)),
            Err(why) => Err(ApiError { kind: ErrorKind::Credentials, what, why: why.clone() }),
        }
    }

    /// One call; the only repetition is one with a fresh token after a 401. With a permit it leaves only while that holds.
    pub(super) async fn exchange(
        &self,
        what: &'static str,
        method: Method,
        url: &Url,
        body: Option<&Value>,
        permit: Option<&Permit>,
    ) -> Result<Value, ApiError> {
        let broken = |why: &Clean| ApiError { kind: ErrorKind::Credentials, what, why: why.clone() };
        let http = self.http.as_ref().map_err(broken)?;
        let mut again = true;
        loop {
            let headers = match permit {
                Some(permit) => self.auth.headers_within(permit.left()).await,
                None => self.auth.headers().await,
            };
            let headers =
                headers.map_err(|error| if again { error } else { refused_before(what, &error) })?;
            let mut request = http.request(method.clone(), url.clone()).headers(headers.clone());
            if let Some(body) = body {
                request = request.json(body);
            }
            if permit.is_some_and(|permit| !permit.is_allowed()) {
                return Err(ApiError { kind: ErrorKind::Late, what, why: Clean::new(TOO_LATE) });
            }
            let outcome = exchange(what, request).await;
            match outcome {
                Err(error) if error.kind == ErrorKind::Unauthenticated && again => {
                    again = false;
                    self.auth.forget(&headers).await;
                }
                outcome => return outcome.map_err(|error| without_token(&error, &headers)),
            }
        }
    }
}

async fn exchange(what: &'static str, request: reqwest::RequestBuilder) -> Result<Value, ApiError> {
    let lost = |error: &reqwest::Error| {
        let kind = if error.is_connect() || error.is_builder() {
            ErrorKind::Unreachable
        } else {
            ErrorKind::NoAnswer
        };
        ApiError { kind, what, why: failure::known(error).unwrap_or_else(|| Clean::new(&tls::causes(error))) }
    };
    let mut response = request.send().await.map_err(|error| lost(&error))?;
    let status = response.status();
    let told = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
    let retry_after = told.and_then(|told| answers::retry_after(told, clock::wall()));
    let mut body = Vec::new();
    let mut cut = None;
    loop {
        match response.chunk().await {
            Ok(None) => break,
            Ok(Some(chunk)) if body.len() + chunk.len() > MAX_BODY => {
                cut = Some(format!("the answer is larger than {} MB", MAX_BODY >> 20));
                break;
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(error) => {
                cut = Some(format!("the answer broke off: {}", tls::causes(&error)));
                break;
            }
        }
    }
    if !status.is_success() {
        return Err(error::from_answer(what, status.as_u16(), retry_after, &body));
    }
    if let Some(why) = cut {
        return Err(bad_body(what, &why));
    }
    serde_json::from_slice(&body).map_err(|error| {
        let why = format!("the answer is not JSON ({error}): {}", error::excerpt(&body));
        bad_body(what, &why)
    })
}

/// There is no new token where the old one was refused: it was sent with that.
fn refused_before(what: &'static str, error: &ApiError) -> ApiError {
    let why = Clean::new(&format!("the token is refused (401), and there is no new one: {}", error.why));
    ApiError { kind: ErrorKind::Unauthenticated, what, why }
}

/// An answer may repeat what was sent; the token must not travel on with it.
fn without_token(error: &ApiError, headers: &HeaderMap) -> ApiError {
    let mut why = error.why.to_string();
    for value in headers.values().filter_map(|value| value.to_str().ok()) {
        let secret = value.strip_prefix("Bearer ").unwrap_or(value);
        if secret.len() >= 8 {
            why = why.replace(secret, crate::domain::secret::HIDDEN);
        }
    }
    ApiError { kind: error.kind, what: error.what, why: Clean::new(&why) }
}

pub(super) fn bad_body(what: &'static str, why: &str) -> ApiError {
    ApiError { kind: ErrorKind::BadBody, what, why: Clean::new(why) }
}

fn operation(json: &Value) -> Option<Operation> {
    let name = json.get("name").and_then(Value::as_str);
    let done = json.get("done").and_then(Value::as_bool).unwrap_or(false);
    let error = json.get("error").filter(|error| error.is_object());
    // A dry run is answered by an operation that may have no name, but then it is done.
    (name.is_some() || done).then(|| Operation {
        name: name.unwrap_or_default().to_owned(),
        done,
        error: error.map(|error| Clean::new(&error::words(200, error))),
    })
}

/// A token must not travel in the clear, so `http` is for this machine only.
fn endpoint(text: &str) -> Result<Url, Clean> {
    let url = Url::parse(text).map_err(|error| Clean::new(&format!("endpoint {text}: {error}")))?;
    let here = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if here => Ok(url),
        _ => Err(Clean::new(&format!("endpoint {text}: only https, or http on this machine"))),
    }
}

fn address(endpoint: &Url, path: &str, query: &[(&str, &str)]) -> Url {
    let mut url = endpoint.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().push("v2").extend(path.split('/'));
    }
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_travel_only_over_tls_or_inside_this_machine() {
        for good in
            ["https://run.googleapis.com", "http://127.0.0.1:8080", "http://[::1]:9", "http://localhost"]
        {
            assert!(endpoint(good).is_ok(), "{good}");
        }
        for bad in
            ["http://run.googleapis.com", "http://127.0.0.1.evil.example", "ftp://localhost", "nonsense"]
        {
            assert!(endpoint(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_keep_the_base_path_and_encode_the_rest() {
        let base = Url::parse("http://127.0.0.1:1/base/").unwrap();
        let url = address(&base, "projects/p/a?b#c", &[("pageToken", "a&b=c")]);
        assert_eq!(url.as_str(), "http://127.0.0.1:1/base/v2/projects/p/a%3Fb%23c?pageToken=a%26b%3Dc");
    }
}
