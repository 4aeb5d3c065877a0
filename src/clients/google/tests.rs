//! Several ask at once, while credentials are made anew.

use std::sync::Arc;

use google_cloud_auth::credentials::{CredentialsProvider, EntityTag};
use google_cloud_auth::errors::CredentialsError;
use tokio::sync::Notify;

use super::*;

/// Credentials whose answer waits until it is let go.
#[derive(Debug, Clone, Default)]
struct Slow {
    asked: Arc<Notify>,
    answers: Arc<Notify>,
}

impl CredentialsProvider for Slow {
    async fn headers(&self, _: http::Extensions) -> Result<CacheableResource<HeaderMap>, CredentialsError> {
        self.asked.notify_one();
        self.answers.notified().await;
        Err(CredentialsError::from_msg(false, "invalid_grant"))
    }

    async fn universe_domain(&self) -> Option<String> {
        None
    }
}

/// Credentials that give this token.
#[derive(Debug)]
struct Good(&'static str);

impl CredentialsProvider for Good {
    async fn headers(&self, _: http::Extensions) -> Result<CacheableResource<HeaderMap>, CredentialsError> {
        Ok(CacheableResource::New { entity_tag: EntityTag::new(), data: sent(self.0) })
    }

    async fn universe_domain(&self) -> Option<String> {
        None
    }
}

fn sent(token: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(token))])
}

fn adc(credentials: impl CredentialsProvider + Send + Sync + 'static) -> Source {
    Source::Adc(Adc { credentials: Credentials::from(credentials), limit: TIMEOUT, guessed: false })
}

#[tokio::test]
async fn what_fails_of_credentials_says_nothing_of_those_that_were_made_since() {
    let (google, slow) = (Google::default(), Slow::default());
    google.found.lock().await.hold(adc(slow.clone()));
    let renewed = async {
        slow.asked.notified().await;
        google.found.lock().await.hold(adc(Good("new")));
        slow.answers.notify_one();
    };
    let (asked, ()) = tokio::join!(google.headers(), renewed);
    assert_eq!(asked, Ok(sent("new")), "it is asked of the new ones");
    assert_eq!(*google.failed.lock().await, None);
    assert_eq!(google.headers().await, Ok(sent("new")));
    assert_eq!(google.found.lock().await.generation, 2, "they were not made once more");
}

#[tokio::test]
async fn a_token_that_took_the_place_of_a_refused_one_stays() {
    let google = Google::default();
    google.found.lock().await.hold(adc(Good("new")));
    google.forget(&sent("old")).await;
    assert!(google.found.lock().await.source.is_some());
    google.forget(&sent("new")).await;
    assert!(google.found.lock().await.source.is_none(), "this one is refused");
    let kept = (sent("new"), clock::mono().after(KEEP));
    google.found.lock().await.hold(Source::Gcloud(Some(kept)));
    google.forget(&sent("old")).await;
    assert!(matches!(google.found.lock().await.source, Some(Source::Gcloud(Some(_)))));
    google.forget(&sent("new")).await;
    assert!(matches!(google.found.lock().await.source, Some(Source::Gcloud(None))));
}
