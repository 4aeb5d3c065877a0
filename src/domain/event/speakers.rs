//! Which revisions a stream's runs come from, as the events themselves say: a few, told apart by their whole names.

use super::MAX_REVISIONS;
use super::short::hash;
use crate::domain::Clean;

/// The revisions heard of last.
#[derive(Debug, Default)]
pub struct Speakers {
    /// The one that began a run last stands last.
    known: Vec<Speaker>,
}

#[derive(Debug)]
struct Speaker {
    id: u64,
    name: Clean,
    begun: bool,
    incomplete: u64,
}

impl Speakers {
    /// A run of `revision` began; answers with what [`Self::failed`] wants (0: no revision was named).
    pub fn began(&mut self, revision: &str) -> u64 {
        if revision.is_empty() {
            return 0;
        }
        let id = hash(revision);
        if self.known.last().is_some_and(|speaker| speaker.id == id && speaker.begun) {
            return id;
        }
        let mut speaker = match self.known.iter().position(|speaker| speaker.id == id) {
            Some(at) => self.known.remove(at),
            None => Speaker { id, name: Clean::new(revision), begun: false, incomplete: 0 },
        };
        speaker.begun = true;
        if self.known.len() >= MAX_REVISIONS {
            self.known.remove(0);
        }
        self.known.push(speaker);
        id
    }

    /// A run of this revision ended incomplete.
    pub fn failed(&mut self, id: u64) {
        if let Some(speaker) = self.known.iter_mut().find(|speaker| speaker.id == id) {
            speaker.incomplete += 1;
        }
    }

    /// The revisions that began runs since the last time, and incomplete runs by revision.
    pub fn take(&mut self) -> (Vec<Clean>, Vec<(Clean, u64)>) {
        let began =
            self.known.iter().filter(|speaker| speaker.begun).map(|speaker| speaker.name.clone()).collect();
        self.known.iter_mut().for_each(|speaker| speaker.begun = false);
        let failed = self.known.iter_mut().filter(|speaker| speaker.incomplete > 0);
        let failed = failed.map(|speaker| (speaker.name.clone(), std::mem::take(&mut speaker.incomplete)));
        (began, failed.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revisions_are_told_apart_by_their_whole_names_and_only_a_few_are_kept() {
        let mut speakers = Speakers::default();
        let long = |n| format!("{}-{n:05}-abc", "a-service-with-quite-a-long-name-indeed");
        let (stable, canary) = (speakers.began(&long(1)), speakers.began(&long(2)));
        assert_eq!(speakers.began(""), 0);
        speakers.failed(canary);
        speakers.failed(0);
        let names = |n| Clean::new(&long(n));
        assert_eq!(speakers.take(), (vec![names(1), names(2)], vec![(names(2), 1)]));
        assert_eq!(speakers.take(), (vec![], vec![]));
        for n in 3..100 {
            speakers.began(&long(n));
        }
        speakers.failed(stable);
        let (began, failed) = speakers.take();
        assert_eq!((began.len(), failed), (MAX_REVISIONS, vec![]));
    }
}
