//! All integration tests, in one binary so that they link once.

mod architecture;
mod cloud_run;
mod config;
mod console;
mod demo_protocol;
mod documents;
mod journal;
mod pty;
mod probes;
mod prometheus;
mod events;
mod demo_protocol;
mod documents;
