//! The model: all state, pure. `update` takes a message and answers with effects; nothing here performs I/O or
//! reads a clock.

use std::sync::Arc;

use crate::domain::{Clean, Draft, Entry, Mono, Now, OpId, Room, ServiceIx};

pub mod checklist;
pub mod closes;
pub mod conditions;
pub mod confirm;
pub mod effect;
pub mod events;
pub mod field;
pub mod flags;
pub mod focus;
pub mod fuzzy;
pub mod health;
pub mod journal;
pub mod links;
pub mod metrics;
pub mod modal;
pub mod msg;
pub mod ops;
pub mod palette;
pub mod prompt;
pub mod rollback;
pub mod signals;
pub mod startup;
pub mod traffic;
pub mod ui;
pub mod verdict;

mod journaling;
mod refresh;
pub mod service;

use conditions::Conditions;
use effect::Effect;
use links::Links;
use msg::{Msg, Token};
use ops::Operations;
use service::ServiceState;
use signals::Signals;
use verdict::Verdicts;

/// All state of one console.
#[derive(Debug, Clone)]
pub struct Model {
    /// What is watched.
    pub room: Arc<Room>,
    /// The newest time a message brought.
    pub now: Now,
    /// Columns and rows of the screen.
    pub size: (u16, u16),
    /// Links of all sources.
    pub links: Links,
    /// The services, as in `Room::services`.
    pub services: Vec<ServiceState>,
    /// Readings of all panels.
    pub signals: Signals,
    /// Conditions and triggers.
    pub conditions: Conditions,
    /// The verdict.
    pub verdicts: Verdicts,
    /// Operations, own ones and others'.
    pub ops: Operations,
    console: String,
    keeper: bool,
    tokens: u64,
}

impl Model {
    /// A room of which nothing is known yet. `console` is unique to this process: it makes operation ids unique.
    pub fn new(room: Arc<Room>, console: String, now: Now, size: (u16, u16)) -> Self {
        Self {
            links: Links::new(&room),
            services: room.service_ixs().filter_map(|ix| ServiceState::new(ix, &room)).collect(),
            signals: Signals::default(),
            conditions: Conditions::new(&room),
            verdicts: Verdicts::default(),
            ops: Operations::default(),
            room,
            now,
            size,
            console,
            keeper: false,
            tokens: 0,
        }
    }

    /// Takes in what happened, and answers with what to do.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        let mut effects = Vec::new();
        match msg {
            Msg::Ticked(now) => self.ticked(now, &mut effects),
            Msg::Resized { columns, rows } => self.size = (columns.max(1), rows.max(1)),
            Msg::Linked { source, report, at } => self.linked(&source, &report, at, &mut effects),
            Msg::Probed(probed) => {
                if let Some(service) = self.service_mut(probed.service) {
                    service.health.probed(&probed);
                    if let Some(startup) = &mut service.startup {
                        startup.probed(&probed);
                    }
                }
            }
            Msg::Scraped(scraped) => {
                if let Some(service) = self.service_mut(scraped.service) {
                    service.closes.scraped(&scraped);
                    if let Some(metrics) = &mut service.metrics {
                        metrics.scraped(&scraped);
                    }
                }
            }
            Msg::Streamed(delta) => {
                if let Some(service) = self.service_mut(delta.service) {
                    service.closes.streamed(&delta);
                    if let Some(events) = &mut service.events {
                        events.streamed(&delta);
                    }
                }
            }
            Msg::TrafficRead { service, at, traffic } => {
                if let Some(state) = self.service_mut(service).and_then(|service| service.traffic.as_mut()) {
                    state.read(*traffic, at);
                }
            }
            Msg::Kept { mine, .. } => self.keeper = mine,
            _ => {}
        }
        effects
    }

    /// When the model wants to be told the time, if sooner than the next second.
    pub fn next_wake(&self) -> Option<Mono> {
        None
    }

    /// Whether a wake-up at `now` should bring a tick.
    pub fn wants_tick(&self, now: Now) -> bool {
        now.wall.timestamp() != self.now.wall.timestamp() || self.next_wake().is_some_and(|at| at <= now.mono)
    }

    /// One service's state.
    pub fn service(&self, ix: ServiceIx) -> Option<&ServiceState> {
        self.services.get(usize::from(ix.0))
    }

    fn service_mut(&mut self, ix: ServiceIx) -> Option<&mut ServiceState> {
        self.services.get_mut(usize::from(ix.0))
    }

    fn token(&mut self) -> Token {
        self.tokens += 1;
        Token(self.tokens)
    }

    fn op_id(&mut self) -> OpId {
        let Token(n) = self.token();
        OpId(format!("{}-{n}", self.console))
    }

    /// A record by the operator.
    fn mine(&self, entry: Entry) -> Draft {
        Draft { by: Clean::new(&self.room.operator.name), role: Clean::new(&self.room.operator.role), entry }
    }

    /// A record by the room itself.
    fn machine(entry: Entry) -> Draft {
        Draft { by: Clean::new("room"), role: Clean::default(), entry }
    }
}
