//! Google's Application Default Credentials: a key file, a person's login, the metadata server, impersonation or a
//! workload's federation, whichever the environment has; and where it has none, the login of `gcloud`.

mod adc;
mod end;
mod words;

use std::time::Duration;

use google_cloud_auth::credentials::{Builder, CacheableResource, Credentials};
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::ExposeSecret;
use tokio::sync::Mutex;
use tokio::time::timeout;

use self::adc::Found;
pub use self::adc::Told;
pub(super) use self::adc::expiry;
use super::{secret, tls};
use crate::clock;
use crate::domain::room::SecretRef;
use crate::domain::{Clean, Mono, Wall};

/// How long getting a token may take; the metadata server and token endpoints answer in well under a second.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The same where nothing says that there is a metadata server, and `gcloud` stands behind.
const GUESS: Duration = Duration::from_secs(3);

/// How long a token of `gcloud` is kept: it prints one that lives for another five minutes at least.
const KEEP: Duration = Duration::from_mins(4);

/// So long a failure is the answer to whoever asks next: many ask at once, and the other side is not to be asked by each.
const HOLD: Duration = Duration::from_secs(1);

/// The scope that Cloud Run and Monitoring ask for.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// The credentials, found when first needed; they refresh themselves ahead of expiry.
#[derive(Debug, Default)]
pub struct Google {
    found: Mutex<Held>,
    /// Why there was no token, and when.
    failed: Mutex<Option<(Clean, Mono)>>,
}

/// What gives the tokens now.
#[derive(Debug, Default)]
struct Held {
    source: Option<Source>,
    /// Another one for each source: an answer to an older one says nothing of this one.
    generation: u64,
}

impl Held {
    fn hold(&mut self, source: Source) {
        self.generation += 1;
        self.source = Some(source);
    }
}

#[derive(Debug, Clone)]
enum Source {
    /// Whatever the environment has.
    Adc(Adc),
    /// The login of `gcloud`, which is another one: its token, and until when it is used.
    Gcloud(Option<(HeaderMap, Mono)>),
}

/// Application Default Credentials.
#[derive(Debug, Clone)]
struct Adc {
    credentials: Credentials,
    /// How long they may take.
    limit: Duration,
    /// Nothing says that there are any: where they give nothing, `gcloud` is asked.
    guessed: bool,
}

impl Adc {
    fn find() -> Result<Self, Clean> {
        let guessed = adc::find().is_none();
        let limit = if guessed && !adc::names_metadata() { GUESS } else { patience() };
        Ok(Self { credentials: build()?, limit, guessed })
    }
}

/// How long credentials may take that are known to be there.
fn patience() -> Duration {
    adc::asks_a_program().map_or(TIMEOUT, |long| long + TIMEOUT)
}

impl Google {
    /// The headers that carry the identity. Credentials that gave none are not asked again: Google's library remembers a
    /// refusal for ever. The next ones are read anew, so that a login that is good again is found.
    ///
    /// # Errors
    /// There are no credentials, or they gave no token; in words.
    pub async fn headers(&self) -> Result<HeaderMap, Clean> {
        let failed = self.failed.lock().await.clone();
        if let Some((why, _)) = failed.filter(|(_, at)| clock::mono().since(*at) < HOLD) {
            return Err(why);
        }
        let start = clock::mono();
        let known = matches!(self.found.lock().await.source, Some(Source::Adc(_)));
        let (mut of, mut asked) = self.ask_found().await;
        if asked.is_err() {
            let newer = !self.drop_adc(of).await;
            // There are others by now, or what failed at once may be of long ago.
            if newer || (known && clock::mono().since(start) < HOLD) {
                (of, asked) = self.ask_found().await;
            }
        }
        if let Err(why) = &mut asked {
            self.drop_adc(of).await;
            *why = Clean::new(&format!("{why}; {}", self.step().await));
        }
        let found = self.found.lock().await;
        if asked.is_ok() || found.generation == of {
            *self.failed.lock().await = asked.as_ref().err().map(|why| (why.clone(), clock::mono()));
        }
        drop(found);
        asked
    }

    /// Lets the credentials of this generation go; false: there are newer ones.
    async fn drop_adc(&self, of: u64) -> bool {
        let mut found = self.found.lock().await;
        if found.generation != of {
            return false;
        }
        if matches!(found.source, Some(Source::Adc(_))) {
            found.source = None;
        }
        true
    }

    /// Asks what is held, or what is found now; and which generation that is.
    async fn ask_found(&self) -> (u64, Result<HeaderMap, Clean>) {
        // One search at a time: the others wait for the lock and find its result.
        let mut found = self.found.lock().await;
        let known = match &mut found.source {
            Some(Source::Gcloud(kept)) => {
                let asked = gcloud(kept).await;
                return (found.generation, asked);
            }
            Some(Source::Adc(known)) => Some(known.clone()),
            None => None,
        };
        let adc = match known {
            Some(known) => Ok(known),
            None => Adc::find().inspect(|adc| found.hold(Source::Adc(adc.clone()))),
        };
        let of = found.generation;
        let asked = match adc {
            Ok(adc) if !adc.guessed => {
                // Whoever else asks need not wait for this answer.
                drop(found);
                return (of, ask(&adc.credentials, adc.limit).await);
            }
            Ok(adc) => ask(&adc.credentials, adc.limit).await,
            Err(why) if adc::find().is_some() => return (of, Err(why)),
            Err(why) => Err(why),
        };
        let Err(why) = asked else { return (of, asked) };
        let mut kept = None;
        match gcloud(&mut kept).await {
            Ok(headers) => {
                found.hold(Source::Gcloud(kept));
                (found.generation, Ok(headers))
            }
            Err(second) => (of, Err(Clean::new(&format!("{why}; {second}")))),
        }
    }

