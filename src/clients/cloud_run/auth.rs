//! Who we are to the API: a token from the place configured, or Application Default Credentials of any kind.

use std::time::Duration;

use google_cloud_auth::credentials::{Builder, CacheableResource, Credentials};
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::ExposeSecret;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::error::{ApiError, ErrorKind};
use crate::clients::{secret, tls};
use crate::clock;
use crate::domain::room::SecretRef;
use crate::domain::{Clean, Mono};

/// How long getting a token may take; the metadata server and token endpoints answer in well under a second.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long a command's token is kept; `gcloud` prints one that lives for another five minutes at least.
const KEEP: Duration = Duration::from_mins(4);

/// The scope that reads and writes Cloud Run need.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

#[derive(Debug)]
pub(super) struct Auth {
    token: Option<SecretRef>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
enum Kept {
    #[default]
    Nothing,
    /// From a command, until then.
    Headers(HeaderMap, Mono),
    /// They refresh themselves ahead of expiry.
    Default(Credentials),
}

impl Auth {
    pub(super) fn new(token: Option<SecretRef>) -> Self {
        Self { token, kept: Mutex::default() }
    }

    /// In words: what kind of identity, from where.
    pub(super) fn identity(&self) -> Clean {
        Clean::new(&match &self.token {
            Some(SecretRef::Env(name)) => format!("token from variable {name}"),
            Some(SecretRef::File(path)) => format!("token from file {}", path.display()),
            Some(SecretRef::Command(words)) => {
                format!("token from command {}", words.first().map_or("", String::as_str))
            }
            None => match std::env::var_os("GOOGLE_APPLICATION_CREDENTIALS") {
                Some(path) => format!("Application Default Credentials from {}", path.to_string_lossy()),
                None => "Application Default Credentials".to_owned(),
            },
        })
    }

    /// The headers that carry the identity.
    pub(super) async fn headers(&self) -> Result<HeaderMap, ApiError> {
        // One refresh at a time: the others wait for the lock and find its result.
        let mut kept = self.kept.lock().await;
        let Some(place) = &self.token else {
            let credentials = match &*kept {
                Kept::Default(credentials) => credentials.clone(),
                Kept::Nothing | Kept::Headers(..) => {
                    let built = build()?;
                    *kept = Kept::Default(built.clone());
                    built
                }
            };
            return from_default(&credentials).await;
        };
        if let Kept::Headers(headers, until) = &*kept
            && clock::mono() < *until
        {
            return Ok(headers.clone());
        }
        let token = secret::read(place).await.map_err(|error| refused(&error.to_string()))?;
        let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
            .map_err(|_holds_it| refused("the token has characters that no header takes"))?;
        value.set_sensitive(true);
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
        if matches!(place, SecretRef::Command(_)) {
            *kept = Kept::Headers(headers.clone(), clock::mono().after(KEEP));
        }
        Ok(headers)
    }

    /// The server refused the token: the next headers are made from scratch.
    pub(super) async fn forget(&self) {
        *self.kept.lock().await = Kept::Nothing;
    }
}

fn build() -> Result<Credentials, ApiError> {
    tls::ensure();
    let built = Builder::default().with_scopes([SCOPE]).build();
    built.map_err(|error| refused(&format!("no Application Default Credentials: {}", tls::causes(&error))))
}

async fn from_default(credentials: &Credentials) -> Result<HeaderMap, ApiError> {
    let asked = timeout(TIMEOUT, credentials.headers(http::Extensions::new())).await;
    let asked = asked.map_err(|_late| {
        refused(&format!("no token from the Application Default Credentials in {} s", TIMEOUT.as_secs()))
    })?;
    match asked.map_err(|error| refused(&format!("no token: {}", tls::causes(&error))))? {
        CacheableResource::New { data, .. } => Ok(data),
        CacheableResource::NotModified => Err(refused("the credentials gave nothing")),
    }
}

fn refused(why: &str) -> ApiError {
    ApiError { kind: ErrorKind::Credentials, what: "get a token", why: Clean::new(why) }
}
