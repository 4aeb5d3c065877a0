//! The journal on bad days, with real processes, real kills and real disks.

mod store;
mod wiring;
