//! Google's Application Default Credentials: a key file, a person's login, the metadata server, impersonation or a
//! workload's federation, whichever the environment has.

use std::time::Duration;

use google_cloud_auth::credentials::{Builder, CacheableResource, Credentials};
use http::header::HeaderMap;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::tls;
use crate::domain::Clean;

/// How long getting a token may take; the metadata server and token endpoints answer in well under a second.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The scope that Cloud Run and Monitoring ask for.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// The credentials, found when first needed; they refresh themselves ahead of expiry.
#[derive(Debug, Default)]
pub struct Google {
    found: Mutex<Option<Credentials>>,
}

impl Google {
    /// The headers that carry the identity.
    ///
    /// # Errors
    /// There are no credentials, or they gave no token; in words.
    pub async fn headers(&self) -> Result<HeaderMap, Clean> {
        // One search at a time: the others wait for the lock and find its result.
        let mut found = self.found.lock().await;
        let credentials = match &*found {
            Some(credentials) => credentials.clone(),
            None => found.insert(build()?).clone(),
        };
        drop(found);
        let asked = timeout(TIMEOUT, credentials.headers(http::Extensions::new())).await;
        let asked = asked.map_err(|_late| {
            let seconds = TIMEOUT.as_secs();
            Clean::new(&format!("no token from the Application Default Credentials in {seconds} s"))
        })?;
        match asked.map_err(|error| Clean::new(&format!("no token: {}", tls::causes(&error))))? {
            CacheableResource::New { data, .. } => Ok(data),
            CacheableResource::NotModified => Err(Clean::new("the credentials gave nothing")),
        }
    }

    /// The server refused the token: the credentials are looked for again.
    pub async fn forget(&self) {
        *self.found.lock().await = None;
    }
}

fn build() -> Result<Credentials, Clean> {
    tls::ensure();
    let built = Builder::default().with_scopes([SCOPE]).build();
    built.map_err(|error| Clean::new(&format!("no Application Default Credentials: {}", tls::causes(&error))))
}
