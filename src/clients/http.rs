//! One bounded HTTP exchange, for probes and scrapes: headers with secrets, a body cut at a size, no redirect
//! followed.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::{self, ErrorKind};
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response};
use secrecy::ExposeSecret;

use crate::clock;
use crate::domain::room::{Identity, SecretRef, Value};
use crate::domain::secret::{HIDDEN, without_forms};
use crate::domain::{Clean, Mono, Wall};

use super::google::Google;
use super::{failure, secret};

/// How long headers made from secrets are used before they are read again; after a 401 or 403 they are read at once.
const SECRETS_FOR: Duration = Duration::from_mins(5);

/// A connection that had ended already fails within so much: the way there and back.
const AT_ONCE: Duration = Duration::from_millis(250);

/// A secret that is shorter could be a part of any word.
const LEAST_SECRET: usize = 6;

/// The headers of all requests of one source; secrets among them are read when first needed.
#[derive(Debug)]
pub struct Headers {
    configured: BTreeMap<String, Value>,
    identity: Identity,
    google: Google,
    made: Option<(Mono, HeaderMap)>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// From sending the request to having the headers.
    pub latency: Duration,
    /// The body, up to the cap.
    pub body: Vec<u8>,
    /// Whether `body` is all of it.
    pub end: BodyEnd,
    /// Whether the content type says JSON.
    pub json: bool,
    /// Whether it says `OpenMetrics`.
    pub open_metrics: bool,
    /// Where a redirect points, without its query.
    pub location: Option<Clean>,
    /// How long the other side wants to be left alone (`Retry-After` in seconds).
    pub retry_after: Option<Duration>,
}

/// No answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAnswer {
    /// Why, in words.
    pub error: Clean,
    /// Whether a connection stood (name found, TCP and TLS done), so that it is the other side that is silent.
    pub reached: bool,
}

/// How the body ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyEnd {
    /// Complete.
    Whole,
    /// Longer than the cap; the rest was not read.
    TooLong,
    /// It broke off.
    Broken(Clean),
}

impl Headers {
    /// With a bearer token, or nobody's. Nothing is read yet.
    pub fn new(configured: BTreeMap<String, Value>, token: Option<SecretRef>) -> Self {
        Self::of(configured, token.map_or(Identity::Nobody, Identity::Bearer))
    }

    /// As somebody. Nothing is read yet.
    pub fn of(configured: BTreeMap<String, Value>, identity: Identity) -> Self {
        Self { configured, identity, google: Google::default(), made: None }
    }

    /// The headers; an error says which one cannot be made, never what it holds.
    pub async fn get(&mut self) -> Result<HeaderMap, Clean> {
        let mut made = self.secrets().await?;
        if self.identity == Identity::Google {
            // These keep themselves.
            made.extend(self.google.headers().await?);
        }
        Ok(made)
    }

    /// What is made from the secrets of the config.
    async fn secrets(&mut self) -> Result<HeaderMap, Clean> {
        let now = clock::mono();
        if let Some((at, made)) = &self.made
            && now.since(*at) < SECRETS_FOR
        {
            return Ok(made.clone());
        }
        let mut made = HeaderMap::new();
        for (name, value) in &self.configured {
            let secret = secret::value(value).await.map_err(|error| Clean::new(&error.to_string()))?;
            let header = HeaderName::from_bytes(name.as_bytes());
            let header = header.map_err(|_bad| Clean::new(&format!("`{name}` is no header name")))?;
            made.insert(header, header_value(name, secret.expose_secret())?);
        }
        if let Some(line) = authorization(&self.identity).await? {
            made.insert(AUTHORIZATION, line);
        }
        self.made = Some((now, made.clone()));
        Ok(made)
    }

    /// The other side refused what was `sent`: read the secrets again next time.
    pub async fn refused(&mut self, sent: &HeaderMap) {
        self.made = None;
        self.google.forget(sent).await;
    }
}

async fn authorization(identity: &Identity) -> Result<Option<HeaderValue>, Clean> {
    let read =
        async |place: &SecretRef| secret::read(place).await.map_err(|error| Clean::new(&error.to_string()));
    match identity {
        Identity::Nobody | Identity::Google => Ok(None),
        Identity::Bearer(token) => {
            let line = format!("Bearer {}", read(token).await?.expose_secret());
            header_value("token", &line).map(Some)
        }
        Identity::Basic { user, password } => {
            let pair = format!("{user}:{}", read(password).await?.expose_secret());
            header_value("password", &format!("Basic {}", BASE64_STANDARD.encode(pair))).map(Some)
        }
    }
}

fn header_value(name: &str, text: &str) -> Result<HeaderValue, Clean> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_bad| Clean::new(&format!("header `{name}` holds characters that no header may")))?;
    value.set_sensitive(true);
    Ok(value)
}

/// What of a request's headers is secret, the longest first: each whole, what stands behind its scheme, and of a name and
/// password also both as they are, and the password alone.
pub fn secrets(headers: &HeaderMap) -> Vec<String> {
    let values = headers.values().filter(|value| value.is_sensitive());
    let mut all = BTreeSet::new();
    for value in values.filter_map(|value| value.to_str().ok()) {
        all.insert(value.to_owned());
        let Some((scheme, behind)) = value.split_once(' ') else { continue };
        all.insert(behind.to_owned());
        let pair = || String::from_utf8(BASE64_STANDARD.decode(behind).ok()?).ok();
        if let Some(pair) = pair().filter(|_| scheme.eq_ignore_ascii_case("basic")) {
            all.extend(pair.split_once(':').map(|(_, password)| password.to_owned()));
            all.insert(pair);
        }
    }
    let mut all: Vec<String> = all.into_iter().collect();
    all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    all
}

