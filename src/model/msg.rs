//! Messages: everything that can happen, in the past tense. Each is plain data: no clock, no sender, no library type. The
//! same sequence of them gives the same room.

use serde::{Deserialize, Serialize};

use crate::domain::active::ActiveRan;
pub use crate::domain::alert::Told;
use crate::domain::audit::AuditRead;
use crate::domain::comparison::Environment;
use crate::domain::envelope::Checked;
use crate::domain::event::EventsDelta;
use crate::domain::firing::AlertsRead;
use crate::domain::flag::FlagSeen;
use crate::domain::health::Probed;
use crate::domain::logs::LogsRead;
use crate::domain::metric::{Queried, Remembered, Resembling, Scraped};
use crate::domain::past::PastValues;
use crate::domain::run::RunNews;
use crate::domain::{
    Action, Clean, Dashboard, Document, KeyPress, LinkReport, Mono, Now, OpId, OpState, Record, Refusal,
    ServiceIx, SourceId, Traffic, Wall,
};

use super::mouse::Spot;
use super::reporting::Reported;

/// Ties an answer to the effect that asked for it; a stale one is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Token(pub u64);

/// Why a dry run was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denied {
    /// What was in the way.
    pub by: Hurdle,
    /// In words.
    pub why: Clean,
}

/// What a request has to get past, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hurdle {
    /// Nobody was let in.
    Credentials,
    /// Whoever asks must not do that.
    Permission,
    /// The request itself, or the way to the API.
    Request,
}

impl From<Clean> for Denied {
    fn from(why: Clean) -> Self {
        Self { by: Hurdle::Request, why }
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "msg", rename_all = "snake_case")]
pub enum Msg {
    /// Time passed.
    Ticked(Now),
    /// A key was pressed; `action` is what it means, filled in by the runtime from the keymap.
    Pressed { press: KeyPress, action: Option<Action> },
    /// Text was pasted.
    Pasted { text: String, at: Mono },
    /// The mouse did something at a cell (from 0); `spot` is what stands there, filled in by the runtime from the view.
    Moused { what: Mouse, column: u16, row: u16, spot: Option<Spot>, at: Mono },
    /// The terminal has this size now.
    Resized { columns: u16, rows: u16 },
    /// The process came back after Ctrl-Z.
    Resumed { at: Mono },
    /// The editor ended, and the terminal is free again; or it could not be opened at all, and why.
    Edited { problem: Option<Clean> },
    /// The terminal is gone.
    HungUp,
    /// No room was ever opened from this account.
    OpenedFirst,
    /// A source spoke of its connection.
    Linked { source: SourceId, report: LinkReport, at: Mono },
    /// A health probe finished.
    Probed(Probed),
    /// A run that this console began itself is over.
    ActiveRan(Box<ActiveRan>),
    /// Frames were held against the team's schemas.
    EnvelopesChecked(Box<Checked>),
    /// Events arrived.
    Streamed(Box<EventsDelta>),
    /// Metrics were scraped and evaluated.
    Scraped(Box<Scraped>),
    /// The metrics engine answered a query, or not.
    Queried(Box<Queried>),
    /// Series that documented metrics without a query may be were looked for by name.
    Resembled(Box<Resembling>),
    /// A time that nobody watched was looked up: the values of each query, or why the engine could not be asked.
    PastRead { token: Token, values: Result<Vec<PastValues>, Clean> },
    /// An earlier console kept what a metric was.
    Remembered(Box<Remembered>),
    /// Alerts that run elsewhere were asked for.
    AlertsRead(Box<AlertsRead>),
    /// A Cloud Run service was read.
    TrafficRead { service: ServiceIx, at: Mono, traffic: Box<Traffic> },
    /// Log entries that somebody looks at were asked for.
    LogsRead(Box<LogsRead>),
    /// Errors in the logs of a service were asked for, for its conditions.
    ErrorsRead(Box<LogsRead>),
    /// Cloud Audit Logs were asked for the changes of a service.
    AuditRead(Box<AuditRead>),
    /// A flag of a live provider was read.
    FlagSeen(Box<FlagSeen>),
    /// The checklist files were read; `problems` are files that could not be.
    DocumentsRead { documents: Vec<Document>, problems: Vec<Clean> },
    /// What was folded and unfolded in the checklist at an earlier time, by the headings' keys.
    FoldsRead { folds: Vec<(u64, bool)> },
    /// The dashboards that were edited at an earlier time were read, or what is wrong with their file; and which one was
    /// shown last.
    DashboardsRead { dashboards: Vec<Dashboard>, problem: Option<Clean>, shown: Option<String> },
    /// Edited dashboards are kept, or why not.
    DashboardsSaved { problem: Option<Clean> },
    /// The journal holds these further records (own ones and others').
    Recorded { records: Vec<Record> },
    /// The journal of the room whose evidence is required was read: all its records of rollouts, or why not.
    ElsewhereRead { records: Vec<Record>, problem: Option<Clean> },
    /// The environment that this one is compared with was read, or why not.
    EnvironmentRead { environment: Box<Result<Environment, Clean>>, at: Wall },
    /// The journal took a draft.
    Journaled { token: Token, seq: u64 },
    /// The journal refused a draft.
    JournalRefused { token: Token, refusal: Refusal },
    /// The journal's chain was checked up to `seq`; `damage` says what is wrong, if anything.
    ChainChecked { seq: u64, damage: Option<Clean> },
    /// Whether this console is the keeper now: the only one to write the machine's own records (verdicts, splits,
    /// deploys, links). `holder` is the keeper's id.
    Kept { mine: bool, holder: Clean },
    /// A dry run (`validateOnly`) was answered: the error, or that it was accepted.
    Validated { token: Token, error: Option<Denied> },
    /// An operation moved on, as its runner saw it.
    Operated { op: OpId, state: OpState, detail: Clean, at: Now },
    /// The API asked an operation's runner to wait (429): nothing is asked of it until then.
    ToldToWait { op: OpId, until: Wall, why: Clean },
    /// A gate's runner tells of it.
    Gate(Box<RunNews>),
    /// A route took an alert, or not.
    AlertSent(Box<Told>),
    /// The report that was asked for is written, or not.
    Reported { token: Token, reported: Reported },
    /// The credentials' identity became known.
    Identified { service: ServiceIx, identity: Clean, expires: Option<Wall> },
    /// The credentials were asked for a new token, whatever the old one is good for yet: why there is none, if there is
    /// none.
    Renewed { service: ServiceIx, refused: Option<Clean>, ends: Option<Wall> },
}

/// A mouse action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mouse {
    /// Left button pressed.
    Click,
    /// Wheel up.
    WheelUp,
    /// Wheel down.
    WheelDown,
}
