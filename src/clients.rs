//! Clients: the wire protocols that sources and effects speak. They know nothing of the model or the screen; every
//! call is bounded in time and size.

pub mod cloud_run;
pub mod failure;
pub mod flagd;
pub mod flags;
pub mod google;
pub mod http;
pub mod logging;
pub mod ofrep;
pub mod permit;
pub mod postgres;
pub mod prometheus;
pub mod redis;
pub mod secret;
pub mod tls;
pub mod unleash;
