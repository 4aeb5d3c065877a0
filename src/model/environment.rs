//! The variables that services must have, judged in each revision that serves and in the newest.

use crate::domain::room::Must;
use crate::domain::{Origin, Reading, Revision, ServiceIx, SourceId};

use super::Model;

impl Model {
    /// Writes how many variables are not as they must be, of the first revision where any is.
    pub(super) fn write_environment_signals(&mut self) {
        let room = self.room.clone();
        for rule in &room.require_env {
            let first = rule.services.first().copied();
            for ix in &rule.services {
                let of_first = first.filter(|first| first != ix && rule.must == Must::Equal);
                // What it must be equal to is not known.
                let reference = of_first.map(|first| self.judged(first).next().map(|revision| &revision.env));
                let value = match reference {
                    Some(None) => None,
                    Some(Some(reference)) => {
                        self.violation(*ix, |revision| rule.violations(&revision.env, Some(reference)))
                    }
                    None => self.violation(*ix, |revision| rule.violations(&revision.env, None)),
                };
                let reading = value.and_then(|(count, revision)| self.required_reading(*ix, count, revision));
                self.signals.extend(*ix, vec![(rule.signal(), reading)]);
            }
        }
    }

    /// The first revision of `ix` for which `count` is not zero, else the first; with the count.
    fn violation(&self, ix: ServiceIx, count: impl Fn(&Revision) -> usize) -> Option<(usize, String)> {
        let counted = self.judged(ix).map(|revision| (count(revision), revision.name.clone()));
        counted.reduce(|first, next| if first.0 == 0 && next.0 > 0 { next } else { first })
    }

    /// Revisions of a service that serve, then the newest one, which comes next.
    fn judged(&self, ix: ServiceIx) -> impl Iterator<Item = &Revision> {
        let traffic = self.traffic(ix);
        let newest = traffic.and_then(|traffic| traffic.latest_created.as_deref());
        let revisions = traffic.into_iter().flat_map(|traffic| &traffic.revisions);
        let serves =
            move |revision: &&Revision| traffic.is_some_and(|it| it.effective_percent(&revision.name) > 0);
        let next = move |revision: &&Revision| Some(revision.name.as_str()) == newest && !serves(revision);
        revisions.clone().filter(serves).chain(revisions.filter(next))
    }

    fn required_reading(&self, service: ServiceIx, count: usize, revision: String) -> Option<Reading> {
        let at = self.service(service)?.traffic.as_ref()?.at?;
        let fresh = self.links.is_live(&SourceId::CloudRun { service }, self.now.mono);
        let origin = Origin::Revision(revision);
        Some(Reading { value: count as f64, at, fresh, samples: None, origin, watched: None })
    }
}
