//! The model: all state, pure. `update` takes a message and answers with effects; nothing here performs I/O or
//! reads a clock.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::metric::ByHand;
use crate::domain::{Clean, Draft, Entry, Mono, Now, OpId, Room, ServiceIx};

pub mod about;
pub mod active;
pub mod arranging;
pub mod checklist;
pub mod closes;
pub mod comparing;
pub mod conditions;
pub mod confirm;
pub mod copied;
pub mod counting;
pub mod dashboards;
pub mod doctor;
pub mod documented;
pub mod effect;
pub mod envelopes;
pub mod events;
pub mod field;
pub mod findings;
pub mod firing;
pub mod flags;
pub mod focus;
pub mod forward;
pub mod fuzzy;
pub mod gates;
pub mod group;
pub mod health;
pub mod held;
pub mod item_detail;
pub mod journal;
pub mod left_over;
pub mod links;
pub mod live;
pub mod logs;
pub mod marks;
pub mod metrics;
pub mod modal;
pub mod money;
pub mod mouse;
pub mod msg;
pub mod ops;
pub mod palette;
pub mod prompt;
pub mod readiness;
pub mod rehearsal;
pub mod rollback;
pub mod shift;
pub mod sides;
pub mod signals;
pub mod startup;
pub mod tour;
pub mod traffic;
pub mod trusting;
pub mod ui;
pub mod undo;
pub mod verdict;
pub mod verdict_line;
pub mod wording;

mod acts;
pub mod alerts;
mod asking;
mod before;
mod between;
mod checklist_acts;
mod commands;
mod each_second;
mod editing;
mod environment;
mod flag_acts;
mod flag_undo;
mod following;
mod foremost;
pub mod gate_acts;
mod gate_keys;
mod gate_output;
mod gate_runs;
pub mod gates_told;
mod item_list;
mod journaling;
mod keys;
mod meter;
mod moving;
mod outside;
mod overtaken;
mod past;
pub mod readings;
mod reasons;
mod reporting;
pub mod rolling;
mod ruling_acts;
pub mod rulings;
mod run_list;
pub mod service;
mod signed_reasons;
pub mod stages;
mod superseded;

use checklist::Checklist;
use conditions::Conditions;
use confirm::Stage;
use effect::Effect;
use flags::Flags;
use gates::Gates;
use journal::Journal;
use links::Links;
use meter::Meter;
use modal::Modal;
use msg::{Msg, Token};
use ops::Operations;
use rulings::Rulings;
use service::ServiceState;
use signals::Signals;
use ui::Ui;
use verdict::Verdicts;

/// How long a changed verdict is drawn inverted.
pub const FLASH: Duration = Duration::from_millis(600);

/// One step of the spinner of a running operation.
pub const SPIN: Duration = Duration::from_millis(120);

/// All state of one console.
#[derive(Debug, Clone)]
pub struct Model {
    /// What is watched: as configured, completed by what the documents state.
    pub room: Arc<Room>,
    /// Queries of documents that are not even listed.
    pub queries_left_out: usize,
    /// The newest time a message brought.
    pub now: Now,
    /// Columns and rows of the screen.
    pub size: (u16, u16),
    /// Links of all sources.
    pub links: Links,
    /// The services, as in `Room::services`.
    pub services: Vec<ServiceState>,
    /// Alerts that run elsewhere.
    pub elsewhere_alerts: firing::Elsewhere,
    /// The logs that somebody looks at.
    pub logs: logs::Logs,
    /// Flags: what live providers said, and who changed what.
    pub flags: Flags,
    /// Readings of all panels.
    pub signals: Signals,
    before: before::Before,
    /// Conditions and triggers.
    pub conditions: Conditions,
    /// The verdict.
    pub verdicts: Verdicts,
    /// What people decided against the machine.
    pub rulings: Rulings,
    /// The verdicts of this rollout.
    pub verdict_line: verdict_line::VerdictLine,
    /// Stages of the rollout.
    pub stages: stages::Stages,
    /// Operations, own ones and others'.
    pub ops: Operations,
    /// The checklist and its ticks.
    pub checklist: Checklist,
    /// Alerts and mutes.
    pub alerts: alerts::Alerts,
    /// Gates, their runs and the trust in them.
    pub gates: Gates,
    /// The room whose evidence is required.
    pub elsewhere: checklist::Elsewhere,
    /// The environment that this one is compared with, and when it was read.
    pub counterpart: Option<comparing::Counterpart>,
    /// The journal's records.
    pub journal: Journal,
    /// Whether the way back of each service is open.
    pub readiness: readiness::Readiness,
    /// Which panels stand where.
    pub dashboards: dashboards::Dashboards,
    /// Where the operator looks, and what lies over the panels.
    pub ui: Ui,
    /// Who the credentials speak for, by service.
    pub identities: BTreeMap<ServiceIx, Clean>,
    /// Several services rolled back as one act.
    pub running_group: Option<group::Running>,
    /// Why the journal refused an intent that no dialog waits for (headless commands).
    pub refusal: Option<(OpId, Stage)>,
    /// The answer of a dry run that no dialog waits for: accepted, or why not.
    pub dry_run: Option<Option<Clean>>,
    /// What people wrote down of metrics last.
    readings: BTreeMap<String, ByHand>,
    /// Services whose endpoint counts requests.
    counted: documented::Counted,
    /// As configured, once documents have completed it.
    configured: Option<Arc<Room>>,
    console: String,
    keeper: bool,
    meter: Meter,
    sent: rolling::Sent,
    reporting: reporting::Reporting,
    tokens: u64,
    pending: BTreeMap<Token, Draft>,
}

