//! One service of the room: the sub-states of its panels.

use crate::domain::room::Service;
use crate::domain::{Now, ServiceIx};

use super::health::Health;
use super::metrics::Metrics;
use super::signals::Signals;
use super::startup::Startup;

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
}

impl ServiceState {
    /// Nothing seen yet.
    pub fn new(ix: ServiceIx, service: &Service) -> Self {
        Self {
            ix,
            startup: Startup::new(service),
            health: Health::new(service),
            metrics: Metrics::new(service),
        }
    }

    /// Writes the readings of all its panels.
    pub fn write_signals(&self, signals: &mut Signals, now: Now) {
        if let Some(startup) = &self.startup {
            signals.extend(self.ix, startup.signals(now.mono));
        }
        signals.extend(self.ix, self.health.signals(now.mono));
        if let Some(metrics) = &self.metrics {
            signals.extend(self.ix, metrics.signals(now.mono));
        }
    }
}
