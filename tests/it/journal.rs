//! The journal on bad days, with real processes, real kills and real disks.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "helpers fail as the tests do, and pick one message out of many"
)]

mod samples;
mod store;
mod wiring;