    /// Makes the credentials and their token anew, though the old one may be good for long: a login that was taken away
    /// shows now, and not when the token ends. The old one stays where there is no new one.
    ///
    /// # Errors
    /// There is no new token; in words.
    pub async fn renew(&self) -> Result<(), Clean> {
        let known = self.found.lock().await.source.clone();
        let new = match known {
            None => return self.headers().await.map(drop),
            Some(Source::Gcloud(_)) => {
                let mut kept = None;
                gcloud(&mut kept).await?;
                Source::Gcloud(kept)
            }
            Some(Source::Adc(old)) => {
                let credentials = build()?;
                ask(&credentials, patience()).await?;
                Source::Adc(Adc { credentials, ..old })
            }
        };
        self.found.lock().await.hold(new);
        *self.failed.lock().await = None;
        Ok(())
    }

    /// The server refused what was `sent`: a new token is asked for, from where the last one came. If there is another one by
    /// now, that one stays: nobody refused it.
    pub async fn forget(&self, sent: &HeaderMap) {
        let (source, of) = {
            let found = self.found.lock().await;
            (found.source.clone(), found.generation)
        };
        let now = match &source {
            Some(Source::Adc(adc)) => ask(&adc.credentials, adc.limit).await.ok(),
            Some(Source::Gcloud(kept)) => kept.as_ref().map(|(headers, _)| headers.clone()),
            None => None,
        };
        if now.is_some_and(|now| now.get(AUTHORIZATION) != sent.get(AUTHORIZATION)) {
            return;
        }
        let mut found = self.found.lock().await;
        if found.generation == of {
            found.source = match found.source.take() {
                Some(Source::Gcloud(_)) => Some(Source::Gcloud(None)),
                Some(Source::Adc(_)) | None => None,
            };
        }
    }

    /// Who speaks, and where that comes from, after a token was got.
    pub async fn told(&self) -> Told {
        if self.is_gcloud().await {
            return Told { expires: self.ends().await, ..adc::of_gcloud().await };
        }
        let expires = self.ends().await;
        match adc::find() {
            Some(file) => Told { expires, ..adc::of_file(&file) },
            None => Told { expires, ..adc::of_metadata().await },
        }
    }

    async fn is_gcloud(&self) -> bool {
        matches!(self.found.lock().await.source, Some(Source::Gcloud(_)))
    }

    /// When the token ends, as it tells itself or as whoever made it does.
    pub async fn ends(&self) -> Option<Wall> {
        if self.is_gcloud().await {
            return end::of_gcloud().await;
        }
        let headers = self.headers().await.unwrap_or_default();
        match (expiry(&headers), adc::find()) {
            (Some(signed), _) => Some(signed),
            (None, Some(file)) => end::of_file(&file, &headers).await,
            (None, None) => end::of_metadata().await,
        }
    }

    /// Where the identity comes from, in words, after a token was got.
    pub async fn place(&self) -> Clean {
        match (&self.found.lock().await.source, adc::find()) {
            (Some(Source::Gcloud(_)), _) => Clean::new("the login of `gcloud` (auth print-access-token)"),
            (_, Some(Found { path })) => {
                Clean::new(&format!("Application Default Credentials from {}", path.display()))
            }
            (_, None) => Clean::new("Application Default Credentials"),
        }
    }

    /// What to do where there is no token, or one that is refused.
    pub async fn remedy(&self) -> String {
        // Which credentials they are is known once they were asked.
        let _known = self.headers().await;
        self.step().await
    }

    async fn step(&self) -> String {
        match &self.found.lock().await.source {
            Some(Source::Gcloud(_)) => "log in again: gcloud auth login".into(),
            _ => adc::remedy(),
        }
    }
}

async fn ask(credentials: &Credentials, limit: Duration) -> Result<HeaderMap, Clean> {
    let asked = timeout(limit, credentials.headers(http::Extensions::new())).await;
    let asked = asked.map_err(|_late| {
        let seconds = limit.as_secs();
        Clean::new(&format!("no token from the Application Default Credentials in {seconds} s"))
    })?;
    match asked.map_err(|error| Clean::new(&words::of(&error)))? {
        CacheableResource::New { data, .. } => Ok(data),
        CacheableResource::NotModified => Err(Clean::new("the credentials gave nothing")),
    }
}

/// What `gcloud auth print-access-token` prints: a login of its own, which is asked again before it ends.
async fn gcloud(kept: &mut Option<(HeaderMap, Mono)>) -> Result<HeaderMap, Clean> {
    if let Some((headers, until)) = kept
        && clock::mono() < *until
    {
        return Ok(headers.clone());
    }
    let words = ["gcloud", "auth", "print-access-token"].map(str::to_owned).to_vec();
    let token = secret::read(&SecretRef::Command(words)).await;
    let token = token.map_err(|error| Clean::new(&error.to_string()))?;
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
        .map_err(|_holds_it| Clean::new("gcloud printed no token"))?;
    value.set_sensitive(true);
    let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
    *kept = Some((headers.clone(), clock::mono().after(KEEP)));
    Ok(headers)
}

fn build() -> Result<Credentials, Clean> {
    tls::ensure();
    let built = Builder::default().with_scopes([SCOPE]).build();
    built.map_err(|error| Clean::new(&format!("no Application Default Credentials: {}", tls::causes(&error))))
}

#[cfg(test)]
mod tests;
