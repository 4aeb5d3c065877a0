//! A room, opened: lanes, model, effects and sources, as every command that watches needs them.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::sync::watch::Receiver as Watched;
use tokio::task::JoinSet;

use super::{Failure, Global, desk, journals};
use crate::clients::cloud_run::Client;
use crate::clients::flags::Client as FlagClient;
use crate::config::{self, Loaded, Overrides};
use crate::domain::firing::Teller;
use crate::domain::room::{MetricFrom, Mode, Service};
use crate::domain::{Room, ServiceIx};
use crate::effects::flags::{Flags, Line as FlagLine};
use crate::effects::journal::Settings as JournalSettings;
use crate::effects::operate::{Line, Operators};
use crate::effects::{Hub, Kept};
use crate::lanes::{self, Lanes, Receivers};
use crate::model::Model;
use crate::model::effect::Effect;
use crate::runtime::{self, Exit, Face, Perform};
use crate::sources::addressing::BoardReader;
use crate::sources::metrics::Shelf;
use crate::{clock, sources};

/// How long the journal may take to write what is queued when the room is left.
const FLUSH: Duration = Duration::from_secs(2);

/// How long gates may take to end when the room is left: a little more than they get before they are killed.
const GATES: Duration = Duration::from_secs(7);

/// An open room.
pub(super) struct Session {
    /// Apart: a future that holds the session stays small.
    pub(super) model: Box<Model>,
    pub(super) lanes: Lanes,
    store: PathBuf,
    receivers: Receivers,
    hub: Hub,
    tasks: JoinSet<()>,
    writer: JoinSet<()>,
}

/// The async runtime: the loop on this thread, sources on one more (streams that may flood have threads of their own).
/// With a second one an idle room would wake twice for everything.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    let built =
        clock::begin(|| tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build());
    built.map_err(|error| {
        Failure::failed("the runtime cannot start", &error.to_string(), "free some threads and try again")
    })
}

/// Reads the config as the global flags say.
pub(super) fn load(global: &Global) -> Result<Loaded, Failure> {
    let overrides = Overrides {
        operator: global.operator.clone(),
        role: global.role.clone(),
        read_only: global.read_only,
        theme: global.theme.clone(),
        ascii: global.ascii,
        store: global.store.clone(),
        checklists: global.checklist.clone(),
    };
    let mut loaded = config::load(global.config.as_deref(), &overrides)?;
    let chosen = journals::choose(&mut loaded);
    if let Some(note) = chosen.or_else(|| journals::emptied(&store_path(&loaded))) {
        // Once, although some commands read the config anew.
        static SAID: std::sync::Once = std::sync::Once::new();
        SAID.call_once(|| drop(writeln!(io::stderr().lock(), "note: {note}")));
        loaded.note = Some(note);
    }
    let path = loaded.path.as_deref().unwrap_or(Path::new("none"));
    tracing::info!(config = %path.display(), room = loaded.room.name, "config read");
    Ok(loaded)
}

/// Where the journal is: as configured, else in the platform's data directory, one file a room.
pub(super) fn store_path(loaded: &Loaded) -> PathBuf {
    loaded.settings.store.clone().unwrap_or_else(|| {
        let name = &loaded.settings.file_name;
        let data = directories::ProjectDirs::from("", "", "warroom").map(|dirs| dirs.data_dir().to_owned());
        data.unwrap_or_default().join(format!("{name}.db"))
    })
}

/// Where small things are remembered from one time to the next.
pub(super) fn kept(loaded: &Loaded) -> Kept {
    let dirs = directories::ProjectDirs::from("", "", "warroom");
    let folder = dirs.map(|dirs| dirs.state_dir().unwrap_or(dirs.data_local_dir()).to_owned());
    let folder = folder.unwrap_or_default();
    let name = &loaded.settings.file_name;
    Kept {
        hints: folder.join("hints-shown"),
        folds: folder.join("folds").join(name),
        dashboards: folder.join("dashboards").join(format!("{name}.toml")),
    }
}

