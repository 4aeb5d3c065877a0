//! Flags of live providers: each read again and again at its own interval.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

use crate::clients::flags::Client;
use crate::clock;
use crate::domain::flag::FlagSeen;
use crate::domain::{LinkReport, SourceId};
use crate::lanes::Lanes;
use crate::model::msg::Msg;

/// The longest rest after failures.
const MAX_BACKOFF: Duration = Duration::from_mins(1);

/// Reads one flag for ever; `now` cuts a rest short.
pub async fn run(flag: u16, interval: Duration, client: Arc<Client>, now: Arc<Notify>, lanes: Lanes) {
    let linked = |report| Msg::Linked { source: SourceId::Flag { flag }, report, at: clock::mono() };
    let mut attempt = 0_u32;
    let mut told = lanes.data.send(linked(LinkReport::Connecting)).await.is_ok();
    while told {
        let began = clock::mono();
        let rest = match client.read().await {
            Ok(read) => {
                attempt = 0;
                let took = clock::mono().since(began);
                // An answer that comes late must not pass for news.
                let seen = FlagSeen { flag, at: began, read };
                told = lanes.data.send(Msg::FlagSeen(Box::new(seen))).await.is_ok();
                told &= lanes.data.send(linked(LinkReport::Alive)).await.is_ok();
                interval.saturating_sub(took).max(Duration::from_millis(100))
            }
            Err(error) => {
                attempt += 1;
                let rest = backoff(attempt, interval);
                let retry_at = clock::mono().after(rest);
                told = lanes.data.send(linked(LinkReport::Down { error, attempt, retry_at })).await.is_ok();
                rest
            }
        };
        let _woken_or_rested = timeout(rest, now.notified()).await;
    }
}

/// Doubling from the interval, within a minute, with jitter so that many consoles do not come back together.
fn backoff(attempt: u32, interval: Duration) -> Duration {
    let base = interval.max(Duration::from_secs(1));
    let doubled = base.saturating_mul(1 << attempt.saturating_sub(1).min(6)).min(MAX_BACKOFF);
    doubled.mul_f64(0.8 + 0.4 * fastrand::f64())
}
