//! Effects: what the model wants done, in the imperative. The runtime hands them to `effects/` and never waits.
//!
//! A dangerous effect carries an [`Authority`], and an `Authority` is made only from the journal's acknowledgement
//! or from a person's typed consent. There is no other way to build one.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::alert::Sending;
use crate::domain::logs::Tail;
use crate::domain::past::{Gap, PastQuery};
pub use crate::domain::record::Guard;
use crate::domain::run::{Quarry, RunId, Task, Watch};
use crate::domain::{Clean, Dashboard, Draft, OpId, OpKind, Room, ServiceIx, Wall};

use super::msg::{Msg, Token};
pub use super::reporting::{Reported, Wish};

/// Something to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Append to the journal; answered by `Journaled` or `JournalRefused` with the token.
    Journal { token: Token, draft: Draft, guard: Guard },
    /// Write the draft to the fallback file, to be appended when the journal can be written again.
    JournalFallback { draft: Draft },
    /// Look whether the records that were read still stand in the journal; answered by `ChainChecked` where they do not.
    CheckJournal,
    /// Carry out a dangerous act; answered by `Operated`. After `until` it is not sent any more.
    Operate { op: OpId, act: OpKind, authority: Authority, until: Wall },
    /// If it is still to be sent, it is not: for this reason, which is how it then ends (`Operated`). What has left goes on.
    Halt { op: OpId, why: Clean },
    /// Until then an act that was told to wait may still be sent: the journal has it that it waits.
    Prolong { op: OpId, until: Wall },
    /// Look whether an act with an unknown outcome happened; sends nothing that changes anything. It was sent at
    /// least `ago`, if at all.
    Recheck { op: OpId, act: OpKind, ago: Duration },
    /// Ask the API whether it would accept the act (`validateOnly`); answered by `Validated`.
    Validate { token: Token, act: OpKind },
    /// Write down that a gate begins, unless it runs at another console; answered as `Journal` is.
    ClaimGate { token: Token, by: Clean, role: Clean, task: Box<Task> },
    /// Run a gate; answered by `Gate`, from `Begun` to `Ended`.
    RunGate { task: Box<Task>, permit: Permit },
    /// Run a gate with the terminal to itself; answered as `RunGate` is.
    LendTerminal { task: Box<Task>, permit: Permit },
    /// Stop a run of this console: TERM to its session, KILL after five seconds.
    StopGate { run: RunId },
    /// Look whether runs of other consoles are still there; answered by `Sought`.
    SeekGates { runs: Vec<Quarry> },
    /// Stop what is left of a run whose console is gone; answered by `Sought`.
    StopOrphan { run: Quarry },
    /// Look what changed under gates that passed; answered by `Compared`.
    CompareGuards { watches: Vec<Watch> },
    /// Watch this room from now on: the documents changed which metrics are asked for.
    Watch { room: Arc<Room> },
    /// Ask the metrics engine for a time that nobody watched; answered by `PastRead`.
    AskPast { token: Token, gap: Gap, queries: Vec<PastQuery> },
    /// Tell a route of an alert; answered by `AlertSent`.
    SendAlert { sending: Box<Sending> },
    /// Read a Cloud Run service now.
    ReadTraffic { service: ServiceIx },
    /// Read these log entries again and again; `None`: none any more. Answered by `LogsRead`.
    TailLogs { tail: Option<Tail> },
    /// Send a message as a user would, on a connection of its own; answered by `ActiveRan`.
    ProbeRun { service: ServiceIx },
    /// Put text on the terminal's clipboard (OSC 52).
    Copy { text: String },
    /// Remember that the hints of the first run were shown.
    HintsShown,
    /// Remember what is folded (`true`) and unfolded in the checklist, by the headings' keys.
    RememberFolds { folds: Vec<(u64, bool)> },
    /// Remember which dashboard is shown.
    RememberDashboard { name: String },
    /// Keep these edited dashboards, all of them; answered by `DashboardsSaved`.
    SaveDashboards { dashboards: Vec<Dashboard> },
    /// Write the validation report into a file; answered by `Reported`.
    WriteReport { token: Token, wish: Box<Wish> },
    /// Say aloud that the verdict changed, or what an alert is of, if the operator wants that: in these words.
    Bell { words: Clean },
    /// Ring and notify from now on, or no more, whatever the config says.
    Loud { on: bool },
    /// Open a file at a line in the operator's editor; only to look at it, if `view`. The terminal is lent meanwhile.
    Edit { path: PathBuf, line: u32, view: bool },
    /// The program that had the terminal ended: take the terminal back.
    TakeBack,
    /// Stop this process until it is continued (Ctrl-Z).
    Suspend,
    /// Draw everything again.
    Redraw,
    /// Leave.
    Quit,
    /// Leave as interrupted (Ctrl-C).
    Interrupt,
}

/// A request leaves so soon after its intent, or not at all: so others know from the record when it was sent at the
/// latest.
pub const SENT_WITHIN: Duration = Duration::from_secs(10);

/// How much later it may leave at the latest, where the API asks for a rest (429) and the journal has it that it waits.
pub const WAITS_AT_MOST: Duration = Duration::from_mins(1);

/// The right to carry out a dangerous act: it was journaled, or a person consented to act without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority(Grant);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Grant {
    Journaled(u64),
    Unjournaled,
}

/// The word that must be typed to act without the journal.
pub const CONSENT_WORD: &str = "UNRECORDED";

impl Authority {
    /// From the journal's acknowledgement of the intent with `token`; `None` for any other message.
    pub fn from_journal(msg: &Msg, intent: Token) -> Option<Self> {
        match msg {
            Msg::Journaled { token, seq } if *token == intent => Some(Self(Grant::Journaled(*seq))),
            _ => None,
        }
    }

    /// From the word a person typed after the journal refused; `None` if it is not [`CONSENT_WORD`].
    pub fn from_consent(typed: &str) -> Option<Self> {
        (typed == CONSENT_WORD).then_some(Self(Grant::Unjournaled))
    }

    /// The record of the intent, if there is one.
    pub fn record(&self) -> Option<u64> {
        match self.0 {
            Grant::Journaled(seq) => Some(seq),
            Grant::Unjournaled => None,
        }
    }
}

/// The right to run a gate: the config has it, a person trusted the document that has it, or a person confirmed it and
/// that was journaled. There is no other way to build one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit(Leave);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Leave {
    Config,
    Trusted { record: u64 },
    Confirmed(Authority),
}

impl Permit {
    /// For a gate of the config, which is trusted as the config is.
    pub(super) fn of_config() -> Self {
        Self(Leave::Config)
    }

    /// For a gate of a document that was trusted in this record.
    pub(super) fn of_trust(record: u64) -> Self {
        Self(Leave::Trusted { record })
    }

    /// For a command that changes something: confirmed like any dangerous act.
    pub fn of_confirmation(authority: Authority) -> Self {
        Self(Leave::Confirmed(authority))
    }

    /// The record that permits it, if one does.
    pub fn record(&self) -> Option<u64> {
        match &self.0 {
            Leave::Config => None,
            Leave::Trusted { record } => Some(*record),
            Leave::Confirmed(authority) => authority.record(),
        }
    }
}
