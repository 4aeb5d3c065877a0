//! The links of all sources, and what they mean for the verdict.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::spans::Spans;
use crate::domain::{
    Clean, Freshness, Link, LinkReport, Mono, Now, PanelId, Reason, ReasonKind, Room, ServiceIx, SourceId,
    format,
};

/// Every source's link, known from the start: what was never heard of is shown as such.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Links {
    known: BTreeMap<SourceId, Link>,
    /// When a source was heard whose counts are drawn: only there no count means that nothing came.
    heard: BTreeMap<SourceId, Spans>,
    /// Until when this process stood still last.
    stood: Option<Mono>,
}

/// A link that went down or came back, for the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Which.
    pub source: SourceId,
    /// Whether it is up now.
    pub up: bool,
    /// Why not.
    pub error: Clean,
}

/// So many sources that are lost at once, within so long, point to what they have in common.
const LOST_AT_ONCE: usize = 3;
const AT_ONCE: Duration = Duration::from_secs(30);

/// So many attempts in a row that came to nothing, or to a connection that was closed at once.
const AGAIN: u32 = 3;

/// So long back it is known when a source was heard.
const HEARD: Duration = Duration::from_secs(640);

/// So long after this process stood still, what was asked before comes to nothing.
const AFTERMATH: Duration = Duration::from_secs(2);

impl Links {
    /// One link for each configured source.
    pub fn new(room: &Room) -> Self {
        let mut links = BTreeMap::new();
        for service in room.service_ixs() {
            let Some(spec) = room.service(service) else { continue };
            for (probe, probe_spec) in (0_u16..).zip(&spec.probes) {
                links.insert(SourceId::Health { service, probe }, Link::new(probe_spec.interval));
            }
            if let Some(events) = &spec.events {
                links.insert(SourceId::Events { service }, Link::new(events.ping));
            }
            if let Some(metrics) = spec.scraped() {
                links.insert(SourceId::Metrics { service }, Link::new(metrics.interval));
            }
            if let Some(cloud_run) = &spec.cloud_run {
                links.insert(SourceId::CloudRun { service }, Link::new(cloud_run.interval));
            }
        }
        for (flag, spec) in (0_u16..).zip(&room.flags) {
            if let Some(interval) = spec.interval() {
                links.insert(SourceId::Flag { flag }, Link::new(interval));
            }
        }
        if let Some(engine) = &room.prometheus {
            links.insert(SourceId::Prometheus, Link::new(engine.interval.max(engine.timeout)));
        }
        Self { known: links, ..Self::default() }
    }

    /// Takes in a report; answers when the link turned.
    pub fn report(&mut self, source: &SourceId, report: &LinkReport, at: Mono) -> Option<Turn> {
        let link = self.known.entry(source.clone()).or_insert_with(|| Link::new(Duration::from_hours(24)));
        let (was_down, was_heard) = (link.down.is_some(), link.last_ok.is_some());
        let before = link.unbroken(at);
        link.report(report, at);
        let counted = matches!(source, SourceId::Events { .. } | SourceId::Metrics { .. });
        if let (true, LinkReport::Alive, Some(before)) = (counted, report, before) {
            self.heard.entry(source.clone()).or_default().add(before, at, HEARD);
        }
        let down = link.down.is_some();
        if was_down == down || (!down && !was_heard) {
            return None;
        }
        let error = link.down.as_ref().map(|down| down.error.clone()).unwrap_or_default();
        Some(Turn { source: source.clone(), up: !down, error })
    }

    /// This process stood still until `at`.
    pub fn resumed(&mut self, at: Mono) {
        self.stood = Some(at);
    }

    /// Whether what failed at `at` was asked before this process stood still: nobody was there to hear the answer, and
    /// that is no fault of the other side.
    pub fn is_own_doing(&self, at: Mono) -> bool {
        self.stood.is_some_and(|until| at.since(until) < AFTERMATH)
    }

    /// One link.
    pub fn get(&self, source: &SourceId) -> Option<&Link> {
        self.known.get(source)
    }

