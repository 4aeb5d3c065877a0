//! All integration tests, in one binary so that they link once.
// Everything here is a test, helpers too: the lints that spare tests look for this.
#![cfg(test)]

mod architecture;
mod cli;
mod cloud_run;
mod config;
mod console;
mod demo_protocol;
mod documents;
mod events;
mod frames;
mod journal;
mod probes;
mod prometheus;
mod pty;
mod scrapes;
