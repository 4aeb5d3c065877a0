//! Numbers from a JSON answer or from a command: one task each, at its interval, never two at once.
//!
//! A number that cannot be read is told with the reason and is no number; it is never zero, and never the last one again.

mod command;
mod number;

use std::time::Duration;

use reqwest::Client;
use tokio::time::{MissedTickBehavior, interval};
use url::Url;

use crate::clients::http::{self, BodyEnd, Headers};
use crate::clients::tls;
use crate::clock;
use crate::domain::metric::{MetricValue, Past, Queried};
use crate::domain::room::{MetricSpec, ValueAt, ValueSpec};
use crate::domain::{Clean, ServiceIx};
use crate::lanes::Lanes;
use crate::model::msg::Msg;

use number::Number;

/// The most that is read of an answer or of an output, in bytes.
const MAX_BODY: usize = 1 << 20;

/// Reads one number for ever; returns only when nobody listens any more, or at once where there is none to read.
pub async fn run(service: ServiceIx, metric: MetricSpec, lanes: Lanes) {
    let Some(spec) = metric.value.as_deref().cloned() else { return };
    let mut reader = Reader::new(spec.clone());
    let mut ticks = interval(spec.interval.max(Duration::from_millis(10)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let read = reader.read().await;
        let named = MetricValue { name: metric.name.clone(), ..MetricValue::default() };
        let value = match read {
            Ok(Number::Is(value)) => MetricValue { value: Some(value), ..named },
            Ok(Number::Gap(gap)) => MetricValue { gap: Some(gap), ..named },
            Err(error) => MetricValue { error: Some(error), ..named },
        };
        let read = Queried { service, at: clock::mono(), value, history: Vec::new(), older: Past::default() };
        if lanes.data.send(Msg::Queried(Box::new(read))).await.is_err() {
            return;
        }
    }
}

struct Reader {
    spec: ValueSpec,
    client: Option<Client>,
    headers: Headers,
}

impl Reader {
    fn new(spec: ValueSpec) -> Self {
        let headers = match &spec.at {
            ValueAt::Json { headers, token, .. } => Headers::new(headers.clone(), token.clone()),
            ValueAt::Command { .. } => Headers::new(std::collections::BTreeMap::new(), None),
        };
        Self { spec, client: None, headers }
    }

    async fn read(&mut self) -> Result<Number, Clean> {
        let limit = self.spec.timeout;
        match self.spec.at.clone() {
            ValueAt::Json { url, pointer, .. } => {
                let body = self.ask(&url).await?;
                number::at(&body, &pointer)
            }
            ValueAt::Command { words, dir, pointer } => {
                let output = command::run(&words, &dir, limit, MAX_BODY).await?;
                match pointer {
                    Some(pointer) => number::at(&output, &pointer),
                    None => number::alone(&output),
                }
            }
        }
    }

    async fn ask(&mut self, url: &str) -> Result<Vec<u8>, Clean> {
        let limit = self.spec.timeout;
        let url = Url::parse(url).map_err(|_bad| Clean::new("the URL cannot be read"))?;
        let headers = self.headers.get().await?;
        let client = if let Some(client) = &self.client {
            client.clone()
        } else {
            let made = tls::http(limit).map_err(|error| Clean::new(&error.to_string()))?;
            self.client.insert(made).clone()
        };
        let answer = http::ask(client.get(url).headers(headers.clone()), MAX_BODY, limit).await;
        let answer = answer.map_err(|none| none.error)?;
        if matches!(answer.status, 401 | 403) {
            self.headers.refused(&headers).await;
        }
        if let Some(to) = &answer.location {
            let why = format!("HTTP {}: redirects to {to}; not followed", answer.status);
            return Err(Clean::new(&why));
        }
        if answer.status != 200 {
            return Err(Clean::new(&format!("HTTP {}", answer.status)));
        }
        match answer.end {
            BodyEnd::Whole => Ok(answer.body),
            BodyEnd::TooLong => Err(Clean::new("the answer is larger than 1 MB")),
            BodyEnd::Broken(why) => Err(Clean::new(&format!("broke off: {why}"))),
        }
    }
}
