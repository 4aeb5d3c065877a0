//! Plain types and pure steps. Knows nothing of screens, sockets, stores or clocks.

pub mod action;
pub mod close_code;
pub mod condition;
pub mod event;
pub mod format;
pub mod health;
pub mod item;
pub mod key;
pub mod link;
pub mod measure;
pub mod metric;
pub mod op;
pub mod panel;
pub mod phase;
pub mod record;
pub mod revision;
pub mod room;
pub mod signal;
pub mod text;
pub mod time;
pub mod verdict;

pub use action::Action;
pub use condition::{Condition, ConditionSpec, ConditionState, Limit};
pub use item::{Attestation, Document, Item, ItemId, Section};
pub use key::{Chord, Key, KeyPress};
pub use link::{Freshness, Link, LinkReport, SourceId};
pub use op::{FlagChange, OpId, OpKind, OpState, TrafficChange};
pub use panel::PanelId;
pub use record::{Draft, Entry, Record, Refusal};
pub use revision::{FullTime, Revision, Traffic, TrafficTarget};
pub use room::{Room, ServiceIx};
pub use signal::{Origin, Reading, SignalKey};
pub use text::Clean;
pub use time::{Mono, Now, Wall};
pub use verdict::{Reason, ReasonKind, Verdict, VerdictState};
