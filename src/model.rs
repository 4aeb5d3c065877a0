//! The model: all state, pure. `update` takes a message and answers with effects; nothing here performs I/O or
//! reads a clock.

pub mod conditions;
pub mod confirm;
pub mod effect;
pub mod health;
pub mod links;
pub mod metrics;
pub mod msg;
pub mod ops;
pub mod signals;
pub mod startup;
pub mod verdict;
