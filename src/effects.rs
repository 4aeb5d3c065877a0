//! Effects: they carry out what the model asked for. Each kind has its own task, so that none waits for another,
//! and answers with a message.

pub mod journal;
pub mod operate;
