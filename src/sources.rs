//! Sources: they turn the outside world into messages. A source is an async function that never returns; it
//! reconnects inside, reports its link and counts what it lost. Dropping its task ends it.

pub mod addressing;
pub mod dashboards;
pub mod documents;
pub mod elsewhere;
pub mod envelopes;
pub mod environments;
pub mod events;
pub mod firing;
pub mod flags;
pub mod folds;
pub mod health;
pub mod hints;
pub mod journal;
pub mod logs;
pub mod metrics;
pub mod prometheus;
pub mod terminal;
pub mod traffic;
pub mod values;
