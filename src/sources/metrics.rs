//! The metrics endpoint of a service: scraped at its interval, kept for as long as the queries look back, evaluated
//! after each scrape.

mod cohorts;
mod evaluated;
mod minutes;
mod number;
mod refused;
mod requests;
mod shelf;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use url::Url;

use crate::clients::http::{self, Answer, BodyEnd, Headers};
use crate::clients::tls;
use crate::clock;
use crate::domain::metric::Scraped;
use crate::domain::room::{CohortSpec, MetricsSpec};
use crate::domain::{Clean, LinkReport, Room, ServiceIx, SignalKey, SourceId};
use crate::lanes::Lanes;
use crate::model::msg::Msg;
use crate::promql::Long;

use evaluated::Panel;
use minutes::Minutes;
use shelf::Open;

pub use shelf::Shelf;

/// The largest exposition read, in bytes (after decompression).
const MAX_BODY: usize = 16 * 1024 * 1024;

/// Scrapes a service for ever, and evaluates what the newest of `rooms` asks for; returns only when nobody listens any
/// more, or at once where there is no URL to scrape.
/// What is looked back on for days is read from `shelf` at the start, and kept there.
pub async fn run(ix: ServiceIx, mut rooms: watch::Receiver<Arc<Room>>, lanes: Lanes, shelf: Option<Shelf>) {
    let Some(((spec, cohorts), lives)) = asked(&rooms.borrow_and_update(), ix) else { return };
    let owner = rooms.borrow().service(ix).map(|service| service.name.clone()).unwrap_or_default();
    let Some(url) = spec.url.clone() else { return };
    let source = SourceId::Metrics { service: ix };
    let mut panel = Panel::new(ix, (&spec, &cohorts), lives);
    let mut kept = Kept::new(ix, owner, shelf);
    let mut headers = Headers::new(spec.headers.clone(), spec.token.clone());
    let mut client = None;
    let mut ticks = interval(spec.interval.max(Duration::from_millis(10)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut attempt = 0_u32;
    loop {
        ticks.tick().await;
        if rooms.has_changed().unwrap_or(false)
            && let Some(((spec, cohorts), lives)) = asked(&rooms.borrow_and_update(), ix)
        {
            panel.follow((&spec, &cohorts), lives);
        }
        kept.restore(&mut panel, &lanes).await;
        let began = clock::mono();
        let scraped = scrape((&url, &spec), &mut client, &mut headers).await;
        let at = clock::mono();
        // Where there is an engine it knows more names.
        let seeks = rooms.borrow().prometheus.is_none();
        let taken = scraped.and_then(|body| {
            let taken = panel.take(&body, at)?;
            Ok((taken, if seeks { panel.resembling(&body) } else { Vec::new() }))
        });
        if let Ok(((scraped, _), _)) = &taken {
            kept.keep(&mut panel, scraped).await;
        }
        let report = match &taken {
            Ok(_) => {
                attempt = 0;
                LinkReport::Alive
            }
            Err(error) => {
                attempt = attempt.saturating_add(1);
                let retry_at = began.after(spec.interval).max(at);
                LinkReport::Down { error: error.clone(), attempt, retry_at }
            }
        };
        let mut out = vec![Msg::Linked { source: source.clone(), report, at }];
        if let Ok(((scraped, lost), resembling)) = taken {
            if lost > 0 {
                let report = LinkReport::Dropped { count: lost };
                out.push(Msg::Linked { source: source.clone(), report, at });
            }
            out.push(Msg::Scraped(Box::new(scraped)));
            out.extend(resembling.into_iter().map(|found| Msg::Resembled(Box::new(found))));
        }
        for msg in out {
            if lanes.data.send(msg).await.is_err() {
                return;
            }
        }
    }
}

/// What is asked of a service: its metrics and cohorts, and whether something judges how long connections live.
fn asked(room: &Room, ix: ServiceIx) -> Option<((MetricsSpec, Vec<CohortSpec>), bool)> {
    let service = room.service(ix)?;
    Some(((service.metrics.clone()?, service.cohorts.clone()), judges_lives(room, ix)))
}

/// What is kept over a restart.
struct Kept {
    owner: String,
    shelf: Option<Open>,
    /// What was looked back on when samples of an earlier time were taken in.
    restored: Long,
    minutes: Minutes,
}

impl Kept {
    fn new(service: ServiceIx, owner: String, shelf: Option<Shelf>) -> Self {
        let minutes = Minutes::new(service, &owner);
        Self { owner, shelf: shelf.map(Open::new), restored: Long::default(), minutes }
    }

    /// Takes in samples of an earlier time of what is looked back on for long, or for longer, only now: documents ask for
    /// some, and they are read later.
    async fn restore(&mut self, panel: &mut Panel, lanes: &Lanes) {
        let long = panel.long().clone();
        let longer = long.span > self.restored.span;
        let names = long.names.iter().filter(|name| longer || !self.restored.names.contains(name));
        let names: BTreeSet<&str> = names.map(String::as_str).collect();
        let span = Duration::from_millis(u64::try_from(long.span).unwrap_or_default());
        if let (Some(shelf), false) = (&self.shelf, names.is_empty()) {
            let now = clock::now();
            let stored = shelf.read(&self.owner, now.wall - span).await;
            let mono = i64::try_from(now.mono.0 / 1000).unwrap_or(i64::MAX);
            let named = |series: &str| names.contains(series.split('{').next().unwrap_or_default());
            let asked = stored.iter().filter(|sample| named(&sample.series));
            panel.restore(asked, now.wall.timestamp_millis() - mono);
        }
        self.restored = long;
        if let Some(shelf) = &self.shelf {
            self.minutes.restore(shelf, panel.names(), lanes).await;
        }
    }

    /// Gives away what is due.
    async fn keep(&mut self, panel: &mut Panel, scraped: &Scraped) {
        let Some(shelf) = &mut self.shelf else { return };
        if let Some((span, samples)) = panel.due_samples(scraped.at) {
            shelf.keep(&self.owner, span, &samples).await;
        }
        self.minutes.keep(shelf, scraped).await;
    }
}

/// Whether a condition judges how long the connections of a service live.
fn judges_lives(room: &Room, ix: ServiceIx) -> bool {
    let lives = |signal: &SignalKey| signal.service == ix && signal.name.starts_with("connections.p");
    room.conditions.iter().any(|condition| lives(&condition.signal))
}

async fn scrape(
    (url, spec): (&str, &MetricsSpec),
    client: &mut Option<Client>,
    headers: &mut Headers,
) -> Result<Vec<u8>, Clean> {
    let url = Url::parse(url).map_err(|_bad| Clean::new("the URL cannot be read"))?;
    let made = headers.get().await?;
    let client = match client {
        Some(client) => client.clone(),
        None => {
            client.insert(tls::http(spec.timeout).map_err(|error| Clean::new(&error.to_string()))?).clone()
        }
    };
    let answer = http::ask(client.get(url).headers(made.clone()), MAX_BODY, spec.timeout)
        .await
        .map_err(|none| none.error)?;
    if matches!(answer.status, 401 | 403) {
        headers.refused(&made).await;
    }
    body(answer)
}

fn body(answer: Answer) -> Result<Vec<u8>, Clean> {
    if let Some(to) = &answer.location {
        return Err(Clean::new(&format!("HTTP {}: redirects to {to}; not followed", answer.status)));
    }
    if answer.status != 200 {
        return Err(Clean::new(&format!("HTTP {}", answer.status)));
    }
    match answer.end {
        BodyEnd::Whole => {}
        BodyEnd::TooLong => return Err(Clean::new("more than 16 MB")),
        BodyEnd::Broken(why) => return Err(Clean::new(&format!("broke off: {why}"))),
    }
    if answer.json || answer.body.trim_ascii_start().starts_with(b"<") {
        return Err(Clean::new("no exposition: JSON or HTML where metrics were expected"));
    }
    match refused::cut(&answer.body).filter(|_| answer.open_metrics) {
        Some(cut) => Err(cut),
        None => Ok(answer.body),
    }
}
