//! Telling routes of alerts: one attempt a sending, bounded in time, answered with what the other side said. Trying again
//! is the model's business.

mod http;
mod mail;
mod message;
mod said;
mod template;

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::domain::Clean;
use crate::domain::alert::{Sending, Told};
use crate::domain::room::RouteKind;
use crate::faults;
use crate::lanes::Lanes;
use crate::model::msg::Msg;

pub use template::render;

/// Reading a secret from a command takes time besides the route's own.
const SECRETS: Duration = Duration::from_secs(12);

/// Sendings on their way.
#[derive(Debug)]
pub struct Alerts {
    lanes: Lanes,
    tasks: JoinSet<()>,
}

/// Why a route was not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// In words, without a secret.
    pub why: Clean,
    /// How long the other side wants to be left alone.
    pub retry_after: Option<Duration>,
}

impl Refused {
    fn new(why: &str) -> Self {
        Self { why: Clean::new(why), retry_after: None }
    }
}

impl From<Clean> for Refused {
    fn from(why: Clean) -> Self {
        Self { why, retry_after: None }
    }
}

impl Alerts {
    /// Nothing is on its way.
    pub fn new(lanes: Lanes) -> Self {
        Self { lanes, tasks: JoinSet::new() }
    }

    /// Begins a sending; answered by `AlertSent`.
    pub fn send(&mut self, sending: Sending) {
        while self.tasks.try_join_next().is_some() {}
        let lanes = self.lanes.clone();
        self.tasks.spawn(async move {
            let Sending { alert, moment, attempt, .. } = sending;
            let route = sending.route.name.clone();
            let outcome = answered(async move { send(&sending).await }).await;
            let (answer, retry_after) = match outcome {
                Ok(answer) => (Ok(answer), None),
                Err(refused) => (Err(refused.why), refused.retry_after),
            };
            let told = Told { alert, moment, route, attempt, answer, retry_after };
            // The runtime is gone: the next keeper finds no record, and sends it again.
            let _closed = lanes.control.send(Msg::AlertSent(Box::new(told))).await;
        });
    }

    /// Whether anything is on its way.
    pub fn is_sending(&mut self) -> bool {
        while self.tasks.try_join_next().is_some() {}
        !self.tasks.is_empty()
    }
}

/// An attempt that breaks off without an answer is a failure like others: recorded, and tried again.
async fn answered(
    attempt: impl Future<Output = Result<Clean, Refused>> + Send + 'static,
) -> Result<Clean, Refused> {
    let mut task = JoinSet::new();
    task.spawn(faults::contained(attempt));
    let broken = || Refused::new("the sending broke off inside warroom; this is a fault of warroom");
    task.join_next().await.and_then(Result::ok).unwrap_or_else(|| Err(broken()))
}

/// One attempt: the answer, or why there is no good one.
///
/// # Errors
/// See [`Refused`].
pub async fn send(sending: &Sending) -> Result<Clean, Refused> {
    let limit = sending.route.timeout;
    let attempt = async {
        match &sending.route.kind {
            RouteKind::Webhook { url, headers, token } => {
                http::webhook(sending, url, headers, token.as_ref()).await
            }
            RouteKind::Slack { url } => http::slack(sending, url).await,
            RouteKind::PagerDuty { key, url } => http::pagerduty(sending, key, url).await,
            RouteKind::Alertmanager { url, identity } => http::alertmanager(sending, url, identity).await,
            RouteKind::Email(spec) => mail::send(sending, spec).await,
        }
    };
    // Each route keeps its own limit from when its secrets are there: only they can take longer.
    timeout(limit.saturating_add(SECRETS), attempt)
        .await
        .unwrap_or_else(|_late| Err(Refused::new("its secrets were not read in time")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::Wall;
    use crate::domain::alert::Moment;
    use crate::domain::room::{EmailSpec, RouteSpec, Security};

    #[tokio::test]
    async fn a_mail_server_without_a_greeting_is_left_after_the_time_of_one_attempt() {
        // Whoever speaks TLS from the first byte waits for us, as we wait for a greeting.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let spec = EmailSpec {
            host: "127.0.0.1".into(),
            port: silent.local_addr().unwrap().port(),
            security: Security::Starttls,
            login: None,
            from: "w@example.com".into(),
            to: vec!["lead@example.com".into()],
        };
        let route = RouteSpec {
            name: "lead".into(),
            kind: RouteKind::Email(spec),
            timeout: Duration::from_millis(100),
            text: None,
            title: None,
            template: None,
            stands_for: Vec::new(),
        };
        let sending = Sending {
            alert: 0,
            key: "key".into(),
            name: "test".into(),
            severity: 3,
            moment: Moment::Test,
            attempt: 1,
            route,
            template: None,
            values: BTreeMap::new(),
            raised_at: Wall::default(),
            resolved_at: None,
        };
        let sent = timeout(Duration::from_secs(8), send(&sending)).await;
        assert_eq!(sent, Ok(Err(Refused::new("no answer in 100ms"))));
    }

    #[tokio::test]
    async fn an_attempt_that_breaks_off_is_answered() {
        let broken = answered(async { panic!("a fault") }).await;
        assert!(broken.is_err_and(|refused| refused.why.contains("broke off")));
        assert_eq!(answered(async { Ok("HTTP 200".into()) }).await, Ok("HTTP 200".into()));
    }
}
