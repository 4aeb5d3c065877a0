//! One service of the room: the sub-states of its panels.

use std::time::Duration;

use crate::domain::close_code::RATE_WINDOW;
use crate::domain::event::EventsDelta;
use crate::domain::health::Probed;
use crate::domain::metric::Scraped;
use crate::domain::{Now, Origin, Reading, Room, ServiceIx, SourceId};

use super::closes::{Closes, Live};
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
    /// Close codes.
    pub closes: Closes,
    /// Cloud Run traffic.
    pub traffic: Option<TrafficState>,
}

impl ServiceState {
    /// Nothing seen yet.
    pub fn new(ix: ServiceIx, room: &Room) -> Option<Self> {
        let service = room.service(ix)?;
        Some(Self {
            ix,
            startup: Startup::new(service),
            health: Health::new(service),
            metrics: Metrics::new(service, room.prometheus.as_ref()),
            events: service.events.is_some().then(|| Events::new(room, ix)),
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
    pub fn ticked(&mut self, now: Now, room: &Room) {
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
        signals.extend(service, self.health.signals(now.mono));
        if let Some(metrics) = &self.metrics {
            signals.extend(service, self.of_whom(metrics.signals(now.mono), METRICS_LOOK_BACK, now));
        }
        if let Some(events) = &self.events {
            signals.extend(service, events.signals(now, live.events));
        }
        signals.extend(service, self.of_whom(self.closes.signals(now, live), RATE_WINDOW, now));
        if let Some(traffic) = &self.traffic {
            let fresh = links.is_live(&SourceId::CloudRun { service }, now.mono);
            signals.extend(service, traffic.signals(fresh));
        }
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
