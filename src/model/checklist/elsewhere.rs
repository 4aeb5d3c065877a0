//! Evidence of another room: that it completed a rollout of the same image.

use std::collections::BTreeMap;

use crate::domain::revision::{BY_NAME_ONLY, digest, is_by_name, short_digest};
use crate::domain::rollout::Seen;
use crate::domain::room::Elsewhere as Spec;
use crate::domain::{Clean, Record};

use super::Rollouts;

/// The other room, as far as it was read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Elsewhere {
    rollouts: Option<Rollouts>,
    problem: Option<Clean>,
}

impl Elsewhere {
    /// Its records of rollouts were read, all of them; or they could not be.
    pub fn read(&mut self, records: &[Record], problem: Option<Clean>) {
        if problem.is_none() {
            let mut rollouts = Rollouts::default();
            for record in records {
                rollouts.record(record);
            }
            self.rollouts = Some(rollouts);
        }
        self.problem = problem;
    }

    /// What is missing there before `here` may go forward with what it rolls out, in words; nothing: all is there.
    pub fn missing(&self, spec: &Spec, here: &Rollouts, seen: &BTreeMap<String, Seen>) -> Vec<Clean> {
        let rollout = here.current();
        if rollout.is_some_and(|rollout| !rollout.is_open()) {
            return Vec::new();
        }
        let given = rollout.and_then(|rollout| rollout.given.clone());
        let mut wanted: Vec<Clean> = seen.values().map(|seen| seen.image.clone()).collect();
        if wanted.is_empty() {
            wanted.extend(given);
        }
        if wanted.is_empty() {
            return Vec::new();
        }
        let name = &spec.name;
        let rollouts = match (&self.rollouts, &self.problem) {
            (_, Some(problem)) => return vec![Clean::new(&format!("{name} cannot be read: {problem}"))],
            (None, None) => return vec![Clean::new(&format!("{name} was not read yet"))],
            (Some(rollouts), None) => rollouts,
        };
        let proven = rollouts.proven();
        // The best of the rollouts that were completed there: how much of it was not signed off.
        let unsigned = |image: &Clean| {
            proven
                .iter()
                .filter(|(known, _)| digest(known) == digest(image))
                .map(|(_, unsigned)| *unsigned)
                .min()
        };
        let words = |image: Clean| {
            // Two images of one name may be two: only content is the same there as here. A commit is.
            if seen.values().any(|seen| seen.image == image) && is_by_name(&image) {
                let short = short_digest(&image);
                return Some(format!("{name} proves nothing of {short}, which is known {BY_NAME_ONLY}"));
            }
            let short = short_digest(digest(&image));
            match unsigned(&image) {
                Some(0) => None,
                Some(count) => {
                    let what = if count == 1 { "thing" } else { "things" };
                    Some(format!(
                        "{name} completed its rollout of {short} with {count} {what} not signed off"
                    ))
                }
                None => Some(format!("{name} has completed no rollout of {short}")),
            }
        };
        wanted.into_iter().filter_map(words).map(|words| Clean::new(&words)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Entry, Outcome, Wall};

    fn record(seq: u64, entry: Entry) -> Record {
        let (by, role) = ("mara".into(), Clean::default());
        Record { seq, at: Wall::default(), by, role, entry, hash: String::new(), late: false }
    }

    fn seen(image: &str) -> BTreeMap<String, Seen> {
        BTreeMap::from([("api".to_owned(), Seen { revision: "api-1".into(), image: image.into() })])
    }

    fn began(image: &str) -> Entry {
        let (candidates, environment) = (seen(image), "staging".to_owned());
        Entry::RolloutBegan { given: None, candidates, baseline: BTreeMap::new(), environment }
    }

    #[test]
    fn only_a_completed_rollout_of_the_same_image_is_evidence() {
        let spec = Spec { name: "staging.db".into(), path: "staging.db".into() };
        let here = Rollouts::default();
        let mut there = Elsewhere::default();
        let missing = |there: &Elsewhere, image: &str| -> Vec<String> {
            let missing = there.missing(&spec, &here, &seen(image));
            missing.iter().map(Clean::to_string).collect()
        };
        assert_eq!(missing(&there, "sha256:aa"), ["staging.db was not read yet"]);
        assert!(there.missing(&spec, &here, &BTreeMap::new()).is_empty(), "nothing goes forward");
        there.read(&[], Some("it is gone".into()));
        assert_eq!(missing(&there, "sha256:aa"), ["staging.db cannot be read: it is gone"]);
        let ended =
            |outcome, unsigned| Entry::RolloutEnded { outcome, note: "".into(), left: vec![], unsigned };
        let end = |outcome| ended(outcome, 0);
        let records = [
            record(1, began("sha256:aa")),
            record(2, end(Outcome::Completed)),
            record(3, began("sha256:bb")),
            record(4, end(Outcome::RolledBack)),
        ];
        there.read(&records, None);
        assert_eq!(missing(&there, "sha256:aa"), Vec::<String>::new());
        assert_eq!(missing(&there, "sha256:bb"), ["staging.db has completed no rollout of sha256:bb"]);
        // One name is not one image, not even where the other room has the same.
        let by_name = [record(5, began("cart:v2")), record(6, end(Outcome::Completed))];
        there.read(&[&records[..], &by_name].concat(), None);
        let words = "staging.db proves nothing of cart:v2, which is known by name only: a re-push of the tag is not seen";
        assert_eq!(missing(&there, "cart:v2"), [words]);
        assert_eq!(missing(&there, "sha256:aa"), Vec::<String>::new());
        // One that cannot be read any more proves nothing new, and takes nothing for proven.
        there.read(&[], Some("it is gone".into()));
        assert_eq!(missing(&there, "sha256:aa"), ["staging.db cannot be read: it is gone"]);
    }
}
