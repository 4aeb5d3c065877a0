//! Effects: they carry out what the model asked for. Each kind has its own task, so that none waits for another,
//! and answers with a message.

pub mod alerts;
pub mod dashboards;
pub mod flags;
pub mod folds;
pub mod gates;
pub mod hints;
pub mod journal;
pub mod operate;
pub mod past;
pub mod reports;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::domain::logs::Tail;
use crate::domain::past::{Gap, PastQuery};
use crate::domain::record::Guard;
use crate::domain::{Draft, Entry, Room, ServiceIx};
use crate::journal::Pulse;
use crate::lanes::Lanes;
use crate::model::effect::Effect;
use crate::model::msg::Token;

use self::alerts::Alerts;
use self::dashboards::Dashboards;
use self::flags::Flags;
use self::folds::Folds;
use self::gates::Gates;
use self::hints::Hints;
use self::journal::{Journal, Settings};
use self::operate::Operators;
use self::past::Pasts;
use self::reports::Reports;

/// Files in which a console remembers small things from one time to the next.
#[derive(Debug)]
pub struct Kept {
    /// That the hints of the first run were shown.
    pub hints: PathBuf,
    /// What is folded in the checklist.
    pub folds: PathBuf,
    /// Dashboards that were edited.
    pub dashboards: PathBuf,
}

/// Hands each effect to the task that carries it out; never blocks.
#[derive(Debug)]
pub struct Hub {
    journal: Journal,
    operators: Operators,
    flags: Flags,
    gates: Gates,
    alerts: Alerts,
    hints: Hints,
    folds: Folds,
    dashboards: Dashboards,
    reports: Reports,
    pasts: Pasts,
    watched: watch::Sender<Arc<Room>>,
    /// The logs that somebody looks at.
    tail: watch::Sender<Option<Tail>>,
    /// What makes the active run of a service begin now.
    probes: BTreeMap<ServiceIx, Arc<Notify>>,
    lanes: Lanes,
}

impl Hub {
    /// Starts the journal's writer, and what remembers that the hints were shown and what is folded, in `writer`. The
    /// pulse is for the source that reads the journal; through `watched` the sources learn what else is asked for.
    pub fn start(
        settings: Settings,
        kept: Kept,
        (operators, flags): (Operators, Flags),
        watched: watch::Sender<Arc<Room>>,
        lanes: &Lanes,
        writer: &mut JoinSet<()>,
    ) -> (Self, watch::Receiver<Pulse>) {
        let gates = Gates::new(settings.path.with_extension("gates"), lanes.clone());
        let alerts = Alerts::new(lanes.clone());
        let reports = Reports::new(settings.path.clone(), lanes.clone());
        let pasts = Pasts::new(lanes.clone());
        let (journal, pulse) = journal::spawn(writer, settings, lanes.clone());
        let (hints, folds) = (hints::spawn(writer, kept.hints), folds::spawn(writer, kept.folds));
        let dashboards = dashboards::spawn(writer, kept.dashboards, lanes.clone());
        (
            Self {
                journal,
                operators,
                flags,
                gates,
                alerts,
                hints,
                folds,
                dashboards,
                reports,
                pasts,
                watched,
                tail: watch::Sender::new(None),
                probes: BTreeMap::new(),
                lanes: lanes.clone(),
            },
            pulse,
        )
    }

    /// Which logs somebody looks at.
    pub fn tail(&self) -> watch::Receiver<Option<Tail>> {
        self.tail.subscribe()
    }

    /// These make active runs begin.
    pub fn rings(&mut self, probes: BTreeMap<ServiceIx, Arc<Notify>>) {
        self.probes = probes;
    }

    /// Stops all gates that run; whether there were any. Each still tells of its end.
    pub fn stop_gates(&mut self) -> bool {
        self.gates.stop_all()
    }

    /// Whether an alert is on its way.
    pub fn sends_alerts(&mut self) -> bool {
        self.alerts.is_sending()
    }

