//! Alerts that run elsewhere: asked of Prometheus and of Alertmanager, each at its own interval.

use std::time::Duration;

use tokio::time::sleep;

use crate::clients::prometheus::{Engine, Fault};
use crate::clock;
use crate::domain::firing::{AlertsRead, Teller};
use crate::domain::room::PrometheusSpec;
use crate::lanes::Lanes;
use crate::model::msg::Msg;

/// Asks for ever; returns only when nobody listens any more.
pub async fn run(teller: Teller, spec: PrometheusSpec, lanes: Lanes) {
    let engine = Engine::new(&spec);
    loop {
        let began = clock::mono();
        let answer = match teller {
            Teller::Prometheus => engine.rules().await,
            Teller::Alertmanager => engine.held_alerts().await,
        };
        let at = clock::mono();
        let answer = answer.map_err(|fault| match fault {
            Fault::Engine(why) | Fault::Query(why) => why,
        });
        if lanes.data.send(Msg::AlertsRead(Box::new(AlertsRead { teller, at, answer }))).await.is_err() {
            return;
        }
        sleep(spec.interval.saturating_sub(at.since(began)).max(Duration::from_millis(100))).await;
    }
}
