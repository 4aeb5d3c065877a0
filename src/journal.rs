//! The journal: an append-only, hash-chained record of all that was decided and done, in one SQLite file that
//! several processes may share.
//!
//! # The file, version 2
//!
//! `record(seq, version, body, hash)` is the chain. `seq` counts from 1 without gaps. `body` is the record as UTF-8
//! JSON, exactly the bytes that were hashed; nothing ever re-serialises it. `version` is the version of that JSON.
//!
//! ```text
//! hash(n) = SHA-256( hash(n-1) ‖ version as two bytes, big-endian ‖ body )        hash(0) = 32 zero bytes
//! ```
//!
//! Triggers refuse UPDATE, DELETE and any sequence number but the next. They stop mistakes; against a person with
//! the file in hand there is the chain, and against a cut tail the sequence and head hash that `verify` prints.
//! `keeper` (one lease), `replayed` (lines taken over from the fallback file), `sampled` and `sample` (measurements that are
//! looked back on for days) are mutable and outside the chain.
//!
//! An append is durable when it returns: WAL with `synchronous = FULL`, and `fullfsync` where the system has it.
//! Nothing here reads a clock; times are given and kept in UTC.

mod chain;
mod error;
pub mod fallback;
mod resource;
mod samples;
mod schema;
mod store;
#[cfg(test)]
mod tests;
mod verify;

use tokio::sync::watch;

use crate::domain::link::LinkReport;

pub use chain::{Damage, Row, Walker};
pub use error::{AppendError, ErrorKind, StoreError};
pub use samples::Stored;
pub use schema::SCHEMA_VERSION;
pub use store::{Lease, PAGE, Store};
pub use verify::{MEND, Verified};

/// What the writer tells the reader inside one process, so that own appends are seen at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulse {
    /// The newest record this process wrote; 0: none yet.
    pub head: u64,
    /// Whether the store can be written.
    pub link: LinkReport,
    /// How often somebody wanted what was read before to be read again.
    pub asked: u64,
}

/// The two ends of a fresh pulse.
pub fn pulse() -> (watch::Sender<Pulse>, watch::Receiver<Pulse>) {
    watch::channel(Pulse { head: 0, link: LinkReport::Connecting, asked: 0 })
}