impl Model {
    /// A room of which nothing is known yet. `console` is unique to this process: it makes operation ids unique.
    pub fn new(room: Arc<Room>, console: String, now: Now, size: (u16, u16)) -> Self {
        Self {
            links: Links::new(&room),
            services: room.service_ixs().filter_map(|ix| ServiceState::new(ix, &room)).collect(),
            elsewhere_alerts: firing::Elsewhere::new(&room),
            logs: logs::Logs::default(),
            flags: Flags::new(&room),
            signals: Signals::default(),
            before: before::Before::default(),
            conditions: Conditions::new(&room),
            verdicts: Verdicts::default(),
            rulings: Rulings::default(),
            stages: stages::Stages::of(&room),
            verdict_line: verdict_line::VerdictLine::default(),
            ops: Operations::default(),
            gates: Gates::new(&room.gates),
            alerts: alerts::Alerts::default(),
            now,
            size,
            checklist: Checklist::default(),
            elsewhere: checklist::Elsewhere::default(),
            counterpart: None,
            journal: Journal::default(),
            readiness: readiness::Readiness::default(),
            dashboards: dashboards::Dashboards::new(&room),
            ui: Ui::new(&room),
            identities: BTreeMap::new(),
            running_group: None,
            refusal: None,
            dry_run: None,
            queries_left_out: 0,
            readings: BTreeMap::new(),
            counted: documented::Counted::new(),
            configured: None,
            console,
            keeper: false,
            meter: Meter::default(),
            sent: rolling::Sent::default(),
            reporting: reporting::Reporting::default(),
            tokens: 0,
            pending: BTreeMap::new(),
            room,
        }
    }

