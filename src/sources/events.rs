//! The event stream: WebSocket connections, read and counted in their own task.

pub mod parse;
pub mod pointers;
mod scan;
mod time;
