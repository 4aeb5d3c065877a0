//! Triggers of a stage before, of which a later one says something else: nobody watches them any more, but for one that
//! is tripped, which is watched until it is clear.

use std::collections::BTreeSet;

use super::Conditions;
use crate::domain::Room;
use crate::model::Model;
use crate::model::effect::Effect;

impl Conditions {
    /// Those that are tripped, also before this process took them over.
    pub(in crate::model) fn tripped(&self, room: &Room) -> BTreeSet<String> {
        let now = self.iter(room).filter(|(_, state)| state.is_tripped()).map(|(spec, _)| &spec.name);
        now.chain(self.earlier.tripped()).cloned().collect()
    }

    /// Of these a later stage says something else.
    pub(in crate::model) fn replaced(&mut self, names: BTreeSet<String>) {
        self.replaced = names;
    }

    /// Whether one of them is to be watched that is not, or the other way round.
    fn are_others(&self, room: &Room) -> bool {
        if self.replaced.is_empty() {
            return false;
        }
        let tripped = self.tripped(room);
        let watched = |name: &String| room.conditions.iter().any(|spec| spec.name == *name);
        self.replaced.iter().any(|name| watched(name) != tripped.contains(name))
    }
}

impl Model {
    /// What is over of the stages before is watched no more.
    pub(in crate::model) fn let_go_of_replaced(&mut self, effects: &mut Vec<Effect>) {
        if self.conditions.are_others(&self.room) {
            let documents = self.checklist.documents().to_vec();
            self.complete_room(&documents, effects);
        }
    }
}
