//! Health probes: one task a probe, at its interval, never two at once.
//!
//! A probe that reaches its target has a live link, whatever the target answers, also if it answers nothing; one that
//! reaches nothing (refused, name not found, no route, TLS refused) is down: from here a dead target and a dead
//! network look the same. Either is asked again at the next interval.

mod report;

use std::time::Duration;

use reqwest::{Client, Method};
use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval, timeout};
use url::Url;

use crate::clients::http::{self, Headers, NoAnswer};
use crate::clients::postgres::{Postgres, SelectError};
use crate::clients::redis::{self, PingError};
use crate::clients::{failure, secret, tls};
use crate::clock;
use crate::domain::health::{BodyReport, ProbeOutcome, Probed};
use crate::domain::room::{Addressed, ProbeKind, ProbeSpec, Service};
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
    let untold = service.startup.is_none();
    let startup = service.startup.filter(|startup| startup.probe == spec.name);
    let pointers = Pointers { startup, untold, flags: spec.flags.clone() };
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
            Asked::Outcome(_, ProbeOutcome::Answered { .. } | ProbeOutcome::Failed { reached: true, .. }) => {
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
            ProbeKind::Postgres { url } | ProbeKind::Redis { url } => match secret::value(url).await {
                Err(error) => Asked::Nobody(Clean::new(&error.to_string())),
                Ok(url) => self.store(url.expose_secret(), spec.timeout).await,
            },
        }
    }

    /// A question in a store's own protocol.
    async fn store(&mut self, url: &str, limit: Duration) -> Asked {
        let began = clock::mono();
        let (asked, port) = match &self.spec.kind {
            ProbeKind::Postgres { .. } => (timeout(limit, postgres(&mut self.postgres, url)).await, 5432),
            _ => (timeout(limit, redis(url)).await, 6379),
        };
        let after = clock::mono().since(began);
        let error = match asked {
            Ok(Ok(latency)) => return self.plain(answered(latency, None)),
            Ok(Err(Unanswered::Refused(why))) => return self.plain(answered(after, Some(why))),
            Ok(Err(Unanswered::Unusable(why))) => return Asked::Nobody(why),
            Ok(Err(Unanswered::Unreachable(error))) => error,
            Err(_late) => failure::late(limit),
        };
        // The error says not how far it came.
        let reached = accepts(url, port, limit).await;
        self.plain(ProbeOutcome::Failed { error, after, reached })
    }

    /// A probe without a URL to redirect speaks of whatever its address reaches.
    fn plain(&self, outcome: ProbeOutcome) -> Asked {
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
        if !self.board.borrow().known && matches!(self.spec.addressed, Addressed::Tag(_)) {
            // Whether a revision carries the tag is not known before the service was read.
            let _ = timeout(limit, self.board.changed()).await;
        }
        let (resolved, known) = {
            let board = self.board.borrow();
            (board.resolve(&self.spec.addressed, &url), board.known)
        };
        let Some((url, origin)) = resolved else {
            let why = if known { "no revision carries the tag" } else { "Cloud Run was not read yet" };
            return Asked::Nobody(Clean::new(why));
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
        let outcome = match http::ask(client.request(method, url).headers(headers.clone()), MAX_BODY, limit)
            .await
        {
            Err(NoAnswer { error, reached }) => {
                // A connection kept from before may be dead without knowing it: the next turn opens its own.
                self.client = None;
                ProbeOutcome::Failed { error, after: clock::mono().since(began), reached }
            }
            Ok(answer) => {
                if matches!(answer.status, 401 | 403) {
                    self.headers.refused(&headers).await;
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
        Ok(Err(error)) => ProbeOutcome::Failed { error: failure::of_io(&error), after, reached: false },
        Err(_late) => ProbeOutcome::Failed { error: failure::late(limit), after, reached: false },
    }
}

/// Why a store gave no useful answer.
enum Unanswered {
    Refused(Clean),
    Unreachable(Clean),
    Unusable(Clean),
}

async fn postgres(kept: &mut Postgres, url: &str) -> Result<Duration, Unanswered> {
    kept.select_one(url).await.map_err(|error| match error {
        SelectError::Refused(why) => Unanswered::Refused(why),
        SelectError::Unreachable(why) => Unanswered::Unreachable(why),
        SelectError::Unusable(why) => Unanswered::Unusable(why),
    })
}

async fn redis(url: &str) -> Result<Duration, Unanswered> {
    redis::ping(url).await.map_err(|error| match error {
        PingError::Refused(why) => Unanswered::Refused(why),
        PingError::Unreachable(why) => Unanswered::Unreachable(why),
        PingError::Unusable(why) => Unanswered::Unusable(why),
    })
}

/// Whether a connection to the host of `url` can be made at all.
async fn accepts(url: &str, port: u16, limit: Duration) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let Some(host) = url.host_str() else { return false };
    let address = (host.trim_matches(['[', ']']), url.port().unwrap_or(port));
    matches!(timeout(limit, TcpStream::connect(address)).await, Ok(Ok(_)))
}
