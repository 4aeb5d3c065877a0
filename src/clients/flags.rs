//! Providers of flags that are changed at once, without a deploy: one face for all of them.

use std::fmt::Write;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use url::Url;

use super::flagd::File;
use super::http::{self, BodyEnd, Headers};
use super::ofrep::Ofrep;
pub use super::permit::Permit;
use super::permit::TOO_LATE;
use super::tls;
use super::unleash::Unleash;
use crate::domain::Clean;
use crate::domain::flag::{FlagRead, LiveChange};
use crate::domain::room::{FlagServer, FlagSource, FlagSpec, Value as ConfigValue};
use crate::domain::secret::{HIDDEN, without_forms};

/// The largest answer taken: a feature with all its environments is a few kilobytes.
const MAX_BODY: usize = 1 << 20;

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Nothing was changed, for certain.
    Refused(Clean),
    /// It may have been changed.
    Open(Clean),
}

/// One flag at its provider.
#[derive(Debug)]
pub enum Client {
    /// In Unleash.
    Unleash(Box<Unleash>),
    /// In a flagd file.
    Flagd(File),
    /// At an `OpenFeature` backend, which is only read.
    Ofrep(Box<Ofrep>),
}

impl Fault {
    /// In words.
    pub fn why(&self) -> &Clean {
        match self {
            Self::Refused(why) | Self::Open(why) => why,
        }
    }

    pub(super) fn refused(why: &str) -> Self {
        Self::Refused(Clean::new(why))
    }
}

impl Permit {
    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.is_allowed() { Ok(()) } else { Err(Fault::refused(TOO_LATE)) }
    }
}

impl Client {
    /// For a flag; `None`: it is a variable of a Cloud Run service. Nothing is read or sent yet.
    pub fn new(spec: &FlagSpec) -> Option<Self> {
        Some(match &spec.source {
            FlagSource::CloudRun => return None,
            FlagSource::Unleash(at) => Self::Unleash(Box::new(Unleash::new(at))),
            FlagSource::Flagd(at) => Self::Flagd(File::new(at, &spec.on, &spec.off)),
            FlagSource::Ofrep(at) => Self::Ofrep(Box::new(Ofrep::new(at, &spec.on, &spec.off))),
        })
    }

    /// What the flag is set to now.
    ///
    /// # Errors
    /// It cannot be read, in words.
    pub async fn read(&self) -> Result<FlagRead, Clean> {
        let read = match self {
            Self::Unleash(it) => it.read().await,
            Self::Flagd(it) => it.read().await,
            Self::Ofrep(it) => it.read().await,
        };
        read.map_err(|fault| fault.why().clone())
    }

    /// Makes the change, after looking that the flag still is as it was when the change was frozen.
    ///
    /// # Errors
    /// See [`Fault`]: after an open one the flag must be read before anything else.
    pub async fn write(&self, change: &LiveChange, permit: &Permit) -> Result<(), Fault> {
        match self {
            Self::Unleash(it) => it.write(change, permit).await,
            Self::Flagd(it) => it.write(change, permit).await,
            Self::Ofrep(_) => Err(Fault::refused("the evaluation protocol only reads")),
        }
    }

    /// Whether the change would be made now; changes nothing.
    ///
    /// # Errors
    /// It would not, and why.
    pub async fn check(&self, change: &LiveChange) -> Result<(), Clean> {
        let read = self.read().await?;
        if let Some(why) = read.fixed {
            return Err(why);
        }
        same_version(&read.version, change).map_err(|fault| fault.why().clone())
    }
}