    /// Whether a gate runs.
    pub fn runs_gates(&mut self) -> bool {
        self.gates.is_running()
    }

    fn ring(&self, service: ServiceIx) {
        if let Some(bell) = self.probes.get(&service) {
            bell.notify_one();
        }
    }

    fn ask_past(&mut self, token: Token, gap: Gap, queries: Vec<PastQuery>) {
        let spec = self.watched.borrow().prometheus.clone();
        if let Some(spec) = spec {
            self.pasts.ask(&spec, token, gap, queries);
        }
    }

    fn append(&self, token: Token, draft: Draft, guard: Guard) {
        if let Some(refused) = self.journal.append(token, draft, guard) {
            // A full control lane means that nobody reads answers any more.
            let _full = self.lanes.control.try_send(refused);
        }
    }

    /// Begins an effect on the outside world. Those on the terminal are not for here.
    pub fn begin(&mut self, effect: Effect) {
        match effect {
            Effect::Journal { token, draft, guard } => self.append(token, draft, guard),
            Effect::JournalFallback { draft } => {
                if !self.journal.fall_back(draft) {
                    tracing::error!("the fallback file's queue is full: a record is lost");
                }
            }
            Effect::CheckJournal => self.journal.check(),
            Effect::Operate { op, act, authority, until } => match act.live().cloned() {
                Some(change) => self.flags.operate(op, act.resource(), change, authority, until),
                None => self.operators.operate(op, act, authority, until),
            },
            Effect::Halt { op, why } => {
                self.operators.halt(&op, why);
                self.flags.halt(&op);
            }
            // Only the API of Cloud Run is waited for.
            Effect::Prolong { op, until } => self.operators.prolong(&op, until),
            Effect::Recheck { op, act, ago } => match act.live().cloned() {
                Some(change) => self.flags.recheck(op, act.resource(), change, ago),
                None => self.operators.recheck(op, &act, ago),
            },
            Effect::Validate { token, act } => match act.live().cloned() {
                Some(change) => self.flags.validate(token, act.resource(), change),
                None => self.operators.validate(token, act),
            },
            Effect::ReadTraffic { service } => self.operators.read(service),
            Effect::TailLogs { tail } => {
                self.tail.send_replace(tail);
            }
            Effect::ProbeRun { service } => self.ring(service),
            Effect::ClaimGate { token, by, role, task } => {
                let draft = Draft { by, role, entry: Entry::GateStarted(gates::claim(&task)) };
                self.append(token, draft, Guard::GateFree { gate: task.gate });
            }
            Effect::RunGate { task, permit } => self.gates.run(*task, &permit),
            Effect::StopGate { run } => self.gates.stop(&run),
            Effect::SeekGates { runs } => self.gates.seek(runs),
            Effect::StopOrphan { run } => self.gates.stop_orphan(run),
            Effect::CompareGuards { watches } => self.gates.compare(watches),
            Effect::Watch { room } => {
                self.watched.send_replace(room);
            }
            Effect::AskPast { token, gap, queries } => self.ask_past(token, gap, queries),
            Effect::SendAlert { sending } => self.alerts.send(*sending),
            Effect::HintsShown => self.hints.shown(),
            Effect::WriteReport { token, wish } => self.reports.write(token, *wish),
            Effect::RememberFolds { folds } => self.folds.remember(folds),
            Effect::SaveDashboards { dashboards } => self.dashboards.save(dashboards),
            Effect::RememberDashboard { name } => self.dashboards.show(name),
            Effect::Copy { .. }
            | Effect::Bell { .. }
            | Effect::Loud { .. }
            | Effect::Edit { .. }
            | Effect::LendTerminal { .. }
            | Effect::TakeBack
            | Effect::Suspend
            | Effect::Redraw
            | Effect::Quit
            | Effect::Interrupt => {}
        }
    }
}
