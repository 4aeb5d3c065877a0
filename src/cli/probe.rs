//! `warroom probe run`: the active run, once, for scripts.

use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{Failure, Global, session};
use crate::clients::cloud_run::Client;
use crate::domain::active::ActiveRan;
use crate::domain::room::{Addressed, EventsSpec, Mode, Service};
use crate::domain::{Room, ServiceIx};
use crate::lanes::lanes;
use crate::report::snapshot;
use crate::sources::addressing::BoardReader;
use crate::sources::{events::active, traffic};

/// How long the platform may take to say where a tag leads.
const ADDRESS: Duration = Duration::from_secs(15);

/// What to do.
#[derive(Debug, Clone, clap::Subcommand)]
pub(super) enum Act {
    /// Run it now; the exit status is 0 if it was whole and nobody else's events came
    Run {
        /// Of this service [default: of all that have one]
        #[arg(long)]
        service: Option<String>,
        /// One JSON object a service
        #[arg(long)]
        json: bool,
    },
}

/// Runs them one after the other.
pub(super) async fn run(global: &Global, act: &Act) -> Result<u8, Failure> {
    let Act::Run { service, json } = act;
    let loaded = session::load(global)?;
    if loaded.room.operator.mode == Mode::ReadOnly {
        let next = "run it from a room that operates";
        return Err(Failure::failed("nothing was sent", "the room is read-only", next));
    }
    let wanted =
        |one: &&(ServiceIx, &Service, &EventsSpec)| service.as_ref().is_none_or(|name| one.1.name == *name);
    let all = probes(&loaded.room);
    let chosen: Vec<_> = all.iter().filter(wanted).collect();
    if chosen.is_empty() {
        let why = match service {
            Some(name) => format!("service {name} has no [service.events.probe]"),
            None => "the config has no [service.events.probe]".to_owned(),
        };
        return Err(Failure::usage(
            "there is no active run",
            &why,
            "docs/configuration.md tells how to write it",
        ));
    }
    let mut good = true;
    for (ix, service, events) in chosen {
        let Some(spec) = &events.active else { continue };
        let mut tasks = JoinSet::new();
        let board = board(*ix, service, events, &mut tasks).await;
        let ran = active::once(*ix, events, spec, &board).await;
        good &= ran.is_good() && ran.foreign == 0;
        say(&service.name, &ran, *json).map_err(|error| {
            Failure::failed("the outcome cannot be written", &error.to_string(), "check standard output")
        })?;
    }
    Ok(u8::from(!good))
}

fn probes(room: &Room) -> Vec<(ServiceIx, &Service, &EventsSpec)> {
    let services = room.service_ixs().zip(&room.services);
    let with = services.filter_map(|(ix, service)| Some((ix, service, service.events.as_ref()?)));
    with.filter(|(_, _, events)| events.active.is_some()).collect()
}

/// Which revisions addresses reach: asked of the platform where a tag is configured.
async fn board(
    ix: ServiceIx,
    service: &Service,
    events: &EventsSpec,
    tasks: &mut JoinSet<()>,
) -> BoardReader {
    let (writer, mut board) = traffic::board();
    if let (Addressed::Tag(_), Some(cloud)) = (&events.addressed, &service.cloud_run) {
        let (client, now) = (Arc::new(Client::new(cloud)), Arc::new(Notify::new()));
        let (lanes, receivers) = lanes();
        tasks.spawn(traffic::run(ix, cloud.interval, client, writer, now, lanes));
        // Without an answer the run says that it does not know where to go.
        let _late = timeout(ADDRESS, board.wait_for(|board| board.known)).await;
        drop(receivers);
    }
    board
}

fn say(service: &str, ran: &ActiveRan, json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        let mut told = snapshot::service::run(ran);
        told["service"] = json!(service);
        return writeln!(out, "{told}");
    }
    let mark = if ran.is_good() && ran.foreign == 0 { "✓" } else { "✗" };
    let events = if ran.events == 1 { "1 event".to_owned() } else { format!("{} events", ran.events) };
    writeln!(out, "{mark} {service}: {}, {events}", ran.words())?;
    if let (Some(whose), n @ 1..) = (&ran.foreigner, ran.foreign) {
        writeln!(out, "  ↺ {n} not its own on its connection, the first of {whose}: isolation is violated")?;
    }
    Ok(())
}
