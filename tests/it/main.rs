//! All integration tests, in one binary so that they link once.

mod architecture;
mod cloud_run;
mod config;
mod console;
mod demo_protocol;
mod documents;
mod events;
mod journal;
mod probes;
mod prometheus;
mod pty;
mod scrapes;
