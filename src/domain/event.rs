//! The event stream: what a source hands over, and the pure bookkeeping of runs behind it.
//!
//! A source parses in its own task and folds every event into a [`tracker::Tracker`]; from time to time it takes an
//! [`EventsDelta`] out of it. Counts in a delta are exact whatever happened while the model was busy; only the
//! lines and stories, which a person could not have read, are bounded to the newest.

pub mod kept;
pub mod run;
pub mod runs;
pub mod seq;
pub mod short;
pub mod skew;
pub mod speakers;
pub mod story;
pub mod tracker;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::measure::Latencies;
use super::room::EventFields;
use super::{Clean, Mono, Origin, ServiceIx};
use story::Story;

/// What happened on a stream since the last hand-over.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct EventsDelta {
    /// Whose.
    pub service: ServiceIx,
    /// Time of hand-over.
    pub at: Mono,
    /// Which revision the stream speaks of.
    pub origin: Origin,
    /// Frames with data received, valid or not.
    pub received: u64,
    /// Their payload bytes.
    pub bytes: u64,
    /// Valid events by type: index in `EventsSpec::types`.
    pub by_type: Vec<u64>,
    /// Valid events of types that are not configured, the first [`MAX_NAMES`] names.
    pub other_types: Vec<(Clean, u64)>,
    /// Valid events of still further types.
    pub other_rest: u64,
    /// Frames that were no events.
    pub invalid: BTreeMap<Invalid, u64>,
    /// Events of runs that another of our connections already carries; not counted again.
    pub echoes: u64,
    /// Events with a sequence number.
    pub numbered: u64,
    /// Events that came twice.
    pub duplicates: u64,
    /// Sequence numbers jumped over.
    pub gaps: u64,
    /// Of the numbers jumped over (in this or an earlier delta) those that came after all; lost = gaps − recovered.
    pub recovered: u64,
    /// Time from an event's own time to its arrival, corrected by `skew`.
    pub latency: Latencies,
    /// The sender's clock against ours; replaces the one before.
    pub skew: Option<Skew>,
    /// What became of runs.
    pub runs: RunsDelta,
    /// Revisions named by the runs first seen, at most [`MAX_REVISIONS`].
    pub revisions: Vec<Clean>,
    /// Of the incomplete runs, those whose revision is known, by revision; at most [`MAX_REVISIONS`].
    pub incomplete_on: Vec<(Clean, u64)>,
    /// Runs open now; replaces the one before.
    pub open: OpenRuns,
    /// Runs that ended, oldest first, at most [`MAX_WHOLE`] whole ones and [`MAX_STORIES`] others.
    pub stories: Vec<Story>,
    /// The newest lines, oldest first, at most [`MAX_LINES`].
    pub lines: Vec<Line>,
    /// Events by configured field, in the order of `EventFields::count_by`.
    pub counted: Vec<Counted>,
    /// Connections: attempts and ends.
    pub sockets: SocketsDelta,
}

/// Lines in one delta: more than a screen shows.
pub const MAX_LINES: usize = 64;
/// Stories of runs that are not whole in one delta.
pub const MAX_STORIES: usize = 64;
/// Stories of whole runs in one delta.
pub const MAX_WHOLE: usize = 24;
/// Names of unconfigured types, and values of one counted field.
pub const MAX_NAMES: usize = 64;
/// Revisions told apart in one delta: a split has two or three.
pub const MAX_REVISIONS: usize = 8;
/// Raw text of a line, in bytes.
pub const MAX_RAW: usize = 1024;
/// Closes told one by one in a delta.
pub const MAX_CLOSES: usize = 64;

/// Why a frame was no event.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, strum::Display,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "title_case")]
pub enum Invalid {
    /// A text frame that is not UTF-8; RFC 6455 §8.1 asks for an end of the connection.
    #[strum(serialize = "not UTF-8")]
    NotUtf8,
    /// Not JSON.
    #[strum(serialize = "not JSON")]
    NotJson,
    /// JSON, but not an object.
    #[strum(serialize = "not an object")]
    NotObject,
    /// An object without an event type.
    #[strum(serialize = "without a type")]
    NoType,
    /// Longer than a mebibyte.
    #[strum(serialize = "too large")]
    TooLarge,
    /// A binary frame.
    #[strum(serialize = "binary")]
    Binary,
}

/// The sender's clock against this machine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Skew {
    /// Microseconds that the sender's clock is ahead; the least that the handshake's `Date` and the fact that
    /// nothing arrives before it was sent allow. 0 when both agree with equal clocks.
    pub ahead_us: i64,
    /// How wide the range of possible values is; `None`: open on one side.
    pub uncertain_us: Option<u64>,
}

