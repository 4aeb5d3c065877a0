//! The dialogs that act, from asking to the end of what was sent.

pub mod ask;
pub mod asking;
mod body;
mod by_hand;
pub mod flip;
pub mod progress;
pub mod prompt;
mod request;
pub mod rollback;
pub mod run;
pub mod trust;
