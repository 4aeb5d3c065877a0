//! The model: all state, pure. `update` takes a message and answers with effects; nothing here performs I/O or
//! reads a clock.

pub mod effect;
pub mod msg;