    /// All links, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = (&SourceId, &Link)> {
        self.known.iter()
    }

    /// Links of the outside world: journal and documents are local.
    pub fn remote(&self) -> impl Iterator<Item = (&SourceId, &Link)> {
        self.known.iter().filter(|(source, _)| !matches!(source, SourceId::Journal | SourceId::Documents))
    }

    /// How many remote links are live, and how many there are.
    pub fn live(&self, now: Mono) -> (usize, usize) {
        let live = self.remote().filter(|(_, link)| link.freshness(now).is_live()).count();
        (live, self.remote().count())
    }

    /// `all 6 sources failed within 4s: check this machine's network`, where several remote ones were live and all of them
    /// were lost at about one time: what they have in common is this machine, unless somebody there refuses.
    pub fn all_lost(&self, now: Mono) -> Option<String> {
        let lost = |link: &Link| match (link.freshness(now), &link.down) {
            (Freshness::Down(_), Some(down)) if link.last_ok.is_some() => Some(down.since),
            (Freshness::Stale(_), _) => link.last_ok,
            _ => None,
        };
        let at: Option<Vec<Mono>> = self.remote().map(|(_, link)| lost(link)).collect();
        let at = at.filter(|at| at.len() >= LOST_AT_ONCE)?;
        let within = at.iter().max()?.since(*at.iter().min()?);
        let mut down = self.remote().filter_map(|(_, link)| link.down.as_ref()).peekable();
        let refused = down.peek().is_some() && down.all(|down| is_refusal(&down.error));
        let hint = if refused { "the host refuses, it is down" } else { "check this machine's network" };
        let words = format!("all {} sources failed within {}: {hint}", at.len(), format::age_seconds(within));
        (within <= AT_ONCE).then_some(words)
    }

    /// Whether what `source` said last can be believed now: news within two intervals, also while it reconnects.
    pub fn is_live(&self, source: &SourceId, now: Mono) -> bool {
        self.known.get(source).is_some_and(|link| link.freshness(now).is_live() || is_recent(link, now))
    }

    /// Whether numbers measured through `source` may still be shown, dimmed and dated where they are not live.
    pub fn shows_measured(&self, source: &SourceId, now: Mono) -> bool {
        self.known.get(source).is_some_and(|link| link.shows_measured(now))
    }

    /// How many seconds of each of `n` equal parts of the last `over`, oldest first, an event stream or a metrics endpoint
    /// was heard in; `None`: for less than half of them, so that it is not known whether nothing came. While it is live,
    /// what is newer than its last news counts as heard.
    pub fn seen(&self, source: &SourceId, now: Mono, over: Duration, n: usize) -> Vec<Option<f64>> {
        let part = (over / n.max(1) as u32).as_secs().max(1);
        let ends = |back: usize| (now.0 / 1_000_000 / part + 1).saturating_sub(back as u64) * part;
        let live = self.get(source).filter(|link| link.freshness(now).is_live());
        let unproven = live.and_then(|link| link.last_ok).map_or(u64::MAX, |at| at.0 / 1_000_000);
        let heard = self.heard.get(source).map_or_else(|| vec![0.0; n], |heard| heard.series(now, over, n));
        let seen = |(seconds, back): (&f64, usize)| {
            let whole = ends(back) > unproven || *seconds + 1.0 >= part as f64;
            let seconds = if whole { part as f64 } else { *seconds };
            (seconds * 2.0 >= part as f64).then_some(seconds)
        };
        heard.iter().zip((0..n).rev()).map(seen).collect()
    }

    /// For how much of the last `over` an event stream or a metrics endpoint was heard; `None`: it never was. While it is
    /// live, what is newer than its last news counts as heard.
    pub fn heard_for(&self, source: &SourceId, now: Mono, over: Duration) -> Option<Duration> {
        let link = self.get(source)?;
        let last = link.last_ok?;
        let from = now.before(over);
        let proven = self.heard.get(source).map_or(Duration::ZERO, |heard| heard.inside(from, now));
        let live = link.freshness(now).is_live();
        Some(proven + if live { now.since(last.max(from)) } else { Duration::ZERO })
    }

    /// One reason for each link that blinds the room. Links down because their service was never reached since the
    /// start count as well: what cannot be seen holds.
    pub fn reasons(&self, room: &Room, now: Now) -> Vec<Reason> {
        self.remote().filter_map(|(source, link)| reason(room, source, link, now)).collect()
    }
}

/// Whether an error came from the other side: the way there works.
fn is_refusal(error: &str) -> bool {
    let error = error.to_lowercase();
    ["refused", "reset", "closed"].iter().any(|word| error.contains(word))
}

fn is_recent(link: &Link, now: Mono) -> bool {
    link.last_ok.is_some_and(|ok| now.since(ok) <= link.interval * 2)
}

fn reason(room: &Room, source: &SourceId, link: &Link, now: Now) -> Option<Reason> {
    // A stream that closes and is back within two intervals blinds nobody; one that does nothing else is not heard.
    if is_recent(link, now.mono) && link.down.as_ref().is_some_and(|down| down.attempt < AGAIN) {
        return None;
    }
    let (value, context, since) = match (link.freshness(now.mono), &link.down) {
        (Freshness::Down(length), Some(down)) => {
            let wait = down.retry_at.since(now.mono);
            let (down_for, wait) = (format::age_seconds(length), format::age_seconds(wait));
            // Whether to wait is known by the next try: an error may be cut, this may not.
            let value = format!("down {down_for}, try {} in {wait}", down.attempt);
            (value, down.error.to_string(), Some(down.since))
        }
        (Freshness::Stale(age), _) => (
            format!("stale {}", format::age_seconds(age)),
            "no answer in two intervals".to_owned(),
            link.last_ok,
        ),
        // A failing probe is judged by its own condition; an unheard one is waited for.
        (Freshness::Never, _) => ("not heard yet".to_owned(), "connecting".to_owned(), None),
        _ => return None,
    };
    Some(Reason {
        kind: ReasonKind::Unseen,
        subject: match source {
            SourceId::Flag { .. } if is_missing(link) => {
                Clean::new(&format!("{} not found", brief(room, source)))
            }
            _ => subject(room, source),
        },
        value: Clean::new(&value),
        context: Clean::new(&context),
        since: since.map(|mono| Now { mono, wall: now.wall_at(mono) }),
        panel: panel(source),
        condition: None,
    })
}

