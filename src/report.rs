//! Reports: the model and its records in words and JSON. Pure.

pub mod plan;
pub mod snapshot;
pub mod story;
pub mod validation;