    /// Takes in what happened, and answers with what to do.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        let mut effects = Vec::new();
        match msg {
            Msg::Ticked(now) => self.ticked(now, &mut effects),
            Msg::Pressed { press, action } => self.pressed(press, action, &mut effects),
            Msg::Pasted { text, .. } => self.pasted(&text, &mut effects),
            Msg::Moused { what, spot, at, .. } => self.moused(what, spot, at, &mut effects),
            Msg::HungUp => {}
            Msg::OpenedFirst => self.first_time(&mut effects),
            Msg::Resized { columns, rows } => self.size = (columns.max(1), rows.max(1)),
            Msg::Resumed { at } => self.resumed(at, &mut effects),
            Msg::Journaled { token, seq } => {
                self.checklist.journaled(token, seq);
                self.journaled(&msg, token, seq, &mut effects);
            }
            Msg::ChainChecked { seq, damage } => self.journal.checked(seq, damage),
            Msg::JournalRefused { token, refusal } => self.refused(token, refusal, &mut effects),
            Msg::Recorded { records } => self.recorded(&records, &mut effects),
            Msg::Kept { mine, holder } => self.kept(mine, &holder),
            Msg::PastRead { token, values } => self.past_read(token, values, &mut effects),
            Msg::AlertSent(told) => self.alert_sent(*told, &mut effects),
            Msg::Validated { token, error } => {
                if !self.readiness_told(token, error.as_ref(), &mut effects) {
                    self.validated(token, error.map(|denied| denied.why));
                }
            }
            Msg::Operated { op, state, detail, at } => self.operated(&op, state, detail, at, &mut effects),
            Msg::ToldToWait { op, until, why } => self.told_to_wait(&op, until, &why, &mut effects),
            Msg::Identified { service, identity, expires } => self.identified(service, identity, expires),
            Msg::Renewed { service, refused, ends } => self.renewed(service, refused, ends),
            Msg::DocumentsRead { documents, problems } => {
                self.documents_read(documents, problems, &mut effects);
            }
            Msg::Edited { problem } => self.edited(problem.as_ref(), &mut effects),
            Msg::FoldsRead { folds } => self.folds_read(folds),
            Msg::DashboardsRead { dashboards, problem, shown } => {
                self.dashboards_read(&dashboards, problem, shown.as_deref());
            }
            Msg::DashboardsSaved { problem } => self.dashboards_saved(problem.as_ref()),
            Msg::Reported { token, reported } => self.reported(token, reported),
            Msg::Gate(news) => self.gate_told(*news, &mut effects),
            Msg::EnvironmentRead { environment, at } => self.counterpart = Some((*environment, at)),
            Msg::ElsewhereRead { records, problem } => self.elsewhere.read(&records, problem),
            observed => self.observed(observed, &mut effects),
        }
        self.step_group(&mut effects);
        self.tail_logs(&mut effects);
        self.relist();
        effects
    }

    /// What a source saw of the outside world.
    fn observed(&mut self, msg: Msg, effects: &mut Vec<Effect>) {
        match msg {
            Msg::Linked { source, report, at } => self.linked(&source, &report, at, effects),
            Msg::Probed(probed) => self.probed(&probed),
            Msg::Scraped(scraped) => self.scraped(&scraped, effects),
            Msg::Queried(queried) => self.queried(&queried),
            Msg::EnvelopesChecked(checked) => {
                let service = self.service_mut(checked.service);
                if let Some(envelopes) = service.and_then(|service| service.envelopes.as_mut()) {
                    envelopes.checked(&checked);
                }
            }
            Msg::ActiveRan(ran) => self.active_ran(&ran, effects),
            Msg::AlertsRead(read) => self.elsewhere_alerts.read(&read),
            Msg::Remembered(kept) => self.remembered(&kept),
            Msg::Resembled(found) => self.resembled(&found),
            Msg::Streamed(delta) => {
                if let Some(service) = self.service_mut(delta.service) {
                    service.streamed(&delta);
                }
            }
            Msg::LogsRead(read) => self.logs_read(*read),
            Msg::ErrorsRead(read) => self.logs.errors.read(*read, &self.room.logs.rules),
            Msg::AuditRead(read) => self.logs.audits.read(*read),
            Msg::FlagSeen(seen) => self.flag_seen(*seen, effects),
            Msg::TrafficRead { service, at, traffic } => self.traffic_read(service, at, *traffic, effects),
            _ => {}
        }
    }

    /// What is still to be written before the room is left.
    pub fn leave(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.write_measured(&mut effects);
        self.leave_soak(&mut effects);
        effects
    }

    /// When the model wants to be told the time, if sooner than the next second.
    pub fn next_wake(&self) -> Option<Mono> {
        let guard = match &self.ui.modal {
            Some(Modal::Confirm(confirm)) => Some(confirm.opened.mono.after(confirm::GUARD)),
            _ => None,
        };
        let flash = self.verdicts.now.since.map(|since| since.mono.after(FLASH));
        let shown = match &self.ui.modal {
            Some(Modal::Progress(id)) => self.ops.get(id).filter(|op| !op.is_over()),
            _ => self.ops.acting(),
        };
        let spinner = shown.map(|_| self.now.mono.after(SPIN));
        [guard, flash, spinner].into_iter().flatten().filter(|at| *at > self.now.mono).min()
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

    /// The name of a service, as configured.
    pub fn service_name(&self, ix: ServiceIx) -> String {
        self.room.service(ix).map(|service| service.name.clone()).unwrap_or_default()
    }

    fn token(&mut self) -> Token {
        self.tokens += 1;
        Token(self.tokens)
    }

    /// A new operation's id, unique over all consoles.
    pub fn op_id(&mut self) -> OpId {
        let Token(n) = self.token();
        OpId(format!("{}-{n}", self.console))
    }

    /// A record by the operator.
    fn mine(&self, entry: Entry) -> Draft {
        Draft { by: Clean::new(&self.room.operator.name), role: Clean::new(&self.room.operator.role), entry }
    }
}
