//! What an earlier console knew of the conditions: read back from the newest measure in the journal, so that a restart
//! clears nothing and no stopwatch forgets what it had counted.

use std::time::Duration;

use super::Conditions;
use crate::domain::condition::{Outstanding, Said};
use crate::domain::{Clean, Measured, Now, Room, Wall};
use crate::model::Model;
use crate::model::wording::Told;

/// Documents bring their conditions a little later than the config; what is not there by then is not watched any more.
const AWAITED: Duration = Duration::from_mins(1);

/// What is to be taken over.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Earlier {
    until: Wall,
    outstanding: Vec<Outstanding>,
}

impl Earlier {
    /// The names of those that were tripped.
    pub(super) fn tripped(&self) -> impl Iterator<Item = &String> {
        self.outstanding.iter().filter(|it| it.tripped.is_some()).map(|it| &it.name)
    }
}

impl Conditions {
    /// A measure was read: the newest from before this process counts.
    pub(in crate::model) fn measured(&mut self, measured: &Measured, now: Now) {
        let age = (now.wall - measured.until).to_std().unwrap_or_default();
        if age > now.mono.since(crate::domain::Mono::default()) && measured.until >= self.earlier.until {
            self.earlier = Earlier { until: measured.until, outstanding: measured.outstanding.clone() };
        }
    }

    /// The journal is read: conditions go on from what was known then.
    pub(in crate::model) fn resume(&mut self, room: &Room, now: Now) {
        let Earlier { until, mut outstanding } = std::mem::take(&mut self.earlier);
        for (spec, state) in room.conditions.iter().zip(&mut self.states) {
            if let Some(at) = outstanding.iter().position(|before| before.name == spec.name) {
                state.resume(&outstanding.swap_remove(at), spec, until, now);
            }
        }
        if now.mono.since(crate::domain::Mono::default()) > AWAITED {
            outstanding.clear();
        }
        self.earlier = Earlier { until, outstanding };
    }

    /// All that are not good now, as they are written down.
    pub(in crate::model) fn outstanding(&self, room: &Room) -> Vec<Outstanding> {
        self.iter(room).filter_map(|(spec, state)| state.outstanding(spec)).collect()
    }
}

impl Model {
    /// What the panels say of what failed is kept while it is seen: it is said on when nobody sees it any more.
    pub(in crate::model) fn keep_words(&mut self) {
        let said: Vec<Option<Said>> = self
            .conditions
            .iter(&self.room)
            .map(|(spec, state)| state.keeps_words().then(|| Said::from(&self.tell(spec, state))))
            .collect();
        for (state, said) in self.conditions.states.iter_mut().zip(said) {
            state.keep_words(said);
        }
    }
}

impl From<&Told> for Said {
    fn from(told: &Told) -> Self {
        let about = told.about.iter().map(|words| Clean::new(words)).collect();
        Self { subject: told.subject.as_deref().map(Clean::new), value: Clean::new(&told.value), about }
    }
}

impl From<&Said> for Told {
    fn from(said: &Said) -> Self {
        Self {
            subject: said.subject.as_ref().map(ToString::to_string),
            value: said.value.to_string(),
            about: said.about.iter().map(ToString::to_string).collect(),
        }
    }
}
