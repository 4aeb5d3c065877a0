//! Who we are to the API: a token from the place configured, or Application Default Credentials of any kind.

use std::time::Duration;

use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::ExposeSecret;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::error::{ApiError, ErrorKind};
use crate::clients::google::{self, Google, Told};
use crate::clients::secret;
use crate::clock;
use crate::domain::room::SecretRef;
use crate::domain::{Clean, Mono, Wall};

/// How long a command's token is kept; `gcloud` prints one that lives for another five minutes at least.
const KEEP: Duration = Duration::from_mins(4);

#[derive(Debug)]
pub(super) struct Auth {
    token: Option<SecretRef>,
    kept: Mutex<Kept>,
    google: Google,
}

/// What the place configured gave last.
#[derive(Debug, Default)]
struct Kept {
    /// From a command, until then.
    headers: Option<(HeaderMap, Mono)>,
    /// Why it gave none, and when.
    failed: Option<(ApiError, Mono)>,
}

impl Auth {
    pub(super) fn new(token: Option<SecretRef>) -> Self {
        Self { token, kept: Mutex::default(), google: Google::default() }
    }

    /// In words: what kind of identity, from where.
    pub(super) async fn identity(&self) -> Clean {
        match &self.token {
            Some(place) => Clean::new(&format!("token from {}", named(place))),
            None => self.google.place().await,
        }
    }

    /// What to do after an error of this kind, which is one of the credentials.
    pub(super) async fn remedy(&self, kind: ErrorKind) -> String {
        match &self.token {
            Some(place) if kind == ErrorKind::Unauthenticated => {
                format!("give another token: that of {} is refused", named(place))
            }
            Some(_) => "make the secret readable where the config says it is".into(),
            None => self.google.remedy().await,
        }
    }

    /// Who we are, once there is a token.
    pub(super) async fn told(&self) -> Told {
        if self.token.is_none() {
            return self.google.told().await;
        }
        Told { about: self.identity().await, ..Told::default() }
    }

    /// When the token ends, if it tells that itself.
    pub(super) async fn expires(&self) -> Option<Wall> {
        self.headers().await.ok().as_ref().and_then(google::expiry)
    }

    /// When an opaque token ends, asked of whoever made it; a token from a place of the config is nobody's to ask.
    pub(super) async fn ends(&self) -> Option<Wall> {
        if self.token.is_some() { None } else { self.google.ends().await }
    }

    /// The headers that carry the identity.
    pub(super) async fn headers(&self) -> Result<HeaderMap, ApiError> {
        let Some(place) = &self.token else {
            return self.google.headers().await.map_err(|why| refused(&why));
        };
        // One refresh at a time: the others wait for the lock and find its result, a bad one too.
        let asked = clock::mono();
        let mut kept = self.kept.lock().await;
        if let Some((headers, until)) = &kept.headers
            && clock::mono() < *until
        {
            return Ok(headers.clone());
        }
        if let Some((why, _)) = kept.failed.as_ref().filter(|(_, at)| *at > asked) {
            return Err(why.clone());
        }
        let outcome = read(place).await;
        kept.failed = outcome.as_ref().err().map(|why| (why.clone(), clock::mono()));
        let headers = outcome?;
        if matches!(place, SecretRef::Command(_)) {
            kept.headers = Some((headers.clone(), clock::mono().after(KEEP)));
        }
        Ok(headers)
    }

    /// The same for what may leave only so long: a place that does not answer must not keep it.
    pub(super) async fn headers_within(&self, left: Duration) -> Result<HeaderMap, ApiError> {
        timeout(left, self.headers()).await.unwrap_or_else(|_late| {
            let place = self.token.as_ref().map_or("Application Default Credentials".to_owned(), named);
            Err(refused(&format!("{place} gave no answer in {:.1} s", left.as_secs_f64())))
        })
    }

    /// Gets a new token, though the old one may be good for long; without one the old one stays.
    pub(super) async fn renew(&self) -> Result<(), ApiError> {
        let Some(place) = &self.token else {
            return self.google.renew().await.map_err(|why| refused(&why));
        };
        let headers = read(place).await?;
        if matches!(place, SecretRef::Command(_)) {
            self.kept.lock().await.headers = Some((headers, clock::mono().after(KEEP)));
        }
        Ok(())
    }

    /// The server refused what was `sent`: the next headers are made from scratch, unless there are others by now.
    pub(super) async fn forget(&self, sent: &HeaderMap) {
        let mut kept = self.kept.lock().await;
        if kept.headers.as_ref().is_some_and(|(headers, _)| headers == sent) {
            kept.headers = None;
        }
        drop(kept);
        self.google.forget(sent).await;
    }
}

fn named(place: &SecretRef) -> String {
    match place {
        SecretRef::Env(name) => format!("variable {name}"),
        SecretRef::File(path) => format!("file {}", path.display()),
        SecretRef::Command(words) => format!("command {}", words.first().map_or("", String::as_str)),
    }
}

async fn read(place: &SecretRef) -> Result<HeaderMap, ApiError> {
    let token = secret::read(place).await.map_err(|error| refused(&error.to_string()))?;
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
        .map_err(|_holds_it| refused("the token has characters that no header takes"))?;
    value.set_sensitive(true);
    Ok(HeaderMap::from_iter([(AUTHORIZATION, value)]))
}

fn refused(why: &str) -> ApiError {
    ApiError { kind: ErrorKind::Credentials, what: "no token", why: Clean::new(why) }
}