/// `text` without what it repeats of `secrets`; not of one so short that it could be a part of any word. What is known for a
/// token by how it begins goes too.
pub fn without(text: &str, secrets: &[String]) -> String {
    let secrets = secrets.iter().filter(|secret| secret.len() >= LEAST_SECRET);
    without_forms(&secrets.fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), HIDDEN)))
}

/// One exchange; `limit` is the client's own time-out, for the words of the error. Once headers came, whatever
/// happens to the body is part of the answer.
///
/// # Errors
/// Nothing came back.
pub async fn ask(request: RequestBuilder, cap: usize, limit: Duration) -> Result<Answer, NoAnswer> {
    let (mut response, latency) = send(request).await.map_err(|error| NoAnswer {
        error: failure::of_http(&error, limit),
        reached: !(error.is_connect() || error.is_builder()),
    })?;
    let mut body = Vec::new();
    let end = loop {
        match response.chunk().await {
            Ok(None) => break BodyEnd::Whole,
            Ok(Some(chunk)) => {
                let room = cap - body.len();
                body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                if chunk.len() > room {
                    break BodyEnd::TooLong;
                }
            }
            Err(error) => break BodyEnd::Broken(failure::of_http(&error, limit)),
        }
    };
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let location = header(LOCATION).map(|to| Clean::new(to.split(['?', '#']).next().unwrap_or_default()));
    let kind = header(reqwest::header::CONTENT_TYPE).unwrap_or_default();
    let json = kind.contains("/json") || kind.contains("+json");
    let open_metrics = kind.starts_with("application/openmetrics-text");
    let retry_after = header(RETRY_AFTER).and_then(|told| retry_after(told, clock::wall()));
    let status = response.status().as_u16();
    Ok(Answer { status, latency, body, end, json, open_metrics, location, retry_after })
}

/// The headers of the answer, and how long they took. A server may end a kept connection in the very moment in which
/// the next request leaves (RFC 9112, 9.3.1): what only reads and fails so at once is asked once more, as browsers do.
async fn send(request: RequestBuilder) -> Result<(Response, Duration), reqwest::Error> {
    let (client, request) = request.build_split();
    let request = request?;
    let again = request.try_clone().filter(|request| matches!(*request.method(), Method::GET | Method::HEAD));
    let began = clock::mono();
    match (client.execute(request).await, again) {
        (Err(error), Some(request)) if ended_unanswered(&error) && clock::mono().since(began) < AT_ONCE => {
            client.execute(request).await.map(|response| (response, clock::mono().since(began)))
        }
        (sent, _) => sent.map(|response| (response, clock::mono().since(began))),
    }
}

/// Whether the other side ended a connection that stood, before the first byte of an answer.
fn ended_unanswered(error: &reqwest::Error) -> bool {
    if error.is_connect() || error.is_timeout() {
        return false;
    }
    let mut at = error.source();
    while let Some(cause) = at {
        let unanswered =
            cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_incomplete_message);
        let gone = cause.downcast_ref().map(io::Error::kind);
        if unanswered || matches!(gone, Some(ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)) {
            return true;
        }
        at = cause.source();
    }
    false
}

/// The wait that `Retry-After` asks for: seconds, or the moment at which it is over.
pub(super) fn retry_after(told: &str, now: Wall) -> Option<Duration> {
    let told = told.trim();
    let seconds = told.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.or_else(|| {
        let until = chrono::DateTime::parse_from_rfc2822(told).ok()?;
        Some((until.to_utc() - now).to_std().unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_a_name_and_password_each_form_is_secret() {
        let dir = tempfile::tempdir().expect("dir");
        let file = dir.path().join("password");
        std::fs::write(&file, "hunter2:x\n").expect("written");
        let identity = Identity::Basic { user: "room".to_owned(), password: SecretRef::File(file) };
        let headers = Headers::of(BTreeMap::new(), identity).get().await.expect("headers");
        let secrets = secrets(&headers);
        let pair = BASE64_STANDARD.encode("room:hunter2:x");
        for said in [&format!("Basic {pair}"), &pair, "room:hunter2:x", "hunter2:x"] {
            assert_eq!(without(&format!("no {said}, said it"), &secrets), "no ***, said it");
        }
        assert_eq!(without("room", &secrets), "room", "a name is none");
        assert_eq!(without("got ya29.a0AfB_byD9x", &secrets), "got ***", "somebody else's");
    }

    #[test]
    fn a_wait_is_told_in_seconds_or_by_its_end() {
        let now: Wall = "2026-03-05T13:00:00Z".parse().expect("a moment");
        let seconds = |told| retry_after(told, now).map(|wait| wait.as_secs_f64());
        assert_eq!(seconds(" 7 "), Some(7.0));
        assert_eq!(seconds("Thu, 05 Mar 2026 13:00:04 GMT"), Some(4.0));
        assert_eq!(seconds("Thu, 05 Mar 2026 12:00:00 GMT"), Some(0.0), "it is over");
        assert_eq!(seconds("soon"), None);
        assert_eq!(seconds("-4"), None);
    }
}
