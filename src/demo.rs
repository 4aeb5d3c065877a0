//! A simulated rollout on loopback: the outside world, speaking the real protocols.
//!
//! A pure, seeded [`world`] is stepped by time; one task (the [`hub`]) owns it, and the servers ask that task. Each
//! server has its own port behind a [`door`]: the service with its health, metrics and event stream, one for each
//! traffic tag, the Cloud Run Admin API, and a small cache that answers `PING`. The console reaches all of it through
//! exactly the code that a real target goes through; [`config`] writes the file that points it here.
//!
//! Nothing is mocked away: tokens are checked, sockets close with real codes, changes take time, and other people's
//! clients hold it to the protocols in `tests/it/demo_protocol.rs`.

mod cache;
mod checklist;
pub mod cloud;
mod config;
pub mod counters;
mod door;
mod exposition;
mod health;
mod hostile;
mod hub;
pub mod instance;
pub mod logs;
pub mod runs;
mod socket;
pub mod startup;
pub mod story;
pub mod world;
mod ws;

use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::clock;
use door::{Door, Entrance};
use hub::Hub;
use world::{Places, World};

/// The demo's project.
pub const PROJECT: &str = "demo-chat";
/// The demo's region.
pub const REGION: &str = "europe-west1";
/// The service that is rolled out.
pub const SERVICE: &str = "chat-backend";
/// The stable revision.
pub const STABLE: &str = "chat-backend-00417-hux";
/// The canary.
pub const CANARY: &str = "chat-backend-00418-ral";

/// How many different traffic tags can have a URL at a time.
const TAG_DOORS: usize = 6;

/// What happens in the simulated target.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Default,
    strum::EnumString,
    strum::Display,
    strum::EnumIter,
    strum::IntoStaticStr,
)]
#[strum(serialize_all = "kebab-case")]
pub enum Scenario {
    /// The canary starts, gets 10 %, and goes bad in every way until the traffic leaves it.
    #[default]
    BadCanary,
    /// The canary starts, gets 10 %, and all is well.
    Healthy,
    /// The canary's phases take far longer than their budget.
    SlowStart,
    /// The canary's start hangs in SERVICES.
    PhaseHang,
    /// The canary's phases complete in the wrong order.
    PhaseOutOfOrder,
    /// The canary's start fails in DATABASE.
    StartupFailed,
    /// The canary closes sockets with 4401 and handshakes are refused with 403.
    AuthStorm,
    /// The canary dies again and again: 1006, and a new start.
    CrashLoop,
    /// 50,000 events a second and closes with 1013.
    Overload,
    /// Runs are open, the socket too, and nothing arrives any more.
    Frozen,
    /// The canary's health goes 200, 503, 200 …
    FlappingHealth,
    /// The canary's `tool_completed` events are lost.
    MissingEvents,
    /// Health answers take 60–400 ms, and some never come.
    SlowHealth,
    /// Hostile bytes wherever bytes can be.
    Garbage,
    /// After 20 s every listener closes, and opens again at 60 s.
    TargetDown,
}

/// How to start the target.
#[derive(Debug, Clone)]
pub struct Options {
    /// What happens.
    pub scenario: Scenario,
    /// The same seed gives the same numbers.
    pub seed: u64,
    /// 1.0 plays the story in about three minutes, 10.0 ten times as fast.
    pub speed: f64,
    /// Bearer token of the event stream and the Cloud Run API; `None` makes one up from the seed.
    pub token: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { scenario: Scenario::default(), seed: 1, speed: 1.0, token: None }
    }
}

/// Where the target listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Urls {
    /// The service itself.
    pub service: String,
    /// Its health, through the traffic split.
    pub health: String,
    /// Its metrics, of all revisions.
    pub metrics: String,
    /// Its event stream.
    pub events: String,
    /// The Cloud Run Admin API.
    pub cloud_run: String,
    /// Traffic tag → URL of the revision behind it.
    pub tags: BTreeMap<String, String>,
    /// `host:port` of a cache that answers `PING`.
    pub cache: String,
}

