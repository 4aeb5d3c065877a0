//! The variables that services must have, judged in each revision that serves and in the newest.

use crate::domain::room::{EnvRule, Must};
use crate::domain::{Condition, ConditionSpec, Origin, Reading, Revision, ServiceIx, SourceId};

use super::Model;
use super::conditions::against_limit;
use super::wording::Told;

impl Model {
    /// Writes how many variables are not as they must be, in the revision where most are not.
    pub(super) fn write_environment_signals(&mut self) {
        let room = self.room.clone();
        for rule in &room.require_env {
            for ix in &rule.services {
                let reading = self.violations(rule, *ix).and_then(|found| self.required_reading(*ix, &found));
                self.signals.extend(*ix, vec![(rule.signal(), reading)]);
            }
        }
    }

    /// How many variables are not as they must be, by revision judged; `None`: what they must be equal to is not known.
    fn violations(&self, rule: &EnvRule, ix: ServiceIx) -> Option<Vec<(usize, &str)>> {
        let reference = match rule.services.first().filter(|_| rule.must == Must::Equal) {
            Some(first) => Some((*first, self.stable(*first)?)),
            None => None,
        };
        let count = |revision: &'_ Revision| {
            // It is not equal to itself where it is empty: then it counts as missing.
            let other = reference.filter(|(of, known)| (*of, &known.name) != (ix, &revision.name));
            rule.violations(&revision.env, other.map(|(_, known)| &known.env))
        };
        Some(self.judged(ix).map(|revision| (count(revision), revision.name.as_str())).collect())
    }

    /// The revisions in which variables that a condition is on are not as they must be.
    pub(super) fn lacking(&self, spec: &ConditionSpec) -> Vec<&str> {
        let rule = self.room.require_env.iter().find(|rule| rule.signal() == spec.signal.name);
        let found = rule.and_then(|rule| self.violations(rule, spec.signal.service)).unwrap_or_default();
        found.into_iter().filter(|(count, _)| *count > 0).map(|(_, name)| name).collect()
    }

    /// `1, none allowed`, and in which revisions.
    pub(super) fn tell_environment(&self, spec: &ConditionSpec, state: &Condition) -> Option<Told> {
        let ix = spec.signal.service;
        let names: Vec<&str> =
            self.lacking(spec).into_iter().map(|name| self.short_revision(ix, name)).collect();
        let about = vec![format!("on {}", names.join(", "))];
        (names.len() > 1).then(|| Told { value: against_limit(spec, state), about, ..Told::default() })
    }

    /// The revision that most of the traffic goes to, of equal shares the oldest: what others are held against.
    fn stable(&self, ix: ServiceIx) -> Option<&Revision> {
        let share = |revision: &&Revision| self.traffic(ix).map(|it| it.effective_percent(&revision.name));
        self.judged(ix).max_by_key(share)
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

    /// Of the only revision that is not as it must be, else of all that are judged together.
    fn required_reading(&self, service: ServiceIx, found: &[(usize, &str)]) -> Option<Reading> {
        let at = self.service(service)?.traffic.as_ref()?.at?;
        let fresh = self.links.is_live(&SourceId::CloudRun { service }, self.now.mono);
        let mut bad = found.iter().filter(|(count, _)| *count > 0);
        let (_, first) = bad.next().or(found.first())?;
        let origin = if bad.next().is_some() { Origin::Mixed } else { Origin::Revision((*first).to_owned()) };
        let value = found.iter().map(|(count, _)| *count).max()? as f64;
        Some(Reading { value, at, fresh, samples: None, origin, watched: None })
    }
}
