//! What is seen of the target of an operation, and what that does to its clock.

use std::time::Duration;

use crate::domain::Clean;

/// The clock toward VERIFIED.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clock {
    /// Not begun.
    #[default]
    Waiting,
    /// Good and fresh.
    Running,
    /// Something is bad: it starts again.
    Bad,
    /// Something cannot be seen: it stands.
    Blind,
    /// Nothing serves it yet, so there is nothing to judge and nothing to wait for: it stands.
    Unserved,
    /// Nothing of its service is watched, so that nobody will ever know more than that it is effective: it stands.
    Unwatched,
}

/// What is known of the target at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Look {
    /// All conditions of the service: good, bad, or not all seen; not known unless the split asked for serves.
    pub good: Option<bool>,
    /// Sockets left on the old revisions, if each of them is counted and fresh.
    pub sockets: Option<u64>,
    /// Another split has taken the place of the one asked for: which.
    pub superseded: Option<Clean>,
    /// No traffic gets what was asked for: good or bad data says nothing of it.
    pub unserved: bool,
    /// No condition speaks of the service at all.
    pub unwatched: bool,
    /// The time VERIFIED needs.
    pub needed: Duration,
}
