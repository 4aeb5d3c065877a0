//! The Cloud Run service of one service of the room, read again and again: traffic for the panel, and the board by
//! which probes and streams find a revision.
//!
//! Revisions are listed only when the service's etag moved, while one of them is not ready or failed yet, and once a
//! minute; so an idle service costs one small request per interval.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

use super::addressing::{Board, BoardReader};
use crate::clients::cloud_run::{ApiError, Client, ErrorKind, READS_AGAIN};
use crate::clock;
use crate::domain::{Clean, LinkReport, Mono, Revision, ServiceIx, SourceId, Traffic, Wall};
use crate::lanes::Lanes;
use crate::model::msg::Msg;

/// How often the revisions are listed even if nothing seems to have changed.
const LIST_EVERY: Duration = Duration::from_mins(1);

/// How often the service is read while a change is under way, if the interval is not shorter.
const RECONCILING: Duration = Duration::from_secs(1);

/// The longest rest after failures.
const MAX_BACKOFF: Duration = Duration::from_mins(1);

/// The same where there was no token.
const LOGS_IN: Duration = Duration::from_secs(12);

/// A fresh board: the writer for [`run`], and a reader to clone for each probe and stream.
pub fn board() -> (watch::Sender<Board>, BoardReader) {
    watch::channel(Board::default())
}

/// Reads the service for ever; `now` cuts a rest short.
pub async fn run(
    service: ServiceIx,
    interval: Duration,
    client: Arc<Client>,
    board: watch::Sender<Board>,
    now: Arc<Notify>,
    lanes: Lanes,
) {
    let source = SourceId::CloudRun { service };
    let linked = |report| Msg::Linked { source: source.clone(), report, at: clock::mono() };
    let send = async |msg| {
        // The runtime is gone: this task is about to be dropped.
        let _closed = lanes.data.send(msg).await;
    };
    let mut reader = Reader { client, revisions: None };
    let mut attempt = 0;
    let mut identified = None;
    send(linked(LinkReport::Connecting)).await;
    loop {
        let rest = match reader.read().await {
            Ok(traffic) => {
                attempt = 0;
                let fresh = Board::of(&traffic);
                board.send_if_modified(|board| {
                    let changed = *board != fresh;
                    *board = fresh;
                    changed
                });
                let rest = if traffic.settled() { interval } else { interval.min(RECONCILING) };
                // A token that is made anew ends later.
                let expires = reader.client.expires().await;
                if identified != Some(expires) {
                    identified = Some(expires);
                    let identity = reader.client.identity().await;
                    send(Msg::Identified { service, identity, expires }).await;
                }
                send(Msg::TrafficRead { service, at: clock::mono(), traffic: Box::new(traffic) }).await;
                send(linked(LinkReport::Alive)).await;
                rest
            }
            Err(error) => {
                attempt += 1;
                let rest = backoff(&error, attempt, interval);
                let retry_at = clock::mono().after(rest);
                let error = Clean::new(&error.to_string());
                send(linked(LinkReport::Down { error, attempt, retry_at })).await;
                rest
            }
        };
        let _woken_or_rested = timeout(rest, now.notified()).await;
        // A burst of wishes is one read, and does not outrun the service's quota.
        sleep(Duration::from_millis(50)).await;
    }
}

/// How often a new token is asked for.
pub const RENEW_EVERY: Duration = Duration::from_mins(4);

/// The same after there was none.
const RENEW_AGAIN: Duration = Duration::from_secs(20);

/// Asks for a new token again and again, long before the old one ends: that a login was taken away, or a key was deleted,
/// is told when it happens, and not to whoever has to act when the hour is over.
pub async fn renew(service: ServiceIx, every: Duration, client: Arc<Client>, lanes: Lanes) {
    let mut told = (None, client.ends().await);
    if told.1.is_some() {
        send_renewed(service, &told, &lanes).await;
    }
    loop {
        sleep(if told.0.is_some() { every.min(RENEW_AGAIN) } else { every }).await;
        let refused = client.renew().await.err().map(|error| error.why);
        let news = (refused, client.ends().await);
        if news != told {
            told = news;
            send_renewed(service, &told, &lanes).await;
        }
    }
}

async fn send_renewed(service: ServiceIx, (refused, ends): &(Option<Clean>, Option<Wall>), lanes: &Lanes) {
    let msg = Msg::Renewed { service, refused: refused.clone(), ends: *ends };
    // The runtime is gone: this task is about to be dropped.
    let _closed = lanes.data.send(msg).await;
}

/// How long to rest after the `attempt`th failure in a row: doubling from the interval, within a minute, with ±20 %
/// of jitter so that many consoles do not come back together; never sooner than the server asked,
/// up to [`READS_AGAIN`].
fn backoff(error: &ApiError, attempt: u32, interval: Duration) -> Duration {
    let base = interval.max(Duration::from_secs(1));
    // Nothing was asked of the API, and a login is made good by a person who waits for it.
    let most = if error.kind == ErrorKind::Credentials { LOGS_IN } else { MAX_BACKOFF };
    let doubled = base.saturating_mul(1 << attempt.saturating_sub(1).min(6)).min(most.max(base));
    let rest = doubled.mul_f64(0.8 + 0.4 * fastrand::f64());
    if let ErrorKind::RateLimited { retry } = error.kind { rest.max(retry.min(READS_AGAIN)) } else { rest }
}

struct Reader {
    client: Arc<Client>,
    revisions: Option<Listed>,
}

struct Listed {
    etag: String,
    at: Mono,
    revisions: Vec<Revision>,
}

impl Reader {
    async fn read(&mut self) -> Result<Traffic, ApiError> {
        let mut traffic = self.client.service().await?;
        let known = self.revisions.as_ref().is_some_and(|listed| {
            listed.etag == traffic.etag
                && clock::mono().since(listed.at) < LIST_EVERY
                && listed.revisions.iter().all(|revision| revision.ready.is_some())
        });
        if !known {
            let revisions = self.client.revisions().await?;
            self.revisions = Some(Listed { etag: traffic.etag.clone(), at: clock::mono(), revisions });
        }
        if let Some(listed) = &self.revisions {
            traffic.revisions.clone_from(&listed.revisions);
        }
        Ok(traffic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_to_a_minute_and_obeys_the_server() {
        let error = |kind| ApiError { kind, what: "read", why: Clean::default() };
        let rest =
            |attempt| backoff(&error(ErrorKind::Unavailable), attempt, Duration::from_secs(5)).as_secs_f64();
        for (attempt, expected) in [(1, 5.0), (2, 10.0), (3, 20.0), (4, 40.0), (5, 60.0), (u32::MAX, 60.0)] {
            let rest = rest(attempt);
            assert!((expected * 0.8..=expected * 1.2).contains(&rest), "{attempt}: {rest}");
        }
        let limited = error(ErrorKind::RateLimited { retry: Duration::from_secs(50) });
        assert_eq!(backoff(&limited, 1, Duration::from_secs(5)), Duration::from_secs(50));
        let hour = error(ErrorKind::RateLimited { retry: Duration::from_hours(1) });
        assert_eq!(backoff(&hour, 1, Duration::from_secs(5)), READS_AGAIN, "no room is blind for so long");
    }
}
