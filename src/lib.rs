//! `warroom`: a terminal war room for risky rollouts.
//!
//! Data flows one way. [`sources`] turn the outside world into [`model::msg::Msg`]; the `runtime` merges them on two
//! bounded [`lanes`] and feeds the pure [`model`], which answers with [`model::effect::Effect`]s that `effects` carry
//! out; `view` draws the model. `docs/architecture.md` says where each piece lives and what it may know.

#[doc(hidden)]
pub mod clients;
#[doc(hidden)]
pub mod clock;
#[doc(hidden)]
pub mod config;
pub mod demo;
#[doc(hidden)]
pub mod document;
#[doc(hidden)]
pub mod domain;
#[doc(hidden)]
pub mod effects;
#[doc(hidden)]
pub mod faults;
#[doc(hidden)]
pub mod journal;
#[doc(hidden)]
pub mod keymap;
#[doc(hidden)]
pub mod lanes;
#[doc(hidden)]
pub mod model;
#[doc(hidden)]
pub mod promql;
#[doc(hidden)]
pub mod report;
#[doc(hidden)]
pub mod runtime;
#[doc(hidden)]
pub mod sources;
#[doc(hidden)]
pub mod terminal;
#[doc(hidden)]
pub mod theme;

#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod telemetry;
#[doc(hidden)]
pub mod view;
