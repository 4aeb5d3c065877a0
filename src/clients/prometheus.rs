//! Prometheus' HTTP API, as Thanos, Mimir and Google's Managed Service speak it too: instant and range queries.
//!
//! Protocol: <https://prometheus.io/docs/prometheus/latest/querying/api/>. Queries travel by POST, so that no proxy
//! cuts a long one. Numbers are strings there, `"NaN"` and `"+Inf"` among them.

mod alerts;
mod answer;

use std::time::Duration;

use reqwest::Client;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use tokio::sync::Mutex;
use url::Url;
use url::form_urlencoded::Serializer;

use super::http::{self, Answer, BodyEnd, Headers};
use super::tls;
use crate::domain::Clean;
use crate::domain::firing::Alerts;
use crate::domain::room::PrometheusSpec;

pub use answer::{Answered, Series};

/// The largest answer read, in bytes: 11,000 points, the most that Prometheus gives of a series, are 0.3 MB.
const MAX_BODY: usize = 8 << 20;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The server: not there, too slow, refuses us, or is no Prometheus.
    Engine(Clean),
    /// The query: the server's own words.
    Query(Clean),
}

/// Asks one server.
#[derive(Debug)]
pub struct Engine {
    http: Result<Client, Clean>,
    base: Result<Url, Clean>,
    headers: Mutex<Headers>,
    timeout: Duration,
}

impl Engine {
    /// Nothing is sent yet; what is wrong with the URL or the system's certificates is answered to every query.
    pub fn new(spec: &PrometheusSpec) -> Self {
        let base = spec.url.trim_end_matches('/');
        Self {
            http: tls::http(spec.timeout).map_err(|error| Clean::new(&error.to_string())),
            base: Url::parse(&format!("{base}/api/")).map_err(|_bad| Clean::new("the URL cannot be read")),
            headers: Mutex::new(Headers::of(spec.headers.clone(), spec.identity.clone())),
            timeout: spec.timeout,
        }
    }

    /// The values of `query` at the server's own present.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn now(&self, query: &str) -> Result<Answered, Fault> {
        self.ask("v1/query", &[("query", query)]).await
    }

    /// The values of `query` at `count` moments `step` apart, the last one at `end` (Unix seconds).
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn range(&self, query: &str, end: f64, step: Duration, count: u32) -> Result<Answered, Fault> {
        let step = step.as_secs_f64();
        let start = step.mul_add(-f64::from(count.saturating_sub(1)), end);
        let [start, end, step] = [start, end, step].map(|seconds| format!("{seconds:.3}"));
        self.ask("v1/query_range", &[("query", query), ("start", &start), ("end", &end), ("step", &step)])
            .await
    }

    /// The names of all series that it has.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn names(&self) -> Result<Vec<String>, Fault> {
        self.get("v1/label/__name__/values", answer::names).await
    }

    /// Its alerting rules, and which of them do not rest; of an engine that shows no rules only the latter.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn rules(&self) -> Result<Alerts, Fault> {
        match self.get("v1/rules?type=alert", alerts::rules).await {
            Err(Fault::Engine(why)) if ["HTTP 404", "HTTP 405", "HTTP 501"].contains(&&*why) => {
                self.alerts().await
            }
            answer => answer,
        }
    }

    /// The alerts that are pending or fire, whatever rules there are.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn alerts(&self) -> Result<Alerts, Fault> {
        self.get("v1/alerts", alerts::active).await
    }

    /// What an Alertmanager at this URL holds (<https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml>).
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn held_alerts(&self) -> Result<Alerts, Fault> {
        self.get("v2/alerts", alerts::held).await
    }

    async fn get<T>(&self, path: &str, read: impl Fn(&[u8]) -> Option<T>) -> Result<T, Fault> {
        let client = self.http.as_ref().map_err(|why| Fault::Engine(why.clone()))?;
        let base = self.base.as_ref().map_err(|why| Fault::Engine(why.clone()))?;
        let url = base.join(path).map_err(|_bad| Fault::Engine(Clean::new("the URL cannot be extended")))?;
        let headers = self.headers.lock().await.get().await.map_err(Fault::Engine)?;
        let answer = http::ask(client.get(url).headers(headers.clone()), MAX_BODY, self.timeout).await;
        let answer = answer.map_err(|none| Fault::Engine(none.error))?;
        if matches!(answer.status, 401 | 403) {
            self.headers.lock().await.refused(&headers).await;
        }
        match (answer.status, answer.end) {
            (200, BodyEnd::Whole) => read(&answer.body).ok_or_else(|| {
                Fault::Engine(Clean::new("no answer of this API: check that the URL ends before /api"))
            }),
            (200, BodyEnd::TooLong) => Err(Fault::Engine(Clean::new("the answer is larger than 8 MB"))),
            (200, BodyEnd::Broken(why)) => Err(Fault::Engine(Clean::new(&format!("broke off: {why}")))),
            (status, _) => Err(Fault::Engine(Clean::new(&format!("HTTP {status}")))),
        }
    }

    async fn ask(&self, path: &str, form: &[(&str, &str)]) -> Result<Answered, Fault> {
        let client = self.http.as_ref().map_err(|why| Fault::Engine(why.clone()))?;
        let base = self.base.as_ref().map_err(|why| Fault::Engine(why.clone()))?;
        let url = base.join(path).map_err(|_bad| Fault::Engine(Clean::new("the URL cannot be extended")))?;
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        let headers = self.headers.lock().await.get().await.map_err(Fault::Engine)?;
        let kind = HeaderMap::from_iter([(CONTENT_TYPE, kind)]);
        let secrets = http::secrets(&headers);
        let request = client.post(url).headers(headers.clone()).headers(kind).body(body);
        let answer = http::ask(request, MAX_BODY, self.timeout).await;
        let answer = answer.map_err(|none| Fault::Engine(none.error))?;
        if matches!(answer.status, 401 | 403) {
            self.headers.lock().await.refused(&headers).await;
        }
        // A proxy's words may repeat what it was sent.
        let hide = |words: Clean| Clean::new(&http::without(&words, &secrets));
        match read(&answer) {
            Ok(answered) => Ok(Answered { warning: answered.warning.map(hide), ..answered }),
            Err(Fault::Engine(why)) => Err(Fault::Engine(hide(why))),
            Err(Fault::Query(why)) => Err(Fault::Query(hide(why))),
        }
    }
}

fn read(answer: &Answer) -> Result<Answered, Fault> {
    let status = answer.status;
    let engine = |why: String| Err(Fault::Engine(Clean::new(&why)));
    if let Some(to) = &answer.location {
        return engine(format!("HTTP {status}: redirects to {to}; not followed"));
    }
    match &answer.end {
        BodyEnd::Whole => {}
        BodyEnd::TooLong => return Err(Fault::Query(Clean::new("the answer is larger than 8 MB"))),
        BodyEnd::Broken(why) => return engine(format!("broke off: {why}")),
    }
    match answer::read(&answer.body) {
        // With another status it is a proxy's word, not one on the query.
        Some(Err(why)) if matches!(status, 200 | 400 | 422 | 503) => Err(Fault::Query(why)),
        Some(Ok(answered)) if status == 200 => Ok(answered),
        Some(_) => engine(format!("HTTP {status}")),
        None if status == 200 => {
            engine("no answer of Prometheus: check that the URL ends before /api".into())
        }
        None => engine(format!("HTTP {status}")),
    }
}
