//! Envelopes of one stream: how many frames were held against the team's schemas, and what is wrong with which.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::envelope::{Checked, MAX_PLACES, Wrong};
use crate::domain::measure::Sliding;
use crate::domain::{Clean, Mono, Origin, Reading};

/// How far back the signal looks.
const RECENT: Duration = Duration::from_mins(5);

/// The sub-state.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelopes {
    frames: u64,
    wrong: u64,
    unknown: u64,
    places: BTreeMap<Wrong, Place>,
    /// Wrong frames, and all that were looked at.
    recent: (Sliding, Sliding),
    told: Option<Mono>,
    problem: Option<Clean>,
}

/// One kind and place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// How often.
    pub count: u64,
    /// When it was last so.
    pub last: Mono,
    /// The words for that.
    pub words: Clean,
}

impl Default for Envelopes {
    fn default() -> Self {
        let seconds = || Sliding::new(Duration::from_secs(1), 301);
        Self {
            frames: 0,
            wrong: 0,
            unknown: 0,
            places: BTreeMap::new(),
            recent: (seconds(), seconds()),
            told: None,
            problem: None,
        }
    }
}

impl Envelopes {
    /// Some were looked at.
    pub fn checked(&mut self, checked: &Checked) {
        self.problem.clone_from(&checked.problem);
        if checked.problem.is_some() {
            return;
        }
        (self.frames, self.wrong) = (self.frames + checked.frames, self.wrong + checked.wrong);
        self.unknown += checked.unknown;
        self.recent.0.add(checked.at, checked.wrong as f64);
        self.recent.1.add(checked.at, checked.frames as f64);
        self.told = Some(checked.at);
        for (wrong, count, words) in &checked.found {
            let room = self.places.len() < MAX_PLACES;
            if let Some(place) = self.places.get_mut(wrong) {
                (place.count, place.last, place.words) = (place.count + count, checked.at, words.clone());
            } else if room {
                let place = Place { count: *count, last: checked.at, words: words.clone() };
                self.places.insert(wrong.clone(), place);
            }
        }
    }

    /// Frames that were looked at, those of them that were wrong, and those for which there is no schema.
    pub fn counts(&self) -> (u64, u64, u64) {
        (self.frames, self.wrong, self.unknown)
    }

    /// What is wrong with which, most frequent first.
    pub fn places(&self) -> Vec<(&Wrong, &Place)> {
        let mut places: Vec<_> = self.places.iter().collect();
        places.sort_by_key(|(_, place)| std::cmp::Reverse(place.count));
        places
    }

    /// What is wrong with the schemas themselves.
    pub fn problem(&self) -> Option<&Clean> {
        self.problem.as_ref()
    }

    /// `envelopes.wrong`: percent of the frames of the last five minutes that were looked at; `live`: the stream is.
    pub fn signals(&self, now: Mono, live: bool) -> Vec<(String, Option<Reading>)> {
        let frames = self.recent.1.sum(now, RECENT);
        let wrong = self.told.filter(|_| frames > 0.0).map(|at| Reading {
            value: self.recent.0.sum(now, RECENT) / frames * 100.0,
            at,
            fresh: live,
            samples: Some(frames.round() as u64),
            origin: Origin::Unknown,
            watched: None,
        });
        vec![("envelopes.wrong".to_owned(), wrong)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ServiceIx;

    #[test]
    fn what_is_wrong_is_counted_by_kind_and_place_and_nothing_of_nothing_is_no_share() {
        let wrong = |place: &str| Wrong {
            kind: Clean::new("tool_completed"),
            place: Clean::new(place),
            rule: Clean::new("type"),
        };
        let mut envelopes = Envelopes::default();
        assert_eq!(envelopes.signals(Mono::from_secs(1), true)[0].1, None);
        let mut told = |second, frames, found: &[(&str, u64)]| {
            let found: Vec<_> =
                found.iter().map(|(place, count)| (wrong(place), *count, Clean::new("words"))).collect();
            let bad = found.iter().map(|(_, count, _)| count).sum();
            let at = Mono::from_secs(second);
            let service = ServiceIx(0);
            envelopes.checked(&Checked { service, at, frames, wrong: bad, unknown: 1, found, problem: None });
        };
        told(10, 50, &[("/ms", 2)]);
        told(11, 50, &[("/ms", 1), ("/tools/*", 2)]);
        assert_eq!(envelopes.counts(), (100, 5, 2));
        let places: Vec<_> =
            envelopes.places().iter().map(|(wrong, place)| (wrong.place.to_string(), place.count)).collect();
        assert_eq!(places, [("/ms".to_owned(), 3), ("/tools/*".to_owned(), 2)]);
        let signal = |second| envelopes.signals(Mono::from_secs(second), true)[0].1.clone();
        assert_eq!(signal(12).map(|reading| (reading.value, reading.samples)), Some((5.0, Some(100))));
        assert_eq!(signal(400), None, "long ago");
    }
}