/// A running target. Dropping it ends everything at once.
#[derive(Debug)]
pub struct Target {
    urls: Urls,
    token: String,
    options: Options,
    tasks: JoinSet<()>,
}

/// Binds free loopback ports and starts the world behind them.
pub async fn start(options: Options) -> io::Result<Target> {
    if !(options.speed.is_finite() && (0.01..=1000.0).contains(&options.speed)) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the speed must be between 0.01 and 1000"));
    }
    let service = bind().await?;
    let api = bind().await?;
    let cache = bind().await?;
    let mut tags = Vec::new();
    for _ in 0..TAG_DOORS {
        tags.push(bind().await?);
    }
    let places = Places { service: http(&service)?, tags: tags.iter().map(http).collect::<io::Result<_>>()? };
    let token = options
        .token
        .clone()
        .unwrap_or_else(|| format!("demo-{:016x}", fastrand::Rng::with_seed(options.seed).u64(..)));
    let urls = urls(&places, &http(&api)?, cache.local_addr()?.to_string());
    let world = World::new(options.scenario, options.seed, options.speed, clock::wall(), &places);
    let mut tasks = JoinSet::new();
    let (hub, open) = Hub::start(world, &mut tasks);
    let hub = Arc::new(hub);
    let mut doors = vec![(Entrance::Service, service)];
    doors.extend(tags.into_iter().enumerate().map(|(slot, listener)| (Entrance::Tag(slot), listener)));
    for (entrance, listener) in doors {
        let hub = Arc::clone(&hub);
        let token: Arc<str> = token.as_str().into();
        tasks.spawn(door::keep(listener, open.clone(), move |work| {
            ws::routes(Door { hub: Arc::clone(&hub), token: Arc::clone(&token), entrance, work })
        }));
    }
    let routes = cloud::api::routes(&hub, &token);
    tasks.spawn(door::keep(api, open.clone(), move |_| routes.clone()));
    tasks.spawn(cache::serve(cache, open));
    Ok(Target { urls, token, options, tasks })
}

async fn bind() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await
}

fn http(listener: &TcpListener) -> io::Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

fn urls(places: &Places, api: &str, cache: String) -> Urls {
    let service = &places.service;
    let tags = ["canary", "stable"].into_iter().map(str::to_owned).zip(places.tags.iter().cloned());
    Urls {
        service: service.clone(),
        health: format!("{service}/health"),
        metrics: format!("{service}/metrics"),
        events: format!("{}/ws/events", service.replacen("http", "ws", 1)),
        cloud_run: api.to_owned(),
        tags: tags.collect(),
        cache,
    }
}

impl Target {
    /// Where everything listens.
    pub fn urls(&self) -> &Urls {
        &self.urls
    }

    /// The bearer token that the target asks for.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The console's configuration for this target, with `checklist` and `token` as the files that it names.
    pub fn config_toml(&self, checklist: &Path, token: &Path) -> String {
        config::text(&self.urls, self.options.speed, checklist, token)
    }

    /// Writes `config.toml`, `checklist.md` and a private `token` into `dir`; returns the path of the configuration.
    pub fn write_files(&self, dir: &Path) -> io::Result<PathBuf> {
        std::fs::create_dir_all(dir)?;
        let (config, checklist, token) =
            (dir.join("config.toml"), dir.join("checklist.md"), dir.join("token"));
        std::fs::write(&checklist, checklist::text(&self.urls))?;
        write_private(&token, &self.token)?;
        // Beside the config, as it is read: wherever it is put, and from wherever it is named.
        std::fs::write(&config, self.config_toml(Path::new("checklist.md"), Path::new("token")))?;
        Ok(config)
    }

    /// Ends every server and waits until they are gone.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

#[cfg(unix)]
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(not(unix))]
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    std::fs::write(path, text)
}
