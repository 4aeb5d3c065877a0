//! Health probes: one task a probe, at its interval, never two at once.
//!
//! A probe that gets any answer has a live link, whatever the answer says; a refused, hanging or TLS-refused one is
//! down, and is asked again at the next interval.

mod report;

use std::time::Duration;

use reqwest::{Client, Method};
use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval, timeout};
use url::Url;

use crate::clients::http::{self, Headers};
use crate::clients::postgres::{Postgres, SelectError};
use crate::clients::redis::{self, PingError};
use crate::clients::{failure, secret, tls};
use crate::clock;
use crate::domain::health::{BodyReport, ProbeOutcome, Probed};
use crate::domain::room::{ProbeKind, ProbeSpec, Service};
use crate::domain::{Clean, LinkReport, Origin, ServiceIx, SourceId};
use crate::lanes::Lanes;
use crate::model::msg::Msg;

use super::addressing::BoardReader;
use report::Pointers;

/// The most of a body that is read, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// Runs one probe for ever; returns only when nobody listens any more.
pub async fn run(ix: ServiceIx, service: Service, probe: u16, board: BoardReader, lanes: Lanes) {
    let Some(spec) = service.probes.get(usize::from(probe)).cloned() else { return };
    let startup = service.startup.filter(|startup| startup.probe == spec.name);
    let pointers = Pointers { startup, flags: spec.flags.clone() };
    let mut prober = Prober::new(spec.clone(), pointers, board);
    let source = SourceId::Health { service: ix, probe };
    let mut ticks = interval(spec.interval.max(Duration::from_millis(10)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut attempt = 0_u32;
    loop {
        ticks.tick().await;
        let began = clock::mono();
        let asked = prober.probe().await;
        let at = clock::mono();
        let down = |error: Clean, attempt| LinkReport::Down {
            error,
            attempt,
            retry_at: began.after(spec.interval).max(at),
        };
        let report = match &asked {
            Asked::Outcome(_, ProbeOutcome::Answered { .. }) => {
                attempt = 0;
                LinkReport::Alive
            }
            Asked::Outcome(_, ProbeOutcome::Failed { error, .. }) | Asked::Nobody(error) => {
                attempt = attempt.saturating_add(1);
                down(error.clone(), attempt)
            }
        };
        let linked = Msg::Linked { source: source.clone(), report, at };
        if lanes.data.send(linked).await.is_err() {
            return;
        }
        if let Asked::Outcome(origin, outcome) = asked {
            let finished = Probed { service: ix, probe, at, origin, outcome };
            if lanes.data.send(Msg::Probed(finished)).await.is_err() {
                return;
            }
        }
    }
}

/// What became of one turn.
enum Asked {
    /// It was asked.
    Outcome(Origin, ProbeOutcome),
    /// There was nobody to ask: the tag is not known, a secret is missing. Says nothing of the target's health.
    Nobody(Clean),
}

/// One probe with what it keeps between turns.
struct Prober {
    spec: ProbeSpec,
    pointers: Pointers,
    board: BoardReader,
    client: Option<Client>,
    headers: Headers,
    postgres: Postgres,
}

impl Prober {
    fn new(spec: ProbeSpec, pointers: Pointers, board: BoardReader) -> Self {
        let headers = match &spec.kind {
            ProbeKind::Http { headers, token, .. } => Headers::new(headers.clone(), token.clone()),
            ProbeKind::Tcp { .. } | ProbeKind::Postgres { .. } | ProbeKind::Redis { .. } => {
                Headers::new(std::collections::BTreeMap::new(), None)
            }
        };
        Self { spec, pointers, board, client: None, headers, postgres: Postgres::default() }
    }

    async fn probe(&mut self) -> Asked {
        let spec = self.spec.clone();
        match &spec.kind {
            ProbeKind::Http { url, method, expect, .. } => self.http(url, method, expect).await,
            ProbeKind::Tcp { address } => self.plain(tcp(address, spec.timeout).await),
            ProbeKind::Postgres { url } => match secret::value(url).await {
                Err(error) => Asked::Nobody(Clean::new(&error.to_string())),
                Ok(url) => {
                    let began = clock::mono();
                    let selected = timeout(spec.timeout, self.postgres.select_one(url.expose_secret())).await;
                    let after = clock::mono().since(began);
                    let outcome = match selected {
                        Ok(Ok(latency)) => answered(latency, None),
                        Ok(Err(SelectError::Refused(why))) => answered(after, Some(why)),
                        Ok(Err(SelectError::Unreachable(error))) => ProbeOutcome::Failed { error, after },
                        Err(_late) => ProbeOutcome::Failed { error: failure::late(spec.timeout), after },
                    };
                    self.plain(outcome)
                }
            },
            ProbeKind::Redis { url } => match secret::value(url).await {
                Err(error) => Asked::Nobody(Clean::new(&error.to_string())),
                Ok(url) => self.plain(redis(url.expose_secret(), spec.timeout).await),
            },
        }
    }

    /// A probe without a URL to redirect speaks of whatever its address reaches.
    fn plain(&self, outcome: ProbeOutcome) -> Asked {
        use crate::domain::room::Addressed;
        let origin = match &self.spec.addressed {
            Addressed::Revision(name) => Origin::Revision(name.clone()),
            // A database belongs to no revision.
            Addressed::Service | Addressed::Tag(_) => Origin::Unknown,
        };
        Asked::Outcome(origin, outcome)
    }

    async fn http(&mut self, url: &str, method: &str, expect: &[u16]) -> Asked {
        let limit = self.spec.timeout;
        let Ok(url) = Url::parse(url) else { return Asked::Nobody(Clean::new("the URL cannot be read")) };
        let Ok(method) = Method::from_bytes(method.as_bytes()) else {
            return Asked::Nobody(Clean::new("the method cannot be used"));
        };
        let resolved = self.board.borrow().resolve(&self.spec.addressed, &url);
        let Some((url, origin)) = resolved else {
            return Asked::Nobody(Clean::new("no revision carries the tag (yet)"));
        };
        let headers = match self.headers.get().await {
            Ok(headers) => headers,
            Err(why) => return Asked::Nobody(why),
        };
        let client = match &self.client {
            Some(client) => client.clone(),
            None => match tls::http(limit) {
                Ok(client) => self.client.insert(client).clone(),
                Err(error) => return Asked::Nobody(Clean::new(&error.to_string())),
            },
        };
        let began = clock::mono();
        let outcome = match http::ask(&client, (&method, url), headers, MAX_BODY, limit).await {
            Err(error) => ProbeOutcome::Failed { error, after: clock::mono().since(began) },
            Ok(answer) => {
                if matches!(answer.status, 401 | 403) {
                    self.headers.refused();
                }
                let report = report::read(&answer, &self.pointers);
                let ok = expect.contains(&answer.status);
                ProbeOutcome::Answered { status: Some(answer.status), latency: answer.latency, ok, report }
            }
        };
        Asked::Outcome(origin, outcome)
    }
}

fn answered(latency: Duration, problem: Option<Clean>) -> ProbeOutcome {
    let ok = problem.is_none();
    ProbeOutcome::Answered {
        status: None,
        latency,
        ok,
        report: BodyReport { problem, ..BodyReport::default() },
    }
}

async fn tcp(address: &str, limit: Duration) -> ProbeOutcome {
    let began = clock::mono();
    let connected = timeout(limit, TcpStream::connect(address)).await;
    let after = clock::mono().since(began);
    match connected {
        Ok(Ok(_stream)) => answered(after, None),
        Ok(Err(error)) => ProbeOutcome::Failed { error: failure::of_io(&error), after },
        Err(_late) => ProbeOutcome::Failed { error: failure::late(limit), after },
    }
}

async fn redis(url: &str, limit: Duration) -> ProbeOutcome {
    let began = clock::mono();
    let pinged = timeout(limit, redis::ping(url)).await;
    let after = clock::mono().since(began);
    match pinged {
        Ok(Ok(latency)) => answered(latency, None),
        Ok(Err(PingError::Refused(why))) => answered(after, Some(why)),
        Ok(Err(PingError::Unreachable(error))) => ProbeOutcome::Failed { error, after },
        Err(_late) => ProbeOutcome::Failed { error: failure::late(limit), after },
    }
}