/// What became of runs since the last hand-over.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RunsDelta {
    /// Runs first seen.
    pub opened: u64,
    /// Ended with every rule kept.
    pub whole: u64,
    /// Ended, or fell silent for the run time-out, with something missing.
    pub incomplete: u64,
    /// Ended without a judgement: begun before we listened, or our connection broke meanwhile.
    pub unjudged: u64,
    /// Forgotten because too many were open.
    pub evicted: u64,
    /// Missing events by type (index as in `by_type`).
    pub missing: Vec<u64>,
    /// Events that came after one that had to follow them.
    pub out_of_order: u64,
    /// Calls opened in judged runs.
    pub calls: u64,
    /// Of these, calls closed.
    pub paired: u64,
}

/// Runs open at the time of hand-over.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct OpenRuns {
    /// How many.
    pub count: u64,
    /// The longest silent ones, longest first, at most [`OpenRuns::MOST_SILENT`]; only those silent for a quarter of the time-out.
    pub silent: Vec<Story>,
}

impl OpenRuns {
    /// So many silent runs are told at most.
    pub const MOST_SILENT: usize = 16;
}

/// One line of the tail.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Line {
    /// Arrival.
    pub at: Mono,
    /// Event type.
    pub kind: Clean,
    /// Run id, if any.
    pub run: Clean,
    /// Call id, if any.
    pub call: Clean,
    /// Detail (tool name and the like), else the first counted field.
    pub detail: Clean,
    /// From the event's own time to its arrival.
    pub delivery_us: Option<u64>,
    /// How the run stands after this event, when it ended with it.
    pub ended: Option<story::Ending>,
    /// Length of the whole text in bytes.
    pub bytes: u64,
    /// The text, at most [`MAX_RAW`] bytes of it.
    pub raw: Clean,
    /// Whether scrubbing or cutting changed the text.
    pub scrubbed: bool,
}

/// Events counted by the values of one configured field.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counted {
    /// Name of the field.
    pub field: String,
    /// Value and count, the first [`MAX_NAMES`] values.
    pub values: Vec<(Clean, u64)>,
    /// Events with further values.
    pub rest: u64,
}

/// Connections since the last hand-over.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SocketsDelta {
    /// Open now.
    pub open: u16,
    /// Configured number of connections.
    pub wanted: u16,
    /// Attempts made.
    pub attempts: u64,
    /// Handshakes completed.
    pub opened: u64,
    /// Handshakes answered with another HTTP status than 101.
    pub refused: BTreeMap<u16, u64>,
    /// Attempts without an HTTP answer (name, TCP, TLS, time-out).
    pub failed: u64,
    /// Ends of established connections by code; 1006 where no close frame came.
    pub closed: BTreeMap<u16, u64>,
    /// The newest of these ends, oldest first, at most [`MAX_CLOSES`].
    pub closes: Vec<Closed>,
}

/// The end of one established connection.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Closed {
    /// When.
    pub at: Mono,
    /// Close code (RFC 6455 §7.4).
    pub code: u16,
    /// Reason in the close frame, or what happened instead.
    pub reason: Clean,
    /// Milliseconds the connection had lived.
    pub lived_ms: u64,
    /// Which revision it spoke to.
    pub origin: Origin,
}

impl SocketsDelta {
    /// Whether no connection was begun, made or ended.
    pub fn is_calm(&self) -> bool {
        self.attempts == 0 && self.closed.is_empty()
    }

    /// Counts the end of a connection and remembers it among the newest.
    pub fn close(&mut self, closed: Closed) {
        *self.closed.entry(closed.code).or_default() += 1;
        if self.closes.len() >= MAX_CLOSES {
            self.closes.remove(0);
        }
        self.closes.push(closed);
    }
}

impl EventsDelta {
    /// Valid events.
    pub fn valid(&self) -> u64 {
        self.by_type.iter().sum::<u64>()
            + self.other_types.iter().map(|(_, count)| count).sum::<u64>()
            + self.other_rest
    }
}

/// The pointers of the common shapes, as `config.toml.example` lists them.
impl Default for EventFields {
    fn default() -> Self {
        let list = |pointers: &[&str]| pointers.iter().map(|&p| p.to_owned()).collect();
        Self {
            kind: list(&["/type", "/event", "/event_type", "/name"]),
            run: list(&["/run_id", "/runId", "/payload/run_id", "/data/run_id", "/thread_id"]),
            call: list(&["/call_id", "/tool_call_id", "/payload/call_id", "/data/call_id"]),
            detail: list(&["/tool_name", "/tool", "/payload/tool_name", "/data/tool_name"]),
            time: list(&["/timestamp", "/time", "/ts", "/payload/timestamp", "/data/timestamp"]),
            seq: list(&["/seq", "/sequence", "/payload/seq"]),
            revision: list(&["/revision"]),
            count_by: BTreeMap::new(),
        }
    }
}
