//! The tail of the logs that somebody looks at: read again and again while they are wished for, and not at all else, since
//! all who read a project's logs share 60 reads a minute.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clients::cloud_run::{ApiError, ErrorKind, READS_AGAIN};
use crate::clients::logging::{Ask, Client};
use crate::clock;
use crate::domain::audit::AuditRead;
use crate::domain::logs::{
    ERRORS_EVERY, LogPage, LogsLost, LogsRead, Severity, Tail, UNEXPECTED, next_since,
};
use crate::domain::room::{LogsSpec, Service};
use crate::domain::{Clean, Room, ServiceIx, Wall};
use crate::lanes::Lanes;
use crate::model::msg::Msg;

/// The longest rest after failures.
const MAX_BACKOFF: Duration = Duration::from_mins(1);

/// Where each service's logs are read.
pub type Clients = BTreeMap<ServiceIx, Client>;

/// A client for each service that has logs.
pub fn clients(room: &Room) -> Clients {
    let of = |(ix, service): (ServiceIx, &Service)| {
        Some((ix, Client::new(service.cloud_run.as_ref()?, &room.logs)?))
    };
    room.service_ixs().zip(&room.services).filter_map(of).collect()
}

/// Reads what is wished for, for ever; another wish cuts a rest short.
pub async fn run(
    clients: Arc<Clients>,
    spec: LogsSpec,
    mut wish: watch::Receiver<Option<Tail>>,
    lanes: Lanes,
) {
    loop {
        let tail = wish.borrow_and_update().clone();
        let followed = async {
            match tail.and_then(|tail| Some((clients.get(&tail.service)?, tail))) {
                Some((client, tail)) => follow(client, &spec, tail, &lanes, Msg::LogsRead).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = followed => return,
            changed = wish.changed() => if changed.is_err() { return },
        }
    }
}

/// Returns only when nobody listens any more.
async fn follow(client: &Client, spec: &LogsSpec, tail: Tail, lanes: &Lanes, told: fn(Box<LogsRead>) -> Msg) {
    let mut since = clock::wall() - spec.back;
    let mut attempt = 0;
    loop {
        let (answer, newest, rest) = look(client, spec, &tail, since, &mut attempt).await;
        since = newest.map_or(since, |at| next_since(since, at, clock::wall()));
        let read = LogsRead { tail: tail.clone(), at: clock::mono(), answer };
        if lanes.data.send(told(Box::new(read))).await.is_err() {
            return;
        }
        tokio::time::sleep(rest).await;
    }
}

/// Reads the errors of each service whose conditions ask for them, for ever.
pub async fn errors(room: Arc<Room>, clients: Arc<Clients>, lanes: Lanes) {
    let asked = |ix: ServiceIx| {
        room.conditions.iter().any(|it| it.signal.service == ix && it.signal.name == UNEXPECTED)
    };
    let spec = LogsSpec { interval: ERRORS_EVERY, back: Duration::from_mins(1), ..room.logs.clone() };
    let mut tasks = JoinSet::new();
    for service in clients.keys().copied().filter(|ix| asked(*ix)) {
        let (clients, spec, lanes) = (clients.clone(), spec.clone(), lanes.clone());
        let tail = Tail { service, revision: None, least: Severity::Error };
        tasks.spawn(async move {
            if let Some(client) = clients.get(&service) {
                follow(client, &spec, tail, &lanes, Msg::ErrorsRead).await;
            }
        });
    }
    tasks.join_all().await;
}

/// How far back Cloud Audit Logs are read.
const AUDIT_BACK: Duration = Duration::from_hours(24 * 90);

/// Asks Cloud Audit Logs for the changes of each service, until they were told once: what comes after that the journal
/// knows. Returns when there is nothing left to ask.
pub async fn audit(clients: Arc<Clients>, lanes: Lanes) {
    let mut open: Vec<(ServiceIx, &Client)> = clients.iter().map(|(ix, client)| (*ix, client)).collect();
    let mut attempt = 0;
    while !open.is_empty() {
        let since = clock::wall() - AUDIT_BACK;
        let mut left = Vec::new();
        for (service, client) in open {
            let (answer, since) = match client.changes(since).await {
                Ok((changes, since)) => (Ok(changes), since),
                Err(error) => (Err(Clean::new(&error.to_string())), since),
            };
            let failed = answer.is_err();
            let read = AuditRead { service, since, answer };
            if lanes.data.send(Msg::AuditRead(Box::new(read))).await.is_err() {
                return;
            }
            if failed {
                left.push((service, client));
            }
        }
        open = left;
        attempt = (attempt + 1).min(AUDIT_RESTS);
        tokio::time::sleep(Duration::from_mins(1) * attempt).await;
    }
}

/// Minutes between two looks that fail, at most.
const AUDIT_RESTS: u32 = 10;

type Looked = (Result<LogPage, LogsLost>, Option<Wall>, Duration);

async fn look(client: &Client, spec: &LogsSpec, tail: &Tail, since: Wall, attempt: &mut u32) -> Looked {
    let ask = Ask { revision: tail.revision.clone(), least: tail.least, since };
    match client.entries(&ask).await {
        Ok(page) => {
            *attempt = 0;
            let newest = page.entries.iter().map(|entry| entry.at).max();
            (Ok(page), newest, spec.interval)
        }
        Err(error) => {
            *attempt += 1;
            let rest = backoff(&error, *attempt, spec.interval);
            let retry_at = clock::mono().after(rest);
            let lost =
                LogsLost { why: Clean::new(&error.to_string()), short: short(error.kind).into(), retry_at };
            (Err(lost), None, rest)
        }
    }
}

/// Doubling from the interval, within a minute, with jitter so that many consoles do not come back together; never sooner
/// than the server asked, up to [`READS_AGAIN`]. What a person must mend is looked at once a minute.
pub fn backoff(error: &ApiError, attempt: u32, interval: Duration) -> Duration {
    let base = interval.max(Duration::from_secs(1));
    let doubled = base.saturating_mul(1 << attempt.min(6)).min(MAX_BACKOFF);
    let rest = doubled.mul_f64(0.8 + 0.4 * fastrand::f64());
    match error.kind {
        ErrorKind::RateLimited { retry } => rest.max(retry.min(READS_AGAIN)),
        ErrorKind::Permission | ErrorKind::Invalid | ErrorKind::Elsewhere | ErrorKind::NotFound => {
            MAX_BACKOFF
        }
        _ => rest,
    }
}

/// Why there are no logs, in two or three words.
fn short(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Permission => "no permission",
        ErrorKind::RateLimited { .. } => "quota used up",
        ErrorKind::Unauthenticated | ErrorKind::Credentials => "not logged in",
        ErrorKind::NotFound => "not found",
        ErrorKind::Elsewhere => "redirected",
        ErrorKind::Invalid | ErrorKind::Conflict | ErrorKind::Late => "refused",
        ErrorKind::Unavailable | ErrorKind::NoAnswer | ErrorKind::Unreachable => "no answer",
        ErrorKind::BadBody => "answer unreadable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quota_is_left_alone_for_as_long_as_the_server_says() {
        let error = |kind| ApiError { kind, what: "read", why: Clean::default() };
        let rest = |kind, attempt| backoff(&error(kind), attempt, Duration::from_secs(5));
        for (attempt, expected) in [(1, 10.0), (2, 20.0), (3, 40.0), (9, 60.0), (u32::MAX, 60.0)] {
            let rest = rest(ErrorKind::NoAnswer, attempt).as_secs_f64();
            assert!((expected * 0.8..=expected * 1.2).contains(&rest), "{attempt}: {rest}");
        }
        let retry = Duration::from_secs(55);
        assert_eq!(rest(ErrorKind::RateLimited { retry }, 1), retry);
        let retry = Duration::from_hours(24);
        assert_eq!(rest(ErrorKind::RateLimited { retry }, 1), READS_AGAIN, "nobody is blind for a day");
        assert_eq!(rest(ErrorKind::Permission, 1), MAX_BACKOFF);
    }
}
