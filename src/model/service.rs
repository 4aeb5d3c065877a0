//! One service of the room: the sub-states of its panels.

use std::time::Duration;

use crate::domain::close_code::RATE_WINDOW;
use crate::domain::event::EventsDelta;
use crate::domain::health::Probed;
use crate::domain::metric::Scraped;
use crate::domain::room::{Addressed, ProbeSpec};
use crate::domain::signal::{CANARY, CANARY_VS_STABLE, STABLE};
use crate::domain::{Mono, Now, Origin, Reading, Room, ServiceIx, SourceId};

use super::active::ActiveRuns;
use super::closes::{Closes, Live};
use super::envelopes::Envelopes;
use super::events::Events;
use super::health::Health;
use super::links::Links;
use super::metrics::Metrics;
use super::signals::Signals;
use super::startup::Startup;
use super::traffic::TrafficState;

/// How far back a query is taken to look.
const METRICS_LOOK_BACK: Duration = Duration::from_mins(5);

/// Signals by name.
type Readings = Vec<(String, Option<Reading>)>;

/// The state of one service. A panel that is not configured is `None`.
#[derive(Debug, Clone)]
pub struct ServiceState {
    /// Which service of the room.
    pub ix: ServiceIx,
    /// Startup phases.
    pub startup: Option<Startup>,
    /// Health probes.
    pub health: Health,
    /// Metrics.
    pub metrics: Option<Metrics>,
    /// The event stream.
    pub events: Option<Events>,
    /// Runs that this console begins itself.
    pub active: Option<ActiveRuns>,
    /// Frames held against the team's schemas.
    pub envelopes: Option<Envelopes>,
    /// Close codes.
    pub closes: Closes,
    /// Cloud Run traffic.
    pub traffic: Option<TrafficState>,
}

impl ServiceState {
    /// Where a probe goes whose configured URL is `url`: to that of its tag, where it has one. `None`: no revision carries the
    /// tag, as far as is known.
    pub fn asked_at(&self, probe: &ProbeSpec, url: &str) -> Option<String> {
        let Addressed::Tag(tag) = &probe.addressed else { return Some(url.to_owned()) };
        self.traffic.as_ref()?.traffic.as_ref()?.at_tag(tag, url)
    }

    /// Nothing seen yet.
    pub fn new(ix: ServiceIx, room: &Room) -> Option<Self> {
        let service = room.service(ix)?;
        Some(Self {
            ix,
            startup: Startup::new(service),
            health: Health::new(service),
            metrics: Metrics::new(service, room.prometheus.as_ref()),
            events: service.events.is_some().then(|| Events::new(room, ix)),
            active: service.events.as_ref().and_then(|events| events.active.as_ref()).map(ActiveRuns::new),
            envelopes: service
                .events
                .as_ref()
                .and_then(|events| events.schemas.as_ref())
                .map(|_| Envelopes::default()),
            closes: Closes::new(room, ix),
            traffic: service.cloud_run.is_some().then(TrafficState::default),
        })
    }

    /// A probe finished.
    pub fn probed(&mut self, probed: &Probed) {
        self.health.probed(probed);
        if let Some(startup) = &mut self.startup {
            startup.probed(probed);
        }
    }

    /// Metrics were scraped.
    pub fn scraped(&mut self, scraped: &Scraped) {
        self.closes.scraped(scraped);
        if let Some(metrics) = &mut self.metrics {
            metrics.scraped(scraped);
        }
    }

    /// Events arrived.
    pub fn streamed(&mut self, delta: &EventsDelta) {
        self.closes.streamed(delta);
        if let Some(events) = &mut self.events {
            events.streamed(delta);
        }
    }

    /// Lets the windows of its panels move on.
    pub fn ticked(&mut self, now: Now, room: &Room, links: &Links) {
        let service = self.ix;
        let heard = |source| links.heard_for(&source, now.mono, RATE_WINDOW);
        let (stream, server) = (heard(SourceId::Events { service }), heard(SourceId::Metrics { service }));
        // At once: what is believed for a moment longer is counted no more.
        let hears = |source| links.get(&source).is_some_and(|link| link.freshness(now.mono).is_live());
        let (events, metrics) = (hears(SourceId::Events { service }), hears(SourceId::Metrics { service }));
        self.closes.lost(Live { events, metrics }, now.mono);
        self.closes.heard(stream, server);
        if let Some(events) = &mut self.events {
            events.heard(stream);
        }
        self.closes.ticked(now);
        if let Some(metrics) = &mut self.metrics {
            metrics.ticked(now, room.documented.readings_for);
        }
    }

    /// Writes the readings of all its panels.
    pub fn write_signals(&self, links: &Links, signals: &mut Signals, now: Now) {
        let service = self.ix;
        let live = Live {
            events: links.is_live(&SourceId::Events { service }, now.mono),
            metrics: links.is_live(&SourceId::Metrics { service }, now.mono),
        };
        if let Some(startup) = &self.startup {
            signals.extend(service, startup.signals(now.mono));
        }
        self.write_measured(signals, now);
        if let Some(events) = &self.events {
            let mut readings = events.signals(now, live.events);
            if let Some(active) = &self.active {
                readings.extend(active.signals(now.mono));
                also_asked(&mut readings, (active, events.last_event()), now.mono);
            }
            if let Some(envelopes) = &self.envelopes {
                readings.extend(envelopes.signals(now.mono, live.events));
            }
            signals.extend(service, readings);
        }
        signals.extend(service, self.of_whom(self.closes.signals(now, live), RATE_WINDOW, now));
        if let Some(traffic) = &self.traffic {
            let fresh = links.is_live(&SourceId::CloudRun { service }, now.mono);
            signals.extend(service, traffic.signals(fresh));
        }
    }