/// What tells a definition from any other: a hash, in hexadecimal.
pub(super) fn fingerprint(definition: &str) -> String {
    Sha256::digest(definition.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        // Writing to a text cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// What was frozen must still be there.
pub(super) fn same_version(now: &str, change: &LiveChange) -> Result<(), Fault> {
    if now == change.version {
        return Ok(());
    }
    Err(Fault::refused("the flag was changed since this was asked for"))
}

/// A server of flags: one JSON exchange at a time.
#[derive(Debug)]
pub(super) struct Server {
    http: Result<reqwest::Client, Clean>,
    base: Result<Url, Clean>,
    headers: Mutex<Headers>,
    timeout: Duration,
}

/// An answer of a flag server.
#[derive(Debug)]
pub(super) struct Reply {
    /// The HTTP status.
    pub(super) status: u16,
    /// The body, if it is JSON.
    pub(super) json: Option<Value>,
    /// The body's beginning, for words.
    pub(super) text: Clean,
}

impl Server {
    /// `identity` says where the token goes.
    pub(super) fn new(spec: &FlagServer, bare_token: bool) -> Self {
        let mut configured = spec.headers.clone();
        let mut token = spec.token.clone();
        if bare_token && let Some(token) = token.take() {
            configured.insert("authorization".to_owned(), ConfigValue::Secret(token));
        }
        let base = format!("{}/", spec.url.trim_end_matches('/'));
        Self {
            http: tls::http(spec.timeout).map_err(|error| Clean::new(&error.to_string())),
            base: Url::parse(&base).map_err(|_bad| Clean::new("the URL cannot be read")),
            headers: Mutex::new(Headers::new(configured, token)),
            timeout: spec.timeout,
        }
    }

    /// One exchange; `path` in parts that are encoded; one that changes something has a `permit`. Refused: nothing
    /// arrived there.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&Value>,
        permit: Option<&Permit>,
    ) -> Result<Reply, Fault> {
        let http = self.http.as_ref().map_err(|why| Fault::Refused(why.clone()))?;
        let mut url = self.base.clone().map_err(Fault::Refused)?;
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        let mut again = true;
        loop {
            let headers = self.headers.lock().await.get().await.map_err(Fault::Refused)?;
            let mut request = http.request(method.clone(), url.clone()).headers(headers.clone());
            if let Some(body) = body {
                request = request.json(body);
            }
            // A token's command, or a first try that was refused, may have taken its time.
            permit.map_or(Ok(()), Permit::check)?;
            let reply = self.exchange(request, &headers).await?;
            if matches!(reply.status, 401 | 403) {
                self.headers.lock().await.refused(&headers).await;
                // A rotated token is read again, once; a refused request changed nothing.
                if reply.status == 401 && again {
                    again = false;
                    continue;
                }
            }
            return Ok(reply);
        }
    }

    async fn exchange(&self, request: RequestBuilder, headers: &HeaderMap) -> Result<Reply, Fault> {
        let answer = http::ask(request, MAX_BODY, self.timeout).await;
        let answer = answer.map_err(|none| {
            if none.reached { Fault::Open(none.error) } else { Fault::Refused(none.error) }
        })?;
        let mut json = match answer.end {
            BodyEnd::Whole => serde_json::from_slice(&answer.body).ok(),
            BodyEnd::TooLong | BodyEnd::Broken(_) => None,
        };
        let mut text = String::from_utf8_lossy(&answer.body).into_owned();
        // A proxy's page or an error may say what it was sent.
        if !matches!(answer.status, 200..=299) {
            // Shorter ones are words that also mean something else.
            let secrets: Vec<String> =
                http::secrets(headers).into_iter().filter(|secret| secret.len() >= 4).collect();
            text = without(&text, &secrets);
            if let Some(json) = &mut json {
                hide(json, &secrets);
            }
        }
        let text = text.chars().take(200).collect::<String>();
        Ok(Reply { status: answer.status, json, text: Clean::new(&text) })
    }
}

fn without(text: &str, secrets: &[String]) -> String {
    without_forms(&secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, HIDDEN)))
}

/// The same in every text of an answer, however it was escaped there.
fn hide(json: &mut Value, secrets: &[String]) {
    match json {
        Value::String(text) => *text = without(text, secrets),
        Value::Array(list) => list.iter_mut().for_each(|value| hide(value, secrets)),
        Value::Object(map) => map.values_mut().for_each(|value| hide(value, secrets)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl Reply {
    /// A success's JSON, else what the server says.
    pub(super) fn json(self) -> Result<Value, Fault> {
        self.ok()?.json.ok_or_else(|| Fault::Open(Clean::new("the answer is not JSON")))
    }

    /// A success, else what the server says. From 500 on it may have done something, and whoever answers 408 (RFC 9110,
    /// 15.5.9: not received in time) may be a proxy before one that did.
    pub(super) fn ok(self) -> Result<Self, Fault> {
        match self.status {
            200..=299 => Ok(self),
            status @ (408 | 500..) => Err(Fault::Open(self.words(status))),
            status => Err(Fault::Refused(self.words(status))),
        }
    }

    fn words(&self, status: u16) -> Clean {
        let json = self.json.as_ref();
        let said = ["message", "errorDetails", "errorCode", "error"].iter().find_map(|key| {
            let value = json?.get(key)?;
            value.as_str().map(str::to_owned)
        });
        let detail = json.and_then(|json| json.pointer("/details/0/message")?.as_str().map(str::to_owned));
        let hint = match status {
            401 => ": the token is not taken",
            403 => ": the token may not do this",
            404 => ": no such flag, project or environment there",
            _ => "",
        };
        let said = detail.or(said).unwrap_or_else(|| match json {
            Some(_) => String::new(),
            None => self.text.to_string(),
        });
        let gap = if said.is_empty() { "" } else { ": " };
        Clean::new(&format!("HTTP {status}{hint}{gap}{said}"))
    }
}

#[cfg(test)]
mod tests;