impl Session {
    /// Opens the room. Nothing is opened, and no source begun, before `first` was shown the empty room; everything
    /// that takes time happens in tasks, after this returned.
    pub(super) fn open(loaded: &Loaded, size: (u16, u16), first: impl FnOnce(&Model)) -> Self {
        let room = Arc::new(loaded.room.clone());
        let now = clock::now();
        let console =
            format!("{}-{}-{}", room.operator.name, std::process::id(), now.wall.timestamp_millis());
        let model = Box::new(Model::new(room.clone(), console.clone(), now, size));
        first(&model);
        let (lanes, receivers) = lanes::lanes();
        let store = store_path(loaded);
        tracing::info!(journal = %store.display(), operator = room.operator.name, console, "room opened");
        let operates = room.operator.mode == Mode::Operate;
        let keeper = operates.then_some(console);
        let shelf = Shelf { path: store.clone(), keeper: keeper.clone() };
        let journal = JournalSettings { path: store.clone(), keeper };
        let (mut tasks, mut writer) = (JoinSet::new(), JoinSet::new());
        let apis = cloud_run_lines(&room);
        let operators = Operators::new(apis.iter().map(|(ix, line)| (*ix, line.clone())), lanes.clone());
        let (watched, rooms) = tokio::sync::watch::channel(room.clone());
        let providers = flag_lines(&room);
        let flags = providers
            .iter()
            .filter_map(|(flag, line)| Some((room.flags.get(usize::from(*flag))?.resource()?, line.clone())));
        let flags = Flags::new(flags, lanes.clone());
        let (mut hub, pulse) =
            Hub::start(journal, kept(loaded), (operators, flags), watched, &lanes, &mut writer);
        tasks.spawn(sources::journal::run(store.clone(), pulse, lanes.clone()));
        tasks.spawn(sources::documents::run(room.checklists.clone(), lanes.clone()));
        if let Some(of) = room.signoff.requires.clone() {
            tasks.spawn(sources::elsewhere::run(of, lanes.clone()));
        }
        if let Some(other) = room.compare_with.clone() {
            tasks.spawn(sources::environments::run(other, lanes.clone()));
        }
        hub.rings(watch(&rooms, &apis, &lanes, &mut tasks, Some(&shelf)));
        watch_flags(&room, &providers, &lanes, &mut tasks);
        let logs = Arc::new(sources::logs::clients(&room));
        tasks.spawn(sources::logs::audit(logs.clone(), lanes.clone()));
        tasks.spawn(sources::logs::errors(room.clone(), logs.clone(), lanes.clone()));
        tasks.spawn(sources::logs::run(logs, room.logs.clone(), hub.tail(), lanes.clone()));
        #[cfg(debug_assertions)]
        tasks.spawn(crate::faults::provoked());
        Self { model, lanes, store, receivers, hub, tasks, writer }
    }

    /// The same for a command that does one thing and leaves: what it sees meanwhile is nobody's verdict.
    pub(super) fn briefly(loaded: &Loaded, size: (u16, u16)) -> Self {
        let mut session = Self::open(loaded, size, |_| {});
        session.model.verdict_line.glimpses = true;
        session
    }

    /// Adds a task that lives as long as the room.
    pub(super) fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Begins effects that did not come from a message.
    pub(super) fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            self.hub.begin(effect);
        }
    }

    /// Runs the loop until the room is left.
    pub(super) async fn run(&mut self, face: &mut dyn Face) -> Result<Exit, Failure> {
        let signals = runtime::signals()
            .map_err(|error| Failure::failed("signals cannot be handled", &error.to_string(), "try again"))?;
        let exit = runtime::run(&mut self.model, &mut self.receivers, &mut self.hub, face, signals).await;
        tracing::info!(?exit, "the loop ended");
        Ok(exit)
    }

    /// Tells on standard error what is wrong with the chain of the journal, if that was found by now: what is done
    /// does not wait for it.
    pub(super) fn warn_of_damage(&self) {
        if let Some(damage) = self.model.journal.damage() {
            desk::warn(&format!("the journal {} is damaged: {damage}", self.store.display()));
        }
    }

    /// Stops what gates run, and takes in how each ended, and what became of alerts on their way: nothing is left behind
    /// unseen.
    async fn stop_gates(&mut self) {
        self.model.gates.runs.unqueue_all();
        if !self.hub.stop_gates() && !self.hub.sends_alerts() {
            return;
        }
        let all_over = async {
            while self.hub.runs_gates() || self.hub.sends_alerts() {
                let next = tokio::select! {
                    msg = self.receivers.control.recv() => msg,
                    msg = self.receivers.data.recv() => msg,
                    () = tokio::time::sleep(Duration::from_millis(50)) => continue,
                };
                let Some(msg) = next else { return };
                for effect in self.model.update(msg) {
                    self.hub.begin(effect);
                }
            }
            // The last words may still wait in their lane.
            while let Ok(msg) = self.receivers.control.try_recv().or_else(|_| self.receivers.data.try_recv())
            {
                for effect in self.model.update(msg) {
                    self.hub.begin(effect);
                }
            }
        };
        let _late = tokio::time::timeout(GATES, all_over).await;
    }

    /// Ends gates and sources, and gives the journal a bounded time to write what is queued.
    pub(super) async fn close(mut self) {
        self.stop_gates().await;
        let last = self.model.leave();
        self.perform(last);
        let Self { hub, mut tasks, mut writer, .. } = self;
        tasks.abort_all();
        drop(hub);
        let _ = tokio::time::timeout(FLUSH, async { while writer.join_next().await.is_some() {} }).await;
    }
}

