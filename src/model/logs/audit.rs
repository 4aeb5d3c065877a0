//! Since when and for how long a revision had all the traffic at times that no journal of this room knows: by Cloud Audit
//! Logs, as far as they can be read.

use std::collections::BTreeMap;

use crate::domain::audit::{AuditRead, Change, Full, last_full};
use crate::domain::{Clean, ServiceIx, Wall};

use crate::model::Model;

/// What Cloud Audit Logs told of each service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Audits(BTreeMap<ServiceIx, Told>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    since: Wall,
    changes: Vec<Change>,
    /// Why the last look failed.
    problem: Option<Clean>,
}

/// What is known of the time before the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// Nobody asked, or the answer is not there yet.
    NotAsked,
    /// It cannot be read, and why.
    Unreadable(Clean),
    /// Since then it never was to have all the traffic.
    Never(Wall),
    /// It was.
    Was(Full),
}

impl Audits {
    pub(in crate::model) fn read(&mut self, read: AuditRead) {
        let (changes, problem) = match read.answer {
            Ok(changes) => (Some(changes), None),
            Err(why) => (None, Some(why)),
        };
        // What was read once stays true.
        let known = self.0.remove(&read.service).map(|told| told.changes).unwrap_or_default();
        let told = Told { since: read.since, changes: changes.unwrap_or(known), problem };
        self.0.insert(read.service, told);
    }
}

impl Model {
    /// When `revision` had all the traffic, by Cloud Audit Logs.
    pub fn audited_full(&self, service: ServiceIx, revision: &str) -> Before {
        let Some(told) = self.logs.audits.0.get(&service) else { return Before::NotAsked };
        let revisions = self.traffic(service).map(|traffic| traffic.revisions.as_slice()).unwrap_or_default();
        match (last_full(&told.changes, revisions, revision), &told.problem) {
            (Some(full), _) => Before::Was(self.ended_unseen(service, revision, full)),
            (None, Some(why)) => Before::Unreadable(why.clone()),
            (None, None) => Before::Never(told.since),
        }
    }

    /// What no change took the traffic from has it, unless the room sees that it has not.
    fn ended_unseen(&self, service: ServiceIx, revision: &str, full: Full) -> Full {
        let lacks = self.traffic(service).is_some_and(|traffic| traffic.effective_percent(revision) < 100);
        if full.until.is_some() || !lacks {
            return full;
        }
        let seen = self.journal.first_seen(&self.service_name(service)).unwrap_or(self.now.wall);
        Full { until: Some(seen.max(full.since)), at_the_latest: true, ..full }
    }
}