/// Whether it was reached, and says that there is no such thing.
fn is_missing(link: &Link) -> bool {
    link.down.as_ref().is_some_and(|down| down.error.starts_with("HTTP 404"))
}

/// What the reason is called that speaks of a source which is not heard.
pub(super) fn subject(room: &Room, source: &SourceId) -> Clean {
    Clean::new(&format!("{} unreachable", brief(room, source)))
}

/// The same without the service where the room has only one: it would say nothing, and take the room of what does.
fn brief(room: &Room, source: &SourceId) -> String {
    let full = name(room, source);
    match room.services.as_slice() {
        [only] => full.strip_prefix(&format!("{} ", only.name)).map_or(full.clone(), str::to_owned),
        _ => full,
    }
}

/// A source in words: `chat-backend probe api`.
pub fn name(room: &Room, source: &SourceId) -> String {
    let service = |ix: ServiceIx| room.service(ix).map_or("?", |service| service.name.as_str());
    match source {
        SourceId::Health { service: ix, probe } => {
            let probe = room.service(*ix).and_then(|s| s.probes.get(usize::from(*probe)));
            format!("{} probe {}", service(*ix), probe.map_or("?", |probe| probe.name.as_str()))
        }
        SourceId::Events { service: ix } => format!("{} event stream", service(*ix)),
        SourceId::Metrics { service: ix } => format!("{} metrics", service(*ix)),
        SourceId::CloudRun { service: ix } => format!("{} Cloud Run API", service(*ix)),
        SourceId::Prometheus => "Prometheus".to_owned(),
        SourceId::Flag { flag } => {
            let flag = room.flags.get(usize::from(*flag));
            flag.map_or_else(
                || "flag ?".to_owned(),
                |flag| format!("flag {} ({})", flag.name, flag.provider().word()),
            )
        }
        SourceId::Journal => "journal".to_owned(),
        SourceId::Documents => "checklist files".to_owned(),
    }
}

/// The panel that shows a source.
pub fn panel(source: &SourceId) -> PanelId {
    match source {
        SourceId::Health { .. } => PanelId::Health,
        SourceId::Events { .. } => PanelId::Events,
        SourceId::Metrics { .. } | SourceId::Prometheus => PanelId::Metrics,
        SourceId::CloudRun { .. } => PanelId::Traffic,
        SourceId::Flag { .. } => PanelId::Flags,
        SourceId::Journal => PanelId::Journal,
        SourceId::Documents => PanelId::Checklist,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_is_only_ever_closed_is_not_heard() {
        let source = SourceId::Events { service: ServiceIx(0) };
        let mut links = Links::default();
        links.known.insert(source.clone(), Link::new(Duration::from_secs(10)));
        let reasons = |attempt: u32| {
            let mut links = links.clone();
            links.report(&source, &LinkReport::Alive, Mono::from_secs(1));
            let error = Clean::new("closed with 4401 bad token");
            let down = LinkReport::Down { error, attempt, retry_at: Mono::from_secs(3) };
            links.report(&source, &down, Mono::from_secs(2));
            let now = Now { mono: Mono::from_secs(2), ..Now::default() };
            links.reasons(&Room::default(), now).iter().map(|it| it.context.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(reasons(1), Vec::<String>::new(), "back soon");
        assert_eq!(reasons(AGAIN), ["closed with 4401 bad token"]);
    }

    #[test]
    fn a_flag_that_its_provider_does_not_have_is_not_found_and_not_unreachable() {
        let source = SourceId::Flag { flag: 0 };
        let told = |error: &str| {
            let mut links = Links::default();
            links.known.insert(source.clone(), Link::new(Duration::from_secs(10)));
            let retry_at = Mono::from_secs(3);
            let down = LinkReport::Down { error: Clean::new(error), attempt: AGAIN, retry_at };
            links.report(&source, &down, Mono::from_secs(2));
            let now = Now { mono: Mono::from_secs(2), ..Now::default() };
            links.reasons(&Room::default(), now)[0].subject.to_string()
        };
        assert_eq!(told("HTTP 404: no such flag, project or environment there"), "flag ? not found");
        assert_eq!(told("connection refused"), "flag ? unreachable");
    }
}