/// The room that sources watch, and later ones that ask for other metrics.
pub(super) type Rooms = Watched<Arc<Room>>;

/// Starts the sources of all services; gives what makes active runs begin.
pub(super) fn watch(
    rooms: &Rooms,
    apis: &BTreeMap<ServiceIx, Line>,
    lanes: &Lanes,
    tasks: &mut JoinSet<()>,
    shelf: Option<&Shelf>,
) -> Rings {
    let room = rooms.borrow().clone();
    let mut rings = Rings::new();
    for (ix, service) in room.service_ixs().zip(&room.services) {
        let board = watch_service(ix, service, apis.get(&ix), lanes, tasks);
        // Who only watches sends nothing.
        let active = service.events.clone().filter(|events| events.active.is_some());
        if let (Some(events), Mode::Operate) = (active, room.operator.mode) {
            let ring = rings.entry(ix).or_default().clone();
            tasks.spawn(sources::events::active::run(ix, events, board, ring, lanes.clone()));
        }
        let values = service.metrics.iter().flat_map(|metrics| metrics.of(MetricFrom::Value));
        for metric in values {
            tasks.spawn(sources::values::run(ix, metric.clone(), lanes.clone()));
        }
        if service.scraped().is_some() {
            tasks.spawn(sources::metrics::run(ix, rooms.clone(), lanes.clone(), shelf.cloned()));
        }
    }
    let tellers = [(Teller::Prometheus, &room.prometheus), (Teller::Alertmanager, &room.alertmanager)];
    for (teller, spec) in tellers {
        if let Some(spec) = spec {
            tasks.spawn(sources::firing::run(teller, spec.clone(), lanes.clone()));
        }
    }
    if room.prometheus.is_some() {
        tasks.spawn(sources::prometheus::run(rooms.clone(), lanes.clone()));
    }
    rings
}

/// A room that does not change any more.
pub(super) fn only(room: &Room) -> Rooms {
    tokio::sync::watch::channel(Arc::new(room.clone())).1
}

/// The API of each service that has one.
pub(super) fn cloud_run_lines(room: &Room) -> BTreeMap<ServiceIx, Line> {
    let of = |(ix, service): (ServiceIx, &Service)| {
        let client = Arc::new(Client::new(service.cloud_run.as_ref()?));
        Some((ix, Line { client, read_now: Arc::new(Notify::new()) }))
    };
    room.service_ixs().zip(&room.services).filter_map(of).collect()
}

/// The provider of each flag that has a live one, by its place in the room.
pub(super) fn flag_lines(room: &Room) -> BTreeMap<u16, FlagLine> {
    let of = |(flag, spec)| {
        let client = Arc::new(FlagClient::new(spec)?);
        Some((flag, FlagLine { client, read_now: Arc::new(Notify::new()) }))
    };
    (0_u16..).zip(&room.flags).filter_map(of).collect()
}

/// Starts the sources of flags.
pub(super) fn watch_flags(
    room: &Room,
    lines: &BTreeMap<u16, FlagLine>,
    lanes: &Lanes,
    tasks: &mut JoinSet<()>,
) {
    for (flag, line) in lines {
        let spec = room.flags.get(usize::from(*flag));
        if let Some(interval) = spec.and_then(crate::domain::room::FlagSpec::interval) {
            let (client, now) = (line.client.clone(), line.read_now.clone());
            tasks.spawn(sources::flags::run(*flag, interval, client, now, lanes.clone()));
        }
    }
}

/// What makes the active run of a service begin now.
pub(super) type Rings = BTreeMap<ServiceIx, Arc<Notify>>;

/// Starts the sources of one service; gives which revisions its addresses reach.
fn watch_service(
    ix: ServiceIx,
    service: &Service,
    line: Option<&Line>,
    lanes: &Lanes,
    tasks: &mut JoinSet<()>,
) -> BoardReader {
    let (writer, board) = sources::traffic::board();
    if let (Some(line), Some(cloud)) = (line, &service.cloud_run) {
        let (client, now) = (line.client.clone(), line.read_now.clone());
        tasks.spawn(sources::traffic::run(ix, cloud.interval, client.clone(), writer, now, lanes.clone()));
        tasks.spawn(sources::traffic::renew(ix, sources::traffic::RENEW_EVERY, client, lanes.clone()));
    }
    for (probe, _) in (0_u16..).zip(&service.probes) {
        tasks.spawn(sources::health::run(ix, service.clone(), probe, board.clone(), lanes.clone()));
    }
    if let Some(events) = &service.events {
        tasks.spawn(sources::events::run(ix, events.clone(), board.clone(), lanes.clone()));
    }
    board
}

impl Perform for Hub {
    fn perform(&mut self, effect: Effect) {
        self.begin(effect);
    }
}
