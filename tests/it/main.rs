//! All integration tests, in one binary so that they link once.
// Everything here is a test, helpers too: the lints that spare tests look for this.
#![allow(
    clippy::disallowed_methods,
    clippy::large_stack_arrays,
    clippy::single_char_pattern,
    clippy::string_slice,
    unfulfilled_lint_expectations,
    unreachable_pub,
    reason = "tests read clocks to bound their patience, and cut strings that they made themselves"
)]
#![cfg(test)]

mod active;
mod acts;
mod after;
mod alerts;
mod alone;
mod architecture;
mod bad_days;
mod by_keys;
mod bytes;
mod cli;
mod cloud_run;
mod comparing;
mod config;
mod console;
mod corpus;
mod credentials;
mod databases;
mod demo_protocol;
mod documents;
mod engine;
mod envelopes;
mod environment;
mod events;
mod facts;
mod firing;
mod first_run;
mod flag_undo;
mod flags;
mod forward;
mod frames;
mod gates;
mod ground;
mod hostile;
mod journal;
mod lists;
mod logs;
mod mouse;
mod narrow;
mod panels;
mod probes;
mod prometheus;
mod pty;
mod readings;
mod reasons;
mod reports;
mod rulings;
mod scrapes;
mod screens;
mod secure;
mod servers;
mod signing;
mod snapshot_schema;
mod splits;
mod stages;
mod tags;
mod tmux;
mod truth;
mod typing;
mod values;
mod verified;
mod walking;