    /// Writes the readings of what is measured one by one: probes and metrics.
    pub fn write_measured(&self, signals: &mut Signals, now: Now) {
        signals.extend(self.ix, self.health.signals(now.mono));
        if let Some(metrics) = &self.metrics {
            let mut readings = self.of_whom(metrics.signals(now.mono), METRICS_LOOK_BACK, now);
            readings.extend(self.compared(&readings));
            signals.extend(self.ix, readings);
        }
    }

    /// The metrics of the canary and of the stable revision by what they are, not by name, and by how many percent the
    /// canary is above the stable one.
    fn compared(&self, readings: &Readings) -> Readings {
        let Some(traffic) = &self.traffic else { return Readings::new() };
        let (canary, stable) = (traffic.canary(), traffic.stable());
        let mut compared = Readings::new();
        for (name, reading) in readings {
            let Some((metric, revision)) = name.split_once('@') else { continue };
            if Some(revision) == stable {
                compared.push((format!("{metric}@{STABLE}"), reading.clone()));
                continue;
            }
            let Some(new) = reading.as_ref().filter(|_| Some(revision) == canary) else { continue };
            compared.push((format!("{metric}@{CANARY}"), Some(new.clone())));
            let of_stable = |(name, _): &&(String, Option<Reading>)| {
                name.split_once('@').is_some_and(|(other, of)| other == metric && Some(of) == stable)
            };
            let old = readings.iter().find(of_stable).and_then(|(_, old)| old.as_ref());
            compared.push((format!("{metric}@{CANARY_VS_STABLE}"), old.map(|old| above(new, old))));
        }
        compared
    }

    /// Readings that name no revision speak of all that served in their `window`.
    fn of_whom(&self, mut readings: Readings, window: Duration, now: Now) -> Readings {
        let Some(traffic) = &self.traffic else { return readings };
        for reading in readings.iter_mut().filter_map(|(_, reading)| reading.as_mut()) {
            if reading.origin == Origin::Unknown {
                reading.origin = traffic.origin_over(window, now.mono);
            }
        }
        readings
    }
}

/// Nothing flows either where a message was taken and nothing came of it, unless something came over the stream since; and
/// where the stream is silent, as at night when nobody else has a run open, a good run says that it could.
fn also_asked(readings: &mut Readings, (active, last): (&ActiveRuns, Option<Mono>), now: Mono) {
    let Some((_, flowing)) = readings.iter_mut().find(|(name, _)| name == "events.flowing") else { return };
    let flows = flowing.as_ref().is_some_and(|reading| reading.fresh && reading.value > 0.5);
    let silent = active.newest().filter(|ran| active.is_silent(now) && !(flows && last > Some(ran.at)));
    let good = active.good(now).filter(|_| flowing.is_none());
    if let Some((ran, value)) = silent.map(|ran| (ran, 0.0)).or(good.map(|ran| (ran, 1.0))) {
        let (at, origin) = (ran.at, ran.origin.clone());
        *flowing = Some(Reading { value, at, fresh: true, samples: None, origin, watched: None });
    }
}

/// The most percent that are told.
const MOST_PERCENT: f64 = 1e6;

/// By how many percent `new` is above `old`: as old and as well founded as the weaker of the two. Nothing is above zero
/// by a percentage: that is not-a-number, which a comparison takes as inconclusive.
pub(super) fn above(new: &Reading, old: &Reading) -> Reading {
    let difference = new.value - old.value;
    let percent = match (difference, old.value) {
        (0.0, _) => 0.0,
        (_, 0.0) => f64::NAN,
        (difference, old) => difference / old.abs() * 100.0,
    };
    let percent = percent.clamp(-MOST_PERCENT, MOST_PERCENT);
    Reading {
        value: percent,
        at: new.at.min(old.at),
        fresh: new.fresh && old.fresh,
        samples: new.samples.min(old.samples),
        origin: new.origin.clone(),
        watched: new.watched.or(old.watched),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn above_is_in_percent_of_the_stable_one() {
        let of = |value: f64, second, samples| Reading {
            value,
            at: Mono::from_secs(second),
            fresh: second > 0,
            samples,
            origin: Origin::Revision("r".into()),
            watched: None,
        };
        let percent = |new, old| above(&of(new, 1, None), &of(old, 1, None)).value;
        let told = (percent(120.0, 100.0), percent(50.0, 100.0), percent(-50.0, -100.0));
        assert_eq!(told, (20.0, -50.0, 50.0));
        assert_eq!((percent(0.0, 0.0), percent(0.1, 1e-9)), (0.0, MOST_PERCENT));
        assert!(percent(0.1, 0.0).is_nan(), "one error against none is no percentage");
        let mixed = above(&of(1.0, 5, Some(40)), &of(1.0, 0, Some(9)));
        assert_eq!((mixed.at, mixed.fresh, mixed.samples), (Mono::from_secs(0), false, Some(9)));
        assert_eq!(above(&of(1.0, 5, Some(40)), &of(1.0, 5, None)).samples, None, "one is not known");
    }
}
